"""The course runner, on tiny notebooks: one for each way to go right or wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from hppt_lib.cli import app
from hppt_lib.course import run as course
from hppt_lib.course.notebooks import clean, find_notebooks, read_notebook
from hppt_lib.course.run import NotebookFailed, run_course
from hppt_lib.errors import HpptError

pytestmark = pytest.mark.slow

Maker = Callable[..., Path]


@pytest.fixture
def make_notebook(tmp_path: Path) -> Maker:
    """Write a notebook of the given code cells (text that begins with # is a heading)."""
    import nbformat

    def make(name: str, *cells: str) -> Path:
        v4 = nbformat.v4
        made = [
            v4.new_markdown_cell(cell) if cell.startswith("# ") else v4.new_code_cell(cell)
            for cell in cells
        ]
        path = tmp_path / "notebooks" / name
        path.parent.mkdir(exist_ok=True)
        nbformat.write(v4.new_notebook(cells=made), path)
        return path

    return make


def run(path: Path, **options: Any) -> tuple[Path, list[str]]:
    """Run the folder of `path`; the folder of the copies, and the lines of progress."""
    said: list[str] = []
    out = path.parent.parent / "executed"
    return run_course("smoke", folder=path.parent, out=out, echo=said.append, **options), said


def test_notebooks_run_in_order_into_copies(make_notebook: Maker) -> None:
    """Mistake: another Python than this one, a tier that is not passed on, one shared kernel."""
    make_notebook("01_second.ipynb", "# Second", "assert 'seen' not in globals()")
    path = make_notebook(
        "00_first.ipynb",
        "# First",
        "import os, sys; seen = os.environ['HPPT_TIER'], sys.executable",
        "seen",
    )
    before = path.read_bytes()
    out, said = run(path)
    done = read_notebook(out / "00_first.ipynb")
    assert done.cells[2].outputs[0].data["text/plain"].startswith("('smoke', ")
    assert path.read_bytes() == before, "the source changes only with in_place"
    assert [line.split()[0] for line in said if " ok " in line] == [
        "00_first.ipynb",
        "01_second.ipynb",
    ]
    assert any("cell 2 of 2" in line for line in said)
    assert done.metadata.hppt.tier == "smoke" and "failed" not in done.metadata.hppt


def test_a_failed_cell_is_named_and_ends_the_run(make_notebook: Maker) -> None:
    """Mistake: a failure that shows only in a copy, or hides behind a later notebook."""
    make_notebook("01_never.ipynb", "1")
    path = make_notebook("00_bad.ipynb", "# Bad", "1", "", "x = {}\nx['missing key']", "2")
    with pytest.raises(HpptError) as caught:
        run(path)
    message = str(caught.value)
    assert message.startswith("00_bad.ipynb, cell 2: KeyError: 'missing key'")
    assert "----> 2" in message and "\x1b" not in message
    assert isinstance(caught.value, NotebookFailed)
    copy = read_notebook(caught.value.out / "00_bad.ipynb")
    assert copy.metadata.hppt.failed == "cell 2: KeyError: 'missing key'"
    assert not (caught.value.out / "01_never.ipynb").exists()


def test_a_kernel_that_dies_is_said_clearly(make_notebook: Maker) -> None:
    """Mistake: waiting for ever, or a traceback of the client's own."""
    path = make_notebook("00_dies.ipynb", "1", "import os, signal; os.kill(os.getpid(), 9)")
    with pytest.raises(HpptError, match="00_dies.ipynb, cell 2: the kernel died.*memory"):
        run(path)


def test_a_kernel_that_never_starts_is_said_clearly(
    make_notebook: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: "No such kernel" and its page of traceback (ipykernel broken or missing)."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    path = make_notebook("00_a.ipynb", "1")
    monkeypatch.setattr("sys.executable", str(python))
    with pytest.raises(HpptError, match="00_a.ipynb, cell 0: the kernel"):
        run(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("<<<<<<< HEAD", "is not a notebook"),
        ('{"cells": 3, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "is not a notebook"),
        ("", "is not a notebook"),
    ],
)
def test_a_broken_file_is_found_before_anything_runs(
    make_notebook: Maker, text: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: twenty minutes of work, and then a JSON error in the last file."""
    path = make_notebook("00_fine.ipynb", "1")
    (path.parent / "01_broken.ipynb").write_text(text)
    monkeypatch.setattr(course, "execute", lambda *_: pytest.fail("it ran"))
    with pytest.raises(HpptError, match=f"01_broken.ipynb {reason}"):
        run(path)


def test_a_notebook_of_another_language_is_refused(make_notebook: Maker) -> None:
    """Mistake: R code run as Python."""
    path = make_notebook("00_r.ipynb", "1")
    node = json.loads(path.read_text())
    node["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    path.write_text(json.dumps(node))
    with pytest.raises(HpptError, match="language R"):
        read_notebook(path)


def test_in_place_writes_outputs_and_only_on_success(make_notebook: Maker) -> None:
    """Mistake: committing the outputs of a failed run."""
    good = make_notebook("00_good.ipynb", "print('out')")
    bad = make_notebook("01_bad.ipynb", "1 / 0")
    before = bad.read_bytes()
    with pytest.raises(HpptError, match="ZeroDivisionError"):
        run(good, in_place=True)
    assert read_notebook(good).cells[0].outputs[0].text == "out\n"
    assert bad.read_bytes() == before


def test_only_some_notebooks(make_notebook: Maker) -> None:
    """Mistake: a mistyped number that runs everything, or a run that drops earlier copies."""
    path = make_notebook("00_a.ipynb", "# Alpha", "1")
    make_notebook("06_b.ipynb", "# Beta", "1")
    run(path, only=["00"])
    out, said = run(path, only=["06"])
    assert not any("00_a" in line for line in said)
    assert [each.name for each in find_notebooks(out)] == ["00_a.ipynb", "06_b.ipynb"]
    with pytest.raises(HpptError, match="begins with '6'.*00_a, 06_b"):
        find_notebooks(path.parent, ["6"])
    shutil.rmtree(path.parent)
    with pytest.raises(HpptError, match="no notebooks"):
        find_notebooks(path.parent)


def test_no_such_tier(make_notebook: Maker) -> None:
    """Mistake: starting kernels before the tier is known."""
    with pytest.raises(HpptError, match="no tier 'x'"):
        run_course("x", folder=make_notebook("00_a.ipynb", "1").parent)


def stream(text: str, name: str = "stderr") -> Any:
    import nbformat

    return nbformat.v4.new_output("stream", name=name, text=text)


def cleaned(*outputs: Any) -> list[Any]:
    import nbformat

    cell = nbformat.v4.new_code_cell("1", outputs=list(outputs))
    node = nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}})
    clean(node)
    assert "widgets" not in node.metadata
    return list(node.cells[0].outputs)


def test_progress_bars_leave_nothing() -> None:
    """Mistake: hundreds of lines of a progress bar in a committed notebook."""
    bar = "".join(f"\rTraining: {n * 10:3d}%|{'#' * n}| {n}/10 [00:01<00:01]" for n in range(11))
    assert cleaned(stream(bar + "\n")) == []
    assert cleaned(stream("before\n" + bar), stream("\rafter\n"))[0].text == "before\nafter\n"
    assert cleaned(stream("kept: 40% of 10\n"))[0].text == "kept: 40% of 10\n"
    assert cleaned(stream("a\n\nb\r\n"))[0].text == "a\n\nb\n"


def test_widgets_and_paths_leave_nothing() -> None:
    """Mistake: a dead widget as "0%|  | 0/10", or this machine's paths in a commit."""
    import nbformat

    widget = nbformat.v4.new_output(
        "display_data",
        data={"application/vnd.jupyter.widget-view+json": {}, "text/plain": "0%|  | 0/10"},
    )
    assert cleaned(widget) == []
    text = cleaned(stream(f"{sys.prefix}/lib/x.py:3: UserWarning: look"))[0].text
    assert text == "VENV/lib/x.py:3: UserWarning: look"


def test_an_interrupt_ends_the_kernel_and_blames_no_memory(make_notebook: Maker) -> None:
    """Mistake: Ctrl-C told as a kernel that died, or a kernel that goes on training alone."""
    path = make_notebook(
        "00_long.ipynb",
        "import os, pathlib, time\n"
        "pathlib.Path('pid').write_text(str(os.getpid()))\n"
        "time.sleep(60)",
    )
    program = (
        "import sys, pathlib\n"
        "from hppt_lib.course.run import NotebookFailed, run_course\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "run_course('smoke', folder=folder, out=folder / 'executed')\n"
    )
    command = [sys.executable, "-c", program, str(path.parent)]
    child = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    pid = path.parent / "pid"
    end = time.monotonic() + 60
    while not (pid.is_file() and pid.read_text()):
        assert time.monotonic() < end and child.poll() is None
        time.sleep(0.05)
    child.send_signal(signal.SIGINT)
    errors = child.communicate(timeout=60)[1]
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert not (path.parent / "executed").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@pytest.mark.parametrize("last", ["1", "1 / 0"])
def test_no_kernel_is_left_running(make_notebook: Maker, last: str) -> None:
    """Mistake: each notebook's kernel keeps its gigabytes until the whole course is done."""
    import psutil

    path = make_notebook("00_one.ipynb", "# One", last)
    try:
        run(path)
    except HpptError:
        assert last == "1 / 0"
    left = [each for each in psutil.Process().children(recursive=True) if each.is_running()]
    kernels = [each for each in left if "ipykernel_launcher" in " ".join(each.cmdline())]
    assert not kernels


def test_in_place_makes_no_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: minutes of Sphinx for whoever wants the outputs alone."""
    monkeypatch.setattr(course, "run_course", lambda *_, **__: Path("nowhere"))
    monkeypatch.setattr("hppt_lib.cli.course._pages", lambda _: pytest.fail("pages"))
    done = CliRunner().invoke(app, ["course", "--in-place", "--only", "00"])
    assert done.exit_code == 0 and "in the notebooks" in done.output
