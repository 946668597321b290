"""What lm-eval's tasks of the kit call; the tasks themselves are in the folder lm_eval_tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hppt_lib.files import package_file
from hppt_lib.rewards.scores import substance_of
from hppt_lib.scoring import score_line
from hppt_lib.verifiers import Reading, answer_of


def lm_eval_tasks() -> str:
    """The folder for lm-eval's ``--include_path``.

    It holds the tasks ``hppt_ifeval`` and ``hppt_ifbench`` (thoughts left out, constraints read as
    a careful person does), and the same with ``_reference`` behind (as the benchmark's own program
    decides, thoughts and all). Read in lm-eval 0.4.13.
    """
    return str(package_file("interop", "lm_eval_tasks"))


def lm_eval_metrics(
    doc: Mapping[str, Any], results: Sequence[str], reading: Reading = "text"
) -> dict[str, Any]:
    """lm-eval's ``process_results``: the metrics of one response, under IFEval's names.

    Args:
        doc: the row, in IFEval's form.
        results: the responses; the first is scored.
        reading: ``text`` or ``reference``.

    Returns:
        Whether all constraints pass, and the list of verdicts, strict and loose; for the reading
        ``text`` also whether the response passes strictly and is an answer of substance.

    Raises:
        HpptError: the row cannot be read.
    """
    from hppt_lib.interop.rows import instruction_of

    line = score_line({**doc, "response": results[0]}, reading)
    strict, loose = ([each.passed for each in row] for row in (line.strict, line.loose))
    metrics: dict[str, Any] = {
        "prompt_level_strict_acc": all(strict),
        "inst_level_strict_acc": strict,
        "prompt_level_loose_acc": all(loose),
        "inst_level_loose_acc": loose,
    }
    if reading == "text":
        substance = substance_of(instruction_of(doc), answer_of(results[0]))
        metrics["prompt_level_guarded_acc"] = all(strict) and substance.passed
    return metrics


def pooled(verdicts: Sequence[Sequence[bool]]) -> float:
    """The share of single constraints that pass, over all rows: IFEval's instruction level."""
    single = [passed for row in verdicts for passed in row]
    return sum(single) / len(single)
