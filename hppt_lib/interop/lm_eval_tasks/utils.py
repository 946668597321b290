"""The functions that the YAML files of this folder name; lm-eval loads this file by its path."""

from __future__ import annotations

from typing import Any

from hppt_lib.interop import lm_eval_metrics, pooled

agg_inst_level_acc = pooled


def process_results(doc: dict[str, Any], results: list[str]) -> dict[str, Any]:
    """The metrics of one response, by the reading ``text``."""
    return lm_eval_metrics(doc, results, "text")


def process_results_reference(doc: dict[str, Any], results: list[str]) -> dict[str, Any]:
    """The metrics of one response, by the reading ``reference``."""
    return lm_eval_metrics(doc, results, "reference")
