"""Checks a notebook that a teacher changed, before it is handed out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hppt_lib.course.checks import find_exercise
from hppt_lib.course.classroom.cells import Asked, asked_in
from hppt_lib.course.classroom.grade import Job, Limits, close, grade_student
from hppt_lib.course.classroom.hidden import hidden_cases
from hppt_lib.course.classroom.release import student_copy
from hppt_lib.course.classroom.results import GradedStudent
from hppt_lib.course.notebooks import read_notebook, write_notebook
from hppt_lib.errors import HpptError


def problems_of(path: Path, scratch: Path) -> list[str]:
    """What is wrong with a notebook of the course; an empty list if nothing is.

    The committed notebook must earn all of its points and its student copy none, both graded as a
    submission is; heading, minutes and points must be those of the exercise; and nothing of a
    solution may be left in the copy.

    Args:
        path: the notebook, with solutions.
        scratch: a folder for the two submissions.

    Raises:
        HpptError: it is no notebook, or one of its nbgrader cells is malformed.
    """
    notebook = read_notebook(path)
    found: list[str] = []
    asked = asked_in(notebook)
    if not asked:
        return [f"{path.name} has no exercise: a solution cell, and a cell with check(…) below it."]
    found += [
        f"the id '{id}' stands at two exercises"
        for id in {each.solution_id for each in asked}
        if [each.solution_id for each in asked].count(id) > 1
    ]
    for each in asked:
        found += _label_problems(each, notebook)
    copy = student_copy(path)
    for cell in copy.cells:
        if any(mark in cell.source for mark in ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS")):
            found.append(f"cell {cell.id}: a solution or a hidden test is left in the copy")
        if cell.metadata.get("nbgrader", {}).get("solution"):
            if "raise NotImplementedError" not in cell.source:
                found.append(f"cell {cell.id}: the copy has no stub, so nothing is left to write")
    if found:
        return found
    for name, made in (("solutions", notebook), ("stubs", copy)):
        write_notebook(made, scratch / name / path.name)
    graded = {
        name: _graded(scratch / name / path.name, path, asked) for name in ("solutions", "stubs")
    }
    for one in graded["solutions"].notebooks[0].exercises:
        if one.mark.points < one.mark.of:
            found.append(f"{one.title}: the solution earns {one.mark.points:g}: {one.mark.says}")
    for one in graded["stubs"].notebooks[0].exercises:
        if one.mark.points:
            found.append(f"{one.title}: the stub earns {one.mark.points:g} points")
    return found


def _label_problems(asked: Asked, notebook: Any) -> list[str]:
    try:
        label = find_exercise(asked.name).label
        hidden_cases(asked.name, 0)
    except HpptError as error:
        return [str(error)]
    said = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    found: list[str] = []
    if not any(f"### {label.heading}\n\n*{label}*" in each for each in said):
        found.append(f"no text has the heading '### {label.heading}' and below it '*{label}*'")
    if asked.points != label.points:
        found.append(f"{label.heading}: {asked.points:g} points in the cell, {label.points} above")
    return found


def _graded(handed_in: Path, path: Path, asked: list[Asked]) -> GradedStudent:
    ids = frozenset(id for each in asked for id in (each.solution_id, each.grade_id))
    name, student = path.stem, handed_in.parent.name
    course, given = {name: tuple(asked)}, {name: tuple[str, ...]()}
    job = Job(student, (handed_in,), course, given, 0, Limits(), {name: ids})
    try:
        return grade_student(job)
    finally:
        close()
