"""Run records that were handed in: the real ones hold, and each kind of invented one is named."""

from __future__ import annotations

import copy
import csv
import gzip
import json
import random
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from hppt_lib.course.classroom import grade as grading
from hppt_lib.course.classroom import run_records
from hppt_lib.course.classroom.run_records import (
    Inspected,
    Trace,
    adapter_file_fingerprint,
    compared,
    inspect,
    shipped_traces,
)
from hppt_lib.course.classroom.submissions import records_in, unfinished_in
from hppt_lib.evaluation.satisfaction import rescored
from hppt_lib.identity import data_identity
from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.records import read_record, records_folder

RECORDS = sorted(records_folder().glob("*.json"))
Row = dict[str, Any]


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_a_real_record_holds(path: Path) -> None:
    """Mistake: an honest student is called a cheat."""
    found = inspect(path, known=())
    assert found is not None and found.record is not None
    assert found.verdict == "holds", (found.faults, found.doubts)
    assert found.unproven and set(found.rates) == {
        f"{name} {when}" for name in ("strict", "guarded", "words") for when in ("before", "after")
    }


def real(name: str = "cpu-strict-seed3") -> Row:
    row: Row = json.loads((records_folder() / f"{name}.json").read_text(encoding="utf-8"))
    return row


def handed_in(row: Row, folder: Path, known: Sequence[Trace] = ()) -> Inspected:
    path = folder / "mine.json"
    path.write_text(json.dumps(row), encoding="utf-8")
    found = inspect(path, known)
    assert found is not None
    return found


def new_times(row: Row) -> Row:
    """The record with times of its own, which add up: what a careful forger would write."""
    draw = random.Random(5)
    for step in row["steps"]:
        for part in ("rollout_seconds", "training_seconds", "reward_seconds"):
            step[part] *= draw.uniform(0.9, 1.1)
        parts = ("rollout_seconds", "training_seconds", "reward_seconds")
        step["seconds"] = sum(step[part] for part in parts)
    row["seconds"] = sum(step["seconds"] for step in row["steps"]) + 0.7123456789
    return row


def own(row: Row) -> Row:
    """A run that nobody has made yet: times and an adapter of its own."""
    new_times(row)
    row["adapter_after"] = "ab" * 32
    return row


def test_a_run_of_ones_own_holds(tmp_path: Path) -> None:
    """The base of the tests below: whatever they find, they find in what they change."""
    assert handed_in(own(real()), tmp_path).verdict == "holds"


def better_rates(row: Row) -> None:
    for step in row["steps"][5:]:
        step["strict"] = step["reward"] = min(1.0, step["strict"] + 5 / 32)


def no_share(row: Row) -> None:
    row["steps"][3]["strict"] = row["steps"][3]["reward"] = 0.7


def longer_answers(row: Row) -> None:
    for step in row["steps"]:
        step["length"] = 22.5


def too_long(row: Row) -> None:
    row["after"] = [[id, "A fluent answer of another model. " * 9] for id, _ in row["after"]]


def copied_steps(row: Row) -> None:
    for at in range(10, 20):
        row["steps"][at]["responses"] = copy.deepcopy(row["steps"][9]["responses"])


def another_seed(row: Row) -> None:
    row["seed"], row["name"] = 7, "cpu-strict-seed7"


def renamed_reward(row: Row) -> None:
    row["reward"], row["name"] = "guarded", "cpu-guarded-seed3"


def fewer_steps(row: Row) -> None:
    del row["steps"][12:]


def other_settings(row: Row) -> None:
    row["settings"]["training"]["prompts_per_step"] = 8


def shuffled(row: Row) -> None:
    random.Random(1).shuffle(row["after"])


def round_times(row: Row) -> None:
    for number, step in enumerate(row["steps"]):
        step |= {"rollout_seconds": 3.1 + number / 10, "reward_seconds": 0.0}
        step |= {"training_seconds": 4.25 + number / 10, "seconds": 7.35 + number / 5}
    row["seconds"] = 186.5


