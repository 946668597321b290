"""Writes files of a judge's answers, and replays them without a model.

The form, one JSON object a line, each with a checksum ``sum``:

1. the judge: ``{"format": 2, "judge": name, "settings": {...}, "answers": number of lines}``;
2. then its answers, sorted by question: ``{"q": key, "v": [1, 0, null], "c": [0.91, 0.2, null],
   "r": ["1: Yes…"], "p": ["", "", "empty reply"]}``: verdicts, confidences, replies (one if it is
   the same for all) and problems for each constraint of the question; what is empty is left out.

A key is computed from the texts (`hppt_lib.judges.cache.question_key`), which the file does not
contain. You need the audit set to look its answers up.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import whole_file
from hppt_lib.judges.cache import (
    Answer,
    Cache,
    judge_key,
    packed,
    question_key,
    sealed,
    unpacked,
    unsealed,
)
from hppt_lib.judges.protocol import Judge, Question, no_verdict

FORMAT = 2
NOT_IN_FILE = "not in the file of answers"
"""The problem of a question that a replayed judge has no answer to."""

_DIGITS = 5  # decimal places of a confidence in a file that ships
_REPLY = 300  # characters of a reply in a file that ships


def write_answers(path: str | Path, judge: Judge, answers: Mapping[str, Answer]) -> None:
    """Write a judge's answers as a file that `ReplayedJudge` reads, whole or not at all.

    The same answers give the same bytes. Confidences are rounded to five decimal places, replies
    cut to 300 characters; verdicts are not touched.

    Args:
        path: the file, by convention ``data/audit/answers/….jsonl``.
        judge: whose answers they are.
        answers: by `question_key`.

    Raises:
        HpptError: the file could not be written.
    """
    head = {
        "format": FORMAT,
        "judge": judge.name,
        "settings": dict(judge.settings),
        "answers": len(answers),
    }
    lines = [sealed(head)]
    for key in sorted(answers):
        short = tuple(replace(each, reply=each.reply[:_REPLY]) for each in answers[key])
        lines.append(sealed({"q": key, **packed(short, _DIGITS)}))
    with whole_file(path) as temporary:
        temporary.write_bytes(b"\n".join(lines) + b"\n")


def export_answers(
    cache: Cache, judge: Judge, path: str | Path, questions: Sequence[Question]
) -> int:
    """Write what a cache holds of a judge's answers to these questions.

    Returns:
        How many of the questions have no answer in the cache.

    Raises:
        HpptError: the cache cannot be read, or the file could not be written.
    """
    name = judge_key(judge)
    keys = {question_key(question) for question in questions}
    answers = {key: answer for key in keys if (answer := cache.get(name, key)) is not None}
    write_answers(path, judge, answers)
    return len(keys) - len(answers)


class ReplayedJudge:
    """A judge that answers from a file and from nothing else; it needs no model and no torch.

    Attributes:
        original_name: the name of the judge whose answers these are.
        known: its answers, by question key.
        damaged: lines that were left out (only with ``keep_going``).
        sha256: of the file's lines.
    """

    def __init__(self, path: str | Path, *, keep_going: bool = False) -> None:
        """Read a file of answers.

        Args:
            path: a file that `write_answers` wrote.
            keep_going: leave damaged and missing lines out and count them, instead of an error.

        Raises:
            HpptError: the file cannot be read or is no such file; or, without ``keep_going``, a
                line is damaged, comes twice or is missing. The message names file and line.
        """
        try:
            lines = Path(path).read_bytes().splitlines()
        except OSError as error:
            raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
        try:
            head = unsealed(lines[0] if lines else b"")
            if head["format"] != FORMAT:
                raise ValueError(f"it is of format {head['format']}, not {FORMAT}")
            self.original_name = str(head["judge"])
            self._settings: dict[str, Any] = dict(head["settings"])
            promised = int(head["answers"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise HpptError(
                f"{path}, line 1 is not the first line of a file of answers: {error}."
            ) from error
        self.sha256 = hashlib.sha256(b"\n".join(lines)).hexdigest()
        self.known: dict[str, Answer] = {}
        for number, line in enumerate(lines[1:], start=2):
            try:
                row = unsealed(line)
                if row["q"] in self.known:
                    raise ValueError(f"the question {row['q']} was already answered further up")
                self.known[row["q"]] = unpacked(row)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                if not keep_going:
                    raise HpptError(
                        f"{path}, line {number} is damaged: {error}. Restore the file, or have "
                        "what is left of it taken (in Python: ReplayedJudge(…, keep_going=True))."
                    ) from error
        self.damaged = promised - len(self.known)
        if self.damaged and not keep_going:
            raise HpptError(
                f"{path} ends after line {len(lines)}: it should have {promised} answers and has "
                f"{len(self.known)}. Restore the file, or have what is left of it taken (in "
                "Python: ReplayedJudge(…, keep_going=True))."
            )

    @property
    def name(self) -> str:
        """The judge's name, marked as replayed."""
        return f"{self.original_name} (replayed)"

    @property
    def settings(self) -> Mapping[str, Any]:
        """The settings of the judge whose answers these are."""
        return self._settings

    @property
    def identity(self) -> dict[str, str]:
        """The file's content: it decides every answer."""
        return {"kind": "replayed", "answers": self.sha256}

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, Answer]]:
        """Answer what is in the file; a question that is not gets no verdict."""
        for place, question in enumerate(questions):
            answer = self.known.get(question_key(question))
            if answer is None or len(answer) != len(question.constraints):
                answer = tuple(no_verdict(NOT_IN_FILE) for _ in question.constraints)
            yield place, answer
