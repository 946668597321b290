"""The site: built once of small notebooks and the real data, then read as a browser would."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest

from hppt_lib.course import playground, reference_pages
from hppt_lib.course.alternatives import alternative, describe_figures
from hppt_lib.course.notebooks import find_notebooks
from hppt_lib.course.site import Site, _sphinx, _write_settings, write_site
from hppt_lib.course.sphinx_extension import markdown_tables, mathml
from hppt_lib.errors import HpptError
from hppt_lib.files import package_file

pytestmark = pytest.mark.slow


class Page(HTMLParser):
    """What a page loads, where it links to, what can be linked to in it, and its pictures."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.pictures: list[dict[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        values = dict(pairs)
        self.places |= {str(values[name]) for name in ("id", "name") if values.get(name)}
        if tag == "a" and values.get("href"):
            self.links.append(str(values["href"]))
        if tag == "link" and values.get("rel") not in ("canonical", "author"):
            self.loads.append(str(values["href"]))
        if tag in ("script", "img", "iframe", "source", "video", "object") and values.get("src"):
            self.loads.append(str(values["src"]))
        if tag == "img":
            self.pictures.append(values)


class Lists(HTMLParser):
    """The lists of terms in a page: for each, the tags of its children."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.lists: list[list[str]] = []
        self._open: list[tuple[str, list[str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        if self._open:
            self._open[-1][1].append(tag)
        if tag not in ("br", "hr", "img", "input", "link", "meta"):  # those have no end
            self._open.append((tag, []))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            name, children = self._open.pop()
            if name == "dl":
                self.lists.append(children)
            if name == tag:
                break

    @property
    def wrong(self) -> list[list[str]]:
        """Lists that hold something else, or descriptions of no term."""
        known = {"dt", "dd", "div", "script", "template"}
        return [
            each for each in self.lists if set(each) - known or ("dd" in each and "dt" not in each)
        ]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The site of the course's notebooks, with a stand-in of Pyodide, without the library."""
    runtime = tmp_path_factory.mktemp("pyodide")
    for name in playground.FILES:
        (runtime / name).write_text("stand-in")
    out = tmp_path_factory.mktemp("site") / "out"
    return write_site(find_notebooks(), out, runtime=runtime, library=False)


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[Path, Page]:
    """Every page of the site, read."""
    return {
        path: Page(path.read_text(encoding="utf-8")) for path in site.index.parent.rglob("*.html")
    }


def foreign(text: str) -> Iterator[str]:
    """Addresses of other hosts that a script or a style sheet would load."""
    yield from re.findall(r"url\(\s*[\"']?(?:https?:)?//[^)]*", text)
    yield from re.findall(r"@import\s+[\"'](?:https?:)?//[^\"']*", text)
    yield from re.findall(r"\bimport\s*\(?\s*[\"'](?:https?:)?//[^\"']*", text)
    yield from re.findall(r"\b(?:from|fetch\(|importScripts\()\s*[\"'](?:https?:)?//[^\"']*", text)


def test_no_page_asks_another_host(site: Site, pages: dict[Path, Page]) -> None:
    """Mistake: MathJax, a font or a badge from elsewhere: no formulas without a network."""
    asked = {load for page in pages.values() for load in page.loads if urlsplit(load).netloc}
    assert asked == set()
    for pattern in ("*.html", "*.css", "*.js"):
        for path in site.index.parent.rglob(pattern):
            text = path.read_text(encoding="utf-8", errors="replace")
            assert list(foreign(text)) == [], path.name
    assert list(foreign('a { background: url("https://a.example/b.png") }')), (
        "a check that cannot fail"
    )


def test_no_link_is_broken(site: Site, pages: dict[Path, Page]) -> None:
    """Mistake: a link to a file that the site does not have, or to a lost heading."""
    assert site.warnings == ()
    broken = []
    for path, page in pages.items():
        for link in (*page.links, *page.loads):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target not in pages:
                if not target.is_file():
                    broken.append(f"{path.name}: {link}")
            elif parts.fragment and unquote(parts.fragment) not in pages[target].places:
                broken.append(f"{path.name}: {link}")
    assert broken == []


def test_every_figure_has_a_text(pages: dict[Path, Page]) -> None:
    """Mistake: a figure that says "_images/0f3a.png" to who cannot see it, or what another says."""
    figures = 0
    for path, page in pages.items():
        texts = [each.get("alt") for each in page.pictures if "_images" in str(each["src"])]
        assert len(set(texts)) == len(texts), path.name
        for picture in page.pictures:
            alt = picture.get("alt")
            assert alt is not None, path.name
            if path.parent.name == "notebooks" and "_images" in str(picture["src"]):
                figures += 1
                assert alt.startswith("Figure of the section") and ".png" not in alt, (path, alt)
    assert figures > 20