def too_fast(row: Row) -> None:
    for step in row["steps"]:
        step["rollout_seconds"] *= 1e-3
        step["seconds"] = step["rollout_seconds"] + step["training_seconds"]
        step["seconds"] += step["reward_seconds"]


def times_that_do_not_add_up(row: Row) -> None:
    for step in row["steps"]:
        step["seconds"] *= 0.5


def a_short_run(row: Row) -> None:
    row["seconds"] = 33.123456789


def untrained(row: Row) -> None:
    row["adapter_after"] = row["adapter_before"]


def idle_groups(row: Row) -> None:
    for step in row["steps"]:
        step["zero_variance"] = 0.25


def gradient_of_nothing(row: Row) -> None:
    for step in row["steps"]:
        step["gradient_norm"] = step["gradient_norm"] or 0.3123456789


def one_text(row: Row) -> None:
    row["before"] = [[id, "I cannot say."] for id, _ in row["before"]]


def nothing_learned(row: Row) -> None:
    row["after"] = copy.deepcopy(row["before"])


def a_perfect_end(row: Row) -> None:
    """Held-out answers by hand, each of another wording, none of which meets its constraint."""
    row["after"] = [
        [id, f"Well, number {at}: yes, yes, and yes, {at}"]
        for at, (id, _) in enumerate(row["after"])
    ]


def text_for_a_number(row: Row) -> None:
    row["steps"][4]["reward"] = "0.9"


def of_another_run(row: Row) -> None:
    row["identity"] = {"seed": 4, "reward": {"name": "strict"}}


@pytest.mark.parametrize(
    ("invent", "verdict", "says"),
    [
        (better_rates, "does not hold", "strict is 0."),
        (no_share, "does not hold", "which is no share of 32 responses"),
        (longer_answers, "does not hold", "tokens"),
        (too_long, "does not hold", "words, and 40 tokens is the most"),
        (copied_steps, "does not hold", "have the same responses"),
        (another_seed, "does not hold", "are not those that seed 7 draws"),
        (renamed_reward, "does not hold", "the reward is"),
        (fewer_steps, "does not hold", "it has 12 steps, and by its settings made all 20"),
        (other_settings, "does not hold", "its settings make 8 × 8"),
        (shuffled, "does not hold", "the held-out prompts are not in their order"),
        (round_times, "does not hold", "are round numbers"),
        (too_fast, "does not hold", "tokens a second"),
        (times_that_do_not_add_up, "does not hold", "its parts take"),
        (a_short_run, "does not hold", "and the whole run 33.1 s"),
        (untrained, "does not hold", "its adapter is the same before and after"),
        (idle_groups, "does not hold", "zero_variance is 0.25, and its responses come to"),
        (gradient_of_nothing, "does not hold", "in 100% of the groups all rewards are equal"),
        (one_text, "does not hold", "different responses of 240"),
        (nothing_learned, "does not hold", "are the same before and after"),
        (a_perfect_end, "in doubt", "of the held-out responses are satisfied"),
        (text_for_a_number, "does not hold", "steps.4.reward"),
        (of_another_run, "does not hold", "its identity has seed 4, its settings 3"),
    ],
    ids=lambda given: getattr(given, "__name__", None),
)
def test_an_invented_record_is_named(
    invent: Callable[[Row], None], verdict: str, says: str, tmp_path: Path
) -> None:
    """Mistake: a record that nobody ran earns what a run earns."""
    row = own(real())
    invent(row)
    found = handed_in(row, tmp_path)
    assert found.verdict == verdict, found
    assert any(says in each for each in (*found.faults, *found.doubts)), found


