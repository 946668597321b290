"""The gold set of the verifiers: constraints and responses with labels made by careful readers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from hppt_lib.audit.confusion import Confusion, confusion
from hppt_lib.audit.rows import Fields, check_constraint, typed_rows
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
