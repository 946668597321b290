"""Soft truth of E3's runs: draw responses for a reader, blind, and say what came out.

Of each run 20 held-out responses whose prompt asks for soft constraints are drawn, and of each one
such constraint: the same instructions and constraints in every arm of a seed. ``draw`` writes
``sheet.jsonl``, with no arm and no seed, in an order of its own, and ``key.jsonl``, which no reader
should open. A reader adds ``"label": true`` or ``false`` to each line of the sheet, by the guide in
``data/experiments/e3/README.md``; ``score`` then prints the share of each arm and the contrast.

Examples:
  python -m tests.measure.e3_soft draw build/sweeps/e3 --out build/e3-soft
  python -m tests.measure.e3_soft score --out build/e3-soft
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.files import read_jsonl, write_jsonl
from hppt_lib.instructions.model import Instruction, shipped_instructions
from hppt_lib.intervals import Interval, mean_interval
from tests.measure.arguments import parser_of

OF_A_RUN = 20


@dataclass(frozen=True)
class Given:
    """A held-out response of a run: its arm and seed, the instruction's id, the text."""

    arm: str
    seed: int
    instruction: str
    response: str


def drawn(
    responses: Iterable[Given], instructions: Sequence[Instruction], *, of_a_run: int = OF_A_RUN
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The sheet and its key.

    Args:
        responses: of all runs; those to instructions without a soft constraint are left out.
        instructions: the held-out ones, whole.
        of_a_run: how many of a run.
    """
    soft = {
        each.id: [one for one in each.constraints if one.kind == "soft"] for each in instructions
    }
    queries = {each.id: each.query for each in instructions}
    runs: dict[tuple[str, int], list[Given]] = defaultdict(list)
    for each in responses:
        if soft.get(each.instruction):
            runs[each.arm, each.seed].append(each)
    rows = []
    for (arm, seed), given in runs.items():
        chance = random.Random(f"e3-soft-{seed}")  # equal in all arms of a seed
        for each in chance.sample(sorted(given, key=lambda one: one.instruction), of_a_run):
            constraint = chance.choice(soft[each.instruction])
            text = f"{arm}-{seed}-{each.instruction}"
            rows.append(
                {
                    "id": hashlib.sha256(text.encode()).hexdigest()[:12],
                    "task": queries[each.instruction],
                    "constraint": constraint.text,
                    "response": each.response,
                    "arm": arm,
                    "seed": seed,
                }
            )
    rows.sort(key=lambda row: row["id"])
    hidden = ("arm", "seed")
    return (
        [{name: each for name, each in row.items() if name not in hidden} for row in rows],
        [{name: row[name] for name in ("id", *hidden)} for row in rows],
    )


def shares(
    sheet: Iterable[Mapping[str, Any]], key: Iterable[Mapping[str, Any]]
) -> dict[str, dict[int, float]]:
    """The share of satisfied constraints by arm and seed; rows without a label are left out."""
    labels = {row["id"]: row["label"] for row in sheet if "label" in row}
    found: dict[str, dict[int, list[bool]]] = defaultdict(lambda: defaultdict(list))
    for row in key:
        if row["id"] in labels:
            found[row["arm"]][row["seed"]].append(labels[row["id"]])
    return {
        arm: {seed: sum(some) / len(some) for seed, some in sorted(seeds.items())}
        for arm, seeds in found.items()
    }


def difference(arm: Mapping[int, float], less: Mapping[int, float]) -> Interval:
    """The mean difference over the seeds that both arms have, paired, with its 95 % interval."""
    return mean_interval([arm[seed] - less[seed] for seed in sorted(arm.keys() & less.keys())])


def main() -> None:
    """Draw a sheet, or score one."""
    parser = parser_of(__doc__)
    parser.add_argument("what", choices=["draw", "score"])
    parser.add_argument("records", nargs="*", type=Path, help="run records, and folders of them")
    parser.add_argument("--out", type=Path, required=True, help="the folder of sheet and key")
    arguments = parser.parse_args()
    sheet, key = arguments.out / "sheet.jsonl", arguments.out / "key.jsonl"
    if arguments.what == "draw":
        from hppt_lib.evaluation import read_runs

        given = [
            Given(arm, run.record.seed, each.instruction.id, each.response)
            for arm, runs in read_runs(*arguments.records).arms.items()
            for run in runs
            for each in run.after
        ]
        arguments.out.mkdir(parents=True, exist_ok=True)
        rows, hidden = drawn(given, shipped_instructions("heldout_topics"))
        write_jsonl(sheet, rows)
        write_jsonl(key, hidden)
        print(f"{len(rows)} rows to read: {sheet}")
        return
    found = shares(*([row for _, row in read_jsonl(path)] for path in (sheet, key)))
    for arm, seeds in found.items():
        print(f"{arm:10} {mean_interval(list(seeds.values()))}, {len(seeds)} seeds")
    for arm, less in (("hard-only", "soft-only"), ("mixed", "hard-only"), ("hppt", "hard-only")):
        if arm in found and less in found:
            print(f"{arm} less {less}: {difference(found[arm], found[less])}")


if __name__ == "__main__":
    main()
