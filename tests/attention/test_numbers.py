"""The four numbers and the comparison: right by hand, and rarely wrong by chance."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from hppt_lib.attention import (
    NUMBERS,
    Sums,
    bootstrap_mean,
    compare_paired,
    four_numbers,
    layers_found,
)
from hppt_lib.errors import HpptError
from hppt_lib.intervals import sign_flip_p

NAMES = ("sink", "query", "constraint 1", "response")


def sums(shares: list[list[float]], visible: list[list[float]], lengths: list[float]) -> Sums:
    """One layer and head; each segment's tokens have values of one length."""
    share = torch.tensor(shares)[None, None]
    return Sums(NAMES, share, share * torch.tensor(lengths), torch.tensor(visible))


def test_the_numbers_by_hand() -> None:
    """Mistake: a sink that is left in, or a length that is divided by twice."""
    found = four_numbers(
        sums(
            [[0.6, 0.1, 0.2, 0.1], [0.5, 0.3, 0.1, 0.1]], [[1, 4, 2, 4], [1, 4, 2, 5]], [0, 1, 3, 1]
        ),
        "constraint 1",
    )
    assert found["share"].item() == pytest.approx((0.2 + 0.1) / 2)
    assert found["share without sink"].item() == pytest.approx((0.2 / 0.4 + 0.1 / 0.5) / 2)
    assert found["lift"].item() == pytest.approx((0.5 / (2 / 10) + 0.2 / (2 / 11)) / 2)
    assert found["value-weighted share"].item() == pytest.approx((0.6 / 0.8 + 0.3 / 0.7) / 2)


@pytest.mark.parametrize("longer", [1, 7])
def test_a_shorter_response_raises_the_share_and_not_the_lift(longer: int) -> None:
    """Mistake: a lift that moves with a policy's length, though its attention is even."""
    visible = [[1.0, 4.0, 2.0, float(at)] for at in range(1, 1 + 3 * longer)]
    even = [[each / sum(row) for each in row] for row in visible]
    found = four_numbers(sums(even, visible, [1, 1, 1, 1]), "constraint 1")
    assert found["lift"].item() == pytest.approx(1)
    assert (found["share"].item() > 0.2) == (longer == 1)


def test_all_shares_add_up_with_and_without_the_sink() -> None:
    """Mistake: a segment whose attention is in no number."""
    found = sums([[0.6, 0.1, 0.2, 0.1]], [[1, 4, 2, 4]], [0.1, 1, 3, 1])
    total = {
        number: sum(four_numbers(found, name)[number].item() for name in NAMES)
        for number in NUMBERS
        if number != "lift"
    }
    assert total == pytest.approx(dict.fromkeys(total, 1), abs=1e-6)


def test_a_head_that_looks_at_the_sink_alone_gives_a_number() -> None:
    """Mistake: 1 - sink, which is rounding error where the sink has nearly all."""
    found = four_numbers(
        sums([[1.0, 1e-9, 3e-9, 0.0]], [[1, 4, 4, 1]], [1, 1, 1, 1]), "constraint 1"
    )
    assert found["share without sink"].item() == pytest.approx(0.75, rel=1e-5)


def test_a_bootstrap_covers_the_truth_about_as_often_as_it_says() -> None:
    """Mistake: texts drawn as if there were more of them than there are."""
    draw = np.random.default_rng(1)
    covers = 0
    for trial in range(300):
        interval = bootstrap_mean(draw.normal(0.5, 1, (30, 1)), seed=trial, draws=400)[0]
        covers += interval.low <= 0.5 <= interval.high
    assert 0.88 <= covers / 300 <= 0.98
    with pytest.raises(HpptError, match="two or more"):
        bootstrap_mean(np.ones((1, 1)))


Numbers = dict[str, list[float]]


def simulated(random: np.random.Generator, planted: float) -> tuple[Numbers, Numbers]:
    """The numbers of two policies that read 20 texts, from attention drawn at random.

    Each text has its own level, which both share, so that only pairing can tell them apart;
    ``planted`` is what the first policy adds to the constraint, in logarithms.
    """
    texts, heads, readers = 20, 2, 4
    levels = random.normal(0, 0.6, (texts, 1, heads, 1, len(NAMES)))
    own = random.normal(0, 0.25, (texts, 2, heads, readers, len(NAMES)))
    weights = np.exp(levels + own)
    weights[:, 0, ..., NAMES.index("constraint 1")] *= np.exp(planted)
    shares = torch.from_numpy(weights / weights.sum(-1, keepdims=True))
    visible = torch.tensor([[1.0, 6.0, 6.0, at] for at in range(1, readers + 1)])
    lengths = torch.tensor([0.2, 1.0, 1.0, 1.0])
    both = []
    for share in (shares[:, 0], shares[:, 1]):  # texts stand where layers do: all at once
        found = four_numbers(Sums(NAMES, share, share * lengths, visible), "constraint 1")
        both.append({name: found[name].mean(1).tolist() for name in NUMBERS})
    return both[0], both[1]


@pytest.mark.slow
def test_the_whole_procedure_finds_a_change_and_rarely_one_that_is_not_there() -> None:
    """Mistake: a comparison that finds something in every second pair of equal policies.

    500 pairs in which nothing differs: at a rate of 5 %, 95 % of such counts lie between 14 and
    36. Holm keeps the rate of any find at or below it: the four are alike, so it is below.
    """
    random = np.random.default_rng(0)
    found, alone, layered = 0, 0, 0
    for trial in range(500):
        one, other = simulated(random, planted=0)
        compared = compare_paired(one, other, seed=trial, draws=200)
        found += bool(compared.found)
        alone += compared.p_values[2] < 0.05
    assert 3 <= found <= 36
    assert 14 <= alone <= 36  # of one number chosen beforehand
    for trial in range(20):
        one, other = simulated(random, planted=0.25)
        compared = compare_paired(one, other, seed=trial, draws=400)
        layered += "lift" in compared.found and compared.differences[2].low > 0
    assert layered >= 18


@pytest.mark.slow
def test_looking_at_all_layers_has_its_price() -> None:
    """Mistake: thirty layers are looked at, and the one with the smallest p-value is reported."""
    random = np.random.default_rng(0)
    hits = 0
    for trial in range(500):
        gaps = random.normal(0, 1, (24, 1)) + random.normal(0, 1, (24, 30))
        hits += min(layers_found(gaps, seed=trial, draws=200)) < 0.05
    assert 12 <= hits <= 38
    gaps = random.normal(0, 1, (24, 30))
    gaps[:, 11] += 1.5
    p_values = layers_found(gaps)
    assert p_values[11] < 0.01 and sum(p < 0.05 for p in p_values) <= 3


def test_a_permutation_test_of_equals_finds_nothing() -> None:
    """Mistake: rounding decides whether a difference of zero is reached."""
    assert sign_flip_p(np.zeros((12, 2))) == [1.0, 1.0]
    assert sign_flip_p(np.full((12, 1), 0.1))[0] < 0.01


def test_other_texts_on_the_two_sides_are_refused() -> None:
    """Mistake: pairs of different texts, whose differences are those of the texts."""
    with pytest.raises(HpptError, match="same text"):
        compare_paired({"share": [1, 2, 3]}, {"share": [1, 2]})
    with pytest.raises(HpptError, match="Not the same numbers"):
        compare_paired({"share": [1, 2]}, {"lift": [1, 2]})
