"""An experiment: a base policy evaluated, trained and evaluated again, as one run record."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.likelihood import surprise
from hppt_lib.evaluation.satisfaction import (
    Evaluated,
    evaluate,
    isr,
    mean_length,
    rescored,
    response_pairs,
    share_cut,
)
from hppt_lib.files import only_writer, write_text
from hppt_lib.instructions.model import Instruction
from hppt_lib.machine import is_main_process, machine, process_count, versions
from hppt_lib.policy.lengths import positions_of, prompt_lengths
from hppt_lib.policy.load import Policy, load_policy
from hppt_lib.records import RunRecord, Step, write_record
from hppt_lib.rewards import Reward
from hppt_lib.tiers import Tier, require_device, require_vllm
from hppt_lib.training.base_evaluation import (
    BaseEvaluation,
    BaseEvaluations,
    Responses,
    model_files,
)
from hppt_lib.training.checkpoints import (
    instructions_digest,
    require_same_run,
    run_identity,
)
from hppt_lib.training.data import held_out_instructions, training_instructions, unchecked
from hppt_lib.training.settings import HELD_OUT, Budget, RunSettings
from hppt_lib.training.trainer import TrainingJob
from hppt_lib.training.training_run import train
from hppt_lib.verifiers import thought_marks


def record_name(tier: Tier, reward: Reward, seed: int) -> str:
    """The name of a run's record, such as ``cpu-guarded-seed0``; it is fit for a file's name."""
    name = re.sub(r"[^A-Za-z0-9.]+", "-", reward.name).strip("-")
    return f"{tier.name}-{name}-seed{seed}"


def run(
    settings: RunSettings,
    *,
    budget: Budget | None = None,
    folder: Path | None = None,
    base_folder: Path | None = None,
    on_step: Callable[[Step], None] | None = None,
    progress: bool = True,
) -> RunRecord:
    """Evaluate the base policy on held-out instructions, train it with GRPO, evaluate it again.

    Both evaluations use the same instructions and the same seed. With ``folder``, a run that was
    stopped at any moment continues when the same call is made again. Its record then equals that of
    an uninterrupted run, except for times: to the bit with one torch thread on the same kind of
    processor, not always with more threads.

    Args:
        settings: all that decides it.
        budget: where training stops before all steps are made. What was trained by then is
            evaluated, and the record says what stopped it.
        folder: keeps what is done so far: ``checkpoints/``, ``steps.jsonl`` and the base policy's
            responses, ``before.json``.
        base_folder: keeps the base policy's evaluation for other runs with the same model, seed,
            held-out instructions and machine, and takes it from there. None evaluates it anew.
        on_step: called after each training step, for a live figure.
        progress: show progress bars.

    Raises:
        HpptError: the tier needs a GPU that is not here, a held-out prompt is trained on, the model
            cannot be loaded or a prompt is too long for it, training fails, or the folder holds
            another run; the message says what to do.
    """
    tier, seed = settings.tier, settings.seed
    require_device(tier)
    require_vllm(tier.training.vllm, tier.quantize)
    reward = settings.named_reward()
    thoughts = thought_marks(settings.thoughts)
    instructions = training_instructions(settings.instructions, reward)
    heldout = held_out_instructions(settings.held_out, instructions)
    identity = {
        **run_identity(tier.model, reward.identity, seed, asdict(tier.training), instructions),
        **{f"evaluation.{name}": value for name, value in asdict(tier.evaluation).items()},
        "quantize": tier.quantize,
        **settings.on_thoughts(),
    }
    if settings.held_out != HELD_OUT:
        identity["held_out"] = instructions_digest(heldout)
    kept = folder / "before.json" if folder else None
    cut: dict[str, float] = {}
    before = _read_responses(kept, identity, cut) if kept and kept.exists() else None

    def responses(policy: Policy, title: str, when: str) -> Responses:
        rows = evaluate(
            policy,
            heldout,
            tier.evaluation,
            max_new_tokens=tier.training.max_new_tokens,
            seed=seed,
            thoughts=thoughts,
            progress=title if progress else None,
        )
        cut[when] = share_cut(rows)
        return response_pairs(rows)

    shared = BaseEvaluations(base_folder) if base_folder else None
    base_identity = _base_identity(settings, heldout) if shared else {}
    known = shared.get(base_identity) if shared else None
    if before is None and known:
        before, cut["before"] = known.responses, known.cut
    base = load_policy(tier.model, quantize=tier.quantize, thinking=settings.thinking)
    for part in (instructions, heldout[: tier.evaluation.instructions]):
        prompt_lengths(part, base.tokenizer).require_room(
            base.name, positions_of(base.model), tier.training.max_new_tokens
        )
    if before is None:
        before = responses(base, "base policy, held-out prompts", "before")
        if kept:
            row = {"run": identity, "responses": before, "cut": cut}
            write_text(kept, json.dumps(row, ensure_ascii=False) + "\n")
        if shared:
            shared.put(base_identity, BaseEvaluation(before, cut["before"]))
    job = TrainingJob(
        instructions,
        reward,
        tier.training,
        seed,
        budget=budget or Budget(),
        checkpoints=folder / "checkpoints" if folder else None,
        steps_path=folder / "steps.jsonl" if folder else None,
        thoughts=thoughts,
    )
    demands = unchecked(instructions, heldout)
    trained = train(base, job, on_step=on_step, progress=progress)
    after = responses(trained.policy, "trained policy, held-out prompts", "after")
    held = {"before": before, "after": after}
    nats = _surprises(
        trained.policy,
        {name: rescored(each, heldout, thoughts) for name, each in held.items()},
        tier.evaluation.batch,
        progress,
        known.surprise if known and known.responses == before else None,
    )
    if shared and "before" in cut and not (known and known.surprise):
        shared.put(base_identity, BaseEvaluation(before, cut["before"], tuple(nats["before"])))
    return RunRecord(
        name=record_name(tier, reward, seed),
        tier=tier.name,
        model=base.name,
        reward=reward.name,
        seed=seed,
        settings={
            "training": asdict(tier.training),
            "evaluation": asdict(tier.evaluation),
            "instructions": settings.instructions,
            "held_out": settings.held_out,
            **({"unmapped": demands} if demands else {}),
            "quantize": tier.quantize,
            "budget": asdict(budget) if budget else {},
            **settings.on_thoughts(),
            **({"own_reward": asdict(reward.source)} if reward.source else {}),
        },
        steps=trained.steps,
        before=before,
        after=after,
        seconds=trained.seconds,
        adapter_before=trained.adapter_before,
        adapter_after=trained.adapter_after,
        machine=machine(),
        versions=versions(),
        stopped_by=trained.stopped_by,
        cut=cut,
        surprise=nats,
    )


def _base_identity(settings: RunSettings, heldout: Sequence[Instruction]) -> dict[str, Any]:
    """All that the base policy's responses and their likelihood depend on, machine included."""
    tier, here = settings.tier, machine()
    return {
        "model": tier.model,
        "files": model_files(tier.model),
        "quantize": tier.quantize,
        "thinking": settings.thinking,
        "thoughts": settings.thoughts,
        "held_out": instructions_digest(heldout[: tier.evaluation.instructions]),
        "evaluation": asdict(tier.evaluation),
        "max_new_tokens": tier.training.max_new_tokens,
        "seed": settings.seed,
        "machine": {name: here[name] for name in ("processor", "threads", "gpu")},
        "versions": versions(),
    }


