"""The rooms policy and training load a name when it is first used, and name an absent package."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests import ROOT

LIGHT = """
from hppt_lib import policy, training
from hppt_lib.policy import model_dimensions
from hppt_lib.training import plan_of, run_settings
plan_of(run_settings("gpu-24gb"))
heavy = {"torch", "transformers", "trl", "peft"} & set(sys.modules)
assert not heavy, heavy
assert {"train", "run", "TrainingJob"} <= set(dir(training))
assert {"load_policy", "sample"} <= set(dir(policy))
"""
ABSENT = """
sys.modules["torch"] = None
from hppt_lib.errors import MissingExtra
try:
    from hppt_lib.{room} import {name}
except MissingExtra as error:
    assert "hppt-lab[train]" in str(error), error
else:
    raise AssertionError("it was loaded without torch")
"""


def run_python(program: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys\n" + program], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_settings_and_plan_need_no_torch() -> None:
    """Mistake: `hppt plan` that fails on the bare package, or takes seconds to begin."""
    run_python(LIGHT)


@pytest.mark.parametrize(("room", "name"), [("training", "train"), ("policy", "sample")])
def test_an_absent_package_is_named_with_its_extra(room: str, name: str) -> None:
    """Mistake: "No module named 'torch'", which does not say what to install."""
    run_python(ABSENT.format(room=room, name=name))


def test_every_name_of_the_contract_can_be_had() -> None:
    """Mistake: a name in the stub whose module has another by now."""
    import hppt_lib.policy
    import hppt_lib.training

    for room in (hppt_lib.policy, hppt_lib.training):
        names = room.__all__
        assert len(names) > 15 and all(getattr(room, name) is not None for name in names)
