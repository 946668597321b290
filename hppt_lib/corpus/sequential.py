"""Long-horizon instructions: three to five constraints in a row, each of which looks back.

The first constraint asks for labelled parts, as many as there are constraints; each other one is
about a later part and an earlier one (`hppt_lib.verifiers.parts`): as many sentences, its last
word, the number of its words. So a policy must remember what it wrote, and plan what it will need.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hppt_lib import verifiers
from hppt_lib.corpus.hard_types import worded
from hppt_lib.corpus.topics import SPLITS, TASKS, Topic, all_topics
from hppt_lib.corpus.witness import SENTENCES
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.verifiers.words import bare_words, word_count

STEPS = (3, 4, 5)
"""How many constraints an instruction has, and so how many parts an answer."""
ORDER = "hppt:parts_in_order"
WORDS = "hppt:part_words"
SENTENCE_COUNT = "hppt:part_sentences"
CHAIN = "hppt:part_chain"
REPORTS = "hppt:part_reports_count"
REUSES = "hppt:part_reuses_words"
NEW_WORDS = "hppt:part_new_words"
RECALLS = "hppt:part_recalls"
LOOKING_BACK = (WORDS, SENTENCE_COUNT, CHAIN, REPORTS, REUSES, NEW_WORDS, RECALLS)
"""The constraints on a later part; each comes once in an instruction at most."""
_REDRAWS, _TRIES = 200, 60


def make_sequential_set(split: str, seed: int = 0, size: int = 120) -> list[Instruction]:
    """Instructions of 3, 4 and 5 constraints in a row, a third each.

    Each prompt is its task and then its constraints, a line each, in the order of the parts.

    Args:
        split: of the topics: ``train`` or ``heldout``.
        seed: decides everything that is drawn.
        size: how many.

    Raises:
        HpptError: no such split.
    """
    if split not in SPLITS:
        raise HpptError(f"There is no split '{split}'. Choose one of: {', '.join(SPLITS)}.")
    random_state = random.Random(f"sequential-{split}-{seed}")
    topics = all_topics(split)
    random_state.shuffle(topics)
    made: dict[str, Instruction] = {}
    width = len(str(size))
    while len(made) < size:
        number = len(made)
        drawn = _instruction(
            f"sequential-{number:0{width}d}",
            topics[number % len(topics)],
            STEPS[number % len(STEPS)],
            random_state,
        )
        made.setdefault(drawn.prompt, drawn)
    return list(made.values())


def _instruction(id: str, topic: Topic, steps: int, random_state: random.Random) -> Instruction:
    for _ in range(_REDRAWS):
        query = random_state.choice(TASKS).format(name=topic.name)
        constraints = _constraints(steps, random_state)
        prompt = "\n".join([query, *(each.text for each in constraints)])
        if sequential_witness(topic, prompt, constraints, query=query) is not None:
            return Instruction(id, prompt, constraints, query, topic.words)
    raise HpptError(f"No answer about {topic.name} was found for {steps} constraints in a row.")


def _constraints(steps: int, random_state: random.Random) -> tuple[Constraint, ...]:
    ids = random_state.sample(LOOKING_BACK, steps - 1)
    if ids[0] == RECALLS:  # of a single part before it, it would be a chain from first to first
        ids[0], ids[1] = ids[1], ids[0]
    drawn = [worded(ORDER, {"num_parts": steps}, random_state)]
    for part, id in enumerate(ids, start=2):
        kwargs: dict[str, Any] = {"part": part}
        if id != RECALLS:
            kwargs["other"] = random_state.randrange(1, part)
        if id == WORDS:
            kwargs["comparison"] = random_state.choice(("more", "fewer"))
        if id == REUSES:
            kwargs["num_words"] = random_state.choice((2, 3))
        drawn.append(worded(id, kwargs, random_state))
    return tuple(drawn)


# --- witnesses ------------------------------------------------------------------------------------


def sequential_witness(
    topic: Topic, prompt: str, constraints: Sequence[Constraint], *, query: str = ""
) -> str | None:
    """A response that satisfies every constraint and is an answer of substance.

    Its parts are written one after the other, as a policy would have to: each looks back.

    Args:
        topic: what the instruction is about.
        prompt: the whole prompt; it seeds the search.
        constraints: those of an instruction of `make_sequential_set`.
        query: the task without its constraints; empty if it is the prompt.

    Returns:
        The first draft that every verifier passes; None if none of 60 did.
    """
    asked = {"prompt": prompt, "topic": list(topic.words), "query": query or prompt}
    checks = [each.verifier() for each in constraints]
    checks.append(verifiers.build("hppt:substance", asked))
    random_state = random.Random(prompt)
    for _ in range(_TRIES):
        parts = [_sentences(topic, random_state.randint(2, 3), random_state)]
        for each in constraints[1:]:
            parts.append(_WRITERS[each.id](topic, each.kwargs, parts, random_state))
        response = "\n".join(f"Part {number}: {text}" for number, text in enumerate(parts, start=1))
        if all(check(response).passed for check in checks):
            return response
    return None


_Writer = Callable[[Topic, Mapping[str, Any], list[str], random.Random], str]


def _sentences(topic: Topic, number: int, random_state: random.Random) -> str:
    drawn = random_state.sample(SENTENCES, number)
    return " ".join(each.format(name=topic.name) for each in drawn)


def _with_words(
    topic: Topic, kwargs: Mapping[str, Any], parts: list[str], random_state: random.Random
) -> str:
    wanted = word_count(parts[kwargs["other"] - 1])
    if kwargs["comparison"] == "fewer":
        return " ".join(["So", "it", "is", "indeed"][: wanted - 1]) + "."
    text = _sentences(topic, 2, random_state)
    while word_count(text) <= wanted:
        text += " " + _sentences(topic, 1, random_state)
    return text


def _with_as_many_sentences(
    topic: Topic, kwargs: Mapping[str, Any], parts: list[str], random_state: random.Random
) -> str:
    # Drafts end their sentences with full stops and have no others; the verifier counts anew.
    return _sentences(topic, parts[kwargs["other"] - 1].count(".") or 1, random_state)


def _chained(
    topic: Topic, kwargs: Mapping[str, Any], parts: list[str], random_state: random.Random
) -> str:
    last = bare_words(parts[kwargs["other"] - 1])[-1]
    return f"{last.capitalize()}: {_sentences(topic, 1, random_state)}"


def _reporting(
    topic: Topic, kwargs: Mapping[str, Any], parts: list[str], random_state: random.Random
) -> str:
    return f"There are {word_count(parts[kwargs['other'] - 1])} words further up."


def _reusing(
    topic: Topic, kwargs: Mapping[str, Any], parts: list[str], random_state: random.Random
) -> str:
    found = dict.fromkeys(each for each in bare_words(parts[kwargs["other"] - 1]) if len(each) > 4)
    return f"Once more: {' and '.join(list(found)[: kwargs['num_words']])}."


def _with_new_words(
    topic: Topic, kwargs: Mapping[str, Any], parts: list[str], random_state: random.Random
) -> str:
    return random_state.choice(SENTENCES).format(name="it")


def _recalling(
    topic: Topic, kwargs: Mapping[str, Any], parts: list[str], random_state: random.Random
) -> str:
    firsts = ", ".join(bare_words(each)[0] for each in parts)
    return f"{firsts.capitalize()}: {_sentences(topic, 1, random_state)}"


_WRITERS: Mapping[str, _Writer] = {
    WORDS: _with_words,
    SENTENCE_COUNT: _with_as_many_sentences,
    CHAIN: _chained,
    REPORTS: _reporting,
    REUSES: _reusing,
    NEW_WORDS: _with_new_words,
    RECALLS: _recalling,
}
