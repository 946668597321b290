"""The checks of exercises: right answers pass, each likely mistake fails and is named."""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
import torch

from hppt_lib.course import exercises
from hppt_lib.course.checks import (
    Case,
    Exercise,
    Label,
    Mistake,
    check,
    check_exercise,
    find_exercise,
    solution,
)
from hppt_lib.errors import HpptError
from hppt_lib.training import grpo
from tests import ROOT

LABEL = Label("Words", number=1, difficulty=2, minutes=5, points=1)
MODULES = [each.name for each in pkgutil.iter_modules(exercises.__path__)]
EXERCISES: dict[str, Exercise] = {
    f"{module}.{name}": exercise
    for module in MODULES
    for name, exercise in importlib.import_module(
        f"hppt_lib.course.exercises.{module}"
    ).EXERCISES.items()
}
MISTAKES = [
    pytest.param(name, index, id=f"{name}-{mistake.says[:40]}")
    for name, exercise in EXERCISES.items()
    for index, mistake in enumerate(exercise.mistakes)
]


@pytest.mark.parametrize("name", EXERCISES)
def test_reference_passes_and_says_what_is_not_covered(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    check(name, EXERCISES[name].reference)
    printed = capsys.readouterr().out
    assert printed.count("✓") == len(EXERCISES[name].cases)
    assert "Not covered" in printed


@pytest.mark.parametrize(("name", "index"), MISTAKES)
def test_each_likely_mistake_fails_and_is_named(
    name: str, index: int, capsys: pytest.CaptureFixture[str]
) -> None:
    mistake = EXERCISES[name].mistakes[index]
    arguments = EXERCISES[name].cases[0].arguments

    def student(**given: Any) -> Any:
        return mistake.answer(**given)

    # The check looks at the signature before it calls: give the student the right one.
    named = [*arguments, "**rest"]  # later cases may give an argument that has a default
    handed = ", ".join([*(f"{each}={each}" for each in arguments), "**rest"])
    scope: dict[str, Any] = {"student": student}
    exec(f"def f({', '.join(named)}): return student({handed})", scope)
    with pytest.raises(AssertionError) as caught:
        check(name, scope["f"])
    assert mistake.says in str(caught.value)
    assert "✗" in capsys.readouterr().out


def failure(student: Any, name: str = "group_advantages") -> str:
    with pytest.raises(AssertionError) as caught:
        check(f"rlvr_and_grpo.{name}", student)
    return str(caught.value)


def test_none_exception_and_stub_are_explained() -> None:
    def stub(rewards: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def breaks(rewards: torch.Tensor) -> torch.Tensor:
        return rewards.no_such_method()

    assert "forget `return`" in failure(lambda rewards: None)
    assert "not done yet" in failure(stub)
    assert "AttributeError" in failure(breaks)
    assert "arguments by name: rewards" in failure(lambda reward: reward)


def test_wrong_kind_is_explained() -> None:
    right = grpo.group_advantages
    assert "a list" in failure(lambda rewards: right(rewards).tolist())
    assert "(2, 4) and yours is (8,)" in failure(lambda rewards: right(rewards).flatten())
    assert "torch.float64" in failure(lambda rewards: right(rewards).double())


def test_unknown_wrong_values_show_both() -> None:
    message = failure(lambda rewards: grpo.group_advantages(rewards) * 1.5)
    assert "expected" in message and "got" in message


def test_lost_gradient_is_found() -> None:
    def student(logits: Any, token_ids: Any, mask: Any) -> torch.Tensor:
        return grpo.token_log_probabilities(logits, token_ids, mask).detach()

    assert "no gradient" in failure(student, "token_log_probabilities")


def test_student_cannot_spoil_the_inputs() -> None:
    def student(rewards: torch.Tensor) -> torch.Tensor:
        answer = grpo.group_advantages(rewards)
        rewards.zero_()
        return answer

    check("rlvr_and_grpo.group_advantages", student)
    check("rlvr_and_grpo.group_advantages", student)


def test_answers_need_not_be_tensors() -> None:
    exercise = Exercise(
        label=LABEL,
        reference=lambda text: float(len(text.split())),
        cases=(Case("three words", {"text": "one two three"}),),
        mistakes=(Mistake("count characters", lambda text: float(len(text))),),
        not_covered="nothing.",
    )
    check_exercise("words", exercise, lambda text: 3)
    with pytest.raises(AssertionError, match="count characters"):
        check_exercise("words", exercise, lambda text: len(text))
    with pytest.raises(AssertionError, match="a number is expected"):
        check_exercise("words", exercise, lambda text: text)


@pytest.mark.parametrize(
    ("right", "rounded", "wrong"),
    [
        ((0.25, 0.5), (0.25001, 0.5), (0.26, 0.5)),
        ({"a": [1.0, 2]}, {"a": [1.00001, 2]}, {"a": [1.0, 3]}),
        ([("x", 0.1)], [("x", 0.1 + 1e-12)], [("y", 0.1)]),
        ((1.0, 2.0), (1.0, 2.0), (1.0,)),
        ({"a": 1.0}, {"a": 1}, {"b": 1.0}),
        ([0.5], [0.5], ["0.5"]),
    ],
)
def test_numbers_inside_of_an_answer_have_a_tolerance(right: Any, rounded: Any, wrong: Any) -> None:
    """Mistake: a right interval refused because its last bit differs."""
    exercise = Exercise(
        label=LABEL,
        reference=lambda x: right,
        cases=(Case("any", {"x": 1}),),
        mistakes=(),
        not_covered="nothing.",
    )
    check_exercise("interval", exercise, lambda x: rounded)
    with pytest.raises(AssertionError, match="expected"):
        check_exercise("interval", exercise, lambda x: wrong)


def test_a_label_is_said_the_same_way_everywhere() -> None:
    """Mistake: every notebook with a scheme of its own for difficulty, minutes and points."""
    assert LABEL.heading == "Exercise 1 · Words"
    assert str(LABEL) == "Difficulty 2 of 5 · 5 minutes · 1 point."


@pytest.mark.parametrize("module", MODULES)
def test_labels_count_from_one_in_each_notebook(module: str) -> None:
    """Mistake: an exercise moved, and its number not."""
    labels = [each.label for name, each in EXERCISES.items() if name.startswith(f"{module}.")]
    assert [each.number for each in labels] == list(range(1, len(labels) + 1))
    assert all(1 <= each.difficulty <= 5 and each.points > 0 for each in labels)


def test_the_solution_is_the_reference() -> None:
    """Mistake: a notebook that goes on with the reader's own function after an exercise."""
    assert solution("rlvr_and_grpo.group_advantages") is grpo.group_advantages
    with pytest.raises(HpptError, match="There is no exercise"):
        solution("rlvr_and_grpo.no_such")


def test_a_mistake_that_makes_no_difference_explains_nothing() -> None:
    exercise = Exercise(
        label=LABEL,
        reference=lambda number: number,
        cases=(Case("one", {"number": 1.0}),),
        mistakes=(Mistake("square", lambda number: number**2),),
        not_covered="nothing.",
    )
    with pytest.raises(AssertionError, match="not in a way that this check knows"):
        check_exercise("identity", exercise, lambda number: 7.0)


@pytest.mark.parametrize("name", ["rlvr_and_grpo.no_such", "no_such.exercise", "group_advantages"])
def test_unknown_exercise(name: str) -> None:
    with pytest.raises(HpptError, match="There is no exercise"):
        find_exercise(name)


def test_importing_the_room_loads_no_torch() -> None:
    code = "import sys, hppt_lib.course; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- the notebook as a student gets it ------------------------------------------------------------

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def exercise_cells(notebook: Any, kind: str) -> list[Any]:
    """The cells whose nbgrader flag ``kind`` ("solution" or "grade") is set."""
    return [cell for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get(kind)]


def student_copy(path: Path) -> Any:
    """A notebook without solutions and hidden tests, made by nbgrader itself."""
    from nbgrader.preprocessors import ClearHiddenTests, ClearOutput, ClearSolutions

    notebook = nbformat.read(path, as_version=4)
    for step in (ClearSolutions(), ClearHiddenTests(), ClearOutput()):
        notebook, _ = step.preprocess(notebook, {})
    return notebook


@each_notebook
def test_notebook_has_the_form_that_nbgrader_wants(path: Path) -> None:
    from nbgrader.preprocessors import CheckCellMetadata

    notebook = nbformat.read(path, as_version=4)
    CheckCellMetadata().preprocess(notebook, {})
    solutions, tests = exercise_cells(notebook, "solution"), exercise_cells(notebook, "grade")
    assert len(solutions) == len(tests)
    assert solutions or path.stem.startswith("09"), "all but the menu of projects have exercises"
    for solved, test in zip(solutions, tests, strict=True):
        assert "### BEGIN SOLUTION" in solved.source
        assert "### BEGIN HIDDEN TESTS" in test.source
        assert test.metadata.nbgrader.points > 0


@each_notebook
def test_student_copy_holds_stubs_only(path: Path) -> None:
    notebook = student_copy(path)
    for cell in exercise_cells(notebook, "solution"):
        assert "raise NotImplementedError()" in cell.source
        assert "SOLUTION" not in cell.source
    for cell in exercise_cells(notebook, "grade"):
        assert "check(" in cell.source
        assert "HIDDEN" not in cell.source and "assert" not in cell.source


@pytest.mark.slow
@each_notebook
def test_student_copy_runs_apart_from_the_exercises(
    path: Path, embedded_model: Path, tmp_path: Path
) -> None:
    from nbclient import NotebookClient

    notebook = student_copy(path)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute(env={**os.environ, "HPPT_TIER": "smoke"})
    failed = {
        cell.id: output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    }
    checks = {cell.id for cell in exercise_cells(notebook, "grade")}
    others = {name: error.evalue for name, error in failed.items() if name not in checks}
    assert not others, f"cells that are no exercise failed: {others}"
    assert set(failed) == checks, "an exercise that is not done must not pass"
    for output in failed.values():
        assert output.ename == "NotYet" and len(output.traceback) == 1, "our stack tells nothing"
        assert "not done yet" in output.evalue


@each_notebook
def test_each_exercise_has_its_label_in_the_notebook(path: Path) -> None:
    """Mistake: a heading, minutes or points in the notebook that differ from the exercise's."""
    cells = nbformat.read(path, as_version=4).cells
    said = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            said = cell.source
        for name in re.findall(r'^check\("([\w.]+)"', cell.source, flags=re.MULTILINE):
            label = EXERCISES[name].label
            assert f"### {label.heading}\n\n*{label}*" in said
            assert cell.metadata.nbgrader.points == label.points
            assert path.stem.endswith(f"_{name.partition('.')[0]}")


def test_every_exercise_is_asked_in_a_notebook() -> None:
    """Mistake: an exercise without a reader, or a check of an exercise that is not there."""
    asked = {
        name
        for path in NOTEBOOKS
        for cell in exercise_cells(nbformat.read(path, as_version=4), "grade")
        for name in re.findall(r'^check\("([\w.]+)"', cell.source, flags=re.MULTILINE)
    }
    assert asked == set(EXERCISES)
