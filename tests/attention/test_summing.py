"""Attention summed by segment: equal to maps and to what is set by hand, and cut where said."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from hppt_lib.attention import Cut, Segmented, Sums, read, read_with_cuts, reading, segment, summing
from hppt_lib.attention.summing import cutting
from hppt_lib.errors import HpptError
from hppt_lib.policy.load import Policy, load_policy
from hppt_lib.policy.log_probs import response_log_probs
from hppt_lib.policy.sampling import sample_tokens
from tests.helpers.tiny import WORDS, gpt2_policy, tiny_instructions, tiny_policy

NAMES = ("sink", "template", "system", "query", "constraint 1", "other", "response")


def random_text(length: int = 40, prompt: int = 25, seed: int = 0) -> Segmented:
    """Random tokens in random segments: the sums must not care what they are."""
    draw = random.Random(seed)
    ids = tuple(draw.randrange(len(WORDS)) for _ in range(length))
    of = [0, *(draw.randrange(1, 6) for _ in range(prompt - 1)), *[6] * (length - prompt)]
    return Segmented(ids, tuple(of), NAMES, prompt)


def maps(policy: Policy, text: Segmented) -> torch.Tensor:
    """Eager attention's own maps, (L, H, T, T)."""
    base = (
        policy.model.get_base_model() if hasattr(policy.model, "get_base_model") else policy.model
    )
    before = base.config._attn_implementation
    base.set_attn_implementation("eager")
    with torch.no_grad():
        found = policy.model(input_ids=torch.tensor([text.token_ids]), output_attentions=True)
    base.set_attn_implementation(before)
    return torch.stack([each[0] for each in found.attentions])


def from_maps(policy: Policy, text: Segmented) -> torch.Tensor:
    member = torch.nn.functional.one_hot(torch.tensor(text.segment_of), len(text.names)).float()
    return maps(policy, text)[:, :, text.readers.start : text.readers.stop] @ member


def with_adapter(policy: Policy) -> Policy:
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(1)
    settings = LoraConfig(r=2, lora_alpha=4, target_modules="all-linear")
    model = get_peft_model(policy.model, settings)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.2)
    return replace(policy, model=model.eval())


