"""Say how good E3's judge of soft constraints is: cross-validated on a reader's labels.

A fifth of the tasks is left out each time, as ``hppt train-judge`` does it for its threshold, and
the threshold of a fifth is chosen on the others. GRPO compares answers to one prompt, so the AUC
that decides is *within a value*: over pairs of a satisfied and a violated response to the same
value of a constraint. Features take a fifth of a second a row on one quiet core.

Example: python -m tests.measure.e3_judge data/experiments/e3/judge_rows.jsonl
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from hppt_lib.audit import AuditRow, JudgedRow, area_under_curve, rates_by, rates_of, read_audit
from hppt_lib.corpus.soft_kinds import SOFT
from hppt_lib.intervals import Interval
from hppt_lib.judges import Judgement, Question
from hppt_lib.judges.head import HeadSettings, confidences, features, train_head
from hppt_lib.terminal import as_text, table
from tests.measure.arguments import parser_of

FOLDS = 5
FALSE_FAIL = 0.2  # of the satisfied, where the threshold is
DRAWS = 2000
VALUE_OF = {
    text: f"{kind}:{value}"
    for kind, values in SOFT.items()
    for value, texts in values.items()
    for text in texts
}


def left_out_confidences(
    held: torch.Tensor, labels: np.ndarray, fold: np.ndarray, settings: HeadSettings
) -> np.ndarray:
    """The confidence in each row of a head that was trained without the row's fold.

    Args:
        held: pooled features, shape (rows, features).
        labels: bool, shape (rows,).
        fold: the number of each row's fold, shape (rows,).
        settings: of the head.
    """
    found = np.empty(len(labels))
    for number in np.unique(fold):
        out = torch.tensor(fold == number)
        head = train_head(held[~out], labels[fold != number].tolist(), settings)
        found[out.numpy()] = confidences(head, held[out])
    return found


def auc_within(
    values: np.ndarray,
    labels: np.ndarray,
    groups: Sequence[str],
    items: Sequence[str],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[Interval, int]:
    """The AUC over pairs within a group, and the number of pairs. A tie counts half.

    Args:
        values: what should be higher for the satisfied, shape (rows,).
        labels: bool, shape (rows,).
        groups: only rows of one group make pairs.
        items: the interval (95 %) draws these, with all their rows.
        draws: of the bootstrap.
        seed: of the draws.
    """
    kinds, tasks = (np.unique(np.array(each), return_inverse=True)[1] for each in (groups, items))
    one, other = np.nonzero(labels[:, None] & ~labels & (kinds[:, None] == kinds))
    if not len(one):
        return Interval(0.5, 0.0, 1.0), 0
    wins = (values[one] > values[other]) + 0.5 * (values[one] == values[other])
    count = int(tasks.max()) + 1
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), draws)
    # A pair within one task comes as often as the task does.
    same = tasks[one] == tasks[other]
    weights = np.where(same, drawn[:, tasks[one]], drawn[:, tasks[one]] * drawn[:, tasks[other]])
    areas = (weights @ wins) / np.maximum(weights.sum(1), 1)
    low, high = np.percentile(areas, (2.5, 97.5))
    return Interval(float(wins.mean()), float(low), float(high)), len(one)


def share_of_others(labels: np.ndarray, values: Sequence[str], tasks: Sequence[str]) -> np.ndarray:
    """For each row the share of satisfied ones among rows of its value and of other tasks.

    It knows which constraint is easy and reads no response: the AUC that this gives is for nothing.
    """
    value, task = np.array(values), np.array(tasks)
    return np.array(
        [
            (labels[(value == value[at]) & (task != task[at])].sum() + 0.5)
            / (((value == value[at]) & (task != task[at])).sum() + 1)
            for at in range(len(labels))
        ]
    )


def cross_validated(
    rows: Sequence[AuditRow], held: torch.Tensor, settings: HeadSettings
) -> tuple[np.ndarray, tuple[JudgedRow, ...]]:
    """The left-out confidences, and the rows with the verdicts that follow from them."""
    tasks = {task: number for number, task in enumerate(sorted({each.prompt for each in rows}))}
    fold = np.array([tasks[each.prompt] % FOLDS for each in rows])
    labels = np.array([each.label for each in rows])
    given = left_out_confidences(held, labels, fold, settings)
    least = {
        number: float(np.quantile(given[labels & (fold != number)], FALSE_FAIL))
        for number in range(FOLDS)
    }
    return given, tuple(
        # Rows of one task depend on each other.
        JudgedRow(
            "left out",
            replace(row, item=row.prompt),
            Judgement(bool(each >= least[int(number)]), float(each)),
            1,
        )
        for row, each, number in zip(rows, given, fold, strict=True)
    )


def report(rows: Sequence[AuditRow], held: torch.Tensor, settings: HeadSettings) -> str:
    """All that `main` prints."""
    given, judged = cross_validated(rows, held, settings)
    labels = np.array([each.label for each in rows])
    tasks = [each.prompt for each in rows]
    values = [VALUE_OF[each.constraint] for each in rows]
    kinds = [each.kind for each in rows]
    by_kind = []
    rates = rates_by(judged, lambda each: each.row.kind)
    for kind in dict.fromkeys(sorted(kinds)):
        of = np.array(kinds) == kind
        area, pairs = auc_within(
            given[of],
            labels[of],
            [value for value, each in zip(values, of, strict=True) if each],
            [task for task, each in zip(tasks, of, strict=True) if each],
        )
        found = rates[kind]
        by_kind.append(
            [
                kind,
                int(of.sum()),
                int(labels[of].sum()),
                f"{area} ({pairs} pairs)",
                found.recall or "-",
                found.false_pass_rate or "-",
            ]
        )
    every = rates_of(judged)
    within, pairs = auc_within(given, labels, values, tasks)
    by_kind.append(
        [
            "all",
            len(rows),
            int(labels.sum()),
            f"{within} ({pairs} pairs)",
            every.recall or "-",
            every.false_pass_rate or "-",
        ]
    )
    prompt, own = auc_within(given, labels, tasks, tasks)
    blind = share_of_others(labels, values, tasks)
    number = np.array(tasks)
    return as_text(
        table(
            ["kind", "rows", "satisfied", "AUC within a value", "recall", "false passes"], by_kind
        ),
        f"AUC within a prompt {prompt} ({own} pairs)",
        f"AUC over all pairs {area_under_curve(given, labels, number)}; of a judge that knows "
        f"how often others satisfy the value, and reads nothing: "
        f"{area_under_curve(blind, labels, number)}",
        f"The rule: the interval within a value {'holds' if within.low <= 0.5 else 'is above'} .5.",
    )


def features_of(rows: Sequence[AuditRow], layers: tuple[int, ...]) -> torch.Tensor:
    """The features of each row, shape (rows, features)."""
    from hppt_lib.policy import load_policy

    questions = [Question(each.prompt, each.response, (each.constraint,)) for each in rows]
    return torch.stack(list(features(load_policy("embedded"), questions, layers, progress="rows")))


def main() -> None:
    """Print what cross-validation says of the judge."""
    parser = parser_of(__doc__)
    parser.add_argument("rows", type=Path, help="labelled rows, as hppt train-judge takes them")
    arguments = parser.parse_args()
    rows, settings = read_audit(arguments.rows), HeadSettings()
    print(report(rows, features_of(rows, settings.layers), settings))


if __name__ == "__main__":
    main()
