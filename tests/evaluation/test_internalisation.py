"""The number for internalisation: a planted loss is found, and an unplanted one is not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from hppt_lib.corpus import FORMS
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import (
    Evaluated,
    Internalised,
    internalised,
    open_run,
    same_generation,
    satisfied_by_seed,
)
from hppt_lib.evaluation.satisfaction import rescored
from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.rewards import Score
from hppt_lib.verifiers import Verdict

TOPICS = 64


@cache
def row(id: str, good: bool, guarded: bool = True) -> Evaluated:
    """A response that satisfies its constraint, or does not; perhaps no answer of substance."""
    asked = Instruction(id, "Write about tea.", (Constraint("punctuation:no_comma", {}),))
    score = Score((Verdict(good, ""),), Verdict(guarded, ""), instruction=asked)
    return Evaluated(score)


def rows(satisfied: np.ndarray) -> list[Evaluated]:
    """From bool, shape (topics, forms)."""
    return [
        row(f"topic{topic:02d}-{form}", bool(satisfied[topic, at]))
        for topic in range(len(satisfied))
        for at, form in enumerate(FORMS)
    ]


def simulated(draw: np.random.Generator, gains: list[float], runs: int = 1) -> Internalised:
    """Policies that satisfy a topic's forms alike, and an arm that gains so much in each form."""
    ease = draw.normal(0, 0.15, (TOPICS, 1))  # some topics are easy, in all forms
    base = rows(draw.random((TOPICS, 4)) < np.clip(0.35 + ease, 0, 1))
    chance = np.clip(0.35 + ease + np.array(gains), 0, 1)
    arm = [rows(draw.random((TOPICS, 4)) < chance) for _ in range(runs)]
    return internalised(base, {"arm": arm}).policies[1]


def test_the_numbers_of_a_table_that_can_be_reckoned_by_hand() -> None:
    """Mistake: gains of the wrong form, a mean that has 'seen' in it, a ratio upside down."""
    base = np.zeros((10, 4), bool)
    base[:2] = True  # 0.2 in each form
    arm = base.copy()
    arm[:8, 0] = True  # seen: 0.8
    arm[:5, 1] = True  # wordings: 0.5
    arm[:8, 2] = True  # order: 0.8
    found = internalised(rows(base), {"arm": [rows(arm)]})
    of_base, of_arm = found.policies
    assert [of_base.satisfied[form].mean for form in FORMS] == pytest.approx([0.2] * 4)
    assert of_base.gain == of_base.kept == {} and of_base.lost is None
    gains = {name: each.mean for name, each in of_arm.gain.items()}
    assert gains == pytest.approx(
        {"seen": 0.6, "wordings": 0.3, "order": 0.6, "types": 0.0, "unseen": 0.3}
    )
    kept = {name: each.mean for name, each in of_arm.kept.items()}
    assert kept == pytest.approx({"wordings": 0.5, "order": 1.0, "types": 0.0, "unseen": 0.5})
    assert of_arm.lost and of_arm.lost.mean == pytest.approx(0.3)
    assert of_arm.evenness and of_arm.evenness.mean == pytest.approx(0.5 / 0.8)
    assert of_arm.kept["order"].low <= 1 <= of_arm.kept["order"].high
    assert "not all of it" in found.sentence and "arm" in found.as_table(width=100)


def test_a_hack_is_no_gain() -> None:
    """Mistake: strict ISR in place of guarded: an empty answer that satisfies its constraint."""
    base = rows(np.arange(40).reshape(10, 4) % 3 == 0)
    empty = [row(each.instruction.id, True, guarded=False) for each in base]
    arm = internalised(base, {"arm": [empty]}).policies[1]
    assert all(each.mean == 0 for each in arm.satisfied.values())
    assert arm.kept == {} and "nothing to keep" in arm.sentence


def test_a_planted_loss_is_found_and_an_unplanted_one_is_not() -> None:
    """Mistake: an interval that is too narrow (topics drawn apart from their base), or too wide."""
    draw = np.random.default_rng(0)
    even = [simulated(draw, [0.4, 0.4, 0.4, 0.4]) for _ in range(150)]
    covered = np.mean([one.lost.low <= 0 <= one.lost.high for one in even if one.lost])
    assert 0.90 <= covered <= 0.99
    # The index is given where the gain is clear of zero: nearly always here.
    given = [one.kept["unseen"] for one in even if one.kept]
    assert len(given) > 140
    assert np.mean([one.high < 1 for one in given]) <= 0.07
    planted = [simulated(draw, [0.4, 0.1, 0.4, 0.0]) for _ in range(60)]
    assert np.mean([one.lost.low > 0 for one in planted if one.lost]) >= 0.6
    assert np.mean([one.kept["types"].high < 1 for one in planted if one.kept]) >= 0.85
    assert np.mean([one.kept["order"].high < 1 for one in planted if one.kept]) <= 0.1


