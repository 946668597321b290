"""Checkpoints of a training run: written whole or not at all, with checksums, the last two kept.

A checkpoint is a folder ``step-000012`` with everything that the next step depends on:

* ``adapter_model.safetensors``, ``adapter_config.json``: the adapter (`hppt_lib.policy.load.load`
reads
  the folder as an adapter);
* ``optimizer.pt``, ``scheduler.pt``: AdamW's moments and the learning rate;
* ``rng_state.pth``: the random states of Python, numpy, torch and the GPU;
* ``trainer_state.json``: the step, and so the position in the data;
* ``steps.jsonl``: the step records so far;
* ``manifest.json``: which run this is, and the SHA-256 of each file.

It is written under another name, flushed to the disk and then renamed, so that a kill or a full
disk at any moment leaves the two before it as they were.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import sha256, write_text
from hppt_lib.instructions.model import Instruction
from hppt_lib.records import Step

FORMAT = 1
KEPT = 2
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint whose checksums are right.

    Attributes:
        path: its folder.
        step: the number of optimiser steps that led to it.
        run: which run it belongs to (see `run_identity`).
    """

    path: Path
    step: int
    run: dict[str, Any]


def run_identity(
    model: str,
    reward: str,
    seed: int,
    settings: dict[str, Any],
    instructions: Sequence[Instruction],
) -> dict[str, Any]:
    """What two runs must have in common for one to go on where the other stopped.

    The number of steps is not part of it: a finished run may be prolonged.
    """
    rows = json.dumps([asdict(each) for each in instructions], sort_keys=True, default=str)
    return {
        "model": model,
        "reward": reward,
        "seed": seed,
        **{name: value for name, value in settings.items() if name != "steps"},
        "instructions": hashlib.sha256(rows.encode()).hexdigest(),
    }


def write_checkpoint(
    folder: Path, step: int, run: dict[str, Any], write: Callable[[Path], None]
) -> Path:
    """Add a checkpoint to ``folder``, and drop those before the last two.

    Args:
        folder: where the run's checkpoints are.
        step: the number of optimiser steps so far.
        run: which run it is (see `run_identity`).
        write: writes the files into the folder that it is given.

    Raises:
        HpptError: it could not be written (disk full, no permission). The checkpoints before it
            are as they were.
    """
    from safetensors import SafetensorError

    target = folder / f"step-{step:06d}"
    part = _part(target)
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        write(part)
        _seal(part, step, run)
        for path in [*sorted(part.iterdir()), part]:
            _flush(path)
        if target.exists():
            _remove(target)
        os.replace(part, target)
        _flush(folder)
    # torch reports a full disk as RuntimeError, safetensors as its own error.
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or (str(error).splitlines() or ["unknown"])[0]
        raise HpptError(
            f"Could not write the checkpoint of step {step} into {folder}: {reason}. The "
            "checkpoints before it are as they were. Free some disk space."
        ) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    for old in _paths(folder)[:-KEPT]:
        _remove(old)
    return target


def last_checkpoint(folder: Path, run: dict[str, Any]) -> Checkpoint | None:
    """The newest checkpoint in ``folder`` that is whole; None if there is none at all.

    A damaged one is said to be so, moved aside as ``damaged-…``, and the one before it is taken.

    Raises:
        HpptError: all are damaged, or they belong to another run.
    """
    for leftover in folder.glob(".*.part"):  # of a run that was killed while writing
        shutil.rmtree(leftover, ignore_errors=True)
    paths = _paths(folder)
    for path in reversed(paths):
        try:
            found = read_checkpoint(path)
        except HpptError as error:
            aside = path.with_name(f"damaged-{path.name}")
            shutil.rmtree(aside, ignore_errors=True)
            path.rename(aside)
            warnings.warn(f"{error} It is now {aside.name}; trying the one before.", stacklevel=2)
            continue
        require_same_run(found.run, run, folder)
        return found
    if paths:
        raise HpptError(
            f"Every checkpoint in {folder} is damaged. Check the disk, then start anew: "
            "resume=False (hppt train --fresh), or another folder."
        )
    return None


