"""What this computer has, and the processes that share one training run on it.

A launcher (``accelerate launch``, ``torchrun``) starts several processes and says so in the
environment. Each process samples and trains on its share of a step's prompts; the main one reports
and writes.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Memory:
    """The memory that this process may use, in bytes.

    Attributes:
        total: all of it.
        available: what is free now, files that the system holds in memory included: it gives those
            up when a program asks.
    """

    total: int
    available: int


def usable_memory() -> Memory:
    """The memory of the machine, or of its container or control group if that allows less.

    Control groups of both versions are read, and every group above this process's own counts too.
    """
    import psutil

    machine = psutil.virtual_memory()
    total, available = int(machine.total), int(machine.available)
    for limit, used in _control_groups(Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")):
        total = min(total, limit)
        available = min(available, max(0, limit - used))
    return Memory(total, available)


def _control_groups(mount: Path, own: Path) -> list[tuple[int, int]]:
    """(limit, bytes in use) of each control group that limits the memory of this process."""
    try:
        lines = [line.split(":", 2) for line in own.read_text().splitlines()]
    except OSError:
        lines = []
    groups = {tuple(line[1].split(",")): line[2] for line in lines if len(line) == 3}
    first = next((path for names, path in groups.items() if "memory" in names), "/")
    limits = []
    for root, path, limit_file, used_file, prefix in (
        (mount, groups.get(("",), "/"), "memory.max", "memory.current", ""),
        (mount / "memory", first, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_"),
    ):
        group = Path(path.lstrip("/"))
        for folder in (root / group, *(root / parent for parent in group.parents)):
            try:
                limit = int((folder / limit_file).read_text())  # "max": no limit, a ValueError
                used = int((folder / used_file).read_text())
                rows = (line.split() for line in (folder / "memory.stat").read_text().splitlines())
                stat = {name: int(value) for name, value in rows}
            except (OSError, ValueError):
                continue
            files = stat.get(f"{prefix}active_file", 0) + stat.get(f"{prefix}inactive_file", 0)
            limits.append((limit, max(0, used - files)))
    return limits


def process_count() -> int:
    """How many processes share this run; 1 without a launcher."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def usable_cores() -> int:
    """How many processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def local_rank() -> int:
    """Which process of this machine this is, and so which GPU it uses."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def is_main_process() -> bool:
    """Whether this is the process that reports and writes files."""
    return os.environ.get("RANK", "0") == "0"


def of_all_processes(rows: list[T]) -> list[T]:
    """The rows of every process, those of the first one first. Every process must call it."""
    from accelerate.utils import gather_object

    return list(gather_object(rows))


def as_the_main_process(value: T) -> T:
    """The main process's value, so that all processes decide alike. Every process must call it."""
    from accelerate.utils import broadcast_object_list

    shared: T = broadcast_object_list([value])[0]
    return shared


def machine() -> dict[str, Any]:
    """Processor, cores, threads and memory of this machine, for a record."""
    import psutil
    import torch

    return {
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }


def versions() -> dict[str, str]:
    """Versions of the libraries that a run's numbers depend on."""
    return {name: version(name) for name in ("torch", "transformers", "trl", "peft")}


def processor_name() -> str:
    """The processor's name as Linux gives it, or what Python knows of it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
