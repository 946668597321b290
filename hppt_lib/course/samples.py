"""Parameters that fit, for each constraint: where a form begins."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from hppt_lib import verifiers
from hppt_lib.files import repository_folder


@cache
def sample_parameters() -> dict[str, dict[str, Any]]:
    """By constraint id, its parameters in a row of the gold set or in a difference's example."""
    samples: dict[str, dict[str, Any]] = {"hppt:measure": {"measure": "reading grade", "value": 6}}
    gold = repository_folder() / "data" / "gold" / "verifiers.jsonl"
    for line in gold.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        samples.setdefault(row["id"], row["kwargs"])
    for each in verifiers.differences():
        samples.setdefault(each.id, dict(each.kwargs))
    return samples
