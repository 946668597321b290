"""The page of a replication: what it says of numbers, and what it does not promise."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.figures import replication_figure
from hppt_lib.tiers import TIERS
from hppt_lib.training.replication import recorded_audit
from hppt_lib.training.replication_page import page, summary
from hppt_lib.training.replication_plan import plan_replication


def share(rate: float) -> dict[str, Any]:
    return {"rate": rate, "low": rate - 0.1, "high": rate + 0.1, "of": 100}


def arm(*values: float, collapsed: int = 0) -> dict[str, Any]:
    count = len(values)
    return {
        "seeds": list(range(100, 100 + count)),
        "collapsed": [place < collapsed for place in range(count)],
        "instructions": "48",
        "guarded": list(values),
        "strict": [each + 0.1 for each in values],
        "words": [20.0] * count,
    }


def contrast(experiment: str, one: str, other: str, mean: float, primary: bool) -> list[Any]:
    return [
        {
            "experiment": experiment,
            "arm": one,
            "other": other,
            "measure": measure,
            "primary": primary,
            "by_seed": {"100": mean, "101": mean - 0.1, "102": mean + 0.1},
            "difference": {"mean": mean, "low": mean - 0.25, "high": mean + 0.25},
            "p": 0.4,
        }
        for measure in ("guarded", "strict")
    ]


@pytest.fixture
def result() -> dict[str, Any]:
    plan = plan_replication(TIERS["gpu-24gb"], 4, judge="http://host/v1#<judge>")
    audited = {name: share(0.3) for name in ("coverage", "precision", "recall", "recall_on_false")}
    return {
        "format": 1,
        "plan": {**plan.as_json(), "cuts": [asdict(each) for each in plan.cuts]},
        "model": "Qwen2.5-1.5B-Instruct",
        "audit": {
            "soft, batch": {**audited, "auc": {"mean": 0.7, "low": 0.6, "high": 0.8}},
            "hard, batch": {**audited, "auc": None},
            "rules": {"precision": share(0.9), "recall_on_false": share(0.85)},
        },
        "pilot": {
            "instructions": 48,
            "kept": 20,
            "simplified": 5,
            "unlearnable": 4,
            "unlearnable_kept": 1,
            "rollouts": 192,
        },
        "base": {"guarded": [0.2, 0.25, 0.3], "strict": [0.3, 0.3, 0.3]},
        "arms": {
            "raw": arm(0.3, 0.4, 0.5),
            "control": arm(0.3, 0.4, 0.45),
            "hppt": arm(0.4, 0.5, 0.6),
            "hard": arm(0.5, 0.55, 0.6),
            "soft": arm(0.0, 0.3, 0.2, collapsed=1),
        },
        "contrasts": [
            *contrast("E2", "hppt", "control", 0.12, True),
            *contrast("E3", "hard", "soft", 0.38, True),
            *contrast("E3", "hard", "raw", 0.15, False),
        ],
        "machine": {"processor": "a processor", "gpu": None},
        "versions": {"torch": "2"},
        "took": {
            "seconds_of_training": {"raw": 100.0},
            "seconds_a_step": {"raw": 10.0, "hppt": 4.0},
        },
    }


def test_ours_stand_beside_the_papers_with_their_mark(result: dict[str, Any]) -> None:
    """Mistakes: a number of the paper without its mark; a turned sign; per cent as a share."""
    text = page(result)
    assert "30.0 % [20, 40]" in text and "20.9 % (Qwen3-32B)" in text and "[digest]" in text
    assert "hppt − control (primary)" in text and "+0.12 [-0.13, +0.37]" in text
    assert "IFEval 80.78 − 77.82 = +3.0 points" in text and "no such comparison" in text
    assert "not recorded yet" in text  # tier cpu's replication is not there
    assert "60 % less time than raw" in text.replace("raw's", "raw's") and "58 % less" in text
    assert summary(result)[0] == "E2 (primary): hppt − control: +0.12 [-0.13, +0.37]"
    assert "&lt;judge&gt;" in text and "<judge>" not in text
    assert "± " in text and "what it costs" in text


def test_a_collapsed_arm_is_no_plain_mean(result: dict[str, Any]) -> None:
    """Mistake: 0.17 [-0.2, 0.5] where one of three runs died."""
    text = page(result)
    assert "0.00 to 0.30 by seed, 1 of 3 collapsed" in text and "1 of 3</td>" in text


def test_a_judge_at_chance_takes_the_meaning_from_e3(result: dict[str, Any]) -> None:
    """Mistake: "hard beats soft" where soft was noise."""
    assert "trains on noise" not in page(result)
    result["audit"]["soft, batch"]["auc"] = {"mean": 0.53, "low": 0.47, "high": 0.59}
    assert "trains on noise" in page(result)


def test_arms_that_were_not_made_are_said(result: dict[str, Any]) -> None:
    del result["arms"]["soft"]
    result["contrasts"] = [each for each in result["contrasts"] if each["experiment"] != "E3"]
    text = page(result)
    assert "not made" in text and "Not made: an arm is missing." in text


def test_tier_cpu_never_passes_for_a_replication(result: dict[str, Any]) -> None:
    result["plan"]["tier"] = "cpu"
    assert "no replication of the paper's 7B result" in page(result)
    recorded = dict(result)
    assert "+0.12 [-0.13, +0.37]</td><td>no such comparison" in page(result, recorded=recorded)


@pytest.mark.slow
def test_tier_cpus_audit_is_what_notebook_03_replays() -> None:
    """Mistake: another judge's answers; batch and point-wise exchanged."""
    found = recorded_audit()
    assert set(found) == {"soft, batch", "hard, batch", "soft, pointwise", "hard, pointwise"}
    assert {name: found[name]["recall_on_false"]["of"] > 100 for name in found} == dict.fromkeys(
        found, True
    )


def test_the_figure_draws_what_the_page_says(result: dict[str, Any], tmp_path: Path) -> None:
    """Mistakes: a difference on the wrong line; a seed left out."""
    figure = replication_figure(result)
    left, right = figure.axes
    names = [each.get_text() for each in right.get_yticklabels()]
    assert names[0] == "hppt − control\n(E2, primary)" and len(names) == 3
    drawn = [line.get_xdata().tolist() for line in right.lines if len(line.get_xdata()) == 3]
    assert drawn[0] == pytest.approx([0.12, 0.02, 0.22])
    assert [each.get_text() for each in left.get_yticklabels()] == ["soft, batch", "hard, batch"]
