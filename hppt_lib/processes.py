"""One training run in several processes: how many there are, and what they tell each other.

A launcher (``accelerate launch``, ``torchrun``) starts them and says so in the environment. Each
process samples and trains on its share of a step's prompts; the first one reports and writes.
"""

from __future__ import annotations

import os
from typing import TypeVar

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
