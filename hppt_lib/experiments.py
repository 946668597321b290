"""An experiment: a base policy evaluated, trained and evaluated again, as one run record."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hppt_lib.errors import HpptError
from hppt_lib.evaluation import Evaluated, evaluate, isr, mean_length
from hppt_lib.instructions import Instruction, read_instructions, shipped_instructions
from hppt_lib.processes import is_main_process
from hppt_lib.profiles import Profile, require_device, require_vllm
from hppt_lib.records import RunRecord, Step, evaluated, machine, pairs, versions, write_record
from hppt_lib.rewards import Reward
from hppt_lib.rewards import reward as reward_named

if TYPE_CHECKING:
    from hppt_lib.settings import RunSettings


def record_name(profile: Profile, reward: Reward, seed: int) -> str:
    """The name of a run's record, such as ``cpu-guarded-seed0``; it is fit for a file's name."""
    name = re.sub(r"[^A-Za-z0-9.]+", "-", reward.name).strip("-")
    return f"{profile.tier}-{name}-seed{seed}"


def training_instructions(name: str, reward: Reward) -> list[Instruction]:
    """The instructions that a run with this reward can learn from.

    Without a judge, soft constraints are left out, and so are instructions that have no others.

    Args:
        name: a name in data/instructions, or a JSONL file.
        reward: what will be rewarded.

    Raises:
        HpptError: there are none of that name, or none is left.
    """
    from hppt_lib.pilot_records import hard_part

    path = Path(name)
    found = read_instructions(path) if path.suffix == ".jsonl" else shipped_instructions(name)
    if reward.judging is None:
        found = [each for each in map(hard_part, found) if each.constraints]
    if not found:
        raise HpptError(
            f"'{name}' holds no hard constraint, and the reward '{reward.name}' has no judge. "
            "Choose other instructions, or the reward judged(judge=…)."
        )
    return found


def run(
    profile: Profile,
    reward: Reward,
    *,
    seed: int,
    instructions: str = "hard_train",
    progress: bool = True,
    on_step: Callable[[Step], None] | None = None,
) -> RunRecord:
    """Evaluate the base policy on held-out topics, train it with GRPO, and evaluate it again.

    Both evaluations use the same instructions and the same seed.

    Args:
        profile: the tier's settings.
        reward: what is rewarded in training.
        seed: seeds training and sampling.
        instructions: what is trained on: a name in data/instructions, or a JSONL file.
        progress: show progress bars.
        on_step: called after each training step, for a live figure.

    Raises:
        HpptError: the tier needs a GPU that is not here, the model cannot be loaded, or training
            fails; the message says what to do.
    """
    from hppt_lib.models import load
    from hppt_lib.training import train

    require_device(profile)
    require_vllm(profile.training.vllm, profile.quantize)
    chosen = training_instructions(instructions, reward)
    heldout = shipped_instructions("hard_heldout")

    def responses(title: str) -> list[Evaluated]:
        return evaluate(
            policy,
            heldout,
            profile.evaluation,
            max_new_tokens=profile.training.max_new_tokens,
            seed=seed,
            progress=title if progress else None,
        )

    policy = load(profile.model, quantize=True) if profile.quantize else load(profile.model)
    before = responses("base policy, held-out topics")
    trained = train(
        policy,
        chosen,
        reward,
        profile.training,
        seed=seed,
        progress=progress,
        on_step=on_step,
    )
    policy = trained.policy
    after = responses("trained policy, held-out topics")
    return RunRecord(
        name=record_name(profile, reward, seed),
        tier=profile.tier,
        model=policy.name,
        reward=reward.name,
        seed=seed,
        settings={
            "training": asdict(profile.training),
            "evaluation": asdict(profile.evaluation),
            "instructions": instructions,
            "quantize": profile.quantize,
        },
        steps=trained.steps,
        before=pairs(before),
        after=pairs(after),
        seconds=trained.seconds,
        adapter_before=trained.adapter_before,
        adapter_after=trained.adapter_after,
        machine=machine(),
        versions=versions(),
    )


def run_and_write(settings: RunSettings, out: Path) -> tuple[Path, list[str]]:
    """Run an experiment and write its record.

    Args:
        settings: all that decides it.
        out: a folder, or the record's own path, which ends with ``.json``.

    Returns:
        The record's path, and lines for a reader: rates before and after, and the time. With
        several processes the main one writes, and the others have nothing to say.

    Raises:
        HpptError: as `run`; or the record could not be written.
    """
    record = run(
        settings.profile,
        reward_named(settings.reward),
        seed=settings.seed,
        instructions=settings.instructions,
        progress=is_main_process(),
    )
    if out.suffix == ".json":
        record, out = replace(record, name=out.stem), out.parent
    if not is_main_process():
        return out, []
    return write_record(record, out), summary(record, shipped_instructions("hard_heldout"))


def summary(record: RunRecord, heldout: Sequence[Instruction]) -> list[str]:
    """Lines for a reader: strict and guarded ISR and length, before and after, and the time."""
    lines = []
    for title, responses in (("before", record.before), ("after", record.after)):
        rows = evaluated(responses, heldout)
        strict, guarded = (isr(rows, guarded=each) for each in (False, True))
        words = mean_length(rows)
        lines.append(f"{title:6}  strict ISR {strict}  guarded ISR {guarded}  {words:.1f} words")
    return [*lines, f"{len(record.steps)} steps in {record.seconds / 60:.1f} minutes"]