def test_the_kits_own_record_is_no_homework(tmp_path: Path) -> None:
    """Mistake: a shipped record under another name; with times made anew it is one in doubt."""
    row = real()
    row["name"] = "anna"
    found = handed_in(row, tmp_path, shipped_traces())
    assert found.verdict == "does not hold" and "cpu-strict-seed3" in found.faults[0]
    again = handed_in(new_times(real()), tmp_path, shipped_traces())
    assert again.verdict == "in doubt" and "on the same kind of processor" in again.doubts[0]


@pytest.mark.parametrize("name", ["trials/usual-seed200", "e9/judge-middling-seed100"])
def test_a_record_of_the_experiments_holds_and_is_no_homework(tmp_path: Path, name: str) -> None:
    """Mistake: of the shipped records only those that lie at the top are known."""
    row = json.loads(gzip.decompress((records_folder() / f"{name}.json.gz").read_bytes()))
    assert handed_in(row, tmp_path).verdict == "holds"
    found = handed_in({**row, "name": "anna"}, tmp_path, shipped_traces())
    assert found.verdict == "does not hold" and Path(name).name in found.faults[0]


def test_runs_of_a_class_that_share_what_two_runs_do_not(tmp_path: Path) -> None:
    """Mistake: one run, handed in by two; and two honest runs of one seed called a copy."""
    anna = handed_in(own(real()), tmp_path)
    bert = handed_in({**own(real()), "name": "bert"}, tmp_path)
    other = {**own(real("cpu-strict-seed4")), "adapter_after": "cd" * 32}
    carl = handed_in(other, tmp_path)
    noted = compared({"anna": [anna], "bert": [bert], "carl": [carl]})
    assert "bert's mine.json" in noted["anna"][0].doubts[0]
    assert "anna's mine.json" in noted["bert"][0].doubts[0]
    assert noted["carl"][0].verdict == "holds"


def test_arms_of_one_seed_share_their_first_step(tmp_path: Path) -> None:
    """Mistake: all arms of a seed begin with the same texts, and that is called a copy."""
    first = {name: read_record(records_folder() / f"cpu-{name}-seed0.json").steps[0].responses
             for name in ("strict", "guarded")}  # fmt: skip
    assert first["strict"] == first["guarded"]
    for path in RECORDS:
        mine = read_record(path)
        others = [each for each in shipped_traces() if each.name != mine.name]
        found = inspect(path, others)
        assert found is not None
        assert found.verdict == "holds", (path.name, found.faults, found.doubts)


def test_a_record_of_today_with_an_identity(tmp_path: Path) -> None:
    """Mistake: the identity that today's runs write is not looked at, or an honest one refused."""
    row = own(real())
    training = {
        name: value for name, value in row["settings"]["training"].items() if name != "steps"
    }
    row["identity"] = {
        **training,
        "seed": row["seed"],
        "reward": {"name": "strict"},
        "evaluation": row["settings"]["evaluation"],
        "instructions": data_identity(shipped_instructions("hard_train")),
        "held_out": data_identity(shipped_instructions("hard_heldout")[:120]),
    }
    found = handed_in(row, tmp_path)  # an older guard is no excuse for a record with an identity
    assert len(found.faults) == 1 and "today's guard" in found.faults[0]
    instructions = shipped_instructions("hard_train")
    for step in row["steps"]:
        scored = rescored(step["responses"], instructions)
        step["guarded"] = sum(each.score.guarded for each in scored) / len(scored)
    found = handed_in(row, tmp_path)
    assert found.verdict == "holds" and not any("older" in each for each in found.unproven)
    row["identity"]["held_out"] = "3 in order, sha256 0"
    assert any("held_out are not those" in each for each in handed_in(row, tmp_path).doubts)


