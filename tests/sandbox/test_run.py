"""What the sandbox answers, and what it refuses to be."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib import sources
from hppt_lib.errors import HpptError
from hppt_lib.sandbox import lockdown, rules, server
from hppt_lib.sandbox import run as sandbox
from hppt_lib.sandbox.run import Outcome, run_checker
from tests.helpers import verinstruct_like

pytestmark = pytest.mark.slow

if lockdown.missing():
    pytest.skip(str(lockdown.missing()), allow_module_level=True)

LENGTH = "def check_following(instruction, response):\n    return len(response.split()) >= 3\n"


def run(source: str, *responses: str, **options: float) -> list[Outcome]:
    return run_checker(source, responses or ("x",), allow_untrusted_code=True, **options)  # type: ignore[arg-type]


def body(*lines: str) -> str:
    return "def check_following(instruction, response):\n" + "".join(
        f"    {each}\n" for each in lines
    )


def test_nothing_runs_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a data set's code runs because somebody loaded the data set."""
    monkeypatch.setattr(subprocess, "Popen", None)
    with pytest.raises(HpptError, match="allow_untrusted_code=True"):
        run_checker(LENGTH, ["a b c"])


def test_other_systems_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: on macOS the code runs with the weaker layers only."""
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(HpptError, match="Linux.*darwin"):
        run(LENGTH)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(HpptError, match="no system calls of riscv64"):
        run(LENGTH)


def test_it_fails_closed_where_the_filter_does_not_hold(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    """Mistake: a kernel without seccomp, and the code runs all the same."""
    start = sandbox._START.replace(
        "server.main()",
        "server.lockdown._program = lambda: b'\\x06\\0\\0\\0\\0\\0\\xff\\x7f'; server.main()",
    )
    assert start != sandbox._START
    monkeypatch.setattr(sandbox, "_START", start)  # a filter that allows everything
    with pytest.raises(HpptError, match="filter of system calls does not hold"):
        run(LENGTH)


def test_the_child_loads_its_own_side_of_the_sandbox_and_nothing_else_of_the_library() -> None:
    """Mistake: the child fails, since the front door imports packages; or each child loads what
    only the caller needs, and a hole in Python finds ``subprocess`` ready.
    """
    start = sandbox._START.replace("server.main()", "print(*sys.modules)")
    room = Path(sandbox.__file__).parent
    command = [sys.executable, "-I", "-S", "-B", "-c", start, str(room.parent), str(room)]
    modules = subprocess.run(command, capture_output=True, text=True, check=True, env={}).stdout
    parts = ("", ".lockdown", ".rules", ".server")
    expected = {"hppt_lib", *(f"hppt_lib.sandbox{each}" for each in parts)}
    assert {each for each in modules.split() if each.startswith("hppt_lib")} == expected
    assert "subprocess" not in modules.split()


def test_verdicts_come_in_the_order_of_the_responses() -> None:
    responses = ["a b c", "a b", "", "one two three four", "ä\ud800\u2028\n\x00 b c"]
    assert [each.passed for each in run(LENGTH, *responses)] == [True, False, False, True, True]


@settings(max_examples=6, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=4), st.text(max_size=40))
def test_any_text_reaches_the_checker_unchanged(responses: list[str], instruction: str) -> None:
    """Mistake: the pipe's protocol eats a line end, a null or half an emoji."""
    expected = dict.fromkeys(responses, True)
    source = f"def check_following(i, r):\n    return i == {instruction!r} and r in {expected!r}\n"
    outcomes = run_checker(source, responses, instruction=instruction, allow_untrusted_code=True)
    assert outcomes == [Outcome(True)] * len(responses)


@pytest.mark.parametrize(
    ("line", "passed", "reason"),
    [
        ("return True", True, ""),
        ("return False", False, ""),
        ("return re.search('x', response)", True, ""),
        ("return re.search('y', response)", False, ""),
        ("pass", False, ""),
        ("return 1", None, "it returned int, not True or False"),
        ("return (False, 'too long')", None, "it returned tuple"),
        ("return 1 / 0", None, "it raised ZeroDivisionError: division by zero"),
        ("raise Exception('P' * 999 + chr(10) + 'N')", None, "it raised Exception: PPP"),
    ],
)
def test_only_a_clear_answer_is_a_verdict(line: str, passed: bool | None, reason: str) -> None:
    """Mistake: a tuple (False, "why") is truthy, an exception is a failed response."""
    (outcome,) = run("import re\n" + body(line))
    assert outcome.passed is passed
    assert outcome.reason.startswith(reason)
    assert len(outcome.reason) < 250


