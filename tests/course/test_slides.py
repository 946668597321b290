"""Slides of the notebooks' figures: every figure, its words, and nothing from anywhere else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from hppt_lib.course.classroom.slides import (
    Deck,
    Table,
    _parts,
    deck_of,
    page_of,
    read_table,
    write_slides,
)
from hppt_lib.errors import HpptError
from tests.course.test_notebook_style import NOTEBOOKS, cells

pytestmark = pytest.mark.slow  # all notebooks are read

PIXEL = "aGVsbG8="
OPENING = (
    "# 02 · A title\n\n**A line in bold.**\n\n**What you will be able to do**\n- read *this*;\n"
    "- see [notebook 01](01_a.ipynb).\n\n**What you need.** Nothing."
)
ENDING = "**To remember**\n1. One.\n2. *Two.*\n3. Three.\n\n**Next:** nothing."
MEASURED = "## What was measured here, beside what the paper reports"


class Page(HTMLParser):
    """What a page loads or links to, its pictures' texts, and how many slides it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.alts: list[str] = []
        self.slides: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        values = dict(pairs)
        self.asked += [str(values[name]) for name in ("src", "href", "srcset") if name in values]
        if tag == "img":
            self.alts.append(str(values.get("alt")))
        if tag == "section":
            self.slides.append(str(values["id"]))


@pytest.fixture(scope="module")
def decks() -> dict[Path, Deck]:
    """The decks of all notebooks."""
    return {path: deck_of(path) for path in NOTEBOOKS}


def picture() -> Any:
    return new_output("display_data", data={"image/png": PIXEL})


def printed(markdown: str) -> Any:
    return new_output("display_data", data={"text/markdown": markdown})


def table(html: str) -> Any:
    return new_output("display_data", data={"text/html": html})


def deck(tmp_path: Path, *between: str | list[Any], opening: str = OPENING) -> Deck:
    """The deck of a notebook with these cells: a text, or the outputs of a code cell."""
    made = [new_markdown_cell(opening)]
    for each in between:
        made.append(
            new_markdown_cell(each)
            if isinstance(each, str)
            else new_code_cell("draw()", outputs=each)
        )
    made.append(new_markdown_cell(ENDING))
    path = tmp_path / "02_small.ipynb"
    nbformat.write(new_notebook(cells=made), path)
    return deck_of(path)


def said(deck: Deck) -> list[str]:
    return [each.says for each in deck.figures]


# --- the course's notebooks -----------------------------------------------------------------------


def test_every_figure_is_on_a_slide_with_its_text(decks: dict[Path, Deck]) -> None:
    """Mistake: a figure left out, or one that says nothing to who cannot see it."""
    for path, found in decks.items():
        outputs = [out for cell in cells(path) for out in cell.get("outputs", [])]
        drawn = ["".join(out["data"]["image/png"]) for out in outputs if _has_picture(out)]
        assert [each.picture for each in found.figures] == [
            each.replace("\n", "") for each in drawn
        ]
        for each in found.figures:
            assert each.alt.startswith("Figure of the section") and ".png" not in each.alt
            assert each.heading and not each.heading.startswith("Exercise")
    assert sum(len(each.figures) for each in decks.values()) > 40


def _has_picture(output: dict[str, Any]) -> bool:
    return "image/png" in output.get("data", {})


def test_a_slide_says_what_the_notebook_says(decks: dict[Path, Deck]) -> None:
    """Mistake: words that are put together anew, or twice the same, or too many to hear."""
    silent = 0
    for path, found in decks.items():
        texts = [cell["source"] for cell in cells(path) if cell["cell_type"] == "markdown"]
        for cell in cells(path):
            for output in cell.get("outputs", []):
                texts.append("".join(output.get("data", {}).get("text/markdown", "")))
        whole = " ".join(" ".join(texts).split())
        spoken = [each.says for each in found.figures if each.says]
        silent += len(found.figures) - len(spoken)
        assert len(set(spoken)) == len(spoken), path.stem
        for each in spoken:
            # Sentences may be left out between two that are there: look at both ends.
            assert each[:20] in whole and each[-20:] in whole, (path.stem, each)
            assert len(each) < 400 and each.count("**") % 2 == 0, (path.stem, each)
    assert silent < 6


