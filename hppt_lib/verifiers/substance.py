"""Substance: is there an answer at all?

A verifier answers for its constraint only: ``No commas here.`` satisfies "use no commas" whatever
the question was. This one asks for the minimum: a statement about the topic that the prompt did
not make. It is a rule too and can be gamed in turn (a statement without sense passes): readers'
labels in ``data/gold/answers.jsonl`` say how often, and notebook 05 shows samples for that reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from hppt_lib.verifiers.registry import Count, Verdict, register
from hppt_lib.verifiers.statements import (
    STOP_WORDS,
    is_english,
    mentions,
    says_of,
    wants_statement,
)
from hppt_lib.verifiers.words import counted, dictionary_words

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
def substance(
    response: str,
    *,
    prompt: str,
    topic: list[str],
    query: str = "",
    new_words: Count = 1,
) -> Verdict:
    """On the topic, with little repetition and a statement about the topic.

    A statement is a part of the response that says something (`hppt_lib.verifiers.statements`),
    with ``new_words`` words that the query lacks. None is looked for where it need not be one: if
    the query asks for a list, a name, a title, a poem or code, or if the response is not in
    English, as in Chinese, Hindi or Arabic: then the whole response must have the new words, and
    one more. With 0 new words, neither is asked for.
    """
    if not on_topic(response, topic):
        return Verdict(False, f"off topic: no word about {', '.join(topic)}")
    task = query or prompt
    if new_words and not (wants_statement(task) and is_english(response)):
        return new_content(response, prompt=prompt, new_words=new_words + 1)
    repeated = new_content(response, prompt=prompt, new_words=0)
    if not new_words or not repeated.passed:
        return repeated
    if says_of(response, topic, task, prompt=prompt, new_words=new_words):
        return Verdict(True, f"a statement about {', '.join(topic)}")
    return Verdict(False, f"no statement about {', '.join(topic)}: words, an echo or talk only")


def on_topic(response: str, topic: Sequence[str]) -> bool:
    """Whether a response has a word about the topic, in any inflection."""
    return mentions(topic).search(response.casefold()) is not None
