"""Runs a public data set's Python checkers, which are untrusted code. Off unless asked for.

VerInstruct gives each rule a Python function ``check_following(instruction, response)``, written
by a model. The first choice is to map a checker to one of our verifiers (`hppt_lib.sources`);
`run_checker` is for the rest.

How a checker is run: a child process is started with an empty environment and no site-packages; it
forks a process for each response, which is locked before the checker's source is even parsed, and
dies after its one verdict. State never passes from one response to the next, and a checker that
hangs on one response still answers for the others.

Layers, each of which holds without the others:

1. Source: an allow-list of syntax, names, attributes and imports (`hppt_lib.sandbox.rules`).
2. Builtins and modules: allow-lists, modules as copies without their own imports.
3. Python's audit hook: opening, importing, executing, sockets, … end the process.
4. The kernel (`hppt_lib.sandbox.lockdown`): limits on memory, processor time, file size (0), new
   descriptors (0), processes (0); no new privileges; not root; all descriptors closed but one; a
   filter under which opening a file fails and any other system call kills the process, except
   those for memory, time, ending, and writing to that one descriptor. Where the system permits it,
   the process also has a network namespace of its own, without any network.
5. Wall-clock time, kept by the child; and a watch on the child, kept by the caller.

Layers 1 and 2 stop a checker in Python. Should they have a hole, 3 and 4 stop what lies behind it;
4 stops native code too, and is the one to rely on.

Systems: Linux on x86_64 (measured) and aarch64 (system call numbers from the kernel's tables, not
measured), as root or not. Each child first tries whether the filter holds; where it does not, and
on macOS and Windows, which have no such filter, the sandbox refuses to run. Ceasing to be root and
the namespaces are best effort (`layers` says whether they hold): a container may forbid either.

What a verdict is worth: a checker decides with its return value anyway, so one that broke out of
layers 1 to 3 could say no more than ``return True`` says, and only about the response it was given.
It cannot speak for another response or checker: each has a process of its own. What it prints is
thrown away, and a raised exception, another return value, a crash or a limit is no verdict.
Side channels (timing, load) and bugs of the kernel are out of scope.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.sandbox import lockdown, rules

LONGEST_RESPONSE = 1_000_000  # characters
_MOST_TIME_OUTS = 3
_GRACE = 10.0  # seconds that the child has beyond a checker's own
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


@dataclass(frozen=True)
class Outcome:
    """The result of an untrusted checker on one response.

    Attributes:
        passed: its verdict; None if it gave none.
        reason: why there is no verdict; else empty.
    """

    passed: bool | None
    reason: str = ""


def run_checker(
    source: str,
    responses: Iterable[str],
    *,
    instruction: str = "",
    allow_untrusted_code: bool = False,
    seconds: float = 2.0,
    memory_mb: int = 512,
) -> list[Outcome]:
    """Run ``check_following(instruction, response)`` on each response, locked away.

    Args:
        source: Python source that defines the function.
        responses: what to check; one outcome each, in this order.
        instruction: passed to the function as its first argument.
        allow_untrusted_code: must be True: you decide that this data set's code may run.
        seconds: wall-clock time for each response. A checker that takes longer three times is given
            up: it is not asked about the responses after that, which have no verdict; a warning
            says so once.
        memory_mb: MiB of address space for each response, the interpreter's own included.

    Raises:
        HpptError: it was not asked for, this system cannot lock a process, or the child failed.
    """
    if not allow_untrusted_code:
        raise HpptError(
            "This would run Python code that came with a data set. It is off by default; pass "
            "allow_untrusted_code=True to run it in the sandbox."
        )
    if why := lockdown.missing():
        raise HpptError(f"Cannot run untrusted code: {why}. Use Linux, WSL 2 or a container.")
    texts = list(responses)
    if len(source) > rules.MOST_CHARACTERS:
        return [Outcome(None, f"refused: more than {rules.MOST_CHARACTERS} characters")] * len(
            texts
        )
    request = {
        "source": source,
        "instruction": instruction,
        "seconds": float(seconds),
        "memory": memory_mb * 1024 * 1024,
    }
    with _Child(request) as child:
        outcomes: list[Outcome] = []
        time_outs = 0
        for response in texts:
            if time_outs == _MOST_TIME_OUTS:
                outcomes += _given_up(len(texts) - len(outcomes), seconds)
                break
            if len(response) > LONGEST_RESPONSE:
                outcomes.append(Outcome(None, f"more than {LONGEST_RESPONSE} characters"))
                continue
            answer = child.ask(response, seconds + _GRACE)
            if answer["code"] == "R":  # the same for every response: say so without asking again
                return [Outcome(None, f"refused: {answer['reason']}")] * len(texts)
            time_outs += answer["code"] == "T"
            outcomes.append(_outcome(answer))
    return outcomes


def layers() -> list[str]:
    """Which best-effort layers work here, beside those that must.

    Raises:
        HpptError: this system cannot lock a process.
    """
    if why := lockdown.missing():
        raise HpptError(f"Cannot run untrusted code: {why}. Use Linux, WSL 2 or a container.")
    request = {"source": "", "instruction": "", "seconds": 2.0, "memory": 512 * 1024 * 1024}
    with _Child(request) as child:
        return child.layers


def _given_up(number: int, seconds: float) -> list[Outcome]:
    """The outcomes of the responses that a checker is no longer asked about."""
    reason = f"given up: it took more than {seconds:g} s for {_MOST_TIME_OUTS} responses before"
    warnings.warn(
        f"A checker was {reason}. It was not run on the last {number}, which have no verdict.",
        stacklevel=3,
    )
    return [Outcome(None, reason)] * number


def _outcome(answer: dict[str, Any]) -> Outcome:
    return Outcome({"P": True, "F": False}.get(answer["code"]), answer["reason"])


class _Child:
    """The child process, killed with its whole group at the end."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._request = request
        self.layers: list[str] = []

    def __enter__(self) -> _Child:
        room = Path(__file__).resolve().parent
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", _START, str(room.parent), str(room)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
        try:
            ready = self._talk(self._request, 30.0)
            if ready.get("ready") != "":
                raise HpptError(
                    "Cannot run untrusted code: the filter of system calls does not hold here "
                    f"({ready.get('ready')}). Is there memory enough, and has the kernel seccomp?"
                )
        except BaseException:
            self.__exit__()
            raise
        self.layers = ready["layers"]
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            try:
                if stream:
                    stream.close()
            except OSError:  # what was not yet written to a dead child
                pass

    def ask(self, response: str, seconds: float) -> dict[str, Any]:
        return self._talk(response, seconds)

    def _talk(self, message: Any, seconds: float) -> dict[str, Any]:
        """Send one line and read one; the child is killed if that takes longer than ``seconds``."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        watch = threading.Timer(seconds, self._kill)
        watch.start()
        try:
            stdin.write(json.dumps(message).encode("ascii") + b"\n")
            stdin.flush()
            line = stdout.readline(4096)
            return dict(json.loads(line))
        except (OSError, ValueError) as error:
            raise HpptError(
                "The sandbox's child process ended or hung. Is there enough memory? "
                f"Python: {sys.executable}."
            ) from error
        finally:
            watch.cancel()

    def _kill(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self._process.kill()
