"""Substance: the least that makes a response an answer."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import verifiers
from hppt_lib.corpus.topics import Topic, read_topics
from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.verifiers import as_seen

PROMPT = "Write about bees. Do not use any commas."


def verdict(
    response: str, topic: tuple[str, ...] = ("bee",), new_words: int = 3, prompt: str = PROMPT
) -> verifiers.Verdict:
    kwargs = {"prompt": prompt, "topic": list(topic), "new_words": new_words}
    return verifiers.build("hppt:substance", kwargs)(response)


PASSES = [
    ("Bees gather sweet nectar.", ("bee",), "3 new words: the near side"),
    ("A bee's hive makes golden honey.", ("bee",), "the topic with an ending"),
    ("DANCING keeps older people nimble.", ("dance",), "the topic in another form"),
    ("Batteries store chemical energy.", ("battery",), "y becomes ies"),
    ("Marketplaces sell ripe vegetables.", ("market",), "grows out of a long word"),
    ("Пчёлы собирают сладкий нектар.", ("пчёлы",), "Cyrillic"),
    ("Soccer fans cheer loudly.", ("football", "soccer"), "any of several topic words"),
    ("Ice cream melts quickly outside.", ("ice cream",), "a word of a phrase"),
]
FAILS = [
    ("Bees gather nectar.", ("bee",), "2 new words: the far side"),
    ("Honey tastes sweet and golden.", ("bee",), "off the topic"),
    ("No commas here.", ("bee",), "compliant, and no answer: the classic hack"),
    ("Write about bees. Do not use any commas.", ("bee",), "repeats the prompt"),
    ("bees bees bees hive nectar golden bees bees bees", ("bee",), "mostly repetition"),
    ("Bees are the ones that we would have.", ("bee",), "stop words only"),
    ("*** bees ***", ("bee",), "the topic alone"),
    ("Frisbees fly very fast.", ("bee",), "the topic inside another word"),
    ("Carbohydrates give bodies energy.", ("car",), "a long word after a short stem"),
    ("蜜蜂采蜜很忙", ("bee",), "another language"),
]


@pytest.mark.parametrize(("response", "topic", "why"), PASSES)
def test_an_answer_passes(response: str, topic: tuple[str, ...], why: str) -> None:
    found = verdict(response, topic)
    assert found.passed, f"{why}: {found.reason}"


@pytest.mark.parametrize(("response", "topic", "why"), FAILS)
def test_no_answer_fails(response: str, topic: tuple[str, ...], why: str) -> None:
    found = verdict(response, topic)
    assert not found.passed, f"{why}: {found.reason}"


MISTAKEN = [
    ("Carbon dioxide warms planets.", "car", False, "another word that begins like the topic"),
    ("Our team plays great matches.", "tea", False, "another word that begins like the topic"),
    ("It has been raining since Tuesday evening.", "bee", False, "a stop word begins like it"),
    ("BAKING fresh loaves smells great.", "bake", True, "the docstring's own example"),
    ("Swimmers glide through cool lakes.", "swim", True, "a doubled letter and an ending"),
]


@pytest.mark.xfail(strict=True, reason="the rule for short topic words is known to be rough")
@pytest.mark.parametrize(("response", "topic", "expected", "why"), MISTAKEN)
def test_verdicts_that_are_known_to_be_wrong(
    response: str, topic: str, expected: bool, why: str
) -> None:
    """What notebook 02 may show: the guard is a rule as well."""
    assert verdict(response, (topic,)).passed is expected, why


@pytest.mark.parametrize(("extra", "expected"), [(0, True), (1, False)])
def test_half_of_the_words_may_repeat(extra: int, expected: bool) -> None:
    """Mistake: a threshold on the wrong side of one half."""
    response = "bees gather sweet nectar " * 2 + "nectar " * extra
    assert verdict(response).passed is expected


@pytest.mark.parametrize(("new_words", "expected"), [(0, True), (2, True), (3, False)])
def test_the_number_of_new_words_is_the_parameter(new_words: int, expected: bool) -> None:
    assert verdict("Bees gather nectar.", new_words=new_words).passed is expected


def test_words_of_the_prompt_are_not_new_in_any_case_or_dress() -> None:
    """Mistake: "Commas," counted as new because the prompt has "commas."."""
    assert not verdict("Bees: COMMAS, (commas) *Write* about!").passed


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u3000"])
def test_blank_is_no_answer(blank: str) -> None:
    assert not verdict(blank, new_words=0).passed


@pytest.mark.parametrize("response", ["bee " * 2**16, "b" * 2**18, "e" + " " * 2**18, "'" * 2**18])
def test_huge_responses_take_a_moment(response: str) -> None:
    started = time.process_time()
    verdict(response)
    assert time.process_time() - started < 1


@settings(max_examples=50, deadline=None)
@given(
    response=st.text(st.characters(codec=None, exclude_categories=())),
    topic=st.text(min_size=1).filter(lambda text: as_seen(text).strip()),
)
def test_any_string_gets_the_same_verdict_twice(response: str, topic: str) -> None:
    """Mistake: an exception on a topic or response of marks, pictures or half characters."""
    found = verdict(response, (topic,))
    assert found == verdict(response, (topic,))
    if not response.strip():
        assert not found.passed


@pytest.mark.parametrize("topic", read_topics(), ids=lambda topic: topic.name)
def test_every_word_of_every_topic_can_be_answered(topic: Topic) -> None:
    """Mistake: a topic word (a plural, a phrase) that no answer can mention."""
    for word in topic.words:
        sentence = f"The {word} brings people quiet comfort almost everywhere."
        found = verdict(sentence, topic.words, prompt=f"Write about {topic.name}.")
        assert found.passed, found.reason
    assert not verdict("Nobody knew anything else worth telling.", topic.words).passed


ANSWERS = {
    "tea": "Green tea grows on misty hills in China.",
    "bees": "A bee visits many blossoms each day.",
    "the sun": "Sunlight warms our planet every day.",
    "rivers": "A river carries fresh mountain snowmelt downstream.",
    "batteries": "Batteries store energy chemically.",
    "dancing": "Dancers move gracefully to lively rhythm.",
    "swimming": "Lifeguards swim several miles weekly.",
    "photography": "A photographer captures fleeting light.",
    "poetry": "Poets play with sound and meaning.",
}


@pytest.mark.parametrize(("name", "answer"), ANSWERS.items())
def test_a_plain_answer_is_accepted(name: str, answer: str) -> None:
    """Mistake: a guard so narrow that real answers fail (hand-written, in other inflections)."""
    [topic] = [each for each in read_topics() if each.name == name]
    found = verdict(answer, topic.words, prompt=f"Write about {name}.")
    assert found.passed, found.reason


def test_no_shipped_prompt_answers_itself() -> None:
    """Mistake: a prompt that mentions enough words to pass when it is echoed."""
    for each in shipped_instructions("hard_heldout"):
        assert not verdict(each.prompt, each.topic, prompt=each.prompt).passed


def test_a_long_text_may_come_back_to_its_words() -> None:
    """Mistake: refusing every text of some length, since all of them repeat words in the end."""
    paragraph = " ".join(f"bees{number}" for number in range(60)) + " bees. "
    assert verdict(paragraph * 4).passed
    loop = "bees gather sweet nectar again and again " * 30
    assert "words repeat others close by" in verdict(paragraph + loop).reason
