"""Which code made a notebook's outputs, and whether it is still the code beside them.

An executed notebook carries in its metadata (key ``hppt``) a fingerprint of each thing that its
outputs depend on: its own code cells, the modules of ``hppt_lib`` that it imports directly or
through others, and the data files that these name. Comments, docstrings, layout and prose are no
part of a fingerprint: changing them makes no output stale.
"""

from __future__ import annotations

import ast
import fnmatch
import hashlib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from hppt_lib import __version__
from hppt_lib.course.notebooks import read_notebook
from hppt_lib.files import repository_folder

KEY = "hppt"
_PACKAGE = "hppt_lib"
_DATA_KINDS = (".json", ".jsonl", ".csv")
_VERSIONS = ("torch", "transformers", "trl", "peft")


def stamp(notebook: Any, *, tier: str, seconds: float) -> None:
    """Write into an executed notebook's metadata where its outputs come from.

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
        "versions": {_PACKAGE: __version__, **{name: version(name) for name in _VERSIONS}},
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
    record = node.metadata.get(KEY)
    if not isinstance(record, dict) or "code" not in record:
        return "it was never run by 'make outputs'"
    if record.get("tier") != tier:
        return f"its outputs come from tier '{record.get('tier')}', not '{tier}'"
    cells = [cell for cell in node.cells if cell.cell_type == "code" and cell.source.strip()]
    for number, cell in enumerate(cells, start=1):
        for output in cell.outputs:
            if output.output_type == "error":
                return f"code cell {number} ended in {output.ename}"
        if cell.execution_count != number:
            count = cell.execution_count or "nothing"
            return f"code cell {number} has the execution count {count}: not one run from the top"
    if record.get("outputs") != _outputs_fingerprint(node):
        return "its outputs were edited or cleared after the run"
    now = fingerprints(node)
    changed = sorted(
        name for name in {*now, *record["code"]} if now.get(name) != record["code"].get(name)
    )
    if changed:
        return f"changed since it ran: {', '.join(changed)}"
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
    for path in _data_files(texts, folder / "data"):
        result[path.relative_to(folder).as_posix()] = _short(path.read_bytes())
    return dict(sorted(result.items()))


def _parse(source: str) -> ast.AST:
    # IPython's magics (%…) and shell lines (!…) are not Python: they count as text.
    magics = [line for line in source.splitlines() if line.lstrip().startswith(("%", "!"))]
    plain = re.sub(r"(?m)^(\s*)[%!].*$", r"\1pass", source)
    try:
        tree = ast.parse(plain)
    except SyntaxError:
        return ast.Module(body=[ast.Expr(ast.Constant(source)), ast.Pass()], type_ignores=[])
    tree.body += [ast.Expr(ast.Constant(line)) for line in magics]
    return tree


def _modules(trees: list[ast.AST], folder: Path) -> dict[Path, ast.AST]:
    """The package's modules that ``trees`` import, and those that these import, and so on."""
    found: dict[Path, ast.AST] = {}
    waiting = [(tree, _PACKAGE) for tree in trees]
    while waiting:
        tree, package = waiting.pop()
        for name in _imported(tree, package):
            for path in _files_of(name, folder):
                if path not in found:
                    found[path] = ast.parse(path.read_text(encoding="utf-8"))
                    parts = path.relative_to(folder).with_suffix("").parts
                    waiting.append((found[path], ".".join(parts[:-1])))
    return found


def _imported(tree: ast.AST, package: str) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - (node.level - 1)]
            module = ".".join([*base, *([node.module] if node.module else [])])
            module = module if node.level else node.module or ""
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.startswith(f"{_PACKAGE}."):  # for importlib.import_module
                yield node.value.strip(".")


def _files_of(name: str, folder: Path) -> Iterator[Path]:
    if name.split(".")[0] != _PACKAGE:
        return
    path = folder.joinpath(*name.split("."))
    if path.is_dir() and name != _PACKAGE:  # the package's own __init__ holds but its version
        # A subpackage may find its modules by looking into its folder: it counts as one.
        yield from sorted(path.rglob("*.py"))
    elif path.with_suffix(".py").is_file():
        yield path.with_suffix(".py")


def _texts(tree: ast.AST) -> Iterator[str]:
    """A program's strings, without its docstrings."""
    docstrings = set(map(id, _docstrings(tree)))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield node.value


def _data_files(texts: list[list[str]], folder: Path) -> Iterator[Path]:
    """The data files that programs name: by file name, stem, path pattern, or their folder.

    A folder is named by a program that has every part of its path, ``data`` first, in its strings.

    Args:
        texts: the strings of each program.
        folder: the folder ``data``.
    """
    words = [{word for text in some for word in re.split(r"[/\\\s]+", text)} for some in texts]
    every = set().union(*words)
    # Of a pattern, some folder must be named: "/*" is no claim to every file.
    patterns = [text for some in texts for text in some if "*" in text and re.search(r"\w/", text)]
    for path in sorted(folder.rglob("*")):
        if path.suffix not in _DATA_KINDS:
            continue
        place = path.relative_to(folder.parent)
        if (
            {path.name, path.stem} & every
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
