"""Constraints in a row: counted by their number, from a run's folder or from rows."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from hppt_lib.corpus import sequential_witness
from hppt_lib.corpus.topics import all_topics
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import Item, Prompts, horizon, responses_by_arm, responses_of
from hppt_lib.evaluation.run_folder import Prediction, begin_run, open_run
from hppt_lib.evaluation.satisfaction import rescored
from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import Constraint, Instruction, shipped_instructions

TWO = Instruction(
    "two",
    "Write about tea.",
    (
        Constraint("hppt:parts_in_order", {"num_parts": 2}, "Two parts."),
        Constraint("hppt:part_chain", {"part": 2, "other": 1}, "Begin with the last word."),
    ),
    topic=("tea",),
)
GOOD = "Part 1: Tea grows on hills\nPart 2: Hills are green."
ORDER_ONLY = "Part 1: Tea grows on hills\nPart 2: They are green."
CHAIN_ONLY = "Sure!\nPart 1: Tea grows on hills\nPart 2: Hills are green."


def test_each_verdict_counts_for_its_step_and_type() -> None:
    """Mistake: the first constraint counted among those that look back, or rows among responses."""
    pairs = [("two", text) for text in (GOOD, ORDER_ONLY, ORDER_ONLY, CHAIN_ONLY, "Tea.")]
    found = horizon(rescored(pairs, [TWO]))
    rates = found.by_steps[2]
    assert (rates.strict.mean, rates.guarded.mean) == (0.2, 0.2)
    assert (rates.first.mean, rates.later.mean) == (0.6, 0.4)
    assert {id: each.mean for id, each in found.by_type.items()} == {
        "hppt:part_chain": 0.4,
        "hppt:parts_in_order": 0.6,
    }
    assert (found.responses, found.instructions, found.share) == (5, 1, 0.5)
    # An instruction with more constraints weighs no more.
    three = shipped_instructions("sequential")[0]
    assert horizon(rescored([("two", GOOD), (three.id, "Tea.")], [TWO, three])).share == 0.5
    assert "of 5 with 2 steps" in found.sentence


def test_a_policy_that_plans_satisfies_all_of_it() -> None:
    """Mistake: an evaluation that no policy could do well in."""
    chosen = shipped_instructions("sequential")[:12]
    topics = {each.words: each for each in all_topics("heldout")}
    pairs = []
    for each in chosen:
        topic = topics[each.topic]
        text = sequential_witness(topic, each.prompt, each.constraints, query=each.query)
        pairs.append((each.id, text or ""))
    found = horizon(rescored(pairs, chosen))
    assert list(found.by_steps) == [3, 4, 5]
    assert all(each.strict.mean == each.guarded.mean == 1 for each in found.by_steps.values())


def test_the_responses_of_a_run_are_read_and_scored(tmp_path: Path) -> None:
    """Mistake: a response under another instruction, or a refusal that is left out."""
    prompts = Prompts("mine", (Item("mine", (TWO,), "g"),), "the tests", "none")
    run = begin_run(tmp_path / "run", [prompts], {"name": "m"}, {"samples": 2})
    run.add(
        Prediction("mine", "two", sample, 1, "k", text) for sample, text in enumerate((GOOD, None))
    )
    rows = responses_of(run)
    assert [(row.response, row.score.strict) for row in rows] == [(GOOD, True), ("", False)]


def test_the_base_policy_is_at_the_floor() -> None:
    """Mistake: a verifier that is changed, and the recorded responses told as they were before."""
    rows = responses_of(open_run(repository_folder() / "data" / "evaluations" / "sequential-base"))
    found = horizon(rows)
    assert {steps: each.strict.samples for steps, each in found.by_steps.items()} == {
        3: 40,
        4: 40,
        5: 40,
    }
    assert all(each.strict.mean == 0 for each in found.by_steps.values())
    assert sum(row.score.verdicts[0].passed for row in rows) == 25
    by_id = {each.id: each for each in shipped_instructions("sequential")}
    assert all(row.instruction.prompt == by_id[row.instruction.id].prompt for row in rows)


def test_what_has_no_steps_is_said(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="no response to count"):
        horizon([])
    one = Instruction("one", "p", (TWO.constraints[0],))
    with pytest.raises(HpptError, match="'one' has one constraint"):
        horizon(rescored([("one", "x")], [one]))
    soft = Instruction("s", "p", (Constraint("tone:warm", {}, "Be warm.", "soft"),))
    for turns, message in (((soft,), "soft constraint"), ((TWO, TWO), "several turns")):
        prompts = Prompts("mine", (Item("mine", turns, "g"),), "the tests", "none")
        run = begin_run(tmp_path / message, [prompts], {"name": "m"}, {})
        with pytest.raises(HpptError, match=message):
            responses_of(run)


def test_answers_of_several_policies_in_one_file(tmp_path: Path) -> None:
    """Mistakes: two seeds or arms put together; an answer to another prompt; a line without its
    seed."""
    asked = shipped_instructions("sequential")[:2]
    rows = [
        {"arm": arm, "seed": seed, "instruction": each.id, "response": f"{arm} {seed} {each.id}"}
        for arm in ("one", "several")
        for seed in (101, 100)
        for each in asked
    ]
    path = tmp_path / "answers.jsonl.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))
    found = responses_by_arm(path, asked)
    assert {arm: list(of) for arm, of in found.items()} == {
        "one": [101, 100],
        "several": [101, 100],
    }
    assert [row.response for row in found["several"][100]] == [
        f"several 100 {each.id}" for each in asked
    ]
    with pytest.raises(HpptError, match="is not among those given"):
        responses_by_arm(path, asked[:1])
    path.write_text(json.dumps({"arm": "one", "instruction": asked[0].id, "response": ""}) + "\n")
    with pytest.raises(HpptError, match="line 1: 'seed' is missing"):
        responses_by_arm(path, asked)
