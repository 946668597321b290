"""The README's pictures belong to the records that the kit ships."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image

from hppt_lib import evaluation
from hppt_lib.figures import readme as pictures
from hppt_lib.files import repository_folder
from tests.helpers.commands import hppt

pytestmark = pytest.mark.slow

ROOT = repository_folder()


@pytest.mark.parametrize("name", ["training", "satisfaction", *pictures.LADDERS])
def test_committed_picture_was_drawn_from_the_committed_records(name: str) -> None:
    """Mistake: new records, and the README still shows the old runs."""
    with Image.open(ROOT / "data" / "figures" / f"{name}.png") as picture:
        drawn_from = picture.info.get("Description")
    assert drawn_from == pictures.fingerprint(), "run 'hppt pictures' and commit data/figures"


def test_pictures_are_drawn_whole(tmp_path: Path) -> None:
    """Mistake: a figure function changes, and the README's pictures can no longer be made."""
    for path in pictures.draw_readme(tmp_path):
        with Image.open(path) as picture:
            assert picture.width > 800
            assert picture.info["Description"] == pictures.fingerprint()
    assert not list(tmp_path.glob(".*")), "a temporary file was left behind"


def test_readme_shows_files_that_exist() -> None:
    """Mistake: a renamed notebook or picture leaves a dead link on the first page."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    links = [each for each in re.findall(r"\]\(([^)#]+)\)", readme) if "://" not in each]
    assert links
    for link in links:
        assert (ROOT / link).exists(), f"README links to {link}, which is not there"


def test_readme_lists_every_notebook() -> None:
    """Mistake: a notebook lands and the front page does not know it."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"notebooks/{path.name}" in readme


def test_own_runs_are_drawn_from_their_folder(tmp_path: Path) -> None:
    """Mistake: pictures of the shipped records, whatever the user's folder holds."""
    for path in sorted((ROOT / "data/records").glob("cpu-guarded-seed[01].json")):
        text = path.read_text(encoding="utf-8")
        (tmp_path / f"mine {path.stem}.json").write_text(
            text.replace('"reward": "guarded"', '"reward": "my_module:my_function"')
        )
    (tmp_path / "broken.json").write_text("{")
    done = hppt("pictures", str(tmp_path), "--out", str(tmp_path / "out"))
    assert done.returncode == 0 and "left out: " in done.stderr and "broken.json" in done.stderr
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "constraints.png",
        "satisfaction.png",
        "training.png",
    ]
    runs = evaluation.read_runs(tmp_path)
    drawn = pictures._figures(runs)
    [label] = [text.get_text() for text in drawn["training"].axes[0].get_legend().get_texts()]
    assert label == "my_module:my_function"
    assert "seeds 0, 1" in drawn["satisfaction"].get_supxlabel()
