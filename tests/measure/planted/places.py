"""Where bugs can be planted in a module, and the modules that come of it."""

from __future__ import annotations
import __future__

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any

from hppt_lib.course.planted import COIN, coin
from tests.measure.planted.operators import bugs
from tests.measure.planted.reasons import outside_the_verdict

# A module: each of its statements, compiled.
Program = list[CodeType]

_LONG = 6  # of a longer list of constants, the first and the last are enough


@dataclass(frozen=True)
class Change:
    """One bug at one place of a syntax tree.

    Attributes:
        name: the kind of bug.
        what: what was changed.
        line: in the source that was parsed.
        parent, field, index: the place; ``index`` is None unless the field is a list.
        new: what stands there once the bug is planted.
        statement: the statement around it.
    """

    name: str
    what: str
    line: int
    parent: ast.AST
    field: str
    index: int | None
    new: ast.AST
    statement: ast.AST

    def put(self, node: ast.AST | None = None) -> ast.AST:
        """Put ``node`` (without one, the bug) into the tree; returns what stood there."""
        node = self.new if node is None else node
        held = getattr(self.parent, self.field)
        if self.index is None:
            setattr(self.parent, self.field, node)
            return held
        before: ast.AST = held[self.index]
        held[self.index] = node
        return before

    def code(self) -> str:
        """The first line of the statement, with the bug in it."""
        before = self.put()
        try:
            shown = self.new if before is self.statement else self.statement
            lines = ast.unparse(shown).split("\n")
            return next(each for each in lines if not each.startswith("@"))
        finally:
            self.put(before)


def changes(root: ast.Module) -> Iterator[Change]:
    """Every bug that can be planted in ``root``, in the order of its lines.

    Decorators, annotations, docstrings, error messages and the text of reasons are left alone: they
    do not change a verdict.
    """
    parents = {child: node for node in ast.walk(root) for child in ast.iter_child_nodes(node)}
    left_alone = outside_the_verdict(root)
    for node in _inside(root, left_alone):
        if node is root:
            continue
        field, index = _place(node, parents[node])
        statement: ast.AST = node
        while not isinstance(statement, ast.stmt):
            statement = parents[statement]
        for name, what, new in bugs(node, parents):
            place = node if hasattr(node, "lineno") else statement
            ast.copy_location(new, place)
            ast.fix_missing_locations(new)
            line = getattr(place, "lineno", 0)
            yield Change(name, what, line, parents[node], field, index, new, statement)


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
        for change in list(changes(alone)):
            before = change.put()
            try:
                (wrong,) = compiled(alone, future=tree)
            except (SyntaxError, ValueError):
                continue
            finally:
                change.put(before)
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


def _place(node: ast.AST, parent: ast.AST) -> tuple[str, int | None]:
    """The field of ``parent`` that holds ``node``, and where in it if the field is a list."""
    for field, value in ast.iter_fields(parent):
        if value is node:
            return field, None
        if isinstance(value, list):
            for index, each in enumerate(value):
                if each is node:
                    return field, index
    raise ValueError("the node is not a child of this parent")


def _inside(node: ast.AST, left_alone: set[ast.AST]) -> Iterator[ast.AST]:
    if node in left_alone:
        return
    yield node
    children = list(ast.iter_child_nodes(node))
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)) and len(node.elts) > _LONG:
        if all(isinstance(each, (ast.Constant, ast.Tuple)) for each in node.elts):
            children = [node.elts[0], node.elts[-1]]
    elif isinstance(node, ast.Dict) and len(node.keys) > _LONG:
        children = [each for each in (node.keys[0], node.values[0], node.values[-1]) if each]
    for child in children:
        yield from _inside(child, left_alone)
