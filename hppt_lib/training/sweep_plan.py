"""The plan of a sweep: arms × seeds, read from a YAML file and checked before anything starts.

A plan names what all arms share, and in what each differs::

    seeds: 100-107               # or a list: [100, 101, 105-107]
    threads: 1                   # of each run; 1 if nothing is said
    settings:                    # as in a file for hppt train --settings
      tier: cpu
      training: {steps: 20}
    arms:
      precise: {reward: guarded}
      noisy:
        reward: noisy(false_pass=0.2, of=guarded)
      few-types:
        instructions: data/few-{seed}.jsonl      # {seed}: other data for each seed
      rules: e9/precise                          # another plan's arm, not made again
    primary: {arm: precise, less: noisy, outcome: success, expected: higher}   # if one is asked

`hppt_lib.training.sweeps` makes the runs of such a plan. ``primary`` is the contrast that ``hppt
analyse`` looks at (`hppt_lib.evaluation.Contrast`), said before the runs; ``family: 5`` in it says
that it is one of five that were planned together.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import Contrast
from hppt_lib.identity import data_identity
from hppt_lib.terminal import as_text, table
from hppt_lib.tiers import require_vllm
from hppt_lib.training.checkpoints import KEPT
from hppt_lib.training.data import held_out_instructions, training_instructions
from hppt_lib.training.plan import GIB, Plan, checked_plan, plan_of
from hppt_lib.training.settings import (
    Budget,
    Change,
    RunSettings,
    changes_in,
    run_settings,
    yaml_node,
)

_KEYS = ("seeds", "arms", "settings", "threads", "nice", "minutes", "samples", "primary")
_SEED = "{seed}"
_LARGEST_SEED = 2**31 - 1
_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
_NAME = re.compile(_PART)
_BYTES_A_TOKEN = 5
"""Assumption: bytes of a token of text in a record. English has about four."""


@dataclasses.dataclass(frozen=True)
class PlannedRun:
    """One run of a sweep.

    Attributes:
        arm: its arm.
        seed: its seed.
        changes: the settings in which it differs from its tier.
        settings: all of its settings.
        by_seed: the settings that differ between the seeds of its arm, by name.
        taken: the plan and the arm that made it, ``e9/precise``, if this plan does not make it.
    """

    arm: str
    seed: int
    changes: tuple[Change, ...]
    settings: RunSettings
    by_seed: tuple[str, ...]
    taken: str = ""

    @property
    def name(self) -> str:
        """What its record is called: the arm that made it, and the seed."""
        return f"{self.taken.partition('/')[2] or self.arm}-seed{self.seed}"


@dataclasses.dataclass(frozen=True)
class SweepPlan:
    """The runs of a sweep.

    Attributes:
        path: the plan's file.
        runs: seed by seed, and within a seed in the order of the arms: a sweep that is stopped has
            as many seeds in one arm as in another, or one more.
        taken: runs of this plan's seeds that another plan makes, seed by seed.
        threads: of each run.
        nice: by how much the system puts each run behind other programs: 0 (not at all) to 19.
        budget: of each run.
        primary: the contrast that is looked at first; None if the plan names none.
    """

    path: Path
    runs: tuple[PlannedRun, ...]
    threads: int = 1
    nice: int = 10
    budget: Budget = Budget()
    primary: Contrast | None = None
    taken: tuple[PlannedRun, ...] = ()

    @property
    def arms(self) -> tuple[str, ...]:
        """The names of the arms whose runs it makes, in the plan's order."""
        return tuple(dict.fromkeys(run.arm for run in self.runs))


# --- reading ------------------------------------------------------------------------------------


def read_plan(path: str | Path) -> SweepPlan:
    """Read the plan of a sweep, with the settings of every run.

    Raises:
        HpptError: the file cannot be read, or something in it is wrong; the message names file,
            line and field.
    """
    return _read(Path(path))


