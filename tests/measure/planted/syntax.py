"""Small questions about a piece of syntax."""

from __future__ import annotations

import ast

from hppt_lib.course.planted import called_name

_PATTERN_CALLS = ("compile", "match", "fullmatch", "search", "findall", "finditer", "sub", "split")


def is_condition(node: ast.expr | None) -> bool:
    """Whether an expression looks as if it were true or false."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bool)
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    quantified = isinstance(node, ast.Call) and called_name(node) in ("all", "any", "bool")
    return negated or quantified or isinstance(node, (ast.Compare, ast.BoolOp))


def is_deletable(node: ast.AST) -> bool:
    """Whether a statement can be left out without a name being missing."""
    return isinstance(node, ast.AugAssign) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    )


def only_raises(node: ast.If | ast.IfExp) -> bool:
    """Whether a branch does nothing but report an error."""
    return isinstance(node, ast.If) and all(isinstance(each, ast.Raise) for each in node.body)


def is_pattern(node: ast.expr, parents: dict[ast.AST, ast.AST]) -> bool:
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


def is_module(node: ast.expr) -> bool:
    """Whether an expression is a module whose functions are called like methods."""
    return isinstance(node, ast.Name) and node.id in ("re", "regex", "unicodedata", "json")


def is_flag(node: ast.expr) -> bool:
    """Whether an expression is a flag such as ``re.IGNORECASE``."""
    return isinstance(node, ast.Attribute) and is_module(node.value) and node.attr.isupper()


def is_text(node: ast.expr) -> bool:
    """Whether an expression is a string that is written out."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


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
