"""Which parts of a program cannot change a verdict: its reasons, messages, types and docstrings."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from hppt_lib.course.planted import left_alone


def outside_the_verdict(root: ast.AST) -> set[ast.AST]:
    """The nodes of ``root`` in which a bug would not change a verdict.

    These are decorators, annotations, docstrings, assertions, what is raised, the reason in
    ``Verdict(passed, reason)``, and assignments to names that only such places read.
    """
    found = set(_written_for_readers(root))
    for function in ast.walk(root):
        if isinstance(function, (ast.FunctionDef, ast.Lambda)):
            _add_names_for_readers(function, found)
    return found


def _written_for_readers(root: ast.AST) -> Iterator[ast.AST]:
    yield from left_alone(root)
    for node in ast.walk(root):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "Verdict":
                yield from node.args[1:]
                yield from node.keywords


def _add_names_for_readers(function: ast.AST, found: set[ast.AST]) -> None:
    """Add assignments to names of ``function`` that are read only in nodes of ``found``."""
    while True:
        inside = {below for node in found for below in ast.walk(node)}
        read: set[str] = set()
        for node in ast.walk(function):
            if isinstance(node, (ast.Nonlocal, ast.Global)):
                read.update(node.names)  # others may read them
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                if node not in inside:
                    read.add(node.id)
        before = len(found)
        for node in ast.walk(function):
            if isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                names = [each.id for each in targets if isinstance(each, ast.Name)]
                if len(names) == len(targets) and not read.intersection(names):
                    found.add(node)
            elif isinstance(node, (ast.For, ast.comprehension)):
                _add_unread_number(node, read, found)
        if len(found) == before:
            return


def _add_unread_number(
    loop: ast.For | ast.comprehension, read: set[str], found: set[ast.AST]
) -> None:
    """Where ``enumerate`` starts does not matter if only a reason shows the number."""
    target, call = loop.target, loop.iter
    if isinstance(target, ast.Tuple) and isinstance(call, ast.Call):
        first = target.elts[0]
        counted = isinstance(call.func, ast.Name) and call.func.id == "enumerate"
        if counted and isinstance(first, ast.Name) and first.id not in read:
            found.update(call.args[1:])
            found.update(call.keywords)
