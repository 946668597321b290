"""A replication from its plan to its page, whenever it is stopped."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from hppt_lib.cli import main as cli
from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from hppt_lib.instructions import read_instructions
from hppt_lib.intervals import difference_interval, mean_interval
from hppt_lib.records import read_record
from hppt_lib.training import replication, sweeps
from hppt_lib.training.replication import (
    contrasts,
    open_replication,
    read_result,
    replicate,
    write_data,
)
from hppt_lib.training.replication_page import page, summary
from tests.helpers.replications import (
    every_second_kept,
    fewer_arms,
    in_this_process,
    tiny_model,
    tiny_replication,
)
from tests.helpers.tiny import comparable_record


class Stopped(Exception):
    """The end of the process, at a place that the test chooses."""


def stop_at(patch: pytest.MonkeyPatch, module: Any, name: str, call: int) -> None:
    """Stop at a call of a function: nothing of it happens."""
    real, made = getattr(module, name), []

    def function(*arguments: Any, **options: Any) -> Any:
        made.append(1)
        if len(made) == call:
            raise Stopped
        return real(*arguments, **options)

    patch.setattr(module, name, function)


@pytest.mark.slow
def test_stopped_anywhere_it_comes_to_the_same_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: a stage that begins anew and draws other data; a half-written stage taken for a
    whole one; a page that cannot be made of what smoke leaves."""
    in_this_process(monkeypatch)
    every_second_kept(monkeypatch)
    fewer_arms(monkeypatch, "control", "hppt", "soft")  # all five take twice as long
    model, out = tiny_model(tmp_path / "tiny"), tmp_path / "out"
    words = ["replicate", "--tier", "smoke", "--model", str(model), "--judge", str(model)]
    words += ["--out", str(out), "--jobs", "1"]
    for module, name, call in (
        (replication, "audit_judges", 2),  # E1: one part of two is audited
        (replication, "write_data", 1),  # E2: the pilot is made
        (sweeps, "_make", 3),  # two runs of six are made
    ):
        with pytest.MonkeyPatch.context() as patch:
            stop_at(patch, module, name, call)
            stopped = CliRunner().invoke(cli.app, words)
            assert isinstance(stopped.exception, Stopped), stopped.output
        assert not (out / "result.json").exists()
    done = CliRunner().invoke(cli.app, words)
    assert done.exit_code == 0, done.output
    assert "E2 (primary): hppt − control" in done.output and "to send back: " in done.output
    result = read_result(out / "result.json")
    assert list(result["arms"]) == ["control", "hppt", "soft"]
    assert result["pilot"]["kept"] == 6 and len(result["contrasts"]) == 2
    page = (out / "page.html").read_text()
    for text in (
        "[digest]",
        "Its numbers mean nothing",
        "E1",
        "hppt − control (primary)",
        "data:image",
    ):
        assert text in page
    with zipfile.ZipFile(out / "replication-smoke.zip") as sent:
        assert {"page.html", "result.json", "pilot.jsonl", "data/control-100.jsonl"} <= set(
            sent.namelist()
        )
        assert sum(name.startswith("runs/") for name in sent.namelist()) == 6
    # Without a break, and one arm alone
    plan = tiny_replication(model)
    plan = replace(plan, size=replace(plan.size, arms=("control",)))
    whole = tmp_path / "whole"
    replicate(open_replication(plan, whole), whole, progress=False, show=lambda line: None)
    for name in ("audit.json", "pilot.jsonl", "data/control-101.jsonl"):
        assert (out / name).read_bytes() == (whole / name).read_bytes()
    for name in ("control-seed100", "control-seed101"):
        there, here = (
            replace(comparable_record(read_record(each / "runs" / f"{name}.json")), settings={})
            for each in (whole, out)  # the settings name the files by their folders
        )
        assert there == here
    # The random control is another for each seed, of the kept ones' size.
    drawn = [
        [each.id for each in read_instructions(out / "data" / f"control-{seed}.jsonl")]
        for seed in (100, 101)
    ]
    assert drawn[0] != drawn[1] and {len(each) for each in drawn} == {6}


