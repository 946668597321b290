"""Where a run's curves go besides its record: trackio, wandb or tensorboard, through TRL.

TRL names them, logs to them after each step, and needs their packages; the kit's record is complete
without any.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from hppt_lib.errors import HpptError

TRACKERS: dict[str, tuple[str, ...]] = {
    "tensorboard": ("tensorboard", "tensorboardX"),
    "trackio": ("trackio",),
    "wandb": ("wandb",),
}
"""Tracker, by TRL's name for it, to the packages of which one must be installed."""

NONE = "none"


@dataclass(frozen=True)
class Reporting:
    """Where a run reports to.

    Attributes:
        to: names in `TRACKERS`.
        name: of the run there.
        folder: for tensorboard's files; None leaves it to TENSORBOARD_LOGGING_DIR.
    """

    to: tuple[str, ...] = ()
    name: str | None = None
    folder: Path | None = None

    @contextmanager
    def prepared(self) -> Iterator[None]:
        """Within the block, a trainer that is made finds the folder for tensorboard's files.

        It takes the folder from the environment alone, and would else write beside its own
        temporary files.
        """
        variable = "TENSORBOARD_LOGGING_DIR"
        wanted = self.folder is not None and "tensorboard" in self.to and variable not in os.environ
        if wanted:
            os.environ[variable] = str(self.folder)
        try:
            yield
        finally:
            if wanted:
                del os.environ[variable]


def trackers(names: str) -> tuple[str, ...]:
    """The trackers in a setting: names with commas between, or ``none``.

    Raises:
        HpptError: there is no such tracker.
    """
    found = [each.strip() for each in names.split(",")]
    if found == [NONE]:
        return ()
    unknown = [each for each in found if each not in TRACKERS]
    if unknown:
        raise HpptError(
            f"There is no tracker '{unknown[0]}'. Choose of: {', '.join(TRACKERS)} (several with "
            f"commas between), or {NONE}."
        )
    return tuple(dict.fromkeys(found))


def require_trackers(names: str) -> None:
    """Refuse a tracker whose package is missing, before anything is loaded.

    Raises:
        HpptError: there is no such tracker, or it is not installed.
    """
    for name in trackers(names):
        if not any(find_spec(package) for package in TRACKERS[name]):
            raise HpptError(
                f"To report to {name} its package is needed, which is not installed. Run: pip "
                f"install {TRACKERS[name][0]}. Or leave --report-to out: the run record has all "
                "curves too."
            )
