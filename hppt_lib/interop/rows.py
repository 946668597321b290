"""Rows as other programs hold them, made into instructions and scored by a reward of the kit."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, NoReturn

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction, parse_instruction
from hppt_lib.rewards.by_name import reward as reward_named
from hppt_lib.rewards.kinds import Reward
from hppt_lib.rewards.rewarded import Rewarded, reward_rollouts
from hppt_lib.sources.ifeval_form import unwrapped
from hppt_lib.verifiers import THOUGHT_MARKS, Marks, constraints_in, python_value

FORMS = (
    "'instruction_id_list' and 'kwargs' (IFEval's form), 'ground_truth' (open-instruct's label, or "
    "an object or JSON text in IFEval's form), or 'constraints' (the kit's own form)"
)

_LOADING = threading.Lock()


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
    ) -> list[Rewarded]:
        """Score responses, one to each instruction; a judge is asked about all of them at once.

        Raises:
            HpptError: the reward cannot score one of them, or its judge has gone away.
        """
        rollouts = list(zip(instructions, responses, strict=True))
        return reward_rollouts(self.reward, rollouts, step=step, thoughts=self.thoughts)


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
    return Scorer(found.ready(), thoughts)


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
