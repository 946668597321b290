"""Keeps judges' answers on this machine, so that no call is paid twice.

The cache is a file to which every answer is added as one line with a checksum. SQLite and
diskcache (last release 2023) were looked at and left: one flipped byte in an SQLite file of 2,000
answers lost up to 18 of them and altered others unseen, and its write-ahead log does not work on
network drives, where a course's home folders and Colab's often are. Here a torn write or a damaged
byte loses the one answer that it hits, and is noticed.

Answers belong to a judge by what it is (`hppt_lib.judges.protocol.identity_of`): a local one by its
weights, one at a server by its address and the whole name of its model. Of lines that an older
version of the kit wrote it cannot be told which judge of that name gave them; they are never found,
and their questions are asked again.

`hppt_lib.judges.replay` writes and reads the files that ship with the kit.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from filelock import FileLock

from hppt_lib.errors import HpptError
from hppt_lib.files import without_mark
from hppt_lib.identity import Identity, digest
from hppt_lib.judges.protocol import Judge, Judgement, Question, identity_of, notes_of

Answer = tuple[Judgement, ...]


class Cache:
    """Answers of any number of judges in one file. Several processes may use it at once.

    An answer is on the disk when `put` returns. A line that is not as it was written is left out
    and counted in ``damaged``; its question is simply asked again.
    """

    def __init__(self, path: str | Path) -> None:
        """Open a cache; the file is made with the first answer.

        Raises:
            HpptError: the file cannot be read.
        """
        self.path = Path(path)
        self.damaged = 0
        self._answers: dict[tuple[str, str], Answer] = {}
        self._notes: dict[str, list[str]] = {}
        self._read = 0  # bytes of the file that are in memory
        self._refresh()

    def get(self, judge: str, question: str) -> Answer | None:
        """The answer to a question, including one that another process has added since.

        Args:
            judge: the judge's key, see `judge_key`.
            question: the question's key, see `question_key`.

        Raises:
            HpptError: the file cannot be read.
        """
        self._refresh()
        return self._answers.get((judge, question))

    def put(self, judge: str, question: str, answer: Answer) -> None:
        """Keep an answer; a later one to the same question takes its place.

        Raises:
            HpptError: the file could not be written (disk full, no permission).
        """
        self._add({"j": judge, "q": question, **packed(answer)})
        self._answers[judge, question] = answer

    def notes(self, judge: str) -> Sequence[str]:
        """What was noted of a judge's answers (`note`), in order."""
        self._refresh()
        return tuple(self._notes.get(judge, ()))

    def note(self, judge: str, text: str) -> None:
        """Keep what a reader of a judge's answers should know; a note is kept once.

        Raises:
            HpptError: the file could not be written.
        """
        if text not in self.notes(judge):
            self._add({"j": judge, "note": text})
            self._notes.setdefault(judge, []).append(text)

    def _add(self, row: Mapping[str, Any]) -> None:
        # A line break in front too: a line that was torn before must not spoil this one.
        line = b"\n" + sealed(row) + b"\n"
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock"), open(self.path, "ab") as stream:
                stream.write(line)
                stream.flush()
                os.fsync(stream.fileno())
        except OSError as error:
            raise HpptError(
                f"Could not keep an answer in {self.path}: {error.strerror or error}. All answers "
                "before it are kept. Free some space or choose another file, then run it again."
            ) from error

    def __len__(self) -> int:
        return len(self._answers)

    def _refresh(self) -> None:
        """Take in what was added to the file since it was last read."""
        try:
            if not self.path.exists() or self.path.stat().st_size == self._read:
                return
            # Nobody is writing while we hold the lock: a line without its end was torn.
            with FileLock(f"{self.path}.lock"), open(self.path, "rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                stream.seek(self._read if size > self._read else 0)
                new = stream.read()
        except OSError as error:
            raise HpptError(f"Could not read {self.path}: {error.strerror or error}.") from error
        self._read = size
        for line in filter(None, new.split(b"\n")):
            try:
                row = unsealed(line)
                if "note" in row:
                    kept = self._notes.setdefault(row["j"], [])
                    kept += [] if row["note"] in kept else [str(row["note"])]
                else:
                    self._answers[row["j"], row["q"]] = unpacked(row)
            except (ValueError, KeyError, TypeError, RecursionError):
                self.damaged += 1


class CachedJudge:
    """A judge with a cache: it asks only what the cache does not hold, and keeps each answer.

    Two processes that ask the same judge the same question at the same moment both pay for it;
    an answer that either has kept is never asked for again.
    """

    def __init__(self, judge: Judge, cache: Cache) -> None:
        self._judge = judge
        self._cache = cache
        self.hits = 0
        """Questions that the cache answered."""

    @property
    def name(self) -> str:
        """The name of the judge that is asked."""
        return self._judge.name

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the judge that is asked."""
        return self._judge.settings

    @property
    def identity(self) -> Identity:
        """That of the judge that is asked."""
        return identity_of(self._judge)

    @property
    def notes(self) -> Sequence[str]:
        """What a reader of the answers should know, of those in the cache too (`notes_of`)."""
        kept = self._cache.notes(judge_key(self))
        return tuple(dict.fromkeys((*kept, *notes_of(self._judge))))

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, Answer]]:
        """Answer from the cache, then by the judge; each new answer is kept before it is yielded.

        What failed for a reason that may pass (``transient``) is not kept.

        Raises:
            HpptError: the cache cannot be read or written.
        """
        judge = judge_key(self)
        missing: list[tuple[int, str]] = []
        for place, question in enumerate(questions):
            key = question_key(question)
            answer = self._cache.get(judge, key)
            if answer is not None and len(answer) == len(question.constraints):
                self.hits += 1
                yield place, answer
            else:
                missing.append((place, key))
        if not missing:
            return
        for number, answer in self._judge.answers([questions[place] for place, _ in missing]):
            place, key = missing[number]
            if not any(each.transient for each in answer):
                for note in notes_of(self._judge):
                    self._cache.note(judge, note)
                self._cache.put(judge, key, answer)
            yield place, answer


def judge_key(judge: Judge) -> str:
    """Twelve characters for a judge, computed from its identity: no address is kept."""
    return digest(identity_of(judge))[:12]


def question_key(question: Question) -> str:
    """Twenty characters for a question, computed from its texts, which need not be kept."""
    return digest([question.prompt, question.response, question.constraints])[:20]


def packed(answer: Answer, digits: int | None = None) -> dict[str, Any]:
    """An answer as a small JSON object: a list for each field, left out where it is empty.

    ``v`` verdicts (1, 0, null), ``c`` confidences, ``r`` replies (one if all are the same), ``p``
    problems.

    Args:
        answer: the judgements of one question.
        digits: decimal places of the confidences; None keeps them exactly.
    """
    row: dict[str, Any] = {
        "v": [None if each.passed is None else int(each.passed) for each in answer]
    }
    confidences = [each.confidence for each in answer]
    if digits is not None:
        confidences = [None if each is None else round(each, digits) for each in confidences]
    if any(each is not None for each in confidences):
        row["c"] = confidences
    replies = [each.reply for each in answer]
    if any(replies):
        row["r"] = replies[:1] if len(set(replies)) == 1 else replies
    if any(each.problem for each in answer):
        row["p"] = [each.problem for each in answer]
    return row


def unpacked(row: Mapping[str, Any]) -> Answer:
    """The answer from a row that `packed` made.

    Raises:
        ValueError: the row is not of that form.
    """
    verdicts = row.get("v")
    if not isinstance(verdicts, list) or not verdicts:
        raise ValueError("it has no list 'v' of verdicts")
    if not all(each is None or (each in (0, 1) and isinstance(each, int)) for each in verdicts):
        raise ValueError("a verdict in 'v' is none of 1, 0 and null")
    number = len(verdicts)
    confidences = row.get("c", [None] * number)
    replies = row.get("r", [""])
    problems = row.get("p", [""] * number)
    if isinstance(replies, list) and len(replies) == 1:
        replies = replies * number
    for name, values in (("c", confidences), ("r", replies), ("p", problems)):
        if not isinstance(values, list) or len(values) != number:
            raise ValueError(f"'{name}' does not have an entry for each verdict")
    if not all(each is None or _is_share(each) for each in confidences):
        raise ValueError("a confidence in 'c' is not a number from 0 to 1")
    if not all(isinstance(each, str) for each in (*replies, *problems)):
        raise ValueError("a reply or a problem is not a text")
    return tuple(
        Judgement(None if verdict is None else bool(verdict), confidence, reply, problem)
        for verdict, confidence, reply, problem in zip(
            verdicts, confidences, replies, problems, strict=True
        )
    )


def sealed(row: Mapping[str, Any]) -> bytes:
    """A row as one line of JSON, with a checksum as its last field (``sum``)."""
    body = json.dumps(row, separators=(",", ":"), allow_nan=False)
    return f'{body[:-1]},"sum":"{zlib.crc32(body.encode()):08x}"}}'.encode()


def unsealed(line: bytes) -> dict[str, Any]:
    """The row of a sealed line, without its checksum.

    Raises:
        ValueError: the line is not as it was written; the message says how.
    """
    line = without_mark(line).strip()
    body, seal = line[: -len(_SEAL)] + b"}", line[-len(_SEAL) :]
    if not (seal.startswith(_SEAL[:_DIGITS_AT]) and seal.endswith(_SEAL[-2:])):
        raise ValueError("it was cut short, or is no kept answer")
    if seal[_DIGITS_AT:-2] != f"{zlib.crc32(body):08x}".encode():
        raise ValueError("it is not as it was written (its checksum is wrong)")
    row = json.loads(body)
    if not isinstance(row, dict):
        raise ValueError("it is not a JSON object")
    return row


_SEAL = b',"sum":"00000000"}'
_DIGITS_AT = 8  # where the checksum's digits begin in it


def _is_share(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