def _surprises(
    policy: Policy,
    rows: Mapping[str, list[Evaluated]],
    batch: int,
    progress: bool,
    before: Sequence[float] | None,
) -> dict[str, list[float]]:
    """What `RunRecord.surprise` keeps, measured with the adapter off and on.

    Args:
        policy: the trained policy.
        rows: the held-out responses ``before`` and ``after``.
        batch: responses in one forward pass.
        progress: show progress bars.
        before: the base policy's surprise at its own responses, if it is known.
    """

    def nats(name: str, by: str) -> list[float]:
        title = f"{name} training, by the {by} policy" if progress else None
        values = surprise(policy, rows[name], batch=batch, progress=title)
        return [round(value, 4) for value in values]

    with policy.model.disable_adapter():
        by_base = {
            name: list(before) if name == "before" and before is not None else nats(name, "base")
            for name in rows
        }
    return {**by_base, "own": nats("after", "trained")}


def _read_responses(path: Path, identity: dict[str, Any], cut: dict[str, float]) -> Responses:
    """The base policy's responses that an earlier call kept; their share cut goes into ``cut``."""
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        run, responses = dict(row["run"]), row["responses"]
        kept = tuple((str(id), str(response)) for id, response in responses)
        cut.update(row.get("cut", {}))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HpptError(
            f"{path} is damaged ({error}). Delete it: the base policy is then evaluated again."
        ) from error
    require_same_run(run, identity, path.parent)
    return kept


