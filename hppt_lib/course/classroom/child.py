"""The process that a student's code runs in: it has arguments, and no answers.

The grader starts one for each notebook of a student and sends requests, an exercise a line. For
each, this process forks; the fork imports nothing more, opens nothing more, and can only compute
and send its return values (`hppt_lib.sandbox.lockdown`). What one exercise does, an endless loop
or 60 GB of memory, ends with its fork, and the next exercise starts from a clean one.

Nothing here is secret: the right answers and the hidden cases' results never enter this process.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import importlib
import inspect
import io
import json
import os
import select
import signal
import sys
import time
import types
import warnings
from collections.abc import Callable
from typing import Any

from hppt_lib.course.classroom import wire
from hppt_lib.sandbox import lockdown

# fmt: off
MODULES = (
    "math", "cmath", "re", "json", "string", "itertools", "functools", "operator", "collections",
    "collections.abc", "statistics", "fractions", "decimal", "numbers", "random", "bisect", "heapq",
    "typing", "dataclasses", "enum", "copy", "textwrap", "unicodedata", "html", "datetime",
    "contextlib", "warnings", "types", "abc", "regex", "numpy", "scipy", "scipy.stats",
    "scipy.special", "torch", "torch.nn", "torch.nn.functional",
)
# fmt: on
"""What an exercise may import. Nothing of the kit: the answers would be among it."""

CELL = "<your cell>"
_LONGEST = 8_000_000  # bytes of what a fork may say
_STACK = 64  # MiB: room for the interpreter's own needs above what is loaded


def main() -> None:
    """Serve requests until standard input ends."""
    lockdown.die_with_parent()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        if "modules" in request:
            _preload(request["modules"])
            done = _become(request["ids"]) + lockdown.drop_privileges()
            gc.freeze()
            _say({"ready": done})
        else:
            _say(_in_a_fork(request))


def _become(ids: list[int] | None) -> list[str]:
    """Become another user, once all is loaded: it need not be able to read the grader's files."""
    if ids is None:
        return []
    user, group = ids
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    return ["not root"]


def _preload(modules: list[str]) -> None:
    """Import what the cells will ask for, and let it load what it loads late."""
    # Text and numbers that Python loads when they are first needed.
    for each in ("encodings.idna", "encodings.ascii", "encodings.latin_1", "resource", "traceback"):
        importlib.import_module(each)
    for each in MODULES:
        heavy = each.partition(".")[0]
        if heavy not in ("numpy", "scipy", "torch") or heavy in modules:
            with contextlib.suppress(ImportError):
                importlib.import_module(each)
    with contextlib.suppress(Exception):
        if "scipy" in modules:
            from scipy import stats

            stats.beta.ppf(0.5, 2, 3), stats.norm.ppf(0.5), stats.binom.cdf(1, 2, 0.5)
        if "torch" in modules:
            _warm_torch()


def _warm_torch() -> None:
    import torch

    torch.set_num_threads(1)
    with contextlib.suppress(RuntimeError):
        torch.set_num_interop_threads(1)
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(4, 5, generator=draw, requires_grad=True)
    y = (x @ x.T).log_softmax(-1).gather(1, torch.zeros(4, 1, dtype=torch.long)).exp().sum()
    y.backward()
    torch.nn.functional.cross_entropy(x, torch.zeros(4, dtype=torch.long)).item()
    x.detach().std(1, keepdim=True).clamp(0, 1).sort()
    torch.searchsorted(torch.tensor([0.0, 1.0]), torch.tensor([0.5]))
    torch.einsum("ij,kj->ik", x, x), torch.where(x > 0, x, 0 * x), torch.cdist(x, x)
    str(x.detach()), torch.bmm(x[None], x.T[None]), torch.isclose(x, x).all().item()
    torch.logsumexp(x, 1), torch.var(x, 1), x.unbind(0), x.detach().numpy()


def _in_a_fork(request: dict[str, Any]) -> dict[str, Any]:
    """The outcomes of one exercise, of all cases that came before it ended."""
    ours, theirs = os.pipe()
    process = os.fork()
    if process == 0:
        _life(theirs, request)
    os.close(theirs)
    said, why = _listen(ours, time.monotonic() + request["seconds"])
    os.close(ours)
    if why:
        os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    if not why and os.WIFSIGNALED(status):
        why = {
            signal.SIGSYS: "forbidden",
            signal.SIGXCPU: "time",
            signal.SIGKILL: "killed",
            signal.SIGSEGV: "memory",
        }.get(signal.Signals(os.WTERMSIG(status)), "killed")
    return {"said": said.decode("utf-8", "replace"), "ended": why}


def _listen(pipe: int, deadline: float) -> tuple[bytes, str]:
    parts: list[bytes] = []
    size = 0
    while True:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return b"".join(parts), "time"
        if not (more := os.read(pipe, 1 << 16)):
            return b"".join(parts), ""
        parts.append(more)
        size += len(more)
        if size > _LONGEST:
            return b"".join(parts)[:_LONGEST], "size"


def _life(theirs: int, request: dict[str, Any]) -> None:
    """All that a fork does; it never returns."""
    try:
        os.setsid()
        lockdown.die_with_parent()
        os.dup2(theirs, lockdown.RESULT)
        for low, high in ((0, lockdown.RESULT), (lockdown.RESULT + 1, 1 << 16)):
            os.closerange(low, high)
        sys.stdin, sys.stdout, sys.stderr = io.StringIO(), _Sink(), _Sink()
        memory = _in_use() + (request["memory_mb"] + _STACK) * 1024 * 1024
        cases = [{name: wire.decode(each) for name, each in one} for one in request["cases"]]
        warnings.simplefilter("ignore")  # showing one would open a file
        lockdown.lock(memory, int(request["seconds"]) + 1)
        _answer(request, cases)
    except BaseException as error:
        os.write(lockdown.RESULT, json.dumps({"cell": _told(error)}).encode() + b"\n")
    finally:
        os._exit(0)


