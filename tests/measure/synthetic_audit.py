"""Judges whose true rates are known, for audits whose right answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import ndtr, ndtri

from hppt_lib.audit.judged_rows import JudgedRow
from hppt_lib.audit.rows import AuditRow
from hppt_lib.judges.protocol import Judgement, no_verdict

KINDS = ("tone", "audience", "style", "perspective", "focus", "role", "emotion", "detail")


@dataclass(frozen=True)
class Known:
    """A judge, by what is true of it.

    Attributes:
        recall: of the satisfied, the share that it passes.
        recall_on_false: of the violated, the share that it fails.
        coverage: the share of rows on which it gives a verdict.
        prevalence: the share of rows that are satisfied.
    """

    recall: float
    recall_on_false: float
    coverage: float = 1.0
    prevalence: float = 0.5

    @cached_property
    def truths(self) -> dict[str, float]:
        """The true value of every rate."""
        true_pass = self.prevalence * self.recall
        false_pass = (1 - self.prevalence) * (1 - self.recall_on_false)
        passed = true_pass + false_pass
        accuracy = true_pass + (1 - self.prevalence) * self.recall_on_false
        chance = passed * self.prevalence + (1 - passed) * (1 - self.prevalence)
        return {
            "coverage": self.coverage,
            "precision": true_pass / passed,
            "recall": self.recall,
            "recall_on_false": self.recall_on_false,
            "false_pass_rate": 1 - self.recall_on_false,
            "accuracy": accuracy,
            "kappa": (accuracy - chance) / (1 - chance),
            "auc": float(ndtr(self.separation / np.sqrt(2))),
        }

    @property
    def separation(self) -> float:
        """How far apart satisfied and violated rows lie, in standard deviations."""
        return float(ndtri(self.recall) + ndtri(self.recall_on_false))


@dataclass(frozen=True)
class Design:
    """An audit set.

    Attributes:
        items: number of items.
        most: an item has 1 to this many rows, each number as likely.
        likeness: correlation of the latent values within an item, from 0 to 1.
    """

    items: int
    most: int = 1
    likeness: float = 0.0


def judged(
    judges: Sequence[Known], design: Design, draw: np.random.Generator
) -> list[list[JudgedRow]]:
    """One set of judged rows for each judge, on the same rows; judges err alike, at random.

    A row's latent value is normal, shifted by the label, with a share (`Design.likeness`) common to
    its item; so the marginal rates are exactly those of `Known`. Half of the rest is common to the
    judges.
    """
    sizes = draw.integers(1, design.most + 1, design.items)
    item = np.repeat(np.arange(design.items), sizes)
    labels = draw.random(len(item)) < judges[0].prevalence
    alike = np.sqrt(design.likeness) * draw.normal(size=design.items)[item]
    shared = draw.normal(size=len(item))
    rows = _rows(item, labels)
    found = []
    for number, known in enumerate(judges):
        own = draw.normal(size=len(item))
        noise = alike + np.sqrt(1 - design.likeness) * (shared + own) / np.sqrt(2)
        # A violated row passes if its latent value exceeds 0: the threshold .5 of the confidence.
        place = np.where(labels, ndtri(known.recall), -ndtri(known.recall_on_false))
        confidences = ndtr(place + noise)
        given = draw.random(len(item)) < known.coverage
        found.append(
            [
                JudgedRow(
                    f"judge {number}",
                    row,
                    Judgement(confidence >= 0.5, confidence) if has else no_verdict("time-out"),
                    int(size),
                )
                for row, confidence, has, size in zip(
                    rows, confidences.tolist(), given.tolist(), sizes[item].tolist(), strict=True
                )
            ]
        )
    return found


def _rows(item: np.ndarray, labels: np.ndarray) -> list[AuditRow]:
    return [
        AuditRow(
            item=f"item {name}",
            prompt="",
            constraint=f"constraint {place}",
            response="",
            label=label,
            kind=KINDS[place % len(KINDS)],
            near=place % 3 == 0,
        )
        for place, (name, label) in enumerate(zip(item.tolist(), labels.tolist(), strict=True))
    ]
