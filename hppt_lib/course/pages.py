"""Writes executed notebooks and their index as HTML pages that need no network and no server."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.files import write_text

# Everything in a page is in its file: no scripts from elsewhere, formulas as MathML.
_TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{% block html_head_js %}{% endblock %}
{% block html_head_js_mathjax %}{% endblock %}
{% block html_head_js_mermaidjs %}{% endblock %}
{% block jupyter_widgets %}{% endblock %}
{% block html_head_css %}<style>
main { max-width: 62rem; margin: 0 auto; padding: 0 1rem 4rem; }
nav.course { padding: 1rem 0; font: 0.9rem system-ui, sans-serif; }
nav.course a { color: #0b61a4; margin-right: 1.5rem; }
img { max-width: 100%; height: auto; }
.jp-OutputArea-output { overflow-x: auto; }
math[display=block] { margin: 0.8em 0; }
</style>{% endblock %}
{%- block body_header -%}{{ super() }}{{ resources.course_links }}{%- endblock -%}
"""

_INDEX = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>HPPT-Lab: the course at tier {tier}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; color: #1f2933; background: #f5f7fa; margin: 0; }}
main {{ max-width: 62rem; margin: 0 auto; padding: 2rem 1rem 4rem; }}
h1 {{ margin-bottom: 0; }}
p.lead {{ margin-top: 0.3rem; color: #52606d; }}
a.card {{ display: grid; grid-template-columns: 1fr 14rem; gap: 1.5rem; padding: 1.2rem 1.5rem;
  margin: 1rem 0; background: #fff; border: 1px solid #d9e2ec; border-radius: 8px;
  color: inherit; text-decoration: none; }}
a.card:hover {{ border-color: #0072b2; }}
a.card h2 {{ margin: 0; font-size: 1.15rem; color: #0b61a4; }}
a.card p {{ margin: 0.3rem 0; }}
a.card img {{ width: 100%; max-height: 9rem; object-fit: contain; }}
.status {{ font-size: 0.9rem; color: #52606d; }}
.failed {{ color: #b4390b; font-weight: 600; }}
@media (max-width: 40rem) {{ a.card {{ grid-template-columns: 1fr; }} }}
</style>
</head>
<body><main>
<h1>HPPT-Lab</h1>
<p class="lead">A reward that is right beats a reward that is rich. These pages: tier
<b>{tier}</b>, {purpose}.</p>
{cards}
</main></body>
</html>
"""


@dataclass(frozen=True)
class Card:
    """One notebook's entry in the index.

    Attributes:
        page: the HTML page's file name.
        title: the notebook's heading.
        summary: its first paragraph, as plain text.
        status: what came out, in a few words.
        failed: whether a cell failed.
        picture: the notebook's first figure, as base64 PNG; None if it has none.
    """

    page: str
    title: str
    summary: str
    status: str
    failed: bool
    picture: str | None


def card(notebook: Any, page: str, status: str, failed: bool) -> Card:
    """The index's entry for an executed notebook."""
    text = next((cell.source for cell in notebook.cells if cell.cell_type == "markdown"), "")
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    lines = text.strip().splitlines()
    title = lines[0].lstrip("# ").strip() if lines else Path(page).stem
    lists = ("#", "|", "<", "- ", "* ", "![", "```")
    prose = [block for block in blocks if not block.startswith(lists)]
    summary = _plain(prose[0])[:300] if prose else ""
    return Card(page, title, summary, status, failed, _first_picture(notebook))


def write_page(notebook: Any, path: Path, pages: Sequence[str] = ()) -> None:
    """Write an executed notebook as one HTML file that needs nothing beside it.

    Args:
        notebook: the executed notebook.
        path: the HTML file; figures are inside it.
        pages: the course's pages in order, for links to the one before and the one after.

    Raises:
        HpptError: the file could not be written.
    """
    from jinja2 import DictLoader

    resources = {
        "metadata": {"name": path.stem, "path": str(path.parent)},
        "course_links": _links(path.name, pages),
    }
    exporter = _exporter_class()(
        extra_loaders=[DictLoader({"offline.html.j2": _TEMPLATE})], template_file="offline.html.j2"
    )
    exporter.embed_images = True
    body, _ = exporter.from_notebook_node(notebook, resources=resources)
    write_text(path, body)


def write_index(cards: Iterable[Card], path: Path, *, tier: str, purpose: str) -> None:
    """Write the page that leads to the others.

    Raises:
        HpptError: the file could not be written.
    """
    text = "\n".join(map(_card_html, cards))
    write_text(
        path, _INDEX.format(tier=html.escape(tier), purpose=html.escape(purpose), cards=text)
    )


def _card_html(card: Card) -> str:
    picture = card.picture and f'<img alt="" src="data:image/png;base64,{card.picture}">'
    kind = "status failed" if card.failed else "status"
    return (
        f'<a class="card" href="{html.escape(card.page)}"><div><h2>{html.escape(card.title)}</h2>'
        f'<p>{html.escape(card.summary)}</p><p class="{kind}">{html.escape(card.status)}</p></div>'
        f"<div>{picture or ''}</div></a>"
    )


def _links(page: str, pages: Sequence[str]) -> str:
    links = ['<a href="index.html">All notebooks</a>']
    if page in pages:
        at = list(pages).index(page)
        links += [f'<a href="{each}">← {each[:-5]}</a>' for each in pages[max(at - 1, 0) : at]]
        links += [f'<a href="{each}">{each[:-5]} →</a>' for each in pages[at + 1 : at + 2]]
    return f'<nav class="course">{"".join(links)}</nav>'


def _first_picture(notebook: Any) -> str | None:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            picture = output.get("data", {}).get("image/png")
            if picture:
                return str(picture).replace("\n", "")
    return None


def _plain(markdown: str) -> str:
    from bs4 import BeautifulSoup
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    return " ".join(BeautifulSoup(markdown2html_mistune(markdown), "html.parser").text.split())


def _exporter_class() -> Any:
    from jinja2 import pass_context
    from nbconvert.exporters import HTMLExporter
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        """Markdown to HTML with formulas as MathML, which browsers show without a script."""

        def inline_math(self, body: str) -> str:
            return _mathml(body, "inline")

        def block_math(self, body: str) -> str:
            return _mathml(body, "block")

        def latex_environment(self, name: str, body: str) -> str:
            return _mathml(f"\\begin{{{name}}}{body}\\end{{{name}}}", "block")

    class Exporter(HTMLExporter):
        @pass_context
        def markdown2html(self, context: Any, source: str) -> str:
            attachments = context.get("cell", {}).get("attachments", {})
            path = context.get("resources", {}).get("metadata", {}).get("path", "")
            renderer = Renderer(escape=False, attachments=attachments, embed_images=True, path=path)
            return str(MarkdownWithMath(renderer=renderer).render(source))

    return Exporter


def _mathml(latex: str, display: str) -> str:
    from latex2mathml.converter import convert

    try:
        return str(convert(latex, display=display))
    except Exception:  # it raises many kinds; the formula's source reads well enough
        return f"<code>{html.escape(latex)}</code>"
