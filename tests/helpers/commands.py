"""The command line, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable


def hppt(
    *arguments: str, typed: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``hppt`` with arguments; ``typed`` is its input, keywords are environment variables."""
    return _run("-m", "hppt_lib.cli", *arguments, typed=typed, **environment)


def hppt_without(
    packages: Iterable[str], *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``hppt`` as if these packages were not installed."""
    start = f"import sys; sys.argv[:] = {['hppt', *arguments]!r}"
    program = f"{start}\nfrom hppt_lib.cli.main import main\nmain()"
    return python_without(packages, program, **environment)


def python_without(
    packages: Iterable[str], program: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a Python program as if these packages were not installed."""
    return _run("-c", _WITHOUT.replace("PACKAGES", repr(set(packages))) + program, **environment)


_WITHOUT = """
import sys


class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in PACKAGES:
            return None
        return self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)


sys.meta_path[:] = map(Without, sys.meta_path)
"""


def _run(
    *arguments: str, typed: str | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        input=typed,
        env={**os.environ, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
