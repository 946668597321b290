"""Cases of the functions that verifiers share, beside the cases of the verifiers themselves."""

from __future__ import annotations

from tests.verifiers.cases import (
    format_functions,
    ifbench_functions,
    ifeval_functions,
    language_functions,
    nltk_functions,
    text_functions,
)
from tests.verifiers.cases.function_case import FunctionCase

FUNCTION_CASES: tuple[FunctionCase, ...] = (
    *format_functions.CASES,
    *ifbench_functions.CASES,
    *ifeval_functions.CASES,
    *language_functions.CASES,
    *nltk_functions.CASES,
    *text_functions.CASES,
)
