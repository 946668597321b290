"""What grading gives: exercises, notebooks and students with their marks."""

from __future__ import annotations

from dataclasses import dataclass

from hppt_lib.course.classroom.cells import Asked
from hppt_lib.course.classroom.marks import Mark
from hppt_lib.course.classroom.run_records import Inspected


@dataclass(frozen=True)
class Graded:
    """One exercise of one student.

    Attributes:
        asked: the exercise.
        mark: points and the sentence for the student.
        notes: for the teacher alone: what was seen.
        source: what was written, for comparing and for the page.
        number: of the exercise in its notebook.
        title: its heading.
    """

    asked: Asked
    mark: Mark
    notes: tuple[str, ...] = ()
    source: str = ""
    number: int = 0
    title: str = ""


@dataclass(frozen=True)
class GradedNotebook:
    """One notebook of one student, handed in or not.

    Attributes:
        name: the course's name of it.
        exercises: all of them, with 0 points where there is nothing.
        problem: why nothing in it could be graded; empty if it could.
        handed_in: whether there is a file.
    """

    name: str
    exercises: tuple[Graded, ...]
    problem: str = ""
    handed_in: bool = True

    @property
    def points(self) -> float:
        """Earned."""
        return sum(each.mark.points for each in self.exercises)

    @property
    def of(self) -> float:
        """What can be earned."""
        return sum(each.mark.of for each in self.exercises)


@dataclass(frozen=True)
class GradedStudent:
    """All notebooks of one student.

    Attributes:
        name: the folder's name.
        notebooks: those that were graded, in the course's order.
        notes: for the teacher.
        seconds: that it took.
        records: the run records that were handed in.
        record_points: what a run record that holds earns, once.
    """

    name: str
    notebooks: tuple[GradedNotebook, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    records: tuple[Inspected, ...] = ()
    record_points: float = 0.0

    @property
    def points(self) -> float:
        """Earned."""
        holds = any(each.verdict == "holds" for each in self.records)
        return sum(each.points for each in self.notebooks) + self.record_points * holds

    @property
    def of(self) -> float:
        """What can be earned."""
        return sum(each.of for each in self.notebooks) + self.record_points
