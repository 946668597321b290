"""JSON and the sentences that NLTK finds: examples of functions behind IFEval's constraints."""

from __future__ import annotations

from tests.verifiers.cases.function_case import function_cases, listed_cases

_JSON = "hppt_lib.verifiers.ifeval.json_format"
_NLTK = "hppt_lib.verifiers.nltk_rules"

# Each row: the arguments, what must come back, what is special about it.
TOO_DEEP = (
    ("[" * 501, True, "501 open at once"),
    ('["' + "[" * 600, False, "a string that never ends: its brackets open nothing"),
)
COMPLAINTS = (
    ("[1]", None, "nothing to complain of"),
    ("42", "neither an object nor an array", "mistake: no reason, which reads like praise"),
    ("[" * 501, "nested more than 500 deep", "the depth comes first"),
)
WITHOUT_FENCE = (
    ("```json[1]```", "[1]", "three ticks"),
    ("~~~[1]~~~", "[1]", "three tildes"),
    ("~`~[1]~`~", "~`~[1]~`~", "ticks and tildes in turn are no fence"),
)

# What NLTK 3.10's rules give: closing marks move to the sentence before, white space goes.
NLTK_SENTENCES = (
    ("Hi. Ho. \n", ["Hi.", "Ho."], "the last one ends before the white space"),
    ("Go! --Stop", ["Go!", "--Stop"], "no closing mark: nothing moves, nor does the space"),
    ("Hi.)--Ho", ["Hi.)", "--Ho"], "a bracket before two hyphens moves"),
    ("Hi.) Ho", ["Hi.)", "Ho"], "a bracket before a space moves"),
)
NLTK_SENTENCE_COUNTS = (
    ("1" * 1_000 + ". and", 9, 1, "a number and a small letter: no sentence ends"),
    ("x" + "1" * 999 + ". and", 9, 2, "no number: 1,000 characters are read whole"),
)

CASES = (
    *function_cases(_JSON, "is_too_deep", TOO_DEEP),
    *function_cases(_JSON, "json_complaint", COMPLAINTS),
    *function_cases(_JSON, "without_fence", WITHOUT_FENCE),
    *listed_cases(_NLTK, "nltk_sentences", NLTK_SENTENCES),
    *function_cases(_NLTK, "sentence_count", NLTK_SENTENCE_COUNTS),
)
