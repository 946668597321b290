"""Measures how fast this machine trains and samples, with a few layers of random weights.

Three numbers of `hppt_lib.training.rates.Rates` are measured, each from two depths of one model, so
that what does not grow with the depth drops out: the time to launch a layer (a model so narrow that
nothing else counts), the bytes that decoding reads in a second, and the operations of training.
What was measured is kept in the cache, and ``hppt plan`` and ``hppt replicate`` use it from then on
for tiers that this machine is made for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from hppt_lib.errors import HpptError, needs
from hppt_lib.files import cache_folder, write_text
from hppt_lib.machine import processor_name
from hppt_lib.policy.dimensions import Dimensions, model_dimensions
from hppt_lib.tiers import Tier, require_device
from hppt_lib.training.rates import NF4_BYTES, Rates

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

_VOCABULARY = 1024  # the output layer is the same at every depth, and drops out
_NARROW = Dimensions("narrow", 1, 64, 128, 2, 1, 32, _VOCABULARY, True)
_DEPTHS = (1, 4)
_TOKENS = {"cpu": 16, "cuda": 64}  # decoded in a measurement
_ROWS = {"cpu": (8, 64), "cuda": (4, 512)}  # rows and tokens of a training batch
_REPEATS = 3  # of which the fastest counts: other programs only ever make one slower


def measured_rates(tier: Tier, device: str | None = None) -> Rates:
    """Measure this machine for a tier: about a minute, most of it for loading libraries.

    On a CPU one thread is measured, as the runs of a sweep have.

    Args:
        tier: its model's layers are those that are timed, and in 4 bits if it says so.
        device: as in `hppt_lib.load_policy`.

    Raises:
        HpptError: the tier needs a GPU that is not here.
    """
    needs("train")
    require_device(tier)
    import torch

    kind = "cuda" if tier.gpu_gib is not None else "cpu"
    where = device or kind
    shape = replace(model_dimensions(tier.model), vocabulary=_VOCABULARY, tied=True)
    with _one_thread(kind):
        launch = _layer_token(_NARROW, where, quantize=False)
        launch_nf4 = _layer_token(_NARROW, where, quantize=True)
        wide = _layer_token(shape, where, quantize=tier.quantize)
        flops = _flops(shape, where, tier)
        named = _machine(kind)
    own = launch_nf4 if tier.quantize else launch
    weights = shape.linear_parameters / shape.layers
    size = NF4_BYTES if tier.quantize else torch.finfo(_default_dtype(where)).bits / 8
    # Where launching takes all of the time, reading shows no more than that it is fast enough.
    bandwidth = weights * size / max(wide - own, 0.05 * wide)
    threads = "one thread, " if kind == "cpu" else ""
    basis = (
        f"measured on this machine, {threads}{time.strftime('%Y-%m-%d')}, with layers of "
        f"{shape.name} in random weights: {flops / 1e9:.3g} GFLOP/s in training, "
        f"{bandwidth / 1e9:.3g} GB/s in decoding, and for each layer and token "
        f"{1e3 * launch:.2g} ms, in NF4 {1e3 * launch_nf4:.2g} ms"
    )
    return Rates(named, flops, bandwidth, basis, launch, launch_nf4, measured=True)


def keep_rates(tier: Tier, rates: Rates) -> None:
    """Keep what was measured in the cache, for `kept_rates`.

    Raises:
        HpptError: the file could not be written.
    """
    kept = _read()
    kept[_key(tier)] = asdict(rates)
    write_text(_path(), json.dumps(kept, indent=1) + "\n")


def kept_rates(tier: Tier) -> Rates | None:
    """What was measured before for this tier's model on a machine of this name; None if nothing."""
    row = _read().get(_key(tier))
    if row is None:
        return None
    with suppress(TypeError, HpptError):
        rates = Rates(**row)
        if rates.name == _machine("cuda" if tier.gpu_gib is not None else "cpu"):
            return rates
    return None


