"""The figure of internalisation: what policies satisfy in four forms, and what they keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from hppt_lib.corpus import FORMS
from hppt_lib.evaluation import UNSEEN, Internalisation
from hppt_lib.figures.style import (
    DARK_GREY,
    Look,
    caption,
    error_bars,
    legend_above,
    looks,
    per_cent,
)
from hppt_lib.intervals import Interval

_PARTS = (*UNSEEN, "unseen")
_NAMES = {
    "seen": "as in training",
    "wordings": "other wordings",
    "order": "reverse order",
    "types": "other types",
    "unseen": "the three together",
}


def internalisation_figure(found: Internalisation) -> Figure:
    """Guarded ISR by form, and the share of the gain that is kept, with 95 % intervals.

    An arm whose gain in the form of training is not clear of zero has no share: its place in the
    second panel is empty, and the sentence below says so.

    Args:
        found: of `hppt_lib.evaluation.internalised`.
    """
    drawn = looks(each.arm for each in found.policies)
    arms = [each for each in found.policies if each.lost is not None]
    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained", width_ratios=(1.15, 1))
    panels = (
        (axes[0], found.policies, FORMS, [each.satisfied for each in found.policies]),
        (axes[1], arms, _PARTS, [each.kept for each in arms]),
    )
    for axis, policies, parts, shares in panels:
        spread = min(0.18, 0.6 / max(1, len(policies)))
        for number, (policy, estimates) in enumerate(zip(policies, shares, strict=True)):
            shift = (number - (len(policies) - 1) / 2) * spread
            _points(axis, drawn[policy.arm], parts, estimates, shift)
        axis.set_xticks(range(len(parts)), [_NAMES[part].replace(" ", "\n", 1) for part in parts])
        axis.set_xlim(-0.6, len(parts) - 0.4)
        axis.grid(axis="x", visible=False)
        per_cent(axis, "y")
    axes[0].set_title("guarded ISR", fontsize=11)
    axes[0].set(ylim=(-0.03, 1.03), ylabel="share, 95 % interval")
    axes[1].set_title("of the gain as in training, kept", fontsize=11)
    axes[1].axhline(1, color=DARK_GREY, lw=1, ls="--")
    axes[1].axhline(0, color=DARK_GREY, lw=1)
    axes[1].set_ylabel("share, 95 % interval")
    legend_above(figure, axes[0])
    caption(figure, "\n".join(filter(None, (found.sentence, found.provenance))))
    return figure


def _points(
    axis: Axes, look: Look, parts: Sequence[str], estimates: Mapping[str, Interval], shift: float
) -> None:
    places = [place + shift for place, part in enumerate(parts) if part in estimates]
    values = [estimates[part] for part in parts if part in estimates]
    if values:
        error_bars(axis, places, values, look.colour, label=look.label, fmt=look.marker)
