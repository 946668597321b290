"""Finds what students handed in, and which notebook of the course each file is.

A submission is read as data: of a notebook only the sources of its cells and nbgrader's ids.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hppt_lib.errors import HpptError

LARGEST = 200_000_000  # bytes; outputs of 100 MB are nothing that a student should lose points for


@dataclass(frozen=True)
class Handed:
    """A file of a student.

    Attributes:
        path: where it is.
        cells: its code cells, with ``cell_type``, ``source`` and ``metadata``; None if it is no
            notebook.
        problem: why it is none; empty if it is.
    """

    path: Path
    cells: Any = None
    problem: str = ""


def students_in(folder: Path, apart: Path | None = None) -> dict[str, list[Path]]:
    """The notebooks of each student: a folder a student, at any depth below it.

    Args:
        folder: of the submissions.
        apart: a folder that is no student's, if it lies there: that of the marks.

    Raises:
        HpptError: there is no such folder, or no student's folder in it.
    """
    if not folder.is_dir():
        raise HpptError(f"There is no folder {folder}.")
    found: dict[str, list[Path]] = {}
    for each in sorted(folder.iterdir()):
        if each.is_symlink() or not each.is_dir() or each.name.startswith((".", "__")):
            continue
        if apart is not None and each.resolve() == apart.resolve():
            continue
        found[each.name] = _files(each, ".ipynb")
    if not found:
        raise HpptError(
            f"There is no student's folder in {folder}. It wants one folder a student, named as "
            f"the student is to be called in the marks: {folder}/anna/02_verifiers.ipynb."
        )
    return found


def records_in(folder: Path) -> list[Path]:
    """The JSON files of a student that may be run records, at any depth.

    What lies in a folder that ``hppt train`` makes beside a record (``NAME.run``, ``NAME.model``)
    is none.
    """
    return [
        each
        for each in _files(folder, ".json")
        if not any(part.endswith((".run", ".model")) for part in each.relative_to(folder).parts)
    ]


def unfinished_in(folder: Path) -> list[str]:
    """Names of the runs of a student that are not over: ``NAME.run`` without ``NAME.json``."""
    return sorted(
        name
        for here, folders, _ in os.walk(folder)
        for name in folders
        if name.endswith(".run") and not (Path(here) / name).with_suffix(".json").exists()
    )


def _files(folder: Path, ending: str) -> list[Path]:
    return sorted(
        Path(here) / name
        for here, _, names in os.walk(folder)  # follows no links to folders
        for name in names
        if name.endswith(ending)
        and not name.startswith(".")
        and ".ipynb_checkpoints" not in Path(here).parts
    )


def read_submission(path: Path) -> Handed:
    """Read a file that a student handed in; nothing in it can raise an error."""
    try:
        if path.is_symlink() or not path.is_file():
            return Handed(path, problem="this is a link or no file, and was not read.")
        if path.stat().st_size > LARGEST:
            return Handed(path, problem="the file is over 200 MB. Clear its outputs.")
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data["cells"], list):
            raise TypeError("no list of cells")
        cells = [
            SimpleNamespace(
                cell_type="code",
                source=_text(each.get("source", "")),
                metadata=each.get("metadata") if isinstance(each.get("metadata"), dict) else {},
            )
            for each in data["cells"]
            if isinstance(each, Mapping) and each.get("cell_type") == "code"
        ]
    except (OSError, ValueError, KeyError, TypeError, RecursionError, MemoryError) as error:
        reason = type(error).__name__
        return Handed(path, problem=f"this is no notebook ({reason}): open it in JupyterLab once.")
    return Handed(path, SimpleNamespace(cells=cells))


def _text(source: Any) -> str:
    return "".join(map(str, source)) if isinstance(source, list) else str(source)


def sort_out(
    handed: Sequence[Handed], courses: Mapping[str, frozenset[str]]
) -> tuple[dict[str, Handed], list[str]]:
    """Which file is which notebook of the course.

    By the ids of the exercises in it, so that a renamed notebook is found; a file that is none by
    its name. Of two for one notebook the one with the course's own name counts, else the newest.

    Args:
        handed: a student's files.
        courses: for each notebook of the course the ids of its exercises' cells.

    Returns:
        The files, by the course's name, and notes on what was unusual.
    """
    chosen: dict[str, Handed] = {}
    notes: list[str] = []
    for each in handed:
        name = _course_of(each, courses)
        if name is None:
            notes.append(f"{each.path.name}: no exercise of this course in it")
            continue
        if each.path.stem != name:
            notes.append(f"{each.path.name} was taken for {name}")
        if name in chosen:
            notes.append(f"there are several files for {name}")
        if name not in chosen or _rank(each, name) > _rank(chosen[name], name):
            chosen[name] = each
    return chosen, list(dict.fromkeys(notes))


def _rank(handed: Handed, name: str) -> tuple[bool, bool, float]:
    try:
        when = handed.path.stat().st_mtime
    except OSError:
        when = 0.0
    return not handed.problem, handed.path.stem == name, when


def _course_of(handed: Handed, courses: Mapping[str, frozenset[str]]) -> str | None:
    if handed.cells is not None:
        ids = set()
        for cell in handed.cells.cells:
            graded = cell.metadata.get("nbgrader")
            if isinstance(graded, Mapping):
                ids.add(str(graded.get("grade_id")))
        shared = {name: len(ids & wanted) for name, wanted in courses.items()}
        best = max(shared, key=lambda name: (shared[name], handed.path.stem == name))
        if shared[best]:
            return best
    stem = handed.path.stem
    same = [name for name in courses if name == stem or stem.startswith(name[:3])]
    return same[0] if same else None
