"""Constraint ids and parameters as files and tables hold them, made into plain Python values.

The same row looks different after each journey: a Parquet file fills every object with null for the
parameters of other constraints, pandas turns null into NaN and lists into numpy arrays, and CSV
keeps lists and objects as text.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from hppt_lib.errors import HpptError

_LONGEST_LITERAL = 200_000  # characters that ast.literal_eval is given
_NULLS = ("NAType", "NaTType")  # pandas' own


def constraints_in(row: Mapping[str, Any], ids: str, kwargs: str) -> list[tuple[str, dict]]:
    """The constraints that a row names: (id, its parameters without those that are null) for each.

    Taken is what can be read in one way only. Lists may be tuples or arrays; the whole list, or one
    constraint's parameters, may be text that holds JSON or a Python literal; and parameters may be
    null for one constraint or for all of them.

    Args:
        row: the row.
        ids: the field with the list of ids.
        kwargs: the field with the list of parameters, one object for each id.

    Raises:
        HpptError: a field is missing or something else; the message names it and its entry.
    """
    for name in (ids, kwargs):
        if name not in row:
            raise HpptError(f"the field '{name}' is missing.")
    names = _list(row[ids], ids)
    given = _list(row[kwargs], kwargs, null=[None] * len(names))
    if len(names) != len(given):
        raise HpptError(
            f"'{ids}' has {len(names)} entries and '{kwargs}' {len(given)}: "
            "they go together one by one."
        )
    constraints = []
    for number, (id, parameters) in enumerate(zip(names, given, strict=True), start=1):
        if not isinstance(id, str):
            raise HpptError(
                f"'{ids}', entry {number}: the id must be a string, found {type(id).__name__}."
            )
        where = f"'{kwargs}', entry {number}"
        parameters = from_text(parameters, where)
        if not isinstance(parameters, dict | None):
            raise HpptError(f"{where}: must be an object, found {type(parameters).__name__}.")
        known = (parameters or {}).items()
        constraints.append((id, {name: value for name, value in known if value is not None}))
    return constraints


def python_value(value: Any) -> Any:
    """A value as JSON would give it: lists, dicts, str, int, float, bool and None.

    Tuples and arrays become lists, numbers of numpy Python's own, and NaN and pandas' other marks
    of a missing value None. What else there is stays as it is.

    Raises:
        HpptError: it is nested too deeply.
    """
    try:
        return _plain(value)
    except RecursionError as error:
        raise HpptError("the values are nested too deeply to be read.") from error


def _plain(value: Any) -> Any:
    if isinstance(value, str | bool | int | None) and type(value).__module__ == "builtins":
        return value
    for method in ("tolist", "as_py"):  # of numpy and pandas, and of pyarrow, without importing any
        if callable(getattr(value, method, None)):
            return _plain(getattr(value, method)())
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if type(value).__name__ in _NULLS or (isinstance(value, float) and value != value):
        return None
    return value


def from_text(value: Any, where: str) -> Any:
    """A value as plain Python has it, read from its text where it is text: JSON or a literal.

    Blank text and "None" are None.

    Raises:
        HpptError: the text is neither, or nested too deeply; the message begins with ``where``.
    """
    value = python_value(value)
    if not isinstance(value, str):
        return value
    if not value.strip():
        return None
    try:
        return python_value(json.loads(value))
    except (ValueError, RecursionError) as error:
        problem = error
    try:
        if len(value) <= _LONGEST_LITERAL:
            return python_value(ast.literal_eval(value.strip()))
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        pass
    raise HpptError(f"{where}: the text is not valid JSON ({problem}).") from problem


def _list(value: Any, name: str, null: list[Any] | None = None) -> list[Any]:
    found = python_value(value)
    if isinstance(found, str) and (found.strip()[:1] in ("", "[", "(") or found == "None"):
        found = from_text(found, f"'{name}'")
    if found is None and null is not None:
        return null
    if not isinstance(found, list):
        kind = "null" if found is None else type(found).__name__
        raise HpptError(f"the field '{name}' must be a list, found {kind}.")
    return found
