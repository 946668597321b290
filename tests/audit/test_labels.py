"""Sheets for readers hide whose responses they show, lose no label, and come together again."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib.audit import draw_labels, give_label, merge_labels, read_sheet, unread
from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl, write_jsonl
from hppt_lib.instructions.model import Constraint, Instruction, write_instructions
from hppt_lib.records import RunRecord, Step, write_record
from tests.helpers.commands import hppt

ASKED = [
    Instruction(
        f"{topic}{number}",
        f"Write {number} lines about {topic}. No commas.",
        (Constraint("punctuation:no_comma", {}, "No commas."),),
        query=f"Write {number} lines about {topic}.",
        topic=(topic,),
    )
    for topic in ("tea", "bees")
    for number in range(10)
]
SAME = "the one text that a collapsed policy writes"


def record(name: str, seed: int, collapsed: bool = False, reward: str = "strict") -> RunRecord:
    texts = [SAME if collapsed else f"{name} says {number}" for number in range(20)]
    texts[0] = ""
    step = Step(1, 0.5, 0.5, 0.5, 9.0, 0.25, 2.0, 0.1, 1.0, 2.0)
    return RunRecord(
        name=name,
        tier="cpu",
        model="tiny",
        reward=reward,
        seed=seed,
        settings={},
        steps=(step,),
        before=tuple((each.id, f"base {seed}") for each in ASKED),
        after=tuple((each.id, text) for each, text in zip(ASKED, texts, strict=True)),
        seconds=1.0,
        adapter_before="a",
        adapter_after="b",
    )


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    folder = tmp_path / "runs"
    for arm in ("strict", "guarded"):
        for seed in (0, 1):
            write_record(record(f"{arm}-{seed}", seed, arm == "strict", arm), folder)
    return folder


def draw(runs: Path, **options: Any) -> Path:
    folder = runs.parent / "labels"
    draw_labels([runs], folder, held_out=ASKED, **options)
    return folder


def lines(path: Path) -> list[dict[str, Any]]:
    return [row for _, row in read_jsonl(path)]


def test_a_sheet_hides_the_arm_and_the_key_has_it(runs: Path) -> None:
    """Mistake: an arm, a seed or an order of runs from which a reader can guess."""
    folder = draw(runs, per_run=8, second=0.25)
    sheet, key = lines(folder / "first.jsonl"), lines(folder / "key.jsonl")
    assert {name for row in sheet for name in row} == {
        *("id", "prompt", "constraint", "response", "answers"),
    }
    assert all(row["constraint"] == "No commas." for row in sheet)
    assert {row["prompt"] for row in sheet} <= {each.query for each in ASKED}
    assert len(key) == 32 and len({row["id"] for row in key}) == len(sheet)
    assert [row["id"] for row in sheet] == sorted(row["id"] for row in sheet)
    arms = [next(each["run"] for each in key if each["id"] == row["id"]) for row in sheet]
    assert arms != sorted(arms)
    again = lines(folder / "second.jsonl")
    assert len(again) == round(0.25 * len(sheet))
    assert [row["id"] for row in again] != sorted(row["id"] for row in again)


def test_arms_of_a_seed_are_read_on_the_same_instructions(runs: Path) -> None:
    """Mistake: arms compared on different questions, or blank responses left out."""
    key = lines(draw(runs, per_run=8) / "key.jsonl")
    asked: dict[tuple[str, int], set[str]] = {}
    for row in key:
        asked.setdefault((row["arm"], row["seed"]), set()).add(row["instruction"])
    assert asked["strict", 0] == asked["guarded", 0] != asked["strict", 1]
    every = lines(draw_labels([runs], runs.parent / "all", held_out=ASKED).folder / "key.jsonl")
    assert len(every) == 80 and sum(row["response"] == "" for row in every) == 4


def test_a_run_is_called_the_same_whether_its_record_is_packed_or_not(runs: Path) -> None:
    """Mistake: ``strict-0.json`` for a record that is stored as ``strict-0.json.gz``."""
    plain = runs / "strict-0.json"
    (runs / "strict-0.json.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    runs_drawn = {row["run"] for row in lines(draw(runs) / "key.jsonl")}
    assert runs_drawn == {"strict-0", "strict-1", "guarded-0", "guarded-1"}


def test_a_text_that_comes_again_is_read_once(runs: Path) -> None:
    """Mistake: a reader who reads the collapsed policy's text a hundred times."""
    folder = draw(runs, per_run=20)
    sheet, key = lines(folder / "first.jsonl"), lines(folder / "key.jsonl")
    same = [row for row in key if row["response"] == SAME]
    assert len(same) == 38 and len({row["id"] for row in same}) == 19
    [id] = {row["id"] for row in same if row["instruction"] == "tea3"}
    give_label(folder / "first.jsonl", id, False)
    assert len(sheet) < len(key)
    merged = merge_labels(folder)
    assert [(row["run"], row["answers"]) for row in merged.rows] == [
        ("strict-0", False),
        ("strict-1", False),
    ]


