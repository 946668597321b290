"""Pilot logs: JSONL files that grow chunk by chunk, and are whole up to the last line break.

The first line says what the pilot samples; each line after it holds one chunk of responses. The
log keeps responses and no scores: rewards are computed by the verifiers of today. Of verdicts it
keeps only the judge's, because asking a judge again costs time and money.

The first line also says what the pilot belongs to, by content (`hppt_lib.identity`): the model, the
judge, the reward and the data. Logs of format 1, which older versions of the kit wrote, name the
model and the judge only: they are read, but not continued.
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
from hppt_lib.files import parse_line, repository_folder
from hppt_lib.identity import Identity, check_same, data_identity
from hppt_lib.instructions.model import Instruction, hard_part
from hppt_lib.verifiers import THOUGHT_MARKS, Marks, Verdict, thought_marks

FORMAT = 2
_READ = (1, FORMAT)
_FIRST = b'{"format": '  # how a log begins, even one of a pilot that was killed at once


@dataclass(frozen=True)
class PilotSettings:
    """What a pilot samples.

    Attributes:
        samples: responses to each instruction, at most.
        max_new_tokens: the most tokens that a response may have.
        temperature: sampling temperature.
        seed: seed of the sampling.
        stop: name of a rule in `hppt_lib.refine.RULES`: an instruction's pilot ends as soon as the
            rule's decision is certain. Empty: every instruction gets all samples.
        reward: name of the reward on which ``stop`` decides.
        thoughts: the marks of thoughts, which are no part of an answer: ``known``, ``none``, or two
            marks such as ``<plan> </plan>`` (`hppt_lib.verifiers.thought_marks`).
    """

    samples: int = 8
    max_new_tokens: int = 48
    temperature: float = 0.8
    seed: int = 0
    stop: str = ""
    reward: str = "guarded"
    thoughts: str = "known"


@dataclass(frozen=True)
class Sampled:
    """One response as the log keeps it.

    Attributes:
        text: the response, with its thoughts if it has any.
        tokens: its length in tokens, thoughts included.
        finished: whether the policy ended it, and not the limit of tokens.
        judged: the judge's verdict on each soft constraint, in order (None: no verdict); empty
            without a judge.
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
        sampled: the response as the log keeps it.
        verdicts: of the verifiers and of the judge, in the order of the constraints; None where the
            judge, or a data set's own code, gave no verdict. Without a judge, soft constraints are
            left out.
        substance: whether the response is a real answer.
        instruction: what was asked, for rewards that look at the response itself.
        thoughts: the marks of the thoughts in the response.
    """

    sampled: Sampled
    verdicts: tuple[Verdict | None, ...]
    substance: Verdict
    instruction: Instruction | None = field(default=None, repr=False)
    thoughts: Marks = field(default=THOUGHT_MARKS, repr=False)

    def reward(self, chosen: rewards.Reward) -> float | None:
        """The reward; None if it depends on a verdict that was not given."""
        # The reward with every missing verdict a fail, and with every one a pass.
        least, most = (
            chosen.value(
                rewards.Score(
                    tuple(verdict or Verdict(passed, "no verdict") for verdict in self.verdicts),
                    self.substance,
                    instruction=self.instruction,
                    response=self.sampled.text,
                    thoughts=self.thoughts,
                )
            )
            for passed in (False, True)
        )
        return least if least == most else None


@dataclass(frozen=True)
class Pilot:
    """A pilot, finished or not yet.

    Attributes:
        settings: what it samples, and how.
        model: name of the policy.
        judge: name of the judge; None if soft constraints were left out.
        planned: number of instructions that it samples in all.
        instructions: those that have been sampled, in order.
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
        """The rewards of each instruction's samples, in order, for the reward called ``name``.

        A reward is None where it depends on a verdict that was not given.

        Raises:
            HpptError: there is no such reward.
        """
        chosen = rewards.reward(name)
        return {
            id: tuple(each.reward(chosen) for each in attempts)
            for id, attempts in self.attempts.items()
        }


