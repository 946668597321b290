"""What IFBench's own program decides about the constraints ``repeat:*`` and ``sentence:*``."""

from __future__ import annotations

import re
import string
from itertools import pairwise

import hppt_lib.verifiers.ifbench.sentence  # noqa: F401  (registers its families)
from hppt_lib.verifiers.ifbench.reference_text import (
    nltk_sentences_at_most,
    without_punctuation,
)
from hppt_lib.verifiers.ifbench.repeat import THIS_SENTENCE
from hppt_lib.verifiers.nltk_rules import nltk_sentences
from hppt_lib.verifiers.registry import Count, PositiveCount, Verdict, reference
from hppt_lib.verifiers.text import counted


@reference("repeat:repeat_change")
def repeat_change(response: str, *, prompt_to_repeat: str) -> Verdict:
    """All words but the first are those of the request, and the texts are not equal sign by sign.

    So the request itself with another space in it is accepted.
    """
    if response == prompt_to_repeat:
        return Verdict(False, "the request without any change")
    same = response.split()[1:] == prompt_to_repeat.split()[1:]
    return Verdict(same, f"from the second word on {'' if same else 'not '}the request")


@reference("repeat:repeat_simple")
def repeat_simple(response: str) -> Verdict:
    """The sentence, in any case, with white space around it or not."""
    same = response.strip().lower() == THIS_SENTENCE.lower()
    return Verdict(same, "the sentence" if same else f"another text: {response[:60]}")


@reference("repeat:repeat_span")
def repeat_span(response: str, *, prompt_to_repeat: str, n_start: Count, n_end: Count) -> Verdict:
    """The *characters* of the text from one index to the other, in any case."""
    wanted = prompt_to_repeat[n_start : n_end + 1].strip()
    same = response.strip().lower() == wanted.lower()
    return Verdict(same, f"found: {response.strip()[:60]}; wanted: {wanted[:60]}")


@reference("sentence:keyword")
def keyword(response: str, *, word: str, N: PositiveCount) -> Verdict:
    """The N-th of NLTK's sentences holds the word between word boundaries, in any case."""
    found = nltk_sentences_at_most(response, N)
    if len(found) < N:
        return Verdict(False, f"{counted(len(found), 'sentence')}, the keyword wanted in no. {N}")
    there = re.search(rf"\b{re.escape(word)}\b", found[N - 1], re.IGNORECASE) is not None
    return Verdict(there, f"sentence {N} {'has' if there else 'lacks'} it: {found[N - 1][:60]}")


@reference("sentence:increment")
def increment(response: str, *, small_n: Count) -> Verdict:
    """Each of NLTK's sentences has exactly that many more words; one sentence is enough.

    Words are what white space separates once ASCII punctuation is gone.
    """
    words = (without_punctuation(each).split() for each in nltk_sentences(response))
    lengths = map(len, words)
    for number, (before, after) in enumerate(pairwise(lengths), start=2):
        if after != before + small_n:
            return Verdict(False, f"sentence {number} has {after} words, {before + small_n} wanted")
    return Verdict(True, f"no sentence without {small_n} more words than the one before")


@reference("sentence:alliteration_increment")
def alliteration_increment(response: str) -> Verdict:
    """Each of NLTK's sentences has more alliterating words in all; one sentence is enough.

    Counted are the words whose neighbour begins with the same sign, wherever they stand.
    """
    last = -1
    for number, sentence in enumerate(nltk_sentences(response), start=1):
        found = _alliterating(sentence)
        if found <= last:
            return Verdict(
                False, f"sentence {number} has {found} alliterating words, more than {last} wanted"
            )
        last = found
    return Verdict(True, "more alliterating words in each sentence")


def _alliterating(sentence: str) -> int:
    bare = (word.lstrip(string.punctuation) for word in sentence.lower().split())
    alike = [before[0] == after[0] for before, after in pairwise(filter(None, bare))]
    return sum(left or right for left, right in pairwise([False, *alike, False]))
