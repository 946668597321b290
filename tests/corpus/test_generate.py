"""The kit's own instructions: what the files hold, and that each can be satisfied."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from hppt_lib import rewards
from hppt_lib.corpus import generate
from hppt_lib.corpus.conflicts import clashes
from hppt_lib.corpus.generate import (
    RECIPES,
    SINGLES,
    make_hard_set,
    make_judge_set,
    make_mixed_set,
    make_single_set,
    with_length,
)
from hppt_lib.corpus.hard_types import SEEN, UNSEEN, wordings
from hppt_lib.corpus.soft_kinds import SEEN_KINDS, UNSEEN_KINDS
from hppt_lib.corpus.topics import SPLITS, TASKS, Topic, all_topics, read_topics
from hppt_lib.corpus.witness import find_witness
from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import Instruction, hard_part, mix, shipped_instructions

pytestmark = pytest.mark.slow

NAMES = tuple(each.name for each in RECIPES)


@cache
def shipped(name: str) -> tuple[Instruction, ...]:
    return tuple(shipped_instructions(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_shipped_files_are_what_the_code_makes(name: str) -> None:
    """Mistake: a changed topic, wording or generator with the old files beside it."""
    assert list(shipped(name)) == make_mixed_set(name, seed=0), (
        "data/instructions is stale: run 'hppt instructions'"
    )


def test_the_files_are_written_where_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: bytes that differ from the shipped ones (order of keys, empty fields, escapes)."""
    folder = repository_folder() / "data" / "instructions"
    monkeypatch.setattr(generate, "repository_folder", lambda: tmp_path)
    paths = generate.write_shipped()
    assert {each.name for each in paths} == {each.name for each in folder.glob("*.jsonl")}
    for path in paths:
        assert path.parent == tmp_path / "data" / "instructions"
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_the_seed_decides() -> None:
    """Mistake: the global random state."""
    random.seed(1)
    first = make_mixed_set("heldout_topics", seed=7)
    random.seed(2)
    assert make_mixed_set("heldout_topics", seed=7) == first
    assert make_mixed_set("heldout_topics", seed=8) != first


def test_an_unknown_mixed_set_lists_the_known() -> None:
    with pytest.raises(HpptError, match="Choose one of: train, heldout_topics, heldout_types"):
        make_mixed_set("test")


