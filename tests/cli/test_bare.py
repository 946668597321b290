"""The command line where only the bare package is installed: what runs, and what is said."""

from __future__ import annotations

import json
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from hppt_lib import errors
from hppt_lib.cli import main as cli
from tests import ROOT
from tests.helpers.commands import hppt_without, python_without

pytestmark = pytest.mark.slow

ABSENT = [package for packages in errors.EXTRAS.values() for package in packages]
ABSENT += ["statsmodels", "sklearn", "nbgrader"]  # for the tests alone


@pytest.fixture
def responses(tmp_path: Path) -> str:
    row = {
        "key": 1,
        "instruction_id_list": ["punctuation:no_comma"],
        "kwargs": [{}],
        "prompt": "Tea?",
    }
    path = tmp_path / "responses.jsonl"
    path.write_text(
        "".join(json.dumps({**row, "response": text}) + "\n" for text in ("Hot tea.", "Tea, hot."))
    )
    return str(path)


def answers() -> str:
    """Shipped answers of a judge, to all of the soft rows."""
    return str(ROOT / "data/audit/answers/embedded-zero-shot.jsonl")


COMMANDS = [
    "doctor",
    "fetch",
    "course",
    "site",
    "verify",
    "differences",
    "audit",
    "load",
    "instructions",
]
COMMANDS += ["pilot", "refine", "plan", "train", "sweep", "compare", "pictures"]


ROOMS = ["verifiers", "instructions", "sources", "corpus", "judges", "rewards", "scoring", "audit"]
ROOMS += ["evaluation", "refine"]


def test_rooms_without_a_policy_need_no_extra() -> None:
    """Mistake: a type of the policy imported where only its name is needed."""
    program = "".join(f"import hppt_lib.{room}\n" for room in ROOMS)
    assert python_without(ABSENT, program).stderr == ""


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_needs_no_extra(command: str) -> None:
    """Mistake: an import at the top of a module that only one command needs."""
    done = hppt_without(ABSENT, *command.split(), "--help")
    assert done.returncode == 0 and "Usage" in done.stdout, done.stderr


def test_verifying_needs_no_extra(responses: str) -> None:
    """Mistake: torch or pandas on the way to a verifier."""
    done = hppt_without(ABSENT, "verify", responses)
    assert done.returncode == 0 and "0.50" in done.stdout, done.stderr
    assert hppt_without(ABSENT, "differences", "palindrome").returncode == 0


def test_an_audit_of_a_replayed_judge_needs_no_extra() -> None:
    """Mistake: the local judge's model loaded for a judge that has answered before."""
    done = hppt_without(ABSENT, "audit", "--judge", f"replayed:{answers()}", "--limit", "5")
    assert done.returncode == 0 and "coverage 1.00" in done.stdout, done.stderr


def test_the_check_up_names_the_extra() -> None:
    """Mistake: a check-up that stops at the first package that is missing."""
    done = hppt_without(ABSENT, "doctor")
    assert "hppt-lab[" in done.stdout and not done.stderr, done.stderr


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("fetch", "train"),
        ("pilot train --limit 1", "train"),
        ("train --tier smoke", "train"),
        (f"refine {ROOT}/data/pilots/train.jsonl", "course"),
        ("course --tier smoke", "course"),
        ("pictures", "course"),
    ],
)
def test_a_missing_extra_is_named_in_one_line(command: str, extra: str, tmp_path: Path) -> None:
    """Mistake: "No module named 'torch'", and the reader installs a torch of his own choice."""
    done = hppt_without(ABSENT, *command.split(), HPPT_CACHE=str(tmp_path))
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("hppt: ") and f"pip install 'hppt-lab[{extra}]'" in line


@pytest.mark.parametrize(
    ("module", "expected"),
    [("torch.nn", SystemExit), ("hppt_lib.nowhere", ModuleNotFoundError)],
)
def test_only_packages_of_an_extra_are_explained(
    module: str,
    expected: type[BaseException],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Mistake: a bug in the kit that is reported as a package to install."""

    def app() -> None:
        raise ModuleNotFoundError(f"No module named '{module}'", name=module)

    monkeypatch.setattr(cli, "app", app)
    with pytest.raises(expected):
        cli.main()
    assert ("hppt-lab[train]" in capsys.readouterr().err) == (expected is SystemExit)


def test_the_extras_are_those_of_the_package() -> None:
    """Mistake: an error that names an extra which does not bring the package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = packages_distributions()
    for extra in ("train", "course", "site", "cluster"):
        stated = {
            canonicalize_name(requirement.name)
            for requirement in map(Requirement, project["optional-dependencies"][extra])
        }
        known = {canonicalize_name(names[package][0]) for package in errors.EXTRAS[extra]}
        assert known == stated - {"hppt-lab"}, extra
