"""Describes the figures of a notebook in words, for readers who cannot see them."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

# What a cell writes on a figure, by the name of the call.
_WRITES = {
    "set_title": "titled",
    "suptitle": "titled",
    "set_xlabel": "horizontal axis",
    "set_ylabel": "vertical axis",
}
_LONGEST = 400  # characters: what a screen reader reads in one go


def describe_figures(notebook: Any) -> None:
    """Give each figure of an executed notebook its alternative text, in place.

    The text is the section's heading and what is drawn there: what a widget's figure says of
    itself, the first sentence of the kit's function that drew it, or the titles and axes that the
    cell writes. It goes where myst-nb looks for it, into the cell's metadata; a text that stands
    there already is kept.
    """
    section = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = [line for line in cell.source.splitlines() if line.startswith("#")]
            section = headings[-1].lstrip("# ").strip() if headings else section
            continue
        drawn = [
            each.data for each in cell.get("outputs", []) if "image/png" in each.get("data", {})
        ]
        if drawn:
            told = drawn[0].get("text/plain", "")
            told = "" if told.startswith("<") else told  # "<Figure size 760x440 with 1 Axes>"
            settings = cell.metadata.setdefault("mystnb", {}).setdefault("image", {})
            settings.setdefault("alt", alternative(cell.source, section, told))


def alternative(code: str, section: str, told: str = "") -> str:
    """The alternative text of what a cell draws.

    Args:
        code: the cell's Python.
        section: the heading that it stands under.
        told: what the figure says of itself, in words.
    """
    drawn = told or "; ".join(dict.fromkeys(_drawn(code)))
    what = f"Figure of the section “{section}”" if section else "Figure"
    return (f"{what}: {drawn}" if drawn else what)[:_LONGEST].replace("\n", " ")


def _drawn(code: str) -> Iterator[str]:
    from hppt_lib import figures

    try:
        tree = ast.parse(code)
    except SyntaxError:  # a cell with a magic in it
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name = node.func.attr
        if name.endswith("_figure"):
            purpose = inspect.getdoc(getattr(figures, name, None)) or ""
            if purpose:
                yield " ".join(purpose.partition("\n\n")[0].split())
        elif name in _WRITES and node.args and isinstance(node.args[0], ast.Constant):
            yield f"{_WRITES[name]} “{node.args[0].value!s}”"
