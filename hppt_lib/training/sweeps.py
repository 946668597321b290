"""Sweeps: the runs of a plan (arms × seeds), side by side, resumable at any moment.

Each run is a process of its own. What there is of a sweep is what lies in its folder, so that the
same call goes on after a kill at any moment:

* ``NAME.json``: the record of a finished run (``NAME`` is ``ARM-seedSEED``);
* ``NAME.run/``: checkpoints of a run on its way (`hppt_lib.training.experiment`);
* ``base/``: evaluations of the base policy, which the arms of a seed share;
* ``runs/NAME.*``: the run's settings, its log, its lock, and whether it failed.

Two locks, both of the operating system, which lets go of them when a process ends, however it ends:
a run holds its own, so that two sweeps in one folder share the work and never make the same run;
and a sweep holds one, which its runs watch: they end when it does.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import shutil
import subprocess
import sys
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

from hppt_lib.errors import HpptError, missing
from hppt_lib.evaluation import Runs, read_runs
from hppt_lib.files import write_text
from hppt_lib.sandbox import allow_untrusted_code, is_allowed, report
from hppt_lib.terminal import as_text, one_line, table
from hppt_lib.training.plan import GIB
from hppt_lib.training.settings import Budget, Change, run_settings
from hppt_lib.training.sweep_plan import (
    CheckedRun,
    SweepPlan,
    checked_runs,
    checkpoint_bytes,
    cores,
    model_bytes,
    record_bytes,
    require_room,
)

State = Literal["done", "running", "failed", "left"]
Outcome = Literal["done", "failed", "busy", "stopped"]

_BUSY, _STOPPED = 75, 76  # exit statuses of a run: another makes it; its sweep is gone
_WATCH_SECONDS = 0.5
_LOCK_SECONDS = 2.0  # a run whose sweep is gone lets go of its lock within less
_WAIT_SECONDS = 2.0
_COLLAPSES = 5
_LOG_BYTES = 4000
_ALLOW = "--allow-untrusted-code"


# --- what lies on the disk ------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class RunState:
    """One run of a sweep, as it lies on the disk.

    Attributes:
        name: ``ARM-seedSEED``.
        arm: its arm.
        seed: its seed.
        state: ``done``, ``running``, ``failed`` or ``left``.
        steps: the steps that are made, checkpoint or not.
        of: the steps that it is to make.
        seconds: wall-clock time of a finished run that was made in one piece; else None.
        began: when a running one began, in seconds since 1970.
        failed: when a failed one ended, in the same.
        reason: why it failed: the last line of its log.
        log: its log.
    """

    name: str
    arm: str
    seed: int
    state: State
    steps: int
    of: int
    seconds: float | None = None
    began: float | None = None
    failed: float | None = None
    reason: str = ""
    log: Path | None = None


@dataclasses.dataclass(frozen=True)
class SweepState:
    """Where a sweep stands.

    Attributes:
        folder: its folder.
        runs: its runs, in the order in which they are made.
        planned_seconds: by run, the time of training that its plan computes; for as long as no run
            is finished.
    """

    folder: Path
    runs: tuple[RunState, ...]
    planned_seconds: Mapping[str, float] = dataclasses.field(default_factory=dict)

    def of(self, state: State) -> tuple[RunState, ...]:
        """The runs in one state."""
        return tuple(run for run in self.runs if run.state == state)

    def seconds_left(self, jobs: int) -> tuple[float, str]:
        """The time until all is done, without the failed ones, and what it stands on.

        It is NaN if nothing is known.

        Args:
            jobs: runs side by side.
        """
        whole = [run for run in self.of("done") if run.seconds]
        every = [run.seconds or 0.0 for run in whole]

        def usual(run: RunState) -> float:
            arm = [each.seconds or 0.0 for each in whole if each.arm == run.arm]
            if arm or every:
                return sum(arm or every) / len(arm or every)
            return self.planned_seconds.get(run.name, math.nan)

        now = time.time()
        left = sum(map(usual, self.of("left")))
        left += sum(max(0.0, usual(run) - (now - (run.began or now))) for run in self.of("running"))
        if every:
            basis = f"from {len(every)} finished run{'s' * (len(every) > 1)}"
        else:
            basis = "computed, loading and evaluations apart"
        return left / max(1, min(jobs, len(self.of("left")) + len(self.of("running")))), basis

    def as_line(self, jobs: int) -> str:
        """How many runs are in each state, and the time left, in a line."""
        states: tuple[State, ...] = ("done", "running", "failed", "left")
        line = ", ".join(f"{len(self.of(state))} {state}" for state in states)
        if self.of("left") or self.of("running"):
            seconds, basis = self.seconds_left(jobs)
            if math.isnan(seconds):
                return line + "; the time left is known when a run is finished"
            line += f"; {duration(seconds)} left ({basis}, {jobs} side by side)"
        return line

    def as_table(self, jobs: int) -> str:
        """A row an arm, then each run that is on its way or failed, then the line."""
        rows: list[Sequence[object] | None] = []
        for arm in dict.fromkeys(run.arm for run in self.runs):
            own = [run for run in self.runs if run.arm == arm]
            rows.append(
                [arm]
                + [
                    sum(run.state == state for run in own)
                    for state in ("done", "running", "failed", "left")
                ]
            )
        parts: list[Any] = [table(["arm", "done", "running", "failed", "left"], rows)]
        for run in self.runs:
            if run.state == "running" or (run.state == "left" and run.steps):
                word = "running" if run.state == "running" else "begun"
                parts.append(f"{word}: {run.name}, {run.steps} of {run.of} steps")
        for run in self.of("failed"):
            parts.append(f"failed: {run.name}: {run.reason} (log: {run.log})")
        return as_text(*parts, self.as_line(jobs))

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        runs = [{**dataclasses.asdict(run), "log": str(run.log)} for run in self.runs]
        return {"folder": str(self.folder), "runs": runs}


def duration(seconds: float) -> str:
    """A length of time in words."""
    if seconds < 90:
        return f"{max(1, round(seconds))} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def forecast(plan: SweepPlan, checked: Sequence[CheckedRun], folder: Path, jobs: int) -> list[str]:
    """Lines on what the runs that are left will take: their number, hours and disk.

    Args:
        plan: the plan.
        checked: its runs (`checked_runs`).
        folder: the sweep's folder.
        jobs: runs side by side.
    """
    state = state_of(plan, folder, planned_seconds(checked))
    left = [each for each in checked if each.run.name not in {run.name for run in state.of("done")}]
    seconds, basis = state.seconds_left(jobs)
    sizes = [(state.folder / f"{run.name}.json").stat().st_size for run in state.of("done")]
    usual = sum(sizes) // len(sizes) if sizes else 0
    records = sum(usual or record_bytes(each.run.settings) for each in left)
    models = sum(map(model_bytes, left))
    checkpoints = jobs * max(map(checkpoint_bytes, left), default=0)
    there = next(each for each in (state.folder, *state.folder.parents) if each.exists())
    free = shutil.disk_usage(there).free
    needed = records + models + checkpoints
    lines = [
        f"{len(left)} of {len(checked)} runs to make, in {state.folder}",
        f"time: {duration(seconds)} with {jobs} side by side ({basis})",
        f"disk: {_size(records)} of records at most, {_size(models)} of trained adapters, and "
        f"{_size(checkpoints)} of checkpoints while runs are on their way; {_size(free)} are free",
    ]
    if taken := {run.arm: run.taken for run in plan.taken}:
        lines.append("not made again: " + ", ".join(f"{arm} is {of}" for arm, of in taken.items()))
    threads, there_are = jobs * plan.threads, cores()
    if threads > there_are:
        lines.append(f"{threads} threads will share {there_are} cores: each run takes longer")
    if needed > free:
        lines.append(f"this will not do: {_size(needed)} are needed on the disk")
    return lines


def _size(count: int) -> str:
    return f"{count / GIB:.1f} GiB" if count >= GIB / 10 else f"{count / 2**20:.1f} MiB"


@dataclasses.dataclass(frozen=True)
class _Files:
    """The files of one run."""

    folder: Path
    name: str

    def of(self, kind: str) -> Path:
        return self.folder / "runs" / f"{self.name}.{kind}"

    @property
    def record(self) -> Path:
        return self.folder / f"{self.name}.json"

    @property
    def kept(self) -> Path:
        return self.folder / f"{self.name}.run"

    def read(self, kind: str) -> dict[str, Any]:
        try:
            row = json.loads(self.of(kind).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return row if isinstance(row, dict) else {}

    def write(self, kind: str, row: dict[str, Any]) -> None:
        write_text(self.of(kind), json.dumps(row, ensure_ascii=False, indent=1) + "\n")

    def last_line(self) -> str:
        """The last line of the log that says something."""
        try:
            with open(self.of("log"), "rb") as stream:
                stream.seek(max(0, self.of("log").stat().st_size - _LOG_BYTES))
                text = stream.read().decode("utf-8", "replace")
        except OSError:
            return ""
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return one_line(lines[-1].removeprefix("hppt: "), 300) if lines else ""


def state_of(
    plan: SweepPlan, folder: Path, planned_seconds: Mapping[str, float] | None = None
) -> SweepState:
    """Where a sweep stands, by what lies in its folder.

    Args:
        plan: its plan.
        folder: its folder.
        planned_seconds: see `SweepState`.
    """
    runs = []
    for run in plan.runs:
        files = _Files(folder, run.name)
        steps = run.settings.tier.training.steps
        state = RunState(run.name, run.arm, run.seed, "left", 0, steps, log=files.of("log"))
        if files.record.exists():
            seconds = files.read("done").get("seconds")
            state = dataclasses.replace(state, state="done", steps=steps, seconds=seconds)
        else:
            state = dataclasses.replace(state, steps=_steps_made(files))
            if _held(files.of("lock")):
                began = files.read("running").get("began")
                state = dataclasses.replace(state, state="running", began=began)
            elif failed := files.read("failed"):
                reason, ended = str(failed.get("reason")), float(failed.get("ended", 0))
                state = dataclasses.replace(state, state="failed", reason=reason, failed=ended)
        runs.append(state)
    return SweepState(folder, tuple(runs), planned_seconds or {})


def planned_seconds(checked: Sequence[CheckedRun]) -> dict[str, float]:
    """By run, the time of training that its plan computes."""
    return {each.run.name: each.plan.seconds for each in checked}


def _steps_made(files: _Files) -> int:
    try:
        return (files.kept / "steps.jsonl").read_bytes().count(b"\n")
    except OSError:
        return 0


def read_sweep(folder: str | Path) -> Runs:
    """The finished runs of a sweep: a pandas table, and arms for the kit's figures.

    The arms are called as in the plan, and stand in its order::

        runs = read_sweep("build/sweeps/mine")
        runs.table                     # one row a run
        draw_runs(runs, "pictures")    # hppt_lib.figures

    Raises:
        HpptError: the folder holds no finished run, or none that can be read.
    """
    records = sweep_records(folder)
    if not records:
        raise HpptError(f"{folder} holds no finished run of a sweep.")
    return read_runs(*records)


def sweep_records(folder: str | Path) -> list[Path]:
    """The records in a sweep's folder, arm by arm in its plan's order; none in any other folder."""
    found = []
    for path in (Path(folder) / "runs").glob("*.settings"):
        files = _Files(Path(folder), path.name.removesuffix(".settings"))
        if files.record.exists() and (spec := files.read("settings")):
            found.append((spec["place"], files.record))
    return [record for _, record in sorted(found)]


# --- running --------------------------------------------------------------------------------------


def sweep(
    plan: SweepPlan,
    folder: Path,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    retry_failed: bool = False,
    show: Callable[[str], None] = print,
) -> SweepState:
    """Make the runs of a plan that are not made yet.

    A run that fails stops no other; it is tried again by the next call, after all others. Runs that
    another sweep in the same folder makes at the time are left to it, and waited for.

    Args:
        plan: the plan.
        folder: the sweep's folder.
        jobs: runs side by side on this machine. On a GPU they share it.
        scheduler: address of a Dask scheduler (``tcp://HOST:8786``), or ``file:PATH`` of its
            scheduler file: its workers make the runs, as many at a time as they have threads. They
            must see the folder under the same path.
        retry_failed: try each run that fails once more, at the end.
        show: called with a line for each run that ends.

    Raises:
        HpptError: a run cannot be made (`checked_runs`), the folder holds runs of other settings,
            the memory does not hold so many runs, the scheduler cannot be reached, or its workers
            die again and again.
    """
    folder = folder.resolve()
    checked = checked_runs(plan, here=scheduler is None)
    if scheduler is None:
        require_room(checked, jobs)
    _write_settings(plan, checked, folder)
    planned = planned_seconds(checked)
    began, tried, collapses = time.time(), dict[str, int](), 0
    with _invocation(folder) as invocation, _workers(scheduler, jobs) as (backend, side_by_side):
        while True:
            state = state_of(plan, folder, planned)
            failed = [
                run
                for run in state.of("failed")
                if (run.failed or 0.0) < began or (retry_failed and tried.get(run.name, 0) == 1)
            ]
            todo = [run.name for run in (*state.of("left"), *failed)]
            if not todo:
                if not state.of("running"):
                    break
                time.sleep(_WAIT_SECONDS)  # another sweep makes them
                continue
            ended = 0
            try:
                for name, outcome in _side_by_side(backend, side_by_side, folder, todo, invocation):
                    if outcome == "busy":
                        continue
                    if outcome == "stopped":
                        raise HpptError(
                            f"{name} did not see that this sweep holds {invocation}: locks do not "
                            f"work in {folder}, or other machines have another folder there. "
                            "Choose one on a file system that they share, with locks."
                        )
                    ended += 1
                    tried[name] = tried.get(name, 0) + 1
                    state = state_of(plan, folder, planned)
                    line = f"{outcome}: {name}"
                    if outcome == "failed":
                        [run] = [each for each in state.runs if each.name == name]
                        line += f": {run.reason} (log: {run.log})"
                    show(f"{line}; {state.as_line(side_by_side)}")
            except _collapse_errors() as error:
                collapses = 0 if ended else collapses + 1
                if collapses >= _COLLAPSES:
                    raise HpptError(
                        f"The workers died {collapses} times without an end of a run ({error})."
                    ) from error
                show(f"a worker died ({type(error).__name__}); going on with what is left")
            else:
                if not ended:
                    time.sleep(_WAIT_SECONDS)
    _tidy(state, folder)
    return state


def _write_settings(plan: SweepPlan, checked: Sequence[CheckedRun], folder: Path) -> None:
    """Write what each run needs to know; refuse a folder with other runs under their names."""
    arms = list(plan.arms)
    rows = {}
    for number, each in enumerate(checked):
        run, files = each.run, _Files(folder, each.run.name)
        identity = json.loads(json.dumps(each.identity, default=str))
        there = files.read("settings").get("identity", identity)
        differing = [
            f"{name}: there {there.get(name)!r}, planned {identity.get(name)!r}"
            for name in sorted({*there, *identity})
            if there.get(name) != identity.get(name)
        ]
        if differing and (files.record.exists() or files.kept.exists()):
            raise HpptError(
                f"{folder} holds a run {run.name} with other settings ({'; '.join(differing)}). "
                "Give the arm another name, or the sweep another folder (--out); or delete "
                f"{files.record.name} and {files.kept.name} there."
            )
        rows[run.name] = {
            "arm": run.arm,
            "seed": run.seed,
            "place": [arms.index(run.arm), number],
            "by_seed": list(run.by_seed),
            "tier": run.settings.tier.name,
            "changes": [
                [change.field, change.value, change.where, str(Path(change.folder).resolve())]
                for change in run.changes
            ],
            "budget": dataclasses.asdict(plan.budget),
            "threads": plan.threads,
            "nice": plan.nice,
            "started_in": str(Path.cwd()),
            "identity": identity,
        }
    for name, row in rows.items():
        files = _Files(folder, name)
        if files.read("settings") != row:
            files.write("settings", row)


@contextmanager
def _invocation(folder: Path) -> Iterator[str]:
    """Hold a lock of this sweep's own, by whose end its runs see that it is gone."""
    from filelock import FileLock

    for old in (folder / "runs").glob("sweep-*.alive"):
        if not _held(old):
            old.unlink(missing_ok=True)
    path = folder / "runs" / f"sweep-{uuid.uuid4().hex[:12]}.alive"
    lock = FileLock(path, timeout=0)
    lock.acquire()
    try:
        yield str(path)
    finally:
        lock.release()
        path.unlink(missing_ok=True)


def _held(path: Path) -> bool:
    """Whether some process holds this lock."""
    from filelock import FileLock, Timeout

    if not path.exists():
        return False
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        return True
    lock.release()
    return False


@contextmanager
def _workers(scheduler: str | None, jobs: int) -> Iterator[tuple[str, int]]:
    """Joblib's backend, and how many runs it makes at a time.

    Here threads suffice, for each only waits for the process of its run, and nothing that dies can
    take the sweep along.
    """
    if scheduler is None:
        yield "threading", jobs
        return
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise missing(error.name or "distributed") from error
    file = Path(scheduler.removeprefix("file:")) if scheduler.startswith("file:") else None
    try:
        if file and not file.exists():  # a client would wait for it for ever
            raise OSError("there is no such file")
        client = Client(scheduler_file=str(file)) if file else Client(scheduler)
    except (OSError, ValueError) as error:
        raise HpptError(
            f"Could not reach a Dask scheduler at {scheduler} ({error}). Start one with 'dask "
            "scheduler', and workers with 'dask worker ADDRESS --nthreads 1'."
        ) from error
    with client:
        yield "dask", max(1, sum(client.ncores().values()))


def _collapse_errors() -> tuple[type[BaseException], ...]:
    """What joblib raises when a worker that it needed is gone."""
    if "distributed" not in sys.modules:
        return ()
    from asyncio import CancelledError

    from distributed.client import FutureCancelledError
    from distributed.scheduler import KilledWorker

    return (KilledWorker, FutureCancelledError, CancelledError)


def _side_by_side(
    backend: str, jobs: int, folder: Path, names: Sequence[str], invocation: str
) -> Iterator[tuple[str, Outcome]]:
    """Make runs, as many at a time as there are jobs; each as soon as it has ended."""
    from joblib import Parallel, delayed, parallel_config

    with parallel_config(backend=backend, n_jobs=jobs):
        # One at a time, and none before it is its turn: the order keeps the arms in balance.
        parallel = Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="n_jobs")
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*have been cancelled", UserWarning)  # Ctrl-C
            yield from parallel(
                delayed(_make)(str(folder), name, invocation, is_allowed()) for name in names
            )


