"""Makes slides of a notebook's figures: one HTML file that asks for nothing else.

nbconvert's slides show every cell, and fetch reveal.js, MathJax and fonts from other hosts; a
lecture hall may have no network, and its audience came for the figures. Nothing is run: the deck
shows what the notebook holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from hppt_lib.course import alternatives, stamps
from hppt_lib.course.notebooks import find_notebooks, read_notebook
from hppt_lib.errors import HpptError, needs
from hppt_lib.files import package_file, write_text

_MEASURED = "## What was measured here"
_EXCERPT = 300  # characters beside a figure: more is read and not heard
_TABLE = 1300  # characters of a table on one slide
_TABLE_ROWS = 10
_BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
_SENTENCE = re.compile(r"(?<=[.!?])(?<!Dr\.)(?:\*\*|\*)?[)”\"]?(?:\*\*|\*)?\s+(?=[\"“(*`]*[A-Z])")
_ON_THE_PAGE = re.compile(r"\b(next figure|table behind)\b")
_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True)
class Figure:
    """A slide with a figure.

    Attributes:
        heading: of the section that the figure stands in.
        says: what the notebook says of it, in Markdown; empty if it says nothing near it.
        alt: the figure in words.
        picture: PNG, in base64.
    """

    heading: str
    says: str
    alt: str
    picture: str


@dataclass(frozen=True)
class Table:
    """A slide with (a part of) a table of what was measured; its cells are plain text."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Deck:
    """What the slides of a notebook show.

    Attributes:
        name: the notebook's file name, without ending.
        title: its heading.
        about: the line in bold below it.
        aims: what its reader will be able to do, in Markdown.
        figures: in their order.
        measured: what was measured, beside what the paper reports.
        measured_says: what stands there if there is no table, in Markdown.
        source: tier, seeds and sizes of the tables, as the notebook printed them.
        remember: its three lines to remember, in Markdown.
        tier: of the outputs; empty if the notebook was never run.
        date: on which it ran.
    """

    name: str
    title: str
    about: str
    aims: tuple[str, ...]
    figures: tuple[Figure, ...]
    measured: tuple[Table, ...]
    measured_says: str
    source: str
    remember: tuple[str, ...]
    tier: str
    date: str


def write_slides(
    only: Sequence[str] = (),
    *,
    out: Path,
    folder: Path | None = None,
    echo: Callable[[str], None] = print,
) -> list[Path]:
    """Write a deck a notebook, ``out/NAME.html``; one that is there is replaced.

    Args:
        only: beginnings of the notebooks' names; by default all.
        out: the folder for the decks.
        folder: of the course's notebooks; by default the checkout's.
        echo: receives a line for each deck.

    Raises:
        HpptError: no such notebook, or one has no outputs or not the parts of a notebook of the
            course.
    """
    needs("course")
    written = []
    for path in find_notebooks(folder, only):
        deck = deck_of(path)
        target = out / f"{path.stem}.html"
        write_text(target, page_of(deck))
        written.append(target)
        echo(f"{len(deck.figures)} figures: {target}")
    return written


def page_of(deck: Deck) -> str:
    """The deck as one HTML page: style, script and pictures are in it."""
    import jinja2

    template = package_file("course", "classroom/pages/deck.html").read_text(encoding="utf-8")
    page = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    page.filters["inline"] = inline_html
    return page.from_string(template).render(deck=deck) + "\n"


def inline_html(markdown: str) -> Any:
    """A line of Markdown as HTML without links: where they lead, a deck does not lie."""
    from markdown_it import MarkdownIt
    from markupsafe import Markup

    text = " ".join(_LINK.sub(r"\1", markdown).split())
    return Markup(MarkdownIt("commonmark", {"html": False}).renderInline(text))


