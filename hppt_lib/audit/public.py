"""Reads audit sets by name: the shipped ones, and two public sets with human labels.

No row of the public sets is in this repository. Both hold *pairs* of answers; a row says whether
one answer does what the instruction asks. "Preferred" is a weaker label than "right", so compare
judges with each other on these rows, but do not compare the rates with those on our own set.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from hppt_lib.audit.rows import AuditRow, read_audit
from hppt_lib.errors import HpptError, missing
from hppt_lib.terminal import as_text, table

_FOLLOWS = "The response does what the instruction asks, all of it, and nothing else instead."
_SATISFIES = "The response satisfies every constraint in the instruction."


def audit_set(name: str | Path) -> list[AuditRow]:
    """Read the audit set with this name.

    Args:
        name: ``soft`` or ``hard``, which the kit ships; a JSONL file (see
            `hppt_lib.audit.rows.read_audit`); ``llmbar:FOLDER``; ``reward-pairs:FILE``, or
            ``reward-pairs:THU-KEG/IFBench`` from the hub.

    Raises:
        HpptError: the set cannot be read, or a row is not right; the message names the row.
    """
    kind, _, source = str(name).partition(":")
    if kind not in PUBLIC_SETS:
        return read_audit(name)
    if not source:
        raise HpptError(f"Where is '{kind}'? Give llmbar:FOLDER or reward-pairs:FILE.")
    return PUBLIC_SETS[kind](source)


def read_llmbar(folder: str | Path) -> list[AuditRow]:
    """LLMBar (2310.07641): two rows for each pair, the preferred answer true and the other false.

    It is under the MIT licence. On the hub it is a program, which this kit does not run: give a
    folder.

    Args:
        folder: holds the JSON files, as ``Natural.json`` or as ``Natural/dataset.json``.

    Raises:
        HpptError: no such file there, or a row is not right; the message names file and row.
    """
    folder = Path(folder).expanduser()
    files = sorted({*folder.rglob("*.json")})
    if not files:
        raise HpptError(
            f"{folder} holds no JSON file. Get LLMBar from github.com/princeton-nlp/LLMBar and "
            "give its folder Dataset/LLMBar."
        )
    rows = []
    for path in files:
        # In the repository each set has a folder of its own: Adversarial/Manual/dataset.json.
        name = path.relative_to(folder).as_posix().removesuffix(".json").removesuffix("/dataset")
        for number, pair in _objects(path):
            where = f"{path}, row {number}"
            label = pair.get("label")
            if label not in (1, 2):
                raise HpptError(f"{where}: the field 'label' must be 1 or 2, found {label!r}.")
            for answer in (1, 2):
                rows.append(
                    AuditRow(
                        item=f"llmbar {name} {number}.{answer}",
                        prompt=_text(pair, "input", where),
                        constraint=_FOLLOWS,
                        response=_text(pair, f"output_{answer}", where),
                        label=label == answer,
                        kind=name,
                        source="llmbar",
                    )
                )
    return rows


def read_reward_pairs(source: str | Path = "THU-KEG/IFBench") -> list[AuditRow]:
    """The pairs of RewardAgent (2502.19328): two answers, one of which breaks a constraint.

    They are called IFBench there, but are not the benchmark of that name; MIT licence at
    github.com/THU-KEG/Agentic-Reward-Modeling, Apache-2.0 on the hub.

    The hub's form names the constraints that each answer breaks, so there each soft constraint is a
    row. The converted file has whole conversations: there a row asks for all constraints at once.

    Args:
        source: a JSON file, or the hub's id, which is loaded with ``datasets``.

    Raises:
        HpptError: no such file, the hub cannot be reached, or a row is not right.
    """
    rows: list[AuditRow] = []
    for number, pair in _pairs(source):
        where = f"{source}, row {number}"
        build = _conversations if "text_chosen" in pair else _by_constraint
        rows += build(pair, number, where)
    return rows


PUBLIC_SETS: Mapping[str, Callable[[str], list[AuditRow]]] = {
    "llmbar": read_llmbar,
    "reward-pairs": read_reward_pairs,
}
"""The readers of public sets, by the word before the colon in `audit_set`."""
LICENCES: Mapping[str, str] = {
    "llmbar": "MIT (github.com/princeton-nlp/LLMBar)",
    "reward-pairs": "MIT (github.com/THU-KEG/Agentic-Reward-Modeling); Apache-2.0 on the hub",
}
"""What is known of the licences of public sets, and where that is stated."""


def summary(name: str, rows: Sequence[AuditRow], width: int | None = None) -> str:
    """Tables for a terminal: the licence of a public set, and its rows by kind and label.

    Args:
        name: as in `audit_set`.
        rows: what `audit_set` read.
        width: in characters; None for the terminal's.
    """
    set_name, _, source = name.partition(":")
    satisfied = Counter(row.kind for row in rows if row.label)
    kinds = Counter(row.kind for row in rows)
    counts = [[kind, number, satisfied[kind]] for kind, number in kinds.items()]
    total = ["all", len(rows), satisfied.total()]
    return as_text(
        f"{set_name} from {source}. Licence: {LICENCES[set_name]}",
        table(["kind", "rows", "labelled as satisfied"], [*counts, None, total]),
        width=width,
    )


def _conversations(pair: Mapping[str, Any], number: int, where: str) -> Iterator[AuditRow]:
    for name, label in (("text_chosen", True), ("text_rejected", False)):
        turns = pair.get(name)
        if not isinstance(turns, list) or len(turns) != 2:
            raise HpptError(f"{where}: the field '{name}' must be a list of two turns.")
        prompt, response = (_text(each, "content", where) for each in turns)
        yield AuditRow(
            item=f"pair {number} {name}",
            prompt=prompt,
            constraint=_SATISFIES,
            response=response,
            label=label,
            kind=str(pair.get("domain") or "pair"),
            source="reward-pairs",
        )


def _by_constraint(pair: Mapping[str, Any], number: int, where: str) -> Iterator[AuditRow]:
    constraints = pair.get("llm_constraints_used")
    if not isinstance(constraints, Sequence) or isinstance(constraints, str):
        raise HpptError(f"{where}: the field 'llm_constraints_used' must be a list.")
    for name in ("chosen", "rejected"):
        answer = pair.get(name)
        if not isinstance(answer, Mapping):
            raise HpptError(f"{where}: the field '{name}' must be an object.")
        broken = answer.get("unsatisfied_constraints") or []
        # Each broken constraint stands there as its text, or as an object that has it.
        texts = {each.get("constraint") if isinstance(each, Mapping) else each for each in broken}
        for constraint in constraints:
            text = _text(constraint, "constraint", where)
            yield AuditRow(
                item=f"pair {number} {name}",
                prompt=_text(pair, "instruction", where),
                constraint=text,
                response=_text(answer, "content", where),
                label=text not in texts,
                kind=str(constraint.get("constraint_type") or "soft"),
                source="reward-pairs",
            )


def _pairs(source: str | Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    path = Path(source).expanduser()
    if path.is_file():
        yield from _objects(path)
        return
    if path.suffix or str(source).count("/") != 1:
        raise HpptError(
            f"There is no file {path}. Give a JSON file, or the hub's id 'THU-KEG/IFBench'."
        )
    try:
        from datasets import load_dataset
    except ImportError as error:
        raise missing("datasets") from error
    try:
        loaded = load_dataset(str(source), split="train")
    except Exception as error:  # its errors have no common type
        raise HpptError(
            f"Could not load '{source}' from the hub: check the network, or give a JSON file from "
            f"github.com/THU-KEG/Agentic-Reward-Modeling ({type(error).__name__})."
        ) from error
    yield from enumerate(loaded, start=1)


def _objects(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The objects of a file that holds one JSON list, with their numbers from 1."""
    try:
        pairs = json.loads(path.read_bytes())
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    except (ValueError, RecursionError) as error:
        raise HpptError(f"{path} is not valid JSON ({error}).") from error
    if not isinstance(pairs, list):
        raise HpptError(f"{path} must hold a list, found {type(pairs).__name__}.")
    for number, pair in enumerate(pairs, start=1):
        if not isinstance(pair, dict):
            raise HpptError(f"{path}, row {number}: expected an object.")
        yield number, pair


def _text(row: Any, name: str, where: str) -> str:
    value = row.get(name) if isinstance(row, Mapping) else None
    if not isinstance(value, str):
        raise HpptError(f"{where}: the field '{name}' must be a string.")
    return value
