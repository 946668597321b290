"""Auditing an instrument that gives verdicts: how often "satisfied" and "violated" are right.

What judges need beyond it is in the modules `curves`, `power`, `precise`, `cost`, `ensembles` and
`report`.
"""

from hppt_lib.audit.confusion import Agreement, Confusion, agreement, confusion
from hppt_lib.audit.differences import Difference, differences
from hppt_lib.audit.gold import GoldRow, by_group, gold_verdicts, read_gold
from hppt_lib.audit.judged import Judged, Measured, by, by_judge, judged_by, measured
from hppt_lib.audit.rows import AuditRow, read_audit

__all__ = [
    "Agreement",
    "AuditRow",
    "Confusion",
    "Difference",
    "GoldRow",
    "Judged",
    "Measured",
    "agreement",
    "by",
    "by_group",
    "by_judge",
    "confusion",
    "differences",
    "gold_verdicts",
    "judged_by",
    "measured",
    "read_audit",
    "read_gold",
]
