"""Writes the site: the executed notebooks, and pages of the library, as HTML with no server's help.

One page maker for ``make site``, ``make course`` and whoever reads without running. Sphinx does the
work (myst-nb reads the notebooks and runs none of them). Nothing on a page is fetched from another
host: formulas are MathML, made here, and the playground's Python lies beside its page.
"""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.course import playground, reference_pages, stamps
from hppt_lib.course.alternatives import describe_figures
from hppt_lib.course.classroom.quiz import questions_html, quizzes_of
from hppt_lib.course.notebooks import GLOSSARY, read_notebook, write_notebook
from hppt_lib.errors import HpptError, needs
from hppt_lib.files import package_file, repository_folder, whole_folder, write_text

# Sphinx's settings: all that decides how a page looks, in one place.
_SETTINGS: dict[str, Any] = {
    "project": "HPPT-Lab",
    "author": "",
    "project_copyright": "",
    "language": "en",
    "extensions": [
        "myst_nb",
        "sphinx.ext.autodoc",
        "sphinx.ext.napoleon",
        "hppt_lib.course.sphinx_extension",
    ],
    "nb_execution_mode": "off",
    "nb_merge_streams": True,
    "myst_enable_extensions": ["amsmath", "attrs_inline", "colon_fence", "dollarmath"],
    "myst_heading_anchors": 4,
    # In a notebook, "#" also begins the title of each part.
    "suppress_warnings": ["myst.header", "mystnb.unknown_mime_type"],
    "default_role": "py:obj",
    "autodoc_typehints_format": "short",
    "autodoc_member_order": "bysource",
    "autodoc_preserve_defaults": True,
    "napoleon_use_ivar": True,
    "python_maximum_signature_line_length": 72,
    "html_theme": "sphinx_book_theme",
    "html_theme_options": {
        "use_download_button": False,
        "use_fullscreen_button": False,
        "home_page_in_toc": True,
        "show_toc_level": 2,
        # The header over all columns would hold nothing but a second field for the search.
        "navbar_start": [],
        "navbar_center": [],
        "navbar_end": [],
        "navbar_persistent": [],
    },
    "html_title": "HPPT-Lab",
    "html_context": {"default_mode": "auto"},
    "html_static_path": ["_static"],
    "html_css_files": ["site.css"],
    "html_favicon": "_static/favicon.svg",
    "html_math_renderer": "mathml",
    "html_copy_source": False,
    "html_show_sourcelink": False,
    "html_show_sphinx": False,
    "html_show_copyright": False,
}

_INDEX = """# HPPT-Lab

<p class="lead">Does a reward that is <em>right</em> beat a reward that is <em>rich</em>? Train a
language model on your laptop and see.</p>

{tier}

## The notebooks

{cards}

## Look around

- **[The playground](playground.md)**: verifiers in this browser, with nothing installed, and
  answers that say nothing and pass.
- **[The paper's claims](claims.md)**, and where each is tested here.
- **[Words and formulas](notebooks/GLOSSARY.md)** of the notebooks.
- **[Quizzes](quiz/index.md)**: five questions on each notebook.
- **[Where the two readings differ](differences.md)**: what a benchmark's program decides, and what
  a careful reader would.
- **[The library](api/index.md)**, room by room, from its docstrings.
- **[The kit](README.md)**: what it is, its commands, its layout.

```{{toctree}}
:hidden:
:caption: The course

{notebooks}
Quizzes <quiz/index>
```

```{{toctree}}
:hidden:
:caption: Look things up

playground
Words and formulas <notebooks/GLOSSARY>
claims
differences
The kit <README>
Data <data/README>
Contributing <CONTRIBUTING>
```

```{{toctree}}
:hidden:
:caption: The library

Rooms <api/index>
```
"""


_DECIDE = "Decide first, then open your answer: it says whether it is right, and why."


@dataclass(frozen=True)
class Site:
    """What `write_site` wrote.

    Attributes:
        index: the first page.
        warnings: what Sphinx complained of, a line each: a broken link, a docstring's layout.
        playground: why the playground does not run in this copy; empty if it does.
    """

    index: Path
    warnings: tuple[str, ...]
    playground: str


def write_site(
    notebooks: Sequence[Path],
    out: Path,
    *,
    runtime: Path | None = None,
    absent: str = playground.ABSENT,
    library: bool = True,
) -> Site:
    """Write the site, whole or not at all; a site that is there already is replaced.

    Args:
        notebooks: executed notebooks, in their order; they are shown as they are.
        out: the site's folder.
        runtime: folder of Pyodide, for the playground (`playground.runtime_folder`); None leaves
            the playground out, and its page says why.
        absent: why there is no ``runtime``, and what to do: shown on the playground's page.
        library: write the pages of the library, too, which imports all of it.

    Raises:
        MissingExtra: the extra "site" is not installed.
        HpptError: there is no notebook, a page could not be made, or the folder not be written.
    """
    needs("site")
    if not notebooks:
        raise HpptError("There is no executed notebook to make pages of. Run: hppt course")
    with tempfile.TemporaryDirectory(prefix="hppt-site-") as scratch:
        source = Path(scratch) / "source"
        _write_sources(notebooks, source, library)
        said = playground.write_page(source, runtime, absent)
        with whole_folder(out) as pages:
            warnings = _sphinx(source, pages, Path(scratch) / "doctrees")
            if runtime is not None:
                playground.write_files(pages / "_static" / "playground", runtime)
    return Site(out / "index.html", warnings, said)


