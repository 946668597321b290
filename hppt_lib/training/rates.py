"""How fast a machine is, and the seconds of training, sampling and reading that follow from it.

The numbers come from data sheets, or from a calibration on the machine at hand
(`hppt_lib.training.calibration`, ``hppt plan --measure``). Each carries its basis in words.
"""

from __future__ import annotations

from dataclasses import dataclass

from hppt_lib.policy.dimensions import Dimensions
from hppt_lib.tiers import Tier

NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Bytes of a weight in NF4 with double quantisation: 4 bits; an 8-bit scale for each block of 64
weights; a 32-bit scale for each 256 of these. QLoRA (2305.14314), section 3: 0.127 bits a weight
on top of the 4."""


@dataclass(frozen=True)
class Rates:
    """The speed of a machine, and where the numbers are from.

    Attributes:
        name: of the machine.
        flops: floating-point operations a second in training, as reached and not as advertised.
        bandwidth: bytes of weights read in a second of decoding.
        basis: where these numbers are from, in words.
        layer_seconds: of a decoder layer at each decoded token, whatever its size: the time to
            launch its kernels.
        layer_seconds_nf4: the same for a layer in 4 bits.
        measured: on the machine that they are used for; else computed.
    """

    name: str
    flops: float
    bandwidth: float
    basis: str
    layer_seconds: float = 0.0
    layer_seconds_nf4: float = 0.0
    measured: bool = False


def _gpu(name: str, peak: float, bandwidth: float) -> Rates:
    # Assumptions: a training step with TRL reaches 0.3 of the peak, decoding 0.5 of the bandwidth.
    # Seconds of launching the kernels of a layer and its adapter from Python, measured once: an
    # H200 beside a Xeon, the embedded model; 64 tokens in bfloat16, and 64 and 40 tokens in NF4.
    basis = (
        "computed, not measured: data-sheet peak × 0.3, bandwidth × 0.5, and for each layer and "
        "token 2.0 ms, in NF4 4.6 ms (these two measured once, on an H200 with the embedded model)"
    )
    return Rates(name, 0.3 * peak, 0.5 * bandwidth, basis, 2.0e-3, 4.6e-3)


_GPUS: dict[str, Rates] = {
    "gpu-16gb": _gpu("NVIDIA T4 (65 TFLOP/s float16, 320 GB/s)", 65e12, 320e9),
    "gpu-24gb": _gpu("NVIDIA A10 (125 TFLOP/s bfloat16, 600 GB/s)", 125e12, 600e9),
    "gpu-80gb": _gpu("NVIDIA A100 80 GB (312 TFLOP/s bfloat16, 1935 GB/s)", 312e12, 1935e9),
}
_CPU = Rates(
    "one core of the machine of the shipped records (Intel Xeon)",
    90e9,
    7e9,
    "from the shipped runs of the rewards strict and guarded on one thread: 7 to 22 seconds a "
    "step; other processors may take two or three times as long",
)


def data_sheet(tier: Tier) -> Rates:
    """The rates of the machine that a tier is made for, without measuring."""
    return _GPUS.get(tier.name, _CPU)


def token_seconds(tier: Tier, model: Dimensions, rates: Rates, rows: int) -> float:
    """The seconds in which the kit's sampler adds a token to each of ``rows`` responses.

    Each token reads all weights, or multiplies with them; and every layer is launched by hand.
    """
    head = model.vocabulary * model.hidden
    size = 2 if tier.gpu_gib is not None else 4
    read = model.linear_parameters * (NF4_BYTES if tier.quantize else size) + head * size
    multiplied = 2.0 * (model.linear_parameters + head) * rows
    launched = rates.layer_seconds_nf4 if tier.quantize else rates.layer_seconds
    seconds = max(multiplied / rates.flops, read / rates.bandwidth)
    return seconds + model.layers * launched


def reading_seconds(model: Dimensions, rates: Rates, tokens: float, logits: float = 0) -> float:
    """The seconds of a forward pass over tokens.

    Args:
        model: its dimensions.
        rates: the machine.
        tokens: that are read.
        logits: those of them that the output layer sees.
    """
    head = model.vocabulary * model.hidden
    return 2.0 * (model.linear_parameters * tokens + head * logits) / rates.flops


def training_seconds(
    tier: Tier, model: Dimensions, prompt: float, rates: Rates | None = None
) -> tuple[float, str]:
    """The seconds of a run's steps, without loading and evaluations, and the basis of the number.

    Two operations for each weight and token forward, and two backward: the base weights are frozen,
    so only the gradient with respect to the inputs is computed. The output layer sees the response
    only. The attention between tokens and the adapter are left out: a few per cent with prompts of
    a hundred tokens, and as much again with some thousands. Every rollout is taken to be as long as
    it may be and to have an advantage: an upper estimate.

    Args:
        tier: the tier's settings.
        model: the dimensions of the policy.
        prompt: mean tokens of a prompt.
        rates: the machine; None for the tier's data sheet.
    """
    rates = rates or data_sheet(tier)
    on_gpu = tier.gpu_gib is not None
    settings, head = tier.training, model.vocabulary * model.hidden
    rows, response = settings.rollouts, settings.max_new_tokens
    # 1. Prompts are read once for sampling; then a token at a time.
    prefill = reading_seconds(model, rates, prompt * settings.prompts_per_step)
    token = token_seconds(tier, model, rates, rows)
    # 2. Training: on a CPU a prompt is read once for its group; on a GPU gradient checkpointing
    # computes the forward pass twice.
    prompts = rows if on_gpu else settings.prompts_per_step
    layers = model.linear_parameters * (prompts * prompt + rows * response)
    training = (6.0 if on_gpu else 4.0) * (layers + rows * head * response) / rates.flops
    basis = f"{rates.name}; {rates.basis}"
    if settings.sampler != "kit":
        basis += f"; the sampler {settings.sampler} is not measured, and counted as the kit's"
    return settings.steps * (training + prefill + response * token), basis


def evaluation_seconds(tier: Tier, model: Dimensions, prompt: float, rates: Rates) -> float:
    """The seconds of one evaluation of a policy: its responses, sampled in batches.

    Args:
        tier: the tier's settings.
        model: the dimensions of the policy.
        prompt: mean tokens of a held-out prompt.
        rates: the machine.
    """
    settings, tokens = tier.evaluation, tier.training.max_new_tokens
    responses = settings.instructions * settings.samples
    return sampled_seconds(tier, model, rates, responses, settings.batch, prompt, tokens)


def sampled_seconds(
    tier: Tier,
    model: Dimensions,
    rates: Rates,
    responses: int,
    batch: int,
    prompt: float,
    tokens: int,
) -> float:
    """The seconds of sampling responses in batches, each as long as it may be.

    Args:
        tier: the tier's settings.
        model: the dimensions of the policy.
        rates: the machine.
        responses: how many.
        batch: those that are decoded together.
        prompt: mean tokens of a prompt.
        tokens: of a response, at most.
    """
    whole, rest = divmod(responses, batch)
    seconds = whole * token_seconds(tier, model, rates, batch)
    seconds += token_seconds(tier, model, rates, rest) if rest else 0.0
    return tokens * seconds + reading_seconds(model, rates, prompt * responses)
