"""Instructions in four forms: what differs between them, and that nothing else does."""

from __future__ import annotations

from collections import Counter
from functools import cache

from hppt_lib import rewards, verifiers
from hppt_lib.corpus import FORMS, find_witness, make_internalisation_set
from hppt_lib.corpus.hard_types import SEEN, UNSEEN, wordings
from hppt_lib.corpus.internalisation import NEW_WORDINGS
from hppt_lib.corpus.topics import all_topics
from hppt_lib.instructions.model import Instruction, shipped_instructions

TRAINED_ON = ("hard_train", "hard_train_length", "train")


@cache
def shipped() -> tuple[Instruction, ...]:
    return tuple(shipped_instructions("internalisation"))


def by_topic() -> list[dict[str, Instruction]]:
    found: dict[str, dict[str, Instruction]] = {}
    for each in shipped():
        topic, _, form = each.id.rpartition("-")
        found.setdefault(topic, {})[form] = each
    return list(found.values())


def test_the_shipped_file_is_what_the_code_makes() -> None:
    """Mistake: a changed wording or generator with the old file beside it."""
    assert list(shipped()) == make_internalisation_set(), "stale: run 'hppt instructions'"


def test_forms_differ_in_what_they_say_they_do() -> None:
    """Mistake: forms that differ in task, topic or number of constraints too."""
    topics = by_topic()
    assert len(topics) == 64 and all(tuple(each) == FORMS for each in topics)
    for each in topics:
        seen, reworded, order, types = (each[form] for form in FORMS)
        assert len({one.query for one in each.values()}) == 1
        assert len({one.topic for one in each.values()}) == 1
        assert len({len(one.constraints) for one in each.values()}) == 1
        parts = [(one.id, one.kwargs) for one in seen.constraints]
        assert [(one.id, one.kwargs) for one in reworded.constraints] == parts
        assert order.constraints == seen.constraints
        texts = [seen.query, *(one.text for one in seen.constraints)]
        assert seen.prompt == " ".join(texts) and order.prompt == " ".join(texts[::-1])
        assert all(one.id in UNSEEN for one in types.constraints)
    sizes = Counter(len(each["seen"].constraints) for each in topics)
    assert sizes == {1: 43, 2: 21}


def test_nothing_that_is_new_was_trained_on() -> None:
    """Mistake: a wording, a type or a topic that training has, so that the form is not unseen."""
    assert set(NEW_WORDINGS) <= set(SEEN)
    for id, new in NEW_WORDINGS.items():
        assert not set(new) & set(wordings(id)) and len(set(new)) == len(new)
    trained = [each for name in TRAINED_ON for each in shipped_instructions(name)]
    prompts = " ".join(each.prompt for each in trained)
    ids = {one.id for each in trained for one in each.constraints}
    topics = {each.topic for each in trained}
    for each in by_topic():
        assert all(one.text not in prompts for one in each["wordings"].constraints)
        assert not {one.id for one in each["types"].constraints} & ids
        assert each["seen"].topic not in topics


def test_a_new_wording_says_the_same() -> None:
    """Mistake: a wording that loses a parameter, so that it asks for something else."""
    for id, new in NEW_WORDINGS.items():
        slots = set(verifiers.family(id).parameters)
        for wording in new:
            assert {name for name in slots if "{" + name + "}" in wording} == slots, wording


def test_types_come_alike_often() -> None:
    """Mistake: a type that hardly comes up, because its draws are thrown away more often."""
    for form, least in (("seen", 15), ("types", 4)):
        counts = Counter(one.id for each in by_topic() for one in each[form].constraints)
        assert min(counts.values()) >= least and len(counts) == (4 if form == "seen" else 12)


def test_every_instruction_has_a_witness() -> None:
    """Mistake: a form that no answer of substance satisfies, whose ISR is zero for every policy."""
    topics = {each.words: each for each in all_topics("heldout")}
    for each in shipped():
        found = find_witness(topics[each.topic], each.prompt, each.constraints, query=each.query)
        assert found is not None, each.prompt
        assert rewards.score(each, found).guarded
