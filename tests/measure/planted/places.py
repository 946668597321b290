"""The modules that come of planting bugs in a module, one bug at a time."""

from __future__ import annotations
import __future__

import ast
from collections.abc import Callable, Iterator
from types import CodeType
from typing import Any

from hppt_lib.course.planted import COIN, Change, changes, coin
from tests.measure.planted.operators import bugs
from tests.measure.planted.reasons import outside_the_verdict

# A module: each of its statements, compiled.
Program = list[CodeType]

_LONG = 6  # of a longer list of constants, the first and the last are enough


def programs(
    tree: ast.Module, only: Callable[[ast.stmt], bool] = lambda _: True
) -> Iterator[tuple[ast.stmt, Change, Program]]:
    """Each bug of a module with the module that has it; no two of them are the same program.

    Args:
        tree: the module.
        only: which of its statements get bugs.

    Yields:
        (the statement with the bug, the bug, the module with it).
    """
    right = compiled(tree)
    for number, statement in enumerate(tree.body):
        if not only(statement):
            continue
        seen = {right[number]}
        alone = ast.Module([statement], [])
        outside = outside_the_verdict(alone) | set(_middles(alone))
        for change in changes(alone, outside, bugs):
            try:
                with change.made():
                    (wrong,) = compiled(alone, future=tree)
            except (SyntaxError, ValueError):
                continue
            if wrong not in seen:
                seen.add(wrong)
                yield statement, change, [*right[:number], wrong, *right[number + 1 :]]


def compiled(tree: ast.Module, future: ast.Module | None = None) -> Program:
    """A module, each of its statements compiled by itself."""
    flags = 0
    for statement in (future or tree).body:
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            flags |= __future__.annotations.compiler_flag
    return [
        compile(ast.Module([each], []), "<planted>", "exec", flags, dont_inherit=True)
        for each in tree.body
    ]


def run(program: Program, namespace: dict[str, Any]) -> None:
    """Execute a program's statements in a namespace."""
    namespace[COIN] = coin
    for statement in program:
        exec(statement, namespace)


def _middles(root: ast.AST) -> Iterator[ast.AST]:
    """What stands between the first and the last constant of each long list."""
    for node in ast.walk(root):
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)) and len(node.elts) > _LONG:
            if all(isinstance(each, (ast.Constant, ast.Tuple)) for each in node.elts):
                yield from node.elts[1:-1]
        elif isinstance(node, ast.Dict) and len(node.keys) > _LONG:
            yield from (key for key in node.keys[1:] if key)
            yield from node.values[1:-1]
