"""Runs a public data set's Python checkers, which are untrusted code. Off unless allowed.

VerInstruct gives each rule a Python function ``check_following(instruction, response)``, written
by a model. The first choice is to map a checker to one of our verifiers (`hppt_lib.sources`); the
sandbox is for the rest. Nothing runs before `allow_untrusted_code` is called, which holds for this
process alone: no file, setting or environment can allow code.

How a checker is run: a child process, started at first use and kept, has an empty environment and
no site-packages. It forks a process for each checker, which is locked before the checker's source
is even parsed, and is asked about one response after the other. The checker's module is run anew
for each, in globals of its own, so that no state passes from one response to the next; what gives
no verdict ends its process, and the next response gets a new one. The hash seed is fixed: sets have
the same order in every run.

Layers, each of which holds without the others:

1. Source: an allow-list of syntax, names, attributes and imports (`hppt_lib.sandbox.rules`).
2. Builtins and modules: allow-lists, modules as copies without their own imports.
3. Python's audit hook: opening, importing, executing, sockets, … end the process.
4. The kernel (`hppt_lib.sandbox.lockdown`): limits on memory, processor time, file size (0), new
   descriptors (0), processes (0); no new privileges; not root; all descriptors closed but two; a
   filter under which opening a file fails and any other system call kills the process, except
   those for memory, time, ending, reading from the one descriptor and writing to the other. Where
   the system permits it, the process also has a network namespace of its own, without any network.
5. Time, kept by the child: of the processor, so that a busy machine changes no verdict, and more
   of the clock; and a watch on the child, kept by the caller. A checker that took too long three
   times is given up: its other responses have no verdict.

Layers 1 and 2 stop a checker in Python. Should they have a hole, 3 and 4 stop what lies behind it;
4 stops native code too, and is the one to rely on.

Systems: Linux on x86_64 (measured) and aarch64 (system call numbers from the kernel's tables, not
measured), as root or not. The child first tries whether the filter holds; where it does not, and
on macOS and Windows, which have no such filter, the sandbox refuses to run. Ceasing to be root and
the namespaces are best effort (`layers` says whether they hold): a container may forbid either.

What a verdict is worth: a checker decides with its return value anyway, so one that broke out of
layers 1 to 3 could say no more than ``return True`` says. It cannot speak for another checker:
each has processes of its own. What it prints is thrown away, and a raised exception, another return
value, a crash or a limit is no verdict. Side channels (timing, load) and bugs of the kernel are out
of scope. A checker may read the clock, and how long it takes depends on the machine: these alone
can change a verdict.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import os
import subprocess
import sys
import threading
import warnings
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.sandbox import lockdown, rules

LONGEST_RESPONSE = 1_000_000  # characters
_MOST_TIME_OUTS = 3
_MOST_KNOWN = 100_000  # outcomes
_PATIENCE, _GRACE = 5, 10.0  # the child has so many times a checker's seconds, and so many more
# The child has this room's modules and neither front door: that of the library needs installed
# packages, and that of the room loads what only the caller needs (a quarter of a child's time).
_START = """\
import sys, types
for name, folder in zip(("hppt_lib", "hppt_lib.sandbox"), sys.argv[1:], strict=True):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [folder]
from hppt_lib.sandbox import server
server.main()
"""
_LOCK = threading.Lock()


@dataclass(frozen=True)
class Outcome:
    """The result of an untrusted checker on one response.

    Attributes:
        passed: its verdict; None if it gave none.
        reason: why there is no verdict, or who gave it.
    """

    passed: bool | None
    reason: str


_allowed = False
_child: _Child | None = None
_time_outs: Counter[str] = Counter()  # by source
_said: Counter[str] = Counter()  # outcomes of this process, by why there is no verdict
_known: dict[bytes, Outcome] = {}  # a response is often scored more than once


def allow_untrusted_code() -> None:
    """Let the Python code in data sets run, in the sandbox, until this process ends."""
    global _allowed
    _allowed = True


def is_allowed() -> bool:
    """Whether `allow_untrusted_code` was called in this process."""
    return _allowed


def require_permission() -> None:
    """See to it that untrusted code may run here.

    Raises:
        HpptError: it was not allowed, or this system cannot lock a process.
    """
    if not _allowed:
        raise HpptError(
            "This is Python code that came with a data set, and it runs only if you allow it each "
            "time: add --allow-untrusted-code to the command (in Python: "
            "hppt_lib.sandbox.allow_untrusted_code()). It then runs in the sandbox."
        )
    if why := lockdown.missing():
        raise HpptError(f"Cannot run untrusted code: {why}. Use Linux, WSL 2 or a container.")


def check(
    source: str,
    response: str,
    *,
    instruction: str = "",
    seconds: float = 2.0,
    memory_mb: int = 512,
) -> Outcome:
    """What ``check_following(instruction, response)`` says, locked away.

    The same question is asked once in a process: its outcome is kept.

    Args:
        source: Python source that defines the function.
        response: what to check.
        instruction: passed to the function as its first argument.
        seconds: of processor time; five times as many of wall-clock time. A checker that takes
            longer three times is given up for as long as this process lives: it is no longer asked
            and gives no verdict; a warning says so once.
        memory_mb: MiB of address space, the interpreter's own included.

    Raises:
        HpptError: it was not allowed, this system cannot lock a process, or the child failed.
    """
    require_permission()
    asked = json.dumps([source, instruction, response, seconds, memory_mb]).encode("ascii")
    key = hashlib.sha256(asked).digest()
    with _LOCK:  # some trainers call from many threads
        if key not in _known:
            if len(_known) >= _MOST_KNOWN:
                _known.clear()
            _known[key], kind = _checked(source, response, instruction, seconds, memory_mb)
            _said[kind] += 1
        return _known[key]


def _checked(
    source: str, response: str, instruction: str, seconds: float, memory_mb: int
) -> tuple[Outcome, str]:
    """The outcome, and a short name for why there is no verdict; empty if there is one."""
    late = f"it took more than {seconds:g} s"
    if len(source) > rules.MOST_CHARACTERS:
        reason = f"refused: more than {rules.MOST_CHARACTERS} characters"
        return Outcome(None, reason), "refused by the rules for source"
    if len(response) > LONGEST_RESPONSE:
        reason = f"the response has more than {LONGEST_RESPONSE} characters"
        return Outcome(None, reason), reason
    if _time_outs[source] == _MOST_TIME_OUTS:
        return Outcome(None, f"given up: {late}, {_MOST_TIME_OUTS} times"), "given up after that"
    request = {
        "source": source,
        "instruction": instruction,
        "response": response,
        "seconds": float(seconds),
        "memory": memory_mb * 1024 * 1024,
    }
    answer = _living_child().ask(request, seconds * _PATIENCE + _GRACE)
    code, reason = answer["code"], answer["reason"]
    if code == "R":
        return Outcome(None, f"refused: {reason}"), "refused by the rules for source"
    if code == "T":
        _time_outs[source] += 1
        if _time_outs[source] == _MOST_TIME_OUTS:
            warnings.warn(
                f"A checker is given up: {late}, {_MOST_TIME_OUTS} times. It is not asked about "
                f"other responses, which have no verdict by it. It begins: {source[:80]!r}",
                stacklevel=4,
            )
        return Outcome(None, late), late
    passed = {"P": True, "F": False}.get(code)
    if passed is None:
        return Outcome(None, reason), reason.partition(":")[0]
    return Outcome(passed, f"the data set's own code says {'yes' if passed else 'no'}"), ""


def report() -> str:
    """What untrusted code said in this process, in a sentence; empty if none ran."""
    if not _said:
        return ""
    missing = {reason: count for reason, count in _said.most_common() if reason}
    verdicts = f"Verdicts of the data set's own code, in the sandbox: {_said['']}."
    if not missing:
        return verdicts
    why = ", ".join(f"{reason} ({count})" for reason, count in missing.items())
    return f"{verdicts} Responses without one: {sum(missing.values())}: {why}."


def layers() -> list[str]:
    """Which best-effort layers work here, beside those that must.

    Raises:
        HpptError: this system cannot lock a process.
    """
    if why := lockdown.missing():
        raise HpptError(f"Cannot run untrusted code: {why}. Use Linux, WSL 2 or a container.")
    with _LOCK:
        return _living_child().layers


def _living_child() -> _Child:
    """The child of this process; a new one where it has ended."""
    global _child
    if _child is None or not _child.alive:
        _end_child()
        _child = _Child()
    return _child


def _end_child() -> None:
    global _child
    if _child is not None:
        _child.end()
        _child = None


def _forget_child() -> None:
    """A forked process has no part in its parent's child."""
    global _child, _LOCK
    _child, _LOCK = None, threading.Lock()


