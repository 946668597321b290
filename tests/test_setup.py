"""The set-up files agree with one another, and imports stay cheap."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from functools import cache
from importlib import import_module
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import hppt_lib
from hppt_lib.errors import EXTRAS
from hppt_lib.files import repository_folder

ROOT = repository_folder()
HEAVY = ("torch", "transformers", "pandas", "numpy", "matplotlib", "typer", "nbclient")


def test_cheap_imports_load_nothing_heavy() -> None:
    """Mistake: one import at the top of a module, and every command takes five seconds."""
    light = ["hppt_lib", "hppt_lib.errors", "hppt_lib.files", "hppt_lib.tiers"]
    light += [
        "hppt_lib.policy.load",
        "hppt_lib.policy.embedded",
        "hppt_lib.course.doctor",
        "hppt_lib.course.run",
    ]
    light += ["hppt_lib.verifiers", "hppt_lib.instructions.model"]
    for module in light:
        program = f"import sys, {module}; print([m for m in {HEAVY!r} if m in sys.modules])"
        command = [sys.executable, "-c", program]
        loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert loaded.strip() == "[]", f"import {module} loads {loaded.strip()}"


def test_import_of_the_package_is_quick() -> None:
    """Mistake: work at import. 150 ms is the promise; the best of five, for a busy machine."""
    command = [sys.executable, "-X", "importtime", "-c", "import hppt_lib"]
    times = []
    for _ in range(5):
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr
        line = next(line for line in lines.splitlines() if line.endswith("hppt_lib"))
        times.append(int(line.split("|")[1]))
    assert min(times) < 150_000, f"{min(times) / 1000:.0f} ms"


def stated() -> dict[str, list[Requirement]]:
    """What pyproject.toml states: extra to requirements; the bare install is the extra ``""``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {"": project["dependencies"], **project["optional-dependencies"]}
    return {extra: list(map(Requirement, lines)) for extra, lines in extras.items()}


def constraints() -> dict[str, str]:
    """The exact version of each package in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text().split()
    return {
        canonicalize_name(name): version for name, _, version in (e.partition("==") for e in lines)
    }


def test_versions_are_ranges_and_torch_is_no_exception() -> None:
    """Mistake: an exact version breaks its users' environments; none above, some morning."""
    for extra, requirements in stated().items():
        for each in requirements:
            if each.name in ("hppt-lab", "transformers") and each.extras:
                continue
            operators = {specifier.operator for specifier in each.specifier}
            assert operators == {">=", "<"}, f"{each} in '{extra}'"


def test_make_installs_exact_versions_within_the_ranges() -> None:
    """Mistake: a range is changed and constraints.txt forgotten, so that make cannot install."""
    exact = constraints()
    assert exact["torch"] == "2.13.0"  # two builds of it give different numbers
    for extra, requirements in stated().items():
        for each in requirements:
            if each.name == "hppt-lab" or extra in ("gpu", "vllm"):
                continue
            assert exact[canonicalize_name(each.name)] in each.specifier, f"{each} in '{extra}'"
    assert "--constraint constraints.txt" in (ROOT / "Makefile").read_text()


