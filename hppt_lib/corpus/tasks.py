"""What is asked: topics and tasks. A task names no length, no form and no reader.

So nothing that a constraint may ask for is settled by the task already, and no constraint
contradicts it.
"""

from __future__ import annotations

from dataclasses import replace

from hppt_lib.corpus.hard_sets import Topic, read_topics
from hppt_lib.files import repository_folder

TASKS = (
    "Write about {name}.",
    "Tell me something about {name}.",
    "Describe {name}.",
    "Share what you know about {name}.",
    "Explain why people care about {name}.",
    "Describe what comes to mind when you think of {name}.",
    "Introduce the subject of {name}.",
    "What should everyone know about {name}?",
    "What is interesting about {name}?",
    "Why do people talk about {name}?",
    "What can we learn from {name}?",
    "How do people come across {name} in daily life?",
    "Write a post for a website about {name}.",
    "Write a message about {name}.",
    "Write a scene that has to do with {name}.",
    "Tell a story that has to do with {name}.",
    "Make a case for paying attention to {name}.",
    "Compare {name} with something else.",
    "Give some advice that has to do with {name}.",
    "Say what has changed about {name} over time.",
    "Describe a day that has to do with {name}.",
    "Answer a question that people often ask about {name}.",
    "Correct a common mistake about {name}.",
    "Write a radio announcement about {name}.",
    "Write the opening of a talk about {name}.",
    "Write a text to go with a picture of {name}.",
    "Say what a museum could show about {name}.",
    "Describe a surprising side of {name}.",
    "What would the world be like without {name}?",
    "Describe how {name} can surprise somebody.",
    "What do beginners get wrong about {name}?",
    "Say what stands out about {name}.",
    "What do people disagree about when it comes to {name}?",
    "Write something for a school magazine about {name}.",
    "Recommend a way to find out more about {name}.",
    "Write down a thought about {name}.",
)
TOPIC_FILES = ("topics.csv", "topics_more.csv")


def topics(split: str) -> list[Topic]:
    """The topics of one split, ``train`` or ``heldout``, of both files in ``data/instructions``.

    Raises:
        HpptError: a file cannot be read or a line is incomplete; the message names the line.
    """
    folder = repository_folder() / "data" / "instructions"
    found = [topic for name in TOPIC_FILES for topic in read_topics(folder / name)]
    return [_with_name(topic) for topic in found if topic.split == split]


def _with_name(topic: Topic) -> Topic:
    """A topic whose own name is on the topic: "city" does not begin "cities"."""
    name = topic.name.split()
    if any(part.startswith(word) for part in name for word in topic.words):
        return topic
    return replace(topic, words=(*topic.words, name[-1]))
