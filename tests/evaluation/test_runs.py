"""Records of any names become tables and comparisons; what cannot be compared is refused."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hppt_lib.errors import HpptError, MissingExtra
from hppt_lib.evaluation import (
    OUTCOMES,
    arm_outcomes,
    arms_as_table,
    compare,
    first_of_each_seed,
    isr,
    paired_difference,
    read_runs,
    rescored,
)
from hppt_lib.files import write_jsonl
from hppt_lib.identity import data_identity
from hppt_lib.instructions.model import Constraint, Instruction, write_instructions
from hppt_lib.intervals import mean_interval, paired_interval
from hppt_lib.records import RunRecord, Step, write_record
from hppt_lib.terminal import as_text
from tests.helpers.commands import hppt

ASKED = [
    Instruction(
        f"tea{number}",
        "Write about tea.",
        (
            Constraint("punctuation:no_comma"),
            Constraint(
                "length_constraints:number_words", {"relation": "less than", "num_words": 9}
            ),
        ),
        topic=("tea",),
    )
    for number in range(20)
]
SOFT = Constraint("tone:warm", {}, "Sound warm.", "soft")
GOOD, EMPTY, BAD = "Tea leaves brew overnight in water.", "Nothing.", "Tea, hot."


def record(
    name: str, good: int, empty: int = 0, *, seed: int = 0, reward: str = "strict", **changes: Any
) -> RunRecord:
    """A run after which so many of 20 responses are good, and so many more only strictly so."""
    texts = [GOOD] * good + [EMPTY] * empty + [BAD] * (20 - good - empty)
    after = tuple((each.id, text) for each, text in zip(ASKED, texts, strict=True))
    step = Step(1, 0.5, 0.5, 0.5, 9.0, 0.25, 2.0, 0.1, 1.0, 2.0)
    made = RunRecord(
        name=name,
        tier="cpu",
        model="tiny",
        reward=reward,
        seed=seed,
        settings={"training": {"steps": 1, "learning_rate": 0.1}, "instructions": "mine.jsonl"},
        steps=(step,),
        before=tuple((each.id, BAD) for each in ASKED),
        after=after,
        seconds=90.0,
        adapter_before="a",
        adapter_after="b",
    )
    return dataclasses.replace(made, **changes)


def runs(folder: Path, *records: RunRecord) -> Any:
    for each in records:
        write_record(each, folder)
    return read_runs(folder, held_out=ASKED)


# --- tables ---------------------------------------------------------------------------------------


def test_a_row_a_run_with_what_differs(tmp_path: Path) -> None:
    """Mistake: before and after exchanged, or a setting that differs and is not shown."""
    fast = {"training": {"steps": 1, "learning_rate": 0.2}, "instructions": "mine.jsonl"}
    table = runs(tmp_path, record("a b", 12, 4), record("ü", 3, seed=7, settings=fast)).table
    assert list(table["run"]) == ["a b", "ü"] and list(table["seed"]) == [0, 7]
    assert list(table["training.learning_rate"]) == [0.1, 0.2]
    assert "training.steps" not in table and list(table["instructions"]) == ["mine.jsonl"] * 2
    first = table.iloc[0]
    assert (first["strict_after"], first["guarded_after"]) == (0.8, 0.6)
    assert first["strict_before"] == first["guarded_before"] == 0
    assert first["strict_after_low"] < 0.8 < first["strict_after_high"]
    assert first["minutes"] == 1.5 and first["steps"] == 1 and first["stopped_by"] == "steps"
    assert first["words_before"] == 2


def test_a_row_a_response_with_its_verdicts(tmp_path: Path) -> None:
    """Mistake: verdicts beside the wrong constraint, or samples that cannot be told apart."""
    twice = record("a", 1, 1)
    twice = dataclasses.replace(twice, after=(*twice.after[:1], ("tea0", BAD + " x" * 9)))
    table = runs(tmp_path, twice).responses
    assert len(table) == 22 and list(table["when"].unique()) == ["before", "after"]
    good, bad = (row for _, row in table[table["when"] == "after"].iterrows())
    assert good["constraints"] == ("punctuation:no_comma", "length_constraints:number_words")
    assert good["verdicts"] == (True, True) and bad["verdicts"] == (False, False)
    assert (good["sample"], bad["sample"]) == (0, 1) and good["instruction"] == "tea0"
    assert good["strict"] and good["guarded"] and good["substance"] and not bad["strict"]
    assert good["words"] == 6 and good["text"] == GOOD


def test_responses_are_scored_by_the_constraints_that_they_were_asked_for(tmp_path: Path) -> None:
    """Mistake: a held-out file that was edited since, under the same ids, and other numbers."""
    soft = dataclasses.replace(ASKED[0], constraints=(*ASKED[0].constraints, SOFT))
    write_instructions(tmp_path / "held.jsonl", [soft, *ASKED[1:]])
    kept = {"held_out": data_identity(ASKED)}  # soft constraints are no part of an evaluation
    settings = {"training": {"steps": 1}, "held_out": str(tmp_path / "held.jsonl")}
    folder = tmp_path / "records"
    write_record(record("made", 5, settings=settings, identity=kept), folder)
    write_record(record("old", 5, settings=settings), folder)
    assert not read_runs(folder, held_out=ASKED).broken
    easier = dataclasses.replace(ASKED[3], constraints=ASKED[3].constraints[:1])
    write_instructions(tmp_path / "held.jsonl", [*ASKED[:3], easier, *ASKED[4:]])
    found = read_runs(folder)
    assert [run.name for run in found.each] == ["old"], "an old record cannot tell"
    [reason] = found.broken.values()
    assert "held_out: there '20 in order" in reason and "restore it" in reason


def test_seeds_of_two_models_of_one_name_are_two_arms(tmp_path: Path) -> None:
    """Mistake: the mean over seeds of two models."""
    models = ({"weights": "a" * 64}, {"weights": "a" * 64}, {"weights": "b" * 64})
    made = [
        record(f"r{seed}", 5, seed=seed, identity={"model": model})
        for seed, model in enumerate(models)
    ]
    arms = runs(tmp_path, *made, record("old", 5, seed=9)).arms
    assert [len(each) for each in arms.values()] == [3, 1]
    assert list(arms)[0] == "strict" and "model=" in list(arms)[1]


def test_what_arms_share_is_taken_once_a_seed(tmp_path: Path) -> None:
    """Mistake: the base policy counted once for each arm, or its seeds in the order of reading."""
    made = [record(f"{arm}{seed}", 5, seed=seed) for arm in "ab" for seed in (7, 0)]
    read = {run.name: run for run in runs(tmp_path, *made).each}
    found = first_of_each_seed(read[name] for name in ("a7", "a0", "b0", "b7"))
    assert [(seed, run.name) for seed, run in found.items()] == [(0, "a0"), (7, "a7")]


def test_broken_records_are_named_and_left_out(tmp_path: Path) -> None:
    """Mistake: one file that was cut short, and no table of the other thirty."""
    write_record(record("whole", 5), tmp_path)
    write_record(record("other", 5, before=(("elsewhere", "x"),)), tmp_path)
    write_record(record("silent", 5, after=()), tmp_path)
    (tmp_path / "cut.json").write_text((tmp_path / "whole.json").read_text()[:-30])
    (tmp_path / "list.json").write_text("[]")
    row = json.loads((tmp_path / "whole.json").read_text())
    (tmp_path / "typed.json").write_text(json.dumps({**row, "settings": None}))
    found = read_runs(tmp_path, held_out=ASKED)
    assert [run.name for run in found.each] == ["whole"]
    reasons = {path.stem: reason for path, reason in found.broken.items()}
    assert set(reasons) == {"cut", "list", "other", "silent", "typed"}
    assert "its 'settings' is None" in reasons["typed"] and "cut.json" in reasons["cut"]
    assert "'elsewhere'" in reasons["other"] and "no responses after" in reasons["silent"]
    (tmp_path / "whole.json").unlink()
    with pytest.raises(HpptError, match="No run record can be scored"):
        read_runs(tmp_path, held_out=ASKED)
    with pytest.raises(HpptError, match="There is no .*nowhere"):
        read_runs(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(HpptError, match="no run record in .*empty"):
        read_runs(tmp_path / "empty")


def test_two_files_of_one_name_are_two_runs(tmp_path: Path) -> None:
    """Mistake: the second folder's run under the first one's name."""
    write_record(record("same", 5), tmp_path / "one")
    write_record(record("same", 6), tmp_path / "two")
    found = read_runs(tmp_path / "one", tmp_path / "two", held_out=ASKED)
    assert [Path(run.name).parts[-2:] for run in found.each] == [("one", "same"), ("two", "same")]
    assert len(set(found.responses["run"])) == 2


def test_without_pandas_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = runs(tmp_path, record("a", 5))
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(MissingExtra, match=r"needs pandas.*hppt-lab\[course\]"):
        found.table


def test_own_heldout_instructions_are_those_that_the_record_names(tmp_path: Path) -> None:
    write_instructions(tmp_path / "asked.jsonl", ASKED)
    named = record("a", 5)
    settings = {**named.settings, "held_out": str(tmp_path / "asked.jsonl")}
    write_record(dataclasses.replace(named, settings=settings), tmp_path / "runs")
    assert len(read_runs(tmp_path / "runs").each[0].after) == 20


# --- arms -----------------------------------------------------------------------------------------


def test_arms_are_runs_that_differ_in_their_seed(tmp_path: Path) -> None:
    """Mistake: an arm of two settings, or of a run that stopped a minute earlier alone."""
    slow = {"training": {"steps": 1, "learning_rate": 0.01}, "instructions": "mine.jsonl"}
    older = {"training": {"steps": 1}, "instructions": "mine.jsonl", "budget": {"minutes": 3}}
    found = runs(
        tmp_path,
        record("a", 5, seed=3),
        record("b", 5, seed=1, settings=older),
        record("c", 5, settings=slow),
        record("d", 5, reward="my_module:long_function"),
    )
    names = {arm: [run.name for run in members] for arm, members in found.arms.items()}
    assert names == {
        "strict": ["b", "a"],
        "strict, learning_rate=0.01": ["c"],
        "my_module:long_function": ["d"],
    }


def test_a_changed_own_reward_is_another_arm(tmp_path: Path) -> None:
    def own(sha256: str) -> dict[str, Any]:
        return {"own_reward": {"module": "m", "function": "f", "sha256": sha256 * 16}}

    found = runs(
        tmp_path,
        *(record(name, 5, reward="m:f", settings=own(name)) for name in ("aaaa", "bbbb")),
    )
    assert list(found.arms) == ["m:f", "m:f, file bbbbbbbb"]


# --- outcomes of arms -----------------------------------------------------------------------------


def test_every_arm_has_every_outcome(tmp_path: Path) -> None:
    """Mistake: a rise in guarded ISR shown without the length, the variety and the KL behind it."""
    drifted = {"surprise": {"before": [2.0] * 20, "after": [3.0] * 20, "own": [1.0] * 20}}
    cut = {"cut": {"before": 0.5, "after": 0.25}}
    found = runs(
        tmp_path,
        record("a", 12, 4, **drifted, **cut),
        record("b", 8, seed=1),
        record("c", 1, 17, reward="guarded"),
    )
    labels = [
        {"instruction": each.id, "response": text, "answers": text == GOOD}
        for each in ASKED
        for text in (GOOD, EMPTY)
    ]
    write_jsonl(tmp_path / "labels.jsonl", labels)
    labelled = read_runs(tmp_path, held_out=ASKED)
    assert list(labelled.each[0].outcomes()) == list(OUTCOMES)
    strict, guarded = arm_outcomes(labelled.arms)
    assert strict.each["strict"] == (0.8, 0.4) and strict.each["success"] == (0.75, 1.0)
    assert strict.each["answers"] == (0.75, 1.0) and strict.answers_by == "readers"
    assert strict.each["kl"] == (2.0, None) and strict.each["cut"] == (0.25, None)
    assert strict.mean("kl") == 2 and strict.mean("strict") == pytest.approx(0.6)
    assert guarded.collapsed == 1 and guarded.each["distinct"] == (0.15,)
    table = labelled.arm_table
    assert list(table["arm"]) == ["strict", "guarded"] and list(table["runs"]) == [2, 1]
    first = table.iloc[0]
    assert (first["strict_least"], first["strict_most"]) == (0.4, 0.8)
    assert np.isnan(first["strict_low"]), "no interval over two seeds"
    assert set(OUTCOMES) < set(table) and list(found.arm_table["answers"].isna()) == [True, True]
    assert {"distinct_after", "kl_after", "collapsed", "answers_by"} < set(labelled.table)
    responses = labelled.responses
    assert list(responses[responses["run"] == "a"]["answers"].iloc[[20, 32, 39]]) == [
        *(True, False, None),
    ]


def test_arms_of_many_seeds_have_an_interval(tmp_path: Path) -> None:
    found = runs(tmp_path, *many(8))
    strict = next(each for each in arm_outcomes(found.arms) if each.arm == "strict")
    assert strict.interval("strict") == mean_interval(strict.known("strict"))
    assert strict.interval("answers") is None
    text = as_text(arms_as_table(arm_outcomes(found.arms)))
    assert "success" not in text and "[0." in text and "distinct" in text


# --- comparisons ----------------------------------------------------------------------------------


def test_two_runs_are_compared_instruction_by_instruction(tmp_path: Path) -> None:
    """Mistake: two intervals side by side, which overlap where the paired difference is sure."""
    found = runs(tmp_path, record("low", 8), record("x high", 14, 2, reward="guarded"))
    result = compare(found.arms)
    [each] = result.differences
    [pair] = each.pairs
    strict, guarded = pair.difference["strict ISR"], pair.difference["guarded ISR"]
    assert (each.arm, each.baseline, result.level) == ("guarded", "strict", 0.95)
    assert strict.mean == pytest.approx(0.4) and guarded.mean == pytest.approx(0.3)
    assert guarded.low > 0 and guarded == paired_interval([1] * 14 + [0] * 6, [1] * 8 + [0] * 12)
    low, high = (isr(run.after, guarded=True) for run in found.each)
    assert low.high > high.low, "the two intervals do overlap"
    assert not each.over_seeds and result.instructions == 20
    text = result.as_table()
    assert "+0.30 [" in text and "not of what other seeds would give" in text


def many(count: int) -> list[RunRecord]:
    return [
        record(f"{reward}{seed}", good + seed % 3, seed=seed, reward=reward)
        for reward, good in (("strict", 5), ("guarded", 11))
        for seed in range(count)
    ]


def test_few_seeds_have_counts_and_no_interval(tmp_path: Path) -> None:
    """Mistake: an interval over five seeds of which one collapses; it covers .7 to .9."""
    found = runs(tmp_path, *many(7))
    result = compare({name: found.arms[name] for name in ("strict", "guarded")})
    [each] = result.differences
    assert [pair.seeds for pair in each.pairs] == [(seed, seed) for seed in range(7)]
    assert each.higher("guarded ISR") == 7 and not each.over_seeds
    assert "7 of 7" in result.as_table() and "below 8 seeds (here 7)" in result.as_table()


def test_many_seeds_have_an_interval_over_seeds(tmp_path: Path) -> None:
    found = runs(tmp_path, *many(8), record("strict8", 0, seed=8))
    result = compare({name: found.arms[name] for name in ("strict", "guarded")})
    [each] = result.differences
    assert each.left_out == ("strict8",)
    assert each.over_seeds["guarded ISR"].mean == pytest.approx(0.3)
    assert "over seeds" in result.as_table() and "no interval below" not in result.as_table()
    assert "left out: strict8" in result.as_table()


def test_several_comparisons_are_paid_for(tmp_path: Path) -> None:
    """Mistake: nine arms, one of them "different" by chance."""
    found = runs(
        tmp_path, *(record(name, 5, reward=name) for name in ("a", "b", "c", "d", "e", "f"))
    )
    result = compare(found.arms)
    assert result.level == pytest.approx(0.99) and len(result.differences) == 5
    assert "99 % intervals" in result.as_table() and "hold in 95 %" in result.as_table()


def test_arms_without_a_seed_in_common_are_paired_in_order(tmp_path: Path) -> None:
    found = runs(
        tmp_path,
        record("a", 5, seed=1),
        record("b", 6, seed=2),
        record("c", 5, seed=4, reward="guarded"),
    )
    result = compare(found.arms)
    [each] = result.differences
    assert [pair.seeds for pair in each.pairs] == [(4, 1)] and each.left_out == ("b",)
    assert "paired in order" in result.as_table()


def test_other_heldout_sets_are_refused(tmp_path: Path) -> None:
    """Mistake: a difference of the questions that passes for one of the policies."""
    short = record("b", 5, reward="guarded")
    short = dataclasses.replace(short, after=short.after[:-1])
    found = runs(tmp_path, record("a", 5), short)
    with pytest.raises(HpptError, match="'a' and 'b' were evaluated on different.*1 only in the"):
        compare(found.arms)
    changed = [dataclasses.replace(each, prompt="Write about milk.") for each in ASKED]
    [other] = read_runs(tmp_path / "a.json", held_out=changed).each
    with pytest.raises(HpptError, match="'tea0' asks for something else"):
        compare({"one": found.each[:1], "two": (other,)})


def test_what_is_one_arm_cannot_be_compared(tmp_path: Path) -> None:
    found = runs(tmp_path, record("a", 5), record("b", 5, seed=1))
    with pytest.raises(HpptError, match="differ in nothing but their seed.*--each"):
        compare(found.arms)
    again = runs(tmp_path, record("c", 9), record("d", 5, reward="guarded"))
    with pytest.raises(HpptError, match=r"'strict' has a seed twice \(a, c, b\).*--each"):
        compare(again.arms)


def test_before_and_after_are_paired_too(tmp_path: Path) -> None:
    [run] = runs(tmp_path, record("a", 12)).each
    gain = paired_difference(run.after, run.before, guarded=False)
    assert gain.mean == pytest.approx(0.6) and gain.low > 0.3
    with pytest.raises(HpptError, match="different instructions: 1 only in the first"):
        paired_difference(run.after, run.before[1:], guarded=False)
    single = rescored(run.record.after[:1], ASKED)
    with pytest.raises(HpptError, match="two instructions or more"):
        paired_difference(single, single, guarded=False)


@pytest.mark.parametrize(("first", "second"), [(0.3, 0.5), (0.9, 0.95), (0.02, 0.02)])
def test_the_paired_interval_covers(first: float, second: float) -> None:
    """Mistake: Wald's interval, which is a point where two policies happen to agree."""
    draw = np.random.default_rng(0)
    hits = []
    for _ in range(400):
        same = draw.random(60)
        other = np.where(draw.random(60) < 0.5, same, draw.random(60))
        found = paired_interval(list(same < first), list(other < second))
        hits.append(found.low <= first - second <= found.high)
    assert np.mean(hits) > 0.92
    equal = paired_interval([1.0] * 30, [1.0] * 30)
    assert equal.mean == 0 and equal.low < -0.02 and equal.high > 0.02


