"""The plan of a run for a reader, and the refusal of what cannot be run here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hppt_lib.policy.dimensions import dimensions
from hppt_lib.tiers import require_device
from hppt_lib.training.plan import GIB, Plan, plan

if TYPE_CHECKING:
    from hppt_lib.training.settings import RunSettings

_SHORT = 64  # tokens: the longest prompt of hard_train has 54, chat template included
_OTHER = 144  # the longest of train has 132 as SmolLM2 counts
_LONG = 256  # public data sets have longer ones


def plan_of(
    run: RunSettings, *, memory_gib: float | None = None, prompt_tokens: int | None = None
) -> Plan:
    """The plan of a run.

    Args:
        run: its settings.
        memory_gib: memory that there is; None for the tier's GPU, or this machine's.
        prompt_tokens: the longest prompt; None for
            64 at the CPU tiers with ``hard_train``, 144 with
            other instructions there, and 256 on a GPU.

    Raises:
        HpptError: the dimensions of the model are not known.
    """
    other = _LONG if run.profile.gpu_gib else _OTHER
    short = run.profile.gpu_gib is None and run.instructions == "hard_train"
    return plan(
        run.profile,
        dimensions(run.profile.model),
        available=None if memory_gib is None else int(memory_gib * GIB),
        prompt_tokens=prompt_tokens or (_SHORT if short else other),
    )


def checked_plan(run: RunSettings) -> Plan:
    """The plan of a run that can be started here.

    Raises:
        HpptError: the tier needs a GPU that is not here, or the memory does not suffice.
    """
    require_device(run.profile)
    made = plan_of(run)
    made.check()
    return made


def one_line(made: Plan) -> str:
    """The plan in a line."""
    return (
        f"plan: {made.peak / GIB:.1f} of {made.available / GIB:.1f} GiB, about "
        f"{_time(made.seconds)} of training"
    )


def as_table(made: Plan) -> str:
    """The plan as text: memory by part and phase, the peak, and the time with what it stands on."""
    lines = [f"Training {made.model} at tier {made.tier}"]
    titles = {"always": "stays", "rollout": "while sampling", "training": "while training"}
    for phase, title in titles.items():
        lines += ["", f"{title:30}  {made.phase(phase) / GIB:6.2f} GiB"]
        lines += [
            f"  {each.name:28}  {each.bytes / GIB:6.2f}      {each.how}"
            for each in made.parts
            if each.phase == phase
        ]
    verdict = "fits" if made.fits else "does not fit"
    checked = "computed, not measured"
    if made.device == "cpu":
        checked = "computed; scaled to four measured runs of the embedded model"
    return "\n".join(
        [
            *lines,
            "",
            f"peak {made.peak / GIB:.1f} GiB of {made.available / GIB:.1f} GiB: it {verdict} "
            f"({checked})",
            f"time about {_time(made.seconds)}, loading and evaluations apart ({made.basis})",
        ]
    )


def _time(seconds: float) -> str:
    if seconds < 5400:
        return f"{max(1, round(seconds / 60))} minutes"
    return f"{seconds / 3600:.1f} hours"
