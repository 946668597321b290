"""The one style of the kit's figures: palette, markers, captions, legends, intervals.

Every figure names its tier, model, seeds and number of samples in its caption (`provenance_line`)
and draws its intervals. Colour-blind readers can tell the palette's colours apart, and curves that
may overlap also differ in line or marker.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import matplotlib.pyplot as plt
import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from hppt_lib.intervals import Interval

PALETTE = sns.color_palette("colorblind")
BLUE, YELLOW, GREEN, ORANGE, PURPLE = PALETTE[:5]
SKY = PALETTE[9]
GREY, LIGHT_GREY, DARK_GREY = (0.45,) * 3, (0.72,) * 3, (0.3,) * 3
MARKERS = "osD^vPX*<>"
LINES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (6, 1.5, 1, 1.5, 1, 1.5)))
SMALL = 9.5
"""The smallest size of letters, in points: a page shows figures at about two thirds."""

COLOURS: dict[str, Any] = {
    "base": GREY,
    "cut": LIGHT_GREY,
    "strict": ORANGE,
    "guarded": BLUE,
}
"""The colour of the course's policies and rewards; `looks` has one for any other name."""

LABELS = {
    "base": "base policy",
    "cut": "its text, cut",
    "strict": "trained: strict reward",
    "guarded": "trained: guarded reward",
}
"""What each policy of `COLOURS` is called."""


_OTHERS = (*(PALETTE[place] for place in (0, 3, 2, 4, 1, 9, 5, 6)), DARK_GREY)
_LINE_OF = {"guarded": "--", "cut": ":"}  # the other names of `COLOURS` have a whole line


@dataclass(frozen=True)
class Look:
    """How one arm is drawn in all panels of a figure.

    Attributes:
        colour: from the colour-blind-safe palette.
        marker: a letter of `MARKERS`.
        line: a line style; with the marker it tells arms apart in a grey print.
        label: what a legend calls the arm, in lines of at most 34 letters.
    """

    colour: Any
    marker: str
    line: Any
    label: str


def looks(arms: Iterable[str]) -> dict[str, Look]:
    """The look of each arm, whatever it is called and however many there are.

    The names of `COLOURS` always look the same. Others get a look by their order: give the figures
    of one comparison the same arms in the same order, and each keeps its look.
    """
    names = list(dict.fromkeys(arms))
    free = [each for each in _OTHERS if each not in [COLOURS.get(name) for name in names]]
    found: dict[str, Look] = {}
    for place, name in enumerate(names):
        marker = MARKERS[place % len(MARKERS)]
        if name in COLOURS:
            found[name] = Look(COLOURS[name], marker, _LINE_OF.get(name, "-"), LABELS[name])
        else:
            number = sum(each not in COLOURS for each in found)
            colour, line = free[number % len(free)], LINES[number % len(LINES)]
            found[name] = Look(colour, marker, line, wrapped(name, 34))
    return found


def wrapped(text: str, width: int, most: int = 4) -> str:
    """A name in lines of at most ``width`` letters, broken after a mark where there is one.

    Names of the kit's users have no spaces: ``my-run_lr=3e-4/seed0``. What does not fit into
    ``most`` lines is cut, with "…" at its end.
    """
    lines = [""]
    for part in re.findall(r"[^\s_/:,.=()-]*(?:[\s_/:,.=()-]|$)", " ".join(text.split())):
        while part:
            if len(lines[-1]) + len(part.rstrip()) <= width:
                lines[-1] += part
                part = ""
            elif lines[-1]:
                lines.append("")
            else:
                lines[-1], part = part[:width], part[width:]
    lines = [line.rstrip() for line in lines]
    if len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: width - 1] + "…"]
    return "\n".join(lines)


class Estimate(Protocol):
    """Anything with a mean and an interval to draw: an `Interval`, a `Rate`, a `Spread`."""

    @property
    def mean(self) -> float: ...  # noqa: D102
    @property
    def low(self) -> float: ...  # noqa: D102
    @property
    def high(self) -> float: ...  # noqa: D102


def use_style() -> None:
    """Set the one style of the kit's figures. Each notebook calls it once."""
    sns.set_theme(
        context="notebook",
        style="whitegrid",
        palette="colorblind",
        rc={
            "figure.dpi": 100,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titleweight": "bold",
            "axes.titlesize": 12,
            "axes.titlelocation": "left",
            "legend.frameon": False,
        },
    )


def provenance_line(
    tier: str | None, model: str, seeds: Sequence[int], samples: int | str, *more: str
) -> str:
    """The line that every figure carries: tier, model, seeds, number of samples.

    Args:
        tier: None where the numbers do not depend on one.
        model: its name.
        seeds: of what was sampled or trained.
        samples: responses behind each point, or other words for what was sampled, such as
            ``"120 instructions × 8 samples"``.
        more: what else a reader must know.
    """
    names = ", ".join(map(str, seeds))
    parts = [f"tier {tier}"] if tier else []
    parts += [model, f"{'seed' if len(seeds) == 1 else 'seeds'} {names}"]
    parts.append(f"{samples} responses a point" if isinstance(samples, int) else samples)
    return " · ".join([*parts, *more])


