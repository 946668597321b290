"""What an exercise needs of a student's notebook, and what there is to see in it.

A course notebook loads a model and trains; to grade a function of ten lines needs none of that. So
of the whole notebook only these cells run: the exercise's own cell, and for each name in it that it
does not define, the last statement of the notebook that does. Test cells are never run: the grader
has its own.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

_CHECK = re.compile(r'^check\("([\w.]+)"', re.MULTILINE)
_FUNCTION = re.compile(r"^def (\w+)\(", re.MULTILINE)
LARGEST_CELL = 100_000  # characters


@dataclass(frozen=True)
class Asked:
    """An exercise as a course notebook asks it.

    Attributes:
        name: ``notebook.exercise``.
        function: the name of the function to write.
        solution_id: nbgrader's id of the cell for it.
        grade_id: nbgrader's id of the cell with the check.
        points: nbgrader's.
        solution: the source of the committed solution.
    """

    name: str
    function: str
    solution_id: str
    grade_id: str
    points: float
    solution: str


def asked_in(notebook: Any) -> list[Asked]:
    """The exercises of a course notebook as it is committed, in their order."""
    found: list[Asked] = []
    cell_before: Any = None
    for cell in notebook.cells:
        graded = cell.metadata.get("nbgrader", {})
        if graded.get("solution"):
            cell_before = cell
        elif graded.get("grade") and (named := _CHECK.search(cell.source)) and cell_before:
            function = _FUNCTION.search(cell_before.source)
            found.append(
                Asked(
                    name=named[1],
                    function=function[1] if function else named[1].partition(".")[2],
                    solution_id=cell_before.metadata.nbgrader.grade_id,
                    grade_id=graded["grade_id"],
                    points=float(graded["points"]),
                    solution=cell_before.source,
                )
            )
    return found


@dataclass(frozen=True)
class Written:
    """A student's answer to one exercise, as source.

    Attributes:
        cells: what has to run, in this order.
        problem: why there is nothing to run; empty if there is.
        notes: what was seen in the cell, for the teacher.
        modules: heavy packages that the cells import: numpy, scipy, torch.
    """

    cells: tuple[str, ...] = ()
    problem: str = ""
    notes: tuple[str, ...] = ()
    modules: frozenset[str] = frozenset()


def sources_by_id(notebook: Any) -> tuple[dict[str, str], list[str], list[str]]:
    """The solution cells of a notebook by nbgrader's id, all other code cells, and notes.

    Of a cell that is there twice the last one counts, as it would if the notebook were run.
    """
    solutions: dict[str, str] = {}
    others: list[str] = []
    notes: list[str] = []
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        source = cell.source[:LARGEST_CELL]
        graded = cell.metadata.get("nbgrader")
        graded = graded if isinstance(graded, Mapping) else {}
        name = str(graded.get("grade_id", ""))
        if graded.get("solution") and name:
            if name in solutions:
                notes.append(f"cell {name} is there twice: the last one counts")
            solutions[name] = source
        elif not graded.get("grade"):
            others.append(source)
    return solutions, others, notes


def written(asked: Asked, solutions: Mapping[str, str], others: Sequence[str]) -> Written:
    """What a student wrote for an exercise.

    Args:
        asked: the exercise.
        solutions: the student's solution cells by nbgrader's id.
        others: all other code cells of the student, test cells apart.
    """
    own = solutions.get(asked.solution_id)
    if own is None:  # the cell lost its mark, or another cell has the function
        having = [each for each in others if _defines(each, asked.function)]
        if not having:
            return Written(problem=f"the cell {asked.solution_id} is not in your notebook.")
        own = having[-1]
    try:
        tree = _parsed(own)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        place = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        return Written(problem=f"your cell is not Python ({type(error).__name__}{place}).")
    helpers = _helpers(tree, own, [*others, *solutions.values()])
    cells = (*helpers, _runnable(own, tree))
    whole = _safe_tree("\n".join(helpers)), tree
    modules = {module.partition(".")[0] for each in whole for module, _ in _imports(each) if module}
    names = {node.id for each in whole for node in ast.walk(each) if isinstance(node, ast.Name)}
    heavy = {"numpy", "scipy", "torch"} & (modules | names)
    return Written(cells, notes=tuple(_seen(tree, own, asked)), modules=frozenset(heavy))


def is_stub(source: str) -> bool:
    """Whether a solution cell still is as it was handed out."""
    return "raise NotImplementedError" in source


def shape(source: str) -> str | None:
    """A solution cell without comments, blanks, docstrings and annotations; None if too short.

    Two students with one shape may have worked together. A cell that has hardly more than one
    expression in it tells nothing: it is often the one right way to write it.
    """
    tree = _safe_tree(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            node.returns = None
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
        elif isinstance(node, ast.arg):
            node.annotation = None
    text = ast.dump(tree)
    return text if sum(1 for _ in ast.walk(tree)) >= 60 else None


def _parsed(source: str) -> ast.Module:
    """The tree of a cell; lines of IPython's (``%time``, ``!ls``) are left out.

    Raises:
        SyntaxError: it is no Python.
    """
    return ast.parse("\n".join(_plain_lines(source)))


def _plain_lines(source: str) -> list[str]:
    return [re.sub(r"^(\s*)[%!].*", r"\1pass", line) for line in source.split("\n")]


def _safe_tree(source: str) -> ast.Module:
    try:
        return _parsed(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ast.Module(body=[], type_ignores=[])


def _defines(source: str, function: str) -> bool:
    return any(function in _bound(each) for each in _safe_tree(source).body)


def _bound(statement: ast.stmt) -> set[str]:
    """The global names that a statement defines."""
    table = _table(statement)
    return {
        each.get_name()
        for each in (table.get_symbols() if table else ())
        if each.is_assigned() or each.is_imported()
    }


def _read_by(tree: ast.AST) -> set[str]:
    """The global names that code reads, in functions too; what a function calls its own is none."""
    names: set[str] = set()
    tables = [_table(tree)]
    while tables:
        table = tables.pop()
        if table is None:
            continue
        outermost = table.get_type() == "module"
        names |= {
            each.get_name()
            for each in table.get_symbols()
            if each.is_referenced() and (outermost or each.is_global())
        }
        tables += table.get_children()
    return names


def _table(tree: ast.AST) -> symtable.SymbolTable | None:
    try:
        return symtable.symtable(ast.unparse(tree), "cell", "exec")
    except (SyntaxError, ValueError, RecursionError):
        return None


def _helpers(tree: ast.Module, own: str, cells: Sequence[str]) -> list[str]:
    """Statements of other cells that the cell needs, in the order of the notebook."""
    statements = [each for cell in cells if cell != own for each in _statements(cell)]
    defined = {name for each in tree.body for name in _bound(each)} | set(dir(builtins))
    wanted, chosen = _read_by(tree) - defined, set[int]()
    while wanted:
        name = wanted.pop()
        for number in range(len(statements) - 1, -1, -1):
            if name not in statements[number].bound:
                continue
            if number not in chosen:
                chosen.add(number)
                wanted |= statements[number].read - defined - {name}
            break
        defined.add(name)
    return [statements[number].source for number in sorted(chosen)]


@dataclass(frozen=True)
class _Statement:
    source: str
    bound: frozenset[str]
    read: frozenset[str]


@lru_cache(maxsize=2048)
def _statements(source: str) -> tuple[_Statement, ...]:
    """The statements of a cell, without imports of the kit."""
    return tuple(
        _Statement(ast.unparse(each), frozenset(_bound(each)), frozenset(_read_by(each)))
        for each in _without_kit(_safe_tree(source)).body
    )


def _runnable(source: str, tree: ast.Module) -> str:
    """A cell line by line, with empty lines where it imports the kit."""
    lines = _plain_lines(source)
    kept = _without_kit(tree).body
    for each in tree.body:
        if each not in kept:
            for number in range(each.lineno - 1, each.end_lineno or each.lineno):
                lines[number] = ""
    return "\n".join(lines)


def _without_kit(tree: ast.Module) -> ast.Module:
    """The tree without top-level imports of the kit, which is not at hand in grading."""
    body = [
        each
        for each in tree.body
        if not (
            isinstance(each, ast.Import | ast.ImportFrom)
            and all(module.partition(".")[0] == "hppt_lib" for module, _ in _imports(each))
        )
    ]
    return ast.Module(body=body, type_ignores=[])


def _imports(tree: ast.AST) -> Iterable[tuple[str, str]]:
    """Module and name of each import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", each.name) for each in node.names)
        elif isinstance(node, ast.Import):
            yield from ((each.name, "") for each in node.names)