@pytest.mark.parametrize("recipe", RECIPES, ids=NAMES)
def test_shares_and_sizes_are_as_stated(recipe: generate.Recipe) -> None:
    """Mistake: shares that drift because some draws are thrown away more often than others."""
    made = shipped(recipe.name)
    assert len(made) == recipe.size
    found = Counter(map(mix, made))
    assert {name: count / len(made) for name, count in found.items()} == generate.SHARES
    assert {len(each.constraints) for each in made} == {1, 2, 3, 4, 5, 6}
    assert Counter(each.unlearnable for each in made if each.unlearnable) == (
        Counter(contradictory=recipe.contradictory, beyond=recipe.beyond) if recipe.beyond else {}
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_is_its_query_and_its_constraints(name: str) -> None:
    """Mistake: a constraint that the prompt does not state, or a prompt that stands twice."""
    for each in shipped(name):
        assert each.prompt == "\n".join([each.query, *(one.text for one in each.constraints)])
        assert all(each.prompt.count(one.text) == 1 for one in each.constraints)
        assert each.topic and not each.original
    assert len({each.prompt for each in shipped(name)}) == len(shipped(name))
    assert len({each.id for each in shipped(name)}) == len(shipped(name))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_clashes_unless_it_is_marked(name: str) -> None:
    """Mistake: an impossible instruction that counts as a good one, or a mark without a reason."""
    for each in shipped(name):
        found = clashes(each.constraints)
        assert bool(found) == (each.unlearnable == "contradictory"), (each.prompt, found)


@pytest.mark.parametrize("name", NAMES)
def test_every_unmarked_hard_part_has_a_witness(name: str) -> None:
    """Mistake: an instruction that no response satisfies, without the mark that says so."""
    by_words = {each.words: each for split in ("train", "heldout") for each in all_topics(split)}
    checked = 0
    for each in map(hard_part, filter(lambda one: not one.unlearnable, shipped(name))):
        if each.constraints:
            topic = by_words[each.topic]
            response = find_witness(topic, each.prompt, each.constraints, query=each.query)
            assert response is not None, each.prompt
            score = rewards.score(each, response)
            assert score.strict and score.guarded, (each.prompt, response)
            checked += 1
    assert checked == sum(mix(each) != "soft" and not each.unlearnable for each in shipped(name))


def test_a_contradictory_instruction_has_no_witness() -> None:
    """Mistake: a 'contradiction' that a plain answer satisfies."""
    for each in shipped("train"):
        if each.unlearnable == "contradictory":
            topic = Topic(each.topic[0], each.topic, ("a", "b"), "train")
            part = hard_part(each)
            assert find_witness(topic, each.prompt, part.constraints, tries=40) is None, each.prompt


def test_held_out_means_held_out() -> None:
    """Mistake: a topic, type or kind that is trained on and held out."""
    types = {
        name: {one.id for each in shipped(name) for one in each.constraints if one.kind == "hard"}
        for name in NAMES
    }
    kinds = {
        name: {
            one.id.partition(":")[0]
            for each in shipped(name)
            for one in each.constraints
            if one.kind == "soft"
        }
        for name in NAMES
    }
    plain = {
        one.id
        for each in shipped("train")
        if not each.unlearnable
        for one in each.constraints
        if one.kind == "hard"
    }
    assert plain == types["heldout_topics"] == set(SEEN)
    assert types["heldout_types"] == set(UNSEEN) and not types["heldout_types"] & types["train"]
    assert kinds["train"] == kinds["heldout_topics"] == set(SEEN_KINDS)
    assert kinds["heldout_types"] == set(UNSEEN_KINDS)
    subjects = {name: {each.topic for each in shipped(name)} for name in NAMES}
    assert not subjects["train"] & (subjects["heldout_topics"] | subjects["heldout_types"])


def test_every_hard_type_is_worded_in_five_ways() -> None:
    """Mistake: a type that is recognised by its only wording."""
    for name in NAMES:
        seen: dict[str, set[str]] = {}
        for each in shipped(name):
            for one in each.constraints:
                if one.kind == "hard":
                    seen.setdefault(one.id, set()).add(_which_wording(one.id, one.text))
        for id, found in seen.items():
            assert len(set(wordings(id))) >= 5
            if id in SEEN or id in UNSEEN:
                assert len(found) >= 5, (name, id, found)


def _which_wording(id: str, text: str) -> str:
    """The wording a sentence was made from: the one whose fixed beginning or end it has."""
    import re

    for wording in wordings(id):
        parts = re.split(r"\{\w+\}", wording)
        if re.fullmatch(".+".join(map(re.escape, parts)), text, re.DOTALL):
            return wording
    raise AssertionError(f"no wording of {id} gives {text!r}")


def test_the_number_of_constraints_does_not_give_a_mark_away() -> None:
    """Mistake: unlearnable instructions that are simply the long ones."""
    for mark in (True, False):
        sizes = {
            len(each.constraints)
            for each in shipped("train")
            if bool(each.unlearnable) is mark and mix(each) == "hard"
        }
        assert sizes == {1, 2, 3, 4, 5, 6}


# --- the hard sets -------------------------------------------------------------------------------


def test_the_shipped_judge_set_is_what_the_code_makes() -> None:
    """Mistake: the same; or a judge that has seen a topic of the training or the test."""
    made = make_judge_set(seed=0)
    assert shipped_instructions("hard_judge") == made
    seen = {each.topic for split in SPLITS for each in shipped_instructions(f"hard_{split}")}
    assert not seen & {each.topic for each in made}


@pytest.mark.parametrize("name", SINGLES)
def test_a_shipped_set_of_single_constraints_is_what_the_code_makes(name: str) -> None:
    """Mistakes: stale files; a type that is rarer than others; a constraint in the task itself."""
    made = make_single_set(name)
    assert shipped_instructions(name) == made
    assert len({each.id for each in made}) == len({each.prompt for each in made}) == len(made)
    counts = Counter(each.constraints[0].id for each in made)
    assert set(counts) == set(SINGLES[name].types) and len(set(counts.values())) == 1
    assert all(each.query.startswith(tuple(task[:4] for task in TASKS)) for each in made)


def test_the_sets_of_single_constraints_share_no_topic() -> None:
    """Mistake: a judge that has seen a topic of the training, or a test on what was trained on."""
    train, held_out, judge = ({each.topic[0] for each in make_single_set(n)} for n in SINGLES)
    assert not train & held_out and not train & judge and not held_out & judge


@pytest.mark.parametrize("split", SPLITS)
def test_the_shipped_hard_sets_are_what_the_code_makes(split: str) -> None:
    """Mistake: a changed topic, wording or generator with the old files beside it."""
    assert shipped_instructions(f"hard_{split}") == make_hard_set(split, seed=0), (
        "data/instructions is stale: run 'hppt instructions'"
    )


@pytest.mark.parametrize("split", SPLITS)
def test_every_topic_has_every_type_once(split: str) -> None:
    """Mistake: ids that collide, or a type that some topics lack."""
    made = make_hard_set(split, seed=0)
    topics = [each for each in read_topics() if each.split == split]
    assert len({each.id for each in made}) == len(made) == 4 * len(topics)
    counts = Counter(each.constraints[0].id for each in made)
    assert len(counts) == 4 and set(counts.values()) == {len(topics)}


@pytest.mark.parametrize("split", SPLITS)
def test_every_constraint_builds_and_is_stated_in_its_prompt(split: str) -> None:
    """Mistake: a prompt that asks for 12 words and a verifier that counts to 15."""
    for each in make_hard_set(split, seed=0):
        [constraint] = each.constraints
        check = constraint.verifier()
        wordings = range(len(check.family.paraphrases))
        assert constraint.text in [check.describe(number) for number in wordings]
        assert each.prompt == f"{each.query} {constraint.text}"
        assert constraint.kind == "hard" and each.topic


def test_a_bounded_length_is_asked_for_and_can_be_kept() -> None:
    """Mistake: two bounds that exclude each other, or a bound that the prompt does not name."""
    plain = make_hard_set("train", seed=0)
    made = with_length(plain)
    assert shipped_instructions("hard_train_length") == made
    for before, after in zip(plain, made, strict=True):
        assert after.constraints[: len(before.constraints)] == before.constraints
        bounds: dict[str, int] = {}
        for each in after.constraints:
            assert each.text in after.prompt
            if each.id == "length_constraints:number_words":
                assert each.kwargs["relation"] not in bounds
                bounds[each.kwargs["relation"]] = each.kwargs["num_words"]
        assert bounds["at least"] + 3 < bounds["less than"]


def test_the_seed_decides_the_hard_sets() -> None:
    """Mistake: the global random state."""
    random.seed(1)
    first = make_hard_set("train", seed=7)
    random.seed(2)
    assert make_hard_set("train", seed=7) == first != make_hard_set("train", seed=8)


def test_an_unknown_split_lists_the_known() -> None:
    with pytest.raises(HpptError, match="no split 'test'. Choose one of: train, heldout"):
        make_hard_set("test", seed=0)
