"""The plan of a sweep: what is wrong with it is said with its line, before anything starts."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import write_instructions
from hppt_lib.training import sweep_plan
from hppt_lib.training.settings import Budget
from hppt_lib.training.sweep_plan import checked_runs, plan_table, read_plan, require_room
from tests.helpers.tiny import tiny_instructions

ARMS = "arms:\n  a: {reward: strict}\n  b: {reward: guarded}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.yaml"
    path.write_text(text)
    return path


WRONG = [
    ("", ": the plan must be a list in the form 'name: value'"),
    (f"sedes: 1\n{ARMS}", "line 1: there is no 'sedes' in a plan. Did you mean 'seeds'?"),
    (f"seeds: 1\ntraining: {{steps: 2}}\n{ARMS}", "line 2: .*settings stand under 'settings'"),
    (ARMS, "the plan has no 'seeds'"),
    ("seeds: 1\n", "the plan has no 'arms'"),
    ("seeds: 1\narms: {}\n", "line 2: 'arms' must be a list"),
    (f"seeds: 1 to 3\n{ARMS}", "line 1: 'seeds' are written as 100-107"),
    (f"seeds: 7-3\n{ARMS}", "line 1: '7-3' are no seeds"),
    (f"seeds: [1, 0-2]\n{ARMS}", "line 1: 'seeds' holds a seed twice"),
    (f"seeds: []\n{ARMS}", "line 1: 'seeds' is empty"),
    (f"seeds: 1\nthreads: 0\n{ARMS}", "line 2: 'threads' must be a whole number from 1 to 1024"),
    (f"seeds: 1\nnice: low\n{ARMS}", "line 2: 'nice' must be a whole number from 0 to 19"),
    (f"seeds: 1\nminutes: .nan\n{ARMS}", "line 2: 'minutes' must be a number"),
    (f"seeds: 1\n{ARMS}  a: {{}}\n", "line 5: 'a' is given twice"),
    (f"seeds: 1\n{ARMS}  A: {{reward: fractional}}\n", "line 5: 'A' and 'a' differ in capital"),
    (f"seeds: 1\n{ARMS}  c/d: {{}}\n", "line 5: 'c/d' cannot be an arm's name"),
    (f"seeds: 1\n{ARMS}  c: {{reward: strict}}\n", "line 5: 'c' has the same settings as 'a'"),
    (f"seeds: 1\n{ARMS}  c: {{seed: 3}}\n", "line 5: the seeds of all arms stand in 'seeds'"),
    (f"seeds: 1\n{ARMS}  c: {{rewrad: strict}}\n", "line 5: .*'rewrad'. Did you mean 'reward'"),
    (f"seeds: 1\n{ARMS}  c: {{reward: best}}\n", "line 5: There is no reward 'best'"),
    (f"seeds: 1\n{ARMS}  c: fast\n", "line 5: 'c' must be a list of settings"),
    (f"seeds: 1\n{ARMS}  c: e9/fast\n", "line 5: there is no plan e9.yaml beside this one"),
    (f"seeds: 1\n{ARMS}  c: ../fast\n", "line 5: 'c' must be a list of settings"),
    (f"seeds: 1\n{ARMS}  c: plan/d\n", "line 5: plan.yaml makes no arm 'd', but a, b"),
    (f"seeds: 1\n{ARMS}  c: plan/c\n", "line 5: plan.yaml makes no arm 'c', but a, b"),
    (f"seeds: 1\nsettings:\n  training: {{steps: 0}}\n{ARMS}", "line 3: 'training.steps' is 0"),
    ("seeds: [1\n", "not valid YAML"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_a_mistake_is_named_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(HpptError, match=f"plan.yaml.*{message}"):
        read_plan(written(tmp_path, text))


@settings(max_examples=50)
@given(st.text(max_size=60))
def test_any_text_is_a_plan_or_a_message(text: str) -> None:
    """Mistake: a traceback of PyYAML for a file that is no plan."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "plan.yaml"
        path.write_text(f"seeds: 1\narms:\n  a: {{reward: {text}}}\n", encoding="utf-8")
        try:
            read_plan(path)
        except HpptError as error:
            assert "plan.yaml" in str(error)


def test_runs_stand_seed_by_seed(tmp_path: Path) -> None:
    """Mistakes: a sweep stopped at half has one arm; a setting of one arm in another; a seed's data
    in all seeds."""
    text = "seeds: [100, 105-106]\nsettings:\n  tier: smoke\n  training: {steps: 3}\nminutes: 5\n"
    text += "threads: 2\narms:\n  plain:\n  long:\n    training: {steps: 9}\n    "
    plan = read_plan(written(tmp_path, text + "instructions: few-{seed}.jsonl\n"))
    assert [run.name for run in plan.runs] == [
        f"{arm}-seed{seed}" for seed in (100, 105, 106) for arm in ("plain", "long")
    ]
    assert plan.arms == ("plain", "long")
    assert (plan.threads, plan.nice, plan.budget) == (2, 10, Budget(minutes=5))
    plain, long = plan.runs[2:4]
    assert (plain.seed, plain.settings.seed, long.settings.seed) == (105, 105, 105)
    assert plain.settings.tier.training.steps == 3 and long.settings.tier.training.steps == 9
    assert plain.settings.instructions == "hard_train" and plain.by_seed == ()
    assert long.settings.instructions == "few-105.jsonl" and long.by_seed == ("instructions",)


