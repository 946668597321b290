"""The settings of a run: a tier's, changed by a YAML file and by ``key=value``, and checked.

A file names only what differs from its tier::

    tier: cpu
    reward: noisy(false_pass=0.1)
    instructions: hard_train
    seed: 1
    training:
      steps: 10
      learning_rate: 3e-4

Errors name the file, the line and the field.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.tiers import EvaluationSettings, Profile, TrainingSettings, profile


@dataclass(frozen=True)
class RunSettings:
    """All that decides a training run.

    Attributes:
        profile: the tier's settings with the changes.
        reward: the reward, in the form of `hppt_lib.rewards.reward`.
        instructions: what is trained on: a name in data/instructions, or a JSONL file.
        seed: seeds the adapter, the order of the data and the sampling.
    """

    profile: Profile
    reward: str = "guarded"
    instructions: str = "hard_train"
    seed: int = 0


@dataclass(frozen=True)
class Change:
    """One setting that differs from the tier's.

    Attributes:
        field: its name, such as ``training.steps``.
        value: what it becomes.
        where: where that stands, for a message.
    """

    field: str
    value: Any
    where: str


_TOP: dict[str, type] = {
    "tier": str,
    "model": str,
    "quantize": bool,
    "reward": str,
    "instructions": str,
    "seed": int,
}
_PARTS = {"training": TrainingSettings, "evaluation": EvaluationSettings}
_BOUNDS: dict[str, tuple[float, float]] = {
    "seed": (0, 2**31 - 1),
    "training.steps": (1, 10**6),
    "training.prompts_per_step": (1, 10**5),
    "training.group_size": (2, 10**4),
    "training.max_new_tokens": (1, 10**6),
    "training.learning_rate": (1e-12, 1),
    "training.warmup_steps": (0, 10**6),
    "training.temperature": (0.01, 10),
    "training.kl_coefficient": (0, 100),
    "training.micro_batch": (1, 10**5),
    "training.lora_rank": (1, 1024),
    "training.lora_alpha": (1, 10**5),
    "evaluation.instructions": (1, 10**6),
    "evaluation.samples": (1, 10**4),
    "evaluation.temperature": (0, 10),
    "evaluation.batch": (1, 10**5),
}


def known_fields() -> dict[str, type]:
    """Every setting and its type; those of a part are called ``part.name``."""
    types = {"int": int, "float": float, "bool": bool, "str": str}
    found = dict(_TOP)
    for part, kind in _PARTS.items():
        # A setting of another type would be skipped in silence: KeyError shows it to its author.
        found |= {f"{part}.{each.name}": types[str(each.type)] for each in fields(kind)}
    return found


def read_changes(path: str | Path) -> list[Change]:
    """Read a YAML file of settings.

    Raises:
        HpptError: the file cannot be read or is not YAML, a setting is unknown, given twice, of the
            wrong type or out of range; the message names file, line and field.
    """
    import yaml

    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HpptError(f"Could not read {path}: {getattr(error, 'strerror', error)}.") from error
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error)
        raise HpptError(f"{path}{line}: not valid YAML ({problem}).") from error
    if root is None:
        return []
    changes: list[Change] = []
    _collect(path, root, "", changes)
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
        if name in (each.field for each in changes):
            raise HpptError(f"{where}: '{name}' is given twice.")
        _need_known(name, where)
        if not isinstance(value, yaml.ScalarNode):
            raise HpptError(f"{where}: '{name}' must be a single value.")
        changes.append(
            Change(name, _value(name, value.value, value.style is not None, where), where)
        )


def parse_change(text: str) -> Change:
    """A change from the command line: ``training.steps=5``, or ``steps=5`` where that is plain.

    Raises:
        HpptError: not of this form, an unknown setting, a wrong type or out of range.
    """
    name, equals, value = text.partition("=")
    name, where = name.strip(), f"--set {text}"
    if not equals:
        raise HpptError(f"{where}: write it as name=value, such as training.steps=5.")
    known = known_fields()
    longer = [each for each in known if each.partition(".")[2] == name]
    if name not in known and len(longer) == 1:
        [name] = longer
    elif name not in known and longer:
        raise HpptError(f"{where}: which one? {' or '.join(longer)}.")
    _need_known(name, where)
    return Change(name, _value(name, value.strip(), False, where), where)


def run_settings(tier: str | None, changes: Iterable[Change] = ()) -> RunSettings:
    """A tier's settings with changes; a later change to the same field wins.

    Args:
        tier: the tier; None leaves it to the changes, then to ``HPPT_TIER``.
        changes: from `read_changes` and `parse_change`, in order.

    Raises:
        HpptError: there is no such tier or reward, or the settings do not go together.
    """
    last = {each.field: each for each in changes}
    chosen = last.pop("tier", None)
    with _At(chosen if tier is None else None):
        base = profile(tier or (chosen.value if chosen else None))
    values: dict[str, Any] = {name: each.value for name, each in last.items()}
    parts = {part: replace(getattr(base, part), **_of_part(values, part)) for part in _PARTS}
    own = {name: values[name] for name in ("model", "quantize") if name in values}
    settings = RunSettings(
        replace(base, **parts, **own),
        **{name: values[name] for name in ("reward", "instructions", "seed") if name in values},
    )
    with _At(last.get("reward")):
        from hppt_lib.rewards import reward

        reward(settings.reward)
    sizes = ("micro_batch", "group_size", "prompts_per_step")
    with _At(next((last[f"training.{n}"] for n in sizes if f"training.{n}" in last), None)):
        settings.profile.training.check()
    return settings


class _At:
    """Put the place of a change before the message of an error about it."""

    def __init__(self, change: Change | None) -> None:
        self.change = change

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, HpptError) and self.change is not None:
            raise HpptError(f"{self.change.where}: {error}") from error


def _of_part(values: Mapping[str, Any], part: str) -> dict[str, Any]:
    return {
        name.partition(".")[2]: value
        for name, value in values.items()
        if name.partition(".")[0] == part and "." in name
    }


def _need_known(name: str, where: str) -> None:
    known = known_fields()
    if name in known:
        return
    part, _, last = name.rpartition(".")
    near = difflib.get_close_matches(name, known, n=1)
    elsewhere = [each for each in known if each.rpartition(".")[2] == last]
    guess = elsewhere or near
    hint = f"Did you mean '{guess[0]}'?" if guess else f"There are: {', '.join(known)}."
    raise HpptError(f"{where}: there is no setting '{name}'. {hint}")


def _value(name: str, text: str, quoted: bool, where: str) -> Any:
    """The text of a value as its field's type has it."""
    kind = known_fields()[name]
    if kind is str:
        if not text.strip():
            raise HpptError(f"{where}: '{name}' is empty.")
        return text
    words = {bool: "true or false", int: "a whole number", float: "a number"}[kind]
    found: Any = None
    if not quoted:
        try:
            found = {"true": True, "false": False}[text.lower()] if kind is bool else kind(text)
        except (ValueError, KeyError):
            found = None
    if found is None:
        raise HpptError(f"{where}: '{name}' must be {words}, found '{text}'.")
    low, high = _BOUNDS.get(name, (-math.inf, math.inf))
    if kind is not bool and not low <= found <= high:
        raise HpptError(f"{where}: '{name}' is {text}; it must be from {low:g} to {high:g}.")
    return found
