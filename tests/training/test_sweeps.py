"""A sweep: no run lost, none made twice, whatever is killed at whatever moment."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from filelock import FileLock

from hppt_lib.errors import HpptError
from hppt_lib.records import RunRecord, Step, read_record, write_record
from hppt_lib.training import sweeps
from hppt_lib.training.experiment import run_and_write
from hppt_lib.training.settings import Budget
from hppt_lib.training.sweep_plan import SweepPlan, checked_runs, read_plan
from hppt_lib.training.sweeps import read_sweep, state_of, sweep
from tests.helpers.sweeps import started, tiny_plan
from tests.helpers.tiny import comparable_record

PLAN = """
seeds: 100-102
settings: {tier: smoke}
arms:
  b: {reward: strict}
  a: {reward: guarded}
"""
ORDER = [f"{arm}-seed{seed}" for seed in (100, 101, 102) for arm in ("b", "a")]


@pytest.fixture
def plan(tmp_path: Path) -> SweepPlan:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    return read_plan(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out"


Making = Callable[[str], str]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> tuple[list[str], dict[str, Making]]:
    """Runs that take no time: the names of those that were made, and what some of them do."""
    names: list[str] = []
    special: dict[str, Making] = {}

    def make(folder: str, name: str, invocation: str, allow_code: bool) -> tuple[str, str]:
        names.append(name)
        files = sweeps._Files(Path(folder), name)
        outcome = special[name](name) if name in special else "done"
        if outcome == "done":
            write_record(_record(name), Path(folder))
        if outcome == "failed":
            files.write("failed", {"ended": time.time(), "reason": "no luck"})
        return name, outcome

    monkeypatch.setattr(sweeps, "_make", make)
    monkeypatch.setattr(sweeps, "_WAIT_SECONDS", 0.01)
    return names, special


def _record(name: str) -> RunRecord:
    arm, _, seed = name.partition("-seed")
    asked = (("topics", "Tea."),)
    step = Step(1, 0.5, 0.5, 0.5, 9.0, 0.25, 2.0, 0.1, 1.0, 2.0)
    made = {"arm": arm, "by_seed": ["instructions"], "instructions": f"few-{seed}"}
    return RunRecord(
        name, "smoke", "tiny", "strict", int(seed), made, (step,), asked, asked, 1.0, "a", "b"
    )


def test_the_runs_are_made_in_balance_and_only_once(
    plan: SweepPlan, folder: Path, made: tuple[list[str], dict[str, Making]]
) -> None:
    """Mistakes: one arm before the other; a second call that makes all runs again."""
    lines: list[str] = []
    state = sweep(plan, folder, show=lines.append)
    assert made[0] == ORDER and len(state.of("done")) == 6
    assert len(lines) == 6 and lines[0].startswith("done: b-seed100; 1 done, 0 running")
    sweep(plan, folder)
    assert made[0] == ORDER


def test_a_failed_run_stops_no_other_and_is_tried_again_last(
    plan: SweepPlan, folder: Path, made: tuple[list[str], dict[str, Making]]
) -> None:
    """Mistakes: a night lost to the first failure; a failure that is tried for ever; or never."""
    names, special = made
    special["b-seed100"] = lambda name: "failed"
    special["a-seed101"] = lambda name: "failed"
    lines: list[str] = []
    state = sweep(plan, folder, show=lines.append)
    assert names == ORDER and [run.name for run in state.of("failed")] == ["b-seed100", "a-seed101"]
    assert "failed: b-seed100: no luck (log: " in lines[0]
    assert "b-seed100: no luck" in state.as_table(1)
    (folder / "b-seed102.json").unlink()
    names.clear()
    sweep(plan, folder)
    assert names == ["b-seed102", "b-seed100", "a-seed101"]
    special.clear()
    names.clear()
    sweep(plan, folder)
    assert names == ["b-seed100", "a-seed101"]


def test_retry_failed_tries_once_more_at_the_end(
    plan: SweepPlan, folder: Path, made: tuple[list[str], dict[str, Making]]
) -> None:
    names, special = made
    special["b-seed100"] = lambda name: "failed"
    sweep(plan, folder, retry_failed=True)
    assert names == [*ORDER, "b-seed100"]


def test_a_run_that_another_sweep_makes_is_waited_for(
    plan: SweepPlan, folder: Path, made: tuple[list[str], dict[str, Making]]
) -> None:
    """Mistakes: the same run twice at once; a sweep that ends before its runs have."""
    names, special = made
    files = sweeps._Files(folder, "a-seed100")
    files.of("lock").parent.mkdir(parents=True)
    other = FileLock(files.of("lock"))
    other.acquire()
    assert [run.name for run in state_of(plan, folder).of("running")] == ["a-seed100"]

    def last(name: str) -> str:
        write_record(_record("a-seed100"), folder)
        other.release()
        return "done"

    special["a-seed102"] = last
    state = sweep(plan, folder)
    assert "a-seed100" not in names and len(state.of("done")) == 6


def test_locks_that_do_not_work_are_said(
    plan: SweepPlan, folder: Path, made: tuple[list[str], dict[str, Making]]
) -> None:
    """Mistake: a folder that only seems to be shared, and a sweep that goes round in circles."""
    made[1]["b-seed100"] = lambda name: "stopped"
    with pytest.raises(HpptError, match="locks do not work in"):
        sweep(plan, folder)


def test_other_settings_under_a_runs_name_are_refused(
    plan: SweepPlan, folder: Path, made: tuple[list[str], dict[str, Making]]
) -> None:
    """Mistake: an arm that is changed in the middle, and half of its seeds are of before."""
    sweep(plan, folder)
    plan.path.write_text(PLAN.replace("strict", "fractional"))
    with pytest.raises(HpptError, match="b-seed100 with other settings .*reward: there .*--out"):
        sweep(read_plan(plan.path), folder)
    for path in folder.glob("b-*.json"):
        path.unlink()
    plan.path.write_text(PLAN.replace("strict", "fractional").replace("102", "103") + "  c:\n")
    again = sweep(read_plan(plan.path), folder)
    assert len(again.of("done")) == 12, "seeds and arms may be added"


def test_the_time_left_is_that_of_finished_runs(plan: SweepPlan, folder: Path) -> None:
    """Mistake: hours left by a plan's estimate when the runs say otherwise."""
    assert "known when a run is finished" in state_of(plan, folder).as_line(1)
    planned = sweeps.planned_seconds(checked_runs(plan))
    assert "(computed, loading and evaluations apart" in state_of(plan, folder, planned).as_line(1)
    for name, seconds in {"b-seed100": 100.0, "a-seed100": 40.0}.items():
        write_record(_record(name), folder)
        sweeps._Files(folder, name).write("done", {"seconds": seconds})
    state = state_of(plan, folder, planned)
    assert state.seconds_left(1)[0] == 2 * 100 + 2 * 40
    assert state.seconds_left(2)[0] == 140
    assert "2 minutes left (from 2 finished runs, 2 side by side)" in state.as_line(2)
    lines = sweeps.forecast(plan, checked_runs(plan), folder, 2)
    assert lines[0].startswith("4 of 6 runs to make") and lines[2].startswith("disk: ")
    many = sweeps.forecast(plan, checked_runs(plan), folder, 1000)
    assert "1000 threads will share" in many[3] and "each run takes longer" in many[3]


