"""Planted bugs: measures how good a set of examples is by the wrong programs that it catches.

A bug is planted in the syntax tree of a function, one at a time: ``<`` becomes ``<=``, ``all``
becomes ``any``, a ``.strip()`` is forgotten. The result is a program that runs and is wrong. A few
planted bugs change nothing that an example can show, so catching 100 % is not always possible.

>>> from hppt_lib.course import plant, survivors
>>> bugs = plant("def short(text): return len(text.split()) < 3")
>>> len(bugs), bugs[2].what, bugs[2].code
(6, '`<` became `<=`', 'return len(text.split()) <= 3')
>>> [bug.what for bug in survivors(bugs, [("one two", True), ("one two three", False)])]
[]
"""

from __future__ import annotations

import ast
import contextlib
import copy
import inspect
import signal
import textwrap
import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from hppt_lib.errors import HpptError

# The node around each node of a syntax tree.
Parents = dict[ast.AST, ast.AST]
# What a bug puts in place of a node: (kind of bug, what was changed, the new node).
Bug = tuple[str, str, ast.AST]

COIN = "_planted_coin"
"""Under this name a program with a bug finds `coin`."""


@dataclass(frozen=True)
class PlantedBug:
    """A function with one bug in it.

    Attributes:
        name: the kind of bug, such as ``off by one``.
        what: what was changed.
        line: where, counted from the first line of the source.
        code: the changed statement, its first line.
        function: the function with the bug; runs like the right one.
    """

    name: str
    what: str
    line: int
    code: str
    function: Callable[..., Any]


@dataclass(frozen=True)
class Change:
    """One bug at one place of a syntax tree; the tree has the bug only while `made` lasts.

    Attributes:
        name: the kind of bug.
        what: what was changed.
        line: in the source that was parsed.
        statement: the statement around the place.
        node: what stands there.
        new: what stands there once the bug is planted.
        put: puts a node there.
    """

    name: str
    what: str
    line: int
    statement: ast.stmt
    node: ast.AST
    new: ast.AST
    put: Callable[[ast.AST], None]

    @contextlib.contextmanager
    def made(self) -> Iterator[None]:
        """While the context lasts, the bug is in the tree."""
        self.put(self.new)
        try:
            yield
        finally:
            self.put(self.node)

    def code(self) -> str:
        """The first line of the statement with the bug in it."""
        with self.made():
            shown = ast.unparse(self.new if self.node is self.statement else self.statement)
        return next(line for line in shown.split("\n") if not line.startswith("@"))


class TimeIsUp(BaseException):
    """A planted bug ran for too long; no ``except Exception`` may swallow this."""


def plant(source: str | Callable[..., Any]) -> list[PlantedBug]:
    """Plant every bug that `bugs_at` knows, one at a time; no two give the same program.

    Args:
        source: a function written with ``def``, or the source of a small module; of several
            functions in it, the last one is called and the others help it.

    Raises:
        HpptError: there is no function in the source, or its source cannot be found.
    """
    text, namespace = _source_and_namespace(source)
    tree = ast.parse(text)
    functions = [each for each in tree.body if isinstance(each, ast.FunctionDef)]
    if not functions:
        raise HpptError("There is no function here to plant bugs in: write one with 'def'.")
    if callable(source):
        functions[-1].decorator_list = []
    seen = {_compiled(tree)}
    bugs = []
    for change in changes(tree, set(left_alone(tree)), bugs_at):
        try:
            with change.made():
                program = _compiled(tree)
            code = change.code()
        except (SyntaxError, ValueError):
            continue
        scope = dict(namespace) | {COIN: coin}
        try:
            exec(program, scope)
        except Exception:
            continue  # a program that does not load is no bug that anybody overlooks
        if program not in seen:
            seen.add(program)
            function = scope[functions[-1].name]
            bugs.append(PlantedBug(change.name, change.what, change.line, code, function))
    return bugs