def locked() -> dict[str, tuple[str, str, int]]:
    """Of each package in requirements.lock: its version, where it is for, and how many hashes."""
    found: dict[str, tuple[str, str, int]] = {}
    name = ""
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        if entry := re.match(r"([A-Za-z0-9._-]+)(?:\[.*\])?==([^ ]+)(?: ; (.*?))? ?\\?$", line):
            name = canonicalize_name(entry[1])
            found[name] = (entry[2], entry[3] or "", 0)
        elif re.fullmatch(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?", line):
            version, where, hashes = found[name]
            found[name] = (version, where, hashes + 1)
        else:
            assert line.startswith("#"), line
    return found


# Torch is installed in the build that suits the machine, and its CUDA build brings these.
_NOT_LOCKED = ("torch", "triton", "nvidia-", "cuda-")


def test_make_holds_every_file_against_its_hash() -> None:
    """Mistake: a version in constraints.txt was raised and the lock forgotten, so that make takes
    the one and then the other; or a package without a hash, which pip refuses on the first day."""
    exact = {
        name: version for name, version in constraints().items() if not name.startswith(_NOT_LOCKED)
    }
    lock = locked()
    assert {name: lock[name][0] for name in exact if name in lock} == exact, "run: make lock"
    only_elsewhere = {name for name, (_, where, _) in lock.items() if where}
    assert set(lock) - set(exact) - only_elsewhere <= {"setuptools"}, "run: make constraints"
    assert not [name for name in lock if name.startswith(_NOT_LOCKED)]
    assert not [name for name, (_, _, hashes) in lock.items() if not hashes]
    makefile = (ROOT / "Makefile").read_text()
    assert "--require-hashes --no-deps --requirement $(LOCK)" in makefile


def test_the_front_door_leads_to_the_rooms() -> None:
    """Mistake: a name that a type checker knows and Python does not, or from the wrong room."""
    tree = ast.parse(Path(str(hppt_lib.__file__)).read_text(encoding="utf-8"))
    stated = {
        alias.asname: str(node.module).removeprefix("hppt_lib.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("hppt_lib.")
        for alias in node.names
        if alias.asname == alias.name
    }
    assert stated == hppt_lib._ROOMS
    for name, room in stated.items():
        module = import_module(f"hppt_lib.{room}")
        assert getattr(hppt_lib, name) is getattr(module, name)
        # A room that is one file has no list: what it defines itself is its own.
        if hasattr(module, "__all__"):
            assert name in module.__all__, f"{name} in {room}"
        else:
            assert getattr(module, name).__module__ == module.__name__, f"{name} in {room}"


def test_the_front_door_needs_no_package() -> None:
    """Mistake: an import at the top that makes every reader of verifiers wait."""
    program = "import sys; before = set(sys.modules); import hppt_lib; "
    program += "print({name.partition('.')[0] for name in set(sys.modules) - before})"
    command = [sys.executable, "-c", program]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert ast.literal_eval(loaded) - sys.stdlib_module_names == {"hppt_lib"}


def test_every_dotted_name_leads_somewhere() -> None:
    """Mistake: a module that moved, and a docstring or a page that still names its old place."""
    paths = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "pyproject.toml")]
    for folder, pattern in (("hppt_lib", "*.py"), ("tests", "*.py"), ("data", "*.md")):
        paths += sorted((ROOT / folder).rglob(pattern))
    invented = {
        ROOT / "tests" / "course" / "test_stamps.py",
        ROOT / "tests" / "cli" / "test_bare.py",
    }
    lost = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in paths
        if path not in invented
        for name in DOTTED.findall(path.read_text(encoding="utf-8"))
        if not _leads_somewhere(name)
    ]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            names = DOTTED.findall("".join(cell["source"]))
            lost += [f"{path.name}: {name}" for name in names if not _leads_somewhere(name)]
    assert lost == []


DOTTED = re.compile(r"(?<![\w./])(?:hppt_lib|tests)(?:\.[A-Za-z_]\w*)+")


@cache
def _leads_somewhere(name: str) -> bool:
    """Whether a dotted name is a module, or one with a word of that name in it."""
    parts = name.split(".")
    if name.endswith((".py", ".NAME", "__")):  # a file; a place to fill in; Python's own
        return True
    place = ROOT
    while parts and (place / parts[0]).is_dir():
        place /= parts.pop(0)
    if parts and (place / f"{parts[0]}.py").is_file():
        texts = [(place / f"{parts.pop(0)}.py").read_text(encoding="utf-8")]
    else:
        rooms = (place / "__init__.py", place / "__init__.pyi")
        texts = [path.read_text(encoding="utf-8") for path in rooms if path.is_file()]
    return not parts or any(re.search(rf"\b{parts[0]}\b", text) for text in texts)


THEIR_OWN = ("inspect_ai",)
"""What `hppt_lib.interop` finds where it is called from, and brings to nobody else."""


