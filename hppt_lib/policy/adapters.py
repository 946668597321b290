"""Adapters as folders: found, with their base; laid over one another; added into a whole model.

An adapter folder holds ``adapter_config.json`` and ``adapter_model.safetensors``, as peft writes
them. One that the kit wrote has `NOTE` too, which names its base as `hppt_lib.load_policy` is given
it: peft's own field must be a folder or a hub id, and the embedded model is neither.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from hppt_lib.errors import HpptError

if TYPE_CHECKING:
    from torch import Tensor

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
NOTE = "hppt.json"
STARTED_FROM = "hppt_started_from"
"""A network's attribute: the adapter that was added into it (`add_into_weights`)."""


@dataclass(frozen=True)
class Adapter:
    """An adapter folder.

    Attributes:
        folder: where it is.
        base: the model that it was trained on, as `hppt_lib.load_policy` is given it.
        where: the file that names the base.
    """

    folder: Path
    base: str
    where: str


def is_adapter(model: str | Path) -> bool:
    """Whether a model is given as the folder of an adapter."""
    folder = Path(model).expanduser()
    return (folder / CONFIG).is_file() and not (folder / "config.json").is_file()


def read_adapter(folder: str | Path) -> Adapter:
    """An adapter folder, and the base that it needs; nothing is loaded.

    Raises:
        HpptError: no base is named in it, the base is another adapter, or its folder is not here.
    """
    folder = Path(folder).expanduser()
    where = NOTE if (folder / NOTE).is_file() else CONFIG
    name = "base" if where == NOTE else "base_model_name_or_path"
    try:
        base = json.loads((folder / where).read_text(encoding="utf-8")).get(name)
    except (OSError, ValueError, AttributeError) as error:
        raise HpptError(f"{folder / where} cannot be read: {error}.") from error
    if not isinstance(base, str) or not base.strip():
        raise HpptError(
            f"The adapter {folder} does not say which model it belongs to: '{name}' is missing in "
            f"{where}. Write there a folder or a hub id."
        )
    if is_adapter(base):
        raise HpptError(
            f"The adapter {folder} was trained on {base}, which is an adapter itself. Make that a "
            f"whole model first: 'hppt merge {base} --out FOLDER'. Then name FOLDER as '{name}' in "
            f"{folder / where}."
        )
    place = Path(base).expanduser()
    if (place.is_absolute() or base.startswith((".", "~"))) and not place.is_dir():
        raise HpptError(
            f"The adapter {folder} was trained on the model in {base}, and there is no such folder "
            f"here. Put the model there; or write where it is as '{name}' in {folder / where}."
        )
    return Adapter(folder, base, where)


def require_own_or_none(folder: Path) -> None:
    """Refuse to replace a folder that the kit did not write.

    Raises:
        HpptError: there is something else under this name.
    """
    if folder.is_dir() and ((folder / NOTE).is_file() or not any(folder.iterdir())):
        return
    if folder.exists():
        raise HpptError(
            f"{folder} is there already, and is no model that this kit wrote: move it away, or "
            "choose another name."
        )


def add_into_weights(model: Any, folder: Path) -> Any:
    """The network with its adapter added into the weights, as a plain transformers model.

    Args:
        model: a `peft.PeftModel` whose base is not in 4 bits.
        folder: of the adapter; kept as the network's attribute `STARTED_FROM`.

    Raises:
        HpptError: the base is in 4 bits, or the sum is not a number.
    """
    if getattr(model, "is_loaded_in_4bit", False):
        require_not_in_4_bits(folder)
    try:
        network = model.merge_and_unload(safe_merge=True)
    except ValueError as error:
        raise HpptError(f"The adapter {folder} is damaged: {error}") from error
    # Else transformers takes the network for one with an adapter.
    network._hf_peft_config_loaded = False
    setattr(network, STARTED_FROM, folder)
    return network


def require_not_in_4_bits(folder: str | Path) -> NoReturn:
    """Refuse to train on from an adapter whose base is in 4 bits.

    Raises:
        HpptError: always; it says what to do.
    """
    raise HpptError(
        f"The adapter {folder} cannot be added into weights in 4 bits: they would round it away. "
        f"Make a whole model first, 'hppt merge {folder} --out FOLDER', and go on with FOLDER as "
        "the model."
    )


def require_stackable(folder: str | Path) -> None:
    """Refuse an adapter that another cannot be laid over, before anything is loaded.

    Raises:
        HpptError: it is no plain LoRA adapter.
    """
    folder = Path(folder).expanduser()
    config = _config(folder)
    odd = [
        name
        for name in ("use_dora", "modules_to_save", "rank_pattern", "alpha_pattern")
        if config.get(name)
    ]
    odd += _odd_weights(folder)
    if config.get("peft_type") != "LORA" or odd or config.get("bias", "none") != "none":
        what = f" (it has {', '.join(odd)})" if odd else ""
        raise HpptError(
            f"{folder} is no plain LoRA adapter{what}, and training cannot go on from it. Make a "
            f"whole model of it first, 'hppt merge {folder} --out FOLDER', and train that."
        )


def stacked(
    weights: Mapping[str, Tensor], config: Any, folder: Path
) -> tuple[dict[str, Tensor], Any]:
    """Two LoRA adapters as one: their sum, exact but for rounding.

    An adapter adds s·B·A to a weight. The A of both one below the other, and the B side by side,
    add s₁·B₁·A₁ + s₂·B₂·A₂. The rank is the sum of the ranks, and the scale is 1: each B is
    multiplied with its own.

    Args:
        weights: those of the adapter that was trained on top, by peft's names.
        config: its peft configuration.
        folder: the adapter below (`require_stackable`).

    Returns:
        The weights and the configuration of the sum, an adapter of the original base.
    """
    import torch
    from safetensors.torch import load_file

    below, under = load_file(folder / WEIGHTS), _config(folder)
    first = under["lora_alpha"] / (under["r"] ** (0.5 if under.get("use_rslora") else 1.0))
    second = config.lora_alpha / config.r
    rank = under["r"] + config.r
    sums: dict[str, Tensor] = {}
    for name in sorted({*weights, *below}):
        pair = (below.get(name), weights.get(name))
        given = next(each for each in pair if each is not None)
        down = ".lora_A." in name
        sizes = (under["r"], config.r)
        # A layer that one of them has no part in: zeros there.
        shapes = [(n, given.shape[1]) if down else (given.shape[0], n) for n in sizes]
        parts = [
            torch.zeros(shape) if each is None else each.detach().cpu().float()
            for each, shape in zip(pair, shapes, strict=True)
        ]
        if not down:
            parts = [parts[0] * first, parts[1] * second]
        sums[name] = torch.cat(parts, dim=0 if down else 1).contiguous()
    whole = copy.copy(config)
    whole.r = whole.lora_alpha = rank
    ours = {name.partition(".lora_")[0].rpartition(".")[2] for name in sums}
    whole.target_modules = ours
    return sums, whole


def _odd_weights(folder: Path) -> list[str]:
    """Names of weights that are not of a LoRA layer."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(str(folder / WEIGHTS), framework="pt") as file:
            names = list(file.keys())
    except (OSError, SafetensorError) as error:
        raise HpptError(f"{folder / WEIGHTS} cannot be read: {error}.") from error
    return [each for each in names if not each.endswith((".lora_A.weight", ".lora_B.weight"))][:1]


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise HpptError(f"{folder / CONFIG} cannot be read: {error}.") from error
    if not isinstance(config, dict):
        raise HpptError(f"{folder / CONFIG} is no adapter's configuration.")
    return config
