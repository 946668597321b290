"""Fit the instrument of answers on readers' labels, and say how good it is.

Prints, on the half of the labels that is kept for reporting, the area under the curve of each
feature, of all together and of the guard; and precision, recall and recall on false responses, of
all and by arm. With ``--out`` it writes the instrument that the kit ships
(``hppt_lib/evaluation/answer_instrument.json``). Features take about two seconds a response on one
core; ``--features`` keeps them in a file, and goes on where it was stopped.

Examples:
  python -m tests.measure.answer_instrument --features build/features.jsonl
  python -m tests.measure.answer_instrument --out hppt_lib/evaluation/answer_instrument.json
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hppt_lib.audit import area_under_curve, read_answer_labels
from hppt_lib.evaluation import (
    FEATURES,
    Evaluated,
    answer_features,
    fit_instrument,
    rescored,
    write_instrument,
)
from hppt_lib.files import read_jsonl, repository_folder, write_jsonl
from hppt_lib.instructions import shipped_instructions
from hppt_lib.intervals import Rate, rate
from tests.measure.arguments import parser_of

NAME = "base-likelihoods"
MODEL = "SmolLM2-135M-Instruct-Q4_1"


def tasks() -> list[str]:
    """One task of each training topic: no held-out topic is among them."""
    by_topic = {each.topic: each.query for each in reversed(shipped_instructions("hard_train"))}
    first = {each.topic: by_topic[each.topic] for each in shipped_instructions("hard_train")}
    return list(first.values())


def features_of(rows: Sequence[Evaluated], kept: Path | None) -> np.ndarray:
    """The features of each row; those in the file ``kept`` are not computed again."""
    known: dict[tuple[str, str], list[float]] = {}
    if kept and kept.exists():
        for _, line in read_jsonl(kept):
            values = [np.nan if each is None else each for each in line["features"]]
            known[line["instruction"], line["response"]] = values
    missing = [row for row in rows if (row.instruction.id, row.response) not in known]
    for start in range(0, len(missing), 40):
        from hppt_lib.policy import load_policy

        some = missing[start : start + 40]
        begin = time.perf_counter()
        found = answer_features(load_policy(), some, tasks())
        seconds = (time.perf_counter() - begin) / len(some) * 100
        print(f"{len(known)} of {len(rows)}: {seconds:.0f} seconds for 100 responses", flush=True)
        for row, values in zip(some, found.tolist(), strict=True):
            known[row.instruction.id, row.response] = values
        if kept:
            lines: list[dict[str, Any]] = [
                {
                    "instruction": id,
                    "response": text,
                    "features": [None if np.isnan(each) else each for each in values],
                }
                for (id, text), values in known.items()
            ]
            write_jsonl(kept, lines)
    return np.array([known[row.instruction.id, row.response] for row in rows])


def main() -> None:
    parser = parser_of(__doc__)
    gold = repository_folder() / "data" / "gold" / "answers.jsonl"
    parser.add_argument("--labels", type=Path, default=gold, help="readers' labels")
    parser.add_argument("--features", type=Path, help="file that keeps the features")
    parser.add_argument("--out", type=Path, help="where the instrument is written")
    chosen = parser.parse_args()
    labels = read_answer_labels(path=chosen.labels)
    pairs = [(row.instruction, row.response) for row in labels]
    rows = rescored(pairs, shipped_instructions("hard_heldout"))
    features = features_of(rows, chosen.features)
    true = np.array([row.answers for row in labels])
    report = np.array([row.split == "report" for row in labels])
    names = np.array([row.instruction for row in labels])
    arms = np.array([row.arm for row in labels])
    made = fit_instrument(
        NAME, MODEL, features, true.tolist(), names.tolist(), report.tolist(), tasks=tasks()
    )
    scores = made.scores(features)
    guard = np.array([row.score.substance.passed for row in rows])
    print(f"{int((~report).sum())} labels to develop on, {int(report.sum())} to report on")
    lowest = np.nan_to_num(features, nan=-1e9)  # a blank response, below all others
    columns = {name: lowest[:, place] for place, name in enumerate(FEATURES[:3])}
    print("Area under the curve, on the half to report on:")
    for name, values in {**columns, "all together": scores, "guard": guard.astype(float)}.items():
        area = area_under_curve(values[report], true[report], names[report])
        print(f"  {name:14} {area}")
    for who, passed in ((made.name, scores >= made.threshold), ("guard", guard)):
        print(f"{who}: precision, recall, recall on false responses")
        for arm in ("all", *np.unique(arms)):
            of = report & ((arms == arm) | (arm == "all"))

            def share(hits: np.ndarray, chosen: np.ndarray) -> Rate | None:
                some = hits[chosen].tolist()
                return rate(some, names[chosen].tolist()) if some else None

            shares = (
                share(true, of & passed),
                share(passed, of & true),
                share(~passed, of & ~true),
            )
            print(f"  {arm:8} {int(of.sum()):4}", *(str(each or "–").ljust(18) for each in shares))
    if chosen.out:
        write_instrument(chosen.out, made)
        print(f"wrote {chosen.out}")


if __name__ == "__main__":
    main()
