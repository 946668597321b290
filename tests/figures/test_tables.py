"""Tables: what a response says must never become part of the page."""

from __future__ import annotations

from hppt_lib.figures import tables

HOSTILE = "<script>alert(1)</script> & <<title>>"


def test_cells_are_escaped() -> None:
    """Mistake: a response with markup runs in the reader's browser."""
    page = tables.table([{"response": HOSTILE}]).to_html()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;&lt;title&gt;&gt;" in page


def test_numbers_are_shown_as_they_are() -> None:
    """Mistake: a learning rate of 0.001 shown as 0.00, or 20 steps as 20.00."""
    page = tables.table([{"setting": "rate", "value": 1e-3}, {"setting": "steps", "value": 20}])
    assert "0.001" in page.to_html()
    assert ">20<" in page.to_html()


def test_a_table_is_the_same_every_time() -> None:
    """Mistake: random ids, with which each run of a notebook changes every table in it."""
    one, again, other = (tables.table([{"n": n}]).to_html() for n in (1, 1, 2))
    assert one == again != other


def test_words_are_not_broken_in_narrow_columns() -> None:
    """Mistake: "satisfi|ed" and "[0.0|8," in a narrow column."""
    page = tables.table([{"verdict": "satisfied", "rate": "0.14 [0.08, 0.23]"}]).to_html()
    assert "overflow-wrap: normal" in page and "word-break: normal" in page
    assert "satisfied" in page and "<wbr>" not in page


def test_a_word_without_an_end_can_be_broken() -> None:
    """Mistake: one response of a thousand letters that makes the table as wide as itself."""
    page = tables.table([{"response": "a" * 70 + " b"}]).to_html()
    assert "a" * 30 + "<wbr>" + "a" * 30 + "<wbr>" + "a" * 10 + " b" in page


def test_a_generator_of_rows_will_do() -> None:
    assert tables.table({"n": n} for n in range(3)).data["n"].tolist() == [0, 1, 2]


def test_a_long_table_scrolls_in_its_box() -> None:
    """Mistake: two hundred rows that push the rest of a notebook out of sight."""
    shown = tables.scrollable(tables.table([{"a": "<b>", "b": 2}]), [30, 70]).data
    assert "overflow: auto" in shown and "width: 70%" in shown and "table-layout: fixed" in shown
    assert "&lt;b&gt;" in shown and "<b>" not in shown, "still escaped"
