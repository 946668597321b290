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
    missing_note,
    rescored,
    response_pairs,
    share_cut,
)
from hppt_lib.files import check_writable, only_writer, write_text
from hppt_lib.identity import check_same, data_identity
from hppt_lib.instructions.model import Instruction
from hppt_lib.machine import is_main_process, machine, process_count, versions
from hppt_lib.policy.adapters import add_into_weights, is_adapter
from hppt_lib.policy.load import Policy, enough_memory, load_policy, model_identity
from hppt_lib.policy.merge import merge_adapter
from hppt_lib.records import RunRecord, Step, read_record, write_record
from hppt_lib.rewards import Reward
from hppt_lib.tiers import Tier
from hppt_lib.training.base_evaluation import BaseEvaluation, BaseEvaluations, Responses
from hppt_lib.training.checkpoints import require_same_run, run_identity
from hppt_lib.training.data import held_out_instructions, training_instructions, unchecked
from hppt_lib.training.preflight import (
    require_data,
    require_machine,
    require_model,
    with_judge,
)
from hppt_lib.training.settings import Budget, RunSettings
from hppt_lib.training.trackers import Reporting, trackers
from hppt_lib.training.trained_model import require_own_or_none, write_model
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
    on_trained: Callable[[RunRecord, Policy], None] | None = None,
    report_folder: Path | None = None,
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
        on_trained: called at the end with the record and the trained policy, to keep it.
        report_folder: for tensorboard's files, if the run reports there.
        progress: show progress bars.

    Raises:
        HpptError: the tier needs a GPU that is not here, a held-out prompt is trained on, there are
            too few instructions, the model cannot be loaded or asked or a prompt is too long for
            it, a judge does not answer (all this is known before anything is sampled), training
            fails, or the folder holds another run; the message says what to do.
    """
    tier, seed = settings.tier, settings.seed
    require_machine(settings)
    reward = settings.named_reward()
    thoughts = thought_marks(settings.thoughts)
    instructions = training_instructions(settings.instructions, reward)
    heldout = held_out_instructions(settings.held_out, instructions)
    require_data(instructions, tier.training)
    identity = _identity(settings, reward, instructions, heldout)
    kept = folder / "before.json" if folder else None
    cut: dict[str, float] = {}
    before, earlier = None, 0
    if kept and kept.exists():
        before, earlier = _read_responses(kept, identity, cut)

    def responses(policy: Policy, title: str, when: str) -> Responses:
        with enough_memory(f"evaluate the {title} (evaluation.batch, max_new_tokens)"):
            rows = evaluate(
                policy,
                heldout,
                tier.evaluation,
                max_new_tokens=tier.training.max_new_tokens,
                seed=seed,
                thoughts=thoughts,
                progress=title if progress else None,
                sampler=tier.training.sampler,
            )
        cut[when] = share_cut(rows)
        return response_pairs(rows)

    shared = BaseEvaluations(base_folder) if base_folder else None
    base_identity = _base_identity(settings, identity) if shared else {}
    known = shared.get(base_identity) if shared else None
    if before is None and known:
        before, cut["before"] = known.responses, known.cut
    require_model(settings, instructions, heldout[: tier.evaluation.instructions])
    reward = with_judge(reward, instructions)
    base = load_policy(tier.model, quantize=tier.quantize, thinking=settings.thinking)
    check_same(
        identity["model"],
        base.identity,
        what="model by now",
        where=tier.model,
        do="Its files changed while the run began: start again.",
    )
    if is_adapter(tier.model):
        base = replace(base, model=add_into_weights(base.model, Path(tier.model).expanduser()))
    if before is None:
        before = responses(base, "base policy, held-out prompts", "before")
        if shared:
            shared.put(base_identity, BaseEvaluation(before, cut["before"]))
    if kept:
        row = {"run": identity, "responses": before, "cut": cut, "processes": earlier + 1}
        write_text(kept, json.dumps(row, ensure_ascii=False) + "\n")
    job = TrainingJob(
        instructions,
        reward,
        tier.training,
        seed,
        budget=budget or Budget(),
        checkpoints=folder / "checkpoints" if folder else None,
        steps_path=folder / "steps.jsonl" if folder else None,
        thoughts=thoughts,
        report=Reporting(
            trackers(settings.report_to), record_name(tier, reward, seed), report_folder
        ),
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
    record = RunRecord(
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
        versions={**versions(), **({"model": base.revision} if base.revision else {})},
        stopped_by=trained.stopped_by,
        cut=cut,
        identity=identity,
        processes=earlier + 1 if kept else process_count(),
        surprise=nats,
    )
    if on_trained is not None:
        on_trained(record, trained.policy)
    return record


def _identity(
    settings: RunSettings,
    reward: Reward,
    instructions: Sequence[Instruction],
    heldout: Sequence[Instruction],
) -> dict[str, Any]:
    """What a run belongs to, before anything is loaded."""
    tier = settings.tier
    model = model_identity(tier.model, quantize=tier.quantize, thinking=settings.thinking)
    training = asdict(tier.training)
    return {
        **run_identity(model, reward.identity, settings.seed, training, instructions),
        "evaluation": asdict(tier.evaluation),
        "held_out": data_identity(heldout[: tier.evaluation.instructions]),
        "thoughts": settings.thoughts,
    }


def _refuse_to_replace(path: Path, settings: RunSettings) -> None:
    """Say whether a record that is there already is of this run.

    Raises:
        HpptError: always; the message says what differs, if anything does.
    """
    do = "For another run, give another --out; to make this one and replace it, --fresh."
    try:
        record = read_record(path)
    except HpptError as error:
        raise HpptError(f"{error} It is in the way of this run's record. {do}") from error
    if not record.identity:
        raise HpptError(
            f"{path} is there already, and was made before records kept what they belong to: "
            f"whether it is of this model and these instructions cannot be told. {do}"
        )
    reward = settings.named_reward()
    instructions = training_instructions(settings.instructions, reward)
    heldout = held_out_instructions(settings.held_out, instructions)
    now = _identity(settings, reward, instructions, heldout)
    steps = settings.tier.training.steps
    made = {**record.identity, "steps": record.settings["training"]["steps"]}
    check_same(made, {**now, "steps": steps}, what="run", where=path, do=do)
    raise HpptError(f"{path} is there already: this run was made. {do}")


def _base_identity(settings: RunSettings, run: Mapping[str, Any]) -> dict[str, Any]:
    """All that the base policy's responses and their likelihood depend on, machine included."""
    tier, here = settings.tier, machine()
    return {
        **{name: run[name] for name in ("model", "held_out", "evaluation", "thoughts")},
        "max_new_tokens": tier.training.max_new_tokens,
        "seed": settings.seed,
        **({"sampler": sampler} if (sampler := tier.training.sampler) != "kit" else {}),
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
        with enough_memory("read the responses again (evaluation.batch)"):
            values = surprise(policy, rows[name], batch=batch, progress=title)
        return [round(value, 4) for value in values]

    with policy.model.disable_adapter():
        by_base = {
            name: list(before) if name == "before" and before is not None else nats(name, "base")
            for name in rows
        }
    return {**by_base, "own": nats("after", "trained")}


def _read_responses(
    path: Path, identity: dict[str, Any], cut: dict[str, float]
) -> tuple[Responses, int]:
    """The base policy's responses that an earlier call kept, and how many calls there were.

    The responses' share cut goes into ``cut``.
    """
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        run, responses = dict(row["run"]), row["responses"]
        kept = tuple((str(id), str(response)) for id, response in responses)
        cut.update(row.get("cut", {}))
        processes = int(row.get("processes", 1))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HpptError(
            f"{path} is damaged ({error}). Delete it: the base policy is then evaluated again."
        ) from error
    require_same_run(run, identity, path.parent)
    return kept, processes


def run_and_write(
    settings: RunSettings,
    out: Path,
    *,
    fresh: bool = False,
    budget: Budget | None = None,
    merge: bool = False,
    command: str | None = None,
    base_folder: Path | None = None,
    notes: Mapping[str, Any] | None = None,
    progress: bool = True,
    show: Callable[[str], None] = print,
) -> tuple[Path, list[str]]:
    """Run an experiment and write its record and its model; go on where an earlier call stopped.

    The model is the folder ``NAME.model`` beside the record ``NAME.json``: the adapter and its card
    (`hppt_lib.training.trained_model`).

    Until the record is written, what is done is kept beside it in the folder ``NAME.run``, which is
    deleted then. Several processes that train together keep nothing: their run begins anew.

    Args:
        settings: all that decides it.
        out: a folder, or the record's own path, which ends with ``.json``.
        fresh: delete what an earlier call kept, and begin anew; a record of this name is replaced
            when the new one is there.
        budget: see `run`.
        merge: write the whole model too, with the adapter added in, as ``NAME.merged``.
        command: the command that made the run, for the model's card; None: it was made in Python.
        base_folder: see `run`.
        notes: what the record's settings say besides, such as the arm of a sweep.
        progress: show progress bars.
        show: called with a line that says what is kept, and where.

    Returns:
        The record's path, and lines for a reader: rates before and after, and the time. With
        several processes the main one writes, and the others have nothing to say.

    Raises:
        HpptError: as `run`; a record of this name is there already, of this run or of another;
            another process does this run; or a folder cannot be written or holds something else.
    """
    require_machine(settings)
    name = record_name(settings.tier, settings.named_reward(), settings.seed)
    if out.suffix == ".json":
        name, out = out.stem, out.parent
    finished = out / f"{name}.json"
    folder = None if process_count() > 1 else out / f"{name}.run"
    # A folder beside the record: --fresh was stopped, and goes on.
    if finished.exists() and not fresh and not (folder and folder.exists()):
        _refuse_to_replace(finished, settings)
    check_writable(out)
    model, merged = out / f"{name}.model", out / f"{name}.merged"
    for place in (model, merged):
        require_own_or_none(place)

    def keep(record: RunRecord, policy: Policy) -> None:
        """Write the model, before the record: whoever has that has the model too."""
        if not is_main_process():
            return
        held_out = held_out_instructions(settings.held_out)
        write_model(model, policy, replace(record, name=name), settings, held_out, command)
        shutil.rmtree(merged, ignore_errors=True)  # of a run before that --fresh replaces
        if merge:
            merge_adapter(model, merged)

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
            on_trained=keep,
            report_folder=(out / f"{name}.tensorboard").absolute(),
            progress=progress and is_main_process(),
        )
        if not is_main_process():
            return out, []
        noted = {**record.settings, **(notes or {})}
        path = write_record(replace(record, name=name, settings=noted), out)
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    lines = summary(record, held_out_instructions(settings.held_out))
    return path, [*lines, f"model: {model}", *([f"whole model: {merged}"] if merge else [])]


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
        if note := missing_note(rows):
            lines.append(f"        {note}")
    made = f"{len(record.steps)} steps in {record.seconds / 60:.1f} minutes"
    if record.stopped_by != "steps":
        planned = record.settings["training"]["steps"]
        made += f"; {planned} were planned, and the budget of {record.stopped_by} ran out"
    if record.processes is not None and record.processes > 1:
        made += f"; {record.processes} processes made it"
    return [*lines, made]
