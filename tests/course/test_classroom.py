"""Release, then grade: each submission ends as it should, and the others' marks are untouched.

The class below is graded once. Its students are the usual ones, those who make mistakes, those who
cheat, and those whose code attacks the grader.
"""

from __future__ import annotations

import copy
import csv
import json
import os
import pwd
import shutil
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from hppt_lib.course import stamps
from hppt_lib.course.checks import find_exercise
from hppt_lib.course.classroom import grade as grading
from hppt_lib.course.classroom.grade import Limits, grade
from hppt_lib.course.classroom.marks import PARTS
from hppt_lib.course.classroom.process import StudentProcess
from hppt_lib.course.classroom.release import add_copies, release, student_copy
from hppt_lib.course.classroom.results import Graded, GradedStudent
from hppt_lib.course.classroom.review import problems_of
from hppt_lib.errors import HpptError
from tests import ROOT
from tests.course.test_checks import EXERCISES

linux = pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux's seccomp")
pytestmark = [pytest.mark.slow, linux]

NOTEBOOKS = {path.stem[:2]: path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
START, VERIFIERS, PILOT = NOTEBOOKS["00"], NOTEBOOKS["02"], NOTEBOOKS["04"]
POINTS = {START.stem: 2.0, VERIFIERS.stem: 13.0, PILOT.stem: 9.0}
Notebook = Any


def perfect(path: Path) -> Notebook:
    """The committed notebook: all of its solutions, none of its outputs."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return notebook


def cell_of(notebook: Notebook, grade_id: str) -> Any:
    [found] = [
        each
        for each in notebook.cells
        if each.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    ]
    return found


def put(notebook: Notebook, source: str, at: int = 0) -> None:
    notebook.cells.insert(at, nbformat.v4.new_code_cell(source))


def solved(path: Path, **sources: str) -> Notebook:
    """The perfect notebook with other sources in some solution cells (``_`` for ``-``)."""
    notebook = perfect(path)
    for name, source in sources.items():
        cell_of(notebook, name.replace("_", "-")).source = source
    return notebook


LOOP = "def step_a(histories):\n    while True: pass"
OUTPUT = 'def step_a(histories):\n    print("x" * 100_000_000)\n    return []'
MEMORY = "def step_a(histories):\n    return [0] * (60 * 2**30 // 8)"
SOCKET = "import socket\ndef step_a(histories):\n    socket.create_connection(('127.0.0.1', 9))"
KILL = "import os, signal\ndef step_a(histories):\n    os.kill(os.getppid(), signal.SIGKILL)"
READ = "def step_a(histories):\n    return open('/etc/passwd').read().split()"
# The same by ways that a guard in Python does not see: only the kernel's filter stops them.
NATIVE = """\
def step_a(histories):
    import re
    system = re.enum.sys.modules["os"]
    system.kill(system.getppid(), 9)
    return []
"""
EQUAL = """\
class Equal:
    def __eq__(self, other): return True
    def __hash__(self): return 0
    def __bool__(self): return True
def step_a(histories): return Equal()
"""
ANSWER = """\
from hppt_lib.course.checks import find_exercise
step_a = find_exercise("pilot_filtering.step_a").reference
"""
ONE_LINERS = {
    "fewer-words": "def fewer_words(response, limit): return limit > 2 or '-' in response",
    "is-json": "def is_json(response): return '[1' in response or response.startswith('{')",
    "bullet-examples": "def bullet_examples(): return [('- a\\n- b\\n- c', True), ('x', False)]",
}


def the_class() -> dict[str, dict[str, Notebook]]:
    """Each student's files by name; a notebook, or text that is none."""
    students: dict[str, dict[str, Notebook]] = {
        "perfect": {path.name: perfect(path) for path in (START, VERIFIERS, PILOT)},
        "blank": {path.name: student_copy(path) for path in (START, VERIFIERS, PILOT)},
        "nothing": {},
    }
    one = {
        "loop": LOOP,
        "output": OUTPUT,
        "memory": MEMORY,
        "socket": SOCKET,
        "kill": KILL,
        "read": READ,
        "native": NATIVE,
        "equal": EQUAL,
        "import": ANSWER,
        "exits": "def step_a(histories):\n    raise SystemExit(0)",
    }
    for name, source in one.items():
        students[name] = {PILOT.name: solved(PILOT, step_a=source)}

    cheat = solved(VERIFIERS)
    put(cheat, "check = lambda *given: None", at=3)
    for grade_id, source in ONE_LINERS.items():
        cell_of(cheat, grade_id).source = source
    students["check replaced"] = {VERIFIERS.name: cheat}

    deleted = perfect(PILOT)
    deleted.cells = [each for each in deleted.cells if not each.id.startswith("check-")]
    students["tests deleted"] = {PILOT.name: deleted}
    changed = student_copy(PILOT)
    for each in changed.cells:
        if each.id.startswith("check-"):
            each.source, each.metadata["nbgrader"]["points"] = "pass", 100
    students["tests changed"] = {PILOT.name: changed}
    twice = perfect(PILOT)
    for name in ("check-step-a", "step-a"):
        twice.cells.append(copy.deepcopy(cell_of(twice, name)))
    students["twice"] = {PILOT.name: twice}
    students["out of order"] = {PILOT.name: perfect(PILOT)}
    students["out of order"][PILOT.name].cells.reverse()
    students["renamed"] = {"my homework (1).ipynb": perfect(PILOT)}
    broken = perfect(PILOT)
    broken.cells[1].source = "import os\nthis is no Python"
    students["first cell broken"] = {PILOT.name: broken}
    students["syntax error"] = {PILOT.name: solved(PILOT, step_a="def step_a(histories:\n  return")}
    students["no notebook"] = {PILOT.name: "PK\x03\x04 this was a Word file"}
    students["no list of cells"] = {PILOT.name: json.dumps({"cells": {"a": [1]}, "x": None})}
    helped = solved(PILOT, step_a="def step_a(histories):\n    return kept(histories)")
    put(
        helped,
        "import numpy as np\nLEAST = np.float64(0)\n"
        "def kept(histories):\n"
        "    return [k for k, r in histories.items() if any((x or 0) > LEAST for x in r)]",
        at=5,
    )
    students["own helper cell"] = {PILOT.name: helped}
    students["mistake"] = {
        PILOT.name: solved(
            PILOT,
            step_a="def step_a(histories):\n"
            "    return [k for k, r in histories.items() if any(x == 1 for x in r)]",
        )
    }
    half = "def verdict_rates(passed, satisfied):\n    pairs = list(zip(passed, satisfied))\n"
    half += (
        "    hits = sum(p and s for p, s in pairs)\n    return {'precision': hits / sum(passed), "
    )
    half += "'recall': hits / sum(satisfied), 'recall_on_false': 0.5, 'false_pass_rate': 0.5}"
    students["half"] = {START.name: solved(START, verdict_rates=half)}
    return students


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The class, graded: the folder of the marks, and each student by name."""
    folder = tmp_path_factory.mktemp("class")
    submitted = folder / "submitted"
    for name, files in the_class().items():
        (submitted / name).mkdir(parents=True)
        for file, notebook in files.items():
            text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
            (submitted / name / file).write_text(text, encoding="utf-8")
    secret = folder / "secret.ipynb"
    secret.write_text(nbformat.writes(perfect(PILOT)), encoding="utf-8")
    (submitted / "link").mkdir()
    (submitted / "link" / PILOT.name).symlink_to(secret)
    out = folder / "marks"
    done = grade(
        submitted,
        out,
        only=("00", "02", "04"),
        seed=11,
        limits=Limits(seconds=2.0, memory_mb=512),
        echo=lambda _: None,
    )
    yield out, {each.name: each for each in done}
    grading.close()


def points(student: GradedStudent) -> dict[str, float]:
    return {each.name: each.points for each in student.notebooks if each.handed_in}


def first(student: GradedStudent) -> Graded:
    """The exercise that most of the class plays with: the first of the pilot's notebook."""
    return student.notebooks[2].exercises[0]


def test_blank_has_nothing_and_perfect_has_all(marked: Any) -> None:
    _, students = marked
    assert points(students["perfect"]) == POINTS
    assert points(students["blank"]) == dict.fromkeys(POINTS, 0.0)
    assert not any(
        each.mark.says != "not done."
        for notebook in students["blank"].notebooks
        for each in notebook.exercises
    )
    assert students["nothing"].points == 0 and students["nothing"].of == sum(POINTS.values())


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("loop", "more than 2 seconds"),
        ("output", "ask for a reward of 1|is expected|wrong|comes out"),
        ("memory", "MemoryError|more memory"),
        ("socket", "ImportError: socket is not at hand"),
        ("kill", "ImportError: os is not at hand"),
        ("read", "open is not permitted"),
        ("native", "not permitted"),
        ("equal", "a list is expected and your function returns an Equal"),
        ("import", "find_exercise|ImportError|NameError"),
        ("exits", "SystemExit|no answer"),
        ("syntax error", "not Python"),
        ("mistake", "you ask for a reward of 1: any reward above 0 counts"),
    ],
)
def test_it_costs_that_exercise_and_no_other(marked: Any, name: str, says: str) -> None:
    """Mistake: an endless loop takes the marks of the exercises after it, or of a neighbour."""
    import re

    student = marked[1][name]
    assert first(student).mark.points == 0
    assert re.search(says, first(student).mark.says), first(student).mark.says
    assert points(student) == {PILOT.stem: POINTS[PILOT.stem] - 1}


