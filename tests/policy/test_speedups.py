"""Each speed-up alone and all together: TRL's gradient, and weights that come back to the bit."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

import pytest
import torch

from hppt_lib.policy import log_probs as logprobs
from hppt_lib.policy import speedups
from hppt_lib.policy.log_probs import attends_only, is_plain, response_log_probs, token_log_probs
from hppt_lib.policy.sampling import chat_tokens, end_token_ids, sample_tokens
from hppt_lib.policy.speedups import (
    OutputLayer,
    Packed,
    SpeedUps,
    can_pack,
    is_available,
    sampling_weights,
    training_weights,
)
from hppt_lib.training.batches import sorted_batches
from hppt_lib.training.training_run import TrainingRun, train
from tests.helpers.gradients import (
    MIXED,
    SPEED_UPS,
    capture,
    largest_difference,
    ours,
    trls,
)
from tests.helpers.runs import job, run
from tests.helpers.tiny import tiny_instructions, tiny_policy

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def captured() -> Any:
    return capture(micro_batch=8)


@pytest.mark.parametrize("speed_ups", SPEED_UPS.values(), ids=SPEED_UPS)
def test_the_gradient_is_trls(captured: Any, speed_ups: SpeedUps) -> None:
    """Mistakes: another prompt's keys, logits one place off, a row twice, another normaliser."""
    assert largest_difference(captured, speed_ups) < 1e-5


def test_with_kl_the_gradient_is_trls() -> None:
    held = capture(kl_coefficient=0.1, micro_batch=8)
    batch, items = held.batches[-1]
    batch = batch | {"advantages": MIXED}
    theirs = trls(held.trainer, batch, items)
    assert (ours(held.trainer, [batch], items, SpeedUps()) - theirs).norm() / theirs.norm() < 1e-5


def joined(batch: dict[str, Any]) -> tuple[torch.Tensor, torch.Tensor, int]:
    """Prompts and responses as one row each, their mask, and the length of the responses."""
    ids = torch.cat([batch["prompt_ids"], batch["completion_ids"]], 1)
    mask = torch.cat([batch["prompt_mask"], batch["completion_mask"]], 1)
    return ids, mask, batch["completion_ids"].shape[1]


@pytest.mark.parametrize("prompt_once", [True, False])
def test_log_probs_and_entropies_are_those_of_the_logits(captured: Any, prompt_once: bool) -> None:
    """Against a softmax over the logits of each row alone, without padding."""
    batch, _ = captured.batches[-1]
    model = captured.trainer.model
    ids, mask, length = joined(batch)
    with torch.no_grad():
        values, entropies = token_log_probs(model, ids, mask, length, 0.8, prompt_once)
        for row in range(len(ids)):
            alone = ids[row][mask[row].bool()]
            n = int(batch["completion_mask"][row].sum())
            logs = torch.log_softmax(model(alone[None]).logits[0, -n - 1 : -1] / 0.8, -1)
            wanted = logs.gather(1, alone[-n:, None]).squeeze(1)
            assert torch.allclose(values[row, :n], wanted, atol=1e-5)
            assert torch.allclose(entropies[row, :n], -(logs.exp() * logs).sum(-1), atol=1e-5)
            assert values[row, n:].abs().sum() == 0