def _make(folder: str, name: str, invocation: str, allow_code: bool) -> tuple[str, Outcome]:
    """Make one run in a process of its own, and say how it ended. A worker calls this.

    Args:
        folder: the sweep's folder.
        name: the run's name.
        invocation: the lock that the sweep holds.
        allow_code: whether the sweep was allowed to run a data set's own code. No file says so: it
            holds for this call alone.
    """
    files = _Files(Path(folder), name)
    if files.record.exists():
        return name, "done"
    if _held(files.of("lock")):
        return name, "busy"
    spec = files.read("settings")
    threads = str(spec["threads"])
    environment = {
        **os.environ,
        **dict.fromkeys(_THREADS, threads),
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "PYTHONUNBUFFERED": "1",
    }
    here = spec["started_in"] if Path(spec["started_in"]).is_dir() else None
    command = [sys.executable, "-m", "hppt_lib.training.sweeps", folder, name, invocation]
    with open(files.of("log"), "ab") as log:
        log.write(f"--- {time.strftime('%Y-%m-%d %H:%M:%S')} {_host()}\n".encode())
        log.flush()
        child = subprocess.Popen(
            [*command, str(os.getpid()), *([_ALLOW] if allow_code else [])],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=here,
            start_new_session=True,  # Ctrl-C reaches the sweep alone, which ends its runs
        )
        status = child.wait()
    if files.record.exists():
        return name, "done"
    if status in (_BUSY, _STOPPED):
        return name, "busy" if status == _BUSY else "stopped"
    if status < 0:
        reason = f"it was killed (signal {-status}"
        reason += "; was the memory exhausted?)" if status == -9 else ")"
    else:
        reason = files.last_line() or f"it ended with status {status}"
    files.write("failed", {"ended": time.time(), "status": status, "reason": reason})
    return name, "failed"


