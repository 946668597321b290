"""The sandbox's child: it runs no checker itself, but forks a locked process for each checker.

It speaks with its parent in lines of JSON: a checker and a response a line, and answers each with
one line. A locked process is given responses through one pipe and says one thing about each through
another: a letter and, for no verdict, why. What says more, or ends, has given no verdict, and the
next response gets a new process. The processes of the latest checkers are kept, so that the forking
and reading (some milliseconds) is paid once for a group of responses.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import re
import select
import signal
import sys
import time
from collections import OrderedDict
from collections.abc import Callable
from types import CodeType
from typing import Any

from hppt_lib.sandbox import lockdown, rules

PASSED, FAILED, NO_VERDICT, REFUSED = "P", "F", "N", "R"
TIMED_OUT = "T"  # said by this process alone
_LONGEST = 240  # bytes of a frame
_FRAME = re.compile(r"[PF]|[NR][ -~]*")
_KEPT = 16  # locked processes
_PATIENCE = 5
_MOST_ASKED = 100  # responses that one process is asked about
_HEAD = 8  # bytes that say how long a response is

Answer = tuple[str, str]
"""A letter, and why there is no verdict."""


def main() -> None:
    """Answer requests until standard input ends, as it does with the parent.

    The kernel is not asked to kill this process then: it would do so already at the end of the
    parent's thread that started it.
    """
    _preload()
    layers = lockdown.drop_privileges()
    gc.freeze()
    _say({"ready": _probe(), "layers": layers})
    kept: OrderedDict[str, Locked] = OrderedDict()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        response = request.pop("response")
        key = json.dumps(request)
        locked = kept.pop(key, None) or Locked(
            lambda: _check_each(request["source"], request["instruction"]),  # noqa: B023
            request["seconds"],
            request["memory"],
        )
        code, reason = locked.ask(response)
        if locked.alive:
            kept[key] = locked
            if len(kept) > _KEPT:
                kept.popitem(last=False)[1].end()
        _say({"code": code, "reason": reason})


class Locked:
    """A locked process.

    Args:
        life: all that it does; it ends the process, or that is done for it.
        seconds: of processor time for each answer; of wall-clock time five times as many, so
            that a busy machine changes no verdict.
        memory: bytes of address space.
    """

    def __init__(self, life: Callable[[], None], seconds: float, memory: int) -> None:
        self._seconds = seconds
        self._asked = 0
        self.alive = True
        theirs, self._to = os.pipe()
        self._from, their_result = os.pipe()
        self._process = os.fork()
        if self._process == 0:
            try:
                os.setsid()
                lockdown.die_with_parent()
                os.dup2(theirs, lockdown.REQUEST)
                os.dup2(their_result, lockdown.RESULT)
                for low, high in ((1, lockdown.RESULT), (lockdown.RESULT + 1, 1 << 16)):
                    os.closerange(low, high)
                lockdown.lock(memory, int(seconds * _MOST_ASKED) + 1)
                life()
            finally:
                os._exit(1)
        os.close(theirs)
        os.close(their_result)
        os.set_blocking(self._to, False)

    def ask(self, response: str) -> Answer:
        """What it says of a response; it is dead afterwards unless that is a verdict."""
        text = json.dumps(response).encode("ascii")
        heard, in_time = self._exchange(len(text).to_bytes(_HEAD, "big") + text)
        self._asked += 1
        if heard in (b"P\n", b"F\n") and in_time:
            if self._asked == _MOST_ASKED:
                self.end()
            return chr(heard[0]), ""
        if not in_time or heard.endswith(b"\n") or len(heard) > _LONGEST:
            self.end()
            if not in_time:
                return TIMED_OUT, f"it took more than {self._seconds:g} s"
            return _no_verdict(heard)
        return _no_verdict(heard, self._reap())

    def end(self) -> None:
        """Kill it."""
        os.kill(self._process, signal.SIGKILL)
        self._reap()

    def _processor_seconds(self) -> float:
        return time.clock_gettime(~self._process << 3 | 2)  # Linux: a process's clock, by its id

    def _reap(self) -> int:
        self.alive = False
        os.close(self._to)
        os.close(self._from)
        return os.waitpid(self._process, 0)[1]

    def _exchange(self, text: bytes) -> tuple[bytes, bool]:
        """Hand over a text and listen until a line or the stream ends, or the time does."""
        left, heard = memoryview(text), b""
        end, used = time.monotonic() + self._seconds * _PATIENCE, self._processor_seconds()
        while not heard.endswith(b"\n") and len(heard) <= _LONGEST:
            writing = [self._to] if left else []
            time_left = self._seconds - (self._processor_seconds() - used)
            wait = min(max(time_left, 0.01), max(end - time.monotonic(), 0.0))
            readable, writable, _ = select.select([self._from], writing, [], wait)
            if not (readable or writable):
                if time_left <= 0 or time.monotonic() >= end:
                    return heard, False
            if writable:
                try:
                    left = left[os.write(self._to, left) :]
                except BrokenPipeError:  # it has ended, and may have said why
                    left = left[:0]
            if readable:
                if not (more := os.read(self._from, _LONGEST + 1)):
                    break
                heard += more
        return heard, True


def _no_verdict(heard: bytes, status: int = 0) -> Answer:
    if os.WIFSIGNALED(status):
        return NO_VERDICT, _cause(os.WTERMSIG(status))
    if status != 0:
        return NO_VERDICT, "it ended without a verdict"
    frame = heard.decode("ascii", "replace").removesuffix("\n")
    if not _FRAME.fullmatch(frame) or frame in (PASSED, FAILED):
        return NO_VERDICT, "it said something that is no verdict"
    return frame[0], frame[1:]


def _cause(number: int) -> str:
    causes = {
        signal.SIGSYS: "it tried a system call that is not allowed",
        signal.SIGXCPU: "it used too much processor time",
        signal.SIGKILL: "it was killed: too much memory or processor time",
    }
    return causes.get(signal.Signals(number), f"it crashed ({signal.Signals(number).name})")


# --- in a locked process --------------------------------------------------------------------------


def _check_each(source: str, instruction: str) -> None:
    """The life of a checker's process: its verdicts on the responses that it is given."""
    if wrong := rules.complaint(source):
        _end(REFUSED + wrong)
    code = compile(source, "checker", "exec", dont_inherit=True)
    _deny_events(allowed=code)
    while True:
        frame = _verdict(code, instruction, _next_response())
        if frame not in (PASSED, FAILED):
            _end(frame)
        os.write(lockdown.RESULT, _ascii(frame))


