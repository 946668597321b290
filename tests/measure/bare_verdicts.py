"""Put the verdicts of runs of ``hppt evaluate`` into one file, without any text.

A benchmark's prompts are others', and answers quote them; so neither is shipped with the kit. The
verdicts are ours, and are all that `hppt_lib.evaluation.run_differences` needs to set one model
beside another. Of each response: benchmark, id, sample, turn, the verdicts of its constraints,
whether it is an answer at all, its words, and whether the model ended it itself. Runs must have
been scored in the reading that is asked for, and a run that has not ended is refused.

Examples:
  hppt score build/mixed/ifeval --reading reference
  python -m tests.measure.bare_verdicts build/mixed/ifeval --reading reference
    --out data/evaluations/benchmarks-e3/mixed-reference.jsonl
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import open_run
from hppt_lib.files import read_jsonl, write_jsonl
from tests.measure.arguments import parser_of

_TEXT = ("reasons", "key")


def rows_of(folder: Path, reading: str) -> Iterator[dict[str, Any]]:
    """A row a response.

    Raises:
        HpptError: the run has not ended, or was scored last in another reading.
    """
    run = open_run(folder)
    scored = json.loads((folder / "report.json").read_text(encoding="utf-8"))["reading"]
    if scored != reading:
        raise HpptError(f"{folder} was scored last in the reading {scored}, not {reading}.")
    ended = {each.place: each.finished for each in run.predictions()[0]}
    rows = [row for _, row in read_jsonl(folder / "verdicts.jsonl")]
    turns = sum(len(item.turns) for item in run.items)
    missing = turns - len({(row["benchmark"], row["id"], row["turn"]) for row in rows})
    if missing:
        raise HpptError(f"{folder}: {missing} of {turns} prompts have no response.")
    shared = Counter((row["benchmark"], row["group"]) for row in rows)
    for row in rows:
        if shared[row["benchmark"], row["group"]] == 1:
            del row["group"]
        bare = {name: value for name, value in row.items() if name not in _TEXT}
        yield bare | {"finished": ended[row["benchmark"], row["id"], row["sample"], row["turn"]]}


def main() -> None:
    """Collect and write."""
    parser = parser_of(__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--reading", choices=("text", "reference"), required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    write_jsonl(given.out, [row for each in given.folders for row in rows_of(each, given.reading)])


if __name__ == "__main__":
    main()
