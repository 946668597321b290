"""The bugs that are planted: for each place in a syntax tree, what could stand there instead."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from hppt_lib.course.planted import COIN, called_name, text_of
from tests.measure.planted.patterns import changed_patterns
from tests.measure.planted.syntax import (
    is_condition,
    is_deletable,
    is_flag,
    is_module,
    is_next_to_number,
    is_pattern,
    is_text,
    method_call,
    only_raises,
    shortened,
)

# What a bug puts in place of a node: (kind of bug, what was changed, the new node).
Bug = tuple[str, str, ast.AST]

_NEXT_TO = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_OPPOSITE = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_SIGNS: dict[type[ast.AST], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.FloorDiv: "//",
    ast.Div: "/",
}
_OTHER_SIGN = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult}
_OTHER_FUNCTION = {"all": "any", "any": "all", "min": "max", "max": "min"}
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
_DROPPED_TEXT = """
lower upper casefold title capitalize strip lstrip rstrip splitlines split replace translate
removeprefix removesuffix
"""
_DROPPED = frozenset(_DROPPED_TEXT.split())
_COUNTING = ("len", "sum", "count", "occurrences")
_SEARCHES = ("startswith", "endswith", "find", "index", "count", "replace", "split", "partition")
# Calls whose strings either do nothing or break at once.
_NAMES_A_THING = ("encode", "decode", "normalize", "cast", "getattr", "TypeVar")


def bugs(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[Bug]:
    """What could stand in place of ``node``, by mistake.

    Args:
        node: a piece of a syntax tree.
        parents: the node around each node of the tree.
    """
    parent = parents[node]
    if isinstance(node, ast.Compare):
        yield from _comparisons(node, parents)
    elif isinstance(node, ast.BoolOp):
        yield from _conditions(node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield "dropped not", "`not` was dropped", node.operand
    elif isinstance(node, (ast.BinOp, ast.AugAssign)):
        yield from _arithmetic(node)
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
    elif isinstance(node, ast.FunctionDef):
        yield from _whole_function(node)
    if isinstance(node, (ast.Continue, ast.Break)) or is_deletable(node):
        yield "deleted statement", f"`{text_of(node)}` was deleted", ast.Pass()
    if isinstance(parent, (ast.If, ast.IfExp)) and node is parent.test and not only_raises(parent):
        yield "skipped branch", f"the branch `if {text_of(node)}` is skipped", ast.Constant(False)
        yield "taken branch", f"the branch `if {text_of(node)}` is always taken", ast.Constant(True)


def _comparisons(node: ast.Compare, parents: dict[ast.AST, ast.AST]) -> Iterator[Bug]:
    for number, sign in enumerate(node.ops):

        def with_sign(new: type[ast.cmpop], number: int = number) -> ast.Compare:
            ops = [*node.ops[:number], new(), *node.ops[number + 1 :]]
            return ast.Compare(node.left, ops, node.comparators)

        if type(sign) in _NEXT_TO:
            new = _NEXT_TO[type(sign)]
            yield "off by one", f"`{_sign(sign)}` became `{_SIGNS[new]}`", with_sign(new)
        else:
            new = _OPPOSITE[type(sign)]
            yield "the opposite", f"`{_sign(sign)}` became `{_SIGNS[new]}`", with_sign(new)
        if isinstance(sign, ast.Eq) and _counts(node, parents):
            yield "at least", "exactly became at least (`==` became `>=`)", with_sign(ast.GtE)
            yield "at most", "exactly became at most (`==` became `<=`)", with_sign(ast.LtE)


def _counts(node: ast.Compare, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a comparison is about a number: by a constant, a count or a parameter."""
    function: ast.AST = node
    while not isinstance(function, (ast.FunctionDef, ast.Module)):
        function = parents[function]
    parameters = set()
    if isinstance(function, ast.FunctionDef):
        stated = [*function.args.args, *function.args.kwonlyargs]
        parameters = {
            each.arg
            for each in stated
            if each.annotation is not None
            and text_of(each.annotation).endswith(("int", "Count", "Percentage"))
        }
    for side in (node.left, *node.comparators):
        if isinstance(side, ast.Constant) and type(side.value) is int:
            return True
        if isinstance(side, ast.Name) and side.id in parameters:
            return True
        if isinstance(side, ast.Call) and called_name(side) in (*_COUNTING, "int"):
            return True
    return False


def _conditions(node: ast.BoolOp) -> Iterator[Bug]:
    if isinstance(node.op, ast.And):
        yield "wrong connective", "`and` became `or`", ast.BoolOp(ast.Or(), node.values)
    else:
        yield "wrong connective", "`or` became `and`", ast.BoolOp(ast.And(), node.values)
    for number, value in enumerate(node.values):
        rest = node.values[:number] + node.values[number + 1 :]
        fewer = rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        yield "lost condition", f"`{text_of(value)}` was left out", fewer


