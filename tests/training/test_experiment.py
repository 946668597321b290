"""An experiment: one record, which is the same however often the run was stopped on the way."""

from __future__ import annotations

import dataclasses
import itertools
import json
import pkgutil
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.satisfaction import evaluate, share_cut
from hppt_lib.files import only_writer, sha256
from hppt_lib.instructions import model as instructions
from hppt_lib.policy import Outline
from hppt_lib.policy.load import Policy, load_policy, model_identity, outline
from hppt_lib.records import RunRecord, Step, read_record, write_record
from hppt_lib.rewards import STRICT
from hppt_lib.tiers import EvaluationSettings, Tier
from hppt_lib.training import experiment, preflight
from hppt_lib.training.settings import Budget, RunSettings
from tests.helpers import untrusted
from tests.helpers.tiny import (
    SETTINGS,
    TEMPLATE,
    comparable,
    comparable_record,
    thinking_policy,
    tiny_folder,
    tiny_instructions,
    tiny_policy,
)

pytestmark = pytest.mark.slow

TRAINING = dataclasses.replace(SETTINGS, steps=3)
TIER = Tier("made", "a test", "tiny", TRAINING, EvaluationSettings(instructions=2, samples=3))
ASKED = {"hard_heldout": tiny_instructions()[2:], "hard_train": tiny_instructions()[:2]}
RUN = RunSettings(TIER, "strict", "hard_train", seed=4)


