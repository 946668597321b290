"""The hard part of the audit set: real responses with constraints that a verifier labels.

The embedded model answered plain tasks (``data/audit/responses.jsonl``). Here each response gets
one to six constraints with parameters close to its own numbers and words. Half of them are
satisfied, so a judge that only knows how often a kind of constraint is met does no better than
chance.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from hppt_lib.audit.rows import AuditRow, filled_fields, typed_rows
from hppt_lib.verifiers.sentences import paragraphs, sentences
from hppt_lib.verifiers.words import bare_words, words

MOST_CONSTRAINTS = 6
_TRIES = 40
_LEAST_LETTERS = 5  # of a word that a constraint asks for or forbids

Draw = Callable[[str, random.Random], dict[str, Any]]


def hard_rows(responses: Iterable[tuple[str, str]], seed: int = 0) -> list[AuditRow]:
    """Audit rows for responses: one to six hard constraints each, about half of them violated.

    Args:
        responses: pairs (task, response).
        seed: draws constraints, parameters and wordings.

    Returns:
        The rows of the first response first; ``kind`` is the constraint's id, ``label`` the verdict
        of its verifier (reading ``text``), ``why`` its reason.
    """
    chance = random.Random(f"hard {seed}")
    rows: list[AuditRow] = []
    for number, (prompt, response) in enumerate(responses):
        size = number % MOST_CONSTRAINTS + 1
        # As many satisfied as violated in each size, in any order.
        wanted = [(place + number // MOST_CONSTRAINTS) % 2 == 0 for place in range(size)]
        chance.shuffle(wanted)
        ids = chance.sample(sorted(_DRAWS), len(_DRAWS))
        for verifier, verdict in list(_constraints(response, ids, wanted, chance)):
            wording = chance.randrange(len(verifier.family.paraphrases))
            rows.append(
                AuditRow(
                    item=f"h{number + 1:03}",
                    prompt=prompt,
                    constraint=verifier.describe(wording),
                    response=response,
                    label=verdict.passed,
                    kind=verifier.family.id,
                    why=verdict.reason,
                    source="model",
                    kwargs=dict(verifier.kwargs),
                )
            )
    return rows


def read_responses(path: str | Path) -> list[tuple[str, str]]:
    """Pairs (task, response) of a JSONL file with ``prompt`` and ``response``.

    Raises:
        HpptError: the file cannot be read, or a row lacks a field; the message names the line.
    """
    fields = {"prompt": str, "response": str}
    return [(row["prompt"], row["response"]) for _, row in typed_rows(path, fields)]


def as_line(row: AuditRow) -> str:
    """A row as a line of JSONL, without empty fields."""
    return json.dumps(filled_fields(row), ensure_ascii=False) + "\n"


def _constraints(
    response: str, ids: list[str], wanted: list[bool], chance: random.Random
) -> Iterator[tuple[verifiers.Verifier, verifiers.Verdict]]:
    """A verifier for each wanted verdict, of different ids, with that verdict."""
    for outcome in wanted:
        for id in list(ids):
            pair = _with_verdict(id, response, outcome, chance)
            if pair is not None:
                ids.remove(id)
                yield pair
                break


def _with_verdict(
    id: str, response: str, outcome: bool, chance: random.Random
) -> tuple[verifiers.Verifier, verifiers.Verdict] | None:
    """Parameters for which the verdict is ``outcome``; None if a number of draws finds none."""
    for _ in range(_TRIES):
        verifier = verifiers.build(id, _DRAWS[id](response, chance))
        verdict = verifier(response)
        if verdict.passed == outcome:
            return verifier, verdict
    return None


def _near(count: int, spread: int, chance: random.Random) -> int:
    return max(1, count + chance.randint(-spread, spread))


def _relation(chance: random.Random) -> str:
    return chance.choice(("at least", "less than"))


def _word_count(response: str, chance: random.Random) -> dict[str, Any]:
    count = len(words(response))
    # A judge cannot be asked to tell 71 words from 72: a fifth off, at least.
    away = chance.choice((-1, 1)) * chance.randint(count // 5 + 1, count // 2 + 2)
    return {"relation": _relation(chance), "num_words": max(1, count + away)}


def _sentence_count(response: str, chance: random.Random) -> dict[str, Any]:
    count = len(sentences(response))
    return {"relation": _relation(chance), "num_sentences": _near(count, 3, chance)}


def _content_word(response: str, chance: random.Random) -> str:
    """A longer word of the response, or of everyday English."""
    own = sorted({each for each in bare_words(response) if len(each) >= _LEAST_LETTERS})
    own = [each for each in own if each.isalpha()]
    other = [each for each in _EVERYDAY if each not in own]
    return chance.choice(own if own and chance.random() < 0.5 else other)


def _keyword(response: str, chance: random.Random) -> dict[str, Any]:
    return {"keywords": [_content_word(response, chance)]}


def _forbidden(response: str, chance: random.Random) -> dict[str, Any]:
    return {"forbidden_words": [_content_word(response, chance)]}


def _keyword_count(response: str, chance: random.Random) -> dict[str, Any]:
    keyword = _content_word(response, chance)
    count = bare_words(response).count(keyword)
    return {
        "keyword": keyword,
        "frequency": _near(count, 1, chance),
        "relation": _relation(chance),
    }


def _letter_count(response: str, chance: random.Random) -> dict[str, Any]:
    letter = chance.choice("bcdghmnpuwy")
    count = response.lower().count(letter)
    return {
        "letter": letter,
        "let_frequency": _near(count, count // 2 + 2, chance),
        "let_relation": _relation(chance),
    }


def _first_word(response: str, chance: random.Random) -> dict[str, Any]:
    blocks = paragraphs(response)
    place = chance.randrange(len(blocks)) if blocks else 0
    begins = (bare_words(blocks[place]) if blocks else []) or ["well"]
    return {
        "num_paragraphs": _near(len(blocks), 1, chance),
        "nth_paragraph": place + 1,
        "first_word": chance.choice((begins[0], begins[min(1, len(begins) - 1)])),
    }


def _ending(response: str, chance: random.Random) -> dict[str, Any]:
    own = " ".join(response.split()[-4:])
    last = response.rstrip()[-len(own) :]
    if last != own and last.replace("\n", " ") == own:
        own = ""  # that a phrase may go on over a line break is not what is asked here
    return {"end_phrase": chance.choice((own or "That is all.", "Is there anything else?"))}


_EVERYDAY = (
    *("table", "window", "market", "people", "summer", "simple", "kitchen", "history", "future"),
    *("family", "nature", "health", "travel", "school", "garden", "always", "important", "little"),
)
_DRAWS: Mapping[str, Draw] = {
    "length_constraints:number_words": _word_count,
    "length_constraints:number_sentences": _sentence_count,
    "length_constraints:nth_paragraph_first_word": _first_word,
    "keywords:existence": _keyword,
    "keywords:forbidden_words": _forbidden,
    "keywords:frequency": _keyword_count,
    "keywords:letter_frequency": _letter_count,
    "startend:end_checker": _ending,
}
