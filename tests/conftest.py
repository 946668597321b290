"""What every test shares: one thread per worker, no hub, and the embedded model."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is, and nothing of the code.
settings.register_profile("kit", deadline=None)
settings.load_profile("kit")

# Before torch is imported. pytest runs one worker per core: more threads would only wait.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ["HF_HUB_OFFLINE"] = "1"  # a test that needs the hub is a mistake, and fails at once
os.environ.pop("HPPT_TIER", None)

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy


@pytest.fixture(scope="session")
def embedded_model() -> Path:
    """The folder of the embedded model in the user's cache; fails if it cannot be fetched."""
    from hppt_lib.policy.embedded import fetch_embedded

    return fetch_embedded()


@pytest.fixture(scope="session")
def policy(embedded_model: Path) -> Policy:
    """The embedded policy. Do not train it: it is shared."""
    from hppt_lib.policy.load import load_policy

    return load_policy()


@pytest.fixture
def code_allowed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Untrusted code is allowed, in a sandbox of the test's own."""
    from collections import Counter

    from hppt_lib.sandbox import lockdown, run

    if why := lockdown.missing():
        pytest.skip(why)
    run._end_child()
    monkeypatch.setattr(run, "_allowed", True)
    monkeypatch.setattr(run, "_time_outs", Counter())
    monkeypatch.setattr(run, "_said", Counter())
    monkeypatch.setattr(run, "_known", {})
    yield
    run._end_child()


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder with nothing in it."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("HPPT_CACHE", str(folder))
    yield folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 256 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip(
            "mounting a small file system needs root on Linux; test_files limits it otherwise"
        )
    yield disk
    subprocess.run(["umount", str(disk)], check=True)
