"""Constraints on shares and proportions."""

from __future__ import annotations

import re
from collections import Counter

from hppt_lib.verifiers.ifbench.english import NLTK_STOP_WORDS, STOP_WORDS
from hppt_lib.verifiers.nltk_text import nltk_sentences
from hppt_lib.verifiers.registry import Percentage, Verdict, reference, register
from hppt_lib.verifiers.sentences import sentences
from hppt_lib.verifiers.words import (
    counted,
    dictionary_words,
    prose_words,
    shown,
    without_emphasis,
)

# How far from the wanted overlap a response may lie, in percentage points, both sides included.
_TOLERANCE = 2


@register(
    "ratio:overlap",
    "Maintain a trigram overlap of {percentage}% (±2%) with the provided reference text: "
    "{reference_text}",
    "Between your response and this text there must be a trigram overlap of {percentage}% (±2%): "
    "{reference_text}",
    "{percentage}% (±2%) of the trigrams of your answer should also occur in this text: "
    "{reference_text}",
    "Keep the share of trigrams that your answer has in common with the following text at "
    "{percentage}% (±2%): {reference_text}",
    "Write so that {percentage}% (give or take 2%) of your trigrams come from this reference text: "
    "{reference_text}",
)
def overlap(response: str, *, reference_text: str, percentage: Percentage) -> Verdict:
    """The share of the response's different trigrams that the reference text has too, within 2 %.

    A trigram is three words in a row; case and marks around words make no difference. A response
    of fewer than three words has no trigram and fails.
    """
    own = _trigrams(response)
    if not own:
        return Verdict(False, "fewer than three words, and so no trigram")
    shared = len(own & _trigrams(reference_text))
    near = abs(100 * shared - percentage * len(own)) <= _TOLERANCE * len(own)
    return Verdict(
        near,
        f"{100 * shared / len(own):.1f}% of {counted(len(own), 'trigram')}, "
        f"{percentage}% (±{_TOLERANCE}%) wanted",
    )


def _trigrams(text: str) -> set[tuple[str, ...]]:
    all_words = dictionary_words(text)
    return set(zip(all_words, all_words[1:], all_words[2:], strict=False))


@reference("ratio:overlap")
def overlap_reference(response: str, *, reference_text: str, percentage: Percentage) -> Verdict:
    """Trigrams of characters."""
    own = _character_trigrams(response)
    if not own:
        return Verdict(False, "fewer than three characters")
    share = len(own & _character_trigrams(reference_text)) / len(own) * 100
    return Verdict(
        percentage - 2 <= share <= percentage + 2, f"{share:.1f}%, {percentage}% (±2%) wanted"
    )


def _character_trigrams(text: str) -> set[tuple[str, str, str]]:
    return set(zip(text, text[1:], text[2:], strict=False))


@register(
    "ratio:sentence_balance",
    "Ensure that the ratio of sentence types (declarative, interrogative, exclamatory) in your "
    "response is balanced.",
    "Use as many declarative as interrogative and as many interrogative as exclamatory sentences.",
    "Balance the types of your sentences: equally many declarative, interrogative and exclamatory "
    "ones.",
    "Your response must have a balanced ratio of declarative, interrogative and exclamatory "
    "sentences.",
    "Statements, questions and exclamations should occur in equal numbers in your answer.",
    needs=("sentencex",),
)
def sentence_balance(response: str) -> Verdict:
    """As many declarative as interrogative as exclamatory sentences, and at least one of each.

    What ends with a question mark ("?!" too) is interrogative, with an exclamation mark
    exclamatory, every other sentence declarative.
    """
    types = _types(response)
    numbers = [types[each] for each in ".?!"]
    return Verdict(numbers[0] == numbers[1] == numbers[2] > 0, f"{_said(types)}; equal wanted")


@reference("ratio:sentence_balance", needs=("punkt",))
def sentence_balance_reference(response: str) -> Verdict:
    """As many sentences that end with ``.`` as with ``?`` as with ``!``; none at all will do."""
    full_stops, questions, exclamations = _endings(response, ".?!")
    return Verdict(
        full_stops == questions == exclamations,
        f"{full_stops} with a full stop, {questions} with ?, {exclamations} with !; equal wanted",
    )


@register(
    "ratio:sentence_type",
    "Maintain a 2:1 ratio of declarative to interrogative sentences in your response.",
    "Use exactly twice as many declarative as interrogative sentences.",
    "For each question in your answer there must be two statements.",
    "Your response should have two declarative sentences for every interrogative one.",
    "Keep declarative and interrogative sentences at a ratio of 2:1.",
    needs=("sentencex",),
)
def sentence_type(response: str) -> Verdict:
    """Twice as many declarative as interrogative sentences, and at least one of the latter.

    What ends with a question mark ("?!" too) is interrogative; exclamations are neither.
    """
    types = _types(response)
    return Verdict(types["."] == 2 * types["?"] > 0, f"{_said(types)}; 2 to 1 wanted")


