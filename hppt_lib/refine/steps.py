"""Steps A and B of the paper (HPPT, arXiv 2601.04954), on the rewards of a pilot.

Step A keeps the instructions that the pilot rewarded at least once. Step B leaves each of them at
most one soft constraint. Rewards of zero throughout may also mean a weak policy or a small budget,
so Step A's result always stands beside a random control of the same size.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction, Original

Rewards = Sequence[float | None]
"""The rewards of an instruction's samples, in order; None where there was no verdict."""


@dataclass(frozen=True)
class Rule:
    """The pass rates to keep: those above ``above`` and up to ``at_most``.

    The pass rate of an instruction is the share of its samples with a reward above 0. Samples
    without a verdict do not count.

    Attributes:
        name: what tables and figures call the rule.
        above: the pass rate must be above this.
        at_most: the pass rate may be this at most.
    """

    name: str
    above: float
    at_most: float


EVER = Rule("ever", 0.0, 1.0)
"""Kept if the reward was above 0 at least once: the paper's Step A."""
WINDOW = Rule("window", 0.0, 0.5)
"""Kept if the pass rate is in (0, 0.5], over 8 samples in IFDecorator (arXiv 2508.04632)."""
RULES = {each.name: each for each in (EVER, WINDOW)}


@dataclass(frozen=True)
class Decision:
    """Step A's decision about one instruction.

    Attributes:
        instruction: the instruction.
        kept: whether Step A keeps it.
        reason: why, in words.
        rewards: the rewards of its samples, in order, as many as there are and count.
        used: samples after which the decision was certain. The later ones changed nothing.
    """

    instruction: Instruction
    kept: bool
    reason: str
    rewards: tuple[float | None, ...]
    used: int


@dataclass(frozen=True)
class StepA:
    """The result of Step A, with its control.

    Attributes:
        rule: which pass rates were kept.
        samples: samples of each instruction that count, at most.
        decisions: one for each instruction, in the order of the instructions.
        control: as many instructions as were kept, drawn at random from all, in the same order.
    """

    rule: Rule
    samples: int
    decisions: tuple[Decision, ...]
    control: tuple[Instruction, ...]

    @property
    def kept(self) -> tuple[Instruction, ...]:
        """The instructions that are kept (D_clean in the paper)."""
        return tuple(each.instruction for each in self.decisions if each.kept)

    @property
    def dropped(self) -> tuple[Instruction, ...]:
        """The instructions that are not kept."""
        return tuple(each.instruction for each in self.decisions if not each.kept)

    @property
    def spent(self) -> int:
        """Rollouts in all, if each instruction's pilot ends as soon as its decision is certain."""
        return sum(each.used for each in self.decisions)

    @property
    def full(self) -> int:
        """Rollouts in all, if every instruction gets all its samples."""
        return self.samples * len(self.decisions)


def early_decision(rewards: Rewards, samples: int, rule: Rule) -> tuple[bool, str] | None:
    """Whether an instruction is kept, and why, once no further sample can change that.

    Args:
        rewards: of the samples so far, at most ``samples``.
        samples: how many there will be in all.
        rule: which pass rates are kept.

    Returns:
        (kept, reason), or None while further samples may still change it. After the last sample
        it is never None.
    """
    known = [reward for reward in rewards if reward is not None]
    passed = sum(reward > 0 for reward in known)
    to_come = samples - len(rewards)
    most = len(known) + to_come
    if not most:
        return False, "no verdict on any sample"
    # What the pass rate can still become: all further samples fail, or all pass. (A sample without
    # a verdict changes it less than either.)
    lowest, highest = passed / most, (passed + to_come) / most
    seen = f"{passed} of {len(known)} samples rewarded"
    if lowest > rule.above and highest <= rule.at_most:
        return True, seen
    if highest <= rule.above:
        return False, "never rewarded" if not passed else f"{seen}: too few"
    if lowest > rule.at_most:
        return False, f"{seen}: too many"
    return None


