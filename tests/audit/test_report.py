"""The report and `hppt audit`: every number written, nothing half-written, nothing overwritten."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from typer.testing import CliRunner

from hppt_lib.audit import AuditRow, JudgedRow, paired_differences, rates_of
from hppt_lib.audit.report import GROUPS, Report, first_items, make_report
from hppt_lib.audit.report_output import as_table, check_folder, write_report
from hppt_lib.cli import main as cli
from hppt_lib.errors import HpptError
from hppt_lib.figures.judges import report_figures
from hppt_lib.judges.protocol import Judgement, no_verdict
from tests.measure.synthetic_audit import Design, Known, judged

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def found() -> Report:
    known = [Known(0.9, 0.3, 0.9), Known(0.8, 0.7)]
    rows = judged(known, Design(60, 4, 0.3), np.random.default_rng(0))
    return make_report(
        [*rows[0], *rows[1]], data="soft", mode="batch", settings={"judge 0": {"k": 1}}
    )


def test_every_rate_is_in_the_json_with_its_interval(found: Report) -> None:
    """Mistake: JSON that holds the table's rounded texts, or NaN, which no other program reads."""
    plain = json.loads(json.dumps(found.as_json(), allow_nan=False))
    first, second = plain["judges"].values()
    own = [each for each in found.rows if each.judge == "judge 0"]
    expected = rates_of(own)
    assert first["settings"] == {"k": 1} and second["settings"] == {}
    for name in (
        "precision",
        "recall",
        "recall_on_false",
        "false_pass_rate",
        "accuracy",
        "coverage",
    ):
        share = getattr(expected, name)
        assert first["all"][name] == {
            "rate": share.mean,
            "low": share.low,
            "high": share.high,
            "of": share.samples,
            "items": share.groups,
        }
    assert first["all"]["missing"] == {"time-out": sum(expected.missing.values())}
    assert set(first["by"]) == set(GROUPS) and set(first["by"]["constraints in the call"]) <= set(
        "1234"
    )
    assert sum(each["rows"] for each in first["by"]["kind"].values()) == len(own)
    assert 0.5 < first["auc"]["rate"] < 1 and first["calibration"]["brier"] > 0
    assert (
        first["precise"]["chosen"]["target"] == 0.9 and first["abstaining"]["cost"]["keep"] == 0.9
    )
    [pair] = plain["paired_differences"]
    other = [each for each in found.rows if each.judge == "judge 1"]
    estimate = paired_differences(own, other)["recall"].estimate
    assert pair["measures"]["recall"]["estimate"] == pytest.approx(estimate)


def test_the_table_says_it_all(found: Report) -> None:
    """Mistake: missing verdicts that show nowhere, or numbers without their origin."""
    shown = as_table(found, 100)
    assert max(map(len, shown.splitlines()[:12])) <= 100
    for words in (
        *("judge 0, by kind", "judge 1, by constraints in the call", "judge 0, by near misses"),
        *("No verdict, by reason: time-out", "κ 0.", "AUC 0.", "judge 0 − judge 1"),
        *("One threshold, recall on false 0.90 at confidence level 95 %", "by chance"),
        found.provenance,
    ):
        assert words in shown, words
    assert str(found.judges[0].overall.recall_on_false) in shown
    rows = len(found.rows) // 2
    items = len({each.row.item for each in found.rows})
    assert found.provenance == (
        f"judges judge 0, judge 1 · mode batch · data soft · {rows} rows of {items} items"
    )


def test_words_from_outside_cannot_steer_the_terminal() -> None:
    """Mistake: escape codes, or [markup], of an endpoint's error message printed as they are."""
    evil = "\x1b[31mred\x1b[0m\r[bold]x[/bold]" + "long " * 40
    row = AuditRow("i", "", "c", "", True, "tone\x1b[2J")
    shown = as_table(
        make_report([JudgedRow("j\x07", row, no_verdict(evil), 1)], data="f", mode="batch"), 100
    )
    assert not any(mark in shown for mark in "\x1b\x07\r")
    assert "[bold]x[/bold]" in shown and "long " * 20 not in shown


def test_a_judge_without_any_verdict_is_reported(tmp_path: Path) -> None:
    """Mistake: a division by nothing where the endpoint was down all the time."""
    rows = [AuditRow(f"i{n}", "", "c", "", n % 2 == 0, "tone") for n in range(6)]
    down = make_report(
        [JudgedRow("j", row, no_verdict("no connection"), 1) for row in rows],
        data="x",
        mode="batch",
    )
    assert "no connection (6)" in as_table(down, 100)
    write_report(down, tmp_path / "r", report_figures(down))
    assert (tmp_path / "r" / "judges.png").is_file()
    assert not (tmp_path / "r" / "roc.png").exists()


