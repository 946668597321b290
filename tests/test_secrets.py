"""Nothing that is committed gives a secret away: notebooks with their outputs, data, run records.

Outputs and records are written by a machine with keys, a home folder and a name. Known shapes are
looked for (the publishers of tokens name them for scanners), and this machine's own names.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

TEXT = {".csv", ".ipynb", ".json", ".jsonl", ".md", ".py", ".toml", ".txt", ".yaml", ".yml"}
FOLDERS = ("notebooks", "data", "examples")

# By what it is: its shape. A name in capitals (HOST, USER) is for the reader to fill in.
SHAPES = {
    "private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "key of AWS": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "token of GitHub": r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})",
    "token of GitLab": r"\bglpat-[A-Za-z0-9_-]{20}",
    "token of Hugging Face": r"\bhf_[A-Za-z0-9]{30,}\b",
    "key of OpenAI or Anthropic": r"\bsk-[A-Za-z0-9_-]{20,}",
    "key of Google": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "token of Slack": r"\bxox[abeprs]-[A-Za-z0-9-]{10,}",
    "token of PyPI": r"\bpypi-[A-Za-z0-9_-]{50,}",
    "JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}",
    "authorisation": (
        r"(?i)\bauthorization['\"]?\s*[:=]\s*['\"]?(?:bearer|basic)\s+[A-Za-z0-9+/_.=-]{8,}"
    ),
    "token of Jupyter": r"[?&]token=[0-9a-f]{16,}",
    "password in an address": r"://[^\s/:@'\"]+:[^\s/@'\"]+@[A-Za-z0-9]",
    "value of a secret": (
        r"(?i)\b\w*(?:api_?key|secret|password|passwd|access_?token|auth_?token)['\"]?"
        r"\s*[:=]\s*['\"]?(?=[A-Za-z0-9+/_-]*\d)[A-Za-z0-9+/_-]{16,}"
    ),
    "home folder": (
        r"(?<!\.[a-z]{2})(?<!\.[a-z]{3})"  # a page of a site, such as a .com with a path below it
        r"(?:/home/|/Users/|[A-Za-z]:\\{1,2}Users\\{1,2})(?!(?:me|you|user|name)\b)\w+|/root/\w"
    ),
    "name of a machine": (
        r"\b[a-z0-9][a-z0-9-]*\.(?:internal|local|lan|corp|intranet|cluster)\b(?![(\w])"
        r"|\bip-\d+-\d+-\d+-\d+\b"
    ),
    "private address": (
        r"(?<![\d.])(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d{1,3}\.\d{1,3}(?![\d.])"
    ),
}


def found(text: str, machine: str = "") -> list[tuple[str, str]]:
    """What looks like a secret in a text: (what it is, the first letters of it)."""
    shapes = dict(SHAPES)
    if len(machine) > 5:  # a shorter one may be a word
        shapes["this machine's name"] = rf"\b{re.escape(machine)}\b"
    return [
        (what, match[0][:24])
        for what, shape in shapes.items()
        for match in re.finditer(shape, text)
    ]


def texts(path: Path) -> Iterator[str]:
    """What a reader can see in a file; of a notebook, all but its pictures.

    In JSON a line break is written as a backslash and an "n", which would hide a word's beginning:
    so it is read, and each text looked at with the name that it has.
    """
    raw = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        yield from strings([json.loads(line) for line in raw.split("\n") if line.strip()])
    elif path.suffix in (".json", ".ipynb"):
        yield from strings(json.loads(raw))
    else:
        yield raw


def strings(value: Any, name: str = "") -> Iterator[str]:
    """The texts in a value of JSON; lines in a list are one text."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from strings(each, key)
    elif isinstance(value, list) and value and all(isinstance(each, str) for each in value):
        yield from strings("".join(value), name)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each, name)
    elif isinstance(value, str) and not name.startswith("image/"):
        yield f"{name}: {value}"


def committed() -> list[Path]:
    """The files whose words came from a machine."""
    own = ROOT / "notebooks" / "mine"
    paths = [path for name in FOLDERS for path in sorted((ROOT / name).rglob("*"))]
    paths += sorted(ROOT.glob("*.md")) + [ROOT / "Makefile", ROOT / "environment.yml"]
    return [
        path
        for path in paths
        if (path.suffix in TEXT or path.name == "Makefile")
        and own not in path.parents
        and not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    ]


