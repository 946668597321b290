"""The widgets, driven as a reader drives them, and what stands in their place without a kernel."""

from __future__ import annotations

import base64
from typing import Any

import nbformat
import pytest

from hppt_lib import audit, evaluation, shipped_records, verifiers
from hppt_lib.course import (
    judge_ladder,
    judge_threshold,
    precision_dial,
    verifier_playground,
)
from hppt_lib.course.notebooks import clean
from hppt_lib.course.widgets import Live
from hppt_lib.course.widgets.verifier import verdicts_html
from hppt_lib.judges import Judgement
from hppt_lib.records import records_folder

pytestmark = pytest.mark.slow

WIDGET = "application/vnd.jupyter.widget-view+json"
WORDS = "length_constraints:number_words"
EXAMPLES = [
    (WORDS, {"relation": "at least", "num_words": 3}, "Tea is hot."),
    ("punctuation:no_comma", {}, "<b>Tea</b>, and so on"),
]


def all_of(box: Any) -> list[Any]:
    """A widget and those inside it."""
    return [box, *(each for child in getattr(box, "children", ()) for each in all_of(child))]


def named(live: Live, description: str) -> Any:
    """The control with this description."""
    [found] = [
        each for each in all_of(live.box) if getattr(each, "description", None) == description
    ]
    return found


def words_of(live: Live) -> str:
    """All that its HTML says."""
    return "".join(each.value for each in all_of(live.box) if type(each).__name__ == "HTML")


def rows() -> list[audit.JudgedRow]:
    confidences = [(0.2, False), (0.6, False), (0.7, True), (0.9, True)]
    return [
        audit.JudgedRow(
            "one",
            audit.AuditRow(f"item {number}", "", "", "", label, "tone"),
            Judgement(value >= 0.5, confidence=value),
            1,
        )
        for number, (value, label) in enumerate(confidences)
    ]


def test_the_verdict_follows_the_response_and_the_parameters() -> None:
    """Mistake: a form whose fields are drawn once and asked never again."""
    live = verifier_playground(EXAMPLES)
    assert "✓ passed" in words_of(live) and "✗ failed" not in words_of(live)
    named(live, "num_words").value = 4
    assert "✗ failed" in words_of(live)
    named(live, "response").value = "Tea is hot, and it is good."
    assert "✗ failed" not in words_of(live)
    named(live, "constraint").value = "punctuation:no_comma"
    assert "✗ failed" in words_of(live)
    assert "num_words" not in [getattr(each, "description", "") for each in all_of(live.box)]


def test_a_response_is_text_and_no_page() -> None:
    """Mistake: a response with a tag in it is shown as a part of the notebook."""
    said = verdicts_html("keywords:existence", {"keywords": ["<i>x</i>"]}, "<script>x</script>")
    assert "<script>" not in said and "<i>" not in said
    assert "<b>Tea" not in verifier_playground(EXAMPLES).still["text/html"]


def test_a_parameter_that_does_not_fit_is_a_sentence() -> None:
    """Mistake: a traceback under the form while somebody types a number."""
    said = verdicts_html(WORDS, {"relation": "at least", "num_words": -1}, "Tea.")
    assert "Not built." in said


def test_every_constraint_can_be_chosen() -> None:
    """Mistake: a kind of parameter that the form has no field for."""
    live = verifier_playground(EXAMPLES)
    chosen = named(live, "constraint")
    for _, id in chosen.options:
        chosen.value = id
        assert "✓ passed" in words_of(live) or "✗ failed" in words_of(live), (id, words_of(live))
    assert {id for _, id in chosen.options} == {each.id for each in verifiers.families()}


def test_the_threshold_moves_what_passes() -> None:
    """Mistake: a slider that redraws the figure and keeps the numbers."""
    live = judge_threshold({"one": rows()}, "four rows")
    assert "recall 1.00" in words_of(live) and "recall on false responses 0.50" in words_of(live)
    named(live, "passes from").value = 0.65
    assert "recall on false responses 1.00" in words_of(live)
    named(live, "passes from").value = 1.0
    assert "not defined, for nothing passes" in words_of(live)
    assert "recall on false responses 0.50" in live.still["text/plain"], "what is still stays"
    assert base64.b64decode(live.still["image/png"]).startswith(b"\x89PNG")


def test_the_dial_shows_the_runs_that_it_stands_at() -> None:
    """Mistake: paid and true are mixed up, or the runs of another dial are told."""
    runs = {dial: shipped_records(f"cpu-noisy-{dial:g}-seed*") for dial in (0.1, 0.6)}
    live = precision_dial(runs, {0.1: [0.5, 0.4], 0.6: [0.1]}, "recorded")
    first = [run.steps[0] for run in runs[0.6]]
    paid = sum(step.reward for step in first) / len(first)
    true = sum(float(step.true_reward or 0) for step in first) / len(first)
    expected = f"In the first step: paid {paid:.2f}, true {true:.2f}."
    assert "Dial at 0.1, 3 runs." in words_of(live) and expected not in words_of(live)
    named(live, "false-pass rate").value = 0.6
    assert expected in words_of(live)
    assert "Held-out guarded ISR, each run: 0.10." in words_of(live)
    assert live.still["text/html"].count("<tr>") == 1 + len(runs)


def test_the_ladder_shows_the_outcome_that_is_chosen() -> None:
    """Mistake: a figure of one outcome above the numbers of another; readers' labels invented."""
    names = [f"cpu-{arm}-seed{seed}.json" for arm in ("strict", "guarded") for seed in (0, 1)]
    runs = evaluation.read_runs(*(records_folder() / name for name in names))
    [first, other] = runs.arms
    live = judge_ladder(runs.arms, [(first, other)], "recorded")
    chosen = named(live, "outcome")
    values = [value for _, value in chosen.options]
    assert values[0] == "strict" and "success" not in values, "nobody has labelled these runs"
    chosen.value = "guarded"
    span = evaluation.over_seeds(
        [run.outcomes()["guarded"] for run in runs.arms[other]],
        [run.collapsed for run in runs.arms[other]],
    )
    assert f"{other} {span}" in words_of(live)
    assert live.still["text/html"].count("<tr>") == 2 + len(runs.arms)
    with pytest.raises(ValueError, match="no run"):
        judge_ladder({}, [], "recorded")


def test_what_is_still_outlives_the_kernel() -> None:
    """Mistake: a committed notebook with a dead widget, or with nothing in its place."""
    bundle = verifier_playground(EXAMPLES)._repr_mimebundle_()
    assert WIDGET in bundle
    output = nbformat.v4.new_output("display_data", data=bundle)
    cell = nbformat.v4.new_code_cell("show()", outputs=[output])
    node = nbformat.v4.new_notebook(cells=[cell])
    clean(node)
    [kept] = node.cells[0].outputs
    assert set(kept.data) == {"text/html", "text/plain"}
    assert "Tea is hot." in kept.data["text/html"]
