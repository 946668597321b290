"""How good a filter is: what it keeps, against chance, and against what is known to be unlearnable.

Every share has a 95 % interval (Wilson, one outcome an instruction). The samples of a pilot are
used in the order they were drawn, so the first *n* of them are a smaller pilot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from hppt_lib.instructions.model import Instruction, mix
from hppt_lib.intervals import Rate, rate
from hppt_lib.refine.steps import EVER, Rewards, Rule, StepA, step_a
from hppt_lib.verifiers.words import words

Value = TypeVar("Value", int, str)


@dataclass(frozen=True)
class FilterQuality:
    """Step A at one budget, scored on the instructions that are marked as unlearnable.

    Attributes:
        samples: of each instruction, the budget.
        rollouts: spent in all, with sequential stopping.
        full: rollouts without it.
        kept: share of all that stays. A random filter of the same size drops the rest of *any*
            group, so ``1 - kept`` is what the shares below are to be held against.
        found: of the marked, the share that is dropped; None if none is marked.
        found_by_sort: the same for each sort of mark.
        lost: of the unmarked, the share that is dropped. Some of those this policy may never
            satisfy, so this is an upper bound of the harm.
        lost_proven: of the unmarked that the whole pilot rewarded at least once, the share that is
            dropped; None if there is none. At the whole pilot's budget it is 0 for the rule
            ``ever`` by its definition, so the smaller budgets are what it tells about.
        precision: of the dropped, the share that is marked; None if none is dropped.
    """

    samples: int
    rollouts: int
    full: int
    kept: Rate
    found: Rate | None
    found_by_sort: Mapping[str, Rate]
    lost: Rate | None
    lost_proven: Rate | None
    precision: Rate | None


def filter_quality(
    instructions: Sequence[Instruction],
    histories: Mapping[str, Rewards],
    budgets: Sequence[int],
    rule: Rule = EVER,
) -> list[FilterQuality]:
    """Score Step A at several budgets.

    Args:
        instructions: all of the pilot.
        histories: instruction id to the rewards of *all* its samples (no sequential stopping).
        budgets: samples of each instruction.
        rule: which pass rates are kept.

    Raises:
        HpptError: a history is shorter than a budget.
    """
    return [_filter_score(instructions, histories, each, rule) for each in budgets]


def _filter_score(
    instructions: Sequence[Instruction], histories: Mapping[str, Rewards], samples: int, rule: Rule
) -> FilterQuality:
    step = step_a(instructions, histories, samples=samples, rule=rule)
    dropped = {each.id for each in step.dropped}
    marked = [each for each in instructions if each.unlearnable]
    unmarked = [each for each in instructions if not each.unlearnable]
    proven = [each for each in unmarked if any(histories[each.id])]

    def dropped_of(group: Sequence[Instruction]) -> Rate | None:
        return _rate(group, dropped) if group else None

    by_sort: dict[str, list[Instruction]] = {}
    for each in marked:
        by_sort.setdefault(each.unlearnable, []).append(each)
    return FilterQuality(
        samples=samples,
        rollouts=step.spent,
        full=step.full,
        kept=_rate(instructions, {each.id for each in step.kept}),
        found=dropped_of(marked),
        found_by_sort={sort: _rate(group, dropped) for sort, group in sorted(by_sort.items())},
        lost=dropped_of(unmarked),
        lost_proven=dropped_of(proven),
        precision=_rate(step.dropped, {each.id for each in marked}) if dropped else None,
    )


def quality_rows(scores: Sequence[FilterQuality]) -> list[dict[str, str]]:
    """The scores as rows of a table (see `hppt_lib.figures.tables.table`)."""
    return [
        {
            "samples": str(each.samples),
            "rollouts": f"{each.rollouts} of {each.full}",
            "kept": str(each.kept),
            "unlearnable removed": _text(each.found),
            "unmarked lost": _text(each.lost),
            "proven good lost": _text(each.lost_proven),
            "dropped: unlearnable": _text(each.precision),
        }
        for each in scores
    ]


@dataclass(frozen=True)
class Group:
    """What a set of instructions is made of.

    Attributes:
        size: how many instructions.
        constraints: share with each number of constraints.
        types: share with each type of hard constraint or kind of soft one.
        kinds: share that is ``hard`` only, ``mixed``, ``soft`` only.
        prompt_words: mean length of the prompt, with its 95 % interval (Student's t).
        unlearnable: share that is marked.
    """

    size: int
    constraints: Mapping[int, Rate]
    types: Mapping[str, Rate]
    kinds: Mapping[str, Rate]
    prompt_words: tuple[float, float, float]
    unlearnable: Rate


def composition(step: StepA) -> dict[str, Group]:
    """What was kept and dropped, beside the whole and the random control of the same size.

    The selection bias: where ``kept`` differs from ``control`` by more than the intervals, the
    filter has changed what the data is about. An empty group is left out.
    """
    groups = {
        "all": [each.instruction for each in step.decisions],
        "kept": step.kept,
        "dropped": step.dropped,
        "control": step.control,
    }
    return {name: _group(found) for name, found in groups.items() if found}


def kept_by(step: StepA, values: Callable[[Instruction], set[Value]]) -> dict[Value, Rate]:
    """Share kept of the instructions that have each value, such as of `types_of`; sorted."""
    found = [each.instruction for each in step.decisions]
    kept = {each.id for each in step.kept}
    return {
        value: _rate([each for each in found if value in values(each)], kept)
        for value in _every(found, values)
    }


def rewarded_within(
    instructions: Sequence[Instruction], histories: Mapping[str, Rewards], budgets: Sequence[int]
) -> dict[str, list[Rate]]:
    """By sort of mark, the share that was rewarded at least once within each budget of samples.

    Args:
        instructions: those sampled.
        histories: instruction id to the rewards of all its samples.
        budgets: samples of each instruction.

    Returns:
        ``""`` (not marked), ``beyond`` and ``contradictory``, as far as they occur, to one rate for
        each budget.
    """
    groups: dict[str, list[Instruction]] = {}
    for each in instructions:
        groups.setdefault(each.unlearnable, []).append(each)
    return {
        sort: [
            _rate(group, {each.id for each in group if any(histories[each.id][:budget])})
            for budget in budgets
        ]
        for sort, group in sorted(groups.items())
    }


def types_of(instruction: Instruction) -> set[str]:
    """The ids of its hard constraints, and ``soft: kind`` for its soft ones."""
    return {
        each.id if each.kind == "hard" else f"soft: {each.id.partition(':')[0]}"
        for each in instruction.constraints
    }


def number_of(instruction: Instruction) -> set[int]:
    """Its number of constraints."""
    return {len(instruction.constraints)}


def _group(found: Sequence[Instruction]) -> Group:
    return Group(
        size=len(found),
        constraints=_shares(found, number_of),
        types=_shares(found, types_of),
        kinds=_shares(found, lambda one: {mix(one)}),
        prompt_words=_mean([len(words(each.prompt)) for each in found]),
        unlearnable=_rate(found, {each.id for each in found if each.unlearnable}),
    )


def _shares(
    found: Sequence[Instruction], values: Callable[[Instruction], set[Value]]
) -> dict[Value, Rate]:
    """Share of ``found`` that has each value."""
    return {
        value: _rate(found, {each.id for each in found if value in values(each)})
        for value in _every(found, values)
    }


def _every(
    found: Sequence[Instruction], values: Callable[[Instruction], set[Value]]
) -> list[Value]:
    return sorted({value for each in found for value in values(each)})


def _rate(found: Sequence[Instruction], wanted: set[str]) -> Rate:
    """Share of ``found`` (at least one) whose id is in ``wanted``."""
    ids = [each.id for each in found]
    return rate([id in wanted for id in ids], ids)


def _mean(values: Sequence[float]) -> tuple[float, float, float]:
    from scipy.stats import t

    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, mean, mean
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return mean, mean - half, mean + half


def _text(share: Rate | None) -> str:
    return "–" if share is None else str(share)
