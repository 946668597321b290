"""Finds statements: whether a text says something of a topic, or only has its words in it.

>>> says_of("Green tea grows on misty hills.", ("tea",), "Write about tea.")
True
>>> says_of("tea; kettle; a nice cup of tea", ("tea",), "Write about tea.")
False

A *part* of a text is a sentence, a line or the item of a list. It is a statement about a topic if

1. it has three words or more, and a sign of a verb (`_has_verb`): a heap of words, a title and a
   bare noun have none;
2. the topic stands in it, or it begins with "it", "they" or the like after the topic was named;
3. it has words of its own (`new_words`) beside those of the task, the topic and grammar;
4. it is no echo: it does not begin with the task's verb ("Write ..."), and no run of words of the
   prompt is the whole of it;
5. it is not about the task ("this sentence", "the word", "no commas") and no opening ("Here is").

Nothing here reads for sense: "Tea is the epic movie" is a statement. The rules are those of
English. `is_english` tells where they can be asked.

Every function here is linear in the length of its input.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from hppt_lib.verifiers.verbs import is_base_form, is_sure_verb, is_third_person
from hppt_lib.verifiers.word_lists import word_list, word_set

STOP_WORDS = frozenset(word_list("words without a topic"))
"""Words that say nothing about a topic."""

_EMPTY = STOP_WORDS | word_set("one ones thing things")
_FEWEST = 3  # words in a statement
_HEAP = 12  # words: from here on a sentence has some small words, one in ten at least

# A line goes on where the next one begins with a small letter and no mark: a wrapped text, a poem.
_END = re.compile(r"(?<![.!?;])[.!?;]++(?=[\s\"')*_\]]|$)|\n(?![a-z])")
_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[,:()=|/\u2013\u2014]|(?<=\s)-(?=\s)")
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")

_SMALL = frozenset(
    word_list("stop words") + word_list("more stop words") + word_list("contracted stop words")
)
_ENGLISH = frozenset(word_list("small words"))
_OTHER_LANGUAGES = frozenset(word_list("small words of other languages"))
_NO_STATEMENT = frozenset(word_list("tasks without a statement"))
_OF_FORM = frozenset(word_list("words about the form of a text"))
_OF_TASK = frozenset(word_list("words about the task"))
_POINTING = word_set("the this that your my")
_AFTER_A_VERB = frozenset(word_list("words after a verb"))
_OBJECTS = word_set("the a an my our your his its their me us him it them")
_AFTER_A_PARTICIPLE = _OBJECTS | word_set("with to from by in on for into over through around as")
_BEFORE_A_PLURAL_VERB = word_set(
    "i you we they he she it who which that to people children men women not also often never "
    "always still even now"
)
_BEFORE_A_SINGULAR_VERB = word_set(
    "he she it that which who one everyone everybody nobody also often never always still even now"
)
_NO_VERB_BEFORE = word_set("and or of is are was were , : ( ) = | /")
_PRONOUNS = word_set(
    "it they he she these this it's it'll they're they've they'll he's she's its their his her"
)
_JOINING = word_set("and but so or then also yet because when while if though although")
_OPENINGS = word_set("here here's sure certainly okay ok")


def says_of(
    text: str, topic: Sequence[str], task: str, *, prompt: str = "", new_words: int = 1
) -> bool:
    """Whether a part of ``text`` is a statement about ``topic``.

    Args:
        text: as a reader sees it (`hppt_lib.verifiers.as_seen`).
        topic: words for the topic, in any inflection (`mentions`).
        task: what was asked, without constraints: its words are not new.
        prompt: the whole prompt, constraints too; empty if it is the task.
        new_words: how many different words of its own the statement must have.
    """
    subject = mentions(topic)
    asked, order, whole = _words_of(task, prompt)
    own_words = frozenset(each for text in topic for each in _WORD.findall(text.casefold()))
    named = False
    for piece in _END.split(text):
        tokens = _TOKEN.findall(piece.casefold())
        if not tokens:
            continue
        here = subject.search(piece.casefold()) is not None
        about = here or (named and _goes_on(tokens))
        if not about or _about_the_task(tokens, own_words):
            continue
        named = True
        own = {each for each in tokens if len(each) > 1 or each.isalpha()}
        if len(own) < _FEWEST or tokens[0] in _OPENINGS or not _has_verb(tokens):
            continue
        if tokens[0] == order and not subject.fullmatch(order):
            continue
        new = own - _EMPTY - asked
        if sum(not subject.fullmatch(each) and not each.isdigit() for each in new) < new_words:
            continue
        if not _is_heap(tokens) and f" {' '.join(tokens)} " not in whole:
            return True
    return False


def is_english(text: str) -> bool:
    """Whether English is what a text may be taken for, so that its verbs can be looked for.

    False if most of its letters are no Latin ones, if it has two or more of the commonest words of
    other languages and not as many of English, or if it has letters with accents and no small word
    of English. A heap of plain words, which has neither, is English.
    """
    found = set(_WORD.findall(text.casefold()))
    small = len(found & _ENGLISH)
    if not text.isascii():
        accented = [each for each in text if each > "\x7f" and each.isalpha()]
        if accented and not small:
            return False
        if 2 * sum(each > "\u024f" for each in accented) > sum(map(str.isalpha, text)):
            return False
    others = len(found & _OTHER_LANGUAGES)
    return others < 2 or others <= small


def wants_statement(task: str) -> bool:
    """Whether a task asks for sentences, not for a list, a name, a title, a poem or code."""
    return _NO_STATEMENT.isdisjoint(_WORD.findall(task.casefold()))


@lru_cache(maxsize=256)
def _mentions(topic: tuple[str, ...]) -> re.Pattern[str]:
    subjects = [each for text in topic for each in _WORD.findall(text.casefold())]
    return re.compile("|".join(map(_forms, subjects)) or r"(?!)")


def mentions(topic: Sequence[str]) -> re.Pattern[str]:
    """A pattern that finds a word about the topic in case-folded text.

    English inflections of a word are the word: bees, bee's, dancing, batteries, swimmer. A part of
    a compound with a hyphen is one too ("tea-based"). What begins with a word of five letters or
    more, leaving out a last e, y or s, grows out of it: marketplace, photographer. Words of other
    alphabets may stand anywhere in a word, without their last letter if they have five or more:
    Arabic puts its article before a word, Chinese no space between them.

    A rough rule: it takes "corner" for a word about corn and "butterfly" for one about butter.
    """
    return _mentions(tuple(topic))


def _forms(word: str) -> str:
    """The pattern of one word of a topic."""
    if any(each > "\u024f" for each in word):
        return re.escape(word[:-1] if len(word) > 4 and word[-1] < "\u2e80" else word)
    base = word[:-1] if len(word) > 4 and word.endswith(("e", "y", "s")) else word
    if len(base) >= 5:
        return rf"(?<![^\W_]){re.escape(base)}[^\W_]*"
    base = word[:-1] if len(word) > 3 and word.endswith("s") and word[-2] != "s" else word
    forms = {word, base + "(?:'?s|s?'|es|e?d|ing|ings|e?r|e?rs|y)?"}
    if base.endswith("e"):
        forms.add(base[:-1] + "(?:ing|ings|y)")
    elif base.endswith("y"):
        forms.add(base[:-1] + "(?:ies|ied|iers?)")
    elif base.endswith("f"):
        forms.add(base[:-1] + "ves")
    elif len(base) > 2 and base[-1].isalpha() and base[-2] in "aeiou":
        forms.add(base + base[-1] + "(?:ing|ings|ed|ers?|y)")
    return rf"(?<![^\W_])(?:{'|'.join(sorted(forms))})(?![^\W_])"


@lru_cache(maxsize=256)
def _words_of(task: str, prompt: str) -> tuple[frozenset[str], str, str]:
    """A task's words, the verb that it begins with if any, and the prompt with single spaces."""
    words = _WORD.findall(task.casefold())
    whole = _WORD.findall((prompt or task).casefold())
    order = words[0] if words and is_base_form(words[0]) else ""
    return frozenset(words), order, f" {' '.join(whole)} "


