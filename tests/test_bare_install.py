"""The bare package in an empty environment: what it brings, how large it is, and that it works."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

pytestmark = pytest.mark.slow

LARGEST = 450  # MiB in site-packages, without pip
HEAVY = {"torch", "transformers", "trl", "peft", "pandas", "matplotlib", "jupyterlab", "datasets"}
TEA = {"key": 1, "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}], "prompt": "Tea?"}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the package as a user installs it, not editable."""
    folder = tmp_path_factory.mktemp("bare")
    source = folder / "source"
    shutil.copytree(
        ROOT / "hppt_lib", source / "hppt_lib", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, source)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    done = subprocess.run(
        [
            *(str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet"),
            *("--constraint", str(ROOT / "constraints.txt"), str(source)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode and "No matching distribution found for setuptools" in done.stderr:
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr[-2000:]
    return folder / "venv"


def run(environment: Path, *command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a program of the environment, far from the checkout."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    program = str(environment / "bin" / command[0])
    return subprocess.run(
        [program, *command[1:]], cwd=cwd, env=kept, capture_output=True, text=True, check=False
    )


def test_what_it_brings(environment: Path, tmp_path: Path) -> None:
    """Mistake: a dependency that brings torch, a figure library or a gigabyte."""
    listed = run(environment, "python", "-m", "pip", "list", "--format", "json", cwd=tmp_path)
    packages = {each["name"]: each["version"] for each in json.loads(listed.stdout)}
    tools = {"pip", "setuptools"}
    [folder] = (environment / "lib").glob("python*/site-packages")
    size = sum(
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0].partition("-")[0] not in tools
    )
    print(f"\nbare install: {len(set(packages) - tools)} packages, {size / 2**20:.0f} MiB")
    print(", ".join(f"{name} {version}" for name, version in sorted(packages.items())))
    assert not HEAVY & {name.lower() for name in packages}
    assert size / 2**20 < LARGEST


def test_a_verifier_and_the_command_line(environment: Path, tmp_path: Path) -> None:
    """Mistake: data files left out of the package, or a command that needs the checkout."""
    program = """
import sys, time
start = time.perf_counter()
import hppt_lib.verifiers as verifiers
seconds = time.perf_counter() - start
check = verifiers.build("punctuation:no_comma")
print(check("Tea.").passed, check("Tea, tea.").passed, "torch" in sys.modules)
print(len(verifiers.families()), len(verifiers.differences()))
print(f"import hppt_lib.verifiers: {1000 * seconds:.0f} ms")
from pathlib import Path
from hppt_lib import interop
row = {"prompt": "Tea?", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [None]}
found = interop.scorer("guarded")([interop.instruction_of(row)], ["Green leaves steep in water."])
tasks = Path(interop.lm_eval_tasks())
print(found[0].value, len(list(tasks.glob("*.yaml"))), (tasks / "utils.py").is_file())
"""
    done = run(environment, "python", "-c", program, cwd=tmp_path)
    assert done.stdout.splitlines()[0] == "True False False", done.stderr
    families, differences = map(int, done.stdout.splitlines()[1].split())
    assert families > 110 and differences > 280
    print(done.stdout.splitlines()[2])
    assert done.stdout.splitlines()[3] == "1.0 4 True"
    responses = tmp_path / "responses.jsonl"
    rows = [{**TEA, "response": text} for text in ("Tea is hot.", "Tea, hot.")]
    responses.write_text("".join(json.dumps(row) + "\n" for row in rows))
    scored = run(environment, "hppt", "verify", str(responses), cwd=tmp_path)
    assert scored.returncode == 0, scored.stderr
    assert "0.50" in scored.stdout
    assert run(environment, "hppt", "differences", "no_comma", cwd=tmp_path).returncode == 0
    assert run(environment, "hppt", "doctor", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("program", "extra"),
    [
        ("from hppt_lib import load_policy; load_policy()", "train"),
        ("from hppt_lib.figures import use_style", "course"),
        (
            "from hppt_lib.cli.main import main; import sys; sys.argv[1:] = ['train']; main()",
            "train",
        ),
    ],
)
def test_a_missing_extra_is_named(
    environment: Path, tmp_path: Path, program: str, extra: str
) -> None:
    """Mistake: "No module named 'torch'", and the reader installs a torch of his own choice."""
    done = run(environment, "python", "-c", program, cwd=tmp_path)
    assert done.returncode != 0
    assert f"pip install 'hppt-lab[{extra}]'" in done.stderr