def _arithmetic(node: ast.BinOp | ast.AugAssign) -> Iterator[Bug]:
    sides = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.value,)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        for flag, other in ((node.left, node.right), (node.right, node.left)):
            if is_flag(flag):
                yield "ignored flag", f"`{text_of(flag)}` was dropped", other
    if type(node.op) not in _OTHER_SIGN or any(map(is_text, sides)):
        return
    new = _OTHER_SIGN[type(node.op)]
    changed = copy.copy(node)
    changed.op = new()
    end = "=" if isinstance(node, ast.AugAssign) else ""
    what = f"`{_SIGNS[type(node.op)]}{end}` became `{_SIGNS[new]}{end}`"
    yield "wrong arithmetic", what, changed


def _calls(node: ast.Call, parent: ast.AST) -> Iterator[Bug]:
    called = called_name(node)
    if called in _OTHER_FUNCTION and not isinstance(node.func, ast.Attribute):
        other = _OTHER_FUNCTION[called]
        changed = _with_function(node, ast.Name(other, ast.Load()))
        yield "wrong quantifier", f"`{called}` became `{other}`", changed
    if isinstance(node.func, ast.Attribute):
        owner = node.func.value
        if called in _OTHER_METHOD:
            other = _OTHER_METHOD[called]
            changed = _with_function(node, ast.Attribute(owner, other, ast.Load()))
            yield "wrong method", f"`.{called}()` became `.{other}()`", changed
        if called in _DROPPED and not is_module(owner):
            yield "dropped call", f"`.{called}()` was dropped", owner
        if called in ("startswith", "endswith") and len(node.args) == 1:
            if not isinstance(node.args[0], ast.Tuple):
                anywhere = ast.Compare(node.args[0], [ast.In()], [owner])
                yield "substring", f"`.{called}()` became `in`: anywhere", anywhere
    if called == "occurrences" and len(node.args) == 2:
        keyword, text = (method_call(each, "lower") for each in node.args)
        counted = method_call(text, "count", keyword)
        yield "substring", "words became substrings", counted
    # Beside a constant, this is what "changed number" plants.
    if called in _COUNTING and not is_next_to_number(node, parent):
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


def _constants(node: ast.Constant, parents: dict[ast.AST, ast.AST]) -> Iterator[Bug]:
    value, parent = node.value, parents[node]
    if isinstance(value, bool):
        if not (isinstance(parent, ast.keyword) and parent.arg == "strict"):
            yield "the opposite", f"{value} became {not value}", ast.Constant(not value)
    elif isinstance(value, int):
        for other in (value + 1, value - 1):
            yield "changed number", f"number {value} became {other}", ast.Constant(other)
    elif isinstance(value, float):
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


def _formatted(node: ast.JoinedStr, parents: dict[ast.AST, ast.AST]) -> Iterator[Bug]:
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


def _whole_function(node: ast.FunctionDef) -> Iterator[Bug]:
    """The same answer whatever the input, and a verdict drawn at random at the end."""
    returns = [each for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
    verdict = next((each.value for each in returns if called_name(each.value) == "Verdict"), None)
    stated = text_of(node.returns) if node.returns is not None else ""
    if verdict is None and stated != "Verdict":
        if stated != "bool" and not any(map(is_condition, (each.value for each in returns))):
            return

    def answer(value: ast.expr) -> ast.Return:
        if verdict is None and stated != "Verdict":
            return ast.Return(value)
        function = (
            verdict.func if isinstance(verdict, ast.Call) else ast.Name("Verdict", ast.Load())
        )
        return ast.Return(ast.Call(function, [value, ast.Constant("planted")], []))

    for value, name in ((True, "always passes"), (False, "always fails")):
        new = copy.copy(node)
        new.body = [answer(ast.Constant(value))]
        yield name, f"`{node.name}` answers {value} whatever it is given", new
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    if arguments and isinstance(node.body[-1], ast.Return) and len(node.body) > 1:
        new = copy.copy(node)
        drawn = ast.Call(ast.Name(COIN, ast.Load()), [ast.Name(arguments[0].arg, ast.Load())], [])
        new.body = [*node.body[:-1], answer(drawn)]
        yield "random default", f"`{node.name}` ends with a random answer", new


def _with_function(node: ast.Call, function: ast.expr) -> ast.Call:
    return ast.Call(function, node.args, node.keywords)


def _sign(sign: ast.cmpop) -> str:
    return _SIGNS[type(sign)]
