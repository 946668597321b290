"""The figure of internalisation draws what was measured, with intervals."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hppt_lib.evaluation import Internalisation, Internalised
from hppt_lib.figures import internalisation_figure, use_style
from hppt_lib.intervals import Interval


def around(mean: float) -> Interval:
    return Interval(mean, mean - 0.1, mean + 0.15)


def test_every_policy_has_its_points_and_bars_and_no_gain_has_none() -> None:
    """Mistake: forms exchanged, an index drawn without a gain, no interval."""
    use_style()
    satisfied = {"seen": around(0.4), "wordings": around(0.3), "order": around(0.2)}
    satisfied["types"] = around(0.1)
    base = Internalised("base", 1, 64, satisfied, around(0.5), {}, None, {}, False)
    gain = {form: around(0.3) for form in ("seen", "wordings", "order", "types", "unseen")}
    kept = {"wordings": around(0.9), "order": around(1), "types": around(0), "unseen": around(0.6)}
    arm = replace(base, arm="guarded", gain=gain, lost=around(0.1), kept=kept)
    none = replace(arm, arm="nothing", gain=gain | {"seen": around(0)}, kept={})
    figure = internalisation_figure(Internalisation((base, arm, none), "64 topics"))
    left, right = figure.axes
    assert len(left.containers) == 3 and len(right.containers) == 1
    line, _, (bars,) = right.containers[0].lines
    assert line.get_ydata() == pytest.approx([0.9, 1, 0, 0.6])
    ends = [segment[:, 1].tolist() for segment in bars.get_segments()]
    assert ends == [pytest.approx([each.low, each.high]) for each in kept.values()]
    assert left.containers[1].lines[0].get_ydata() == pytest.approx([0.4, 0.3, 0.2, 0.1])
    said = figure.get_supxlabel()
    assert "nothing to keep" in said and "64 topics" in said
