"""What each benchmark is: where its prompts come from, its metrics, and which is its headline."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from hppt_lib import sources
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import metrics
from hppt_lib.evaluation.metrics import Rows, Section
from hppt_lib.instructions.model import Constraint, Instruction, chosen_instructions
from hppt_lib.sources.soft_benchmarks import EARLIER_MISSING


@dataclass(frozen=True)
class Benchmark:
    """A benchmark.

    Attributes:
        name: as on the command line.
        title: as its authors write it, and where it is described.
        headline: the number that its authors report first, in words.
        find: the title of the section and the names of the estimates in it that are the headline.
        metrics: counts its scored responses.
        judged: whether a judge is needed.
        limits: what to know beside the numbers.
    """

    name: str
    title: str
    headline: str
    find: tuple[str, tuple[str, ...]]
    metrics: Callable[[Rows], list[Section]]
    judged: bool = False
    limits: str = ""


_FOUR = "as the benchmark counts"
BENCHMARKS: Mapping[str, Benchmark] = {
    each.name: each
    for each in (
        Benchmark(
            "ifeval",
            "IFEval (arXiv 2311.07911)",
            "prompt-level strict accuracy, of four: prompt and instruction level, strict and loose",
            (_FOUR, ("prompt level, strict",)),
            metrics.verifiable,
        ),
        Benchmark(
            "ifbench",
            "IFBench (arXiv 2507.02833)",
            "prompt-level loose accuracy",
            (_FOUR, ("prompt level, loose",)),
            metrics.verifiable,
        ),
        Benchmark(
            "multi_if",
            "Multi-IF (arXiv 2410.15553)",
            "the mean of four accuracies (prompt and instruction level, strict and loose) by turn",
            ("mean of the four accuracies", ("turn 1", "turn 2", "turn 3")),
            metrics.multi_if,
            limits="Words and sentences in Chinese, Japanese, Thai and Hindi are counted by script "
            "in the reading 'text', and as IFEval does in 'reference'.",
        ),
        Benchmark(
            "followbench",
            "FollowBench (arXiv 2310.20410)",
            "hard satisfaction rate (HSR) by level",
            (metrics.FOLLOWBENCH["HSR"], tuple(f"level {level}" for level in "12345")),
            metrics.followbench,
            judged=True,
            limits="Its authors give a table for each type of constraint; the first tables here "
            "take all types together. Their judge is GPT-4; ours reads another prompt.",
        ),
        Benchmark(
            "cfbench",
            "CFBench (arXiv 2408.01122)",
            "satisfaction of constraints (CSR), of instructions (ISR) and by priority (PSR)",
            ("all", ("CSR", "ISR", "PSR")),
            metrics.cfbench,
            judged=True,
            limits="Its authors' judge is GPT-4o; ours reads another prompt.",
        ),
    )
}
OWN = Benchmark(
    "own",
    "a set of instructions of your own",
    "instruction satisfaction rate (ISR), strict",
    ("instruction satisfaction rate", ("ISR, strict",)),
    metrics.own,
)


@dataclass(frozen=True)
class Item:
    """One prompt of a benchmark, or one conversation.

    Attributes:
        benchmark: its name.
        turns: the instructions, one for each turn; a later turn's constraints hold those of the
            turns before.
        group: what depends on each other: equal prompts, the levels of a FollowBench group.
        labels: what the benchmark tells of it: ``key``, ``language``, ``level``, ``split``, …
    """

    benchmark: str
    turns: tuple[Instruction, ...]
    group: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of its first turn."""
        return self.turns[0].id

    def as_row(self) -> dict[str, Any]:
        """The item as plain values."""
        turns = [
            {
                name: value
                for name, value in asdict(turn).items()
                if name in ("id", "prompt", "query", "topic", "constraints") and value
            }
            for turn in self.turns
        ]
        return {
            "benchmark": self.benchmark,
            "id": self.id,
            "group": self.group,
            "labels": dict(self.labels),
            "turns": turns,
        }


