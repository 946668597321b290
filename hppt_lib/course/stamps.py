"""Stamps: tell which code made a notebook's outputs, and whether that code has changed since.

An executed notebook carries in its metadata (key ``hppt``) a fingerprint of each thing that its
outputs depend on: its own code cells, the modules of ``hppt_lib`` that it reaches directly or
through others, the data files that these name, and those that lie in the rooms that it reaches.
Comments, docstrings, layout and prose are no part of a fingerprint: changing them makes no output
stale.
"""

from __future__ import annotations

import ast
import fnmatch
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeGuard

from hppt_lib.course.notebooks import read_notebook
from hppt_lib.files import repository_folder

KEY = "hppt"
_PACKAGE = "hppt_lib"
_DISTRIBUTION = "hppt-lab"
_DATA_KINDS = (".json", ".jsonl", ".csv", ".yaml", ".gz")
_ROOM_DATA_KINDS = (*_DATA_KINDS, ".txt")
_VERSIONS = ("torch", "transformers", "trl", "peft")


def kit_version() -> str:
    """The version of this kit, as it was installed."""
    from importlib.metadata import version

    return version(_DISTRIBUTION)


def stamp(notebook: Any, *, tier: str, seconds: float) -> None:
    """Write into an executed notebook's metadata which code made its outputs.

    Args:
        notebook: the executed notebook, cleaned.
        tier: the tier that it ran at.
        seconds: how long it ran.
    """
    from importlib.metadata import version

    notebook.metadata[KEY] = {
        "tier": tier,
        "date": date.today().isoformat(),
        "seconds": round(seconds),
        "versions": {_PACKAGE: kit_version(), **{name: version(name) for name in _VERSIONS}},
        "code": fingerprints(notebook),
        "outputs": _outputs_fingerprint(notebook),
    }