def test_formulas_need_no_script(site: Site) -> None:
    """Mistake: dollars on the page, or a script that turns them into formulas."""
    text = (site.index.parent / "notebooks" / "03_auditing_the_judge.html").read_text()
    assert "<math" in text
    assert "MathJax" not in text and "$$" not in re.sub(r"<pre.*?</pre>", "", text, flags=re.DOTALL)
    assert mathml(r"\frac{a}{b}", "block").startswith("<math")
    assert mathml(r"\left( <", "inline") == r"<code>\left( &lt;</code>"


def test_pages_of_data_are_whole(site: Site) -> None:
    """Mistake: a claim or a difference that the page's Markdown swallowed."""
    from hppt_lib import verifiers
    from hppt_lib.course import read_claims

    folder = site.index.parent
    differences = (folder / "differences.html").read_text(encoding="utf-8")
    assert differences.count('class="difference"') == len(verifiers.differences())
    claims = Page((folder / "claims.html").read_text(encoding="utf-8"))
    assert "notebooks/03_auditing_the_judge.html" in claims.links
    source = reference_pages.claims_page([])
    assert "`[survey]`:" in source and "- -" not in source
    assert {f"claim-{number}" for number in range(1, len(read_claims()) + 1)} <= claims.places
    index = (folder / "index.html").read_text(encoding="utf-8")
    assert index.count('class="card"') == len(find_notebooks())
    assert "Ran in 0:" in index


def test_quizzes_are_in_the_navigation(site: Site, pages: dict[Path, Page]) -> None:
    """Mistake: a quiz that no page leads to, or one that shows its reasons at once."""
    from hppt_lib.course.classroom.quiz import read_quizzes

    folder = site.index.parent / "quiz"
    index = pages[folder / "index.html"]
    for name, questions in read_quizzes().items():
        assert f"{name}.html" in index.links
        text = (folder / f"{name}.html").read_text(encoding="utf-8")
        assert text.count('<details class="right">') == len(questions)
        assert f"../notebooks/{name}.html" in pages[folder / f"{name}.html"].links


def test_solutions_wait_for_a_click(site: Site) -> None:
    """Mistake: the solution above the exercise's own check, before one has tried."""
    text = (site.index.parent / "notebooks" / "02_verifiers.html").read_text(encoding="utf-8")
    assert "tag_hide-input" in text
    assert "<details" in text.partition("### BEGIN SOLUTION")[0]


def test_without_pyodide_the_page_says_what_is_missing(tmp_path: Path) -> None:
    """Mistake: a playground that starts for ever."""
    assert playground.write_page(tmp_path, None, playground.ABSENT) == playground.ABSENT
    text = (tmp_path / "playground.md").read_text()
    assert "install npm" in text and "<script" not in text