def test_the_table_of_a_sweep_has_its_arms(
    plan: SweepPlan, folder: Path, made: tuple[list[str], dict[str, Making]], tmp_path: Path
) -> None:
    """Mistakes: arms by the alphabet, so that another is the baseline; each seed an arm of its own,
    for its data differ."""
    with pytest.raises(HpptError, match="holds no finished run of a sweep"):
        read_sweep(folder)
    sweep(plan, folder)
    held = {"id": "topics", "prompt": "Tea?", "query": "Tea?", "topic": ["tea"]}
    no_comma = {"id": "punctuation:no_comma", "kwargs": {}, "text": "No comma.", "kind": "hard"}
    path = tmp_path / "held.jsonl"
    path.write_text(json.dumps({**held, "constraints": [no_comma]}) + "\n")
    for record in folder.glob("*.json"):
        row = json.loads(record.read_text())
        row["settings"]["held_out"] = str(path)
        record.write_text(json.dumps(row))
    runs = read_sweep(folder)
    assert {arm: len(members) for arm, members in runs.arms.items()} == {"b": 3, "a": 3}
    assert list(runs.arms) == ["b", "a"]
    assert list(runs.table["arm"]) == ["b"] * 3 + ["a"] * 3


# --- real runs ------------------------------------------------------------------------------------


