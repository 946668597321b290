"""The figure of constraints in a row draws what was counted, with intervals."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pytest

from hppt_lib.evaluation import Horizon, StepRates
from hppt_lib.figures import horizon_figure, use_style
from hppt_lib.intervals import Rate, rate


def share(hits: int, of: int = 20) -> Rate:
    return rate([True] * hits + [False] * (of - hits), [str(number) for number in range(of)])


def counted(best: int) -> Horizon:
    by_steps = {
        steps: StepRates(steps, share(best - steps), share(1), share(15), share(5))
        for steps in (3, 4, 5)
    }
    return Horizon(
        by_steps, {"hppt:part_chain": share(4), "hppt:part_words": share(9)}, 0.2, 60, 60
    )


def test_every_policy_has_its_points_and_bars() -> None:
    """Mistake: strict and guarded exchanged, a policy over another, a figure with no interval."""
    use_style()
    policies = {"base": counted(8), "trained": counted(12)}
    figure = horizon_figure(policies, "tier cpu · 60 responses")
    strict, guarded, types = figure.axes
    for axis, measure in ((strict, "strict"), (guarded, "guarded")):
        assert measure in axis.get_title(loc="left") and len(axis.containers) == 2
        for container, each in zip(axis.containers, policies.values(), strict=True):
            line, _, (bars,) = container.lines
            wanted = [getattr(rates, measure) for rates in each.by_steps.values()]
            assert line.get_ydata() == pytest.approx([one.mean for one in wanted])
            ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
            assert ends == [pytest.approx([one.low, one.high]) for one in wanted]
    assert [each.get_text() for each in types.get_yticklabels()] == ["part_chain", "part_words"]
    points = [container.lines[0].get_xdata() for container in types.containers]
    assert all(each == pytest.approx([0.2, 0.45]) for each in points)
    text = figure.get_supxlabel().replace("\n", " ")
    assert policies["base"].sentence in text and "tier cpu" in text
    plt.close("all")
