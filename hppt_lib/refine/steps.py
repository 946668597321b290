"""Refining the data: Step A keeps what a pilot ever rewarded, Step B at most one soft constraint.

Both are the paper's (HPPT, arXiv 2601.04954; see `hppt_lib.refine.pilot` for the pilot). A reward
of zero throughout may also mean a weak policy or a small budget, so Step A's result always stands
beside a random control of the same size.
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
    """Which pass rates are kept: those above ``above`` and up to ``at_most``.

    The pass rate is the share of an instruction's samples with a reward above 0; samples without a
    verdict do not count.

    Attributes:
        name: what tables and figures call it.
        above: the rate must be above this.
        at_most: and not above this.
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
    """What Step A decided about one instruction.

    Attributes:
        instruction: the instruction.
        kept: True if it stays.
        reason: why, for a reader.
        rewards: its reward history, as far as the pilot (and the number of samples) went.
        used: samples after which the decision was certain; the rest changed nothing.
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
        samples: samples of each instruction that could count.
        decisions: one for each instruction, in the order given.
        control: as many instructions as were kept, drawn at random from all, in the order given.
    """

    rule: Rule
    samples: int
    decisions: tuple[Decision, ...]
    control: tuple[Instruction, ...]

    @property
    def kept(self) -> tuple[Instruction, ...]:
        """The instructions that stay (D_clean)."""
        return tuple(each.instruction for each in self.decisions if each.kept)

    @property
    def dropped(self) -> tuple[Instruction, ...]:
        """The others."""
        return tuple(each.instruction for each in self.decisions if not each.kept)

    @property
    def spent(self) -> int:
        """Rollouts, if each instruction's pilot ends as soon as its decision is certain."""
        return sum(each.used for each in self.decisions)

    @property
    def full(self) -> int:
        """Rollouts, if every instruction gets all its samples."""
        return self.samples * len(self.decisions)


def certain(rewards: Rewards, samples: int, rule: Rule) -> tuple[bool, str] | None:
    """Whether an instruction is kept, and why, once no further sample can change it.

    Args:
        rewards: of the samples so far, at most ``samples``.
        samples: how many there will be in all.
        rule: which pass rates are kept.

    Returns:
        (kept, reason), or None while samples to come may still decide. After the last sample it is
        never None.
    """
    known = [each for each in rewards if each is not None]
    passed = sum(each > 0 for each in known)
    to_come = samples - len(rewards)
    most = len(known) + to_come
    if not most:
        return False, "no verdict on any sample"
    # What the pass rate can still become: all others fail, or all others pass. (A sample without a
    # verdict moves it less far.)
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
        instructions: what is refined; each has a history.
        histories: instruction id to the rewards of its samples, in the order they were drawn. A
            history may be shorter than ``samples`` if the decision is certain by then.
        samples: how many samples of each instruction count, the pilot's budget.
        rule: which pass rates are kept.
        seed: draws the random control.

    Raises:
        HpptError: an id stands twice, or a history is missing or too short.
    """
    if samples < 1:
        raise HpptError(f"Step A needs at least one sample of each instruction, not {samples}.")
    by_id = {each.id: each for each in instructions}
    if len(by_id) != len(instructions):
        raise HpptError("An instruction id stands twice. Give each instruction an id of its own.")
    decisions = tuple(_decision(each, histories, samples, rule) for each in instructions)
    size = sum(each.kept for each in decisions)
    drawn = set(random.Random(seed).sample(sorted(by_id), size))
    control = tuple(each for each in instructions if each.id in drawn)
    return StepA(rule, samples, decisions, control)


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
        if verdict := certain(rewards[:used], samples, rule):
            return Decision(instruction, *verdict, rewards, used)
    raise HpptError(
        f"The pilot has {len(rewards)} samples of the instruction '{instruction.id}', which do "
        f"not decide the rule '{rule.name}' for {samples}. Ask for fewer samples, or run a longer "
        "pilot."
    )


def samples_within(
    histories: Mapping[str, Rewards], budget: int, *, most: int, rule: Rule = EVER
) -> int:
    """The largest number of samples of each instruction that a budget of rollouts pays for.

    Each instruction's pilot ends as soon as its decision is certain, so a budget goes further than
    ``budget / len(histories)``.

    Args:
        histories: instruction id to its rewards.
        budget: rollouts in all.
        most: the pilot's samples of each instruction.
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
        if certain(rewards[:used], samples, rule):
            return used
    return samples


