"""Instructions and their constraints, read from and written to JSONL files.

One line of a file is one instruction::

    {"id": "tea-no_comma", "prompt": "Write … Do not use commas.", "query": "Write …",
     "topic": ["tea"], "constraints": [{"id": "punctuation:no_comma", "kwargs": {},
     "text": "Do not use commas.", "kind": "hard"}]}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl, repository_folder, write_jsonl

KINDS = ("hard", "soft")
_LEFT_OUT_IF_EMPTY = ("unlearnable", "original")


@dataclass(frozen=True)
class Constraint:
    """One demand on a response.

    Attributes:
        id: the family and name as the benchmarks write it, such as ``punctuation:no_comma``.
        kwargs: the parameters, named as the benchmarks name them.
        text: the sentence that states the constraint in the prompt.
        kind: ``hard`` (a verifier decides) or ``soft`` (a judge decides).
    """

    id: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    kind: str = "hard"

    def verifier(self, thoughts: verifiers.Marks | None = None) -> verifiers.Verifier:
        """The verifier of a hard constraint.

        Args:
            thoughts: see `hppt_lib.verifiers.build`.

        Raises:
            HpptError: unknown id, or a missing, surplus or ill-typed parameter.
        """
        return verifiers.build(self.id, self.kwargs, thoughts=thoughts)


@dataclass(frozen=True)
class Instruction:
    """A prompt and its constraints.

    Attributes:
        id: unique in its file.
        prompt: the whole text that the policy is given.
        constraints: at least one.
        query: the task without its constraints.
        topic: words of which an on-topic response uses at least one (in any inflection).
        unlearnable: ``contradictory`` or ``beyond`` (a small policy) if it was made so on purpose;
            empty otherwise. No filter may look at it.
        original: what it was before constraints were taken away; None if none were.
    """

    id: str
    prompt: str
    constraints: tuple[Constraint, ...]
    query: str = ""
    topic: tuple[str, ...] = ()
    unlearnable: str = ""
    original: Original | None = None


@dataclass(frozen=True)
class Original:
    """An instruction as it was before constraints were removed (Step B of
    `hppt_lib.refine.steps`).

    Attributes:
        id: its id then.
        prompt: its prompt then.
        removed: the constraints that are gone, each with its place in the original order, from 0.
    """

    id: str
    prompt: str
    removed: tuple[tuple[int, Constraint], ...]


def mix(instruction: Instruction) -> str:
    """``hard``, ``soft`` or ``mixed``: what kinds of constraint an instruction has."""
    kinds = {each.kind for each in instruction.constraints}
    return kinds.pop() if len(kinds) == 1 else "mixed"


def hard_part(instruction: Instruction) -> Instruction:
    """The instruction with its hard constraints alone (and its prompt as it is)."""
    hard = tuple(each for each in instruction.constraints if each.kind == "hard")
    return replace(instruction, constraints=hard)


def read_instructions(path: str | Path) -> list[Instruction]:
    """Read a JSONL file of instructions; every hard constraint is built, so that a bad one shows.

    Raises:
        HpptError: the file cannot be read, or a line is not an instruction; the message names the
            file, the line and the field.
    """
    instructions: list[Instruction] = []
    lines_by_id: dict[str, int] = {}
    for number, row in read_jsonl(path):
        where = f"{path}, line {number}"
        instruction = _parse_instruction(row, where)
        if instruction.id in lines_by_id:
            raise HpptError(
                f"{where}: the id '{instruction.id}' is already on line "
                f"{lines_by_id[instruction.id]}. Give each instruction an id of its own."
            )
        lines_by_id[instruction.id] = number
        instructions.append(instruction)
    if not instructions:
        raise HpptError(f"{path} holds no instruction.")
    return instructions


def write_instructions(path: str | Path, instructions: Iterable[Instruction]) -> None:
    """Write instructions as JSONL, whole or not at all.

    Raises:
        HpptError: the file could not be written.
    """
    write_jsonl(path, map(as_row, instructions))


def as_row(instruction: Instruction) -> dict[str, Any]:
    """An instruction as plain values for a line of a file; rare fields are left out if empty."""
    row = asdict(instruction)
    return {name: value for name, value in row.items() if value or name not in _LEFT_OUT_IF_EMPTY}


def shipped_instructions(name: str) -> list[Instruction]:
    """The instructions of ``data/instructions/<name>.jsonl``, for example ``hard_train``.

    Raises:
        HpptError: there is no such file; the message lists those that there are.
    """
    folder = repository_folder() / "data" / "instructions"
    path = folder / f"{name}.jsonl"
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in folder.glob("*.jsonl"))) or "none"
        raise HpptError(
            f"There are no instructions named '{name}' in {folder}. There are: {known}."
        )
    return read_instructions(path)


def chosen_instructions(name: str) -> list[Instruction]:
    """Read the instructions that a user names: a JSONL file, or a name in ``data/instructions``.

    Args:
        name: a path that ends in ``.jsonl``, or a name such as ``hard_train``.

    Raises:
        HpptError: there are none of that name, or the file cannot be read as instructions.
    """
    path = Path(name)
    return read_instructions(path) if path.suffix == ".jsonl" else shipped_instructions(name)


def _parse_instruction(row: dict[str, Any], where: str) -> Instruction:
    rows = _field(row, "constraints", list, where)
    if not rows:
        raise HpptError(f"{where}: 'constraints' is empty; an instruction has at least one.")
    topic = _field(row, "topic", list, where, default=[])
    if not all(isinstance(word, str) and word.strip() for word in topic):
        raise HpptError(f"{where}: 'topic' must be a list of words that are not blank.")
    prompt = _field(row, "prompt", str, where)
    if not prompt.strip():
        raise HpptError(f"{where}: 'prompt' is blank.")
    return Instruction(
        id=_field(row, "id", str, where),
        prompt=prompt,
        constraints=tuple(
            _parse_constraint(each, f"{where}, constraint {number}")
            for number, each in enumerate(rows, start=1)
        ),
        query=_field(row, "query", str, where, default=""),
        topic=tuple(topic),
        unlearnable=_field(row, "unlearnable", str, where, default=""),
        original=_parse_original(row["original"], where) if row.get("original") else None,
    )


def _parse_original(row: Any, where: str) -> Original:
    where = f"{where}, original"
    if not isinstance(row, dict):
        raise HpptError(f"{where}: expected a JSON object, found {type(row).__name__}.")
    removed = []
    for number, pair in enumerate(_field(row, "removed", list, where), start=1):
        here = f"{where}, removed constraint {number}"
        if not isinstance(pair, list) or len(pair) != 2 or type(pair[0]) is not int or pair[0] < 0:
            raise HpptError(f"{here}: expected [place, constraint].")
        removed.append((pair[0], _parse_constraint(pair[1], here)))
    return Original(
        _field(row, "id", str, where), _field(row, "prompt", str, where), tuple(removed)
    )


def _parse_constraint(row: Any, where: str) -> Constraint:
    if not isinstance(row, dict):
        raise HpptError(f"{where}: expected a JSON object, found {type(row).__name__}.")
    constraint = Constraint(
        id=_field(row, "id", str, where),
        kwargs=_field(row, "kwargs", dict, where, default={}),
        text=_field(row, "text", str, where, default=""),
        kind=_field(row, "kind", str, where, default="hard"),
    )
    if constraint.kind not in KINDS:
        raise HpptError(f"{where}: 'kind' is '{constraint.kind}'; it must be one of {KINDS}.")
    if constraint.kind == "hard":
        try:
            constraint.verifier()
        except HpptError as error:
            raise HpptError(f"{where}: {error}") from error
    return constraint


def _field(row: dict[str, Any], name: str, kind: type, where: str, default: Any = None) -> Any:
    value = row.get(name, default)
    if value is None:
        raise HpptError(f"{where}: the field '{name}' is missing.")
    if not isinstance(value, kind):
        raise HpptError(
            f"{where}: the field '{name}' must be a {kind.__name__}, found {type(value).__name__}."
        )
    return value