def test_drawing_again_never_overwrites_labels(runs: Path) -> None:
    folder = draw(runs)
    with pytest.raises(HpptError, match="drawn already"):
        draw(runs, seed=1)
    assert len(lines(folder / "first.jsonl")) == len(read_sheet(folder / "first.jsonl"))
    first = (folder / "first.jsonl").read_bytes()
    draw_labels([runs], runs.parent / "again", held_out=ASKED)
    assert (runs.parent / "again/first.jsonl").read_bytes() == first, "same seed, same sheet"


def test_a_label_keeps_what_others_wrote(runs: Path) -> None:
    """Mistake: a session that writes back the sheet as it was when it began."""
    sheet = draw(runs) / "first.jsonl"
    reading = unread(sheet)
    one, other = next(reading), next(reading)
    give_label(sheet, one.id, True)
    rows = lines(sheet)
    rows[-1] |= {"answers": False, "note": "by hand"}
    write_jsonl(sheet, rows)
    give_label(sheet, other.id, "skip")
    found = lines(sheet)
    assert [row["answers"] for row in found[:2]] == [True, "skip"]
    assert found[-1]["answers"] is False and found[-1]["note"] == "by hand"
    give_label(sheet, one.id, None)
    assert next(unread(sheet)).id == one.id
    with pytest.raises(HpptError, match="no row 'r999'"):
        give_label(sheet, "r999", True)
    with pytest.raises(HpptError, match="'yes'; give True, False"):
        give_label(sheet, one.id, "yes")


@settings(max_examples=30)
@given(st.text(), st.sampled_from([True, False, None, "skip"]))
def test_any_text_comes_back_as_it_was(tmp_path_factory: Any, text: str, label: Any) -> None:
    text = text.encode("utf-8", "replace").decode()
    sheet = tmp_path_factory.mktemp("sheet") / "first.jsonl"
    write_jsonl(sheet, [{"id": "r1", "prompt": text, "response": text, "answers": None}])
    give_label(sheet, "r1", label)
    [row] = read_sheet(sheet)
    assert (row.prompt, row.response) == (text, text)
    assert (row.answers, row.skipped) == (None if label == "skip" else label, label == "skip")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"id": "r001", "answers": "yes"}', "'answers' is 'yes'; it must be true, false"),
        ('{"id": "r001", "answers": 1}', "'answers' is 1"),
        ('{"answers": true}', "the field 'id' must be a text"),
        ('{"id": "r000", "answers": true}', "is on line 1 already"),
        ('{"id": "r777", "answers": true}', "'r777' was not drawn for this reader"),
        ('{"id": "r001", "answers": tru', "not valid JSON"),
        ('{"id": "r001", "unsure": "a bit"}', "'unsure' must be true or false"),
    ],
)
def test_a_bad_line_is_named(runs: Path, line: str, message: str) -> None:
    """Mistake: a label that a language model wrote in its own words, read as false."""
    folder = draw(runs)
    mine = runs.parent / "mine.jsonl"
    drawn = read_sheet(folder / "first.jsonl")
    first = json.dumps({"id": drawn[4].id, "answers": True})
    mine.write_text(f"{first}\n{line.replace('r000', drawn[4].id)}\n")
    with pytest.raises(HpptError, match="mine.jsonl, line 2: ") as caught:
        merge_labels(folder, first=mine)
    assert message in str(caught.value)