def test_what_pyodide_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a folder that is no Pyodide, or a network call of who asked for none."""
    monkeypatch.setenv("HPPT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("HPPT_PYODIDE", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert playground.runtime_folder() == (None, playground.ABSENT)
    folder, reason = playground.runtime_folder(fetch=True)
    assert folder is None and reason.startswith("There is no npm on this machine.")
    with pytest.raises(HpptError, match="no pyodide.mjs"):
        playground.runtime_folder(tmp_path)
    (tmp_path / "npm").write_text("#!/bin/sh\necho 'npm error network' >&2\nexit 1\n")
    (tmp_path / "npm").chmod(0o755)
    _, reason = playground.runtime_folder(fetch=True)
    assert "could not get Pyodide (npm error network)" in reason


def test_no_notebook_no_site(tmp_path: Path) -> None:
    """Mistake: an empty site, and no word."""
    with pytest.raises(HpptError, match="no executed notebook"):
        write_site([], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_figures_are_described_from_code() -> None:
    """Mistake: one text for all figures, or for those of a cell."""
    drawn = alternative("figures.roc_figure(found, 'x');", "How sure is it?")
    assert drawn.startswith("Figure of the section “How sure is it?”: ") and len(drawn) > 50
    own = alternative("axis.set_xlabel('steps')\naxis.set_title('Loss')", "")
    assert "horizontal axis “steps”" in own and "titled “Loss”" in own
    assert alternative("%matplotlib inline\nx", "A") == "Figure of the section “A”"
    loop = "for part in ('soft', 'hard'):\n    figures.judges_figure(a[part], f'{part} rows; {n}')"
    soft, hard = (alternative(loop, "A", place=place, count=2) for place in (0, 1))
    assert soft.endswith("report. soft rows; …") and hard.endswith("report. hard rows; …")
    calls = "figures.roc_figure(a, 'x', y)\nfigures.judges_figure(b, p)"
    first, second = (alternative(calls, "A", place=place, count=2) for place in (0, 1))
    assert "Recall against" in first and "Recall against" not in second and "judge" in second
    told = {"image/png": "", "text/plain": "Passes from 0.50: recall 1.00."}
    plain = {"image/png": "", "text/plain": "<Figure size 760x440 with 1 Axes>"}
    outputs = [nbformat.v4.new_output("display_data", data=each) for each in (told, plain, plain)]
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=outputs)])
    describe_figures(node)
    expected = ["Figure: Passes from 0.50: recall 1.00.", "Figure", "Figure (number 2)"]
    assert node.cells[0].metadata["alternatives"] == expected


def test_tables_of_docstrings() -> None:
    """Mistake: a table of Markdown in a docstring, printed as bars."""
    lines = ["Kinds:", "", "| a | b |", "| --- | --- |", "| 1 | 2 |", "", "After."]
    made = markdown_tables(lines)
    assert "   * - a" in made and "     - 2" in made and made[-1] == "After."
    assert not [line for line in made if "---" in line]
    assert markdown_tables(["no table", "a | b"]) == ["no table", "a | b"]


_ROOM = '''"""A room."""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

MARKS = ("a mark that is long", "another mark that is long")

def always(row: Mapping[str, Sequence[str]], *, otherwise: Mapping[str, str] | None = None) -> bool:
    """Whether.

    Args:
        row: a row.
        otherwise: what else.
    """

@dataclass
class Table:
    """A table.

    Attributes:
        names: by key.
        rule: says yes or no.
        marks: of thoughts.
        others: of others.
    """
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    rule: Callable[[Mapping[str, Sequence[str]]], bool] = always
    marks: Sequence[str] = MARKS
    others: Sequence[str] = field(default=MARKS, repr=False)

    def rows(self, of: Mapping[str, Sequence[str]], marks: Sequence[str] = MARKS) -> list[str]:
        """Its rows."""
'''


def test_long_signatures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: parameters as descriptions of no term (axe), or raw text; constants in full."""
    source = tmp_path / "source"
    _write_settings(source)
    (tmp_path / "planted_room.py").write_text(_ROOM)
    directive = "```{eval-rst}\n.. automodule:: planted_room\n   :members:\n```\n"
    (source / "index.md").write_text(f"# planted_room\n\n{directive}")
    before = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(tmp_path), before))))
    assert _sphinx(source, tmp_path / "out", tmp_path / "doctrees") == ()
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    found = Lists(page)
    assert found.lists and found.wrong == []
    # The function, the class and its method; its rule, which Sphinx takes for one, is none.
    assert page.count('<div class="sig-lines">') == 3
    assert "planted_room.Table.rows" in page and "planted_room.Table.rule" not in page
    shown = re.sub(r"<[^>]*>", "", page)
    assert "= ..." in shown and "factory" not in shown and "~" not in shown
    assert shown.count("= MARKS") == 3 and "long" not in shown
    assert "= always" in shown
    assert 'dt class="sig ' in page and '<dl class="field-list' in page  # the style sheet's names
    lists = "<dl><dt>a</dt><dd>b</dd></dl><dl><dd>c</dd></dl><dl><dt>d</dt><p></p></dl>"
    assert Lists(lists).wrong == [["dd"], ["dt", "p"]], "a check that cannot fail"


@pytest.mark.parametrize("place", ["h1", "dt.sig", "dl.field-list > dd", "dt.sig .pre"])
def test_long_names_wrap(place: str) -> None:
    """Mistake: a page wider than a telephone, for a type has no space to break at."""
    sheet = package_file("course", "site_files/site.css").read_text(encoding="utf-8")
    rules = re.findall(r"([^{}]*)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
    said = " ".join(
        body
        for names, body in rules
        if f".bd-article {place}" in [each.strip() for each in names.split(",")]
    )
    assert "overflow-wrap: anywhere" in said
    if place.endswith(".pre"):  # Sphinx's own sheet forbids it
        assert "white-space: normal" in said
    if place.startswith("dl"):  # a cell of a grid
        assert "min-width: 0" in said


def test_every_room_has_a_page() -> None:
    """Mistake: a room added, and the list of pages not."""
    from hppt_lib.files import repository_folder

    made = reference_pages.api_pages()
    rooms = {
        each.parent.name
        for each in (repository_folder() / "hppt_lib").glob("*/__init__.py")
        if each.parent.name != "cli"
    }
    assert rooms <= set(made)
    assert "automodule:: hppt_lib.verifiers" in made["verifiers"]
