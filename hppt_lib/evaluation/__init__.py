"""Evaluation: how well a policy follows instructions, and whether it only seems to.

*ISR*, the instruction satisfaction rate, is always given strict and guarded, beside the answers'
length and the truncation control. What is scored is the *answer*: a response without its thoughts.
*Trip wires* count responses that are rewarded and are still no answers. *Surprise*
says how far a policy's responses have moved from what the base policy writes.
"""

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
from hppt_lib.evaluation.satisfaction import (
    Evaluated,
    TruncationControl,
    evaluate,
    isr,
    mean_length,
    rescored,
    response_pairs,
    rows_by_constraint,
    share_cut,
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
    "isr",
    "mean_length",
    "share_cut",
    "rows_by_constraint",
    "TruncationControl",
    "truncated",
    "truncation_control",
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
