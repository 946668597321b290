"""What a checker's source may contain and call: the first two layers of the sandbox.

The syntax is an allow-list: a node that is not named here is refused, and so is each way known to
us from a value to the interpreter behind it (names and attributes that begin with an underscore,
frames, tracebacks, code objects, classes, decorators, ``match``, ``str.format`` with attributes).
Builtins and modules are allow-lists too, and a module is handed over as a copy without its own
imports, so that there is no ``re.enum.sys``.
"""

from __future__ import annotations

import ast
import importlib
import string
import types
from collections.abc import Iterator, Mapping
from typing import Any

MOST_CHARACTERS = 20_000
MOST_NODES = 5_000
DEEPEST = 60

_NODES: tuple[type[ast.AST], ...] = (
    # statements
    ast.Module,
    ast.FunctionDef,
    ast.Return,
    ast.Delete,
    ast.Assign,
    ast.AugAssign,
    ast.AnnAssign,
    ast.For,
    ast.While,
    ast.If,
    ast.Raise,
    ast.Try,
    ast.Assert,
    ast.Import,
    ast.ImportFrom,
    ast.Global,
    ast.Nonlocal,
    ast.Expr,
    ast.Pass,
    ast.Break,
    ast.Continue,
    # expressions
    ast.BoolOp,
    ast.NamedExpr,
    ast.BinOp,
    ast.UnaryOp,
    ast.Lambda,
    ast.IfExp,
    ast.Dict,
    ast.Set,
    ast.ListComp,
    ast.SetComp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.Yield,
    ast.YieldFrom,
    ast.Compare,
    ast.Call,
    ast.FormattedValue,
    ast.JoinedStr,
    ast.Constant,
    ast.Attribute,
    ast.Subscript,
    ast.Starred,
    ast.Name,
    ast.List,
    ast.Tuple,
    ast.Slice,
    # their parts
    ast.expr_context,
    ast.boolop,
    ast.operator,
    ast.unaryop,
    ast.cmpop,
    ast.comprehension,
    ast.ExceptHandler,
    ast.arguments,
    ast.arg,
    ast.keyword,
    ast.alias,
)

# Frames, code objects, tracebacks and the like, and what reads attributes by their name in text.
_ATTRIBUTE_STARTS = ("_", "gi_", "cr_", "ag_", "tb_", "f_", "co_", "func_")
_ATTRIBUTES = frozenset({"mro", "format_map", "with_traceback", "add_note"})


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Module to the names that a checker may have of it. An empty tuple stands for every public name
# that is not a module (of modules written in C, which have nothing else).
MODULES: Mapping[str, tuple[str, ...]] = {
    "re": _names(
        "compile findall finditer fullmatch match search split sub subn escape error "
        "A ASCII I IGNORECASE L LOCALE M MULTILINE S DOTALL U UNICODE X VERBOSE"
    ),
    "math": (),
    "itertools": (),
    "unicodedata": (),
    "string": _names(
        "ascii_letters ascii_lowercase ascii_uppercase digits hexdigits octdigits printable "
        "punctuation whitespace capwords"
    ),
    "json": _names("loads dumps JSONDecodeError"),
    "collections": _names("ChainMap Counter OrderedDict defaultdict deque"),
    "functools": _names("cmp_to_key partial reduce"),
    "datetime": _names("date datetime time timedelta timezone MINYEAR MAXYEAR"),
    "typing": _names(
        "Any Callable Dict FrozenSet Iterable Iterator List Mapping Match Optional Pattern "
        "Sequence Set Tuple Union"
    ),
}

_BUILTINS = _names(
    "abs all any ascii bin bool bytes callable chr complex dict divmod enumerate filter float "
    "format frozenset hash hex int isinstance issubclass iter len list map max min next oct ord "
    "pow range repr reversed round set slice sorted str sum tuple zip "
    "ArithmeticError AssertionError AttributeError Exception ImportError IndexError KeyError "
    "LookupError NameError NotImplementedError OverflowError RecursionError RuntimeError "
    "StopIteration TypeError UnicodeDecodeError UnicodeEncodeError UnicodeError ValueError "
    "ZeroDivisionError"
)


