"""The grader's side of the locked process: start it, ask it, and read what it says as data."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hppt_lib.course.classroom import wire
from hppt_lib.errors import HpptError
from hppt_lib.sandbox import lockdown

_GRACE = 5.0  # seconds that the process has beyond an exercise's own
_START_SECONDS = 120.0  # torch is imported in them
# The process has four modules of the kit and no front door: nothing that holds an answer.
_START = """\
import sys, types
root, packages = sys.argv[1], sys.argv[2:]
sys.path[:] = [each for each in sys.path if each] + packages
for name in ("hppt_lib", "hppt_lib.sandbox", "hppt_lib.course", "hppt_lib.course.classroom"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [root + "/" + "/".join(name.split(".")[1:])]
from hppt_lib.course.classroom import child
child.main()
"""


@dataclass(frozen=True)
class Raised:
    """An exception of the student's code: type, message, and the line in the cell."""

    name: str
    message: str
    line: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of one call: an answer, or why there is none.

    Attributes:
        answer: the value returned; None if there is none.
        raised: the exception, if one was raised.
        gradients: of the answer's sum, with respect to each argument that asks for one.
    """

    answer: Any = None
    raised: Raised | None = None
    gradients: tuple[Any, ...] = ()


@dataclass
class Run:
    """What came of one exercise.

    Attributes:
        outcomes: one a case, as far as it came.
        ended: why it did not come to the end, in words; empty if it did.
        cell: the exception of the cell itself, before any case.
        seen: what it tried and may not do.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    ended: str = ""
    cell: Raised | None = None
    seen: list[str] = field(default_factory=list)


class StudentProcess:
    """A locked process for the cells of one notebook. Use it in a `with` statement.

    Raises:
        HpptError: this system has no such lock, or the process did not start.
    """

    def __init__(self, modules: Sequence[str], user: str | None = None) -> None:
        """With ``modules`` at hand, as ``user`` if one is named (only root may)."""
        if why := lockdown.missing():
            raise HpptError(
                f"Cannot run students' code: {why}. Grade on Linux, in WSL 2 or in a container."
            )
        self._modules = list(modules)
        self._user = user
        #: whether the process has ended: start another one
        self.lost = False

    def __enter__(self) -> StudentProcess:
        root = Path(__file__).resolve().parents[2]
        packages = dict.fromkeys(sysconfig.get_paths()[each] for each in ("purelib", "platlib"))
        ids = _ids_of(self._user) if self._user else None
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-B", "-c", _START, str(root), *packages],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
                cwd="/",
                close_fds=True,
                start_new_session=True,
            )
        except OSError as error:
            raise HpptError(f"Cannot start a process for students' code: {error}.") from error
        try:
            answer = self._talk({"modules": self._modules, "ids": ids}, _START_SECONDS)
            if "ready" not in answer:
                raise HpptError("The process for students' code did not start.")
            #: the best-effort layers that took hold, such as "not root"
            self.layers: list[str] = answer["ready"]
        except BaseException:
            self.__exit__()
            raise
        return self

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def __exit__(self, *_: object) -> None:
        self._kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()

    def run(
        self,
        function: str,
        cells: Sequence[str],
        cases: Sequence[Mapping[str, Any]],
        *,
        seconds: float,
        memory_mb: int = 1024,
        offered: Mapping[str, str] | None = None,
        gradients: bool = False,
    ) -> Run:
        """Run cells, and call a function of theirs on each case.

        Args:
            function: its name.
            cells: sources, run in this order in a namespace of their own.
            cases: arguments, handed over by keyword.
            seconds: for all of it.
            memory_mb: MiB of address space above what is loaded.
            offered: modules that the cells find by name: name and source.
            gradients: whether to send the gradients of the answers, too.
        """
        if self.lost:
            return Run(ended="it ended the process that it ran in")
        request = {
            "function": function,
            "cells": list(cells),
            "cases": [[[name, wire.encode(each)] for name, each in one.items()] for one in cases],
            "seconds": seconds,
            "memory_mb": memory_mb,
            "offered": dict(offered or {}),
            "gradients": gradients,
        }
        try:
            heard = self._talk(request, seconds + _GRACE)
        except HpptError:
            self.lost = True
            return Run(ended="it ended the process that it ran in")
        run = Run(ended=_ENDS.get(heard["ended"], heard["ended"]).format(f"{seconds:g}"))
        for line in str(heard["said"]).splitlines():
            try:
                _read(json.loads(line), run)
            except (ValueError, KeyError, TypeError, IndexError, RecursionError):
                run.ended = run.ended or "its answer cannot be read"
                break
        return run

    def _talk(self, message: Any, seconds: float) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin and stdout
        watch = threading.Timer(seconds, self._kill)
        watch.start()
        try:
            stdin.write(json.dumps(message).encode("ascii") + b"\n")
            stdin.flush()
            line = stdout.readline(64_000_000)
            return dict(json.loads(line))
        except (OSError, ValueError) as error:
            raise HpptError(
                "The process for students' code ended or hung. Is there enough memory, and may "
                f"its user read {sys.prefix}?"
            ) from error
        finally:
            watch.cancel()

    def _kill(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            self._process.kill()


_ENDS = {
    "time": "it took more than {} seconds",
    "memory": "it asked for more memory than an exercise may have",
    "size": "its answers are too large",
    "killed": "it ended without an answer",
    "forbidden": "it tried what is not permitted in grading (a file, the network, a process)",
}


def _ids_of(user: str) -> tuple[int, int]:
    """User and group of a user's name.

    Raises:
        HpptError: there is none of that name, or this process may not become another user.
    """
    import pwd

    try:
        entry = pwd.getpwnam(user)
    except KeyError as error:
        raise HpptError(f"There is no user '{user}' here. Choose another one.") from error
    if os.getuid() != 0:
        raise HpptError(f"Only root may run students' code as '{user}'. Leave the user out.")
    return entry.pw_uid, entry.pw_gid


def _read(said: dict[str, Any], run: Run) -> None:
    """One line of the process, into ``run``."""
    if "seen" in said:
        run.seen.append(str(said["seen"])[:120])
    elif "cell" in said:
        run.cell = Raised(*map(str, said["cell"]))
    elif said.get("case") == len(run.outcomes):
        if "bind" in said:
            run.outcomes.append(Outcome(raised=Raised("TypeError", str(said["bind"]))))
        elif "raised" in said:
            run.outcomes.append(Outcome(raised=Raised(*map(str, said["raised"]))))
        else:
            gradients = tuple(wire.decode(said["gradients"])) if "gradients" in said else ()
            run.outcomes.append(Outcome(wire.decode(said["answer"]), gradients=gradients))
