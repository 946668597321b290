"""The hard part of the audit set: mistakes that would make its labels wrong or give them away."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from hppt_lib import verifiers
from hppt_lib.audit.hard import MOST_CONSTRAINTS, as_line, hard_rows, read_responses
from hppt_lib.audit.rows import AuditRow, read_audit
from hppt_lib.files import repository_folder


@pytest.fixture(scope="module")
def rows() -> list[AuditRow]:
    return read_audit("hard")


def test_the_shipped_file_is_what_the_builder_makes(rows: list[AuditRow]) -> None:
    path = repository_folder() / "data" / "audit" / "responses.jsonl"
    again = hard_rows(read_responses(path))
    text = (path.parent / "hard.jsonl").read_text(encoding="utf-8")
    assert "".join(map(as_line, again)) == text
    assert again == rows


def test_every_label_is_the_verifiers_verdict(rows: list[AuditRow]) -> None:
    for row in rows:
        assert verifiers.build(row.kind, row.kwargs)(row.response).passed == row.label


def test_neither_size_nor_kind_gives_the_label_away(rows: list[AuditRow]) -> None:
    items = defaultdict(list)
    for row in rows:
        items[row.item].append(row)
    by_size, by_kind = defaultdict(list), defaultdict(list)
    for some in items.values():
        by_size[len(some)] += [each.label for each in some]
    for row in rows:
        by_kind[row.kind].append(row.label)
    assert set(by_size) == set(range(1, MOST_CONSTRAINTS + 1))
    for labels in by_size.values():
        assert 0.4 <= sum(labels) / len(labels) <= 0.6
    for kind, labels in by_kind.items():
        assert 0.25 <= sum(labels) / len(labels) <= 0.75, kind


def test_an_item_asks_for_nothing_twice(rows: list[AuditRow]) -> None:
    asked = Counter((row.item, row.kind) for row in rows)
    assert max(asked.values()) == 1


def test_the_set_is_as_large_as_the_read_me_says(rows: list[AuditRow]) -> None:
    assert len(rows) >= 400
