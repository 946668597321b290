"""Planted bugs: how good is a test suite? Count the wrong programs that it catches.

A bug is planted in the syntax tree of a function, one at a time: ``<`` becomes ``<=``, ``all``
becomes ``any``, a ``.lower()`` is forgotten. What comes out is a program that runs and is wrong, or
nearly always wrong: a few bugs change nothing that can be seen, so a share of 100 % is not to be
had.

>>> from hppt_lib.course.planted import plant, survivors
>>> bugs = plant("def short(text): return len(text.split()) < 3")
>>> len(bugs), bugs[2].what, bugs[2].code
(6, '`<` became `<=`', 'return len(text.split()) <= 3')
>>> [bug.what for bug in survivors(bugs, [("one two", True), ("one two three", False)])]
[]

`hppt_lib.course.planted.modules` does the same for the verifiers of this library, whole modules at
a time.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import inspect
import signal
import textwrap
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import CodeType
from typing import Any

from hppt_lib.course.planted.operators import COIN
from hppt_lib.course.planted.places import Change, changes
from hppt_lib.errors import HpptError

# A module: each of its statements, compiled.
Program = list[CodeType]


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


class TimeIsUp(BaseException):
    """A planted bug ran for too long; no ``except Exception`` may swallow this."""


def plant(source: str | Callable[..., Any]) -> list[PlantedBug]:
    """Every bug that `hppt_lib.course.planted.operators` knows to plant.

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
    bugs = []
    for _, change, program in programs(tree):
        scope = dict(namespace)
        try:
            run(program, scope)
        except Exception:
            continue  # a program that does not load is no bug that anybody overlooks
        function = scope[functions[-1].name]
        bugs.append(PlantedBug(change.name, change.what, change.line, change.code(), function))
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
    """Whether ``function`` answers otherwise than ``wanted``, breaks, or does not come back."""
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