def _goes_on(tokens: Sequence[str]) -> bool:
    """Whether a part speaks on of what was named before it: "They ...", "But it ..."."""
    first = tokens[1] if tokens[0] in _JOINING and len(tokens) > 1 else tokens[0]
    return first in _PRONOUNS


def _about_the_task(tokens: Sequence[str], topic: frozenset[str]) -> bool:
    """Whether a part talks of the task or of a text's form; not if that is the topic."""
    if not _OF_FORM.isdisjoint(tokens) and _OF_FORM.isdisjoint(topic):
        return True
    for place, word in enumerate(tokens):
        if word in _OF_TASK and word not in topic:
            # "The first sentence" is of the text; "the Greek word" is of where a word comes from.
            before = tokens[max(0, place - (1 if word == "word" else 3)) : place]
            if before[-1:] in (["a"], ["an"]) or not _POINTING.isdisjoint(before):
                return True
    return False


def _is_heap(tokens: Sequence[str]) -> bool:
    """Whether there are many words, and hardly one of grammar among them."""
    return len(tokens) >= _HEAP and 10 * sum(each in _SMALL for each in tokens) < len(tokens)


def _has_verb(tokens: Sequence[str]) -> bool:
    """Whether a part has a word that is a verb, by itself or by the words beside it."""
    padded = ["", *tokens, ""]
    return any(map(_is_verb, padded, padded[1:], padded[2:]))


def _is_verb(before: str, word: str, after: str) -> bool:
    """Whether a word is a verb, as far as the words before and after it tell."""
    if is_sure_verb(word) or word in _CONTRACTED:
        return True
    if word in _SMALL or not word[:1].isalpha():
        return False
    noun = before.isalpha() and before not in _SMALL
    plural = noun and before.endswith("s") and not before.endswith("ss")
    if noun and after in _OBJECTS:  # any word: "moss carpets the ground"
        return True
    if plural or before in _BEFORE_A_PLURAL_VERB:  # "batteries store", no "tea cake with butter"
        if is_base_form(word) or word.endswith("ed"):
            return True
    if (noun and not plural) or before in _BEFORE_A_SINGULAR_VERB:  # "ice melts quickly"
        if is_third_person(word) and after and after not in _NO_VERB_BEFORE:
            return True
    if word.endswith(("ed", "ing")):  # "filled with art"
        return len(word) > 4 and (after in _AFTER_A_PARTICIPLE or after in _AFTER_A_VERB)
    return after in _AFTER_A_VERB and (is_base_form(word) or is_third_person(word))


_CONTRACTED = word_set(
    """i'm i've i'll i'd you're you've you'll you'd he's he'll he'd she's she'll she'd it's it'll
    it'd we're we've we'll we'd they're they've they'll they'd that's that'll there's there'll
    here's what's who's where's"""
)
