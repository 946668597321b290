"""Measures of a text: a number each, for what a constraint asks in no exact words.

"Write for children" names no number, but a text for children has a low reading grade. A measure is
evidence for such an intent and no definition of it: `hppt_lib.audit.programs` holds programs made
of them against labelled rows. They are measures of English; other text has no words of the lists.

Every measure is linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated

from hppt_lib.verifiers.registry import Bounds, Relation, Verdict, register
from hppt_lib.verifiers.sentences import sentences
from hppt_lib.verifiers.verbs import is_base_form
from hppt_lib.verifiers.word_lists import word_list, word_set
from hppt_lib.verifiers.words import bare_words

_FIRST = word_set(
    "i me my mine myself i'm i've i'd i'll we us our ours ourselves we're we've we'll"
)
_SINGULAR = word_set("i me my mine myself i'm i've i'd i'll")
_SECOND = word_set("you your yours yourself yourselves you're you've you'll you'd")
_THIRD = word_set(
    "he him his she her hers they them their himself herself themselves it its itself"
)
_CONTRACTION = re.compile(r"[^\W\d_]'(?:t|s|re|ve|ll|d|m)\b", re.IGNORECASE)
_GREETING = re.compile(r"\A\W*(?:dear|hi|hello|hey|good (?:morning|evening|afternoon))\b", re.I)
_LONG = 7  # letters
_LISTED = (
    "words that please", "words that displease", "words that judge", "words that compare",
    "words of the senses", "words that urge", "words of time past", "words of the moment",
    "words that give reasons", "words that show an example", "words of formal manner",
    "words of chat", "words that say when and where",
)  # fmt: skip


@cache
def _listed(name: str) -> frozenset[str]:
    return frozenset(word_list(name, "tone.txt"))


def _share(text: str, chosen: Callable[[str], bool]) -> float:
    """How many of 100 words are chosen."""
    found = bare_words(text)
    return 100 * sum(map(chosen, found)) / len(found) if found else 0.0


def _per_hundred(number: float, text: str) -> float:
    return 100 * number / max(1, len(bare_words(text)))


def _of_list(name: str) -> Callable[[str], float]:
    return lambda text: _share(text, _listed(name).__contains__)


def _of_words(wanted: frozenset[str]) -> Callable[[str], float]:
    return lambda text: _share(text, wanted.__contains__)


def reading_grade(text: str) -> float:
    """Flesch and Kincaid's grade: the American school year that a text suits.

    0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid et al., 1975). Not below 0.
    """
    from hppt_lib.verifiers.ifbench.syllables import syllable_counts

    found = bare_words(text)
    if not found:
        return 0.0
    syllables = sum(min(syllable_counts(each), default=1) for each in found)
    in_sentence = len(found) / max(1, len(sentences(text)))
    return max(0.0, 0.39 * in_sentence + 11.8 * syllables / len(found) - 15.59)


def _sentence_words(text: str) -> float:
    return len(bare_words(text)) / max(1, len(sentences(text)))


def _imperatives(text: str) -> float:
    """How many of 100 sentences begin with a verb's base form, or with "please" or "don't"."""
    openings = [bare_words(each)[:1] for each in sentences(text)]
    urging = [each for each in openings if each and (is_base_form(each[0]) or each[0] in _OPENERS)]
    return 100 * len(urging) / max(1, len(openings))


_OPENERS = word_set("please don't do let's never")


def _past(text: str) -> float:
    past = _listed("words of time past")
    return _share(text, lambda each: each in past or (each.endswith("ed") and len(each) > 4))


def _variety(text: str) -> float:
    found = bare_words(text)
    return 100 * len(set(found)) / len(found) if found else 0.0


MEASURES: Mapping[str, Callable[[str], float]] = {
    "reading grade": reading_grade,
    "words a sentence": _sentence_words,
    "words": lambda text: float(len(bare_words(text))),
    "long words": lambda text: _share(text, lambda each: len(each) >= _LONG),
    "different words": _variety,
    "first person": _of_words(_FIRST),
    "first person singular": _of_words(_SINGULAR),
    "second person": _of_words(_SECOND),
    "third person": _of_words(_THIRD),
    "past tense": _past,
    "imperatives": _imperatives,
    "contractions": lambda text: _per_hundred(len(_CONTRACTION.findall(text)), text),
    "exclamation marks": lambda text: _per_hundred(text.count("!"), text),
    "question marks": lambda text: _per_hundred(text.count("?"), text),
    "quotation marks": lambda text: _per_hundred(sum(map(text.count, '"\u201c\u201d')), text),
    "numbers": lambda text: _share(text, lambda each: any(map(str.isdigit, each))),
    "greeting": lambda text: 100.0 * bool(_GREETING.match(text)),
    "balance of feeling": lambda text: (
        _of_list("words that please")(text) - _of_list("words that displease")(text)
    ),
    **{name: _of_list(name) for name in _LISTED},
}
"""A number of a text, by name. Shares of words are of 100 words, ``imperatives`` of 100 sentences;
``greeting`` is 100 or 0."""


class _Known:
    """Marks the name of a measure."""

    def complaint(self, value: str) -> str | None:
        """What is wrong with a name, or None."""
        if value in MEASURES:
            return None
        return f"'{value}' is no measure; there are {', '.join(MEASURES)}"


@register(
    "hppt:measure",
    "The measure '{measure}' of your answer should be {relation} {value}.",
    "Write so that the measure '{measure}' is {relation} {value}.",
    "Keep '{measure}', as it is measured, {relation} {value}.",
    "Your text is measured: '{measure}' has to come out {relation} {value}.",
    needs=("sentencex", "syllapy"),
)
def measure_of(
    response: str,
    *,
    measure: Annotated[str, _Known()],
    relation: Relation,
    value: Annotated[int, Bounds(-100)],
) -> Verdict:
    """A measure of `MEASURES` is so large, or smaller: the building block of soft programs."""
    number = MEASURES[measure](response)
    passed = number >= value if relation == "at least" else number < value
    return Verdict(passed, f"{measure} {number:.1f}, {relation} {value} wanted")