def test_no_index_without_a_gain() -> None:
    """Mistake: a ratio of two noises, which may be anything."""
    draw = np.random.default_rng(1)
    none = [simulated(draw, [0.0] * 4) for _ in range(60)]
    assert np.mean([bool(one.kept) for one in none]) <= 0.1


def test_runs_are_drawn_only_where_there_are_enough() -> None:
    """Mistake: an interval over three seeds that is quoted as one about the arm."""
    draw = np.random.default_rng(2)
    three, eight = (simulated(draw, [0.4, 0.2, 0.4, 0.1], runs) for runs in (3, 8))
    assert (three.runs, three.over_runs) == (3, False)
    assert (eight.runs, eight.over_runs) == (8, True)
    base = rows(np.zeros((20, 4), bool))
    # Runs that differ greatly: over them the interval must be wide, about them it is not.
    ends = [rows(np.full((20, 4), run % 2 == 0)) for run in range(8)]
    wide = internalised(base, {"arm": ends}).policies[1].gain["seen"]
    assert wide.mean == 0.5 and wide.high - wide.low > 0.4
    narrow = internalised(base, {"arm": ends[:2]})
    assert narrow.policies[1].gain["seen"].high == pytest.approx(0.5)
    assert "not about what other seeds would give" in narrow.as_table(width=100)


def test_a_form_by_seed_is_that_form() -> None:
    """Mistake: 'seen' among the forms never met; a share of the wrong form; a typing error that
    gives a mean of nothing.
    """
    satisfied = np.zeros((10, 4), bool)
    satisfied[:8, 0], satisfied[:5, 1], satisfied[:1, 3] = True, True, True
    runs = {7: rows(satisfied), 3: list(reversed(rows(~satisfied)))}
    assert satisfied_by_seed(runs, "seen") == pytest.approx({7: 0.8, 3: 0.2})
    assert satisfied_by_seed(runs, "wordings") == pytest.approx({7: 0.5, 3: 0.5})
    assert satisfied_by_seed(runs, "unseen") == pytest.approx({7: 0.2, 3: 0.8})
    with pytest.raises(HpptError, match="no form 'unsen'"):
        satisfied_by_seed(runs, "unsen")


def test_what_does_not_match_is_refused() -> None:
    """Mistake: a topic without its twin, other instructions, an arm without a run."""
    base = rows(np.ones((4, 4), bool))
    with pytest.raises(HpptError, match="in none of the forms"):
        internalised([row("tea-other", True)], {})
    with pytest.raises(HpptError, match="no response in the form 'types'"):
        internalised(base[:-1], {})
    with pytest.raises(HpptError, match="other instructions"):
        internalised(base, {"arm": [rows(np.ones((3, 4), bool))]})
    with pytest.raises(HpptError, match="has no run"):
        internalised(base, {"arm": []})


def test_the_shipped_base_is_read_and_a_run_made_otherwise_is_refused(tmp_path: Path) -> None:
    """Mistake: a base of 40 tokens beside an arm of 200."""
    from hppt_lib.evaluation import responses_of

    run = open_run(repository_folder() / "data" / "evaluations" / "internalisation-base")
    found = internalised(responses_of(run), {}).policies[0]
    assert found.topics == TOPICS and found.satisfied["seen"].low > 0 and found.evenness
    same_generation(run, run)
    longer = {**run.identity, "generation": {**run.identity["generation"], "max_new_tokens": 200}}
    other = type(run)(tmp_path, longer, run.items, run.about)
    with pytest.raises(HpptError, match="max_new_tokens"):
        same_generation(run, other)


def test_guarded_rows_of_real_text_count() -> None:
    """Mistake: scores that are not the verifiers' of today."""
    asked = row("t-seen", True).instruction
    others = [replace(asked, id=f"{name}-{form}") for name in "tu" for form in FORMS]
    pairs = [(each.id, "Tea comes from leaves of an evergreen shrub.") for each in others]
    found = internalised(rescored(pairs, [replace(each, topic=("tea",)) for each in others]), {})
    assert all(each.mean == 1 for each in found.policies[0].satisfied.values())