def test_what_was_measured_is_on_a_slide(decks: dict[Path, Deck]) -> None:
    """Mistake: figures without the table that keeps them from being taken for the paper's."""
    for path, found in decks.items():
        assert found.measured or found.measured_says, path.stem
        assert found.tier and found.date, path.stem
        assert len(found.remember) == 3 and 3 <= len(found.aims) <= 8
        for part in found.measured:
            assert all(len(row) == len(part.heads) for row in part.rows)


def test_a_deck_asks_for_nothing(decks: dict[Path, Deck]) -> None:
    """Mistake: a lecture hall without a network, and no slides."""
    for path, found in decks.items():
        text = page_of(found)
        page = Page(text)
        rest = [each for each in page.asked if not each.startswith(("data:", "#slide-"))]
        assert rest == [], path.stem
        assert not re.findall(r"url\(|@import|import\s*\(|fetch\(|https?://", _without_data(text))
        expected = 2 + len(found.figures) + max(1, len(found.measured))
        assert page.slides == [f"slide-{number}" for number in range(1, expected + 1)]
        assert f"{expected} / {expected}" in text
        assert page.alts == [each.alt for each in found.figures]


def _without_data(text: str) -> str:
    return re.sub(r"data:image/png;base64,[^\"]+", "", text)


def test_decks_are_written_for_those_that_are_named(tmp_path: Path) -> None:
    said: list[str] = []
    [path] = write_slides(["00"], out=tmp_path / "slides", echo=said.append)
    assert path.name == "00_start_here.html" and path.read_text("utf-8").startswith("<!DOCTYPE")
    assert said == [f"1 figures: {path}"]
    with pytest.raises(HpptError, match="No notebook's name begins with '77'"):
        write_slides(["77"], out=tmp_path)


# --- which words stand beside a figure ------------------------------------------------------------


def test_what_the_notebook_printed_comes_first(tmp_path: Path) -> None:
    found = deck(
        tmp_path, "## 1 · A", [picture()], [printed("Kept: **12**.")], "**This is in bold.** More."
    )
    assert said(found) == ["Kept: **12**."]


def test_the_nearest_sentence_in_bold_is_taken(tmp_path: Path) -> None:
    """Mistake: the paragraph behind, where the notebook says in bold what it wants to say."""
    text = "Read it first. **It falls in every run.** Nobody knows why.\n\n**So look twice at it.**"
    assert said(deck(tmp_path, "## 1 · A", [picture()], text)) == [
        "**It falls in every run.** Nobody knows why."
    ]


def test_bold_words_are_no_sentence(tmp_path: Path) -> None:
    """Mistake: a word that is explained, or a question in mid-sentence, taken for a finding."""
    text = "A **lift** is a ratio. First of all: **did the adapter change?** It did."
    [only] = said(deck(tmp_path, "## 1 · A", [picture()], text))
    assert only.startswith("A **lift** is a ratio.")


def test_a_paragraph_that_leads_on_is_about_the_next_figure(tmp_path: Path) -> None:
    """Mistake: "Compare the dots with the diagonal:" beside the figure before."""
    found = deck(
        tmp_path,
        "## 1 · A\n\nThis opens the section.",
        [picture()],
        "**This is about the dots.** Compare them:",
        [picture()],
    )
    assert said(found) == ["This opens the section.", "**This is about the dots.**"]


def test_a_paragraph_that_leads_to_no_figure_is_about_the_last(tmp_path: Path) -> None:
    found = deck(
        tmp_path, "## 1 · A", [picture()], "Read the lines:", [], "**It goes two ways here.**"
    )
    assert said(found) == ["**It goes two ways here.**"]