@pytest.fixture(autouse=True)
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Experiments with the tiny policy; the models that were loaded."""
    found: list[str] = []

    def made(thinking: bool | None) -> Policy:
        return tiny_policy() if thinking is None else thinking_policy(thinking=thinking)

    def load_policy(model: str, quantize: bool, thinking: bool | None) -> Policy:
        found.append(model)
        return made(thinking)

    def model_identity(model: str, quantize: bool, thinking: bool | None) -> dict[str, Any]:
        return {**made(thinking).identity, "quantized": quantize}

    monkeypatch.setattr(experiment, "load_policy", load_policy)
    monkeypatch.setattr(experiment, "model_identity", model_identity)

    def outline(model: str, *, thinking: bool | None) -> Outline:
        policy = made(thinking)
        return Outline("tiny", policy.tokenizer, policy.model.config.max_position_embeddings)

    monkeypatch.setattr(preflight, "outline", outline)
    monkeypatch.setattr(instructions, "shipped_instructions", ASKED.__getitem__)
    return found


def run(folder: Path | None = None, **changes: Any) -> RunRecord:
    options = ("base_folder", "on_step", "progress")
    others = {name: changes.pop(name) for name in options if name in changes}
    settings = dataclasses.replace(RUN, **changes)
    return experiment.run(settings, folder=folder, **({"progress": False} | others))


def test_an_experiment_is_a_record_that_can_be_made_again(tmp_path: Path) -> None:
    """Mistake: other instructions, or another seed, after training than before."""
    seen: list[Step] = []
    record = run(on_step=seen.append)
    assert record.name == experiment.record_name(TIER, STRICT, 4) == "made-strict-seed4"
    assert (record.tier, record.model, record.reward, record.seed) == ("made", "tiny", "strict", 4)
    assert record.settings["training"] == dataclasses.asdict(TRAINING)
    assert record.stopped_by == "steps"
    assert tuple(seen) == record.steps
    ids = ["milk"] * 3 + ["cup"] * 3
    assert [id for id, _ in record.before] == [id for id, _ in record.after] == ids
    assert record.before != record.after and record.adapter_before != record.adapter_after
    assert {id for step in record.steps for id, _ in step.responses} == {"tea", "bees"}
    expected = evaluate(
        tiny_policy(), ASKED["hard_heldout"], TIER.evaluation, max_new_tokens=10, seed=4
    )
    assert [text for _, text in record.before] == [each.response for each in expected]
    assert record.cut["before"] == share_cut(expected)
    assert set(record.cut) == {"before", "after"}
    assert all(step.cut is not None and 0 <= step.cut <= 1 for step in record.steps)
    shown = experiment.summary(
        dataclasses.replace(record, cut={"after": 0.5}), ASKED["hard_heldout"]
    )
    assert "cut" not in shown[0] and shown[1].endswith("words, 50% cut at the token limit")
    assert read_record(write_record(record, tmp_path)) == record


def test_what_a_record_says_of_thoughts() -> None:
    """Mistake: a record of a usual run that says more than the shipped ones do, or one whose
    thoughts are scored again with other marks than its run had."""
    usual = run()
    assert not {"thinking", "thoughts"} & set(usual.settings) and usual.thoughts == "known"
    thinks, whole = run(thinking=True), run(thinking=True, thoughts="none")
    assert thinks.settings["thinking"] is True and "thoughts" not in thinks.settings
    assert whole.settings["thoughts"] == whole.thoughts == "none"
    for record, begins in ((thinks, True), (whole, False)):
        rollouts = [pair for step in record.steps for pair in step.responses]
        for _, text in (*record.before, *record.after, *rollouts):
            assert text.startswith("<think>\n") == begins
    ended = [text for step in thinks.steps for _, text in step.responses if "</think>" in text]
    paid = sum(step.strict for step in thinks.steps) * TRAINING.rollouts
    assert paid <= len(ended) < sum(step.strict for step in whole.steps) * TRAINING.rollouts
    rates = [
        float(experiment.summary(each, ASKED["hard_heldout"])[0].split()[3])
        for each in (thinks, whole)
    ]
    assert rates[0] < rates[1], "scored again with the marks of its run"


def test_a_held_out_set_of_ones_own_is_evaluated_and_recorded(tmp_path: Path) -> None:
    """Mistake: numbers on hard_heldout for whoever gave another set."""
    own = [dataclasses.replace(each, id=f"own-{each.id}") for each in ASKED["hard_heldout"]]
    prompt = "Write about milk and honey . In verse ."
    own[0] = dataclasses.replace(own[0], prompt=prompt, unmapped=("In verse .",))
    held_out = str(tmp_path / "own.jsonl")
    instructions.write_instructions(held_out, own)
    settings = dataclasses.replace(RUN, held_out=held_out)
    path, lines = experiment.run_and_write(settings, tmp_path / "run.json", show=str)
    record = read_record(path)
    assert record.settings["held_out"] == held_out
    assert record.settings["unmapped"] == {"held_out": 1}
    assert [id for id, _ in record.after] == ["own-milk"] * 3 + ["own-cup"] * 3
    assert lines[1].startswith("after   strict ISR")
    usual = run().settings
    assert usual["held_out"] == "hard_heldout" and "unmapped" not in usual


def test_the_same_name_with_other_held_out_prompts_is_another_run(tmp_path: Path) -> None:
    """Mistake: a base policy evaluated on one set beside a trained one on another."""
    own = ASKED["hard_heldout"]
    held_out = str(tmp_path / "own.jsonl")
    instructions.write_instructions(held_out, own)
    run(tmp_path / "run", held_out=held_out)
    instructions.write_instructions(held_out, own[::-1])
    with pytest.raises(HpptError, match="another run, unfinished .held_out: there '2 in order"):
        run(tmp_path / "run", held_out=held_out)
    run(tmp_path / "run")  # what is evaluated is the same, under another name


def test_what_is_trained_on_is_not_evaluated_on(loaded: list[str]) -> None:
    with pytest.raises(HpptError, match="2 of the 2 held-out prompts of 'hard_train'"):
        run(held_out="hard_train")
    assert not loaded


@pytest.mark.parametrize("field", ["instructions", "held_out"])
def test_a_prompt_that_is_too_long_ends_a_run_before_anything_is_sampled(
    field: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: hours of sampling from a prompt that the model was not made for."""
    tea, bees = (dataclasses.replace(each, id=f"own-{each.id}") for each in tiny_instructions()[:2])
    long = dataclasses.replace(tea, id="long", prompt="sweet " * 2040)
    path = str(tmp_path / "own.jsonl")
    instructions.write_instructions(path, [long, bees])
    monkeypatch.setattr(experiment, "evaluate", None)
    other = {"instructions": "held_out", "held_out": "instructions"}[field]
    shipped = {"instructions": "hard_train", "held_out": "hard_heldout"}
    monkeypatch.setitem(ASKED, "hard_train", tiny_instructions()[2:])
    monkeypatch.setitem(ASKED, "hard_heldout", tiny_instructions()[3:])
    with pytest.raises(HpptError, match="'long' has 2042 tokens. tiny takes 2048 in all, and 10"):
        run(**{field: path, other: shipped[other]})