@pytest.mark.parametrize(
    "source",
    [
        "import re, json, math\nfrom collections import Counter\n"
        "from typing import List, Optional\nLIMIT: int = 3\n"
        "def words(text: str) -> List[str]:\n    return re.findall(r'\\w+', text)\n"
        "def check_following(instruction: str, response: str) -> bool:\n"
        '    """At least one word."""\n'
        "    counts = Counter(words(response))\n"
        "    try:\n        json.loads(response)\n    except json.JSONDecodeError as error:\n"
        "        counts['json'] += len(error.args)\n"
        "    return all(n < LIMIT for n in counts.values()) and math.isfinite(len(counts))\n",
        "import unicodedata, string, itertools, functools\nfrom datetime import datetime\n"
        + body(
            "print('checking', response)",
            "n = functools.reduce(lambda a, b: a + b, map(len, itertools.chain([response])))",
            "day = datetime.strptime('2020-02-03', '%Y-%m-%d').year == 2020",
            "shown = '{} {:>3}'.format(n, 2) + f'{n:03d}' + '%s' % n",
            "return day and string.digits[1] in shown and unicodedata.category('a') == 'Ll'",
        ),
        body(
            "total = 0",
            "for i, char in enumerate(response.encode('utf-16').decode('utf-16')):",
            "    if char.isalpha() and (low := char.lower()) == char:",
            "        total += 1",
            "    elif isinstance(char, str): continue",
            "while total > 5: total -= 1",
            "return sorted({'b': 1, 'a': 2}, key=lambda k: k)[0] == 'a' and type(total) is int"
            " and [*range(total)] == list(range(total)) and bool(total)",
        ).replace("is int", "== int"),
    ],
)
def test_ordinary_checkers_run(source: str) -> None:
    """Mistake: a sandbox so narrow that nothing of use runs in it."""
    assert run(source) == [Outcome(True)]


def test_nothing_is_kept_from_one_response_to_the_next() -> None:
    """Mistake: a global or a default argument makes a verdict depend on the responses before it."""
    source = (
        "seen = []\ndef check_following(i, r, kept=[]):\n    seen.append(r)\n    kept.append(r)\n"
    )
    source += "    return len(seen) == 1 and len(kept) == 1\n"
    assert [each.passed for each in run(source, "a", "b", "c")] == [True] * 3


def test_one_response_that_hangs_or_crashes_costs_the_others_nothing() -> None:
    source = body(
        "while response == 'loop': pass",
        "if response == 'grow': return len('a' * 10 ** 10) == 0",
        "if response == 'raise': raise ValueError(response)",
        "return True",
    )
    outcomes = run(source, "a", "loop", "b", "grow", "c", "raise", "d", seconds=0.5)
    assert [each.passed for each in outcomes] == [True, None, True, None, True, None, True]
    assert outcomes[1].reason == "it took more than 0.5 s"


def test_a_refused_checker_says_why_for_every_response() -> None:
    outcomes = run("import os\n" + LENGTH, "a", "b")
    assert outcomes == [Outcome(None, "refused: imports os (line 1)")] * 2
    assert run("x = 1")[0].reason == "refused: no function check_following(instruction, response)"
    assert run("def check_following(:")[0].reason.startswith("refused: not valid Python")


def test_too_much_is_refused_before_a_process_starts_or_by_it() -> None:
    assert "characters" in run("#" * (rules.MOST_CHARACTERS + 1) + LENGTH)[0].reason
    assert "nodes" in run(body("return [" + "0," * 6000 + "]"))[0].reason
    for deep in ("-" * 5000 + "1", "(" * 5000 + "1" + ")" * 5000, "response" + ".upper()" * 1000):
        assert run(body("return " + deep))[0].passed is None
    (long,) = run(LENGTH, "a" * (sandbox.LONGEST_RESPONSE + 1))
    assert long == Outcome(None, f"more than {sandbox.LONGEST_RESPONSE} characters")


def test_the_child_is_gone_afterwards() -> None:
    """Mistake: a process left behind for each checker of a training run."""
    before = {each.pid for each in psutil.process_iter()}
    run(body("while True: pass"), seconds=0.3)
    mine = [
        each
        for each in psutil.process_iter(["cmdline"])
        if each.pid not in before and "hppt_lib.sandbox" in " ".join(each.info["cmdline"] or [])
    ]
    assert mine == []


