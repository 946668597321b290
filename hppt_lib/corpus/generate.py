"""The kit's own instructions, made from a seed: ``hppt instructions`` writes them.

| file | topics | constraints | share unlearnable |
| --- | --- | --- | --- |
| ``hard_train`` | seen | one hard, of four types | none |
| ``hard_heldout`` | unseen | the same | none |
| ``hard_train_length`` | seen | the same, and a length bounded on both sides | none |
| ``hard_judge`` | others | one hard, of the four types, for a judge to learn from | none |
| ``single_train`` | seen | one hard, of all seen types | none |
| ``single_heldout`` | unseen | one hard, of unseen types | none |
| ``single_judge`` | others | one hard, of the seen types, for a judge to learn from | none |
| ``train`` | seen | one to six, of seen types and kinds | a tenth |
| ``heldout_topics`` | unseen | the same | none |
| ``heldout_types`` | unseen | one to six, of unseen types and kinds | none |
| ``sequential`` | unseen | three to five in a row, each of which looks back | none |
| ``internalisation`` | unseen | one or two, in four forms of which one is ``hard_train``'s | none |

In ``train`` and the two after it, half of the instructions have hard constraints only, three in
ten are mixed and two in ten have soft ones only. Every instruction with a hard constraint and no
mark has a witness: a response that satisfies its hard constraints and is an answer of substance.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hppt_lib import verifiers
from hppt_lib.corpus.conflicts import clash, clashes
from hppt_lib.corpus.hard_types import SEEN, UNSEEN, WORDS, draw_four, draw_hard
from hppt_lib.corpus.internalisation import make_internalisation_set
from hppt_lib.corpus.sequential import make_sequential_set
from hppt_lib.corpus.soft_kinds import SEEN_KINDS, UNSEEN_KINDS, draw_soft
from hppt_lib.corpus.topics import (
    QUESTIONS,
    SPLITS,
    TASKS,
    Topic,
    all_topics,
    other_topics,
    read_topics,
)
from hppt_lib.corpus.unlearnable import draw_beyond, draw_contradiction
from hppt_lib.corpus.witness import find_witness
from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import Constraint, Instruction, write_instructions


def write_shipped(seed: int = 0) -> list[Path]:
    """Write every file of ``data/instructions`` and return the paths.

    Raises:
        HpptError: there is no checkout, or a file could not be written.
    """
    folder = repository_folder() / "data" / "instructions"
    files = {f"hard_{split}": make_hard_set(split, seed) for split in SPLITS}
    files["hard_train_length"] = with_length(files["hard_train"])
    files["hard_judge"] = make_judge_set(seed)
    files |= {name: make_single_set(name, seed) for name in SINGLES}
    files |= {recipe.name: make_mixed_set(recipe.name, seed) for recipe in RECIPES}
    files["sequential"] = make_sequential_set("heldout", seed)
    files["internalisation"] = make_internalisation_set(seed)
    for name, instructions in files.items():
        write_instructions(folder / f"{name}.jsonl", instructions)
    return [folder / f"{name}.jsonl" for name in files]


# --- the hard sets: one constraint each ---------------------------------------------------------


def make_hard_set(split: str, seed: int) -> list[Instruction]:
    """Every topic of ``split`` with each type of constraint, in an order drawn from ``seed``.

    Args:
        split: ``train`` or ``heldout``.
        seed: draws questions, parameters, wordings and the order.

    Raises:
        HpptError: no such split.
    """
    if split not in SPLITS:
        raise HpptError(f"There is no split '{split}'. Choose one of: {', '.join(SPLITS)}.")
    random_state = random.Random(f"{split}-{seed}")
    topics = [each for each in read_topics() if each.split == split]
    instructions = [made for topic in topics for made in _on_topic(topic, random_state)]
    random_state.shuffle(instructions)
    return instructions


def make_judge_set(seed: int) -> list[Instruction]:
    """Instructions like those of the hard sets on topics that neither of them has, two rounds.

    Responses to them can teach a judge, which then has seen no topic of the training or the test.

    Args:
        seed: draws questions, parameters, wordings and the order.
    """
    random_state = random.Random(f"judge-{seed}")
    instructions = [
        replace(made, id=f"judge-{made.id}-{round}")
        for topic in other_topics()
        for round in (1, 2)
        for made in _on_topic(topic, random_state)
    ]
    random_state.shuffle(instructions)
    return instructions


@dataclass(frozen=True)
class Singles:
    """What the instructions of a file with one constraint each are made of.

    Attributes:
        split: of the topics of the hard sets; ``others`` are the topics that these do not have.
        types: hard types; each topic comes with each of them.
        topics: how many topics, drawn.
    """

    split: str
    types: tuple[str, ...]
    topics: int


SINGLES = {
    "single_train": Singles("train", tuple(SEEN), 64),
    "single_heldout": Singles("heldout", tuple(UNSEEN), 12),
    "single_judge": Singles("others", tuple(SEEN), 40),
}


def make_single_set(name: str, seed: int = 0) -> list[Instruction]:
    """Instructions with one hard constraint each, equally many of each type.

    Args:
        name: one of `SINGLES`.
        seed: draws topics, tasks, parameters, wordings and the order.

    Raises:
        HpptError: there is no such file.
    """
    if name not in SINGLES:
        raise HpptError(f"There is no set '{name}'. Choose one of: {', '.join(SINGLES)}.")
    recipe = SINGLES[name]
    random_state = random.Random(f"{name}-{seed}")
    others = recipe.split == "others"
    known = other_topics() if others else [t for t in read_topics() if t.split == recipe.split]
    instructions = []
    for topic in random_state.sample(known, recipe.topics):
        for id in recipe.types:
            made = _single(id, topic, random_state)
            instructions.append(replace(made, id=f"{name}-{made.id}"))
    random_state.shuffle(instructions)
    return instructions


def _single(id: str, topic: Topic, random_state: random.Random) -> Instruction:
    for _ in range(_REDRAWS):
        query = random_state.choice(TASKS).format(name=topic.name)
        constraint = draw_hard(id, topic, random_state)
        prompt = f"{query} {constraint.text}"
        once = prompt.count(constraint.text) == 1
        if once and find_witness(topic, prompt, (constraint,), query=query) is not None:
            name = f"{topic.name.replace(' ', '_')}-{id.partition(':')[2]}"
            return Instruction(name, prompt, (constraint,), query, topic.words)
    raise HpptError(f"No answer about {topic.name} satisfies the type {id}.")


def _on_topic(topic: Topic, random_state: random.Random) -> list[Instruction]:
    """One instruction of each type of the hard sets about a topic."""
    instructions = []
    for constraint in draw_four(topic, random_state):
        query = random_state.choice(QUESTIONS).format(name=topic.name)
        name = constraint.id.partition(":")[2]
        instructions.append(
            Instruction(
                id=f"{topic.name.replace(' ', '_')}-{name}",
                prompt=f"{query} {constraint.text}",
                constraints=(constraint,),
                query=query,
                topic=topic.words,
            )
        )
    return instructions


def with_length(
    instructions: Sequence[Instruction], *, at_least: int = 8, less_than: int = 30
) -> list[Instruction]:
    """The same instructions, with a length that is bounded on both sides.

    The lower bound rules out empty answers, the upper bound padding. An instruction that has an
    upper bound already gets only the lower one.

    Args:
        instructions: their ids get the ending ``-length``.
        at_least: words.
        less_than: words.

    Raises:
        HpptError: a bound is not a positive whole number.
    """
    bounded = []
    for instruction in instructions:
        limits = [each for each in instruction.constraints if each.id == WORDS]
        bounds = [("at least", at_least)]
        if not any(each.kwargs["relation"] == "less than" for each in limits):
            bounds.append(("less than", less_than))
        added = []
        for relation, words in bounds:
            kwargs = {"relation": relation, "num_words": words}
            added.append(Constraint(WORDS, kwargs, verifiers.build(WORDS, kwargs).describe()))
        bounded.append(
            replace(
                instruction,
                id=f"{instruction.id}-length",
                prompt=" ".join([instruction.prompt, *(each.text for each in added)]),
                constraints=(*instruction.constraints, *added),
            )
        )
    return bounded


# --- the mixed files: one to six constraints ----------------------------------------------------

# Out of ten instructions of each size, from one constraint to six.
_HARD_SIZES = {1: 3, 2: 2, 3: 2, 4: 1, 5: 1, 6: 1}
_MIXED_SIZES = {2: 3, 3: 3, 4: 2, 5: 1, 6: 1}
_SOFT_SIZES = {1: 3, 2: 3, 3: 2, 4: 1, 5: 1}
SHARES = {"hard": 0.5, "mixed": 0.3, "soft": 0.2}
_REDRAWS = 2000


@dataclass(frozen=True)
class Recipe:
    """How one file is made.

    Attributes:
        name: the file's name without its ending.
        size: number of instructions.
        split: of the topics.
        types: hard types.
        kinds: soft kinds.
        contradictory: how many are contradictory, on purpose.
        beyond: how many are far beyond a small model, on purpose.
    """

    name: str
    size: int
    split: str
    types: tuple[str, ...]
    kinds: tuple[str, ...]
    contradictory: int = 0
    beyond: int = 0


RECIPES = (
    Recipe("train", 1600, "train", tuple(SEEN), SEEN_KINDS, contradictory=80, beyond=80),
    Recipe("heldout_topics", 300, "heldout", tuple(SEEN), SEEN_KINDS),
    Recipe("heldout_types", 300, "heldout", tuple(UNSEEN), UNSEEN_KINDS),
)


@dataclass(frozen=True)
class _Slot:
    """The plan of one instruction: its share, how many constraints of each kind, its mark."""

    share: str
    hard: int
    soft: int
    unlearnable: str = ""


def make_mixed_set(name: str, seed: int = 0) -> list[Instruction]:
    """The instructions of one file.

    Args:
        name: ``train``, ``heldout_topics`` or ``heldout_types``.
        seed: decides everything that is drawn; the same seed gives the same instructions.

    Raises:
        HpptError: there is no such file.
    """
    recipes = {each.name: each for each in RECIPES}
    if name not in recipes:
        raise HpptError(f"There is no mixed set '{name}'. Choose one of: {', '.join(recipes)}.")
    recipe = recipes[name]
    random_state = random.Random(f"{name}-{seed}")
    known = all_topics(recipe.split)
    taken: set[str] = set()
    instructions = []
    for number, slot in enumerate(_slots(recipe, random_state)):
        # Every topic as often as any other.
        topic = known[number % len(known)]
        drawn = _instruction(slot, topic, recipe, taken, random_state)
        taken.add(drawn.prompt)
        instructions.append(drawn)
    random_state.shuffle(instructions)
    width = len(str(len(instructions)))
    return [
        replace(each, id=f"{name}-{number:0{width}d}") for number, each in enumerate(instructions)
    ]


def _slots(recipe: Recipe, random_state: random.Random) -> list[_Slot]:
    """The plans of a file's instructions, in exact shares and sizes; nothing is drawn yet."""
    most = len(recipe.kinds)
    slots = []
    for size in _sizes(_HARD_SIZES, round(SHARES["hard"] * recipe.size)):
        slots.append(_Slot("hard", size, 0))
    for number, size in enumerate(_sizes(_MIXED_SIZES, round(SHARES["mixed"] * recipe.size))):
        soft = min(most, 1 + number % (size - 1))
        slots.append(_Slot("mixed", size - soft, soft))
    for size in _sizes(_SOFT_SIZES, recipe.size - len(slots)):
        slots.append(_Slot("soft", 0, min(most, size)))
    # The marks go to instructions with hard constraints, whatever their number: the number alone
    # must not give them away.
    random_state.shuffle(slots)
    marks = ["contradictory"] * recipe.contradictory + ["beyond"] * recipe.beyond
    fit = {"contradictory": 2, "beyond": 1}
    for mark in marks:
        place = next(
            place
            for place, slot in enumerate(slots)
            if not slot.unlearnable and slot.hard >= fit[mark]
        )
        slots[place] = replace(slots[place], unlearnable=mark)
    random_state.shuffle(slots)
    return slots