# --- going on -------------------------------------------------------------------------------------


class Stopped(Exception):
    """What a test stops a run with."""


def stop_at(patch: pytest.MonkeyPatch, target: str, calls: int) -> None:
    """Let ``target`` be called so often, and end the run at the next call."""
    real = pkgutil.resolve_name(target)
    number = itertools.count()

    def call(*arguments: Any, **options: Any) -> Any:
        if next(number) >= calls:
            raise Stopped
        return real(*arguments, **options)

    patch.setattr(target, call)


STOPS = [
    ("hppt_lib.training.trainer.sample_tokens", 0, 0),  # before there is a checkpoint
    ("hppt_lib.training.checkpoints.Checkpoints.save", 2, 2),
    ("hppt_lib.training.experiment.evaluate", 1, 3),  # training is done
]


@pytest.mark.parametrize(("target", "calls", "done"), STOPS)
def test_a_run_that_was_stopped_goes_on(
    target: str,
    calls: int,
    done: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Mistakes: an evaluation paid twice; chance that depends on whether it was."""
    whole = run()
    with monkeypatch.context() as patch:
        stop_at(patch, target, calls)
        with pytest.raises(Stopped):
            run(tmp_path)
    assert (tmp_path / "before.json").is_file()
    capsys.readouterr()
    stop_at(monkeypatch, "hppt_lib.training.experiment.evaluate", 1)  # the trained policy alone
    again = run(tmp_path, progress=True)
    said = capsys.readouterr().err
    assert (f"going on after step {done} of 3" in said) is (done > 0)
    assert comparable_record(again) == comparable_record(whole)
    assert (whole.processes, again.processes) == (1, 2)
    assert experiment.summary(again, ASKED["hard_heldout"])[2].endswith("2 processes made it")


OTHERS: list[tuple[dict[str, Any], str]] = [
    ({"seed": 5}, "seed: there 4, asked for 5"),
    ({"reward": "guarded"}, "reward.name: there 'strict', asked for"),
    (
        {"tier": dataclasses.replace(TIER, evaluation=EvaluationSettings(1, 1))},
        "evaluation.instructions: there 2, asked for 1; evaluation.samples: there 3, asked for 1",
    ),
    ({"tier": dataclasses.replace(TIER, quantize=True)}, "model.quantized: there False, asked"),
]


@pytest.mark.parametrize(("other", "message"), OTHERS)
def test_another_run_is_refused_before_anything_is_loaded(
    other: dict[str, Any], message: str, tmp_path: Path, loaded: list[str]
) -> None:
    """Mistake: one run's base policy beside another's steps, after minutes of evaluation."""
    run(tmp_path)
    loaded.clear()
    with pytest.raises(HpptError, match=f"{message}.*--out.*--fresh"):
        run(tmp_path, **other)
    assert not loaded


def test_a_run_may_be_prolonged(tmp_path: Path) -> None:
    shorter = dataclasses.replace(TIER, training=dataclasses.replace(TRAINING, steps=1))
    run(tmp_path, tier=shorter)
    assert comparable_record(run(tmp_path)) == comparable_record(run())


@pytest.mark.parametrize("text", ["", "[]", '{"run": 1, "responses": []}', '{"run": {}}'])
def test_damaged_responses_are_said(text: str, tmp_path: Path) -> None:
    """Mistake: a record whose base policy answered nothing."""
    (tmp_path / "before.json").write_text(text)
    with pytest.raises(HpptError, match="before.json is damaged.*Delete it"):
        run(tmp_path)


def test_runs_of_a_seed_share_the_base_policys_evaluation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: the base policy evaluated in every arm; of another seed, or by another length; or a
    record that differs because its run was not the first."""
    base, shorter = tmp_path / "base", dataclasses.replace(TRAINING, max_new_tokens=9)
    whole = run(reward="guarded")
    run(base_folder=base)
    [kept] = base.iterdir()
    with monkeypatch.context() as patch:
        stop_at(patch, "hppt_lib.training.experiment.evaluate", 1)  # the trained policy alone
        stop_at(patch, "hppt_lib.training.experiment.surprise", 2)  # what that one answered
        shared = run(reward="guarded", base_folder=base)
    assert comparable_record(shared) == comparable_record(whole)
    run(seed=5, base_folder=base)
    run(tier=dataclasses.replace(TIER, training=shorter), base_folder=base)
    assert len(list(base.iterdir())) == 3
    for damage in ("", "[]", '{"responses": []}'):
        kept.write_text(damage)
        again = run(reward="guarded", base_folder=base)
        assert comparable_record(again) == comparable_record(whole)
    assert json.loads(kept.read_text())["responses"]


# --- the record -----------------------------------------------------------------------------------


def write(out: Path, **options: Any) -> tuple[RunRecord, list[str]]:
    said: list[str] = []
    path, lines = experiment.run_and_write(RUN, out, **options, show=said.append)
    assert len(said) == 1 and f"kept in {path.with_suffix('.run')}" in said[0]
    left = sorted(each.name for each in path.parent.iterdir())
    assert left == [path.name, f"{path.stem}.model"], "nothing else is left"
    return read_record(path), lines


def test_a_record_says_what_stopped_its_run(tmp_path: Path) -> None:
    """Mistake: a run of one step that passes for one of three."""
    whole, lines = write(tmp_path / "whole")
    assert whole.name == "made-strict-seed4" and whole.stopped_by == "steps"
    assert lines[2].startswith("3 steps in ") and lines[2].endswith("minutes")
    short, lines = write(
        tmp_path / "a" / "short.json", budget=Budget(samples=2 * TRAINING.rollouts - 1)
    )
    assert short.name == "short" and short.stopped_by == "samples"
    assert comparable(short.steps) == comparable(whole.steps[:1])
    assert lines[2].endswith("3 were planned, and the budget of samples ran out")
    assert short.settings["budget"] == {"minutes": None, "samples": 15}


def test_fresh_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: checkpoints of the run that was to be forgotten."""
    with monkeypatch.context() as patch:
        stop_at(patch, "hppt_lib.training.checkpoints.Checkpoints.save", 2)
        with pytest.raises(Stopped):
            experiment.run_and_write(RUN, tmp_path, show=str)
    kept = tmp_path / "made-strict-seed4.run"
    names = sorted(each.name for each in kept.iterdir())
    assert names == ["before.json", "checkpoints", "steps.jsonl"]
    other = json.loads((kept / "before.json").read_text())
    other["run"]["seed"] = 9
    (kept / "before.json").write_text(json.dumps(other))
    with pytest.raises(HpptError, match="seed: there 9, asked for 4"):
        experiment.run_and_write(RUN, tmp_path, show=str)
    assert len(write(tmp_path, fresh=True)[0].steps) == 3


def test_a_finished_record_is_not_made_again_by_mistake(tmp_path: Path) -> None:
    """Mistake: the same command a second time, and the record of a weekend is gone."""
    write(tmp_path)
    record = tmp_path / "made-strict-seed4.json"
    found = record.read_bytes()
    with pytest.raises(HpptError, match="is there already: this run was made.*--out.*--fresh"):
        experiment.run_and_write(RUN, tmp_path, show=str)
    assert record.read_bytes() == found
    left = sorted(each.name for each in tmp_path.iterdir())
    assert left == [record.name, "made-strict-seed4.model"]
    record.write_text("old")
    assert len(write(tmp_path, fresh=True)[0].steps) == 3


def test_a_run_made_anew_goes_on_beside_the_old_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: the old record keeps a stopped --fresh from going on, or is lost before its time."""
    record = tmp_path / "made-strict-seed4.json"
    record.write_text("old")
    with monkeypatch.context() as patch:
        stop_at(patch, "hppt_lib.training.checkpoints.Checkpoints.save", 2)
        with pytest.raises(Stopped):
            experiment.run_and_write(RUN, tmp_path, fresh=True, show=str)
    assert record.read_text() == "old"
    assert len(write(tmp_path)[0].steps) == 3


def test_two_processes_do_not_share_a_run(tmp_path: Path) -> None:
    """Mistake: the same command twice at once, and checkpoints of both in turn."""
    with only_writer(tmp_path / "made-strict-seed4.run"):
        with pytest.raises(HpptError, match="Another process is writing .*made-strict-seed4.run"):
            experiment.run_and_write(RUN, tmp_path, show=str)


def test_several_processes_keep_nothing_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: each process writes over the others' checkpoints, or a promise to go on."""
    monkeypatch.setattr(experiment, "process_count", lambda: 2)
    folders: list[Path | None] = []
    whole = experiment.run

    def watched(*args: Any, folder: Path | None, **others: Any) -> RunRecord:
        folders.append(folder)
        return whole(*args, folder=folder, **others)

    monkeypatch.setattr(experiment, "run", watched)
    said: list[str] = []
    path, _ = experiment.run_and_write(RUN, tmp_path, show=said.append)
    assert folders == [None] and len(said) == 1 and "begins anew" in said[0]
    left = sorted(each.name for each in tmp_path.iterdir())
    assert left == [path.name, f"{path.stem}.model"]
    assert read_record(path).processes == 2


# --- another model, other data --------------------------------------------------------------------


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, loaded: list[str], tmp_path: Path) -> Path:
    """A model in a folder, which is really loaded."""
    monkeypatch.setattr(experiment, "load_policy", load_policy)
    monkeypatch.setattr(experiment, "model_identity", model_identity)
    monkeypatch.setattr(preflight, "outline", outline)
    return tiny_folder(tmp_path / "merged")


