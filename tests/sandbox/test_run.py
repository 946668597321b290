"""What the sandbox answers, and what it refuses to be."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.sandbox import lockdown, rules
from hppt_lib.sandbox import run as sandbox
from hppt_lib.sandbox.run import Outcome
from tests.helpers import verinstruct_like

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("code_allowed")]

if lockdown.missing():
    pytest.skip(str(lockdown.missing()), allow_module_level=True)

LENGTH = "def check_following(instruction, response):\n    return len(response.split()) >= 3\n"


YES = Outcome(True, "the data set's own code says yes")


def run(source: str, *responses: str, **options: float) -> list[Outcome]:
    return [sandbox.check(source, each, **options) for each in responses or ("x",)]  # type: ignore[arg-type]


def body(*lines: str) -> str:
    return "def check_following(instruction, response):\n" + "".join(
        f"    {each}\n" for each in lines
    )


def test_nothing_runs_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a data set's code runs because somebody loaded the data set."""
    monkeypatch.setattr(sandbox, "_allowed", False)
    monkeypatch.setattr(subprocess, "Popen", None)
    with pytest.raises(HpptError, match="--allow-untrusted-code"):
        run(LENGTH, "a b c")


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
    flags = ["-s", "-P", "-S", "-B", "-c"]
    command = [sys.executable, *flags, start, str(room.parent), str(room)]
    modules = subprocess.run(command, capture_output=True, text=True, check=True, env={}).stdout
    parts = ("", ".lockdown", ".rules", ".server")
    expected = {"hppt_lib", *(f"hppt_lib.sandbox{each}" for each in parts)}
    assert {each for each in modules.split() if each.startswith("hppt_lib")} == expected
    assert "subprocess" not in modules.split()


def test_verdicts_come_in_the_order_of_the_responses() -> None:
    responses = ["a b c", "a b", "", "one two three four", "ä\ud800\u2028\n\x00 b c"]
    assert [each.passed for each in run(LENGTH, *responses)] == [True, False, False, True, True]


@settings(max_examples=6)
@given(st.lists(st.text(max_size=40), max_size=4), st.text(max_size=40))
def test_any_text_reaches_the_checker_unchanged(responses: list[str], instruction: str) -> None:
    """Mistake: the pipe's protocol eats a line end, a null or half an emoji."""
    expected = dict.fromkeys(responses, True)
    source = f"def check_following(i, r):\n    return i == {instruction!r} and r in {expected!r}\n"
    outcomes = [sandbox.check(source, each, instruction=instruction) for each in responses]
    assert outcomes == [YES] * len(responses)


