"""The scorecard of a file of responses: rates with intervals, as a table or as JSON."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hppt_lib import verifiers
from hppt_lib.intervals import Rate, rate
from hppt_lib.sandbox.checker import CODE
from hppt_lib.scoring.benchmark_defects import DataDefect
from hppt_lib.terminal import as_text, table
from hppt_lib.verifiers import Marks, Reading, Verdict

# Whose constraints were verified, and under what licence their data comes.
SOURCES = {
    "ifeval": "IFEval (Zhou et al. 2023, arXiv 2311.07911; data CC BY 4.0, program Apache-2.0)",
    "iftrain": "IFTrain (Pyatkin et al. 2025, arXiv 2507.02833; program Apache-2.0)",
    "ifbench": "IFBench (Pyatkin et al. 2025, arXiv 2507.02833; data ODC-BY-1.0)",
}


@dataclass
class _Tally:
    """Strict and loose outcomes, with the prompt that each belongs to."""

    prompts: list[str] = field(default_factory=list)
    strict: list[bool] = field(default_factory=list)
    loose: list[bool] = field(default_factory=list)

    def add(self, prompt: str, strict: bool, loose: bool) -> None:
        """Count one outcome."""
        self.prompts.append(prompt)
        self.strict.append(strict)
        self.loose.append(loose)

    def rates(self) -> tuple[Rate, Rate]:
        """The strict and the loose rate."""
        return rate(self.strict, self.prompts), rate(self.loose, self.prompts)


@dataclass
class Scorecard:
    """The verdicts on a file of responses, counted.

    Attributes:
        reading: the reading of the verifiers.
        left_out: what was wrong with each line that could not be scored.
        defects: known mistakes of the benchmark in the lines scored, with how often each came.
        families: the outcomes of whole responses, of all constraints, and of each constraint id.
        null_responses: how many of the responses scored are null; they count as blank, and fail.
        thoughts: the marks of thoughts that were asked for; None if none were.
        unanswered: how many prompts have no response at all; they count as blank, and fail.
    """

    reading: Reading
    left_out: list[str] = field(default_factory=list)
    defects: Counter[DataDefect] = field(default_factory=Counter)
    families: dict[str, _Tally] = field(default_factory=dict)
    null_responses: int = 0
    thoughts: Marks | None = None
    unanswered: int = 0

    PROMPTS = "all constraints of a response"
    SLOTS = "each constraint"

    def add(
        self,
        prompt: str,
        ids: Sequence[str],
        strict: Sequence[Verdict],
        loose: Sequence[Verdict],
        defects: Sequence[DataDefect] = (),
    ) -> None:
        """Count one response: its prompt, and the verdicts on each of its constraints."""
        group = hashlib.blake2b(prompt.encode("utf-8", "replace"), digest_size=8).hexdigest()
        self._tally(self.PROMPTS).add(
            group, all(each.passed for each in strict), all(each.passed for each in loose)
        )
        for id, strict_verdict, loose_verdict in zip(ids, strict, loose, strict=True):
            for name in (self.SLOTS, id):
                self._tally(name).add(group, strict_verdict.passed, loose_verdict.passed)
        self.defects.update(defects)

    def _tally(self, name: str) -> _Tally:
        return self.families.setdefault(name, _Tally())

    @property
    def scored(self) -> int:
        """How many responses were scored."""
        return len(self.families[self.PROMPTS].strict) if self.families else 0

    def rates(self) -> dict[str, tuple[Rate, Rate]]:
        """Strict and loose rate: prompt level, instruction level, then each id in order.

        The intervals allow for several responses to one prompt and several constraints in one.
        """
        overall = [name for name in (self.PROMPTS, self.SLOTS) if name in self.families]
        ids = sorted(set(self.families) - set(overall))
        return {name: self.families[name].rates() for name in (*overall, *ids)}

    def as_json(self) -> dict[str, Any]:
        """The scorecard as plain data."""
        return {
            "reading": self.reading,
            **({} if self.thoughts is None else {"thoughts": self.thoughts}),
            "responses": self.scored,
            "null_responses": self.null_responses,
            **({"prompts_without_response": self.unanswered} if self.unanswered else {}),
            "left_out": len(self.left_out),
            "errors": self.left_out,
            "rates": {
                name: {
                    kind: {
                        "rate": each.mean,
                        "low": each.low,
                        "high": each.high,
                        "of": each.samples,
                        "prompts": each.groups,
                    }
                    for kind, each in zip(("strict", "loose"), pair, strict=True)
                }
                for name, pair in self.rates().items()
            },
            "data_defects": [
                {"key": each.key, "id": each.id, "what": each.what, "thread": each.thread}
                | {"responses": count}
                for each, count in self.defects.items()
            ],
        }

    @property
    def sources(self) -> list[str]:
        """The benchmarks whose constraints were verified, with their licences."""
        ids = set(self.families) - {self.PROMPTS, self.SLOTS, CODE}
        names = {verifiers.family(id).benchmark for id in ids}
        return [text for name, text in SOURCES.items() if name in names]


def as_table(card: Scorecard, width: int | None = None) -> str:
    """The scorecard as a table: the rates, what was left out, known defects of the data.

    Args:
        card: the scorecard.
        width: in characters; by default the terminal's.
    """
    rows: list[list[object] | None] = []
    for name, (strict, loose) in card.rates().items():
        rows.append([name, strict.samples, strict, loose])
        if name == card.SLOTS:
            rows.append(None)
    title = f"Share satisfied, with 95 % intervals (reading: {card.reading})"
    rates = table(["", "of", "strict", "loose"], rows, title=title)
    return as_text(rates, *_notes(card), width=width)


def _notes(card: Scorecard) -> list[str]:
    notes = []
    if card.null_responses == 1:
        notes.append("1 response is null, counted as blank: it fails.")
    elif card.null_responses:
        notes.append(f"{card.null_responses} responses are null, counted as blank: they fail.")
    if card.unanswered:
        notes.append(f"Prompts without a response, counted as blank: {card.unanswered}.")
    if card.thoughts is not None:
        marks = ", ".join(" … ".join(pair) for pair in card.thoughts)
        notes.append(f"Thoughts left out: {marks or 'none'}.")
    if card.left_out:
        shown = card.left_out[:5]
        more = len(card.left_out) - len(shown)
        notes += [f"Lines left out, since they could not be scored: {len(card.left_out)}.", *shown]
        notes += [f"… and {more} more."] if more else []
    if card.defects:
        notes.append(
            f"Known mistakes in the benchmark's own data, met in {card.defects.total()} responses "
            "(scored all the same):"
        )
        notes += [
            f"  key {each.key}, {each.id}: {each.what}"
            + (f" [{each.thread}]" if each.thread else "")
            for each in card.defects
        ]
    notes += [f"Constraints of {source}." for source in card.sources]
    return notes
