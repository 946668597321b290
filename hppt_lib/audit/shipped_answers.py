"""Makes the judge's answers that the kit ships and notebook 03 replays.

``hppt answers`` asks the embedded model, with two prompts. Each answer is saved at once, so the
command may be stopped at any time and continues from there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hppt_lib.audit.attacks import attacked_rows
from hppt_lib.audit.judged_rows import questions_of
from hppt_lib.audit.rows import AuditRow, read_audit
from hppt_lib.errors import HpptError
from hppt_lib.files import cache_folder, repository_folder
from hppt_lib.judges import Cache, CachedJudge, Mode, Question, ask, export_answers, judge

PER_ATTACK = 40
"""Violated responses of each part that are attacked."""

LARGE = 4
"""Items of so many constraints or more are also asked three constraints at a time."""


@dataclass(frozen=True)
class Inquiry:
    """A set of rows to ask a judge about, and how many constraints go into one call."""

    rows: tuple[AuditRow, ...]
    mode: Mode = "batch"
    per_call: int | None = None

    def questions(self) -> list[Question]:
        """The questions that these rows give."""
        return questions_of(self.rows, self.mode, per_call=self.per_call)[0]


def large_items(rows: Sequence[AuditRow]) -> list[AuditRow]:
    """The rows of items with `LARGE` constraints or more."""
    sizes = Counter(each.item for each in rows)
    return [each for each in rows if sizes[each.item] >= LARGE]


def inquiries() -> Mapping[str, tuple[Inquiry, ...]]:
    """The rows to ask each variant of the embedded judge about.

    The strict variant is there to compare wordings: the large items, point-wise, are enough.
    """
    soft, hard = tuple(read_audit("soft")), tuple(read_audit("hard"))
    large = tuple(large_items(soft))
    everything = (
        Inquiry(soft, "pointwise"),
        Inquiry(soft),
        Inquiry(hard, "pointwise"),
        Inquiry(hard),
    )
    attacks = tuple(
        Inquiry(tuple(each.row for each in attacked_rows(rows, limit=PER_ATTACK)), "pointwise")
        for rows in (soft, hard)
    )
    return {
        "zero-shot": (*everything, *attacks, Inquiry(large, per_call=3)),
        "strict": (Inquiry(large, "pointwise"),),
    }


def write_shipped_answers(
    variants: Sequence[str] | None = None, cache: Path | None = None
) -> list[Path]:
    """Ask the embedded judge what is not in the cache yet, and write ``data/audit/answers``.

    Args:
        variants: which; None for all.
        cache: the file that keeps each answer; None for ``judges.jsonl`` in the user's cache.

    Returns:
        The files written, one a variant.

    Raises:
        HpptError: an unknown variant, or a file that cannot be read or written.
    """
    kept = Cache(cache or cache_folder() / "judges.jsonl")
    planned = inquiries()
    paths = []
    for variant in variants or planned:
        if variant not in planned:
            raise HpptError(
                f"The kit ships no answers of the variant '{variant}'. There are: "
                f"{', '.join(planned)}."
            )
        embedded = judge(f"embedded:{variant}")
        questions = [each for inquiry in planned[variant] for each in inquiry.questions()]
        ask(CachedJudge(embedded, kept), questions)
        path = repository_folder() / "data" / "audit" / "answers" / f"embedded-{variant}.jsonl"
        export_answers(kept, embedded, path, questions)
        paths.append(path)
    return paths