def caption(figure: Figure, text: str) -> None:
    """Say below a figure where its numbers come from; a long text takes several lines."""
    # A letter of this size is about 0.077 inches wide.
    lines = textwrap.fill(text, int(12.5 * figure.get_figwidth()))
    figure.supxlabel(lines, fontsize=10, color="0.25")


def legend_above(figure: Figure, axis: Axes) -> None:
    """Put the legend of a panel above the figure, in as many columns as fit, three at most."""
    handles, labels = axis.get_legend_handles_labels()
    labels = [wrapped_lines(label, 44) for label in labels]
    columns = legend_columns(figure, labels, 3)
    room_for_legend(figure, labels, columns)
    figure.legend(handles, labels, loc="outside upper left", ncols=columns, fontsize=SMALL)


def legend_inside(figure: Figure, axis: Axes, place: str) -> None:
    """Put a short legend into its panel; one that would hide the curves above the figure."""
    labels = axis.get_legend_handles_labels()[1]
    if len(labels) <= 3 and all(len(label) <= 24 for label in labels):
        axis.legend(loc=place, fontsize=SMALL)
    else:
        legend_above(figure, axis)


def legend_columns(figure: Figure, labels: Sequence[str], most: int) -> int:
    """How many columns of these labels fit beside each other above a figure."""
    longest = max((len(line) for label in labels for line in label.split("\n")), default=1)
    # A letter of this size is about 0.072 inches wide; a handle with its gaps 0.6.
    fitting = int(figure.get_figwidth() / (0.072 * longest + 0.6))
    return max(1, min(most, len(labels), fitting))


def room_for_legend(figure: Figure, labels: Sequence[str], columns: int) -> None:
    """Make a figure higher for a legend above it that has more than three lines."""
    lines = sum(label.count("\n") + 1.3 for label in labels) / columns
    figure.set_figheight(figure.get_figheight() + 0.17 * max(0, lines - 3))


def wrapped_lines(text: str, width: int) -> str:
    """Each line of a text `wrapped` for itself."""
    return "\n".join(wrapped(line, width) for line in text.split("\n"))


def row_interval(
    axis: Axes, share: Interval, height: float, colour: Any, marker: str = "o"
) -> None:
    """Draw an estimate and its interval as a horizontal line at this height."""
    axis.plot([share.low, share.high], [height, height], color=colour, lw=2)
    axis.plot([share.mean], [height], marker, color=colour, ms=5)


def error_bars(
    axis: Axes,
    places: Sequence[float] | np.ndarray,
    shares: Sequence[Estimate],
    colour: Any,
    *,
    sideways: bool = False,
    **look: Any,
) -> None:
    """Draw estimates with error bars for their intervals.

    Args:
        axis: where to.
        places: along the axis, one for each estimate.
        shares: the estimates.
        colour: of marks and bars.
        sideways: the estimates are drawn along x; by default along y.
        look: other arguments of `matplotlib.axes.Axes.errorbar`, such as ``fmt`` and ``label``.
    """
    means = np.array([each.mean for each in shares])
    errors = [means - [each.low for each in shares], [each.high for each in shares] - means]
    bars = {"xerr" if sideways else "yerr": np.clip(errors, 0, None)}
    at = (means, places) if sideways else (places, means)
    axis.errorbar(*at, **dict[str, Any](fmt="o", capsize=2, ms=5) | bars | look, color=colour)


def band(
    axis: Axes,
    places: Sequence[float],
    shares: Sequence[Estimate | None],
    colour: Any,
    label: str | None = None,
    line: str = "o-",
    **look: Any,
) -> None:
    """Draw a line of estimates in the band of their intervals; those that are None are left out.

    ``look`` is for `matplotlib.axes.Axes.plot`, such as ``marker`` and ``ls``.
    """
    known = [(place, each) for place, each in zip(places, shares, strict=True) if each is not None]
    at = [place for place, _ in known]
    low, high = [each.low for _, each in known], [each.high for _, each in known]
    axis.fill_between(at, low, high, color=colour, alpha=0.14, lw=0)
    form = [line] if line else []
    means = [each.mean for _, each in known]
    axis.plot(at, means, *form, color=colour, lw=2, label=label, **look)


def of_share(interval: Interval) -> Interval:
    """The interval of a mean of shares, cut at 0 and 1.

    Student's interval of a few seeds may reach beyond what a share can be. The ends that are left
    are as far as one can tell.
    """
    return Interval(interval.mean, max(0.0, interval.low), min(1.0, interval.high))


def per_cent(axis: Axes, *directions: str) -> None:
    """Write the numbers of an axis ("x", "y") as per cent."""
    for each in directions:
        getattr(axis, f"{each}axis").set_major_formatter(PercentFormatter(1, decimals=0))


def panels(count: int, width: float, height: float) -> tuple[Figure, list[Axes]]:
    """A figure of so many panels, three in a line, with the same axes."""
    columns, lines = min(3, count), -(-count // 3)
    figure, axes = plt.subplots(
        lines,
        columns,
        figsize=(max(5.5, width * columns), height * lines),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for axis in axes.flat[count:]:
        axis.set_visible(False)
    return figure, list(axes.flat[:count])
