"""Run records of any names as tables, and by arm: runs that differ in their seed only.

Every table of arms has the same columns, `OUTCOMES`: a rate that rises alone says little, for a
policy can buy it with length, with one text for all questions, or with distance from the base.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hppt_lib.errors import HpptError, missing
from hppt_lib.evaluation.answers import Answers, answers_beside, read_answers
from hppt_lib.evaluation.satisfaction import (
    MEASURES,
    Evaluated,
    distinct_share,
    isr,
    mean_length,
    modal_share,
    rescored,
    share_of,
)
from hppt_lib.identity import check_same, data_identity, digest
from hppt_lib.instructions.model import Instruction, chosen_instructions, hard_part
from hppt_lib.intervals import Interval, mean_interval
from hppt_lib.records import RunRecord, read_records, record_stem
from hppt_lib.terminal import table
from hppt_lib.verifiers import thought_marks

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

WHEN = ("before", "after")
OUTCOMES = {
    "strict": "share of responses that satisfy every constraint",
    "guarded": "share that do so and pass the guard",
    "answers": "share that answer what was asked, whatever the constraints",
    "success": "share that satisfy every constraint and answer what was asked",
    "words": "mean length of the answers, in words",
    "distinct": "different texts as a share of all",
    "kl": "KL from the base policy, in nats a token, estimated on the held-out responses",
    "cut": "share of responses cut at the token limit",
}
"""What every table of arms shows of a run, in this order. What is not known of a run is None:
``answers`` and ``success`` without labels or an instrument's verdicts (`Answers`), ``kl`` and
``cut`` of records that were made before they were kept."""
SEEDS_FOR_A_MEAN = 8
"""Below so many seeds there is no interval over seeds: where some runs collapse, Student's interval
covers 70 to 90 % instead of 95."""
_SHARES = ("strict", "guarded", "answers", "success")
_NO_PART_OF_AN_ARM = ("budget",)


@dataclass(frozen=True)
class Run:
    """A run record with its held-out responses, scored by the current verifiers.

    Attributes:
        name: unique among the runs read with it: the file's name, with its folder where another
            folder has a file of that name.
        path: the record's file.
        record: the record.
        before: responses of the base policy.
        after: responses of the trained policy.
        answers: which of them answer what was asked, as far as it is known.
    """

    name: str
    path: Path
    record: RunRecord
    before: tuple[Evaluated, ...]
    after: tuple[Evaluated, ...]
    answers: Answers | None = None

    def outcomes(self, when: str = "after") -> dict[str, float | None]:
        """The `OUTCOMES` before or after training."""
        rows = self.after if when == "after" else self.before
        known = self.answers.rate(rows) if self.answers else None
        success = self.answers.success(rows) if self.answers else None
        under_base, own = (self.record.surprise.get(name) for name in ("after", "own"))
        kl = sum(under_base) / len(under_base) - sum(own) / len(own) if under_base and own else None
        return {
            "strict": isr(rows, guarded=False).mean,
            "guarded": isr(rows, guarded=True).mean,
            "answers": known.mean if known else None,
            "success": success.mean if success else None,
            "words": mean_length(rows),
            "distinct": distinct_share(rows),
            "kl": kl if when == "after" else 0.0,
            "cut": self.record.cut.get(when),
        }

    @property
    def collapsed(self) -> bool:
        """Whether hardly an answer is one of substance, or the answers are much alike.

        Fewer than 10 % are of substance, or fewer than half of the texts differ, or one text makes
        more than 10 %.
        """
        substance = sum(row.score.substance.passed for row in self.after) / len(self.after)
        return substance < 0.1 or distinct_share(self.after) < 0.5 or modal_share(self.after) > 0.1


def first_of_each_seed(runs: Iterable[Run]) -> dict[int, Run]:
    """By seed, in order of seeds, the first run that has it.

    For what is the same in all arms and must be counted once: runs of a seed start from the same
    policy, and have the same responses before training.

    Args:
        runs: runs of one base policy, of any arms.
    """
    first: dict[int, Run] = {}
    for run in runs:
        first.setdefault(run.record.seed, run)
    return dict(sorted(first.items()))


@dataclass(frozen=True)
class ArmOutcomes:
    """What the runs of an arm came to, run by run: the unit is the seed.

    Attributes:
        arm: its name.
        runs: the names of its runs.
        collapsed: how many of them collapsed (`Run.collapsed`).
        each: by name of `OUTCOMES`, the value of each run.
        answers_by: who says what answers: ``readers``, or the name of an instrument; several are
            joined, and nobody is an empty text.
    """

    arm: str
    runs: tuple[str, ...]
    collapsed: int
    each: Mapping[str, tuple[float | None, ...]]
    answers_by: str

    def known(self, outcome: str) -> list[float]:
        """The values of the runs of which it is known."""
        return [value for value in self.each[outcome] if value is not None]

    def mean(self, outcome: str) -> float | None:
        """The mean over the runs of which it is known."""
        known = self.known(outcome)
        return sum(known) / len(known) if known else None

    def interval(self, outcome: str) -> Interval | None:
        """The mean with its interval over seeds; None below `SEEDS_FOR_A_MEAN` runs."""
        known = self.known(outcome)
        return mean_interval(known) if len(known) >= SEEDS_FOR_A_MEAN else None


def arm_outcomes(arms: Mapping[str, Sequence[Run]], when: str = "after") -> list[ArmOutcomes]:
    """What every table of arms is made of: the `OUTCOMES` of each arm's runs.

    Args:
        arms: the runs by arm, such as `Runs.arms`.
        when: before or after training.
    """
    found = []
    for arm, runs in arms.items():
        values = [run.outcomes(when) for run in runs]
        found.append(
            ArmOutcomes(
                arm=arm,
                runs=tuple(run.name for run in runs),
                collapsed=sum(run.collapsed for run in runs) if when == "after" else 0,
                each={name: tuple(each[name] for each in values) for name in OUTCOMES},
                answers_by=" and ".join(
                    dict.fromkeys(run.answers.by for run in runs if run.answers)
                ),
            )
        )
    return found


def arms_as_table(found: Sequence[ArmOutcomes], title: str = "") -> Table:
    """The outcomes of arms for `hppt_lib.terminal.as_text`: means over seeds, shares with a span.

    The second line of a share is its interval over seeds in square brackets, or, below
    `SEEDS_FOR_A_MEAN` runs, the least and the most in round ones. Columns of which nothing is known
    are left out.
    """
    columns = [name for name in OUTCOMES if any(each.known(name) for each in found)]
    rows: list[list[object]] = []
    for arm in found:
        cells: list[object] = [arm.arm, f"{arm.collapsed} of {len(arm.runs)}"]
        for name in columns:
            known, mean, interval = arm.known(name), arm.mean(name), arm.interval(name)
            text = None if mean is None else f"{mean:.1f}" if name == "words" else f"{mean:.2f}"
            if text and name in _SHARES and interval:
                text += f"\n[{interval.low:.2f}, {interval.high:.2f}]"
            elif text and name in _SHARES and len(known) > 1:
                text += f"\n({min(known):.2f}, {max(known):.2f})"
            cells.append(text)
        rows.append(cells)
    return table(["arm", "collapsed", *columns], rows, title=title)


@dataclass(frozen=True)
class Runs:
    """Runs read from records, and two pandas tables of them (extra ``course``).

    Attributes:
        each: the runs, in the order in which they were read.
        broken: by file, why a record is left out.
    """

    each: tuple[Run, ...]
    broken: Mapping[Path, str]

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a run.

        Columns: ``run``; ``arm`` in a sweep's plan, if one of the runs is of a sweep; ``tier``,
        ``model``, ``reward``, ``instructions``, ``held_out``, ``seed``; each setting in which the
        runs differ, such as ``training.learning_rate``; ``steps`` made, ``stopped_by``, ``minutes``
        of training; ``strict_before`` and ``strict_after`` (ISR, a share), the same with
        ``guarded`` and ``substance``, each with its 95 % interval in ``…_low`` and ``…_high``;
        all other `OUTCOMES` and whether the run ``collapsed``; ``answers_by`` names who says what
        answers, and ``answers_after_low`` and ``…_high`` are its interval over instructions.

        Raises:
            MissingExtra: pandas is not installed.
        """
        differing = [name for name in _differing([run.record for run in self.each]) if "." in name]
        of_a_sweep = any("arm" in run.record.settings for run in self.each)
        rows = []
        for run in self.each:
            record, settings = run.record, flat_settings(run.record)
            row: dict[str, Any] = {"run": run.name}
            row |= {"arm": settings.get("arm")} if of_a_sweep else {}
            row |= {"tier": record.tier, "model": record.model}
            row |= {"reward": record.reward, "instructions": settings.get("instructions")}
            row |= {"held_out": record.held_out, "seed": record.seed}
            row |= {name: settings.get(name) for name in differing}
            row |= {"steps": len(record.steps), "stopped_by": record.stopped_by}
            row["minutes"] = record.seconds / 60
            for measure in MEASURES:
                for when in WHEN:
                    share = share_of(getattr(run, when), measure)
                    name = f"{measure.partition(' ')[0]}_{when}"
                    row |= {name: share.mean, f"{name}_low": share.low, f"{name}_high": share.high}
            for when in WHEN:
                found = run.outcomes(when)
                for name in OUTCOMES:
                    row.setdefault(f"{name}_{when}", _number(found[name]))
                said = run.answers.rate(getattr(run, when)) if run.answers else None
                if said:
                    row |= {f"answers_{when}_low": said.low, f"answers_{when}_high": said.high}
            row |= {"collapsed": run.collapsed}
            row |= {"answers_by": run.answers.by if run.answers else ""}
            rows.append(row)
        return _pandas().DataFrame(rows)

    @cached_property
    def arm_table(self) -> pd.DataFrame:
        """One row an arm, after training.

        Columns: ``arm``, ``runs`` (how many), ``collapsed`` (of them); for each of `OUTCOMES` its
        mean over runs, with the interval over seeds in ``…_low`` and ``…_high`` (NaN below
        `SEEDS_FOR_A_MEAN` runs) and the extremes in ``…_least`` and ``…_most``; ``answers_by``.

        Raises:
            MissingExtra: pandas is not installed.
        """
        rows = []
        for each in arm_outcomes(self.arms):
            row: dict[str, Any] = {"arm": each.arm, "runs": len(each.runs)}
            row["collapsed"] = each.collapsed
            for name in OUTCOMES:
                known, interval = each.known(name), each.interval(name)
                row[name] = _number(each.mean(name))
                row[f"{name}_low"] = interval.low if interval else math.nan
                row[f"{name}_high"] = interval.high if interval else math.nan
                row[f"{name}_least"] = min(known, default=math.nan)
                row[f"{name}_most"] = max(known, default=math.nan)
            rows.append(row | {"answers_by": each.answers_by})
        return _pandas().DataFrame(rows)

    @cached_property
    def responses(self) -> pd.DataFrame:
        """One row a held-out response.

        Columns: ``run``, ``when`` (before or after training), ``instruction`` (its id), ``sample``
        (from 0), ``constraints`` (a tuple of ids), ``verdicts`` (a tuple of bools, in their order),
        ``strict``, ``guarded``, ``substance`` (bools), ``answers`` (the same, or None where it is
        not known), ``words``, ``text``.

        Raises:
            MissingExtra: pandas is not installed.
        """
        rows = []
        for run in self.each:
            for when in WHEN:
                samples: Counter[str] = Counter()
                for each in getattr(run, when):
                    id = each.instruction.id
                    rows.append(
                        {
                            "run": run.name,
                            "when": when,
                            "instruction": id,
                            "sample": samples[id],
                            "constraints": tuple(one.id for one in each.instruction.constraints),
                            "verdicts": tuple(one.passed for one in each.score.verdicts),
                            "strict": each.score.strict,
                            "guarded": each.score.guarded,
                            "substance": each.score.substance.passed,
                            "answers": run.answers.of(each) if run.answers else None,
                            "words": each.length,
                            "text": each.response,
                        }
                    )
                    samples[id] += 1
        return _pandas().DataFrame(rows)

    @cached_property
    def arms(self) -> dict[str, tuple[Run, ...]]:
        """The runs by arm: all whose settings are the same but for the seed, in order of seeds.

        An arm of a sweep has the name that its plan gives it. Any other is called by its reward,
        and by the settings in which it differs from most of the others. Model, judge and data are
        told apart by content (``model=1f0c93ab``), not only by name. What an old record does not
        have counts as equal.
        """
        groups: list[tuple[dict[str, Any], list[Run]]] = []
        for run in self.each:
            settings = _arm_settings(run.record)
            for known, members in groups:
                if all(known.get(name, value) == value for name, value in settings.items()):
                    known.update(settings)
                    members.append(run)
                    break
            else:
                groups.append((settings, [run]))
        usual = _usual([known for known, _ in groups])
        arms: dict[str, tuple[Run, ...]] = {}
        for known, members in groups:
            name = _arm_name(known, usual)
            while name in arms:  # never one arm in another's place
                name += "'"
            arms[name] = tuple(sorted(members, key=lambda run: run.record.seed))
        return arms


