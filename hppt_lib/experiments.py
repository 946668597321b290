"""An experiment: a base policy evaluated, trained and evaluated again, as one run record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from hppt_lib.evaluation import Evaluated, evaluate
from hppt_lib.instructions import shipped_instructions
from hppt_lib.profiles import Profile
from hppt_lib.records import RunRecord, Step, machine, pairs, versions
from hppt_lib.rewards import Reward


def record_name(profile: Profile, reward: Reward, seed: int) -> str:
    """The name of a run's record, such as ``cpu-guarded-seed0``."""
    return f"{profile.tier}-{reward.name}-seed{seed}"


def run(
    profile: Profile,
    reward: Reward,
    *,
    seed: int,
    progress: bool = True,
    on_step: Callable[[Step], None] | None = None,
) -> RunRecord:
    """Evaluate the base policy on held-out topics, train it with GRPO, and evaluate it again.

    Both evaluations use the same instructions and the same seed.

    Args:
        profile: the tier's settings.
        reward: what is rewarded in training.
        seed: seeds training and sampling.
        progress: show progress bars.
        on_step: called after each training step, for a live figure.

    Raises:
        HpptError: the model cannot be loaded, or training fails; the message says what to do.
    """
    from hppt_lib.models import load
    from hppt_lib.training import train

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

    policy = load(profile.model)
    before = responses("base policy, held-out topics")
    trained = train(
        policy,
        shipped_instructions("hard_train"),
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
