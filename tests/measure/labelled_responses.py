"""Audit both readings on real responses that were labelled blind, by reading.

data/gold/ifeval_slots.jsonl labels 300 slots of the responses of five public models to IFEval: 160
drawn at random, and 140 of those on which the two readings parted at that time. The responses are
not in this repository, so the labels name model, line and slot only. "sure" leaves out the slots of
which the reader said that careful readers could differ.

Examples:
  python -m tests.measure.labelled_responses
  python -m tests.measure.labelled_responses --wrong
"""

from __future__ import annotations

import gzip
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from hppt_lib.audit import confusion
from hppt_lib.files import read_jsonl, repository_folder
from tests.measure.arguments import add_data, parser_of
from tests.measure.real_responses import response_files, what_is_missing


def main() -> None:
    """Print precision, recall and recall on false responses of both readings."""
    parser = parser_of(__doc__)
    add_data(parser)
    parser.add_argument("--wrong", action="store_true", help="list the text reading's wrong ones")
    arguments = parser.parse_args()
    files = {path.name.removesuffix(".jsonl.gz"): path for path in response_files(arguments.data)}
    labels = [row for _, row in read_jsonl(labels_file())]
    if missing := {row["model"] for row in labels} - set(files):
        sys.exit(f"No responses of {', '.join(sorted(missing))}. {what_is_missing(arguments.data)}")
    responses = {name: _rows(path) for name, path in files.items()}

    found: dict[tuple[str, str, str], list[tuple[bool, bool]]] = defaultdict(list)
    for row in labels:
        given = responses[row["model"]][row["line"] - 1]
        kwargs = {k: v for k, v in given["kwargs"][row["slot"]].items() if v is not None}
        for reading in verifiers.READINGS:
            verdict = verifiers.build(row["id"], kwargs, reading)(given["response"])
            for which in ("all",) if row["unsure"] else ("all", "sure"):
                found[row["sample"], which, reading].append((verdict.passed, row["label"]))
            if arguments.wrong and reading == "text" and verdict.passed != row["label"]:
                doubt = "unsure" if row["unsure"] else "sure"
                print(
                    f"{row['model']}, line {row['line']}, {row['id']} {kwargs}: {verdict.reason};"
                    f" the reader says {row['label']} ({doubt})"
                )

    print(
        f"{'slots':32} {'reading':10} {'n':>4}  precision          recall             "
        "recall on false    accuracy"
    )
    for (sample, which, reading), pairs in sorted(found.items()):
        counted = confusion([each for each, _ in pairs], [each for _, each in pairs])
        shares = (counted.precision, counted.recall, counted.recall_on_false, counted.accuracy)
        print(
            f"{sample + ', ' + which:32} {reading:10} {len(pairs):4}  "
            + "  ".join(f"{str(each):17}" for each in shares)
        )


def labels_file() -> Path:
    """The labels."""
    return repository_folder() / "data" / "gold" / "ifeval_slots.jsonl"


def _rows(path: Path) -> list[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


if __name__ == "__main__":
    main()