def read_runs(
    *places: str | Path,
    held_out: str | Sequence[Instruction] | None = None,
    answers: str | Path | Answers | None = None,
) -> Runs:
    """Read run records and score their held-out responses by the current verifiers.

    Args:
        places: record files, and folders of records; none for those that the kit ships.
        held_out: the held-out instructions, or their name or file; None for those that each record
            names.
        answers: which responses answer what was asked, or the file that says so: readers' labels
            (``labels.jsonl`` of ``hppt label merge``) or an instrument's verdicts (``hppt label
            score``); None looks for such files beside each record.

    Returns:
        The runs; `Runs.broken` names each file that is left out, and why.

    Raises:
        HpptError: a place does not exist, no record can be read, or ``held_out`` cannot.
    """
    records, unread = read_records(*places)
    broken = dict(unread)
    given = chosen_instructions(held_out) if isinstance(held_out, str) else held_out
    instructions: dict[str, Sequence[Instruction]] = {}
    known = read_answers(answers) if isinstance(answers, str | Path) else answers
    beside = {path.parent: known or answers_beside(path.parent) for path in records}
    stems = Counter(map(record_stem, records))
    found = []
    for path, record in records.items():
        try:
            if given is None and record.held_out not in instructions:
                instructions[record.held_out] = chosen_instructions(record.held_out)
            asked = given if given is not None else instructions[record.held_out]
            before, after = (_scored(record, when, asked) for when in WHEN)
        except HpptError as error:
            broken[path] = str(error)
            continue
        name = record_stem(path)
        name = name if stems[name] == 1 else str(path.parent / name)
        found.append(Run(name, path, record, before, after, beside[path.parent]))
    if not found:
        raise HpptError(f"No run record can be scored: {next(iter(broken.values()))}")
    return Runs(tuple(found), broken)


