"""The site's pages that are made of data: the paper's claims, the differences, the library."""

from __future__ import annotations

import html
import importlib
import inspect
import json
import pkgutil
import re
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import hppt_lib
from hppt_lib import verifiers
from hppt_lib.course.claims import claims_table
from hppt_lib.scoring import PROGRAM_DEFECTS

_NO_PAGE = ("cli",)  # its commands explain themselves: hppt COMMAND --help


def claims_page(notebooks: Sequence[Path]) -> str:
    """The paper's claims, what each rests on and where it is tested, as a page of Markdown.

    Args:
        notebooks: those that the site shows; where a claim is tested in one of them, it is linked.
    """
    pages = {path.stem[:2]: path.stem for path in notebooks}
    parts = [
        "# The paper's claims",
        "What *Precision over Diversity* (arXiv 2601.04954) claims, and where this course tests "
        "it. `[abstract]`: read in the paper's abstract. `[digest]`: from secondary readings, not "
        "checked against the paper's tables. `[survey]`: as one third-party survey reports it.",
    ]
    for number, row in enumerate(claims_table(), start=1):
        (_, claim), *fields = row.items()
        parts.append(f"## Claim {number}")
        parts.append(f"**{_text(claim)}**")
        for name, value in fields:
            if value == "-":
                continue
            lines = "\n".join(f"- {_linked(_text(line), pages)}" for line in value.split("\n"))
            parts.append(f"{name.capitalize()}:\n\n{lines}")
    return "\n\n".join(parts) + "\n"


def differences_page() -> str:
    """Where the two readings of a constraint differ, with examples, as a page of Markdown."""
    known = verifiers.differences()
    ids = {each.id for each in known}
    parts = [
        "# Where the two readings differ",
        f"{len(known)} known differences in {len(ids)} families. The reading `reference` decides "
        "as the benchmark's own program does; the reading `text` as a careful person would. Each "
        "example is checked by the tests: the readings give opposite verdicts on it. In a "
        "terminal: `hppt differences`.",
    ]
    for benchmark, group in groupby(
        sorted(known, key=lambda each: (_benchmark(each.id), each.id)),
        key=lambda each: _benchmark(each.id),
    ):
        parts.append(f"## {benchmark}")
        for id, rows in groupby(group, key=lambda each: each.id):
            parts.append(f"### `{id}`")
            parts += [_difference(each) for each in rows]
    parts.append("## Beyond single constraints")
    for defect in PROGRAM_DEFECTS:
        parts.append(
            f"**{_text(defect.benchmark)}**: {_text(defect.what)}. Reading `reference`: "
            f"{_text(defect.reference)}. Reading `text`: {_text(defect.text)}."
        )
    return "\n\n".join(parts) + "\n"


def api_pages(library: bool = True) -> dict[str, str]:
    """The pages of the library: file name (without ending) to Markdown, the list of rooms first.

    Args:
        library: False writes the list alone.
    """
    rooms = [
        each.name
        for each in pkgutil.iter_modules(hppt_lib.__path__)
        if each.name not in _NO_PAGE and not each.name.startswith("_")
    ]
    lines, pages = [], {}
    for room in rooms:
        module = importlib.import_module(f"hppt_lib.{room}")
        first = " ".join((inspect.getdoc(module) or "").partition("\n\n")[0].split())
        linked = f"[`hppt_lib.{room}`]({room}.md)" if library else f"`hppt_lib.{room}`"
        lines.append(f"- {linked}: {first}")
        # eval-rst: docstrings are reStructuredText.
        directive = f".. automodule:: hppt_lib.{room}\n   :members:"
        pages[room] = f"# hppt_lib.{room}\n\n```{{eval-rst}}\n{directive}\n```\n"
    listed = "\n".join(rooms) if library else ""
    index = (
        "# The library\n\nWhat notebooks import: a room's public names, from its docstrings.\n\n"
        + "\n".join(lines)
        + f"\n\n```{{toctree}}\n:hidden:\n\n{listed}\n```\n"
    )
    return {"index": index, **(pages if library else {})}


def _difference(row: verifiers.Difference) -> str:
    settings = json.dumps(dict(row.kwargs), ensure_ascii=False)
    passes = "passes" if row.text_passes else "fails"
    otherwise = "fails" if row.text_passes else "passes"
    thread = f"<br>Discussed in <code>{html.escape(row.thread)}</code>" if row.thread else ""
    return (
        '<div class="difference"><dl>'
        f"<dt>reference: {otherwise}</dt><dd>{_cell(row.reference)}{thread}</dd>"
        f"<dt>text: {passes}</dt><dd>{_cell(row.text)}</dd>"
        f"<dt>example</dt><dd><code>{_cell(settings)}</code>"
        f'<pre tabindex="0">{_cell(row.example[:1000])}</pre></dd></dl></div>'
    )


def _benchmark(id: str) -> str:
    names = {"ifeval": "IFEval", "iftrain": "IFTrain", "ifbench": "IFBench", "": "Our own"}
    return names.get(verifiers.family(id).benchmark, verifiers.family(id).benchmark)


def _linked(line: str, pages: dict[str, str]) -> str:
    """A place such as "02, Both readings": its notebook as a link, if the site has it."""
    return re.sub(
        r"^(\d\d), ",
        lambda found: (
            f"[{found[1]}](notebooks/{pages[found[1]]}.ipynb), " if found[1] in pages else found[0]
        ),
        line,
    )


def _text(text: str) -> str:
    """Plain text for a paragraph of Markdown."""
    return re.sub(r"([\\*_<>\[\]$|#])", r"\\\1", " ".join(text.split()))


def _cell(text: str) -> str:
    """Plain text for an HTML block of Markdown, which a blank line would end."""
    shown = "".join(
        each if each.isprintable() or each == "\n" else repr(each)[1:-1] for each in text
    )
    return html.escape(shown).replace("\n", "&#10;")