def test_a_child_that_is_killed_is_an_error_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: the child dies of memory, and the rest of the batch counts as failed."""
    talk = sandbox._Child._talk

    def and_kill(self: sandbox._Child, message: object, seconds: float) -> dict[str, object]:
        if message == "second":
            os.killpg(self._process.pid, signal.SIGKILL)
            time.sleep(0.05)
        return talk(self, message, seconds)

    monkeypatch.setattr(sandbox._Child, "_talk", and_kill)
    with pytest.raises(HpptError, match="ended or hung"):
        run(LENGTH, "first", "second")
    monkeypatch.undo()
    monkeypatch.setattr(sandbox, "_GRACE", -1.5)  # the caller's watch, should the child's fail
    with pytest.raises(HpptError, match="ended or hung"):
        run(body("while True: pass"), seconds=2)


def test_a_rule_that_loading_could_not_map_runs_here(tmp_path: Path) -> None:
    """Mistake: the loader drops the source, or the rules refuse what data sets really hold."""
    verinstruct_like.write(tmp_path / "train.jsonl", 40)
    loaded = sources.load("verinstruct", tmp_path / "train.jsonl", show=lambda line: None)
    programs = [
        str(each.kwargs["function"])
        for one in loaded.instructions
        for each in one.constraints
        if "function" in each.kwargs
    ]
    assert len(programs) > 10
    assert [rules.complaint(each) for each in programs] == [None] * len(programs)
    long = next(each for each in programs if "if count >" in each)
    assert [each.passed for each in run(long, "A b.", "a b.")] == [True, False]


def test_it_holds_where_privileges_and_namespaces_cannot_be_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Mistake: in a rootless container the child crashes, or runs with less and says nothing."""
    refuse = (
        "import errno; server.lockdown.os.setgroups = lambda groups: (_ for _ in ()).throw("
        "PermissionError(errno.EPERM, 'no')); server.lockdown._libc().unshare = lambda flags: -1; "
    )
    start = sandbox._START.replace("server.main()", refuse + "server.main()")
    monkeypatch.setattr(sandbox, "_START", start)
    assert sandbox.layers() == []
    assert [each.passed for each in run(LENGTH, "a b c", "a")] == [True, False]
    assert run(body("return open('/etc/passwd')"))[0].passed is None


HANGS = body("while True:", "    pass")


def test_a_checker_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: its time limit is paid for every response; or another checker, or a new run of this
    one, is given up with it.
    """
    asked: list[str] = []
    ask = sandbox._Child.ask

    def counted(child: sandbox._Child, response: str, seconds: float) -> dict[str, object]:
        asked.append(response)
        return ask(child, response, seconds)

    monkeypatch.setattr(sandbox._Child, "ask", counted)
    with pytest.warns(UserWarning, match="given up.*last 3, which have no verdict") as warned:
        outcomes = run(HANGS, *"abcdef", seconds=0.2)
    assert asked == ["a", "b", "c"] and len(warned) == 1
    assert [each.passed for each in outcomes] == [None] * 6
    assert {each.reason for each in outcomes[:3]} == {"it took more than 0.2 s"}
    reason = "given up: it took more than 0.2 s for 3 responses before"
    assert {each.reason for each in outcomes[3:]} == {reason}
    assert [each.passed for each in run(LENGTH, "a b c", "a")] == [True, False]
    assert run(HANGS, "a", seconds=0.2)[0].reason == "it took more than 0.2 s"


def test_time_outs_between_verdicts_count_and_the_last_response_needs_no_warning(
    recwarn: pytest.WarningsRecorder,
) -> None:
    """Mistake: a verdict in between forgives all time-outs; or a warning where none is left out."""
    some = body("while response == 'x':", "    pass", "return True")
    found = [each.passed for each in run(some, *"axbxcx", seconds=0.2)]
    assert found == [True, None, True, None, True, None]
    assert not recwarn.list
    with pytest.warns(UserWarning, match="last 1, which"):
        assert run(some, *"xaxxa", seconds=0.2)[-1].passed is None


def test_a_checker_cannot_say_itself_that_it_timed_out() -> None:
    """Mistake: the code of a time-out taken from a locked process."""
    assert server._judge(b"T", 0) == ("N", "it said something that is no verdict")
