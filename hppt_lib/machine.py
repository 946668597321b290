"""One training run in several processes: how many there are, and what they tell each other.

A launcher (``accelerate launch``, ``torchrun``) starts them and says so in the environment. Each
process samples and trains on its share of a step's prompts; the first one reports and writes.
"""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def process_count() -> int:
    """How many processes share this run; 1 without a launcher."""
    return int(os.environ.get("WORLD_SIZE", "1"))


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
    """What the main process holds; decisions must not differ. Every process must call it."""
    from accelerate.utils import broadcast_object_list

    shared: T = broadcast_object_list([value])[0]
    return shared


def machine() -> dict[str, Any]:
    """Processor, cores, threads and memory of this machine, for a record."""
    import os

    import psutil
    import torch

    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30, 1),
        "gpu": torch.cuda.get_device_name() if torch.cuda.is_available() else None,
    }


def versions() -> dict[str, str]:
    """Versions of the libraries that a run's numbers depend on."""
    return {name: version(name) for name in ("torch", "transformers", "trl", "peft")}


def _processor() -> str:
    """The processor's name as Linux gives it, or what Python knows of it."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()