def run_and_write(
    settings: RunSettings,
    out: Path,
    *,
    fresh: bool = False,
    budget: Budget | None = None,
    base_folder: Path | None = None,
    notes: Mapping[str, Any] | None = None,
    progress: bool = True,
    show: Callable[[str], None] = print,
) -> tuple[Path, list[str]]:
    """Run an experiment and write its record; go on where an earlier call was stopped.

    Until the record is written, what is done is kept beside it in the folder ``NAME.run``, which is
    deleted then. Several processes that train together keep nothing: their run begins anew.

    Args:
        settings: all that decides it.
        out: a folder, or the record's own path, which ends with ``.json``.
        fresh: delete what an earlier call kept, and begin anew; a record of this name is replaced
            when the new one is there.
        budget: see `run`.
        base_folder: see `run`.
        notes: what the record's settings say besides, such as the arm of a sweep.
        progress: show progress bars.
        show: called with a line that says what is kept, and where.

    Returns:
        The record's path, and lines for a reader: rates before and after, and the time. With
        several processes the main one writes, and the others have nothing to say.

    Raises:
        HpptError: as `run`; the record is there already; another process does this run; or the
            record could not be written.
    """
    name = record_name(settings.tier, settings.named_reward(), settings.seed)
    if out.suffix == ".json":
        name, out = out.stem, out.parent
    finished = out / f"{name}.json"
    folder = None if process_count() > 1 else out / f"{name}.run"
    # A folder beside the record: --fresh was stopped, and goes on.
    if finished.exists() and not fresh and not (folder and folder.exists()):
        raise HpptError(
            f"{finished} is there already: this run was made. For another, give another --out; to "
            "make it anew, --fresh."
        )
    with only_writer(folder) if folder else nullcontext():
        if folder:
            if fresh:
                shutil.rmtree(folder, ignore_errors=True)
            show(
                f"kept in {folder} until the record is there; if stopped, the same command goes on"
            )
        elif is_main_process():
            show("several processes train: no checkpoints are kept, and a stopped run begins anew")
        record = run(
            settings,
            budget=budget,
            folder=folder,
            base_folder=base_folder,
            progress=progress and is_main_process(),
        )
        if not is_main_process():
            return out, []
        noted = {**record.settings, **(notes or {})}
        path = write_record(replace(record, name=name, settings=noted), out)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    return path, summary(record, held_out_instructions(settings.held_out))


def summary(record: RunRecord, heldout: Sequence[Instruction]) -> list[str]:
    """Lines for a reader: strict and guarded ISR and length, before and after, and the time."""
    lines = []
    for title, responses in (("before", record.before), ("after", record.after)):
        rows = rescored(responses, heldout, thought_marks(record.thoughts))
        strict, guarded = (isr(rows, guarded=each) for each in (False, True))
        words = mean_length(rows)
        line = f"{title:6}  strict ISR {strict}  guarded ISR {guarded}  {words:.1f} words"
        if title in record.cut:
            line += f", {record.cut[title]:.0%} cut at the token limit"
        lines.append(line)
    made = f"{len(record.steps)} steps in {record.seconds / 60:.1f} minutes"
    if record.stopped_by != "steps":
        planned = record.settings["training"]["steps"]
        made += f"; {planned} were planned, and the budget of {record.stopped_by} ran out"
    return [*lines, made]