def _seen(tree: ast.Module, source: str, asked: Asked) -> list[str]:
    """What in a cell a teacher may want to look at."""
    notes: list[str] = []
    for module, name in _imports(tree):
        if module.partition(".")[0] == "hppt_lib":
            notes.append(f"imports {module}{'.' + name if name else ''} of the kit")
    names = _read_by(tree)
    for each in ("find_exercise", "solution"):
        if each in names:
            notes.append(f"calls {each}, which gives the right answer away")
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "reference":
            notes.append("reads .reference, an exercise's right answer")
        if isinstance(node, ast.Attribute) and node.attr == asked.name.partition(".")[2]:
            notes.append(f"uses a ready-made {ast.unparse(node)[:60]}")
    if "check" in {name for each in tree.body for name in _bound(each)}:
        notes.append("replaces check (the grader has its own)")
    for each in ("__eq__", "__import__", "__subclasses__", "__builtins__", "__globals__"):
        if each in source:
            notes.append(f"uses {each}")
    published = shape(asked.solution)
    if published is not None and shape(source) == published:
        notes.append("is the kit's published solution, word for word")
    return list(dict.fromkeys(notes))


def seen_elsewhere(others: Sequence[str]) -> list[str]:
    """What in the cells that are no exercise a teacher may want to look at."""
    notes: list[str] = []
    for source in others:
        tree = _safe_tree(source)
        for each in tree.body:
            kit = isinstance(each, ast.ImportFrom) and (each.module or "").startswith("hppt_lib")
            if "check" in _bound(each) and not kit:
                notes.append("replaces check outside of an exercise (the grader has its own)")
        for module, name in _imports(tree):
            if module.startswith("hppt_lib.course.exercises") or name == "find_exercise":
                notes.append(f"imports {module} outside of an exercise")
    return list(dict.fromkeys(notes))
