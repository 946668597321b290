"""Training on a tiny random model: what changes, what does not, and the same gradient as TRL's."""

from __future__ import annotations

import dataclasses
import hashlib
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from trl.trainer import base_trainer

from hppt_lib.errors import HpptError
from hppt_lib.policy.speedups import SpeedUps
from hppt_lib.records import Step
from hppt_lib.rewards import STRICT
from hppt_lib.training import trainer
from hppt_lib.training.batches import without_idle_rows
from hppt_lib.training.trainer import Trainer
from hppt_lib.training.training_run import TrainingRun, adapter_fingerprint, train
from tests.helpers.gradients import Captured, both, capture
from tests.helpers.runs import diverging, job, run
from tests.helpers.tiny import SETTINGS, WORDS, thinking_policy, tiny_instructions, tiny_policy

pytestmark = pytest.mark.slow


def hash_of_base(model: torch.nn.Module) -> dict[str, str]:
    """A hash for each weight that is not the adapter's, by its name before peft renames it."""
    return {
        name.removeprefix("base_model.model.").replace(".base_layer", ""): hashlib.sha256(
            weight.detach().numpy().tobytes()
        ).hexdigest()
        for name, weight in model.named_parameters()
        if "lora_" not in name
    }


@pytest.fixture(scope="module")
def trained() -> TrainingRun:
    return run()


# --- what a run leaves ----------------------------------------------------------------------------


def test_the_adapter_changes_and_the_base_does_not(trained: TrainingRun) -> None:
    """Mistake: an optimiser that holds no adapter weight, or one that holds the base's."""
    assert any(step.zero_variance < 1 for step in trained.steps), "the run must have a gradient"
    assert trained.adapter_before != trained.adapter_after
    assert trained.adapter_after == adapter_fingerprint(trained.policy.model)
    assert hash_of_base(trained.policy.model) == hash_of_base(tiny_policy().model)


def test_a_step_says_what_happened(trained: TrainingRun) -> None:
    """Mistake: rewards of one micro-batch instead of the whole step's."""
    asked = {each.id: each for each in tiny_instructions()}
    assert [each.step for each in trained.steps] == [1, 2]
    for step in trained.steps:
        assert len(step.responses) == 8
        ids = [id for id, _ in step.responses]
        assert ids[:4] == ids[:1] * 4 and ids[4:] == ids[4:5] * 4 and ids[0] != ids[4]
        passed = [
            all(constraint.verifier()(text).passed for constraint in asked[id].constraints)
            for id, text in step.responses
        ]
        assert step.reward == step.strict == sum(passed) / 8
        same = [len(set(group)) == 1 for group in (passed[:4], passed[4:])]
        assert step.zero_variance == sum(same) / 2
        assert step.guarded <= step.strict
        assert 1 <= step.length <= SETTINGS.max_new_tokens
        assert step.gradient_norm > 0 and step.entropy > 0
        assert 0 < step.rollout_seconds <= step.seconds <= trained.seconds + 1


def test_the_entropy_comes_from_the_sampler(trained: TrainingRun) -> None:
    """Mistake: the entropy of the rows that are trained on, which speed-ups choose."""
    settings = dataclasses.replace(SETTINGS, steps=1)
    slower = job(settings=settings, speed_ups=SpeedUps(leave_out_idle=False))
    plain = train(tiny_policy(), slower, progress=False)
    first = trained.steps[0]
    assert first.entropy_of == "all" and 0 < first.entropy < math.log(len(WORDS))
    assert plain.steps[0].responses == first.responses
    assert plain.steps[0].entropy == pytest.approx(first.entropy, rel=1e-4)


