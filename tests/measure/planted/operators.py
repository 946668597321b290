"""The bugs that are planted beside those of the course: for each place, what could stand there."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from hppt_lib.course.planted import COUNTING, Bug, Parents, bugs_at, called_name, text_of
from tests.measure.planted.patterns import changed_patterns
from tests.measure.planted.syntax import (
    is_flag,
    is_next_to_number,
    is_pattern,
    method_call,
    shortened,
)

_OTHER_METHOD = {
    "find": "rfind",
    "rfind": "find",
    "index": "rindex",
    "rindex": "index",
    "partition": "rpartition",
    "rpartition": "partition",
    "isalnum": "isalpha",
    "fullmatch": "match",
    "match": "search",
}
_SEARCHES = ("startswith", "endswith", "find", "index", "count", "replace", "split", "partition")
# Calls whose strings either do nothing or break at once.
_NAMES_A_THING = ("encode", "decode", "normalize", "cast", "getattr", "TypeVar")


def bugs(node: ast.AST, parents: Parents) -> Iterator[Bug]:
    """What could stand in place of ``node``, by mistake: more than a course needs.

    Args:
        node: a piece of a syntax tree.
        parents: the node around each node of the tree.
    """
    yield from bugs_at(node, parents)
    parent = parents[node]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        for flag, other in ((node.left, node.right), (node.right, node.left)):
            if is_flag(flag):
                yield "ignored flag", f"`{text_of(flag)}` was dropped", other
    elif isinstance(node, ast.Call):
        yield from _calls(node, parent)
    elif isinstance(node, ast.JoinedStr):
        yield from _formatted(node, parents)
    elif isinstance(node, ast.Constant):
        if not isinstance(parent, ast.JoinedStr):
            yield from _constants(node, parents)
    elif isinstance(node, ast.comprehension):
        for number, condition in enumerate(node.ifs):
            fewer = copy.copy(node)
            fewer.ifs = node.ifs[:number] + node.ifs[number + 1 :]
            yield "lost condition", f"`if {text_of(condition)}` was left out", fewer


def _calls(node: ast.Call, parent: ast.AST) -> Iterator[Bug]:
    called = called_name(node)
    if isinstance(node.func, ast.Attribute) and called in _OTHER_METHOD:
        other = _OTHER_METHOD[called]
        method = ast.Attribute(node.func.value, other, ast.Load())
        changed = ast.Call(method, node.args, node.keywords)
        yield "wrong method", f"`.{called}()` became `.{other}()`", changed
    if called == "occurrences" and len(node.args) == 2:
        keyword, text = (method_call(each, "lower") for each in node.args)
        counted = method_call(text, "count", keyword)
        yield "substring", "words became substrings", counted
    # Beside a constant, this is what "changed number" plants.
    if called in COUNTING and not is_next_to_number(node, parent):
        for sign, way in ((ast.Add(), "+ 1"), (ast.Sub(), "- 1")):
            near = ast.BinOp(node, sign, ast.Constant(1))
            yield "count off by one", f"`{text_of(node)}` became `… {way}`", near
    for number, argument in enumerate(node.args):
        if number and is_flag(argument):
            fewer = copy.copy(node)
            fewer.args = node.args[:number] + node.args[number + 1 :]
            yield "ignored flag", f"`{text_of(argument)}` was dropped", fewer
    for number, named in enumerate(node.keywords):
        if named.arg == "flags" and is_flag(named.value):
            fewer = copy.copy(node)
            fewer.keywords = node.keywords[:number] + node.keywords[number + 1 :]
            yield "ignored flag", f"`{text_of(named.value)}` was dropped", fewer


def _constants(node: ast.Constant, parents: Parents) -> Iterator[Bug]:
    value, parent = node.value, parents[node]
    if isinstance(value, float):
        for near in (value * 1.1, value * 0.9):
            yield "changed number", f"number {value} became {near:.3g}", ast.Constant(near)
    elif isinstance(value, str) and value:
        if isinstance(parent, ast.Call) and called_name(parent) in _NAMES_A_THING:
            return
        if is_pattern(node, parents):
            whole = not isinstance(parent, ast.BinOp)
            for what, pattern in changed_patterns(value, whole=whole):
                yield "changed pattern", what, ast.Constant(pattern)
            return
        yield "changed string", f"{shortened(value)} became empty", ast.Constant("")
        if 2 <= len(value) <= 40 and not any(map(str.isalnum, value)):  # a set of marks
            for kept, lost in ((value[1:], value[0]), (value[:-1], value[-1])):
                what = f"{shortened(lost)} was left out of {shortened(value)}"
                yield "changed string", what, ast.Constant(kept)


def _formatted(node: ast.JoinedStr, parents: Parents) -> Iterator[Bug]:
    """Bugs in the fixed parts of an f-string that is searched for; any other is a text to read."""
    parent = parents[node]
    pattern = is_pattern(node, parents)
    searched = isinstance(parent, ast.Call) and called_name(parent) in _SEARCHES
    if not (pattern or searched or isinstance(parent, ast.Compare)):
        return
    for number, part in enumerate(node.values):
        if not (isinstance(part, ast.Constant) and isinstance(part.value, str)):
            continue
        found = (
            changed_patterns(part.value, whole=False)
            if pattern
            else [(f"{shortened(part.value)} became empty", "")]
        )
        for what, text in found:
            values = [*node.values[:number], ast.Constant(text), *node.values[number + 1 :]]
            kind = "changed pattern" if pattern else "changed string"
            yield kind, what, ast.JoinedStr(values)
