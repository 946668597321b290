"""What the site adds to Sphinx: formulas as MathML, tables of Markdown, defaults, texts of figures.

MathML is part of HTML: browsers show it without a script, and screen readers read it.
"""

from __future__ import annotations

import ast
import html
import inspect
import re
import sys
from operator import attrgetter
from textwrap import dedent
from typing import Any

from hppt_lib.course import alternatives

_ROW = re.compile(r"\s*\|(.*)\|\s*$")
_RULE = re.compile(r"[\s|:-]+$")
_SOURCELESS = re.compile(r"= <\w[^<>]*>")


def setup(app: Any) -> dict[str, bool]:
    """Called by Sphinx: registers the formulas' renderer, and what is done to pages as it reads."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    app.connect("autodoc-process-docstring", _tables)
    app.connect("autodoc-before-process-signature", _defaults_of_fields)
    app.connect("autodoc-process-signature", _defaults)
    app.connect("autodoc-skip-member", _functions_of_fields)
    app.connect("doctree-read", _alternatives)
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

    # Where it is wider than a phone it scrolls, and must then be reached by the keyboard too.
    opened = '<div class="formula" tabindex="0" role="group" aria-label="Formula">'
    translator.body.append(f"{opened}{mathml(node.astext(), 'block')}</div>\n")
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


def _defaults_of_fields(app: Any, thing: Any, bound: bool) -> None:
    """Show a dataclass's defaults as its source has them, such as a constant by its name.

    Sphinx does so for functions (``autodoc_preserve_defaults``), but a dataclass's ``__init__`` is
    generated: it has no source, and its defaults would be written out in full.
    """
    owner, _, name = getattr(thing, "__qualname__", "").rpartition(".")
    if name != "__init__" or "<locals>" in owner:
        return
    class_: Any = attrgetter(owner)(sys.modules[thing.__module__])
    parameters = getattr(class_, "__dataclass_params__", None)
    if parameters is None or not parameters.init:
        return
    source: Any = ast.parse(dedent(inspect.getsource(class_))).body[0]
    written = {
        line.target.id: ast.unparse(default)
        for line in source.body
        if isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and (default := _default(line.value))
    }
    signature = inspect.signature(thing)
    shown = [
        each.replace(default=_AsWritten(written[each.name])) if each.name in written else each
        for each in signature.parameters.values()
    ]
    thing.__signature__ = signature.replace(parameters=shown)


class _AsWritten:
    """A default that is shown by these words."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __repr__(self) -> str:
        return self._words


def _default(value: ast.expr | None) -> ast.expr | None:
    """What a field of a dataclass is set to; None if it has no default, or a factory."""
    if isinstance(value, ast.Call) and ast.unparse(value.func).endswith("field"):
        return next((each.value for each in value.keywords if each.arg == "default"), None)
    return value


def _functions_of_fields(
    app: Any, what: str, name: str, thing: object, skip: bool, options: object
) -> bool | None:
    """Leave out what is no method: a function from outside any class, the default of a field."""
    outside = inspect.isfunction(thing) and "." not in thing.__qualname__
    return True if what == "class" and outside else None


def _alternatives(app: Any, doctree: Any) -> None:
    """Give each figure of a notebook its own text: myst-nb knows one for all of a cell."""
    from docutils import nodes

    for cell in doctree.findall(nodes.container):
        texts = cell.get("cell_metadata", {}).get(alternatives.KEY, [])
        drawn = (each for each in cell.findall(nodes.container) if _is_picture(each))
        for each, text in zip(drawn, texts, strict=False):
            each[0]["alt"] = text


def _is_picture(container: Any) -> bool:
    return bool(container.get("mime_type") == "image/png")


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
