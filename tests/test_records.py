"""A run record comes back as it was written, and its responses are scored by today's verifiers."""

from __future__ import annotations

import dataclasses
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import evaluation, machine, records
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.records import (
    RunRecord,
    Step,
    read_record,
    read_records,
    read_steps,
    record_stem,
    shipped_records,
    write_record,
    write_steps,
)

TEA = Instruction("tea", "Write about tea.", (Constraint("punctuation:no_comma"),), topic=("tea",))
text = st.text(max_size=12)
numbers = st.floats(-1e300, 1e300)
responses = st.lists(st.tuples(text, text), max_size=3).map(tuple)
steps = st.builds(Step, st.integers(1, 99), *[numbers] * 9, responses)
run_records = st.builds(
    RunRecord,
    st.just("made"),
    *[text] * 3,
    st.integers(0),
    st.dictionaries(text, st.one_of(st.integers(), text, st.dictionaries(text, numbers))),
    st.lists(steps, max_size=2).map(tuple),
    responses,
    responses,
    numbers,
    text,
    text,
    st.dictionaries(text, st.none() | st.integers()),
    st.dictionaries(text, text),
)


def record(**changes: Any) -> RunRecord:
    step = Step(1, 0.5, 0.75, 0.5, 9.0, 0.25, 2.0, 0.1, 1.0, 2.0, (("tea", "Hot\ntea ☕."),))
    made = RunRecord(
        name="smoke-guarded-seed0",
        tier="smoke",
        model="tiny",
        reward="guarded",
        seed=0,
        settings={"training": {"steps": 1}},
        steps=(step,),
        before=(("tea", "Tea, hot."),),
        after=(("tea", "Tea grows on misty hills."),),
        seconds=3.0,
        adapter_before="a",
        adapter_after="b",
    )
    return dataclasses.replace(made, **changes)


@settings(max_examples=50)
@given(run_records)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory, written: RunRecord
) -> None:
    """Mistake: a field that is dropped, or lists where tuples were."""
    path = write_record(written, tmp_path_factory.getbasetemp() / "records")
    assert path.name == "made.json"
    assert read_record(path) == written


def test_a_full_disk_leaves_the_old_record(small_disk: Path) -> None:
    """Mistake: losing an hour's run because the next one did not fit."""
    write_record(record(), small_disk)
    with pytest.raises(HpptError, match="Could not write"):
        write_record(record(after=(("tea", "tea " * 2**18),)), small_disk)
    assert os.listdir(small_disk) == ["smoke-guarded-seed0.json"]
    assert read_record(small_disk / "smoke-guarded-seed0.json") == record()


def test_a_gzipped_record_is_a_record(tmp_path: Path) -> None:
    """Mistakes: a packed record that no folder lists; one cut short that is no clear error."""
    plain = write_record(record(), tmp_path / "plain")
    packed = tmp_path / f"{plain.name}.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
    assert read_record(packed) == record()
    assert record_stem(packed) == record_stem(plain) == plain.stem
    assert read_records(tmp_path)[0] == {packed: record()}
    assert shipped_records("smoke-*", tmp_path) == [record()]
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(HpptError, match="cut short"):
        read_record(packed)