def test_the_adapter_beside_it_is_the_records(tmp_path: Path) -> None:
    """Mistake: any adapter will do; a fingerprint of the file that is not the trained model's."""
    import torch
    from safetensors.torch import save_file

    from hppt_lib.training.training_run import adapter_fingerprint

    class Adapted(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.lora_A = torch.nn.ModuleDict({"default": torch.nn.Linear(3, 2, bias=False)})

    model, folder = Adapted(), tmp_path / "mine.model"
    folder.mkdir()
    [weight] = [each.detach() for each in model.parameters()]
    save_file({"lora_A.weight": weight}, folder / "adapter_model.safetensors")
    assert adapter_file_fingerprint(folder / "adapter_model.safetensors") == adapter_fingerprint(
        model
    )
    row = own(real())
    assert any("adapter beside it" in each for each in handed_in(row, tmp_path).faults)
    row["adapter_after"] = adapter_fingerprint(model)
    assert handed_in(row, tmp_path).verdict == "holds"


def test_files_that_are_no_record(tmp_path: Path) -> None:
    """Mistake: one odd file ends the grading of a class; a path in a record is opened."""
    (tmp_path / "notes.json").write_text('{"a": 1}', encoding="utf-8")
    assert inspect(tmp_path / "notes.json") is None
    for text in ("no JSON", '{"steps": [], "format": 1}', '{"steps": 1, "format": 9}', "[" * 10**5):
        (tmp_path / "odd.json").write_text(text, encoding="utf-8")
        found = inspect(tmp_path / "odd.json")
        assert found is None or found.verdict == "does not hold"
    row = own(real())
    row["settings"]["instructions"] = "../../etc/passwd"
    found = handed_in(row, tmp_path)
    assert found.verdict == "in doubt" and "not the kit's" in found.doubts[0]
    incomplete: list[Row] = [{"training": {"steps": "x"}}, {}, {"training": {}, "evaluation": {}}]
    for broken in incomplete:
        row = own(real())
        row["settings"] = broken
        assert handed_in(row, tmp_path).verdict == "does not hold"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux's seccomp")
def test_records_are_graded_with_the_notebooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a record is looked at and stands in no mark; a model's own JSON is taken for one."""
    others = tuple(each for each in shipped_traces() if each.name != "cpu-strict-seed3")
    monkeypatch.setattr(run_records, "shipped_traces", lambda: others)
    submitted, out = tmp_path / "submitted", tmp_path / "marks"
    for name in ("anna", "bert", "carl"):
        (submitted / name).mkdir(parents=True)
    (submitted / "anna" / "run.json").write_text(json.dumps(own(real())), encoding="utf-8")
    (submitted / "anna" / "run.model").mkdir()
    (submitted / "anna" / "run.model" / "adapter_config.json").write_text("{}", encoding="utf-8")
    shutil.copyfile(records_folder() / "cpu-guarded-seed0.json", submitted / "bert" / "mine.json")
    (submitted / "carl" / "late.run").mkdir()
    (submitted / "carl" / "late.run" / "before.json").write_text("{}", encoding="utf-8")
    done = grading.grade(
        submitted, out, only=("00",), seed=1, record_points=4, gradebook=False, echo=lambda _: None
    )
    grading.close()
    assert [(each.points, each.of) for each in done] == [(4, 6), (0, 6), (0, 6)]
    rows = list(csv.DictReader((out / "marks.csv").open(encoding="utf-8")))
    assert [each["run records"] for each in rows] == ["holds", "does not hold", ""]
    assert "cpu-guarded-seed0" in rows[1]["notes"] and "late.run is a run" in rows[2]["notes"]
    records = list(csv.DictReader((out / "records.csv").open(encoding="utf-8")))
    assert [each["student"] for each in records] == ["anna", "bert"]
    rescored = inspect(submitted / "anna" / "run.json")
    assert rescored and records[0]["strict after"] == f"{rescored.rates['strict after']:.2f}"
    assert "nobody ran it again" in records[0]["not proved"]
    page = (out / "feedback" / "bert.html").read_text(encoding="utf-8")
    assert "not what a training run leaves behind" in page
    assert records_in(submitted / "carl") == [] and unfinished_in(submitted / "carl") == [
        "late.run"
    ]
