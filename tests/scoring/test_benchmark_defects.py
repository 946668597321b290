"""Defects of the benchmarks' own data: found where they are, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.scoring.benchmark_defects import (
    IFBENCH,
    IFEVAL,
    KNOWN_DEFECTS,
    DataDefect,
    defects_of,
    fingerprint,
    read_defects,
)
from hppt_lib.sources import benchmark_folder

FOLDER = benchmark_folder()
FILES = {
    IFEVAL: FOLDER / "ifeval" / "input_data.jsonl",
    IFBENCH: FOLDER / "ifbench" / "IFBench_test.jsonl",
}
needs_benchmarks = pytest.mark.skipif(
    not all(path.is_file() for path in FILES.values()), reason=f"no benchmarks in {FOLDER}"
)


def rows(benchmark: str) -> list[dict[str, Any]]:
    with FILES[benchmark].open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def defects_in(row: dict[str, Any]) -> list[DataDefect]:
    return defects_of(row["key"], row["prompt"], row["instruction_id_list"], row["kwargs"])


@needs_benchmarks
@pytest.mark.parametrize("defect", KNOWN_DEFECTS, ids=lambda each: f"{each.benchmark}-{each.key}")
def test_each_known_defect_is_in_the_file(defect: DataDefect) -> None:
    """Mistake: a wrong key, fingerprint, id or parameter: the defect is never shown."""
    (row,) = [each for each in rows(defect.benchmark) if str(each["key"]) == defect.key]
    assert defect in defects_in(row)


@needs_benchmarks
@pytest.mark.parametrize(("benchmark", "keys"), [(IFEVAL, 32), (IFBENCH, 15)])
def test_no_other_prompt_is_accused(benchmark: str, keys: int) -> None:
    """Mistake: a rule that accuses half of a benchmark."""
    found = {row["key"]: defects_in(row) for row in rows(benchmark)}
    accused = {key: defects for key, defects in found.items() if defects}
    assert len(accused) == keys, sorted(map(str, accused))
    listed = {each.key for each in KNOWN_DEFECTS if each.benchmark == benchmark}
    by_sight = {str(key) for key, defects in accused.items() if not defects[0].fingerprint}
    assert {str(key) for key in accused} == listed | by_sight


@needs_benchmarks
def test_seventeen_prompts_of_ifeval_repeat_an_id() -> None:
    """Mistake: results joined by id lose those of the second constraint."""
    repeated = [
        row["key"]
        for row in rows(IFEVAL)
        if any(each.what.startswith("names this constraint 2 times") for each in defects_in(row))
    ]
    assert len(repeated) == 17 and 30 in repeated


PROMPT = "Write at least 9 words."


def known(**changes: Any) -> DataDefect:
    given = {"kwargs": {"num_words": 8}, "fingerprint": fingerprint(PROMPT), **changes}
    return DataDefect(IFEVAL, "1", "length_constraints:number_words", "9 is not 8", **given)


def test_a_repaired_copy_is_not_accused() -> None:
    """Mistake: a prompt known by its key alone."""
    id = "length_constraints:number_words"
    assert known().is_in(f"{PROMPT}\n", [id], [{"num_words": 8, "relation": "at least"}])
    assert not known().is_in(PROMPT.replace("9", "8"), [id], [{"num_words": 8}]), "the prompt"
    assert not known().is_in(PROMPT, [id], [{"num_words": 9}]), "the parameter"
    assert not known().is_in(PROMPT, [id], [{}]), "no parameter"
    assert not known().is_in(PROMPT, ["punctuation:no_comma"], [{"num_words": 8}]), "another id"
    two = ["punctuation:no_comma", id]
    assert known().is_in(PROMPT, two, [{}, {"num_words": 8}])
    assert not known().is_in(PROMPT, two, [{"num_words": 8}, {}]), "parameters of another slot"
    unscored = known(missing="punctuation:no_comma")
    assert unscored.is_in(PROMPT, [id], [{"num_words": 8}])
    assert not unscored.is_in(PROMPT, two, [{}, {"num_words": 8}]), "it is scored now"


def test_what_can_be_seen_from_the_prompt() -> None:
    comma, overlap = "punctuation:no_comma", "ratio:overlap"
    (defect,) = defects_of("k", "Write.", [comma, "x", comma, comma], [{}] * 4)
    assert (defect.id, defect.key) == (comma, "k") and "3 times" in defect.what
    (defect,) = defects_of(7, "Write.", [overlap], [{}])
    assert (defect.id, defect.key) == (overlap, "7")
    assert defects_of(7, "Write. Reference Text: tea", [overlap], [{}]) == []
    assert defects_of(7, "Write.", [comma], [{}]) == []


def test_odd_input_is_not_accused_and_raises_nothing() -> None:
    """Mistake: the scoring of a whole file stops at its first odd line."""
    for key in (None, "", 2078, "2078", 1.5):
        assert defects_of(key, "\ud800 other", [], []) == []


def test_the_list_itself() -> None:
    """Mistake: an id that no verifier has, a defect without words, or one listed twice."""
    ids = {each.id for each in verifiers.families()}
    for each in KNOWN_DEFECTS:
        assert each.what and len(each.fingerprint) == 16
        if each.benchmark == IFBENCH:
            assert each.id in ids
    assert len({(each.benchmark, each.key, each.id) for each in KNOWN_DEFECTS}) == len(
        KNOWN_DEFECTS
    )


def test_a_broken_line_of_the_list_is_named(tmp_path: Path) -> None:
    """Mistake: a misspelt field in silence, so that a condition of a defect is not looked at."""
    line = {"benchmark": IFEVAL, "key": "1", "id": "a:b", "what": "x", "fingerprint": "0" * 16}
    path = tmp_path / "defects.jsonl"
    for change, message in (
        ({"kwarg": {}}, "line 2: there is no field 'kwarg'"),
        ({"key": 1}, "line 2: the field 'key' must be a str"),
    ):
        path.write_text(json.dumps(line) + "\n" + json.dumps({**line, **change}) + "\n")
        with pytest.raises(HpptError, match=message):
            read_defects(path)
