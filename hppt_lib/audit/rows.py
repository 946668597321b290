"""The audit set of the judges: one row is a constraint, a response, and whether it is satisfied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl, repository_folder, write_jsonl

KINDS = (
    *("tone", "audience", "style", "perspective", "focus"),
    *("role", "emotion", "detail", "purpose", "situation"),
)
"""The kinds of soft constraints in our own audit set; its labelling guide says what each means."""


@dataclass(frozen=True)
class AuditRow:
    """One constraint, one response, and the label that a careful reader gave it.

    Attributes:
        item: rows with the same item share prompt and response: the constraints of one instruction.
        prompt: the task, without its constraints.
        constraint: the constraint, as a sentence.
        response: what is judged.
        label: True if the response satisfies the constraint.
        kind: what the constraint is about, such as ``tone``; for a hard one, its id.
        why: what decides, in a line.
        source: ``written`` for this set, ``model`` (of the embedded model), or a public set's name.
        near: whether the row was made to be a near miss, on either side.
        first: the label of the first pass; ``label`` is what stands after the two were compared.
        second: the label of the second pass, made blind; None if there was none.
        unsure: whether a labeller thought that careful readers could differ.
        kwargs: the parameters of a hard constraint, whose label is the verifier's verdict; empty
            for a soft one.
    """

    item: str
    prompt: str
    constraint: str
    response: str
    label: bool
    kind: str
    why: str = ""
    source: str = "written"
    near: bool = False
    first: bool | None = None
    second: bool | None = None
    unsure: bool = False
    kwargs: dict[str, Any] = field(default_factory=dict)

    @property
    def hard(self) -> bool:
        """Whether a program decides the constraint."""
        return ":" in self.kind


def read_audit(path: str | Path = "soft") -> list[AuditRow]:
    """Read an audit set.

    Args:
        path: ``soft`` or ``hard``, which the kit ships (``data/audit``), or a JSONL file with at
            least ``item``, ``prompt``, ``constraint``, ``response``, ``label`` and ``kind``.

    Raises:
        HpptError: the file cannot be read, or a row is not right; the message names line and field.
    """
    if str(path) in ("soft", "hard"):
        path = repository_folder() / "data" / "audit" / f"{path}.jsonl"
    rows = []
    texts: dict[str, tuple[str, str]] = {}
    for where, fields in typed_rows(path, _DEMANDED, _OPTIONAL):
        row = AuditRow(**fields)
        text = (row.prompt, row.response)
        if texts.setdefault(row.item, text) != text:
            raise HpptError(
                f"{where}: item '{row.item}' has another prompt or response further up."
            )
        if row.hard:
            check_constraint(where, row.kind, row.kwargs)
        rows.append(row)
    return rows


def write_audit(path: str | Path, rows: Iterable[AuditRow]) -> None:
    """Write an audit set as JSONL, for `read_audit`, whole or not at all.

    Raises:
        HpptError: the file could not be written.
    """
    write_jsonl(path, map(filled_fields, rows))


def filled_fields(row: AuditRow) -> dict[str, Any]:
    """A row as plain values for a line of a file, without empty fields."""
    return {name: value for name, value in asdict(row).items() if value not in ("", None, {})}


def typed_rows(
    path: str | Path, demanded: Fields, optional: Fields | None = None
) -> Iterator[tuple[str, dict[str, Any]]]:
    """The lines of a JSONL file of labels, each with ``PATH, line N`` for error messages.

    Args:
        path: the file.
        demanded: the fields that each line must have, with their types.
        optional: fields that it may have. Others are left out.

    Raises:
        HpptError: the file cannot be read, or a field is missing or of another type; the message
            names line and field.
    """
    for number, row in read_jsonl(path):
        where = f"{path}, line {number}"
        fields = {}
        for name, kinds in {**demanded, **(optional or {})}.items():
            if name in row or name in demanded:
                if not isinstance(row.get(name), kinds):
                    kind = kinds[0] if isinstance(kinds, tuple) else kinds
                    raise HpptError(f"{where}: the field '{name}' must be a {kind.__name__}.")
                fields[name] = row[name]
        yield where, fields


def check_constraint(where: str, id: str, kwargs: Mapping[str, Any]) -> None:
    """Check that a labelled constraint can be verified.

    Raises:
        HpptError: it cannot be built; the message begins with ``where``.
    """
    try:
        verifiers.build(id, kwargs)
    except HpptError as error:
        raise HpptError(f"{where}: {error}") from error


Fields = Mapping[str, type | tuple[type, ...]]
_TRUTH = (bool, type(None))
_DEMANDED: Fields = {
    **dict.fromkeys(("item", "prompt", "constraint", "response", "kind"), str),
    "label": bool,
}
_OPTIONAL: Fields = {
    "why": str,
    "source": str,
    "near": bool,
    "unsure": bool,
    "kwargs": dict,
    "first": _TRUTH,
    "second": _TRUTH,
}
