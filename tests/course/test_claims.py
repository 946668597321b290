"""The claims: one file, read with errors that name the line, and every place in it exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hppt_lib.audit.reported import PAPER_PRECISION, paper_recall_on_false
from hppt_lib.course import claims as ledger
from hppt_lib.course.claims import Claim, claims_table, read_claims, recomputed, write_values
from hppt_lib.course.notebooks import read_notebook
from hppt_lib.course.statistics import STATISTICS, statistic
from hppt_lib.errors import HpptError
from hppt_lib.training.replication_page import PAPER_DIFFERENCES, PARTS
from tests import ROOT

RIGHT = """\
- id: one
  claim: Rules are right.
  paper:
    - 96 of 100 [digest]
  here: on our own set
  status: supported here
  tests:
    - notebook: "02"
      section: Rules
      how: on our own set
    - notebook: "06"
      section: Hacks
  values:  # computed
    - what: the judge
      statistic: judge
      of: {answers: a.jsonl, part: soft}
      value: "0.50"
- id: two
  claim: Noise does no harm.
  paper: ['Up to 10 % [abstract]']
  here: three seeds
  status: not attempted
  why: not yet
  tests: []
"""


def test_the_papers_numbers_in_code_are_those_of_the_ledger() -> None:
    """Mistake: a number that a page shows and the ledger does not, or shows for something else."""
    told = {each.id: " ".join(" ".join(each.paper).split()) for each in read_claims()}
    recall = {part: f"{100 * paper_recall_on_false(part):.1f}" for part in PARTS}
    batch = f"is {recall['hard, batch']} on hard and {recall['soft, batch']} on soft constraints"
    assert batch in told["judges-pass-too-much"]
    for kind, said in (("hard", "hard"), ("soft", "soft ones")):
        both = f"{recall[f'{kind}, pointwise']} instead of {recall[f'{kind}, batch']} on {said}"
        assert both in told["more-constraints-worse-judge"]
    assert f"Precision {100 * PAPER_PRECISION:.1f} against" in told["precise-verifiers"]

    def scores(claim: str) -> dict[str, str]:
        found = re.findall(r"(hard-only|mixed|soft-only) (\d\d\.\d\d)", told[claim])
        return {{"hard-only": "hard", "mixed": "raw", "soft-only": "soft"}[a]: n for a, n in found}

    [hppt] = re.findall(r"IFEval (\d\d\.\d\d)", told["hppt-performance"])
    ifeval = {**scores("soft-only-is-worst"), "hppt": hppt}
    average = scores("precision-over-diversity")
    assert len(ifeval) == 4 and len(average) == 3
    for (arm, other), shown in PAPER_DIFFERENCES.items():
        gap = float(ifeval[arm]) - float(ifeval[other])
        assert shown.startswith(f"IFEval {ifeval[arm]} − {ifeval[other]} = {gap:+.1f} points")
        if arm in average:
            assert f"average of five {float(average[arm]) - float(average[other]):+.1f}" in shown


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
    [value] = one.values
    assert (value.value, dict(value.arguments)) == ("0.50", {"answers": "a.jsonl", "part": "soft"})
    assert (two.status, two.why, two.values) == ("not attempted", "not yet", ())


def test_rows_of_the_table(right: Path) -> None:
    """Mistake: a table without the marks, or a claim that no notebook tests left out."""
    one, two = claims_table(right)
    assert one["what it rests on"] == "96 of 100 [digest]"
    assert one["where this course tests it"] == "02, Rules (on our own set)\n06, Hacks"
    assert (one["status"], one["measured here"]) == ("supported here", "the judge: 0.50")
    assert two["where this course tests it"] == "not yet"
    assert two["status"] == "not attempted: not yet"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[digest]", "", "line 4: this line about the paper must end with its mark"),
        ("[digest]", "[guess]", "line 4: this line about the paper"),
        ("id: two", "id: one", "line 18: a second claim with the id 'one'"),
        ('"02"', "two", "line 8: a notebook is named by two digits"),
        ("how:", "hwo:", "line 10: there is no field 'hwo'"),
        ("  claim: Rules are right.\n", "", "line 1: the field 'claim' is missing"),
        ("tests: []", "tests: 02", "line 24: a list is expected"),
        ("Rules are right.", "", "line 2: a text is expected"),
        ("- id: one", "- [id: one", "is not YAML"),
        ("supported here", "proved", "line 6: the status is one of"),
        ("not attempted", "supported here", "line 22: 'supported here' needs a value"),
        ("  why: not yet\n", "", "line 22: 'not attempted' needs a 'why'"),
        ('"0.50"', "0.50", "line 17: a value stands in quotes"),
        ("of: {answers: a.jsonl, part: soft}", "of: soft", "line 16: the arguments"),
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


def test_a_value_is_written_and_nothing_else(right: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a file written anew, without its comments; or a value written to another claim."""
    monkeypatch.setitem(STATISTICS, "judge", lambda **of: f'0.51 of "{of["part"]}"')
    changed = write_values(right)
    assert changed == ['one: the judge: 0.50 -> 0.51 of "soft"']
    assert right.read_text() == RIGHT.replace('"0.50"', '"0.51 of \\"soft\\""')
    assert read_claims(right)[0].values[0].value == '0.51 of "soft"'
    assert write_values(right) == []


