"""IFBench's constraints on the order of sentences."""

from __future__ import annotations

import re
import string
from itertools import groupby, pairwise

from hppt_lib.verifiers.nltk_text import nltk_sentences, without_punctuation
from hppt_lib.verifiers.registry import Count, PositiveCount, Verdict, reference, register
from hppt_lib.verifiers.sentences import sentences
from hppt_lib.verifiers.words import bare_words, counted, occurrences, words


@register(
    "sentence:keyword",
    "Include the keyword {word} in sentence number {N}.",
    "The response must include keyword {word} in the {N}-th sentence.",
    "Sentence number {N} of your answer has to contain the word {word}.",
    "Use the word {word} in your sentence number {N}.",
    "The word {word} must stand in sentence {N} of your answer.",
    needs=("sentencex",),
)
def keyword(response: str, *, word: str, N: PositiveCount) -> Verdict:
    """The keyword stands in the N-th sentence as a word of its own, in any case.

    Headings and list items that are no sentences are not counted.
    """
    all_sentences = sentences(response)
    if len(all_sentences) < N:
        return Verdict(
            False, f"{counted(len(all_sentences), 'sentence')}, the keyword wanted in no. {N}"
        )
    there = occurrences(word, all_sentences[N - 1]) > 0
    return Verdict(
        there, f"sentence {N} {'has' if there else 'lacks'} it: {all_sentences[N - 1][:60]}"
    )


@reference("sentence:keyword", needs=("punkt",))
def keyword_reference(response: str, *, word: str, N: PositiveCount) -> Verdict:
    """The N-th of NLTK's sentences holds the word between word boundaries, in any case."""
    all_sentences = list(nltk_sentences(response, N))
    if len(all_sentences) < N:
        return Verdict(
            False, f"{counted(len(all_sentences), 'sentence')}, the keyword wanted in no. {N}"
        )
    there = re.search(rf"\b{re.escape(word)}\b", all_sentences[N - 1], re.IGNORECASE) is not None
    return Verdict(
        there, f"sentence {N} {'has' if there else 'lacks'} it: {all_sentences[N - 1][:60]}"
    )


@register(
    "sentence:increment",
    "Each sentence must contain exactly {small_n} more words than the previous one.",
    "Every sentence has to be exactly {small_n} words longer than the sentence before it.",
    "Let each sentence grow by exactly {small_n} words over the one before.",
    "From one sentence to the next, add exactly {small_n} words.",
    "Write sentences of which each has {small_n} words more than the last, no more and no fewer.",
    needs=("sentencex",),
)
def increment(response: str, *, small_n: Count) -> Verdict:
    """Two sentences or more, each with exactly ``small_n`` words more than the one before."""
    lengths = list(map(len, map(words, sentences(response))))
    if len(lengths) < 2:
        return Verdict(False, f"{counted(len(lengths), 'sentence')}, at least 2 wanted")
    for number, (before, after) in enumerate(pairwise(lengths), start=2):
        if after - before != small_n:
            return Verdict(False, f"sentence {number} has {after} words, {before + small_n} wanted")
    return Verdict(True, f"each of {len(lengths)} sentences is {small_n} words longer")


@reference("sentence:increment", needs=("punkt",))
def increment_reference(response: str, *, small_n: Count) -> Verdict:
    """Each of NLTK's sentences has exactly that many more words; one sentence is enough.

    Words are what white space separates once ASCII punctuation is gone.
    """
    words = (without_punctuation(each).split() for each in nltk_sentences(response))
    lengths = map(len, words)
    for number, (before, after) in enumerate(pairwise(lengths), start=2):
        if after != before + small_n:
            return Verdict(False, f"sentence {number} has {after} words, {before + small_n} wanted")
    return Verdict(True, f"no sentence without {small_n} more words than the one before")


@register(
    "sentence:alliteration_increment",
    "Each sentence must have a longer sequence of consecutive alliterative words than the "
    "previous one.",
    "In every sentence, the run of neighbouring words with the same first letter must be longer "
    "than in the sentence before.",
    "Let the alliteration grow: each sentence needs a longer run of words that begin alike than "
    "the last.",
    "From sentence to sentence, lengthen the row of consecutive alliterating words.",
    "Each sentence should hold more alliterative words in a row than the one before it.",
    needs=("sentencex",),
)
def alliteration_increment(response: str) -> Verdict:
    """Two sentences or more; the longest run of words with one first letter grows each time.

    Alliteration is taken by letter, not by sound. A word alone is a run of one, so the first
    sentence need not alliterate.
    """
    runs = [_longest_run(each) for each in sentences(response)]
    if len(runs) < 2:
        return Verdict(False, f"{counted(len(runs), 'sentence')}, at least 2 wanted")
    for number, (before, after) in enumerate(pairwise(runs), start=2):
        if after <= before:
            return Verdict(
                False, f"sentence {number} has a run of {after}, more than {before} wanted"
            )
    return Verdict(True, f"runs of {', '.join(map(str, runs[:10]))} words")


def _longest_run(sentence: str) -> int:
    """The length of the longest stretch of neighbouring words with the same first letter."""
    letters = (each[0] for each in bare_words(sentence))
    return max(len(list(run)) for _, run in groupby(letters))


@reference("sentence:alliteration_increment", needs=("punkt",))
def alliteration_increment_reference(response: str) -> Verdict:
    """Each of NLTK's sentences has more alliterating words in all; one sentence is enough.

    Counted are the words whose neighbour begins with the same sign, wherever they stand.
    """
    last = -1
    for number, sentence in enumerate(nltk_sentences(response), start=1):
        alliterating = _alliterating(sentence)
        if alliterating <= last:
            return Verdict(
                False,
                f"sentence {number} has {alliterating} alliterating words, more than {last} wanted",
            )
        last = alliterating
    return Verdict(True, "more alliterating words in each sentence")


def _alliterating(sentence: str) -> int:
    bare = (word.lstrip(string.punctuation) for word in sentence.lower().split())
    alike = [before[0] == after[0] for before, after in pairwise(filter(None, bare))]
    return sum(left or right for left, right in pairwise([False, *alike, False]))
