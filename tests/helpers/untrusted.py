"""Constraints whose verdict is that of a data set's own code."""

from __future__ import annotations

import json
from pathlib import Path

from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.sandbox import CODE

SHORT = "def check_following(instruction, response):\n    return len(response.split()) < 4\n"
SORTED = "def check_following(i, r):\n    return r.split() == sorted(r.split())\n"  # no verifier
# No verdict on what has an odd number of words
EVEN = (
    "def check_following(instruction, response):\n"
    "    if len(response.split()) % 2: raise ValueError(response)\n"
    "    return True\n"
)


def code(source: str) -> Constraint:
    return Constraint(CODE, {"function": source}, "It is as the code says.")


def instruction(*sources: str, id: str = "i") -> Instruction:
    return Instruction(id, "Write of tea.", tuple(map(code, sources)))


def verinstruct_file(path: Path, *functions: str, text: str = "It rhymes.") -> Path:
    """A file in VerInstruct's form: a row for each function, with one rule."""
    rule = {"checkers": [f"[rule] {text}"]}
    rows = (
        {"id": n, "prompt": f"Write {n}. {text}", "functions": [each], **rule}
        for n, each in enumerate(functions)
    )
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path