@pytest.mark.slow
def test_no_secret_is_committed() -> None:
    """Mistake: a key in a traceback, or a home folder in the warning of a library."""
    machine = socket.gethostname()
    secrets = [
        f"{path.relative_to(ROOT)}: {what}: {start}…"
        for path in committed()
        for text in texts(path)
        for what, start in found(text, machine)
    ]
    assert not secrets, "\n".join(secrets[:40])


# Made up, in two parts, so that no scanner takes this file for a leak.
PLANTED = {
    "private key": "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
    "key of AWS": "AKIA" + "IOSFODNN7EXAMPLE",
    "token of GitHub": "ghp_" + "a1" * 18,
    "token of GitLab": "glpat-" + "b2" * 10,
    "token of Hugging Face": "hf_" + "Cd3" * 12,
    "key of OpenAI or Anthropic": "sk-" + "ant-" + "e4" * 12,
    "key of Google": "AIza" + "f" * 35,
    "token of Slack": "xoxb-" + "1234567890-abc",
    "token of PyPI": "pypi-" + "g5" * 30,
    "JSON web token": "eyJ" + "hbGciOiJIUzI1" + ".eyJ" + "zdWIiOiIxMjM0",
    "authorisation": '"Authorization": "Bearer ' + 'abcdef123456"',
    "token of Jupyter": "http://127.0.0.1:8888/lab?token=" + "0a" * 24,
    "password in an address": "https://ann:" + "letmein@hub.example.org/v1",
    "value of a secret": "OPENAI_API_KEY=" + "abcd1234efgh5678",
    "home folder": "/home/" + "ann/hppt/run.py",
    "name of a machine": "judge at http://gpu-7." + "internal:8000/v1",
    "private address": "judge at http://10." + "20.30.40:8000/v1",
}


@pytest.mark.parametrize("what", SHAPES)
def test_a_planted_secret_is_found(what: str, tmp_path: Path) -> None:
    """Mistake: a shape that finds nothing, so that the scan is green for nothing."""
    planted = PLANTED[what]
    assert what in [name for name, _ in found(f"Tea is hot. {planted} And so on.")]
    for output in (
        {"output_type": "stream", "name": "stderr", "text": ["one\n", f"{planted}\n"]},
        {"output_type": "display_data", "metadata": {}, "data": {"text/html": f"<p>{planted}</p>"}},
        {"output_type": "error", "ename": "E", "evalue": "", "traceback": [planted]},
    ):
        cell = {"cell_type": "code", "source": "1", "metadata": {}, "outputs": [output]}
        path = tmp_path / "00_a.ipynb"
        path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
        assert what in [name for text in texts(path) for name, _ in found(text)], output
    row = tmp_path / "row.jsonl"
    row.write_text(json.dumps({"response": f"one\n{planted}"}) + "\n")
    assert what in [name for text in texts(row) for name, _ in found(text)]


def test_a_secret_with_its_name_in_json_is_found(tmp_path: Path) -> None:
    """Mistake: a record of settings with a key in it, whose value alone looks like nothing."""
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"judge": {"api_key": "abcd1234efgh5678"}}))
    assert [name for text in texts(path) for name, _ in found(text)] == ["value of a secret"]


def test_the_machines_own_name_is_found() -> None:
    """Mistake: a record that says on which machine of whom it was made."""
    assert ("this machine's name", "maries-laptop") in found("on maries-laptop:", "maries-laptop")


def test_what_is_no_secret_is_left_alone(tmp_path: Path) -> None:
    """Mistake: a scan that cries at every record, until somebody turns it off."""
    for text in (
        "max_tokens=2048, token=tea, --judge http://HOST:8000/v1#MODEL",
        "http://localhost:8000/v1 and http://127.0.0.1:8888/lab",
        "~/hppt, HPPT-LAB/data, /usr/lib/python3, /home" + "/you/hppt",
        "a page: www.example.com" + "/home/" + "news",
        "password: a word of at least sixteen letters",
        "threading.local() and version 3.10.2.0.1, task-specific",
    ):
        assert found(text) == [], text
    picture = tmp_path / "a.ipynb"  # the letters of a picture say nothing
    picture.write_text(json.dumps({"data": {"image/png": PLANTED["key of Google"]}}))
    assert list(texts(picture)) == []