atexit.register(_end_child)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_child)


class _Child:
    """The child process.

    Raises:
        HpptError: it cannot lock a process.
    """

    def __init__(self) -> None:
        room = Path(__file__).resolve().parent
        # Not -I: it would ignore the hash seed, the only variable there is.
        self._process = subprocess.Popen(
            [sys.executable, "-s", "-P", "-S", "-B", "-c", _START, str(room.parent), str(room)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"PYTHONHASHSEED": "0"},
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
        try:
            ready = self._talk(None, 30.0)
            if ready.get("ready") != "":
                raise HpptError(
                    "Cannot run untrusted code: the filter of system calls does not hold here "
                    f"({ready.get('ready')}). Is there memory enough, and has the kernel seccomp?"
                )
        except BaseException:
            self.end()
            raise
        self.layers: list[str] = ready["layers"]

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def end(self) -> None:
        """Kill the child, and all its processes with it."""
        self._kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            try:
                if stream:
                    stream.close()
            except OSError:  # what was not yet written to a dead child
                pass

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        return self._talk(request, seconds)

    def _talk(self, message: dict[str, Any] | None, seconds: float) -> dict[str, Any]:
        """Send a line, if there is one, and read one; kill a child that takes longer than that."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        watch = threading.Timer(seconds, self._kill)
        watch.start()
        try:
            if message is not None:
                stdin.write(json.dumps(message).encode("ascii") + b"\n")
                stdin.flush()
            line = stdout.readline(4096)
            return dict(json.loads(line))
        except (OSError, ValueError) as error:
            self.end()  # and waited for: the next call is to see that it is gone
            raise HpptError(
                "The sandbox's child process ended or hung. Is there enough memory? "
                f"Python: {sys.executable}."
            ) from error
        finally:
            watch.cancel()

    def _kill(self) -> None:
        self._process.kill()  # its locked processes die with it
