"""The settings of a run: a tier's settings, changed by a YAML file and the command line.

A file names only what differs from its tier::

    tier: cpu
    reward: noisy(false_pass=0.1)
    instructions: hard_train
    held_out: hard_heldout
    seed: 1
    training:
      steps: 10
      learning_rate: 3e-4

Types and limits stand beside the fields, here and in `hppt_lib.tiers`; errors name the file, the
line and the field.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from hppt_lib.errors import HpptError
from hppt_lib.records import Step
from hppt_lib.tiers import (
    Checked,
    EvaluationSettings,
    NotBlank,
    SettingError,
    Tier,
    TrainingSettings,
    tier,
)
from hppt_lib.training.trackers import trackers
from hppt_lib.verifiers import thought_marks

if TYPE_CHECKING:
    from hppt_lib.rewards import Reward

T = TypeVar("T")

HELD_OUT = "hard_heldout"
"""The set that a policy is evaluated on unless another is named."""


@dataclass(frozen=True)
class RunSettings(Checked):
    """The settings that decide a training run, as text and numbers.

    Attributes:
        tier: the tier's settings with the changes.
        reward: the reward, in the form of `hppt_lib.rewards.reward`.
        instructions: what is trained on: a name in data/instructions, or a JSONL file.
        held_out: what the policy is evaluated on before and after: the same, but other prompts.
        seed: seeds the adapter, the order of the data and the sampling.
        thinking: whether a model thinks first whose chat template can be told
            (``enable_thinking``); None leaves it to the template.
        thoughts: the marks of thoughts, which are no part of an answer: ``known``, ``none``, or two
            marks such as ``<plan> </plan>`` (`hppt_lib.verifiers.thought_marks`).
        report_to: who gets the curves besides the record: trackers with commas between
            (`hppt_lib.training.trackers`), or ``none``.
        reward_folder: where the module of a reward of one's own is looked for first: the folder of
            the settings file that names it.
    """

    tier: Tier
    reward: NotBlank = "guarded"
    instructions: NotBlank = "hard_train"
    held_out: NotBlank = HELD_OUT
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    thinking: bool | None = None
    thoughts: NotBlank = "known"
    report_to: NotBlank = "none"
    reward_folder: str = "."

    def on_thoughts(self) -> dict[str, Any]:
        """``thinking`` and ``thoughts`` where they are not the default, for a record."""
        usual = {"thinking": None, "thoughts": "known"}
        return {name: value for name in usual if (value := getattr(self, name)) != usual[name]}

    def named_reward(self) -> Reward:
        """The reward itself.

        Raises:
            HpptError: there is no such reward.
        """
        from hppt_lib.rewards import reward

        return reward(self.reward, [Path(self.reward_folder)])


@dataclasses.dataclass(frozen=True)
class Budget:
    """The limits at which a run stops before it has made all its steps.

    Attributes:
        minutes: of training, over all the calls that made the run. It stops before a step that
            would end later, as long as the last one took.
        samples: rollouts, over all calls. It stops before a step that would need more.
    """

    minutes: float | None = None
    samples: int | None = None

    def reached(self, steps: Sequence[Step]) -> str | None:
        """The limit that is reached: ``"minutes"``, ``"samples"``, or None."""
        if not steps:
            return None
        spent = sum(step.seconds for step in steps)
        if self.minutes is not None and spent + steps[-1].seconds > 60 * self.minutes:
            return "minutes"
        samples = sum(len(step.responses) for step in steps)
        if self.samples is not None and samples + len(steps[-1].responses) > self.samples:
            return "samples"
        return None


@dataclasses.dataclass(frozen=True)
class Change:
    """One setting that differs from the tier's.

    Attributes:
        field: its name, such as ``training.steps``.
        value: what it becomes; a number may be given as text.
        where: where that stands, for a message.
        folder: of the file that it stands in.
    """

    field: str
    value: Any
    where: str
    folder: str = "."


_PARTS: dict[str, Any] = {"training": TrainingSettings, "evaluation": EvaluationSettings}
_OF_THE_TIER = ("model", "quantize")
_OF_THE_RUN = ("reward", "instructions", "held_out", "seed", "thinking", "thoughts", "report_to")
_KNOWN = ["tier", *_OF_THE_TIER, *_OF_THE_RUN] + [
    f"{part}.{field.name}" for part, kind in _PARTS.items() for field in dataclasses.fields(kind)
]


def read_changes(path: str | Path) -> list[Change]:
    """Read a YAML file of settings.

    Raises:
        HpptError: the file cannot be read or is not YAML, a setting is unknown or given twice; the
            message names file, line and field.
    """
    root = yaml_node(path)
    return [] if root is None else changes_in(path, root)


def yaml_node(path: str | Path) -> Any:
    """The root node of a YAML file, whose nodes know their lines; None if nothing is in it.

    Raises:
        HpptError: the file cannot be read or is not YAML.
    """
    import yaml

    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HpptError(f"Could not read {path}: {getattr(error, 'strerror', error)}.") from error
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise HpptError(f"{path}{line}: not valid YAML ({problem}).") from error


def changes_in(path: str | Path, node: Any) -> list[Change]:
    """The settings that a node of a YAML file holds (see `yaml_node`).

    Raises:
        HpptError: a setting is unknown or given twice; the message names file, line and field.
    """
    changes: list[Change] = []
    _collect(path, node, "", changes)
    return changes


def _collect(path: str | Path, node: Any, part: str, changes: list[Change]) -> None:
    import yaml

    where = f"{path}, line {node.start_mark.line + 1}"
    if not isinstance(node, yaml.MappingNode):
        name = f"'{part}'" if part else "the file"
        raise HpptError(f"{where}: {name} must be a list of settings in the form 'name: value'.")
    for key, value in node.value:
        where = f"{path}, line {key.start_mark.line + 1}"
        name = f"{part}.{key.value}" if part else str(key.value)
        if not isinstance(key, yaml.ScalarNode):
            raise HpptError(f"{where}: the name of a setting must be a word.")
        if not part and name in _PARTS:
            _collect(path, value, name, changes)
            continue
        if name in (change.field for change in changes):
            raise HpptError(f"{where}: '{name}' is given twice.")
        _need_known(name, where)
        if not isinstance(value, yaml.ScalarNode):
            raise HpptError(f"{where}: '{name}' must be a single value.")
        changes.append(Change(name, value.value, where, str(Path(path).parent)))


def parse_change(text: str) -> Change:
    """A change from the command line: ``training.steps=5``, or ``steps=5`` where that is plain.

    Raises:
        HpptError: not of this form, or an unknown setting.
    """
    name, equals, value = text.partition("=")
    name, where = name.strip(), f"--set {text}"
    if not equals:
        raise HpptError(f"{where}: write it as name=value, such as training.steps=5.")
    longer = [known for known in _KNOWN if known.partition(".")[2] == name]
    if name not in _KNOWN and len(longer) == 1:
        [name] = longer
    elif name not in _KNOWN and longer:
        raise HpptError(f"{where}: which one? {' or '.join(longer)}.")
    _need_known(name, where)
    return Change(name, value.strip(), where)


def _need_known(name: str, where: str) -> None:
    if name in _KNOWN:
        return
    last = name.rpartition(".")[2]
    elsewhere = [known for known in _KNOWN if known.rpartition(".")[2] == last]
    guess = elsewhere or difflib.get_close_matches(name, _KNOWN, n=1)
    hint = f"Did you mean '{guess[0]}'?" if guess else f"There are: {', '.join(_KNOWN)}."
    raise HpptError(f"{where}: there is no setting '{name}'. {hint}")


def run_settings(name: str | None, changes: Iterable[Change] = ()) -> RunSettings:
    """A tier's settings with changes; a later change to the same field wins.

    Args:
        name: the tier, whatever the changes say; None leaves it to them, then to ``HPPT_TIER``.
        changes: from `read_changes` and `parse_change`, in order.

    Raises:
        HpptError: there is no such tier or reward, a value of the wrong type or out of range, or
            values that do not go together; the message names the place and the field.
    """
    last: dict[str, Change] = {}
    for change in changes:
        if change.field == "tier":
            with _at(change):
                tier(change.value)  # also one that another takes the place of
        last[change.field] = change
    chosen = last.pop("tier", None)
    changed_tier = tier(name or (chosen.value if chosen else None))
    for part in _PARTS:
        changed = _changed(getattr(changed_tier, part), last, f"{part}.")
        changed_tier = dataclasses.replace(changed_tier, **{part: changed})
    changed_tier = _changed(changed_tier, last, "", _OF_THE_TIER)
    settings = _changed(RunSettings(changed_tier), last, "", _OF_THE_RUN)
    if "reward" in last:
        settings = dataclasses.replace(settings, reward_folder=last["reward"].folder)
    with _at(last.get("reward")):
        settings.named_reward()
    with _at(last.get("thoughts")):
        thought_marks(settings.thoughts)
    with _at(last.get("report_to")):
        trackers(settings.report_to)
    return settings


def _changed(
    settings: T, changes: dict[str, Change], part: str, names: Sequence[str] | None = None
) -> T:
    """Settings with those of the changes that belong to them."""
    fields = names or [field.name for field in dataclasses.fields(settings)]  # type: ignore[arg-type]
    own = {name: changes[part + name] for name in fields if part + name in changes}
    values = {name: change.value for name, change in own.items()}
    try:
        return dataclasses.replace(settings, **values)  # type: ignore[type-var]
    except SettingError as error:
        where = own[error.field].where
        raise HpptError(f"{where}: '{part}{error.field}' {error.reason}.") from error
    except HpptError:  # values that do not go together
        sizes = ("micro_batch", "group_size", "prompts_per_step")
        with _at(next((own[name] for name in sizes if name in own), None)):
            raise


@contextmanager
def _at(change: Change | None) -> Iterator[None]:
    """Put the place of a change before the message of an error about it."""
    try:
        yield
    except HpptError as error:
        if change is None:
            raise
        raise HpptError(f"{change.where}: {error}") from error
