"""Writes marks: two CSV files, a page of feedback a student, and nbgrader's gradebook."""

from __future__ import annotations

import csv
import io
import os
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hppt_lib.course.classroom.results import Graded, GradedNotebook, GradedStudent
from hppt_lib.course.classroom.run_records import as_row
from hppt_lib.course.notebooks import read_notebook, write_notebook
from hppt_lib.errors import missing
from hppt_lib.files import write_text

_PAGE = """\
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ student.name }}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 2rem; border-bottom: 1px solid #bbb }
.points { float: right; font-weight: 600 }
.says { white-space: pre-wrap; background: #f4f4f4; color: #111; padding: .5rem .8rem;
  border-left: 4px solid #d55e00 }
</style></head><body>
<h1>{{ student.name }}: {{ points(student.points) }} of {{ points(student.of) }} points</h1>
<p>A hidden case is one that the check in your notebook does not have. What it is stays hidden; if
your answer is one of the usual mistakes, the sentence names it.</p>
{% for notebook in student.notebooks %}
<h2>{{ notebook.name }}<span class="points">{{ points(notebook.points) }} of
{{ points(notebook.of) }}</span></h2>
{% if notebook.problem %}<p class="says">{{ notebook.problem }}</p>
{% else %}{% for each in notebook.exercises %}
<h3>{{ each.title }}<span class="points">{{ points(each.mark.points) }} of
{{ points(each.mark.of) }}</span></h3>
{% if each.mark.says %}<p class="says">{{ each.mark.says }}</p>{% else %}<p>✓ Right.</p>{% endif %}
{% endfor %}{% endif %}{% endfor %}
{% for each in student.records %}
<h2>{{ each.file }}</h2>
{% if each.faults %}<p class="says">This is not what a training run leaves behind.
{% for line in each.faults[:5] %}
{{ line }}{% endfor %}</p>{% elif each.doubts %}<p class="says">Your teacher will look at it.</p>
{% else %}<p>✓ Its numbers, texts, prompts and times agree.</p>{% endif %}{% endfor %}
</body></html>
"""


def write(students: Sequence[GradedStudent], out: Path) -> None:
    """Write ``marks.csv``, ``exercises.csv`` and ``feedback/STUDENT.html`` into ``out``.

    If run records were handed in, ``records.csv`` has a line for each. The CSV files are the
    teacher's: they have the notes, which the pages have not.

    Raises:
        HpptError: a file could not be written.
    """
    import jinja2

    names = [each.name for each in students[0].notebooks]
    write_text(
        out / "marks.csv",
        _csv(
            ["student", *names, "run records", "points", "of", "notes"],
            [
                [
                    student.name,
                    *(_points(each.points) for each in student.notebooks),
                    "; ".join(each.verdict for each in student.records),
                    _points(student.points),
                    _points(student.of),
                    "; ".join(_notes_of(student)),
                ]
                for student in students
            ],
        ),
    )
    write_text(
        out / "exercises.csv",
        _csv(
            ["student", "notebook", "exercise", "points", "of", "what is wrong", "notes"],
            [
                [
                    student.name,
                    notebook.name,
                    each.asked.name.partition(".")[2],
                    _points(each.mark.points),
                    _points(each.mark.of),
                    each.mark.says,
                    "; ".join(each.notes),
                ]
                for student in students
                for notebook in student.notebooks
                for each in notebook.exercises
            ],
        ),
    )
    records = [
        {"student": student.name, **as_row(each)}
        for student in students
        for each in student.records
    ]
    if records:
        write_text(out / "records.csv", _csv([*records[0]], [[*each.values()] for each in records]))
    page = jinja2.Environment(autoescape=True).from_string(_PAGE)
    for student in students:
        text = page.render(student=student, points=_points)
        write_text(out / "feedback" / f"{student.name}.html", text)


def _notes_of(student: GradedStudent) -> list[str]:
    own = [
        f"{notebook.name}, {each.asked.name.partition('.')[2]}: {note}"
        for notebook in student.notebooks
        for each in notebook.exercises
        for note in each.notes
    ]
    records = [
        f"{each.file}: {line}" for each in student.records for line in (*each.faults, *each.doubts)
    ]
    return [*student.notes, *own, *records]


def _points(number: float) -> str:
    return f"{number:g}"


def _csv(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows([_plain(each) for each in row] for row in rows)
    return text.getvalue()


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula: students choose some of these texts."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


# --- nbgrader's gradebook ------------------------------------------------------------------------


def write_gradebook(
    students: Sequence[GradedStudent], course: Mapping[str, Path], out: Path
) -> None:
    """Write ``gradebook.db`` and ``autograded/STUDENT/NOTEBOOK/NOTEBOOK.ipynb``.

    Each notebook of the course is an assignment. nbgrader reads the marks off the outputs of the
    graded cells as it does after a run of its own, so its formgrader and exports work on them.

    Raises:
        HpptError: nbgrader is not installed, or its database could not be written.
    """
    try:
        import nbgrader  # noqa: F401
    except ModuleNotFoundError as error:
        raise missing(error.name or "nbgrader") from error

    # It calls the program alembic, which stands beside this Python and perhaps not on the path.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    database = f"sqlite:///{(out / 'gradebook.db').resolve()}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SQLAlchemy's, about nbgrader's own queries
        _fill_gradebook(students, course, out, database)


def _fill_gradebook(
    students: Sequence[GradedStudent], course: Mapping[str, Path], out: Path, database: str
) -> None:
    from nbgrader.api import Gradebook
    from nbgrader.preprocessors import LockCells, SaveAutoGrades, SaveCells

    for name, path in course.items():
        if not any(each.name == name for each in students[0].notebooks):
            continue
        with Gradebook(database) as book:
            book.update_or_create_assignment(name)
            for student in students:
                book.update_or_create_student(student.name)
        resources = {"nbgrader": {"notebook": name, "assignment": name, "db_url": database}}
        source = read_notebook(path)
        source, _ = LockCells().preprocess(source, dict(resources))
        SaveCells().preprocess(source, resources)
        for student in students:
            notebook = next(each for each in student.notebooks if each.name == name)
            if not notebook.handed_in:
                continue
            with Gradebook(database) as book:
                book.update_or_create_submission(name, student.name)
            resources["nbgrader"]["student"] = student.name
            copy = _autograded(path, notebook)
            SaveAutoGrades().preprocess(copy, resources)
            folder = out / "autograded" / student.name / name
            write_notebook(copy, folder / f"{name}.ipynb")


def _autograded(path: Path, notebook: GradedNotebook) -> Any:
    """The course's notebook with the student's cells in it, and outputs that hold the marks."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearOutput

    copy = read_notebook(path)
    for step in (ClearHiddenTests(), ClearOutput()):
        copy, _ = step.preprocess(copy, {})
    by_solution = {each.asked.solution_id: each for each in notebook.exercises}
    by_grade = {each.asked.grade_id: each for each in notebook.exercises}
    for cell in copy.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in by_solution:
            cell.source = by_solution[name].source or "# nothing was handed in"
        elif name in by_grade:
            cell.outputs = _outputs(by_grade[name])
    return copy


def _outputs(graded: Graded) -> list[Any]:
    from nbformat.v4 import new_output

    points, of, says = graded.mark.points, graded.mark.of, graded.mark.says
    if points >= of:
        return []
    if points <= 0:
        return [new_output("error", ename="AssertionError", evalue=says, traceback=[says])]
    return [
        new_output("stream", name="stdout", text=says),
        new_output("execute_result", data={"text/plain": f"{points:g}"}, execution_count=None),
    ]
