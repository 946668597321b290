"""Cases of the functions that verifiers share, beside the cases of the verifiers themselves."""

from __future__ import annotations

from cases import ifbench_functions, ifeval_functions, language_functions, text_functions
from cases.function_case import FunctionCase

FUNCTION_CASES: tuple[FunctionCase, ...] = (
    *ifbench_functions.CASES,
    *ifeval_functions.CASES,
    *language_functions.CASES,
    *text_functions.CASES,
)
