"""Prompts and backends for the tests of evaluations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from hppt_lib.evaluation.benchmarks import Item, Prompts
from hppt_lib.evaluation.generation import Reply
from hppt_lib.evaluation.run_folder import Message
from hppt_lib.instructions.model import Constraint, Instruction
from tests.helpers.tiny import tiny_instructions


def own_prompts() -> Prompts:
    """Four prompts, each with one constraint."""
    items = tuple(Item("own", (each,), each.id) for each in tiny_instructions())
    return Prompts("own", items, "the tests", "none")


def conversations(number: int = 3) -> Prompts:
    """Conversations of three turns; the last has two, as some of Multi-IF's."""
    no_comma = Constraint("punctuation:no_comma", {})
    short = Constraint("length_constraints:number_words", {"relation": "less than", "num_words": 8})
    items = []
    for talk in range(number):
        turns = [
            Instruction(f"talk{talk}", f"Write about {'tea ' * (talk + 1)}.", (no_comma,)),
            Instruction(f"talk{talk}-turn2", "Write about honey .", (no_comma, short)),
            Instruction(f"talk{talk}-turn3", "Write about bees .", (no_comma, short)),
        ]
        kept = tuple(turns[:2] if talk == number - 1 else turns)
        language = "English" if talk % 2 else "German"
        items.append(Item("multi_if", kept, f"talk{talk}", {"language": language}))
    return Prompts("multi_if", tuple(items), "the tests", "none")


class Echo:
    """Answers each conversation with its messages, and may stop or fail on the way."""

    def __init__(self, at_once: int = 1, stop_after: int | None = None) -> None:
        self.at_once, self.stop_after = at_once, stop_after
        self.asked: list[Sequence[Message]] = []
        self.refuses: set[str] = set()
        self.name = "echo"

    @property
    def identity(self) -> Mapping[str, Any]:
        return {"kind": "echo", "name": self.name}

    def replies(
        self, conversations: Sequence[Sequence[Message]], samples: Sequence[int], seed: int
    ) -> Iterator[tuple[int, Reply]]:
        for place in reversed(range(len(conversations))):
            if len(self.asked) == self.stop_after:
                raise KeyboardInterrupt
            said = conversations[place]
            self.asked.append(said)
            if said[-1]["content"] in self.refuses:
                yield place, Reply(None, problem="HTTP 503 (busy)", again=True)
                continue
            text = " / ".join(each["content"] for each in said)
            yield place, Reply(f"{samples[place]}: {text}", True)
