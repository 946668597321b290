"""Exercises of notebook 07: a control, a curve, an interval over seeds, a prediction of harm."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import NormalDist, fmean, pstdev, stdev
from typing import Any

from hppt_lib.course.checks import Case, Exercise, Label, Mistake

# --- 2: read a curve -----------------------------------------------------------------------------


def given_away(paid: Sequence[float], true: Sequence[float], steps: int = 5) -> float:
    """How far what is paid for nothing rose within a run.

    Args:
        paid: what the reward paid at each step, a mean over the step's rollouts.
        true: what the truth would have paid for the same rollouts.
        steps: how many steps are early, and as many late.
    """
    gap = [one - other for one, other in zip(paid, true, strict=True)]
    return fmean(gap[-steps:]) - fmean(gap[:steps])


def _late_gap(paid: Sequence[float], true: Sequence[float], steps: int) -> float:
    return fmean(paid[-steps:]) - fmean(true[-steps:])


_GIVEN_AWAY = Exercise(
    label=Label("Read a curve", number=2, difficulty=1, minutes=5, points=1),
    reference=given_away,
    cases=(
        Case(
            "a gap that opens",
            {"paid": [0.2, 0.3, 0.5, 0.8], "true": [0.2, 0.2, 0.3, 0.3], "steps": 2},
        ),
        Case(
            "a gap from the first step on, and no wider at the end",
            {"paid": [0.5, 0.6, 0.6, 0.7], "true": [0.2, 0.3, 0.3, 0.4], "steps": 2},
        ),
        Case(
            "a judge that pays less than the truth at first",
            {"paid": [0.1, 0.4, 0.6, 0.9, 0.9], "true": [0.3, 0.3, 0.4, 0.2, 0.1], "steps": 1},
        ),
    ),
    mistakes=(
        Mistake("look at the end alone: some of the gap was there from the start", _late_gap),
        Mistake(
            "look at what was paid alone: where the truth rises with it, nothing is given away",
            lambda paid, true, steps: fmean(paid[-steps:]) - fmean(paid[:steps]),
        ),
        Mistake(
            "take the early part from the late one the wrong way round",
            lambda paid, true, steps: -given_away(paid, true, steps),
        ),
        Mistake(
            "take the first and the last step, whatever `steps` says: one step is mostly chance",
            lambda paid, true, steps: given_away(paid, true, 1),
        ),
    ),
    not_covered="runs of fewer than two times `steps` steps.",
)

# --- 3: an interval for a difference of arms -----------------------------------------------------


def arm_difference(
    arm: Mapping[int, float], other: Mapping[int, float]
) -> tuple[float, float, float]:
    """The mean difference of two arms with its 95 % interval, paired by seed.

    Args:
        arm: by seed, an outcome of the arm's run.
        other: the same of the arm that is subtracted; seeds that only one has are left out.

    Returns:
        The mean and the two ends of Student's interval.
    """
    from scipy.stats import t

    differences = [arm[seed] - other[seed] for seed in sorted(arm) if seed in other]
    number = len(differences)
    half = t.ppf(0.975, number - 1) * stdev(differences) / math.sqrt(number)
    mean = fmean(differences)
    return mean, mean - half, mean + half


def _with_half(differences: Sequence[float], quantile: float, spread: float) -> tuple[float, ...]:
    half, mean = quantile * spread / math.sqrt(len(differences)), fmean(differences)
    return mean, mean - half, mean + half


def _paired(arm: Mapping[int, float], other: Mapping[int, float]) -> list[float]:
    return [arm[seed] - other[seed] for seed in sorted(arm) if seed in other]


def _t(number: int) -> float:
    from scipy.stats import t

    return float(t.ppf(0.975, number - 1))


def _unpaired(arm: Mapping[int, float], other: Mapping[int, float]) -> tuple[float, ...]:
    from scipy.stats import ttest_ind

    one, two = list(arm.values()), list(other.values())
    found = ttest_ind(one, two, equal_var=False).confidence_interval(0.95)
    return fmean(one) - fmean(two), float(found.low), float(found.high)


def _by_place(arm: Mapping[int, float], other: Mapping[int, float]) -> tuple[float, ...]:
    pairs = zip(arm.values(), other.values(), strict=False)
    differences = [one - two for one, two in pairs]
    return _with_half(differences, _t(len(differences)), stdev(differences))


def _normal(arm: Mapping[int, float], other: Mapping[int, float]) -> tuple[float, ...]:
    differences = _paired(arm, other)
    return _with_half(differences, NormalDist().inv_cdf(0.975), stdev(differences))


def _population(arm: Mapping[int, float], other: Mapping[int, float]) -> tuple[float, ...]:
    differences = _paired(arm, other)
    return _with_half(differences, _t(len(differences)), pstdev(differences))


def _spread(arm: Mapping[int, float], other: Mapping[int, float]) -> tuple[float, ...]:
    differences = _paired(arm, other)
    wide = _t(len(differences)) * stdev(differences)
    return fmean(differences), fmean(differences) - wide, fmean(differences) + wide


_ARM_DIFFERENCE = Exercise(
    label=Label(
        "An interval for a difference of arms", number=3, difficulty=3, minutes=15, points=3
    ),
    reference=arm_difference,
    cases=(
        Case(
            "three seeds, given in another order",
            {
                "arm": {0: 0.5, 1: 0.6, 2: 0.3},
                "other": {2: 0.2, 0: 0.2, 1: 0.5},
            },
        ),
        Case(
            "seeds that move together",
            {
                "arm": {7: 0.10, 8: 0.42, 9: 0.71, 10: 0.33},
                "other": {7: 0.12, 8: 0.47, 9: 0.80, 10: 0.38},
            },
        ),
        Case(
            "a seed that only one arm has",
            {
                "arm": {1: 0.4, 2: 0.5, 3: 0.9, 4: 0.1},
                "other": {1: 0.2, 2: 0.4, 4: 0.1, 5: 0.8},
            },
        ),
    ),
    mistakes=(
        Mistake(
            "treat the two arms as unrelated (Welch): runs of a seed share prompts, start and "
            "first rollouts, so pair them",
            _unpaired,
        ),
        Mistake("pair by place instead of by seed", _by_place),
        Mistake("use 1.96, which needs many seeds: take Student's quantile of n − 1", _normal),
        Mistake("divide by n in the standard deviation instead of n − 1", _population),
        Mistake(
            "give the spread of the seeds instead of the interval of their mean: divide by √n",
            _spread,
        ),
    ),
    not_covered="runs that collapse: then a mean misleads below 8 seeds, whatever its interval.",
)

# --- 1: design a control -------------------------------------------------------------------------


def noise_reward(
    satisfied: bool,
    answers: bool,
    kind: str,
    draw: float,
    rates: Mapping[str, tuple[float, float]],
) -> float:
    """The reward of one response under noise that is matched to a judge.

    Args:
        satisfied: the verifier's verdict on the constraint.
        answers: the guard's: whether the response is an answer at all.
        kind: the constraint's type.
        draw: a number from 0 to 1 that belongs to this response in this run.
        rates: by type, the judge's false-pass and false-fail rate.
    """
    false_pass, false_fail = rates[kind]
    flipped = draw < (false_fail if satisfied else false_pass)
    return float((satisfied != flipped) and answers)


def _after_the_guard(satisfied: bool, answers: bool, kind: str, draw: float, rates: Any) -> float:
    false_pass, false_fail = rates[kind]
    paid = satisfied and answers
    return float(paid != (draw < (false_fail if paid else false_pass)))


def _pooled(satisfied: bool, answers: bool, kind: str, draw: float, rates: Any) -> float:
    both = [fmean(each) for each in zip(*rates.values(), strict=True)]
    return noise_reward(satisfied, answers, kind, draw, {kind: (both[0], both[1])})


def _swapped(satisfied: bool, answers: bool, kind: str, draw: float, rates: Any) -> float:
    return noise_reward(satisfied, answers, kind, draw, {kind: rates[kind][::-1]})


def _no_guard(satisfied: bool, answers: bool, kind: str, draw: float, rates: Any) -> float:
    return noise_reward(satisfied, True, kind, draw, rates)


def _passes_alone(satisfied: bool, answers: bool, kind: str, draw: float, rates: Any) -> float:
    return noise_reward(satisfied, answers, kind, draw, {kind: (rates[kind][0], 0.0)})


def _turned(satisfied: bool, answers: bool, kind: str, draw: float, rates: Any) -> float:
    return noise_reward(satisfied, answers, kind, 1 - draw, rates)


_RATES = {"no_comma": (0.3, 0.1), "number_words": (0.05, 0.25)}


def _response(name: str, satisfied: bool, answers: bool, kind: str, draw: float) -> Case:
    given = {"satisfied": satisfied, "answers": answers, "kind": kind, "draw": draw}
    return Case(name, {**given, "rates": _RATES})


_NOISE_REWARD = Exercise(
    label=Label("Design a control", number=1, difficulty=3, minutes=15, points=3),
    reference=noise_reward,
    cases=(
        _response("a violation that is passed falsely", False, True, "no_comma", 0.2),
        _response(
            "the same draw, a type with fewer false passes", False, True, "number_words", 0.2
        ),
        _response("a good answer that is failed falsely", True, True, "number_words", 0.2),
        _response("the same draw, a type with fewer false fails", True, True, "no_comma", 0.2),
        _response("passed falsely, but no answer", False, False, "no_comma", 0.2),
        _response("satisfied, but no answer", True, False, "no_comma", 0.02),
        _response("satisfied, no answer, and no error", True, False, "no_comma", 0.8),
        _response("a good answer", True, True, "no_comma", 0.8),
        _response("a violation", False, True, "no_comma", 0.8),
    ),
    mistakes=(
        Mistake(
            "flip what is paid instead of the constraint's verdict: then noise pays for what is no "
            "answer, which the judge never does",
            _after_the_guard,
        ),
        Mistake(
            "use one rate for all types: noise at the pooled rate is another treatment",
            _pooled,
        ),
        Mistake("swap the two error rates", _swapped),
        Mistake("leave the guard out", _no_guard),
        Mistake("forget that good answers are failed falsely, too", _passes_alone),
        Mistake(
            "make an error where the draw is *above* 1 − rate: as fair, but not what was asked; an "
            "error comes where the draw is below the rate",
            _turned,
        ),
    ),
    not_covered="a draw that is exactly the rate, and errors that clump by instruction.",
)

# --- 4: from an audit to a prediction ------------------------------------------------------------

Kinds = Mapping[str, tuple[float, float, float, float]]


def predicted(kinds: Kinds) -> tuple[float, float]:
    """What an audit predicts that a judge pays, and how much of it is wrong.

    Args:
        kinds: by type of constraint: the share of all rollouts that are answers to such a
            constraint; of those, the share that truly satisfy it; the judge's false-pass rate; its
            false-fail rate.

    Returns:
        The share of all rollouts that is paid; and of the paid, the share that violates.
    """
    wrong = sum(share * (1 - true) * passes for share, true, passes, _ in kinds.values())
    right = sum(share * true * (1 - fails) for share, true, _, fails in kinds.values())
    return right + wrong, wrong / (right + wrong)


def _of_all(kinds: Kinds) -> tuple[float, float]:
    paid, wrong = predicted(kinds)
    return paid, paid * wrong


def _mean_precision(kinds: Kinds) -> tuple[float, float]:
    parts = [predicted({name: each}) for name, each in kinds.items()]
    return predicted(kinds)[0], fmean(wrong for _, wrong in parts)


def _no_shares(kinds: Kinds) -> tuple[float, float]:
    even = {name: (1 / len(kinds), *each[1:]) for name, each in kinds.items()}
    return predicted(even)


def _no_fails(kinds: Kinds) -> tuple[float, float]:
    return predicted({name: (*each[:3], 0.0) for name, each in kinds.items()})


def _rate_of_all(kinds: Kinds) -> tuple[float, float]:
    wrong = sum(share * passes for share, _, passes, _ in kinds.values())
    right = sum(share * true * (1 - fails) for share, true, _, fails in kinds.values())
    return right + wrong, wrong / (right + wrong)


def _pooled_rates(kinds: Kinds) -> tuple[float, float]:
    whole = sum(share for share, *_ in kinds.values())
    means = [sum(each[0] * each[place] for each in kinds.values()) / whole for place in (1, 2, 3)]
    return predicted({"all": (whole, means[0], means[1], means[2])})


_TWO = {"no_comma": (0.4, 0.7, 0.4, 0.1), "number_words": (0.5, 0.1, 0.2, 0.3)}
_PREDICTED = Exercise(
    label=Label("From an audit to a prediction", number=4, difficulty=2, minutes=10, points=2),
    reference=predicted,
    cases=(
        Case("one type", {"kinds": {"no_comma": (1.0, 0.5, 0.2, 0.1)}}),
        Case("two types, and a tenth that is no answer", {"kinds": _TWO}),
        Case(
            "three types of unequal size",
            {"kinds": {**_TWO, "no_comma": (0.1, 0.7, 0.4, 0.1), "title": (0.3, 0.0, 0.6, 0.2)}},
        ),
    ),
    mistakes=(
        Mistake("give the wrong ones as a share of all rollouts instead of the paid", _of_all),
        Mistake(
            "take the mean of the types' shares: types with more paid weigh more", _mean_precision
        ),
        Mistake("give every type the same share", _no_shares),
        Mistake("forget the false fails", _no_fails),
        Mistake("let satisfied responses pass falsely, too", _rate_of_all),
        Mistake("mix all types before multiplying: rates belong to their own type", _pooled_rates),
    ),
    not_covered="an audit by which nothing is paid.",
)

# --- 5: main effects and an interaction ----------------------------------------------------------


def effects(
    precise_few: float, precise_many: float, judged_few: float, judged_many: float
) -> tuple[float, float, float]:
    """The effects of one seed's four runs: precise or judged reward, few or many types.

    Args:
        precise_few: the outcome of the run with the precise reward and few types of constraint.
        precise_many: that with the precise reward and many types.
        judged_few: that with the judge and few types.
        judged_many: that with the judge and many types.

    Returns:
        What precision adds, over few and many alike; what many types add to few, over both rewards
        alike; and how much more precision adds with few types than with many.
    """
    with_few, with_many = precise_few - judged_few, precise_many - judged_many
    diversity = ((precise_many - precise_few) + (judged_many - judged_few)) / 2
    return (with_few + with_many) / 2, diversity, with_few - with_many


def _one_row(**given: float) -> tuple[float, float, float]:
    return (given["precise_few"] - given["judged_few"], *effects(**given)[1:])


def _one_column(**given: float) -> tuple[float, float, float]:
    precision, _, interaction = effects(**given)
    return precision, given["precise_many"] - given["precise_few"], interaction


def _title(**given: float) -> tuple[float, float, float]:
    return (given["precise_few"] - given["judged_many"], *effects(**given)[1:])


def _sums(**given: float) -> tuple[float, float, float]:
    precision, diversity, interaction = effects(**given)
    return 2 * precision, 2 * diversity, interaction


def _few_less_many(**given: float) -> tuple[float, float, float]:
    precision, diversity, interaction = effects(**given)
    return precision, -diversity, interaction


def _many_less_few(**given: float) -> tuple[float, float, float]:
    precision, diversity, interaction = effects(**given)
    return precision, diversity, -interaction


def _halved(**given: float) -> tuple[float, float, float]:
    precision, diversity, interaction = effects(**given)
    return precision, diversity, interaction / 2


def _two_by_two(name: str, *outcomes: float) -> Case:
    names = ("precise_few", "precise_many", "judged_few", "judged_many")
    return Case(name, dict(zip(names, outcomes, strict=True)))


_EFFECTS = Exercise(
    label=Label("Main effects and an interaction", number=5, difficulty=2, minutes=10, points=2),
    reference=effects,
    cases=(
        _two_by_two("precision helps with few types alone", 0.6, 0.3, 0.2, 0.3),
        _two_by_two("precision and diversity add up", 0.5, 0.6, 0.3, 0.4),
        _two_by_two("many types harm, most of all the judge", 0.55, 0.5, 0.45, 0.2),
    ),
    mistakes=(
        Mistake("look at few types alone for what precision adds", _one_row),
        Mistake("look at the precise reward alone for what many types add", _one_column),
        Mistake(
            "take the title's contrast for precision: those two runs differ in two things", _title
        ),
        Mistake("add the two differences up: a main effect is their mean", _sums),
        Mistake("take few less many: what *many* add is many less few", _few_less_many),
        Mistake("turn the interaction round: with few less with many", _many_less_few),
        Mistake("halve the interaction, which some books do: here it is the difference", _halved),
    ),
    not_covered="a seed of which a run is missing: it has no interaction.",
)

EXERCISES: dict[str, Exercise] = {
    "noise_reward": _NOISE_REWARD,
    "given_away": _GIVEN_AWAY,
    "arm_difference": _ARM_DIFFERENCE,
    "predicted": _PREDICTED,
    "effects": _EFFECTS,
}