def _sizes(weights: dict[int, int], count: int) -> list[int]:
    """``count`` sizes in the proportion of ``weights`` (out of ten)."""
    cycle = [size for size, weight in weights.items() for _ in range(weight)]
    return [cycle[number % len(cycle)] for number in range(count)]


def _instruction(
    slot: _Slot,
    topic: Topic,
    recipe: Recipe,
    taken: set[str],
    random_state: random.Random,
) -> Instruction:
    for _ in range(_REDRAWS):
        query = random_state.choice(TASKS).format(name=topic.name)
        constraints = _constraints(slot, topic, recipe, random_state)
        if constraints is None:
            continue
        prompt = "\n".join([query, *(each.text for each in constraints)])
        if prompt in taken or any(prompt.count(each.text) != 1 for each in constraints):
            continue
        if slot.hard and not slot.unlearnable:
            if find_witness(topic, prompt, constraints, query=query) is None:
                continue
        return Instruction("", prompt, constraints, query, topic.words, slot.unlearnable)
    raise HpptError(f"Nothing fits {slot} about {topic.name}: the conflict table leaves no choice.")


def _constraints(
    slot: _Slot, topic: Topic, recipe: Recipe, random_state: random.Random
) -> tuple[Constraint, ...] | None:
    """Constraints for one instruction in the order of its prompt; None if they do not fit."""
    constraints: list[Constraint] = []
    if slot.unlearnable == "contradictory":
        constraints += draw_contradiction(topic, random_state)
    elif slot.unlearnable == "beyond":
        constraints.append(draw_beyond(topic, random_state))
    intended = clashes(constraints)
    ways: list[tuple[int, Sequence[str], Callable[[str], Constraint]]] = [
        (slot.hard, recipe.types, lambda id: draw_hard(id, topic, random_state)),
        (slot.hard + slot.soft, recipe.kinds, lambda kind: draw_soft(kind, random_state)),
    ]
    for size, names, draw in ways:
        used = {each.id for each in constraints}
        for name in random_state.sample(names, len(names)):
            if len(constraints) >= size:
                break
            drawn = draw(name)
            if drawn.id not in used and not any(clash(drawn, each) for each in constraints):
                constraints.append(drawn)
        if len(constraints) != size:
            return None
    if clashes(constraints) != intended:
        return None
    random_state.shuffle(constraints)
    return tuple(constraints)