def alone(plan: SweepPlan, folder: Path) -> dict[str, RunRecord]:
    """The records of a plan's runs, made one after another without a sweep; no failing one."""
    return {
        run.name: read_record(
            run_and_write(
                run.settings,
                folder / f"{run.name}.json",
                budget=Budget(),
                notes={"arm": run.arm},
                progress=False,
                show=str,
            )[0]
        )
        for run in plan.runs
        if run.name != "bad-seed102"
    }


def records(folder: Path) -> dict[str, RunRecord]:
    return {path.stem: comparable_record(read_record(path)) for path in folder.glob("*.json")}


def parents(folder: Path) -> dict[int, tuple[str, int]]:
    """The living processes of a sweep's runs, with the run's name and the parent of each."""
    found = {}
    for each in psutil.process_iter(["cmdline", "ppid"]):
        line = each.info["cmdline"] or []
        if "hppt_lib.training.sweeps" in line and str(folder.resolve()) in line:
            found[each.pid] = line[4], each.info["ppid"]
    return found


def processes_of(folder: Path) -> list[int]:
    return list(parents(folder))


def progress(folder: Path) -> dict[str, float]:
    """What a sweep has done, by what a test waits for."""
    begun = [sweeps._Files(folder, each.stem) for each in folder.glob("*.run")]
    done = list(folder.glob("*.json"))
    return {
        "anything": time.monotonic(),
        "a run": max((each.stat().st_mtime for each in folder.glob("runs/*.running")), default=0.0),
        "a step": sum(map(sweeps._steps_made, begun)) + 4 * len(done),
        "a record": len(done),
    }


def until(condition: Callable[[], Any], seconds: float) -> bool:
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.slow
def test_killed_at_ten_moments_a_sweep_ends_as_one_left_alone(tmp_path: Path) -> None:
    """Mistakes: a run lost, made twice, or another than without the kill; processes that outlive
    their sweep; one failure that takes the others along."""
    path, out = tiny_plan(tmp_path), tmp_path / "out"
    expected = {
        name: comparable_record(record)
        for name, record in alone(read_plan(path), tmp_path / "alone").items()
    }
    chance = random.Random()
    moments = ["anything", "a run", "a step", "a step", "a record"] * 2
    chance.shuffle(moments)
    for number, moment in enumerate(moments):
        before = progress(out)
        sweeping = started(path, out, "--jobs", "2")
        until(lambda: progress(out)[moment] > before[moment] or sweeping.poll() is not None, 120)  # noqa: B023
        time.sleep(chance.uniform(0, 2))
        if number % 5 == 3 and processes_of(out):  # one run alone: the sweep goes on without it
            os.kill(chance.choice(processes_of(out)), signal.SIGKILL)
            time.sleep(chance.uniform(0, 2))
        sweeping.send_signal(signal.SIGINT if number % 5 == 4 else signal.SIGKILL)
        sweeping.communicate()
        assert until(lambda: not processes_of(out), 10), "runs outlive their sweep"
        made = records(out)
        assert made == {name: expected[name] for name in made}
    last = started(path, out, "--jobs", "2")
    said, _ = last.communicate()
    assert last.returncode == 1, said
    assert records(out) == expected
    assert "failed: bad-seed102: " in said and "made to fail" in said
    assert "11 done, 0 running, 1 failed, 0 left" in said
    models = {f"{name}.model" for name in expected}
    left = {each.name for each in out.iterdir() if each.suffix != ".json"}
    assert left == {"bad-seed102.run", "base", "runs", *models}
    assert len(list((out / "base").glob("[!.]*.json"))) == 4, (
        "an evaluation of the base policy a seed"
    )


