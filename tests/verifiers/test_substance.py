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
    response: str, topic: tuple[str, ...] = ("bee",), new_words: int = 1, prompt: str = PROMPT
) -> verifiers.Verdict:
    kwargs = {"prompt": prompt, "topic": list(topic), "new_words": new_words}
    return verifiers.build("hppt:substance", kwargs)(response)


PASSES = [
    ("Bees gather sweet nectar.", ("bee",), "a verb from the list"),
    ("Bees have wings.", ("bee",), "three words: one short clause will do"),
    ("A bee's hive makes golden honey.", ("bee",), "the topic with an ending"),
    ("Dances keep older people nimble.", ("dance",), "the topic with another ending"),
    ("Baking fresh loaves is a joy.", ("bake",), "the topic without its e"),
    ("Swimmers glide through cool lakes.", ("swim",), "a doubled letter and an ending"),
    ("Batteries store chemical energy.", ("battery",), "y becomes ies; a noun or a verb: a verb"),
    ("Wolves hunt in packs.", ("wolf",), "f becomes ves"),
    ("Marketplaces sell ripe vegetables.", ("market",), "grows out of a long word"),
    ("A tea-based drink is warm.", ("tea",), "the topic in a compound with a hyphen"),
    ("Moss carpets the ground.", ("moss",), "a verb of no list, with its object"),
    ("Bees. They make golden honey.", ("bee",), "they, after the topic was named"),
    (
        "1. bees\n2. But it is the queen who lays eggs",
        ("bee",),
        "one item says something",
    ),
    ("No commas are used. Bees live in hives.", ("bee",), "an echo, then content"),
    ("Theatre comes from the Greek word for seeing.", ("theatre",), "where a word comes from"),
    ("museums filled with antiquities", ("museum",), "a fragment with a description in it"),
    ("In spring the bees\nwake up at last", ("bee",), "a sentence that goes on in the next line"),
    ("Soccer fans cheer loudly.", ("football", "soccer"), "any of several topic words"),
    ("Ice cream melts quickly outside.", ("ice cream",), "a word of a phrase"),
]
FAILS = [
    ("Bees are bees.", ("bee",), "nothing new: X is X"),
    ("Honey tastes sweet and golden.", ("bee",), "off the topic"),
    ("No commas here.", ("bee",), "compliant, and no answer: the classic hack"),
    ("Write about bees. Do not use any commas.", ("bee",), "repeats the prompt"),
    ("Write a few short facts about bees.", ("bee",), "begins as the task does"),
    ("bees bees bees hive nectar golden bees bees bees", ("bee",), "mostly repetition"),
    ("Bees are the ones that we would have.", ("bee",), "stop words only"),
    ("*** bees ***", ("bee",), "the topic alone"),
    ("Bees work.", ("bee",), "two words: fewer than a statement has"),
    ("1. bees\n2. honey\n3. hive\n4. touching a flower", ("bee",), "a list of words"),
    ("Golden bees of the old orchard", ("bee",), "a title"),
    ("a book of bee stories by louisa hoppa", ("bee",), "a bare noun"),
    ("a nice bee cake with honey", ("bee",), "a noun or a verb: a noun"),
    ("Bees. Coffee beans roast slowly overnight.", ("bee",), "the statement is of something else"),
    ("They make golden honey. Bees!", ("bee",), "they, before anything was named"),
    ('The word "bees" is spelled with two vowels.', ("bee",), "talks of the word"),
    ("This is a statement about bees. It is a short one.", ("bee",), "talks of the text, and on"),
    ("Bees are written without commas.", ("bee",), "talks of the form"),
    ("Here is a lovely poem about bees:", ("bee",), "only an opening"),
    ("Frisbees fly very fast.", ("bee",), "the topic inside another word"),
    ("Carbohydrates give bodies energy.", ("car",), "a long word after a short stem"),
    ("Carbon dioxide warms planets.", ("car",), "another word that begins like the topic"),
    ("Our team plays great matches.", ("tea",), "another word that begins like the topic"),
    ("It has been raining since Tuesday evening.", ("bee",), "a small word begins like it"),
    ("蜜蜂采蜜很忙", ("bee",), "another language"),
    (
        "Sheep festivals animals spark teasing competitions adventurous bees entertaining thanks "
        "fireworks lights creature",
        ("bee",),
        "many words, and none of grammar",
    ),
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
    ("Every corner was dark.", "corn", False, "another word with an ending that fits"),
    ("A butterfly drinks nectar.", "butter", False, "grows out of a long word, and is another"),
    ("Bees are the epic movie with smiling faces.", "bee", False, "a sentence without sense"),
    ("Bunnies have long ears.", "rabbit", True, "the topic in another word"),
    ("Bees sting.", "bee", True, "two words"),
    ("Children in the front row guffaw at bees.", "bee", True, "a verb of no list"),
]


