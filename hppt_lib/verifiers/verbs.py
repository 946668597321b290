"""Common English verbs and their forms.

Enough to tell whether a text starts with a verb, and whether a part of it has one.
"""

from __future__ import annotations

from functools import cache

from hppt_lib.verifiers.word_lists import word_list, word_set

_AUXILIARIES = frozenset(word_list("auxiliary verbs"))
_AFTER_A_VERB = frozenset(word_list("words after a verb"))
_STRESSED_AT_THE_END = frozenset(word_list("verbs stressed at the end"))
# Before these no verb stands, unless it is an auxiliary: "Research is", "Answers can", "Use of".
_PREDICATES = word_set(
    """is are was were am has had does did can could will would shall should may might must
    isn't aren't wasn't weren't hasn't doesn't didn't can't cannot won't wouldn't of"""
)
_WITH_OF = word_set("think thinking dream dreaming speak speaking beware conceive")
_MODALS = word_set("can will may might must")
_NO_PARTICIPLES = word_set("interesting boring amazing fascinating exciting outstanding")


def is_base_form(word: str) -> bool:
    """Whether a word in lower case is a verb as a dictionary lists it."""
    return word in _bases()


def is_third_person(word: str) -> bool:
    """Whether a word in lower case is a verb's form in -s."""
    return word in _third_persons()


def is_sure_verb(word: str) -> bool:
    """Whether a word in lower case is hardly ever anything but a verb: "is", "gathers", "grew".

    Forms in -ing and regular ones in -ed are none: they may stand before a noun.
    """
    return word in _finite_forms()


def opens_with_verb(first: str, second: str) -> bool:
    """Whether a text that begins with ``first`` and ``second`` begins with a verb.

    Both are words in lower case; ``second`` is a mark or empty where no word follows at once.
    A word that is a noun or an adjective as often as a verb is judged by what follows it.
    """
    if first in _AUXILIARIES:
        return first not in _MODALS or second in _AFTER_A_VERB
    if first in _NO_PARTICIPLES or (second in _PREDICATES and first not in _WITH_OF):
        return False
    if first in _sure_forms():
        as_noun = first.endswith("ing") and first not in _bases()
        return not (as_noun and second in ("and", "or", "but", ""))
    if first in _others() or first in _third_persons():
        return second in _AFTER_A_VERB
    if first in _bases():
        if second in ("and", "or") or second.endswith("ed") or is_third_person(second):
            return False
        return second in ("", "!") or second.isalpha()
    return False


@cache
def _bases() -> frozenset[str]:
    return frozenset(word_list("verbs")) | frozenset(word_list("verbs or nouns")) | _others()


@cache
def _finite_forms() -> frozenset[str]:
    sure = {*_AUXILIARIES, *word_list("verbs"), *word_list("irregular verb forms")}
    sure.update(map(_third_person, word_list("verbs")))
    return frozenset(sure - {"leaves", "thanks"})  # plurals as often: "tea leaves"


@cache
def _others() -> frozenset[str]:
    return frozenset(word_list("nouns that may be verbs"))


@cache
def _third_persons() -> frozenset[str]:
    return frozenset(map(_third_person, _bases()))


@cache
def _sure_forms() -> frozenset[str]:
    """Forms that are verbs wherever they open a text, -ing forms included."""
    sure = {*word_list("verbs"), *word_list("irregular verb forms")}
    sure.update(map(_third_person, word_list("verbs")))
    sure.update(form for base in _bases() for form in (_past(base), _ing(base)))
    return frozenset(sure - {"seed", "thanks"})


def _third_person(base: str) -> str:
    if base.endswith(("s", "x", "z", "ch", "sh", "o")):
        return base + "es"
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ies"
    return base + "s"


def _past(base: str) -> str:
    if base.endswith("y") and base[-2] not in "aeiou":
        return base[:-1] + "ied"
    return base + "d" if base.endswith("e") else _doubled(base) + "ed"


def _ing(base: str) -> str:
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")) and base != "be":
        return base[:-1] + "ing"
    return _doubled(base) + "ing"


def _doubled(base: str) -> str:
    """``base`` with its last consonant doubled where the spelling does so: "plan", "commit"."""
    short = base[-1] not in "aeiouwxy" and base[-2] in "aeiou"
    single = short and base[-3] not in "aeiou"
    stressed = sum(each in "aeiou" for each in base) == 1 or base in _STRESSED_AT_THE_END
    return base + base[-1] if single and stressed else base
