"""The memory that a process may use: its container's, where that is less than the machine's."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from hppt_lib import machine
from hppt_lib.errors import HpptError
from hppt_lib.machine import Memory, usable_memory
from hppt_lib.policy import enough_memory, model_dimensions
from hppt_lib.tiers import TIERS
from hppt_lib.training.plan import plan_tier

GIB = 2**30


def group(folder: Path, limit: str, used: int, files: int, version: int) -> None:
    """A control group as the kernel shows it, with ``files`` bytes of files held in memory."""
    limit_file, used_file, prefix = "memory.max", "memory.current", ""
    if version == 1:
        limit_file, used_file, prefix = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / limit_file).write_text(f"{limit}\n")
    (folder / used_file).write_text(f"{used}\n")
    stat = f"anon 1\n{prefix}active_file {files // 4}\n{prefix}inactive_file {files - files // 4}\n"
    (folder / "memory.stat").write_text(stat)


def groups(mount: Path, own: str) -> list[tuple[int, int]]:
    (mount / "own").write_text(own)
    return machine._control_groups(mount, mount / "own")


def test_version_2_own_group_and_those_above(tmp_path: Path) -> None:
    """Mistakes: the root group alone; "max" taken for a number; files in memory counted as used."""
    group(tmp_path / "user" / "run", "max", 5, 0, 2)
    group(tmp_path / "user", str(8 * GIB), 3 * GIB, GIB, 2)
    assert groups(tmp_path, "0::/user/run\n") == [(8 * GIB, 2 * GIB)]


def test_version_1_in_a_container(tmp_path: Path) -> None:
    """Mistake: the host's path of the group, which a container does not see, and so no limit."""
    group(tmp_path / "memory", str(2 * GIB), GIB, 0, 1)
    own = "5:cpu,cpuacct:/x\n4:memory:/docker/0123\n"
    assert groups(tmp_path, own) == [(2 * GIB, GIB)]


@pytest.mark.parametrize("own", ["", "rubbish", "0::/", "0::/../elsewhere"])
def test_no_control_group_is_no_limit(own: str, tmp_path: Path) -> None:
    assert groups(tmp_path, own) == []


@pytest.fixture
def container(monkeypatch: pytest.MonkeyPatch) -> None:
    """2 GiB, of which half is used, on a machine of 16 GiB with 8 free."""
    whole = SimpleNamespace(total=16 * GIB, available=8 * GIB)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: whole)
    monkeypatch.setattr(machine, "_control_groups", lambda *paths: [(2 * GIB, GIB), (2**63, 0)])


def test_the_tightest_limit_counts(container: None) -> None:
    """Mistake: the machine's memory in a container, and a kernel that kills the notebook."""
    assert usable_memory() == Memory(2 * GIB, GIB)


def test_the_plan_and_the_message_count_with_it(container: None) -> None:
    """Mistake: a plan that fits the machine, in a container that it does not fit."""
    made = plan_tier(TIERS["cpu"], model_dimensions("embedded"))
    assert made.available == GIB and not made.fits
    with pytest.raises(HpptError, match=r"not enough memory to train.*1\.0 GiB"):
        with enough_memory("train"):
            raise MemoryError