def survivors(
    bugs: Sequence[PlantedBug], examples: Sequence[tuple[Any, bool]], seconds: float = 1.0
) -> list[PlantedBug]:
    """The bugs that no example catches.

    Args:
        bugs: of a function with one argument.
        examples: (argument, whether the function must pass it).
        seconds: of processor time for one example; a bug that needs more is caught.
    """
    return [
        bug
        for bug in bugs
        if not any(catches(bug.function, given, wanted, seconds) for given, wanted in examples)
    ]


def catches(function: Callable[..., Any], given: Any, wanted: bool, seconds: float = 1.0) -> bool:
    """Whether ``function`` returns something other than ``wanted``, raises, or takes too long."""
    try:
        with limited(seconds):
            answer = function(given)
    except (Exception, TimeIsUp):
        return True
    return bool(getattr(answer, "passed", answer)) is not wanted


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TimeIsUp` after that much processor time of this process.

    Systems without such a timer (Windows), and threads other than the main one, get no limit.
    """
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise TimeIsUp

    try:
        before = signal.signal(signal.SIGVTALRM, stop)
    except ValueError:  # not the main thread
        yield
        return
    # It rings again and again, in case the first ring came where an exception is lost.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def coin(value: object) -> bool:
    """A verdict drawn at random, the same whenever the value is the same."""
    return bool(zlib.crc32(repr(value).encode()) & 1)


def _source_and_namespace(source: str | Callable[..., Any]) -> tuple[str, dict[str, Any]]:
    if isinstance(source, str):
        return textwrap.dedent(source), {}
    try:
        text = textwrap.dedent(inspect.getsource(source))
    except (OSError, TypeError) as error:
        raise HpptError(
            f"The source of {getattr(source, '__name__', source)!r} cannot be found; hand over "
            "its source as text."
        ) from error
    around = inspect.getclosurevars(source).nonlocals
    return text, {**getattr(source, "__globals__", {}), **around}


def _compiled(tree: ast.Module) -> Any:
    return compile(tree, "<planted>", "exec", dont_inherit=True)


def left_alone(root: ast.AST) -> Iterator[ast.AST]:
    """The nodes of ``root`` in which a bug changes no answer.

    These are docstrings, annotations, decorators, imports, assertions and what is raised.
    """
    for node in ast.walk(root):
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if docstring or isinstance(node, (ast.Import, ast.ImportFrom, ast.Assert, ast.Raise)):
            yield node
        yield from getattr(node, "decorator_list", ())
        for field in ("returns", "annotation"):
            if (stated := getattr(node, field, None)) is not None:
                yield stated


def changes(
    tree: ast.Module,
    outside: Collection[ast.AST],
    kinds: Callable[[ast.AST, Parents], Iterator[Bug]],
) -> Iterator[Change]:
    """Every bug that can be planted in ``tree``, in the order of its nodes.

    Args:
        tree: a module.
        outside: nodes that get no bug, neither they nor what is in them.
        kinds: the wrong nodes for a node, such as `bugs_at`.
    """
    parents: Parents = {
        child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)
    }
    for node, put in _places(tree, outside):
        statement = node
        while not isinstance(statement, ast.stmt):
            statement = parents[statement]
        place = node if hasattr(node, "lineno") else statement
        for name, what, new in kinds(node, parents):
            ast.copy_location(new, place)
            ast.fix_missing_locations(new)
            line = getattr(place, "lineno", 0)
            yield Change(name, what, line, statement, node, new, put)


def _places(
    node: ast.AST, outside: Collection[ast.AST]
) -> Iterator[tuple[ast.AST, Callable[[ast.AST], None]]]:
    """The nodes below one, in order, each with what puts another in its place."""
    for field, value in ast.iter_fields(node):
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for at, child in children:
            if not isinstance(child, ast.AST) or child in outside:
                continue
            put = partial(setattr, node, field) if at is None else partial(value.__setitem__, at)
            yield child, put
            yield from _places(child, outside)


# --- the kinds of bugs ---------------------------------------------------------------------------

_NEXT_TO = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_OPPOSITE = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_OTHER_SIGN = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult}
_OTHER_FUNCTION = {"all": "any", "any": "all", "min": "max", "max": "min"}
_DROPPED = {
    *("lower", "upper", "casefold", "title", "capitalize", "strip", "lstrip", "rstrip"),
    *("splitlines", "split", "replace", "translate", "removeprefix", "removesuffix"),
}
COUNTING = ("len", "sum", "count", "occurrences")
"""Functions that count; `occurrences` is in `hppt_lib.verifiers.words`."""
# Types of a parameter that is a whole number; all but `int` are those of verifiers.
_NUMBERS = ("int", "Count", "PositiveCount", "Percentage")


def bugs_at(node: ast.AST, parents: Parents) -> Iterator[Bug]:
    """The wrong nodes that a person might write in place of ``node``.

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
        yield from _calls(node)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        if not (isinstance(parent, ast.keyword) and parent.arg == "strict"):
            other = not node.value
            yield "the opposite", f"{node.value} became {other}", ast.Constant(other)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        for near in (node.value + 1, node.value - 1):
            yield "changed number", f"number {node.value} became {near}", ast.Constant(near)
    elif isinstance(node, ast.FunctionDef):
        yield from _whole_function(node)
    call = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if call or isinstance(node, (ast.AugAssign, ast.Continue, ast.Break)):
        yield "deleted statement", f"`{text_of(node)}` was deleted", ast.Pass()
    if isinstance(parent, (ast.If, ast.IfExp)) and node is parent.test and not _only_raises(parent):
        yield "skipped branch", f"the branch `if {text_of(node)}` is skipped", ast.Constant(False)
        yield "taken branch", f"the branch `if {text_of(node)}` is always taken", ast.Constant(True)


def _comparisons(node: ast.Compare, parents: Parents) -> Iterator[Bug]:
    for number, sign in enumerate(node.ops):

        def with_sign(new: type[ast.cmpop], number: int = number) -> ast.Compare:
            ops = [*node.ops[:number], new(), *node.ops[number + 1 :]]
            return ast.Compare(node.left, ops, node.comparators)

        name = "off by one" if type(sign) in _NEXT_TO else "the opposite"
        new = _NEXT_TO.get(type(sign)) or _OPPOSITE[type(sign)]
        yield name, f"`{_text_of_sign(sign)}` became `{_text_of_sign(new())}`", with_sign(new)
        if isinstance(sign, ast.Eq) and _compares_numbers(node, parents):
            yield "at least", "exactly became at least (`==` became `>=`)", with_sign(ast.GtE)
            yield "at most", "exactly became at most (`==` became `<=`)", with_sign(ast.LtE)


def _compares_numbers(node: ast.Compare, parents: Parents) -> bool:
    """Whether a side of a comparison is a whole number, a count, or a parameter that is one."""
    function: ast.AST = node
    while not isinstance(function, (ast.FunctionDef, ast.Module)):
        function = parents[function]
    arguments = _parameters(function) if isinstance(function, ast.FunctionDef) else []
    numbers = {
        each.arg
        for each in arguments
        if each.annotation is not None and text_of(each.annotation) in _NUMBERS
    }
    return any(
        (isinstance(side, ast.Constant) and type(side.value) is int)
        or (isinstance(side, ast.Name) and side.id in numbers)
        or called_name(side) in (*COUNTING, "int")
        for side in (node.left, *node.comparators)
    )


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
    if type(node.op) in _OTHER_SIGN and not any(map(_is_text, sides)):
        new = _OTHER_SIGN[type(node.op)]
        changed = copy.copy(node)
        changed.op = new()
        end = "=" if isinstance(node, ast.AugAssign) else ""
        what = f"`{_text_of_sign(node.op)}{end}` became `{_text_of_sign(new())}{end}`"
        yield "wrong arithmetic", what, changed


def _calls(node: ast.Call) -> Iterator[Bug]:
    called = called_name(node)
    if isinstance(node.func, ast.Name) and called in _OTHER_FUNCTION:
        other = _OTHER_FUNCTION[called]
        changed = ast.Call(ast.Name(other, ast.Load()), node.args, node.keywords)
        yield "wrong quantifier", f"`{called}` became `{other}`", changed
    if isinstance(node.func, ast.Attribute):
        owner = node.func.value
        if called in _DROPPED and not is_module(owner):
            yield "dropped call", f"`.{called}()` was dropped", owner
        if called in ("startswith", "endswith") and len(node.args) == 1:
            if not isinstance(node.args[0], ast.Tuple):
                anywhere = ast.Compare(node.args[0], [ast.In()], [owner])
                yield "substring", f"`.{called}()` became `in`: anywhere", anywhere


def _whole_function(node: ast.FunctionDef) -> Iterator[Bug]:
    """The same answer whatever the input, and a verdict drawn at random at the end."""
    ends = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
    stated = text_of(node.returns) if node.returns else ""
    verdicts = [each for each in ends if called_name(each) == "Verdict"]
    if not (stated in ("bool", "Verdict") or verdicts or any(map(_is_condition, ends))):
        return

    def answer(value: ast.expr) -> ast.Return:
        if stated != "Verdict" and not verdicts:
            return ast.Return(value)
        call = verdicts[0] if verdicts else None
        verdict = call.func if isinstance(call, ast.Call) else ast.Name("Verdict", ast.Load())
        return ast.Return(ast.Call(verdict, [value, ast.Constant("planted")], []))

    for value, name in ((True, "always passes"), (False, "always fails")):
        new = copy.copy(node)
        new.body = [answer(ast.Constant(value))]
        yield name, f"`{node.name}` answers {value} whatever it is given", new
    parameters = _parameters(node)
    if parameters and isinstance(node.body[-1], ast.Return) and len(node.body) > 1:
        new = copy.copy(node)
        first = ast.Name(parameters[0].arg, ast.Load())
        drawn = ast.Call(ast.Name(COIN, ast.Load()), [first], [])
        new.body = [*node.body[:-1], answer(drawn)]
        yield "random default", f"`{node.name}` ends with a random answer", new


def _parameters(function: ast.FunctionDef) -> list[ast.arg]:
    stated = function.args
    return [*stated.posonlyargs, *stated.args, *stated.kwonlyargs]


def _only_raises(node: ast.If | ast.IfExp) -> bool:
    """Whether a branch does nothing but report an error."""
    return isinstance(node, ast.If) and all(isinstance(each, ast.Raise) for each in node.body)


def _is_text(node: ast.expr) -> bool:
    """Whether an expression is a string that is written out."""
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _is_condition(node: ast.expr | None) -> bool:
    """Whether an expression looks as if it were true or false."""
    truth = isinstance(node, ast.Constant) and isinstance(node.value, bool)
    negated = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    quantified = called_name(node) in ("all", "any", "bool")
    return truth or negated or quantified or isinstance(node, (ast.Compare, ast.BoolOp))


def _text_of_sign(sign: ast.cmpop | ast.operator) -> str:
    a, b = ast.Name("a"), ast.Name("b")
    if isinstance(sign, ast.cmpop):
        return ast.unparse(ast.Compare(a, [sign], [b]))[2:-2]
    return ast.unparse(ast.BinOp(a, sign, b))[2:-2]


def is_module(node: ast.expr) -> bool:
    """Whether an expression is a module whose functions are called like methods."""
    return isinstance(node, ast.Name) and node.id in ("re", "regex", "unicodedata", "json")


def called_name(node: ast.AST | None) -> str:
    """The last part of the called function's name; empty if the node is no call."""
    function = node.func if isinstance(node, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def text_of(node: ast.AST) -> str:
    """A piece of syntax in one short line."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:59] + "…"
