"""A replication of the paper's experiments on one machine, resumable at any moment.

`hppt_lib.training.replication_plan` says what; here it is made, stage by stage, in a folder:

* ``plan.json``: the plan. It stays; who comes back with other wishes takes another folder;
* ``judge.jsonl``: the judge's answers, none of which is asked for twice;
* ``audit.json``: E1, how right the judge and the rules are;
* ``pilot.jsonl``: the pilot's log; ``data/``: what each arm trains on, of which the random control
  is drawn anew for each seed;
* ``sweep.yaml`` and ``runs/``: E2 and E3, arms × seeds (`hppt_lib.training.sweeps`);
* ``result.json``: all numbers, and how long it took.

Each stage is skipped if what it leaves is there whole.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from hppt_lib.audit import audit_judges, gold_verdicts, judge_rows, rates_of, read_audit, read_gold
from hppt_lib.errors import HpptError
from hppt_lib.evaluation import Contrast, Run, arm_outcomes, compare_arms
from hppt_lib.files import check_writable, only_writer, repository_folder, write_text
from hppt_lib.instructions.model import Instruction, shipped_instructions, write_instructions
from hppt_lib.intervals import Rate, rate
from hppt_lib.machine import machine, versions
from hppt_lib.refine import (
    Pilot,
    PilotSettings,
    parts,
    random_control,
    read_pilot,
    refinement,
    step_b,
)
from hppt_lib.tiers import tier as tier_named
from hppt_lib.training.replication_plan import (
    CALLS_AT_ONCE,
    ReplicationPlan,
    plan_from_json,
    sized,
)

FORMAT = 1
CONTRASTS = (
    ("E2", "hppt", "control", True),
    ("E2", "hppt", "raw", False),
    ("E2", "control", "raw", False),
    ("E3", "hard", "soft", True),
    ("E3", "hard", "raw", False),
    ("E3", "raw", "soft", False),
)
"""The comparisons: experiment, arm, the arm that is subtracted, and whether it is the primary one,
fixed beforehand. The arm *raw* is E3's *mixed*."""
MEASURES = ("guarded", "strict")
_THREADS = {"cpu": 1, "gpu": 4}
_GUARD = "substance"


# --- the folder -----------------------------------------------------------------------------------


def open_replication(plan: ReplicationPlan, folder: Path) -> ReplicationPlan:
    """The plan of this folder: the one that it was begun with, else this one, which is written.

    Raises:
        HpptError: the folder was begun with other wishes, holds something else, or cannot be
            written.
    """
    path = folder / "plan.json"
    if path.exists():
        kept = read_replication_plan(folder)
        wishes = ("tier", "hours", "judge", "call", "sampler", "model")
        differing = [
            f"{name}: there {getattr(kept, name)!r}, asked for {getattr(plan, name)!r}"
            for name in wishes
            if getattr(kept, name) != getattr(plan, name)
        ]
        if differing:
            raise HpptError(
                f"{folder} holds another replication ({'; '.join(differing)}). Give the same "
                "wishes to go on with it, or another --out."
            )
        return replace(kept, jobs=plan.jobs)  # changes no number
    if folder.exists() and any(folder.iterdir()):
        raise HpptError(f"{folder} holds other files. Choose a folder of its own with --out.")
    check_writable(folder)
    _write(path, plan.as_json())
    return plan


def read_replication_plan(folder: Path) -> ReplicationPlan:
    """The plan that a folder was begun with.

    Raises:
        HpptError: there is none, or it cannot be read.
    """
    path = folder / "plan.json"
    try:
        return plan_from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise HpptError(f"{path} is not the plan of a replication ({error}).") from error


# --- stage by stage -------------------------------------------------------------------------------


