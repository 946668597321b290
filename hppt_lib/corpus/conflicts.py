"""Pairs of constraints that our own instructions never combine.

They contradict each other (`hppt_lib.instructions.contradictions`), or only a response that nobody
would call sensible satisfies both (three bullet points in nine words). Some pairs clash always:
they stand in ``hppt_lib/corpus/material/conflicts.csv``; others for some parameters. A combination
that is merely hard is no conflict. Seen and unseen types never meet in one instruction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from hppt_lib.corpus.hard_types import (
    BULLETS,
    CONJUNCTIONS,
    END,
    EXIST,
    FREQUENCY,
    HIGHLIGHTS,
    LETTER,
    LETTERS,
    REPEATS,
    SECTIONS,
    SENTENCES,
    WORDS,
)
from hppt_lib.files import package_file, read_csv
from hppt_lib.instructions.contradictions import contradiction
from hppt_lib.instructions.model import Constraint

Kwargs = Mapping[str, Any]
_SENTENCE = 4  # words that a sentence or a bullet point takes, in a sensible answer


def _always(first: Kwargs, second: Kwargs) -> bool:
    return True


@dataclass(frozen=True)
class Conflict:
    """A pair of types, or of soft values, that clash.

    Attributes:
        first: id of a type of constraint.
        second: id of another.
        why: the reason, for a reader.
        clashes: from the parameters of the first and of the second to whether they clash.
    """

    first: str
    second: str
    why: str
    clashes: Callable[[Kwargs, Kwargs], bool] = _always


def _room(words: Kwargs) -> int:
    """How many words are allowed."""
    return _most(words, "num_words")


def _least(kwargs: Kwargs, count: str, relation: str = "relation") -> int:
    """How many are asked for at least; 0 if there is no lower limit."""
    return kwargs[count] if kwargs[relation] == "at least" else 0


def _most(kwargs: Kwargs, count: str, relation: str = "relation") -> int:
    """How many are allowed at most; a great many if there is no upper limit."""
    return kwargs[count] - 1 if kwargs[relation] == "less than" else 10**9


def _letters_in(letter: Kwargs, text: str) -> bool:
    """Whether a text alone uses up half of the letters that are allowed."""
    return 2 * text.lower().count(letter["letter"]) > _most(letter, "let_frequency", "let_relation")


# What is asked for needs more room than is allowed.
_ROOM = (
    Conflict(
        WORDS,
        SENTENCES,
        "that many sentences need more words",
        lambda words, other: _SENTENCE * _least(other, "num_sentences") > _room(words),
    ),
    Conflict(
        WORDS,
        BULLETS,
        "they need more words",
        lambda words, other: _SENTENCE * other["num_bullets"] > _room(words),
    ),
    Conflict(
        WORDS,
        HIGHLIGHTS,
        "they need more words",
        lambda words, other: _SENTENCE * other["num_highlights"] > _room(words),
    ),
    Conflict(
        WORDS,
        LETTER,
        "a letter does not stand in every other word",
        lambda words, other: _least(other, "let_frequency", "let_relation") > _room(words) // 2,
    ),
    Conflict(
        LETTERS,
        CONJUNCTIONS,
        "they need more letters",
        lambda letters, other: 30 * other["small_n"] > _most(letters, "N"),
    ),
    Conflict(
        SENTENCES,
        BULLETS,
        "each bullet point is a sentence or more",
        lambda sentences, other: other["num_bullets"] > _most(sentences, "num_sentences"),
    ),
    Conflict(
        SENTENCES,
        END,
        "the phrase is a sentence of its own",
        lambda sentences, other: _most(sentences, "num_sentences") < 2,
    ),
    *(
        Conflict(WORDS, value, "it needs more words", lambda words, soft: _room(words) < 14)
        for value in ("style:narrative", "style:journalistic", "detail:example", "detail:reasons")
    ),
    Conflict(
        WORDS,
        "detail:essentials",
        "only the essentials, at length",
        lambda words, soft: _least(words, "num_words") >= 20,
    ),
)
# What is asked for uses up what the other allows.
_USED_UP = (
    Conflict(
        EXIST,
        LETTER,
        "the keywords use up the letter",
        lambda exist, letter: _letters_in(letter, " ".join(exist["keywords"])),
    ),
    Conflict(
        FREQUENCY,
        LETTER,
        "the keyword uses up the letter",
        lambda word, letter: _letters_in(letter, word["keyword"] * _least(word, "frequency")),
    ),
    Conflict(
        END,
        LETTER,
        "the phrase uses up the letter",
        lambda end, letter: _letters_in(letter, end["end_phrase"]),
    ),
    Conflict(
        SECTIONS,
        REPEATS,
        "each heading has the same word",
        lambda sections, repeats: sections["num_sections"] > repeats["small_n"],
    ),
)
_ALWAYS = (
    Conflict(row["first"], row["second"], row["why"])
    for _, row in read_csv(
        package_file("corpus", "material/conflicts.csv"), ("first", "second", "why")
    )
)
CONFLICTS: tuple[Conflict, ...] = (*_ROOM, *_USED_UP, *_ALWAYS)

_BY_PAIR: dict[tuple[str, str], list[Conflict]] = {}
for _conflict in CONFLICTS:
    _BY_PAIR.setdefault((_conflict.first, _conflict.second), []).append(_conflict)


def clash(first: Constraint, second: Constraint) -> str | None:
    """Why two constraints do not go together, in either order; None if they do."""
    for one, other in ((first, second), (second, first)):
        for conflict in _BY_PAIR.get((one.id, other.id), ()):
            if conflict.clashes(one.kwargs, other.kwargs):
                return conflict.why
    return contradiction((first, second)) or None


def clashes(constraints: Iterable[Constraint]) -> list[tuple[str, str, str]]:
    """Every clashing pair among some constraints, as (id, id, why)."""
    return [
        (one.id, other.id, why)
        for one, other in combinations(constraints, 2)
        if (why := clash(one, other))
    ]
