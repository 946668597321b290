"""Benchmarks from files that the user gives; none of their data is in this repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import cache_folder, read_jsonl

# Name to the file's place in the folder of benchmarks, and where it can be had.
BENCHMARKS = {
    "ifeval": (
        Path("ifeval") / "input_data.jsonl",
        "github.com/google-research/google-research, instruction_following_eval/data",
    ),
    "ifbench": (
        Path("ifbench") / "IFBench_test.jsonl",
        "github.com/allenai/IFBench, data",
    ),
}


def benchmark_folder() -> Path:
    """The user's folder of benchmarks: ``HPPT_BENCHMARKS``, or ``benchmarks`` in the cache."""
    chosen = os.environ.get("HPPT_BENCHMARKS")
    return Path(chosen).expanduser() if chosen else cache_folder() / "benchmarks"


def benchmark_rows(name: str) -> list[dict[str, Any]]:
    """The lines of a benchmark's file: ``key``, ``prompt``, ``instruction_id_list``, ``kwargs``.

    Args:
        name: ``ifeval`` or ``ifbench``.

    Raises:
        HpptError: there is no benchmark of that name, its file is not there (the message says
            where to get it and where to put it), or a line is not JSON.
    """
    if name not in BENCHMARKS:
        raise HpptError(f"There is no benchmark '{name}'. There are: {', '.join(BENCHMARKS)}.")
    place, origin = BENCHMARKS[name]
    path = benchmark_folder() / place
    if not path.is_file():
        raise HpptError(
            f"{path.name} of {name} is not at hand. Get it from {origin}, put it at "
            f"FOLDER/{place.as_posix()}, and set HPPT_BENCHMARKS=FOLDER."
        )
    return [row for _, row in read_jsonl(path)]
