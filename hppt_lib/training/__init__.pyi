# ruff: noqa: I001 (the names stand in the order in which one meets them)

# GRPO by hand.
from . import grpo as grpo
from .grpo import group_advantages as group_advantages
from .grpo import direction_kept as direction_kept
from .grpo import token_log_probabilities as token_log_probabilities
from .grpo import clipped_surrogate as clipped_surrogate
from .grpo import kl_estimate as kl_estimate
from .grpo import grpo_loss as grpo_loss

# What decides a run, and what it will need.
from .settings import RunSettings as RunSettings
from .settings import Change as Change
from .settings import read_changes as read_changes
from .settings import parse_change as parse_change
from .settings import run_settings as run_settings
from .settings import Budget as Budget
from .plan import Plan as Plan
from .plan import plan_of as plan_of
from .plan import checked_plan as checked_plan

# Training.
from .trainer import TrainingJob as TrainingJob
from .training_run import train as train
from .training_run import TrainingRun as TrainingRun
from .training_run import adapter_fingerprint as adapter_fingerprint
from .reward_function import reward_function as reward_function

# A whole experiment, from the base policy to its record.
from .experiment import run as run
from .experiment import run_and_write as run_and_write
from .experiment import record_name as record_name
from .trained_model import write_model as write_model
from .trained_model import model_card as model_card
from .data import training_instructions as training_instructions
from .data import held_out_instructions as held_out_instructions

# Noise as a control for a judge.
from .judge_calibration import Calibration as Calibration
from .judge_calibration import Tried as Tried
from .judge_calibration import calibrate_and_write as calibrate_and_write
from .judge_calibration import calibrate_judge as calibrate_judge
from .noise_match import Match as Match
from .noise_match import match_noise as match_noise
from .noise_match import match_and_write as match_and_write

# Many runs: arms × seeds.
from .sweep_plan import SweepPlan as SweepPlan
from .sweep_plan import read_plan as read_plan
from .sweep_plan import checked_runs as checked_runs
from .sweep_plan import require_room as require_room
from .sweep_plan import plan_table as plan_table
from .sweeps import SweepState as SweepState
from .sweeps import sweep as sweep
from .sweeps import state_of as state_of
from .sweeps import forecast as forecast
from .sweeps import read_sweep as read_sweep
from .sweeps import sweep_records as sweep_records
from .analysis import Analysis as Analysis
from .analysis import analyse as analyse
from .analysis import read_arms as read_arms

__all__ = [
    "Analysis",
    "Budget",
    "Change",
    "Match",
    "Plan",
    "RunSettings",
    "SweepPlan",
    "SweepState",
    "TrainingJob",
    "TrainingRun",
    "adapter_fingerprint",
    "analyse",
    "checked_plan",
    "checked_runs",
    "clipped_surrogate",
    "direction_kept",
    "forecast",
    "group_advantages",
    "grpo",
    "grpo_loss",
    "held_out_instructions",
    "kl_estimate",
    "calibrate_judge",
    "calibrate_and_write",
    "Calibration",
    "Tried",
    "match_and_write",
    "match_noise",
    "model_card",
    "parse_change",
    "plan_of",
    "plan_table",
    "read_changes",
    "read_arms",
    "read_plan",
    "read_sweep",
    "record_name",
    "require_room",
    "reward_function",
    "run",
    "run_and_write",
    "run_settings",
    "state_of",
    "sweep",
    "sweep_records",
    "token_log_probabilities",
    "train",
    "training_instructions",
    "write_model",
]
