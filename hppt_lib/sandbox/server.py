"""The sandbox's child: it runs no checker itself, but forks a locked process for each response.

It speaks with its parent in lines of JSON: first the checker, then one response a line, and answers
each with one line. It speaks with the forked process through a pipe of its own, on which that
process may say one thing, once: a letter and, for no verdict, why. What says more, or ends in
another way than by itself, has given no verdict.
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
from collections.abc import Callable
from typing import Any

from hppt_lib.sandbox import lockdown, rules

PASSED, FAILED, NO_VERDICT, REFUSED = "P", "F", "N", "R"
TIMED_OUT = "T"  # said by this process alone
_LONGEST = 240  # bytes of a frame
_FRAME = re.compile(r"[PF]|[NR][ -~]*")


def main() -> None:
    """Serve one checker until standard input ends."""
    lockdown.die_with_parent()
    request = json.loads(sys.stdin.buffer.readline())
    _preload()
    layers = lockdown.drop_privileges()
    gc.freeze()
    _say({"ready": _probe(request), "layers": layers})
    for line in sys.stdin.buffer:
        code, reason = _in_a_fork(
            lambda: _checked(request["source"], request["instruction"], json.loads(line)),  # noqa: B023
            request,
        )
        _say({"code": code, "reason": reason})


def _checked(source: str, instruction: str, response: str) -> str:
    """The frame for one response; called in a locked process."""
    if wrong := rules.complaint(source):
        return REFUSED + wrong
    code = compile(source, "checker", "exec", dont_inherit=True)
    scope = rules.namespace()
    _deny_events(allowed=code)
    try:
        exec(code, scope)
        result = scope["check_following"](instruction, response)
    except BaseException as error:  # whatever it is, it is not a verdict
        return f"{NO_VERDICT}it raised {type(error).__name__}: {_shown(error)}"
    if type(result) is bool:
        return PASSED if result else FAILED
    if result is None or type(result) is re.Match:  # what a search returns
        return PASSED if result is not None else FAILED
    return f"{NO_VERDICT}it returned {type(result).__name__}, not True or False"


def _deny_events(allowed: Any) -> None:
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
    return frame.encode("ascii", "backslashreplace")[:_LONGEST]


def _shown(error: BaseException) -> str:
    try:
        text = str(error)[:120]
    except BaseException:
        return "(unreadable)"
    return "".join(each if " " <= each <= "~" else "?" for each in text)


def _in_a_fork(work: Callable[[], str], request: dict[str, Any]) -> tuple[str, str]:
    """Run ``work`` in a locked process of its own and read its one frame."""
    ours, theirs = os.pipe()
    process = os.fork()
    if process == 0:
        _locked_life(theirs, work, request)
    os.close(theirs)
    heard, in_time = _listen(ours, time.monotonic() + request["seconds"])
    os.close(ours)
    if not in_time or len(heard) > _LONGEST:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    if not in_time:
        return TIMED_OUT, f"it took more than {request['seconds']:g} s"
    return _judge(heard, status)


def _locked_life(theirs: int, work: Callable[[], str], request: dict[str, Any]) -> None:
    """All that a forked process does; it never returns."""
    try:
        os.setsid()
        lockdown.die_with_parent()
        os.dup2(theirs, lockdown.RESULT)
        for low, high in ((0, lockdown.RESULT), (lockdown.RESULT + 1, 1 << 16)):
            os.closerange(low, high)
        lockdown.lock(request["memory"], int(request["seconds"]) + 1)
        _end(work())
    finally:
        os._exit(1)


def _listen(pipe: int, deadline: float) -> tuple[bytes, bool]:
    """What is said until the pipe is closed, and whether that was before the deadline."""
    heard = b""
    while len(heard) <= _LONGEST:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return heard, False
        if not (more := os.read(pipe, _LONGEST + 1)):
            break
        heard += more
    return heard, True


def _judge(heard: bytes, status: int) -> tuple[str, str]:
    if os.WIFSIGNALED(status):
        return NO_VERDICT, _cause(os.WTERMSIG(status))
    if status != 0:
        return NO_VERDICT, "it ended without a verdict"
    frame = heard.decode("ascii", "replace")
    if not _FRAME.fullmatch(frame):
        return NO_VERDICT, "it said something that is no verdict"
    return frame[0], frame[1:]


def _cause(number: int) -> str:
    causes = {
        signal.SIGSYS: "it tried a system call that is not allowed",
        signal.SIGXCPU: "it used too much processor time",
        signal.SIGKILL: "it was killed: too much memory or processor time",
    }
    return causes.get(signal.Signals(number), f"it crashed ({signal.Signals(number).name})")


def _probe(request: dict[str, Any]) -> str:
    """What becomes of a locked process that tries what it may not: asked anew in every child.

    Returns:
        Empty if it could not open a file and the next forbidden call killed it; else what happened.
    """

    def try_it() -> str:
        try:
            os.open("/dev/null", os.O_RDONLY)
        except PermissionError:
            os.getuid()
            return f"{NO_VERDICT}it survived"
        return f"{NO_VERDICT}it opened a file"

    _, reason = _in_a_fork(try_it, request)
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
