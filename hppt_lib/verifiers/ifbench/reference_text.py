"""Sentences and words as NLTK cuts them: what IFBench's own program relies on."""

from __future__ import annotations

import string
from itertools import islice

from hppt_lib.verifiers.nltk_rules import nltk_sentences

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def nltk_sentences_at_most(text: str, limit: int) -> list[str]:
    """The first ``limit`` sentences that NLTK's ``sent_tokenize`` finds."""
    return list(islice(nltk_sentences(text), limit))


def without_punctuation(text: str) -> str:
    """``text`` without ASCII punctuation and without the white space around what is left."""
    return text.translate(_NO_PUNCTUATION).strip()
