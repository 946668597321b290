"""Topics are read whole, broken lines are named, and no topic is on both sides."""

from __future__ import annotations

from pathlib import Path

import pytest

from hppt_lib.corpus.topics import SPLITS, TASKS, Topic, all_topics, read_topics
from hppt_lib.errors import HpptError
from hppt_lib.verifiers.words import bare_words

HEAD = "name,words,related,split\n"
BROKEN = [
    ("tea,tea,cup leaf,train\nmilk,milk,cow,\n", "line 3: a column"),
    ("tea, ,cup leaf,train\n", "line 2: a column"),
    ("tea,tea,cup leaf\n", "line 2: a column"),
    ("tea,tea,cup,leaf,train\n", "line 2: 'split' is not one of"),
    ("tea,tea,cup leaf,test\n", "line 2: 'split' is not one of"),
    ("tea,tea,cup leaf,train\n\n\nmilk,milk,cow,\n", "line 5: a column"),
    ("", "holds no topic"),
    ("caf\xe9,tea,cup leaf,train\n", "line 2 or later"),
    ("x" * 200_000 + ",tea,cup leaf,train\n", "line 2 or later: field larger"),
]


@pytest.mark.parametrize(("lines", "message"), BROKEN)
def test_a_broken_line_is_named(tmp_path: Path, lines: str, message: str) -> None:
    """Mistake: a topic without words, which every response then misses; blank lines not counted."""
    path = tmp_path / "topics.csv"
    path.write_bytes((HEAD + lines).encode("latin-1"))
    with pytest.raises(HpptError) as error:
        read_topics(path)
    assert str(error.value).startswith(str(path)) and message in str(error.value)


def test_a_file_without_its_header_is_an_error(tmp_path: Path) -> None:
    """Mistake: taking the first topic for the header."""
    (tmp_path / "topics.csv").write_text("tea,tea,cup leaf,train\nmilk,milk,cow pot,train\n")
    with pytest.raises(HpptError, match="line 2: a column of name, words, related, split"):
        read_topics(tmp_path / "topics.csv")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="Could not read"):
        read_topics(tmp_path / "none.csv")


def test_a_topic_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "topics.csv").write_text(HEAD + "the sun,sun sunlight,light heat,heldout\n")
    expected = Topic("the sun", ("sun", "sunlight"), ("light", "heat"), "heldout")
    assert read_topics(tmp_path / "topics.csv") == [expected]


def test_no_topic_is_trained_on_and_held_out() -> None:
    """Mistake: a held-out topic under another name."""
    words: dict[str, set[str]] = {split: set() for split in SPLITS}
    for topic in read_topics():
        words[topic.split].update(topic.words)
        words[topic.split].add(topic.name)
    assert not words["train"] & words["heldout"]
    names = [topic.name for topic in read_topics()]
    assert len(set(names)) == len(names)


def test_a_topic_names_its_words_and_two_others() -> None:
    """Mistake: a keyword that the question has already, so that echoing it satisfies."""
    for topic in read_topics():
        assert len(topic.related) == 2
        assert not set(topic.related) & {*topic.words, *bare_words(topic.name)}


def test_no_topic_word_is_trained_on_and_held_out() -> None:
    """Mistake: a held-out topic under another name."""
    words = {
        split: {word for each in all_topics(split) for word in (*each.words, each.name)}
        for split in ("train", "heldout")
    }
    assert not words["train"] & words["heldout"]
    every = [*all_topics("train"), *all_topics("heldout")]
    assert len({each.name for each in every}) == len({each.words for each in every}) == len(every)
    for each in every:
        assert len(each.related) == 2
        assert not set(each.related) & {*each.words, *bare_words(each.name)}


def test_a_task_names_no_length_and_no_form() -> None:
    """Mistake: 'Write a sentence about …' with 'at least 3 sentences'."""
    settled = {"sentence", "sentences", "list", "word", "words", "paragraph", "short", "brief"}
    for task in TASKS:
        assert task.count("{name}") == 1 and not settled & set(bare_words(task))
    assert len(set(TASKS)) == len(TASKS)