def deck_of(path: Path) -> Deck:
    """Read what the slides of a notebook show; nothing is run.

    Raises:
        HpptError: it is no notebook of the course, or a figure's cell was never run.
    """
    notebook = read_notebook(path)
    alternatives.describe_figures(notebook)
    opening = notebook.cells[0].source if notebook.cells else ""
    ending = notebook.cells[-1].source if notebook.cells else ""
    title = re.match(r"# (.+)\n\n\*\*(.+)\*\*\n", opening)
    aims = re.search(r"\*\*What you will be able to do\*\*\n((?:- .+\n)+)", opening)
    remember = re.search(r"\*\*To remember\*\*\n((?:\d\. .+\n)+)", ending)
    if not (title and aims and remember):
        raise HpptError(
            f"{path} does not open with a title, a line in bold and 'What you will be able to do', "
            "or does not close with 'To remember': slides are made of these."
        )
    if not any(cell.get("outputs") for cell in notebook.cells):
        raise HpptError(
            f"{path} has no outputs to show. Run: hppt course --in-place --only {path.stem[:2]}"
        )
    stamp = notebook.metadata.get(stamps.KEY, {})
    tables, says, source = _measured(notebook)
    return Deck(
        name=path.stem,
        title=title[1],
        about=title[2],
        aims=tuple(line[2:].rstrip(";.") for line in aims[1].splitlines()),
        figures=tuple(_figures(notebook)),
        measured=tuple(part for table in tables for part in _parts(table)),
        measured_says=says,
        source=source,
        remember=tuple(line[3:] for line in remember[1].splitlines()),
        tier=stamp.get("tier", ""),
        date=stamp.get("date", ""),
    )


# --- figures and what is said of them -------------------------------------------------------------


@dataclass
class _Place:
    """A figure on its way to a slide, and the paragraphs of its section that are about it."""

    heading: str
    before: list[str]
    alt: str
    picture: str
    after: list[str] = field(default_factory=list)
    printed: str = ""  # Markdown that the notebook computed, right behind the figure
    at_once: str = ""  # the paragraph right behind the figure, with nothing between


def _figures(notebook: Any) -> Iterator[Figure]:
    taken: set[str] = set()
    for place in _places(notebook):
        says = next((each for each in _said(place) if each not in taken), "")
        taken.add(says)
        yield Figure(place.heading, says, place.alt, place.picture)


def _places(notebook: Any) -> list[_Place]:
    """The figures. A paragraph is about the figure before it in its section, unless it leads on.

    One that leads on, and all behind it, are about the next figure, if the section has one.
    """
    found: list[_Place] = []
    heading = ""
    last: _Place | None = None  # of this section
    leading: list[str] = []
    close = False  # whether nothing stands between the last figure and here
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            for kind, text in _blocks(cell.source):
                if kind == "heading":
                    if last is not None:
                        last.after += leading
                    heading, last, leading, close = text, None, [], False
                elif last is None or leading or _leads_on(text):
                    leading.append(text)
                else:
                    last.after.append(text)
                    last.at_once = last.at_once or (text if close else "")
                close = False
            continue
        texts = iter(cell.metadata.get(alternatives.KEY, []))
        for output in cell.outputs:
            data = output.get("data", {})
            if "image/png" in data:
                last = _Place(heading, leading, next(texts), data["image/png"].replace("\n", ""))
                leading, close = [], True
                found.append(last)
                continue
            if "text/markdown" in data and last is not None:
                printed = next((text for _, text in _blocks(data["text/markdown"])), "")
                if "**" in printed and not (last.printed or last.after or leading):
                    last.printed = printed
            close = False
    if last is not None:
        last.after += leading
    return found


def _blocks(source: str) -> Iterator[tuple[str, str]]:
    """Headings and paragraphs of a text; an exercise, with its hint, is neither.

    An exercise's heading does not end the section that it stands in.
    """
    exercise = False
    for block in re.split(r"\n\s*\n", re.sub(r"<details>.*?</details>", "", source, flags=re.S)):
        text = block.strip()
        if heading := re.match(r"#{2,3} (.+)", text):
            exercise = heading[1].startswith("Exercise")
            if not exercise:
                yield "heading", heading[1].strip()
        elif text and not exercise and not text.startswith(("#", "|", "```", "- ", "> ", "$$")):
            yield "paragraph", " ".join(text.split())


def _leads_on(paragraph: str) -> bool:
    pointing = re.search(r"\b(next figure|figure below|[Bb]elow (is|are|stands?))\b", paragraph)
    return paragraph.endswith(":") or pointing is not None


