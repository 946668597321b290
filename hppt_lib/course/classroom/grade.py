"""Grades submissions: marks as CSV, a page of feedback a student, and nbgrader's gradebook."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from hppt_lib.course.checks import find_exercise
from hppt_lib.course.classroom import cells as student_cells
from hppt_lib.course.classroom import reports
from hppt_lib.course.classroom.cells import Asked
from hppt_lib.course.classroom.hidden import hidden_cases
from hppt_lib.course.classroom.marks import Mark, mark
from hppt_lib.course.classroom.process import StudentProcess
from hppt_lib.course.classroom.results import Graded, GradedNotebook, GradedStudent
from hppt_lib.course.classroom.run_records import Inspected, compared, inspect
from hppt_lib.course.classroom.submissions import (
    read_submission,
    records_in,
    sort_out,
    students_in,
    unfinished_in,
)
from hppt_lib.course.notebooks import find_notebooks, read_notebook
from hppt_lib.errors import HpptError, needs
from hppt_lib.files import write_text

Echo = Callable[[str], None]


@dataclass(frozen=True)
class Limits:
    """What a student's code may take.

    Attributes:
        seconds: for one exercise, with all of its cases.
        student_seconds: for all exercises of a student; once they are used up, each exercise that
            is left has one second.
        memory_mb: MiB for one exercise.
        user: the user that it runs as; None: nobody if root grades, else the grader's own, in a
            process that can open no file in either case.
    """

    seconds: float = 5.0
    student_seconds: float = 50.0
    memory_mb: int = 1024
    user: str | None = None


@dataclass(frozen=True)
class Job:
    """What a worker needs to grade a student."""

    student: str
    paths: tuple[Path, ...]
    course: Mapping[str, tuple[Asked, ...]]
    given: Mapping[str, tuple[str, ...]]
    seed: int
    limits: Limits
    cells: Mapping[str, frozenset[str]] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()
    records: tuple[Path, ...] = ()
    record_points: float = 0.0
    unfinished: tuple[str, ...] = ()


def grade(
    submissions: Path,
    out: Path,
    *,
    only: Sequence[str] = (),
    seed: int | None = None,
    jobs: int = 1,
    limits: Limits | None = None,
    folder: Path | None = None,
    gradebook: bool = True,
    record_points: float = 0.0,
    echo: Echo = print,
) -> list[GradedStudent]:
    """Grade what students handed in.

    Args:
        submissions: a folder with a folder a student.
        out: gets ``marks.csv``, ``exercises.csv``, ``feedback/STUDENT.html``, ``records.csv`` if
            there are run records, and, in nbgrader's own form, ``gradebook.db`` and
            ``autograded/``.
        only: beginnings of the names of the course's notebooks; by default all.
        seed: of the hidden cases; by default the one in ``out/seed.txt``, made at random if there
            is none. Keep it from the students, and take another one next year.
        jobs: how many students at once.
        limits: of a student's code.
        folder: of the course's notebooks; by default the checkout's.
        gradebook: whether to write nbgrader's gradebook as well.
        record_points: what a run record earns in which nothing is wrong or odd. (Those in doubt
            earn nothing by themselves: look at them.)
        echo: receives a line a student.

    Raises:
        HpptError: no student, no such notebook, no hidden cases for an exercise, or a system
            that cannot lock a process.
        MissingExtra: the extra "course" is not installed.
    """
    needs("course")
    limits = limits or Limits()
    paths = find_notebooks(folder, only)
    sources = {path.stem: read_notebook(path) for path in paths}
    course = {name: tuple(student_cells.asked_in(each)) for name, each in sources.items()}
    course = {name: asked for name, asked in course.items() if asked}
    given = {name: tuple(student_cells.sources_by_id(sources[name])[1]) for name in course}
    if not course:
        raise HpptError("None of these notebooks has an exercise.")
    handed = students_in(submissions, apart=out)
    seed = _seed(out) if seed is None else seed
    for each in (each for asked in course.values() for each in asked):
        hidden_cases(each.name, seed)  # one without fails before a long run
    cells = {
        name: frozenset(id for each in asked for id in (each.solution_id, each.grade_id))
        for name, asked in course.items()
    }
    heavy = frozenset(
        module for asked in course.values() for each in asked for module in _heavy(each)
    )
    work = [
        Job(
            student,
            tuple(files),
            course,
            given,
            seed,
            limits,
            cells,
            heavy,
            tuple(records_in(submissions / student)),
            record_points,
            tuple(unfinished_in(submissions / student)),
        )
        for student, files in handed.items()
    ]
    graded: list[GradedStudent] = []
    for number, student in enumerate(_all(work, jobs), start=1):
        graded.append(student)
        echo(
            f"{number} of {len(work)}: {student.name}, {student.points:g} of {student.of:g} "
            f"points, {student.seconds:.0f} s"
        )
    graded = _with_look_alikes(sorted(graded, key=lambda each: each.name))
    records = compared({each.name: each.records for each in graded})
    graded = [replace(each, records=tuple(records[each.name])) for each in graded]
    reports.write(graded, out)
    if gradebook:
        reports.write_gradebook(graded, {path.stem: path for path in paths}, out)
    echo(f"Marks: {out / 'marks.csv'}. Feedback: {out / 'feedback'}.")
    return graded


def _heavy(asked: Asked) -> frozenset[str]:
    """The heavy packages that the committed solution of an exercise uses."""
    return student_cells.written(asked, {asked.solution_id: asked.solution}, ()).modules


def _seed(out: Path) -> int:
    path = out / "seed.txt"
    if path.is_file():
        try:
            return int(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise HpptError(f"{path} holds no whole number. Delete it for a new seed.") from error
    seed = secrets.randbits(48)
    write_text(path, f"{seed}\n")
    path.chmod(0o600)
    return seed


def _all(work: Sequence[Job], jobs: int) -> Iterator[GradedStudent]:
    """Grade all; a worker that dies costs nobody a mark: its students are graded again alone."""
    if jobs <= 1 or len(work) == 1:
        yield from map(grade_student, work)
        return
    context = multiprocessing.get_context("spawn")
    left = {each.student: each for each in work}
    with contextlib.suppress(BrokenProcessPool):
        with ProcessPoolExecutor(jobs, mp_context=context) as pool:
            for done in as_completed([pool.submit(grade_student, each) for each in work]):
                graded = done.result()
                left.pop(graded.name)
                yield graded
    yield from map(grade_student, left.values())


class _Room:
    """The locked process of this worker: started when it is needed, and again if it was lost."""

    def __init__(self) -> None:
        self._process: StudentProcess | None = None
        self._user: str | None = None
        self._modules: frozenset[str] = frozenset({"numpy"})

    def ready(self, user: str | None, modules: frozenset[str]) -> StudentProcess:
        """A process with these heavy packages at hand, and those that were asked for before."""
        new = user != self._user or not modules <= self._modules
        if self._process is not None and (self._process.lost or new):
            self.close()
        self._user, self._modules = user, self._modules | modules
        if self._process is None:
            self._process = StudentProcess(sorted(self._modules), user).__enter__()
        return self._process

    def close(self) -> None:
        if self._process is not None:
            self._process.__exit__()
            self._process = None


_ROOM = _Room()


def grade_student(job: Job) -> GradedStudent:
    """Grade all notebooks of a student; nothing that a student hands in raises an error."""
    started = time.monotonic()
    try:
        chosen, notes = sort_out([read_submission(path) for path in job.paths], job.cells)
        spent = [0.0]
        notebooks = []
        for name, asked in job.course.items():
            handed = chosen.get(name)
            if handed is None or handed.problem:
                problem = "not handed in." if handed is None else handed.problem
                notebooks.append(_nothing(name, asked, problem, handed is not None))
                continue
            solutions, others, seen = student_cells.sources_by_id(handed.cells)
            seen += student_cells.seen_elsewhere(others)
            # What the student's notebook lost, an import say, is found in the course's.
            others = [*job.given[name], *others]
            notes += [f"{name}: {each}" for each in seen]
            exercises = tuple(
                _graded(number, each, solutions, others, job, spent)
                for number, each in enumerate(asked, start=1)
            )
            notebooks.append(GradedNotebook(name, exercises))
    except HpptError:
        raise
    except Exception as error:  # whatever it is, it must not cost the others their marks
        notes = [f"grading broke: {type(error).__name__}: {error}. Look at this one by hand."]
        notebooks = [
            _nothing(name, asked, "could not be graded; your teacher will look at it.", True)
            for name, asked in job.course.items()
        ]
    records, others = _records(job)
    return GradedStudent(
        job.student,
        tuple(notebooks),
        (*notes, *others),
        time.monotonic() - started,
        records,
        job.record_points,
    )


def _records(job: Job) -> tuple[tuple[Inspected, ...], list[str]]:
    """A student's run records, and notes on what looks like one and is none."""
    notes = [
        f"{name} is a run that is not over: no record was handed in" for name in job.unfinished
    ]
    records = []
    for path in job.records:
        try:
            found = inspect(path)
        except Exception as error:  # as above: it must not cost the others their marks
            found = Inspected(path.name, doubts=(f"looking at it broke: {error!r}",))
        if found is None:
            notes.append(f"{path.name}: no run record")
        else:
            records.append(found)
    return tuple(records), notes


