"""The pilot: a few responses of the policy to each instruction, for Step A to decide on.

It stands for the paper's pilot *training run* of a few epochs. Here nothing is trained: the base
policy is sampled, which costs less and finds less. The pilot log grows chunk by chunk. A pilot that
is killed at any moment goes on where it stopped, and its log is the same as without the break.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hppt_lib import rewards
from hppt_lib.errors import HpptError
from hppt_lib.files import only_writer
from hppt_lib.instructions.model import Instruction, hard_part
from hppt_lib.judges.asking import ask
from hppt_lib.judges.protocol import Judge, Question, identity_of
from hppt_lib.policy.lengths import positions_of, prompt_lengths
from hppt_lib.refine.pilot_log import (
    Chunk,
    Pilot,
    PilotSettings,
    Sampled,
    append_chunk,
    attempt,
    begin_log,
    read_pilot,
)
from hppt_lib.refine.steps import RULES, early_decision
from hppt_lib.verifiers import Marks, answer_of, is_blank, thought_marks

if TYPE_CHECKING:
    from tqdm.std import tqdm

    from hppt_lib.policy.load import Policy

_ROWS = 96  # responses in a chunk: what a kill can cost
_BATCH = 48  # responses decoded together
_FEW = 0.1  # of a chunk's questions: more without an answer are an outage


@dataclass
class Speed:
    """How much one call of `run_pilot` sampled, and how fast; earlier calls do not count.

    Attributes:
        responses: number of responses.
        tokens: number of tokens in them.
        seconds: wall-clock time of the sampling.
    """

    responses: int = 0
    tokens: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        rate = self.tokens / self.seconds if self.seconds else 0.0
        return (
            f"{self.responses} responses, {self.tokens} tokens in {self.seconds:.0f} s: "
            f"{rate:.0f} tokens/s"
        )


def scorable(instructions: Sequence[Instruction], *, judged: bool = False) -> list[Instruction]:
    """The instructions that a pilot with these settings can score.

    Args:
        instructions: hard, mixed and soft ones.
        judged: whether there is a judge. Without one, soft constraints are left out, and so are
            instructions that have no others.

    Raises:
        HpptError: there are instructions, and none is left.
    """
    chosen = [each for each in instructions if judged or hard_part(each).constraints]
    if instructions and not chosen:
        raise HpptError(
            f"None of the {len(instructions)} instructions has a hard constraint: they are soft "
            "ones alone, which a judge decides, and 'hppt pilot' has no judge. Choose "
            "instructions with hard constraints, or run the pilot in Python (run_pilot(…, "
            "judge=…))."
        )
    return chosen


def run_pilot(
    policy: Policy,
    instructions: Sequence[Instruction],
    settings: PilotSettings,
    path: str | Path,
    *,
    judge: Judge | None = None,
    progress: bool = True,
    speed: Speed | None = None,
    sampler: str = "kit",
) -> Pilot:
    """Sample responses to each instruction and log them, or go on with a log begun before.

    Args:
        policy: what is sampled.
        instructions: those to sample, in this order; see `scorable`.
        settings: how many samples, how long, at what temperature, from which seed, and whether an
            instruction's pilot ends when its decision is certain.
        path: the pilot log, a JSONL file. A line that a kill left half-written is dropped.
        judge: gives the verdicts on soft constraints, one constraint a call. It sees the answer
            without thoughts, and is not asked about a blank one, which satisfies nothing. Without a
            judge soft constraints are left out: the reward is that of the hard ones, and the log
            says so.
        progress: whether to show a progress bar.
        speed: is filled with how much this call sampled.
        sampler: as in `hppt_lib.policy.sampling.sample`.

    Raises:
        HpptError: an instruction cannot be scored, or its prompt is too long for the policy; a
            setting is not possible; the log belongs to
            another pilot, is in use, or could not be written; or the judge has gone away. Then
            nothing of the chunk at hand is written, and the same call goes on with that chunk.
    """
    from tqdm.auto import tqdm

    path, speed = Path(path), speed or Speed()
    _check(instructions, settings, judge)
    prompt_lengths(instructions, policy.tokenizer).require_room(
        policy.name, positions_of(policy.model), settings.max_new_tokens
    )
    size = max(1, _ROWS if settings.stop else _ROWS // settings.samples)
    chunks = [instructions[start : start + size] for start in range(0, len(instructions), size)]
    with only_writer(path):
        identity = {
            "model": policy.identity,
            "judge": identity_of(judge) if judge else None,
            "reward": rewards.reward(settings.reward).identity,
        }
        name = judge.name if judge else None
        done = begin_log(path, instructions, settings, policy.name, name, identity)
        with tqdm(
            total=len(instructions), desc="pilot", unit="instruction", disable=not progress
        ) as bar:
            bar.update(sum(map(len, done)))
            for number in range(len(done), len(chunks)):
                sampling = _Sampling(policy, settings, judge, number, speed, bar, sampler)
                append_chunk(path, number, sampling.of(chunks[number]))
                bar.update(len(chunks[number]))
    return read_pilot(path, instructions)


def _check(
    instructions: Sequence[Instruction], settings: PilotSettings, judge: Judge | None
) -> None:
    """Find now what would go wrong only after the first chunk was sampled.

    Raises:
        HpptError: an instruction cannot be scored, or a setting is not possible.
    """
    if (
        len({instruction.id for instruction in instructions}) != len(instructions)
        or not instructions
    ):
        raise HpptError("A pilot needs instructions, each with an id of its own.")
    if settings.samples < 1 or settings.max_new_tokens < 1 or settings.temperature < 0:
        raise HpptError(
            "A pilot needs at least 1 sample of at least 1 token, at a temperature of 0 or more."
        )
    if settings.stop and settings.stop not in RULES:
        raise HpptError(f"There is no rule '{settings.stop}'. Choose one of: {', '.join(RULES)}.")
    rewards.reward(settings.reward)
    thought_marks(settings.thoughts)
    if judge is None and len(scorable(instructions)) < len(instructions):
        raise HpptError(
            "Some instructions have no hard constraint, and need a judge. Give one, or leave them "
            "out (hppt_lib.refine.scorable)."
        )
    for instruction in instructions:
        attempt(instruction, Sampled("", 0, True))


@dataclass
class _Sampling:
    """One chunk: its responses, sampled and judged."""

    policy: Policy
    settings: PilotSettings
    judge: Judge | None
    number: int
    speed: Speed
    bar: tqdm
    sampler: str
    chunk: Chunk = field(default_factory=dict)

    def of(self, instructions: Sequence[Instruction]) -> Chunk:
        """All samples of each instruction, or as many as its decision takes."""
        self.chunk = {each.id: [] for each in instructions}
        # One sample at a time only if that can save some: a batch of one sample each is slower.
        rounds = self.settings.samples if self.settings.stop else 1
        for round in range(rounds):
            open_ = [each for each in instructions if not self._decided(each)]
            if open_:
                self._sample(open_, self.settings.samples // rounds, round)
        return self.chunk

    def _decided(self, instruction: Instruction) -> bool:
        if not self.settings.stop:
            return False
        chosen = rewards.reward(self.settings.reward)
        responses = self.chunk[instruction.id]
        marks = thought_marks(self.settings.thoughts)
        history = [attempt(instruction, each, marks).reward(chosen) for each in responses]
        rule = RULES[self.settings.stop]
        return early_decision(history, self.settings.samples, rule) is not None

    def _sample(self, instructions: Sequence[Instruction], samples: int, round: int) -> None:
        from hppt_lib.policy.sampling import sample

        # The seed depends on the place of the chunk alone, so that a break changes nothing.
        seed = random.Random(f"{self.settings.seed}-{self.number}-{round}").getrandbits(31)
        marks = thought_marks(self.settings.thoughts)
        start = time.perf_counter()
        groups = sample(
            self.policy.model,
            self.policy.tokenizer,
            [each.prompt for each in instructions],
            samples=samples,
            max_new_tokens=self.settings.max_new_tokens,
            temperature=self.settings.temperature,
            seed=seed,
            batch=_BATCH,
            thinking=self.policy.thinking,
            thoughts=marks,
            sampler=self.sampler,
        )
        rows = [
            (instruction, Sampled(each.text, len(each.token_ids), each.finished))
            for instruction, group in zip(instructions, groups, strict=True)
            for each in group
        ]
        self.speed.seconds += time.perf_counter() - start
        self.speed.responses += len(rows)
        self.speed.tokens += sum(response.tokens for _, response in rows)
        self.bar.set_postfix_str(str(self.speed))
        judged = _judged(self.judge, rows, marks) if self.judge else [()] * len(rows)
        for (instruction, response), verdicts in zip(rows, judged, strict=True):
            self.chunk[instruction.id].append(replace(response, judged=verdicts))


def _judged(
    judge: Judge, rows: Sequence[tuple[Instruction, Sampled]], thoughts: Marks
) -> list[tuple[bool | None, ...]]:
    """The judge's verdicts on the soft constraints of each response, one constraint a call.

    It is not asked about a blank answer, which satisfies nothing.

    What the judge could not answer for a passing reason is asked once more, because the log keeps
    a missing verdict for good. A few that it answers neither time are questions that it cannot
    take (too long, say), and get no verdict: else the pilot could never go on.

    Raises:
        HpptError: the judge has gone away, at the start or in between.
    """
    answered = [answer_of(response.text, thoughts) for _, response in rows]
    questions = [
        [
            Question(instruction.query or instruction.prompt, answer, (constraint.text,))
            for constraint in instruction.constraints
            if constraint.kind == "soft"
        ]
        for (instruction, _), answer in zip(rows, answered, strict=True)
    ]
    asked = [each for of_row in questions for each in of_row if not is_blank(each.response)]
    answers = dict(zip(asked, ask(judge, asked), strict=True))
    again = [question for question, (judgement,) in answers.items() if judgement.transient]
    few = len(again) <= _FEW * len(answers)
    answers.update(zip(again, ask(judge, again, allow_outage=few), strict=True))
    return [
        tuple(answers[each][0].passed if each in answers else False for each in of_row)
        for of_row in questions
    ]