@pytest.mark.slow
def test_a_run_that_is_killed_stops_no_other(tmp_path: Path) -> None:
    """Mistakes: the sweep ends with its first killed process; nothing says what killed it."""
    path, out = tiny_plan(tmp_path, seeds="100"), tmp_path / "out"
    sweeping = started(path, out)
    assert until(lambda: processes_of(out), 60)
    os.kill(processes_of(out)[0], signal.SIGKILL)
    said, _ = sweeping.communicate()
    assert sweeping.returncode == 1
    assert "2 done, 0 running, 1 failed, 0 left" in said
    assert "failed: slow-seed100: it was killed (signal 9; was the memory exhausted?)" in said


# --- several machines -----------------------------------------------------------------------------


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A Dask scheduler and two workers, each a process: its address, and the workers."""
    pytest.importorskip("distributed", reason="dask comes with the extra 'cluster'")
    file = tmp_path / "dask.json"
    log = open(tmp_path / "dask.log", "wb")  # noqa: SIM115
    environment = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "60"}

    def dask(*arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *arguments, "--scheduler-file", str(file)]
        return subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--no-dashboard"],
            env=environment,
            cwd=tmp_path,
            stdout=log,
            stderr=log,
        )

    scheduler = dask("scheduler", "--port", "0")
    assert until(file.exists, 60)
    workers = [dask("worker", "--nthreads", "1", "--no-nanny") for _ in range(2)]
    yield f"file:{file}", workers
    for process in (*workers, scheduler):
        process.terminate()
    for process in (*workers, scheduler):
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    log.close()


@pytest.mark.slow
def test_a_worker_that_dies_in_the_middle_of_a_run_loses_nothing(
    cluster: tuple[str, list[subprocess.Popen[bytes]]], tmp_path: Path
) -> None:
    """Mistakes: a run lost with its worker; its process that goes on beside its successor's; a
    record that differs from one made without a break."""
    address, workers = cluster
    path, out = tiny_plan(tmp_path, seeds="100-101"), tmp_path / "out"
    expected = {
        name: comparable_record(record)
        for name, record in alone(read_plan(path), tmp_path / "alone").items()
    }
    sweeping = started(path, out, "--scheduler", address)

    def in_training() -> list[int]:
        """The parents of the runs that have made a step."""
        stepping = [each.parent.stem for each in out.glob("*.run/steps.jsonl")]
        runs = dict(parents(out).values())
        return [runs[name] for name in stepping if name in runs]

    assert until(in_training, 120), sweeping.communicate()
    [victim] = [each for each in workers if each.pid == in_training()[0]]
    victim.kill()
    said, _ = sweeping.communicate()
    assert sweeping.returncode == 0, said
    assert "6 done, 0 running, 0 failed, 0 left" in said
    assert records(out) == expected
    logs = [(out / "runs" / f"{name}.log").read_text() for name in expected]
    assert sorted(log.count("--- ") for log in logs) == [1] * 5 + [2], "one run was begun twice"
    assert sum("2 side by side" in line for line in said.splitlines()) > 0


def test_a_scheduler_that_is_not_there_is_said(
    plan: SweepPlan, folder: Path, tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="dask comes with the extra 'cluster'")
    with pytest.raises(HpptError, match="Could not reach a Dask scheduler at file:.*dask worker"):
        sweep(plan, folder, scheduler=f"file:{tmp_path / 'none.json'}")


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="no autogroups here")
def test_a_run_stands_behind_other_sessions() -> None:
    """Mistake: a nice number that Linux compares within the run's own session alone."""
    said = "from hppt_lib.training.sweeps import _behind_others as f; f(7); "
    said += "print(open('/proc/self/autogroup').read())"
    command = [sys.executable, "-c", said]
    done = subprocess.run(command, start_new_session=True, capture_output=True, text=True)
    assert done.stdout.strip().endswith("nice 7")