def _nothing(name: str, asked: Sequence[Asked], problem: str, handed_in: bool) -> GradedNotebook:
    exercises = tuple(
        Graded(each, Mark(0.0, each.points, problem), number=number, title=_title(each))
        for number, each in enumerate(asked, start=1)
    )
    return GradedNotebook(name, exercises, problem, handed_in)


def _title(asked: Asked) -> str:
    return find_exercise(asked.name).label.heading


def _graded(
    number: int,
    asked: Asked,
    solutions: Mapping[str, str],
    others: Sequence[str],
    job: Job,
    spent: list[float],
) -> Graded:
    """The mark of one exercise; ``spent`` counts the student's seconds."""
    source = solutions.get(asked.solution_id, "")
    plain = Graded(asked, Mark(0.0, asked.points), (), source, number, _title(asked))
    if student_cells.is_stub(source):
        return replace(plain, mark=Mark(0.0, asked.points, "not done."))
    text = student_cells.written(asked, solutions, others)
    if text.problem:
        return replace(plain, mark=Mark(0.0, asked.points, text.problem), notes=text.notes)
    exercise = find_exercise(asked.name)
    hidden = hidden_cases(asked.name, job.seed)
    seconds = job.limits.seconds if spent[0] < job.limits.student_seconds else 1.0
    process = _ROOM.ready(job.limits.user, job.modules | text.modules)
    before = time.monotonic()
    run = process.run(
        asked.function,
        text.cells,
        [each.arguments for each in (*exercise.cases, *hidden)],
        seconds=seconds,
        memory_mb=job.limits.memory_mb,
        offered=_offered(asked.name),
        gradients=asked.name.startswith("rlvr_and_grpo."),
    )
    with contextlib.redirect_stdout(io.StringIO()):
        given = mark(asked.name, exercise, hidden, run, asked.points)
    spent[0] += time.monotonic() - before
    notes = (*text.notes, *(f"tried {each}" for each in dict.fromkeys(run.seen)))
    return replace(plain, mark=given, notes=notes, source=source or text.cells[-1])


