"""Every command prints on a console that is not UTF-8, and dies of no character."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.cli import app
from hppt_lib.cli.console import print_anything
from hppt_lib.files import repository_folder

pytestmark = pytest.mark.slow

CONSOLES: dict[str, dict[str, str]] = {
    "cp1252": {"PYTHONIOENCODING": "cp1252"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    # As in a bare container: standard output is ASCII, with another error handler.
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
ENCODINGS = {"cp1252": "cp1252", "ascii": "ascii", "C": "ascii"}
COMMANDS = sorted(
    f"{group.name if isinstance(group.name, str) else ''} "
    f"{command.name or command.callback.__name__}".strip()  # type: ignore[union-attr]
    for group in app.registered_groups
    if group.typer_instance
    for command in group.typer_instance.registered_commands
)


def printed(console: str, *arguments: str, status: tuple[int, ...] = (0,)) -> str:
    """What ``hppt`` writes to a redirected standard output, read as that console reads it."""
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONIOENCODING"}
    done = subprocess.run(
        [sys.executable, "-m", "hppt_lib.cli", *arguments],
        env={**usual, "COLUMNS": "100", **CONSOLES[console]},
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in done.stderr and done.returncode in status, done.stderr
    done.stderr.decode(ENCODINGS[console])
    return done.stdout.decode(ENCODINGS[console])


@pytest.fixture
def responses(tmp_path: Path) -> Path:
    """A file of responses whose constraint, and whose mistake, hold what ASCII has not."""
    row = {
        "key": "茶",
        "prompt": "Write about tea → 茶.",
        "instruction_id_list": ["keywords:existence"],
        "kwargs": [{"keywords": ["茶"]}],
        "response": "κ 茶",
    }
    wrong = {**row, "kwargs": [{"茶→": 1}]}
    path = tmp_path / "茶.jsonl"
    path.write_text(f"{json.dumps(row)}\n{json.dumps(wrong, ensure_ascii=False)}\n", "utf-8")
    return path


@pytest.mark.parametrize("console", CONSOLES)
def test_doctor_and_the_differences_are_printed(console: str) -> None:
    """Mistake: the arrow of an advice, or the tea of an example, ends the command with nothing
    printed; or ASCII consoles are sent UTF-8.
    """
    table = printed(console, "doctor", status=(0, 1))
    assert "-> " in table and "Tier cpu" in table and "─" not in table
    assert json.loads(printed(console, "doctor", "--json", status=(0, 1)))
    table = printed(console, "differences")
    assert "\\u8336" in table and "palindrome" in table


@pytest.mark.parametrize("console", CONSOLES)
def test_verify_prints_its_table_its_errors_and_its_json(console: str, responses: Path) -> None:
    """Mistake: an error that quotes a file dies of the quotation; JSON with half an escape."""
    table = printed(console, "verify", str(responses), "--keep-going")
    assert "\\u8336->" in table and "1.00 [" in table
    printed(console, "verify", str(responses), status=(1,))
    card = json.loads(printed(console, "verify", str(responses), "--keep-going", "--json"))
    assert card["responses"] == 1 and "茶→" in card["errors"][0]


@pytest.mark.parametrize("console", CONSOLES)
def test_an_audit_is_printed(console: str) -> None:
    """Mistake: κ and the minus sign of the report, which cp1252 lacks."""
    answers = repository_folder() / "data" / "audit" / "answers" / "embedded-zero-shot.jsonl"
    arguments = ("audit", "--data", "soft", "--judge", f"replayed:{answers}")
    table = printed(console, *arguments)
    assert "replayed" in table and "─" not in table
    assert json.loads(printed(console, *arguments, "--json"))["data"] == "soft"


def test_the_commands_are_those_of_the_application() -> None:
    """Mistake: a list of commands that is empty, so that nothing below is tested."""
    assert {"doctor", "verify", "audit", "train"} <= set(COMMANDS)


@pytest.mark.parametrize("console", ["cp1252", "ascii"])
@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_is_printed(console: str, command: str) -> None:
    """Mistake: frames, dashes and quotation marks of a help text that the console lacks."""
    assert "Example" in printed(console, *command.split(), "--help")


def test_a_way_that_the_user_chose_stays(tmp_path: Path) -> None:
    """Mistake: PYTHONIOENCODING=ascii:xmlcharrefreplace overruled."""
    program = "from hppt_lib.cli.console import *; print_anything(); say('茶 é →')"
    shown = {}
    for encoding in ("ascii:xmlcharrefreplace", "cp1252", "utf-8"):
        shown[encoding] = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONIOENCODING": encoding},
            capture_output=True,
            check=True,
        ).stdout.decode(encoding.partition(":")[0])
    assert shown == {
        "ascii:xmlcharrefreplace": "&#33590; &#233; &#8594;\n",
        "cp1252": "\\u8336 é ->\n",
        "utf-8": "茶 é →\n",
    }


print_anything()


@given(st.text(st.characters(exclude_categories=[])), st.sampled_from(["ascii", "cp1252", "utf-8"]))
def test_any_text_can_be_printed(text: str, encoding: str) -> None:
    """Mistake: a character without look-alike, or half of one, still raises."""
    shown = text.encode(encoding, "hppt").decode(encoding)
    each_alone = [each.encode(encoding, "hppt").decode(encoding) for each in text]
    assert shown == "".join(each_alone)
    known = [each for each in text if each.encode(encoding, "ignore")]
    assert [new for old, new in zip(text, each_alone, strict=True) if old in known] == known