def test_a_statistic_that_cannot_be_computed_says_of_what(right: Path) -> None:
    """Mistake: a TypeError for a misspelt argument, or a message that names no claim."""
    with pytest.raises(HpptError, match=r"The claim 'one', 'the judge': .*'measure'"):
        recomputed(read_claims(right)[0])
    with pytest.raises(HpptError, match="there is no statistic 'guess'; there are: difference"):
        statistic("guess", {})
    with pytest.raises(HpptError, match="no record in data/records is of the arm 'none'"):
        statistic("mean", {"records": "data/records", "arm": "none", "outcome": "strict"})
    of = {"answers": "data/evaluations/forms-e10.jsonl.gz", "arm": "none", "form": "types"}
    with pytest.raises(HpptError, match="no arm 'none'; it has: base, mixed-judge, programs"):
        statistic("kept", {**of, "base": "data/evaluations/internalisation-base"})
    some = {"less": "data/evaluations/benchmarks-e3/base-text.jsonl.gz", "benchmark": "ifeval"}
    some["verdicts"] = "data/evaluations/benchmarks-e3/hppt*-text.jsonl.gz"
    with pytest.raises(HpptError, match="has no 'speed' on 'ifeval'"):
        statistic("run difference", {**some, "metric": "speed"})
    with pytest.raises(HpptError, match="has no 'words' on 'cfbench'"):
        statistic("run difference", {**some, "metric": "words", "benchmark": "cfbench"})
    with pytest.raises(HpptError, match="no accuracy 'speed'; there are: prompt level, strict"):
        statistic("accuracy", {"verdicts": some["less"], "metric": "speed"})
    with pytest.raises(HpptError, match="in the form 'new'"):
        base = "data/evaluations/internalisation-base"
        statistic("kept", {**of, "arm": "programs", "form": "new", "base": base})


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


def test_readme_shows_the_ledger() -> None:
    """Mistake: a number in README that nothing computes, or the table of an older ledger."""
    text = (ROOT / "README.md").read_text("utf-8")
    assert ledger.with_readme_table(text, read_claims()) == text, "run: hppt claims --write"
    with pytest.raises(HpptError, match="README has no place for the claims"):
        ledger.with_readme_table("# HPPT-Lab", read_claims())


def test_readme_opens_with_the_answer_as_the_ledger_has_it() -> None:
    """Mistake: the first numbers that anybody reads are of an older analysis."""
    opening = " ".join(
        (ROOT / "README.md").read_text("utf-8").partition("## Two commands")[0].split()
    )
    values = {
        (claim.id, number): each.value
        for claim in read_claims()
        for number, each in enumerate(claim.values)
    }
    primary = values["aimed-errors", 0]
    assert primary.endswith("; Holm over 5: .117; refuted"), "the sentences say so in words"
    assert primary.partition("; Holm")[0] in opening
    before, own = re.findall(r"from (\S+) to (\S+),", values["aimed-errors", 2])[0]
    assert f"the judge passed {before} before training and {own} of its own" in opening
    [less] = [
        each.value
        for claim in read_claims()
        for each in claim.values
        if each.what.startswith("true success, precise rule less middling judge")
    ]
    assert less.partition(" (")[0] in opening


def wrong_values(claims: tuple[Claim, ...]) -> list[str]:
    """Each value that its records do not give, with both."""
    return [
        f"{claim.id}: {each.what}: {each.value!r}, computed {new!r}"
        for claim in claims
        for each, new in zip(claim.values, recomputed(claim), strict=True)
        if each.value != new
    ]


@pytest.mark.slow
def test_every_value_is_what_its_records_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a number typed in, or one of records that have changed since."""
    computed: dict[str, str] = {}

    def once(name: str, arguments: dict[str, str]) -> str:
        key = f"{name} {arguments}"
        if key not in computed:
            computed[key] = statistic(name, arguments)
        return computed[key]

    monkeypatch.setattr("hppt_lib.course.statistics.statistic", once)
    assert wrong_values(read_claims()) == [], "run: hppt claims --write"
    # And the same check with one digit of one value changed, for each value: it must fail.
    text = (ROOT / "data" / "claims.yaml").read_text("utf-8")
    changed = tmp_path / "claims.yaml"
    lines = [each.line for claim in read_claims() for each in claim.values]
    for line in lines:
        rows = text.splitlines(keepends=True)
        before = rows[line - 1]
        place = max(place for place, sign in enumerate(before) if sign.isdigit())
        digit = str((int(before[place]) + 1) % 10)
        rows[line - 1] = before[:place] + digit + before[place + 1 :]
        changed.write_text("".join(rows), "utf-8")
        assert rows[line - 1].strip().startswith("value:")
        assert len(wrong_values(read_claims(changed))) == 1, before
