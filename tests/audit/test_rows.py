"""The soft part of the audit set: mistakes that would make it unfit to audit a judge."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest

from hppt_lib.audit import AuditRow, agreement, read_audit
from hppt_lib.audit.rows import KINDS


@pytest.fixture(scope="module")
def rows() -> list[AuditRow]:
    return read_audit("soft")


def test_it_is_as_large_as_was_promised(rows: list[AuditRow]) -> None:
    assert len(rows) >= 400
    counts = Counter(each.kind for each in rows)
    assert set(counts) == set(KINDS) and min(counts.values()) >= 20


def test_half_is_violated_whatever_the_number_of_constraints(rows: list[AuditRow]) -> None:
    sizes = Counter(each.item for each in rows)
    labels = defaultdict(list)
    for row in rows:
        labels[sizes[row.item]].append(row.label)
    assert set(labels) == set(range(1, 7))
    for size, some in labels.items():
        assert 0.42 <= np.mean(some) <= 0.58, size


def test_length_does_not_give_the_label_away(rows: list[AuditRow]) -> None:
    lengths = defaultdict(list)
    for row in rows:
        lengths[row.label].append(len(row.response.split()))
    assert 0.9 < np.mean(lengths[True]) / np.mean(lengths[False]) < 1.1


def test_no_constraint_is_asked_twice(rows: list[AuditRow]) -> None:
    assert max(Counter(each.constraint for each in rows).values()) == 1


def test_every_row_has_a_reason_and_two_labels(rows: list[AuditRow]) -> None:
    for row in rows:
        assert row.why and row.first is not None and row.second is not None
        # Where the passes agree, nothing else was decided; where they part, it is marked.
        assert row.label == row.first if row.first == row.second else row.unsure


def test_the_passes_agree(rows: list[AuditRow]) -> None:
    found = agreement([bool(each.first) for each in rows], [bool(each.second) for each in rows])
    assert found.low > 0.9


def test_a_changed_response_within_an_item_is_told(
    rows: list[AuditRow], tmp_path: pytest.TempPathFactory
) -> None:
    from hppt_lib.audit.hard import as_line
    from hppt_lib.errors import HpptError

    path = tmp_path / "rows.jsonl"  # type: ignore[operator]
    path.write_text(as_line(rows[0]) + as_line(replace(rows[0], response="Other.")))
    with pytest.raises(HpptError, match="line 2: item 'a001' has another"):
        read_audit(path)
