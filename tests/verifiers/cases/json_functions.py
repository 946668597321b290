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
    ("[" * 501, True, "501 open at once"),
    ('["' + "[" * 600, False, "a string that never ends: its brackets open nothing"),
)

COMPLAINTS = (
    ("[1]", None, "an array"),
    ("tea", "neither an object nor an array", "a reason that says what is wrong"),
    ("[1]", None, "nothing to complain of"),
    ("42", "neither an object nor an array", "mistake: no reason, which reads like praise"),
    ("[" * 501, "nested more than 500 deep", "the depth comes first"),
)

WITHOUT_FENCE = (
    ("```json\n{}\n```", "\n{}\n", "a fence with a language"),
    ("~~~[1]~~~", "[1]", "a fence on one line"),
    ("```[1]~~~", "```[1]~~~", "two kinds of fence"),
    ("tea and tea", "tea and tea", "the same beginning and end, and no fence"),
    ("```json[1]```", "[1]", "three ticks"),
    ("~~~[1]~~~", "[1]", "three tildes"),
    ("~`~[1]~`~", "~`~[1]~`~", "ticks and tildes in turn are no fence"),
)

CASES = (
    *function_cases(_JSON, "is_too_deep", TOO_DEEP),
    *function_cases(_JSON, "json_complaint", COMPLAINTS),
    *function_cases(_JSON, "without_fence", WITHOUT_FENCE),
)
