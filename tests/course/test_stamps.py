"""Outputs that no longer belong to the code beside them are found; nothing else is an alarm."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from hppt_lib.course import stamps
from hppt_lib.course.notebooks import read_notebook, write_notebook

MODULE = '''"""Doc."""
from hppt_lib.helper import two
FILE = "held_out.jsonl"


def one():
    return two()
'''
LAZY = """import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
"""
FRONT_DOOR = """from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hppt_lib.eager import deux as deux
    from hppt_lib.room import one as one

def __getattr__(name):
    raise AttributeError(name)
"""
STUB = "from .first import one as one\nfrom .second import two as two\n"
EAGER = """from hppt_lib.eager.first import one
from hppt_lib.eager.second import two as deux

def own():
    return 1
"""
TYPES = "if TYPE_CHECKING:\n    from hppt_lib.other import x\n"
LOOKS = """import pkgutil

def build():
    return list(pkgutil.walk_packages(["."]))
"""
ASKS = "def check(name):\n    return importlib.import_module(f'hppt_lib.exercises.{name}')\n"
HELPER = "def two():\n    return 2\n"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small checkout: a module, its helper, one that is not imported, a subpackage, data."""
    files = {
        "hppt_lib/__init__.py": FRONT_DOOR,
        "hppt_lib/module.py": MODULE,
        "hppt_lib/helper.py": HELPER,
        "hppt_lib/other.py": "x = 1\n",
        "hppt_lib/family/__init__.py": "",
        "hppt_lib/family/found_by_looking.py": "y = 1\n",
        "hppt_lib/room/__init__.py": LAZY,
        "hppt_lib/room/__init__.pyi": STUB,
        "hppt_lib/room/first.py": "def one():\n    return 1\n",
        "hppt_lib/room/second.py": "from hppt_lib.room.third import three\n\ntwo = three\n",
        "hppt_lib/room/third.py": "three = 3\n",
        "hppt_lib/eager/__init__.py": EAGER,
        "hppt_lib/eager/first.py": "from typing import TYPE_CHECKING\n" + TYPES + "one = 1\n",
        "hppt_lib/eager/second.py": "two = 2\n",
        "hppt_lib/eager/words.txt": "a\n",
        "hppt_lib/looks/__init__.py": "from hppt_lib.looks.registry import build\n",
        "hppt_lib/looks/registry.py": LOOKS,
        "hppt_lib/looks/rule.py": "y = 1\n",
        "hppt_lib/exercises/__init__.py": "",
        "hppt_lib/exercises/first.py": "z = 1\n",
        "hppt_lib/exercises/second.py": "z = 2\n",
        "hppt_lib/cli/__init__.py": "from hppt_lib.cli.main import app\n",
        "hppt_lib/cli/__main__.py": "from hppt_lib.cli import app\n",
        "hppt_lib/cli/main.py": "from hppt_lib.cli import run, other\n",
        "hppt_lib/cli/run.py": "from hppt_lib.cli.shared import x\ndef train_it(): ...\n",
        "hppt_lib/cli/shared.py": "x = 1\n",
        "hppt_lib/cli/other.py": "def paint(): ...\n",
        "hppt_lib/checks.py": "import importlib\n" + ASKS,
        "data/held_out.jsonl": "{}\n",
        "data/runs/seed_0.json": "{}\n",
        "data/other.csv": "a\n",
        "notebooks/.keep": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(stamps, "repository_folder", lambda: tmp_path)
    return tmp_path


def run_notebook(checkout: Path, *cells: str, tier: str = "cpu") -> Path:
    """Write a notebook as if it had run."""
    node = nbformat.v4.new_notebook()
    for number, source in enumerate(cells, start=1):
        output = nbformat.v4.new_output("stream", name="stdout", text="out\n")
        node.cells.append(
            nbformat.v4.new_code_cell(source, execution_count=number, outputs=[output])
        )
    stamps.stamp(node, tier=tier, seconds=1.2)
    path = checkout / "notebooks" / "00_a.ipynb"
    write_notebook(node, path)
    return path


def edit(path: Path, change: Callable[[Any], object]) -> None:
    node = nbformat.read(path, as_version=4)
    change(node)
    write_notebook(node, path)


def test_what_outputs_depend_on(checkout: Path) -> None:
    """Mistake: missing what is imported through something else, or counting everything."""
    path = run_notebook(checkout, "from hppt_lib import module", "import hppt_lib.family")
    code = nbformat.read(path, as_version=4).metadata.hppt.code
    assert set(code) == {
        "code cells",
        "data/held_out.jsonl",
        "hppt_lib/module.py",
        "hppt_lib/helper.py",
        "hppt_lib/family/__init__.py",
        "hppt_lib/family/found_by_looking.py",
    }
    assert stamps.stale(path) is None


def test_a_module_imported_by_its_name_in_a_string_counts(checkout: Path) -> None:
    """Mistake: exercises, which are imported by name, change under the outputs of their checks."""
    source = "import importlib; importlib.import_module(f'hppt_lib.family.{name}')"
    code = nbformat.read(run_notebook(checkout, source), as_version=4).metadata.hppt.code
    assert "hppt_lib/family/found_by_looking.py" in code


def test_of_a_program_the_command_that_is_run_counts(checkout: Path) -> None:
    """Mistake: a change of any command, which makes the outputs of all that run one stale."""
    source = "import subprocess; subprocess.run(['python', '-m', 'hppt_lib.cli', '{}'])"
    one, none = (
        nbformat.read(run_notebook(checkout, source.format(command)), 4).metadata.hppt.code
        for command in ("train-it", "whatever")
    )
    assert set(one) == {"code cells", "hppt_lib/cli/run.py", "hppt_lib/cli/shared.py"}
    assert {"hppt_lib/cli/other.py", "hppt_lib/cli/main.py"} < set(none)


@pytest.mark.parametrize(
    ("source", "reached"),
    [
        ("from hppt_lib.room import one", {"room/first"}),
        ("from hppt_lib import one", {"room/first"}),
        ("from hppt_lib import deux, room\nroom.one()", {"eager/second", "room/first"}),
        ("from hppt_lib.room import two", {"room/second", "room/third"}),
        ("from hppt_lib import room\nroom.one()", {"room/first"}),
        ("from hppt_lib.eager import one", {"eager/first"}),
        ("from hppt_lib.eager import deux", {"eager/second"}),
        ("from hppt_lib.looks import build", {"looks/registry", "looks/rule"}),
    ],
)
def test_a_name_from_a_room_counts_the_module_that_defines_it(
    checkout: Path, source: str, reached: set[str]
) -> None:
    """Mistake: half an hour of new runs because another module of the room changed."""
    modules = {
        name.removeprefix("hppt_lib/").removesuffix(".py")
        for name in stamps.fingerprints(read_notebook(run_notebook(checkout, source)))
        if name.endswith(".py") and "__init__" not in name
    }
    assert modules == reached


@pytest.mark.parametrize(
    "source",
    [
        "from hppt_lib import room",
        "from hppt_lib import room\nprint(room)",
        "from hppt_lib import room\nroom.neither_here_nor_there()",
        "from hppt_lib.room import *",
        "import hppt_lib.room",
    ],
)
def test_the_whole_room_counts_where_it_cannot_be_told(checkout: Path, source: str) -> None:
    """Mistake: a name that nobody finds, and so no code that counts."""
    named = stamps.fingerprints(read_notebook(run_notebook(checkout, source)))
    assert {"hppt_lib/room/first.py", "hppt_lib/room/third.py"} <= set(named)


def test_an_init_that_does_something_counts_with_its_whole_room(checkout: Path) -> None:
    """Mistake: a room that registers at import, and the change of what it registers unseen."""
    (checkout / "hppt_lib/eager/__init__.py").write_text(EAGER + "print(own())\n")
    named = stamps.fingerprints(
        read_notebook(run_notebook(checkout, "from hppt_lib.eager import one"))
    )
    assert {"hppt_lib/eager/__init__.py", "hppt_lib/eager/second.py"} <= set(named)


def test_what_a_room_defines_itself_counts(checkout: Path) -> None:
    path = run_notebook(checkout, "from hppt_lib.eager import own")
    (checkout / "hppt_lib/eager/__init__.py").write_text(EAGER.replace("return 1", "return 2"))
    assert stamps.stale(path) == "changed since it ran: hppt_lib/eager/__init__.py"


def test_a_name_that_moves_to_another_module_is_a_change(checkout: Path) -> None:
    """Mistake: a stub that points elsewhere, and outputs of the old function."""
    path = run_notebook(checkout, "from hppt_lib.room import one")
    (checkout / "hppt_lib/room/__init__.pyi").write_text("from .second import two as one\n")
    assert "hppt_lib/room/second.py" in (stamps.stale(path) or "")


def test_a_parameter_is_not_the_room_of_the_same_name(checkout: Path) -> None:
    """Mistake: `def f(room): return room` in an exercise, and all of the room counts."""
    source = "from hppt_lib import room\nroom.one()\ndef f(room):\n    return room"
    named = stamps.fingerprints(read_notebook(run_notebook(checkout, source)))
    assert "hppt_lib/room/second.py" not in named


def test_what_only_a_type_checker_imports_does_not_count(checkout: Path) -> None:
    path = run_notebook(checkout, "from hppt_lib.eager import one")
    (checkout / "hppt_lib/other.py").write_text("x = 2\n")
    assert stamps.stale(path) is None


def test_data_beside_the_modules_of_a_room_counts(checkout: Path) -> None:
    """Mistake: a list of words changed, and the verdicts under it not."""
    path = run_notebook(checkout, "from hppt_lib.eager import one")
    (checkout / "hppt_lib/eager/words.txt").write_text("b\n")
    assert stamps.stale(path) == "changed since it ran: hppt_lib/eager/words.txt"


def test_only_the_exercises_that_a_notebook_asks_for_count(checkout: Path) -> None:
    """Mistake: an exercise of one notebook changed, and all notebooks have to run again."""
    cells = ("from hppt_lib.checks import check", "check('first.words')")
    path = run_notebook(checkout, *cells)
    (checkout / "hppt_lib/exercises/second.py").write_text("z = 3\n")
    assert stamps.stale(path) is None
    (checkout / "hppt_lib/exercises/first.py").write_text("z = 3\n")
    assert stamps.stale(path) == "changed since it ran: hppt_lib/exercises/first.py"


def test_the_version_is_that_of_the_installed_kit() -> None:
    """Mistake: the course imports the front door, which imports the course."""
    from importlib.metadata import version

    assert stamps.kit_version() == version("hppt-lab")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hppt_lib/module.py", MODULE.replace("return two()", "return two() + 1")),
        ("hppt_lib/helper.py", HELPER.replace("2\n", "3\n")),
        ("data/held_out.jsonl", '{"a": 1}\n'),
    ],
)
def test_a_change_that_counts(checkout: Path, name: str, text: str) -> None:
    """Mistake: outputs of old code that pass for the new code's."""
    path = run_notebook(checkout, "from hppt_lib.module import one")
    (checkout / name).write_text(text)
    assert stamps.stale(path) == f"changed since it ran: {name}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("hppt_lib/module.py", MODULE.replace('"""Doc."""', '"""Other words."""  # and a comment')),
        ("hppt_lib/helper.py", 'def two():\n    """Now with a docstring."""\n    return (\n 2)\n'),
        ("hppt_lib/other.py", "x = 2\n"),
        ("hppt_lib/__init__.py", '__version__ = "2"\n'),
        ("data/other.csv", "b\n"),
    ],
)
def test_a_change_that_does_not_count(checkout: Path, name: str, text: str) -> None:
    """Mistake: a run of 25 minutes for a comment."""
    path = run_notebook(checkout, "from hppt_lib.module import one")
    (checkout / name).write_text(text)
    assert stamps.stale(path) is None


def test_a_new_data_file_in_a_named_folder_counts(checkout: Path) -> None:
    """Mistake: a figure of four seeds beside data of five."""
    path = run_notebook(checkout, "from pathlib import Path", "folder = Path('../data/runs')")
    (checkout / "data/runs/seed_1.json").write_text("{}")
    assert stamps.stale(path) == "changed since it ran: data/runs/seed_1.json"


def test_a_data_file_named_by_pattern_counts(checkout: Path) -> None:
    """Mistake: data that is found by a pattern escapes the check."""
    path = run_notebook(checkout, "import glob; glob.glob('../data/*/seed_*.json')")
    (checkout / "data/runs/seed_0.json").write_text("[]")
    assert stamps.stale(path) == "changed since it ran: data/runs/seed_0.json"


def test_a_pattern_without_a_folder_names_no_data(checkout: Path) -> None:
    """Mistake: the text of a comment mark, "/*", taken for a claim to every data file."""
    path = run_notebook(checkout, "marks = ['/*', '*/', './*', 'http://*']")
    named = stamps.fingerprints(read_notebook(path))
    assert not [name for name in named if name.startswith("data/")]


def test_magics_are_code_too(checkout: Path) -> None:
    """Mistake: a cell with a magic that cannot be parsed, and is left out."""
    path = run_notebook(checkout, "%matplotlib inline\nx = 1", "!ls", "%%bash\nls {")
    assert stamps.stale(path) is None
    edit(path, lambda node: node.cells[0].update(source="%matplotlib agg\nx = 1"))
    assert stamps.stale(path) == "changed since it ran: code cells"


def drop_metadata(node: Any) -> None:
    del node.metadata["hppt"]


def add_error(node: Any) -> None:
    node.cells[1].outputs = [
        nbformat.v4.new_output("error", ename="KeyError", evalue="'a'", traceback=[])
    ]


CHANGES = {
    "never run": (drop_metadata, "never run"),
    "another cell": (lambda node: node.cells[0].update(source="x = 2"), "code cells"),
    "an error": (add_error, "code cell 2 ended in KeyError"),
    "not executed": (lambda node: node.cells[1].update(execution_count=None), "nothing"),
    "out of order": (lambda node: node.cells[0].update(execution_count=7), "execution count 7"),
    "cleared": (lambda node: node.cells[0].update(outputs=[]), "edited or cleared"),
    "edited": (lambda node: node.cells[0].outputs[0].update(text="1.0"), "edited or cleared"),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_notebook_that_was_changed_after_its_run(checkout: Path, kind: str) -> None:
    """Mistake: hand-made or half-run outputs that look like a run."""
    change, reason = CHANGES[kind]
    path = run_notebook(checkout, "x = 1", "x")
    assert stamps.stale(path) is None
    edit(path, change)
    assert reason in (stamps.stale(path) or "")


def test_prose_may_change(checkout: Path) -> None:
    """Mistake: a run of 25 minutes for a typing error in the text."""
    path = run_notebook(checkout, "x = 1")
    edit(path, lambda node: node.cells.insert(0, nbformat.v4.new_markdown_cell("New words.")))
    assert stamps.stale(path) is None


def test_the_tier_counts(checkout: Path) -> None:
    """Mistake: outputs of the smoke tier, whose numbers mean nothing, in the repository."""
    path = run_notebook(checkout, "x = 1", tier="smoke")
    assert stamps.stale(path) == "its outputs come from tier 'smoke', not 'cpu'"


def test_outputs_survive_a_round_trip(checkout: Path) -> None:
    """Mistake: a fingerprint of how the file is laid out, not of what it says."""
    path = run_notebook(checkout, "x = 1")
    node = nbformat.read(path, as_version=4)
    node.cells[0].outputs = [
        nbformat.v4.new_output(
            "display_data", data={"text/html": "<b>\n1</b>", "image/png": "aGk=\n"}
        )
    ]
    stamps.stamp(node, tier="cpu", seconds=1)
    write_notebook(node, path)
    assert stamps.stale(path) is None


def test_a_folder_is_not_named_by_a_word_alone(checkout: Path) -> None:
    """Mistake: the word "runs" in some list makes every file under data/runs count."""
    path = run_notebook(checkout, "print('runs', '*.json')", "print('the data')")
    (checkout / "data/runs/seed_1.json").write_text("{}")
    assert stamps.stale(path) is None


def test_a_file_deep_in_the_data_is_named_with_its_folder(checkout: Path) -> None:
    """Mistake: every notebook with the word "judge" in it is stale when a judge is trained."""
    judge = checkout / "data" / "experiments" / "e9" / "weak" / "judge.json"
    judge.parent.mkdir(parents=True)
    judge.write_text("{}")
    by_word = run_notebook(checkout, 'name = "judge"')
    assert "experiments" not in str(nbformat.read(by_word, as_version=4).metadata.hppt.code)
    for named in (
        'name, file = "weak", "e9/judge.json"',
        'kind, r = "judge", "judged(judge=e9/weak, all)"',
    ):
        by_folder = run_notebook(checkout, named)
        judge.write_text(f'{{"a": {len(named)}}}')
        assert "weak/judge.json" in str(stamps.stale(by_folder)), named


def test_data_that_a_notebook_no_longer_reaches_is_no_alarm(checkout: Path) -> None:
    """Mistake: a mended rule makes outputs stale that depend on less than was said."""
    path = run_notebook(checkout, 'name = "held_out"')
    edit(path, lambda node: node.metadata.hppt.code.update({"data/other.csv": "0" * 16}))
    assert stamps.stale(path) is None
    (checkout / "data" / "other.csv").unlink()
    assert "data/other.csv" in str(stamps.stale(path)), "it may have been read by its folder"