def step_a(
    instructions: Sequence[Instruction],
    histories: Mapping[str, Rewards],
    *,
    samples: int,
    rule: Rule = EVER,
    seed: int = 0,
) -> StepA:
    """Keep the instructions whose pass rate in a pilot is within the rule.

    Args:
        instructions: those to choose from, each with an id of its own.
        histories: instruction id to the rewards of its samples, in the order they were drawn
            (`hppt_lib.refine.Pilot.rewards`). A history may be shorter than ``samples`` if the
            decision is certain by then.
        samples: how many samples of each instruction count.
        rule: which pass rates are kept.
        seed: seed of the random control (`random_control`).

    Raises:
        HpptError: two instructions have the same id, or a history is missing or too short.
    """
    if samples < 1:
        raise HpptError(f"Step A needs at least one sample of each instruction, not {samples}.")
    by_id = {each.id for each in instructions}
    if len(by_id) != len(instructions):
        raise HpptError("Two instructions have the same id. Give each an id of its own.")
    decisions = tuple(_decision(each, histories, samples, rule) for each in instructions)
    size = sum(each.kept for each in decisions)
    return StepA(rule, samples, decisions, random_control(instructions, size, seed))


def random_control(
    instructions: Sequence[Instruction], size: int, seed: int
) -> tuple[Instruction, ...]:
    """As many instructions, drawn at random, in their order.

    One draw may flatter the filter or shame it. Of the shipped pilot, draws of 160 instructions
    have teaching groups in .265 ± .030 of the cases, and that of seed 0 in .219. So draw it anew
    for each training seed, and let the spread of the seeds hold that of the draws.

    Args:
        instructions: those to draw from, each with an id of its own.
        size: how many.
        seed: the training seed.
    """
    drawn = set(random.Random(seed).sample(sorted(each.id for each in instructions), size))
    return tuple(each for each in instructions if each.id in drawn)


def _decision(
    instruction: Instruction, histories: Mapping[str, Rewards], samples: int, rule: Rule
) -> Decision:
    if instruction.id not in histories:
        raise HpptError(
            f"The instruction '{instruction.id}' is not in the pilot. Run 'hppt pilot' on it, or "
            "leave it out."
        )
    rewards = tuple(histories[instruction.id][:samples])
    for used in range(len(rewards) + 1):
        if decision := early_decision(rewards[:used], samples, rule):
            return Decision(instruction, *decision, rewards, used)
    raise HpptError(
        f"The pilot has {len(rewards)} samples of the instruction '{instruction.id}', which do "
        f"not decide the rule '{rule.name}' for {samples}. Ask for fewer samples, or run a longer "
        "pilot."
    )


def samples_within(
    histories: Mapping[str, Rewards], budget: int, *, most: int, rule: Rule = EVER
) -> int:
    """The largest number of samples of each instruction that a budget of rollouts allows.

    Each instruction's pilot ends as soon as its decision is certain, so this may be more than
    ``budget / len(histories)``.

    Args:
        histories: instruction id to its rewards.
        budget: rollouts in all.
        most: the samples of each instruction that the pilot has.
        rule: which pass rates are kept.

    Raises:
        HpptError: the budget is too small for one sample of each instruction.
    """
    for samples in range(most, 0, -1):
        if sum(_used(each, samples, rule) for each in histories.values()) <= budget:
            return samples
    raise HpptError(
        f"A budget of {budget} rollouts is less than one for each of {len(histories)} instructions."
    )


def _used(rewards: Rewards, samples: int, rule: Rule) -> int:
    for used in range(min(samples, len(rewards)) + 1):
        if early_decision(rewards[:used], samples, rule):
            return used
    return samples


SoftRule = Callable[[Sequence[Constraint], str], int]
"""From an instruction's soft constraints and its id to the place of the constraint that stays."""


def first_soft(soft: Sequence[Constraint], id: str) -> int:
    """The first soft constraint in the prompt stays."""
    return 0


def last_soft(soft: Sequence[Constraint], id: str) -> int:
    """The last soft constraint in the prompt stays."""
    return len(soft) - 1


def drawn_soft(soft: Sequence[Constraint], id: str) -> int:
    """A soft constraint drawn at random stays; the instruction's id is the seed."""
    return random.Random(id).randrange(len(soft))


SOFT_RULES: dict[str, SoftRule] = {"first": first_soft, "last": last_soft, "drawn": drawn_soft}


@dataclass(frozen=True)
class StepB:
    """The result of Step B.

    Attributes:
        instructions: those with at most one soft constraint now, in the order given.
        unfit: (instruction, reason) for each that could not be rewritten.
    """

    instructions: tuple[Instruction, ...]
    unfit: tuple[tuple[Instruction, str], ...]

    @property
    def changed(self) -> tuple[Instruction, ...]:
        """The instructions that lost a soft constraint, in this step or before."""
        return tuple(each for each in self.instructions if each.original)


