"""The kernel's layers of the sandbox: limits, no privileges, and a filter of system calls.

After `lock` a process can compute, ask for memory that is not executable, read from one descriptor,
write to another and end. Opening a file fails, and every other system call (socket, fork, execve,
kill, ptrace, …) kills it: the filter is an allow-list. This holds for native code too, so that a
hole in Python or in our rules for source gives an attacker a process that can do nothing.

Sources: Linux, seccomp(2) and include/uapi/linux/seccomp.h, audit.h, filter.h; setrlimit(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import functools
import os
import platform
import signal
import struct
import sys

REQUEST = 0  # the descriptor that may be read from
RESULT = 3  # the descriptor that may be written to

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
_FILTER_MODE = 2
_ALLOW, _FAIL, _KILL = 0x7FFF0000, 0x00050000 | errno.EACCES, 0x80000000
_PROT_EXEC = 4
_NOBODY = 65534

# Machine to (its number in audit.h, read, write, mmap, mprotect, the calls allowed with any
# arguments: brk, munmap, mremap, madvise, futex, rt_sigreturn, restart_syscall, clock_gettime,
# gettimeofday, sched_yield, getrandom, exit, exit_group; and open or openat, which fail without
# killing, because Python's parser tries to open a file named "<unknown>" to show the line of a
# syntax error). Measured on x86_64; on aarch64 read off the tables.
_MACHINES = {
    "x86_64": (
        0xC000003E,
        0,
        1,
        9,
        10,
        (12, 11, 25, 28, 202, 15, 219, 228, 96, 24, 318, 60, 231),
        (2, 257),
    ),
    "aarch64": (
        0xC00000B7,
        63,
        64,
        222,
        226,
        (214, 215, 216, 233, 98, 139, 128, 113, 169, 124, 278, 93, 94),
        (56,),
    ),
}


def missing() -> str | None:
    """Why this system cannot run the sandbox at all; None if it can."""
    if sys.platform != "linux":
        return f"the sandbox needs Linux's filter of system calls, and this is {sys.platform}"
    if platform.machine() not in _MACHINES or sys.maxsize < 2**32:
        return f"the sandbox knows no system calls of {platform.machine()}"
    return None


def die_with_parent() -> None:
    """End with SIGKILL when the parent does."""
    parent = os.getppid()
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended in between
        os._exit(1)


def drop_privileges() -> list[str]:
    """Stop being root, and leave the network's and users' namespaces where that is permitted.

    Returns:
        The layers that took hold, in words.
    """
    done = []
    if os.getuid() == 0:
        # In a rootless container that root is an ordinary user outside, and this may not be had.
        with contextlib.suppress(OSError):
            os.setgroups([])
            os.setresgid(_NOBODY, _NOBODY, _NOBODY)
            os.setresuid(_NOBODY, _NOBODY, _NOBODY)
            done.append("not root")
    if _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) == 0:
        done.append("own namespaces")
    return done


def lock(memory: int, seconds: int) -> None:
    """Give up everything but computing; there is no way back.

    Descriptors other than `REQUEST` and `RESULT` must be closed by now.

    Args:
        memory: bytes of address space, the interpreter's own included.
        seconds: of processor time.

    Raises:
        OSError: the kernel refused a layer; the caller must not go on.
    """
    import resource  # Windows has none

    for kind, most in (
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_MEMLOCK, 0),
    ):
        resource.setrlimit(kind, (most, most))
    _prctl(_PR_SET_DUMPABLE, 0)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    program = _program()
    code = ctypes.create_string_buffer(program, len(program))
    head = _FilterProgram(len(program) // 8, ctypes.addressof(code))
    _prctl(_PR_SET_SECCOMP, _FILTER_MODE, ctypes.addressof(head))


class _FilterProgram(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


@functools.cache
def _program() -> bytes:
    """The filter, in the kernel's classic BPF: eight bytes an instruction."""
    architecture, read, write, mmap, mprotect, free, opening = _MACHINES[platform.machine()]
    load, equal, above, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    number_at, architecture_at = 0, 4

    def low(argument: int) -> int:
        return 16 + 8 * argument

    def step(code: int, value: int, yes: int = 0, no: int = 0) -> bytes:
        return struct.pack("<HBBI", code, yes, no, value)

    steps = [
        step(load, architecture_at),
        step(equal, architecture, 1, 0),
        step(give, _KILL),
        step(load, number_at),
        # x86_64 has a second table of the same calls, told apart by this bit.
        step(above, 0x40000000, 0, 1),
        step(give, _KILL),
    ]
    for calls, answer in ((free, _ALLOW), (opening, _FAIL)):
        for call in calls:
            steps += [step(equal, call, 0, 1), step(give, answer)]
    for call in (mmap, mprotect):
        steps += [
            step(equal, call, 0, 4),
            step(load, low(2)),
            step(any_bit, _PROT_EXEC, 0, 1),
            step(give, _KILL),
            step(give, _ALLOW),
        ]
    for call, descriptor in ((read, REQUEST), (write, RESULT)):
        steps += [
            step(equal, call, 0, 4),
            step(load, low(0)),
            step(equal, descriptor, 0, 1),
            step(give, _ALLOW),
            step(give, _KILL),
        ]
    steps.append(step(give, _KILL))
    return b"".join(steps)


@functools.cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int, more: int = 0) -> None:
    """prctl(2).

    Raises:
        OSError: it failed.
    """
    arguments = (ctypes.c_ulong(each) for each in (value, more, 0, 0))
    if _libc().prctl(ctypes.c_int(option), *arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"prctl {option}: {os.strerror(number)}")
