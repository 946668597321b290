"""Tables and lines of text for a terminal.

>>> rows = [["tea", 12, "0.50 [0.25, 0.75]"], None, ["all", 24, None]]
>>> print(as_text(table(["topic", "of", "rate"], rows), "24 responses.", width=60))
<BLANKLINE>
  topic   of                rate
 ────────────────────────────────
  tea     12   0.50 [0.25, 0.75]
<BLANKLINE>
  all     24                   –
<BLANKLINE>
24 responses.
"""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

_NARROWEST, _WIDEST = 40, 120  # characters
_MISSING = "–"


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[object] | None],
    *,
    title: str = "",
    text: Collection[int] = (0,),
    lines: bool = False,
) -> Table:
    """A table for `as_text`.

    Args:
        headings: one for each column; empty where a column needs none.
        rows: the cells of each row, as many as there are headings; None for a row leaves a line
            free. A cell is shown as ``str`` gives it, None as a dash, a `rich.text.Text` with its
            colours.
        title: stands above the table.
        text: the columns that hold text, from 0: to the left, and broken where they are too long.
            The others hold numbers: to the right, never broken.
        lines: draw a line under every row, for cells of several lines.

    Raises:
        ValueError: a row has a different number of cells from the headings.
    """
    result = Table(
        title=_harmless(title) or None,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        padding=(0, 1),
        show_lines=lines,
    )
    for place, heading in enumerate(map(_harmless, headings)):
        if place in text:
            result.add_column(heading, overflow="fold")
        else:
            result.add_column(heading, justify="right", no_wrap=True)
    for number, row in enumerate(rows, start=1):
        if row is None:
            result.add_section()
        elif len(row) != len(headings):
            raise ValueError(f"Row {number} has {len(row)} cells, the table {len(headings)}: {row}")
        else:
            result.add_row(*map(_cell, row))
    return result


def as_text(*parts: Table | str, width: int | None = None) -> str:
    """Tables and lines, one below the other, as one string to print.

    Characters that could steer the terminal are shown as "?", whoever wrote them. There are
    colours only where the output is a terminal.

    Args:
        parts: tables made by `table`, and lines of text, which are never broken.
        width: of the tables, in characters; None for the terminal's, but at most 120.
    """
    columns = width or min(max(shutil.get_terminal_size((100, 24)).columns, _NARROWEST), _WIDEST)
    console = Console(width=columns, highlight=False, markup=False, color_system="auto")
    with console.capture() as capture:
        for part in parts:
            if isinstance(part, str):
                console.print(_harmless(part), soft_wrap=True)
            else:
                console.print(part)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def one_line(text: str, most: int = 60) -> str:
    """Text on one line and cut, with "…" at its end, to so many characters.

    For names and answers that come from outside: a file, a model, an endpoint.
    """
    line = _harmless(" ".join(text.split()))
    return line if len(line) <= most else line[: most - 1] + "…"


def _cell(value: object) -> str | Text:
    if isinstance(value, Text):
        shown = value.copy()
        shown.plain = _harmless(value.plain)  # as long as before: the colours stay in their places
        return shown
    return _MISSING if value is None else _harmless(str(value))


def _harmless(text: str) -> str:
    return "".join(each if each.isprintable() or each in "\n\t" else "?" for each in text)
