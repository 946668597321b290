"""transformers' continuous batching as a sampler: the same distribution as the kit's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from hppt_lib.errors import HpptError
from hppt_lib.instructions import write_instructions
from hppt_lib.policy import continuous, load_policy
from hppt_lib.policy.continuous import sample_continuously
from hppt_lib.policy.load import Policy
from hppt_lib.policy.sampling import Chat, end_token_ids, sample, sample_tokens
from hppt_lib.tiers import TIERS
from hppt_lib.training.checkpoints import run_identity
from hppt_lib.training.experiment import run as experiment
from hppt_lib.training.settings import parse_change, run_settings
from tests.helpers.quantised import with_adapter
from tests.helpers.tiny import SETTINGS, tiny_folder, tiny_instructions, tiny_policy

TEMPERATURE, SAMPLES, TOKENS = 0.8, 4, 10


def prompts(policy: Policy) -> list[list[int]]:
    chat = Chat(policy.tokenizer)
    return [chat.prompt_tokens(each.prompt) for each in tiny_instructions()]


def drawn(policy: Policy, model: Any = None, seed: int = 0, **changes: Any) -> list[list[int]]:
    asked = {"samples": SAMPLES, "max_new_tokens": TOKENS, "temperature": TEMPERATURE, **changes}
    return sample_continuously(
        model or policy.model,
        prompts(policy),
        seed=seed,
        pad_id=int(policy.tokenizer.pad_token_id),
        end_ids=end_token_ids(policy.model, policy.tokenizer),
        **asked,
    )


def kits_log_probs(model: Any, prompt: Sequence[int], completion: list[int]) -> torch.Tensor:
    """Of each token, from the distribution that the kit's sampler draws from."""
    with torch.no_grad():
        logits = model(torch.tensor([[*prompt, *completion]])).logits[0, len(prompt) - 1 : -1]
    chances = (logits.float() / TEMPERATURE).log_softmax(-1)
    return chances[range(len(completion)), completion]


def kinds(folder: Path) -> dict[str, tuple[Policy, Any]]:
    """Plain, with an adapter, and with an adapter on a base in 4 bits."""
    tiny_folder(folder)
    plain, base = load_policy(folder), load_policy(folder)
    quantised = load_policy(folder, quantize=True)
    return {
        "plain": (plain, plain.model),
        "adapter": (base, with_adapter(base).eval()),
        "adapter on NF4": (quantised, with_adapter(quantised).eval()),
    }