def test_readers_and_anchors_are_compared(runs: Path) -> None:
    """Mistake: κ over anchors, or labels of anchors among the responses of runs."""
    known = runs.parent / "known.jsonl"
    anchors = [
        {"prompt": "Write about tea.", "response": f"anchor {number}", "answers": number % 2 == 0}
        for number in range(4)
    ]
    write_jsonl(known, anchors)
    folder = draw(runs, per_run=10, second=0.5, anchors=known)
    truth = {}
    for number, row in enumerate(read_sheet(folder / "first.jsonl")):
        anchored = row.response.startswith("anchor")
        truth[row.id] = row.response in ("anchor 0", "anchor 2") if anchored else number % 3 > 0
        wrong = row.response == "anchor 2"
        give_label(folder / "first.jsonl", row.id, truth[row.id] != wrong)
    second = read_sheet(folder / "second.jsonl")
    assert sum(row.response.startswith("anchor") for row in second) == 4
    for row in second:
        give_label(folder / "second.jsonl", row.id, truth[row.id])
    merged = merge_labels(folder)
    assert merged.kappa and merged.kappa.kappa == 1 and merged.kappa.low < 1
    assert merged.both == len(second) - 4 and len(merged.rows) == 40
    assert merged.anchors["first.jsonl"].mean == 0.75 and merged.anchors["second.jsonl"].mean == 1
    assert [r.response for r in read_sheet(folder / "first.jsonl") if r.id in merged.missed] == [
        "anchor 2"
    ]
    assert lines(folder / "labels.jsonl") == [dict(row) for row in merged.rows]
    assert sum("second" in row for row in merged.rows) >= merged.both


def test_half_read_sheets_merge_and_say_so(runs: Path) -> None:
    folder = draw(runs)
    ids = [row.id for row in read_sheet(folder / "first.jsonl")]
    give_label(folder / "first.jsonl", ids[0], True)
    give_label(folder / "first.jsonl", ids[1], "skip")
    merged = merge_labels(folder)
    assert merged.left["first.jsonl"] == len(ids) - 2 and merged.skipped["first.jsonl"] == 1
    assert merged.kappa is None and all(row["answers"] for row in merged.rows)
    with pytest.raises(HpptError, match="no key.jsonl"):
        merge_labels(runs)


# --- at a terminal --------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_reader_goes_on_and_back(runs: Path) -> None:
    """Mistake: a label lost at the end of the input, or "back" that shows another row."""
    write_instructions(runs.parent / "asked.jsonl", ASKED)
    out = runs.parent / "labels"
    asked = str(runs.parent / "asked.jsonl")
    done = hppt("label", "draw", str(runs), "--out", str(out), "--held-out", asked)
    assert done.returncode == 0 and "80 responses of 4 runs" in done.stdout, done.stderr
    sheet = out / "first.jsonl"
    # A wrong key, yes, no, back to the second and yes, skip, and the input ends.
    done = hppt("label", "read", str(sheet), typed="x\ny\nn\nb\ny\ns\n")
    assert done.returncode == 0 and "Type y, n, s, b or q" in done.stdout
    assert "3 of " in done.stdout.splitlines()[-1] and "strict" not in done.stdout
    labels = [row["answers"] for row in lines(sheet)]
    assert labels[:4] == [True, True, "skip", None]
    rest = len(labels) - 3
    done = hppt("label", "read", str(sheet), typed="b\n" + "n\n" * rest)
    assert "no row before this one" in done.stdout and "All " in done.stdout.splitlines()[-1]
    done = hppt("label", "merge", str(out))
    assert done.returncode == 0 and "1 were left out" in done.stdout, done.stderr
    assert "second.jsonl: " in done.stdout and "labels.jsonl" in done.stdout
    sheet.write_text(sheet.read_text() + "{]\n")
    done = hppt("label", "merge", str(out))
    assert done.returncode == 1 and f"line {len(labels) + 1}" in done.stderr


@pytest.mark.slow
def test_a_killed_reader_keeps_every_label(runs: Path) -> None:
    """Mistake: labels that are written when the session ends."""
    sheet = draw(runs) / "first.jsonl"
    reader = subprocess.Popen(
        [sys.executable, "-u", "-m", "hppt_lib.cli", "label", "read", str(sheet)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdin and reader.stdout
    reader.stdin.write("y\nn\n")
    reader.stdin.flush()
    while "2 of " not in reader.stdout.readline():
        pass
    reader.send_signal(signal.SIGKILL)
    reader.communicate()
    assert [row["answers"] for row in lines(sheet)][:3] == [True, False, None]
    assert not list(sheet.parent.glob(".*.part"))
