"""Finds constraints that no response can satisfy together.

It knows: counts of one thing whose limits cross, a word both wanted and forbidden, a text wanted
word for word with a punctuation mark that is forbidden, two beginnings or two ends, capitals in
small letters, and a paragraph beyond the last. Public data sets are searched for these, and the
kit's own instructions are made without them (`hppt_lib.corpus.conflicts` also keeps out pairs that
are possible but not sensible). It does not see contradictions of any other sort.
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
# Constraints that ask for an exact number: id to (what is counted, number).
_EXACT = {
    "length_constraints:number_paragraphs": ("paragraphs with dividers", "num_paragraphs"),
    "detectable_format:number_bullet_lists": ("bullet points", "num_bullets"),
    "detectable_format:multiple_sections": ("sections", "num_sections"),
    "length_constraints:nth_paragraph_first_word": ("paragraphs", "num_paragraphs"),
    "count:numbers": ("numbers", "N"),
}
# Constraints that forbid a punctuation mark, and those that want a text word for word.
_NO_MARK = {
    "punctuation:no_comma": ",",
    "punctuation:punctuation_exclamation": "!",
    "punctuation:punctuation_dot": ".",
}
_WANTED_TEXT = {
    "startend:end_checker": "end_phrase",
    "detectable_content:postscript": "postscript_marker",
}


def contradiction(constraints: Sequence[Constraint]) -> str:
    """The first contradiction among the hard constraints, in words; empty if none is seen."""
    hard = [each for each in constraints if each.kind == "hard"]
    return (
        _crossed_limits(hard)
        or _paragraph_beyond_the_last(hard)
        or _capitals_in_small_letters(hard)
        or _wanted_and_forbidden(hard)
        or _two_beginnings_or_ends(hard)
    )


def _crossed_limits(constraints: Sequence[Constraint]) -> str:
    limits: dict[str, tuple[int, int]] = {}
    for constraint in constraints:
        for thing, low, high in _limits(constraint.id, constraint.kwargs):
            known = limits.get(thing, (0, _MOST))
            limits[thing] = low, high = max(known[0], low), min(known[1], high)
            if low > high:
                return f"no number of {thing} is at least {low} and at most {high}"
    return ""


def _limits(id: str, kwargs: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
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


def _paragraph_beyond_the_last(constraints: Sequence[Constraint]) -> str:
    for constraint in constraints:
        nth, last = constraint.kwargs.get("nth_paragraph"), constraint.kwargs.get("num_paragraphs")
        if isinstance(nth, int) and isinstance(last, int) and nth > last:
            return f"paragraph {nth} of {last}"
    return ""


def _capitals_in_small_letters(constraints: Sequence[Constraint]) -> str:
    ids = {each.id for each in constraints}
    if "change_case:english_lowercase" not in ids:
        return ""
    if "change_case:english_capital" in ids:
        return "all capitals and all small letters"
    for each in constraints:
        for thing, low, _ in _limits(each.id, each.kwargs):
            if thing == "words in capitals" and low > 0:
                return "words in capitals and all small letters"
    return ""


def _wanted_and_forbidden(constraints: Sequence[Constraint]) -> str:
    wanted: set[str] = set()
    forbidden: set[str] = set()
    for each in constraints:
        if each.id == "keywords:existence":
            wanted |= _texts(each, "keywords")
        elif each.id == "keywords:forbidden_words":
            forbidden |= _texts(each, "forbidden_words")
        elif each.id == "keywords:frequency" and any(
            low > 0 for _, low, _ in _limits(each.id, each.kwargs)
        ):
            wanted |= _texts(each, "keyword")
    if both := wanted & forbidden:
        return f"the word {min(both)!r} is both wanted and forbidden"
    marks = [_NO_MARK[each.id] for each in constraints if each.id in _NO_MARK]
    for each in constraints if marks else ():
        for text in _texts(each, _WANTED_TEXT.get(each.id, "")):
            if has := [mark for mark in marks if mark in text]:
                return f"{text!r} is wanted, and {has[0]!r} forbidden"
    return ""


def _two_beginnings_or_ends(constraints: Sequence[Constraint]) -> str:
    beginnings = _texts_of(constraints, "first_word:first_word_answer", "first_word")
    if len(beginnings) > 1:
        return f"the first word is {beginnings[0]!r} and {beginnings[1]!r}"
    ends = sorted(_texts_of(constraints, "startend:end_checker", "end_phrase"), key=len)
    for shorter, longer in zip(ends, ends[1:], strict=False):
        if not longer.endswith(shorter):
            return f"the end is {shorter!r} and {longer!r}"
    return ""


def _texts_of(constraints: Sequence[Constraint], id: str, name: str) -> list[str]:
    return sorted(set().union(*(_texts(each, name) for each in constraints if each.id == id)))


def _texts(constraint: Constraint, name: str) -> set[str]:
    """A parameter that is a text or a list of texts, in small letters, white space apart."""
    value = constraint.kwargs.get(name)
    values = value if isinstance(value, list) else [value]
    return {each.strip().casefold() for each in values if isinstance(each, str) and each.strip()}
