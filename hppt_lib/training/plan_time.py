"""How long a training run takes: floating-point operations and bytes over a machine's rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hppt_lib.policy.dimensions import Dimensions
from hppt_lib.training.plan import NF4_BYTES

if TYPE_CHECKING:
    from hppt_lib.tiers import Profile


@dataclass(frozen=True)
class Rates:
    """What a machine does in a second.

    Attributes:
        name: the machine.
        flops: floating-point operations in training, as reached and not as advertised.
        bandwidth: bytes of weights read in decoding.
        layer_seconds: what a decoder layer costs at each decoded token besides, whatever its size.
        layer_seconds_nf4: the same for a layer in 4 bits.
        basis: where the rates are from.
    """

    name: str
    flops: float
    bandwidth: float
    layer_seconds: float
    layer_seconds_nf4: float
    basis: str


_REACHED = 0.3  # assumption: the share of a GPU's peak that a training step with TRL reaches
_READ = 0.5  # assumption: the share of its bandwidth that decoding reaches
# Seconds of launching the kernels of a layer and its adapter from Python, measured once: an H200
# beside a Xeon, the embedded model; 64 tokens in bfloat16, and 64 and 40 tokens in NF4.
_LAUNCH = 2.0e-3
_LAUNCH_NF4 = 4.6e-3
_GPU = (
    "computed, not measured: data-sheet peak × 0.3, bandwidth × 0.5, and for each layer and token "
    "2.0 ms, in NF4 4.6 ms (these two measured once, on an H200 with the embedded model)"
)


def _gpu(name: str, peak: float, bandwidth: float) -> Rates:
    return Rates(name, _REACHED * peak, _READ * bandwidth, _LAUNCH, _LAUNCH_NF4, _GPU)


RATES: dict[str, Rates] = {
    "gpu-16gb": _gpu("NVIDIA T4 (65 TFLOP/s float16, 320 GB/s)", 65e12, 320e9),
    "gpu-24gb": _gpu("NVIDIA A10 (125 TFLOP/s bfloat16, 600 GB/s)", 125e12, 600e9),
    "gpu-80gb": _gpu("NVIDIA A100 80 GB (312 TFLOP/s bfloat16, 1935 GB/s)", 312e12, 1935e9),
}
CPU = Rates(
    "one core of the machine of the shipped records (Intel Xeon)",
    90e9,
    7e9,
    0.0,
    0.0,
    "from the shipped runs of the rewards strict and guarded on one thread: 7 to 22 seconds a "
    "step; other processors may take two or three times as long",
)


def training_flops(
    model: Dimensions, rows: int, prompts: int, prompt: int, response: int, again: bool
) -> float:
    """Floating-point operations of one step's forward and backward passes.

    Two for each weight and token forward, and two backward: the base weights are frozen, so only
    the gradient with respect to the inputs is computed. The output layer sees the response only.
    The attention between tokens and the adapter are left out (a few per cent at these lengths).

    Args:
        model: the dimensions of the policy.
        rows: rollouts of a step.
        prompts: how often a prompt is read: for each rollout, or once for a group (on a CPU).
        prompt: tokens of a prompt.
        response: tokens of a response.
        again: whether gradient checkpointing computes the forward pass twice.
    """
    layers = model.linear_parameters * (prompts * prompt + rows * response)
    output = rows * model.vocabulary * model.hidden * response
    return (6.0 if again else 4.0) * (layers + output)


def training_seconds(profile: Profile, model: Dimensions, prompt: int) -> tuple[float, str]:
    """The time of a run's steps, without loading and evaluations, and what the figure stands on.

    Every rollout is taken to be as long as it may be and to have an advantage: an upper estimate.

    Args:
        profile: the tier's settings.
        model: the dimensions of the policy.
        prompt: tokens of a prompt.
    """
    rates = RATES.get(profile.tier, CPU)
    on_gpu = profile.gpu_gib is not None
    settings = profile.training
    rows, response = settings.rollouts, settings.max_new_tokens
    size = 2 if on_gpu else 4
    weights = model.linear_parameters + model.vocabulary * model.hidden
    read = model.linear_parameters * (NF4_BYTES if profile.quantize else size)
    read += model.vocabulary * model.hidden * size
    token = max(2.0 * weights * rows / rates.flops, read / rates.bandwidth)
    token += model.layers * (rates.layer_seconds_nf4 if profile.quantize else rates.layer_seconds)
    prompts = rows if on_gpu else settings.prompts_per_step
    training = training_flops(model, rows, prompts, prompt, response, on_gpu) / rates.flops
    prefill = 2.0 * model.linear_parameters * prompt * settings.prompts_per_step / rates.flops
    return settings.steps * (training + prefill + response * token), f"{rates.name}; {rates.basis}"
