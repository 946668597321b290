"""Scores one response: collects the verdicts that every reward is made of.

A response is what a policy wrote; its *answer* is what follows the thoughts in it. Verdicts,
guards and judges are given the answer alone. A blank answer satisfies nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.sandbox.run import Outcome
from hppt_lib.verifiers import THOUGHT_MARKS, Marks, Verdict, answer_of, is_blank


@dataclass(frozen=True)
class Score:
    """The verdicts on one response, by the verifiers and by a judge if one was asked.

    Attributes:
        verdicts: one for each hard constraint, in the instruction's order. A verifier always gives
            one; of a data set's own code it may be *no verdict* (passed is None).
        substance: whether there is an answer at all (see `hppt_lib.verifiers.substance`).
        judged: the judge's verdicts on the constraints that it was asked about, in the
            instruction's order; None where it gave *no verdict*.
        instruction: what was asked; None where nobody needs it.
        response: what the policy wrote, with its thoughts: for records and readers. What is
            rewarded is the `answer`.
        occurrence: tells equal responses to one instruction apart (training step and place).
        thoughts: the marks of the thoughts in it.
        run_seed: the seed of the training run that it belongs to; None outside of one.
    """

    verdicts: tuple[Verdict | Outcome, ...]
    substance: Verdict
    judged: tuple[bool | None, ...] = ()
    instruction: Instruction | None = field(default=None, repr=False)
    response: str = field(default="", repr=False)
    occurrence: str = ""
    thoughts: Marks = field(default=THOUGHT_MARKS, repr=False, compare=False)
    run_seed: int | None = None

    @cached_property
    def answer(self) -> str:
        """The response without its thoughts."""
        return answer_of(self.response, self.thoughts)

    @property
    def blank(self) -> bool:
        """True if the response is known, and a reader finds no answer in it."""
        return self.instruction is not None and is_blank(self.answer)

    @property
    def missing(self) -> int:
        """How many hard constraints have no verdict."""
        return sum(verdict.passed is None for verdict in self.verdicts)

    def filled(self, passed: bool) -> Score:
        """The score with every missing verdict on a hard constraint a pass, or a fail."""
        return replace(
            self,
            verdicts=tuple(
                Verdict(passed, each.reason) if each.passed is None else each
                for each in self.verdicts
            ),
        )

    @property
    def strict(self) -> bool:
        """True if every hard constraint is known to be satisfied, and there is one.

        The judge has no part in it: it is the truth as far as verifiers can tell it. Where a
        verdict is `missing`, who counts this must show how many there are.
        """
        return bool(self.verdicts) and all(verdict.passed for verdict in self.verdicts)

    @property
    def guarded(self) -> bool:
        """True if every hard constraint is known to be satisfied, by a response of substance."""
        return self.strict and self.substance.passed


def score(
    instruction: Instruction,
    response: str,
    *,
    judged: Sequence[bool | None] | None = None,
    occurrence: str = "",
    thoughts: Marks = THOUGHT_MARKS,
    run_seed: int | None = None,
) -> Score:
    """Verify every hard constraint of an instruction, and substance, on the answer in a response.

    Args:
        instruction: what was asked.
        response: what the policy wrote, with its thoughts if it has any.
        judged: a judge's verdicts; None says that there is no judge.
        occurrence: see `Score`.
        thoughts: the marks of thoughts, which are left out (`hppt_lib.verifiers.answer_of`).
        run_seed: see `Score`.

    Raises:
        HpptError: a constraint is soft and there is no judge, or one is a data set's own code and
            that was not allowed.
    """
    hard = [each for each in instruction.constraints if each.kind == "hard"]
    soft = [each.id for each in instruction.constraints if each.kind != "hard"]
    if soft and judged is None:
        raise HpptError(
            f"Instruction '{instruction.id}' has the soft constraint '{soft[0]}': no verifier "
            "decides it. Use hard constraints only with this reward, or the reward 'judged'."
        )
    answer = answer_of(response, thoughts)
    return Score(
        tuple(each.verifier(thoughts=())(answer) for each in hard),
        substance_of(instruction, answer),
        tuple(judged or ()),
        instruction,
        response,
        occurrence,
        thoughts,
        run_seed,
    )


def pass_share(scores: Sequence[Score]) -> dict[str, float]:
    """By the id of the hard constraint, the share of these scores' verdicts that are passes.

    What has no verdict is left out, and so is an id without any. The scores must know their
    instruction.
    """
    passed: defaultdict[str, list[bool]] = defaultdict(list)
    for each in scores:
        assert each.instruction is not None
        hard = [known for known in each.instruction.constraints if known.kind == "hard"]
        for constraint, verdict in zip(hard, each.verdicts, strict=True):
            if verdict.passed is not None:
                passed[constraint.id].append(verdict.passed)
    return {id: sum(passed[id]) / len(passed[id]) for id in sorted(passed)}


def substance_of(instruction: Instruction, answer: str, *, new_words: int | None = None) -> Verdict:
    """Whether an answer is one at all: on the topic, and with something said of it.

    Public data sets name no topic. There only new words can be asked for, and the guard is weaker:
    an answer to another question passes.

    Args:
        instruction: what was asked.
        answer: a response without its thoughts.
        new_words: how many new content words are wanted: 0 for nothing but the topic, None for the
            verifier's own number.
    """
    asked = instruction.prompt, instruction.query, tuple(instruction.topic)
    return _substance_verifier(*asked, new_words)(answer)


@lru_cache(maxsize=1024)  # an instruction has many responses
def _substance_verifier(
    prompt: str, query: str, topic: tuple[str, ...], new_words: int | None
) -> verifiers.Verifier:
    settings: dict[str, object] = {"prompt": prompt}
    if new_words is not None:
        settings["new_words"] = new_words
    if not topic:
        return verifiers.build("hppt:new_content", settings, thoughts=())
    settings["topic"] = list(topic)
    if query.strip():
        settings["query"] = query
    return verifiers.build("hppt:substance", settings, thoughts=())
