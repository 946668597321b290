"""Scores one response: collects the verdicts that every reward is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction


@dataclass(frozen=True)
class Score:
    """The verdicts on one response, by the verifiers and by a judge if one was asked.

    Attributes:
        verdicts: one for each hard constraint, in the instruction's order.
        substance: whether there is an answer at all (see `hppt_lib.verifiers.substance`).
        judged: the judge's verdicts on the constraints that it was asked about, in the
            instruction's order; None where it gave *no verdict*.
        instruction: what was asked; None where nobody needs it.
        response: what was answered.
        occurrence: tells equal responses to one instruction apart (training step and place).
    """

    verdicts: tuple[verifiers.Verdict, ...]
    substance: verifiers.Verdict
    judged: tuple[bool | None, ...] = ()
    instruction: Instruction | None = field(default=None, repr=False)
    response: str = field(default="", repr=False)
    occurrence: str = ""

    @property
    def strict(self) -> bool:
        """True if every hard constraint is satisfied, and there is one.

        The judge has no part in it: it is the truth as far as verifiers can tell it.
        """
        return bool(self.verdicts) and all(verdict.passed for verdict in self.verdicts)

    @property
    def guarded(self) -> bool:
        """True if every hard constraint is satisfied by a response of substance."""
        return self.strict and self.substance.passed


def score(
    instruction: Instruction,
    response: str,
    *,
    judged: Sequence[bool | None] | None = None,
    occurrence: str = "",
) -> Score:
    """Verify every hard constraint of an instruction, and substance.

    Args:
        instruction: what was asked.
        response: what was answered.
        judged: a judge's verdicts; None says that there is no judge.
        occurrence: see `Score`.

    Raises:
        HpptError: a constraint is soft and there is no judge.
    """
    hard = [each for each in instruction.constraints if each.kind == "hard"]
    soft = [each.id for each in instruction.constraints if each.kind != "hard"]
    if soft and judged is None:
        raise HpptError(
            f"Instruction '{instruction.id}' has the soft constraint '{soft[0]}': no verifier "
            "decides it. Use hard constraints only with this reward, or the reward 'judged'."
        )
    return Score(
        tuple(each.verifier()(response) for each in hard),
        substance_of(instruction, response),
        tuple(judged or ()),
        instruction,
        response,
        occurrence,
    )


def substance_of(
    instruction: Instruction, response: str, *, new_words: int = 3
) -> verifiers.Verdict:
    """Whether a response is an answer at all: on the topic, and with something new.

    Public data sets name no topic. There only the second half can be asked, and the guard is
    weaker: an answer to another question passes.
    """
    settings: dict[str, object] = {"prompt": instruction.prompt, "new_words": new_words}
    if not instruction.topic:
        return verifiers.build("hppt:new_content", settings)(response)
    settings["topic"] = list(instruction.topic)
    return verifiers.build("hppt:substance", settings)(response)
