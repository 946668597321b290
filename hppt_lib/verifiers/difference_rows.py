"""Reads ``differences.jsonl``: where the two readings of a constraint differ.

Each row has an example on which the readings give opposite verdicts; the tests check every one.
"""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

from hppt_lib.errors import HpptError
from hppt_lib.verifiers.registry import Difference

_FILE = Path(__file__).with_name("differences.jsonl")


_TYPES = {"kwargs": dict, "text_passes": bool}  # all other fields are text
_FIELDS = {each.name for each in fields(Difference)}


def read_differences(path: Path = _FILE) -> list[Difference]:
    """Every known difference between the two readings, in the order of the file: sorted by id.

    Raises:
        HpptError: a line is no such row; the message names the file and the line.
    """
    with path.open(encoding="utf-8") as lines:
        return [_difference(line, f"{path}, line {n}") for n, line in enumerate(lines, start=1)]


def _difference(line: str, where: str) -> Difference:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise HpptError(f"{where}: this is not JSON ({error}).") from None
    if not isinstance(row, dict):
        raise HpptError(f"{where}: wanted an object, found {row!r}.")
    if unknown := sorted(set(row) - _FIELDS):
        raise HpptError(f"{where}: there is no field '{unknown[0]}'.")
    if missing := sorted(_FIELDS - {"thread"} - set(row)):
        raise HpptError(f"{where}: the field '{missing[0]}' is missing.")
    for name, value in row.items():
        kind = _TYPES.get(name, str)
        if not isinstance(value, kind):
            raise HpptError(f"{where}: '{name}' must be of type {kind.__name__}, not {value!r}.")
    return Difference(**row)