def test_an_arm_of_another_plan_is_not_made_again(tmp_path: Path) -> None:
    """Mistakes: hours for runs that are there; an arm beside one of another learning rate, whose
    difference would be taken for the reward's, or that had less time; a seed that nobody made; the
    same runs under two names."""
    shared = "settings: {tier: smoke, training: {learning_rate: 3e-4}}\n"
    (tmp_path / "e9.yaml").write_text(f"seeds: 1-3\n{shared}{ARMS}")
    arms = "arms:\n  rules: e9/b\n  own: {reward: fractional}\n"
    primary = "primary: {arm: own, less: rules, outcome: strict}\n"
    plan = read_plan(written(tmp_path, f"seeds: 2-3\n{shared}{arms}{primary}"))
    assert [run.name for run in plan.runs] == ["own-seed2", "own-seed3"]
    assert [(run.arm, run.name, run.taken) for run in plan.taken] == [
        ("rules", "b-seed2", "e9/b"),
        ("rules", "b-seed3", "e9/b"),
    ]
    assert plan.taken[0].settings.reward == "guarded" and plan.primary is not None
    with pytest.raises(HpptError, match="line 4: e9/b has training.learning_rate=0.0003, and the"):
        read_plan(written(tmp_path, f"seeds: 2-3\nsettings: {{tier: smoke}}\n{arms}"))
    with pytest.raises(HpptError, match="line 5: e9/b has minutes=None, and .* say 5.0"):
        read_plan(written(tmp_path, f"seeds: 2-3\nminutes: 5\n{shared}{arms}"))
    with pytest.raises(HpptError, match="line 5: e9/b has threads=1, and .* say 2"):
        read_plan(written(tmp_path, f"seeds: 2-3\nthreads: 2\n{shared}{arms}"))
    with pytest.raises(HpptError, match="line 6: 'twice' and 'rules' are the same runs, e9/b"):
        read_plan(written(tmp_path, f"seeds: 2-3\n{shared}{arms}  twice: e9/b\n"))
    with pytest.raises(HpptError, match="line 4: e9/b has no seed 4"):
        read_plan(written(tmp_path, f"seeds: 2-4\n{shared}{arms}"))


@pytest.mark.slow
def test_every_run_is_checked_before_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: the last arm's file is missing, and a night is over before anybody learns it."""
    monkeypatch.chdir(tmp_path)
    write_instructions("held.jsonl", tiny_instructions()[2:])
    write_instructions("few-1.jsonl", tiny_instructions()[:2])
    text = "seeds: 1-2\nsettings: {tier: smoke, held_out: held.jsonl}\narms:\n  a:\n  b:\n    "
    plan = read_plan(written(tmp_path, text + "instructions: few-{seed}.jsonl\n"))
    with pytest.raises(HpptError, match=r"arm 'b', seed 2: Could not read few-2.jsonl"):
        checked_runs(plan)
    write_instructions("few-2.jsonl", tiny_instructions()[1:3])
    with pytest.raises(HpptError, match=r"arm 'b', seed 2: 1 of the 2 held-out prompts"):
        checked_runs(plan)
    write_instructions("few-2.jsonl", tiny_instructions()[1:2])
    checked = checked_runs(plan)
    assert len(checked) == 4 and checked[1].identity != checked[3].identity
    shown = plan_table(checked)
    assert "seeds: 1, 2" in shown and "few-1.jsonl" in shown and "all arms: " in shown


def test_more_runs_than_the_memory_holds_are_refused(tmp_path: Path) -> None:
    """Mistake: eight runs side by side, each of which fits alone."""
    [run] = checked_runs(read_plan(written(tmp_path, "seeds: 1\narms: {a: {tier: smoke}}\n")))
    room = dataclasses.replace(run.plan, available=int(2.5 * run.plan.peak))
    runs = [dataclasses.replace(run, plan=room)] * 4
    require_room(runs, 2)
    with pytest.raises(HpptError, match=r"3 runs side by side need .* Give --jobs 2\."):
        require_room(runs, 3)


def test_a_gpu_tier_is_checked_where_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: a login node without a GPU refuses what its workers can do; or starts it itself."""
    monkeypatch.setattr("hppt_lib.tiers.first_gpu_gib", lambda: 0.0)
    plan = read_plan(written(tmp_path, "seeds: 1\narms: {a: {tier: gpu-24gb}}\n"))
    assert len(sweep_plan.checked_runs(plan, here=False)) == 1
    with pytest.raises(HpptError, match="arm 'a', seed 1: Tier gpu-24gb needs an NVIDIA GPU"):
        checked_runs(plan)
