"""Counts as our verifiers take them: bounds with both ends included, as "at least", "less than"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Made = tuple[str, Mapping[str, Any]]  # a constraint's id and its parameters


def within(
    id: str,
    number: str,
    low: int,
    high: int | None,
    kwargs: Mapping[str, Any],
    relation: str = "relation",
) -> list[Made]:
    """One or two constraints that say ``low`` to ``high``, both included; no ``high`` is no limit.

    Args:
        id: a constraint with a relation, such as ``keywords:frequency``.
        number: the name of its number.
        low: the least.
        high: the most; None for no limit.
        kwargs: its other parameters.
        relation: the name of its relation.
    """
    made: list[Made] = []
    if low > 0:
        made.append((id, {**kwargs, relation: "at least", number: low}))
    if high is not None:
        made.append((id, {**kwargs, relation: "less than", number: high + 1}))
    return made


def exactly(
    id: str, number: str, count: int, kwargs: Mapping[str, Any], relation: str = "relation"
) -> list[Made]:
    """``within`` for one number."""
    return within(id, number, count, count, kwargs, relation)


def words(low: int, high: int | None) -> list[Made]:
    """A number of words, both ends included."""
    if low > 0 and high is not None:
        return [("count:word_count_range", {"min_words": low, "max_words": high})]
    return within("length_constraints:number_words", "num_words", low, high, {})


def sentences(low: int, high: int | None) -> list[Made]:
    """A number of sentences, both ends included."""
    return within("length_constraints:number_sentences", "num_sentences", low, high, {})