@pytest.mark.parametrize(
    ("line", "passed", "reason"),
    [
        ("return True", True, "the data set's own code says yes"),
        ("return False", False, "the data set's own code says no"),
        ("return re.search('x', response)", True, ""),
        ("return re.search('y', response)", False, ""),
        ("pass", False, ""),
        ("raise ValueError", None, "it raised ValueError"),
        ("raise SystemExit", None, "it raised NameError"),
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
    assert run(source) == [YES]


def test_nothing_is_kept_from_one_response_to_the_next() -> None:
    """Mistake: a global or a default argument makes a verdict depend on the responses before it."""
    source = (
        "seen = []\ndef check_following(i, r, kept=[]):\n    seen.append(r)\n    kept.append(r)\n"
    )
    source += "    return len(seen) == 1 and len(kept) == 1\n"
    assert [each.passed for each in run(source, "a", "b", "c")] == [True] * 3
    source = (
        "import re\nN = 0\ndef check_following(i, r):\n    global N, re\n    N += 1\n"
        "    found = re.search('x', r)\n    re = None\n    return N == 1 and found is not None\n"
    )
    assert run(source, "x", "ax", "bx") == [YES] * 3


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
    assert long.passed is None
    assert long.reason == f"the response has more than {sandbox.LONGEST_RESPONSE} characters"
    (whole,) = run(LENGTH, "ä b c" * (sandbox.LONGEST_RESPONSE // 5))  # 2.4 MB through the pipe
    assert whole == YES


def _children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_few_processes_are_kept_and_none_is_left() -> None:
    """Mistake: a process left behind for each checker of a training run, or after the run."""
    before = {each.pid for each in _children()}
    for number in range(20):
        run(LENGTH + f"# {number}\n", "a", "a b c")
    run(body("while True: pass"), seconds=0.3)
    mine = [each for each in _children() if each.pid not in before]
    assert len(mine) == 17  # the child, and the latest checkers
    run(body("return 1 / 0"))
    assert len([each for each in _children() if each.pid not in before]) == 17
    sandbox._end_child()
    psutil.wait_procs(mine, timeout=5)
    assert [each for each in _children() if each.pid not in before] == []


def test_the_interpreters_end_is_the_childs() -> None:
    """Mistake: a killed training run leaves its sandbox running."""
    start = (
        "from hppt_lib import sandbox; import os, sys; sandbox.allow_untrusted_code(); "
        f"sandbox.check({LENGTH!r}, 'a b c'); print(sandbox.run._child._process.pid, flush=True); "
    )
    for end in ("sys.exit()", "os.kill(os.getpid(), 9)"):
        done = subprocess.run([sys.executable, "-c", start + end], capture_output=True, text=True)
        deadline = time.monotonic() + 5
        while psutil.pid_exists(int(done.stdout)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not psutil.pid_exists(int(done.stdout)), end


def test_a_child_that_is_killed_is_an_error_and_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: the child dies of memory, and the rest of the batch counts as failed; or no later
    call ever works again.
    """
    run(LENGTH, "first")
    child = sandbox._child
    assert child is not None
    os.kill(child._process.pid, signal.SIGSTOP)
    monkeypatch.setattr(sandbox, "_GRACE", -9.5)  # the caller's watch, should the child's fail
    with pytest.raises(HpptError, match="ended or hung"):
        run(LENGTH, "second")
    monkeypatch.undo()
    monkeypatch.setattr(sandbox, "_allowed", True)
    assert run(LENGTH, "a b c") == [YES]


def test_threads_share_the_child_and_one_that_ends_does_not_take_it_along() -> None:
    """Mistake: two threads read each other's answers; or the kernel kills the child with the
    thread that made it, and the next call fails.
    """
    children = set()
    found: dict[int, list[bool | None]] = {}

    def ask(number: int) -> None:
        sandbox._known.clear()
        texts = ["a " * (number + each) for each in range(8)]
        found[number] = [each.passed for each in run(LENGTH, *texts)]

    for _ in range(2):
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert found == {n: [n + each >= 3 for each in range(8)] for n in range(4)}
        children.add(id(sandbox._child))
    assert len(children) == 1


def test_the_order_of_a_set_is_the_same_in_every_run() -> None:
    """Mistake: a verdict that hangs on the hash seed changes from run to run."""
    source = body("return list(set(response.split()))[0] < list(set(response.split()))[1]")
    texts = [f"{a} {b} tea" for a in ("ash", "milk", "rain") for b in ("oak", "sky", "fern", "sea")]
    found = set()
    for _ in range(4):
        sandbox._end_child()
        sandbox._known.clear()
        found.add(tuple(each.passed for each in run(source, *texts)))
    assert len(found) == 1
    assert len(set(found.pop())) == 2  # there is something to change


def test_a_question_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mistake: a pilot that scores a response again after each sample counts its one time-out three
    times, and gives the checker up; or memory without end.
    """
    slow = body("while response == 'x': pass", "return True")
    assert [each.passed for each in run(slow, *"xxxxa", seconds=0.2)] == [None] * 4 + [True]
    assert sandbox._said == {"": 1, "it took more than 0.2 s": 1}
    assert run(slow, "x", seconds=0.3)[0].reason == "it took more than 0.3 s"
    monkeypatch.setattr(sandbox, "_MOST_KNOWN", 3)
    run(LENGTH, *"abcdefg")
    assert len(sandbox._known) == 1


def test_the_rules_take_what_data_sets_hold() -> None:
    """Mistake: rules so strict that no real rule's function runs."""
    functions = [
        function
        for row in verinstruct_like.rows(40)
        for function in row["functions"]
        if "llm_" not in function
    ]
    assert [rules.complaint(each) for each in functions] == [None] * len(functions)
    long = next(each for each in functions if "if count >" in each)
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
    """Mistake: its time limit is paid for every response, or another checker is given up too."""
    with pytest.warns(UserWarning, match="given up: it took more than 0.2 s, 3 times") as warned:
        outcomes = run(HANGS, *"abcdef", seconds=0.2)
    assert len(warned) == 1
    assert [each.passed for each in outcomes] == [None] * 6
    assert {each.reason for each in outcomes[:3]} == {"it took more than 0.2 s"}
    assert {each.reason for each in outcomes[3:]} == {"given up: it took more than 0.2 s, 3 times"}
    assert [each.passed for each in run(LENGTH, "a b c", "a")] == [True, False]
    assert sandbox.report() == (
        "Verdicts of the data set's own code, in the sandbox: 2. Responses without one: 6: it took "
        "more than 0.2 s (3), given up after that (3)."
    )


def test_time_outs_between_verdicts_count_too() -> None:
    """Mistake: a verdict in between forgives all time-outs."""
    some = body("while response in 'xyz':", "    pass", "return True")
    with pytest.warns(UserWarning, match="given up"):
        found = [each.passed for each in run(some, *"axbyczd", seconds=0.2)]
    assert found == [True, None, True, None, True, None, None]


# What a checker may do to whoever runs it, with what the sandbox makes of it.
HOSTILE = {
    "an endless loop": (HANGS, "it took more than 0.5 s"),
    "memory": (body("return len(bytes(10 ** 11)) == 0"), "it raised MemoryError"),
    "forks": ("import os\n" + body("while True: os.fork()"), "refused: imports os"),
    "reads a file": (body("return 'root' in open('/etc/passwd').read()"), "it raised NameError"),
    "prints 100 MB": (
        body("for _ in range(100): print('x' * 1_000_000)", "return 'printed'"),
        "it returned str",
    ),
    "an object equal to everything": (
        "class Same:\n    def __eq__(self, other): return True\n" + body("return Same()"),
        "refused: ClassDef is not allowed",
    ),
    "raises SystemExit": (body("exit(0)"), "it raised NameError"),
    "exits by an exception": (body("raise type(KeyError())"), "it raised KeyError"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_checker_gives_no_verdict_and_harms_nobody(name: str) -> None:
    """Mistake: it takes the caller along, counts as a fail, or spoils the next checker."""
    source, reason = HOSTILE[name]
    (outcome,) = run(source, seconds=0.5)
    assert outcome.passed is None and outcome.reason.startswith(reason), outcome
    assert [each.passed for each in run(LENGTH, "a b c", "a")] == [True, False]