_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def _host() -> str:
    import platform

    return platform.node()


def _tidy(state: SweepState, folder: Path) -> None:
    """Remove what killed processes left half-written, if nobody is at work."""
    if state.of("running"):
        return
    for run in state.of("done"):
        files = _Files(folder, run.name)
        shutil.rmtree(files.kept, ignore_errors=True)
        for part in folder.glob(f".{files.record.name}.*.part"):
            part.unlink(missing_ok=True)


# --- in the process of a run ----------------------------------------------------------------------


def _run(folder: str, name: str, invocation: str, parent: int, *, allow_code: bool) -> int:
    """Make a run, in this process; the exit status."""
    from filelock import FileLock, Timeout

    if allow_code:
        allow_untrusted_code()
    files = _Files(Path(folder), name)
    if not _held(Path(invocation)):
        print("the sweep is gone")
        return _STOPPED
    threading.Thread(target=_watch, args=(Path(invocation), parent), daemon=True).start()
    try:
        lock = FileLock(files.of("lock"), timeout=_LOCK_SECONDS)
        lock.acquire()
    except Timeout:
        print("another process makes this run")
        return _BUSY
    if files.record.exists():
        return 0
    spec = files.read("settings")
    began, in_one_piece = time.time(), not files.kept.exists()
    files.of("failed").unlink(missing_ok=True)
    files.write("running", {"began": began, "host": _host(), "process": os.getpid()})
    _behind_others(spec["nice"])
    from hppt_lib.training.experiment import run_and_write

    changes = [Change(*change) for change in spec["changes"]]
    settings = run_settings(spec["tier"], changes)
    try:
        _, lines = run_and_write(
            settings,
            files.record,
            budget=Budget(**spec["budget"]),
            base_folder=files.folder / "base",
            notes={name: spec[name] for name in ("arm", "by_seed") if spec[name]},
            progress=False,
        )
    except HpptError as error:
        print(f"hppt: {error}")
        return 1
    if in_one_piece:
        files.write("done", {"seconds": time.time() - began})
    for line in (*lines, *filter(None, [report()])):
        print(line)
    return 0


def _watch(invocation: Path, parent: int) -> None:
    """End this process at once when the sweep or the worker that started it is gone.

    A run may be killed at any moment, so nothing has to be said goodbye to.
    """
    while True:
        orphan = os.name != "nt" and os.getppid() != parent
        if orphan or not _held(invocation):
            os._exit(_STOPPED)
        time.sleep(_WATCH_SECONDS)


def _behind_others(nice: int) -> None:
    """Let the system give other programs' needs precedence over this process."""
    import psutil

    if not nice:
        return
    this = psutil.Process()
    with suppress(psutil.Error, OSError):
        if os.name == "nt":
            this.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)  # type: ignore[attr-defined]
        else:
            this.nice(max(nice, int(this.nice())))
        # Linux weighs sessions against each other first ("autogroups"), by a number of their own,
        # and a run is a session of its own.
        autogroup = Path("/proc/self/autogroup")
        if autogroup.exists():
            autogroup.write_text(str(nice), encoding="ascii")


if __name__ == "__main__":
    started_by, code = int(sys.argv[4]), _ALLOW in sys.argv[5:]
    sys.exit(_run(sys.argv[1], sys.argv[2], sys.argv[3], started_by, allow_code=code))
