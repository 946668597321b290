"""Instructions made from material written for this kit: topics, questions and constraints.

The files in ``data/instructions`` come from ``hppt instructions``; the same seed gives the same
files. Held-out instructions use other topics than those trained on.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import Constraint, Instruction, write_instructions

QUESTIONS = (
    "Write about {name}.",
    "Write a sentence about {name}.",
    "Tell me something about {name}.",
    "Share a fact about {name}.",
    "Describe {name} to a child.",
)
SPLITS = ("train", "heldout")
COLUMNS = ("name", "words", "related", "split")


@dataclass(frozen=True)
class Topic:
    """A subject to write about.

    Attributes:
        name: as it stands in a question, such as ``the moon``.
        words: words of which an on-topic response uses at least one.
        related: two words that an answer may be asked to use or to avoid.
        split: ``train`` or ``heldout``.
    """

    name: str
    words: tuple[str, ...]
    related: tuple[str, ...]
    split: str


def read_topics(path: Path | None = None) -> list[Topic]:
    """The topics of ``data/instructions/topics.csv``.

    Raises:
        HpptError: the file cannot be read or a line is incomplete; the message names the line.
    """
    path = path or repository_folder() / "data" / "instructions" / "topics.csv"
    topics = []
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            for row in reader:
                where = f"{path}, line {reader.line_num}"
                if any(not (row.get(name) or "").strip() for name in COLUMNS):
                    raise HpptError(f"{where}: a column of {', '.join(COLUMNS)} is empty.")
                if row["split"] not in SPLITS:
                    raise HpptError(f"{where}: 'split' is not one of {SPLITS}.")
                words, related = tuple(row["words"].split()), tuple(row["related"].split())
                topics.append(Topic(row["name"], words, related, row["split"]))
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise HpptError(f"{path}, line {len(topics) + 2} or later: {error}.") from error
    if not topics:
        raise HpptError(f"{path} holds no topic.")
    return topics


def hard_constraints(topic: Topic, random_state: random.Random) -> list[Constraint]:
    """One constraint of each type that the first training run uses, for this topic."""
    choose = random_state.choice
    drafts: list[tuple[str, dict[str, object]]] = [
        ("punctuation:no_comma", {}),
        (
            "length_constraints:number_words",
            {"relation": "less than", "num_words": choose((12, 15, 20))},
        ),
        ("detectable_format:number_bullet_lists", {"num_bullets": choose((2, 3))}),
        ("keywords:existence", {"keywords": [choose(topic.related)]}),
    ]
    constraints = []
    for id, kwargs in drafts:
        verifier = verifiers.build(id, kwargs)
        wording = random_state.randrange(len(verifier.family.paraphrases))
        constraints.append(Constraint(id, kwargs, verifier.describe(wording)))
    return constraints


def make_instructions(split: str, seed: int) -> list[Instruction]:
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
    instructions = []
    for topic in (each for each in read_topics() if each.split == split):
        for constraint in hard_constraints(topic, random_state):
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
    random_state.shuffle(instructions)
    return instructions


def with_length(
    instructions: Sequence[Instruction], *, at_least: int = 8, less_than: int = 30
) -> list[Instruction]:
    """The same instructions, with a length that is bounded on both sides.

    A bound below closes the way to the empty answer, one above the way to padding. An instruction
    that bounds its words above already gets only the bound below.

    Args:
        instructions: their ids get the ending ``-length``.
        at_least: words.
        less_than: words.

    Raises:
        HpptError: a bound is not a positive whole number.
    """
    id = "length_constraints:number_words"
    made = []
    for each in instructions:
        bounds = [("at least", at_least)]
        bounded = {one.kwargs["relation"] for one in each.constraints if one.id == id}
        if "less than" not in bounded:
            bounds.append(("less than", less_than))
        added = []
        for relation, words in bounds:
            kwargs = {"relation": relation, "num_words": words}
            added.append(Constraint(id, kwargs, verifiers.build(id, kwargs).describe()))
        made.append(
            replace(
                each,
                id=f"{each.id}-length",
                prompt=" ".join([each.prompt, *(constraint.text for constraint in added)]),
                constraints=(*each.constraints, *added),
            )
        )
    return made


def write_shipped(seed: int = 0) -> list[Path]:
    """Write ``data/instructions/hard_*.jsonl`` and return their paths.

    Raises:
        HpptError: a file could not be written.
    """
    made = {split: make_instructions(split, seed) for split in SPLITS}
    made["train_length"] = with_length(made["train"])
    paths = []
    for name, instructions in made.items():
        path = repository_folder() / "data" / "instructions" / f"hard_{name}.jsonl"
        write_instructions(path, instructions)
        paths.append(path)
    return paths