def _read(path: Path, *, alone: bool = False) -> SweepPlan:
    """The plan in a file; alone: without the arms that it takes from other plans."""
    fields: dict[str, Any] = {}
    for key, value, where in _pairs(path, yaml_node(path), "the plan"):
        if key not in _KEYS:
            raise HpptError(f"{where}: there is no '{key}' in a plan. {_hint(key)}")
        fields[key] = value
    for needed in ("seeds", "arms"):
        if needed not in fields:
            raise HpptError(f"{path}: the plan has no '{needed}'.")
    seeds = _seeds(path, fields["seeds"])
    shared = _changes(path, fields.get("settings"), "settings")
    threads = _number(path, fields, "threads", 1, 1024, int) or 1
    minutes = _number(path, fields, "minutes", 0, 1e9, float)
    samples = _number(path, fields, "samples", 1, 1e12, int)
    common = _common(run_settings(None, shared), threads, Budget(minutes, samples))
    runs: dict[int, list[PlannedRun]] = {seed: [] for seed in seeds}
    taken: dict[int, list[PlannedRun]] = {seed: [] for seed in seeds}
    known: dict[RunSettings, str] = {}
    names: dict[str, str] = {}
    others: dict[str, str] = {}
    for arm, node, where in _pairs(path, fields["arms"], "'arms'"):
        if not _NAME.fullmatch(arm):
            raise HpptError(
                f"{where}: '{arm}' cannot be an arm's name, for files are named by it. Use "
                "letters, digits, and - or _ or . between them."
            )
        if (other := names.setdefault(arm.lower(), arm)) != arm:
            raise HpptError(f"{where}: '{arm}' and '{other}' differ in capital letters alone.")
        if other := _other_arm(node):
            if (same := others.setdefault(other, arm)) != arm:
                raise HpptError(f"{where}: '{arm}' and '{same}' are the same runs, {other}.")
            if not alone:
                for run in _taken(path.parent, other, seeds, common, where):
                    taken[run.seed].append(dataclasses.replace(run, arm=arm))
            continue
        changes = [*shared, *_changes(path, node, arm)]
        by_seed = tuple(dict.fromkeys(each.field for each in changes if _SEED in str(each.value)))
        for seed in seeds:
            made = [*_with_seed(changes, seed), Change("seed", seed, where)]
            settings = run_settings(None, made)
            if seed == seeds[0] and (same := known.setdefault(settings, arm)) != arm:
                raise HpptError(f"{where}: '{arm}' has the same settings as '{same}'.")
            runs[seed].append(PlannedRun(arm, seed, tuple(made), settings, by_seed))
    return SweepPlan(
        path,
        tuple(run for seed in seeds for run in runs[seed]),
        threads,
        _number(path, fields, "nice", 0, 19, int, default=10),
        Budget(minutes, samples),
        _primary(path, fields.get("primary"), tuple(names.values())),
        tuple(run for seed in seeds for run in taken[seed]),
    )


def _other_arm(node: Any) -> str:
    """``e9/precise``, if that is all that is said of an arm; else nothing."""
    value = getattr(node, "value", None)
    return value if isinstance(value, str) and re.fullmatch(rf"{_PART}/{_PART}", value) else ""


def _common(settings: RunSettings, threads: int, budget: Budget) -> dict[str, Any]:
    """What all runs that stand side by side must share, by name."""
    values = _flat(dataclasses.asdict(settings)) | _flat(dataclasses.asdict(budget))
    for apart in ("seed", "reward", "reward_folder", "instructions"):
        del values[apart]
    return values | {"threads": threads}


def _taken(
    folder: Path, other: str, seeds: Iterable[int], common: dict[str, Any], where: str
) -> list[PlannedRun]:
    """The runs of another plan's arm, as that plan in the same folder has them.

    They stand beside arms that this plan makes, so they must differ from them in reward and
    training instructions at most (`_common`): a gap between other settings, or between budgets,
    would be taken for an effect.
    """
    stem, _, arm = other.partition("/")
    if not (folder / f"{stem}.yaml").is_file():
        raise HpptError(f"{where}: there is no plan {stem}.yaml beside this one.")
    plan = _read(folder / f"{stem}.yaml", alone=True)
    runs = {run.seed: run for run in plan.runs if run.arm == arm}
    if not runs:
        raise HpptError(f"{where}: {stem}.yaml makes no arm '{arm}', but {', '.join(plan.arms)}.")
    if missing := [seed for seed in seeds if seed not in runs]:
        raise HpptError(f"{where}: {other} has no seed {missing[0]}.")
    for run in runs.values():
        theirs = _common(run.settings, plan.threads, plan.budget)
        for name in sorted(common):
            if common[name] != theirs[name]:
                raise HpptError(
                    f"{where}: {other} has {name}={theirs[name]}, and the settings of this plan "
                    f"say {common[name]}. Runs that stand side by side must be alike in it."
                )
    return [dataclasses.replace(runs[seed], taken=other) for seed in seeds]


def _primary(path: Path, node: Any, arms: tuple[str, ...]) -> Contrast | None:
    """The contrast of a plan, whose arms are among the plan's."""
    import yaml

    if node is None:
        return None
    where = f"{path}, line {node.start_mark.line + 1}"
    fields = {each.name: each.type for each in dataclasses.fields(Contrast)}
    given: dict[str, Any] = {}
    for name, value, place in _pairs(path, node, "'primary'"):
        if name not in fields:
            raise HpptError(f"{place}: 'primary' has no '{name}'. There are: {', '.join(fields)}.")
        try:
            kind = {"float": float, "int": int}.get(str(fields[name]), str)
            given[name] = kind(value.value if isinstance(value, yaml.ScalarNode) else "?")
        except ValueError as error:
            raise HpptError(f"{place}: '{name}' must be a number.") from error
    for name in ("arm", "less"):
        if given.get(name) not in arms:
            raise HpptError(
                f"{where}: '{name}' of 'primary' must be an arm of the plan: {', '.join(arms)}."
            )
    contrast = Contrast(**given)
    try:
        contrast.check()
    except HpptError as error:
        raise HpptError(f"{where}: {error}") from error
    return contrast