def serve_site(folder: Path, port: int, say: Callable[[str], None]) -> None:
    """Serve the site to browsers of this machine, and of no other, until Ctrl-C.

    Args:
        folder: the site.
        port: 0 takes a free one.
        say: receives the address.

    Raises:
        HpptError: the port is taken.
    """
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Quiet(SimpleHTTPRequestHandler):
        # Not every system knows these, and a browser takes no module of another kind.
        extensions_map = {
            **SimpleHTTPRequestHandler.extensions_map,
            ".js": "text/javascript",
            ".mjs": "text/javascript",
            ".wasm": "application/wasm",
        }

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(Quiet, directory=str(folder)))
    except OSError as error:
        raise HpptError(
            f"Port {port} cannot be served ({error.strerror}). Try --port 0."
        ) from error
    with server:
        say(f"Open http://127.0.0.1:{server.server_port}/ in a browser. Ctrl-C ends.")
        with suppress(KeyboardInterrupt):
            server.serve_forever()


def _write_sources(notebooks: Sequence[Path], source: Path, library: bool) -> None:
    """Lay out the pages' sources as the checkout is, so that links between its files hold."""
    root = repository_folder()
    _write_settings(source)
    cards: list[str] = []
    tiers: dict[str, None] = {}  # in their order, each once
    for path in notebooks:
        notebook = read_notebook(path)
        stamp = notebook.metadata.get(stamps.KEY, {})
        tiers[stamp.get("tier", "unknown")] = None
        cards.append(_card(notebook, path.stem))
        describe_figures(notebook)
        _fold_solutions(notebook)
        write_notebook(notebook, source / "notebooks" / path.name)
    plain = (root / "README.md", root / "CONTRIBUTING.md", root / "notebooks" / GLOSSARY)
    for path in (*plain, *sorted(root.glob("data/**/*.md"))):
        text = path.read_text(encoding="utf-8")
        write_text(source / path.relative_to(root), _without_lost_links(text, path, source, root))
    for path in sorted((root / "data" / "figures").glob("*.png")):
        (source / "data" / "figures").mkdir(parents=True, exist_ok=True)
        shutil.copy(path, source / "data" / "figures")
    pages = sorted((source / "data").glob("*/README.md"))
    for page in pages:
        below = (each for each in page.parent.rglob("*.md") if each != page)
        beside = sorted(str(each.relative_to(page.parent).with_suffix("")) for each in below)
        if beside:
            _append(page, _hidden_toctree(beside))
    _append(
        source / "data" / "README.md",
        _hidden_toctree([f"{each.parent.name}/README" for each in pages]),
    )
    write_text(source / "claims.md", reference_pages.claims_page(list(notebooks)))
    write_text(source / "differences.md", reference_pages.differences_page())
    _write_quizzes(notebooks, source / "quiz")
    for name, text in reference_pages.api_pages(library).items():
        write_text(source / "api" / f"{name}.md", text)
    index = _INDEX.format(
        tier=_tier_line(list(tiers)),
        cards="\n".join(cards),
        notebooks="\n".join(f"notebooks/{path.stem}" for path in notebooks),
    )
    write_text(source / "index.md", index)


def _write_settings(source: Path) -> None:
    """Sphinx's settings, and the style sheet that they name."""
    shutil.copytree(package_file("course", "site_files"), source / "_static")
    settings = "".join(f"{name} = {value!r}\n" for name, value in _SETTINGS.items())
    write_text(source / "conf.py", settings)


def _write_quizzes(notebooks: Sequence[Path], folder: Path) -> None:
    """A page a quiz, and the page that leads to them."""
    quizzes = quizzes_of(notebooks)
    for each in quizzes:
        about = f"About [{each.title}](../notebooks/{each.name}.ipynb). {_DECIDE}"
        text = f"# Quiz: {each.title}\n\n{about}\n\n{questions_html(each)}\n"
        write_text(folder / f"{each.name}.md", text)
    links = "\n".join(f"- [{each.title}]({each.name}.md)" for each in quizzes)
    text = f"# Quizzes\n\nFive questions on each notebook. {_DECIDE}\n\n{links}\n"
    write_text(folder / "index.md", text + _hidden_toctree([each.name for each in quizzes]))


