"""Where the two readings of a constraint differ: the rows of ``differences.jsonl``.

Each row has an example on which the readings give opposite verdicts; the tests check every one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError

_FILE = Path(__file__).with_name("differences.jsonl")


@dataclass(frozen=True)
class Difference:
    """One way in which the two readings of a constraint differ.

    Attributes:
        id: the constraint.
        reference: what the benchmark's program does.
        text: what a careful reader, and so the reading ``text``, does.
        kwargs: parameters of the example.
        example: a response on which the readings give opposite verdicts.
        text_passes: the verdict of the reading ``text`` on it.
        thread: public discussion of it, as ``owner/repository/issues/number``; empty if none.
    """

    id: str
    reference: str
    text: str
    kwargs: Mapping[str, Any]
    example: str
    text_passes: bool
    thread: str = ""


_TYPES = {"kwargs": dict, "text_passes": bool}  # all other fields are text
_FIELDS = {each.name for each in fields(Difference)}


def differences(path: Path = _FILE) -> list[Difference]:
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
