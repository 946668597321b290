"""Finds, reads, writes and cleans the notebook files of the course."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import cache_folder, repository_folder, write_text

# A progress bar as tqdm draws it: "Training:  40%|####      | 4/10 [00:12<00:18]".
_PROGRESS = re.compile(r"\d+%\||\d+it \[\d|\?it/s\]")
GLOSSARY = "GLOSSARY.md"
"""The page of words and formulas, beside the notebooks."""
_WIDGET = "application/vnd.jupyter.widget-view+json"


def find_notebooks(folder: Path | None = None, only: Sequence[str] = ()) -> list[Path]:
    """The course's notebooks in their order.

    Args:
        folder: where to look; by default the checkout's ``notebooks/``.
        only: keep those whose file names begin with one of these, such as ``"06"``.

    Raises:
        HpptError: there are no notebooks, or one of ``only`` fits none of them.
    """
    folder = folder or repository_folder() / "notebooks"
    notebooks = sorted(path for path in folder.glob("*.ipynb") if not path.name.startswith("."))
    if not notebooks:
        raise HpptError(f"There are no notebooks in {folder}.")
    if not only:
        return notebooks
    chosen: set[Path] = set()
    for prefix in only:
        fitting = {path for path in notebooks if path.name.startswith(prefix)}
        if not fitting:
            names = ", ".join(path.stem for path in notebooks)
            raise HpptError(f"No notebook's name begins with '{prefix}'. There are: {names}.")
        chosen |= fitting
    return sorted(chosen)


def read_notebook(path: Path) -> Any:
    """Read a notebook (an `nbformat.NotebookNode`), checked against the notebook format.

    Raises:
        HpptError: it cannot be read, is not JSON, or is not a Python notebook.
    """
    import nbformat

    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except OSError as error:
        raise HpptError(f"{path} cannot be read: {error.strerror or error}.") from error
    except Exception as error:  # nbformat raises many kinds, some of them plain Exception
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise HpptError(
            f"{path} is not a notebook: {reason} Restore it with 'git checkout -- {path.name}', "
            "or resolve the merge conflict in it."
        ) from error
    language = notebook.metadata.get("kernelspec", {}).get("language", "python")
    if language != "python":
        raise HpptError(f"{path} asks for a kernel of the language {language}; only Python runs.")
    return notebook


def write_notebook(notebook: Any, path: Path) -> None:
    """Write a notebook, whole or not at all.

    Raises:
        HpptError: the file could not be written.
    """
    import nbformat

    write_text(path, nbformat.writes(notebook).rstrip("\n") + "\n")


def clean(notebook: Any) -> None:
    """Remove, in place, what a page cannot show and what would differ from run to run.

    Progress bars and widgets go (they are dead in a file; the table or figure that a widget of ours
    brings in its place stays), so do cell timings, and the paths of this machine become short
    names. Text, tables and figures stay as they are.
    """
    notebook.metadata.pop("widgets", None)
    notebook.metadata["kernelspec"] = {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            kept = [output for output in cell.outputs if not _is_dead(output)]
            cell.outputs = [each for each in map(_clean_output, _merge_streams(kept)) if each]


def _is_dead(output: Any) -> bool:
    """Take a widget out of an output; whether there was one, and nothing to show in its place."""
    data = output.get("data", {})
    return data.pop(_WIDGET, None) is not None and not data.keys() - {"text/plain"}


def _clean_output(output: Any) -> Any | None:
    if output.output_type == "stream":
        output.text = _without_paths(_without_progress(output.text))
        return output if output.text.strip() else None
    if output.output_type == "error":
        output.traceback = [_without_paths(line) for line in output.traceback]
        return output
    for kind, value in output.data.items():
        if kind.startswith("text/") and isinstance(value, str):
            output.data[kind] = _without_paths(value)
    return output


def _without_progress(text: str) -> str:
    """What a terminal would show in the end: a carriage return starts the line again."""
    lines = []
    for line in text.split("\n"):
        parts = [part for part in line.split("\r") if part]
        last = parts[-1] if parts else ""
        if _PROGRESS.search(last) or (not last and line):
            continue
        lines.append(last)
    return "\n".join(lines)


def _merge_streams(outputs: list[Any]) -> list[Any]:
    merged: list[Any] = []
    for output in outputs:
        before = merged[-1] if merged else None
        if before is not None and output.output_type == before.output_type == "stream":
            if output.name == before.name:
                before.text += output.text
                continue
        merged.append(output)
    return merged


def _without_paths(text: str) -> str:
    places = [
        (sys.prefix, "VENV"),
        (str(repository_folder()), "HPPT-LAB"),
        (str(cache_folder()), "CACHE"),
        (str(Path.home()), "~"),
    ]
    for place, name in places:
        if len(place) > 1:
            text = text.replace(place, name)
    return re.sub(r"/tmp/ipykernel_\d+/\d+\.py", "CELL", text)
