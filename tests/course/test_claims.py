"""The claims: one file, read with errors that name the line, and every place in it exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hppt_lib.course.claims import Claim, claims_table, read_claims
from hppt_lib.course.notebooks import read_notebook
from hppt_lib.errors import HpptError
from tests import ROOT

RIGHT = """\
- id: one
  claim: Rules are right.
  paper:
    - 96 of 100 [digest]
  tests:
    - notebook: "02"
      section: Rules
      how: on our own set
    - notebook: "06"
      section: Hacks
- id: two
  claim: Noise does no harm.
  paper: [Up to 10 % [abstract]]
  tests: []
""".replace("[Up to 10 % [abstract]]", "['Up to 10 % [abstract]']")


@pytest.fixture
def right(tmp_path: Path) -> Path:
    path = tmp_path / "claims.yaml"
    path.write_text(RIGHT)
    return path


def test_a_file_is_read(right: Path) -> None:
    """Mistake: a place where a claim is tested that is lost on the way."""
    one, two = read_claims(right)
    assert (one.id, one.claim, one.paper) == ("one", "Rules are right.", ("96 of 100 [digest]",))
    assert [test.notebook for test in one.tests] == ["02", "06"] and two.tests == ()


def test_rows_of_the_table(right: Path) -> None:
    """Mistake: a table without the marks, or a claim that no notebook tests left out."""
    one, two = claims_table(right)
    assert one["what it rests on"] == "96 of 100 [digest]"
    assert one["where this course tests it"] == "02, Rules (on our own set)\n06, Hacks"
    assert two["where this course tests it"] == "not yet"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[digest]", "", "line 4: this line about the paper must end with its mark"),
        ("[digest]", "[guess]", "line 4: this line about the paper"),
        ("id: two", "id: one", "line 11: a second claim with the id 'one'"),
        ('"02"', "two", "line 6: a notebook is named by two digits"),
        ("how:", "hwo:", "line 8: there is no field 'hwo'"),
        ("  claim: Rules are right.\n", "", "line 1: the field 'claim' is missing"),
        ("tests: []", "tests: 02", "line 14: a list is expected"),
        ("Rules are right.", "", "line 2: a text is expected"),
        ("- id: one", "- [id: one", "is not YAML"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_line(
    right: Path, old: str, new: str, says: str
) -> None:
    """Mistake: a KeyError from the depth of a notebook, or a claim that is quietly left out."""
    right.write_text(RIGHT.replace(old, new, 1))
    with pytest.raises(HpptError, match=re.escape(says)):
        read_claims(right)


def test_a_missing_or_empty_file(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="cannot be read"):
        read_claims(tmp_path / "none.yaml")
    (tmp_path / "empty.yaml").write_text("")
    with pytest.raises(HpptError, match="line 1: a list is expected"):
        read_claims(tmp_path / "empty.yaml")


@pytest.mark.parametrize("claim", read_claims(), ids=lambda claim: claim.id)
def test_every_place_that_a_claim_names_exists(claim: Claim) -> None:
    """Mistake: a notebook renumbered or a section renamed, and the table of claims not."""
    for test in claim.tests:
        [path] = (ROOT / "notebooks").glob(f"{test.notebook}_*.ipynb")
        headings = {
            re.sub(r"^#+ (\d+ · )?", "", line)
            for cell in read_notebook(path).cells
            if cell.cell_type == "markdown"
            for line in cell.source.splitlines()
            if line.startswith("#")
        }
        assert test.section in headings, f"{path.name} has no section '{test.section}'"