def test_a_record_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a few kilobytes from a stranger that fill the memory."""
    monkeypatch.setattr(records, "_LARGEST", 2**16)
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * 2**20))
    with pytest.raises(HpptError, match="unpacks to more than"):
        read_record(path)


def without(name: str) -> str:
    row = {"format": records.FORMAT, **dataclasses.asdict(record())}
    del row[name]
    return json.dumps(row)


def test_a_record_of_before_stopped_by_made_all_its_steps(tmp_path: Path) -> None:
    """Mistake: shipped records that can no longer be read."""
    (tmp_path / "old.json").write_text(without("stopped_by"))
    assert read_record(tmp_path / "old.json") == record()


def with_(**changes: Any) -> str:
    return json.dumps({"format": records.FORMAT, **dataclasses.asdict(record()), **changes})


BROKEN = {
    "empty": b"",
    "not JSON": b"reward: 1",
    "half a file": with_().encode()[:-100],
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "nested too deeply": b"[" * 200_000,
    "not UTF-8": with_().encode("utf-16"),
    "another format": with_(format=records.FORMAT + 1).encode(),
    "no format": without("format").encode(),
    "no responses": without("after").encode(),
    "no name": without("name").encode(),
    "no steps": without("steps").encode(),
    "a surplus field": with_(notes="x").encode(),
    "steps that are numbers": with_(steps=[1, 2]).encode(),
    "a step without its reward": with_(steps=[{"step": 1, "responses": []}]).encode(),
    "a response without its instruction": with_(after=[["tea"]]).encode(),
    "responses that are null": with_(after=None).encode(),
}


@pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_record_is_named(tmp_path: Path, raw: bytes) -> None:
    """Mistake: a traceback, or half a record taken for a whole one."""
    path = tmp_path / "broken.json"
    path.write_bytes(raw)
    with pytest.raises(HpptError, match=r"broken\.json is not a run record: .+"):
        read_record(path)


def test_a_record_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match=r"Could not read .*none\.json: No such file"):
        read_record(tmp_path / "none.json")


def test_responses_are_scored_again() -> None:
    """Mistake: trusting the scores of the day the record was made."""
    recorded = (("tea", "Tea, hot."), ("tea", "\nTea grows on misty hills.\n "))
    rows = evaluation.rescored(recorded, [TEA])
    assert [each.score.guarded for each in rows] == [False, True]
    assert evaluation.response_pairs(rows) == recorded


def test_a_response_to_an_unknown_instruction_is_an_error() -> None:
    """Mistake: leaving it out, and so changing the mean."""
    with pytest.raises(HpptError, match="answers the instruction 'milk'.*make the record again"):
        evaluation.rescored([("tea", "Tea."), ("milk", "Milk.")], [TEA])


def test_shipped_records_are_found_by_pattern(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: no record found means an empty figure instead of an error."""
    monkeypatch.setattr(records, "records_folder", lambda: tmp_path)
    names = [f"cpu-{arm}-seed{seed}" for arm in ("strict", "guarded") for seed in (1, 0)]
    for name in names:
        write_record(record(name=name))
    found = [each.name for each in records.shipped_records("cpu-guarded-seed*")]
    assert found == ["cpu-guarded-seed0", "cpu-guarded-seed1"]
    with pytest.raises(HpptError, match="No run record in .* matches 'gpu-"):
        records.shipped_records("gpu-*")


def test_a_record_knows_its_machine_and_versions() -> None:
    """Mistake: a record whose numbers nobody can place; or one that names the user's machine."""
    import platform

    found = machine.machine()
    assert found["cores"] >= 1 and found["memory_gib"] > 0 and found["processor"]
    assert platform.node() not in json.dumps(found)
    assert set(machine.versions()) == {"torch", "transformers", "trl", "peft"}


def test_step_records_survive_any_text(tmp_path: Path) -> None:
    """Mistake: splitlines, which cuts at characters that JSON leaves as they are."""
    step = Step(1, *[0.5] * 9, responses=(("a", "one\u2028two\x85three\nfour \U0001f600"),))
    write_steps(tmp_path / "s", [step, step])
    assert read_steps(tmp_path / "s") == (step, step)


def test_a_line_that_is_no_step_is_named(tmp_path: Path) -> None:
    step = Step(1, *[0.5] * 9)
    write_steps(tmp_path / "s", [step])
    with open(tmp_path / "s", "a") as stream:
        stream.write(json.dumps({"step": 2}) + "\n")
    with pytest.raises(HpptError, match="line 2: not a step record"):
        read_steps(tmp_path / "s")
