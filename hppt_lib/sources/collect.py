"""Collects what a data set gives: instructions, and a list of what could not be mapped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.instructions.contradictions import contradiction
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.sandbox.checker import CODE
from hppt_lib.terminal import as_text, one_line, table

# Why something could not be mapped: short and fixed, to count by.
UNKNOWN = "unknown constraint id"
REFUSED = "parameters that the verifier refuses"
CONTRADICTION = "constraints that contradict each other"
NO_TEXT = "soft constraint without text"
NO_CONSTRAINT = "row without a constraint"

_SHOWN = 160  # characters of an item in a list


@dataclass(frozen=True)
class Unmapped:
    """One thing that can be neither verified nor judged.

    Attributes:
        reason: a short fixed phrase, to count by.
        where: file and line, such as ``train.jsonl, line 7``.
        instruction: the id of the instruction that it belongs to.
        item: what it is: a checker, an id and its parameters, …, cut to a line.
    """

    reason: str
    where: str
    instruction: str
    item: str


@dataclass(frozen=True)
class Loaded:
    """A data set as instructions.

    Attributes:
        name: the data set's name here, such as ``verinstruct``.
        origin: the file, folder or hub id that it was read from.
        licence: what is known of its licence, and where that is stated.
        instructions: one for each row, with every constraint that the row names.
        unmapped: what can be neither verified nor judged.
        broken: the complaint about each row that could not be read at all.
        counts: what the reader of this data set counted, by a name in words.
        conversations: for Multi-IF, the turns of each conversation as instructions: each turn's
            own message, and all constraints that hold by then. Empty otherwise.
        partial: whether an instruction is usable of which only a part can be verified or judged.
        warnings: what is odd about the data, in sentences.
        labels: what a benchmark tells of an instruction besides, by the instruction's id: its
            ``key``, ``language``, ``level``, ``split``, …
        deciders: of VerInstruct, how many constraints are decided by whom, in words.
    """

    name: str
    origin: str
    licence: str
    instructions: tuple[Instruction, ...]
    unmapped: tuple[Unmapped, ...] = ()
    broken: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    conversations: tuple[tuple[Instruction, ...], ...] = ()
    partial: bool = False
    warnings: tuple[str, ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    deciders: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def usable(self) -> list[Instruction]:
        """The instructions of which every constraint can be verified or judged.

        If `partial`, also those of which at least one can: they keep these constraints, and
        `Instruction.unmapped` has the texts of the others, which are in the prompt all the same.
        Constraints that contradict each other make an instruction unusable in either case.
        """
        bad = {each.instruction for each in self.unmapped}
        found = []
        known = cache(_is_known)  # for this call alone: verifiers may be registered later
        for each in self.instructions:
            if each.id not in bad:
                found.append(each)
            elif self.partial and (part := _mapped_part(each, known)):
                found.append(part)
        return found

    def reasons(self) -> dict[str, int]:
        """How many things could not be mapped, by reason, the most frequent first."""
        return dict(Counter(each.reason for each in self.unmapped).most_common())

    def summary(self, width: int | None = None) -> str:
        """Tables for a terminal: how many instructions and constraints, and what is unmapped.

        Args:
            width: in characters; None for the terminal's.
        """
        kinds = Counter(each.kind for row in self.instructions for each in row.constraints)
        parts = [each for each in self.usable if each.unmapped]
        counts = {
            "instructions": len(self.instructions),
            "usable: every constraint can be verified or judged": len(self.usable) - len(parts),
            "hard constraints": kinds["hard"],
            "soft constraints": kinds["soft"],
            **self.counts,
        }
        if self.partial:
            unchecked = sum(len(each.unmapped) for each in parts)
            counts["usable in part (partial): some of its constraints are not checked"] = len(parts)
            counts["constraints in their prompts that nobody checks"] = unchecked
        tables = [table(["", "number"], counts.items())]
        if self.deciders:
            total = sum(self.deciders.values())
            rows = [[who, n, f"{n / total:.1%}"] for who, n in sorted(self.deciders.items())]
            tables.append(table(["who decides a constraint", "number", "share"], rows))
        if self.unmapped:
            title = f"{len(self.unmapped)} could not be mapped"
            tables.append(table(["reason", "number"], self.reasons().items(), title=title))
        left_out = [
            f"Broken rows left out: {len(self.broken)}. The first: {each}"
            for each in self.broken[:1]
        ]
        head = f"{self.name} from {self.origin}. Licence: {self.licence}"
        warnings = [f"Warning: {each}" for each in self.warnings]
        return as_text(head, *warnings, *tables, *left_out, width=width)


def _mapped_part(instruction: Instruction, known: Callable[[str], bool]) -> Instruction | None:
    """The instruction with the constraints that can be verified or judged; None if that is none."""
    mapped = tuple(each for each in instruction.constraints if _can_be_decided(each, known))
    if not mapped or contradiction(mapped):
        return None
    others = [each for each in instruction.constraints if each not in mapped]
    texts = tuple(each.text.strip() or each.id for each in others)
    return replace(instruction, constraints=mapped, unmapped=texts)


def _can_be_decided(constraint: Constraint, known: Callable[[str], bool]) -> bool:
    if constraint.kind == "soft":
        return bool(constraint.text.strip())
    try:
        return (constraint.id == CODE or known(constraint.id)) and bool(constraint.verifier())
    except HpptError:
        return False


def _is_known(id: str) -> bool:
    """Whether there is such a verifier. Looking for the nearest id, for the error, takes long."""
    try:
        return bool(verifiers.family(id))
    except HpptError:
        return False


class Collector:
    """Collects the instructions that a reader makes of rows, and lists what cannot be mapped."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._ids: Counter[str] = Counter()
        self.instructions: list[Instruction] = []
        self.conversations: list[tuple[Instruction, ...]] = []
        self.unmapped: list[Unmapped] = []
        self.counts: Counter[str] = Counter()
        self.deciders: Counter[str] = Counter()
        self.labels: dict[str, dict[str, str]] = {}

    def new_id(self, key: Any) -> str:
        """An id that no other row has: some files give one key twice."""
        id = f"{self._name}-{key}"
        self._ids[id] += 1
        if self._ids[id] == 1:
            return id
        self.counts["rows whose key another row has (told apart by -2, -3, …)"] += 1
        return self.new_id(f"{key}-{self._ids[id]}")

    def label(self, id: str, **labels: object) -> None:
        """Keep what the data set tells of an instruction besides; what is None is left out."""
        self.labels[id] = {name: str(value) for name, value in labels.items() if value is not None}

    def miss(self, reason: str, where: str, instruction: str, item: str) -> None:
        """List one thing that cannot be mapped."""
        self.unmapped.append(Unmapped(reason, where, instruction, one_line(item, _SHOWN)))

    def hard(
        self, id: str, kwargs: Mapping[str, Any], text: str, *, where: str, instruction: str
    ) -> Constraint:
        """A hard constraint without its null parameters; one that cannot be built is listed."""
        constraint = Constraint(
            id, {name: value for name, value in kwargs.items() if value is not None}, text
        )
        try:
            verifiers.build(constraint.id, constraint.kwargs)
        except HpptError as error:
            reason = UNKNOWN if str(error).startswith("unknown constraint id") else REFUSED
            self.miss(reason, where, instruction, f"{id}: {error}")
        return constraint

    def soft(self, kind: str, text: str, *, where: str, instruction: str) -> Constraint:
        """A soft constraint; one without text is listed, since no judge could judge it."""
        if not text.strip():
            self.miss(NO_TEXT, where, instruction, f"soft:{kind}")
        return Constraint(f"soft:{kind}", text=text.strip(), kind="soft")

    def make(
        self, id: str, prompt: str, constraints: Sequence[Constraint], where: str, query: str = ""
    ) -> Instruction:
        """An instruction, checked for contradictions."""
        if clash := contradiction(constraints):
            self.miss(CONTRADICTION, where, id, clash)
        return Instruction(id, prompt, tuple(constraints), query)

    def add(
        self, id: str, prompt: str, constraints: Sequence[Constraint], where: str, query: str = ""
    ) -> None:
        """Add an instruction, or list it if it has no constraint."""
        if not constraints:
            self.miss(NO_CONSTRAINT, where, id, prompt)
            return
        self.instructions.append(self.make(id, prompt, constraints, where, query))
