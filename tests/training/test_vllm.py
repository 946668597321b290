"""Sampling with vLLM: what cannot work is refused, and the step stays the same step.

vLLM itself is not needed: a stand-in answers where TRL would ask it. tests/gpu asks vLLM.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
import torch

from hppt_lib import tiers
from hppt_lib.errors import HpptError
from hppt_lib.policy.load import load_policy
from hppt_lib.tiers import TIERS, require_vllm
from hppt_lib.training import experiment, trainer
from hppt_lib.training.settings import RunSettings, parse_change, run_settings
from hppt_lib.training.trainer_config import trainer_config
from tests.helpers import processes_worker
from tests.helpers.runs import run
from tests.helpers.tiny import SETTINGS, tiny_folder, tiny_policy

pytestmark = pytest.mark.slow

SERVER = "http://localhost:8000"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "find_spec", lambda name: object())


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "find_spec", lambda name: None)


@pytest.mark.parametrize("vllm", ["colocate", SERVER])
def test_a_4_bit_base_is_refused(vllm: str, installed: None) -> None:
    """Mistake: an adapter merged into 4-bit weights, which rounds most of it away."""
    with pytest.raises(HpptError, match="4 bits.*quantize=false, or vllm=off"):
        require_vllm(vllm, quantized=True)
    require_vllm(vllm, quantized=False)
    require_vllm("off", quantized=True)


def test_a_4_bit_policy_is_refused_when_training_starts(tmp_path: Path, installed: None) -> None:
    policy = load_policy(tiny_folder(tmp_path / "tiny"), quantize=True, device="cpu")
    with pytest.raises(HpptError, match="policy in 4 bits"):
        run(policy=policy, vllm="colocate")


def test_without_vllm_it_is_refused(not_installed: None) -> None:
    """Mistake: TRL's ImportError, after the model is loaded."""
    with pytest.raises(HpptError, match=r"not installed here.*'\.\[vllm\]'.*vllm=off"):
        run(vllm="colocate")
    require_vllm("off", quantized=False)


def test_it_is_refused_before_anything_is_loaded(
    not_installed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(experiment, "load_policy", lambda *a, **k: pytest.fail("a model is loaded"))
    chosen = dataclasses.replace(
        TIERS["smoke"], training=dataclasses.replace(SETTINGS, vllm=SERVER)
    )
    with pytest.raises(HpptError, match="vLLM is not installed"):
        experiment.run(RunSettings(chosen))


@pytest.mark.parametrize("wrong", ["on", "localhost:8000", "colocated"])
def test_a_wrong_word_is_refused(wrong: str, installed: None) -> None:
    with pytest.raises(HpptError, match=f"vllm is '{wrong}'; it must be off, colocate, or"):
        require_vllm(wrong, quantized=False)


@pytest.mark.parametrize("value", ["off", "colocate", SERVER])
def test_it_is_a_setting_like_the_others(value: str) -> None:
    made = run_settings("smoke", [parse_change(f"vllm={value}")])
    assert made.tier.training.vllm == value


@pytest.mark.parametrize(
    ("value", "use", "mode", "address"),
    [("off", False, "colocate", None), ("colocate", True, "colocate", None),
     (SERVER, True, "server", SERVER)],
)  # fmt: skip
def test_trl_is_told(value: str, use: bool, mode: str, address: str | None, tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, vllm=value)
    made = trainer_config(tiny_policy(), settings, 0, tmp_path)
    assert (made.use_vllm, made.vllm_mode, made.vllm_server_base_url) == (use, mode, address)
    assert made.vllm_importance_sampling_correction


class StandIn:
    """Answers like vLLM: scripted responses, and their log-probabilities under the policy."""

    def __init__(self, model: Any, temperature: float, **others: Any) -> None:
        self.model, self.temperature = model, temperature

    def sync_weights(self) -> None:
        """Nothing: it has the policy itself."""

    def generate(self, prompts: list[list[int]], num_generations: int, **others: Any) -> Any:
        responses = processes_worker.scripted(
            None, prompts[::num_generations], samples=num_generations
        )
        return None, responses, [*map(self._log_probs, prompts, responses)], None

    @torch.no_grad()
    def _log_probs(self, prompt: list[int], response: list[int]) -> list[list[float]]:
        logits = self.model(torch.tensor([prompt + response])).logits[0, len(prompt) - 1 : -1]
        values = torch.log_softmax(logits / self.temperature, -1)
        return values.gather(1, torch.tensor(response)[:, None]).tolist()


def test_with_vllm_the_step_is_the_same(installed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tolerance: 1e-4 of the gradient.

    Mistakes: the kit's sampler beside vLLM, rows left out with another row's importance ratio, a
    record without length and time.
    """
    monkeypatch.setattr("trl.trainer.grpo_trainer.VLLMGeneration", StandIn)
    monkeypatch.setattr(trainer, "sample_tokens", processes_worker.scripted)
    ours = processes_worker.gradient_of()
    monkeypatch.setattr(trainer, "sample_tokens", lambda *a, **k: pytest.fail("it sampled itself"))
    theirs = processes_worker.gradient_of(vllm="colocate")
    expected = ours["gradient"]
    assert (theirs["gradient"] - expected).norm() / expected.norm() < 1e-4
    for name in ("responses", "reward", "length"):
        assert theirs["step"][name] == ours["step"][name]
    assert theirs["step"]["rollout_seconds"] > 0