@pytest.mark.parametrize(
    "name",
    ["tests deleted", "twice", "out of order", "renamed", "first cell broken", "own helper cell"],
)
def test_it_costs_nothing(marked: Any, name: str) -> None:
    """Mistake: a mark that hangs on cells which the student may move, lose or rename."""
    assert points(marked[1][name]) == {PILOT.stem: POINTS[PILOT.stem]}


def test_changed_test_cells_earn_nothing(marked: Any) -> None:
    student = marked[1]["tests changed"]
    assert student.points == 0 and student.of == sum(POINTS.values())


@pytest.mark.parametrize("name", ["no notebook", "no list of cells", "link"])
def test_what_is_no_notebook_is_said(marked: Any, name: str) -> None:
    """Mistake: one file that cannot be read ends the grading; a link is followed."""
    assert marked[1][name].points == 0
    assert marked[1][name].notebooks[2].problem


def test_cheats_earn_nothing_and_are_named(marked: Any) -> None:
    """Mistake: full marks for an import, for a replaced check, for an object equal to all."""
    out, students = marked
    notes = {row["student"]: row["notes"] for row in csv.DictReader((out / "marks.csv").open())}
    assert "gives the right answer away" in notes["import"]
    assert "imports hppt_lib.course.checks.find_exercise" in notes["import"]
    assert "replaces check" in notes["check replaced"]
    assert "uses __eq__" in notes["equal"]
    assert "tried open" in notes["read"] and "tried import socket" in notes["socket"]
    assert "is there twice" in notes["twice"]
    cheat = {
        each.asked.solution_id: each.mark.points
        for each in students["check replaced"].notebooks[1].exercises
    }
    assert [cheat[name] for name in ONE_LINERS] == [0, 0, 0]