def _said(place: _Place) -> Iterator[str]:
    """What may stand beside a figure, the best first.

    What the notebook computed and printed right behind it; the nearest sentence in bold, behind it
    rather than before it; the paragraph right behind it; the one that opens before it.
    """
    if place.printed:
        yield _excerpt(_sentences(place.printed))
    for paragraph in (*place.after, *reversed(place.before)):
        sentences = _sentences(paragraph)
        for number, sentence in enumerate(sentences):
            if _is_bold(sentence):
                yield _excerpt(sentences[number:])
    for paragraph in (place.at_once, *place.before[:1]):
        if paragraph:
            yield _excerpt(_sentences(paragraph))


def _sentences(paragraph: str) -> list[str]:
    """Sentences of a paragraph; one that ends inside of bold or italics keeps its marks."""
    found: list[str] = []
    begin = 0
    for gap in _SENTENCE.finditer(paragraph):
        piece = paragraph[begin : gap.end()].strip()
        if piece.count("**") % 2 or piece.count("(") > piece.count(")"):
            continue  # within bold, or within brackets
        found.append(piece)
        begin = gap.end()
    return [*found, paragraph[begin:].strip()]


def _is_bold(sentence: str) -> bool:
    """Whether a sentence begins with a statement or question in bold, or ends with a statement."""
    return any(
        len(bold[1].split()) > 3
        and (
            (bold[1][-1] in ".!?" or len(bold[1].split()) > 7)
            if bold.start() == 0
            else bold[1][-1] == "."
        )
        for bold in _BOLD.finditer(sentence)
    )


def _excerpt(sentences: Sequence[str]) -> str:
    """The first sentences, as many as fit; the first in any case.

    What only speaks of places on the notebook's page is left out, and so is what is in brackets.
    """
    useful = [each for each in sentences if not (_ON_THE_PAGE.search(each) or each[0] == "(")]
    chosen: list[str] = []
    for sentence in useful or sentences:
        if chosen and sum(map(len, chosen)) + len(sentence) > _EXCERPT:
            break
        if not (chosen and sentence.endswith(":")):
            chosen.append(sentence)
    return " ".join(chosen)


# --- what was measured ----------------------------------------------------------------------------


def _measured(notebook: Any) -> tuple[list[Table], str, str]:
    """Tables of the closing section, its first paragraph, and the lines printed beside them."""
    tables: list[Table] = []
    printed: list[str] = []
    cells = iter(notebook.cells)
    says = ""
    for cell in cells:
        if cell.cell_type == "markdown" and _MEASURED in cell.source:
            says = cell.source.partition(_MEASURED)[2].partition("\n")[2].strip().split("\n\n")[0]
            break
    for cell in cells:
        if cell.cell_type == "markdown":
            break  # what follows is about something else
        for output in cell.outputs:
            data = output.get("data", {})
            if "text/html" in data:
                tables.append(read_table(data["text/html"]))
            elif "text/markdown" in data:
                printed.append(data["text/markdown"].strip("* \n"))
            elif output.output_type == "stream":
                printed += output.text.splitlines()
    return tables, says, " · ".join(each.strip() for each in printed if each.strip())


def read_table(html: str) -> Table:
    """Heads and cells of a table in HTML, as text."""
    reader = _TableReader()
    reader.feed(html)
    return Table(tuple(reader.heads), tuple(tuple(row) for row in reader.rows if row))


class _TableReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.heads: list[str] = []
        self.rows: list[list[str]] = []
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self._cell = []

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td") and self._cell is not None:
            text = " ".join("".join(self._cell).split())
            (self.heads if tag == "th" else self.rows[-1]).append(text)
            self._cell = None


def _parts(table: Table) -> Iterator[Table]:
    """A table in as many parts as slides are needed to read it; each has the heads."""
    rows: list[tuple[str, ...]] = []
    for row in table.rows:
        length = sum(len(cell) for each in (*rows, row) for cell in each)
        if rows and (length > _TABLE or len(rows) == _TABLE_ROWS):
            yield Table(table.heads, tuple(rows))
            rows = []
        rows.append(row)
    if rows:
        yield Table(table.heads, tuple(rows))
