from .attention import estimates_figure as estimates_figure
from .attention import heads_figure as heads_figure
from .attention import layers_figure as layers_figure
from .gains import by_number_figure as by_number_figure
from .gains import costs_figure as costs_figure
from .gains import gains_by_teaching_figure as gains_by_teaching_figure
from .hacks import arms_figure as arms_figure
from .hacks import dial_figure as dial_figure
from .hacks import ladder_figure as ladder_figure
from .hacks import parting_figure as parting_figure
from .hacks import signatures_figure as signatures_figure
from .hacks import wires_figure as wires_figure
from .horizon import horizon_figure as horizon_figure
from .instruments import Reported as Reported
from .instruments import countings_figure as countings_figure
from .instruments import growth_figure as growth_figure
from .instruments import instrument_figure as instrument_figure
from .instruments import vacuous_figure as vacuous_figure
from .internalisation import internalisation_figure as internalisation_figure
from .judge_curves import calibration_figure as calibration_figure
from .judge_curves import confidence_figure as confidence_figure
from .judge_curves import prevalence_figure as prevalence_figure
from .judge_curves import price_figure as price_figure
from .judge_curves import roc_figure as roc_figure
from .judge_curves import threshold_figure as threshold_figure
from .judges import PAPER_JUDGES as PAPER_JUDGES
from .judges import RULES_NAME as RULES_NAME
from .judges import attacks_figure as attacks_figure
from .judges import judges_figure as judges_figure
from .judges import numbers_figure as numbers_figure
from .judges import programs_figure as programs_figure
from .judges import report_figures as report_figures
from .map import journey_figure as journey_figure
from .nf4 import quantisation_figure as quantisation_figure
from .nf4 import repair_figure as repair_figure
from .readme import draw_readme as draw_readme
from .readme import draw_runs as draw_runs
from .refine import again_figure as again_figure
from .refine import budget_figure as budget_figure
from .refine import control_figure as control_figure
from .refine import refine_figure as refine_figure
from .refine import refinement_figures as refinement_figures
from .replication import replication_figure as replication_figure
from .style import COLOURS as COLOURS
from .style import LABELS as LABELS
from .style import PALETTE as PALETTE
from .style import Look as Look
from .style import caption as caption
from .style import legend_above as legend_above
from .style import looks as looks
from .style import of_share as of_share
from .style import provenance_line as provenance_line
from .style import use_style as use_style
from .tables import scrollable as scrollable
from .tables import table as table
from .training import LiveCurve as LiveCurve
from .training import constraints_figure as constraints_figure
from .training import results_row as results_row
from .training import samples_table as samples_table
from .training import satisfaction_figure as satisfaction_figure
from .training import training_figure as training_figure
from .training import truncation_figure as truncation_figure

__all__ = [
    "use_style",
    "provenance_line",
    "caption",
    "legend_above",
    "of_share",
    "PALETTE",
    "COLOURS",
    "LABELS",
    "Look",
    "looks",
    "journey_figure",
    "training_figure",
    "satisfaction_figure",
    "constraints_figure",
    "truncation_figure",
    "LiveCurve",
    "Reported",
    "instrument_figure",
    "vacuous_figure",
    "countings_figure",
    "growth_figure",
    "PAPER_JUDGES",
    "RULES_NAME",
    "judges_figure",
    "numbers_figure",
    "attacks_figure",
    "programs_figure",
    "report_figures",
    "roc_figure",
    "calibration_figure",
    "confidence_figure",
    "prevalence_figure",
    "threshold_figure",
    "price_figure",
    "parting_figure",
    "ladder_figure",
    "dial_figure",
    "wires_figure",
    "arms_figure",
    "costs_figure",
    "by_number_figure",
    "gains_by_teaching_figure",
    "horizon_figure",
    "internalisation_figure",
    "refine_figure",
    "budget_figure",
    "again_figure",
    "control_figure",
    "refinement_figures",
    "replication_figure",
    "quantisation_figure",
    "repair_figure",
    "heads_figure",
    "layers_figure",
    "estimates_figure",
    "table",
    "scrollable",
    "results_row",
    "samples_table",
    "signatures_figure",
    "draw_readme",
    "draw_runs",
]