def of(folder: Path, **changes: Any) -> RunSettings:
    return dataclasses.replace(RUN, tier=dataclasses.replace(TIER, model=str(folder)), **changes)


def other_template(folder: Path) -> None:
    (folder / "chat_template.jinja").write_text(TEMPLATE.replace("<user>", "Do"))


@pytest.mark.parametrize(
    ("change", "part"),
    [(lambda folder: tiny_folder(folder, seed=1), "weights"), (other_template, "template")],
)
def test_a_stopped_run_does_not_go_on_with_another_model_in_its_folder(
    change: Any, part: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: killed, its weights overwritten, gone on: one record of two models."""
    with monkeypatch.context() as patch:
        stop_at(patch, "hppt_lib.training.checkpoints.Checkpoints.save", 2)
        with pytest.raises(Stopped):
            experiment.run(of(folder), folder=tmp_path / "run", progress=False)
    change(folder)
    message = rf"another run, unfinished \(model.{part}: there '\w{{12}}…', asked for '\w{{12}}…'\)"
    with pytest.raises(HpptError, match=message):
        experiment.run(of(folder), folder=tmp_path / "run", progress=False)
    (tmp_path / "run" / "before.json").unlink()  # the checkpoints know it too
    with pytest.raises(HpptError, match=message):
        experiment.run(of(folder), folder=tmp_path / "run", progress=False)


def test_a_record_says_whether_it_is_of_this_run(folder: Path, tmp_path: Path) -> None:
    """Mistake: "this run was made", when another model or other instructions were given."""

    def refused(settings: RunSettings) -> str:
        with pytest.raises(HpptError, match="--out.*--fresh") as error:
            experiment.run_and_write(settings, tmp_path, show=str)
        return str(error.value)

    path, _ = experiment.run_and_write(of(folder), tmp_path, show=str)
    record = read_record(path)
    assert record.identity["model"] == model_identity(folder) and record.processes == 1
    assert "this run was made" in refused(of(folder))
    assert "this run was made" in refused(of(folder.rename(tmp_path / "renamed")))
    other = refused(of(tiny_folder(folder, seed=1)))
    assert "holds another run (model.weights: there '" in other
    tiny_folder(folder)
    own = str(tmp_path / "own.jsonl")
    instructions.write_instructions(own, ASKED["hard_train"][::-1])
    assert "(instructions: there '2 in order, sha256" in refused(of(folder, instructions=own))
    instructions.write_instructions(own, ASKED["hard_heldout"][::-1])
    assert "(held_out: there '2 in order, sha256" in refused(of(folder, held_out=own))
    longer = dataclasses.replace(TIER, model=str(folder), training=SETTINGS)
    assert "(steps: there 3, asked for 2)" in refused(dataclasses.replace(RUN, tier=longer))
    write_record(dataclasses.replace(record, identity={}), tmp_path)
    assert "before records kept what they belong to" in refused(of(folder))
    path.write_text("half of a rec")
    assert "is not a run record" in refused(of(folder))


# --- a reward of one's own ------------------------------------------------------------------------


def test_a_record_names_the_own_function_and_its_file(tmp_path: Path) -> None:
    """Mistakes: a record of a reward that nobody can find again; half a run paid by other code."""
    path = tmp_path / "own_recorded.py"
    path.write_text("def f(prompt, response, instruction): return 1 / (1 + len(response))\n")
    own = {"reward": "own_recorded:f", "reward_folder": str(tmp_path)}
    record = run(**own)
    assert record.reward == "own_recorded:f" and record.name == "made-own-recorded-f-seed4"
    assert record.settings["own_reward"] == {
        "module": "own_recorded",
        "function": "f",
        "sha256": sha256(path),
        "beside": {},
    }
    assert read_record(write_record(record, tmp_path)) == record
    short = dataclasses.replace(TIER, training=dataclasses.replace(TRAINING, steps=1))
    run(tmp_path / "kept", tier=short, **own)
    path.write_text("def f(prompt, response, instruction): return 0.5\n")
    with pytest.raises(HpptError, match="reward.code: there '[0-9a-f]{12}…', asked for '"):
        run(tmp_path / "kept", **own)


def test_a_run_on_untrusted_code_shows_the_verdicts_that_it_did_not_give(
    monkeypatch: pytest.MonkeyPatch, code_allowed: None
) -> None:
    """Mistake: rollouts whose checker raised are trained on as failures, or a run that cannot be
    made again; or held-out responses without a verdict lower ISR and nobody is told.
    """
    asked = [
        dataclasses.replace(untrusted.instruction(untrusted.EVEN), id=f"c{n}", prompt=f"Write {n}.")
        for n in range(4)
    ]
    monkeypatch.setitem(ASKED, "hard_train", asked[:2])
    monkeypatch.setitem(ASKED, "hard_heldout", asked[2:])
    record = run()
    assert any(step.no_verdict for step in record.steps)
    assert all(0 <= step.reward <= 1 for step in record.steps)
    # EVEN passes what has an even number of words, and gives no verdict on the others
    assert {value for step in record.steps for value in step.pass_share.values()} <= {1.0}
    held = dataclasses.replace(record, after=(("c2", "a b"), ("c3", "odd")))
    lines = experiment.summary(held, asked[2:])
    assert any("1 of 2 responses hang on a constraint whose code gave no" in each for each in lines)
    assert comparable_record(run()) == comparable_record(record)
