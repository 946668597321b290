"""NLTK's sentences: where each one ends, and how many there are."""

from __future__ import annotations

from tests.verifiers.cases.function_case import function_cases, listed_cases

_NLTK = "hppt_lib.verifiers.nltk_text"

# Each row: the arguments, NLTK 3.10's sentences, what is special about it.
SENTENCES = (
    ("Go! --Stop", ["Go!", "--Stop"], "two dashes begin a sentence, and none closes with nothing"),
    ('Go! ")--Stop', ['Go! ")', "--Stop"], "closing marks go to the sentence before the dashes"),
    ("Go! Stop. \n", ["Go!", "Stop."], "white space at the end belongs to none"),
    ("Hi. Ho. \n", ["Hi.", "Ho."], "the last one ends before the white space"),
    ("Go! --Stop", ["Go!", "--Stop"], "no closing mark: nothing moves, nor does the space"),
    ("Hi.)--Ho", ["Hi.)", "--Ho"], "a bracket before two hyphens moves"),
    ("Hi.) Ho", ["Hi.)", "Ho"], "a bracket before a space moves"),
)
COUNTS = (
    ("1" * 1_000 + ". and", 9, 1, "a number and a small letter: no sentence ends"),
    ("x" + "1" * 999 + ". and", 9, 2, "no number: 1,000 characters are read whole"),
)

CASES = (
    *listed_cases(_NLTK, "nltk_sentences", SENTENCES),
    *function_cases(_NLTK, "sentence_count", COUNTS),
)
