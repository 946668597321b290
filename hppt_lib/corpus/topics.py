"""Topics to write about, and tasks that name a topic.

A task of the mixed files names no length, no form and no reader, so that no constraint repeats or
contradicts it. Topics and tasks are files in ``hppt_lib/corpus/material``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from hppt_lib.errors import HpptError
from hppt_lib.files import package_file, read_csv, read_lines

SPLITS = ("train", "heldout")
COLUMNS = ("name", "words", "related", "split")
TASKS = tuple(read_lines(package_file("corpus", "material/tasks.txt")))
QUESTIONS = tuple(read_lines(package_file("corpus", "material/questions.txt")))


@dataclass(frozen=True)
class Topic:
    """A subject to write about.

    Attributes:
        name: as it stands in a task, such as ``the moon``.
        words: words of which an on-topic response uses at least one.
        related: two words that an answer may be asked to use or to avoid.
        split: ``train`` or ``heldout``.
    """

    name: str
    words: tuple[str, ...]
    related: tuple[str, ...]
    split: str


def read_topics(path: Path | None = None) -> list[Topic]:
    """The topics of a CSV file; None for ``material/topics.csv``, those of the hard sets.

    Raises:
        HpptError: the file cannot be read or a line is incomplete; the message names the line.
    """
    path = path or package_file("corpus", "material/topics.csv")
    topics = []
    for number, row in read_csv(path, COLUMNS):
        if row["split"] not in SPLITS:
            raise HpptError(f"{path}, line {number}: 'split' is not one of {SPLITS}.")
        words, related = tuple(row["words"].split()), tuple(row["related"].split())
        topics.append(Topic(row["name"], words, related, row["split"]))
    if not topics:
        raise HpptError(f"{path} holds no topic.")
    return topics


def all_topics(split: str) -> list[Topic]:
    """The topics of one split, ``train`` or ``heldout``, of both files of topics.

    Raises:
        HpptError: a file cannot be read or a line is incomplete; the message names the line.
    """
    return [_with_name(each) for each in [*read_topics(), *_more()] if each.split == split]


def other_topics() -> list[Topic]:
    """The topics of both splits that the hard sets do not have."""
    return [_with_name(each) for each in _more()]


def _more() -> list[Topic]:
    return read_topics(package_file("corpus", "material/topics_more.csv"))


def _with_name(topic: Topic) -> Topic:
    """A topic whose own name is on the topic: "city" does not begin "cities"."""
    name = topic.name.split()
    if any(part.startswith(word) for part in name for word in topic.words):
        return topic
    return replace(topic, words=(*topic.words, name[-1]))
