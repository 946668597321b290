"""Minimal pairs of grammar: two sentences that differ in one point, one of them wrong.

A language model that knows the grammar finds the right one likelier. Ten phenomena with twenty
pairs each, made from templates and words of this kit in the manner of BLiMP (Warstadt et al.,
arXiv 1912.00582), of which no sentence was taken. They are no benchmark: a score is to be compared
with that of the base policy, and with nothing else.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

PAIRS_EACH = 20
"""Pairs of each phenomenon."""

_PEOPLE = (
    ("teacher", "teachers"),
    ("farmer", "farmers"),
    ("doctor", "doctors"),
    ("neighbour", "neighbours"),
    ("driver", "drivers"),
    ("painter", "painters"),
    ("student", "students"),
    ("singer", "singers"),
)
_THINGS = (
    ("lamp", "lamps"),
    ("letter", "letters"),
    ("ladder", "ladders"),
    ("basket", "baskets"),
    ("window", "windows"),
    ("bottle", "bottles"),
    ("picture", "pictures"),
    ("chair", "chairs"),
)
_PLACES = ("garden", "kitchen", "harbour", "market", "office", "cellar")
_MEN = ("boy", "uncle", "father", "king", "brother", "man")
_WOMEN = ("girl", "aunt", "mother", "queen", "sister", "woman")
_ADJECTIVES = ("old", "small", "heavy", "green", "clean", "famous")
_PRESENT = (("sings", "sing"), ("sleeps", "sleep"), ("works", "work"), ("waits", "wait"))
_HURT = ("hurt", "blamed", "praised", "described", "admired", "taught")
_MADE = ("built", "found", "sold", "painted", "carried", "repaired")
# Verbs that never stand without an object.
_MET = ("blamed", "praised", "described", "admired")
_HAD = ("found", "carried", "repaired", "described")
_NAMES = ("Nora", "Peter", "Maria", "Simon", "Clara", "Victor")
# past, participle: verbs whose two forms differ
_PARTICIPLES = (
    ("ate", "eaten", "the bread"),
    ("wrote", "written", "the report"),
    ("drove", "driven", "the bus"),
    ("chose", "chosen", "the colour"),
    ("broke", "broken", "the plate"),
    ("took", "taken", "the train"),
)
_INTRANSITIVE = ("slept", "laughed", "arrived", "vanished", "smiled", "coughed")


@dataclass(frozen=True)
class MinimalPair:
    """Two sentences that differ in one point of grammar.

    Attributes:
        id: unique, such as ``reflexives-07``.
        phenomenon: what they differ in.
        right: the grammatical sentence.
        wrong: the other.
    """

    id: str
    phenomenon: str
    right: str
    wrong: str


_Draw = random.Random
_Sentences = tuple[str, str]


def minimal_pairs(seed: int = 0) -> list[MinimalPair]:
    """The 200 pairs, phenomenon by phenomenon: no two are equal.

    Args:
        seed: another one draws other words into the same templates.
    """
    pairs = []
    for name, template in PHENOMENA.items():
        draw = random.Random(f"{seed} {name}")
        found: dict[_Sentences, None] = {}
        while len(found) < PAIRS_EACH:
            found[template(draw, len(found) % 2 == 0)] = None
        pairs += [
            MinimalPair(f"{name.replace(' ', '-')}-{number:02}", name, *sentences)
            for number, sentences in enumerate(found)
        ]
    return pairs


def _subject_verb(draw: _Draw, plural: bool) -> _Sentences:
    noun, verb = draw.choice(_PEOPLE)[plural], draw.choice(_PRESENT)
    place = draw.choice(_PLACES)
    right, wrong = verb[plural], verb[not plural]
    return f"The {noun} {right} in the {place}.", f"The {noun} {wrong} in the {place}."


def _across_a_phrase(draw: _Draw, plural: bool) -> _Sentences:
    head, other = draw.sample(_THINGS, 2)
    adjective = draw.choice(_ADJECTIVES[:5])
    right, wrong = ("are", "is") if plural else ("is", "are")
    start = f"The {head[plural]} near the {other[not plural]}"
    return f"{start} {right} {adjective}.", f"{start} {wrong} {adjective}."


def _across_a_clause(draw: _Draw, plural: bool) -> _Sentences:
    head, other = draw.sample(_PEOPLE, 2)
    past, verb = draw.choice(_HURT), draw.choice(_PRESENT)
    start = f"The {head[plural]} that the {other[not plural]} {past}"
    return f"{start} {verb[plural]} every day.", f"{start} {verb[not plural]} every day."


def _determiner(draw: _Draw, plural: bool) -> _Sentences:
    name, made, noun = draw.choice(_NAMES), draw.choice(_MADE), draw.choice(_THINGS)
    word = draw.choice(("these", "those") if plural else ("this", "that"))
    start = f"{name} {made} {word}"
    return f"{start} {noun[plural]}.", f"{start} {noun[not plural]}."


def _reflexive(draw: _Draw, male: bool) -> _Sentences:
    noun, verb = draw.choice(_MEN if male else _WOMEN), draw.choice(_HURT)
    right, wrong = ("himself", "herself") if male else ("herself", "himself")
    return f"The {noun} {verb} {right}.", f"The {noun} {verb} {wrong}."


def _reflexive_binding(draw: _Draw, plural: bool) -> _Sentences:
    head, other = draw.sample(_PEOPLE, 2)
    verb = draw.choice(_HURT)
    right, wrong = ("themselves", "himself") if plural else ("himself", "themselves")
    start = f"The {head[plural]} near the {other[not plural]} {verb}"
    return f"{start} {right}.", f"{start} {wrong}."


def _polarity(draw: _Draw, ever: bool) -> _Sentences:
    people, made, thing = draw.choice(_PEOPLE)[1], draw.choice(_MADE), draw.choice(_THINGS)
    rest = f"have ever {made} {thing[1]}." if ever else f"{made} any {thing[1]}."
    return f"No {people} {rest}", f"Some {people} {rest}"


def _filler_gap(draw: _Draw, whom: bool) -> _Sentences:
    name = draw.choice(_NAMES)
    knows = draw.choice(("remembers", "knows", "discovered"))
    person = draw.choice(_PEOPLE)[0]
    what, verb = ("who", draw.choice(_MET)) if whom else ("what", draw.choice(_HAD))
    right = f"{name} {knows} {what} the {person} {verb} yesterday."
    # Without a question word the verb lacks its object.
    return right, right.replace(f" {what} ", " that ", 1)


def _word_order(draw: _Draw, question: bool) -> _Sentences:
    person, place = draw.choice(_PEOPLE)[0], draw.choice(_PLACES)
    if question:
        word = draw.choice(("Why", "When", "How"))
        left = draw.choice(("leave", "enter", "close"))
        rest = f"{left} the {place}?"
        return f"{word} did the {person} {rest}", f"{word} the {person} did {rest}"
    adjective, thing = draw.choice(_ADJECTIVES), draw.choice(_THINGS)[0]
    made = draw.choice(_MADE)
    start = f"The {person} {made}"
    return f"{start} the {adjective} {thing}.", f"{start} {adjective} the {thing}."


def _verb(draw: _Draw, participle: bool) -> _Sentences:
    person = draw.choice(_PEOPLE)[0]
    if participle:
        past, right, thing = draw.choice(_PARTICIPLES)
        return f"The {person} has {right} {thing}.", f"The {person} has {past} {thing}."
    verb, made = draw.choice(_INTRANSITIVE), draw.choice(_MADE)
    thing = draw.choice(_THINGS)[0]
    return f"The {person} {made} the {thing}.", f"The {person} {verb} the {thing}."


PHENOMENA: Mapping[str, Callable[[_Draw, bool], _Sentences]] = {
    "subject and verb": _subject_verb,
    "agreement across a phrase": _across_a_phrase,
    "agreement across a clause": _across_a_clause,
    "determiner and noun": _determiner,
    "reflexives": _reflexive,
    "reflexives across a phrase": _reflexive_binding,
    "polarity": _polarity,
    "question words and gaps": _filler_gap,
    "word order": _word_order,
    "verbs": _verb,
}
"""What the pairs of each name differ in: from a random state and one of two variants to a pair."""