def stale(notebook: Path, tier: str = "cpu") -> str | None:
    """Say why a notebook's outputs do not belong to the code beside them; None if they do.

    Args:
        notebook: the notebook's file, inside the checkout.
        tier: the tier that the outputs must come from.

    Raises:
        HpptError: the file is not a notebook.
    """
    node = read_notebook(notebook)
    stamped = node.metadata.get(KEY)
    if not isinstance(stamped, dict) or "code" not in stamped:
        return "it was never run by 'make outputs'"
    if stamped.get("tier") != tier:
        return f"its outputs come from tier '{stamped.get('tier')}', not '{tier}'"
    cells = [cell for cell in node.cells if cell.cell_type == "code" and cell.source.strip()]
    for number, cell in enumerate(cells, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                return f"code cell {number} ended in {output.ename}"
        if cell.execution_count != number:
            count = cell.execution_count or "nothing"
            return f"code cell {number} has the execution count {count}: not one run from the top"
    if stamped.get("outputs") != _outputs_fingerprint(node):
        return "its outputs were edited or cleared after the run"
    now, then = fingerprints(node), stamped["code"]
    changed = [name for name in now if now[name] != then.get(name)]
    # What is no longer reached says nothing; what is gone may have been read by its folder.
    changed += [
        name for name in then if name not in now and not (repository_folder() / name).exists()
    ]
    if changed:
        return f"changed since it ran: {', '.join(sorted(changed))}"
    return None


def fingerprints(notebook: Any) -> dict[str, str]:
    """The fingerprint of each thing that a notebook's outputs depend on, by name."""
    folder = repository_folder()
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    trees = [_parse(source) for source in sources]
    result = {"code cells": _short("\0".join(_canonical(tree) for tree in trees))}
    modules = _modules(trees, folder)
    for path, tree in modules.items():
        result[path.relative_to(folder).as_posix()] = _short(_canonical(tree))
    texts = [list(_texts(tree)) for tree in (*trees, *modules.values())]
    for path in (*_room_data(modules, folder), *_data_files(texts, folder / "data")):
        result[path.relative_to(folder).as_posix()] = _short(path.read_bytes())
    return dict(sorted(result.items()))


def _parse(source: str) -> ast.Module:
    # IPython's magics (%…) and shell lines (!…) are not Python: they count as text.
    magics = [line for line in source.splitlines() if line.lstrip().startswith(("%", "!"))]
    plain = re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", source)
    try:
        tree = ast.parse(plain)
    except SyntaxError:
        return ast.Module(body=[ast.Expr(ast.Constant(source)), ast.Pass()], type_ignores=[])
    tree.body += [ast.Expr(ast.Constant(line)) for line in magics]
    return tree


def _modules(trees: list[ast.Module], folder: Path) -> dict[Path, ast.Module]:
    """The package's modules that ``trees`` reach, and those that these reach, and so on."""
    said = [text for tree in trees for text in _texts(tree)]
    # Of exercises: check("verifiers.has_keyword", …) asks for the module "verifiers".
    words = {text.partition(".")[0] for text in said if "." in text}
    package = _Package(folder, frozenset(words), frozenset(said))
    modules: dict[Path, ast.Module] = {}
    # One cell imports and others use what it imported.
    whole = ast.Module([node for tree in trees for node in tree.body], [])
    waiting: list[tuple[ast.Module, str]] = [(whole, _PACKAGE)]
    while waiting:
        tree, place = waiting.pop()
        for path in package.reached(tree, place):
            if path not in modules:
                modules[path] = package.tree(path)
                parts = path.relative_to(folder).with_suffix("").parts
                waiting.append((modules[path], ".".join(parts[:-1])))
    return modules


@dataclass(frozen=True)
class _Package:
    """The files of the package, and which of them a program reaches.

    A name that is imported from a room leads through the room's ``__init__.pyi`` or ``__init__.py``
    to the module that defines it, and to no other. Where that cannot be told, all of the room
    counts.

    Attributes:
        folder: the checkout.
        words: what notebooks write before a dot in a string; chooses among modules that are
            imported by a name that is put together while the program runs.
        said: the notebooks' strings; choose among the commands of a program (``python -m ROOM``).
    """

    folder: Path
    words: frozenset[str]
    said: frozenset[str]
    _trees: dict[Path, ast.Module] = field(default_factory=dict)

    def tree(self, path: Path) -> ast.Module:
        if path not in self._trees:
            self._trees[path] = ast.parse(path.read_text(encoding="utf-8"))
        return self._trees[path]

    def reached(self, tree: ast.Module, package: str) -> Iterator[Path]:
        """The modules that a program in ``package`` imports."""
        for node in _without_types(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    local = alias.asname or (None if "." in alias.name else alias.name)
                    yield from self._bound(alias.name, local, tree)
            elif isinstance(node, ast.ImportFrom):
                base = _absolute(node, package)
                for alias in node.names if base.split(".")[0] == _PACKAGE else ():
                    target = self._target(base, alias.name)
                    if isinstance(target, str):
                        yield from self._bound(target, alias.asname or alias.name, tree)
                    else:
                        yield from target
            elif isinstance(node, ast.Attribute) and node.attr in _LOOKING:
                yield from self._all(package)  # it finds its modules by looking into its folder
        for text in _texts(tree):
            if text.startswith(f"{_PACKAGE}."):  # for importlib.import_module
                yield from self._named(text)

    def _bound(self, name: str, local: str | None, tree: ast.Module) -> Iterator[Path]:
        """What is used of a module or room that a program knows as ``local``."""
        if name.split(".")[0] != _PACKAGE:
            return
        if not self._place(name).is_dir():
            yield from self._file(name)
            return
        used = _attributes(tree, local) if local else None
        # A room of which nothing is used is imported for what its import does.
        for attribute in sorted(used) if used else [""]:
            target = self._target(name, attribute)
            if isinstance(target, str):  # a room of a room: as far as we follow
                target = self._all(target) if self._place(target).is_dir() else self._file(target)
            yield from target

    def _target(self, base: str, name: str) -> str | list[Path]:
        """What ``name`` of a module or room is: a module by its dotted name, or files to count."""
        if not self._place(base).is_dir():
            return self._file(base)
        stub, init = (self._place(base) / f"__init__{suffix}" for suffix in (".pyi", ".py"))
        source = stub if stub.is_file() else init
        body = list(_handed_on(self.tree(source).body)) if source.is_file() else []
        if any(isinstance(node, _ACTIONS) and not _is_text(node) for node in body):
            return self._all(base)  # it does more than to hand on names
        for node in body:
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    if (alias.asname or alias.name) == name:
                        place = _absolute(node, base)
                        inside = f"{base}.{alias.name}"
                        return inside if place == base else self._target(place, alias.name)
            if name in _names_defined(node):
                return [init]
        inner = self._place(f"{base}.{name}")
        if name and (inner.is_dir() or inner.with_suffix(".py").is_file()):
            return f"{base}.{name}"
        return [] if name.startswith("__") else self._all(base)

    def _named(self, text: str) -> list[Path]:
        """The modules that a string names, whole or up to its last dot."""
        name = text.rstrip(".")
        if text == name and (self._place(name) / "__main__.py").is_file():
            commands = [path for path in self._all(name) if self.said & _functions(self.tree(path))]
            return commands or self._all(name)
        if not text.endswith(".") or not self._place(name).is_dir():
            return self._all(name) if self._place(name).is_dir() else self._file(name)
        modules = self._all(name)
        return [path for path in modules if path.stem in self.words] or modules

    def _place(self, name: str) -> Path:
        return self.folder.joinpath(*name.split("."))

    def _file(self, name: str) -> list[Path]:
        path = self._place(name).with_suffix(".py")
        return [path] if path.is_file() else []

    def _all(self, name: str) -> list[Path]:
        return sorted(self._place(name).rglob("*.py"))


_LOOKING = ("iter_modules", "walk_packages")
_ACTIONS = (ast.Expr, ast.For, ast.While, ast.With, ast.Try)


def _handed_on(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of an ``__init__``, those for a type checker too: they tell where names are.

    A front door that loads lazily says it so, where others have a stub.
    """
    for node in body:
        if _is_for_types(node):
            yield from node.body
        else:
            yield node


def _is_for_types(node: ast.AST) -> TypeGuard[ast.If]:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _names_defined(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Assign):
        return {each.id for each in node.targets if isinstance(each, ast.Name)}
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return {node.target.id}
    return set()


def _functions(tree: ast.Module) -> set[str]:
    """The functions of a module, as commands are called after them: ``match-noise``."""
    return {each.name.replace("_", "-") for each in tree.body if isinstance(each, ast.FunctionDef)}


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """The dotted name that an import in ``package`` is from."""
    if not node.level:
        return node.module or ""
    parts = package.split(".")
    above = parts[: len(parts) - (node.level - 1)]
    return ".".join([*above, *([node.module] if node.module else [])])


def _without_types(node: ast.AST) -> Iterator[ast.AST]:
    """A program's nodes, without what only a type checker imports."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not _is_for_types(child):
            yield from _without_types(child)


def _attributes(tree: ast.AST, local: str) -> set[str] | None:
    """The attributes that a program takes from a name; None if it also uses the name otherwise."""
    names: set[str] = set()

    def look(node: ast.AST) -> bool:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            if local in {each.arg for each in ast.walk(node.args) if isinstance(each, ast.arg)}:
                return True  # in there it is a parameter
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == local:
                names.add(node.attr)
                return True
        if isinstance(node, ast.Name) and node.id == local:
            return False
        return all(look(child) for child in ast.iter_child_nodes(node))

    return names if look(tree) else None


def _texts(tree: ast.AST) -> Iterator[str]:
    """A program's strings, without its docstrings."""
    docstrings = set(map(id, _docstrings(tree)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield node.value


def _room_data(modules: Iterable[Path], folder: Path) -> Iterator[Path]:
    """The data files in the rooms of these modules: a room may read whatever lies in its folder."""
    rooms = {path.relative_to(folder).parts[1] for path in modules}
    for room in sorted(rooms):
        for path in sorted((folder / _PACKAGE / room).rglob("*")):
            if path.suffix in _ROOM_DATA_KINDS:
                yield path


def _data_files(texts: list[list[str]], folder: Path) -> Iterator[Path]:
    """The data files that programs name: by file name, stem, path pattern, or their folder.

    A folder is named by a program that has every part of its path, ``data`` first, in its strings.
    Of a file deeper than ``data/ROOM/`` the last folder must be named beside the file: many are
    called alike, and by a common word.

    Args:
        texts: the strings of each program.
        folder: the folder ``data``.
    """
    words = [{word for text in some for word in re.split(r"[/\\\s]+", text)} for some in texts]
    every = set().union(*words)
    # A folder may stand in a reward's name: "judged(judge=data/experiments/e9/weak, …)".
    folders = {name for word in every for name in re.split(r"[^\w.-]+", word)}
    # Of a pattern, some folder must be named: "/*" is no claim to every file.
    patterns = [text for some in texts for text in some if "*" in text and re.search(r"\w/", text)]
    for path in sorted(folder.rglob("*")):
        if path.suffix not in _DATA_KINDS:
            continue
        place = path.relative_to(folder.parent)
        alone = len(place.parts) <= 3 or path.parent.name in folders
        if (
            (alone and {path.name, path.stem} & every)
            or any(len(place.parts) > 2 and set(place.parts[:-1]) <= each for each in words)
            or any(fnmatch.fnmatch(place.as_posix(), f"*{text.lstrip('./')}") for text in patterns)
        ):
            yield path


def _canonical(tree: Any) -> str:
    """A program as text, the same for every Python version and layout, without docstrings."""
    docstrings = set(map(id, _docstrings(tree)))

    def text(node: Any) -> str:
        if isinstance(node, ast.AST):
            fields = (
                f"{name}={text(value)}"
                for name, value in ast.iter_fields(node)
                # New versions of Python add fields: those that say nothing are left out.
                if value is not None and value != [] and name not in ("kind", "type_comment")
            )
            return f"{type(node).__name__}({','.join(fields)})"
        if isinstance(node, list):
            kept = (
                each
                for each in node
                if not (isinstance(each, ast.Expr) and id(each.value) in docstrings)
            )
            return f"[{','.join(text(each) for each in kept)}]"
        return repr(node)

    return text(tree)


def _docstrings(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                if isinstance(first.value.value, str) and len(node.body) > 1:
                    yield first.value


def _outputs_fingerprint(notebook: Any) -> str:
    cells = (cell for cell in notebook.cells if cell.cell_type == "code")
    return _short("\0".join(repr(_plain(cell.outputs)) for cell in cells))


def _plain(value: Any) -> Any:
    """NotebookNode and dict, joined and split text: the same content looks the same."""
    if isinstance(value, dict):
        return sorted((key, _plain(each)) for key, each in value.items())
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value


def _short(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content.replace(b"\r\n", b"\n")
    return hashlib.sha256(data).hexdigest()[:16]
