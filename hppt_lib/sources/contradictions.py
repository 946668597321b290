"""Constraints of one instruction that no response could satisfy together, as far as this sees.

Seen are: counts of one thing whose ranges have nothing in common, a word both wanted and
forbidden, all capitals and all small letters, and a paragraph beyond the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hppt_lib.instructions.model import Constraint

_MOST = 10**9

# Constraints that bound a count: id to (what is counted, relation, number, what it is counted of).
_BOUNDED = {
    "length_constraints:number_words": ("words", "relation", "num_words", None),
    "length_constraints:number_sentences": ("sentences", "relation", "num_sentences", None),
    "keywords:frequency": ("word", "relation", "frequency", "keyword"),
    "keywords:word_count_different_numbers": ("word", "relation", "frequency", "keyword"),
    "keywords:letter_frequency": ("letter", "let_relation", "let_frequency", "letter"),
    "letters:letter_counting2": ("letter", "let_relation", "let_frequency", "letter"),
    "letters:letter_counting": ("letters", "relation", "N", None),
    "change_case:capital_word_frequency": (
        "words in capitals",
        "capital_relation",
        "capital_frequency",
        None,
    ),
}
_EXACT = {
    "length_constraints:number_paragraphs": ("paragraphs with dividers", "num_paragraphs"),
    "detectable_format:number_bullet_lists": ("bullet points", "num_bullets"),
    "detectable_format:multiple_sections": ("sections", "num_sections"),
    "length_constraints:nth_paragraph_first_word": ("paragraphs", "num_paragraphs"),
}


def contradiction(constraints: Sequence[Constraint]) -> str:
    """The first contradiction in words; empty if none is seen."""
    ranges: dict[str, tuple[int, int]] = {}
    for each in constraints:
        if each.kind != "hard":
            continue
        for thing, low, high in _ranges(each.id, each.kwargs):
            known = ranges.get(thing, (0, _MOST))
            ranges[thing] = low, high = max(known[0], low), min(known[1], high)
            if low > high:
                return f"no number of {thing} is at least {low} and at most {high}"
        nth, last = each.kwargs.get("nth_paragraph"), each.kwargs.get("num_paragraphs")
        if isinstance(nth, int) and isinstance(last, int) and nth > last:
            return f"paragraph {nth} of {last}"
    ids = {each.id for each in constraints}
    if {"change_case:english_capital", "change_case:english_lowercase"} <= ids:
        return "all capitals and all small letters"
    both = _words(constraints, True) & _words(constraints, False)
    return f"the word {min(both)!r} is both wanted and forbidden" if both else ""


def _ranges(id: str, kwargs: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    """(what is counted, least, most) for each count that a constraint bounds."""
    if id in _BOUNDED:
        thing, relation, number, of = _BOUNDED[id]
        count = kwargs.get(number)
        if isinstance(count, (int, float)):
            name = f"{thing} {str(kwargs.get(of)).casefold()!r}" if of else thing
            if kwargs.get(relation) == "less than":
                yield name, 0, int(count) - 1
            else:
                yield name, int(count), _MOST
    elif id in _EXACT:
        thing, number = _EXACT[id]
        count = kwargs.get(number)
        if isinstance(count, (int, float)):
            yield thing, int(count), int(count)
    elif id == "count:word_count_range":
        low, high = kwargs.get("min_words"), kwargs.get("max_words")
        if isinstance(low, (int, float)) and isinstance(high, (int, float)):
            yield "words", int(low), int(high)


def _words(constraints: Sequence[Constraint], wanted: bool) -> set[str]:
    field = (
        {"keywords:existence": "keywords"}
        if wanted
        else {"keywords:forbidden_words": "forbidden_words"}
    )
    return {
        word.casefold()
        for each in constraints
        if each.id in field
        for word in each.kwargs.get(field[each.id], ())
        if isinstance(word, str)
    }
