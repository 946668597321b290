"""NF4 and QLoRA: the error of a weight, the same gradient as without it, and a base that stays."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from hppt_lib.errors import HpptError
from hppt_lib.policy.load import load_policy
from hppt_lib.policy.nf4 import BLOCK, as_nf4
from hppt_lib.training.plan import NF4_BYTES
from tests.helpers.quantised import (
    against_dequantised,
    few_qlora_steps,
    kernel_difference,
    layers_in_4_bits,
    logit_difference,
)
from tests.helpers.tiny import SETTINGS, WORDS, tiny_folder, tiny_instructions

pytestmark = pytest.mark.slow


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_folder(tmp_path_factory.mktemp("models") / "tiny")


# --- one weight -----------------------------------------------------------------------------------

WEIGHTS = {
    "normal": random(128, 256),
    "one large weight in each block": random(64, 64).index_fill(1, torch.tensor([5]), 40.0),
    "tiny": 1e-6 * random(32, 64),
    "blocks of zeros": random(64, 64) * (torch.arange(64) % 2)[:, None],
    "blocks that end in mid-row": random(48, 32, seed=1),
    "blocks that end in mid-row, several a row": random(10, 96, seed=2),
}


@pytest.mark.parametrize("double", [True, False])
@pytest.mark.parametrize("weight", WEIGHTS.values(), ids=WEIGHTS)
def test_the_error_is_no_more_than_rounding_allows(weight: torch.Tensor, double: bool) -> None:
    """Half the largest gap between levels, times the block's largest weight.

    Double quantisation adds what it does to that scale. Mistakes: codes of FP4, a scale of another
    block, the scales' mean forgotten.
    """
    found = as_nf4(weight, double_quantisation=double)
    blocks, rounded = weight.reshape(-1, BLOCK), found.weight.reshape(-1, BLOCK)
    largest = blocks.abs().amax(dim=1)
    gap = found.levels.diff().max() / 2
    allowed = gap * largest + (found.scales - largest).abs()
    error = (blocks - rounded).abs().amax(dim=1)
    assert (error <= allowed * (1 + 1e-5) + 1e-12).all()
    assert error.max() > 0.2 * allowed.max(), "a bound that nothing comes near would test nothing"
    if not double:
        assert torch.equal(found.scales, largest)


def test_a_value_is_rounded_to_the_nearest_level() -> None:
    """Mistake: thresholds that are not in the middle between two levels."""
    weight = random(64, 64)
    found = as_nf4(weight, double_quantisation=False)
    choices = found.levels * found.scales[:, None, None]
    nearest = (weight.reshape(-1, BLOCK, 1) - choices).abs().amin(dim=2)
    error = (weight - found.weight).abs().reshape(-1, BLOCK)
    assert torch.allclose(error, nearest, atol=1e-5)


def test_the_last_block_may_be_short() -> None:
    """Mistake: weights after the last whole block lost, or a shape that is not the weight's."""
    weight = random(3, 25)
    found = as_nf4(weight, double_quantisation=False)
    assert found.weight.shape == weight.shape
    scales = found.scales.repeat_interleave(BLOCK)[: weight.numel()].view_as(weight)
    assert torch.equal(found.scales, torch.stack([weight.flatten()[:64].abs().max(),
                                                  weight.flatten()[64:].abs().max()]))  # fmt: skip
    assert ((weight - found.weight).abs() <= found.levels.diff().max() / 2 * scales + 1e-6).all()


def test_levels_and_bits_are_those_of_the_paper() -> None:
    """QLoRA: 16 levels from -1 to 1 with a zero; 0.5 and 0.127 bits a weight of scales."""
    weight = random(1024, 1024)
    double, single = as_nf4(weight), as_nf4(weight, double_quantisation=False)
    assert len(double.levels) == 16 and (double.levels.diff() > 0).all()
    assert double.levels[0] == -1 and double.levels[-1] == 1 and 0 in double.levels
    assert single.bits == 4.5
    assert double.bits == pytest.approx(4.127, abs=1e-3)
    assert double.bits == pytest.approx(8 * NF4_BYTES, rel=1e-4)  # what the plan counts


@pytest.mark.parametrize(
    "weight", [torch.ones(64), torch.ones(8, 8, dtype=torch.long), torch.full((8, 8), torch.nan)]
)
def test_what_is_no_weight_is_refused(weight: torch.Tensor) -> None:
    with pytest.raises(HpptError, match="a matrix of finite floating-point numbers"):
        as_nf4(weight)


# --- a model --------------------------------------------------------------------------------------


def test_loss_and_gradient_are_those_of_the_dequantised_model(folder: Path) -> None:
    """Tolerance: 1e-6 of the loss, 1e-5 of the gradient, in float32.

    Mistakes: computing in bfloat16 (an error of some per cent), a transposed weight in the
    backward pass, a layer that is left whole.
    """
    ids = torch.randint(len(WORDS), (4, 24), generator=torch.Generator().manual_seed(0))
    found = against_dequantised(folder, "cpu", "float32", ids)
    assert found.loss < 1e-6 and found.gradient < 1e-5
    rough = against_dequantised(folder, "cpu", "bfloat16", ids)
    assert rough.gradient > 1e-4, "the check would not see another type"


def test_grpo_changes_the_adapter_and_no_bit_of_the_base(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on processors for which bitsandbytes would pack weights anew, and round their scales.

    Mistakes: that, and an adapter in bfloat16 (TRL's), in which 1e-5 added to 0.01 is lost.
    """
    import bitsandbytes.nn.modules

    monkeypatch.setattr(bitsandbytes.nn.modules, "has_avx512bf16", lambda: True)
    few_qlora_steps(folder, "cpu", dataclasses.replace(SETTINGS, steps=3), tiny_instructions())


@pytest.mark.parametrize("rows", [1, 7])
def test_a_layer_computes_with_what_its_bits_stand_for(rows: int) -> None:
    assert kernel_difference("cpu", torch.float32, rows) < 1e-5
    assert 1e-4 < kernel_difference("cpu", torch.bfloat16, rows) < 2e-2


def test_half_precision_is_near(folder: Path) -> None:
    ids = torch.arange(24)[None]
    assert 1e-4 < logit_difference(folder, "cpu", "bfloat16", ids) < 3e-2


def test_only_linear_layers_are_in_4_bits(folder: Path) -> None:
    """Mistake: an output layer or an embedding in 4 bits."""
    model = load_policy(folder, quantize=True, device="cpu").model
    assert not any("lm_head" in name or "embed" in name for name in layers_in_4_bits(model))
    assert model.get_input_embeddings().weight.dtype == torch.float32
