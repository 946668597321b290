"""Reads the lists of words of the verifiers: ``english.txt``, ``geography.txt``, ``tone.txt``.

A line ``[name]`` begins a list, ``#`` begins a comment. A file is read once, when the first of its
lists is asked for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hppt_lib.errors import HpptError


def word_list(name: str, file: str = "english.txt") -> tuple[str, ...]:
    """The words of the list ``name``, in the order of the file."""
    return tuple(" ".join(line_list(name, file)).split())


def line_list(name: str, file: str) -> tuple[str, ...]:
    """The lines of the list ``name``, for entries of several words.

    Raises:
        HpptError: the file has no such list.
    """
    lists = _lists(file)
    if name not in lists:
        raise HpptError(f"{Path(__file__).with_name(file)} has no list [{name}].")
    return tuple(lists[name])


def word_set(text: str) -> frozenset[str]:
    """The words of a short list that is written in the code, with spaces between them."""
    return frozenset(text.split())


@cache
def _lists(file: str) -> dict[str, list[str]]:
    lists: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in Path(__file__).with_name(file).read_text(encoding="utf-8").splitlines():
        entry = line.partition("#")[0].strip()
        if entry.startswith("["):
            lines = lists[entry.strip("[]")] = []
        elif entry:
            lines.append(entry)
    return lists
