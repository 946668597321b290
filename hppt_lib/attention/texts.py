"""Texts that every policy reads: instructions with a long query, a response, and a swapped twin.

Two policies are compared on the *same* text. On its own text a policy that answers more briefly
looks more at its prompt, whatever it has learned, for there is less else to look at.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hppt_lib.attention.segments import QUERY, Segmented
from hppt_lib.corpus.topics import TASKS, read_topics
from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl, repository_folder, write_jsonl
from hppt_lib.instructions.model import Instruction, as_row, parse_instruction, shipped_instructions
from hppt_lib.rewards import score

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

    from hppt_lib.policy.load import Policy


@dataclass(frozen=True)
class Text:
    """An instruction with a response that every policy reads.

    Attributes:
        instruction: its query comes first in its prompt.
        response: satisfies it, and is an answer of substance.
        swapped: the instruction with a constraint of another type in place of its own.
    """

    instruction: Instruction
    response: str
    swapped: Instruction

    @property
    def turned(self) -> Instruction:
        """The instruction with its constraint before its query: the control for closeness."""
        asked = self.instruction
        return replace(asked, prompt=f"{asked.constraints[0].text} {asked.query}")


def long_instructions(tokenizer: PreTrainedTokenizerBase, seed: int = 0) -> list[Instruction]:
    """The held-out topics with constraints as in training, and queries longer than constraints.

    A random span of the query can then be as long as the constraint. The queries are tasks that the
    arms of notebook 05 were not trained on, either.

    Args:
        tokenizer: counts the tokens.
        seed: of the draw of tasks.
    """
    random_state = random.Random(f"attention-{seed}")
    names = {each.name.replace(" ", "_"): each.name for each in read_topics()}

    def tokens(text: str) -> int:
        return len(tokenizer(text, add_special_tokens=False)["input_ids"])

    made = []
    for instruction in shipped_instructions("hard_heldout"):
        name = names[instruction.id.rpartition("-")[0]]
        text = instruction.constraints[0].text
        queries = [task.format(name=name) for task in TASKS]
        fitting = [each for each in queries if tokens(each) > tokens(text)]
        if not fitting:
            continue
        query = random_state.choice(fitting)
        made.append(replace(instruction, query=query, prompt=f"{query} {text}"))
    return made


def draw_texts(
    policy: Policy, count: int, *, seed: int = 0, progress: str | None = None
) -> list[Text]:
    """Let a policy answer, and keep one response an instruction that satisfies it, guarded.

    What is kept is chosen by success: so it says what a policy looks at where it succeeds.

    Args:
        policy: usually the base.
        count: texts wanted; constraints of each type take turns.
        seed: of tasks and sampling.
        progress: title of a progress bar; None shows none.

    Raises:
        HpptError: the policy did not satisfy so many of the instructions in three attempts each.
    """
    from hppt_lib.policy.sampling import sample

    asked = long_instructions(policy.tokenizer, seed)[: 4 * count]
    answers = sample(
        policy.model,
        policy.tokenizer,
        [each.prompt for each in asked],
        samples=3,
        max_new_tokens=40,
        temperature=0.8,
        seed=seed,
        thinking=policy.thinking,
        progress=progress,
    )
    by_type: dict[str, list[tuple[Instruction, str]]] = {}
    for instruction, group in zip(asked, answers, strict=True):
        texts = (each.text for each in group if each.finished)
        good = next((each for each in texts if score(instruction, each).guarded), None)
        if good is not None:
            by_type.setdefault(instruction.constraints[0].id, []).append((instruction, good))
    longest = max(map(len, by_type.values()), default=0)
    turns = [some[at] for at in range(longest) for some in by_type.values() if at < len(some)]
    if len(turns) < count:
        raise HpptError(f"{policy.name} satisfied {len(turns)} instructions; {count} are wanted.")
    chosen = turns[:count]
    return [
        Text(instruction, response, _swapped(instruction, [each for each, _ in chosen]))
        for instruction, response in chosen
    ]


def _swapped(instruction: Instruction, others: Sequence[Instruction]) -> Instruction:
    """With the constraint of the next instruction behind it whose constraint is of another type."""
    at = others.index(instruction)
    mine = instruction.constraints[0]
    for other in [*others[at + 1 :], *others[:at]]:
        theirs = other.constraints[0]
        if theirs.id != mine.id:
            prompt = instruction.prompt.replace(mine.text, theirs.text)
            return replace(instruction, prompt=prompt, constraints=(theirs,))
    raise HpptError("All constraints are of one type: there is none to swap with.")


def write_texts(path: str | Path, texts: Sequence[Text]) -> None:
    """Write texts as JSONL, whole or not at all.

    Raises:
        HpptError: the file could not be written.
    """
    write_jsonl(
        path,
        (
            {
                "instruction": as_row(each.instruction),
                "response": each.response,
                "swapped": as_row(each.swapped),
            }
            for each in texts
        ),
    )


def read_texts(path: str | Path | None = None) -> list[Text]:
    """Read texts from a JSONL file; None for the shipped ones, ``data/attention/texts.jsonl``.

    Raises:
        HpptError: the file cannot be read, or a line is not a text; the message names the line.
    """
    path = path or shipped_folder() / "texts.jsonl"
    kinds: dict[str, Any] = {"instruction": dict, "response": str, "swapped": dict}
    texts = []
    for number, row in read_jsonl(path, kinds):

        def complain(problem: str, number: int = number) -> None:
            raise HpptError(f"{path}, line {number}{problem}")

        both = [parse_instruction(row[name], complain) for name in ("instruction", "swapped")]
        if not row["response"].strip():
            complain(": 'response' is blank.")
        texts.append(Text(both[0], row["response"], both[1]))
    if not texts:
        raise HpptError(f"{path} holds no text.")
    return texts


def shipped_folder() -> Path:
    """Where the shipped texts and records of attention are."""
    return repository_folder() / "data" / "attention"


def random_span(text: Segmented, length: int, random_state: random.Random) -> tuple[int, ...]:
    """A run of tokens of the query, as long as asked for or as long as there are.

    Args:
        text: a prompt in its segments.
        length: in tokens.
        random_state: the source of chance.

    Raises:
        HpptError: the query has no token.
    """
    places = text.places(QUERY)
    if not places:
        raise HpptError("The query has no token, so no span of it can be drawn.")
    length = min(length, len(places))
    start = random_state.randrange(len(places) - length + 1)
    return places[start : start + length]
