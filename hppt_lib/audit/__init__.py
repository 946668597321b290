"""Audits: how often an instrument's "satisfied" and "violated" are right, against labelled rows.

It serves two instruments. Verifiers are held against the gold sets, judges against the audit set;
counts, rates and intervals are the same. For judges there is more: what their confidence is worth,
what a threshold with a guarantee costs, which attacks fool them, how many labels a claim needs.
What no instrument decides is labelled by readers, on sheets that hide whose response it is.

Importing this room loads no torch.
"""

from hppt_lib.audit.attacks import ATTACKS, NO_ATTACK, Attack, AttackedRow, attacked_rows
from hppt_lib.audit.collected import AuditedJudge, audited_judges, collected_audits
from hppt_lib.audit.confusion import Agreement, Confusion, agreement, confusion
from hppt_lib.audit.curves import (
    Calibration,
    PrecisionCurve,
    Roc,
    area_under_curve,
    calibration,
    labelled_confidences,
    precision_by_prevalence,
    roc,
)
from hppt_lib.audit.ensembles import ensemble
from hppt_lib.audit.gold import (
    AnswerLabel,
    GoldRow,
    confusion_by,
    gold_verdicts,
    read_answer_labels,
    read_gold,
)
from hppt_lib.audit.guards import GuardAudit, audit_guard
from hppt_lib.audit.judged_rows import JudgedRow, judge_rows, questions_of, rows_by_judge
from hppt_lib.audit.labels import (
    Drawn,
    Labels,
    SheetRow,
    draw_labels,
    give_label,
    merge_labels,
    read_sheet,
    unread,
)
from hppt_lib.audit.own_judge import TrainedJudge, train_judge
from hppt_lib.audit.paired import PairedDifference, paired_differences
from hppt_lib.audit.power import MOST_LABELS, labels_to_separate, labels_to_show, power_table
from hppt_lib.audit.programs import (
    AIMS,
    INTENTS,
    Intent,
    MeasureTest,
    ProgramAudit,
    ProgramsAudit,
    audit_programs,
    program_instructions,
)
from hppt_lib.audit.public import audit_set
from hppt_lib.audit.rates import MEASURES, Rates, rates_by, rates_of
from hppt_lib.audit.report import Report, audit_judges, make_report
from hppt_lib.audit.rows import AuditRow, read_audit, write_audit
from hppt_lib.audit.shipped_answers import PER_ATTACK, large_items
from hppt_lib.audit.thresholds import (
    AtThreshold,
    Cost,
    Spread,
    Thresholds,
    make_precise,
    precision_cost,
    threshold_sweep,
)
from hppt_lib.audit.vacuous import (
    PROBES,
    VacuousPass,
    as_benchmark_rows,
    guard_cost,
    vacuous_passes,
)

__all__ = [
    # Counts and rates of any instrument
    "Confusion",
    "confusion",
    "Agreement",
    "agreement",
    # Verifiers: the gold sets, and answers that pass for nothing
    "GoldRow",
    "read_gold",
    "gold_verdicts",
    "confusion_by",
    "AnswerLabel",
    "read_answer_labels",
    "GuardAudit",
    "audit_guard",
    "PROBES",
    "VacuousPass",
    "vacuous_passes",
    "guard_cost",
    "as_benchmark_rows",
    # Readers: sheets of responses to label, and the labels
    "SheetRow",
    "Drawn",
    "Labels",
    "draw_labels",
    "read_sheet",
    "unread",
    "give_label",
    "merge_labels",
    # Judges: the audit set, and what they say of it
    "AuditRow",
    "read_audit",
    "write_audit",
    "audit_set",
    "JudgedRow",
    "judge_rows",
    "questions_of",
    "rows_by_judge",
    # How right they are
    "MEASURES",
    "Rates",
    "rates_of",
    "rates_by",
    "PairedDifference",
    "paired_differences",
    "MOST_LABELS",
    "labels_to_show",
    "labels_to_separate",
    "power_table",
    # What their confidence is worth
    "labelled_confidences",
    "Roc",
    "roc",
    "area_under_curve",
    "Calibration",
    "calibration",
    "PrecisionCurve",
    "precision_by_prevalence",
    "Thresholds",
    "make_precise",
    "AtThreshold",
    "threshold_sweep",
    "Cost",
    "Spread",
    "precision_cost",
    "ensemble",
    # A judge of one's own
    "train_judge",
    "TrainedJudge",
    # Programs for soft constraints, beside the best judge
    "INTENTS",
    "Intent",
    "MeasureTest",
    "AIMS",
    "collected_audits",
    "audited_judges",
    "AuditedJudge",
    "audit_programs",
    "program_instructions",
    "ProgramsAudit",
    "ProgramAudit",
    # What fools them
    "ATTACKS",
    "NO_ATTACK",
    "Attack",
    "AttackedRow",
    "attacked_rows",
    # The whole of it, and what the kit's own judge was asked
    "Report",
    "audit_judges",
    "make_report",
    "PER_ATTACK",
    "large_items",
]