def read_checkpoint(path: Path) -> Checkpoint:
    """A checkpoint, after comparing every file with its checksum.

    Raises:
        HpptError: it is damaged; the message names the file.
    """

    def damaged(what: str) -> HpptError:
        return HpptError(f"The checkpoint {path} is damaged: {what}.")

    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        checksum = manifest.pop("checksum")
        if checksum != _checksum(manifest) or manifest["format"] != FORMAT:
            raise damaged(f"{MANIFEST} is not what was written")
        for name, expected in manifest["files"].items():
            if not (path / name).is_file():
                raise damaged(f"{name} is missing")
            if sha256(path / name) != expected:
                raise damaged(f"{name} is not what was written")
        return Checkpoint(path, int(manifest["step"]), manifest["run"])
    except OSError as error:
        raise damaged(f"{error.strerror or error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(f"{MANIFEST} cannot be read") from error


def forget_checkpoints(folder: Path) -> None:
    """Delete the checkpoints in ``folder``, and nothing else there."""
    for path in [*_paths(folder), *folder.glob("damaged-step-*"), *folder.glob(".*.part")]:
        shutil.rmtree(path, ignore_errors=True)


def write_steps(path: Path, steps: Sequence[Step]) -> None:
    """Write step records, one JSON object a line, whole or not at all.

    Raises:
        HpptError: the file could not be written.
    """
    write_text(path, "".join(step_line(each) for each in steps))


def step_line(step: Step) -> str:
    """A step record as one line of JSON."""
    return json.dumps(asdict(step), ensure_ascii=False) + "\n"


def read_steps(path: Path) -> tuple[Step, ...]:
    """Read step records. A last line that a kill cut short is left out.

    Raises:
        HpptError: the file cannot be read, or a line is not a step record.
    """
    steps: list[Step] = []
    try:
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
            row = json.loads(line)
            row["responses"] = tuple((str(id), str(text)) for id, text in row["responses"])
            steps.append(Step(**row))
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise HpptError(f"{path}, line {len(steps) + 1}: not a step record: {error}.") from error
    return tuple(steps)


def require_same_run(found: dict[str, Any], run: dict[str, Any], folder: Path) -> None:
    """Refuse to go on from what another run left.

    Args:
        found: the identity that was read.
        run: the identity of what was asked for.
        folder: where it was read.

    Raises:
        HpptError: the two differ; the message says in what.
    """
    asked = json.loads(json.dumps(run))
    names = sorted({*found, *asked})
    said = "; ".join(
        f"{name}: there {found.get(name)!r}, asked for {asked.get(name)!r}"
        for name in names
        if found.get(name) != asked.get(name)
    )
    if said:
        raise HpptError(
            f"{folder} holds another run, unfinished ({said}). Give that run's settings to go on "
            "with it; or choose another folder (hppt train --out); or delete it and start anew: "
            "resume=False (hppt train --fresh)."
        )


def _seal(folder: Path, step: int, run: dict[str, Any]) -> None:
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "step": step,
        "run": run,
        "files": {path.name: sha256(path) for path in sorted(folder.iterdir())},
    }
    manifest["checksum"] = _checksum(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def _checksum(manifest: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()


def _paths(folder: Path) -> list[Path]:
    """The checkpoints in a folder, oldest first."""
    named = [path for path in folder.glob("step-*") if re.fullmatch(r"step-\d{6,}", path.name)]
    return sorted(named, key=lambda path: int(path.name.removeprefix("step-")))


def _part(path: Path) -> Path:
    return path.with_name(f".{path.name}.part")


def _remove(path: Path) -> None:
    """Delete a checkpoint; a kill in the middle must not leave half of it under its name."""
    os.replace(path, old := path.with_name(f".{path.name}.old.part"))
    shutil.rmtree(old, ignore_errors=True)


def _flush(path: Path) -> None:
    """Wait until a file or a folder's list of names is on the disk."""
    if os.name == "nt" and path.is_dir():
        return  # Windows has no such call for folders
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
