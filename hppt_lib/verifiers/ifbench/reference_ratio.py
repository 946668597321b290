"""What IFBench's own program decides about ``ratio:*`` (allenai/IFBench, commit db69a6f)."""

from __future__ import annotations

import re

from hppt_lib.verifiers.ifbench import ratio  # noqa: F401  (what these are added to)
from hppt_lib.verifiers.ifbench.english import NLTK_STOP_WORDS
from hppt_lib.verifiers.nltk_rules import nltk_sentences
from hppt_lib.verifiers.registry import Percentage, Verdict, reference
from hppt_lib.verifiers.text import counted


@reference("ratio:overlap")
def overlap(response: str, *, reference_text: str, percentage: Percentage) -> Verdict:
    """Trigrams of characters."""
    own = _trigrams(response)
    if not own:
        return Verdict(False, "fewer than three characters")
    share = len(own & _trigrams(reference_text)) / len(own) * 100
    return Verdict(
        percentage - 2 <= share <= percentage + 2, f"{share:.1f}%, {percentage}% (±2%) wanted"
    )


def _trigrams(text: str) -> set[tuple[str, str, str]]:
    return set(zip(text, text[1:], text[2:], strict=False))


@reference("ratio:sentence_balance")
def sentence_balance(response: str) -> Verdict:
    """As many sentences that end with ``.`` as with ``?`` as with ``!``; none at all will do."""
    full_stops, questions, exclamations = _endings(response, ".?!")
    return Verdict(
        full_stops == questions == exclamations,
        f"{full_stops} with a full stop, {questions} with ?, {exclamations} with !; equal wanted",
    )


@reference("ratio:sentence_type")
def sentence_type(response: str) -> Verdict:
    """Twice as many sentences that end with ``.`` as with ``?``; none at all will do."""
    full_stops, questions = _endings(response, ".?")
    return Verdict(
        full_stops == 2 * questions,
        f"{full_stops} with a full stop, {questions} with ?; 2 to 1 wanted",
    )


def _endings(response: str, marks: str) -> list[int]:
    """How many sentences end with each of the marks."""
    found = list(nltk_sentences(response))
    return [sum(each.endswith(mark) for each in found) for mark in marks]


@reference("ratio:sentence_words")
def sentence_words(response: str) -> Verdict:
    """Three sentences of the same length; their words are not looked at."""
    lengths = [len(each.strip()) for each in nltk_sentences(response)]
    passed = len(lengths) == 3 and len(set(lengths)) == 1
    shown = ", ".join(map(str, lengths[:3]))
    return Verdict(passed, f"{counted(len(lengths), 'sentence')}, of {shown} characters")


@reference("ratio:stop_words")
def stop_words(response: str, *, percentage: Percentage) -> Verdict:
    """Of the runs of letters, digits and underscores at most a share are on NLTK's list."""
    found = re.findall(r"\w+", response)
    if not found:
        return Verdict(False, "no words")
    stops = sum(each.lower() in NLTK_STOP_WORDS for each in found)
    share = stops / len(found) * 100
    return Verdict(share <= percentage, f"{share:.1f}% stop words, at most {percentage}% wanted")
