"""The playground's Python, unpacked from its archive and run without what a browser lacks."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib import verifiers
from hppt_lib.course import playground
from hppt_lib.course.in_browser import stand_ins
from hppt_lib.rewards import ATTACKS
from tests import ROOT

pytestmark = pytest.mark.slow

TEXTS = ["Tea is hot. Dr. Lee drinks it. (Really?) Yes!", "x", "", "茶は熱い。とても。", "- a\n- b"]

# What the archive must do without: as in a browser, nothing of this environment but the kernel of
# Python. The word breaker is the browser's own there; here a whole line is a word.
PROGRAM = """
import json, re, sys
sys.path[:] = [sys.argv[1], *(p for p in sys.path if "site-packages" not in p and p != "")]
from hppt_lib.course.in_browser import stand_ins
stand_ins._browser_words = lambda text, language: re.findall('\\n|[^\\n]+', text)
from hppt_lib.course.in_browser import verdicts
for line in sys.stdin:
    call, given = json.loads(line)
    print(verdicts.answer(call, json.dumps(given)))
"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page's archive, unpacked."""
    folder = tmp_path_factory.mktemp("kit")
    playground.write_kit(folder / "kit.zip")
    with zipfile.ZipFile(folder / "kit.zip") as archive:
        archive.extractall(folder / "kit")
    return folder / "kit"


def ask(kit: Path, calls: list[tuple[str, dict[str, Any]]]) -> list[Any]:
    """The answers to calls, as the page gets them."""
    typed = "".join(f"{json.dumps(call)}\n" for call in calls)
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, str(kit)]
    done = subprocess.run(command, input=typed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_constraint_answers_in_a_browser(kit: Path) -> None:
    """Mistake: a missing library that comes out of a verdict as an exception."""
    [known] = ask(kit, [("constraints", {})])
    assert [each["id"] for each in known] == [each.id for each in verifiers.families()]
    calls = []
    for each in known:
        kwargs = {parameter["name"]: parameter["sample"] for parameter in each["parameters"]}
        calls += [
            ("check", {"id": each["id"], "kwargs": kwargs, "response": text}) for text in TEXTS
        ]
    absent: dict[str, set[str]] = {"text": set(), "reference": set()}
    for (_, given_), answer in zip(calls, ask(kit, calls), strict=True):
        assert "error" not in answer, (given_, answer)
        for reading, found in answer["readings"].items():
            if "absent" in found:
                absent[reading].add(given_["id"])
                assert "does not run in a browser" in found["absent"]
            else:
                assert isinstance(found["strict"]["passed"], bool) and found["strict"]["reason"]
                assert len(found["variants"]) == 7
    for reading in verifiers.READINGS:
        listed = set(playground.needing(playground.NOT_IN_A_BROWSER, reading))
        assert absent[reading] == listed, "the page lists others than those without a verdict"


def test_verdicts_are_the_kits_own(kit: Path) -> None:
    """Mistake: an archive with other rules than the kit's."""
    calls, expected = [], []
    stood_in = set(playground.needing(("sentencex", *playground.NOT_IN_A_BROWSER), "text"))
    for line in (ROOT / "data/gold/verifiers.jsonl").open():
        row = json.loads(line)
        if row["id"] not in stood_in and row["response"].isascii() and len(calls) < 150:
            verdict = verifiers.build(row["id"], row["kwargs"])(row["response"])
            keys = ("id", "kwargs", "response")
            calls.append(("check", {key: row[key] for key in keys}))
            expected.append({"passed": verdict.passed, "reason": verdict.reason})
    found = [answer["readings"]["text"]["strict"] for answer in ask(kit, calls)]
    assert found == expected and len(found) == 150


def test_errors_are_sentences(kit: Path) -> None:
    """Mistake: an empty number that the page sends while somebody types, told as a traceback."""
    given_ = {"id": "length_constraints:number_words", "response": "Tea."}
    wrong = {"relation": "at least", "num_words": ""}
    [answer] = ask(kit, [("check", {**given_, "kwargs": wrong})])
    assert "wanted a whole number" in answer["error"]


def test_answers_that_say_nothing(kit: Path) -> None:
    """Mistake: "attack me" without the known attacks, or with a guard that lets all pass."""
    given_ = {"id": "punctuation:no_comma", "kwargs": {}, "prompt": "Write about tea."}
    [answer] = ask(kit, [("attack", given_)])
    rows = {row["response"]: row for row in answer["rows"]}
    assert {each.response for each in ATTACKS} | {"x", "Write about tea."} <= set(rows)
    assert rows["x"]["verdicts"]["text"]["passed"] and not rows["x"]["guard"]["passed"]
    assert any(row["guard"]["passed"] for row in answer["rows"]), "a guard is a rule, too"


@given(st.text(alphabet="aA .!?\"()'\u3002Dr5\n", max_size=60))
def test_sentences_are_the_text(text: str) -> None:
    """Mistake: a splitter that drops or doubles a character."""
    assert "".join(stand_ins.segment("en", text)) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Tea is hot. It is good.", 2),
        ("Dr. Lee came at 5 p.m. today. He left.", 2),
        ("J. Smith said no. U.S. troops left.", 2),
        ('He asked "why?" and left. Node.js is good.', 2),
        ("(Really? Yes.) It boils.", 2),
        ("It costs 3.5 dollars!  What?! Yes.", 3),
        ("今日は。明日は。", 2),
        ("", 0),
        ("no mark", 1),
    ],
)
def test_plain_rules_cut_as_a_reader_does(text: str, number: int) -> None:
    """Mistake: a cut after a title or an initial, or none after a mark."""
    assert len(stand_ins.segment("en", text)) == number
