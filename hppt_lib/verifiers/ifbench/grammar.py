"""Finds coordinating conjunctions and pronouns in a text, judged by their neighbours."""

from __future__ import annotations

import re
from itertools import islice, zip_longest

from hppt_lib.verifiers.ifbench.english import (
    AUXILIARIES,
    CLAUSE_SUBJECTS,
    COORDINATING,
    DEMONSTRATIVES,
    DETERMINERS,
    PRONOUNS,
    QUANTIFIERS,
    SURE_SUBJECTS,
)
from hppt_lib.verifiers.verbs import is_base_form, is_third_person
from hppt_lib.verifiers.word_lists import word_set

_WORD_OR_MARK = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*|\d+|[^\w\s]|\n")
_MARKS = frozenset(".,;:!?()\u2013\u2014\u2026-\n")

# "nothing but", "all but": a preposition.
_NOT_BEFORE_BUT = word_set("nothing anything everything none all")
# "not yet", "has yet to", "is yet": an adverb.
_NOT_BEFORE_YET = word_set("not never as has have had having is are am was were be")
_NOT_AFTER_YET = word_set("to another again more further still")
# "do so", "if so": it stands for a clause; "so much", "so that", "so far": an adverb.
_NOT_BEFORE_SO = word_set("do does did done doing if think say said or ever not is was")
_NOT_AFTER_SO = word_set("that much many far long forth on to too few little as")
_OPENERS_AFTER_SO = CLAUSE_SUBJECTS | DETERMINERS | {"if", "when", "while", "in", "people"}
_RELATIVE = word_set("who which that whom whose where")
# "this also is": a word between a pronoun and its verb.
_ADVERBS = word_set("also just still never always often only then")
_AFTER_PRONOUN = AUXILIARIES | _ADVERBS | word_set("of and or but because to by as with")


def words_and_marks(text: str) -> list[str]:
    """The words, numbers and marks of ``text`` in order; a line break is a mark."""
    return _WORD_OR_MARK.findall(text)


def _separates(token: str) -> bool:
    """Whether a token separates clauses, as a comma or a line break does."""
    return token in _MARKS


def conjunctions_in(text: str) -> set[str]:
    """The coordinating conjunctions in ``text``, in lower case."""
    all_tokens = words_and_marks(text)
    conjunctions: set[str] = set()
    for place, token in enumerate(all_tokens):
        word = token.lower()
        if word in COORDINATING and _joins(word, all_tokens, place):
            conjunctions.add(word)
    return conjunctions


def _joins(word: str, all_tokens: list[str], place: int) -> bool:
    before = all_tokens[place - 1].lower() if place else "\n"
    after = all_tokens[place + 1] if place + 1 < len(all_tokens) else "\n"
    if word == "but":
        return before not in _NOT_BEFORE_BUT
    if word == "yet":
        adverb = before in _NOT_BEFORE_YET or before.endswith("n't")
        return not (adverb or _separates(after) or after.lower() in _NOT_AFTER_YET)
    if word == "for":
        if after in SURE_SUBJECTS:
            return True
        return _separates(before) and before not in ".!?\n" and _clause_follows(all_tokens, place)
    if word == "so":
        if before in _NOT_BEFORE_SO or after.lower() in _NOT_AFTER_SO:
            return False
        if after.lower() in CLAUSE_SUBJECTS:
            return True
        opens = after.lower() in _OPENERS_AFTER_SO or is_base_form(after.lower())
        return (_separates(before) or before == "and") and (
            opens or after.endswith("s") or _clause_follows(all_tokens, place)
        )
    return True


def _clause_follows(all_tokens: list[str], place: int) -> bool:
    """Whether a subject and a verb follow before the next mark: "for the night was cold"."""
    for number, token in enumerate(islice(all_tokens, place + 1, place + 12)):
        word = token.lower()
        if _separates(token) or word in _RELATIVE:
            return False
        if number and (word in AUXILIARIES or word.endswith("n't")):
            return True
        if not number and "'" in token:
            return True
    return False


def pronouns_in(text: str) -> list[str]:
    """The pronouns in ``text``, in order, each as often as it occurs."""
    pronouns = []
    all_tokens = words_and_marks(text)
    shouted = text.isupper()
    for token, after in zip_longest(all_tokens, all_tokens[1:], fillvalue="\n"):
        if not token[0].isalpha():
            continue  # a mark: a megabyte of them would take a second
        word, apostrophe, _ = token.lower().partition("'")
        if token == "i" or (token in ("US", "IT") and not shouted):
            continue  # a variable, a country, a trade
        if word in DEMONSTRATIVES or word in QUANTIFIERS:
            alone = bool(apostrophe) or _stands_alone(word, after.lower())
        else:
            alone = word in PRONOUNS
        if alone:
            pronouns.append(token)
    return pronouns


def _stands_alone(word: str, after: str) -> bool:
    """Whether a word like "this" or "each" stands for a noun, given what follows it."""
    if _separates(after) or after in _AFTER_PRONOUN or after.endswith("n't"):
        return True
    if word in ("this", "that"):
        return is_third_person(after)
    return word == "each" and after in ("other", "other's")