def test_other_wishes_need_another_folder(tmp_path: Path) -> None:
    """Mistake: runs of two plans in one folder, and one page of both."""
    plan = tiny_replication(tiny_model(tmp_path / "tiny"))
    folder = tmp_path / "out"
    assert open_replication(plan, folder) == plan
    # Another plan of the same wishes, for the machine was measured since: the first one counts.
    later = replace(plan, size=replace(plan.size, steps=3))
    assert open_replication(later, folder) == plan
    with pytest.raises(HpptError, match=r"another replication \(hours: there 1, asked for 2\)"):
        open_replication(replace(plan, hours=2), folder)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("")
    with pytest.raises(HpptError, match="holds other files"):
        open_replication(plan, tmp_path / "mine")
    (folder / "plan.json").write_text("{")
    with pytest.raises(HpptError, match="is not the plan of a replication"):
        open_replication(plan, folder)


def test_arms_that_cannot_be_filled_are_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: a sweep that fails in the night because Step A kept one instruction."""
    plan = tiny_replication(tiny_model(tmp_path / "tiny"))
    few = SimpleNamespace(kept=SimpleNamespace(instructions=()), step_a=SimpleNamespace(kept=(1,)))
    monkeypatch.setattr(replication, "refinement", lambda pilot: few)
    pilot: Any = None
    left_out = write_data(plan, tmp_path, pilot)
    assert set(left_out) == {"hppt", "control"}
    assert "0 instructions are left of the pool's 12, and a step has 2" in left_out["hppt"]
    names = {path.stem for path in (tmp_path / "data").iterdir()}
    assert names == {"raw", "hard", "soft"}
    kinds = {
        name: {
            c.kind
            for each in read_instructions(tmp_path / "data" / f"{name}.jsonl")
            for c in each.constraints
        }
        for name in names
    }
    assert kinds == {"raw": {"hard", "soft"}, "hard": {"hard"}, "soft": {"soft"}}


def runs(values: list[float]) -> Any:
    return [
        SimpleNamespace(
            record=SimpleNamespace(seed=100 + place),
            outcomes=lambda when, value=value: {"guarded": value, "strict": 1 - value},
            collapsed=False,
        )
        for place, value in enumerate(values)
    ]


def test_a_contrast_is_the_arm_less_the_other() -> None:
    """Mistakes: the wrong sign; a paired interval with three seeds; an unpaired one with eight."""
    hard, soft = [0.5, 0.7, 0.6], [0.2, 0.1, 0.3]
    first, second = contrasts({"soft": runs(soft), "hard": runs(hard)})
    named = [[row[key] for key in ("arm", "other", "measure")] for row in (first, second)]
    assert named == [["hard", "soft", "guarded"], ["hard", "soft", "strict"]]
    assert first["primary"]
    assert first["difference"] == pytest.approx(asdict(difference_interval(hard, soft)))
    assert first["by_seed"] == pytest.approx({"100": 0.3, "101": 0.6, "102": 0.3})
    assert second["difference"]["mean"] < 0
    assert first["p"] == pytest.approx(0.1)
    many, others = [0.1 * place for place in range(8)], [0.1 * place - 0.05 for place in range(8)]
    [eight, _] = contrasts({"hard": runs(many), "soft": runs(others)})
    gaps = [ours - theirs for ours, theirs in zip(many, others, strict=True)]
    assert eight["difference"] == asdict(mean_interval(gaps))
    assert eight["p"] == pytest.approx(2 / 2**8)  # paired: all eight differ the same way
    [one, _] = contrasts({"hard": runs([0.5]), "soft": runs([0.25])})
    assert one["difference"] is None and one["by_seed"] == {"100": 0.25}


def test_the_file_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    path.write_text(json.dumps({"format": 7}))
    with pytest.raises(HpptError, match="not the result of a replication"):
        read_result(path)


def test_the_readme_says_what_the_recorded_replication_says() -> None:
    """Mistake: a digit typed by hand, or a page that shows nothing of what was recorded."""
    found = replication.recorded_result()
    assert found is not None and found["plan"]["tier"] == "cpu"
    readme = (repository_folder() / "README.md").read_text(encoding="utf-8")
    said = readme.partition("## Replicate the paper")[2].partition("\n## ")[0]
    [hppt, hard] = (
        line.partition(" (primary): ")[2] for line in summary(found) if "primary" in line
    )
    for line in (hppt, hard):
        assert line.replace(": ", " is ", 1) in said or line.replace(": ", " ", 1) in said
    assert f"planned for {round(sum(found['plan']['seconds'].values()) / 60)} minutes" in said
    assert "not recorded yet" not in page(found, recorded=found)
