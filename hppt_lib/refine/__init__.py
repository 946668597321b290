"""Refining the data: keep the instructions that a policy can learn from, and simplify them.

A *pilot* samples a few responses to each instruction and writes a *pilot log*. *Step A* keeps the
instructions that were rewarded, beside a random control of the same size. *Step B* leaves each of
them at most one soft constraint. Both steps are the paper's (HPPT, arXiv 2601.04954). How good the
filter is shows on instructions that are known to be unlearnable.
"""

from hppt_lib.refine.diversity import (
    Difficulty,
    Diversity,
    Pair,
    diversity_table,
    few_and_many,
    write_diversity,
)
from hppt_lib.refine.labelled import (
    BEFORE,
    AuditedPolicies,
    audit_policies,
    judged_responses,
    labelled_responses,
    labelled_rows,
)
from hppt_lib.refine.pilot import Speed, run_pilot, scorable
from hppt_lib.refine.pilot_log import (
    Attempt,
    Pilot,
    PilotSettings,
    Sampled,
    is_pilot_log,
    read_pilot,
    shipped_pilot,
)
from hppt_lib.refine.quality import (
    FilterQuality,
    Group,
    composition,
    filter_quality,
    kept_by,
    number_of,
    quality_rows,
    rewarded_within,
    types_of,
)
from hppt_lib.refine.report import (
    Refinement,
    never_rewarded,
    quality_by_budget,
    refinement,
    refinement_of_log,
    sample_budgets,
    summary,
    write_refinement,
)
from hppt_lib.refine.steps import (
    EVER,
    RULES,
    SOFT_RULES,
    WINDOW,
    Decision,
    Rewards,
    Rule,
    SoftRule,
    StepA,
    StepB,
    early_decision,
    parts,
    random_control,
    restored,
    samples_within,
    simplified,
    step_a,
    step_b,
    without,
)

# In the order in which one meets them.
__all__ = [
    # The pilot and its log
    "PilotSettings",
    "scorable",
    "run_pilot",
    "Speed",
    "Pilot",
    "Attempt",
    "Sampled",
    "read_pilot",
    "is_pilot_log",
    "shipped_pilot",
    "never_rewarded",
    "labelled_rows",
    "labelled_responses",
    "judged_responses",
    "audit_policies",
    "AuditedPolicies",
    "BEFORE",
    # Step A: what a policy can learn from
    "Rule",
    "EVER",
    "WINDOW",
    "RULES",
    "Rewards",
    "step_a",
    "random_control",
    "StepA",
    "Decision",
    "early_decision",
    "samples_within",
    # Step B: at most one soft constraint
    "SoftRule",
    "SOFT_RULES",
    "step_b",
    "StepB",
    "simplified",
    "restored",
    "without",
    "parts",
    # How good the filter is
    "sample_budgets",
    "filter_quality",
    "FilterQuality",
    "quality_rows",
    "rewarded_within",
    "composition",
    "Group",
    "kept_by",
    "types_of",
    "number_of",
    # Few types or many, equally hard
    "few_and_many",
    "Diversity",
    "Pair",
    "Difficulty",
    "diversity_table",
    "write_diversity",
    # Everything of a pilot log at once
    "refinement",
    "refinement_of_log",
    "Refinement",
    "quality_by_budget",
    "summary",
    "write_refinement",
]
