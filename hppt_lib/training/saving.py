"""What a trainer puts into a checkpoint, and takes from it."""

from __future__ import annotations

import copy
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.records import Step
from hppt_lib.training.checkpoints import step_line, write_checkpoint

ADAPTER = "adapter_model.safetensors"


@dataclass
class Checkpoints:
    """Where and how often a trainer saves.

    Attributes:
        folder: where the run's checkpoints are.
        run: which run it is (see `hppt_lib.training.checkpoints.run_identity`).
        every: steps from one checkpoint to the next.
        seconds: what each checkpoint took to write.
    """

    folder: Path
    run: dict[str, Any]
    every: int = 1
    seconds: list[float] = field(default_factory=list)

    def save(self, trainer: Any, steps: Sequence[Step]) -> None:
        """Write a checkpoint. If that fails (disk full), warn and let training go on.

        Training that stopped there would lose what the checkpoint was to keep; the two checkpoints
        before stay as they were, and the next step that saves tries again.
        """
        started = time.perf_counter()

        def write(folder: Path) -> None:
            trainer.save_model(str(folder), _internal_call=True)
            trainer._save_optimizer_and_scheduler(str(folder))
            trainer._save_scaler(str(folder))
            trainer._save_rng_state(str(folder))
            trainer.state.save_to_json(str(folder / "trainer_state.json"))
            lines = "".join(step_line(each) for each in steps)
            (folder / "steps.jsonl").write_text(lines, encoding="utf-8", newline="\n")

        try:
            write_checkpoint(self.folder, len(steps), self.run, write)
        except HpptError as error:
            warnings.warn(f"{error} Training goes on without it.", stacklevel=2)
        self.seconds.append(time.perf_counter() - started)


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
    found = set_peft_model_state_dict(model, weights, adapter_name=model.active_adapter)
    absent = [name for name in found.missing_keys if "lora_" in name]
    if absent or found.unexpected_keys:
        names = ", ".join([*absent, *found.unexpected_keys][:3])
        raise HpptError(f"The adapter in {folder} does not fit this model: {names}.")