def _offered(name: str) -> dict[str, str]:
    """What of the kit an exercise's text says is at hand: module name and source."""
    if name != "rlvr_and_grpo.grpo_loss":
        return {}
    import inspect

    from hppt_lib.training import grpo

    source = inspect.getsource(grpo.clipped_surrogate)
    return {"grpo": f"import torch\nfrom torch import Tensor\n{source}"}


def _with_look_alikes(students: Sequence[GradedStudent]) -> list[GradedStudent]:
    """The students, with a note at each exercise that another one has in the same shape."""
    having: dict[tuple[str, str], list[str]] = defaultdict(list)
    for student in students:
        for notebook in student.notebooks:
            for each in notebook.exercises:
                if (shape := _shape(each)) is not None:
                    having[each.asked.name, shape].append(student.name)
    noted: list[GradedStudent] = []
    for student in students:
        notebooks = []
        for notebook in student.notebooks:
            exercises = []
            for each in notebook.exercises:
                shape = _shape(each)
                same = having[each.asked.name, shape] if shape is not None else []
                if len(same) > 1:
                    names = ", ".join(name for name in same if name != student.name)
                    each = replace(each, notes=(*each.notes, f"is the same code as {names}'s"))
                exercises.append(each)
            notebooks.append(replace(notebook, exercises=tuple(exercises)))
        noted.append(replace(student, notebooks=tuple(notebooks)))
    return noted


def _shape(graded: Graded) -> str | None:
    shape: Any = None
    if graded.source and graded.mark.says != "not done.":
        with contextlib.suppress(RecursionError, ValueError):
            shape = student_cells.shape(graded.source)
    return shape


def close() -> None:
    """End the locked process of this worker, if there is one."""
    _ROOM.close()
