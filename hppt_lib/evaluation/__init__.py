"""Evaluation: how well a policy follows instructions, and whether it only seems to.

*ISR*, the instruction satisfaction rate, is always given strict and guarded, beside substance, the
answers' length and the truncation control. What is scored is the *answer*: a response without its
thoughts. *Answers* says, apart from every reward, which responses answer what was asked. A model is
evaluated on *benchmarks* in two stages: responses are generated once, into the folder of a run, and
scored as often as one likes. *Trip wires* count responses that are rewarded and are still no
answers. *Surprise* says how likely the base policy finds a text: confused text less, repetition
more than its own. *Forgetting* is what a trained policy lost of its base's language, and
*internalisation* how much of what it gained it shows in forms that it was not trained on.
"""

from hppt_lib.evaluation.answers import (
    FEATURES,
    AnswerInstrument,
    Answers,
    answer_features,
    answer_instrument,
    extend_answers,
    fit_instrument,
    read_answers,
    write_instrument,
)
from hppt_lib.evaluation.benchmarks import BENCHMARKS, Benchmark, Item, Prompts, load_prompts
from hppt_lib.evaluation.comparison import (
    ArmDifference,
    Comparison,
    OverSeeds,
    SeedDifference,
    compare,
    early_to_late,
    over_seeds,
    paired_difference,
    signed,
)
from hppt_lib.evaluation.contrasts import (
    NUMBERS,
    Compared,
    Contrast,
    by_seed,
    compare_arms,
    compared_as_json,
    compared_as_text,
    corrected,
    difference_by_seed,
    dots,
    gain,
    goes_with,
    interquartile_mean,
    outcome_of,
    performance_profile,
)
from hppt_lib.evaluation.costs import (
    ArmCosts,
    Costs,
    arm_costs,
    costs_as_table,
    run_costs,
    runs_for_a_pilot,
    teaching_share,
)
from hppt_lib.evaluation.forgetting import (
    MARGINS,
    Forgetting,
    Measured,
    measure_models,
    read_forgetting,
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
from hppt_lib.evaluation.internalisation import (
    UNSEEN,
    Internalisation,
    Internalised,
    internalised,
    satisfied_by_seed,
)
from hppt_lib.evaluation.likelihood import surprise
from hppt_lib.evaluation.metrics import Estimate, ScoredResponse, Section, accuracies
from hppt_lib.evaluation.run_differences import (
    RunComparison,
    RunDifference,
    compare_runs,
    read_verdicts,
    run_differences,
)
from hppt_lib.evaluation.run_folder import (
    GenerationSettings,
    RunFolder,
    open_run,
    same_generation,
)
from hppt_lib.evaluation.run_scores import BenchmarkReport, Report, ScoreSettings, score_run
from hppt_lib.evaluation.runs import (
    OUTCOMES,
    SEEDS_FOR_A_MEAN,
    ArmOutcomes,
    Run,
    Runs,
    arm_outcomes,
    arms_as_table,
    first_of_each_seed,
    read_runs,
)
from hppt_lib.evaluation.satisfaction import (
    MEASURES,
    BestCut,
    Evaluated,
    TruncationControl,
    distinct_share,
    evaluate,
    isr,
    mean_length,
    modal_share,
    rescored,
    response_pairs,
    rows_by_constraint,
    share_cut,
    share_of,
    substance,
    truncated,
    truncation_control,
)
from hppt_lib.evaluation.soft_truth import (
    SoftLabel,
    judge_passes,
    read_soft_labels,
    soft_truth,
)
from hppt_lib.evaluation.steps import (
    Horizon,
    StepRates,
    horizon,
    responses_by_arm,
    responses_of,
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
    "distinct_share",
    "modal_share",
    "rows_by_constraint",
    "TruncationControl",
    "BestCut",
    "truncated",
    "truncation_control",
    # Whether they answer what was asked: by readers, or by an instrument that no reward uses
    "Answers",
    "read_answers",
    "extend_answers",
    "AnswerInstrument",
    "answer_instrument",
    "FEATURES",
    "answer_features",
    "fit_instrument",
    "write_instrument",
    # Whether soft constraints are met, by readers
    "read_soft_labels",
    "SoftLabel",
    "soft_truth",
    "judge_passes",
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
    # One run less another, on the same prompts
    "compare_runs",
    "run_differences",
    "read_verdicts",
    "accuracies",
    "ScoredResponse",
    "same_generation",
    "RunComparison",
    "RunDifference",
    # Constraints in a row
    "responses_of",
    "responses_by_arm",
    "horizon",
    "Horizon",
    "StepRates",
    # One instruction in four forms: what training on one of them gave in the others
    "internalised",
    "satisfied_by_seed",
    "Internalisation",
    "Internalised",
    "UNSEEN",
    # Run records as tables, and trained policies compared
    "read_runs",
    "Runs",
    "Run",
    "first_of_each_seed",
    "OUTCOMES",
    "ArmOutcomes",
    "arm_outcomes",
    "arms_as_table",
    "compare",
    "paired_difference",
    "Comparison",
    "ArmDifference",
    "SeedDifference",
    "OverSeeds",
    "over_seeds",
    "early_to_late",
    "signed",
    "SEEDS_FOR_A_MEAN",
    # The analysis of experiments: what a plan asks first, over seeds
    "Contrast",
    "Compared",
    "compare_arms",
    "corrected",
    "outcome_of",
    "NUMBERS",
    "by_seed",
    "difference_by_seed",
    "gain",
    "goes_with",
    "dots",
    "interquartile_mean",
    "performance_profile",
    "compared_as_text",
    "compared_as_json",
    # What each arm cost
    "run_costs",
    "Costs",
    "arm_costs",
    "ArmCosts",
    "costs_as_table",
    "teaching_share",
    "runs_for_a_pilot",
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
    # What training cost beyond instruction following
    "measure_models",
    "read_forgetting",
    "Forgetting",
    "Measured",
    "MARGINS",
]