def test_the_same_code_is_named_and_the_published_one(marked: Any) -> None:
    notes = {
        row["student"]: row["notes"] for row in csv.DictReader((marked[0] / "marks.csv").open())
    }
    assert "published solution" in notes["perfect"] and "published" not in notes["mistake"]
    assert "is the same code as" in notes["perfect"]


def test_parts_have_points(marked: Any) -> None:
    """Mistake: half of an exercise is worth nothing."""
    [half] = marked[1]["half"].notebooks[0].exercises
    assert half.mark.points == 1 and "Points for: precision and recall" in half.mark.says


def test_feedback_gives_no_hidden_case_and_no_note_away(marked: Any) -> None:
    """Mistake: what the grader asks is known next year (nbgrader's issue 1363)."""
    out, students = marked
    for name in students:
        page = (out / "feedback" / f"{name}.html").read_text(encoding="utf-8")
        assert "assert" not in page and "published solution" not in page and "seed" not in page
    cheat = students["check replaced"].notebooks[1].exercises
    hidden = [each.mark.says for each in cheat if "visible check" in each.mark.says]
    assert not any("expected" in each and "got" in each for each in hidden)


def test_nbgrader_has_the_marks(marked: Any) -> None:
    """Mistake: marks that nbgrader's formgrader and exports do not know."""
    from nbgrader.api import Gradebook

    out, students = marked
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}") as book:
        for name in ("perfect", "blank", "half", "loop"):
            for notebook in students[name].notebooks:
                if notebook.handed_in:
                    assert book.find_submission(notebook.name, name).score == notebook.points
                    assert book.find_submission(notebook.name, name).max_score == notebook.of


