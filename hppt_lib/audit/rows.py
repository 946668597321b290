"""The audit set of the judges: one row is a constraint, a response, and whether it is satisfied."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl, repository_folder

KINDS = (
    *("tone", "audience", "style", "perspective", "focus"),
    *("role", "emotion", "detail", "purpose", "situation"),
)
"""The kinds of soft constraints in our own audit set; its labelling guide says what each means."""


@dataclass(frozen=True)
class AuditRow:
    """One constraint, one response, and whether a careful reader finds it satisfied.

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


_DEMANDED: dict[str, type] = {
    "item": str,
    "prompt": str,
    "constraint": str,
    "response": str,
    "label": bool,
    "kind": str,
}
_OPTIONAL: dict[str, tuple[type, ...]] = {
    "why": (str,),
    "source": (str,),
    "near": (bool,),
    "first": (bool, type(None)),
    "second": (bool, type(None)),
    "unsure": (bool,),
    "kwargs": (dict,),
}


def read_audit(path: str | Path = "soft") -> list[AuditRow]:
    """An audit set.

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
    for number, row in read_jsonl(path):
        where = f"{path}, line {number}"
        for name, kind in _DEMANDED.items():
            if not isinstance(row.get(name), kind):
                raise HpptError(f"{where}: the field '{name}' must be a {kind.__name__}.")
        for name, kinds in _OPTIONAL.items():
            if name in row and not isinstance(row[name], kinds):
                raise HpptError(f"{where}: the field '{name}' must be a {kinds[0].__name__}.")
        known = {name: row[name] for name in (*_DEMANDED, *_OPTIONAL) if name in row}
        found = AuditRow(**known)
        text = (found.prompt, found.response)
        if texts.setdefault(found.item, text) != text:
            raise HpptError(
                f"{where}: item '{found.item}' has another prompt or response further up."
            )
        if found.hard:
            try:
                verifiers.build(found.kind, found.kwargs)
            except HpptError as error:
                raise HpptError(f"{where}: {error}") from error
        rows.append(found)
    return rows
