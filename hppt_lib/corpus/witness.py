"""Witnesses: a response that satisfies all hard constraints of an instruction.

A witness proves that an answer of substance can satisfy the instruction. It is built from plain
sentences, drawn by chance, and counts only if every verifier passes it.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from typing import Any

from hppt_lib import verifiers
from hppt_lib.corpus import hard_types as ids
from hppt_lib.corpus.topics import Topic
from hppt_lib.files import package_file, read_jsonl, read_lines
from hppt_lib.instructions.model import Constraint

SENTENCES = tuple(read_lines(package_file("corpus", "material/witness_sentences.txt")))
_WORDS_WITH: dict[str, list[str]] = {
    row["letter"]: row["words"]
    for _, row in read_jsonl(
        package_file("corpus", "material/witness_words.jsonl"), {"letter": str, "words": list}
    )
}
_CONJUNCTIONS = ("and others", "but slowly", "or never", "nor always")
_TRIES = 600


def find_witness(
    topic: Topic,
    prompt: str,
    constraints: Sequence[Constraint],
    *,
    query: str = "",
    tries: int = _TRIES,
) -> str | None:
    """A response that satisfies every hard constraint and is an answer of substance.

    Args:
        topic: what the instruction is about.
        prompt: the whole prompt; it seeds the search, so the same prompt has the same witness.
        constraints: those of the instruction; soft ones are passed over.
        query: the task without its constraints; empty if it is the prompt.
        tries: how many drafts are put to the verifiers.

    Returns:
        The first draft that passes everything; None if none did.
    """
    hard = [each for each in constraints if each.kind == "hard"]
    checks = [each.verifier() for each in hard]
    asked = {"prompt": prompt, "topic": list(topic.words), "query": query or prompt}
    checks.append(verifiers.build("hppt:substance", asked))
    wanted = {each.id: each.kwargs for each in hard}
    random_state = random.Random(prompt)
    for _ in range(tries):
        response = _draft(topic, wanted, random_state)
        if all(check(response).passed for check in checks):
            return response
    return None


def _draft(
    topic: Topic, wanted: Mapping[str, Mapping[str, Any]], random_state: random.Random
) -> str:
    units = _units(topic, wanted, random_state)
    if ids.HIGHLIGHTS in wanted:
        count = wanted[ids.HIGHLIGHTS]["num_highlights"]
        units[0] = " ".join(
            f"*{word}*" if place < count and word.isalpha() else word
            for place, word in enumerate(units[0].split())
        )
    if ids.FIRST in wanted:
        units[0] = f"{wanted[ids.FIRST]['first_word']}: {units[0]}"
    text = _laid_out(units, wanted)
    if ids.TITLE in wanted:
        text = f"<<On {topic.name}>>\n\n{text}"
    if ids.POSTSCRIPT in wanted:
        text += f"\n\n{wanted[ids.POSTSCRIPT]['postscript_marker']} Ask again."
    if ids.LOWER in wanted:
        text = text.lower()
    if ids.UPPER in wanted:
        text = text.upper()
    if ids.DOT in wanted:
        text = text.replace(".", ";" if ids.EXCLAMATION in wanted else "!")
        text = text.replace(";", "?")
    if ids.QUOTE in wanted:
        text = f'"{text}"'
    if ids.JSON in wanted:
        key = "ANSWER" if ids.UPPER in wanted else "answer"
        text = json.dumps({key: text}, ensure_ascii=False)
    return text


def _units(
    topic: Topic, wanted: Mapping[str, Mapping[str, Any]], random_state: random.Random
) -> list[str]:
    """Sentences of the answer, in order, each with what the constraints put into it."""
    pool = random_state.sample(SENTENCES, len(SENTENCES))
    if forbidden := wanted.get(ids.FORBID):
        words = {each.casefold() for each in forbidden["forbidden_words"]}
        pool = [each for each in pool if not words & set(each.casefold().strip(".").split())]
    units = [each.format(name=topic.name) for each in pool[: random_state.randint(1, 8)]]
    # Where the topic is named too often, later sentences speak of "it".
    if random_state.random() < 0.5:
        units[1:] = [each.replace(topic.name, "it") for each in units[1:]]
    extra = _extra_words(wanted, random_state)
    for word in extra:
        place = random_state.randrange(len(units))
        units[place] = f"{units[place][:-1]} {word}."
    if placed := wanted.get(ids.KEYWORD_AT):
        while len(units) < placed["N"]:
            units.append("More follows soon.")
        place = placed["N"] - 1
        units[place] = f"{units[place][:-1]} {placed['word']}."
    if end := wanted.get(ids.END):
        units.append(end["end_phrase"])
    return units


def _extra_words(wanted: Mapping[str, Mapping[str, Any]], random_state: random.Random) -> list[str]:
    """Words that the constraints want somewhere."""
    extra: list[str] = []
    if kwargs := wanted.get(ids.EXIST):
        extra += kwargs["keywords"]
    if kwargs := wanted.get(ids.FREQUENCY):
        if kwargs["relation"] == "at least":
            extra += [kwargs["keyword"]] * kwargs["frequency"]
    if kwargs := wanted.get(ids.CAPITALS):
        if kwargs["capital_relation"] == "at least":
            extra += random_state.choices(
                ("INDEED", "TRULY", "AGAIN"), k=kwargs["capital_frequency"]
            )
    if kwargs := wanted.get(ids.LETTER):
        if kwargs["let_relation"] == "at least":
            extra += random_state.choices(
                _WORDS_WITH[kwargs["letter"]], k=random_state.randint(0, 4)
            )
    if kwargs := wanted.get(ids.PLACEHOLDERS):
        extra += ["[name]", "[place]", "[date]"][: kwargs["num_placeholders"]]
    if kwargs := wanted.get(ids.NUMBERS):
        extra += [str(random_state.randint(2, 9)) for _ in range(kwargs["N"])]
    if kwargs := wanted.get(ids.CONJUNCTIONS):
        extra += _CONJUNCTIONS[: kwargs["small_n"]]
    return extra


def _laid_out(units: list[str], wanted: Mapping[str, Mapping[str, Any]]) -> str:
    """The sentences as bullets, sections, paragraphs or plain prose."""
    if kwargs := wanted.get(ids.BULLETS):
        return "\n".join(f"* {part}" for part in _parts(units, kwargs["num_bullets"]))
    if kwargs := wanted.get(ids.SECTIONS):
        parts = _parts(units, kwargs["num_sections"])
        return "\n\n".join(
            f"{kwargs['section_spliter']} {number}\n{part}"
            for number, part in enumerate(parts, start=1)
        )
    if kwargs := wanted.get(ids.PARAGRAPHS):
        return "\n***\n".join(_parts(units, kwargs["num_paragraphs"]))
    return " ".join(units)


def _parts(units: list[str], count: int) -> list[str]:
    """The sentences in ``count`` groups, in order; too few sentences give too few groups."""
    size, more = divmod(len(units), count)
    ends = [size * number + min(number, more) for number in range(count + 1)]
    groups = [units[start:end] for start, end in zip(ends, ends[1:], strict=False)]
    return [" ".join(group) for group in groups if group]
