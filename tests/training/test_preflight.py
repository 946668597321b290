"""What would end a run after its base evaluation is found before anything is loaded."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, write_instructions
from hppt_lib.rewards import judged
from hppt_lib.tiers import EvaluationSettings, Tier
from hppt_lib.training import experiment
from hppt_lib.training.preflight import with_judge
from hppt_lib.training.settings import RunSettings
from tests.helpers.servers import Desk, error, raw, says, serving
from tests.helpers.tiny import SETTINGS, tiny_folder, tiny_instructions, tiny_policy


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunSettings:
    """A run in which nothing may be loaded."""
    monkeypatch.setattr(experiment, "load_policy", None)
    write_instructions(tmp_path / "mine.jsonl", tiny_instructions()[:2])
    write_instructions(tmp_path / "held.jsonl", tiny_instructions()[2:])
    tier = Tier(
        "made", "a test", str(tiny_folder(tmp_path / "tiny")), SETTINGS, EvaluationSettings(2, 1)
    )
    files = {name: str(tmp_path / f"{name}.jsonl") for name in ("mine", "held")}
    return RunSettings(tier, "strict", files["mine"], files["held"])


def with_training(run: RunSettings, **changes: Any) -> RunSettings:
    training = dataclasses.replace(run.tier.training, **changes)
    return dataclasses.replace(run, tier=dataclasses.replace(run.tier, training=training))


def test_too_few_instructions_for_a_step(run: RunSettings, tmp_path: Path) -> None:
    """Mistake: "too few", after an hour of evaluating the base policy."""
    many = with_training(run, prompts_per_step=64)
    with pytest.raises(HpptError, match="2 instructions are too few for prompts_per_step = 64"):
        experiment.run_and_write(many, tmp_path, show=str)


def test_a_model_without_tokenizer_or_chat_template(run: RunSettings, tmp_path: Path) -> None:
    """Mistakes: a ValueError out of a template; an empty tokenizer that transformers makes up."""
    from transformers import Qwen2Config

    policy = tiny_policy()
    policy.model.save_pretrained(tmp_path / "llama")
    Qwen2Config(vocab_size=97).save_pretrained(tmp_path / "qwen")
    policy.model.save_pretrained(tmp_path / "base")
    policy.tokenizer.chat_template = None
    policy.tokenizer.save_pretrained(tmp_path / "base")
    for name, message in (
        ("llama", "llama has no tokenizer: there is no tokenizer.json"),
        ("qwen", "qwen has no tokenizer"),
        ("base", "base has no chat template.*Instruct version"),
    ):
        tier = dataclasses.replace(run.tier, model=str(tmp_path / name))
        with pytest.raises(HpptError, match=message):
            experiment.run(dataclasses.replace(run, tier=tier), progress=False)


def test_prompts_of_the_kits_own_sets_are_measured_too(run: RunSettings) -> None:
    """Mistake: a model of few positions, and a set that was only ever used with longer ones."""
    short = with_training(run, max_new_tokens=2045)
    shipped = dataclasses.replace(short, held_out="hard_heldout")
    with pytest.raises(HpptError, match="tiny takes 2048 in all, and 2045 of them are for the"):
        experiment.run(shipped, progress=False)


def test_a_folder_that_cannot_be_written(run: RunSettings, tmp_path: Path) -> None:
    """Mistake: "permission denied", at the end."""
    (tmp_path / "out").write_text("a file")
    with pytest.raises(HpptError, match="Could not write .*out"):
        experiment.run_and_write(run, tmp_path / "out", show=str)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("wandb", "To report to wandb its package.*pip install wandb"),
        ("trackio, tensorboard", "To report to trackio its package"),
    ],
)
def test_a_tracker_that_is_not_installed(
    names: str, message: str, run: RunSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hppt_lib.training.trackers.find_spec", lambda package: None)
    with pytest.raises(HpptError, match=message):
        experiment.run_and_write(
            dataclasses.replace(run, report_to=names), tmp_path / "out", show=str
        )
    assert not (tmp_path / "out").exists()


# --- the judge ------------------------------------------------------------------------------------

SOFT = Constraint("soft:tone", {}, "Be kind.", "soft")
MIXED = [
    dataclasses.replace(each, constraints=(*each.constraints, SOFT)) for each in tiny_instructions()
]


@pytest.mark.parametrize(
    ("send", "said"),
    [
        (error(401, "Incorrect API key"), "HTTP 401 .no key: set OPENAI_API_KEY"),
        (error(404, "The model `m` does not exist"), "HTTP 404.*does not exist"),
        (raw(b"<html>Welcome</html>"), "not a chat completion .a web page"),
    ],
    ids=["key", "model", "web page"],
)
def test_a_judge_that_does_not_answer_is_said_in_its_servers_words(
    send: Any, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a wrong key or model, found out after the base policy's evaluation."""
    monkeypatch.setattr("hppt_lib.judges.endpoint._FIRST_WAIT", 0.001)
    with serving(Desk(lambda *_: send)) as desk:
        reward = judged(judge=f"{desk.url}#m")
        with pytest.raises(HpptError, match=f"answered none of 1 questions: {said}"):
            with_judge(reward, MIXED)
        assert with_judge(reward, tiny_instructions()).judging  # nothing to decide: not asked


def test_a_judge_that_answers_is_asked_once_and_handed_on() -> None:
    """Mistake: a judge that is loaded twice."""
    with serving(Desk(lambda *_: says("Yes"))) as desk:
        ready = with_judge(judged(judge=f"{desk.url}#m"), MIXED)
        assert ready.judging and not isinstance(ready.judging.judge, str)
        assert len(desk.bodies) == 1


def test_a_judge_that_cannot_be_loaded(run: RunSettings) -> None:
    with pytest.raises(HpptError, match="There is no model './no-judge'"):
        experiment.run(dataclasses.replace(run, reward="judged(judge=./no-judge)"), progress=False)