def _pairs(path: Path, node: Any, title: str) -> Iterator[tuple[str, Any, str]]:
    """Name, value and place of each entry of a YAML mapping that is not empty."""
    import yaml

    where = f"{path}, line {node.start_mark.line + 1}" if node is not None else str(path)
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise HpptError(f"{where}: {title} must be a list in the form 'name: value'.")
    seen: set[str] = set()
    for key, value in node.value:
        where = f"{path}, line {key.start_mark.line + 1}"
        if not isinstance(key, yaml.ScalarNode):
            raise HpptError(f"{where}: a name must be a word.")
        if key.value in seen:
            raise HpptError(f"{where}: '{key.value}' is given twice.")
        seen.add(key.value)
        yield key.value, value, where


def _changes(path: Path, node: Any, title: str) -> list[Change]:
    """The settings of an arm, or of all; none in an arm written as ``plain:`` or ``plain: {}``."""
    import yaml

    if node is None or node.tag.endswith(":null"):
        return []
    if not isinstance(node, yaml.MappingNode):
        raise HpptError(
            f"{path}, line {node.start_mark.line + 1}: '{title}' must be a list of settings in the "
            "form 'name: value'."
        )
    changes = changes_in(path, node)
    for each in changes:
        if each.field == "seed":
            raise HpptError(f"{each.where}: the seeds of all arms stand in 'seeds', not here.")
    return changes


def _hint(key: str) -> str:
    close = difflib.get_close_matches(key, _KEYS, n=1)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"There are: {', '.join(_KEYS)}; settings stand under 'settings' or in an arm."


def _seeds(path: Path, node: Any) -> list[int]:
    import yaml

    where = f"{path}, line {node.start_mark.line + 1}"
    nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
    seeds: list[int] = []
    for each in nodes:
        text = each.value if isinstance(each, yaml.ScalarNode) else ""
        found = re.fullmatch(r"\s*(\d{1,10})(?:\s*-\s*(\d{1,10}))?\s*", text)
        if not found:
            raise HpptError(f"{where}: 'seeds' are written as 100-107, or as [100, 101, 105-107].")
        first, last = int(found[1]), int(found[2] or found[1])
        if first > last or last > _LARGEST_SEED or last - first >= 10_000:
            raise HpptError(
                f"{where}: '{text}' are no seeds: from the smaller to the larger, at most "
                f"{_LARGEST_SEED}, and no more than 10000."
            )
        seeds += range(first, last + 1)
    if not seeds or len(set(seeds)) < len(seeds):
        problem = "holds a seed twice" if seeds else "is empty"
        raise HpptError(f"{where}: 'seeds' {problem}.")
    return seeds


def _number(
    path: Path,
    fields: dict[str, Any],
    name: str,
    low: float,
    high: float,
    kind: Any,
    default: Any = None,
) -> Any:
    if name not in fields:
        return default
    node = fields[name]
    try:
        value = kind(node.value)
        if not low <= value <= high:
            raise ValueError
    except (ValueError, TypeError) as error:
        what = "a whole number" if kind is int else "a number"
        raise HpptError(
            f"{path}, line {node.start_mark.line + 1}: '{name}' must be {what} from {low:g} to "
            f"{high:g}."
        ) from error
    return value


def _with_seed(changes: Iterable[Change], seed: int) -> Iterator[Change]:
    for each in changes:
        value = each.value.replace(_SEED, str(seed)) if isinstance(each.value, str) else each.value
        yield dataclasses.replace(each, value=value)


# --- checking -----------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class CheckedRun:
    """A run that can be started.

    Attributes:
        run: the run.
        plan: the memory and time that it needs.
        identity: what two runs must share for one to go on with the other, as plain values.
    """

    run: PlannedRun
    plan: Plan
    identity: dict[str, Any]