def replicate(
    plan: ReplicationPlan,
    folder: Path,
    *,
    progress: bool = True,
    show: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Make a replication, or go on with it, and return its numbers (see `result_of`).

    Args:
        plan: what `open_replication` gives.
        folder: its folder.
        progress: show progress bars.
        show: called with a line for each stage and run.

    Raises:
        HpptError: the judge cannot be had, the tier's GPU is not here, another
            process is at work in the folder, or a run has failed. What was made by then is kept,
            and the same call goes on.
    """
    from hppt_lib.tiers import require_device
    from hppt_lib.training.sweep_plan import read_plan
    from hppt_lib.training.sweeps import sweep

    require_device(tier_named(plan.tier))
    folder = folder.resolve()
    with only_writer(folder):
        show("E1: the judge is audited")
        audit(plan, folder)
        show("E2: the pilot")
        pilot = run_the_pilot(plan, folder, progress=progress)
        _forget()
        left_out = write_data(plan, folder, pilot)
        for arm, reason in left_out.items():
            show(f"arm {arm} is left out: {reason}")
        path = write_sweep(plan, folder, [each for each in plan.size.arms if each not in left_out])
        show("E2 and E3: the runs")
        state = sweep(read_plan(path), folder / "runs", jobs=plan.jobs, show=show)
        if failed := state.of("failed"):
            raise HpptError(
                f"{len(failed)} of {len(state.runs)} runs failed; the first is {failed[0].name}: "
                f"{failed[0].reason} (log: {failed[0].log}). The same command tries them again."
            )
        result = result_of(plan, folder)
        _write(folder / "result.json", result)
    return result


def audit(plan: ReplicationPlan, folder: Path) -> dict[str, Any]:
    """E1: the judge on the labelled rows, soft and hard; the rule verifiers on the gold set.

    All constraints of a response go into one call; those of a judge at a server also one a call.

    Raises:
        HpptError: the judge cannot be had, or gives no verdict.
    """
    path = folder / "audit.json"
    if path.exists():
        return _read(path)
    at_server = plan.judge.startswith(("http://", "https://"))
    found: dict[str, Any] = {}
    for mode in ("batch", "pointwise") if at_server else ("batch",):
        for part in ("soft", "hard"):
            report = audit_judges(
                [plan.judge],
                part,
                mode=mode,
                cache=folder / "judge.jsonl",
                limit=plan.size.audited or None,
                call=_call(plan),
            )
            if not report.has_verdicts:
                from hppt_lib.audit.report_output import no_verdicts

                raise HpptError(no_verdicts(report))
            [judge] = report.as_json()["judges"].values()
            found[f"{part}, {mode}"] = {
                "provenance": report.provenance,
                **{name: judge["all"][name] for name in ("coverage", "precision", "recall")},
                "recall_on_false": judge["all"]["recall_on_false"],
                "auc": judge["auc"],
            }
    found["rules"] = _rules()
    _write(path, found)
    return found


def _rules() -> dict[str, Any]:
    """Precision and recall on false of the rule verifiers on the gold set."""
    rows = read_gold()
    passed = [each.passed for each in gold_verdicts(rows)]

    def share(of: Sequence[bool], hits: Sequence[bool]) -> dict[str, Any] | None:
        pairs = [(hit, row.id) for row, hit, counts in zip(rows, hits, of, strict=True) if counts]
        return _plain(rate([hit for hit, _ in pairs], [id for _, id in pairs]))

    labels = [each.label for each in rows]
    return {
        "provenance": f"rule verifiers, reading text · gold set · {len(rows)} rows",
        "precision": share(passed, labels),
        "recall_on_false": share([not each for each in labels], [not each for each in passed]),
    }


def run_the_pilot(plan: ReplicationPlan, folder: Path, *, progress: bool) -> Pilot:
    """The pilot on the pool, with the judge for soft constraints; a finished one is only read.

    Raises:
        HpptError: the policy or the judge cannot be had, or the judge goes away.
    """
    from hppt_lib.judges import judge
    from hppt_lib.policy import load_policy
    from hppt_lib.refine import run_pilot

    path, pool, run = folder / "pilot.jsonl", _pool(plan), sized(tier_named(plan.tier), plan.size)
    if path.exists() and (there := _finished(path, pool)):
        return there
    settings = PilotSettings(
        samples=plan.size.samples,
        max_new_tokens=plan.size.max_new_tokens,
        temperature=run.training.temperature,
    )
    who = judge(plan.judge, cache=folder / "judge.jsonl", progress=False, **_call(plan))
    policy = load_policy(run.model, quantize=run.quantize)
    return run_pilot(
        policy, pool, settings, path, judge=who, progress=progress, sampler=plan.sampler
    )


def _finished(path: Path, pool: Sequence[Instruction]) -> Pilot | None:
    try:
        found = read_pilot(path, pool)
    except HpptError:
        return None  # run_pilot says what is wrong, or mends it
    return found if found.finished else None


def write_data(plan: ReplicationPlan, folder: Path, pilot: Pilot) -> dict[str, str]:
    """Write what each arm trains on into ``data/``.

    Returns:
        The arms that cannot be made, with the reason.
    """
    pool, data = _pool(plan), folder / "data"
    refined = refinement(pilot)
    files: dict[str, dict[str, Sequence[Instruction]]] = {
        "raw": {"raw": pool},
        "hppt": {"hppt": refined.kept.instructions},
        "control": {
            f"control-{seed}": step_b(
                random_control(pool, len(refined.step_a.kept), seed)
            ).instructions
            for seed in plan.seeds
        },
        "hard": {"hard": parts(pool, "hard").instructions},
        "soft": {"soft": parts(pool, "soft").instructions},
    }
    left_out = {}
    for arm in plan.size.arms:
        fewest = min(map(len, files[arm].values()))
        if fewest < plan.size.prompts_per_step:
            left_out[arm] = (
                f"{fewest} instructions are left of the pool's {len(pool)}, and a step has "
                f"{plan.size.prompts_per_step}"
            )
            continue
        for name, instructions in files[arm].items():
            write_instructions(data / f"{name}.jsonl", instructions)
    return left_out


def write_sweep(plan: ReplicationPlan, folder: Path, arms: Sequence[str]) -> Path:
    """Write the plan of the sweep, ``sweep.yaml``, and return its path.

    Raises:
        HpptError: no arm is left.
    """
    import yaml

    from hppt_lib.rewards import judged

    if not arms:
        raise HpptError("No arm is left: give more hours, so that the pool is larger.")
    run = sized(tier_named(plan.tier), plan.size)
    reward = judged(
        judge=plan.judge, guard=_GUARD, missing="drop", **_call(plan, as_text=True)
    ).name
    chosen: dict[str, Any] = {}
    for arm in arms:
        name = "control-{seed}" if arm == "control" else arm
        chosen[arm] = {"instructions": str(folder / "data" / f"{name}.jsonl")}
        if arm == "hard":  # the same reward: there is nothing that the judge would decide
            chosen[arm]["reward"] = f"guarded(guard={_GUARD})"
    training, evaluation = asdict(run.training), asdict(run.evaluation)
    training["sampler"] = plan.sampler
    settings = {
        "tier": plan.tier,
        "model": run.model,
        "quantize": run.quantize,
        "reward": reward,
        "held_out": plan.held_out,
        "training": training,
        "evaluation": evaluation,
    }
    rows = {
        "seeds": f"{plan.seeds[0]}-{plan.seeds[-1]}",
        "threads": _THREADS["cpu" if run.gpu_gib is None else "gpu"],
        "nice": 0,
        "settings": settings,
        "arms": chosen,
    }
    path = folder / "sweep.yaml"
    write_text(path, yaml.safe_dump(rows, sort_keys=False, allow_unicode=True, width=1000))
    return path


def _call(plan: ReplicationPlan, as_text: bool = False) -> dict[str, Any]:
    """Settings of calls to a judge at a server; none for others."""
    if not plan.judge.startswith(("http://", "https://")):
        return {}
    call = {"concurrency": CALLS_AT_ONCE, **plan.call}
    if as_text and isinstance(call.get("extra_body"), dict):
        call["extra_body"] = json.dumps(call["extra_body"])
    return call


def _pool(plan: ReplicationPlan) -> list[Instruction]:
    return shipped_instructions("train")[: plan.size.pool]


def _forget() -> None:
    """Give the memory of the pilot's policy and judge back, before runs need it."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


# --- what came out --------------------------------------------------------------------------------


def result_of(plan: ReplicationPlan, folder: Path) -> dict[str, Any]:
    """All numbers of a finished replication, as plain values.

    Everything but ``took`` (seconds, by what they were spent on) is the same however often the
    replication was stopped.
    """
    from hppt_lib.training.sweeps import read_sweep

    runs = read_sweep(folder / "runs")
    pilot = read_pilot(folder / "pilot.jsonl", _pool(plan))
    refined = refinement(pilot)
    arms = dict(runs.arms)
    return {
        "format": FORMAT,
        "plan": plan.as_json(),
        "model": runs.each[0].record.model,
        "audit": _read(folder / "audit.json"),
        "pilot": {
            "instructions": len(refined.step_a.decisions),
            "kept": len(refined.step_a.kept),
            "simplified": len(refined.kept.changed),
            "unlearnable": sum(bool(each.unlearnable) for each in pilot.instructions),
            "unlearnable_kept": sum(bool(each.unlearnable) for each in refined.step_a.kept),
            "rollouts": refined.step_a.full,
        },
        "base": {
            name: [run.outcomes("before")[name] for run in next(iter(arms.values()))]
            for name in MEASURES
        },
        "arms": {
            each.arm: {
                "seeds": [run.record.seed for run in arms[each.arm]],
                "collapsed": [run.collapsed for run in arms[each.arm]],
                "instructions": _trained_on(arms[each.arm]),
                **{name: list(each.each[name]) for name in each.each},
            }
            for each in arm_outcomes(arms)
        },
        "contrasts": contrasts(arms),
        "machine": machine(),
        "versions": versions(),
        "took": {
            "seconds_of_training": {
                arm: sum(run.record.seconds for run in found) for arm, found in arms.items()
            },
            "seconds_a_step": {arm: _step_seconds(found) for arm, found in arms.items()},
        },
    }


def contrasts(arms: Mapping[str, Sequence[Run]]) -> list[dict[str, Any]]:
    """Each of `CONTRASTS` whose two arms are there, in each of `MEASURES`.

    Args:
        arms: the runs by arm.

    Returns:
        Rows of plain values: ``experiment``, ``arm``, ``other`` (which is subtracted), ``measure``,
        whether it is the ``primary`` one, the difference ``by_seed`` of those that both have, the
        ``difference`` with its interval (None for a single seed), and ``p``, both as in
        `hppt_lib.evaluation.compare_arms`.
    """
    rows = []
    for experiment, arm, other, primary in CONTRASTS:
        if arm not in arms or other not in arms:
            continue
        for measure in MEASURES:
            found = compare_arms(arms[arm], arms[other], Contrast(arm, other, measure))
            ours, theirs = (
                dict(zip(seeds, values, strict=True))
                for seeds, values in zip(found.seeds, (found.values, found.others), strict=True)
            )
            shared = sorted(ours.keys() & theirs.keys())
            rows.append(
                {
                    "experiment": experiment,
                    "arm": arm,
                    "other": other,
                    "measure": measure,
                    "primary": primary,
                    "by_seed": {str(seed): ours[seed] - theirs[seed] for seed in shared},
                    "difference": asdict(found.difference) if found.difference else None,
                    "p": found.p,
                }
            )
    return rows


def recorded_audit() -> dict[str, dict[str, Any]]:
    """Tier cpu's recorded audit: the embedded judge's shipped answers, by part and mode."""
    from hppt_lib.judges import judge

    answers = repository_folder() / "data" / "audit" / "answers" / "embedded-zero-shot.jsonl"
    who = judge(f"replayed:{answers}", progress=False)
    found = {}
    for part in ("soft", "hard"):
        for mode in ("batch", "pointwise"):
            rates = rates_of(judge_rows(who, read_audit(part), mode))
            found[f"{part}, {mode}"] = {
                name: _plain(getattr(rates, name))
                for name in ("precision", "recall", "recall_on_false")
            }
    return found


def recorded_result() -> dict[str, Any] | None:
    """Tier cpu's recorded replication, in ``data/replications``; None if there is none."""
    path = repository_folder() / "data" / "replications" / "tier-cpu.json"
    return read_result(path) if path.is_file() else None


def read_result(path: Path) -> dict[str, Any]:
    """The ``result.json`` of a replication.

    Raises:
        HpptError: it cannot be read, or is something else.
    """
    row = _read(path)
    if row.get("format") != FORMAT or "contrasts" not in row:
        raise HpptError(f"{path} is not the result of a replication of format {FORMAT}.")
    return row


def _trained_on(runs: Sequence[Run]) -> str:
    """The number of instructions that an arm trained on, by what its records keep of them."""
    numbers = {str(run.record.identity.get("instructions", "")).partition(" ")[0] for run in runs}
    return " or ".join(sorted(numbers))


def _step_seconds(runs: Sequence[Run]) -> float:
    seconds = [step.seconds for run in runs for step in run.record.steps]
    return sum(seconds) / len(seconds)


def _plain(share: Rate | None) -> dict[str, Any] | None:
    if share is None:
        return None
    return {"rate": share.mean, "low": share.low, "high": share.high, "of": share.samples}


def _read(path: Path) -> dict[str, Any]:
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HpptError(f"{path} cannot be read ({error}). Delete it: it is made again.") from error
    if not isinstance(row, dict):
        raise HpptError(f"{path} cannot be read: it holds no object. Delete it: it is made again.")
    return row


def _write(path: Path, row: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(row, ensure_ascii=False, indent=1, default=str) + "\n")