def test_every_imported_package_is_declared() -> None:
    """Mistake: a package is there because another brings it, until that one stops."""
    declared = {canonicalize_name(e.name) for extra in stated().values() for e in extra}
    names = packages_distributions()
    undeclared = set()
    for path in sorted((ROOT / "hppt_lib").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules = [node.module]
            for module in modules:
                package = module.partition(".")[0]
                if package in ("hppt_lib", *THEIR_OWN) or package in sys.stdlib_module_names:
                    continue
                if not {canonicalize_name(name) for name in names[package]} & declared:
                    undeclared.add((path.relative_to(ROOT).as_posix(), package))
    assert undeclared == set()


def test_the_root_stays_small() -> None:
    """Mistake: a module laid down beside the rooms because no room was looked for."""
    files = [each.name for each in (ROOT / "hppt_lib").glob("*.py")]
    assert len(files) <= 10, sorted(files)


def test_conda_names_no_version_of_its_own() -> None:
    """Mistake: two places that state versions, and disagree."""
    lines = (ROOT / "environment.yml").read_text().splitlines()
    packages = [line.strip("- ") for line in lines if line.startswith("  ") and "-" in line]
    assert [each for each in packages if re.search(r"\d", each)] == ["python=3.11"]
    assert "e .[course]" in packages


def test_no_path_of_one_machine_is_committed() -> None:
    """Mistake: an absolute path that exists on one desk only."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    pattern = re.compile(r"(?<![\w.])/(work|home|Users|root|opt)/[\w.]+")
    found = []
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".md", ".toml", ".yml", ".ipynb", ".json", ".jsonl", ""}:
            if path.is_file() and pattern.search(path.read_text(encoding="utf-8")):
                found.append(name)
    assert [name for name in found if name != "tests/test_setup.py"] == []


@pytest.fixture
def make_folder(tmp_path: Path) -> Path:
    """The Makefile, beside a pyproject.toml, with nothing set up."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    for name in ("Makefile", "pyproject.toml", "constraints.txt", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_alone_lists_the_targets(make_folder: Path) -> None:
    """Mistake: `make` that starts an installation, or a target that help forgets."""
    listed = make(make_folder).stdout
    for target in ("course", "test", "quick", "lab", "outputs", "format", "clean", "help"):
        assert f"make {target} " in listed
    assert not (make_folder / ".venv").exists()


def test_an_old_python_is_named(make_folder: Path) -> None:
    """Mistake: an installation that fails halfway with a puzzle."""
    old = make_folder / "python3.8"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make(make_folder, "test", f"PYTHON={old}")
    assert done.returncode != 0
    assert "needs Python 3.11.5 or newer" in done.stdout + done.stderr
    assert not (make_folder / ".venv").exists()


def test_a_second_make_does_no_set_up(make_folder: Path) -> None:
    """Mistake: set-up that runs again each time, or never again after pyproject.toml changed."""
    (make_folder / ".venv").mkdir()
    for stamp in ("made", "installed"):
        (make_folder / ".venv" / stamp).touch()
    assert "pip install" not in make(make_folder, "-n", "test").stdout
    later = (make_folder / ".venv" / "installed").stat().st_mtime + 10
    os.utime(make_folder / "pyproject.toml", (later, later))
    again = make(make_folder, "-n", "test").stdout
    assert "pip install" in again and "-m venv" not in again
    assert "--require-hashes" in again and "--require-hashes" not in (
        make(make_folder, "-n", "test", "LOCK=").stdout
    ), "a registry that builds packages by itself has other files"


def test_ci_runs_the_readers_command() -> None:
    """Mistake: CI that checks something else than what the README promises."""
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_readme_lists_the_rooms_in_their_order() -> None:
    """Mistake: a room that the README forgot, or an order that the contract does not hold."""
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    [contract] = [each for each in tool["importlinter"]["contracts"] if each["type"] == "layers"]
    rooms = [name for layer in contract["layers"] for name in re.split(r" [:|] ", layer)]
    tree = (
        (ROOT / "README.md").read_text().partition("hppt_lib/          ")[2].partition("tests/")[0]
    )
    assert re.findall(r"^  (\w+)", tree, re.MULTILINE) == rooms[::-1]


def test_an_extra_is_named_for_each_package_that_it_brings() -> None:
    """Mistake: pyproject.toml moves a package, and the error still names the extra of before."""
    brought, distributions = stated(), packages_distributions()
    for extra, packages in EXTRAS.items():
        declared = {canonicalize_name(each.name) for each in brought[extra]}
        for package in packages:
            names = distributions.get(package, [package])
            assert {canonicalize_name(name) for name in names} & declared, f"{package} in '{extra}'"
