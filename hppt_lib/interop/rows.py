"""Rows as other programs hold them, made into instructions and scored by a reward of the kit."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any, NoReturn

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction, parse_instruction
from hppt_lib.rewards.by_name import reward as reward_named
from hppt_lib.rewards.kinds import Reward
from hppt_lib.rewards.scores import Score, score
from hppt_lib.sources.ifeval_form import unwrapped
from hppt_lib.verifiers import THOUGHT_MARKS, Marks, constraints_in, python_value

FORMS = (
    "'instruction_id_list' and 'kwargs' (IFEval's form), 'ground_truth' (open-instruct's label, or "
    "an object or JSON text in IFEval's form), or 'constraints' (the kit's own form)"
)

_LOADING = threading.Lock()


@dataclass(frozen=True)
class Scored:
    """One response with its reward.

    Attributes:
        value: the reward; NaN says that there is none (a verdict was not given).
        score: the verdicts that it was made of.
    """

    value: float
    score: Score

    @property
    def dropped(self) -> bool:
        """True if there is no reward: no verdict is neither a pass nor a fail."""
        return math.isnan(self.value)

    @property
    def verdicts(self) -> list[bool | None]:
        """The verdicts on the hard constraints, in their order; None: untrusted code gave none."""
        return [each.passed for each in self.score.verdicts]

    @property
    def reasons(self) -> str:
        """A line for each constraint that was looked at: id, verdict, and why."""
        assert self.score.instruction is not None  # `Scorer` scores with it
        hard = [each.id for each in self.score.instruction.constraints if each.kind == "hard"]
        words = {True: "passed", False: "failed", None: "no verdict"}
        lines = [
            f"{words[verdict.passed]} {id}: {verdict.reason}"
            for id, verdict in zip(hard, self.score.verdicts, strict=True)
        ]
        lines += [f"{words[each]}, says the judge" for each in self.score.judged]
        return "\n".join(lines)


@dataclass(frozen=True)
class Scorer:
    """A reward that scores responses to raw rows.

    Attributes:
        reward: the reward.
        thoughts: the marks of thoughts; what is scored is the answer that follows them.
    """

    reward: Reward
    thoughts: Marks = THOUGHT_MARKS

    def __call__(
        self, instructions: Sequence[Instruction], responses: Sequence[str], step: int = 0
    ) -> list[Scored]:
        """Score responses, one to each instruction; a judge is asked about all of them at once.

        Raises:
            HpptError: the reward cannot score one of them, or its judge has gone away.
        """
        pairs = list(zip(instructions, responses, strict=True))
        judging = self.reward.judging
        judged = judging.verdicts(pairs, self.thoughts) if judging else [None] * len(pairs)
        seen: Counter[tuple[str, str]] = Counter()
        found = []
        for (instruction, response), verdicts in zip(pairs, judged, strict=True):
            key = (instruction.prompt, response)
            scored = score(
                instruction,
                response,
                judged=verdicts,
                occurrence=f"{step}.{seen[key]}",
                thoughts=self.thoughts,
            )
            seen[key] += 1
            found.append(Scored(self.reward.checked_value(scored), scored))
        return found


def scorer(reward: str | Reward = "strict", thoughts: Marks = THOUGHT_MARKS) -> Scorer:
    """The scorer of a reward; its judge, if it has one, is loaded, once for all that ask for it.

    Args:
        reward: a reward, or its name (`hppt_lib.rewards.reward`).
        thoughts: the marks of thoughts.

    Raises:
        HpptError: there is no such reward, or its judge cannot be had.
    """
    with _LOADING:  # some trainers call from many threads
        return _scorer(reward, thoughts)


@cache
def _scorer(reward: str | Reward, thoughts: Marks) -> Scorer:
    found = reward_named(reward) if isinstance(reward, str) else reward
    if found.judging is not None:
        found = replace(found, judging=found.judging.ready())
    return Scorer(found, thoughts)


def instruction_of(row: Mapping[str, Any], prompt: str = "", where: str = "row") -> Instruction:
    """The instruction that a row asks for, with every hard constraint built to see that it can be.

    Call it on each row of a data set before a long run, to hear of a bad row at once.

    Args:
        row: an object in one of the `FORMS`; lists may be tuples or arrays, parameters may be null
            or JSON text (`hppt_lib.verifiers.constraints_in`).
        prompt: what was asked, where the row's own field ``prompt`` does not say it.
        where: names the row in messages.

    Raises:
        HpptError: there are no constraints, one cannot be built, or nothing says what was asked;
            the message names the row and the field.
    """
    try:
        found = _instruction(row, prompt, where)
        for each in found.constraints:
            if each.kind == "hard":
                each.verifier()
    except HpptError as error:
        raise HpptError(f"{where}: {error}") from error
    return found


def _instruction(row: Mapping[str, Any], prompt: str, where: str) -> Instruction:
    own = row.get("prompt")
    prompt = own if isinstance(own, str) and own.strip() else prompt
    if row.get("instruction_id_list") is not None:
        named = constraints_in(row, "instruction_id_list", "kwargs")
    elif row.get("constraints") is not None:
        return _of_the_kit(row, prompt, where)
    elif row.get("ground_truth") is not None:
        label = unwrapped(row["ground_truth"])
        if not isinstance(label, Mapping):
            raise HpptError("the field 'ground_truth' names no constraints.")
        if "instruction_id" not in label:
            return _instruction({**label, "ground_truth": None}, prompt, where)
        named = constraints_in(label, "instruction_id", "kwargs")
    else:
        raise HpptError(f"it names no constraints. It needs {FORMS}.")
    if not named:
        raise HpptError("its list of constraints is empty: there is nothing to verify.")
    if not prompt.strip():
        raise HpptError("the field 'prompt' is missing: guards compare an answer with it.")
    return Instruction(where, prompt, tuple(Constraint(id, kwargs) for id, kwargs in named))


def _of_the_kit(row: Mapping[str, Any], prompt: str, where: str) -> Instruction:
    """An instruction in the kit's own form, without the nulls that Parquet fills in."""

    def complain(problem: str) -> NoReturn:
        raise HpptError(problem.removeprefix(": ").removeprefix(", "))

    names = {each.name for each in fields(Instruction)}
    given = {name: value for name, value in row.items() if name in names}
    known = _without_nulls(python_value({**given, "id": row.get("id") or where, "prompt": prompt}))
    return parse_instruction(known, complain)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value
