"""Files of a judge's error rates, by the id of the constraint, with how they were measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from hppt_lib.errors import HpptError
from hppt_lib.files import write_text

_FORMAT = 1
_Rates = TypeVar("_Rates")


def write_rate_file(
    path: str | Path, field: str, rates: Mapping[str, Any], measured: Mapping[str, Any]
) -> None:
    """Write error rates as JSON.

    Args:
        path: the file.
        field: the name that they stand under.
        rates: by the constraint's id, as plain JSON values.
        measured: what a reader should know of where they come from, likewise.

    Raises:
        HpptError: the file could not be written.
    """
    row = {"format": _FORMAT, field: dict(rates), "measured": dict(measured)}
    write_text(Path(path), json.dumps(row, indent=2, ensure_ascii=False) + "\n")


def read_rate_file(
    path: str | Path, field: str, read: Callable[[str, Any], _Rates], *, what: str, command: str
) -> dict[str, _Rates]:
    """The error rates in a file that `write_rate_file` wrote.

    Args:
        path: the file.
        field: the name that they stand under.
        read: makes the rates of an id and its JSON value; what is wrong there it raises, as
            ValueError, KeyError, TypeError or AttributeError.
        what: what the file should be one of, for the message.
        command: what writes such a file, likewise.

    Raises:
        HpptError: the file cannot be read, or ``read`` refused what is in it.
    """
    try:
        row = json.loads(Path(path).read_text(encoding="utf-8"))
        if row["format"] != _FORMAT:
            raise ValueError(f"format {row['format']}")
        return {str(id): read(id, each) for id, each in row[field].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HpptError(
            f"{path} is no file of {what} ({getattr(error, 'strerror', None) or error}). "
            f"'{command}' writes one."
        ) from error
