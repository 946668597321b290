"""Climb the ladder of judges: any outcome of its runs, each judge beside its noise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hppt_lib.course.widgets.live import Live, picture, png

if TYPE_CHECKING:
    from hppt_lib.evaluation import OverSeeds, Run

_SHARES = ("success", "strict", "guarded", "answers", "distinct", "cut")


def judge_ladder(
    arms: Mapping[str, Sequence[Run]], pairs: Sequence[tuple[str, str]], provenance: str
) -> Live:
    """A choice of outcomes, above a dot for each run of each arm.

    Args:
        arms: the runs by arm, in order from left to right.
        pairs: arms whose runs of one seed are joined, such as a judge and its noise.
        provenance: see `figures.style.provenance_line`.

    Raises:
        ValueError: no run, or no outcome that is known of all.
    """
    import ipywidgets as widgets

    from hppt_lib.evaluation import OUTCOMES
    from hppt_lib.figures import ladder_figure, table

    known = [each for each in _SHARES if _known(arms, each)]
    if not known:
        raise ValueError("no run to show, or no outcome that is known of all runs")

    def shown(outcome: str) -> str:
        words = ladder_text(arms, outcome)
        runs = {arm: _runs(some, outcome) for arm, some in arms.items()}
        base = _before(arms, outcome).interval
        drawn = ladder_figure(runs, pairs, base, OUTCOMES[outcome], provenance)
        return f"<p>{words}</p>" + picture(png(drawn), words)

    outcome = widgets.Dropdown(
        options=[(OUTCOMES[each], each) for each in known],
        description="outcome",
        layout=widgets.Layout(width="98%", max_width="44em"),
    )
    said = widgets.HTML(shown(known[0]))
    outcome.observe(lambda change: setattr(said, "value", shown(change["new"])), "value")
    before = {OUTCOMES[each]: str(_before(arms, each)) for each in known}
    rows = [
        {"arm": arm, **{OUTCOMES[each]: str(_after(some, each)) for each in known}}
        for arm, some in arms.items()
    ]
    still = table([{"arm": "before training", **before}, *rows])
    plain = "\n".join(ladder_text(arms, each) for each in known)
    return Live(
        widgets.VBox([outcome, said]), {"text/html": still._repr_html_(), "text/plain": plain}
    )


def ladder_text(arms: Mapping[str, Sequence[Run]], outcome: str) -> str:
    """An outcome of each arm, over its seeds, in one line."""
    from hppt_lib.evaluation import OUTCOMES

    each = [f"{arm} {_after(runs, outcome)}" for arm, runs in arms.items()]
    return f"{OUTCOMES[outcome]}: before training {_before(arms, outcome)}; {'; '.join(each)}."


def _known(arms: Mapping[str, Sequence[Run]], outcome: str) -> bool:
    some = [
        run.outcomes(when)[outcome]
        for runs in arms.values()
        for run in runs
        for when in ("before", "after")
    ]
    return bool(some) and None not in some


def _runs(runs: Sequence[Run], outcome: str) -> list[tuple[int, float, bool]]:
    return [(run.record.seed, _value(run, outcome), run.collapsed) for run in runs]


def _after(runs: Sequence[Run], outcome: str) -> OverSeeds:
    from hppt_lib.evaluation import over_seeds

    return over_seeds([_value(run, outcome) for run in runs], [run.collapsed for run in runs])


def _before(arms: Mapping[str, Sequence[Run]], outcome: str) -> OverSeeds:
    from hppt_lib.evaluation import first_of_each_seed, over_seeds

    first = first_of_each_seed(run for runs in arms.values() for run in runs)
    return over_seeds([_value(run, outcome, "before") for run in first.values()])


def _value(run: Run, outcome: str, when: str = "after") -> float:
    value = run.outcomes(when)[outcome]
    assert value is not None  # `_known` was asked first
    return value