def test_idle_rows_are_left_out_of_one_loss_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: rows left out of a loss that divides by the number of rows."""
    made = trainer.trainer_config

    def other(*arguments: Any) -> Any:
        config = made(*arguments)
        config.loss_type = "grpo"
        return config

    monkeypatch.setattr(trainer, "trainer_config", other)
    with pytest.raises(HpptError, match="changes the loss 'grpo'"):
        run(steps=1)
    settings = dataclasses.replace(SETTINGS, steps=1)
    slow = job(settings=settings, speed_ups=SpeedUps.none())
    assert len(train(tiny_policy(), slow, progress=False).steps) == 1


def numbers(found: TrainingRun) -> list[tuple[Any, ...]]:
    return [(s.reward, s.guarded, s.length, s.gradient_norm, s.responses) for s in found.steps]


def test_the_same_seed_gives_the_same_run(trained: TrainingRun) -> None:
    """Mistake: chance that the seed does not rule (adapter, order, sampling)."""
    torch.manual_seed(99)  # whatever was drawn before must not matter
    again = run()
    assert numbers(again) == numbers(trained)
    assert again.adapter_before == trained.adapter_before
    assert again.adapter_after == trained.adapter_after


def test_another_seed_gives_another_run(trained: TrainingRun) -> None:
    other = run(seed=1, steps=1)
    assert other.adapter_before != trained.adapter_before
    assert other.steps[0].responses != trained.steps[0].responses


def test_nothing_of_this_machine_is_sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Mistake: TRL's note to the hub (accelerator, model type, data) leaves a reader's machine."""
    sent: list[Any] = []
    monkeypatch.setattr(base_trainer, "send_telemetry", lambda **note: sent.append(note))
    monkeypatch.delenv("CI", raising=False)  # TRL sends nothing where it is set
    made = Trainer(tiny_policy(), job(), tmp_path)
    assert not sent
    super(Trainer, made)._send_telemetry()
    assert len(sent) == 1, "TRL's own must be what is held back here"


def test_each_step_is_reported_once() -> None:
    seen: list[Step] = []
    found = train(tiny_policy(), job(), on_step=seen.append)
    assert tuple(seen) == found.steps


def test_the_reward_is_what_is_learnt() -> None:
    """Mistake: an advantage of the wrong sign, or rewards that stand with other rollouts."""
    comma_free = [each for each in tiny_instructions() if each.id != "cup"]
    settings = dataclasses.replace(
        SETTINGS, steps=12, prompts_per_step=3, group_size=8, micro_batch=24, learning_rate=3e-2
    )
    learning = job(instructions=comma_free, settings=settings)
    found = train(tiny_policy(), learning, progress=False)
    early, late = (
        sum(step.reward for step in part) / 3 for part in (found.steps[:3], found.steps[-3:])
    )
    assert late > early + 0.1


# --- the same gradient as TRL's -------------------------------------------------------------------


@pytest.fixture(scope="module")
def captured() -> Captured:
    return capture(micro_batch=8)


ADVANTAGES = {
    "some rows idle": [0.9, 0, 0, -1.1, 0, 0.7, 0, 0],
    "one group idle": [0.5, 0.5, 0.5, -1.5, 0, 0, 0, 0],
    "the first row idle": [0, 1, 0, 0, 0, 0, 0, 0],
    "no row idle": [0.9, -0.3, -0.3, -0.3, 0.5, 0.5, -0.5, -0.5],
}


@pytest.mark.parametrize("values", ADVANTAGES.values(), ids=ADVANTAGES.keys())
def test_leaving_idle_rows_out_keeps_trls_gradient(captured: Captured, values: list[float]) -> None:
    """Mistake: a mean over the rows that are left, or columns cut from one tensor only."""
    for batch, items in captured.batches:
        batch = batch | {"advantages": torch.tensor(values)}
        ours, theirs = both(captured.trainer, batch, items)
        assert theirs.norm() > 1e-4
        assert (ours - theirs).norm() / theirs.norm() < 1e-5


def test_the_batches_have_what_the_comparison_needs(captured: Captured) -> None:
    """Prompts and responses of different lengths, so that columns are cut; both LoRA factors."""
    for batch, _ in captured.batches:
        assert len(set(batch["prompt_mask"].sum(1).tolist())) > 1
        assert len(set(batch["completion_mask"].sum(1).tolist())) > 1
    grown = [p for n, p in captured.trainer.model.named_parameters() if "lora_B" in n]
    assert all(each.abs().max() > 0 for each in grown)


