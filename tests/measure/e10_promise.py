"""What E10's judge said in training: how often it gave a verdict, and how often a false pass.

A calibration's promise holds for the responses that it was made on. The rollouts of a policy that
is paid by it are others. A record holds rollouts and not what the judge said of each; so it is
asked again, about the rollouts of the first and of the last steps, as the arm's reward asks it.
The counts are written as JSON, by run and part, in the words of `Counts`.

Example:
  python -m tests.measure.e10_promise data/records/e9 data/records/e10 --out build/promise.json
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from hppt_lib.files import write_text
from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.records import RunRecord, read_records
from hppt_lib.rewards import reward
from hppt_lib.rewards.rewarded import Rewarded, reward_rollouts
from tests.measure.arguments import parser_of

ARMS = ("judge-middling", "abstaining")  # the first is E10's "judge", which E9 made
STEPS = 5


@dataclass(frozen=True)
class Counts:
    """Of the rollouts of some steps.

    Attributes:
        rollouts: all of them.
        dropped: without a reward.
        given: with a verdict of the judge.
        false_passes: of these, passed and violated.
        violated: violated, with a verdict or without.
    """

    rollouts: int
    dropped: int
    given: int
    false_passes: int
    violated: int


def counted(batch: Iterable[Rewarded]) -> Counts:
    """Count verdicts on rollouts with one constraint each.

    Args:
        batch: rollouts as rewarded; blank ones were not shown to the judge and have no verdict.
    """
    rows = list(batch)
    said = [(each.score.judged or [None])[0] for each in rows]
    true = [each.score.strict for each in rows]
    return Counts(
        rollouts=len(rows),
        dropped=sum(each.dropped for each in rows),
        given=sum(verdict is not None for verdict in said),
        false_passes=sum(
            verdict is True and not met for verdict, met in zip(said, true, strict=True)
        ),
        violated=sum(not met for met in true),
    )


def of_run(record: RunRecord) -> dict[str, Counts]:
    """The counts of a run's first and last steps."""
    ready = reward(record.reward).ready()
    by_id = {each.id: each for each in shipped_instructions("hard_train")}
    parts = {"first": record.steps[:STEPS], "last": record.steps[-STEPS:]}
    return {
        part: counted(
            rewarded
            for step in steps
            for rewarded in reward_rollouts(
                ready, [(by_id[id], text) for id, text in step.responses], step=step.step
            )
        )
        for part, steps in parts.items()
    }


def main() -> None:
    """Ask, count and write."""
    parser = parser_of(__doc__)
    parser.add_argument("records", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    records = [
        each
        for each in read_records(*given.records)[0].values()
        if each.settings.get("arm") in ARMS
    ]
    found = {
        record.name: {part: asdict(each) for part, each in of_run(record).items()}
        for record in tqdm(records, unit="run")
    }
    write_text(given.out, json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
