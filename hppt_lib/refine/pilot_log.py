"""Records of pilots: JSONL that grows chunk by chunk, and is whole up to its last line break.

The first line says what was to be sampled; each line after it holds one chunk of responses. As in
run records, responses are kept and not scores: rewards are computed by the verifiers of today. Only
a judge's verdicts are kept, since a judge cannot be asked again for nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hppt_lib import rewards
from hppt_lib.errors import HpptError
from hppt_lib.files import parse_line
from hppt_lib.instructions.model import Instruction, hard_part
from hppt_lib.verifiers import Verdict

FORMAT = 1
_FIRST = b'{"format": '  # how a record begins, and so one that was killed at once


@dataclass(frozen=True)
class PilotSettings:
    """What a pilot samples.

    Attributes:
        samples: responses to each instruction, at most.
        max_new_tokens: the longest response, in tokens.
        temperature: sampling temperature.
        seed: seed of the sampling.
        stop: name of a rule of `hppt_lib.refine.steps`: an instruction's pilot ends as soon as the
        rule's
            decision is certain. Empty: every instruction gets all samples.
        reward: name of the reward that ``stop`` looks at.
    """

    samples: int = 8
    max_new_tokens: int = 48
    temperature: float = 0.8
    seed: int = 0
    stop: str = ""
    reward: str = "guarded"


@dataclass(frozen=True)
class Sampled:
    """One response as it is recorded.

    Attributes:
        text: the response.
        tokens: its length in tokens.
        finished: True if the policy ended it itself.
        judged: a judge's verdict on each soft constraint (None: no verdict); empty without a judge.
    """

    text: str
    tokens: int
    finished: bool
    judged: tuple[bool | None, ...] = ()


Chunk = dict[str, list[Sampled]]
"""Instruction id to its responses, in the order they were drawn."""


@dataclass(frozen=True)
class Attempt:
    """One response with its verdicts.

    Attributes:
        sampled: the response as recorded.
        verdicts: of the verifiers and of the judge, in the order of the constraints; None where the
            judge gave no verdict. Soft constraints that nobody judged are left out.
        substance: whether there is an answer at all.
        instruction: what was asked, for rewards that look at the response itself.
    """

    sampled: Sampled
    verdicts: tuple[Verdict | None, ...]
    substance: Verdict
    instruction: Instruction | None = field(default=None, repr=False)

    def reward(self, chosen: rewards.Reward) -> float | None:
        """The reward; None if it depends on a verdict that the judge did not give."""
        least, most = (
            chosen.value(
                rewards.Score(
                    tuple(each or Verdict(missing, "no verdict") for each in self.verdicts),
                    self.substance,
                    instruction=self.instruction,
                    response=self.sampled.text,
                )
            )
            for missing in (False, True)
        )
        return least if least == most else None


@dataclass(frozen=True)
class Pilot:
    """A pilot, whole or as far as it went.

    Attributes:
        settings: what was asked for.
        model: the policy.
        judge: the judge's name; None if soft constraints were left out.
        planned: number of instructions that were to be sampled.
        instructions: those that have been, in order.
        attempts: instruction id to its attempts, in the order they were drawn.
    """

    settings: PilotSettings
    model: str
    judge: str | None
    planned: int
    instructions: tuple[Instruction, ...]
    attempts: Mapping[str, tuple[Attempt, ...]]

    @property
    def finished(self) -> bool:
        """True if every instruction has been sampled."""
        return len(self.instructions) == self.planned

    def rewards(self, name: str) -> dict[str, tuple[float | None, ...]]:
        """The reward history of each instruction, for the reward called ``name``.

        Raises:
            HpptError: there is no such reward.
        """
        chosen = rewards.reward(name)
        return {
            id: tuple(each.reward(chosen) for each in attempts)
            for id, attempts in self.attempts.items()
        }


def attempt(instruction: Instruction, sampled: Sampled) -> Attempt:
    """Score a recorded response: verifiers now, the judge as recorded."""
    score = rewards.score(hard_part(instruction), sampled.text)
    hard, soft = iter(score.verdicts), iter(sampled.judged)
    verdicts: list[Verdict | None] = []
    for each in instruction.constraints:
        if each.kind == "hard":
            verdicts.append(next(hard))
        elif sampled.judged:
            passed = next(soft)
            verdicts.append(None if passed is None else Verdict(passed, "so the judge"))
    return Attempt(sampled, tuple(verdicts), score.substance, instruction)


def begin(
    path: Path,
    instructions: Sequence[Instruction],
    settings: PilotSettings,
    model: str,
    judge: str | None,
) -> list[Chunk]:
    """Open a record: write its first line, or check that it is this pilot's and mend its end.

    Returns:
        The chunks that are in it already.

    Raises:
        HpptError: it is another pilot's record, is damaged before its end, or cannot be written.
    """
    from hppt_lib.machine import machine, versions

    head = {
        "format": FORMAT,
        "model": model,
        "judge": judge,
        "settings": asdict(settings),
        "ids": [each.id for each in instructions],
        "fingerprint": _fingerprint(instructions),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            text = path.read_bytes()
            whole = _whole_lines(text)
            if not whole and not _FIRST.startswith(text[: len(_FIRST)]):
                raise HpptError(f"{path} is there already, and is no pilot's record.")
            if whole:
                found, chunks = _parsed(path, whole)
                for name, value in head.items():
                    if found.get(name) != value:
                        raise HpptError(
                            f"{path} is the record of another pilot: its {name} differ. Write to "
                            "another file, or delete this one."
                        )
            # Only now is it known to be ours to mend.
            _cut(path, sum(map(len, whole)))
            if whole:
                return chunks
        _append(path, {**head, "machine": machine(), "versions": versions()})
    except OSError as error:
        raise HpptError(f"Could not write {path}: {error.strerror or error}.") from error
    return []


def append_chunk(path: Path, number: int, chunk: Chunk) -> None:
    """Add a chunk to a record.

    Raises:
        HpptError: it could not be written. What is half-written is dropped at the next start.
    """
    rows = {id: [_as_row(each) for each in responses] for id, responses in chunk.items()}
    try:
        _append(path, {"chunk": number, "responses": rows})
    except OSError as error:
        raise HpptError(
            f"Could not write {path}: {error.strerror or error}. Free some disk space and run the "
            "same command again: it goes on from here."
        ) from error


def read_pilot(path: str | Path, instructions: Sequence[Instruction]) -> Pilot:
    """Read a pilot's record, whole or not yet, and score it by the verifiers of today.

    Args:
        path: the record.
        instructions: those it was made from; more do no harm.

    Raises:
        HpptError: the record cannot be read or is damaged before its end, or the instructions are
            not those it was made from.
    """
    path = Path(path)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    head, chunks = _parsed(path, _whole_lines(text))
    by_id = {each.id: each for each in instructions}
    missing = [id for id in head["ids"] if id not in by_id]
    if missing:
        raise HpptError(
            f"{path} is the pilot of other instructions: '{missing[0]}' is not among those given."
        )
    planned = [by_id[id] for id in head["ids"]]
    if _fingerprint(planned) != head["fingerprint"]:
        raise HpptError(
            f"The instructions have changed since {path} was made: run the pilot again."
        )
    attempts = {
        id: tuple(attempt(by_id[id], each) for each in responses)
        for chunk in chunks
        for id, responses in chunk.items()
    }
    return Pilot(
        PilotSettings(**head["settings"]),
        head["model"],
        head["judge"],
        len(planned),
        tuple(each for each in planned if each.id in attempts),
        attempts,
    )


def _fingerprint(instructions: Sequence[Instruction]) -> str:
    """SHA-256 over what is sampled and scored."""
    rows = [
        [each.id, each.prompt, each.topic, [[c.id, c.kwargs, c.kind] for c in each.constraints]]
        for each in instructions
    ]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def _as_row(sampled: Sampled) -> list[Any]:
    return [sampled.text, sampled.tokens, sampled.finished, list(sampled.judged)]


def _append(path: Path, row: Mapping[str, Any]) -> None:
    line = json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n"
    with open(path, "ab") as stream:
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())


def _cut(path: Path, length: int) -> None:
    """Cut off what a kill left half-written."""
    with open(path, "rb+") as stream:
        if stream.seek(0, os.SEEK_END) > length:
            stream.truncate(length)
            os.fsync(stream.fileno())


def _whole_lines(text: bytes) -> list[bytes]:
    """The lines that end with a line break, but for a last one that is no JSON."""
    lines = text[: text.rfind(b"\n") + 1].splitlines(keepends=True)
    try:
        if lines:
            parse_line(lines[-1])
    except HpptError:
        lines.pop()
    return lines


def _parsed(path: Path, lines: Sequence[bytes]) -> tuple[dict[str, Any], list[Chunk]]:
    """The first line and the chunks of a record.

    Raises:
        HpptError: a line is not what it should be; the message names file and line.
    """
    if not lines:
        raise HpptError(f"{path} holds no pilot: it is empty, or was killed at once.")
    chunks: list[Chunk] = []
    for number, line in enumerate(lines, start=1):
        try:
            row = parse_line(line)
            if number == 1:
                head = _head(row)
                continue
            if row["chunk"] != number - 2:
                raise ValueError(f"chunk {row['chunk']} where chunk {number - 2} should be")
            chunks.append(
                {
                    str(id): [Sampled(str(a), int(b), bool(c), tuple(d)) for a, b, c, d in found]
                    for id, found in row["responses"].items()
                }
            )
        except (HpptError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise HpptError(
                f"{path}, line {number} is not of a pilot's record: {error}."
            ) from error
    return head, chunks


def _head(row: dict[str, Any]) -> dict[str, Any]:
    if row.get("format") != FORMAT:
        raise ValueError(f"its format is not {FORMAT}")
    PilotSettings(**row["settings"])
    if not all(isinstance(id, str) for id in row["ids"]):
        raise ValueError("its ids are not text")
    return {
        name: row[name] for name in ("format", "model", "judge", "settings", "ids", "fingerprint")
    }
