"""The recorded answers that the kit ships: who was asked what, and how to ask again.

``hppt record`` asks the embedded model, in two ways, all that notebook 03 looks up. Each answer
is kept as it comes, so that it may be interrupted at any time and goes on from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hppt_lib.audit.asking import questions_of
from hppt_lib.audit.attacks import attacked
from hppt_lib.audit.rows import AuditRow, read_audit
from hppt_lib.errors import HpptError
from hppt_lib.files import cache_folder, repository_folder
from hppt_lib.judges import Mode, Question, Recorded, Store, export_recordings, judge

PER_ATTACK = 40
"""Violated responses of each part that are attacked."""

LARGE = 4
"""Items of so many constraints or more are also asked three constraints at a time."""


@dataclass(frozen=True)
class Task:
    """Rows that a judge is asked about, and how many constraints go into a call."""

    rows: tuple[AuditRow, ...]
    mode: Mode = "batch"
    per_call: int | None = None

    def questions(self) -> list[Question]:
        """The questions that this comes to."""
        return questions_of(self.rows, self.mode, per_call=self.per_call)[0]


def large_items(rows: Sequence[AuditRow]) -> list[AuditRow]:
    """The rows of items with `LARGE` constraints or more."""
    sizes = Counter(each.item for each in rows)
    return [each for each in rows if sizes[each.item] >= LARGE]


def attacked_rows(rows: Sequence[AuditRow]) -> list[AuditRow]:
    """The rows that the attacks of notebook 03 come to."""
    return [each.row for each in attacked(rows, limit=PER_ATTACK)]


def tasks() -> Mapping[str, tuple[Task, ...]]:
    """What each variant of the embedded judge is asked.

    The strict variant is there to compare wordings: the large items, point-wise, are enough.
    """
    soft, hard = tuple(read_audit("soft")), tuple(read_audit("hard"))
    large = tuple(large_items(soft))
    everything = (Task(soft, "pointwise"), Task(soft), Task(hard, "pointwise"), Task(hard))
    attacks = tuple(Task(tuple(attacked_rows(rows)), "pointwise") for rows in (soft, hard))
    return {
        "zero-shot": (*everything, *attacks, Task(large, per_call=3)),
        "strict": (Task(large, "pointwise"),),
    }


def record(variants: Sequence[str] | None = None, store: Path | None = None) -> list[Path]:
    """Ask the embedded judge what is not in the store yet, and write ``data/audit/recordings``.

    Args:
        variants: which; None for all.
        store: where answers are kept on the way; None for ``judges.jsonl`` in the user's cache.

    Returns:
        The files written, one a variant.

    Raises:
        HpptError: an unknown variant, or a file that cannot be read or written.
    """
    kept = Store(store or cache_folder() / "judges.jsonl")
    paths = []
    planned = tasks()
    for variant in variants or planned:
        if variant not in planned:
            raise HpptError(
                f"No recording '{variant}' is planned. There are: {', '.join(planned)}."
            )
        asked = judge(f"embedded:{variant}")
        questions = [each for task in planned[variant] for each in task.questions()]
        for _ in Recorded(asked, kept).answers(questions):
            pass
        path = repository_folder() / "data" / "audit" / "recordings" / f"embedded-{variant}.jsonl"
        export_recordings(kept, asked, path, questions)
        paths.append(path)
    return paths