def step_b(instructions: Sequence[Instruction], keep: SoftRule = first_soft) -> StepB:
    """Leave each instruction at most one soft constraint; all hard ones stay.

    Which soft constraint the paper keeps is not known. Our default is the first in the prompt: the
    simplest rule that looks at no outcome.

    Args:
        instructions: those to simplify.
        keep: which soft constraint stays.

    Returns:
        The instructions, with the removed constraints gone from their prompts. An instruction that
        loses a constraint gets a new id; its ``original`` keeps the old id, the old prompt and what
        was removed, so that `restored` can undo it. An instruction cannot be rewritten, and is
        listed as unfit, if its prompt does not state the constraint in sentences of its own.
    """
    done, unfit = [], []
    for instruction in instructions:
        try:
            done.append(simplified(instruction, keep))
        except HpptError as error:
            unfit.append((instruction, str(error)))
    return StepB(tuple(done), tuple(unfit))


def simplified(instruction: Instruction, keep: SoftRule = first_soft) -> Instruction:
    """The instruction with at most one soft constraint.

    Raises:
        HpptError: the prompt does not state a constraint that must go in sentences of its own.
    """
    places = [place for place, each in enumerate(instruction.constraints) if each.kind == "soft"]
    if len(places) < 2:
        return instruction
    if instruction.original:
        raise HpptError(
            f"'{instruction.id}' was simplified before, and has got soft constraints since."
        )
    stays = places[keep([instruction.constraints[place] for place in places], instruction.id)]
    return without(instruction, [place for place in places if place != stays], "simplified")


def without(instruction: Instruction, places: Sequence[int], ending: str) -> Instruction:
    """The instruction without the constraints at some places, in its prompt too.

    Args:
        instruction: one that was not cut before.
        places: of the constraints that go, from 0.
        ending: what its id gets behind a hyphen.

    Raises:
        HpptError: the prompt does not state one of them in sentences of its own.
    """
    removed = tuple((place, instruction.constraints[place]) for place in places)
    prompt = instruction.prompt
    for _, constraint in removed:
        prompt = _prompt_without(prompt, constraint.text, instruction.id)
    return replace(
        instruction,
        id=f"{instruction.id}-{ending}",
        prompt=prompt,
        constraints=tuple(
            each for place, each in enumerate(instruction.constraints) if place not in places
        ),
        original=Original(instruction.id, instruction.prompt, removed),
    )


def restored(instruction: Instruction) -> Instruction:
    """The instruction as it was before Step B; the instruction itself if Step B left it alone."""
    if instruction.original is None:
        return instruction
    constraints = list(instruction.constraints)
    for place, constraint in instruction.original.removed:
        constraints.insert(place, constraint)
    return replace(
        instruction,
        id=instruction.original.id,
        prompt=instruction.original.prompt,
        constraints=tuple(constraints),
        original=None,
    )


def parts(instructions: Sequence[Instruction], kind: str) -> StepB:
    """The instructions cut to their constraints of one kind, the others gone from their prompts.

    For arms that differ in the kind of constraint alone: hard ones, soft ones, or both. Those that
    have none of the kind are left out.

    Args:
        instructions: hard, mixed and soft ones.
        kind: ``hard`` or ``soft``.

    Returns:
        As `step_b`: an instruction that loses a constraint gets a new id and an ``original``; those
        that cannot be rewritten are listed as unfit.
    """
    done, unfit = [], []
    for instruction in instructions:
        kinds = [each.kind for each in instruction.constraints]
        others = [place for place, each in enumerate(kinds) if each != kind]
        if not others:
            done.append(instruction)
        elif len(others) < len(kinds):
            try:
                done.append(without(instruction, others, kind))
            except HpptError as error:
                unfit.append((instruction, str(error)))
    return StepB(tuple(done), tuple(unfit))


def _prompt_without(prompt: str, text: str, id: str) -> str:
    """``prompt`` without the sentence ``text`` and the space before it.

    Raises:
        HpptError: the sentence does not occur, occurs twice, or is part of a longer one.
    """
    before, _, after = prompt.partition(text)
    if not text.strip() or prompt.count(text) != 1:
        raise HpptError(f"The prompt of '{id}' does not state once and verbatim: {text!r}")
    if (before and not before[-1].isspace()) or (after and not after[0].isspace()):
        raise HpptError(f"In the prompt of '{id}' this is part of a longer sentence: {text!r}")
    return before.rstrip() + after if before.strip() else after.lstrip()
