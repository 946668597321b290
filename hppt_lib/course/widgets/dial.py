"""Turn the precision dial over recorded runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from hppt_lib.course.widgets.live import Live, picture, png

if TYPE_CHECKING:
    from hppt_lib.records import RunRecord, Step

_LAST = 3  # steps whose mean is told


def precision_dial(
    runs: Mapping[float, Sequence[RunRecord]],
    heldout: Mapping[float, Sequence[float]],
    provenance: str,
) -> Live:
    """A slider for the false-pass rate, above what its recorded runs were paid and deserved.

    Args:
        runs: for each false-pass rate, its recorded runs.
        heldout: for each false-pass rate, each run's guarded ISR on held-out topics, from 0 to 1.
        provenance: see `figures.style.provenance_line`.

    Raises:
        ValueError: no run.
    """
    import ipywidgets as widgets

    from hppt_lib.figures import parting_figure, table

    if not runs:
        raise ValueError("no run to show")

    def shown(dial: float) -> str:
        steps = {f"dial at {dial:g}": [each.steps for each in runs[dial]]}
        words = dial_text(dial, runs[dial], heldout[dial])
        return f"<p>{words}</p>" + picture(png(parting_figure(steps, provenance)), words)

    dials = sorted(runs)
    dial = widgets.SelectionSlider(
        options=[(f"{each:g}", each) for each in dials],
        description="false-pass rate",
        continuous_update=False,
        layout=widgets.Layout(width="98%", max_width="36em"),
        style={"description_width": "8em"},
    )
    said = widgets.HTML(shown(dials[0]))
    dial.observe(lambda change: setattr(said, "value", shown(change["new"])), "value")
    still = table(_row(each, runs[each], heldout[each]) for each in dials)
    plain = "\n".join(dial_text(each, runs[each], heldout[each]) for each in dials)
    return Live(widgets.VBox([dial, said]), {"text/html": still._repr_html_(), "text/plain": plain})


def dial_text(dial: float, runs: Sequence[RunRecord], heldout: Sequence[float]) -> str:
    """What the runs of a false-pass rate were paid, what was true, what was learned."""
    row = _row(dial, runs, heldout)
    number, first, last = len(runs), "in the first step", f"in the last {_LAST}"
    return (
        f"Dial at {row['dial']}, {number} run{'s' if number != 1 else ''}. "
        f"In the first step: paid {row[f'paid {first}']}, true {row[f'true {first}']}. "
        f"In the last {_LAST} steps: paid {row[f'paid {last}']}, true {row[f'true {last}']}. "
        f"Held-out guarded ISR, each run: {row['held-out guarded ISR, each run']}."
    )


def _row(dial: float, runs: Sequence[RunRecord], heldout: Sequence[float]) -> dict[str, str]:
    def mean(steps: slice, what: str) -> str:
        return f"{fmean(_value(each, what) for run in runs for each in run.steps[steps]):.2f}"

    late = slice(-_LAST, None)
    return {
        "dial": f"{dial:g}",
        "runs": str(len(runs)),
        "paid in the first step": mean(slice(1), "paid"),
        "true in the first step": mean(slice(1), "true"),
        f"paid in the last {_LAST}": mean(late, "paid"),
        f"true in the last {_LAST}": mean(late, "true"),
        "held-out guarded ISR, each run": ", ".join(f"{each:.2f}" for each in heldout),
    }


def _value(step: Step, what: str) -> float:
    """What was paid, or the truth; without noise only one is recorded, for they are one."""
    true = step.reward if step.true_reward is None else step.true_reward
    return step.reward if what == "paid" else true
