"""Evaluation: how well a policy follows instructions, and whether it only seems to.

*ISR*, the instruction satisfaction rate, is always given strict and guarded, beside the answers'
length and the truncation control. What is scored is the *answer*: a response without its thoughts.
A model is evaluated on *benchmarks* in two stages: responses are generated once, into the folder of
a run, and scored as often as one likes. *Trip wires* count responses that are rewarded and are
still no answers. *Surprise* says how far a policy's responses have moved from what the base policy
writes.
"""

from hppt_lib.evaluation.benchmarks import BENCHMARKS, Benchmark, Item, Prompts, load_prompts
from hppt_lib.evaluation.comparison import (
    SEEDS_FOR_A_MEAN,
    ArmDifference,
    Comparison,
    SeedDifference,
    compare,
    paired_difference,
)
from hppt_lib.evaluation.generation import backend, from_file, generate
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
from hppt_lib.evaluation.metrics import Estimate, Section
from hppt_lib.evaluation.run_folder import GenerationSettings, RunFolder, open_run
from hppt_lib.evaluation.run_scores import BenchmarkReport, Report, ScoreSettings, score_run
from hppt_lib.evaluation.runs import Run, Runs, read_runs
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
    # Benchmarks: responses generated once, scored often
    "BENCHMARKS",
    "Benchmark",
    "Item",
    "Prompts",
    "load_prompts",
    "GenerationSettings",
    "backend",
    "generate",
    "from_file",
    "RunFolder",
    "open_run",
    "ScoreSettings",
    "score_run",
    "Report",
    "BenchmarkReport",
    "Section",
    "Estimate",
    # Run records as tables, and trained policies compared
    "read_runs",
    "Runs",
    "Run",
    "compare",
    "paired_difference",
    "Comparison",
    "ArmDifference",
    "SeedDifference",
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
