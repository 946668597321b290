"""The course itself: every notebook runs at tier smoke, and its committed outputs are its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from hppt_lib.course import run as course
from hppt_lib.course import stamps
from hppt_lib.course.notebooks import read_notebook
from hppt_lib.files import repository_folder

pytestmark = pytest.mark.slow

NOTEBOOKS = sorted((repository_folder() / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_runs(path: Path, embedded_model: Path, tmp_path: Path) -> None:
    """Mistake: a notebook that was right when it was written."""
    said: list[str] = []
    done = course.execute(read_notebook(path), path, "smoke", said.append)
    assert done.failure is None, str(done.failure)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_outputs_belong_to_the_committed_code(path: Path) -> None:
    """Mistake: code changed and the figures beside it not."""
    reason = stamps.stale(path)
    assert reason is None, f"{path.name}: {reason}. Run 'make outputs' and commit the notebook."
