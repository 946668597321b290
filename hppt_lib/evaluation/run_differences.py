"""One run of ``hppt evaluate`` less another: the same prompts, answered by two models.

Two models that are evaluated on the same prompts find the same ones easy. So their scores are
compared prompt by prompt: an interval for the difference is then narrower than two intervals that
stand side by side would let one think.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.judge_replies import Verdicts
from hppt_lib.evaluation.metrics import ScoredResponse
from hppt_lib.evaluation.run_folder import Place, RunFolder, same_generation
from hppt_lib.files import read_jsonl
from hppt_lib.intervals import Interval, mean_interval, paired_interval
from hppt_lib.terminal import as_text, one_line, table


@dataclass(frozen=True)
class RunDifference:
    """A number of one run less the same number of another, over the same prompts.

    Attributes:
        benchmark: on which.
        name: what is measured.
        value: of the first run; a share, or a number of words.
        other: of the run that is subtracted.
        difference: the first less the other, with its 95 % interval over groups of prompts.
        groups: how many there are; prompts of one group are not independent.
        higher: groups in which the first run's mean is the higher one.
        lower: groups in which it is the lower one.
        left_out: responses of either run whose value is not known, for a judge gave no verdict;
            the response of the other run to the same prompt is left out too.
    """

    benchmark: str
    name: str
    value: float
    other: float
    difference: Interval
    groups: int
    higher: int
    lower: int
    left_out: int

    @property
    def told_apart(self) -> str:
        """``higher`` or ``lower`` if the interval lies clear of 0, else ``not told apart``."""
        if self.difference.low > 0:
            return "higher"
        return "lower" if self.difference.high < 0 else "not told apart"


Measure = Callable[[ScoredResponse], "float | None"]


def _all(verdicts: Verdicts) -> float | None:
    if False in verdicts:
        return 0.0
    return None if None in verdicts else 1.0


MEASURES: Mapping[str, Measure] = {
    "prompt level, strict": lambda row: _all(row.strict),
    "prompt level, loose": lambda row: _all(row.loose),
    "ISR, guarded": lambda row: _all(row.strict) if row.substance else 0.0,
    "substance": lambda row: float(row.substance),
    "words": lambda row: float(row.words),
}
"""What two runs are compared in: shares of responses that satisfy all constraints, and that are an
answer of substance; length."""


def read_verdicts(path: str | Path) -> dict[Place, ScoredResponse]:
    """The verdicts of a run, by benchmark, id, sample and turn.

    Args:
        path: a run's ``verdicts.jsonl``, gzipped or not; a line without ``group`` is one of its
            own.

    Raises:
        HpptError: the file cannot be read, or a line is none of verdicts; the message names it.
    """
    fields = {"benchmark": str, "id": str, "sample": int, "turn": int}
    found: dict[Place, ScoredResponse] = {}
    for number, row in read_jsonl(path, {**fields, "strict": list, "loose": list, "words": int}):
        place = row["benchmark"], row["id"], row["sample"], row["turn"]
        verdicts = [*row["strict"], *row["loose"]]
        if place in found:
            raise HpptError(f"{path}, line {number}: a second response of {_named(place)}.")
        if not all(each is None or isinstance(each, bool) for each in verdicts):
            raise HpptError(f"{path}, line {number}: a verdict is true, false or null.")
        if not isinstance(row.get("substance"), bool):
            raise HpptError(f"{path}, line {number}: 'substance' must be true or false.")
        found[place] = ScoredResponse(
            row["id"],
            str(row.get("group", row["id"])),
            row["sample"],
            row["turn"],
            tuple(row["strict"]),
            tuple(row["loose"]),
            row["substance"],
            row["words"],
        )
    return found


def run_differences(
    verdicts: Mapping[Place, ScoredResponse], less: Mapping[Place, ScoredResponse]
) -> list[RunDifference]:
    """One model's verdicts less another's, paired by prompt.

    Each measure is the mean over responses, as in a run's report; several samples of one prompt
    are one value. The interval is over groups (`hppt_lib.intervals.paired_interval` for shares,
    Student's for words): of these two models' answers, not of what another training run would give.

    Args:
        verdicts: of one run (`read_verdicts`).
        less: of the run that is subtracted, on the same prompts.

    Raises:
        HpptError: the two answer different prompts, or fewer than two groups of them.
    """
    ours, theirs = _by_prompt(verdicts), _by_prompt(less)
    for name, one, two in (("first", ours, theirs), ("second", theirs, ours)):
        if alone := [each for each in one if each not in two]:
            raise HpptError(
                f"{len(alone)} prompts are answered only in the {name} run, such as "
                f"{_named(alone[0])}. Evaluate both on the same prompts."
            )
    found = []
    for benchmark in dict.fromkeys(place[0] for place in ours):
        for name, measure in MEASURES.items():
            by_group: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
            left_out = 0
            for place, rows in ours.items():
                if place[0] != benchmark:
                    continue
                value, other = _mean(rows, measure), _mean(theirs[place], measure)
                if value is None or other is None:
                    left_out += (value is None) + (other is None)
                    continue
                by_group[rows[0].group].append((value, other))
            found.append(_difference(benchmark, name, list(by_group.values()), left_out))
    return found


def _by_prompt(
    verdicts: Mapping[Place, ScoredResponse],
) -> dict[tuple[str, str, int], list[ScoredResponse]]:
    """By benchmark, id and turn: the samples."""
    found: defaultdict[tuple[str, str, int], list[ScoredResponse]] = defaultdict(list)
    for (benchmark, id, _, turn), row in verdicts.items():
        found[benchmark, id, turn].append(row)
    return found


def _mean(rows: Sequence[ScoredResponse], measure: Measure) -> float | None:
    values = [measure(row) for row in rows]
    known = [each for each in values if each is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def _difference(
    benchmark: str, name: str, groups: Sequence[Sequence[tuple[float, float]]], left_out: int
) -> RunDifference:
    if len(groups) < 2:
        raise HpptError(
            f"{benchmark}, {name}: {len(groups)} groups of prompts with a value in both runs. A "
            "difference with an interval needs two or more."
        )
    # A group counts by its prompts, so that the means are those over prompts.
    scale = len(groups) / sum(map(len, groups))
    ours, theirs = (
        [scale * sum(pair[side] for pair in group) for group in groups] for side in (0, 1)
    )
    gaps = [one - two for one, two in zip(ours, theirs, strict=True)]
    interval = mean_interval(gaps) if name == "words" else paired_interval(ours, theirs)
    return RunDifference(
        benchmark,
        name,
        sum(ours) / len(ours),
        sum(theirs) / len(theirs),
        interval,
        len(groups),
        sum(gap > 0 for gap in gaps),
        sum(gap < 0 for gap in gaps),
        left_out,
    )


@dataclass(frozen=True)
class RunComparison:
    """A run less another, in all measures.

    Attributes:
        run: the folder of the run.
        less: that of the run that is subtracted.
        reading: how the responses of both were read.
        differences: by benchmark and measure.
    """

    run: Path
    less: Path
    reading: str
    differences: tuple[RunDifference, ...]

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a program."""
        rows = [{**asdict(each), "told_apart": each.told_apart} for each in self.differences]
        return {"less": str(self.less), "reading": self.reading, "differences": rows}

    def as_table(self, width: int | None = None) -> str:
        """A table for a terminal, and what it says and does not.

        Args:
            width: in characters; None for the terminal's.
        """
        lines: list[list[object] | None] = []
        for benchmark in dict.fromkeys(each.benchmark for each in self.differences):
            of_it = [each for each in self.differences if each.benchmark == benchmark]
            lines += [None] if lines else []
            lines.append([f"{benchmark} ({of_it[0].groups} groups)", *[""] * 5])
            lines += [_row(each) for each in of_it]
        left_out = sum(each.left_out for each in self.differences)
        notes = [
            "Paired by prompt, 95 % intervals: of these two runs' answers, not of what another "
            "training run would give. Higher, lower: in how many groups of prompts (a prompt that "
            "stands alone is a group)."
        ]
        if left_out:
            notes.append(
                f"{left_out} values are left out, with their partners: a judge gave no verdict."
            )
        title = f"{one_line(str(self.run))} less {one_line(str(self.less))}; reading {self.reading}"
        columns = ["", "run", "less", "difference", "higher, lower", ""]
        return as_text(table(columns, lines, title=title), *notes, width=width)


def _row(each: RunDifference) -> list[object]:
    places = 1 if each.name == "words" else 3
    gap = each.difference
    return [
        f"  {each.name}",
        f"{each.value:.{places}f}",
        f"{each.other:.{places}f}",
        f"{gap.mean:+.{places}f} [{gap.low:+.{places}f}, {gap.high:+.{places}f}]",
        f"{each.higher}, {each.lower}",
        each.told_apart,
    ]


def compare_runs(run: RunFolder, less: RunFolder) -> RunComparison:
    """Compare two runs that were scored in the same way.

    Args:
        run: one run.
        less: the run that is subtracted: the base policy's, say.

    Raises:
        HpptError: they differ in prompts, temperature or longest response, were scored in different
            ways or not at all, or have a prompt that only one of them answers.
    """
    same_generation(less, run)
    ours, theirs = _scored(run), _scored(less)
    for name in ("reading", "thoughts", "judge", "mode"):
        if ours.get(name) != theirs.get(name):
            raise HpptError(
                f"{run.path} and {less.path} were scored with another {name} ({ours.get(name)} and "
                f"{theirs.get(name)}): score both in the same way, with 'hppt score'."
            )
    rows, others = (read_verdicts(each.path / "verdicts.jsonl") for each in (run, less))
    found = run_differences(rows, others)
    return RunComparison(run.path, less.path, str(ours["reading"]), tuple(found))


def _scored(run: RunFolder) -> dict[str, Any]:
    """How the run was scored last."""
    file = run.path / "report.json"
    try:
        report = json.loads(file.read_text(encoding="utf-8"))
        return {"reading": report["reading"], **report}
    except FileNotFoundError as error:
        raise HpptError(f"{run.path} was not scored yet: run 'hppt score {run.path}'.") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HpptError(f"{file} is no report of a run: {error}.") from error


def _named(place: Sequence[object]) -> str:
    return f"'{place[1]}' of {place[0]}"
