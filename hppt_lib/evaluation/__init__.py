"""Evaluation: how well a policy follows instructions, and whether it only seems to.

*ISR*, the instruction satisfaction rate, is always given strict and guarded, beside substance, the
answers' length and the truncation control. What is scored is the *answer*: a response without its
thoughts. *Trip wires* count responses that are rewarded and are still no answers. *Surprise* says
how likely the base policy finds a text: confused text less, repetition more than its own.
"""

from hppt_lib.evaluation.comparison import (
    SEEDS_FOR_A_MEAN,
    ArmDifference,
    Comparison,
    OverSeeds,
    SeedDifference,
    compare,
    early_to_late,
    over_seeds,
    paired_difference,
)
from hppt_lib.evaluation.hacks import (
    WIRES,
    Drift,
    Hack,
    Wire,
    drift,
    drift_over_steps,
    gallery,
    tripped,
)
from hppt_lib.evaluation.likelihood import surprise
from hppt_lib.evaluation.runs import Run, Runs, read_runs
from hppt_lib.evaluation.satisfaction import (
    MEASURES,
    BestCut,
    Evaluated,
    TruncationControl,
    evaluate,
    isr,
    mean_length,
    rescored,
    response_pairs,
    rows_by_constraint,
    share_cut,
    share_of,
    substance,
    truncated,
    truncation_control,
)

# In the order in which one meets them.
__all__ = [
    # Responses with their scores: of a policy, or of a run record
    "Evaluated",
    "evaluate",
    "rescored",
    "response_pairs",
    # What they come to
    "MEASURES",
    "share_of",
    "isr",
    "substance",
    "mean_length",
    "share_cut",
    "rows_by_constraint",
    "TruncationControl",
    "BestCut",
    "truncated",
    "truncation_control",
    # Run records as tables, and trained policies compared
    "read_runs",
    "Runs",
    "Run",
    "compare",
    "paired_difference",
    "Comparison",
    "ArmDifference",
    "SeedDifference",
    "OverSeeds",
    "over_seeds",
    "early_to_late",
    "SEEDS_FOR_A_MEAN",
    # Reward hacking
    "WIRES",
    "Wire",
    "tripped",
    "Drift",
    "drift",
    "drift_over_steps",
    "Hack",
    "gallery",
    "surprise",
]