def attempt(instruction: Instruction, sampled: Sampled, thoughts: Marks = THOUGHT_MARKS) -> Attempt:
    """Score a response of the log: verifiers run now, a judge's verdicts come from the log.

    Args:
        instruction: what was asked.
        sampled: the response.
        thoughts: the marks of thoughts, which are left out of the answer.
    """
    score = rewards.score(hard_part(instruction), sampled.text, thoughts=thoughts)
    hard, soft = iter(score.verdicts), iter(sampled.judged)
    verdicts: list[Verdict | None] = []
    for constraint in instruction.constraints:
        if constraint.kind == "hard":
            found = next(hard)
            verdicts.append(None if found.passed is None else Verdict(found.passed, found.reason))
        elif sampled.judged:
            passed = next(soft)
            verdicts.append(None if passed is None else Verdict(passed, "by the judge"))
    return Attempt(sampled, tuple(verdicts), score.substance, instruction, thoughts)


def begin_log(
    path: Path,
    instructions: Sequence[Instruction],
    settings: PilotSettings,
    model: str,
    judge: str | None,
    identity: Identity,
) -> list[Chunk]:
    """Start a log, or continue one: check that it is this pilot's, and cut off a torn end.

    Args:
        path: the log.
        instructions: those that the pilot samples, in order.
        settings: how it samples them.
        model: name of the policy.
        judge: name of the judge, if there is one.
        identity: what the pilot belongs to besides its settings and instructions: the identities of
            the policy, the judge and the reward.

    Returns:
        The chunks that are in the log already.

    Raises:
        HpptError: it is another pilot's log or one of format 1, is damaged before its end, or
            cannot be written.
    """
    from hppt_lib.machine import machine, versions

    head = {
        "format": FORMAT,
        "model": model,
        "judge": judge,
        "settings": _settings_row(settings),
        "ids": [each.id for each in instructions],
        "identity": {**identity, "data": data_identity(instructions)},
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            text = path.read_bytes()
            whole = _whole_lines(text)
            if not whole and not _FIRST.startswith(text[: len(_FIRST)]):
                raise HpptError(f"{path} exists already and is not a pilot log.")
            if whole:
                there, chunks = _parsed(path, whole)
                if there["format"] != FORMAT:
                    raise HpptError(
                        f"{path} was begun by an older version of the kit, which did not keep "
                        "what was sampled by content: it can be read, but not continued. Write to "
                        "another file (hppt pilot --out), or delete this one."
                    )
                check_same(
                    _belongs_to(there),
                    _belongs_to(head),
                    what="pilot",
                    where=path,
                    do="Write to another file (hppt pilot --out), or delete this one.",
                )
            # Not before now: the file could have been anything.
            _cut(path, sum(map(len, whole)))
            if whole:
                return chunks
        _append(path, {**head, "machine": machine(), "versions": versions()})
    except OSError as error:
        raise HpptError(f"Could not write {path}: {error.strerror or error}.") from error
    return []


def append_chunk(path: Path, number: int, chunk: Chunk) -> None:
    """Add a chunk to a log.

    Raises:
        HpptError: it could not be written. A half-written line is dropped at the next start.
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
    """Read a pilot log, finished or not yet, and score it with the current verifiers.

    Args:
        path: the log.
        instructions: those that were sampled; more do no harm.

    Raises:
        HpptError: the log cannot be read or is damaged before its end, or the instructions are not
            those that were sampled.
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
            f"{path} is the log of a pilot of other instructions: '{missing[0]}' is not among "
            "those given."
        )
    planned = [by_id[id] for id in head["ids"]]
    fingerprint = _fingerprint if head["format"] == 1 else data_identity
    check_same(
        {"data": head["identity"]["data"]},
        {"data": fingerprint(planned)},
        what="pilot",
        where=path,
        do="The instructions have changed since it was made: run the pilot again.",
    )
    settings = PilotSettings(**head["settings"])
    thoughts = thought_marks(settings.thoughts)
    attempts = {
        id: tuple(attempt(by_id[id], each, thoughts) for each in responses)
        for chunk in chunks
        for id, responses in chunk.items()
    }
    return Pilot(
        settings,
        head["model"],
        head["judge"],
        len(planned),
        tuple(each for each in planned if each.id in attempts),
        attempts,
    )


