"""What is known of one response: the verdicts that every reward is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.instructions import Instruction


@dataclass(frozen=True)
class Score:
    """What the verifiers, and a judge if one was asked, say of one response.

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

    @property
    def missing(self) -> int:
        """Constraints on which the judge gave no verdict."""
        return sum(each is None for each in self.judged)


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
        HpptError: a constraint is soft and there is no judge, or the instruction names no topic.
    """
    hard = [each for each in instruction.constraints if each.kind == "hard"]
    soft = [each.id for each in instruction.constraints if each.kind != "hard"]
    if soft and judged is None:
        raise HpptError(
            f"Instruction '{instruction.id}' has the soft constraint '{soft[0]}': no verifier "
            "decides it. Use hard constraints only with this reward, or the reward 'judged'."
        )
    if not instruction.topic:
        raise HpptError(
            f"Instruction '{instruction.id}' names no topic words, so whether a response is on "
            "topic cannot be decided. Add a list 'topic' to it."
        )
    substance = verifiers.build(
        "hppt:substance", {"prompt": instruction.prompt, "topic": list(instruction.topic)}
    )
    return Score(
        tuple(each.verifier()(response) for each in hard),
        substance(response),
        tuple(judged or ()),
        instruction,
        response,
        occurrence,
    )
