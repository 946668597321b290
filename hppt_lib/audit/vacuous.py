"""Vacuous passes: counts the prompts that a meaningless answer passes.

A verifier answers for its constraint. "Use no commas" is true of ``x``, and so a policy that is
paid by verifiers alone may learn to say ``x``. This audit counts, for any set of prompts, what
constant answers are worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hppt_lib import verifiers
from hppt_lib.instructions.model import Instruction
from hppt_lib.intervals import Rate, rate
from hppt_lib.scoring.responses import score_line
from hppt_lib.verifiers import Reading

PROBES: Mapping[str, Callable[[str], str]] = {
    "x": lambda prompt: "x",
    "1": lambda prompt: "1",
    ".": lambda prompt: ".",
    "No.": lambda prompt: "No.",
    "{}": lambda prompt: "{}",
    "* * *": lambda prompt: "* * *",
    "Sure!": lambda prompt: "Sure!",
    "I cannot help with that.": lambda prompt: "I cannot help with that.",
    "the prompt itself": lambda prompt: prompt,
}
"""What each probe answers to a prompt, by the probe's name."""


@dataclass(frozen=True)
class VacuousPass:
    """How many of a set of prompts one constant answer passes.

    Attributes:
        probe: the answer's name.
        guarded: whether the answer had to say something new as well (``hppt:new_content``).
        passed: for each prompt, whether all its constraints passed.
    """

    probe: str
    guarded: bool
    passed: tuple[bool, ...]

    @property
    def rate(self) -> Rate:
        """The share of prompts that the answer passes, with its 95 % interval."""
        return rate(self.passed, [str(number) for number in range(len(self.passed))])


def vacuous_passes(
    rows: Iterable[Mapping[str, Any]],
    reading: Reading = "text",
    *,
    probes: Mapping[str, Callable[[str], str]] = PROBES,
    guard: bool = False,
) -> list[VacuousPass]:
    """Verify constant answers to prompts.

    Args:
        rows: the prompts, as a benchmark's lines have them: ``prompt``, ``instruction_id_list``,
            ``kwargs``. `as_benchmark_rows` makes them of instructions.
        reading: ``text`` or ``reference``.
        probes: name to a function from the prompt to the answer.
        guard: demand that an answer says something that the prompt does not.

    Returns:
        One result for each probe, in order.

    Raises:
        HpptError: a row lacks a field, or a constraint cannot be built.
    """
    prompts = list(rows)
    return [
        VacuousPass(name, guard, tuple(_passes(row, probe, reading, guard) for row in prompts))
        for name, probe in probes.items()
    ]


def guard_cost(rows: Iterable[Mapping[str, Any]], reading: Reading = "text") -> Rate:
    """The share of strictly passing responses that the guard would refuse.

    Args:
        rows: a benchmark's lines with their ``response``.
        reading: ``text`` or ``reference``.

    Raises:
        HpptError: a row lacks a field, or a constraint cannot be built.
        ValueError: no response passes.
    """
    refused, prompts = [], []
    for row in rows:
        if all(each.passed for each in score_line(row, reading).strict):
            refused.append(not _is_new(row["prompt"], row["response"]))
            prompts.append(row["prompt"])
    return rate(refused, prompts)


def as_benchmark_rows(instructions: Sequence[Instruction]) -> list[dict[str, Any]]:
    """Instructions in the form of a benchmark's lines."""
    return [
        {
            "key": each.id,
            "prompt": each.prompt,
            "instruction_id_list": [constraint.id for constraint in each.constraints],
            "kwargs": [dict(constraint.kwargs) for constraint in each.constraints],
        }
        for each in instructions
    ]


def _passes(
    row: Mapping[str, Any], probe: Callable[[str], str], reading: Reading, guard: bool
) -> bool:
    answer = probe(str(row.get("prompt", "")))
    verdicts = score_line({**row, "response": answer}, reading).strict
    return all(each.passed for each in verdicts) and (not guard or _is_new(row["prompt"], answer))


def _is_new(prompt: str, answer: str) -> bool:
    return verifiers.build("hppt:new_content", {"prompt": prompt})(answer).passed