def is_pilot_log(path: str | Path) -> bool:
    """Whether a file begins as a pilot log does."""
    try:
        with open(path, "rb") as stream:
            return stream.read(len(_FIRST)) == _FIRST
    except OSError:
        return False


def shipped_pilot(name: str, instructions: Sequence[Instruction]) -> Pilot:
    """A pilot that comes with the kit, from ``data/pilots``.

    Args:
        name: ``train`` or ``again``.
        instructions: the shipped instructions ``train``.

    Raises:
        HpptError: there is no such log, or the instructions are others.
    """
    return read_pilot(repository_folder() / "data" / "pilots" / f"{name}.jsonl", instructions)


def _settings_row(settings: PilotSettings) -> dict[str, Any]:
    """The settings as a log keeps them; ``thoughts`` only where it is not the usual."""
    row = asdict(settings)
    if settings.thoughts == PilotSettings.thoughts:
        del row["thoughts"]
    return row


def _belongs_to(head: Mapping[str, Any]) -> Identity:
    return {"settings": head["settings"], **head["identity"]}


def _fingerprint(instructions: Sequence[Instruction]) -> str:
    """The instructions as logs of format 1 know them: SHA-256 over what is sampled and scored."""
    rows = [
        [each.id, each.prompt, each.topic, [[c.id, c.kwargs, c.kind] for c in each.constraints]]
        for each in instructions
    ]
    return hashlib.sha256(json.dumps(rows, sort_keys=True).encode()).hexdigest()


def _as_row(sampled: Sampled) -> list[Any]:
    return [sampled.text, sampled.tokens, sampled.finished, list(sampled.judged)]


def _sampled(row: Sequence[Any]) -> Sampled:
    text, tokens, finished, judged = row
    return Sampled(str(text), int(tokens), bool(finished), tuple(judged))


def _append(path: Path, row: Mapping[str, Any]) -> None:
    line = json.dumps(row, ensure_ascii=False).encode("utf-8") + b"\n"
    with open(path, "ab") as stream:
        stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())


def _cut(path: Path, length: int) -> None:
    """Cut off a line that a kill left half-written."""
    with open(path, "rb+") as stream:
        if stream.seek(0, os.SEEK_END) > length:
            stream.truncate(length)
            os.fsync(stream.fileno())


def _whole_lines(text: bytes) -> list[bytes]:
    """The lines that end with a line break, without a last one that is not JSON."""
    lines = text[: text.rfind(b"\n") + 1].splitlines(keepends=True)
    try:
        if lines:
            parse_line(lines[-1])
    except HpptError:
        lines.pop()
    return lines


def _parsed(path: Path, lines: Sequence[bytes]) -> tuple[dict[str, Any], list[Chunk]]:
    """The first line and the chunks of a log.

    Raises:
        HpptError: a line is not what it should be; the message names file and line.
    """
    if not lines:
        raise HpptError(f"{path} is an empty pilot log: the pilot was stopped at once.")
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
                {str(id): list(map(_sampled, rows)) for id, rows in row["responses"].items()}
            )
        except (HpptError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise HpptError(f"{path}, line {number} is not of a pilot log: {error}.") from error
    return head, chunks


def _head(row: dict[str, Any]) -> dict[str, Any]:
    if row.get("format") not in _READ:
        raise ValueError(f"its format is not {FORMAT}")
    PilotSettings(**row["settings"])
    if not all(isinstance(id, str) for id in row["ids"]):
        raise ValueError("its ids are not text")
    identity = {"data": row["fingerprint"]} if row["format"] == 1 else dict(row["identity"])
    if not isinstance(identity["data"], str):
        raise ValueError("it does not say which instructions it is of")
    named = {name: row[name] for name in ("format", "model", "judge", "settings", "ids")}
    return {**named, "identity": identity}
