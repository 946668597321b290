"""The command line: quick, without tracebacks, and honest in its exit status."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.models import CommandInfo

from hppt_lib.cli import app
from tests.helpers.commands import hppt

pytestmark = pytest.mark.slow


def test_version() -> None:
    """Mistake: a second place that holds the version."""
    assert hppt("--version").stdout.strip() == f"hppt {version('hppt-lab')}"


def test_the_commands_stand_in_the_order_of_the_journey() -> None:
    """Mistake: a list of commands in which a reader finds no beginning."""
    lines = hppt().stdout.splitlines()
    titles = [line.strip("╭╮─ ") for line in lines if line.startswith("╭")]
    assert titles == [
        "Options",
        "Start here",
        "Teaching",
        "Verifiers",
        "Judges",
        "Data",
        "Refining the data",
        "Training",
        "Evaluating",
        "Figures",
    ]


COMMANDS = {
    "doctor": ["--json", "--thorough", "what to do"],
    "fetch": ["HPPT_CACHE", "93 MB"],
    "course": ["--tier", "--only", "--in-place", "--out", "HPPT_TIER"],
    "claims": ["--write", "nobody types a number"],
    "site": ["--pyodide", "--serve", "other host", "npm"],
    "release": ["--add", "--out"],
    "grade": ["--only", "--jobs", "--seed", "--user"],
    "review": ["before"],
    "slides": ["--out", "no network", "Nothing is run", "each slide is a page"],
    "quiz": ["--out", "--format", "gift", "Moodle", "notebooks/quiz.yaml"],
    "verify": ["--reading", "reference", "--thoughts", "--loose", "--out", "--keep-going", "95 %"],
    "differences": ["reference", "careful person"],
    "audit": ["--judge", "--data", "--mode", "--threshold", "--out", "95 %", "--extra-body"],
    "audit-guard": ["--guard", "--split", "95 %"],
    "audit-policies": ["--judge", "--answers", "--cache", "was exploited"],
    "train-judge": ["--rows", "--held-out", "--false-fail", "pilot log", "is not changed"],
    "match-noise": ["--pilot", "--guard", "no fair control"],
    "calibrate-judge": ["--pilot", "--target", "--cache", "unbiased", "the truth's would"],
    "audit-programs": [
        "--data",
        "--instructions",
        "--answers",
        "--aim",
        "--failures",
        "--out",
        "never reads",
    ],
    "answers": ["--only", "goes on where it was"],
    "load": ["--out", "--unmapped", "--keep-going", "--partial", "licence", "not precise"],
    "instructions": ["same seed", "--check", "constraints", "status 1"],
    "pilot": ["--samples", "--stop", "--limit", "--dropped-by", "--no-thinking", "Killed at"],
    "refine": ["--rule", "--budget", "--keep-soft", "control.jsonl", "weak policy"],
    "match-diversity": ["--size", "--few", "--many", "equally hard"],
    "plan": ["--tier", "--memory", "--json", "status 1"],
    "train": [
        "--minutes",
        "--samples",
        "--fresh",
        "NAME.run",
        "the same command",
        "mine.yaml",
        "--held-out",
        "--report-to",
        "--no-plan",
        "NAME.model",
    ],
    "merge": ["--out", "without peft", "never in 4 bits"],
    "sweep": ["--jobs", "--status", "--dry-run", "--retry-failed", "seeds: 100-107", "sbatch"],
    "replicate": ["--dry-run", "--hours", "random control", "one file to send back"],
    "evaluate": [
        "--responses",
        "--no-score",
        "--samples",
        "--strip-thinking",
        "amx_bf16",
        "Killed at",
        "refused",
    ],
    "score": [
        "--reading",
        "--less",
        "paired by prompt",
        "--judge-replies",
        "report.json",
        "no model is needed",
    ],
    "internalisation": ["--arm", "--out", "guarded ISR", "eight runs", "reverse order"],
    "forgetting": ["--base", "--texts", "--readers", "Killed at", "fixed beforehand"],
    "compare": ["--each", "--costs", "--held-out", "--json", "baseline", "left out"],
    "analyse": ["--records", "--json", "primary: {arm: judge", "Holm", "all runs of its two arms"],
    "pictures": ["data/records", "--out", "any name"],
    "label draw": ["--per-run", "--anchors", "--second", "no reader should open", "build/labels"],
    "label read": ["goes on where you stopped", "first.jsonl", "saved as it is given"],
    "label merge": ["--second", "named by its number"],
    "label score": ["--per-run", "no reward uses it", "goes on where it was", "answers.jsonl"],
    "attention texts": ["--count", "satisfies it"],
    "attention measure": ["--texts", "--turned", "control", "build/records"],
    "attention compare": ["intervals", "p-values"],
    "attention arms": ["--base", "turned", "seeds"],
}


def test_every_command_is_tested() -> None:
    """Mistake: a new command without help."""
    names = [
        f"{group} {info.name or info.callback.__name__}".strip()  # type: ignore[union-attr]
        for group, info in _commands()
    ]
    assert names == list(COMMANDS)


def _commands() -> list[tuple[str, CommandInfo]]:
    """Each command with the name of its group, which is empty for most."""
    return [
        (str(group.name or ""), command)
        for group in app.registered_groups
        if group.typer_instance
        for command in group.typer_instance.registered_commands
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(command: str) -> None:
    """Mistake: a command or option without a word on what it is for, or without an example."""
    done = hppt(*command.split(), "--help")
    assert done.returncode == 0
    text = " ".join(done.stdout.replace("│", " ").split())
    assert [word for word in COMMANDS[command] if word not in text] == []
    assert f"hppt {command}" in text.partition("Example")[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["course", "--tier", "big"], "There is no tier 'big'"),
        (["course", "--tier", "smoke", "--only", "77"], "No notebook's name begins with '77'"),
    ],
)
def test_an_error_is_a_message_and_status_1(arguments: list[str], message: str) -> None:
    """Mistake: a traceback for what the reader can put right, or status 0."""
    done = hppt(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("hppt: ") and message in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_says_what_is_missing_and_fails(tmp_path: Path) -> None:
    """Mistake: status 0 on a machine that cannot run the course."""
    done = hppt("doctor", "--json", HPPT_CACHE=str(tmp_path))
    assert done.returncode == 1
    found = {check["name"]: check for check in json.loads(done.stdout)}
    assert "hppt fetch" in found["Embedded model"]["advice"]


def test_doctor_prints_a_table(embedded_model: Path) -> None:
    """Mistake: a table that shows only where a terminal is."""
    done = hppt("doctor")
    assert "Tier cpu" in done.stdout and "Traceback" not in done.stderr


def test_fetch_again_says_nothing(embedded_model: Path) -> None:
    """Mistake: set-up done, or talked of, a second time."""
    done = hppt("fetch")
    assert (done.returncode, done.stdout) == (0, "")