def checked_runs(plan: SweepPlan, *, here: bool = True) -> list[CheckedRun]:
    """Check every run as ``hppt train`` would before it begins, without loading a model.

    Args:
        plan: the plan.
        here: whether the runs are made on this machine, so that its device and memory count.

    Raises:
        HpptError: a run cannot be made; the message names its arm.
    """
    from hppt_lib.rewards import Reward

    @cache
    def memory_and_time(settings: RunSettings) -> Plan:
        require_vllm(settings.tier.training.vllm, settings.tier.quantize)
        return checked_plan(settings) if here else plan_of(settings)

    digests: dict[tuple[str, str, bool], tuple[str, str]] = {}

    def data(settings: RunSettings, reward: Reward) -> tuple[str, str]:
        key = (settings.instructions, settings.held_out, reward.judging is None)
        if key not in digests:
            trained = training_instructions(settings.instructions, reward)
            held_out = held_out_instructions(settings.held_out, trained)
            digests[key] = data_identity(trained), data_identity(held_out)
        return digests[key]

    found = []
    for run in plan.runs:
        with _named(plan, run):
            settings = run.settings
            reward = settings.named_reward()
            trained, held_out = data(settings, reward)
            identity = {
                **_flat(dataclasses.asdict(dataclasses.replace(settings, reward_folder="."))),
                "reward": reward.identity,
                "instructions": trained,
                "held_out": held_out,
                **_flat(dataclasses.asdict(plan.budget)),
                "threads": plan.threads,
            }
            if identity["training.sampler"] == "kit":  # as before there was a choice
                del identity["training.sampler"]
            needed = memory_and_time(dataclasses.replace(settings, seed=0))
            found.append(CheckedRun(run, needed, identity))
    return found


@contextmanager
def _named(plan: SweepPlan, run: PlannedRun) -> Iterator[None]:
    """Put file, arm and seed before the message of an error."""
    try:
        yield
    except HpptError as error:
        raise HpptError(f"{plan.path}, arm '{run.arm}', seed {run.seed}: {error}") from error


def _flat(values: dict[str, Any], part: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= _flat(value, "" if name == "tier" else f"{name}.")
        else:
            flat[part + name] = value
    return flat


def require_room(checked: Iterable[CheckedRun], jobs: int) -> None:
    """Refuse more runs side by side than the memory holds.

    Raises:
        HpptError: they do not fit; the message says how many do.
    """
    plans = sorted((each.plan for each in checked), key=lambda plan: plan.peak, reverse=True)
    if not plans:
        return
    peaks = [plan.peak for plan in plans]
    available = min(plan.available for plan in plans)
    if sum(peaks[:jobs]) > available:
        fitting = next(n for n in range(jobs, -1, -1) if sum(peaks[:n]) <= available)
        raise HpptError(
            f"{jobs} runs side by side need up to {sum(peaks[:jobs]) / GIB:.1f} GiB, and "
            f"{available / GIB:.1f} GiB are there. Give --jobs {max(1, fitting)}."
        )


# --- what it will take --------------------------------------------------------------------------


def record_bytes(settings: RunSettings) -> int:
    """The size of a run's record at most, by its number of responses and their longest length."""
    training, evaluation = settings.tier.training, settings.tier.evaluation
    responses = training.steps * training.rollouts
    responses += 2 * evaluation.instructions * evaluation.samples
    return responses * training.max_new_tokens * _BYTES_A_TOKEN


def model_bytes(checked: CheckedRun) -> int:
    """The size of the adapter that a run leaves."""
    return sum(part.bytes for part in checked.plan.parts if part.name == "adapter")


def checkpoint_bytes(checked: CheckedRun) -> int:
    """The size of the checkpoints of a run on its way: the last ones and one being written."""
    parts = {part.name: part.bytes for part in checked.plan.parts}
    return (KEPT + 1) * (parts["adapter"] + parts["optimiser"])


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def plan_table(checked: list[CheckedRun]) -> str:
    """The arms of a plan: in what they differ, their runs and steps, the memory of a run."""
    first = {each.run.arm: each for each in reversed(checked)}
    changes = {
        arm: {change.field: str(change.value) for change in each.run.changes}
        for arm, each in first.items()
    }
    shared = set.intersection(*(set(each.items()) for each in changes.values()))

    def shown(settings: Iterable[tuple[str, str]]) -> str:
        return ", ".join(f"{name}={value}" for name, value in settings if name != "seed")

    rows = []
    for arm in dict.fromkeys(each.run.arm for each in checked):
        own = (each for each in changes[arm].items() if each not in shared)
        runs = sum(each.run.arm == arm for each in checked)
        steps = first[arm].run.settings.tier.training.steps
        peak = f"{first[arm].plan.peak / GIB:.1f}"
        rows.append([arm, shown(own) or "nothing of its own", runs, steps, peak])
    seeds = list(dict.fromkeys(each.run.seed for each in checked))
    lines = [f"seeds: {', '.join(map(str, seeds))}"]
    if len(first) > 1 and shown(shared):
        lines.append(f"all arms: {shown(sorted(shared))}")
    headings = ["arm", "its settings", "runs", "steps", "GiB a run"]
    return as_text(table(headings, rows, text=(0, 1)), *lines)