@pytest.mark.xfail(strict=True, reason="the rules do not read for sense, nor know all words")
@pytest.mark.parametrize(("response", "topic", "expected", "why"), MISTAKEN)
def test_verdicts_that_are_known_to_be_wrong(
    response: str, topic: str, expected: bool, why: str
) -> None:
    """What notebook 02 may show: the guard is a rule as well."""
    assert verdict(response, (topic,)).passed is expected, why


OTHER_LANGUAGES = [
    ("Пчёлы собирают сладкий нектар.", "пчёлы", True),
    ("Люди любят мёд с пчёлами.", "пчёлы", True),
    ("绿茶很好喝。", "茶", True),
    ("兔子有长耳朵。", "兔子", True),
    ("चाय गर्म पेय है।", "चाय", True),
    ("الشاي مشروب ساخن.", "شاي", True),
    ("ชาเขียวร้อนมาก", "ชา", True),
    ("Le thé est une boisson chaude.", "thé", True),
    ("Der Tee ist ein warmes Getränk.", "tee", True),
    ("茶", "茶", False),
    ("чай чай чай чай", "чай", False),
    ("咖啡很好喝。", "茶", False),
]


@pytest.mark.parametrize(("response", "topic", "expected"), OTHER_LANGUAGES)
def test_other_languages_need_no_english_verb(response: str, topic: str, expected: bool) -> None:
    """Mistake: a real answer refused for its language; or the topic's word alone passed."""
    found = verdict(response, (topic,))
    assert found.passed is expected, found.reason


LISTS = [
    ("List three kinds of tea.", "1. Oolong tea\n2. Sencha\n3. Assam", True),
    ("Suggest a title for a talk on tea.", "Tea: From Leaf to Cup", True),
    ("Write about tea.", "1. Oolong tea\n2. Sencha\n3. Assam", False),
    ("List three kinds of tea.", "tea\ntea", False),
]


@pytest.mark.parametrize(("query", "response", "expected"), LISTS)
def test_a_task_that_asks_for_names_gets_names(query: str, response: str, expected: bool) -> None:
    """Mistake: a list refused where a list was asked for; or bare words where none was."""
    assert verdict(response, ("tea",), prompt=query).passed is expected


def test_the_words_of_a_constraint_are_no_part_of_the_query() -> None:
    """Mistake: "Owls have eyes." as nothing new, since the constraint wants "eyes" to be used."""
    prompt = "Share a fact about owls. These keywords have to appear: eyes."
    kwargs = {"prompt": prompt, "topic": ["owl"]}
    with_query = verifiers.build("hppt:substance", {**kwargs, "query": "Share a fact about owls."})
    assert with_query("Owls have eyes.").passed
    assert not verifiers.build("hppt:substance", kwargs)("Owls have eyes.").passed
    assert not with_query("These keywords have to appear: owls eyes.").passed


