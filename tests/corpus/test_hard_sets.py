"""The shipped instructions are those that the code makes, and no topic is on both sides."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from hppt_lib.corpus import hard_sets as synthesis
from hppt_lib.corpus.hard_sets import Topic, make_instructions, read_topics
from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.verifiers.text import bare_words

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


@pytest.mark.parametrize("split", synthesis.SPLITS)
def test_the_shipped_files_are_what_the_code_makes(split: str) -> None:
    """Mistake: a changed topic, wording or generator with the old files beside it."""
    assert shipped_instructions(f"hard_{split}") == make_instructions(split, seed=0), (
        "data/instructions is stale: run 'hppt instructions'"
    )


@pytest.mark.parametrize("split", synthesis.SPLITS)
def test_every_topic_has_every_type_once(split: str) -> None:
    """Mistake: ids that collide, or a type that some topics lack."""
    made = make_instructions(split, seed=0)
    topics = [each for each in read_topics() if each.split == split]
    assert len({each.id for each in made}) == len(made) == 4 * len(topics)
    counts = Counter(each.constraints[0].id for each in made)
    assert len(counts) == 4 and set(counts.values()) == {len(topics)}


@pytest.mark.parametrize("split", synthesis.SPLITS)
def test_every_constraint_builds_and_is_stated_in_its_prompt(split: str) -> None:
    """Mistake: a prompt that asks for 12 words and a verifier that counts to 15."""
    for each in make_instructions(split, seed=0):
        [constraint] = each.constraints
        check = constraint.verifier()
        wordings = range(len(check.family.paraphrases))
        assert constraint.text in [check.describe(number) for number in wordings]
        assert each.prompt == f"{each.query} {constraint.text}"
        assert constraint.kind == "hard" and each.topic


def test_a_bounded_length_is_asked_for_and_can_be_kept() -> None:
    """Mistake: two bounds that exclude each other, or a bound that the prompt does not name."""
    plain = make_instructions("train", seed=0)
    made = synthesis.with_length(plain)
    assert shipped_instructions("hard_train_length") == made
    for before, after in zip(plain, made, strict=True):
        assert after.constraints[: len(before.constraints)] == before.constraints
        bounds: dict[str, int] = {}
        for each in after.constraints:
            assert each.text in after.prompt
            if each.id == "length_constraints:number_words":
                assert each.kwargs["relation"] not in bounds
                bounds[each.kwargs["relation"]] = each.kwargs["num_words"]
        assert bounds["at least"] + 3 < bounds["less than"]


def test_no_topic_is_trained_on_and_held_out() -> None:
    """Mistake: a held-out topic under another name."""
    words: dict[str, set[str]] = {split: set() for split in synthesis.SPLITS}
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


def test_the_seed_decides() -> None:
    """Mistake: the global random state."""
    random.seed(1)
    first = make_instructions("train", seed=7)
    random.seed(2)
    assert make_instructions("train", seed=7) == first != make_instructions("train", seed=8)


def test_the_files_are_written_where_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: bytes that differ from the shipped ones (order of keys, escapes, line ends)."""
    folder = repository_folder() / "data" / "instructions"
    (tmp_path / "data" / "instructions").mkdir(parents=True)
    shutil.copy(folder / "topics.csv", tmp_path / "data" / "instructions")
    monkeypatch.setattr(synthesis, "repository_folder", lambda: tmp_path)
    for path in synthesis.write_shipped():
        assert path.parent == tmp_path / "data" / "instructions"
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_an_unknown_split_lists_the_known() -> None:
    with pytest.raises(HpptError, match="no split 'test'. Choose one of: train, heldout"):
        make_instructions("test", seed=0)
