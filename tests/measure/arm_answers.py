"""Put the answers of several trained policies into one file, by arm and seed.

``hppt evaluate`` writes a folder for each policy, with the prompts in it. For a page of this kit
the answers will do: `hppt_lib.evaluation.responses_by_arm` reads them and scores them anew. Folders
are named as runs are, ``ARM-seedSEED``; one with fewer answers than its prompts is refused.

Examples:
  python -m tests.measure.arm_answers build/forms/* --out data/evaluations/forms-e10.jsonl
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import open_run
from hppt_lib.files import write_jsonl
from tests.measure.arguments import parser_of


def rows_of(folder: Path) -> Iterator[dict[str, Any]]:
    """A row an answer.

    Raises:
        HpptError: the folder is not named like a run, or its run has not ended.
    """
    arm, mark, seed = folder.name.rpartition("-seed")
    if not mark or not seed.isdecimal():
        raise HpptError(f"{folder}: a folder must be named ARM-seedSEED.")
    run = open_run(folder)
    answers = run.predictions()[0]
    missing = len(run.items) - len({each.id for each in answers if each.response is not None})
    if missing:
        raise HpptError(f"{folder}: {missing} of {len(run.items)} prompts have no answer.")
    for each in answers:
        yield {
            "arm": arm,
            "seed": int(seed),
            "instruction": each.id,
            "response": each.response,
        }


def main() -> None:
    """Collect and write."""
    parser = parser_of(__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    write_jsonl(given.out, [row for folder in sorted(given.folders) for row in rows_of(folder)])


if __name__ == "__main__":
    main()