@pytest.mark.slow
def test_log_probabilities_are_those_of_the_kits_sampler(tmp_path: Path) -> None:
    """Mistakes: an adapter that the engine does not see; a temperature or a top-k of its own; a
    response put behind another prompt. Tolerance: rounding in another order."""
    for name, (policy, model) in kinds(tmp_path / "tiny").items():
        found: list[list[float]] = []
        completions = drawn(policy, model, log_probs=found)
        assert len(completions) == len(found) == SAMPLES * len(tiny_instructions())
        ends = end_token_ids(policy.model, policy.tokenizer)
        for row, (ids, values) in enumerate(zip(completions, found, strict=True)):
            expected = kits_log_probs(model, prompts(policy)[row // SAMPLES], ids)
            assert torch.allclose(torch.tensor(values), expected, atol=2e-5), name
            assert len(ids) == TOKENS or ids[-1] in ends
            assert not ends & set(ids[:-1])


def test_without_chance_both_samplers_write_the_same() -> None:
    policy = tiny_policy(spread=0.3)
    kits = sample_tokens(
        policy.model,
        prompts(policy),
        samples=SAMPLES,
        max_new_tokens=TOKENS,
        temperature=0,
        generator=torch.Generator(),
        pad_id=int(policy.tokenizer.pad_token_id),
        end_ids=end_token_ids(policy.model, policy.tokenizer),
    )
    assert drawn(policy, temperature=0) == kits


def test_a_seed_decides_and_nothing_else_is_moved() -> None:
    """Mistakes: another draw in a resumed run; one seed for all steps; torch's own source of chance
    set back in the middle of a user's program; attention left as the engine wants it."""
    policy = tiny_policy(spread=0.3)
    torch.manual_seed(7)
    before, attention = torch.get_rng_state(), policy.model.config._attn_implementation
    first = drawn(policy)
    assert drawn(policy) == first != drawn(policy, seed=1)
    assert torch.equal(torch.get_rng_state(), before)
    assert policy.model.config._attn_implementation == attention
    rows = [tuple(ids) for ids in first]
    assert len(set(rows)) > len(rows) // 2  # the samples of a prompt are not one text


def test_a_failure_is_said_with_the_engines_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: fewer responses than were asked for, which the engine only logs."""
    policy = tiny_policy()
    monkeypatch.setattr(type(policy.model), "forward", lambda *a, **k: 1 / 0)
    with pytest.raises(HpptError, match="continuous batching failed.*sampler=kit"):
        drawn(policy)


def test_more_responses_than_the_cache_holds_wait_for_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Mistake: an evaluation that hangs, or loses what did not fit at once."""
    policy = tiny_policy(spread=0.3)
    whole = drawn(policy, temperature=0)
    monkeypatch.setattr(continuous, "_AT_ONCE", 3)
    assert drawn(policy, temperature=0) == whole


def test_sample_takes_the_samplers_there_are() -> None:
    """Mistake: a misspelt sampler that is silently the kit's."""
    policy = tiny_policy(spread=0.3)
    texts = ["Write about tea .", "milk"]
    asked: dict[str, Any] = {"samples": 3, "max_new_tokens": TOKENS, "temperature": 0, "seed": 0}
    found = [
        sample(policy.model, policy.tokenizer, texts, sampler=name, **asked)
        for name in ("kit", "continuous")
    ]
    assert found[0] == found[1]
    with pytest.raises(HpptError, match="no sampler 'contiguous'.*kit or continuous"):
        sample(policy.model, policy.tokenizer, texts, sampler="contiguous", **asked)


@pytest.mark.slow
def test_a_run_samples_with_it_and_says_so(tmp_path: Path) -> None:
    """Mistakes: a setting that nothing reads; a run that goes on with another sampler."""
    folder = tiny_folder(tmp_path / "tiny")
    for name, part in (("train", tiny_instructions()[:2]), ("held", tiny_instructions()[2:])):
        write_instructions(tmp_path / f"{name}.jsonl", part)
    words = [f"model={folder}", "sampler=continuous", "steps=1", "lora_rank=2"]
    words += [f"instructions={tmp_path / 'train.jsonl'}", f"held_out={tmp_path / 'held.jsonl'}"]
    settings = run_settings("smoke", [parse_change(each) for each in words])
    record = experiment(settings, progress=False)
    assert record.settings["training"]["sampler"] == record.identity["sampler"] == "continuous"
    assert record.steps[0].entropy_of == "trained"  # the engine tells no entropy, the kit's does
    assert len(record.steps[0].responses) == 8 and len(record.after) == 2


def test_checkpoints_from_before_there_was_a_choice_are_good() -> None:
    """Mistake: a run that is refused after an update, for a setting that it could not have."""

    def identity(**changes: Any) -> dict[str, Any]:
        return run_identity({}, {}, 0, asdict(replace(SETTINGS, **changes)), tiny_instructions())

    assert "sampler" not in identity()
    assert identity(sampler="continuous")["sampler"] == "continuous"


def test_settings_say_who_samples() -> None:
    """Mistake: two samplers asked for, and one of them silently taken."""
    with pytest.raises(HpptError, match="sampler=continuous, or vLLM"):
        replace(SETTINGS, vllm="colocate", sampler="continuous")
    with pytest.raises(HpptError, match="is 'fast'; it must be kit or continuous"):
        replace(SETTINGS, sampler="fast")  # type: ignore[arg-type]
    assert all(tier.training.sampler == "kit" for tier in TIERS.values())