def test_all_rows_idle_give_no_gradient(captured: Captured) -> None:
    """Mistake: an empty batch, or nan from a mean over nothing."""
    batch, items = captured.batches[0]
    batch = batch | {"advantages": torch.zeros(8)}
    ours, theirs = both(captured.trainer, batch, items)
    assert ours.abs().max() == theirs.abs().max() == 0


def test_this_comparison_can_fail(captured: Captured) -> None:
    """A loss divided by the rows that are left is off by far more than the tolerance."""
    batch, items = captured.batches[0]
    batch = batch | {"advantages": torch.tensor(ADVANTAGES["some rows idle"])}
    fewer = without_idle_rows(batch)
    fewer["num_items_in_batch"] = fewer["completion_mask"].sum()
    ours, _ = both(captured.trainer, fewer, items)
    _, theirs = both(captured.trainer, batch, items)
    assert (ours - theirs).norm() / theirs.norm() > 0.05


def test_with_kl_idle_rows_stay() -> None:
    """Mistake: leaving out rows whose KL term still pulls."""
    held = capture(kl_coefficient=0.1, micro_batch=8)
    batch, items = held.batches[-1]
    batch = batch | {"advantages": torch.tensor(ADVANTAGES["some rows idle"])}
    ours, theirs = both(held.trainer, batch, items)
    assert (ours - theirs).norm() / theirs.norm() < 1e-5


def test_idle_rows_and_padding_are_left_out_and_the_batch_is_not_changed() -> None:
    ids = torch.arange(12).view(3, 4)
    batch = {
        "prompt_ids": ids,
        "prompt_mask": torch.tensor([[0, 0, 1, 1], [1, 1, 1, 1], [0, 1, 1, 1]]),
        "completion_ids": ids + 100,
        "completion_mask": torch.tensor([[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]]),
        "old_per_token_logps": ids / 10,
        "advantages": torch.tensor([1.0, 0.0, -1.0]),
        "num_items_in_batch": torch.tensor(7),
    }
    kept = without_idle_rows(batch)
    assert kept["prompt_ids"].tolist() == [[1, 2, 3], [9, 10, 11]]
    assert kept["completion_ids"].tolist() == [[100, 101], [108, 109]]
    assert kept["old_per_token_logps"].shape == (2, 2)
    assert kept["advantages"].tolist() == [1.0, -1.0]
    assert kept["num_items_in_batch"] == 7
    assert batch["prompt_ids"].shape == (3, 4) and len(batch["advantages"]) == 3


# --- what goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"micro_batch": 3}, r"2 × 4 = 8 rollouts, which micro_batch = 3 does not divide"),
        ({"group_size": 1}, "group_size' is 1; it must be from 2"),
        ({"prompts_per_step": 5}, "4 instructions are too few for prompts_per_step = 5"),
    ],
)
def test_sizes_that_do_not_fit_are_said_before_training(
    changes: dict[str, int], message: str
) -> None:
    """Mistake: TRL's own error after minutes of loading."""
    with pytest.raises(HpptError, match=message):
        run(**changes)


def test_a_micro_batch_larger_than_a_step_is_the_step() -> None:
    """Mistake: refusing the smoke tier, whose steps are smaller than the default micro-batch."""
    assert len(run(micro_batch=64, steps=1).steps) == 1


def test_a_policy_is_trained_once() -> None:
    """Mistake: a second adapter upon the first, taken for a run from the base."""
    base = tiny_policy()
    found = run(policy=base, steps=1)
    for policy in (base, found.policy):
        with pytest.raises(HpptError, match="has an adapter already. Load the base policy anew"):
            run(policy=policy)


def test_a_model_without_adapter_has_no_fingerprint() -> None:
    """Mistake: the hash of nothing, equal before and after."""
    with pytest.raises(HpptError, match="no LoRA adapter"):
        adapter_fingerprint(tiny_policy().model)


def test_a_gradient_that_is_no_number_stops_the_run() -> None:
    """Mistake: training on with weights of nan, and a curve that ends for no reason."""
    policy = tiny_policy()

    def spoil(module: Any, args: Any, output: torch.Tensor) -> None:
        if output.requires_grad:
            output.register_hook(lambda gradient: gradient * float("nan"))

    policy.model.model.norm.register_forward_hook(spoil)  # TRL goes round lm_head
    with pytest.raises(HpptError, match=r"Step 1: the gradient is not a number. Lower the learn"):
        run(policy=policy)


