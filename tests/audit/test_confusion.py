"""The audit counts what it says it counts, and its intervals hold."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import cohens_kappa

from hppt_lib import audit, verifiers
from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl, repository_folder
from tests.helpers.verdicts import TRUTHS, VERDICTS, assert_rates_are_right


def test_confusion_against_scikit_learn() -> None:
    """Mistake: precision and recall exchanged, or recall on false responses of the wrong class."""
    found = audit.confusion(VERDICTS, TRUTHS)
    assert (found.true_passes, found.false_passes, found.true_fails, found.false_fails) == (
        6,
        2,
        3,
        1,
    )
    assert_rates_are_right(found)
    assert found.samples == 12


def test_a_perfect_score_has_an_interval() -> None:
    """Mistake: 20 of 20 reported as certainty."""
    found = audit.confusion([True] * 20, [True] * 20)
    assert found.precision and found.precision.mean == 1 == pytest.approx(found.precision.high)
    assert found.precision.low == pytest.approx(0.839, abs=0.001), "Wilson, 20 of 20"


def test_what_cannot_be_said_is_none() -> None:
    """Mistake: a division by zero, or a made-up 1.0, where nothing passed."""
    nothing = audit.confusion([False], [False])
    assert nothing.precision is None and nothing.recall is None
    assert audit.confusion([True], [True]).recall_on_false is None
    assert audit.Confusion().accuracy is None


def test_verdicts_and_truths_go_together() -> None:
    with pytest.raises(ValueError):
        audit.confusion([True], [True, False])


def test_kappa_against_scikit_learn() -> None:
    """Mistake: plain agreement called κ."""
    found = audit.agreement(VERDICTS, TRUTHS)
    assert found.kappa == pytest.approx(cohen_kappa_score(VERDICTS, TRUTHS))
    assert found.share.mean == pytest.approx(9 / 12)
    assert found.low < found.kappa < found.high <= 1
    assert audit.agreement(TRUTHS, TRUTHS).kappa == 1
    assert str(found).startswith("κ = 0.4")


@given(st.lists(st.integers(1, 40), min_size=4, max_size=4))
def test_the_interval_of_kappa_is_that_of_statsmodels(counts: list[int]) -> None:
    """Mistake: the error of κ under chance, which is the one for a test and not for an interval."""
    pairs = [(True, True), (True, False), (False, True), (False, False)]
    both = [pair for pair, count in zip(pairs, counts, strict=True) for _ in range(count)]
    found = audit.agreement([one for one, _ in both], [other for _, other in both])
    expected = cohens_kappa([counts[:2], counts[2:]])
    ends = (float(expected.kappa_low), min(1.0, float(expected.kappa_upp)))
    assert found.kappa == pytest.approx(float(expected.kappa), abs=1e-12)
    assert (found.low, found.high) == pytest.approx(ends, abs=1e-12)


def test_copies_of_an_instructions_rows_do_not_sharpen_kappa() -> None:
    """Mistake: several responses to one instruction counted as independent items."""
    names = [str(number) for number in range(len(TRUTHS))]
    once = audit.agreement(VERDICTS, TRUTHS, names)
    thrice = audit.agreement(VERDICTS * 3, TRUTHS * 3, names * 3)
    assert (thrice.kappa, thrice.low, thrice.high) == pytest.approx(
        (once.kappa, once.low, once.high)
    )
    blind = audit.agreement(VERDICTS * 3, TRUTHS * 3)
    assert thrice.high - thrice.low > 1.5 * (blind.high - blind.low)
    with pytest.raises(ValueError, match="two or more"):
        audit.agreement(VERDICTS, TRUTHS, ["one"] * len(TRUTHS))


def test_kappa_of_one_label_is_not_defined() -> None:
    with pytest.raises(ValueError, match="both labels"):
        audit.agreement([True, True], [True, False])


ROW: dict[str, Any] = {
    "id": "punctuation:no_comma",
    "kwargs": {},
    "constraint": "Use no commas.",
    "response": "Tea, hot.",
    "label": False,
    "why": "one comma",
    "source": "written",
}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return path


def test_gold_is_read_and_grouped(tmp_path: Path) -> None:
    """Mistake: verdicts and labels of different rows compared."""
    rows = audit.read_gold(
        write(
            tmp_path / "gold.jsonl",
            ROW,
            ROW | {"response": "Hot tea.", "label": True, "second": True, "source": "model"},
            ROW | {"response": "Tea.", "label": False, "first": True},
        )
    )
    assert [each.second for each in rows] == [None, True, None]
    assert [each.first for each in rows] == [False, True, True]
    assert rows[0].benchmark == "ifeval"
    verdicts = audit.gold_verdicts(rows)
    assert [each.passed for each in verdicts] == [False, True, True]
    groups = audit.confusion_by(rows, verdicts, lambda row: row.source)
    assert list(groups) == ["model", "written"]
    assert groups["model"] == audit.Confusion(true_passes=1)
    assert groups["written"] == audit.Confusion(true_fails=1, false_passes=1)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "no"}, "line 2: the field 'label' must be a bool"),
        ({"why": None}, "line 2: the field 'why' must be a str"),
        ({"id": "punctuation:none"}, "line 2: unknown constraint id 'punctuation:none'"),
        ({"kwargs": {"n": 1}}, "line 2: 'punctuation:no_comma' does not take 'n'"),
    ],
)
def test_a_bad_gold_row_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = write(tmp_path / "gold.jsonl", ROW, ROW | change)
    with pytest.raises(HpptError, match=message):
        audit.read_gold(path)


def test_the_labels_of_real_responses_name_known_slots() -> None:
    """Mistake: a label of a constraint that does not exist, or two of one slot."""
    path = repository_folder() / "data" / "gold" / "ifeval_slots.jsonl"
    rows = [row for _, row in read_jsonl(path)]
    places = {(row["model"], row["line"], row["slot"]) for row in rows}
    assert len(places) == len(rows) == 300
    assert {row["sample"] for row in rows} == {"random", "readings differ"}
    for row in rows:
        assert verifiers.family(row["id"]).benchmark == "ifeval"
        assert isinstance(row["label"], bool) and isinstance(row["unsure"], bool)


@pytest.mark.parametrize("benchmark", ["ifeval", "iftrain", "ifbench"])
def test_the_verifiers_against_the_gold_set(benchmark: str) -> None:
    """Mistake: a change to a verifier that makes it worse on what was labelled by reading."""
    rows = [each for each in audit.read_gold() if each.benchmark == benchmark]
    first = confusion([each for each in rows if not each.kind])
    assert first.false_passes <= 1 and first.false_fails <= 2, first
    # Four rows say "once" of a keyword, which its constraint does not (`keywords:word_once`). In
    # another a Japanese word stands inside a longer one.
    hard = confusion([each for each in rows if each.kind])
    most = {"ifeval": (0, 1), "iftrain": (4, 0), "ifbench": (0, 0)}[benchmark]
    assert hard.false_passes <= most[0] and hard.false_fails <= most[1], hard
    assert (
        len({each.id for each in rows}) == {"ifeval": 25, "iftrain": 29, "ifbench": 58}[benchmark]
    )


def confusion(rows: list[audit.GoldRow]) -> audit.Confusion:
    verdicts = [each.passed for each in audit.gold_verdicts(rows)]
    return audit.confusion(verdicts, [each.label for each in rows])


def test_both_passes_of_the_gold_set_are_there() -> None:
    """Mistake: an agreement computed on the rows that one pass happened to label."""
    rows = audit.read_gold()
    assert len(rows) >= 400 and all(each.second is not None for each in rows)
    assert audit.agreement([r.first for r in rows], [bool(r.second) for r in rows]).kappa > 0.9
