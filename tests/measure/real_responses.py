"""The responses of five public models to IFEval, with the verdicts of the benchmark's own program.

Measures nothing itself: agreement.py and speed.py read these. The data are not in this repository.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.sources import benchmark_folder

PLACE = Path("ifeval") / "responses"


@dataclass(frozen=True)
class Slot:
    """One constraint of one prompt, and a model's response to the prompt.

    Attributes:
        model: whose response it is.
        key: the prompt's key in IFEval.
        id: the constraint.
        kwargs: its parameters, without those that are null.
        response: the response.
        reference: the strict verdict of the benchmark's own program.
        stable: whether that program gives this verdict whatever its random seed.
    """

    model: str
    key: int
    id: str
    kwargs: Mapping[str, Any]
    response: str
    reference: bool
    stable: bool


def response_files(folder: Path | None = None) -> list[Path]:
    """The files of responses below a folder of benchmarks; none if there are none.

    Args:
        folder: the folder of benchmarks; by default ``HPPT_BENCHMARKS``.
    """
    return sorted(((folder or benchmark_folder()) / PLACE).glob("*.jsonl.gz"))


def what_is_missing(folder: Path | None = None) -> str:
    """What to tell a reader who has no such files."""
    return (
        f"There are no responses in {(folder or benchmark_folder()) / PLACE}. Put files "
        "MODEL.jsonl.gz there (one object a line: key, instruction_id_list, kwargs, response, "
        "reference_strict, reference_seed_stable), or name the folder of benchmarks with --data "
        "or HPPT_BENCHMARKS."
    )


def slots(files: list[Path]) -> Iterator[Slot]:
    """Every slot of every response in the files."""
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                for id, kwargs, verdict, stable in zip(
                    row["instruction_id_list"],
                    row["kwargs"],
                    row["reference_strict"],
                    row["reference_seed_stable"],
                    strict=True,
                ):
                    given = {name: value for name, value in kwargs.items() if value is not None}
                    model = path.name.removesuffix(".jsonl.gz")
                    yield Slot(model, row["key"], id, given, row["response"], verdict, stable)
