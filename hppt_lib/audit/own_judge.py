"""Trains a judge on labels and audits it on tasks that it has not seen: ``hppt train-judge``."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hppt_lib.audit.curves import area_under_curve
from hppt_lib.audit.judged_rows import JudgedRow
from hppt_lib.audit.rates import Rates, rates_by, rates_of
from hppt_lib.audit.rows import AuditRow
from hppt_lib.errors import HpptError
from hppt_lib.intervals import Rate
from hppt_lib.judges.protocol import Judgement, Question
from hppt_lib.terminal import as_text, table

if TYPE_CHECKING:
    from torch import Tensor

    from hppt_lib.judges.head import HeadSettings

_FOLDS = 5
_FEWEST = 20  # labels of each kind to train on


@dataclass(frozen=True)
class TrainedJudge:
    """A judge that was trained, and its audit.

    Attributes:
        folder: where it is: its name as a judge.
        trained_on: rows that it learnt from.
        threshold: its confidence from which on a constraint is satisfied.
        audit: the held-out rows with its verdicts; no task of theirs was trained on.
        rates: of the held-out rows.
        by_kind: the same for each kind of constraint.
        auc: area under the ROC curve on the held-out rows.
    """

    folder: Path
    trained_on: int
    threshold: float
    audit: tuple[JudgedRow, ...]
    rates: Rates
    by_kind: dict[str | int, Rates]
    auc: Rate

    def __str__(self) -> str:
        rows = [
            [str(kind), each.rows, each.recall or "-", each.false_pass_rate or "-"]
            for kind, each in [*self.by_kind.items(), ("all", self.rates)]
        ]
        kappa = self.rates.kappa
        return as_text(
            table(["kind", "rows", "recall", "false-pass rate"], rows),
            f"AUC {self.auc}" + (f", κ {kappa.interval}" if kappa else ""),
            f"trained on {self.trained_on} labels, audited on {self.rates.rows} of other tasks; "
            f"passes from a confidence of {self.threshold:.3f}",
        )


def train_judge(
    rows: Sequence[AuditRow],
    folder: str | Path,
    *,
    model: str = "embedded",
    labels: int | None = None,
    held_out: float = 0.2,
    false_fail: float = 0.2,
    settings: HeadSettings | None = None,
    seed: int = 0,
    progress: bool = True,
) -> TrainedJudge:
    """Train a judge on labelled rows, audit it, and write it as a folder.

    Tasks are split: those held out are for the audit alone. The threshold is set where, of the
    truly satisfied rows, the share ``false_fail`` is failed, on confidences that come from
    training with a fifth of the tasks left out each time.

    Args:
        rows: labelled rows; a task is what has the same prompt.
        folder: where the judge is written.
        model: the model that it looks into, as `hppt_lib.load_policy` is given it.
        labels: how many rows it learns from; None: all that are not held out.
        held_out: share of the tasks that is held out, above 0 and below 1.
        false_fail: the false-fail rate that the threshold aims at.
        settings: of the head; None for the usual ones.
        seed: of the split and the head.
        progress: show progress bars.

    Raises:
        HpptError: too few labels of a kind, a share out of range, no such model, or a file could
            not be written.
    """
    from hppt_lib.judges import head as heads
    from hppt_lib.policy.load import load_policy

    for name, share in (("held_out", held_out), ("false_fail", false_fail)):
        if not 0 < share < 1:
            raise HpptError(f"{name} is {share}: it is a share, above 0 and below 1.")
    settings = settings or heads.HeadSettings(seed=seed)
    train, test = split_by_task(rows, held_out, seed)
    if labels is not None:
        if labels > len(train):
            raise HpptError(f"There are {len(train)} labels to train on, not {labels}.")
        train = train[:labels]
    for part, what in ((train, "to train on"), (test, "held out")):
        counts = Counter(each.label for each in part)
        if min(counts[True], counts[False]) < _FEWEST:
            raise HpptError(
                f"Of the rows {what} {counts[True]} are satisfied and {counts[False]} violated: at "
                f"least {_FEWEST} of each are needed."
            )
    policy = load_policy(model)
    held = [
        heads.features(policy, [_question(each) for each in part], settings.layers, progress=title)
        for part, title in (
            (train, "labels to learn from" if progress else None),
            (test, "labels held out" if progress else None),
        )
    ]
    truth = [each.label for each in train]
    left_out = _left_out_confidences(held[0], train, settings)
    threshold = float(np.quantile(left_out[np.array(truth)], false_fail))
    head = heads.train_head(held[0], truth, settings)
    given = heads.confidences(head, held[1])
    audit = tuple(
        JudgedRow(Path(folder).name, row, Judgement(each >= threshold, each), 1)
        for row, each in zip(test, given, strict=True)
    )
    made = TrainedJudge(
        Path(folder),
        len(train),
        threshold,
        audit,
        rates_of(audit),
        rates_by(audit, lambda each: each.row.kind),
        area_under_curve(
            np.array(given),
            np.array([each.label for each in test]),
            np.array([each.prompt for each in test]),
        ),
    )
    heads.write_judge(
        folder, head, settings, base=model, threshold=threshold, trained=_note(made, false_fail)
    )
    return made


def split_by_task(
    rows: Sequence[AuditRow], share: float, seed: int
) -> tuple[list[AuditRow], list[AuditRow]]:
    """Rows to train on and rows held out, each shuffled; no task is in both.

    Args:
        rows: any.
        share: of the tasks, to hold out.
        seed: of the draw and of the order.
    """
    chance = random.Random(f"judge-{seed}")
    tasks = sorted({each.prompt for each in rows})
    chance.shuffle(tasks)
    kept = set(tasks[round(share * len(tasks)) :])
    shuffled = chance.sample(list(rows), len(rows))
    return (
        [each for each in shuffled if each.prompt in kept],
        [each for each in shuffled if each.prompt not in kept],
    )


def _question(row: AuditRow) -> Question:
    return Question(row.prompt, row.response, (row.constraint,))


def _left_out_confidences(
    held: Tensor, rows: Sequence[AuditRow], settings: HeadSettings
) -> np.ndarray:
    """The confidence in each row of a head that was trained without the row's task."""
    import torch

    from hppt_lib.judges.head import confidences, train_head

    tasks = {task: number for number, task in enumerate(sorted({each.prompt for each in rows}))}
    fold = torch.tensor([tasks[each.prompt] % _FOLDS for each in rows])
    labels = torch.tensor([each.label for each in rows])
    found = np.empty(len(rows))
    for number in range(_FOLDS):
        out = fold == number
        if out.any():
            head = train_head(held[~out], labels[~out].tolist(), settings)
            found[out.numpy()] = confidences(head, held[out])
    return found


def _note(made: TrainedJudge, false_fail: float) -> dict[str, Any]:
    """What the judge's card says of its training and its audit."""

    def plain(rate: Rate | None) -> list[float] | None:
        return (
            None if rate is None else [round(each, 4) for each in (rate.mean, rate.low, rate.high)]
        )

    return {
        "labels": made.trained_on,
        "false_fail_aimed_at": false_fail,
        "audit": {
            "rows": made.rates.rows,
            "recall": plain(made.rates.recall),
            "false_pass_rate": plain(made.rates.false_pass_rate),
            "auc": plain(made.auc),
        },
    }
