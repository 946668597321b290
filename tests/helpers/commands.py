"""The command line, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable


def hppt(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``hppt`` with arguments; keywords are environment variables."""
    return _run("-m", "hppt_lib.cli", *arguments, **environment)


def hppt_without(
    packages: Iterable[str], *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run ``hppt`` as if these packages were not installed."""
    program = _WITHOUT.format(packages=set(packages), arguments=["hppt", *arguments])
    return _run("-c", program, **environment)


_WITHOUT = """
import sys


class Without:
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {packages!r}:
            return None
        return self.finder.find_spec(name, path, target)

    def __getattr__(self, name):
        return getattr(self.finder, name)


sys.meta_path[:] = map(Without, sys.meta_path)
sys.argv[:] = {arguments!r}
from hppt_lib.cli.main import main

main()
"""


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
