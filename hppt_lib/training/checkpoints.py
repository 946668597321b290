"""Checkpoints of a training run: written whole or not at all, with checksums, the last two kept.

A checkpoint is a folder ``step-000012`` with everything that the next step depends on:

* ``adapter_model.safetensors``, ``adapter_config.json``: the adapter (`hppt_lib.load_policy` reads
  the folder as an adapter);
* ``optimizer.pt``, ``scheduler.pt``: AdamW's moments and the learning rate;
* ``rng_state.pth``: the random states of Python, numpy, torch and the GPU;
* ``trainer_state.json``: the step, and so the position in the data;
* ``steps.jsonl``: the steps so far;
* ``manifest.json``: which run this is, and the SHA-256 of each file.

It is written under another name, flushed to the disk and then renamed, so that a kill or a full
disk at any moment leaves the two before it as they were.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import re
import shutil
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import sha256
from hppt_lib.identity import Identity, check_same, data_identity
from hppt_lib.instructions.model import Instruction
from hppt_lib.records import Step, step_line

FORMAT = 1
KEPT = 2
MANIFEST = "manifest.json"
ADAPTER = "adapter_model.safetensors"


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
    model: Identity,
    reward: Identity,
    seed: int,
    settings: dict[str, Any],
    instructions: Sequence[Instruction],
) -> dict[str, Any]:
    """What two runs must share for one to continue the other.

    The number of steps is not part of it: a finished run may be prolonged.

    Args:
        model: `hppt_lib.policy.load.Policy.identity` of the base policy.
        reward: `hppt_lib.rewards.Reward.identity`.
        seed: of the run.
        settings: by name.
        instructions: those that it trains on, in order.
    """
    return {
        "model": model,
        "reward": reward,
        "seed": seed,
        **{
            name: value
            for name, value in settings.items()
            # As before there was a choice of samplers: those checkpoints are still good.
            if name != "steps" and (name, value) != ("sampler", "kit")
        },
        "instructions": data_identity(instructions),
    }


@dataclass(frozen=True)
class Checkpoints:
    """Where and how often a run saves.

    Attributes:
        folder: where the run's checkpoints are.
        run: which run it is (see `run_identity`).
        every: steps from one checkpoint to the next.
    """

    folder: Path
    run: dict[str, Any]
    every: int = 1

    def save(self, trainer: Any, steps: Sequence[Step]) -> None:
        """Write a checkpoint. If that fails (disk full), warn and let training go on.

        Training that stopped there would lose what the checkpoint was to keep; the two checkpoints
        before stay as they were, and the next step that saves tries again.

        Args:
            trainer: a transformers trainer after ``len(steps)`` steps.
            steps: the steps so far.
        """

        def write(folder: Path) -> None:
            trainer.save_model(str(folder), _internal_call=True)
            trainer._save_optimizer_and_scheduler(str(folder))
            trainer._save_scaler(str(folder))
            trainer._save_rng_state(str(folder))
            trainer.state.save_to_json(str(folder / "trainer_state.json"))
            lines = "".join(step_line(step) for step in steps)
            (folder / "steps.jsonl").write_text(lines, encoding="utf-8", newline="\n")

        try:
            write_checkpoint(self.folder, len(steps), self.run, write)
        except HpptError as error:
            warnings.warn(f"{error} Training goes on without it.", stacklevel=2)


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
            checkpoint = read_checkpoint(path)
        except HpptError as error:
            aside = path.with_name(f"damaged-{path.name}")
            shutil.rmtree(aside, ignore_errors=True)
            path.rename(aside)
            warnings.warn(f"{error} It is now {aside.name}; trying the one before.", stacklevel=2)
            continue
        require_same_run(checkpoint.run, run, folder)
        return checkpoint
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


def require_same_run(left: Identity, run: Identity, folder: Path) -> None:
    """Refuse to continue another run's checkpoint.

    Args:
        left: the identity that was read.
        run: the identity of what was asked for.
        folder: where it was read.

    Raises:
        HpptError: the two differ; the message says in what.
    """
    check_same(
        left,
        run,
        what="run, unfinished",
        where=folder,
        do="Give that run's model, data and settings to go on with it; or choose another folder "
        "(hppt train --out); or delete it and start anew: resume=False (hppt train --fresh).",
    )


def save_adapter(model: Any, folder: str | Path | None, state_dict: Any = None) -> None:
    """Write the adapter's weights and its configuration.

    peft's ``save_pretrained`` also asks the hub about the base model, and transformers adds the
    tokenizer and a pickle of its arguments: nothing that a run needs to go on.
    """
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    weights = get_peft_model_state_dict(model, state_dict=state_dict, save_embedding_layers=False)
    Path(str(folder)).mkdir(parents=True, exist_ok=True)
    save_file(
        {name: weight.detach().cpu().contiguous() for name, weight in weights.items()},
        Path(str(folder)) / ADAPTER,
        metadata={"format": "pt"},
    )
    config = copy.copy(model.peft_config[model.active_adapter])
    config.inference_mode = True
    config.save_pretrained(str(folder))


def load_adapter(model: Any, folder: str | Path) -> None:
    """Put the weights of a checkpoint into the adapter that ``model`` has, to the bit.

    peft's ``load_adapter`` would cast a bfloat16 adapter to float32 and move a quantised base.

    Raises:
        HpptError: the weights are not those of this adapter.
    """
    from peft import set_peft_model_state_dict
    from safetensors.torch import load_file

    weights = load_file(Path(folder) / ADAPTER)
    keys = set_peft_model_state_dict(model, weights, adapter_name=model.active_adapter)
    absent = [name for name in keys.missing_keys if "lora_" in name]
    if absent or keys.unexpected_keys:
        names = ", ".join([*absent, *keys.unexpected_keys][:3])
        raise HpptError(f"The adapter in {folder} does not fit this model: {names}.")


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