def test_a_policy_that_diverged_stops_the_run() -> None:
    """Mistake: a curve of nan after a learning rate that is far too high."""
    with pytest.raises(HpptError, match=r"Step \d: .* Lower the learning rate \(now 1"):
        train(tiny_policy(), job(settings=diverging(SETTINGS)), progress=False)


def test_a_policy_that_cannot_be_sampled_stops_the_run() -> None:
    """Mistake: "logits are not numbers" where the advice is a lower learning rate."""
    policy = tiny_policy()
    policy.model.lm_head.weight.data[:] = float("nan")
    with pytest.raises(HpptError, match="Step 1: the policy is not a number. Lower the learning"):
        run(policy=policy)


def test_a_reward_of_another_scale_is_recorded_as_it_is() -> None:
    """Mistake: the strict share in the reward's place."""
    double = dataclasses.replace(
        STRICT, name="double", value=lambda score: 2.0 * score.strict, range=(0.0, 2.0)
    )
    one_step = job(reward=double, settings=dataclasses.replace(SETTINGS, steps=1))
    found = train(tiny_policy(), one_step, progress=False)
    assert found.steps[0].reward == 2 * found.steps[0].strict


# --- thoughts -------------------------------------------------------------------------------------

WRITTEN = [  # what stands in the prompt is "<think>"
    "hot , sweet </think> tea leaf <end>",
    "hot tea leaf about any cup",  # cut at the limit
    "</think> <end>",
    "hot </think> tea , leaf <end>",
]


@pytest.mark.parametrize("special", [False, True])
def test_training_pays_for_answers_alone(monkeypatch: pytest.MonkeyPatch, special: bool) -> None:
    """Mistake: TRL's text of a completion, which lacks the mark that the template has begun, and
    those that are special tokens: an unfinished thought is then paid."""
    policy = thinking_policy(special)
    ids = [policy.tokenizer.convert_tokens_to_ids(each.split()) for each in WRITTEN]
    monkeypatch.setattr(
        "hppt_lib.training.trainer.sample_tokens",
        lambda model, prompts, **options: [list(each) for _ in prompts for each in ids],
    )
    two = tiny_instructions()[:2]  # no commas
    found = train(policy, job(instructions=two), progress=False)
    responses = [f"<think>\n{each.removesuffix(' <end>')}" for each in WRITTEN]
    for step in found.steps:
        assert [text for _, text in step.responses] == responses * 2
        assert (step.reward, step.strict, step.guarded) == (0.25, 0.25, 0)
    whole = train(thinking_policy(special), job(instructions=two, thoughts=()), progress=False)
    # Asked for, so thoughts are answers; special tokens are none, and the third holds no others.
    assert {step.strict for step in whole.steps} == {0.25 if special else 0.5}


@pytest.mark.parametrize("thinking", [None, True, False])
def test_trl_renders_prompts_as_the_evaluation_does(tmp_path: Path, thinking: bool | None) -> None:
    """Mistake: a model that is trained to think and evaluated without. With vLLM, TRL renders."""
    trainer = Trainer(thinking_policy(thinking=thinking), job(), tmp_path)
    asked = [each.prompt for each in tiny_instructions()]
    messages = [[{"role": "user", "content": each}] for each in asked]
    rendered, *_ = trainer._tokenize_prompts(messages)
    assert rendered == [trainer.chat.prompt_tokens(each) for each in asked]
    closed = trainer.processing_class.convert_tokens_to_ids("</think>")
    assert all((ids[-1] == closed) == (thinking is False) for ids in rendered)


def test_a_run_with_other_marks_is_another_run(tmp_path: Path) -> None:
    """Mistake: a run that goes on with a checkpoint whose rewards were others."""
    train(tiny_policy(), job(checkpoints=tmp_path), progress=False)
    train(tiny_policy(), job(checkpoints=tmp_path), progress=False)
    with pytest.raises(HpptError, match=r"another run, unfinished \(thoughts: there nothing"):
        train(tiny_policy(), job(checkpoints=tmp_path, thoughts=()), progress=False)
