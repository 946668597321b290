"""Packed weights: the product of the plain ones, for every shape and number of rows."""

from __future__ import annotations

import pytest
import torch

from hppt_lib.policy.packed_weights import OutputLayer, Packed, can_pack, is_available

pytestmark = pytest.mark.skipif(not is_available(), reason="this build of torch has no oneDNN")


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


def test_leading_dimensions_are_kept() -> None:
    layer = torch.nn.Linear(8, 6)
    x = torch.randn(2, 3, 8)
    assert torch.allclose(Packed(layer.weight, layer.bias)(x), layer(x), atol=1e-5)


def test_a_packed_weight_is_a_copy() -> None:
    """Mistake: a product that follows the weight half-way after it was changed."""
    weight = torch.randn(8, 8)
    x, packed = torch.randn(2, 8), Packed(weight)
    before = packed(x)
    weight.zero_()
    assert torch.equal(packed(x), before)


def test_a_weight_in_another_order_is_packed_as_it_reads() -> None:
    """Mistake: the transpose taken for the weight because its memory is."""
    weight, x = torch.randn(9, 5).t(), torch.randn(4, 9)
    assert torch.allclose(Packed(weight)(x), x @ weight.t(), atol=1e-5)


def test_what_is_not_plain_float32_is_left_alone() -> None:
    """Mistake: a 4-bit layer's bytes, or half precision, taken for float32."""
    assert can_pack(torch.nn.Linear(4, 4))
    assert not can_pack(torch.nn.Linear(4, 4).to(torch.bfloat16))
    assert not can_pack(torch.nn.Linear(4, 4, device="meta"))
    assert not can_pack(torch.nn.Embedding(4, 4))

    class Other(torch.nn.Linear):
        pass

    assert not can_pack(Other(4, 4))


def test_both_ways_through_an_output_layer() -> None:
    torch.manual_seed(0)
    weight, hidden = torch.randn(50, 12), torch.randn(6, 12)
    plain, packed = (OutputLayer(weight, packed=each) for each in (False, True))
    chances = plain.logits(hidden).softmax(-1)
    assert torch.allclose(packed.logits(hidden), plain.logits(hidden), atol=1e-5)
    assert torch.allclose(packed.means(chances), plain.means(chances), atol=1e-5)
    assert packed.means(chances).shape == hidden.shape
