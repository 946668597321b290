"""The gold sets: labels that careful readers made.

One for the verifiers (does the response follow the constraint?), and one for whatever says that a
response is of substance (does it answer what was asked, apart from the constraint?).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from hppt_lib import verifiers
from hppt_lib.audit.confusion import Confusion, confusion
from hppt_lib.audit.rows import Fields, check_constraint, typed_rows
from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from hppt_lib.verifiers import Reading, Verdict


@dataclass(frozen=True)
class GoldRow:
    """A constraint, a response, and the label that a careful reader gave it.

    Attributes:
        id: the constraint's id.
        kwargs: its parameters.
        constraint: the sentence that the reader had before them.
        response: what was labelled.
        label: True if the response satisfies the constraint.
        why: what decides, in a line.
        source: ``written`` (for this set) or ``model`` (a response of the embedded model).
        second: the label of the second pass, made blind; None if it made none.
        first: the label of the first pass; `label` is what stands after the two were compared.
        unsure: whether the second reader thought that careful readers could differ.
        kind: what makes the row hard, such as ``thoughts``, where it was written for that.
    """

    id: str
    kwargs: Mapping[str, Any]
    constraint: str
    response: str
    label: bool
    why: str
    source: str
    first: bool
    second: bool | None = None
    unsure: bool = False
    kind: str = ""

    @property
    def benchmark(self) -> str:
        """The benchmark that the constraint comes from."""
        return verifiers.family(self.id).benchmark


def read_gold(path: str | Path | None = None) -> list[GoldRow]:
    """The gold set: by default the one in ``data/gold/verifiers.jsonl``.

    Raises:
        HpptError: the file cannot be read, or a row is not right; the message names line and field.
    """
    path = path or repository_folder() / "data" / "gold" / "verifiers.jsonl"
    rows = []
    for where, fields in typed_rows(path, _DEMANDED, _OPTIONAL):
        check_constraint(where, fields["id"], fields["kwargs"])
        rows.append(GoldRow(**{"first": fields["label"], **fields}))
    return rows


_DEMANDED: Fields = {
    **dict.fromkeys(("id", "constraint", "response", "why", "source"), str),
    "kwargs": dict,
    "label": bool,
}
_OPTIONAL: Fields = {"first": bool, "second": (bool, type(None)), "unsure": bool, "kind": str}


@dataclass(frozen=True)
class AnswerLabel:
    """A policy's response, and whether it answers what was asked, apart from the constraint.

    Attributes:
        instruction: the instruction's id.
        prompt: the task, without its constraint.
        constraint: the constraint, which the label leaves out of account.
        response: what was labelled, cut at the run's token limit.
        run: the record that holds the response.
        when: ``before`` training (the base policy) or ``after``.
        arm: ``base``, or what the policy was trained on, such as ``strict`` or ``noisy``.
        seed: the run's seed.
        split: ``develop`` or ``report``; the two have no instruction, nor topic, in common.
        answers: True if the response answers; what stands after the two passes were compared.
        kind: why it does not, such as ``off_topic`` (data/gold/README.md lists them); empty if it
            does.
        first: the label of the first pass.
        second: the label of the second pass, made blind by another reader; None if there was none.
        settled: whether the passes differed, and a third look decided.
        unsure: whether a reader said that careful readers could differ.
    """

    instruction: str
    prompt: str
    constraint: str
    response: str
    run: str
    when: str
    arm: str
    seed: int
    split: str
    answers: bool
    kind: str
    first: bool
    second: bool | None = None
    settled: bool = False
    unsure: bool = False


def read_answer_labels(
    split: Literal["develop", "report"] | None = None, path: str | Path | None = None
) -> list[AnswerLabel]:
    """The labels in ``data/gold/answers.jsonl``.

    Args:
        split: ``develop`` to build and tune on, ``report`` to say how good it is; None for both.
        path: another file of this form.

    Raises:
        HpptError: there is no such split, the file cannot be read, or a row is not right; the
            message names line and field.
    """
    if split not in (None, *_SPLITS):
        raise HpptError(f"There is no split '{split}': use {' or '.join(_SPLITS)}.")
    path = path or repository_folder() / "data" / "gold" / "answers.jsonl"
    rows = []
    for where, fields in typed_rows(path, _ANSWER, _ANSWER_OPTIONAL):
        row = AnswerLabel(**fields)
        if row.split not in _SPLITS:
            raise HpptError(f"{where}: the field 'split' must be {' or '.join(_SPLITS)}.")
        if row.answers == bool(row.kind):
            raise HpptError(f"{where}: 'kind' says why a response does not answer, and only then.")
        rows.append(row)
    return [row for row in rows if split in (None, row.split)]


_SPLITS = ("develop", "report")
_ANSWER: Fields = {
    **dict.fromkeys(("instruction", "prompt", "constraint", "response", "run", "when"), str),
    **dict.fromkeys(("arm", "split", "kind"), str),
    **dict.fromkeys(("answers", "first"), bool),
    "seed": int,
}
_ANSWER_OPTIONAL: Fields = {
    "second": (bool, type(None)),
    **dict.fromkeys(("settled", "unsure"), bool),
}


def gold_verdicts(rows: Iterable[GoldRow], reading: Reading = "text") -> list[Verdict]:
    """The verifiers' verdicts on the gold set, in its order."""
    return [verifiers.build(each.id, each.kwargs, reading)(each.response) for each in rows]


def confusion_by(
    rows: Sequence[GoldRow], verdicts: Sequence[Verdict], group: Callable[[GoldRow], str]
) -> dict[str, Confusion]:
    """The confusion of each group of rows, sorted by name; ``group`` names a row's group."""
    pairs: dict[str, list[tuple[bool, bool]]] = {}
    for row, verdict in zip(rows, verdicts, strict=True):
        pairs.setdefault(group(row), []).append((verdict.passed, row.label))
    return {
        name: confusion([each for each, _ in pairs[name]], [each for _, each in pairs[name]])
        for name in sorted(pairs)
    }
