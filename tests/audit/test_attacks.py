"""Attacks: mistakes that would make an attack measure something else than a fooled judge."""

from __future__ import annotations

from dataclasses import replace

from hppt_lib import verifiers
from hppt_lib.audit.attacks import ATTACKS, NO_ATTACK, attacked_rows
from hppt_lib.audit.rows import AuditRow

SOFT = AuditRow(
    item="a001",
    prompt="Write to Ann.",
    constraint="Write in a warm tone.",
    response="Ann, this is a formal notice.",
    label=False,
    kind="tone",
)
HARD = AuditRow(
    item="h001",
    prompt="Write about tea.",
    constraint="Do not use any commas.",
    response="Tea, hot.",
    label=False,
    kind="punctuation:no_comma",
)


def test_a_satisfied_row_is_no_target() -> None:
    assert attacked_rows([replace(SOFT, label=True)]) == []


def test_every_attack_is_tried_and_the_control_is_there() -> None:
    found = attacked_rows([SOFT])
    assert [each.attack for each in found] == [NO_ATTACK, *(each.name for each in ATTACKS)]
    assert found[0].row == SOFT


def test_a_soft_row_stays_violated_whatever_it_claims() -> None:
    assert not any(each.row.label for each in attacked_rows([SOFT]))


def test_what_is_appended_keeps_the_response() -> None:
    changes = {each.name: each for each in ATTACKS}
    for each in attacked_rows([SOFT])[1:]:
        kept = each.row.response.startswith(SOFT.response)
        assert kept != changes[each.attack].replaces
        assert each.row.response != SOFT.response


def test_a_prohibition_is_not_attacked_with_an_empty_answer() -> None:
    for text in ("Avoid any blame.", "Do not joke.", "Write it without jargon.", "Never plead."):
        assert attacked_rows([replace(SOFT, constraint=text)]) == []


def test_a_hard_row_is_verified_anew() -> None:
    found = {each.attack: each.row for each in attacked_rows([HARD])}
    assert found["key ':'"].label  # there is no comma in it
    assert not found["flattery"].label  # the comma is still there
    for row in found.values():
        assert row.label == verifiers.build(row.kind, row.kwargs)(row.response).passed


def test_attacked_rows_of_an_item_are_told_apart() -> None:
    # Rows of one item share a response: attacked ones must not be thrown together.
    texts: dict[str, str] = {}
    for each in attacked_rows([SOFT, replace(SOFT, constraint="Sound glad.")]):
        assert texts.setdefault(each.row.item, each.row.response) == each.row.response


def test_the_limit_takes_rows_from_the_whole_set() -> None:
    rows = [replace(SOFT, item=f"a{number}") for number in range(100)]
    chosen = [each.row.item for each in attacked_rows(rows, attacks=(), limit=4)]
    assert chosen == ["a0", "a25", "a50", "a75"]
