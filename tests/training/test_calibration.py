"""Rates that were measured: of this machine, kept, and used by the plan."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from hppt_lib.cli import main as cli
from hppt_lib.errors import HpptError
from hppt_lib.policy.dimensions import model_dimensions
from hppt_lib.tiers import TIERS
from hppt_lib.training import calibration
from hppt_lib.training.calibration import keep_rates, kept_rates, measured_rates
from hppt_lib.training.rates import Rates, data_sheet, token_seconds, training_seconds
from tests.helpers.tiny import tiny_folder

CPU = TIERS["cpu"]


@pytest.mark.slow
def test_it_measures_on_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistakes: rates of 0 or without end; a number of threads that stays changed."""
    monkeypatch.setattr(calibration, "_TOKENS", {"cpu": 4})
    monkeypatch.setattr(calibration, "_ROWS", {"cpu": (2, 16)})
    monkeypatch.setattr(calibration, "_REPEATS", 1)
    tier = replace(TIERS["smoke"], model=str(tiny_folder(tmp_path / "tiny")))
    threads = torch.get_num_threads()
    found = measured_rates(tier)
    assert torch.get_num_threads() == threads
    assert 1e4 < found.flops < 1e14 and 1e3 < found.bandwidth < 1e14
    assert 0 < found.layer_seconds < 10 and 0 < found.layer_seconds_nf4 < 10
    assert found.measured and "measured on this machine, one thread, " in found.basis


def test_kept_rates_are_those_of_this_machine_and_model(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: another machine's rates on a shared home; the embedded model's for a 7B one; a
    damaged cache that ends a plan."""
    assert kept_rates(CPU) is None
    mine = Rates(calibration._machine("cpu"), 5e9, 1e9, "measured", 1e-3, 2e-3, measured=True)
    keep_rates(CPU, mine)
    assert kept_rates(CPU) == mine
    assert kept_rates(replace(CPU, model="another")) is None
    assert kept_rates(replace(CPU, quantize=True)) is None
    monkeypatch.setattr(calibration, "processor_name", lambda: "another processor")
    assert kept_rates(CPU) is None
    for broken in ("{", "[]", json.dumps({calibration._key(CPU): {"speed": 3}})):
        (empty_cache / "rates.json").write_text(broken)
        assert kept_rates(CPU) is None


def test_the_plan_is_made_with_what_was_measured(
    empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: --measure that prints data-sheet seconds."""
    slow = Rates(calibration._machine("cpu"), 1e9, 1e8, "measured here", 0.0, 0.0, measured=True)
    monkeypatch.setattr(calibration, "measured_rates", lambda tier: slow)
    seconds, basis = training_seconds(CPU, model_dimensions("embedded"), 64, slow)
    assert seconds > training_seconds(CPU, model_dimensions("embedded"), 64)[0]
    for words in (["--measure"], []):  # later calls know of it
        done = CliRunner().invoke(cli.app, ["plan", "--tier", "cpu", "--json", *words])
        assert done.exit_code == 0, done.output
        found = json.loads(done.stdout)
        assert found["seconds"] == pytest.approx(seconds) and found["basis"] == basis


def test_a_gpu_tier_is_measured_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(HpptError, match="needs an NVIDIA GPU"):
        measured_rates(TIERS["gpu-16gb"])


def test_launching_counts_for_each_layer_and_token() -> None:
    """Mistake: NF4's launches for a whole base."""
    tier, model = TIERS["gpu-24gb"], model_dimensions("Qwen/Qwen2.5-7B-Instruct")
    rates = data_sheet(tier)
    whole = token_seconds(replace(tier, quantize=False), model, rates, 64)
    bare = replace(rates, layer_seconds=0.0, layer_seconds_nf4=0.0)
    assert whole - token_seconds(replace(tier, quantize=False), model, bare, 64) == pytest.approx(
        28 * 2.0e-3
    )
    assert token_seconds(tier, model, rates, 64) - token_seconds(
        tier, model, bare, 64
    ) == pytest.approx(28 * 4.6e-3)
