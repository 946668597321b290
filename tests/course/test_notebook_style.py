"""The form of the notebooks: what a reader of one can rely on in all of them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EACH = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

MOST_IMPORTS = 8  # import statements of the kit in a notebook
MOST_LINES = 30  # of a code cell
OPENING = (
    "**What you will be able to do**\n",
    "**What you need.** ",
    "**Minutes.** ",
)
CLOSING = "## What was measured here, beside what the paper reports"
LABEL = re.compile(r"\*Difficulty [1-5] of 5 · \d+ minutes · (\d+) points?\.\* ")


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [each | {"source": "".join(each["source"])} for each in found]


def prose(path: Path) -> str:
    return "\n\n".join(each["source"] for each in cells(path) if each["cell_type"] == "markdown")


def kit_imports(path: Path) -> Iterator[str]:
    """The module of each import statement of the kit."""
    for cell in cells(path):
        if cell["cell_type"] != "code":
            continue
        for node in ast.walk(ast.parse(cell["source"])):
            if isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            elif isinstance(node, ast.Import):
                modules = [each.name for each in node.names]
            else:
                continue
            yield from (each for each in modules if each.partition(".")[0] == "hppt_lib")


def test_notebooks_are_numbered_as_the_design_has_them() -> None:
    """Mistake: a notebook moved, and two have one number or none has it."""
    assert [path.stem[:3] for path in NOTEBOOKS] == [f"{n:02d}_" for n in range(10)]


@EACH
def test_imports_are_few_and_name_rooms(path: Path) -> None:
    """Mistake: a notebook reaches into a module, and breaks when the module moves."""
    modules = list(kit_imports(path))
    deep = [module for module in modules if module.count(".") > 1]
    assert not deep, f"import from the room instead: {deep}"
    assert len(modules) <= MOST_IMPORTS, f"{len(modules)} import lines of the kit: {modules}"


@EACH
def test_cells_are_short(path: Path) -> None:
    """Mistake: machinery grows in a notebook instead of in the library."""
    long = [
        (cell["id"], lines)
        for cell in cells(path)
        if cell["cell_type"] == "code" and (lines := len(cell["source"].splitlines())) > MOST_LINES
    ]
    assert not long, f"more than {MOST_LINES} lines: {long}"


@EACH
def test_opens_with_aims_needs_and_minutes(path: Path) -> None:
    """Mistake: a reader starts a notebook that needs what they do not have."""
    first = cells(path)[0]["source"]
    assert first.startswith(f"# {path.stem[:2]} · ")
    assert re.match(r"# .+\n\n\*\*.+\*\*\n\n", first), "the title and one line in bold"
    places = [first.find(part) for part in OPENING]
    assert -1 not in places and places == sorted(places), dict(zip(OPENING, places, strict=True))
    minutes = first[places[-1] :]
    assert "GPU" in minutes and re.search(r"exercises?: (about )?\d+\.", minutes)


@EACH
def test_closes_with_what_was_measured_what_to_remember_and_the_way_on(path: Path) -> None:
    """Mistake: the way on skips notebooks or points to one that does not exist."""
    text = prose(path)
    assert text.count(CLOSING) == 1
    end = cells(path)[-1]["source"]
    assert re.search(r"\*\*To remember\*\*\n1\. .+\n2\. .+\n3\. .+\n\n\*\*Next:\*\* ", end)
    following = NOTEBOOKS[(NOTEBOOKS.index(path) + 1) % len(NOTEBOOKS)]
    assert f"]({following.name})" in end.partition("**Next:**")[2]


@EACH
def test_links_lead_somewhere(path: Path) -> None:
    """Mistake: a file moved, and a notebook still links to its old place."""
    text = prose(path)
    targets = re.findall(r"\]\((?!https?://|#)([^)#\s]+)\)", text)
    lost = [each for each in targets if not (path.parent / each).exists()]
    assert not lost
    numbers = {name[:2] for name in (each.name for each in NOTEBOOKS)}
    named = re.findall(r"\bnotebooks? (\d\d)\b", text)
    assert not [each for each in named if each not in numbers]
    linked = re.findall(r"\[(?:[Nn]otebook )?(\d\d)(?: · [^\]]+)?\]\((\d\d)_", text)
    assert not [pair for pair in linked if pair[0] != pair[1]], "a link says one number, is another"


@EACH
def test_sections_are_numbered_in_order(path: Path) -> None:
    """Mistake: a section moved, and the numbers that the text refers to did not."""
    text = prose(path)
    sections = [int(each) for each in re.findall(r"^## (\d+) · ", text, re.MULTILINE)]
    assert sections == list(range(1, len(sections) + 1))
    here = re.findall(r"(?<!'s )\bsections? (\d+)", text)
    assert not [each for each in here if int(each) > len(sections)]


@EACH
def test_exercises_are_numbered_and_labelled_in_one_way(path: Path) -> None:
    """Mistake: an exercise without its difficulty, minutes or points, or with other points."""
    number = 0
    points: list[int] = []
    for cell in cells(path):
        if cell["cell_type"] == "markdown":
            assert not re.search(r"^## Exercise", cell["source"], re.MULTILINE)
            for heading in re.finditer(r"^### Exercise (\S+) · .+\n\n", cell["source"], re.M):
                number += 1
                assert heading[1] == str(number)
                label = LABEL.match(cell["source"], heading.end())
                assert label, cell["source"][heading.end() : heading.end() + 60]
                points.append(int(label[1]))
        elif (graded := cell["metadata"].get("nbgrader", {})).get("grade"):
            assert len(points) == number > 0 and points[-1] == graded["points"], cell["id"]
    graded_cells = [
        each for each in cells(path) if each["metadata"].get("nbgrader", {}).get("grade")
    ]
    assert len(graded_cells) == number


@EACH
def test_file_is_in_the_one_form(path: Path) -> None:
    """Mistake: an editor writes the file anew, and every line of the diff is noise."""
    text = path.read_text(encoding="utf-8")
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False) + "\n"


@EACH
def test_no_warning_stands_in_the_outputs(path: Path) -> None:
    """Mistake: a red line of some library in the first cell, and a student who thinks it broke."""
    outputs = [output for cell in cells(path) for output in cell.get("outputs", [])]
    said = ["".join(each["text"]) for each in outputs if each.get("name") == "stderr"]
    assert said == []