@pytest.mark.parametrize("together", [1, 30, 60])
def test_a_sequence_that_would_be_too_long_is_cut_between_rows(
    together: int, captured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: a row without its prompt behind a cut, rows in another order."""
    batch, _ = captured.batches[-1]
    model = captured.trainer.model
    ids, mask, length = joined(batch)
    with torch.no_grad():
        whole = token_log_probs(model, ids, mask, length, 0.8)
        monkeypatch.setattr(logprobs, "TOGETHER", together)
        for found, wanted in zip(
            token_log_probs(model, ids, mask, length, 0.8), whole, strict=True
        ):
            assert torch.allclose(found, wanted, atol=1e-5)


def test_no_response_sees_another() -> None:
    """Mistake: a mask that lets a response read the one before it, or its last token twice."""
    model = tiny_policy(seed=3, spread=0.5).model
    rows = [([5, 6, 7], [8, 9]), ([5, 6], [10]), ([5, 6, 7], [11, 12, 13, 14]), ([5, 6, 7], [8, 9])]
    together = response_log_probs(model, rows)
    for row, found in zip(rows, together, strict=True):
        (alone,) = response_log_probs(model, [row])
        assert found.shape == (len(row[1]),)
        assert torch.allclose(found, alone, atol=1e-5)


def test_where_all_logits_are_computed_it_is_a_few_rows_at_a_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Mistake: 28 GiB of logits for 32 responses of a 7B model, at the end of a night's run."""
    model = tiny_policy(seed=3, spread=0.5).model
    assert not is_plain(model)
    rows = [([5, 6, 7], [8, 9, 10, 11]), ([5, 6], [10]), ([5, 6, 7, 8, 9], [11, 12]), ([7], [8])]
    together = response_log_probs(model, rows)
    sizes: list[int] = []
    monkeypatch.setattr(logprobs, "_LOGITS_AT_ONCE", 2 * 5 * model.config.vocab_size)
    whole = model.forward

    def watched(**named: torch.Tensor) -> object:
        output = whole(**named)
        sizes.append(output.logits.shape[0] * output.logits.shape[1])
        return output

    monkeypatch.setattr(model, "forward", watched)
    for one, other in zip(together, response_log_probs(model, rows), strict=True):
        torch.testing.assert_close(one, other)
    assert len(sizes) == 2 and max(sizes) <= 2 * 5


def test_only_full_attention_is_read_together() -> None:
    """Mistake: a sliding window, eager attention or a state space layer under our mask."""
    model = tiny_policy().model
    assert attends_only(model)
    for name, value in (
        ("layer_types", ["full_attention", "sliding_attention"]),
        ("model_type", "mamba"),
        ("_attn_implementation", "eager"),
    ):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(model.config, name, value, raising=False)
            assert not attends_only(model)


def test_models_with_other_output_layers_are_left_to_trl() -> None:
    """Mistake: Gemma's capped logits, or a trained output layer, taken for a plain one."""
    model = tiny_policy().model.requires_grad_(False)
    assert is_plain(model)
    model.config.final_logit_softcapping = 30.0
    assert not is_plain(model)
    model.config.final_logit_softcapping = None
    model.lm_head.weight.requires_grad_(True)
    assert not is_plain(model)
    assert not is_plain(tiny_policy().model.requires_grad_(False).to(torch.bfloat16))


def test_sorting_keeps_each_row_once_and_whole() -> None:
    """Mistake: a row's advantage with another row's tokens."""
    batch = {
        "prompt_ids": torch.tensor([[1], [2], [1], [2], [1], [2]]),
        "completion_mask": torch.tensor([[1, 1], [1, 0], [1, 0], [1, 1], [1, 1], [1, 0]]),
        "advantages": torch.tensor([1.0, 2.0, 3.0, 0.0, 5.0, 0.0]),
        "num_items_in_batch": torch.tensor(9),
    }
    made = sorted_batches([{n: v[:3] if v.ndim else v for n, v in batch.items()},
                           {n: v[3:] if v.ndim else v for n, v in batch.items()}])  # fmt: skip
    assert [each["advantages"].tolist() for each in made] == [[3, 1, 0], [5, 2, 0]]
    assert [each["prompt_ids"].flatten().tolist() for each in made] == [[1, 1, 2], [1, 2, 2]]
    assert all(each["num_items_in_batch"] == 9 for each in made)


# --- sampling -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def trained() -> TrainingRun:
    return run(steps=1)


def weights(model: Any) -> dict[str, tuple[str, tuple[int, ...], int]]:
    return {
        name: (
            hashlib.sha256(value.detach().contiguous().numpy().tobytes()).hexdigest(),
            value.stride(),
            value.data_ptr(),
        )
        for name, value in model.named_parameters()
    }


def logits(model: Any) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model(torch.tensor([[1, 2, 3, 4]])).logits
    return found


@pytest.mark.parametrize("merge", [True, False])
@pytest.mark.parametrize("pack", [True, False])
def test_sampling_touches_no_weight(merge: bool, pack: bool, trained: TrainingRun) -> None:
    """Mistake: a layer that goes on with merged or packed weights, also after an error."""
    model = trained.policy.model.eval()
    before, expected = weights(model), logits(model)
    speed_ups = dataclasses.replace(SpeedUps.none(), merge_adapter=merge, packed=pack)
    with sampling_weights(model, speed_ups):
        assert torch.allclose(logits(model), expected, atol=1e-5)
        assert bool(forwards(model)) is (merge or (pack and is_available()))
        assert weights(model) == before
    assert not forwards(model) and torch.equal(logits(model), expected)
    with pytest.raises(KeyError), sampling_weights(model, speed_ups):
        raise KeyError
    assert not forwards(model) and torch.equal(logits(model), expected)


def forwards(model: Any) -> list[str]:
    """Layers with a ``forward`` of their own (the whole model has accelerate's)."""
    found = [name for name, layer in model.named_modules() if "forward" in vars(layer)]
    return [name for name in found if name != "base_model.model"]


@pytest.mark.skipif(not is_available(), reason="this build of torch has no oneDNN")
def test_every_linear_layer_is_packed_once(
    trained: TrainingRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: the output layer forgotten; a merged layer's base packed as well, for nothing."""
    made = []
    monkeypatch.setattr(speedups, "Packed", lambda *a: made.append(a) or Packed(*a))
    model = trained.policy.model.eval()
    layers = 7 * model.config.num_hidden_layers + 1
    for merge in (True, False):
        made.clear()
        with sampling_weights(model, dataclasses.replace(SpeedUps(), merge_adapter=merge)):
            assert len(made) == layers
            found = forwards(model)
        assert sum("lora_" in name for name in found) == 0 and len(found) == layers


def test_an_adapter_that_is_switched_off_stays_off() -> None:
    """Mistake: the base policy sampled with the adapter merged in."""
    model = run(steps=1).policy.model.eval()
    for name, value in model.named_parameters():
        if "lora_B" in name:
            value.data += 0.3
    with model.disable_adapter():
        expected = logits(model)
        with sampling_weights(model, SpeedUps()):
            assert torch.allclose(logits(model), expected, atol=1e-5)


@pytest.mark.parametrize("packs", [True, False])
def test_training_packs_the_output_layer_and_takes_it_off(
    packs: bool, captured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: a packed copy that outlives the run; TRL's gradient lost by packing."""
    monkeypatch.setattr(speedups, "can_pack", lambda layer: packs and is_available())
    head = captured.trainer.model.get_base_model().get_output_embeddings()
    with training_weights(captured.trainer.model, SpeedUps()):
        assert hasattr(head, "output_layer") is (packs and is_available())
        assert largest_difference(captured, SpeedUps()) < 1e-5
    assert not hasattr(head, "output_layer")


def test_a_trained_output_layer_is_not_packed() -> None:
    """Mistake: logits of the first step for ever."""
    model = tiny_policy().model
    assert model.lm_head.weight.requires_grad
    with training_weights(model, SpeedUps()):
        assert not hasattr(model.lm_head, "output_layer")


def test_the_merged_adapter_counts_once() -> None:
    """Mistake: merged weights and the adapter beside them, or a base without it."""
    model = run(steps=1).policy.model.eval()  # no copy: TRL's forward would be that of the original
    for name, value in model.named_parameters():
        if "lora_B" in name:
            value.data += 0.3
    with_adapter = logits(model)
    with model.disable_adapter():
        assert not torch.allclose(logits(model), with_adapter, atol=1e-2)
    with sampling_weights(model, SpeedUps()):
        assert torch.allclose(logits(model), with_adapter, atol=1e-4)


@pytest.mark.parametrize("option", ["prefill_once", "drop_finished"])
def test_sampling_speed_ups_change_no_greedy_response(option: str) -> None:
    policy = tiny_policy(seed=3, spread=0.5)
    prompts = [chat_tokens(policy.tokenizer, each.prompt) for each in tiny_instructions()]

    def greedy(**options: bool) -> list[list[int]]:
        return sample_tokens(
            policy.model,
            prompts,
            samples=2,
            max_new_tokens=12,
            temperature=0,
            generator=torch.Generator().manual_seed(0),
            pad_id=int(policy.tokenizer.pad_token_id),
            end_ids=end_token_ids(policy.model, policy.tokenizer),
            **options,
        )

    assert greedy(**{option: False}) == greedy()


def test_a_run_without_speed_ups_is_nearly_the_same_run() -> None:
    """Up to rounding. Dropping rows is kept: without it, later rows draw other random numbers."""
    few = dataclasses.replace(SpeedUps.none(), drop_finished=True)
    runs = [train(tiny_policy(), job(speed_ups=speed_ups)) for speed_ups in (SpeedUps(), few)]
    one, other = (found.steps[0] for found in runs)
    assert one.responses == other.responses
    assert one.gradient_norm == pytest.approx(other.gradient_norm, rel=1e-4)


def test_none_switches_every_speed_up_off() -> None:
    """Mistake: a speed-up added later that stays on where none is wanted."""
    assert not any(dataclasses.asdict(SpeedUps.none()).values())
    assert all(dataclasses.asdict(SpeedUps()).values())


# --- packed weights -------------------------------------------------------------------------------

needs_onednn = pytest.mark.skipif(not is_available(), reason="this build of torch has no oneDNN")


@needs_onednn
@pytest.mark.parametrize("rows", [1, 3, 64, 300])
@pytest.mark.parametrize("shape", [(7, 5), (96, 64), (1000, 33)])
@pytest.mark.parametrize("bias", [True, False])
def test_the_product_is_that_of_the_weight(rows: int, shape: tuple[int, int], bias: bool) -> None:
    """Mistakes: a transposed weight, a bias forgotten, rows beyond a block."""
    torch.manual_seed(0)
    layer = torch.nn.Linear(shape[1], shape[0], bias=bias)
    x = torch.randn(rows, shape[1])
    found = Packed(layer.weight, layer.bias)(x)
    assert torch.allclose(found, layer(x), atol=1e-5) and not found.requires_grad


@needs_onednn
def test_leading_dimensions_are_kept() -> None:
    layer = torch.nn.Linear(8, 6)
    x = torch.randn(2, 3, 8)
    assert torch.allclose(Packed(layer.weight, layer.bias)(x), layer(x), atol=1e-5)


@needs_onednn
def test_a_packed_weight_is_a_copy() -> None:
    """Mistake: a product that follows the weight half-way after it was changed."""
    weight = torch.randn(8, 8)
    x, packed = torch.randn(2, 8), Packed(weight)
    before = packed(x)
    weight.zero_()
    assert torch.equal(packed(x), before)


@needs_onednn
def test_a_weight_in_another_order_is_packed_as_it_reads() -> None:
    """Mistake: the transpose taken for the weight because its memory is."""
    weight, x = torch.randn(9, 5).t(), torch.randn(4, 9)
    assert torch.allclose(Packed(weight)(x), x @ weight.t(), atol=1e-5)


@needs_onednn
def test_what_is_not_plain_float32_is_left_alone() -> None:
    """Mistake: a 4-bit layer's bytes, or half precision, taken for float32."""
    assert can_pack(torch.nn.Linear(4, 4))
    assert not can_pack(torch.nn.Linear(4, 4).to(torch.bfloat16))
    assert not can_pack(torch.nn.Linear(4, 4, device="meta"))
    assert not can_pack(torch.nn.Embedding(4, 4))

    class Other(torch.nn.Linear):
        pass

    assert not can_pack(Other(4, 4))


@needs_onednn
def test_both_ways_through_an_output_layer() -> None:
    torch.manual_seed(0)
    weight, hidden = torch.randn(50, 12), torch.randn(6, 12)
    plain, packed = (OutputLayer(weight, packed=each) for each in (False, True))
    chances = plain.logits(hidden).softmax(-1)
    assert torch.allclose(packed.logits(hidden), plain.logits(hidden), atol=1e-5)
    assert torch.allclose(packed.means(chances), plain.means(chances), atol=1e-5)
    assert packed.means(chances).shape == hidden.shape
