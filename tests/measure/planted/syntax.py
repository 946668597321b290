"""Small questions about a piece of syntax."""

from __future__ import annotations

import ast

from hppt_lib.course.planted import Parents, is_module

_PATTERN_CALLS = ("compile", "match", "fullmatch", "search", "findall", "finditer", "sub", "split")


def is_pattern(node: ast.expr, parents: Parents) -> bool:
    """Whether a string is a regular expression: by where it stands, or by its looks."""
    text = node.value if isinstance(node, ast.Constant) else ""
    if isinstance(text, str) and any(mark in text for mark in (r"\s", r"\w", r"\b", "(?")):
        return True
    here: ast.AST = node
    while isinstance(parents[here], ast.BinOp):
        here = parents[here]
    call = parents[here]
    if not isinstance(call, ast.Call) or not call.args or here is not call.args[0]:
        return False
    called = call.func
    return (
        isinstance(called, ast.Attribute)
        and called.attr in _PATTERN_CALLS
        and is_module(called.value)
    )


def is_flag(node: ast.expr) -> bool:
    """Whether an expression is a flag such as ``re.IGNORECASE``."""
    return isinstance(node, ast.Attribute) and is_module(node.value) and node.attr.isupper()


def method_call(owner: ast.expr, name: str, *arguments: ast.expr) -> ast.Call:
    """``owner.name(arguments)``."""
    return ast.Call(ast.Attribute(owner, name, ast.Load()), list(arguments), [])


def shortened(text: str) -> str:
    """A string in quotation marks, cut if it is long."""
    shown = ascii(text) if not text.isprintable() else repr(text)
    return shown if len(shown) <= 40 else shown[:39] + "…"


def is_next_to_number(node: ast.Call, parent: ast.AST) -> bool:
    """Whether a call is compared with a constant."""
    if not isinstance(parent, ast.Compare) or len(parent.ops) > 1:
        return False
    (other,) = {parent.left, *parent.comparators} - {node}
    return isinstance(other, ast.Constant)