def _types(response: str) -> Counter[str]:
    return Counter(map(_end_mark, sentences(response)))


def _end_mark(sentence: str) -> str:
    """The mark that gives a sentence its type: it stands after the last letter or digit."""
    mark = "."
    for each in reversed(sentence):
        if each in "?\uff1f\u061f":
            return "?"
        if each in "!\uff01":
            mark = "!"
        elif each.isalnum():
            break
    return mark


def _said(types: Counter[str]) -> str:
    return f"{types['.']} declarative, {types['?']} interrogative, {types['!']} exclamatory"


@reference("ratio:sentence_type", needs=("punkt",))
def sentence_type_reference(response: str) -> Verdict:
    """Twice as many sentences that end with ``.`` as with ``?``; none at all will do."""
    full_stops, questions = _endings(response, ".?")
    return Verdict(
        full_stops == 2 * questions,
        f"{full_stops} with a full stop, {questions} with ?; 2 to 1 wanted",
    )


def _endings(response: str, marks: str) -> list[int]:
    """How many sentences end with each of the marks."""
    all_sentences = list(nltk_sentences(response))
    return [sum(each.endswith(mark) for each in all_sentences) for mark in marks]


@register(
    "ratio:sentence_words",
    "Respond with three sentences, all containing the same number of characters but using all "
    "different words.",
    "Write three sentences of the same number of characters each, without using any word twice.",
    "Your answer must consist of three sentences that are equally long in characters and share no "
    "words.",
    "Give exactly three sentences; each has as many characters as the others, and all words are "
    "different.",
    "Answer in three sentences with equal character counts in which no word is repeated.",
    needs=("sentencex",),
)
def sentence_words(response: str) -> Verdict:
    """Three sentences of equal length in characters, in which no word occurs twice.

    Spaces and marks are characters; Markdown's emphasis and a list's numbers are not. "All
    different words" is taken as it stands: a word may not come back in its own sentence either.
    """
    all_sentences = sentences(response)
    if len(all_sentences) != 3:
        return Verdict(False, f"{counted(len(all_sentences), 'sentence')}, exactly 3 wanted")
    lengths = [len(without_emphasis(each)) for each in all_sentences]
    if len(set(lengths)) > 1:
        return Verdict(False, f"{lengths[0]}, {lengths[1]} and {lengths[2]} characters")
    uses = Counter(word for sentence in all_sentences for word in dictionary_words(sentence))
    twice = [word for word, number in uses.items() if number > 1]
    if twice:
        return Verdict(False, f"used more than once: {shown(twice)}")
    return Verdict(True, f"three sentences of {lengths[0]} characters, no word twice")


@reference("ratio:sentence_words", needs=("punkt",))
def sentence_words_reference(response: str) -> Verdict:
    """Three sentences of the same length; their words are not looked at."""
    lengths = [len(each.strip()) for each in nltk_sentences(response)]
    passed = len(lengths) == 3 and len(set(lengths)) == 1
    shown = ", ".join(map(str, lengths[:3]))
    return Verdict(passed, f"{counted(len(lengths), 'sentence')}, of {shown} characters")


@register(
    "ratio:stop_words",
    "Ensure that stop words constitute no more than {percentage}% of the total words in your "
    "response.",
    "At most {percentage}% of the words in your answer may be stop words.",
    "Keep the share of stop words at or below {percentage}% of all words.",
    "No more than {percentage}% of your response's words should be stop words.",
    "Stop words must not make up more than {percentage}% of the words that you use.",
)
def stop_words(response: str, *, percentage: Percentage) -> Verdict:
    """At most a share of the words are stop words: articles, pronouns, prepositions, auxiliaries.

    Our own list, in `english.STOP_WORDS`; contractions such as "don't" are on it and are one word.
    """
    all_words = [each.casefold() for each in prose_words(response)]
    if not all_words:
        return Verdict(False, "no words")
    stops = sum(each in STOP_WORDS for each in all_words)
    return Verdict(
        100 * stops <= percentage * len(all_words),
        f"{stops} of {counted(len(all_words), 'word')} ({100 * stops / len(all_words):.1f}%), "
        f"at most {percentage}% wanted",
    )


@reference("ratio:stop_words")
def stop_words_reference(response: str, *, percentage: Percentage) -> Verdict:
    """Of the runs of letters, digits and underscores at most a share are on NLTK's list."""
    all_words = re.findall(r"\w+", response)
    if not all_words:
        return Verdict(False, "no words")
    stops = sum(each.lower() in NLTK_STOP_WORDS for each in all_words)
    share = stops / len(all_words) * 100
    return Verdict(share <= percentage, f"{share:.1f}% stop words, at most {percentage}% wanted")