def test_words_of_another_section_or_an_exercise_are_not_taken(tmp_path: Path) -> None:
    """Mistake: the task of an exercise, or the next section's finding, beside a figure."""
    found = deck(
        tmp_path,
        "## 1 · A\n\nAn opening.",
        "### Exercise 1 · B\n\n*Difficulty 1.* **Write this function now.**\n\n"
        "<details>\n<summary>A hint</summary>\n\n**Think of it again.**\n\n</details>",
        [picture()],
        "## 2 · C\n\n**This is another section.**",
    )
    assert [(each.heading, each.says) for each in found.figures] == [("1 · A", "An opening.")]


def test_a_figure_may_stand_without_words(tmp_path: Path) -> None:
    found = deck(tmp_path, "## 1 · A", [picture(), picture()], "## 2 · B")
    assert said(found) == ["", ""]
    assert page_of(found).count('<p class="says">') == 0


def test_sentences_end_where_they_end(tmp_path: Path) -> None:
    """Mistake: an excerpt that ends in "Dr." or in the middle of bold text."""
    text = "Left out by Dr. GRPO. It counts 0.5 (the 95 % bound. And more.) here. " + "So on. " * 90
    [only] = said(deck(tmp_path, "## 1 · A", [picture()], text))
    assert only.startswith("Left out by Dr. GRPO. It counts 0.5 (the 95 % bound. And more.) here.")
    assert only.endswith("So on.") and len(only) < 360


# --- tables ---------------------------------------------------------------------------------------


def test_a_table_is_read_as_text() -> None:
    html = (
        "<style>#T_1 th { color: red }</style><table><thead><tr><th></th><th>here</th></tr></thead>"
        "<tbody><tr><td>a &lt; b</td><td> 1\n2 </td></tr></tbody></table>"
    )
    assert read_table(html) == Table(("", "here"), (("a < b", "1 2"),))


def test_a_long_table_has_several_slides() -> None:
    """Mistake: rows below the edge of the slide, or columns without their heads."""
    long = Table(("a", "b"), tuple((str(number), "x" * 100) for number in range(25)))
    parts = list(_parts(long))
    assert len(parts) == 3 and all(part.heads == long.heads for part in parts)
    assert tuple(row for part in parts for row in part.rows) == long.rows
    [huge] = _parts(Table(("a",), (("x" * 5000,),)))
    assert len(huge.rows) == 1


def test_tables_behind_the_closing_text_are_left_out(tmp_path: Path) -> None:
    """Mistake: the whole claim ledger on twelve slides."""
    html = "<table><tr><th>a</th></tr><tr><td>{}</td></tr></table>"
    found = deck(
        tmp_path,
        f"{MEASURED}\n\nFirst words.",
        [table(html.format("mine")), printed("*tier cpu · seed 0*")],
        "The ledger:",
        [table(html.format("other"))],
    )
    assert [part.rows for part in found.measured] == [(("mine",),)]
    assert found.source == "tier cpu · seed 0"
    without = deck(tmp_path, f"{MEASURED}\n\nNothing counts.\n\nMore.", [picture()])
    assert (without.measured, without.measured_says) == ((), "Nothing counts.")
    assert "Nothing counts." in page_of(without)


# --- what cannot be shown -------------------------------------------------------------------------


def test_texts_are_no_html(tmp_path: Path) -> None:
    """Mistake: a response in a table, or a title, that runs in the lecture."""
    script = "<script>alert(1)</script>"
    found = deck(
        tmp_path,
        f"## 1 · {script}\n\n**All of it {script} is a text.**",
        [picture()],
        MEASURED,
        [table(f"<table><tr><td>{script.replace('<', '&lt;')}</td></tr></table>")],
    )
    text = page_of(found)
    assert script not in text and text.count("&lt;script&gt;") == 4
    assert "](01_a.ipynb)" not in text and "see notebook 01" in text


def test_a_notebook_that_never_ran_is_refused(tmp_path: Path) -> None:
    """Mistake: an empty deck, and no word."""
    with pytest.raises(
        HpptError, match="has no outputs to show. Run: hppt course --in-place --only 02"
    ):
        deck(tmp_path, "## 1 · A", [])


def test_a_notebook_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="does not open with a title"):
        deck(tmp_path, [picture()], opening="# Something else")