def test_what_cannot_be_reported() -> None:
    """Mistake: a judge's second answer to a row counted as another row."""
    row = AuditRow("i", "", "c", "", True, "tone")
    answer = JudgedRow("j", row, Judgement(True), 1)
    with pytest.raises(HpptError, match="two answers to one row"):
        make_report([answer, answer], data="x", mode="batch")
    with pytest.raises(HpptError, match="nothing to report"):
        make_report([], data="x", mode="batch")


@pytest.mark.slow
def test_files_whole_or_not_at_all(
    found: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: half a report after an error; a folder of the reader's own files deleted."""
    folder = tmp_path / "audit"
    write_report(found, folder, report_figures(found))
    names = {each.name for each in folder.iterdir()}
    pictures = ("judges", "kinds", "constraints", "prevalence", "roc", "calibration", "threshold")
    assert names == {"audit.csv", "audit.json", *(f"{name}.png" for name in pictures)}
    with (folder / "audit.csv").open(newline="", encoding="utf-8") as stream:
        lines = list(csv.DictReader(stream))
    assert len(lines) == len(found.rows)
    for line, each in zip(lines, found.rows, strict=True):
        assert (line["judge"], line["item"], line["kind"]) == (each.judge, *each.key[:2])
        assert line["label"] == ("satisfied" if each.row.label else "violated")
        assert (
            line["verdict"]
            == {True: "passed", False: "failed", None: "none"}[each.judgement.passed]
        )
        assert line["problem"] == each.judgement.problem
        assert bool(line["confidence"]) == (each.judgement.confidence is not None)
    assert json.loads((folder / "audit.json").read_text()) == json.loads(
        json.dumps(found.as_json())
    )

    before = (folder / "audit.csv").read_bytes()

    class Torn:
        def savefig(self, *_: Any, **__: Any) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_report(found, folder, {"judges": Torn()})
    assert (folder / "audit.csv").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["audit"]

    (folder / "thesis.tex").write_text("mine")
    with pytest.raises(HpptError, match="holds other files"):
        write_report(found, folder, report_figures(found))
    assert (folder / "thesis.tex").read_text() == "mine"


def test_folders_that_are_not_for_a_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_folder(tmp_path / "new")
    (tmp_path / "file").write_text("")
    with pytest.raises(HpptError, match="is a file"):
        check_folder(tmp_path / "file")
    (tmp_path / "empty").mkdir()
    check_folder(tmp_path / "empty")
    monkeypatch.chdir(tmp_path / "empty")
    with pytest.raises(HpptError, match="where you stand"):
        check_folder(Path("."))


def test_half_a_character_is_written(tmp_path: Path) -> None:
    """Mistake: a judge's reply with half a surrogate pair that loses the whole report."""
    row = AuditRow("i", "", "c", "", True, "tone")
    odd = make_report([JudgedRow("j", row, no_verdict("\ud83d"), 1)], data="x", mode="batch")
    write_report(odd, tmp_path / "r", {})
    assert "\\ud83d" in (tmp_path / "r" / "audit.csv").read_text(encoding="utf-8")


def test_a_limit_keeps_items_whole() -> None:
    """Mistake: an item cut in the middle, so that its batch is not the one that was asked."""
    rows = [AuditRow(item, "", f"{n}", "", True, "tone") for n, item in enumerate("aabbc")]
    assert [each.item for each in first_items(rows, 2)] == list("aabb")
    assert first_items(rows, None) == rows
    for limit, some in ((0, rows), (-1, rows), (3, rows[:0])):
        with pytest.raises(HpptError, match="no row to judge"):
            first_items(some, limit)


@dataclass(frozen=True)
class FakeJudge:
    """A judge that passes everything if its name is "yes", and nothing otherwise."""

    name: str
    cache: Path | None = None
    settings: dict[str, Any] = field(default_factory=lambda: {"made": "up"})


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[FakeJudge, str, int]]:
    """What the command asks: (judge, mode, number of rows)."""
    calls: list[tuple[FakeJudge, str, int]] = []

    def judge(spec: str, *, cache: Path | None = None) -> FakeJudge:
        if spec == "bad":
            raise HpptError("There is no judge 'bad'.")
        return FakeJudge(spec, cache)

    def judge_rows(judge: FakeJudge, rows: Sequence[AuditRow], mode: str) -> list[JudgedRow]:
        calls.append((judge, mode, len(rows)))
        answer = Judgement(judge.name == "yes", None if judge.name == "mute" else 0.8)
        return [JudgedRow(judge.name, row, answer, 2 if mode == "batch" else 1) for row in rows]

    monkeypatch.setattr("hppt_lib.audit.report.judge", judge)
    monkeypatch.setattr("hppt_lib.audit.report.judge_rows", judge_rows)
    return calls


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "rows.jsonl"
    rows = [
        {
            "item": f"i{n // 2}",
            "prompt": "p",
            "constraint": f"c{n}",
            "response": "r",
            "label": n % 3 == 0,
            "kind": "tone",
        }
        for n in range(20)
    ]
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return path


