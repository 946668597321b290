"""Soft constraints: ten kinds, four values each, three wordings of each value.

Their ids have the form ``kind:value``, such as ``tone:formal``. A judge decides them, no program.
They stand in ``hppt_lib/corpus/material/soft_kinds.jsonl``, one value a line.
"""

from __future__ import annotations

import random
from pathlib import Path

from hppt_lib.errors import HpptError
from hppt_lib.files import package_file, read_jsonl
from hppt_lib.instructions.model import Constraint

_FIELDS = {"kind": str, "value": str, "seen": bool, "wordings": list}


def read_soft_kinds(path: Path) -> tuple[dict[str, dict[str, tuple[str, ...]]], tuple[str, ...]]:
    """The wordings by kind and value, and the kinds that are trained on.

    Raises:
        HpptError: the file cannot be read, or a line lacks a field; the message names the line.
    """
    wordings: dict[str, dict[str, tuple[str, ...]]] = {}
    seen: dict[str, bool] = {}
    for number, row in read_jsonl(path, _FIELDS):
        where = f"{path}, line {number}"
        if seen.setdefault(row["kind"], row["seen"]) is not row["seen"]:
            raise HpptError(f"{where}: 'seen' of '{row['kind']}' differs from a line above.")
        wordings.setdefault(row["kind"], {})[row["value"]] = tuple(row["wordings"])
    return wordings, tuple(kind for kind in wordings if seen[kind])


SOFT, SEEN_KINDS = read_soft_kinds(package_file("corpus", "material/soft_kinds.jsonl"))
UNSEEN_KINDS = tuple(kind for kind in SOFT if kind not in SEEN_KINDS)


def draw_soft(kind: str, random_state: random.Random) -> Constraint:
    """A soft constraint of one kind: a value of it in one of its wordings."""
    value = random_state.choice(sorted(SOFT[kind]))
    return Constraint(f"{kind}:{value}", {}, random_state.choice(SOFT[kind][value]), "soft")
