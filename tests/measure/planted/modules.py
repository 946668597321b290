"""Bugs in the verifiers of this library: a changed module, and all modules that build on it.

The registry is not touched: a changed module is executed beside the real one, and what it would
register is collected instead.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import pkgutil
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from hppt_lib.course.planted import Change
from hppt_lib.verifiers.registry import Check, Reading
from tests.measure.planted.places import Program, compiled, programs, run
from tests.measure.planted.reasons import outside_the_verdict

PACKAGE = "hppt_lib.verifiers"
REGISTRY = f"{PACKAGE}.registry"

# Substance is a guard of our own: what it calls good is measured on labelled responses instead.
LEFT_OUT = frozenset({"hppt:substance"})

# A verifier: the id of its family, and the reading.
Key = tuple[str, Reading]
# A module's name and a name defined in it.
Definition = tuple[str, str]


@dataclass(frozen=True)
class VerifierBug:
    """A bug in a module of the verifiers.

    Attributes:
        module: its name.
        definition: the function or the constant that has the bug.
        change: the bug.
        program: the module with the bug.
        reaches: the verifiers that use the definition.
    """

    module: str
    definition: str
    change: Change
    program: Program
    reaches: frozenset[Key]


@dataclass(frozen=True)
class _Module:
    """What one module defines, and what it takes from others."""

    name: str
    path: Path

    @cached_property
    def tree(self) -> ast.Module:
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        for node in tree.body:
            # The names `register` and `reference` are given to the module from outside.
            if isinstance(node, ast.ImportFrom) and node.module == REGISTRY:
                node.names = [
                    each for each in node.names if each.name not in ("register", "reference")
                ] or [ast.alias("Verdict")]
        return tree

    @cached_property
    def program(self) -> Program:
        return compiled(self.tree)

    @cached_property
    def definitions(self) -> dict[str, list[ast.stmt]]:
        """Name to the statements that define it; "" to those that define nothing."""
        found: dict[str, list[ast.stmt]] = {}
        for statement in self.tree.body:
            for name in _defined(statement):
                found.setdefault(name, []).append(statement)
        return found

    def imports(self, modules: Mapping[str, object]) -> dict[str, Definition]:
        """Local name to what it stands for; the second part is empty for a module itself."""
        found: dict[str, Definition] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for each in node.names:
                    inner = f"{node.module}.{each.name}"
                    meant = (inner, "") if inner in modules else (node.module, each.name)
                    found[each.asname or each.name] = meant
        return {name: meant for name, meant in found.items() if meant[0] in modules}


class Verifiers:
    """The modules of the verifiers and what depends on what.

    Attributes:
        modules: the names of those that a verifier uses.
    """

    def __init__(self) -> None:
        package = importlib.import_module(PACKAGE)
        package.families()  # loads all modules of the room
        found: dict[str, _Module] = {}
        for each in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."):
            spec = importlib.util.find_spec(each.name)
            if not each.ispkg and each.name != REGISTRY and spec is not None and spec.origin:
                found[each.name] = _Module(each.name, Path(spec.origin))
        imports = {name: module.imports(found) for name, module in found.items()}
        # What the package loads, and what those modules load later, inside their functions.
        used = [name for name in found if name in sys.modules]
        for name in used:
            used += {module for module, _ in imports[name].values()} - set(used)
        self._modules = {name: found[name] for name in sorted(used)}
        self._imports = {name: imports[name] for name in self._modules}
        self._reaches = self._verifiers_by_definition()

    @property
    def modules(self) -> list[str]:
        """The names of the modules that a verifier uses."""
        return sorted({name for name, _ in self._reaches})

    def path(self, module: str) -> Path:
        """The file of a module."""
        return self._modules[module].path

    def program(self, module: str) -> Program:
        """A module as it is."""
        return self._modules[module].program

    def reached(self, module: str) -> set[Key]:
        """The verifiers that use something of a module."""
        return {key for (name, _), keys in self._reaches.items() if name == module for key in keys}

    def bugs(self, module: str) -> Iterator[VerifierBug]:
        """Every bug that can be planted in a module, where a verdict can depend on it."""
        source = self._modules[module]
        reaches: dict[ast.stmt, tuple[str, frozenset[Key]]] = {}
        for name, statements in source.definitions.items():
            for statement in statements:
                if (module, name) in self._reaches:
                    reaches[statement] = (name, frozenset(self._reaches[module, name]))
        for statement, change, program in programs(source.tree, lambda each: each in reaches):
            name, keys = reaches[statement]
            yield VerifierBug(module, name, change, program, keys)

    @contextlib.contextmanager
    def with_bug(self, bug: VerifierBug) -> Iterator[dict[Key, Check]]:
        """The checks with a bug in them, by id and reading.

        While the context lasts, imports inside functions find the changed modules as well.

        Raises:
            Exception: whatever the changed module raises when it is loaded.
        """
        with self.executed({bug.module: bug.program}) as checks:
            yield {key: checks[key] for key in bug.reaches if key in checks}

    @contextlib.contextmanager
    def executed(self, changed: Mapping[str, Program]) -> Iterator[dict[Key, Check]]:
        """Execute changed modules, and those that build on them, beside the real ones."""
        checks: dict[Key, Check] = {}
        real: dict[str, types.ModuleType] = {}
        try:
            for name in self._dependents(set(changed)):
                module = self._modules[name]
                copy = types.ModuleType(name)
                copy.__file__ = str(module.path)
                copy.__dict__["register"] = _collector(checks, "text")
                copy.__dict__["reference"] = _collector(checks, "reference")
                real[name] = importlib.import_module(name)
                _install(name, copy)
                run(changed.get(name, module.program), copy.__dict__)
            yield checks
        finally:
            for name, module_itself in real.items():
                _install(name, module_itself)

    def _dependents(self, names: set[str]) -> list[str]:
        """The modules and all that import them, each after those that it imports."""
        wanted = set(names)
        while True:
            more = {
                name
                for name, imports in self._imports.items()
                if any(module in wanted for module, _ in imports.values())
            }
            if more <= wanted:
                break
            wanted |= more
        ordered: list[str] = []

        def add(name: str) -> None:
            if name in ordered:
                return
            for node in self._modules[name].tree.body:  # imports inside functions come later
                for each in node.names if isinstance(node, ast.ImportFrom) else ():
                    meant = self._imports[name].get(each.asname or each.name)
                    if meant is not None and meant[0] in wanted:
                        add(meant[0])
            ordered.append(name)

        for name in sorted(wanted):
            add(name)
        return ordered

    def _verifiers_by_definition(self) -> dict[Definition, set[Key]]:
        """Each definition that a verdict can depend on, with the verifiers that use it."""
        found: dict[Definition, set[Key]] = {}
        for name, module in self._modules.items():
            keys_of = {each: _registered(each) for each in module.tree.body}
            all_keys = {key for keys in keys_of.values() for key in keys}
            for definition, statements in module.definitions.items():
                keys = {key for each in statements for key in keys_of[each]}
                if not definition:  # a statement such as a loop that registers
                    keys = all_keys
                for key in keys:
                    if key[0] in LEFT_OUT:
                        continue
                    self._follow((name, definition), key, found)
        return found

    def _follow(self, start: Definition, key: Key, found: dict[Definition, set[Key]]) -> None:
        waiting = [start]
        while waiting:
            here = waiting.pop()
            if here[0] not in self._modules or key in found.get(here, ()):
                continue
            module = self._modules[here[0]]
            if here[1] not in module.definitions:
                imported = self._imports[here[0]].get(here[1])
                waiting += [imported] if imported and imported[1] else []
                continue
            found.setdefault(here, set()).add(key)
            for statement in module.definitions[here[1]]:
                for name, attribute in _used(statement):
                    imported = self._imports[here[0]].get(name)
                    if imported and not imported[1]:  # a module: what is taken from it counts
                        waiting.append((imported[0], attribute))
                    else:
                        waiting.append((here[0], name))


def _install(name: str, module: types.ModuleType) -> None:
    sys.modules[name] = module
    package, _, last = name.rpartition(".")
    setattr(sys.modules[package], last, module)


def _collector(checks: dict[Key, Check], reading: Reading) -> Callable[..., Any]:
    """What stands in for ``register`` and ``reference``."""

    def register(id: str, *_: str, needs: tuple[str, ...] = ()) -> Callable[[Check], Check]:
        def decorate(function: Check) -> Check:
            checks[id, reading] = function
            return function

        return decorate

    return register


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return [statement.name]
    if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [
            node.id for each in targets for node in ast.walk(each) if isinstance(node, ast.Name)
        ]
    return [] if isinstance(statement, (ast.Import, ast.ImportFrom)) else [""]


def _registered(statement: ast.stmt) -> set[Key]:
    """The verifiers that a statement registers, as far as their ids are written there."""
    keys: set[Key] = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            reading: Reading = "reference" if node.func.id == "reference" else "text"
            id = node.args[0]
            if node.func.id in ("register", "reference") and isinstance(id, ast.Constant):
                keys.add((str(id.value), reading))
    return keys


def _used(statement: ast.stmt) -> set[tuple[str, str]]:
    """Names that a verdict can depend on, each with the attribute that is taken from it, if any."""
    outside = outside_the_verdict(statement)
    found: set[tuple[str, str]] = set()
    waiting: list[ast.AST] = [statement]
    while waiting:
        node = waiting.pop()
        if node in outside:
            continue
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found.add((node.value.id, node.attr))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add((node.id, ""))
        waiting += ast.iter_child_nodes(node)
    return found
