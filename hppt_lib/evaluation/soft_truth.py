"""Soft truth: whether a reader says that a response meets a soft constraint, run by run.

No rule decides a soft constraint, and the judge whose verdicts were the reward must not say what
came of it. So of each run some held-out responses are drawn, with one soft constraint each, and
read blind. A file of such labels has one row a response: ``arm``, ``seed``, ``instruction``,
``constraint`` (its text), ``response``, ``met``; of those that were read twice ``second``, and
``judge``, what the judge whose verdicts were the reward says of it, asked afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl


@dataclass(frozen=True)
class SoftLabel:
    """A reader's label of one response and one soft constraint.

    Attributes:
        arm: whose response it is; ``base`` for the policy before training.
        seed: of the run.
        instruction: the id of the held-out instruction.
        constraint: the soft constraint, as the prompt has it.
        response: the text.
        met: whether the reader says that the constraint is met.
        second: what a second reader said; None if it was read once.
        judge: what the judge whose verdicts were the reward says; None if it was not asked.
    """

    arm: str
    seed: int
    instruction: str
    constraint: str
    response: str
    met: bool
    second: bool | None = None
    judge: bool | None = None


def read_soft_labels(path: str | Path) -> list[SoftLabel]:
    """Read a file of such labels.

    Raises:
        HpptError: the file cannot be read or is empty, or a row is no such label; the message names
            the line.
    """
    found = []
    kinds: dict[str, tuple[type, str]] = {
        "seed": (int, "a whole number"),
        "met": (bool, "true or false"),
    }
    kinds |= dict.fromkeys(("arm", "instruction", "constraint", "response"), (str, "text"))
    for number, row in read_jsonl(path):
        where = f"{path}, line {number}"
        if unknown := sorted(row.keys() - SoftLabel.__dataclass_fields__.keys()):
            raise HpptError(f"{where}: a soft label has no '{unknown[0]}'.")
        for name, (kind, wanted) in kinds.items():
            if type(row.get(name)) is not kind:
                raise HpptError(f"{where}: '{name}' must be {wanted}.")
        for name in ("second", "judge"):
            if not isinstance(row.get(name), bool | None):
                raise HpptError(f"{where}: '{name}' must be true or false, or left out.")
        found.append(SoftLabel(**row))
    if not found:
        raise HpptError(f"{path} holds no label.")
    return found


def soft_truth(labels: Iterable[SoftLabel]) -> dict[str, dict[int, float]]:
    """The share of soft constraints that are met, by arm and seed, in order of seeds."""
    found: dict[str, dict[int, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for each in labels:
        found[each.arm][each.seed].append(each.met)
    return {
        arm: {seed: fmean(some) for seed, some in sorted(seeds.items())}
        for arm, seeds in found.items()
    }


def judge_passes(labels: Iterable[SoftLabel], *, met: bool) -> dict[str, dict[int, float]]:
    """The share that the judge passes, by arm and seed, in order of seeds.

    Args:
        labels: those of which the judge was not asked are left out, and so are runs without any.
        met: of the constraints that are met (its recall), or of the violated (its false passes).
    """
    asked = [each for each in labels if each.met is met and each.judge is not None]
    return soft_truth(replace(each, met=bool(each.judge)) for each in asked)
