"""The GRPO step of `hppt_lib.training.grpo`: by hand on tiny numbers, by properties, and equal to
TRL's."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.records import shipped_records
from hppt_lib.rewards import score
from hppt_lib.training import grpo

GROUP, PROMPT, LONGEST, VOCABULARY = 4, 5, 6, 32


# --- by hand --------------------------------------------------------------------------------------


def test_advantages_by_hand() -> None:
    # mean 0.25, standard deviation 0.5 (n - 1 in it): 0.75 / 0.5001 and -0.25 / 0.5001
    found = grpo.group_advantages(torch.tensor([[1.0, 0.0, 0.0, 0.0]]))
    assert torch.allclose(found, torch.tensor([[1.49970, -0.49990, -0.49990, -0.49990]]), atol=1e-5)


def test_advantages_scales() -> None:
    rewards = torch.tensor([[1.0, 0.0], [3.0, 1.0]])
    assert grpo.group_advantages(rewards, "none").tolist() == [[0.5, -0.5], [1.0, -1.0]]
    batch = grpo.group_advantages(rewards, "batch")
    assert torch.allclose(batch[1], 2 * batch[0])


reward_values = st.floats(-10, 10, width=32)


@given(st.lists(st.lists(reward_values, min_size=5, max_size=5), min_size=1, max_size=4))
def test_advantages_sum_to_zero_in_each_group(rows: list[list[float]]) -> None:
    found = grpo.group_advantages(torch.tensor(rows, dtype=torch.float64))
    assert found.sum(dim=1).abs().max() < 1e-8


@given(st.lists(reward_values, min_size=2, max_size=9), st.floats(-100, 100))
def test_advantages_ignore_a_shift_of_all_rewards(row: list[float], shift: float) -> None:
    rewards = torch.tensor([row], dtype=torch.float64)
    moved = grpo.group_advantages(rewards + shift)
    assert torch.allclose(moved, grpo.group_advantages(rewards), atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1])
def test_group_without_variance_gives_no_gradient(value: float) -> None:
    advantages = grpo.group_advantages(torch.full((1, GROUP), value)).view(-1)
    log_probs = torch.full((GROUP, LONGEST), -2.0, requires_grad=True)
    mask = torch.ones(GROUP, LONGEST)
    grpo.grpo_loss(log_probs, log_probs.detach(), advantages, mask).backward()
    assert log_probs.grad is not None
    assert log_probs.grad.abs().max() < 1e-6


def test_token_log_probabilities_by_hand() -> None:
    # Two tokens in the vocabulary; logits (0, log 3) give probabilities 1/4 and 3/4.
    logits = torch.tensor([1.0, 3.0]).log().expand(1, 3, 2)
    token_ids, mask = torch.tensor([[0, 1, 0]]), torch.tensor([[0, 1, 1]])
    found = grpo.token_log_probabilities(logits, token_ids, mask).exp()
    assert torch.allclose(found, torch.tensor([[0.75, 0.25]]))


@pytest.mark.parametrize(
    ("false_pass", "cosine", "silent"), [(0.1, 0.81, 0.13), (0.3, 0.59, 0.217), (0.6, 0.38, 0.23)]
)
def test_noise_turns_the_advantages_and_does_not_only_shorten_them(
    false_pass: float, cosine: float, silent: float
) -> None:
    """Mistake: "some signal is lost, its direction is not", from a formula for endless groups."""
    asked = {each.id: each for each in shipped_instructions("hard_train")}
    truths = [
        [score(asked[id], text).guarded for id, text in step.responses]
        for run in shipped_records("cpu-guarded-seed*")
        for step in run.steps[:5]
    ]
    truth = torch.tensor(truths, dtype=torch.float).reshape(-1, 8)
    draw = torch.Generator().manual_seed(0)
    found = []
    for _ in range(100):
        noise = torch.rand(truth.shape, generator=draw) < false_pass
        found.append(grpo.direction_kept(truth, torch.where(noise, 1.0, truth)))
    means = torch.tensor(found).mean(dim=0).tolist()
    assert means == pytest.approx((cosine, silent), abs=0.015)
    assert grpo.direction_kept(truth, truth) == pytest.approx((1.0, 0.0))
    with pytest.raises(ValueError, match="paid"):
        grpo.direction_kept(truth, truth[:3])


def test_token_log_probabilities_equal_cross_entropy_and_mask_infinities() -> None:
    draw = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 7, VOCABULARY, generator=draw)
    token_ids = torch.randint(VOCABULARY, (2, 7), generator=draw)
    found = grpo.token_log_probabilities(logits, token_ids, torch.ones(2, 7), temperature=0.5)
    expected = -torch.nn.functional.cross_entropy(
        2 * logits[:, :-1].flatten(0, 1), token_ids[:, 1:].flatten(), reduction="none"
    )
    assert torch.allclose(found.flatten(), expected, atol=1e-5)
    logits[:, :, 0] = -torch.inf  # the padding token is impossible, and must not become nan
    token_ids[:, -1] = 0
    mask = torch.ones(2, 7)
    mask[:, -1] = 0
    assert grpo.token_log_probabilities(logits, token_ids, mask)[:, -1].tolist() == [0.0, 0.0]


def test_clipped_surrogate_by_hand() -> None:
    ratios = torch.tensor([0.5, 1.0, 2.0])
    log_probs = ratios.log().expand(2, 3)
    found = grpo.clipped_surrogate(log_probs, torch.zeros(2, 3), torch.tensor([1.0, -1.0]))
    assert torch.allclose(found, torch.tensor([[0.5, 1.0, 1.2], [-0.8, -1.0, -2.0]]))
    higher = grpo.clipped_surrogate(
        log_probs, torch.zeros(2, 3), torch.tensor([1.0, -1.0]), epsilon_high=0.28
    )
    assert higher[0, 2].item() == pytest.approx(1.28)


def test_kl_estimate_by_hand_and_unbiased() -> None:
    p, q = torch.tensor([0.5, 0.3, 0.2]).log(), torch.tensor([0.2, 0.2, 0.6]).log()
    exact = (p.exp() * (p - q)).sum()
    assert torch.isclose((p.exp() * grpo.kl_estimate(p, q)).sum(), exact)
    assert (grpo.kl_estimate(p, q) >= 0).all()
    found = grpo.kl_estimate(torch.tensor([0.0]), torch.tensor([1.0]))
    assert found.item() == pytest.approx(2.718281828 - 2)


def test_loss_types_by_hand() -> None:
    # Ratio 1 everywhere, so each token of a response is worth minus its advantage.
    mask = (torch.arange(6) < torch.tensor([[6], [2]])).long()
    zeros, advantages = torch.zeros(2, 6), torch.tensor([1.0, -1.0])
    expected = {"grpo": 0.0, "bnpo": -4 / 8, "dapo": -4 / 8, "dr_grpo": -4 / 20}
    assert set(expected) == set(grpo.LOSS_TYPES)
    for kind, value in expected.items():
        found = grpo.grpo_loss(zeros, zeros, advantages, mask, kind, max_length=10)  # type: ignore[arg-type]
        assert found.item() == pytest.approx(value)


def test_dapo_but_not_bnpo_survives_being_cut_into_micro_batches() -> None:
    mask = (torch.arange(6) < torch.tensor([[6], [2]])).long()
    zeros, advantages = torch.zeros(2, 6), torch.tensor([1.0, -1.0])

    def cut(kind: Any, **options: Any) -> float:
        parts = [
            grpo.grpo_loss(zeros[[i]], zeros[[i]], advantages[[i]], mask[[i]], kind, **options)
            for i in (0, 1)
        ]
        return sum(part.item() for part in parts)

    assert cut("dapo", total_tokens=8) == pytest.approx(-0.5)
    assert cut("bnpo") / 2 == pytest.approx(0.0)


def test_wrong_shapes_and_names_are_refused() -> None:
    lp, advantages, mask = torch.zeros(2, 3), torch.zeros(2), torch.ones(2, 3)
    with pytest.raises(ValueError, match="groups, group_size"):
        grpo.group_advantages(torch.zeros(4))
    with pytest.raises(ValueError, match="at least 2"):
        grpo.group_advantages(torch.zeros(4, 1))
    with pytest.raises(ValueError, match="scale"):
        grpo.group_advantages(torch.zeros(2, 2), "no")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="vocabulary"):
        grpo.token_log_probabilities(torch.zeros(2, 3), torch.zeros(2, 3), mask)
    with pytest.raises(ValueError, match=r"advantages \(batch,\)"):
        grpo.clipped_surrogate(lp, lp, advantages.unsqueeze(1))
    with pytest.raises(ValueError, match="shapes differ"):
        grpo.kl_estimate(lp, lp[:1])
    with pytest.raises(ValueError, match="mask"):
        grpo.grpo_loss(lp, lp, advantages, mask[:1])
    with pytest.raises(ValueError, match="ref_log_probs"):
        grpo.grpo_loss(lp, lp, advantages, mask, beta=0.1)
    with pytest.raises(ValueError, match="max_length"):
        grpo.grpo_loss(lp, lp, advantages, mask, "dr_grpo")
    with pytest.raises(ValueError, match="loss_type"):
        grpo.grpo_loss(lp, lp, advantages, mask, "ppo")  # type: ignore[arg-type]


# --- the same as TRL ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trainer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """TRL's trainer around a Llama of a few thousand weights: no download, seconds."""
    from datasets import Dataset
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
    from trl import GRPOConfig, GRPOTrainer

    words = {f"w{number}": number for number in range(VOCABULARY - 2)}
    words |= {"<pad>": VOCABULARY - 2, "<eos>": VOCABULARY - 1}
    backend = Tokenizer(models.WordLevel(words, unk_token="w0"))
    backend.pre_tokenizer = pre_tokenizers.Whitespace()  # type: ignore[assignment]
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", eos_token="<eos>", padding_side="left"
    )
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=VOCABULARY,
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            eos_token_id=VOCABULARY - 1,
            pad_token_id=VOCABULARY - 2,
        )
    )
    folder: Path = tmp_path_factory.mktemp("trl")

    def rollout_func(prompts: list[str], trainer: Any) -> dict[str, Any]:
        draw = torch.Generator().manual_seed(1)

        def ids(length: int) -> list[int]:
            return torch.randint(VOCABULARY - 2, (length,), generator=draw).tolist()

        prompt = ids(PROMPT)
        lengths = [LONGEST, 2, 4, 1]
        return {
            "prompt_ids": [prompt for _ in prompts],
            "completion_ids": [ids(length) for length in lengths],
            "logprobs": None,
        }

    return GRPOTrainer(
        model=model,
        args=GRPOConfig(
            output_dir=str(folder),
            per_device_train_batch_size=GROUP,
            num_generations=GROUP,
            max_completion_length=LONGEST + 3,
            temperature=0.8,
            use_cpu=True,
            bf16=False,
            gradient_checkpointing=False,
            report_to="none",
            logging_strategy="no",
            save_strategy="no",
            disable_tqdm=True,
        ),
        reward_funcs=lambda completions, **kwargs: [1.0, 0.0, 0.25, 1.0],
        train_dataset=Dataset.from_list([{"prompt": "w1 w2"}]),
        processing_class=tokenizer,
        rollout_func=rollout_func,
    )


