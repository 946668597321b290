"""Auditing an instrument that gives verdicts: how often "satisfied" and "violated" are right."""

from hppt_lib.audit.confusion import Agreement, Confusion, agreement, confusion
from hppt_lib.audit.gold import GoldRow, by_group, gold_verdicts, read_gold
from hppt_lib.audit.rows import AuditRow, read_audit

__all__ = [
    "Agreement",
    "AuditRow",
    "Confusion",
    "GoldRow",
    "agreement",
    "by_group",
    "confusion",
    "gold_verdicts",
    "read_audit",
    "read_gold",
]
