"""JSON: examples of the functions behind the constraints that ask for it."""

from __future__ import annotations

from hppt_lib.verifiers.ifeval.json_format import DEEPEST
from tests.verifiers.cases.function_case import function_cases

_JSON = "hppt_lib.verifiers.ifeval.json_format"

# Each row: the arguments, what must come back, what is special about it.
TOO_DEEP = (
    ("[" * DEEPEST + "]" * DEEPEST, False, "as deep as may be"),
    ("[" * (DEEPEST + 1) + "]" * (DEEPEST + 1), True, "one level more"),
    ("[" + "{}" * DEEPEST + "]", False, "many brackets, two open at once"),
    ('["' + "[" * DEEPEST + '"]', False, "brackets inside a string"),
    ('["' + "[" * DEEPEST, False, "inside a string that never ends"),
)

COMPLAINTS = (
    ("[1]", None, "an array"),
    ("tea", "neither an object nor an array", "a reason that says what is wrong"),
)

WITHOUT_FENCE = (
    ("```json\n{}\n```", "\n{}\n", "a fence with a language"),
    ("~~~[1]~~~", "[1]", "a fence on one line"),
    ("```[1]~~~", "```[1]~~~", "two kinds of fence"),
    ("tea and tea", "tea and tea", "the same beginning and end, and no fence"),
)

CASES = (
    *function_cases(_JSON, "is_too_deep", TOO_DEEP),
    *function_cases(_JSON, "json_complaint", COMPLAINTS),
    *function_cases(_JSON, "without_fence", WITHOUT_FENCE),
)