def _sphinx(source: Path, out: Path, doctrees: Path) -> tuple[str, ...]:
    """Run Sphinx in a process of its own; returns its warnings."""
    package = Path(__file__).resolve().parents[2]
    path = os.pathsep.join([str(package), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", str(doctrees)]
    done = subprocess.run(
        [*command, str(source), str(out)],
        # Two workers of OpenMP would each take a core to import torch with.
        env={**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    lines = [each.replace(f"{source}/", "") for each in done.stderr.splitlines() if each.strip()]
    if done.returncode:
        last = "\n".join(f"    {line}" for line in lines[-8:])
        raise HpptError(f"Sphinx could not make the pages:\n{last}")
    # Templates are no pages: the theme's, and the playground's part of its own page.
    for left_over in (out / ".buildinfo", *(out / "_static").rglob("*.html")):
        left_over.unlink(missing_ok=True)
    for page in out.rglob("*.html"):
        write_text(page, accessible(page.read_text(encoding="utf-8")))
    return tuple(line for line in lines if "WARNING" in line or "ERROR" in line)


# What axe finds in pages of this theme, of myst-nb and of `figures.scrollable`, and its mending:
# names that are not what is written there, a switch without a name, a box that no key can scroll.
_MENDED = (
    (
        '<summary><span class="toctree-toggle"',
        '<summary aria-label="Subpages"><span class="toctree-toggle"',
    ),
    ('<summary aria-label="Toggle hidden content">', "<summary>"),
    (
        '<div style="max-height: 30em; overflow: auto">',
        '<div style="max-height: 30em; overflow: auto" tabindex="0">',
    ),
)
_SEARCH_BUTTON = re.compile(
    r'(<button class="btn search-button[-_]field[^>]*?) aria-label="Search"'
)
# Sphinx writes the parameters of a long signature as descriptions (dd) of no term (dt).
_PARAMETERS = re.compile(r'<dl>\s*(<dd><em class="sig-param">.*?)</dl>', re.DOTALL)


def accessible(page: str) -> str:
    """A page's HTML, mended for readers who listen and for those who have no mouse."""
    for found, mended in _MENDED:
        page = page.replace(found, mended)
    page = _SEARCH_BUTTON.sub(r"\1", page)
    return _PARAMETERS.sub(_parameter_lines, page)


def _parameter_lines(found: re.Match[str]) -> str:
    lines = found[1].replace("<dd>", "<div>").replace("</dd>", "</div>")
    return f'<div class="sig-lines">\n{lines}</div>'


def _tier_line(tiers: list[str]) -> str:
    known = ", ".join(f"`{each}`" for each in tiers)
    return (
        f"Outputs on these pages come from the tier {known}. A number of the tiers `smoke` and "
        "`cpu` is never a replication of the paper's 7B result."
    )


def _card(notebook: Any, name: str) -> str:
    """A notebook's entry on the first page: title, first paragraph, what came out."""
    text = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    title = blocks[0].splitlines()[0].lstrip("# ").strip() if blocks else name
    prose = [
        each for each in blocks if not each.startswith(("#", "|", "<", "- ", "* ", "![", "```"))
    ]
    summary = _plain(prose[0]) if prose else ""
    stamp = notebook.metadata.get(stamps.KEY, {})
    seconds = stamp.get("seconds", 0)
    failed = stamp.get("failed")
    ran = f"Ran in {seconds // 60}:{seconds % 60:02d} min on {stamp.get('date')}"
    status, kind = (f"Failed in {failed}", "status failed") if failed else (ran, "status")
    return (
        f'<a class="card" href="notebooks/{html.escape(name)}.html">'
        f'<span class="title">{html.escape(_plain(title))}</span>'
        f"<span>{html.escape(summary[:300])}</span>"
        f'<span class="{kind}">{html.escape(status)}</span></a>\n'
    )


def _plain(markdown: str) -> str:
    """A paragraph without the marks of Markdown that a first paragraph has."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"(\*\*|\*|`|\$)", "", text).split())


def _fold_solutions(notebook: Any) -> None:
    """Let a reader try an exercise before its solution is seen: solutions open at a click."""
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]


_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def _without_lost_links(text: str, path: Path, source: Path, root: Path) -> str:
    """A page's text, where a link to a file that the site does not have is its name alone."""

    def kept(link: re.Match[str]) -> str:
        target = (path.parent / link[2]).resolve()
        if not target.is_relative_to(root):
            return f"{link[1]} (`{link[2]}`)"
        place = target.relative_to(root)
        shown = place.suffix == ".md" and place.parts[0] in ("README.md", "CONTRIBUTING.md", "data")
        return link[0] if shown or (source / place).is_file() else f"{link[1]} (`{place}`)"

    return _LINK.sub(kept, text)


def _hidden_toctree(pages: Sequence[str]) -> str:
    """A list for the navigation alone: Sphinx warns of a page that is in none."""
    return "\n```{toctree}\n:hidden:\n\n" + "\n".join(pages) + "\n```\n"


def _append(path: Path, text: str) -> None:
    write_text(path, path.read_text(encoding="utf-8") + text)
