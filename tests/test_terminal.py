"""Tables for a terminal: every cell is shown, numbers stay whole, nothing steers the terminal."""

from __future__ import annotations

import doctest

import pytest
from rich.text import Text

from hppt_lib import terminal
from hppt_lib.terminal import as_text, one_line, table

ROWS = [["tea", 12, "0.50 [0.25, 0.75]"], None, ["all", 24, None]]


def test_the_example_in_the_docstring_is_true() -> None:
    """Mistake: an example that shows another table than the one that is drawn."""
    assert doctest.testmod(terminal).failed == 0


@pytest.mark.parametrize("width", [30, 60, 200])
def test_numbers_stay_whole_at_any_width(width: int) -> None:
    """Mistake: "0.50 [0.25, 0.75]" broken over two lines in a narrow terminal."""
    rows = [["a long name of something that is counted", "0.50 [0.25, 0.75]"]]
    shown = as_text(table(["", "rate"], rows), width=width)
    assert "0.50 [0.25, 0.75]" in shown
    letters = "".join(line[: line.find("0.50")] if "0.50" in line else line for line in
                      shown.splitlines())  # fmt: skip
    assert "".join(rows[0][0].split()) in "".join(letters.split())


def test_columns_of_text_are_on_the_left_and_numbers_on_the_right() -> None:
    """Mistake: digits that do not stand below each other."""
    lines = as_text(table(["", "of", "rate"], ROWS, title="Rates"), width=80).splitlines()
    assert lines[0] == "Rates"
    first, last = (next(each for each in lines if name in each) for name in ("tea", "all"))
    assert first.index("12") == last.index("24") and first.startswith("  tea")
    assert last.endswith("–") and len(first) == len(last), "None is a dash, below the number's end"


def test_a_row_of_the_wrong_length_is_refused() -> None:
    """Mistake: rich adds a column without a heading, or leaves a cell empty."""
    with pytest.raises(ValueError, match="Row 2 has 1 cells, the table 2"):
        table(["a", "b"], [["x", 1], ["y"]])


def test_nothing_from_outside_steers_the_terminal() -> None:
    """Mistake: a model's name with an escape sequence clears the reader's screen."""
    nasty = "a\x1b[2Jb\x07[bold]c[/bold]"
    everywhere = table([nasty, ""], [[nasty, Text(nasty)]], title=nasty)
    shown = as_text(everywhere, nasty, width=100)
    assert "\x1b" not in shown and "\x07" not in shown
    assert shown.count("[bold]c[/bold]") == 5, "what looks like rich's markup is shown as it is"
    assert one_line("a\nb\x1b[2J", 60) == "a b?[2J"


def test_one_line_is_cut_to_its_length() -> None:
    """Mistake: one character too many, or a cut without a sign."""
    assert one_line("abcdef", 6) == "abcdef" and one_line("abcdefg", 6) == "abcde…"


def test_a_styled_cell_keeps_its_text() -> None:
    """Mistake: colours written into a file or a pipe."""
    cell = Text("ok", style="green").append("\n→ do this", style="bold")
    shown = as_text(table(["", "found"], [["x", cell]], text=range(2)), width=60)
    assert "ok" in shown and "→ do this" in shown and "\x1b" not in shown


def test_lines_of_text_are_never_broken() -> None:
    """Mistake: a path cut in two, so that it cannot be copied."""
    path = "/".join(["folder"] * 30)
    assert path in as_text(path, width=40).splitlines()