def _scored(
    record: RunRecord, when: str, instructions: Sequence[Instruction]
) -> tuple[Evaluated, ...]:
    responses = getattr(record, when)
    if not responses:
        raise HpptError(f"The record '{record.name}' holds no responses {when} training.")
    asked = list(map(hard_part, instructions))  # as in the run's evaluation: no judge decides it
    _need_same_held_out(record, asked)
    return tuple(rescored(responses, asked, thought_marks(record.thoughts)))


def _need_same_held_out(record: RunRecord, instructions: Sequence[Instruction]) -> None:
    """Refuse to score responses by other constraints than they were asked for.

    Only a record that keeps its identity can tell.
    """
    by_id = {each.id: each for each in instructions}
    ids = dict.fromkeys(id for id, _ in record.before)
    if "held_out" in record.identity and all(id in by_id for id in ids):
        check_same(
            {"held_out": record.identity["held_out"]},
            {"held_out": data_identity(by_id[id] for id in ids)},
            what="evaluation",
            where=f"The record '{record.name}'",
            do=f"'{record.held_out}' is not what it was at the time of the run: restore it, or "
            "give the held-out instructions of that time.",
        )


def flat_settings(record: RunRecord) -> dict[str, Any]:
    """All that decides a run, by dotted name (``training.steps``); without tier, model and seed."""
    flat: dict[str, Any] = {}

    def add(part: str, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if isinstance(value, dict):
                add(f"{part}{name}.", value)
            else:
                flat[f"{part}{name}"] = value

    add("", record.settings)
    return flat


def _arm_settings(record: RunRecord) -> dict[str, Any]:
    named = {"reward": record.reward, "model": record.model, "tier": record.tier}
    flat = flat_settings(record) | {"held_out": record.held_out} | _by_content(record)
    by_seed = record.settings.get("by_seed", ())
    left_out = (*_NO_PART_OF_AN_ARM, *by_seed, *(f"content.{each}" for each in by_seed))
    return {
        name: value
        for name, value in (named | flat).items()
        if name not in left_out and name.partition(".")[0] not in left_out
    }


def _by_content(record: RunRecord) -> dict[str, str]:
    """What stands behind a record's names: digests of its model, its judge and its data."""
    kept = {**record.identity, "judge": record.identity.get("reward", {}).get("judge")}
    names = ("model", "judge", "instructions", "held_out")
    return {f"content.{name}": digest(kept[name])[:8] for name in names if kept.get(name)}


def _differing(records: Sequence[RunRecord]) -> list[str]:
    return _differing_in([flat_settings(record) for record in records])


def _differing_in(settings: Sequence[Mapping[str, Any]]) -> list[str]:
    """The settings that have more than one value; where a record lacks one, nothing is known."""
    names = dict.fromkeys(name for each in settings for name in each)
    return [
        name for name in names if len({repr(each[name]) for each in settings if name in each}) > 1
    ]


def _usual(settings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """For each setting that differs, the value that most have; the first of equally common ones."""
    usual = {}
    for name in _differing_in(settings):
        values = [each[name] for each in settings if name in each]
        usual[name] = max(values, key=lambda value: sum(value == other for other in values))
    return usual


def _arm_name(settings: Mapping[str, Any], usual: Mapping[str, Any]) -> str:
    if "arm" in settings:
        return str(settings["arm"])
    parts = [str(settings["reward"])]
    for name, value in usual.items():
        if name != "reward" and settings.get(name, value) != value:
            text = str(settings[name])
            if name == "own_reward.sha256":
                parts.append(f"file {text[:8]}")
            elif not name.startswith("own_reward."):
                parts.append(f"{name.rpartition('.')[2]}={text}")
    return ", ".join(parts)


def _number(value: float | None) -> float:
    """For pandas, which knows "not known" as NaN."""
    return math.nan if value is None else value


def _pandas() -> Any:
    try:
        import pandas
    except ModuleNotFoundError as error:
        if error.name != "pandas":
            raise
        raise missing("pandas") from error
    return pandas