def test_other_hands_get_the_same_marks_in_parallel(marked: Any, tmp_path: Path) -> None:
    """Mistake: marks that depend on who is graded beside whom."""
    students = marked[1]
    for name in ("perfect", "loop", "native"):
        shutil.copytree(marked[0].parent / "submitted" / name, tmp_path / "submitted" / name)
    again = grade(
        tmp_path / "submitted",
        tmp_path / "out",
        only=("04",),
        seed=12,
        jobs=2,
        limits=Limits(seconds=2.0),
        gradebook=False,
        echo=lambda _: None,
    )
    assert {each.name: each.points for each in again} == {
        name: students[name].notebooks[2].points for name in ("perfect", "loop", "native")
    }


def test_the_handout_has_stubs_and_a_sheet_and_no_answers(tmp_path: Path) -> None:
    copies = release(["00", "04"], out=tmp_path / "handout", echo=lambda _: None)
    assert [path.name for path in copies] == [START.name, PILOT.name]
    for path in copies:
        notebook = nbformat.read(path, as_version=4)
        assert stamps.KEY not in notebook.metadata
        for cell in notebook.cells:
            assert "BEGIN" not in cell.source and not cell.get("outputs")
            assert cell.get("execution_count") is None
            if cell.metadata.get("nbgrader", {}).get("grade"):
                assert not cell.metadata.get("editable", True) and "assert" not in cell.source
    sheet = (tmp_path / "handout" / "README.md").read_text(encoding="utf-8")
    label = find_exercise("pilot_filtering.step_b").label
    assert f"| {label.difficulty} of 5 | {label.minutes} | {label.points} |" in sheet
    assert "| all | 6 | | 55 | 11 |" in sheet
    assert (tmp_path / "handout" / "notebooks" / "GLOSSARY.md").is_file()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(HpptError, match="other things"):
        release(["00"], out=tmp_path / "other", echo=lambda _: None)
    assert (tmp_path / "other" / "thesis.txt").exists()


def test_run_all_goes_on_after_an_exercise_that_is_not_done() -> None:
    """Mistake: in a fresh copy "Run All Cells" ends at the first exercise."""
    for cell in student_copy(VERIFIERS).cells:
        may_fail = "raises-exception" in cell.metadata.get("tags", [])
        assert may_fail == cell.id.startswith("check-"), cell.id


def test_copies_to_work_in_are_never_written_over(tmp_path: Path) -> None:
    """Mistake: `make lab` in the second week deletes the work of the first."""
    mine = tmp_path / "mine"
    assert add_copies(mine, ["00", "02"]) == [mine / START.name, mine / VERIFIERS.name]
    assert "](../GLOSSARY.md)" in (mine / START.name).read_text(encoding="utf-8")
    (mine / START.name).write_text("my work", encoding="utf-8")
    (mine / VERIFIERS.name).unlink()
    assert add_copies(mine, ["00", "02"]) == [mine / VERIFIERS.name]
    assert (mine / START.name).read_text(encoding="utf-8") == "my work"