def _path() -> Any:
    return cache_folder() / "rates.json"


def _read() -> dict[str, Any]:
    try:
        rows = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return rows if isinstance(rows, dict) else {}


def _key(tier: Tier) -> str:
    kind = "gpu" if tier.gpu_gib is not None else "cpu"
    return f"{kind}, {tier.model}, {'NF4' if tier.quantize else 'whole'}"


def _machine(kind: str) -> str:
    """The name of the processor or of the GPU."""
    if kind == "cpu":
        return f"one thread of {processor_name()}"
    import torch

    if not torch.cuda.is_available():
        raise HpptError("There is no GPU here that torch can use.")
    return str(torch.cuda.get_device_name())


def _default_dtype(device: str) -> torch.dtype:
    from hppt_lib.policy.load import device_named, dtype_named

    return dtype_named(None, device_named(device))


@contextmanager
def _one_thread(kind: str) -> Iterator[None]:
    import torch

    threads = torch.get_num_threads()
    try:
        if kind == "cpu":
            torch.set_num_threads(1)
        yield
    finally:
        torch.set_num_threads(threads)


def _layer_token(shape: Dimensions, device: str, *, quantize: bool) -> float:
    """The seconds of one layer with its adapter for one more token of one response."""
    import torch

    from hppt_lib.policy.sampling import sample_tokens
    from hppt_lib.policy.speedups import SpeedUps, sampling_weights

    tokens = _TOKENS[torch.device(device).type]
    seconds = []
    for depth in _DEPTHS:
        model = _adapted(replace(shape, layers=depth), device, quantize).eval()

        def decode(model: Any = model) -> None:
            sample_tokens(
                model,
                [[5] * 16],
                samples=1,
                max_new_tokens=tokens,
                temperature=1.0,
                generator=torch.Generator(device=model.device).manual_seed(0),
                pad_id=0,
                end_ids=frozenset(),
            )

        with sampling_weights(model, SpeedUps()):
            seconds.append(_fastest(decode, device))
        del model
    return max(1e-9, (seconds[1] - seconds[0]) / (_DEPTHS[1] - _DEPTHS[0]) / tokens)


def _flops(shape: Dimensions, device: str, tier: Tier) -> float:
    """Operations a second, forward and backward; checkpointed on a GPU, as training is."""
    import torch

    on_gpu = torch.device(device).type == "cuda"
    rows, tokens = _ROWS["cuda" if on_gpu else "cpu"]
    seconds = []
    for depth in _DEPTHS:
        model = _adapted(replace(shape, layers=depth), device, tier.quantize).train()
        if on_gpu:
            model.gradient_checkpointing_enable({"use_reentrant": False})
            model.enable_input_require_grads()
        ids = torch.full((rows, tokens), 5, device=model.device)

        def step(model: Any = model, ids: Any = ids) -> None:
            # One logit a row: the output layer's part is counted on its own.
            model(input_ids=ids, logits_to_keep=1).logits.float().sum().backward()

        seconds.append(_fastest(step, device))
        del model
    weights = shape.linear_parameters / shape.layers * (_DEPTHS[1] - _DEPTHS[0])
    passes = 6.0 if on_gpu else 4.0
    return passes * weights * rows * tokens / max(1e-9, seconds[1] - seconds[0])


def _adapted(shape: Dimensions, device: str, quantize: bool) -> Any:
    from peft import get_peft_model

    from hppt_lib.policy.random_weights import random_policy
    from hppt_lib.tiers import TIERS
    from hppt_lib.training.trainer_config import adapter_config

    policy = random_policy(shape, quantize=quantize, device=device)
    return get_peft_model(policy.model, adapter_config(TIERS["cpu"].training))


def _fastest(do: Callable[[], None], device: str) -> float:
    import torch

    def synchronized() -> float:
        if torch.device(device).type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()

    do()  # what happens once
    found = []
    for _ in range(_REPEATS):
        began = synchronized()
        do()
        found.append(synchronized() - began)
    return min(found)
