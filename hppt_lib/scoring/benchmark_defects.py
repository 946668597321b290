"""Defects of the benchmarks: of their data, and of the programs that score them.

In the data, prompts contradict what is scored, or themselves. A response that does what such a
prompt says can fail, or one that does not can pass, whatever the verifier. The list
(``known_defects.jsonl`` beside this module) comes from public threads and from comparing the
numbers and quoted words of all prompts with their parameters. A prompt is recognised by its
fingerprint, so that a repaired copy is not accused.

Of the programs, ``program_defects.jsonl`` lists what is wrong beyond single constraints; for these
there is `hppt_lib.verifiers.differences`.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import package_file, read_jsonl

IFEVAL, IFBENCH = "IFEval", "IFBench"
_REPEATED = "thinking-machines-lab/tinker-cookbook/pull/894"


@dataclass(frozen=True)
class DataDefect:
    """One defect of one prompt.

    Attributes:
        benchmark: ``IFEval`` or ``IFBench``; empty if the defect is seen from the prompt itself.
        key: the prompt's key, as text.
        id: the constraint that is concerned.
        what: what is wrong, in words for a reader.
        thread: public discussion of it; empty if none is known.
        fingerprint: see `fingerprint`; empty if the defect is seen from the prompt itself.
        kwargs: parameters that the constraint must have for the defect to be there.
        missing: a constraint that the prompt states and that is not scored; empty if none.
    """

    benchmark: str
    key: str
    id: str
    what: str
    thread: str = ""
    fingerprint: str = ""
    kwargs: Mapping[str, Any] = field(default_factory=dict, hash=False)
    missing: str = ""

    def is_in(
        self, prompt: str, instruction_ids: Sequence[str], kwargs: Sequence[Mapping[str, Any]]
    ) -> bool:
        """Whether a prompt with these constraints has this defect: it may have been repaired."""
        if fingerprint(prompt) != self.fingerprint or self.missing in instruction_ids:
            return False
        return any(
            id == self.id and all(given.get(name) == value for name, value in self.kwargs.items())
            for id, given in zip(instruction_ids, kwargs, strict=False)
        )


def fingerprint(prompt: str) -> str:
    """The first 16 digits of the SHA-256 hash of a prompt, without white space around it."""
    return hashlib.sha256(prompt.strip().encode("utf-8", "replace")).hexdigest()[:16]


def read_defects(path: Path) -> tuple[DataDefect, ...]:
    """The defects of a JSONL file.

    Raises:
        HpptError: the file cannot be read, or a line is no defect; the message names the line.
    """
    names = {each.name for each in fields(DataDefect)}
    defects = []
    needed = dict.fromkeys(("benchmark", "key", "id", "what", "fingerprint"), str)
    for number, row in read_jsonl(path, needed):
        if unknown := set(row) - names:
            raise HpptError(f"{path}, line {number}: there is no field '{min(unknown)}'.")
        defects.append(DataDefect(**row))
    return tuple(defects)


@dataclass(frozen=True)
class ProgramDefect:
    """Something that a benchmark's own program does and should not.

    Attributes:
        benchmark: the benchmark's name on the command line.
        what: what its program does, as a sentence.
        text: what the reading ``text`` does instead.
        reference: what the reading ``reference`` does.
        source: where that stands in the program.
    """

    benchmark: str
    what: str
    text: str
    reference: str
    source: str


PROGRAM_DEFECTS = tuple(
    ProgramDefect(**row)
    for _, row in read_jsonl(
        package_file("scoring", "program_defects.jsonl"),
        {each.name: str for each in fields(ProgramDefect)},
    )
)


def program_defects_of(benchmark: str) -> list[ProgramDefect]:
    """The defects of one benchmark's own program."""
    return [each for each in PROGRAM_DEFECTS if each.benchmark == benchmark]


KNOWN_DEFECTS = read_defects(package_file("scoring", "known_defects.jsonl"))


def defects_of(
    key: object,
    prompt: str,
    instruction_ids: Sequence[str],
    kwargs: Sequence[Mapping[str, Any]],
) -> list[DataDefect]:
    """The defects of one prompt of a benchmark's file: listed ones, and those visible in it.

    Args:
        key: the prompt's key, a number (IFEval) or text (IFBench).
        prompt: its text.
        instruction_ids: the ids of its constraints.
        kwargs: their parameters; parameters that are None count as left out.
    """
    defects = [
        each
        for each in KNOWN_DEFECTS
        if each.key == str(key) and each.is_in(prompt, instruction_ids, kwargs)
    ]
    for id, times in Counter(instruction_ids).items():
        if times > 1:
            what = f"names this constraint {times} times: tell its results apart by their position"
            defects.append(DataDefect("", str(key), id, what, _REPEATED))
    if "ratio:overlap" in instruction_ids and "reference text:" not in prompt.lower():
        what = 'speaks of "the provided reference text" and marks none: the request itself is meant'
        defects.append(DataDefect("", str(key), "ratio:overlap", what))
    return defects
