"""Measures how good a filter is, against chance and on instructions known to be unlearnable.

Some instructions are *marked* as unlearnable, because they were made so. Every share has a 95 %
interval (Wilson, one outcome an instruction). The samples of a pilot are used in the order they
were drawn, so the first *n* of them are a smaller pilot.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from hppt_lib.instructions.model import Instruction, mix
from hppt_lib.intervals import Interval, Rate, mean_interval, rate
from hppt_lib.refine.steps import EVER, Rewards, Rule, StepA, step_a
from hppt_lib.verifiers.words import words

Value = TypeVar("Value", int, str)


@dataclass(frozen=True)
class FilterQuality:
    """How good Step A is at one budget.

    Attributes:
        samples: the budget, in samples of each instruction.
        rollouts: rollouts in all, with sequential stopping.
        full: rollouts in all, without it.
        kept: of all instructions, the share that is kept. A random filter of the same size drops
            the share ``1 - kept`` of *any* group: compare the shares below with that.
        found: of the marked, the share that is dropped; None if none is marked.
        lost: of the unmarked, the share that is dropped. This policy may never satisfy some of
            them, so this is an upper bound of the harm.
        lost_proven: of the unmarked that the whole pilot rewarded at least once, the share that is
            dropped; None if there are none. With all samples and the rule ``ever`` it is 0 by
            definition, so look at the smaller budgets.
        precision: of the dropped, the share that is marked; None if none is dropped.
    """

    samples: int
    rollouts: int
    full: int
    kept: Rate
    found: Rate | None
    lost: Rate | None
    lost_proven: Rate | None
    precision: Rate | None


def filter_quality(
    instructions: Sequence[Instruction],
    histories: Mapping[str, Rewards],
    budgets: Sequence[int],
    rule: Rule = EVER,
) -> list[FilterQuality]:
    """How good Step A is at each of several budgets.

    Args:
        instructions: all of the pilot.
        histories: instruction id to the rewards of *all* its samples (no sequential stopping).
        budgets: numbers of samples of each instruction.
        rule: which pass rates are kept.

    Raises:
        HpptError: a history is shorter than a budget.
    """
    return [_quality(instructions, histories, samples, rule) for samples in budgets]


def _quality(
    instructions: Sequence[Instruction], histories: Mapping[str, Rewards], samples: int, rule: Rule
) -> FilterQuality:
    step = step_a(instructions, histories, samples=samples, rule=rule)
    dropped = {instruction.id for instruction in step.dropped}
    marked = [instruction for instruction in instructions if instruction.unlearnable]
    unmarked = [instruction for instruction in instructions if not instruction.unlearnable]
    proven = [instruction for instruction in unmarked if any(histories[instruction.id])]

    def dropped_of(group: Sequence[Instruction]) -> Rate | None:
        return _rate(group, dropped) if group else None

    return FilterQuality(
        samples=samples,
        rollouts=step.spent,
        full=step.full,
        kept=_rate(instructions, {instruction.id for instruction in step.kept}),
        found=dropped_of(marked),
        lost=dropped_of(unmarked),
        lost_proven=dropped_of(proven),
        precision=_rate(step.dropped, {instruction.id for instruction in marked})
        if dropped
        else None,
    )


def quality_rows(budgets: Sequence[FilterQuality]) -> list[dict[str, str]]:
    """One row of a table for each budget: column to cell (for `hppt_lib.figures.table`)."""
    return [
        {
            "samples": str(each.samples),
            "rollouts": f"{each.rollouts} of {each.full}",
            "kept": str(each.kept),
            "unlearnable found": _text(each.found),
            "unmarked lost": _text(each.lost),
            "proven lost": _text(each.lost_proven),
            "precision": _text(each.precision),
        }
        for each in budgets
    ]


@dataclass(frozen=True)
class Group:
    """The make-up of a group of instructions.

    Attributes:
        size: number of instructions.
        constraints: number of constraints to the share of instructions that have so many.
        types: type of hard constraint or kind of soft one to the share that have it.
        kinds: ``hard`` (only), ``mixed`` or ``soft`` (only) to its share.
        prompt_words: mean length of the prompt in words, and its 95 % interval (Student's t).
        unlearnable: share that is marked.
    """

    size: int
    constraints: Mapping[int, Rate]
    types: Mapping[str, Rate]
    kinds: Mapping[str, Rate]
    prompt_words: Interval
    unlearnable: Rate


def composition(step: StepA) -> dict[str, Group]:
    """The make-up of the groups ``all``, ``kept``, ``dropped`` and ``control`` (random, same size).

    This shows the selection bias: what the filter changes in what the data is about. ``kept`` and
    ``control`` share instructions, so test ``kept`` against ``dropped``
    (`hppt_lib.intervals.rate_difference`, `difference_interval`): if nothing but chance decides,
    these two are alike. Whether two intervals overlap is no test. An empty group is left out.
    """
    groups = {
        "all": _instructions(step),
        "kept": step.kept,
        "dropped": step.dropped,
        "control": step.control,
    }
    return {name: _group(group) for name, group in groups.items() if group}


def kept_by(step: StepA, values: Callable[[Instruction], set[Value]]) -> dict[Value, Rate]:
    """For each value (of `types_of`, `number_of`, …): of the instructions with it, the share kept.

    Sorted by value.
    """
    instructions = _instructions(step)
    kept = {each.id for each in step.kept}
    return {
        value: _rate([each for each in instructions if value in values(each)], kept)
        for value in _all_values(instructions, values)
    }


def rewarded_within(
    instructions: Sequence[Instruction], histories: Mapping[str, Rewards], budgets: Sequence[int]
) -> dict[str, list[Rate]]:
    """For each sort of mark: the share that was rewarded at least once, at each budget.

    Args:
        instructions: those sampled.
        histories: instruction id to the rewards of all its samples.
        budgets: numbers of samples of each instruction.

    Returns:
        ``""`` (not marked), ``beyond`` and ``contradictory``, as far as they occur, to one rate for
        each budget.
    """
    groups: dict[str, list[Instruction]] = {}
    for instruction in instructions:
        groups.setdefault(instruction.unlearnable, []).append(instruction)
    return {
        sort: [
            _rate(
                group,
                {
                    instruction.id
                    for instruction in group
                    if any(histories[instruction.id][:budget])
                },
            )
            for budget in budgets
        ]
        for sort, group in sorted(groups.items())
    }


def types_of(instruction: Instruction) -> set[str]:
    """An instruction's hard constraint ids, and ``soft: kind`` for each soft constraint."""
    return {
        each.id if each.kind == "hard" else f"soft: {each.id.partition(':')[0]}"
        for each in instruction.constraints
    }


def number_of(instruction: Instruction) -> set[int]:
    """The number of an instruction's constraints."""
    return {len(instruction.constraints)}


def _instructions(step: StepA) -> list[Instruction]:
    return [decision.instruction for decision in step.decisions]


def _group(group: Sequence[Instruction]) -> Group:
    return Group(
        size=len(group),
        constraints=_shares(group, number_of),
        types=_shares(group, types_of),
        kinds=_shares(group, lambda instruction: {mix(instruction)}),
        prompt_words=_mean([len(words(each.prompt)) for each in group]),
        unlearnable=_rate(group, {each.id for each in group if each.unlearnable}),
    )


def _shares(
    group: Sequence[Instruction], values: Callable[[Instruction], set[Value]]
) -> dict[Value, Rate]:
    """For each value, the share of the group that has it."""
    return {
        value: _rate(group, {each.id for each in group if value in values(each)})
        for value in _all_values(group, values)
    }


def _all_values(
    group: Sequence[Instruction], values: Callable[[Instruction], set[Value]]
) -> list[Value]:
    return sorted({value for each in group for value in values(each)})


def _rate(group: Sequence[Instruction], wanted: set[str]) -> Rate:
    """Share of the group (at least one instruction) whose id is in ``wanted``."""
    ids = [each.id for each in group]
    return rate([id in wanted for id in ids], ids)


def _mean(values: Sequence[float]) -> Interval:
    if len(values) < 2:
        return Interval(values[0], values[0], values[0])
    return mean_interval(values)


def _text(share: Rate | None) -> str:
    return "–" if share is None else str(share)
