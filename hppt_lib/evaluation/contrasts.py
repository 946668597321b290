"""The analysis of experiments: two arms compared over seeds, as their plan said beforehand.

The unit is the seed. From `SEEDS_FOR_A_MEAN` shared seeds on the runs are paired by seed: Student's
interval of the differences, and an exact test that flips their signs. Below, they are not: Welch's
interval, and an exact test that deals the runs to the two arms. An effect is *shown* only if both
the interval and the test say so, the test after Holm's correction over all primary contrasts, those
not yet made included. Where runs collapse a mean misleads: counts of collapsed runs, interquartile
means and performance profiles stand beside it (Agarwal et al., arXiv 2108.13264).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any

import numpy as np

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.runs import OUTCOMES, SEEDS_FOR_A_MEAN, Run
from hppt_lib.evaluation.satisfaction import Evaluated, isr
from hppt_lib.intervals import Interval, holm, mean_interval, permutation_p, sign_flip_p
from hppt_lib.terminal import as_text, table

EXPECTED = ("higher", "lower", "either")
WEIGHTS = ("types", "number")
_WEIGHABLE = ("strict", "guarded", "share", "answers", "success")
_NUMBERS = ((1, "1"), (3, "2-3"), (10**6, "4 or more"))
NUMBERS = tuple(name for _, name in _NUMBERS)
_SURE = 0.05


@dataclass(frozen=True)
class Contrast:
    """What an experiment asks first, fixed in its plan before any run.

    Attributes:
        arm: an arm of the plan.
        less: the arm that is subtracted.
        outcome: one of `OUTCOMES`, ``share`` (the mean share of constraints that are met) or
            ``minutes`` of training.
        expected: whether the claim says that the arm is ``higher`` or ``lower``; or ``either``.
        margin: the least difference that would matter; an expected effect of this size is refuted
            where the 90 % interval leaves it out. 0: no such size was named.
        weights: ``types`` gives each type of constraint, ``number`` each number of constraints (1,
            2-3, 4 or more) the same weight in a run's outcome; empty weighs responses alike.
        number: one of `NUMBERS`: only responses to instructions with so many constraints count.
        family: of how many primary contrasts that were planned together it is one; those of which
            there is no plan yet count too. 0: of as many as there are plans.
    """

    arm: str
    less: str
    outcome: str = "success"
    expected: str = "either"
    margin: float = 0.0
    weights: str = ""
    number: str = ""
    family: int = 0

    def check(self) -> None:
        """Refuse what makes no sense.

        Raises:
            HpptError: a name is unknown, or both arms are one.
        """
        if self.arm == self.less:
            raise HpptError(f"A contrast needs two arms, and both are '{self.arm}'.")
        _require_outcome(self.outcome)
        if self.expected not in EXPECTED:
            raise HpptError(f"'expected' is '{self.expected}', not one of {', '.join(EXPECTED)}.")
        if self.weights and self.weights not in WEIGHTS:
            raise HpptError(f"'weights' is '{self.weights}', not one of {', '.join(WEIGHTS)}.")
        if self.weights and self.outcome not in _WEIGHABLE:
            raise HpptError(f"'weights' is for the outcomes {', '.join(_WEIGHABLE)}.")
        if self.number and (self.number not in NUMBERS or self.weights):
            raise HpptError(
                f"'number' is '{self.number}': one of {', '.join(NUMBERS)}, without 'weights'."
            )
        if self.number and self.outcome not in _WEIGHABLE:
            raise HpptError(f"'number' is for the outcomes {', '.join(_WEIGHABLE)}.")
        if self.family < 0:
            raise HpptError("A 'family' is a number of contrasts, 1 or more.")
        if self.margin < 0 or (self.margin and self.expected == "either"):
            raise HpptError("A 'margin' is 0 or more, and needs 'expected': higher or lower.")


@dataclass(frozen=True)
class Compared:
    """A contrast, measured.

    Attributes:
        contrast: what was asked.
        seeds: of the arm and of the other, in order; equal where they are paired.
        values: one a seed.
        others: one a seed of the arm that is subtracted.
        collapsed: how many runs of the two arms collapsed.
        paired: whether runs of one seed were paired.
        difference: the difference of the means with its 95 % interval; None if an arm has one run.
        narrow: the same with its 90 % interval.
        p: of the exact test.
        corrected: after Holm's correction over several contrasts; as ``p`` for one alone.
    """

    contrast: Contrast
    seeds: tuple[tuple[int, ...], tuple[int, ...]]
    values: tuple[float, ...]
    others: tuple[float, ...]
    collapsed: tuple[int, int]
    paired: bool
    difference: Interval | None
    narrow: Interval | None
    p: float
    corrected: float

    @property
    def mean(self) -> float:
        """The difference of the means."""
        return float(np.mean(self.values) - np.mean(self.others))

    @property
    def mean_misleads(self) -> bool:
        """Whether runs collapsed and there are too few seeds for a mean all the same."""
        return any(self.collapsed) and min(map(len, self.seeds)) < SEEDS_FOR_A_MEAN

    @property
    def verdict(self) -> str:
        """What it says of the expectation: ``shown``, ``the other way``, ``refuted`` or ``open``.

        *Shown* and *the other way* need the interval and the corrected test. *Refuted* says that
        an effect of the margin's size is left out by the 90 % interval.
        """
        if self.difference is None or self.narrow is None:
            return "open"
        sign = -1 if self.contrast.expected == "lower" else 1
        low, high = sorted((sign * self.difference.low, sign * self.difference.high))
        found = low > 0 or high < 0
        if found and self.corrected < _SURE:
            expected = low > 0 or self.contrast.expected == "either"
            return "shown" if expected else "the other way"
        edge = sign * (self.narrow.high if sign > 0 else self.narrow.low)
        if self.contrast.margin and edge < self.contrast.margin:
            return "refuted"
        return "open"

    def __str__(self) -> str:
        one, other = map(len, self.seeds)
        how = f"{one} seeds, paired" if self.paired else f"{one} and {other} seeds, unpaired"
        text = f"{self.mean:+.2f}"
        if self.difference is not None:
            text += f" [{self.difference.low:+.2f}, {self.difference.high:+.2f}]"
        text += f" ({how}; p {_p(self.p)})"
        if any(self.collapsed):
            text += f"; collapsed {self.collapsed[0]} of {one} and {self.collapsed[1]} of {other}"
        return text


def outcome_of(
    run: Run, outcome: str, *, weights: str = "", number: str = "", when: str = "after"
) -> float | None:
    """An outcome of a run; None if it is not known.

    Args:
        run: the run.
        outcome: one of `OUTCOMES`, ``share`` (of constraints met) or ``minutes`` of training.
        weights: see `Contrast`.
        number: see `Contrast`.
        when: before or after training.

    Raises:
        HpptError: there is no such outcome.
    """
    _require_outcome(outcome)
    if outcome == "minutes":
        return run.record.seconds / 60
    if not weights and not number and outcome != "share":
        return run.outcomes(when)[outcome]
    strata: dict[str, list[Evaluated]] = {}
    for row in run.after if when == "after" else run.before:
        if not number or _stratum(row, "number") == number:
            strata.setdefault(_stratum(row, weights) if weights else "", []).append(row)
    values = [_share(run, rows, outcome) for rows in strata.values()]
    known = [value for value in values if value is not None]
    # A stratum of which nobody looked at a response says nothing: it is not counted as 0.
    return sum(known) / len(known) if known else None


def by_seed(
    runs: Sequence[Run],
    outcome: str = "success",
    *,
    weights: str = "",
    number: str = "",
    when: str = "after",
) -> dict[int, float]:
    """An outcome of an arm's runs by seed, in order of seeds; arguments as for `outcome_of`.

    Raises:
        HpptError: there is no such outcome, a seed is there twice, or the outcome of a run is not
            known.
    """
    found = {run.record.seed: _known(run, outcome, weights, number, when) for run in runs}
    if len(found) < len(runs):
        raise HpptError(f"{len(runs)} runs have {len(found)} seeds: one run of each is needed.")
    return dict(sorted(found.items()))


def dots(
    runs: Sequence[Run], outcome: str = "success", *, weights: str = ""
) -> list[tuple[int, float, bool]]:
    """An arm's runs as `hppt_lib.figures.ladder_figure` draws them: seed, outcome, collapsed.

    Raises:
        HpptError: see `by_seed`.
    """
    collapsed = {run.record.seed: run.collapsed for run in runs}
    values = by_seed(runs, outcome, weights=weights)
    return [(seed, value, collapsed[seed]) for seed, value in values.items()]


def difference_by_seed(one: Mapping[int, float], less: Mapping[int, float]) -> Interval:
    """One thing less another, paired by seed, with Student's 95 % interval over seeds.

    Args:
        one: values by seed, such as `by_seed` gives; seeds that one side lacks are left out.
        less: what is subtracted.

    Raises:
        HpptError: they share fewer than two seeds.
    """
    shared = sorted(one.keys() & less.keys())
    if len(shared) < 2:
        raise HpptError(f"The two share {len(shared)} seeds: an interval needs two or more.")
    return mean_interval([one[seed] - less[seed] for seed in shared])


def gain(
    runs: Sequence[Run], outcome: str = "success", *, weights: str = "", number: str = ""
) -> Interval:
    """What an arm gained: an outcome after training less before, over seeds.

    Args:
        runs: the arm's runs, one a seed.
        outcome: see `outcome_of`.
        weights: see `Contrast`.
        number: see `Contrast`.

    Raises:
        HpptError: see `by_seed` and `difference_by_seed`.
    """
    after, before = (
        by_seed(runs, outcome, weights=weights, number=number, when=when)
        for when in ("after", "before")
    )
    return difference_by_seed(after, before)


def goes_with(
    experiments: Mapping[str, Sequence[tuple[float, float]]], *, draws: int = 10_000, seed: int = 0
) -> tuple[float, float]:
    """How far two things go together over arms, within their experiments.

    Both are taken less their experiment's mean, for levels differ between experiments for reasons
    of their own. If the two had nothing to do with each other, it would be chance which arm of an
    experiment has which of the second: so that is dealt anew among its arms.

    Args:
        experiments: by name, for each arm the two things.
        draws: of deals; no p-value is below 1 / (draws + 1).
        seed: of the draws.

    Returns:
        Pearson's correlation, and how often a deal has one as far from 0 (two-sided).

    Raises:
        HpptError: no experiment has two arms that differ in the first thing, or none in the second.
    """
    arms = [np.array(each, dtype=float) for each in experiments.values() if each]
    centred = [each - each.mean(axis=0) for each in arms]
    both = np.concatenate(centred) if centred else np.zeros((1, 2))
    if not (both**2).sum(axis=0).all():
        raise HpptError("Nothing goes with what does not differ between the arms of an experiment.")
    scale = float(np.sqrt((both**2).sum(axis=0).prod()))
    found = float(both.prod(axis=1).sum()) / scale
    draw = np.random.default_rng(seed)
    dealt = sum(
        each[:, 0] @ draw.permuted(np.tile(each[:, 1], (draws, 1)), axis=1).T for each in centred
    )
    reached = int((np.abs(dealt) >= abs(found) * scale - 1e-12).sum())
    return found, (reached + 1) / (draws + 1)


def _stratum(row: Evaluated, weights: str) -> str:
    constraints = row.instruction.constraints
    if weights == "types":
        return " + ".join(sorted(each.id for each in constraints))
    return next(name for most, name in _NUMBERS if len(constraints) <= most)


def _share(run: Run, rows: Sequence[Evaluated], outcome: str) -> float | None:
    if outcome in ("strict", "guarded"):
        return isr(rows, guarded=outcome == "guarded").mean
    if outcome == "share":
        met = [fmean(bool(each.passed) for each in row.score.verdicts) for row in rows]
        return fmean(met)
    if run.answers is None:
        return None
    known = run.answers.rate(rows) if outcome == "answers" else run.answers.success(rows)
    return known.mean if known else None


def compare_arms(
    arm: Sequence[Run], less: Sequence[Run], contrast: Contrast, *, when: str = "after"
) -> Compared:
    """Measure a contrast on the runs of its two arms.

    Args:
        arm: the runs of the arm, one a seed.
        less: those of the arm that is subtracted.
        contrast: what is asked; its arms' names are not looked at.
        when: before or after training.

    Raises:
        HpptError: an arm has no run or one seed twice, or the outcome of a run is not known.
    """
    contrast.check()
    sides = []
    for name, runs in ((contrast.arm, arm), (contrast.less, less)):
        by_seed = {run.record.seed: run for run in runs}
        if not runs or len(by_seed) < len(runs):
            what = "has a seed twice" if runs else "has no run"
            raise HpptError(f"The arm '{name}' {what}: one run of each seed is needed.")
        sides.append(by_seed)
    shared = sorted(sides[0].keys() & sides[1].keys())
    paired = len(shared) >= SEEDS_FOR_A_MEAN
    chosen = [
        [(seed, side[seed]) for seed in (shared if paired else sorted(side))] for side in sides
    ]
    asked = contrast.outcome, contrast.weights, contrast.number, when
    values, others = ([_known(run, *asked) for _, run in some] for some in chosen)
    if paired:
        [p] = sign_flip_p(np.subtract(values, others)[:, None])
    else:
        p = permutation_p(values, others)
    return Compared(
        contrast=contrast,
        seeds=(tuple(seed for seed, _ in chosen[0]), tuple(seed for seed, _ in chosen[1])),
        values=tuple(values),
        others=tuple(others),
        collapsed=(
            sum(run.collapsed for _, run in chosen[0]),
            sum(run.collapsed for _, run in chosen[1]),
        ),
        paired=paired,
        difference=_interval(values, others, paired, 0.95),
        narrow=_interval(values, others, paired, 0.9),
        p=p,
        corrected=p,
    )


def _require_outcome(name: str) -> None:
    known = (*OUTCOMES, "share", "minutes")
    if name not in known:
        raise HpptError(f"There is no outcome '{name}'. There are: {', '.join(known)}.")


def _known(run: Run, outcome: str, weights: str, number: str, when: str) -> float:
    value = outcome_of(run, outcome, weights=weights, number=number, when=when)
    if value is None:
        do = "'hppt label' says how to get it" if outcome in ("answers", "success") else ""
        raise HpptError(
            f"The outcome '{outcome}' of {run.path} is not known{': ' + do if do else ''}."
        )
    return value


def _interval(
    values: Sequence[float], others: Sequence[float], paired: bool, level: float
) -> Interval | None:
    from scipy.stats import ttest_ind

    if min(len(values), len(others)) < 2:
        return None
    if paired:
        return mean_interval(
            [one - other for one, other in zip(values, others, strict=True)], level
        )
    mean = float(np.mean(values) - np.mean(others))
    if np.ptp(values) == 0 == np.ptp(others):
        return Interval(mean, mean, mean)  # every run gave the same: there is no spread
    found = ttest_ind(values, others, equal_var=False).confidence_interval(level)
    return Interval(mean, float(found.low), float(found.high))


def corrected(found: Mapping[str, Compared], planned: int) -> dict[str, Compared]:
    """Contrasts with Holm's correction over all that were planned.

    Args:
        found: the contrasts that are measured, by any name.
        planned: how many primary contrasts the plans have: those not yet measured count as p = 1.

    Raises:
        ValueError: fewer were planned than were measured.
    """
    from dataclasses import replace

    if planned < len(found):
        raise ValueError(f"{len(found)} contrasts are measured, and {planned} were planned")
    ps = holm([*(each.p for each in found.values()), *[1.0] * (planned - len(found))])
    return {
        name: replace(each, corrected=p) for (name, each), p in zip(found.items(), ps, strict=False)
    }


def interquartile_mean(values: Sequence[float]) -> float:
    """The mean of the middle half of the runs: a few that collapse do not pull it down.

    Raises:
        ValueError: there is no value.
    """
    from scipy.stats import trim_mean

    if not values:
        raise ValueError("an interquartile mean needs a value")
    return float(trim_mean(values, 0.25))


def performance_profile(values: Sequence[float], at: Sequence[float]) -> list[float]:
    """The share of runs above each of some values: the whole distribution at one look.

    Args:
        values: one a run.
        at: the values, such as 0, .1, … 1.

    Raises:
        ValueError: there is no run.
    """
    if not values:
        raise ValueError("a performance profile needs a run")
    return [sum(value > x for value in values) / len(values) for x in at]


def compared_as_json(found: Compared) -> dict[str, Any]:
    """Plain values, for a program."""
    return {
        **asdict(found),
        "mean": found.mean,
        "verdict": found.verdict,
        "interquartile_means": [interquartile_mean(found.values), interquartile_mean(found.others)],
    }


def compared_as_text(found: Mapping[str, Compared], planned: int) -> str:
    """Primary contrasts as tables: what they say, and each arm's runs.

    Args:
        found: by experiment, with their correction.
        planned: see `corrected`.
    """
    at = [x / 10 for x in range(1, 10)]
    lines: list[list[object] | None] = []
    arms: list[list[object] | None] = []
    profiles: list[list[object] | None] = []
    for name, each in found.items():
        contrast, one = each.contrast, each.difference
        asked = f"{contrast.arm} less {contrast.less}, {contrast.outcome}"
        shown = f"{each.mean:+.3f}"
        shown += f"\n[{one.low:+.3f}, {one.high:+.3f}]" if one else ""
        expected = contrast.expected
        expected += f" by {contrast.margin:g}" if contrast.margin else ""
        lines.append([name, asked, expected, shown, _p(each.p), _p(each.corrected), each.verdict])
        for side, values in enumerate((each.values, each.others)):
            arm = (contrast.arm, contrast.less)[side]
            collapsed = f"{each.collapsed[side]} of {len(values)}"
            middle = f"{interquartile_mean(values):.3f}"
            row = [arm, collapsed, f"{np.mean(values):.3f}", middle]
            arms.append([name if side == 0 else "", *row, " ".join(f"{x:.2f}" for x in values)])
            if contrast.outcome in _WEIGHABLE:
                shares = [f"{share:.2f}" for share in performance_profile(values, at)]
                profiles.append([name if side == 0 else "", arm, *shares])
        arms.append(None)
    headings = ["experiment", "contrast", "expected", "difference", "p", "Holm", "says"]
    parts: list[Any] = [table(headings, lines, title="Primary contrasts", text=(0, 1, 2, 6))]
    columns = ["experiment", "arm", "collapsed", "mean", "interquartile mean", "by seed"]
    parts.append(table(columns, arms, title="Their arms", text=(0, 1, 5)))
    if profiles:
        above = ["experiment", "arm", *(f">{x:.1f}" for x in at)]
        parts.append(table(above, profiles, title="Share of runs above", text=(0, 1)))
    parts += [
        f"{name}: a mean misleads: runs collapsed, with fewer than {SEEDS_FOR_A_MEAN} seeds."
        for name, each in found.items()
        if each.mean_misleads
    ]
    parts += [
        f"Unit: the seed. Paired from {SEEDS_FOR_A_MEAN} shared seeds on, Welch below; exact "
        f"permutation tests; Holm over {planned} planned primary contrasts.",
        "shown, the other way: both the 95 % interval and the corrected test. refuted: the 90 % "
        "interval leaves out an expected effect of that size. open: neither.",
    ]
    return as_text(*parts)


def _p(value: float) -> str:
    return "<.001" if value < 0.001 else f"{value:.3f}".removeprefix("0")
