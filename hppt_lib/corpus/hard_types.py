"""The types of hard constraint: which are for training, which are held out, and their parameters.

The sixteen seen types are those that the embedded 135M model satisfies at least now and then; the
twelve unseen ones are no variants of them under another id. Wordings are the verifiers' own, and
more of ours (``hppt_lib/corpus/material/wordings.jsonl``) where a family has fewer than five.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hppt_lib import verifiers
from hppt_lib.corpus.topics import Topic
from hppt_lib.errors import HpptError
from hppt_lib.files import package_file, read_jsonl, read_lines
from hppt_lib.instructions.model import Constraint

Draw = Callable[[Topic, random.Random], dict[str, Any]]

# The types, by short names.
WORDS = "length_constraints:number_words"
SENTENCES = "length_constraints:number_sentences"
PARAGRAPHS = "length_constraints:number_paragraphs"
BULLETS = "detectable_format:number_bullet_lists"
HIGHLIGHTS = "detectable_format:number_highlighted_sections"
SECTIONS = "detectable_format:multiple_sections"
JSON = "detectable_format:json_format"
TITLE = "detectable_format:title"
PLACEHOLDERS = "detectable_content:number_placeholders"
POSTSCRIPT = "detectable_content:postscript"
EXIST = "keywords:existence"
FORBID = "keywords:forbidden_words"
FREQUENCY = "keywords:frequency"
LETTER = "keywords:letter_frequency"
LETTERS = "letters:letter_counting"
FIRST = "first_word:first_word_answer"
END = "startend:end_checker"
QUOTE = "startend:quotation"
LOWER = "change_case:english_lowercase"
UPPER = "change_case:english_capital"
CAPITALS = "change_case:capital_word_frequency"
COMMA = "punctuation:no_comma"
EXCLAMATION = "punctuation:punctuation_exclamation"
DOT = "punctuation:punctuation_dot"
NUMBERS = "count:numbers"
CONJUNCTIONS = "count:conjunctions"
KEYWORD_AT = "sentence:keyword"
REPEATS = "words:repeats"

COMMON_WORDS, OPENERS, END_PHRASES = (
    tuple(read_lines(package_file("corpus", f"material/{name}.txt")))
    for name in ("common_words", "openers", "end_phrases")
)
_COMMON_LETTERS = "acdhilmnoprst"
_RARE_LETTERS = "jkqvxz"


def _number_of_words(topic: Topic, random_state: random.Random) -> dict[str, Any]:
    if random_state.random() < 0.6:
        return {"relation": "less than", "num_words": random_state.choice((12, 15, 20, 25, 30, 40))}
    return {"relation": "at least", "num_words": random_state.choice((5, 10, 15, 20, 25))}


def _number_of_sentences(topic: Topic, random_state: random.Random) -> dict[str, Any]:
    if random_state.random() < 0.5:
        return {"relation": "less than", "num_sentences": random_state.choice((2, 3, 4, 5))}
    return {"relation": "at least", "num_sentences": random_state.choice((2, 3, 4))}


def _keywords(topic: Topic, random_state: random.Random) -> list[str]:
    words = [random_state.choice(topic.related), random_state.choice(COMMON_WORDS)]
    return words if random_state.random() < 0.4 else words[:1]


def _frequency(topic: Topic, random_state: random.Random) -> dict[str, Any]:
    word = random_state.choice((topic.words[0], *topic.related))
    return {
        "keyword": word,
        **random_state.choice(
            (
                {"relation": "at least", "frequency": 2},
                {"relation": "at least", "frequency": 3},
                {"relation": "less than", "frequency": 3},
            )
        ),
    }


def _letter_frequency(topic: Topic, random_state: random.Random) -> dict[str, Any]:
    letter, relation, most = random_state.choice(
        (
            (random_state.choice(_COMMON_LETTERS), "at least", random_state.choice((3, 5, 8))),
            (random_state.choice(_COMMON_LETTERS), "less than", random_state.choice((8, 12))),
            (random_state.choice(_RARE_LETTERS), "less than", random_state.choice((2, 3))),
        )
    )
    return {"letter": letter, "let_relation": relation, "let_frequency": most}


def _capital_words(topic: Topic, random_state: random.Random) -> dict[str, Any]:
    if random_state.random() < 0.5:
        return {"capital_relation": "at least", "capital_frequency": random_state.choice((2, 3))}
    return {"capital_relation": "less than", "capital_frequency": random_state.choice((2, 3, 5))}


def _nothing(topic: Topic, random_state: random.Random) -> dict[str, Any]:
    return {}


def _one_of(name: str, *choices: object) -> Draw:
    return lambda topic, random_state: {name: random_state.choice(choices)}


SEEN: dict[str, Draw] = {
    COMMA: _nothing,
    EXCLAMATION: _nothing,
    WORDS: _number_of_words,
    SENTENCES: _number_of_sentences,
    EXIST: lambda topic, random_state: {"keywords": _keywords(topic, random_state)},
    FORBID: lambda topic, random_state: {"forbidden_words": _keywords(topic, random_state)},
    FREQUENCY: _frequency,
    LETTER: _letter_frequency,
    BULLETS: _one_of("num_bullets", 2, 3, 4),
    HIGHLIGHTS: _one_of("num_highlights", 2, 3),
    TITLE: _nothing,
    LOWER: _nothing,
    CAPITALS: _capital_words,
    FIRST: _one_of("first_word", *OPENERS),
    END: _one_of("end_phrase", *END_PHRASES),
    QUOTE: _nothing,
}
UNSEEN: dict[str, Draw] = {
    UPPER: _nothing,
    DOT: _nothing,
    PARAGRAPHS: _one_of("num_paragraphs", 2, 3),
    POSTSCRIPT: _one_of("postscript_marker", "P.S.", "P.P.S", "PS:"),
    PLACEHOLDERS: _one_of("num_placeholders", 2, 3),
    SECTIONS: lambda topic, random_state: {
        "section_spliter": random_state.choice(("Section", "Part", "Chapter")),
        "num_sections": random_state.choice((2, 3)),
    },
    JSON: _nothing,
    LETTERS: lambda topic, random_state: random_state.choice(
        (
            {"relation": "at least", "N": random_state.choice((60, 100))},
            {"relation": "less than", "N": random_state.choice((120, 160, 200))},
        )
    ),
    NUMBERS: _one_of("N", 2, 3, 4),
    CONJUNCTIONS: _one_of("small_n", 3, 4),
    KEYWORD_AT: lambda topic, random_state: {
        "word": random_state.choice(topic.related),
        "N": random_state.choice((2, 3)),
    },
    REPEATS: _one_of("small_n", 2, 3),
}


_MORE_WORDINGS: dict[str, tuple[str, ...]] = {
    row["id"]: tuple(row["wordings"])
    for _, row in read_jsonl(
        package_file("corpus", "material/wordings.jsonl"), {"id": str, "wordings": list}
    )
}


def wordings(id: str) -> tuple[str, ...]:
    """The sentences that may state a constraint: the verifier's own, and ours if it has few.

    Raises:
        HpptError: unknown id.
    """
    own = verifiers.family(id).paraphrases
    return own if len(own) >= 5 else own + _MORE_WORDINGS[id]


def worded(id: str, kwargs: dict[str, Any], random_state: random.Random) -> Constraint:
    """A constraint in one of its wordings.

    Raises:
        HpptError: the parameters do not fit the type.
    """
    verifier = verifiers.build(id, kwargs)
    return Constraint(id, kwargs, verifier.filled(random_state.choice(wordings(id))))


def draw_hard(id: str, topic: Topic, random_state: random.Random) -> Constraint:
    """A hard constraint of one type, with parameters and wording drawn for a topic.

    Raises:
        HpptError: the type is neither seen nor unseen.
    """
    draws = SEEN | UNSEEN
    if id not in draws:
        raise HpptError(f"'{id}' is none of the corpus's types: {', '.join(sorted(draws))}.")
    return worded(id, draws[id](topic, random_state), random_state)


def draw_four(topic: Topic, random_state: random.Random) -> list[Constraint]:
    """One constraint of each type of the hard sets, for this topic."""
    choose = random_state.choice
    drafts: list[tuple[str, dict[str, Any]]] = [
        (COMMA, {}),
        (WORDS, {"relation": "less than", "num_words": choose((12, 15, 20))}),
        (BULLETS, {"num_bullets": choose((2, 3))}),
        (EXIST, {"keywords": [choose(topic.related)]}),
    ]
    constraints = []
    for id, kwargs in drafts:
        verifier = verifiers.build(id, kwargs)
        wording = random_state.randrange(len(verifier.family.paraphrases))
        constraints.append(Constraint(id, kwargs, verifier.describe(wording)))
    return constraints