@pytest.fixture(scope="module")
def batch(trainer: Any) -> dict[str, torch.Tensor]:
    """One group as TRL prepares it, with an old and a reference policy that differ from the new."""
    trainer.model.train()
    trainer.current_gradient_accumulation_steps = 1
    prepared = trainer._generate_and_score_completions([{"prompt": "w1 w2"}] * GROUP)
    noise = torch.Generator().manual_seed(2)
    mask = prepared["completion_mask"]
    now = log_probabilities(trainer, prepared).detach()
    for name in ("old_per_token_logps", "ref_per_token_logps"):
        prepared[name] = now + 0.3 * torch.randn(now.shape, generator=noise) * mask
    return prepared


def log_probabilities(trainer: Any, batch: dict[str, torch.Tensor]) -> torch.Tensor:
    """By hand; only the response's columns, as in TRL."""
    token_ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1)
    attention = torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1)
    response = torch.cat([0 * batch["prompt_mask"], batch["completion_mask"]], dim=1)
    logits = trainer.model(input_ids=token_ids, attention_mask=attention).logits
    found = grpo.token_log_probabilities(logits, token_ids, response, trainer.temperature)
    return found[:, -batch["completion_ids"].shape[1] :]


def gradient(trainer: Any, loss: torch.Tensor) -> torch.Tensor:
    parts = torch.autograd.grad(loss, list(trainer.model.parameters()))
    return torch.cat([part.flatten() for part in parts])