SoftRule = Callable[[Sequence[Constraint], str], int]
"""From an instruction's soft constraints and its id to the place of the one that stays."""


def first_soft(soft: Sequence[Constraint], id: str) -> int:
    """The soft constraint that the prompt names first stays."""
    return 0


def last_soft(soft: Sequence[Constraint], id: str) -> int:
    """The soft constraint that the prompt names last stays."""
    return len(soft) - 1


def drawn_soft(soft: Sequence[Constraint], id: str) -> int:
    """One drawn from the instruction's id stays: the same at each run, whatever the order."""
    return random.Random(id).randrange(len(soft))


SOFT_RULES: dict[str, SoftRule] = {"first": first_soft, "last": last_soft, "drawn": drawn_soft}


@dataclass(frozen=True)
class StepB:
    """The result of Step B.

    Attributes:
        instructions: all that have at most one soft constraint now, in the order given.
        unfit: (instruction, reason) of those that could not be rewritten.
    """

    instructions: tuple[Instruction, ...]
    unfit: tuple[tuple[Instruction, str], ...]

    @property
    def changed(self) -> tuple[Instruction, ...]:
        """The instructions that lost a soft constraint, here or before."""
        return tuple(each for each in self.instructions if each.original)


def step_b(instructions: Sequence[Instruction], keep: SoftRule = first_soft) -> StepB:
    """Leave each instruction at most one soft constraint; hard ones stay.

    Which soft one the paper keeps is not known. Our default is the first in the prompt: the
    simplest rule that looks at no outcome.

    Args:
        instructions: what is simplified.
        keep: which soft constraint stays.

    Returns:
        The instructions with prompts to match. One that loses a constraint has a new id and keeps
        its old id, its old prompt and what was removed in ``original``, so that `restored` can
        undo it. One whose prompt does not state a constraint as a piece of its own cannot be
        rewritten and is listed as unfit.
    """
    done, unfit = [], []
    for each in instructions:
        try:
            done.append(simplified(each, keep))
        except HpptError as error:
            unfit.append((each, str(error)))
    return StepB(tuple(done), tuple(unfit))


def simplified(instruction: Instruction, keep: SoftRule = first_soft) -> Instruction:
    """An instruction with at most one soft constraint.

    Raises:
        HpptError: the prompt does not state a constraint that has to go as a piece of its own.
    """
    places = [place for place, each in enumerate(instruction.constraints) if each.kind == "soft"]
    if len(places) < 2:
        return instruction
    if instruction.original:
        raise HpptError(f"'{instruction.id}' was simplified before and was added to since.")
    stays = places[keep([instruction.constraints[place] for place in places], instruction.id)]
    removed = tuple((place, instruction.constraints[place]) for place in places if place != stays)
    prompt = instruction.prompt
    for _, constraint in removed:
        prompt = _without(prompt, constraint.text, instruction.id)
    gone = {place for place, _ in removed}
    return replace(
        instruction,
        id=f"{instruction.id}-simplified",
        prompt=prompt,
        constraints=tuple(
            each for place, each in enumerate(instruction.constraints) if place not in gone
        ),
        original=Original(instruction.id, instruction.prompt, removed),
    )


def restored(instruction: Instruction) -> Instruction:
    """The instruction that Step B simplified; the instruction itself if it did not."""
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


def _without(prompt: str, text: str, id: str) -> str:
    """``prompt`` without the sentence ``text`` and the space before it.

    Raises:
        HpptError: the sentence is not there, or more than once, or inside another.
    """
    before, found, after = prompt.partition(text)
    if not text.strip() or not found or prompt.count(text) > 1:
        raise HpptError(f"The prompt of '{id}' does not state once and verbatim: {text!r}")
    if (before and not before[-1].isspace()) or (after and not after[0].isspace()):
        raise HpptError(f"In the prompt of '{id}' this is part of a longer sentence: {text!r}")
    return before.rstrip() + after if before.strip() else after.lstrip()
