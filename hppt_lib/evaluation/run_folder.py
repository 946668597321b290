"""The folder of an evaluation: prompts, predictions, verdicts and report.

============================ =====================================================================
``run.json``                 what the run is: the model, how it generates, and which prompts
``prompts.jsonl``            the prompts and their constraints, as they were loaded
``predictions.jsonl``        one response a line, added batch by batch
``verdicts.jsonl``           one line for each response, of the last time that it was scored
``report.json``, ``.txt``    the metrics of the last time that it was scored
============================ =====================================================================

A prediction belongs to its run: its ``key`` is made of the run's model and settings, the messages
that the model was given and the number of the sample. A folder of another run is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.benchmarks import Item, Prompts, item_of
from hppt_lib.files import append_jsonl, appended_rows, read_jsonl, write_jsonl, write_text
from hppt_lib.identity import check_same, digest
from hppt_lib.verifiers import Marks, answer_of, thought_marks

FORMAT = 1
Place = tuple[str, str, int, int]
"""Where a response belongs: benchmark, id, number of the sample, turn."""
Message = dict[str, str]


@dataclass(frozen=True)
class GenerationSettings:
    """How responses are generated.

    Attributes:
        samples: responses to each prompt.
        max_new_tokens: the most tokens that a response may have, its thoughts included.
        temperature: 0 takes the likeliest token every time.
        seed: of the sampling.
        batch: responses that a local model decodes together.
        thoughts: the marks of thoughts, which are no part of the history that a later turn sees:
            ``known``, ``none``, or two marks such as ``<plan> </plan>``.
    """

    samples: int = 1
    max_new_tokens: int = 1280
    temperature: float = 0.0
    seed: int = 0
    batch: int = 32
    thoughts: str = "known"

    def check(self) -> None:
        """Refuse settings that make no sense.

        Raises:
            HpptError: a number is out of range.
        """
        if min(self.samples, self.max_new_tokens, self.batch) < 1 or self.temperature < 0:
            raise HpptError(
                "An evaluation needs at least 1 sample of at least 1 token, a batch of at least 1, "
                "and a temperature of 0 or more."
            )
        if self.samples > 1 and self.temperature == 0:
            raise HpptError(
                "Several samples at temperature 0 are all the same: give a temperature, such as "
                "--temperature 0.8, or take one sample."
            )
        thought_marks(self.thoughts)


@dataclass(frozen=True)
class Prediction:
    """One response.

    Attributes:
        benchmark: its benchmark.
        id: of its prompt or conversation.
        sample: its number among the responses to this prompt, from 0.
        turn: of a conversation, from 1.
        key: what it belongs to; see `RunFolder.key`.
        response: what the model wrote, with its thoughts; None if it gave none (a content filter).
        finished: whether it ended by itself; None if that is not known.
        problem: why there is no response, or no whole one.
    """

    benchmark: str
    id: str
    sample: int
    turn: int
    key: str
    response: str | None
    finished: bool | None = None
    problem: str = ""

    @property
    def place(self) -> Place:
        """Where it belongs."""
        return self.benchmark, self.id, self.sample, self.turn


class RunFolder:
    """The folder of one evaluation.

    Attributes:
        path: the folder.
        identity: the model, the settings and the prompts: what decides the responses.
        items: the prompts, in order.
        about: origin and licence of each benchmark's prompts.
    """

    def __init__(
        self,
        path: Path,
        identity: Mapping[str, Any],
        items: Sequence[Item],
        about: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.path, self.identity, self.about = path, identity, about
        self.items = tuple(items)
        self._name = json.dumps(identity, sort_keys=True)

    @property
    def predictions_path(self) -> Path:
        """The file of responses."""
        return self.path / "predictions.jsonl"

    @property
    def marks(self) -> Marks:
        """The marks of thoughts that the run was made with."""
        return thought_marks(str(self.identity["generation"].get("thoughts", "known")))

    def messages(self, item: Item, turn: int, history: Sequence[str | None]) -> list[Message]:
        """The conversation that a model is given: the turns so far, with its own answers.

        Args:
            item: the conversation.
            turn: from 1.
            history: its responses to the turns before.
        """
        messages: list[Message] = []
        for instruction, response in zip(item.turns[: turn - 1], history, strict=True):
            messages.append({"role": "user", "content": instruction.prompt})
            answer = answer_of(response or "", self.marks)
            messages.append({"role": "assistant", "content": answer})
        return [*messages, {"role": "user", "content": item.turns[turn - 1].prompt}]

    def key(self, messages: Sequence[Message], sample: int) -> str:
        """Sixteen characters for a response: model, settings, messages and sample in one."""
        text = json.dumps([self._name, list(messages), sample])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def predictions(self) -> tuple[list[Prediction], bool]:
        """The responses so far, and whether a line that a kill left half-written was dropped.

        Raises:
            HpptError: the file cannot be read, or a line is damaged; the message names it.
        """
        if not self.predictions_path.exists():
            return [], False
        rows, torn = appended_rows(self.predictions_path)
        found = []
        for number, row in enumerate(rows, start=1):
            try:
                found.append(Prediction(**row))
            except TypeError as error:
                raise HpptError(
                    f"{self.predictions_path}, line {number} is no prediction: {error}."
                ) from error
        return found, torn

    def add(self, predictions: Iterable[Prediction]) -> None:
        """Add responses to the file; a kill may tear the last line and no other.

        Raises:
            HpptError: the file could not be written.
        """
        append_jsonl(self.predictions_path, map(_row, predictions))

    def replace(self, predictions: Iterable[Prediction]) -> None:
        """Write the file of responses anew, whole or not at all.

        Raises:
            HpptError: the file could not be written.
        """
        write_jsonl(self.predictions_path, map(_row, predictions))


def begin_run(
    path: str | Path,
    prompts: Sequence[Prompts],
    model: Mapping[str, Any],
    generation: Mapping[str, Any],
) -> RunFolder:
    """The folder of a run: a new one, or one that was begun before with the same settings.

    Args:
        path: the folder.
        prompts: the benchmarks.
        model: what the responses come from: all that tells it from another, as plain values.
        generation: how they are generated, as plain values.

    Raises:
        HpptError: it is the folder of another run (the message names both), or cannot be written.
    """
    path = Path(path)
    names = [each.name for each in prompts]
    if len(set(names)) < len(names):
        raise HpptError("The same benchmark is named twice. Name each once.")
    identity = {
        "model": dict(model),
        "generation": dict(generation),
        "prompts": {each.name: _fingerprint(each.items) for each in prompts},
    }
    about = {each.name: {"origin": each.origin, "licence": each.licence} for each in prompts}
    items = [item for each in prompts for item in each.items]
    if (path / "run.json").exists():
        there = _read_head(path)["identity"]
        check_same(
            there,
            json.loads(json.dumps(identity)),
            what="run",
            where=path,
            do="Give another folder with --out, or delete this one.",
        )
    else:
        if path.exists() and any(path.iterdir()):
            raise HpptError(f"{path} is no folder of a run and is not empty. Give another --out.")
        write_jsonl(path / "prompts.jsonl", (item.as_row() for item in items))
        # Last: a folder without it was never begun.
        head = {"format": FORMAT, "identity": identity, "about": about}
        write_text(path / "run.json", json.dumps(head, indent=2, ensure_ascii=False) + "\n")
    return RunFolder(path, identity, items, about)


def open_run(path: str | Path) -> RunFolder:
    """The folder of a run that was begun before.

    Raises:
        HpptError: it is none, or a file in it cannot be read.
    """
    path = Path(path)
    head = _read_head(path)
    items = []
    for number, row in read_jsonl(path / "prompts.jsonl"):
        try:
            items.append(item_of(row))
        except HpptError as error:
            raise HpptError(f"{path / 'prompts.jsonl'}, line {number}: {error}") from error
    return RunFolder(path, head["identity"], items, head["about"])


def same_generation(base: RunFolder, other: RunFolder) -> None:
    """Refuse runs whose difference would be one of the way they were made.

    Raises:
        HpptError: prompts, temperature or the longest response differ.
    """
    for part, names in (("prompts", ()), ("generation", ("temperature", "max_new_tokens"))):
        one, two = base.identity[part], other.identity[part]
        for name in names or [*one, *two]:
            if one.get(name) != two.get(name):
                raise HpptError(
                    f"{base.path} and {other.path} differ in {name} ({one.get(name)} and "
                    f"{two.get(name)}): evaluate them in the same way."
                )


def _read_head(path: Path) -> dict[str, Any]:
    file = path / "run.json"
    try:
        head = json.loads(file.read_text(encoding="utf-8"))
        if head["format"] != FORMAT:
            raise ValueError(f"its format is {head['format']}, not {FORMAT}")
        return {"identity": dict(head["identity"]), "about": dict(head["about"])}
    except FileNotFoundError as error:
        raise HpptError(
            f"{path} is no folder of a run: there is no {file.name} in it. 'hppt evaluate' makes "
            "one."
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HpptError(f"{file} is not the head of a run: {error}.") from error


def _row(prediction: Prediction) -> dict[str, Any]:
    row = asdict(prediction)
    return {name: value for name, value in row.items() if value != "" or name == "response"}


def _fingerprint(items: Sequence[Item]) -> str:
    """Number and content of prompts: how many there are, and a hash of what they say."""
    return f"{len(items)} prompts, {digest([item.as_row() for item in items])[:12]}"
