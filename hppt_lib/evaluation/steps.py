"""Long horizon: what a policy satisfies of constraints in a row, by their number.

Made for the instructions of ``sequential`` (`hppt_lib.corpus.sequential`): the first constraint
asks for labelled parts, each other one looks back from a later part to an earlier one. It counts
the responses of any instructions with hard constraints alike.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.run_folder import RunFolder
from hppt_lib.evaluation.satisfaction import Evaluated, rescored
from hppt_lib.files import read_jsonl
from hppt_lib.instructions.model import Instruction
from hppt_lib.intervals import Rate, rate

_ANSWER = ("arm", "seed", "instruction", "response")


@dataclass(frozen=True)
class StepRates:
    """What responses to instructions of so many constraints come to.

    Attributes:
        steps: the number of constraints.
        strict: the share of responses that satisfy all of them.
        guarded: the share that do so and are answers of substance.
        first: the share that satisfy the first constraint.
        later: of the other constraints, the share that is satisfied.
    """

    steps: int
    strict: Rate
    guarded: Rate
    first: Rate
    later: Rate


@dataclass(frozen=True)
class Horizon:
    """A policy's responses by number of steps, and by type of constraint.

    Attributes:
        by_steps: by number of constraints, in order.
        by_type: by the constraint's id, the share satisfied, in order of the ids.
        share: of an instruction's constraints, the share that its response satisfies, on average.
        responses: how many responses there are.
        instructions: how many instructions they answer.
    """

    by_steps: Mapping[int, StepRates]
    by_type: Mapping[str, Rate]
    share: float
    responses: int
    instructions: int

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        shares = "; ".join(
            f"{each.strict.mean:.0%} [{each.strict.low:.0%}, {each.strict.high:.0%}] of "
            f"{each.strict.samples} with {steps} steps"
            for steps, each in self.by_steps.items()
        )
        return f"All constraints are satisfied by {shares}."


def responses_of(run: RunFolder) -> list[Evaluated]:
    """The responses of a run of ``hppt evaluate``, scored by the current verifiers.

    Raises:
        HpptError: there is no response, a conversation of several turns, or a soft constraint.
    """
    instructions = {item.id: item.turns[0] for item in run.items}
    if any(len(item.turns) > 1 for item in run.items):
        raise HpptError(f"{run.path} has conversations of several turns: steps are of one turn.")
    soft = [
        id for id, each in instructions.items() if any(c.kind == "soft" for c in each.constraints)
    ]
    if soft:
        raise HpptError(f"{run.path}: '{soft[0]}' has a soft constraint, which no rule decides.")
    pairs = [(each.id, each.response or "") for each in run.predictions()[0]]
    return rescored(pairs, list(instructions.values()), run.marks)


def responses_by_arm(
    path: str | Path, instructions: Sequence[Instruction]
) -> dict[str, dict[int, list[Evaluated]]]:
    """The responses of several policies in one file, scored by the current verifiers.

    Args:
        path: JSONL, gzipped or not, with ``arm``, ``seed``, ``instruction`` (its id) and
            ``response`` in each line.
        instructions: what the policies were asked; more do no harm.

    Returns:
        By arm and seed, both as they come in the file.

    Raises:
        HpptError: the file cannot be read, a line lacks a field, or an instruction is not known.
    """
    pairs: dict[str, dict[int, list[tuple[str, str]]]] = {}
    for number, row in read_jsonl(path):
        try:
            arm, seed, id, response = (row[name] for name in _ANSWER)
        except KeyError as error:
            raise HpptError(f"{path}, line {number}: {error} is missing.") from error
        pairs.setdefault(str(arm), {}).setdefault(int(seed), []).append((str(id), str(response)))
    return {
        arm: {seed: rescored(each, instructions) for seed, each in of.items()}
        for arm, of in pairs.items()
    }


def horizon(rows: Sequence[Evaluated]) -> Horizon:
    """Count responses by number of steps and by type of constraint, with 95 % intervals.

    Raises:
        HpptError: there is no response, or an instruction of a single constraint.
    """
    if not rows:
        raise HpptError("There is no response to count: generate some with 'hppt evaluate'.")
    groups: dict[int, list[Evaluated]] = defaultdict(list)
    types: dict[str, list[tuple[bool, str]]] = defaultdict(list)
    for row in rows:
        if len(row.instruction.constraints) < 2:
            raise HpptError(f"'{row.instruction.id}' has one constraint: that is no row of steps.")
        groups[len(row.instruction.constraints)].append(row)
        for constraint, verdict in zip(
            row.instruction.constraints, row.score.verdicts, strict=True
        ):
            types[constraint.id].append((bool(verdict.passed), row.instruction.id))
    return Horizon(
        {steps: _rates(steps, groups[steps]) for steps in sorted(groups)},
        {id: _rate(types[id]) for id in sorted(types)},
        fmean(fmean(bool(each.passed) for each in row.score.verdicts) for row in rows),
        len(rows),
        len({row.instruction.id for row in rows}),
    )


def _rates(steps: int, rows: Sequence[Evaluated]) -> StepRates:
    ids = [row.instruction.id for row in rows]
    later = [
        (bool(verdict.passed), row.instruction.id)
        for row in rows
        for verdict in row.score.verdicts[1:]
    ]
    return StepRates(
        steps,
        rate([row.score.strict for row in rows], ids),
        rate([row.score.guarded for row in rows], ids),
        rate([bool(row.score.verdicts[0].passed) for row in rows], ids),
        _rate(later),
    )


def _rate(pairs: Sequence[tuple[bool, str]]) -> Rate:
    return rate([passed for passed, _ in pairs], [group for _, group in pairs])
