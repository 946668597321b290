"""Move a judge's threshold, and see whom it passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hppt_lib.course.widgets.live import Live, picture, png

if TYPE_CHECKING:
    from hppt_lib.audit import JudgedRow

_STEPS = 100


def judge_threshold(
    judged: Mapping[str, Sequence[JudgedRow]], provenance: str, start: float = 0.5
) -> Live:
    """A slider for the threshold, above the confidences of satisfied and of violated responses.

    Args:
        judged: for each judge, its rows; those without a confidence are left out.
        provenance: data, mode and number of rows.
        start: the threshold where it begins, from 0 to 1; also what is drawn without a kernel.

    Raises:
        ValueError: no judge.
    """
    import ipywidgets as widgets

    from hppt_lib.audit import labelled_confidences, threshold_sweep
    from hppt_lib.figures import confidence_figure

    if not judged:
        raise ValueError("no judge to show")

    def drawn(judge: str, threshold: float) -> str:
        rows = judged[judge]
        confidences, labels, _ = labelled_confidences(rows)
        [found] = threshold_sweep(rows, [threshold])
        return png(confidence_figure(judge, confidences, labels, found, provenance))

    named = {"description_width": "8em"}
    judge = widgets.Dropdown(options=list(judged), description="judge", style=named)
    threshold = widgets.FloatSlider(
        start,
        min=0,
        max=1,
        step=1 / _STEPS,
        description="passes from",
        continuous_update=False,
        layout=widgets.Layout(width="98%", max_width="46em"),
        style=named,
    )
    first = drawn(judge.value, start)
    words = rates_text(judged[judge.value], start)
    figure, said = widgets.HTML(picture(first, words)), widgets.HTML(words)

    def show(change: object = None) -> None:
        words = rates_text(judged[judge.value], threshold.value)
        figure.value = picture(drawn(judge.value, threshold.value), words)
        said.value = words

    judge.observe(show, "value")
    threshold.observe(show, "value")
    return Live(
        widgets.VBox([judge, threshold, said, figure]), {"image/png": first, "text/plain": words}
    )


def rates_text(rows: Sequence[JudgedRow], threshold: float) -> str:
    """The rates of a judge that passes from a threshold on, in a sentence.

    Args:
        rows: judged rows; those without a confidence are left out.
        threshold: a confidence from 0 to 1.
    """
    from hppt_lib.audit import threshold_sweep

    [found] = threshold_sweep(rows, [threshold])
    precision = found.precision or "not defined, for nothing passes"
    return (
        f"Passes from {threshold:.2f}: of all rows, passed {found.passed}; precision {precision}; "
        f"recall {found.recall}; recall on false responses {found.recall_on_false}."
    )
