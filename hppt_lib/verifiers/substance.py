"""Substance: is there an answer at all?

A verifier answers for its constraint only: ``No commas here.`` satisfies "use no commas" whatever
the question was. This one asks for the minimum: the response is about the topic and says something
that the prompt did not. It is a rule too and can be gamed in turn (a list of related words passes);
notebook 05 shows samples for that reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from hppt_lib.verifiers.registry import Count, Verdict, register
from hppt_lib.verifiers.word_lists import word_list
from hppt_lib.verifiers.words import counted, dictionary_words

# Words that say nothing about a topic.
STOP_WORDS = frozenset(word_list("words without a topic"))
_STRETCH = 50  # words


@register(
    "hppt:new_content",
    "Say something that the question does not say already.",
    "Give an answer of your own, not the question again.",
)
def new_content(response: str, *, prompt: str, new_words: Count = 3) -> Verdict:
    """At least ``new_words`` different content words that the prompt lacks, and little repetition.

    Content words are those that are not in `STOP_WORDS`. A response fails as well if most of its
    words repeat others among the `_STRETCH` around them: any long text comes back to its words,
    but only a hollow one does so at once. This is what can be asked where no topic is known; it
    refuses answers that are rightly short ("My answer is yes.").
    """
    all_words = dictionary_words(response)
    starts = range(0, len(all_words), _STRETCH)
    fresh = sum(len(set(all_words[start : start + _STRETCH])) for start in starts)
    if 2 * fresh < len(all_words):
        return Verdict(
            False, f"{len(all_words) - fresh} of {len(all_words)} words repeat others close by"
        )
    new = set(all_words) - set(dictionary_words(prompt)) - STOP_WORDS
    return Verdict(
        len(new) >= new_words,
        f"{counted(len(new), 'new content word')}, at least {new_words} wanted",
    )


@register(
    "hppt:substance",
    "Answer the question itself.",
    "Stay on the topic and say something about it.",
)
def substance(response: str, *, prompt: str, topic: list[str], new_words: Count = 3) -> Verdict:
    """On the topic, and at least ``new_words`` different content words that the prompt lacks."""
    if not on_topic(response, topic):
        return Verdict(False, f"off topic: no word about {', '.join(topic)}")
    return new_content(response, prompt=prompt, new_words=new_words)


def on_topic(response: str, topic: Sequence[str]) -> bool:
    """Whether a response has a word about the topic, in any inflection."""
    distinct = set(dictionary_words(response))
    return any(_mentions(word, subject) for subject in _plain(topic) for word in distinct)


def _plain(topic: Sequence[str]) -> list[str]:
    return [word for each in topic for word in dictionary_words(each)]


def _mentions(word: str, subject: str) -> bool:
    """Whether ``word`` is ``subject`` or grows out of it (bees, markets, marketplace).

    A rough rule: it takes "beef" for a word about bees and "carbon" for one about cars, and does
    not see "biking" in "bike". `tests/verifiers/test_substance.py` lists what is known to be wrong.
    """
    stem = subject[:-1] if len(subject) > 4 and subject.endswith(("e", "y", "s")) else subject
    # Short stems begin many unrelated words: they may only take a short ending.
    return word.startswith(stem) and (len(stem) >= 5 or len(word) - len(stem) <= 3)
