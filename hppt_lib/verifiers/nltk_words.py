"""How NLTK cuts a text into words, which IFTrain's and IFBench's own programs rely on.

The rules of NLTK's ``word_tokenize`` in our own form, each linear: Punkt's sentences, each cut into
words, punctuation marks and clitics ("do", "n't"). A full stop is cut off at the end of a sentence
only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain

from hppt_lib.verifiers.nltk_rules import nltk_sentences

_CLOSERS = "])}>\"'\u00bb\u201d\u2019 "
_BRACKETS_AND_MORE = str.maketrans({mark: f" {mark} " for mark in "*[](){}<>\u00bb\u201d\u2019"})
_SYMBOLS = str.maketrans({mark: f" {mark} " for mark in ";@#$%&?!\u2012\u2013\u2014\u2015"})
_OPENING_QUOTES = re.compile("[\u00ab\u201c\u2018\u201e]|`+")
_AFTER_OPENER = re.compile(r"([ (\[{<])(?:\"|'')")
# An apostrophe before a word, unless the word is a clitic such as the "s" of "it 's".
_LEADING_APOSTROPHE = re.compile(r"(?<!\w)'(?!(?:re|ve|ll|m|t|s|d|n)\b)(?=\w)", re.IGNORECASE)
_SHORT_CLITICS = ("'s", "'S", "'m", "'M", "'d", "'D")
_LONG_CLITICS = ("'ll", "'LL", "'re", "'RE", "'ve", "'VE", "n't", "N'T")
_RUN_TOGETHER = re.compile(
    r"\b(?:(can)(not)|(d)('ye)|(gim)(me)|(gon)(na)|(got)(ta)|(lem)(me)|(more)('n))\b"
    r"|\b(wan)(na)(?=\s)",
    re.IGNORECASE,
)
_DOTS = re.compile(r"\.{2,}")
# What is left of "'tis" after "cannot'tis" has been cut.
_IT_IS = re.compile(r" ('t)(is|was)\b", re.IGNORECASE)


def tokens(text: str) -> Iterator[str]:
    """The tokens of ``text``, one by one, so that nobody waits for those that decide nothing."""
    for sentence in nltk_sentences(text):
        yield from tokens_of(sentence)


@lru_cache(maxsize=128)  # a text of 100,000 marks is as many sentences, all alike
def tokens_of(sentence: str) -> tuple[str, ...]:
    """The tokens of one sentence."""
    # 1. Opening quotation marks.
    text = _OPENING_QUOTES.sub(r" \g<0> ", sentence)
    if text.startswith('"'):
        text = "``" + text[1:]
    text = text.replace("``", " `` ")
    text = _AFTER_OPENER.sub(r"\1 `` ", text)
    text = _LEADING_APOSTROPHE.sub("' ", text)
    # 2. Marks, and the full stop at the end of the sentence.
    body = text.rstrip(_CLOSERS)
    if len(body) > 1 and body[-1] == "." != body[-2]:
        text = f"{body[:-1]} . {text[len(body) :]} "
    text = re.sub(r"([:,])(\D)", r" \1 \2", text)
    text = re.sub(r"([:,])$", r" \1 ", text)
    text = _DOTS.sub(r" \g<0> ", text).translate(_SYMBOLS)
    text = re.sub(r"([^'])' ", r"\1 ' ", text)
    text = text.translate(_BRACKETS_AND_MORE).replace("--", " -- ")
    text = text.replace("''", " '' ").replace('"', " '' ")
    # 3. Clitics and words written as one.
    words = " ".join(chain.from_iterable(map(_clitics_apart, text.split())))
    words = _RUN_TOGETHER.sub(
        lambda match: f" {' '.join(filter(None, match.groups()))} ", f" {words} "
    )
    return tuple(_IT_IS.sub(r" \1 \2 ", words).split())


def _clitics_apart(word: str) -> Iterator[str]:
    tail = ""
    if word.endswith(_SHORT_CLITICS) and len(word) > 2:
        word, tail = word[:-2], word[-2:]
    elif word.endswith("'") and len(word) > 1 and word[-2] != "'":
        word, tail = word[:-1], "'"
    if word.endswith(_LONG_CLITICS) and len(word) > 3 and word[-4] != "'":
        yield word[:-3]
        word = word[-3:]
    yield word
    yield tail
