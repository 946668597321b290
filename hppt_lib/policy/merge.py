"""A whole model out of an adapter and its base, for whoever has no peft."""

from __future__ import annotations

import json
import re
from pathlib import Path

from hppt_lib.errors import HpptError
from hppt_lib.files import whole_folder
from hppt_lib.policy.adapters import (
    CONFIG,
    NOTE,
    add_into_weights,
    is_adapter,
    require_own_or_none,
)
from hppt_lib.policy.load import load_policy, shipped_generation, stored_dtype

CARD = "README.md"


def merge_adapter(adapter: str | Path, out: str | Path) -> Path:
    """Add an adapter into the weights of its base, and write the whole model.

    The base is loaded as it is stored, on the CPU and never in 4 bits, in which the adapter would
    be rounded away; so the whole model of a run in 4 bits answers a little differently from the
    policy that was trained. The tokenizer and the base's own sampling settings are written too.

    Args:
        adapter: its folder.
        out: the folder to write; an earlier one of the kit's is replaced.

    Returns:
        The folder.

    Raises:
        HpptError: that is no adapter, its base is not here, the memory does not suffice, or the
            folder holds something else or cannot be written.
    """
    from safetensors import SafetensorError

    from hppt_lib.policy.gguf import without_progress_bars

    adapter, out = Path(adapter).expanduser(), Path(out).expanduser()
    if not is_adapter(adapter):
        raise HpptError(f"{adapter} is not the folder of an adapter: it has no {CONFIG}.")
    require_own_or_none(out)
    policy = load_policy(adapter, device="cpu", dtype=stored_dtype(adapter))
    network = add_into_weights(policy.model, adapter)
    network.generation_config = shipped_generation(adapter) or network.generation_config
    try:
        with whole_folder(out) as folder, without_progress_bars():
            network.save_pretrained(folder)
            policy.tokenizer.save_pretrained(folder)
            (folder / CARD).write_text(_card(adapter), encoding="utf-8", newline="\n")
            note = {"format": 1, "merged": adapter.resolve().name}
            (folder / NOTE).write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
            for path in folder.iterdir():
                path.chmod(0o644)
    # torch and safetensors have errors of their own for a full disk.
    except (RuntimeError, SafetensorError) as error:
        reason = (str(error).splitlines() or ["unknown"])[0]
        raise HpptError(
            f"Could not write {out}: {reason}. Free some disk space or choose another folder."
        ) from error
    return out


def _card(adapter: Path) -> str:
    """The adapter's card, if it has one, as that of a whole model."""
    header, body = "library_name: transformers\n", ""
    if (adapter / CARD).is_file():
        text = (adapter / CARD).read_text(encoding="utf-8")
        found = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
        body = text[found.end() :] if found else text
        header = (found.group(1) + "\n") if found else header
        header = re.sub(r"(?m)^library_name:.*$", "library_name: transformers", header)
        header = re.sub(
            r"(?m)^base_model_relation:.*$", "base_model_relation: finetune", header
        ).replace("- lora\n", "")
    return (
        f"---\n{header}---\n\n"
        f"> This is the **whole model**: the adapter `{adapter.resolve().name}` added into the "
        "weights of its base. `AutoModelForCausalLM.from_pretrained(FOLDER)` loads it, without "
        "peft. What follows is the adapter's own card.\n" + body
    )
