"""What the site adds to Sphinx: formulas as MathML, tables of Markdown, defaults without source.

MathML is part of HTML: browsers show it without a script, and screen readers read it.
"""

from __future__ import annotations

import html
import re
from typing import Any

_ROW = re.compile(r"\s*\|(.*)\|\s*$")
_RULE = re.compile(r"[\s|:-]+$")
_SOURCELESS = re.compile(r"= <\w[^<>]*>")


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx: registers the formulas' renderer and what is done to docstrings."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("autodoc-process-docstring", _tables)
    app.connect("autodoc-process-signature", _defaults)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def mathml(latex: str, display: str) -> str:
    """A formula as MathML, or its source as code where it cannot be read.

    Args:
        latex: the formula, without dollars.
        display: ``inline`` or ``block``.
    """
    from latex2mathml.converter import convert

    try:
        return str(convert(latex, display=display))
    except Exception:  # it raises many kinds; the formula's source reads well enough
        return f"<code>{html.escape(latex)}</code>"


def _inline(translator: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    translator.body.append(mathml(node.astext(), "inline"))
    raise SkipNode


def _block(translator: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    translator.body.append(f'<div class="formula">{mathml(node.astext(), "block")}</div>\n')
    raise SkipNode


def _tables(
    app: Any, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Turn the tables of Markdown in a docstring into tables that Sphinx reads, in place."""
    lines[:] = markdown_tables(lines)


def _defaults(
    app: Any,
    what: str,
    name: str,
    thing: object,
    options: object,
    signature: str | None,
    result: str,
) -> tuple[str, str] | None:
    """Show a default such as ``<factory>`` as three dots: with it, Sphinx reads no parameter."""
    return (_SOURCELESS.sub("= ...", signature), result) if signature else None


def markdown_tables(lines: list[str]) -> list[str]:
    """Lines of reStructuredText in which tables of Markdown are made ``list-table``."""
    result: list[str] = []
    rows: list[list[str]] = []
    for line in [*lines, ""]:
        match = _ROW.match(line)
        if match and _RULE.fullmatch(line):
            continue
        if match:
            rows.append([cell.strip() for cell in match[1].split("|")])
            continue
        if rows:
            result += ["", ".. list-table::", "   :header-rows: 1", ""]
            for row in rows:
                marks = ["   * - ", *["     - "] * (len(row) - 1)]
                result += [mark + cell for mark, cell in zip(marks, row, strict=True)]
            result.append("")
            rows = []
        result.append(line)
    return result[:-1]
