"""Constraints on the word at a certain place: the first, the last, the m-th of a sentence."""

from __future__ import annotations

from hppt_lib.verifiers.ifbench.prose import bare, prose_words, shown, tokens
from hppt_lib.verifiers.ifbench.verbs import opens_with_verb
from hppt_lib.verifiers.registry import PositiveCount, Verdict, register
from hppt_lib.verifiers.text import counted, is_heading, sentences, words


@register(
    "words:keywords_specific_position",
    "Include keyword {keyword} in the {n}-th sentence, as the {m}-th word of that sentence.",
    "Sentence number {n} must have the keyword {keyword} as its word number {m}.",
    "Place the word {keyword} in sentence {n}, as word {m} of it.",
    "The {m}-th word of the {n}-th sentence has to be {keyword}.",
    "Put {keyword} at position {m} of your {n}-th sentence.",
)
def keywords_specific_position(
    response: str, *, keyword: str, n: PositiveCount, m: PositiveCount
) -> Verdict:
    """The m-th word of the n-th sentence is the keyword, in any case."""
    found = sentences(response)
    if len(found) < n:
        return Verdict(False, f"{counted(len(found), 'sentence')}, at least {n} wanted")
    inside = words(found[n - 1])
    if len(inside) < m:
        return Verdict(False, f"{counted(len(inside), 'word')} in sentence {n}, {m} wanted")
    word = bare(inside[m - 1])
    return Verdict(
        word.casefold() == keyword.strip().casefold(),
        f"word {m} of sentence {n} is {word[:60]}, {keyword[:60]} wanted",
    )


@register(
    "words:last_first",
    "In your response, the last word of each sentence must become the first word of the next "
    "sentence.",
    "Begin each sentence with the word that the sentence before it ended with.",
    "The word that closes a sentence has to open the next one.",
    "Every sentence but the first must start with the last word of the previous sentence.",
    "Chain your sentences: the last word of one is the first word of the next.",
)
def last_first(response: str) -> Verdict:
    """Each sentence begins with the last word of the one before it; there are at least two."""
    found = [bare_sentence for each in sentences(response) if (bare_sentence := words(each))]
    if len(found) < 2:
        return Verdict(False, f"{counted(len(found), 'sentence')}: at least 2 make a chain")
    for before, after in zip(found, found[1:], strict=False):
        last, first = bare(before[-1]), bare(after[0])
        if last.casefold() != first.casefold():
            return Verdict(False, f"{first[:60]} follows {last[:60]}")
    return Verdict(True, f"{len(found)} sentences make a chain")


@register(
    "words:paragraph_last_first",
    "Each paragraph of your response must end with the same word it started with, separate "
    "paragraphs with a newline.",
    "The first and the last word of every paragraph have to be the same; put a line break between "
    "paragraphs.",
    "Start and end each paragraph with the same word, and begin each paragraph on a new line.",
    "Every paragraph must close with its opening word; a newline separates paragraphs.",
    "Let each paragraph end with the word that it begins with. Separate them by a newline.",
)
def paragraph_last_first(response: str) -> Verdict:
    """Each line that is no heading begins and ends with the same word and has two words or more.

    The prompt separates paragraphs by a newline, so each line that holds a word is one.
    """
    found = 0
    for line in filter(str.strip, response.splitlines()):
        inside = prose_words(line)
        if is_heading(line) or not inside:
            continue
        found += 1
        if len(inside) < 2:
            return Verdict(False, f"a paragraph of one word: {inside[0][:60]}")
        if inside[0].casefold() != inside[-1].casefold():
            return Verdict(False, f"from {inside[0][:60]} to {inside[-1][:60]}")
    return Verdict(found > 0, f"{counted(found, 'paragraph')}, each ends as it began")


@register(
    "words:start_verb",
    "The response must start with a verb.",
    "Begin your response with a verb.",
    "The first word of your answer has to be a verb.",
    "Make a verb the very first word of the response.",
    "Start with a verb.",
)
def start_verb(response: str) -> Verdict:
    """The first word is a verb: "Imagine", "Let", "Using", "Is", "Don't".

    A word that may be another part of speech is judged by the word after it: "Picture a town" and
    "Set up" begin with a verb, "Picture frames" and "Set theory" do not. Marks before the first
    word make no difference. What is no common verb of English is none.
    """
    found = prose_words(response)
    if not found:
        return Verdict(False, "no words")
    start = response.find(found[0])
    after = tokens(response[start + len(found[0]) :][:200].lstrip("*"))
    second = after[0].lower() if after else ""
    passed = opens_with_verb(found[0].lower(), second)
    return Verdict(passed, f"the first word is {found[0][:60]}")


@register(
    "words:words_position",
    "The second word in your response and the second to last word in your response should be the "
    "word {keyword}.",
    "Use {keyword} as the second word and as the second to last word of your answer.",
    "Both the second word and the last word but one have to be {keyword}.",
    "Your response must have {keyword} in second place and in second to last place.",
    "Put the word {keyword} second from the beginning and second from the end.",
)
def words_position(response: str, *, keyword: str) -> Verdict:
    """The second word and the last word but one are the keyword, in any case."""
    found = [each.casefold() for each in prose_words(response)]
    if len(found) < 2:
        return Verdict(False, f"{counted(len(found), 'word')}, at least 2 wanted")
    wanted = keyword.strip().casefold()
    return Verdict(
        found[1] == found[-2] == wanted,
        f"{shown([found[1], found[-2]])} in these places, {keyword[:60]} wanted",
    )
