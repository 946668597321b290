"""IFEval: detectable_format, keywords, punctuation."""

from __future__ import annotations

from tests.verifiers.cases import ifeval_formats, ifeval_keywords

CASES = (*ifeval_formats.CASES, *ifeval_keywords.CASES)
