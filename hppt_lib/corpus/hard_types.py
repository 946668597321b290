"""Hard constraint types: which are trained on, which are held out, how their parameters are drawn.

The sixteen seen types are those that the embedded 135M model satisfies at least now and then; the
twelve unseen ones are no variants of them under another id. Wordings are the verifiers' own, and
`MORE_WORDINGS` where a family has fewer than five.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from hppt_lib import verifiers
from hppt_lib.corpus.hard_sets import Topic
from hppt_lib.corpus.wordings import MORE_WORDINGS
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint

Draw = Callable[[Topic, random.Random], dict[str, Any]]

# Words that any answer can use or avoid, whatever its topic.
COMMON_WORDS = (
    *("always", "better", "change", "different", "easy", "example", "family", "find", "future"),
    *("great", "important", "language", "large", "little", "long", "makes", "never", "nothing"),
    *("often", "perfect", "place", "reason", "simple", "small", "special", "strange", "together"),
    *("useful", "very", "wonderful", "year"),
)
OPENERS = (
    *("Imagine", "Today", "Many", "Often", "Perhaps", "Everyone", "Sometimes", "Picture", "Here"),
    *("Think", "Most", "Nobody", "Surely", "Once"),
)
END_PHRASES = (
    "That is all.",
    "I hope this helps.",
    "Thank you for reading.",
    "This is only the beginning.",
    "Think about it.",
    "The rest is up to you.",
    "More about this tomorrow.",
    "Now you know.",
    "What do you think?",
    "Any questions?",
    "Good luck, my friend.",
    "See for yourself!",
)
_COMMON_LETTERS = "acdhilmnoprst"
_RARE_LETTERS = "jkqvxz"


def _number_words(topic: Topic, random_state: random.Random) -> dict[str, Any]:
    if random_state.random() < 0.6:
        return {"relation": "less than", "num_words": random_state.choice((12, 15, 20, 25, 30, 40))}
    return {"relation": "at least", "num_words": random_state.choice((5, 10, 15, 20, 25))}


def _number_sentences(topic: Topic, random_state: random.Random) -> dict[str, Any]:
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


def _number(name: str, *choices: int) -> Draw:
    return lambda topic, random_state: {name: random_state.choice(choices)}


SEEN: dict[str, Draw] = {
    "punctuation:no_comma": _nothing,
    "punctuation:punctuation_exclamation": _nothing,
    "length_constraints:number_words": _number_words,
    "length_constraints:number_sentences": _number_sentences,
    "keywords:existence": lambda topic, state: {"keywords": _keywords(topic, state)},
    "keywords:forbidden_words": lambda topic, state: {"forbidden_words": _keywords(topic, state)},
    "keywords:frequency": _frequency,
    "keywords:letter_frequency": _letter_frequency,
    "detectable_format:number_bullet_lists": _number("num_bullets", 2, 3, 4),
    "detectable_format:number_highlighted_sections": _number("num_highlights", 2, 3),
    "detectable_format:title": _nothing,
    "change_case:english_lowercase": _nothing,
    "change_case:capital_word_frequency": _capital_words,
    "first_word:first_word_answer": lambda topic, state: {"first_word": state.choice(OPENERS)},
    "startend:end_checker": lambda topic, state: {"end_phrase": state.choice(END_PHRASES)},
    "startend:quotation": _nothing,
}
UNSEEN: dict[str, Draw] = {
    "change_case:english_capital": _nothing,
    "punctuation:punctuation_dot": _nothing,
    "length_constraints:number_paragraphs": _number("num_paragraphs", 2, 3),
    "detectable_content:postscript": lambda topic, state: {
        "postscript_marker": state.choice(("P.S.", "P.P.S", "PS:"))
    },
    "detectable_content:number_placeholders": _number("num_placeholders", 2, 3),
    "detectable_format:multiple_sections": lambda topic, state: {
        "section_spliter": state.choice(("Section", "Part", "Chapter")),
        "num_sections": state.choice((2, 3)),
    },
    "detectable_format:json_format": _nothing,
    "letters:letter_counting": lambda topic, state: state.choice(
        (
            {"relation": "at least", "N": state.choice((60, 100))},
            {"relation": "less than", "N": state.choice((120, 160, 200))},
        )
    ),
    "count:numbers": _number("N", 2, 3, 4),
    "count:conjunctions": _number("small_n", 3, 4),
    "sentence:keyword": lambda topic, state: {
        "word": state.choice(topic.related),
        "N": state.choice((2, 3)),
    },
    "words:repeats": _number("small_n", 2, 3),
}


def wordings(id: str) -> tuple[str, ...]:
    """The sentences that may state a constraint: the verifier's own, and ours if it has few.

    Raises:
        HpptError: unknown id.
    """
    own = verifiers.family(id).paraphrases
    return own if len(own) >= 5 else own + MORE_WORDINGS[id]


def state(id: str, kwargs: dict[str, Any], random_state: random.Random) -> Constraint:
    """A constraint in one of its wordings.

    Raises:
        HpptError: the parameters do not fit the type.
    """
    verifiers.build(id, kwargs)
    shown = {
        name: ", ".join(value) if isinstance(value, list) else value
        for name, value in kwargs.items()
    }
    return Constraint(id, kwargs, random_state.choice(wordings(id)).format(**shown))


def draw_hard(id: str, topic: Topic, random_state: random.Random) -> Constraint:
    """A hard constraint of one type, with parameters and wording drawn for a topic.

    Raises:
        HpptError: the type is neither seen nor unseen.
    """
    draws = SEEN | UNSEEN
    if id not in draws:
        raise HpptError(f"'{id}' is none of the corpus's types: {', '.join(sorted(draws))}.")
    return state(id, draws[id](topic, random_state), random_state)
