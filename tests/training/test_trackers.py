"""Trackers: what TRL is told, and where tensorboard's files go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.training.settings import parse_change, run_settings
from hppt_lib.training.trackers import TRACKERS, Reporting, trackers
from hppt_lib.training.trainer_config import trainer_config
from tests.helpers.tiny import SETTINGS, tiny_policy

FOLDER = "TENSORBOARD_LOGGING_DIR"


def test_names_are_those_of_transformers() -> None:
    """Mistake: a name that TRL does not know, found out when the trainer is made."""
    from transformers.integrations.integration_utils import INTEGRATION_TO_CALLBACK

    assert set(TRACKERS) <= set(INTEGRATION_TO_CALLBACK)
    assert trackers("wandb, trackio,wandb") == ("wandb", "trackio") and trackers("none") == ()
    with pytest.raises(HpptError, match="--set report_to=x: There is no tracker 'x'. Choose of"):
        run_settings("cpu", [parse_change("report_to=x")])


def test_trl_is_told(tmp_path: Path) -> None:
    """Mistakes: an option that nobody passes on; curves published without being asked for."""
    made = trainer_config(
        tiny_policy(), SETTINGS, 0, tmp_path, report=Reporting(("trackio",), "cpu-strict-seed0")
    )
    assert made.report_to == ["trackio"] and made.run_name == "cpu-strict-seed0"
    assert made.trackio_space_id is None and made.trackio_static_space_id is False
    assert trainer_config(tiny_policy(), SETTINGS, 0, tmp_path).report_to == []


def test_tensorboards_files_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: curves in a temporary folder, gone with the run; or a user's own choice lost."""
    monkeypatch.delenv(FOLDER, raising=False)
    report = Reporting(("tensorboard",), "x", tmp_path)
    with report.prepared():
        assert os.environ[FOLDER] == str(tmp_path)
    assert FOLDER not in os.environ
    monkeypatch.setenv(FOLDER, "mine")
    with report.prepared():
        assert os.environ[FOLDER] == "mine"
    assert os.environ[FOLDER] == "mine"
