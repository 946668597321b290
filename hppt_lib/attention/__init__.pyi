# ruff: noqa: I001 (the names stand in the order in which one meets them)

# Which part of the prompt a token belongs to.
from .segments import Segmented as Segmented
from .segments import segment as segment
from .segments import constraint_name as constraint_name
from .segments import SINK as SINK

# Attention summed by segment, and with edges cut.
from .summing import Cut as Cut
from .summing import Sums as Sums
from .summing import reading as reading
from .summing import read as read
from .summing import read_with_cuts as read_with_cuts
from .summing import cutting as cutting

# Four numbers, and two policies compared on the same texts.
from .numbers import NUMBERS as NUMBERS
from .numbers import MEANINGS as MEANINGS
from .numbers import four_numbers as four_numbers
from .numbers import bootstrap_mean as bootstrap_mean
from .numbers import Paired as Paired
from .numbers import compare_paired as compare_paired
from .numbers import layers_found as layers_found

# What everybody reads.
from .texts import Text as Text
from .texts import draw_texts as draw_texts
from .texts import read_texts as read_texts
from .texts import write_texts as write_texts
from .texts import random_span as random_span

# A policy measured on all texts.
from .experiment import Measured as Measured
from .experiment import MeasuredText as MeasuredText
from .experiment import measure_policy as measure_policy
from .experiment import measure_models as measure_models
from .experiment import turned_at_random as turned_at_random
from .experiment import compare_measured as compare_measured
from .experiment import compare_over_seeds as compare_over_seeds
from .experiment import read_measured as read_measured
from .experiment import read_all_measured as read_all_measured
from .experiment import write_measured as write_measured
from .experiment import shipped_measured as shipped_measured

# A probe of hidden states.
from .probe import Outcomes as Outcomes
from .probe import prompt_states as prompt_states
from .probe import standardised as standardised
from .probe import ridge_scores as ridge_scores
from .probe import held_out_scores as held_out_scores
from .probe import probe_auc as probe_auc

__all__ = [
    "MEANINGS",
    "NUMBERS",
    "SINK",
    "Cut",
    "Measured",
    "MeasuredText",
    "Outcomes",
    "Paired",
    "Segmented",
    "Sums",
    "Text",
    "bootstrap_mean",
    "compare_measured",
    "compare_over_seeds",
    "compare_paired",
    "constraint_name",
    "cutting",
    "draw_texts",
    "four_numbers",
    "held_out_scores",
    "layers_found",
    "measure_models",
    "measure_policy",
    "probe_auc",
    "prompt_states",
    "random_span",
    "read",
    "read_all_measured",
    "read_measured",
    "read_texts",
    "read_with_cuts",
    "reading",
    "ridge_scores",
    "segment",
    "shipped_measured",
    "standardised",
    "turned_at_random",
    "write_measured",
    "write_texts",
]
