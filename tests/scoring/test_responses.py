"""A file of responses is scored line by line; what is wrong is named, and nothing is lost."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import scoring, sources
from hppt_lib.errors import HpptError
from hppt_lib.scoring import scorecard
from hppt_lib.verifiers import thought_marks
from tests.helpers import untrusted
from tests.helpers.commands import hppt

LINE: dict[str, Any] = {
    "key": 7,
    "prompt": "Write about tea. No commas. At least 3 words.",
    "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
    "kwargs": [{"num_words": None}, {"relation": "at least", "num_words": 3, "letter": None}],
    "response": "Tea is hot.",
}


def write(path: Path, *rows: dict[str, Any] | str) -> Path:
    lines = [each if isinstance(each, str) else json.dumps(each) for each in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_line_gets_its_verdicts_and_reasons() -> None:
    """Mistake: verdicts in another order than the constraints, or nulls taken for parameters."""
    scored = scoring.score_line(LINE | {"response": "Sure, here:\nTea is hot"})
    assert [each.passed for each in scored.strict] == [False, True]
    assert [each.passed for each in scored.loose] == [True, True], "the first line dropped"
    strict = scored.as_row(loose=False)
    assert strict["follow_instruction_list"] == [False, True]
    assert strict["follow_all_instructions"] is False
    assert strict["reasons"] == ["1 comma, none wanted", "5 words, at least 3 wanted"]
    assert scored.as_row(loose=True)["follow_all_instructions"] is True
    assert {name: strict[name] for name in LINE} == LINE | {"response": "Sure, here:\nTea is hot"}


def test_loose_slots_may_use_different_variants() -> None:
    """Mistake: one variant for all constraints (IFEval asks each slot on its own)."""
    row = LINE | {"response": "one, two\nthree"}  # no comma: drop line 1; 3 words: keep it
    scored = scoring.score_line(row)
    assert [each.passed for each in scored.loose] == [True, True]


def test_a_line_is_scored_by_its_answer() -> None:
    """Mistake: commas of the thoughts that count, or words of a thought without an answer."""
    closed = LINE | {"response": "<think>Well, tea.</think>\nTea is hot."}
    open_ = LINE | {"response": "<think>Tea is a hot drink"}
    verdicts = [[each.passed for each in scoring.score_line(row).strict] for row in (closed, open_)]
    assert verdicts == [[True, True], [False, False]]
    assert scoring.score_line(closed).as_row(loose=False)["response"] == closed["response"]
    for row, passed in ((closed, [False, True]), (open_, [True, True])):
        for found in (scoring.score_line(row, "reference"), scoring.score_line(row, thoughts=())):
            assert [each.passed for each in found.strict] == passed, "read whole"
        marked = scoring.score_line(row, "reference", thought_marks("known"))
        assert [each.passed for each in marked.strict] == [row is closed] * 2


BAD_LINES: list[tuple[dict[str, Any] | str, str]] = [
    ({"prompt": None}, "the field 'prompt' must be a string, found NoneType"),
    ({"response": 3}, "the field 'response' must be a string, found int"),
    ({"instruction_id_list": "punctuation:no_comma"}, "'instruction_id_list' must be a list"),
    ({"instruction_id_list": [], "kwargs": []}, "'instruction_id_list' is empty"),
    ({"kwargs": [{}]}, "has 2 entries and 'kwargs' 1"),
    ({"kwargs": [{}, []]}, "'kwargs', entry 2: must be an object, found list"),
    ({"kwargs": [{}, [["relation", "at least"]]]}, "'kwargs', entry 2: must be an object"),
    ({"kwargs": [{}, "{"]}, "'kwargs', entry 2: the text is not valid JSON"),
    ({"kwargs": "[{}, {"}, "'kwargs': the text is not valid JSON"),
    ({"kwargs": {}}, "'kwargs' must be a list, found dict"),
    ({"kwargs": "{}"}, "'kwargs' must be a list, found str"),
    ({"instruction_id_list": None}, "'instruction_id_list' must be a list, found null"),
    ({"instruction_id_list": ["a", "b"]}, "entry 1: unknown constraint id 'a'"),
    ({"instruction_id_list": ["punctuation:no_comma", 1]}, "entry 2: the id must be a string"),
    ({"kwargs": [{}, {"relation": "at least"}]}, "entry 2: .* lacks its parameter 'num_words'"),
    ({"kwargs": [{"n": 1}, {}]}, "entry 1: .* does not take 'n'"),
    ({"kwargs": [{}, {"relation": "over", "num_words": 3}]}, "'over' is none of"),
    ({"kwargs": [{}, {"relation": "at least", "num_words": float("nan")}]}, "lacks its parameter"),
    ({"kwargs": [{}, {"relation": "at least", "num_words": "3"}]}, "whole number, found '3'"),
    (json.dumps(LINE)[:80], "not valid JSON .*cut short"),
    ("[" * 100_000, "nested too deeply|not valid JSON"),
    ('{"prompt": "\\ud83d"}', "only half there"),
    ("7", "expected a JSON object, found int"),
    ("{}", "the field 'prompt' is missing"),
]


@pytest.mark.parametrize(("change", "message"), BAD_LINES)
def test_a_bad_line_is_named_and_nothing_is_written(
    tmp_path: Path, change: dict[str, Any] | str, message: str
) -> None:
    """Mistake: an exception without file and line, a half-written result, a line scored anyhow."""
    bad = change if isinstance(change, str) else LINE | change
    path = write(tmp_path / "in.jsonl", LINE, bad, LINE)
    with pytest.raises(HpptError, match=f"in.jsonl, line 2: .*({message})"):
        scoring.score_file(path, out=tmp_path / "out.jsonl")
    assert os.listdir(tmp_path) == ["in.jsonl"]
    card = scoring.score_file(path, out=tmp_path / "out.jsonl", keep_going=True)
    assert card.scored == 2 and len(card.left_out) == 1 and "line 2" in card.left_out[0]
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2
    assert "could not be scored: 1." in scorecard.as_table(card, width=100)
    assert card.as_json()["left_out"] == 1


WORDS = {"relation": "at least", "num_words": 3}
SAME: list[dict[str, Any]] = [
    {"kwargs": [None, WORDS]},
    {"kwargs": json.dumps([{}, WORDS])},
    {"kwargs": str([None, WORDS])},
    {"kwargs": ["{}", json.dumps(WORDS)]},
    {"kwargs": ["", str(WORDS)]},
    {"kwargs": ["None", {**WORDS, "keywords": float("nan"), "letter": pandas.NA}]},
    {"kwargs": ({}, WORDS), "instruction_id_list": tuple(LINE["instruction_id_list"])},
    {"instruction_id_list": json.dumps(LINE["instruction_id_list"])},
    {"instruction_id_list": np.array(LINE["instruction_id_list"])},
    {"kwargs": np.array([None, {**WORDS, "num_words": np.int64(3)}], dtype=object)},
    {"kwargs": [{}, {"relation": np.str_("at least"), "num_words": np.float64(3.0)}]},
    {"kwargs": pyarrow.array([{"num_words": None}, WORDS])},
    {"kwargs": pandas.Series([None, WORDS])},
]


@pytest.mark.parametrize("change", SAME, ids=range(len(SAME)))
def test_ids_and_parameters_come_in_many_forms(change: dict[str, Any]) -> None:
    """Mistake: a row that Parquet, pandas or CSV has changed is refused, or its defects are
    looked for in text.
    """
    row = LINE | change
    scored = scoring.score_line(row | {"response": "a, b"})
    assert scored.ids == tuple(LINE["instruction_id_list"])
    assert [each.reason for each in scored.strict] == [
        "1 comma, none wanted",
        "2 words, at least 3 wanted",
    ]
    assert scored.defects == ()


@pytest.mark.parametrize("words", [("tea", "cup"), np.array(["tea", "cup"]), ["tea", "cup"]])
def test_a_list_parameter_may_be_a_tuple_or_an_array(words: Any) -> None:
    """Mistake: only lists of Python are lists, though a table gives arrays."""
    row = LINE | {"instruction_id_list": ["keywords:existence"], "kwargs": [{"keywords": words}]}
    assert scoring.score_line(row | {"response": "A cup of tea."}).strict[0].passed
    assert not scoring.score_line(row | {"response": "A cup."}).strict[0].passed


def test_null_for_all_parameters_of_no_constraint_that_has_some() -> None:
    """Mistake: null kwargs refused where no constraint needs any; or a needed one not missed."""
    row = LINE | {"instruction_id_list": ["punctuation:no_comma"], "kwargs": None}
    assert scoring.score_line(row).strict[0].passed
    with pytest.raises(HpptError, match="entry 2: .* lacks its parameter"):
        scoring.score_line(LINE | {"kwargs": None})
    with pytest.raises(HpptError, match="the field 'kwargs' is missing"):
        scoring.score_line({name: LINE[name] for name in LINE if name != "kwargs"})


@given(st.recursive(st.none() | st.text() | st.floats() | st.integers(), st.lists))
def test_any_parameters_are_taken_or_refused_by_name(kwargs: Any) -> None:
    """Mistake: a TypeError out of a strange file."""
    for change in ({"kwargs": kwargs}, {"kwargs": [{}, kwargs]}, {"instruction_id_list": kwargs}):
        try:
            scoring.score_line(LINE | change)
        except HpptError as error:
            assert "kwargs" in str(error) or "instruction_id_list" in str(error)


def test_a_null_response_counts_as_blank(tmp_path: Path) -> None:
    """Mistake: what the model did not answer leaves the denominator, and the rate goes up; or a
    line without the field is taken for one.
    """
    nan = json.dumps(LINE | {"response": float("nan")})
    path = write(tmp_path / "in.jsonl", LINE, LINE | {"response": None}, nan)
    for keep_going in (False, True):
        card = scoring.score_file(path, keep_going=keep_going)
        assert card.scored == 3 and card.left_out == []
        assert card.rates()[card.PROMPTS][0].mean == pytest.approx(1 / 3)
        assert card.as_json()["null_responses"] == 2
        shown = scorecard.as_table(card, width=100)
        assert "2 responses are null, counted as blank" in shown
    assert "null" not in scorecard.as_table(scoring.score_file(write(path, LINE)), width=100)
    with pytest.raises(HpptError, match="the field 'response' is missing"):
        scoring.score_line({name: LINE[name] for name in LINE if name != "response"})


def test_other_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="Could not read .*none.jsonl: No such file"):
        scoring.score_file(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(HpptError, match="no response that could be scored"):
        scoring.score_file(tmp_path / "empty.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"prompt": "caf\xe9"}\n')
    with pytest.raises(HpptError, match="latin.jsonl, line 1: not UTF-8"):
        scoring.score_file(tmp_path / "latin.jsonl")
    whole = gzip.compress(json.dumps(LINE).encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[:-12])
    with pytest.raises(HpptError, match=r"Could not read .*cut\.jsonl\.gz"):
        scoring.score_file(tmp_path / "cut.jsonl.gz")


def test_lines_with_one_key_stay_two(tmp_path: Path) -> None:
    """Mistake: results kept by key, so that the second line overwrites the first."""
    path = write(tmp_path / "in.jsonl", LINE, LINE | {"response": "a, b"})
    card = scoring.score_file(path, out=tmp_path / "out.jsonl")
    written = [json.loads(each) for each in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [each["follow_all_instructions"] for each in written] == [True, False]
    assert card.scored == 2


def test_gzip_gives_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", LINE, LINE | {"response": "a, b"})
    packed = tmp_path / "in.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert scoring.score_file(path).as_json() == scoring.score_file(packed).as_json()


def test_rates_count_prompts_and_slots(tmp_path: Path) -> None:
    """Mistake: prompt level and instruction level exchanged, or a slot counted under no id."""
    path = write(
        tmp_path / "in.jsonl",
        LINE,
        LINE | {"response": "a, b, c", "prompt": "another"},
        LINE | {"response": "tea, hot", "prompt": "a third"},
        LINE | {"response": "x", "prompt": "a fourth"},
    )
    rates = scoring.score_file(path).rates()
    shares = {name: strict.mean for name, (strict, _) in rates.items()}
    assert shares == {
        scorecard.Scorecard.PROMPTS: 1 / 4,
        scorecard.Scorecard.SLOTS: 4 / 8,
        "length_constraints:number_words": 2 / 4,
        "punctuation:no_comma": 2 / 4,
    }
    assert list(rates)[:2] == [scorecard.Scorecard.PROMPTS, scorecard.Scorecard.SLOTS]


@settings(max_examples=50)
@given(st.text(alphabet="a,.*\n é", max_size=30))
def test_loose_is_never_below_strict(response: str) -> None:
    """Mistake: loose < strict, as was measured for a public harness."""
    scored = scoring.score_line(LINE | {"response": response})
    for strict, loose in zip(scored.strict, scored.loose, strict=True):
        assert loose.passed or not strict.passed


def test_the_command_prints_a_table_and_writes_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", LINE, LINE | {"response": "a, b"})
    done = hppt("verify", str(path), "--out", str(tmp_path / "out.jsonl"))
    assert done.returncode == 0, done.stderr
    assert "all constraints of a response" in done.stdout and "0.50 [" in done.stdout
    assert "IFEval" in done.stdout, "whose constraints they are"
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 2
    machine = json.loads(hppt("verify", str(path), "--json", "--reading", "reference").stdout)
    assert machine["reading"] == "reference" and machine["responses"] == 2
    assert machine["rates"]["punctuation:no_comma"]["strict"]["rate"] == 0.5


def test_the_command_is_told_what_marks_thoughts(tmp_path: Path) -> None:
    """Mistake: marks that are taken and not handed on, or a scorecard that keeps silent on them."""
    path = write(tmp_path / "in.jsonl", LINE | {"response": "<plan>a, b</plan>Tea is hot."})

    def rate(*options: str) -> tuple[float, object]:
        found = json.loads(hppt("verify", str(path), "--json", *options).stdout)
        return found["rates"]["punctuation:no_comma"]["strict"]["rate"], found.get("thoughts")

    assert rate() == rate("--thoughts", "auto") == (0, None)
    assert rate("--thoughts", "<plan> </plan>") == (1, [["<plan>", "</plan>"]])
    assert rate("--thoughts", "none", "--reading", "reference") == (0, [])
    shown = hppt("verify", str(path), "--thoughts", "<plan> </plan>").stdout
    assert "Thoughts left out: <plan> … </plan>." in shown
    done = hppt("verify", str(path), "--thoughts", "<plan>")
    assert done.returncode == 1 and "Say known, none, or the two marks" in done.stderr


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    """Mistake: a traceback, or status 0 for a file that was not scored."""
    path = write(tmp_path / "in.jsonl", LINE, "{")
    done = hppt("verify", str(path))
    assert done.returncode == 1 and "in.jsonl, line 2: not valid JSON" in done.stderr
    done = hppt("verify", str(path), "--keep-going", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["left_out"] == 1
    done = hppt("verify", str(path), "--reading", "mine")
    assert done.returncode == 1 and "There is no reading 'mine'" in done.stderr


def test_known_defects_of_the_data_are_counted_and_shown(tmp_path: Path) -> None:
    """Mistake: a defect that cannot be counted ends the run, or is told once for each response."""
    row = LINE | {"instruction_id_list": ["punctuation:no_comma"] * 2, "kwargs": [{}, {}]}
    card = scoring.score_file(write(tmp_path / "in.jsonl", row, row, LINE))
    shown = scorecard.as_table(card, width=100)
    assert "met in 2 responses" in shown and shown.count("names this constraint 2 times") == 1
    assert card.as_json()["data_defects"][0]["responses"] == 2
    try:
        rows = sources.benchmark_rows("ifeval")
    except HpptError as missing:
        pytest.skip(str(missing))
    path = write(tmp_path / "ifeval.jsonl", *(each | {"response": "x"} for each in rows))
    shown = scorecard.as_table(scoring.score_file(path), width=100)
    assert "key 2078" in shown and "key 337" in shown and "google-research" in shown


def test_untrusted_code_in_a_file_of_responses(tmp_path: Path, code_allowed: None) -> None:
    """Mistake: no verdict is written as a fail; or one such line stops a table of thousands."""
    constraint = untrusted.code(untrusted.EVEN)
    row = LINE | {"instruction_id_list": [constraint.id], "kwargs": [dict(constraint.kwargs)]}
    said = [row | {"response": each} for each in ("a b", "odd")]
    path = write(tmp_path / "said.jsonl", *said)
    assert scoring.score_line(said[0]).strict[0].passed
    with pytest.raises(HpptError, match="line 2: .*entry 1: its code gave no verdict: it raised"):
        scoring.score_file(path)
    card = scoring.score_file(
        path, keep_going=True, exports=[scoring.LmEvalExport(tmp_path / "out", "m")]
    )
    assert (card.scored, len(card.left_out)) == (1, 1)
    assert "its code gave no verdict" in scoring.as_table(card)


def test_untrusted_code_in_a_file_of_responses_is_refused_at_first() -> None:
    constraint = untrusted.code(untrusted.EVEN)
    row = LINE | {"instruction_id_list": [constraint.id], "kwargs": [dict(constraint.kwargs)]}
    with pytest.raises(HpptError, match="--allow-untrusted-code"):
        scoring.score_line(row)
