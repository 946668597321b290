"""IFTrain."""

from __future__ import annotations

from tests.verifiers.cases import (
    iftrain_copying,
    iftrain_counting,
    iftrain_formatting,
    iftrain_keywords,
    iftrain_places,
    iftrain_tokens,
)
from tests.verifiers.cases.case import Case

CASES: tuple[Case, ...] = (
    *iftrain_copying.CASES,
    *iftrain_formatting.CASES,
    *iftrain_keywords.CASES,
    *iftrain_places.CASES,
    *iftrain_counting.CASES,
    *iftrain_tokens.CASES,
)