def _verdict(code: CodeType, instruction: str, response: str) -> str:
    """The frame for one response. The checker's module is run anew, in globals of its own."""
    try:
        scope = rules.namespace()
        exec(code, scope)
        result = scope["check_following"](instruction, response)
    except BaseException as error:  # whatever it is, it is not a verdict
        return f"{NO_VERDICT}it raised {type(error).__name__}: {_shown(error)}"
    if type(result) is bool:
        return PASSED if result else FAILED
    if result is None or type(result) is re.Match:  # what a search returns
        return PASSED if result is not None else FAILED
    return f"{NO_VERDICT}it returned {type(result).__name__}, not True or False"


def _next_response() -> str:
    """Wait for the next response; the process ends where there is none."""
    length = int.from_bytes(_exactly(_HEAD), "big")
    return str(json.loads(_exactly(length)))


def _exactly(count: int) -> bytes:
    parts = []
    while count:
        part = os.read(lockdown.REQUEST, min(count, 1 << 20))
        if not part:
            os._exit(0)
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _deny_events(allowed: CodeType) -> None:
    """From now on an event that Python audits (open, socket, import, exec, …) ends the process."""
    end = _end  # kept here: the hook runs when names may no longer mean what they did

    def hook(event: str, values: tuple[Any, ...]) -> None:
        if event == "exec" and values[0] is allowed:
            return
        end(f"{NO_VERDICT}it tried {event}")

    sys.addaudithook(hook)


def _end(frame: str) -> None:
    os.write(lockdown.RESULT, _ascii(frame))
    os._exit(0)


def _ascii(frame: str) -> bytes:
    return frame.encode("ascii", "backslashreplace")[: _LONGEST - 1] + b"\n"


def _shown(error: BaseException) -> str:
    try:
        text = str(error)[:120]
    except BaseException:
        return "(unreadable)"
    return "".join(each if " " <= each <= "~" else "?" for each in text)


# --- before the first request ---------------------------------------------------------------------


def _probe() -> str:
    """What becomes of a locked process that tries what it may not: asked anew in every child.

    Returns:
        Empty if it could not open a file and the next forbidden call killed it; else what happened.
    """

    def try_it() -> None:
        try:
            os.open("/dev/null", os.O_RDONLY)
        except PermissionError:
            os.getuid()
            _end(f"{NO_VERDICT}it survived")
        _end(f"{NO_VERDICT}it opened a file")

    _, reason = Locked(try_it, 2.0, 512 * 1024 * 1024).ask("")
    return "" if reason == _cause(signal.SIGSYS) else reason


def _preload() -> None:
    """Import what a locked process cannot: it opens no file."""
    importlib.import_module("_strptime")  # datetime.strptime imports it when called
    importlib.import_module("resource")  # lockdown.lock
    rules.namespace()
    for encoding in ("ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"):
        "a".encode(encoding)
    "a".encode("ascii", "backslashreplace").decode("ascii", "replace")
    rules.complaint("def check_following(instruction, response): return \ufffe")


def _say(answer: dict[str, Any]) -> None:
    os.write(1, json.dumps(answer).encode("ascii") + b"\n")