def _in_use() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


class _Sink(io.TextIOBase):
    """Takes what is printed, and keeps none of it."""

    def write(self, text: str) -> int:
        return len(text)


def _answer(request: dict[str, Any], cases: list[dict[str, Any]]) -> None:
    """Run the cells, then call the function on each case; say what comes out."""
    say = _speaker()
    _shut_imports(say)
    _deny_events(say)
    scope: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
    try:
        for name, source in request["offered"].items():
            made = types.ModuleType(name)
            exec(compile(source, f"<{name}>", "exec"), made.__dict__)
            scope[name] = made
        *helpers, own = request["cells"]
        for source in helpers:  # one that breaks is missed where it is used, or not at all
            with contextlib.suppress(Exception):
                exec(compile(source, CELL, "exec", dont_inherit=True), scope)
        exec(compile(own, CELL, "exec", dont_inherit=True), scope)
        function = scope[request["function"]]
    except KeyError:
        say({"cell": ["NameError", f"there is no function {request['function']}"]})
        return
    except BaseException as error:
        say({"cell": _told(error)})
        return
    for number, arguments in enumerate(cases):
        say({"case": number} | _called(function, arguments, request["gradients"]))


def _called(function: Any, arguments: dict[str, Any], gradients: bool) -> dict[str, Any]:
    """The outcome of one call: an answer and perhaps a gradient, or an exception."""
    try:
        try:
            inspect.signature(function).bind(**arguments)
        except ValueError:
            pass  # some built-in functions have no signature to look at
        except TypeError as error:
            return {"bind": str(error)[:300]}
        answer = function(**arguments)
        outcome = {"answer": wire.encode(answer)}
        if gradients:
            outcome["gradients"] = wire.encode(gradients_of(answer, arguments))
        return outcome
    except BaseException as error:  # SystemExit and KeyboardInterrupt are no answers either
        return {"raised": _told(error)}


def gradients_of(answer: Any, arguments: dict[str, Any]) -> list[Any]:
    """The gradients of the answer's sum with respect to each argument that asks for one."""
    import torch

    asked = [each for each in arguments.values() if getattr(each, "requires_grad", False)]
    if not asked or not getattr(answer, "requires_grad", False):
        return []
    return list(torch.autograd.grad(answer.sum(), asked, allow_unused=True))


def _told(error: BaseException) -> list[str]:
    """Type, message and line in the student's cell of an exception."""
    try:
        text = str(error)[:300]
    except BaseException:
        text = "(unreadable)"
    line, here = "", error.__traceback__
    while here is not None:
        if here.tb_frame.f_code.co_filename == CELL:
            line = str(here.tb_lineno)
        here = here.tb_next
    return [type(error).__name__[:80], text, line]


def _speaker() -> Callable[[dict[str, Any]], None]:
    # Kept in a closure: what the names mean may have changed when it speaks.
    write, dumps, where = os.write, json.dumps, lockdown.RESULT

    def say(what: dict[str, Any]) -> None:
        data = dumps(what).encode() + b"\n"
        while data:
            data = data[write(where, data) :]

    return say


def _shut_imports(say: Callable[[dict[str, Any]], None]) -> None:
    """From now on nothing is imported that is not loaded, and nothing of the kit or the system."""
    allowed = {*MODULES, *(each.partition(".")[0] for each in MODULES), "__future__"}
    real = builtins.__import__

    def guarded(name: str, scope: Any = None, *more: Any, **named: Any) -> Any:
        own = not isinstance(scope, dict) or scope.get("__name__") == "__main__"
        if own and (name.partition(".")[0] not in allowed):
            say({"seen": f"import {name[:80]}"})
            raise ImportError(f"{name} is not at hand in grading")
        return real(name, scope, *more, **named)

    vars(builtins)["__import__"] = guarded
    sys.meta_path[:] = []
    for each in [each for each in sys.modules if each.partition(".")[0] == "hppt_lib"]:
        sys.modules.pop(each)


_QUIET = ("compile", "exec", "import", "object.", "marshal.", "code.", "sys._getframe", "ctypes.")
_HARMLESS = ("builtins.id", "gc.", "array.", "cpython.", "sys.setprofile", "sys.excepthook")


def _deny_events(say: Callable[[dict[str, Any]], None]) -> None:
    """Opening, sockets, signals, processes: refused, and told to the grader."""
    told: set[str] = set()

    def hook(event: str, values: tuple[Any, ...]) -> None:
        if event.startswith(_QUIET) or event.startswith(_HARMLESS):
            return
        if event.startswith(
            ("open", "os.", "socket.", "subprocess.", "signal.", "shutil.", "fcntl.", "glob.",
             "tempfile.", "urllib.", "sqlite3.", "pty.", "resource.", "sys.addaudithook")
        ):  # fmt: skip
            if event == "open" and str(values[0]) == CELL:
                return  # Python wants to show the line of an error
            if event not in told:
                told.add(event)
                say({"seen": f"{event} {values[0]!r:.80}" if values else event})
            raise PermissionError(f"{event} is not permitted in grading")

    sys.addaudithook(hook)


def _say(what: dict[str, Any]) -> None:
    data = json.dumps(what).encode() + b"\n"
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
