"""IFBench: count, ratio, words."""

from __future__ import annotations

from tests.verifiers.cases import (
    ifbench_a_count,
    ifbench_a_places,
    ifbench_a_ratio,
    ifbench_a_syllables,
    ifbench_a_tokens,
    ifbench_a_words,
)
from tests.verifiers.cases.case import Case

CASES: tuple[Case, ...] = (
    *ifbench_a_count.CASES,
    *ifbench_a_ratio.CASES,
    *ifbench_a_words.CASES,
    *ifbench_a_places.CASES,
    *ifbench_a_tokens.CASES,
    *ifbench_a_syllables.CASES,
)