def test_a_paired_interval_needs_pairs() -> None:
    for values, others in (([0.5], [0.5]), ([0.5, 1], [0.5])):
        with pytest.raises(ValueError, match="two or more"):
            paired_interval(values, others)


# --- the command ----------------------------------------------------------------------------------


def test_the_command_compares_own_folders(tmp_path: Path) -> None:
    """Mistake: a command that knows the shipped records alone."""
    write_instructions(tmp_path / "asked.jsonl", ASKED)
    options = ["--held-out", str(tmp_path / "asked.jsonl")]
    for each in many(2):
        steps = (Step(1, 0.5, 0.5, 0.5, 12.0, 0.25, 1.0, 1.0, 1.0, 2.0, (("tea", "Tea."),) * 4),)
        write_record(dataclasses.replace(each, steps=steps), tmp_path / "runs")
    (tmp_path / "runs/notes.json").write_text("{}")
    done = hppt("compare", str(tmp_path / "runs"), *options)
    assert done.returncode == 0, done.stderr
    assert "Less 'guarded'" in done.stdout and "0 of 2" in done.stdout
    assert "left out: " in done.stderr and "notes.json" in done.stderr
    assert "What one run cost" not in done.stdout
    plain = json.loads(hppt("compare", str(tmp_path / "runs"), *options, "--json").stdout)
    [difference] = plain["differences"]
    assert difference["pairs"][0]["difference"]["guarded ISR"]["mean"] == pytest.approx(-0.3)
    billed = hppt("compare", str(tmp_path / "runs"), *options, "--costs")
    assert "What one run cost" in billed.stdout and " 48 " in billed.stdout, billed.stderr
    plain = json.loads(
        hppt("compare", str(tmp_path / "runs"), *options, "--costs", "--json").stdout
    )
    assert [cost["tokens"] for cost in plain["costs"][0]["each"]] == [48, 48]
    places = [str(tmp_path / "runs" / f"strict{seed}.json") for seed in (0, 1)]
    done = hppt("compare", "--each", *places, *options)
    assert done.returncode == 0 and f"Less '{places[0][:30]}" in done.stdout, done.stderr
    done = hppt("compare", *places, *options)
    assert done.returncode == 1 and "--each" in done.stderr
