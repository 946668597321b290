"""Instructions and their constraints, read from and written to JSONL files.

A file of instructions has one JSON object a line (here on three)::

    {"id": "tea-1", "prompt": "Write about tea. Do not use commas.", "query": "Write about tea.",
     "topic": ["tea"], "constraints": [{"id": "punctuation:no_comma", "kwargs": {},
     "text": "Do not use commas.", "kind": "hard"}]}

=============== ==================================================================================
``id``          text, different in each line
``prompt``      text: all that the policy is given, so it states every constraint
``constraints`` a list of at least one constraint
``query``       text: the task without its constraints (what a judge is shown); may be left out
``topic``       a list of words, of which an answer on the topic has at least one; may be left out:
                the guarded reward then asks for new content, on whatever topic
``unlearnable`` text: why no policy, or no small one, can learn it, if it was made so on purpose
``unmapped``    a list of texts: demands of the prompt that nobody checks
``original``    an object: what it was before Step B took constraints away
=============== ==================================================================================

The last three are rare, and left out where they are empty. A constraint is an object too:

=============== ==================================================================================
``id``          text: a verifier's id (``hppt differences`` lists them), or, for a soft one, any
                name of its kind, such as ``soft:tone``
``kind``        ``hard`` (a verifier decides; the default) or ``soft`` (a judge decides)
``kwargs``      an object: the parameters, named as the benchmarks name them; may be left out. Of
                ``verinstruct:rule`` it is a data set's own code (`hppt_lib.sandbox`), and the file
                is refused unless you allowed such code in this process
``text``        text: the sentence that states it in the prompt. A judge decides by it, and Step B
                removes it; a hard constraint may leave it out
=============== ==================================================================================

Any other field is an error, for it is likely to be a misspelt one. ``hppt instructions --check
FILE`` lists all that is wrong with a file.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NoReturn

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl, repository_folder, write_jsonl
from hppt_lib.sandbox.checker import CODE, Checker, checker

KINDS = ("hard", "soft")
_LEFT_OUT_IF_EMPTY = ("unlearnable", "unmapped", "original")

Complain = Callable[[str], None]
"""Is given each problem of a line, in words; it may raise."""


@dataclass(frozen=True)
class Constraint:
    """One demand on a response.

    Attributes:
        id: the family and name as the benchmarks write it, such as ``punctuation:no_comma``.
        kwargs: the parameters, named as the benchmarks name them.
        text: the sentence that states the constraint in the prompt.
        kind: ``hard`` (a verifier decides, or a data set's own code) or ``soft`` (a judge decides).
    """

    id: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    kind: str = "hard"

    def verifier(
        self,
        thoughts: verifiers.Marks | None = None,
        reading: verifiers.Reading = "text",
    ) -> verifiers.Verifier | Checker:
        """The verifier of a hard constraint, or a data set's own code, which may give no verdict.

        Args:
            thoughts: see `hppt_lib.verifiers.build`.
            reading: the same; code has but one.

        Raises:
            HpptError: unknown id, or a missing, surplus or ill-typed parameter; or it is code, and
                that was not allowed.
        """
        if self.id == CODE:
            return checker(self.kwargs, thoughts)
        return verifiers.build(self.id, self.kwargs, reading, thoughts)


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
        unmapped: demands of the prompt that are none of the constraints, so that no verifier and no
            judge looks at them (see `hppt_lib.sources.load`).
    """

    id: str
    prompt: str
    constraints: tuple[Constraint, ...]
    query: str = ""
    topic: tuple[str, ...] = ()
    unlearnable: str = ""
    original: Original | None = None
    unmapped: tuple[str, ...] = ()


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


def same_prompt(prompt: str) -> str:
    """A text that two prompts share if they differ in white space and capitals alone."""
    return " ".join(prompt.split()).casefold()


def read_instructions(path: str | Path) -> list[Instruction]:
    """Read a JSONL file of instructions; every hard constraint is built, so that a bad one shows.

    Raises:
        HpptError: the file cannot be read, or a line is not an instruction or has a field that
            instructions do not have; the message names the file, the line and the field.
    """
    instructions: list[Instruction] = []
    lines_by_id: dict[str, int] = {}
    for number, row in read_jsonl(path):

        def complain(problem: str, number: int = number) -> NoReturn:
            raise HpptError(f"{path}, line {number}{problem}")

        instruction = parse_instruction(row, complain)
        if instruction.id in lines_by_id:
            complain(
                f": the id '{instruction.id}' is already on line {lines_by_id[instruction.id]}. "
                "Give each instruction an id of its own."
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
        name: a path that ends in ``.jsonl`` or ``.jsonl.gz``, or a name such as ``hard_train``.

    Raises:
        HpptError: there are none of that name, or the file cannot be read as instructions.
    """
    is_file = name.endswith((".jsonl", ".jsonl.gz"))
    return read_instructions(name) if is_file else shipped_instructions(name)


# --- one line -------------------------------------------------------------------------------------


def parse_instruction(row: Mapping[str, Any], complain: Complain) -> Instruction:
    """Make an instruction of a line's object.

    Args:
        row: the object.
        complain: is given each problem. It begins with where in the line it is and a colon:
            ``": 'prompt' is blank."``, ``", constraint 2: …"``.

    Returns:
        The instruction. It is not to be used if ``complain`` was called.
    """
    if "instruction_id_list" in row:
        complain(
            ": this is a line in the form of IFEval. Make instructions of the file with "
            "'hppt load ifeval FILE --out NEW.jsonl'."
        )
        return Instruction("", "", ())
    read = _Object(row, "", complain, Instruction)
    constraints = []
    rows = read.field("constraints", list, [])
    if rows == [] and "constraints" in row:
        complain(": 'constraints' is empty; an instruction has at least one.")
    for number, each in enumerate(rows, start=1):
        constraints.append(_constraint(each, f", constraint {number}", complain))
    prompt = read.field("prompt", str, "")
    if isinstance(row.get("prompt"), str) and not prompt.strip():
        complain(": 'prompt' is blank.")
    return Instruction(
        id=read.field("id", str, ""),
        prompt=prompt,
        constraints=tuple(constraints),
        query=read.optional("query", str, ""),
        topic=read.texts("topic", "words"),
        unlearnable=read.optional("unlearnable", str, ""),
        original=_original(row["original"], complain) if row.get("original") else None,
        unmapped=read.texts("unmapped", "texts"),
    )


class _Object:
    """Reads the fields of a JSON object, and complains of those that are wrong or unknown."""

    def __init__(self, row: Any, where: str, complain: Complain, kind: type) -> None:
        self._where, self._complain = where, complain
        self._row: Mapping[str, Any] = row if isinstance(row, Mapping) else {}
        known = [each.name for each in fields(kind)]
        self._missed = set(known)  # those whose absence is to be said
        if not isinstance(row, Mapping):
            self._say(f"expected a JSON object, found {type(row).__name__}.")
            self._missed.clear()
        for name in self._row:
            if name not in known:
                guess = difflib.get_close_matches(name.casefold(), known, n=1)
                self._missed -= set(guess)
                hint = f"did you mean '{guess[0]}'?" if guess else f"there are {', '.join(known)}."
                self._say(f"'{name}' is no field; {hint}")

    def _say(self, problem: str) -> None:
        self._complain(f"{self._where}: {problem}")

    def field(self, name: str, kind: type, stand_in: Any) -> Any:
        """A field that must be there; the stand-in goes on after a complaint."""
        value = self._row.get(name)
        if value is None:
            if name in self._missed:
                self._say(f"the field '{name}' is missing.")
            return stand_in
        return self.optional(name, kind, stand_in)

    def optional(self, name: str, kind: type, default: Any) -> Any:
        """A field that may be left out, or null."""
        value = self._row.get(name)
        if value is None or isinstance(value, kind):
            return default if value is None else value
        self._say(f"the field '{name}' must be a {kind.__name__}, found {type(value).__name__}.")
        return default

    def texts(self, name: str, things: str) -> tuple[str, ...]:
        """A list of texts that are not blank; it may be left out."""
        values = self.optional(name, list, [])
        if not all(isinstance(each, str) and each.strip() for each in values):
            self._say(f"'{name}' must be a list of {things} that are not blank.")
            return ()
        return tuple(values)


def _original(row: Any, complain: Complain) -> Original:
    where = ", original"
    read = _Object(row, where, complain, Original)
    removed = []
    for number, pair in enumerate(read.field("removed", list, []), start=1):
        here = f"{where}, removed constraint {number}"
        if not isinstance(pair, list) or len(pair) != 2 or type(pair[0]) is not int or pair[0] < 0:
            complain(f"{here}: expected [place, constraint].")
            continue
        removed.append((pair[0], _constraint(pair[1], here, complain)))
    return Original(read.field("id", str, ""), read.field("prompt", str, ""), tuple(removed))


def _constraint(row: Any, where: str, complain: Complain) -> Constraint:
    read = _Object(row, where, complain, Constraint)
    constraint = Constraint(
        id=read.field("id", str, ""),
        kwargs=read.optional("kwargs", dict, {}),
        text=read.optional("text", str, ""),
        kind=read.optional("kind", str, "hard"),
    )
    if constraint.kind not in KINDS:
        complain(f"{where}: 'kind' is '{constraint.kind}'; it must be one of {KINDS}.")
    elif constraint.kind == "hard" and constraint.id:
        try:
            constraint.verifier()
        except HpptError as error:
            undecided = not read.optional("kind", str, "") and "unknown" in str(error)
            hint = " If a judge is to decide it, its 'kind' is 'soft'." if undecided else ""
            complain(f"{where}: {error}{hint}")
    return constraint