ORDERS = [
    ("Bees are interesting. Tell me more.", "Bees live in hives.", True),
    ("What do bees do?", "What bees do is gather nectar.", True),
    ("Rock bees: what do you know?", "Rock bees build huge nests.", True),
    ("Share a fact about bees.", "Share some honey from bees.", False),
]


@pytest.mark.parametrize(("prompt", "response", "expected"), ORDERS)
def test_only_an_order_is_echoed_by_its_first_word(
    prompt: str, response: str, expected: bool
) -> None:
    """Mistake: every answer refused that begins with the word with which a prompt begins."""
    topic = ("rock", "bee") if prompt.startswith("Rock") else ("bee",)
    assert verdict(response, topic, prompt=prompt).passed is expected


def test_who_is_asked_about_words_may_speak_of_words() -> None:
    """Mistake: an answer refused for its topic, which elsewhere is talk about the task."""
    task = "Write about commas."
    assert verdict("A comma marks a short pause.", ("comma", "commas"), prompt=task).passed
    assert verdict("The word game is fun for all.", ("Word games",), prompt="Why play?").passed


@given(st.lists(st.sampled_from(["tea", "kettle", "leaf", "cup", "saucer", "hot"]), max_size=30))
def test_no_heap_of_nouns_is_an_answer(heap: list[str]) -> None:
    """Mistake: words about a topic that pass for a statement, in whatever number or order."""
    for joint in (" ", "\n", "\n- ", ", ", ". "):
        assert not verdict(joint.join(heap), ("tea",)).passed


@given(
    st.sampled_from([each for each, topic, _ in PASSES if topic == ("bee",)]),
    st.sampled_from(["upper", "lower", "title"]),
    st.sampled_from(["", "* ", "- ", "**", '"', "> "]),
)
def test_dress_makes_no_difference(response: str, case: str, mark: str) -> None:
    """Mistake: an answer refused for capitals, a bullet or bold type, which constraints ask for."""
    [first, *rest] = response.split("\n")
    dressed = mark + getattr(first, case)() + mark.strip(" *->")
    assert verdict("\n".join([dressed, *rest])).passed


@pytest.mark.parametrize(("extra", "expected"), [(0, True), (1, False)])
def test_half_of_the_words_may_repeat(extra: int, expected: bool) -> None:
    """Mistake: a threshold on the wrong side of one half."""
    response = "bees gather sweet nectar " * 2 + "nectar " * extra
    assert verdict(response).passed is expected


@pytest.mark.parametrize(("new_words", "expected"), [(0, True), (1, True), (2, True), (3, False)])
def test_the_number_of_new_words_is_the_parameter(new_words: int, expected: bool) -> None:
    assert verdict("Bees gather nectar.", new_words=new_words).passed is expected


def test_words_of_the_prompt_are_not_new_in_any_case_or_dress() -> None:
    """Mistake: "Commas," counted as new because the prompt has "commas."."""
    assert not verdict("Bees: COMMAS, (commas) *Write* about!").passed


@pytest.mark.parametrize("blank", ["", " ", "\n\t", "\u3000"])
def test_blank_is_no_answer(blank: str) -> None:
    assert not verdict(blank, new_words=0).passed


@pytest.mark.parametrize(
    "response",
    [
        "bee " * 2**16,
        "b" * 2**18,
        "e" + " " * 2**18,
        "'" * 2**18,
        "bee" + "." * 2**18 + "a",
        "bee-" * 2**16,
        "bees are bees. " * 2**14,
    ],
)
def test_huge_responses_take_a_moment(response: str) -> None:
    started = time.process_time()
    verdict(response)
    assert time.process_time() - started < 1


@settings(max_examples=50)
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
    paragraph = " ".join(f"bees{number}" for number in range(60)) + ". Bees are loud. "
    assert verdict(paragraph * 4).passed
    loop = "bees gather sweet nectar again and again " * 30
    assert "words repeat others close by" in verdict(paragraph + loop).reason
