"""NLTK's sentences: where each one ends, not only how many there are."""

from __future__ import annotations

from typing import Any

from tests.verifiers.cases.function_case import FunctionCase

_RULES = "hppt_lib.verifiers.nltk_rules"


class _Listed(FunctionCase):
    """What a function yields, in a list."""

    def found(self) -> Any:
        try:
            return list(super().found())
        except Exception as error:
            return type(error)


# Each row: the text, NLTK's sentences, what is special about it.
SENTENCES = (
    ("Go! --Stop", ["Go!", "--Stop"], "two dashes begin a sentence, and none closes with nothing"),
    ('Go! ")--Stop', ['Go! ")', "--Stop"], "closing marks go to the sentence before the dashes"),
    ("Go! Stop. \n", ["Go!", "Stop."], "white space at the end belongs to none"),
)

CASES = tuple(
    _Listed(_RULES, "nltk_sentences", (text,), expected, why) for text, expected, why in SENTENCES
)
