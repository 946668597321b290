"""Describes the figures of a notebook in words, for readers who cannot see them."""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

# What a cell writes on a figure, by the name of the call.
_WRITES = {
    "set_title": "titled",
    "suptitle": "titled",
    "set_xlabel": "horizontal axis",
    "set_ylabel": "vertical axis",
}
_LONGEST = 400  # characters: what a screen reader reads in one go
KEY = "alternatives"
"""Under this name a cell's metadata has the texts of its figures, in their order."""


def describe_figures(notebook: Any) -> None:
    """Give each figure of an executed notebook its alternative text, in place.

    A cell's metadata then has a list, under `KEY`: a text for each figure that the cell drew. It
    says the section's heading and what is drawn there: what a widget's figure says of itself, the
    first sentence of the kit's function that drew it with the caption that the cell writes, or the
    titles and axes that the cell writes. No two figures of a notebook have the same text.
    """
    section = ""
    known: Counter[str] = Counter()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            headings = [line for line in cell.source.splitlines() if line.startswith("#")]
            section = headings[-1].lstrip("# ").strip() if headings else section
            continue
        drawn = [
            each.data for each in cell.get("outputs", []) if "image/png" in each.get("data", {})
        ]
        texts = []
        for place, data in enumerate(drawn):
            told = data.get("text/plain", "")
            told = "" if told.startswith("<") else told  # "<Figure size 760x440 with 1 Axes>"
            text = alternative(cell.source, section, told, place, len(drawn))
            known[text] += 1
            texts.append(text if known[text] == 1 else f"{text} (number {known[text]})")
        if texts:
            cell.metadata[KEY] = texts


def alternative(code: str, section: str, told: str = "", place: int = 0, count: int = 1) -> str:
    """The alternative text of a figure that a cell draws.

    Args:
        code: the cell's Python.
        section: the heading that it stands under.
        told: what the figure says of itself, in words.
        place: of this figure among those that the cell draws, from 0.
        count: how many the cell draws.
    """
    drawn = told or "; ".join(dict.fromkeys(_drawn(code, place, count)))
    what = f"Figure of the section “{section}”" if section else "Figure"
    return (f"{what}: {drawn}" if drawn else what)[:_LONGEST].replace("\n", " ")


def _drawn(code: str, place: int, count: int) -> list[str]:
    try:
        tree = ast.parse(code)
    except SyntaxError:  # a cell with a magic in it
        return []
    nodes = sorted(
        (each for each in ast.walk(tree) if isinstance(each, ast.Call | ast.For)),
        key=lambda each: (each.lineno, each.col_offset),
    )
    turn: dict[str, str] = {}  # what this figure's turn of a loop calls its variable
    figures: list[str] = []
    written: list[str] = []
    for node in nodes:
        if isinstance(node, ast.For):
            each = node.iter.elts if isinstance(node.iter, ast.Tuple | ast.List) else []
            if isinstance(node.target, ast.Name) and len(each) == count:
                turn[node.target.id] = _words(each[place], {})
        elif isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if name.endswith("_figure"):
                figures.append(_purpose(name, node.args, turn))
            elif name in _WRITES and node.args and isinstance(node.args[0], ast.Constant):
                written.append(f"{_WRITES[name]} “{node.args[0].value!s}”")
    if len(figures) == count:  # a call, a figure
        figures = [figures[place]]
    return [each for each in (*figures, *written) if each]


def _purpose(name: str, arguments: Sequence[ast.expr], turn: Mapping[str, str]) -> str:
    """What a function of `figures` draws: its docstring's first sentence, and its caption."""
    from hppt_lib import figures

    purpose = (inspect.getdoc(getattr(figures, name, None)) or "").partition("\n\n")[0]
    texts = [_words(each, turn) for each in arguments]
    captions = [each for each in texts if any(letter.isalpha() for letter in each)]
    return " ".join(" ".join([purpose, *captions]).split())


def _words(value: ast.expr, turn: Mapping[str, str]) -> str:
    """A text in a cell's code, with "…" for what is known only when it runs."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value
    if isinstance(value, ast.FormattedValue):
        return turn.get(value.value.id, "…") if isinstance(value.value, ast.Name) else "…"
    if isinstance(value, ast.JoinedStr):
        return "".join(_words(each, turn) for each in value.values)
    return ""
