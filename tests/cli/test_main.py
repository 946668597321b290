"""The command line: quick, without tracebacks, and honest in its exit status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hppt_lib import __version__
from tests.helpers.commands import hppt


def test_version() -> None:
    """Mistake: a second place that holds the version."""
    assert hppt("--version").stdout.strip() == f"hppt {__version__}"


@pytest.mark.parametrize("command", [[], ["doctor"], ["fetch"], ["course"], ["verify"], ["audit"]])
def test_help_teaches(command: list[str]) -> None:
    """Mistake: a command or option without a word on what it is for."""
    done = hppt(*command, "--help")
    assert done.returncode == 0
    expected = {
        "": ["doctor", "fetch", "course", "Start with"],
        "doctor": ["--json", "--thorough", "what to do"],
        "fetch": ["HPPT_CACHE", "93 MB"],
        "verify": ["--reading", "reference", "--loose", "--out", "--keep-going", "95 %", "Example"],
        "audit": ["--judge", "--data", "--mode", "--threshold", "--out", "--cache", "95 %"],
        "course": ["--tier", "--only", "--in-place", "--out", "HPPT_TIER"],
    }
    assert all(word in done.stdout for word in expected["".join(command)])


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