def item_of(row: Mapping[str, Any]) -> Item:
    """The item of a row that `Item.as_row` made.

    Raises:
        HpptError: it is no such row.
    """
    try:
        turns = tuple(
            Instruction(
                id=turn["id"],
                prompt=turn["prompt"],
                constraints=tuple(Constraint(**each) for each in turn["constraints"]),
                query=turn.get("query", ""),
                topic=tuple(turn.get("topic", ())),
            )
            for turn in row["turns"]
        )
        return Item(row["benchmark"], turns, row["group"], row["labels"])
    except (KeyError, TypeError, AttributeError) as error:
        raise HpptError(f"this is no prompt of a run ({error}).") from error


@dataclass(frozen=True)
class Prompts:
    """The prompts of a benchmark as they were loaded.

    Attributes:
        name: the benchmark's name on the command line.
        items: its prompts.
        origin: where they came from.
        licence: what is known of their licence.
    """

    name: str
    items: tuple[Item, ...]
    origin: str
    licence: str


def load_prompts(
    name: str,
    *,
    limit: int | None = None,
    keep_going: bool = False,
    show: Callable[[str], None] = print,
) -> Prompts:
    """Load a benchmark's prompts.

    Args:
        name: a key of `BENCHMARKS`, also with a place (``ifeval=FILE``, ``ifeval=ORG/NAME`` on the
            hub); or instructions of one's own: a name in ``data/instructions`` or a JSONL file.
        limit: the first so many prompts or conversations; FollowBench's groups of five levels are
            never cut.
        keep_going: leave out rows that cannot be read.
        show: is given the licence and warnings.

    Raises:
        HpptError: there is no such benchmark, or it could not be found or read.
    """
    known, _, place = name.partition("=")
    if known in BENCHMARKS:
        loaded = sources.load(known, place or None, keep_going=keep_going, show=show)
        items = _items(known, loaded)
        origin, licence = loaded.origin, loaded.licence
    else:
        if not name.endswith((".jsonl", ".jsonl.gz")) and "=" in name:
            raise HpptError(f"There is no benchmark '{known}'. There are: {', '.join(BENCHMARKS)}.")
        try:
            own = chosen_instructions(name)
        except HpptError as error:
            raise HpptError(
                f"There is no benchmark '{name}' ({', '.join(BENCHMARKS)}), and no set of "
                f"instructions: {error}"
            ) from error
        known = Path(name).name.partition(".")[0]
        items = [Item(known, (each,), _same(each.prompt)) for each in own]
        origin, licence = name, "yours, or that of data/instructions"
    if not items:
        raise HpptError(f"{origin} holds no prompt of {name} that can be scored.")
    if limit is not None:
        items = _first(items, limit)
    return Prompts(known, tuple(items), origin, licence)


def benchmark(name: str) -> Benchmark:
    """The benchmark of that name; any other name is a set of one's own."""
    return BENCHMARKS.get(name, OWN)


def _items(name: str, loaded: sources.Loaded) -> list[Item]:
    conversations: Sequence[tuple[Instruction, ...]] = loaded.conversations or [
        (each,) for each in loaded.instructions
    ]
    lacking = {each.instruction for each in loaded.unmapped if each.reason == EARLIER_MISSING}
    items = []
    for turns in conversations:
        if turns[0].id in lacking:
            continue
        labels = loaded.labels.get(turns[0].id, {})
        items.append(Item(name, turns, labels.get("group") or _same(turns[0].prompt), labels))
    return items


def _same(prompt: str) -> str:
    """A short name for a prompt, the same for equal ones."""
    return hashlib.sha256(prompt.encode("utf-8", "replace")).hexdigest()[:12]


def _first(items: Sequence[Item], limit: int) -> list[Item]:
    chosen: list[Item] = []
    for _, group in groupby(items, lambda item: item.labels.get("group", item.id)):
        if len(chosen) >= limit:
            break
        chosen += group
    return chosen
