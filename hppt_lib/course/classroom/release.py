"""Makes the handout: student copies of the notebooks, and a sheet of minutes and points."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hppt_lib.course import stamps
from hppt_lib.course.checks import find_exercise
from hppt_lib.course.classroom.cells import asked_in
from hppt_lib.course.notebooks import GLOSSARY, find_notebooks, read_notebook, write_notebook
from hppt_lib.errors import HpptError, missing, needs
from hppt_lib.files import repository_folder, whole_folder, write_text

_SETUP = """\
# {title}

You need Python 3.11 or newer, 7 GB of free memory and 6 GB of disk. No GPU, no account. In the
folder of the kit:

```
make model                      # once: .venv, packages, and the model (93 MB)
```

Then, in this folder:

```
KIT/.venv/bin/jupyter lab notebooks      # KIT: the kit's folder
```

Fill in the functions that raise `NotImplementedError`, and run the check below each: it says at
once what is likely wrong. Hand in the `.ipynb` files, under the names that they have. Cells of your
own are welcome; the exercises are graded by what your functions return, in a process that has the
standard library, numpy, scipy and torch, and neither files nor network nor the kit (where an
exercise says that something of the kit is at hand, it is). The check shows you a part of the cases.

| notebook | exercise | difficulty | minutes | points |
| --- | --- | --- | --- | --- |
{rows}
| all | {number} | | {minutes} | {points} |
"""


def student_copy(path: Path) -> Any:
    """A notebook of the course without solutions, hidden tests, outputs and stamp.

    nbgrader itself takes them out, locks the test cells and computes its checksums.

    Args:
        path: the notebook as it is committed.

    Raises:
        HpptError: it is no notebook, or one of its nbgrader cells is malformed.
        MissingExtra: nbgrader is not installed.
    """
    try:
        from nbgrader.preprocessors import (
            CheckCellMetadata,
            ClearHiddenTests,
            ClearOutput,
            ClearSolutions,
            ComputeChecksums,
            LockCells,
        )
    except ModuleNotFoundError as error:
        raise missing(error.name or "nbgrader") from error

    notebook = read_notebook(path)
    steps = (LockCells, ClearSolutions, ClearOutput, CheckCellMetadata, ClearHiddenTests,
             ComputeChecksums)  # fmt: skip
    for step in steps:
        try:
            notebook, _ = step().preprocess(notebook, {})
        except Exception as error:  # nbgrader raises many kinds
            raise HpptError(f"{path}: {error}") from error
    notebook.metadata.pop(stamps.KEY, None)  # it speaks of outputs that are gone
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade") and cell.cell_type == "code":
            # "Run All Cells" goes on after an exercise that is not done yet.
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "raises-exception"]
    return notebook


def release(
    only: Sequence[str] = (),
    *,
    out: Path,
    folder: Path | None = None,
    echo: Callable[[str], None] = print,
) -> list[Path]:
    """Write a handout: ``notebooks/``, ``data/`` and ``README.md`` in ``out``.

    Args:
        only: beginnings of the notebooks' names; by default all.
        out: the folder; one that is there is replaced.
        folder: of the course's notebooks; by default the checkout's.
        echo: receives a line at the end.

    Returns:
        The student copies.

    Raises:
        HpptError: no such notebook, or ``out`` is a folder with other things in it.
    """
    needs("course")
    chosen = find_notebooks(folder, only)
    if out.exists() and any(out.iterdir()) and not (out / "notebooks").is_dir():
        raise HpptError(f"{out} has other things in it. Choose a new folder for the handout.")
    rows: list[str] = []
    points = minutes = number = 0
    with whole_folder(out) as making:
        for path in chosen:
            write_notebook(student_copy(path), making / "notebooks" / path.name)
            for each in asked_in(read_notebook(path)):
                label = find_exercise(each.name).label
                number += 1
                points += label.points
                minutes += label.minutes
                rows.append(
                    f"| {path.stem} | {label.number} · {label.title} | {label.difficulty} of 5 | "
                    f"{label.minutes} | {label.points} |"
                )
        _copy_pages(chosen, making)
        text = _SETUP.format(
            title="Handout", rows="\n".join(rows), number=number, minutes=minutes, points=points
        )
        write_text(making / "README.md", text)
    echo(f"{len(chosen)} notebooks, {number} exercises, {points} points: {out}")
    return [out / "notebooks" / path.name for path in chosen]


def add_copies(folder: Path, only: Sequence[str] = (), source: Path | None = None) -> list[Path]:
    """Write student copies into a folder below ``notebooks/``; what is there already stays.

    Args:
        folder: where the copies are worked in, such as ``notebooks/mine``.
        only: beginnings of the notebooks' names; by default all.
        source: of the course's notebooks; by default the checkout's.

    Returns:
        The copies that were written.

    Raises:
        HpptError: no such notebook, or the folder cannot be written.
    """
    needs("course")
    written: list[Path] = []
    for path in find_notebooks(source, only):
        target = folder / path.name
        if target.exists():
            continue
        copy = student_copy(path)
        for cell in copy.cells:
            if cell.cell_type == "markdown":  # it lies a folder deeper than the notebook
                cell.source = cell.source.replace("](../", "](../../")
                cell.source = cell.source.replace(f"]({GLOSSARY})", f"](../{GLOSSARY})")
        write_notebook(copy, target)
        written.append(target)
    return written


def _copy_pages(chosen: Sequence[Path], making: Path) -> None:
    """The pages that the notebooks link to; the data itself comes with the kit."""
    words = repository_folder() / "notebooks" / GLOSSARY
    shutil.copyfile(words, making / "notebooks" / GLOSSARY)
    pages = repository_folder() / "data"
    for page in sorted(pages.rglob("README.md")):
        relative = page.relative_to(pages)
        linked = f"../data/{relative.parent.as_posix()}".rstrip("/.")
        if any(linked in path.read_text(encoding="utf-8") for path in chosen):
            target = making / "data" / relative
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(page, target)
