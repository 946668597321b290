"""The plan of a replication: it fits the hours, and says what that costs."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import isr, read_runs
from hppt_lib.policy.dimensions import model_dimensions
from hppt_lib.records import records_folder
from hppt_lib.tiers import TIERS
from hppt_lib.training.plan import GIB, plan_tier
from hppt_lib.training.rates import data_sheet
from hppt_lib.training.replication_plan import (
    ARMS,
    RESPONSE_SD,
    SEED_SD,
    ReplicationPlan,
    half_width,
    plan_from_json,
    plan_replication,
)
from tests import ROOT

JUDGE = "http://localhost:8000/v1#judge"
HOURS = (2, 4, 8)


def planned(tier: str, hours: float, **options: object) -> ReplicationPlan:
    judge = "embedded" if TIERS[tier].gpu_gib is None else JUDGE
    return plan_replication(TIERS[tier], hours, **{"judge": judge, **options})  # type: ignore[arg-type]


@pytest.mark.parametrize("hours", HOURS)
@pytest.mark.parametrize("tier", [name for name in TIERS if name != "smoke"])
def test_it_fits_hours_and_memory_and_has_three_seeds(tier: str, hours: float) -> None:
    """Mistakes: a plan that ends in the middle of the last arm; a comparison of two seeds."""
    plan = planned(tier, hours)
    assert sum(plan.seconds.values()) <= 3600 * hours
    assert plan.memory_gib <= plan.available_gib or TIERS[tier].gpu_gib is None
    assert plan.size.seeds >= 3 and plan.size.steps >= 1
    assert set(plan.size.arms) >= {"raw", "control", "hppt"}
    assert plan_from_json(plan.as_json() | {"cuts": [vars(each) for each in plan.cuts]}) == plan
    text = plan.as_table()
    assert "Certainty: " in text and plan.size.model in text
    if TIERS[tier].gpu_gib:
        assert "computed, not measured" in text


@pytest.mark.parametrize("tier", ["cpu", "gpu-24gb"])
def test_more_hours_never_buy_less(tier: str) -> None:
    """Mistake: a rule of cutting under which 8 hours give a smaller policy, or fewer seeds and
    steps with the same one, than 4."""
    sizes = [planned(tier, hours).size for hours in (3, 6, 12, 24, 48)]
    names = ["Qwen/Qwen2.5-0.5B-Instruct", "Qwen/Qwen2.5-1.5B-Instruct", "Qwen/Qwen2.5-3B-Instruct"]
    order = ["embedded", *names, "Qwen/Qwen2.5-7B-Instruct"]
    ranks = [order.index(each.model) for each in sizes]
    assert ranks == sorted(ranks)
    for less, more in zip(sizes, sizes[1:], strict=False):
        if (less.model, less.max_new_tokens, less.arms) == (
            more.model,
            more.max_new_tokens,
            more.arms,
        ):
            assert more.seeds * more.steps >= less.seeds * less.steps


def test_a_faster_machine_gets_more() -> None:
    """Mistake: measured rates that the plan does not read."""
    slow = planned("gpu-24gb", 4)
    fast = planned(
        "gpu-24gb",
        4,
        rates=lambda tier: replace(data_sheet(tier), layer_seconds=1e-4, layer_seconds_nf4=1e-4),
    )
    order = [plan.size.steps * plan.size.seeds * len(plan.size.arms) for plan in (slow, fast)]
    assert fast.size.model != slow.size.model or order[1] > order[0]


def test_what_cannot_be_done_is_refused_with_the_hours_that_it_takes() -> None:
    with pytest.raises(HpptError, match=r"takes about \d+\.\d hours, and 0.05 are given"):
        planned("gpu-16gb", 0.05)


def test_what_is_cut_is_said() -> None:
    """Mistake: a plan with a smaller policy that looks like the paper's."""
    plan = planned("gpu-24gb", 4)
    cut = {each.what: each for each in plan.cuts}
    assert {"policy", "length", "steps", "seeds"} <= set(cut)
    assert cut["policy"].full == "Qwen2.5-7B-Instruct"
    assert f"± {plan.half_width:.2f} instead of" in cut["seeds"].cost
    only = replace(plan.size, arms=("raw", "control", "hppt"))
    assert only.arms != ARMS
    two = planned("gpu-16gb", 2)
    assert ("arms" in {each.what for each in two.cuts}) == (two.size.arms != ARMS)


def test_the_half_width_is_that_of_the_experiments_table() -> None:
    """Of a difference with 3, 5, 8, 12 seeds at a standard deviation of .115: .26 .17 .12 .10."""
    scale = 0.115 / math.hypot(SEED_SD, RESPONSE_SD / math.sqrt(240))
    widths = [half_width(seeds, 240) * scale for seeds in (3, 5, 8, 12)]
    assert widths == pytest.approx([0.26, 0.17, 0.12, 0.10], abs=0.006)


@pytest.mark.slow
def test_the_spread_of_seeds_is_that_of_the_shipped_records() -> None:
    """Mistake: a constant that nobody can find again."""
    runs = read_runs(*sorted(records_folder().glob("cpu-*.json")))
    squares, freedom, within = 0.0, 0, []
    for members in runs.arms.values():
        values = [isr(run.after, guarded=True) for run in members]
        within += [((each.high - each.low) / 3.92) ** 2 for each in values]
        if len(members) > 1:
            squares += float(np.var([each.mean for each in values], ddof=1)) * (len(members) - 1)
            freedom += len(members) - 1
    noise = float(np.mean(within))
    assert math.sqrt(noise * 240) == pytest.approx(RESPONSE_SD, rel=0.03)
    assert math.sqrt(squares / freedom - noise) == pytest.approx(SEED_SD, rel=0.03)
    assert freedom == 22


def test_the_readme_says_what_the_plan_says() -> None:
    """Mistake: a table of another day's plan."""
    text = (ROOT / "README.md").read_text()
    for tier in ("gpu-16gb", "gpu-24gb", "gpu-80gb"):
        [row] = [line for line in text.splitlines() if line.startswith(f"| `{tier}` (")]
        for hours, cell in zip(HOURS, row.split("|")[2:5], strict=True):
            size = planned(tier, hours).size
            name = size.model.removesuffix("-Instruct").rpartition("-")[2]
            said = f"{name}, {size.steps} steps, {size.seeds} seeds"
            said += "" if size.arms == ARMS else ", no E3"
            assert cell.strip() == said
        peak = plan_tier(TIERS[tier], model_dimensions(TIERS[tier].model), prompt_tokens=256).peak
        assert f"{peak / GIB:.1f}" in row.split("|")[5]