def complaint(source: str) -> str | None:
    """What is wrong with a checker's source, or None: nothing is executed.

    Parsing hostile text is itself work for the child, where a crash or a limit costs nothing.
    """
    if len(source) > MOST_CHARACTERS:
        return f"more than {MOST_CHARACTERS} characters"
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        return f"not valid Python ({getattr(error, 'msg', error)})"
    except (RecursionError, MemoryError):
        return "nested too deeply"
    defined = False
    for count, (depth, node) in enumerate(_walk(tree), start=1):
        if count > MOST_NODES:
            return f"more than {MOST_NODES} nodes"
        if depth > DEEPEST:
            return "nested too deeply"
        if problem := _complaint_about(node):
            return f"{problem} (line {getattr(node, 'lineno', '?')})"
        defined |= (
            depth == 1 and isinstance(node, ast.FunctionDef) and (node.name == "check_following")
        )
    return None if defined else "no function check_following(instruction, response)"


def namespace() -> dict[str, Any]:
    """The globals in which a checker's module is executed, new each time."""
    import builtins

    allowed: dict[str, Any] = {name: getattr(builtins, name) for name in _BUILTINS}
    modules = _modules()

    def bring(name: str, *rest: Any) -> Any:
        if name == "_strptime":  # datetime's C code asks like this, and does not use the answer
            return None
        if name not in modules:
            raise ImportError(f"the sandbox has no module {name!r}")
        return modules[name]

    allowed["__import__"] = bring
    allowed["print"] = lambda *values, **options: None
    # Not the one of three arguments, which makes classes.
    allowed["type"] = lambda value: type(value)
    return {"__builtins__": allowed, "__name__": "checker"}


def _modules() -> dict[str, types.SimpleNamespace]:
    return {name: _module(name) for name in MODULES}


def _module(name: str) -> types.SimpleNamespace:
    whole = importlib.import_module(name)
    names = MODULES[name] or [each for each in dir(whole) if not each.startswith("_")]
    return types.SimpleNamespace(**{each: getattr(whole, each) for each in names})


def _walk(tree: ast.AST) -> Iterator[tuple[int, ast.AST]]:
    """Each node with its depth, without recursion."""
    waiting = [(0, tree)]
    while waiting:
        depth, node = waiting.pop()
        yield depth, node
        waiting.extend((depth + 1, child) for child in ast.iter_child_nodes(node))


def _complaint_about(node: ast.AST) -> str | None:
    if not isinstance(node, _NODES):
        return f"{type(node).__name__} is not allowed"
    for name in _identifiers(node):
        if name.startswith("__"):
            return f"the name {name[:40]!r} is not allowed"
    if isinstance(node, ast.FunctionDef) and node.decorator_list:
        return "a decorator is not allowed"
    if isinstance(node, ast.Attribute):
        return _complaint_about_attribute(node)
    if isinstance(node, ast.Import):
        for each in node.names:
            if each.name not in MODULES:
                return f"imports {each.name[:40]}"
    if isinstance(node, ast.ImportFrom):
        return _complaint_about_import(node)
    return None


def _complaint_about_attribute(node: ast.Attribute) -> str | None:
    name = node.attr
    if name.startswith(_ATTRIBUTE_STARTS) or name in _ATTRIBUTES:
        return f"the attribute {name[:40]!r} is not allowed"
    if not isinstance(node.ctx, ast.Load):
        return "setting an attribute is not allowed"
    if name == "format" and not (
        isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and _plain_format(node.value.value)
    ):
        return "str.format is allowed on a literal without attributes or indices only"
    return None


def _complaint_about_import(node: ast.ImportFrom) -> str | None:
    module = node.module or "."
    if node.level or module not in MODULES:
        return f"imports {module[:40]}"
    public = MODULES[module]
    for name in node.names:
        if name.name.startswith("_") or name.name == "*" or (public and name.name not in public):
            return f"imports {name.name[:40]} from {module}"
    return None


def _identifiers(node: ast.AST) -> list[str]:
    """The names that a node itself brings, as opposed to its children."""
    names: list[str] = []
    for field in ("name", "id", "arg", "asname"):
        value = getattr(node, field, None)
        if isinstance(value, str):
            names.append(value)
    if isinstance(node, (ast.Global, ast.Nonlocal)):
        names += node.names
    return names


def _plain_format(text: str) -> bool:
    """Whether the fields of a format string name arguments only, as in ``{}`` or ``{0:>5}``."""
    try:
        fields = list(string.Formatter().parse(text))
    except ValueError:
        return False
    return all(
        field is None or (field.replace("_", "").isalnum() or not field) and "{" not in (spec or "")
        for _, field, spec, _ in fields
    )