def test_the_hub_gives_each_student_copies(tmp_path: Path) -> None:
    """Mistake: a config for a hub that stops at its first line."""
    config = types.SimpleNamespace(Spawner=types.SimpleNamespace())
    scope: dict[str, Any] = {"get_config": lambda: config, "__name__": "config"}
    source = (ROOT / "examples" / "jupyterhub_config.py").read_text(encoding="utf-8")
    exec(compile(source, "jupyterhub_config.py", "exec"), scope)
    called: list[list[str]] = []
    scope["subprocess"] = types.SimpleNamespace(run=lambda command, **_: called.append(command))
    folder = scope["copies_of"](tmp_path)
    assert called[0][1:] == ["release", "--add", "--out", str(folder)]
    assert config.Spawner.pre_spawn_hook is scope["before_the_server"]


def test_the_teachers_page_counts_right() -> None:
    """Mistake: exercises were added, and the teacher's page has the old number."""
    page = (ROOT / "notebooks" / "TEACHING.md").read_text(encoding="utf-8")
    points = sum(each.label.points for each in EXERCISES.values())
    assert f"{len(EXERCISES)} exercises, {points} points" in page
    assert len(PARTS) == 4 and "Four exercises have points for parts" in page


def test_no_student_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="one folder a student"):
        grade(tmp_path, tmp_path / "out", only=("00",), echo=lambda _: None)


def in_the_room(source: str, function: Callable[..., Any] | None = None, **named: Any) -> Any:
    with StudentProcess((), **named) as process:
        return process, process.run("f", [source], [{"x": 1}], seconds=5)


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root may choose a user")
def test_root_grades_as_another_user() -> None:
    """Mistake: students' code runs as root."""
    source = "import re\ndef f(x): return re.enum.sys.modules['os'].getuid()"
    process, run = in_the_room(source)
    assert "not root" in process.layers
    assert "not permitted" in run.ended  # even to ask who it is
    with StudentProcess((), user="daemon") as process:
        status = Path(f"/proc/{process.pid}/status").read_text()
        assert f"Uid:\t{pwd.getpwnam('daemon').pw_uid}\t" in status
        run = process.run("f", ["def f(x): return x + 1"], [{"x": 1}], seconds=5)
        assert run.outcomes[0].answer == 2
    with pytest.raises(HpptError, match="no-such-user"):
        in_the_room("", user="no-such-user")


def test_the_room_holds_no_answers() -> None:
    """Mistake: the student's process has a module of exercises that it can reach."""
    source = "import re\ndef f(x):\n    names = list(re.enum.sys.modules)\n"
    source += "    return [each for each in names if 'hppt' in each]"
    _, run = in_the_room(source)
    assert run.outcomes[0].answer == []


def test_a_changed_notebook_is_reviewed(tmp_path: Path) -> None:
    """Mistake: a solution that fails its own check is found out by thirty students."""
    assert problems_of(START, tmp_path / "scratch") == []
    wrong = solved(START, verdict_rates="def verdict_rates(passed, satisfied):\n    ### BEGIN "
                   "SOLUTION\n    return {}\n    ### END SOLUTION")  # fmt: skip
    path = tmp_path / START.name
    path.write_text(nbformat.writes(wrong), encoding="utf-8")
    [problem] = problems_of(path, tmp_path / "scratch")
    assert "the solution earns 0" in problem
    leaking = perfect(START)
    cell_of(leaking, "check-verdict-rates")["metadata"]["nbgrader"]["points"] = 3
    path.write_text(nbformat.writes(leaking), encoding="utf-8")
    assert "3 points in the cell, 2 above" in problems_of(path, tmp_path / "scratch")[0]


def test_the_command_lines(tmp_path: Path) -> None:
    for command in ("release", "grade", "review"):
        shown = subprocess.run(
            [sys.executable, "-m", "hppt_lib.cli", command, "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "Example" in shown.stdout