@pytest.mark.parametrize("make", [tiny_policy, gpt2_policy, lambda: with_adapter(tiny_policy())])
@pytest.mark.parametrize("tile", [7, 256])
def test_sums_are_those_of_eager_maps(
    make: Callable[[], Policy], tile: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a tile that forgets its offset, heads in the wrong group, a lost adapter."""
    monkeypatch.setattr(summing, "TILE", tile)
    policy, text = make(), random_text()
    expected = from_maps(policy, text)
    with reading(policy):
        sums, log_probs = read(policy, text)
    assert (sums.shares - expected).abs().max() < 1e-5
    assert (sums.shares.sum(-1) - 1).abs().max() < 1e-4
    pair = (text.token_ids[:25], text.token_ids[25:])
    assert torch.allclose(log_probs, response_log_probs(policy.model, [pair])[0], atol=1e-4)


def test_the_model_attends_as_before_when_the_block_is_over() -> None:
    """Mistake: a policy that stays in our function, and trains slowly ever after."""
    policy = tiny_policy()
    before = policy.model.config._attn_implementation
    with pytest.raises(ZeroDivisionError), reading(policy):
        raise ZeroDivisionError
    assert policy.model.config._attn_implementation == before
    with pytest.raises(HpptError, match="in the block of `reading`"):
        read(policy, random_text())


def test_attention_that_is_even_by_hand() -> None:
    """Mistake: readers shifted by one, or tokens counted that a reader cannot see.

    Queries of zero see all visible tokens alike, so that every share is a count.
    """
    policy, text = tiny_policy(), random_text()
    for layer in policy.model.model.layers:
        torch.nn.init.zeros_(layer.self_attn.q_proj.weight)
    with reading(policy):
        sums, _ = read(policy, text)
    for row, reader in enumerate(text.readers):
        for place, name in enumerate(NAMES):
            seen = sum(at <= reader for at in text.places(name))
            assert sums.visible[row, place] == seen
            expected = torch.full((2, 4), seen / (reader + 1))
            assert torch.allclose(sums.shares[:, :, row, place], expected, atol=1e-6)


def by_hand(
    weights: torch.Tensor, value: torch.Tensor, member: torch.Tensor
) -> tuple[Sums, object]:
    """Our function on one head whose softmax is ``weights`` (T, T); its projection doubles."""
    project = torch.nn.Linear(value.shape[-1], value.shape[-1], bias=True)
    with torch.no_grad():
        project.weight.copy_(2 * torch.eye(value.shape[-1]))
    module = SimpleNamespace(layer_idx=0, o_proj=project)
    count = len(weights)
    watch = summing._Watch(member, range(count))
    token = summing._watch.set(watch)
    try:
        # Queries are unit vectors, and keys hold the logarithms of the weights wanted.
        query = torch.eye(count)[None, None]
        key = weights.log().clamp(min=-50).T.contiguous()[None, None]
        with torch.no_grad():
            output, _ = summing._attend(module, query, key, value[None, None], None, 1.0)
    finally:
        summing._watch.reset(token)
    return Sums(("a", "b"), watch.shares[0], watch.weighted[0], member), output


def test_attention_that_is_set_by_hand() -> None:
    """Mistake: values weighed without their length behind the projection, or with its bias."""
    weights = torch.tensor([[1.0, 0, 0], [0.25, 0.75, 0], [0.2, 0.3, 0.5]])
    value = torch.tensor([[3.0, 4.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.5]])
    member = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    sums, output = by_hand(weights, value, member)
    assert torch.allclose(sums.shares[0], torch.tensor([[1.0, 0], [1.0, 0], [0.5, 0.5]]), atol=1e-6)
    # Lengths behind the projection: 10, 2, 1.
    expected = torch.tensor([[10.0, 0], [2.5 + 1.5, 0], [2 + 0.6, 0.5]])
    assert torch.allclose(sums.weighted[0], expected, atol=1e-5)
    assert torch.allclose(output[0, :, 0], weights @ value, atol=1e-5)  # type: ignore[index]


def test_what_is_cut_gets_nothing_and_the_rest_is_shared_out() -> None:
    """Mistake: edges cut after the softmax, for all rows, or for readers of the prompt too."""
    policy, text = tiny_policy(spread=0.5), random_text()
    hidden = text.places("constraint 1")
    cut = Cut((hidden,), text.readers.start)
    with reading(policy):
        uncut, plain = read(policy, text)
        token = summing._watch.set(watch := summing._Watch(cuts=[cut]))
        try:
            found = read_with_cuts(policy, text, [None, cut, Cut((hidden,), len(text.token_ids))])
        finally:
            summing._watch.reset(token)
        assert watch.shares == {}
    assert torch.allclose(found[0], plain, atol=1e-5)  # None cuts nothing
    assert torch.allclose(found[2], plain, atol=1e-5)  # nobody stands behind the end
    assert (found[1] - plain).abs().max() > 1e-3


def test_a_cut_is_what_a_mask_of_the_model_s_own_would_do() -> None:
    """Mistake: a cut that hides other keys than it says."""
    policy, text = tiny_policy(spread=0.5), random_text()
    hidden, first = text.places("query"), text.readers.start
    count = len(text.token_ids)
    seen = torch.ones(count, count).tril().bool()
    seen[first:, list(hidden)] = False
    seen |= torch.eye(count).bool()
    with torch.no_grad():
        logits = policy.model(
            input_ids=torch.tensor([text.token_ids]), attention_mask=seen[None, None]
        ).logits[0]
    wanted = torch.tensor(text.token_ids[first + 1 :])
    expected = torch.log_softmax(logits[first:-1], -1).gather(-1, wanted[:, None])[:, 0]
    with reading(policy):
        found = read_with_cuts(policy, text, [Cut((hidden,), first)])[0]
        both = read_with_cuts(
            policy, text, [Cut((hidden,), first, [0]), Cut((hidden,), first, [1])]
        )
    assert torch.allclose(found, expected, atol=1e-5)
    assert not torch.allclose(both[0], both[1], atol=1e-4)  # a window is not the other


def test_windows_add_up_to_all_layers() -> None:
    """Mistake: a layer in no window, or in two."""
    from hppt_lib.attention.experiment import layer_windows

    for layers in (2, 5, 12, 30):
        assert [at for window in layer_windows(layers) for at in window] == list(range(layers))


def test_sampling_with_cuts_is_reading_with_cuts() -> None:
    """Mistake: padding on the left, or the cache, moves the cut to other tokens.

    The likeliest tokens, sampled in a padded batch, must be the likeliest when read one by one.
    """
    policy = tiny_policy(spread=0.5)
    asked = [segment(policy.tokenizer, each) for each in tiny_instructions()[:3]]
    prompts = [each.token_ids for each in asked]
    widest = max(map(len, prompts))
    keys = tuple(
        tuple(at + widest - len(each.token_ids) for at in each.places("constraint 1"))
        for each in asked
    )

    def sampled(cuts: list[Cut]) -> list[list[int]]:
        with reading(policy), cutting(cuts):
            return sample_tokens(
                policy.model,
                prompts,
                samples=1,
                max_new_tokens=4,
                temperature=0,
                generator=torch.Generator(),
                pad_id=WORDS.index("<pad>"),
                end_ids=frozenset(),
                drop_finished=False,
            )

    answers = sampled([Cut(keys, widest - 1)])
    assert answers != sampled([])
    for each, answer in zip(asked, answers, strict=True):
        cut = Cut((each.places("constraint 1"),), each.prompt_length - 1)
        so_far: list[int] = []
        for token in answer:
            scored = []
            with reading(policy):
                for candidate in range(len(WORDS)):
                    ids = (*each.token_ids, *so_far, candidate)
                    of = (*each.segment_of, *[6] * (len(so_far) + 1))
                    whole = Segmented(ids, of, each.names, each.prompt_length)
                    scored.append(float(read_with_cuts(policy, whole, [cut])[0, -1]))
            assert scored[token] == pytest.approx(max(scored), abs=1e-5)
            so_far.append(token)


class Largest(TorchDispatchMode):
    """Keeps how many numbers the largest tensor has that any operation gives."""

    numbers = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        found = func(*args, **(kwargs or {}))
        if isinstance(found, torch.Tensor):
            self.numbers = max(self.numbers, found.numel())
        return found


def test_no_map_is_made_of_a_long_text() -> None:
    """Mistake: a map or a mask of all tokens by all tokens, which no laptop holds for long."""
    policy, text = tiny_policy(), random_text(3000, 2990)
    with reading(policy), Largest() as largest:
        sums, _ = read(policy, text)
    assert (sums.shares.sum(-1) - 1).abs().max() < 1e-4
    assert largest.numbers <= 4 * summing.TILE * 3000 < 3000**2


@pytest.mark.slow
def test_the_embedded_model_s_sums_are_those_of_its_maps(embedded_model: object) -> None:
    """Mistake: right on a toy, wrong on the model of the course."""
    policy = load_policy()
    from hppt_lib.instructions import shipped_instructions

    asked = shipped_instructions("hard_heldout")[0]
    ids = policy.tokenizer("Cars have four wheels.", add_special_tokens=False)["input_ids"]
    text = segment(policy.tokenizer, asked, ids)
    with reading(policy):
        sums, _ = read(policy, text)
    assert (sums.shares - from_maps(policy, text)).abs().max() < 2e-5
    assert (sums.shares.sum(-1) - 1).abs().max() < 1e-4