def relative(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    return ((ours - theirs).norm() / theirs.norm().clamp(min=1e-12)).item()


def test_advantages_equal_trl(batch: dict[str, torch.Tensor]) -> None:
    ours = grpo.group_advantages(torch.tensor([[1.0, 0.0, 0.25, 1.0]])).view(-1)
    assert relative(ours, batch["advantages"]) < 1e-6


def test_token_log_probabilities_equal_trl(trainer: Any, batch: dict[str, torch.Tensor]) -> None:
    theirs, _, _ = trainer._get_per_token_logps_and_entropies(
        trainer.model,
        torch.cat([batch["prompt_ids"], batch["completion_ids"]], dim=1),
        torch.cat([batch["prompt_mask"], batch["completion_mask"]], dim=1),
        batch["completion_ids"].shape[1],
    )
    mask = batch["completion_mask"].bool()
    assert relative(log_probabilities(trainer, batch)[mask], theirs[mask]) < 1e-6


@pytest.mark.parametrize(("beta", "kl_correction"), [(0.0, True), (0.1, True), (0.1, False)])
@pytest.mark.parametrize("epsilon_high", [0.2, 0.28])
@pytest.mark.parametrize("loss_type", grpo.LOSS_TYPES)
def test_loss_and_gradient_equal_trl(
    trainer: Any,
    batch: dict[str, torch.Tensor],
    loss_type: grpo.LossType,
    beta: float,
    epsilon_high: float,
    kl_correction: bool,
) -> None:
    trainer.loss_type, trainer.beta, trainer.epsilon_high = loss_type, beta, epsilon_high
    trainer.args.use_bias_correction_kl = kl_correction
    theirs = trainer._compute_loss(trainer.model, copy.copy(batch))
    log_probs = log_probabilities(trainer, batch)
    ours = grpo.grpo_loss(
        log_probs,
        batch["old_per_token_logps"],
        batch["advantages"],
        batch["completion_mask"],
        loss_type,
        epsilon_high=epsilon_high,
        beta=beta,
        ref_log_probs=batch["ref_per_token_logps"],
        kl_correction=kl_correction,
        max_length=trainer.max_completion_length,
    )
    ratios = torch.exp(log_probs - batch["old_per_token_logps"])[batch["completion_mask"].bool()]
    assert (ratios < 0.8).any() and (ratios > 1.28).any(), "the batch must reach the clip"
    assert relative(ours, theirs) < 1e-5
    assert relative(gradient(trainer, ours), gradient(trainer, theirs)) < 1e-5


def test_this_comparison_can_fail(trainer: Any, batch: dict[str, torch.Tensor]) -> None:
    """The loss types really differ on this batch, so equality above means something."""
    log_probs = log_probabilities(trainer, batch)
    losses = [
        grpo.grpo_loss(
            log_probs,
            batch["old_per_token_logps"],
            batch["advantages"],
            batch["completion_mask"],
            kind,  # type: ignore[arg-type]
            max_length=trainer.max_completion_length,
        ).item()
        for kind in ("grpo", "dapo", "dr_grpo")
    ]
    assert min(abs(a - b) for a in losses for b in losses if a is not b) > 1e-3
