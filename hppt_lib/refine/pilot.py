"""The pilot: a few responses of the policy to each instruction, so that Step A has rewards to see.

It stands for the paper's pilot *training run* of a few epochs. Here nothing is trained: the base
policy is sampled, which costs less and finds less. The record grows chunk by chunk; a pilot that is
killed at any moment goes on where it stopped, and its record is the same as without the break.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from hppt_lib import rewards
from hppt_lib.errors import HpptError
from hppt_lib.files import only_writer
from hppt_lib.instructions.model import Instruction, hard_part
from hppt_lib.judges import Judge, Question
from hppt_lib.refine.pilot_log import (
    Chunk,
    Pilot,
    PilotSettings,
    Sampled,
    append_chunk,
    attempt,
    begin,
    read_pilot,
)
from hppt_lib.refine.steps import RULES, certain

if TYPE_CHECKING:
    from tqdm.std import tqdm

    from hppt_lib.policy.load import Policy

_ROWS = 96  # responses in a chunk: what a kill can cost
_BATCH = 48  # responses decoded together


@dataclass
class Speed:
    """What a call of `run_pilot` itself sampled; chunks recorded before do not count.

    Attributes:
        responses: their number.
        tokens: their tokens.
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
    """The instructions that a pilot can say something about.

    Args:
        instructions: hard, mixed and soft.
        judged: whether there is a judge. Without one, soft constraints are left out, and so are
            instructions that have no others.
    """
    return [each for each in instructions if judged or hard_part(each).constraints]


def run_pilot(
    policy: Policy,
    instructions: Sequence[Instruction],
    settings: PilotSettings,
    path: str | Path,
    *,
    judge: Judge | None = None,
    progress: bool = True,
    speed: Speed | None = None,
) -> Pilot:
    """Sample responses to each instruction and record them, or go on with a record begun before.

    Args:
        policy: what is sampled.
        instructions: those to sample, in this order; see `scorable`.
        settings: how many samples, how long, at what temperature, from which seed, and whether an
            instruction's pilot ends when its decision is certain.
        path: the record, a JSONL file. A line that a kill left half-written is dropped.
        judge: gives the verdicts on soft constraints, one a call. Without one they are left out:
            the reward is that of the hard part, and the record says so.
        progress: show a progress bar.
        speed: is filled with what this call sampled.

    Raises:
        HpptError: an instruction cannot be scored, a setting is not possible, the record belongs to
            another pilot, is in use, or could not be written.
    """
    from tqdm.auto import tqdm

    path, speed = Path(path), speed or Speed()
    _check(instructions, settings, judge)
    size = max(1, _ROWS if settings.stop else _ROWS // settings.samples)
    chunks = [instructions[start : start + size] for start in range(0, len(instructions), size)]
    with only_writer(path):
        name = judge.name if judge else None
        done = begin(path, instructions, settings, policy.name, name)
        with tqdm(
            total=len(instructions), desc="pilot", unit="instruction", disable=not progress
        ) as bar:
            bar.update(sum(map(len, done)))
            for number in range(len(done), len(chunks)):
                sampling = _Sampling(policy, settings, judge, number, speed, bar)
                append_chunk(path, number, sampling.of(chunks[number]))
                bar.update(len(chunks[number]))
    return read_pilot(path, instructions)


def _check(
    instructions: Sequence[Instruction], settings: PilotSettings, judge: Judge | None
) -> None:
    """Raise for whatever would go wrong only after the first chunk was sampled.

    Raises:
        HpptError: an instruction cannot be scored, or a setting is not possible.
    """
    if len({each.id for each in instructions}) != len(instructions) or not instructions:
        raise HpptError("A pilot needs instructions, each with an id of its own.")
    if settings.samples < 1 or settings.max_new_tokens < 1 or settings.temperature < 0:
        raise HpptError(
            "A pilot needs at least 1 sample of at least 1 token, at a temperature of 0 or more."
        )
    if settings.stop and settings.stop not in RULES:
        raise HpptError(f"There is no rule '{settings.stop}'. Choose one of: {', '.join(RULES)}.")
    rewards.reward(settings.reward)
    if judge is None and len(scorable(instructions)) < len(instructions):
        raise HpptError(
            "Instructions without a hard constraint need a judge. Give one, or leave them out "
            "(hppt_lib.refine.pilot.scorable)."
        )
    for each in instructions:
        attempt(each, Sampled("", 0, True))


@dataclass
class _Sampling:
    """The sampling of one chunk."""

    policy: Policy
    settings: PilotSettings
    judge: Judge | None
    number: int
    speed: Speed
    bar: tqdm
    chunk: Chunk = field(default_factory=dict)

    def of(self, instructions: Sequence[Instruction]) -> Chunk:
        """All samples of each instruction, or as many as its decision takes."""
        self.chunk = {each.id: [] for each in instructions}
        # One after another only if that can save any: a batch of one sample each is slower.
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
        history = [attempt(instruction, each).reward(chosen) for each in self.chunk[instruction.id]]
        rule = RULES[self.settings.stop]
        return certain(history, self.settings.samples, rule) is not None

    def _sample(self, instructions: Sequence[Instruction], samples: int, round: int) -> None:
        from hppt_lib.policy.sampling import sample

        # The seed depends on the place alone, so that a chunk is the same after a break.
        seed = random.Random(f"{self.settings.seed}-{self.number}-{round}").getrandbits(31)
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
        )
        found = [
            (instruction, Sampled(each.text, len(each.token_ids), each.finished))
            for instruction, group in zip(instructions, groups, strict=True)
            for each in group
        ]
        self.speed.seconds += time.perf_counter() - start
        self.speed.responses += len(found)
        self.speed.tokens += sum(each.tokens for _, each in found)
        self.bar.set_postfix_str(str(self.speed))
        for (instruction, each), judged in zip(found, self._judged(found), strict=True):
            self.chunk[instruction.id].append(
                Sampled(each.text, each.tokens, each.finished, judged)
            )

    def _judged(
        self, found: Sequence[tuple[Instruction, Sampled]]
    ) -> list[tuple[bool | None, ...]]:
        """The judge's verdicts on the soft constraints of each response, one constraint a call."""
        verdicts: list[list[bool | None]] = []
        questions: list[Question] = []
        places: list[tuple[int, int]] = []
        for row, (instruction, each) in enumerate(found):
            soft = [one for one in instruction.constraints if one.kind == "soft"]
            verdicts.append([None] * len(soft) if self.judge else [])
            for place, one in enumerate(soft if self.judge else ()):
                task = instruction.query or instruction.prompt
                questions.append(Question(task, each.text, (one.text,)))
                places.append((row, place))
        if self.judge and questions:
            for number, judgements in self.judge.answers(questions):
                row, place = places[number]
                verdicts[row][place] = judgements[0].passed
        return [tuple(each) for each in verdicts]
