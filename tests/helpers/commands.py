"""The command line, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys


def hppt(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``hppt`` with arguments; keywords are environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "hppt_lib.cli", *arguments],
        env={**os.environ, "COLUMNS": "100", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
