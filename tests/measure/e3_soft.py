"""Soft truth of E3's runs: draw responses for a reader, blind, and join what the reader said.

Of each run 20 held-out responses whose prompt asks for soft constraints are drawn, and of each one
such constraint: the same instructions and constraints in every arm of a seed, and of the policy
before training. ``draw`` writes ``sheet.jsonl``, with no arm and no seed, in an order of its own, a
fifth of it once more as ``second.jsonl``, and ``key.jsonl``, which no reader should open. A reader
adds ``"label": true`` or ``false`` to each line, by the guide in
``data/experiments/e3/README.md``, and saves them as ``sheet.out.jsonl`` and ``second.out.jsonl``;
``join`` then asks E3's judge about the same responses, writes ``soft.jsonl``
(`hppt_lib.evaluation.soft_truth`), and prints the share of each arm and the contrasts.

Examples:
  python -m tests.measure.e3_soft draw build/sweeps/e3 --out build/e3-soft
  python -m tests.measure.e3_soft join --out build/e3-soft
"""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from hppt_lib.evaluation import (
    SoftLabel,
    difference_by_seed,
    first_of_each_seed,
    judge_passes,
    soft_truth,
)
from hppt_lib.files import read_jsonl, write_jsonl
from hppt_lib.instructions.model import Instruction, shipped_instructions
from hppt_lib.intervals import mean_interval
from hppt_lib.rewards.judging import Judging
from tests.measure.arguments import parser_of
from tests.measure.e3_data import FOLDER

OF_A_RUN = 20
_HIDDEN = ("arm", "seed", "instruction")


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
                    "instruction": each.instruction,
                }
            )
    rows.sort(key=lambda row: row["id"])
    return (
        [{name: each for name, each in row.items() if name not in _HIDDEN} for row in rows],
        [{name: row[name] for name in ("id", *_HIDDEN)} for row in rows],
    )


def again(sheet: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A fifth of a sheet, for another reader, in another order."""
    return random.Random("e3-soft-again").sample(list(sheet), len(sheet) // 5)


def joined(
    sheet: Iterable[Mapping[str, Any]],
    second: Iterable[Mapping[str, Any]],
    key: Iterable[Mapping[str, Any]],
) -> list[SoftLabel]:
    """The labels with arm and seed, in order of these.

    Raises:
        ValueError: a row has no label, or one is of no row.
    """
    first = {row["id"]: row for row in sheet}
    twice = {row["id"]: row["label"] for row in second}
    labels = []
    for row in key:
        read = first.pop(row["id"], {})
        if not isinstance(read.get("label"), bool):
            raise ValueError(f"row {row['id']} has no label")
        labels.append(
            SoftLabel(
                **{name: row[name] for name in _HIDDEN},
                constraint=read["constraint"],
                response=read["response"],
                met=read["label"],
                second=twice.pop(row["id"], None),
            )
        )
    if first or twice:
        raise ValueError(f"rows that the key has not: {[*first, *twice][:3]}")
    return sorted(labels, key=lambda each: (each.seed, each.arm, each.instruction))


def asked(
    labels: Sequence[SoftLabel], judge: str, instructions: Sequence[Instruction]
) -> list[SoftLabel]:
    """The labels with the verdicts of a judge, asked as in training, one constraint a call."""
    known = {each.id: each for each in instructions}
    rollouts = []
    for each in labels:
        whole = known[each.instruction]
        [constraint] = [one for one in whole.constraints if one.text == each.constraint]
        rollouts.append((replace(whole, constraints=(constraint,)), each.response))
    verdicts = Judging(judge, "soft", "pointwise").verdicts(rollouts)
    return [replace(each, judge=said) for each, (said,) in zip(labels, verdicts, strict=True)]


def main() -> None:
    """Draw a sheet, or join what was read."""
    parser = parser_of(__doc__)
    parser.add_argument("what", choices=["draw", "join"])
    parser.add_argument("records", nargs="*", type=Path, help="run records, and folders of them")
    parser.add_argument("--out", type=Path, required=True, help="the folder of sheet and key")
    arguments = parser.parse_args()
    folder = arguments.out
    if arguments.what == "draw":
        from hppt_lib.evaluation import read_runs

        runs = read_runs(*arguments.records)
        given = [
            Given(arm, run.record.seed, each.instruction.id, each.response)
            for arm, some in runs.arms.items()
            for run in some
            for each in run.after
        ]
        given += [
            Given("base", seed, each.instruction.id, each.response)
            for seed, run in first_of_each_seed(runs.each).items()
            for each in run.before
        ]
        folder.mkdir(parents=True, exist_ok=True)
        rows, hidden = drawn(given, shipped_instructions("heldout_topics"))
        write_jsonl(folder / "sheet.jsonl", rows)
        write_jsonl(folder / "second.jsonl", again(rows))
        write_jsonl(folder / "key.jsonl", hidden)
        print(f"{len(rows)} rows to read: {folder / 'sheet.jsonl'}")
        return
    files = ("sheet.out.jsonl", "second.out.jsonl", "key.jsonl")
    read = [[row for _, row in read_jsonl(folder / name)] for name in files]
    labels = asked(joined(*read), str(FOLDER / "judge"), shipped_instructions("heldout_topics"))
    rows = [
        {name: each for name, each in asdict(label).items() if each is not None} for label in labels
    ]
    write_jsonl(folder / "soft.jsonl", rows)
    found = soft_truth(labels)
    passed = judge_passes(labels, met=False)
    for arm, seeds in found.items():
        wrongly = mean_interval(list(passed[arm].values()))
        print(
            f"{arm:10} {mean_interval(list(seeds.values()))}, {len(seeds)} seeds; "
            f"false passes {wrongly}"
        )
    for arm, less in (("hard-only", "soft-only"), ("mixed", "hard-only"), ("hppt", "hard-only")):
        if arm in found and less in found:
            print(f"{arm} less {less}: {difference_by_seed(found[arm], found[less])}")


if __name__ == "__main__":
    main()
