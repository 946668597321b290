"""Run attempts to break out against some of the sandbox's layers only; started by test_sandbox.py.

Reads lines of JSON ``{"layers": …, "source": …}`` and answers each with ``[code, reason]``.
``layers`` is one of

- ``none``: unlocked, whole Python: shows that an attempt would succeed.
- ``audit``: whole Python and the audit hook; nothing of the kernel's.
- ``kernel``: whole Python in a locked process; no rules, no builtins of ours, no hook.
- ``no rules``: everything but the check of the source.
- ``all``: what a checker meets.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

sys.path.append(sys.argv[1])
from hppt_lib.sandbox import lockdown, rules, server

ASKED = (0.6, 400 * 1024 * 1024)  # seconds, memory


def asked(life: Callable[[], None]) -> tuple[str, str]:
    locked = server.Locked(life, *ASKED)
    answer = locked.ask("x")
    if locked.alive:
        locked.end()
    return answer


def whole_python(source: str) -> str:
    scope = {"__builtins__": __builtins__, "__name__": "checker"}
    exec(compile(source, "attempt", "exec"), scope)
    return "P" if scope["check_following"]("", "x") is True else "F"


def with_the_hook(source: str) -> str:
    code = compile(source, "attempt", "exec")
    scope = {"__builtins__": __builtins__, "__name__": "checker"}
    server._deny_events(allowed=code)
    exec(code, scope)
    return "P" if scope["check_following"]("", "x") is True else "F"


def attempt(layers: str, source: str) -> tuple[str, str]:
    if layers in ("none", "audit"):
        lockdown.lock = lambda memory, seconds: None
    if layers == "no rules":
        rules.complaint = lambda source: None
    if layers in ("no rules", "all"):
        return asked(lambda: server._check_each(source, ""))
    run = with_the_hook if layers == "audit" else whole_python

    def or_why_not() -> str:
        try:
            return run(source)
        except BaseException as error:
            return f"N{error!r}"[:200]

    return asked(lambda: server._end(or_why_not()))


server._preload()
"a".encode("idna")  # what a socket needs, and a process that is not root may not read
for name in ("socket", "subprocess", "threading", "multiprocessing", "mmap", "fcntl", "pathlib"):
    __import__(name)
lockdown._libc().unshare = lambda flags: -1  # the network is there, so that not reaching it counts
lockdown.drop_privileges()
real_lock, real_complaint = lockdown.lock, rules.complaint
for line in sys.stdin:
    request = json.loads(line)
    os.environ["HPPT_SECRET"] = "known only to this process"
    answer = attempt(request["layers"], request["source"])
    lockdown.lock, rules.complaint = real_lock, real_complaint
    print(json.dumps(answer), flush=True)
