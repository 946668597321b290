"""What does not go together: pairs of constraints that clash, always or for some parameters.

The table holds what cannot be satisfied by any response, and what could be satisfied only by one
that nobody would call sensible (three bullet points in nine words). It covers the seen types and
the unseen ones, which never meet in one instruction. A combination that is merely hard is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from hppt_lib.instructions.model import Constraint

Kwargs = Mapping[str, Any]
_SENTENCE = 4  # words that a sentence or a bullet point takes, in a sensible answer


@dataclass(frozen=True)
class Conflict:
    """A pair of types that clash.

    Attributes:
        first: id of a type of constraint.
        second: id of another (or of the same).
        clashes: from the parameters of the first and of the second to whether they clash.
        why: the reason, for a reader.
    """

    first: str
    second: str
    clashes: Callable[[Kwargs, Kwargs], bool]
    why: str


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


def _always(first: Kwargs, second: Kwargs) -> bool:
    return True


def _room(words: Kwargs) -> int:
    """How many words are allowed; a great many if there is no upper limit."""
    return words["num_words"] - 1 if words["relation"] == "less than" else 10**9


def _most_sentences(sentences: Kwargs) -> int:
    return sentences["num_sentences"] - 1 if sentences["relation"] == "less than" else 10**9


def _least(kwargs: Kwargs, count: str, relation: str = "relation") -> int:
    """How many are asked for at least; 0 if there is no lower limit."""
    return kwargs[count] if kwargs[relation] == "at least" else 0


def _most(kwargs: Kwargs, count: str, relation: str = "relation") -> int:
    return kwargs[count] - 1 if kwargs[relation] == "less than" else 10**9


def _same_word(words: Iterable[str], text: str) -> bool:
    bare = {word.strip(".,:;!?").casefold() for word in text.split()}
    return any(word.casefold() in bare for word in words)


def _letters_in(letter: Kwargs, text: str) -> bool:
    """Whether a text alone uses up half of the letters that are allowed."""
    return 2 * text.lower().count(letter["letter"]) > _most(letter, "let_frequency", "let_relation")


def _bounds_cross(count: str, relation: str = "relation") -> Callable[[Kwargs, Kwargs], bool]:
    def crossed(first: Kwargs, second: Kwargs) -> bool:
        least = max(_least(first, count, relation), _least(second, count, relation))
        return least > min(_most(first, count, relation), _most(second, count, relation))

    return crossed


# Where the limits of two constraints of one type cross.
_CROSSED = [
    Conflict(WORDS, WORDS, _bounds_cross("num_words"), "no length is both"),
    Conflict(SENTENCES, SENTENCES, _bounds_cross("num_sentences"), "no length is both"),
    Conflict(
        CAPITALS,
        CAPITALS,
        _bounds_cross("capital_frequency", "capital_relation"),
        "no number of words in capitals is both",
    ),
    Conflict(
        FREQUENCY,
        FREQUENCY,
        lambda a, b: a["keyword"] == b["keyword"] and _bounds_cross("frequency")(a, b),
        "no number of occurrences is both",
    ),
    Conflict(
        LETTER,
        LETTER,
        lambda a, b: (
            a["letter"] == b["letter"] and _bounds_cross("let_frequency", "let_relation")(a, b)
        ),
        "no number of letters is both",
    ),
    *(
        Conflict(
            id,
            id,
            lambda a, b, count=count: a[count] != b[count],  # type: ignore[misc]
            "two different exact numbers",
        )
        for id, count in (
            (BULLETS, "num_bullets"),
            (PARAGRAPHS, "num_paragraphs"),
            (SECTIONS, "num_sections"),
            (NUMBERS, "N"),
        )
    ),
    Conflict(FIRST, FIRST, lambda a, b: a != b, "an answer has one first word"),
    Conflict(END, END, lambda a, b: a != b, "an answer has one end"),
]
# Where what is asked for needs more room than is allowed.
_ROOM = [
    Conflict(
        WORDS,
        SENTENCES,
        lambda words, other: _SENTENCE * _least(other, "num_sentences") > _room(words),
        "that many sentences need more words",
    ),
    *(
        Conflict(
            WORDS,
            id,
            lambda words, other, count=count: _SENTENCE * other[count] > _room(words),  # type: ignore[misc]
            "they need more words",
        )
        for id, count in ((BULLETS, "num_bullets"), (HIGHLIGHTS, "num_highlights"))
    ),
    Conflict(
        WORDS,
        LETTER,
        lambda words, other: _least(other, "let_frequency", "let_relation") > _room(words) // 2,
        "a letter does not stand in every other word",
    ),
    Conflict(
        LETTERS,
        CONJUNCTIONS,
        lambda letters, other: 30 * other["small_n"] > _most(letters, "N"),
        "they need more letters",
    ),
    Conflict(
        SENTENCES,
        BULLETS,
        lambda sentences, other: other["num_bullets"] > _most_sentences(sentences),
        "each bullet point is a sentence or more",
    ),
    Conflict(
        SENTENCES,
        END,
        lambda sentences, other: _most_sentences(sentences) < 2,
        "the phrase is a sentence of its own",
    ),
]
# Where one asks for a word or a mark that the other forbids, or too often.
_FORBIDDEN = [
    Conflict(
        EXIST,
        FORBID,
        lambda a, b: _same_word(a["keywords"], " ".join(b["forbidden_words"])),
        "the word is forbidden",
    ),
    Conflict(
        FREQUENCY,
        FORBID,
        lambda a, b: _least(a, "frequency") > 0 and a["keyword"] in b["forbidden_words"],
        "the word is forbidden",
    ),
    Conflict(
        EXIST,
        LETTER,
        lambda a, b: _letters_in(b, " ".join(a["keywords"])),
        "the keywords use up the letter",
    ),
    Conflict(
        FREQUENCY,
        LETTER,
        lambda a, b: _letters_in(b, a["keyword"] * _least(a, "frequency")),
        "the keyword uses up the letter",
    ),
    Conflict(
        END,
        LETTER,
        lambda a, b: _letters_in(b, a["end_phrase"]),
        "the phrase uses up the letter",
    ),
    Conflict(
        SECTIONS,
        REPEATS,
        lambda a, b: a["num_sections"] > b["small_n"],
        "each heading has the same word",
    ),
    Conflict(END, COMMA, lambda a, b: "," in a["end_phrase"], "the phrase has a comma"),
    Conflict(END, EXCLAMATION, lambda a, b: "!" in a["end_phrase"], "the phrase has the mark"),
    Conflict(POSTSCRIPT, DOT, lambda a, b: "." in a["postscript_marker"], "the marker has dots"),
]
# Where one decides the case or the shape of the whole.
_WHOLE = [
    # "Less than 3 words in capitals" adds nothing to lower case, and "at least" contradicts it.
    Conflict(LOWER, CAPITALS, _always, "no capitals are allowed"),
    Conflict(LOWER, END, _always, "the phrase begins with a capital"),
    Conflict(UPPER, SECTIONS, _always, "the headings have small letters"),
    Conflict(QUOTE, BULLETS, _always, "a quotation mark stands before the first of them"),
    Conflict(QUOTE, TITLE, _always, "a title stands before the quotation"),
    Conflict(TITLE, FIRST, _always, "a title comes first"),
    Conflict(SECTIONS, PARAGRAPHS, _always, "two layouts of one answer"),
    Conflict(SECTIONS, KEYWORD_AT, _always, "is a heading a sentence?"),
    Conflict(SECTIONS, NUMBERS, _always, "the sections are numbered"),
    *(
        Conflict(JSON, id, _always, "JSON has a form of its own")
        for id in (SECTIONS, PARAGRAPHS, POSTSCRIPT, KEYWORD_AT, PLACEHOLDERS)
    ),
]
# Soft values (and what they say of hard ones) that pull in opposite directions.
_SOFT = [
    Conflict(first, second, _always, "they pull in opposite directions")
    for first, second in (
        ("tone:humorous", "emotion:unease"),
        ("tone:matter_of_fact", "emotion:wonder"),
        ("tone:matter_of_fact", "emotion:nostalgia"),
        ("tone:matter_of_fact", "emotion:joy"),
        ("tone:matter_of_fact", "emotion:unease"),
        ("tone:matter_of_fact", "purpose:entertain"),
        ("tone:matter_of_fact", "purpose:persuade"),
        ("tone:matter_of_fact", "style:poetic"),
        ("tone:matter_of_fact", "perspective:thing_itself"),
        ("tone:matter_of_fact", "role:grandparent"),
        ("tone:formal", "purpose:entertain"),
        ("tone:formal", "perspective:thing_itself"),
        ("emotion:joy", "purpose:warn"),
        ("emotion:unease", "purpose:comfort"),
        ("emotion:unease", "situation:celebration"),
        ("purpose:warn", "situation:bad_day"),
        ("audience:children", "style:journalistic"),
        ("audience:experts", "audience:newcomers"),
        ("audience:experts", "style:plain"),
        ("audience:busy_managers", "style:poetic"),
        ("audience:busy_managers", "style:narrative"),
        ("style:journalistic", "perspective:first_person"),
        ("style:journalistic", "perspective:second_person"),
        ("style:journalistic", "perspective:thing_itself"),
        ("detail:essentials", "style:poetic"),
        ("detail:essentials", "style:narrative"),
        ("perspective:observer", "role:grandparent"),
        ("perspective:thing_itself", "role:teacher"),
        ("perspective:thing_itself", "role:tour_guide"),
        ("perspective:thing_itself", "role:scientist"),
        ("perspective:thing_itself", "role:grandparent"),
    )
] + [
    Conflict(
        WORDS,
        "detail:essentials",
        lambda words, soft: _least(words, "num_words") >= 20,
        "only the essentials, at length",
    ),
    *(
        Conflict(WORDS, id, lambda words, soft: _room(words) < 14, "it needs more words")
        for id in ("style:narrative", "style:journalistic", "detail:example", "detail:reasons")
    ),
    *(
        Conflict(JSON, f"style:{name}", _always, "JSON has a form of its own")
        for name in ("poetic", "narrative", "journalistic")
    ),
]
CONFLICTS: tuple[Conflict, ...] = (*_CROSSED, *_ROOM, *_FORBIDDEN, *_WHOLE, *_SOFT)

_BY_PAIR: dict[tuple[str, str], list[Conflict]] = {}
for _each in CONFLICTS:
    _BY_PAIR.setdefault((_each.first, _each.second), []).append(_each)


def clash(first: Constraint, second: Constraint) -> str | None:
    """Why two constraints do not go together, in either order; None if they do."""
    for one, other in ((first, second), (second, first)):
        for conflict in _BY_PAIR.get((one.id, other.id), ()):
            if conflict.clashes(one.kwargs, other.kwargs):
                return conflict.why
    return None


def clashes(constraints: Iterable[Constraint]) -> list[tuple[str, str, str]]:
    """Every clashing pair among some constraints, as (id, id, why)."""
    return [
        (one.id, other.id, why)
        for one, other in combinations(constraints, 2)
        if (why := clash(one, other))
    ]
