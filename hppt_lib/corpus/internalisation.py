"""Instructions in four forms, which tell what was learned from what was memorised.

Each topic has one instruction in four forms. They share the task and the number of constraints:

| form | what it is |
| --- | --- |
| ``seen`` | task, then constraints of ``hard_train``'s four types in its wordings |
| ``wordings`` | the same constraints, in wordings that no file of instructions has |
| ``order`` | the sentences of ``seen`` in reverse order: the task comes last |
| ``types`` | constraints of types that no file to train on has |

A policy that was trained on ``hard_train`` has met the form ``seen`` and none of the others.
`hppt_lib.evaluation.internalised` compares what it gained in them.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from hppt_lib import verifiers
from hppt_lib.corpus.conflicts import clashes
from hppt_lib.corpus.hard_types import UNSEEN, draw_four, draw_hard
from hppt_lib.corpus.topics import QUESTIONS, Topic, read_topics
from hppt_lib.corpus.witness import find_witness
from hppt_lib.errors import HpptError
from hppt_lib.files import package_file, read_jsonl
from hppt_lib.instructions.model import Constraint, Instruction

FORMS = ("seen", "wordings", "order", "types")
"""The forms of an instruction; its id ends with one of them."""
NEW_WORDINGS: dict[str, tuple[str, ...]] = {
    row["id"]: tuple(row["wordings"])
    for _, row in read_jsonl(
        package_file("corpus", "material/new_wordings.jsonl"), {"id": str, "wordings": list}
    )
}
"""Wordings for the form ``wordings``, by type; nothing else may use them."""
_PAIRS = 3  # each third instruction has two constraints
_REDRAWS = 500


def make_internalisation_set(seed: int = 0) -> list[Instruction]:
    """Every held-out topic of the hard sets with one instruction, in four forms each.

    Args:
        seed: decides everything that is drawn.

    Returns:
        The forms of an instruction one after the other, in the order of `FORMS`. Their ids are
        ``internalisation-NUMBER-FORM``.

    Raises:
        HpptError: nothing that can be satisfied was found for a topic.
    """
    random_state = random.Random(f"internalisation-{seed}")
    topics = [each for each in read_topics() if each.split == "heldout"]
    random_state.shuffle(topics)
    # Every unseen type as often as any other.
    unseen = [each for _ in topics for each in random_state.sample(list(UNSEEN), len(UNSEEN))]
    made: list[Instruction] = []
    for number, topic in enumerate(topics):
        size = 2 if number % _PAIRS == _PAIRS - 1 else 1
        query = random_state.choice(QUESTIONS).format(name=topic.name)
        forms = _seen_forms(topic, query, number, size, random_state)
        wanted = [unseen.pop() for _ in range(size)]
        forms["types"] = _with_types(topic, query, wanted, random_state)
        made += [
            Instruction(
                f"internalisation-{number:02d}-{form}",
                " ".join(_sentences(query, forms[form], form)),
                tuple(forms[form]),
                query,
                topic.words,
            )
            for form in FORMS
        ]
    return made


def _sentences(query: str, constraints: Sequence[Constraint], form: str) -> list[str]:
    sentences = [query, *(each.text for each in constraints)]
    return sentences[::-1] if form == "order" else sentences


def _seen_forms(
    topic: Topic, query: str, number: int, size: int, random_state: random.Random
) -> dict[str, list[Constraint]]:
    """Constraints of seen types; the first one's type is the number's, so that each comes often."""
    for _ in range(_REDRAWS):
        four = draw_four(topic, random_state)
        first = four.pop(number % len(four))
        constraints = [first, *random_state.sample(four, size - 1)]
        reworded = [_reworded(each, random_state) for each in constraints]
        forms = {"seen": constraints, "wordings": reworded, "order": constraints}
        if not clashes(constraints) and all(
            _can_be_satisfied(topic, query, some, form) for form, some in forms.items()
        ):
            return forms
    raise HpptError(f"No answer about {topic.name} was found for seen types.")


def _with_types(
    topic: Topic, query: str, types: Sequence[str], random_state: random.Random
) -> list[Constraint]:
    """Constraints of unseen types: those wanted, or others where they do not go together."""
    for trial in range(_REDRAWS):
        ids = types if trial < _PAIRS else random_state.sample(list(UNSEEN), len(types))
        constraints = [draw_hard(id, topic, random_state) for id in ids]
        if len(set(ids)) == len(ids) and not clashes(constraints):
            if _can_be_satisfied(topic, query, constraints, "types"):
                return constraints
    raise HpptError(f"No answer about {topic.name} was found for unseen types.")


def _reworded(constraint: Constraint, random_state: random.Random) -> Constraint:
    wording = random_state.choice(NEW_WORDINGS[constraint.id])
    text = verifiers.build(constraint.id, constraint.kwargs).filled(wording)
    return Constraint(constraint.id, constraint.kwargs, text)


def _can_be_satisfied(
    topic: Topic, query: str, constraints: Sequence[Constraint], form: str
) -> bool:
    prompt = " ".join(_sentences(query, constraints, form))
    return find_witness(topic, prompt, constraints, query=query) is not None