@pytest.mark.slow
def test_the_command(asked: list[tuple[FakeJudge, str, int]], data: Path, tmp_path: Path) -> None:
    """Mistake: an option that reaches nobody."""
    out = tmp_path / "out"
    done = CliRunner().invoke(
        cli.app,
        [
            *("audit", "--judge", "yes", "--judge", "no", "--data", str(data)),
            *("--mode", "pointwise", "--limit", "8"),
            *("--cache", str(tmp_path / "cache"), "--out", str(out), "--json"),
        ],
        catch_exceptions=False,
    )
    plain = json.loads(done.stdout)
    assert [each[0].name for each in asked] == ["yes", "no"]
    assert asked[0] == (FakeJudge("yes", tmp_path / "cache"), "pointwise", 16)
    assert plain["mode"] == "pointwise" and plain["data"] == "rows.jsonl"
    assert plain["judges"]["yes"]["all"]["recall_on_false"]["rate"] == 0
    assert plain["judges"]["no"]["all"]["recall_on_false"]["rate"] == 1
    assert plain["judges"]["yes"]["settings"] == {"made": "up"}
    assert json.loads((out / "audit.json").read_text()) == plain


def test_the_command_reads_public_sets(
    asked: list[tuple[FakeJudge, str, int]], tmp_path: Path
) -> None:
    """Mistake: readers that no command reaches, or a report that names the reader's own folder."""
    pair = {"input": "Sum it up.", "output_1": "short", "output_2": "a poem", "label": 1}
    (tmp_path / "Natural.json").write_text(json.dumps([pair, pair]))
    arguments = ["audit", "--judge", "yes", "--data", f"llmbar:{tmp_path}", "--json"]
    done = CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    assert asked[0][2] == 4 and json.loads(done.stdout)["data"] == "llmbar"


def test_the_command_prints_a_table(asked: list[tuple[FakeJudge, str, int]], data: Path) -> None:
    done = CliRunner().invoke(cli.app, ["audit", "--judge", "yes", "--data", str(data)])
    assert done.exit_code == 0
    assert "judge yes · mode batch · data rows.jsonl · 20 rows of 10 items" in done.stdout


def test_a_threshold_is_held_against_the_confidence(
    asked: list[tuple[FakeJudge, str, int]], data: Path
) -> None:
    """Mistake: a threshold that no verdict knows of, or that is not said beside the numbers."""

    def rate(threshold: str) -> float:
        arguments = ["audit", "--judge", "yes", "--data", str(data), "--threshold", threshold]
        plain = json.loads(CliRunner().invoke(cli.app, [*arguments, "--json"]).stdout)
        assert f"threshold {threshold} ·" in plain["provenance"]
        return float(plain["judges"]["yes"]["all"]["recall"]["rate"])

    assert rate("0.8") == 1 and rate("0.9") == 0
    mute = ["audit", "--judge", "mute", "--data", str(data), "--threshold", "0.8"]
    done = CliRunner().invoke(cli.app, mute)
    assert isinstance(done.exception, HpptError) and "no threshold to move" in str(done.exception)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--judge", "bad"], "no judge 'bad'"),
        (["--judge", "yes", "--judge", "yes"], "same name"),
        (["--judge", "yes", "--mode", "both"], "no mode 'both'"),
        (["--judge", "yes", "--limit", "0"], "no row to judge"),
        (["--judge", "yes", "--threshold", "nan"], "between 0 and 1"),
    ],
)
def test_the_command_says_what_is_wrong(
    asked: list[tuple[FakeJudge, str, int]], data: Path, arguments: list[str], message: str
) -> None:
    """Mistake: judges asked, and paid, before the mistake is found."""
    done = CliRunner().invoke(cli.app, ["audit", "--data", str(data), *arguments])
    assert isinstance(done.exception, HpptError) and message in str(done.exception)
    assert not asked


def test_the_folder_is_checked_before_anyone_is_asked(
    asked: list[tuple[FakeJudge, str, int]], data: Path, tmp_path: Path
) -> None:
    """Mistake: an hour of judging, and then no place to write it."""
    done = CliRunner().invoke(
        cli.app, ["audit", "--judge", "yes", "--data", str(data), "--out", str(tmp_path)]
    )
    assert isinstance(done.exception, HpptError) and "other files (rows.jsonl)" in str(
        done.exception
    )
    assert not asked
