"""Looks through a file of instructions: all that is wrong with it, and what is in it.

A *problem* keeps the kit from reading the file. A *remark* does not: it says what may still be a
mistake, such as a prompt that does not state its constraint.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from hppt_lib.errors import HpptError
from hppt_lib.files import jsonl_lines, parse_line
from hppt_lib.instructions.contradictions import contradiction
from hppt_lib.instructions.model import Instruction, mix, parse_instruction, same_prompt
from hppt_lib.terminal import as_text, table
from hppt_lib.verifiers.words import word_count

_SHOWN = 8  # lines that a remark names


@dataclass(frozen=True)
class Checked:
    """What a look through a file of instructions found.

    Attributes:
        path: the file.
        problems: what keeps the kit from reading it, each with its line: ``line 3, constraint 2:
            …``.
        instructions: line number to instruction, for the lines without a problem.
        remarks: in words what may be a mistake, with the lines where it was found.
    """

    path: Path
    problems: tuple[str, ...]
    instructions: dict[int, Instruction]
    remarks: dict[str, list[int]]

    def report(self, width: int | None = None) -> str:
        """All problems, and then tables: what the file holds, and the remarks.

        Args:
            width: in characters; None for the terminal's.
        """
        found = list(self.instructions.values())
        mixes = Counter(map(mix, found))
        kinds = Counter(each.kind for one in found for each in one.constraints)
        ids = Counter(each.id for one in found for each in one.constraints)
        lengths = {one.id: word_count(one.prompt) for one in found}
        counts: dict[str, object] = {
            "instructions without a problem": len(found),
            "  with hard constraints only": mixes["hard"],
            "  with soft constraints only": mixes["soft"],
            "  with both (mixed)": mixes["mixed"],
            "hard constraints": kinds["hard"],
            "soft constraints": kinds["soft"],
        }
        if lengths:
            longest = max(lengths, key=lambda id: lengths[id])
            counts["words in a prompt, median"] = f"{median(lengths.values()):g}"
            counts[f"words in the longest prompt ({longest})"] = lengths[longest]
        tables = [table(["", "number"], counts.items())]
        if ids:
            tables.append(table(["constraint", "number"], ids.most_common()))
        if self.remarks:
            rows = [[text, len(at), _places(at)] for text, at in self.remarks.items()]
            headings, title = ["", "number", "lines"], "These are read, and may be mistakes"
            tables.append(table(headings, rows, title=title, text=(0, 2)))
        number = len(self.problems)
        head = f"{self.path}: {number or 'no'} problem{'' if number == 1 else 's'}"
        return as_text(
            *(f"{self.path}, {each}" for each in self.problems), head, *tables, width=width
        )

    def require_sound(self) -> None:
        """Refuse a file that the kit would not read.

        Raises:
            HpptError: it has a problem, or holds no instruction.
        """
        if self.problems:
            lines = {each.partition(":")[0].partition(",")[0] for each in self.problems}
            raise HpptError(
                f"{self.path} cannot be used as it is: {len(self.problems)} problems on "
                f"{len(lines)} lines, listed above. Mend them and check again."
            )
        if not self.instructions:
            raise HpptError(f"{self.path} holds no instruction.")


def check_instructions(path: str | Path) -> Checked:
    """Look through a whole file of instructions, and go on after each problem.

    Raises:
        HpptError: the file cannot be read at all.
    """
    path = Path(path)
    problems: list[str] = []
    found: dict[int, Instruction] = {}
    line_of_id: dict[str, int] = {}
    for number, raw in jsonl_lines(path):
        before = len(problems)

        def complain(problem: str, number: int = number) -> None:
            problems.append(f"line {number}{problem}")

        try:
            instruction = parse_instruction(parse_line(raw), complain)
        except HpptError as error:
            complain(f": {error}")
            continue
        first = line_of_id.setdefault(instruction.id, number)
        if instruction.id and first != number:
            complain(f": the id '{instruction.id}' is already on line {first}.")
        if len(problems) == before:
            found[number] = instruction
    return Checked(path, tuple(problems), found, _remarks(found))


def _remarks(found: dict[int, Instruction]) -> dict[str, list[int]]:
    remarks: dict[str, list[int]] = {}
    line_of_prompt: dict[str, int] = {}
    clashes: dict[int, str] = {}
    for number, instruction in found.items():
        if clash := contradiction(instruction.constraints):
            clashes[number] = clash
        for remark in _remarks_on(instruction):
            remarks.setdefault(remark, []).append(number)
        first = line_of_prompt.setdefault(same_prompt(instruction.prompt), number)
        if first != number:
            remarks.setdefault("the prompt stands on an earlier line too", []).append(number)
    if clashes:
        first_clash = next(iter(clashes.values()))
        remarks[f"constraints contradict each other; the first: {first_clash}"] = list(clashes)
    return remarks


def _remarks_on(instruction: Instruction) -> Iterator[str]:
    prompt = same_prompt(instruction.prompt)
    if any(same_prompt(each.text) not in prompt for each in instruction.constraints):
        yield "the prompt does not hold the text of a constraint"
    if any(each.kind == "soft" and not each.text.strip() for each in instruction.constraints):
        yield "a soft constraint has no text: no judge can decide it"
    if instruction.unmapped:
        yield "the prompt holds a demand that nobody checks (unmapped)"


def _places(lines: list[int]) -> str:
    shown = ", ".join(map(str, lines[:_SHOWN]))
    return f"{shown}, …" if len(lines) > _SHOWN else shown
