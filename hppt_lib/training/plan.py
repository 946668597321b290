"""The plan: what a training run needs in memory and time, computed before it starts.

Memory is counted part by part from the model's dimensions and the tier's settings. On the CPU what
comes and goes is scaled to four measured runs of the embedded model
(``tests/measure/plan_memory.py`` measures such runs); on GPUs everything is *computed, not
measured*. Time is floating-point operations and bytes over a machine's rates
(`hppt_lib.training.rates`). Where a number is an assumption, it stands here under a name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.machine import usable_memory
from hppt_lib.policy.dimensions import Dimensions, model_dimensions
from hppt_lib.policy.lengths import PromptLengths, prompt_lengths, tokenizer_at_hand
from hppt_lib.terminal import as_text, table
from hppt_lib.tiers import Tier, TrainingSettings, require_device
from hppt_lib.training.data import held_out_instructions, training_instructions, unchecked
from hppt_lib.training.rates import NF4_BYTES, Rates, training_seconds
from hppt_lib.training.settings import RunSettings

GIB = 2**30
_SHORT_PROMPT = 64  # tokens: the longest prompt of hard_train has 54, chat template included
_OTHER_PROMPT = 144  # the longest of train has 132 as SmolLM2 counts
_LONG_PROMPT = 256  # public data sets have longer ones
_SETS = {"instructions": "instructions", "held_out": "held-out instructions"}
_OWN = (".jsonl", ".jsonl.gz")  # a file of the user's, not a name in data/instructions
LOGIT_TILE = (4096, 32768)
"""On a GPU: the tokens, and the words of the vocabulary, whose logits TRL 1.16 holds at a time. It
keeps one such tile, in half precision; the backward pass computes each again and writes its
gradient over it. ``TOKEN_CHUNK_SIZE`` and ``_CHUNKED_LOGPROB_CHUNK_SIZE`` there."""
LOGIT_ROWS = 512
"""On a CPU: the tokens whose logits over the whole vocabulary the kit holds at a time, and their
probabilities beside them, in float32 (`hppt_lib.policy.log_probs`)."""
PYTHON_BYTES = 521 * 2**20
"""Measured: the resident memory of a new process that has imported torch, transformers, peft,
datasets and TRL's ``GRPOTrainer``, before a model is loaded; 382 MiB of it are its own, the rest
are libraries in files. One run on Linux with the CPU build of torch 2.13."""
CUDA_BYTES = 1 * GIB
"""Assumption: CUDA's context and the workspaces of cuBLAS and bitsandbytes."""
FRAGMENTATION = 0.10
"""Assumption: the waste of CUDA's allocator, as a share of what comes and goes; and so of sampling
on the CPU."""
CPU_FRAGMENTATION = 1.0
"""Measured: on the CPU the process grows by about twice what autograd keeps (four sizes of the
embedded model, single runs: 1.9 to 2.3 times), for the system's allocator does not give back what
the forward pass has freed in between. Three sizes took 0.89 to 1.06 times what is planned here."""
USABLE = 0.92
"""Assumption: the share of a GPU's nominal memory that a program gets (a T4 "with 16 GB" reports
14.7 GiB)."""


PHASES = ("prompts", "rollout", "training")
"""What comes and goes in turn: the prompts are read, the responses sampled, the weights trained."""


@dataclass(frozen=True)
class Part:
    """One part of the memory."""

    name: str
    bytes: int
    phase: str  # "always", or one of PHASES
    how: str  # it was counted
    lower: str  # the settings that make it smaller


@dataclass(frozen=True)
class Plan:
    """The memory and time of a training run.

    Attributes:
        tier: name of the tier.
        model: name of the model.
        device: ``cpu`` or ``cuda``.
        parts: the memory by part.
        available: bytes that there are.
        seconds: estimated time of training, without the evaluations.
        basis: what the estimate of the time stands on, and on what assumptions.
        prompts: where the prompts themselves were looked at: the longest and the mean, and how many
            hold demands that nobody checks, in words. Else empty.
    """

    tier: str
    model: str
    device: str
    parts: tuple[Part, ...]
    available: int
    seconds: float
    basis: str
    prompts: str = ""

    def phase(self, name: str) -> int:
        """Bytes of the parts of one phase."""
        return sum(each.bytes for each in self.parts if each.phase == name)

    @property
    def peak(self) -> int:
        """Bytes at the worst moment: what always stays, and the largest of the phases in turn."""
        return self.phase("always") + max(map(self.phase, PHASES))

    @property
    def fits(self) -> bool:
        """Whether the peak is within the available memory."""
        return self.peak <= self.available

    def check(self) -> None:
        """Refuse a plan that cannot fit.

        Raises:
            HpptError: it cannot; the message names the largest part and what to lower.
        """
        if self.fits:
            return
        worst = max(PHASES, key=self.phase)
        counted = [each for each in self.parts if each.phase in ("always", worst) and each.lower]
        largest = max(counted, key=lambda each: each.bytes)
        raise HpptError(
            f"Tier {self.tier} with {self.model} needs {self.peak / GIB:.1f} GiB and "
            f"{self.available / GIB:.1f} GiB are there. The largest part is {largest.name} "
            f"({largest.bytes / GIB:.1f} GiB): {largest.lower}. 'hppt plan' shows all parts."
        )

    def as_json(self) -> dict[str, Any]:
        """The plan as plain values; sizes in bytes, times in seconds."""
        return {**asdict(self), "peak": self.peak, "fits": self.fits}

    def as_table(self) -> str:
        """Memory by part and phase, the peak, and the time with what it stands on."""
        titles = {"always": "stays", "prompts": "while reading the prompts"}
        titles |= {"rollout": "while sampling", "training": "while training"}
        rows: list[Sequence[object] | None] = []
        for phase, title in titles.items():
            parts = [part for part in self.parts if part.phase == phase]
            rows += [None] if rows else []
            rows += [[f"{title}:", f"{self.phase(phase) / GIB:.2f}", ""]]
            rows += [[f"  {part.name}", f"{part.bytes / GIB:.2f}", part.how] for part in parts]
        scaled = "; scaled to four measured runs of the embedded model"
        return as_text(
            table(
                ["memory", "GiB", "how it is counted"],
                rows,
                title=f"Training {self.model} at tier {self.tier}",
                text=(0, 2),
            ),
            f"peak {self.peak / GIB:.1f} GiB of {self.available / GIB:.1f} GiB: it "
            f"{'fits' if self.fits else 'does not fit'} "
            f"(computed{scaled if self.device == 'cpu' else ', not measured'})",
            f"time about {_time(self.seconds)}, loading and evaluations apart ({self.basis})",
            *([self.prompts] if self.prompts else []),
        )

    def as_line(self) -> str:
        """The peak and the time in a line."""
        return (
            f"plan: {self.peak / GIB:.1f} of {self.available / GIB:.1f} GiB, about "
            f"{_time(self.seconds)} of training" + (f"; {self.prompts}" if self.prompts else "")
        )


def _time(seconds: float) -> str:
    if seconds < 5400:
        return f"{max(1, round(seconds / 60))} minutes"
    return f"{seconds / 3600:.1f} hours"


def plan_of(
    run: RunSettings,
    *,
    memory_gib: float | None = None,
    prompt_tokens: int | None = None,
    rates: Rates | None = None,
) -> Plan:
    """The plan of a run.

    The prompts of a JSONL file are looked at: memory is planned for the longest, and time for the
    mean. The model's tokenizer counts them if it is on this machine; nothing is downloaded.

    Args:
        run: its settings.
        memory_gib: memory that there is; None for the tier's GPU, or this machine's.
        prompt_tokens: length of the longest prompt; None for that of a JSONL file, or, with
            instructions out of data/instructions, for 64 at the CPU tiers with ``hard_train``, 144
            with others there, and 256 on a GPU.
        rates: how fast the machine is; None for the tier's data sheet.

    Raises:
        HpptError: the dimensions of the model are not known, the instructions cannot be read, a
            held-out prompt is trained on, or a prompt is too long for the model.
    """
    model = model_dimensions(run.tier.model)
    own, evaluated, demands = _own_prompts(run)
    for lengths in (own, evaluated):
        if lengths:
            lengths.require_room(model.name, model.positions, run.tier.training.max_new_tokens)
    default_length = _LONG_PROMPT if run.tier.gpu_gib else _OTHER_PROMPT
    short = run.tier.gpu_gib is None and run.instructions == "hard_train"
    usual = _SHORT_PROMPT if short else default_length
    return plan_tier(
        run.tier,
        model,
        available=None if memory_gib is None else int(memory_gib * GIB),
        prompt_tokens=prompt_tokens or (own.most if own else usual),
        mean_prompt=own.mean if own and not prompt_tokens else None,
        evaluated_tokens=evaluated.most if evaluated else 0,
        prompts="; ".join([str(own)] * bool(own and not prompt_tokens) + demands),
        rates=rates,
    )


def _own_prompts(
    run: RunSettings,
) -> tuple[PromptLengths | None, PromptLengths | None, list[str]]:
    """The lengths of the prompts that are trained and evaluated on, None for sets of the kit; and
    how many of them hold demands that nobody checks, in words.
    """
    if not any(name.endswith(_OWN) for name in (run.instructions, run.held_out)):
        return None, None, []
    instructions = training_instructions(run.instructions, run.named_reward())
    held_out = held_out_instructions(run.held_out, instructions)
    tokenizer = tokenizer_at_hand(run.tier.model)
    own = evaluated = None
    if run.instructions.endswith(_OWN):
        own = prompt_lengths(instructions, tokenizer)
    if run.held_out.endswith(_OWN):
        evaluated = prompt_lengths(held_out[: run.tier.evaluation.instructions], tokenizer)
    demands = [
        f"{number} of the {_SETS[name]} hold demands that nobody checks"
        for name, number in unchecked(instructions, held_out).items()
    ]
    return own, evaluated, demands


def checked_plan(run: RunSettings) -> Plan:
    """The plan of a run that can be started here.

    Raises:
        HpptError: the tier needs a GPU that is not here, the memory does not suffice, or as
            `plan_of`.
    """
    require_device(run.tier)
    plan = plan_of(run)
    plan.check()
    return plan


def plan_tier(
    tier: Tier,
    model: Dimensions,
    *,
    available: int | None = None,
    prompt_tokens: int = 128,
    mean_prompt: float | None = None,
    evaluated_tokens: int = 0,
    prompts: str = "",
    rates: Rates | None = None,
) -> Plan:
    """Compute the memory and time that training at a tier needs.

    Args:
        tier: the tier's settings.
        model: the dimensions of the policy.
        available: bytes that there are; by default the tier's GPU, or what is free here.
        prompt_tokens: length of the longest prompt in a step, its chat template included.
        mean_prompt: mean length of the prompts, for the time; None takes the longest.
        evaluated_tokens: length of the longest held-out prompt where it was looked at, else 0.
        prompts: see `Plan`.
        rates: how fast the machine is; None for the tier's data sheet.
    """
    on_gpu = tier.gpu_gib is not None
    if available is None:
        available = int(tier.gpu_gib * USABLE * GIB) if tier.gpu_gib else usable_memory().available
    parts = memory(
        model,
        tier.training,
        on_gpu=on_gpu,
        quantize=tier.quantize,
        prompt_tokens=prompt_tokens,
        evaluated=(
            tier.evaluation.batch,
            max(1, tier.evaluation.batch // tier.evaluation.samples),
            evaluated_tokens,
        ),
    )
    device = "cuda" if on_gpu else "cpu"
    seconds, basis = training_seconds(tier, model, mean_prompt or prompt_tokens, rates)
    return Plan(tier.name, model.name, device, parts, available, seconds, basis, prompts)


def memory(
    model: Dimensions,
    settings: TrainingSettings,
    *,
    on_gpu: bool,
    quantize: bool,
    prompt_tokens: int,
    evaluated: tuple[int, int, int] = (0, 0, 0),
) -> tuple[Part, ...]:
    """The memory of a GRPO run with a LoRA adapter on every linear layer, part by part.

    Args:
        model: the dimensions of the policy.
        settings: sizes of the run.
        on_gpu: bfloat16 with gradient checkpointing, as the kit trains there; else float32 without.
        quantize: NF4 for the linear layers (QLoRA).
        prompt_tokens: length of the longest prompt of a step.
        evaluated: responses decoded together in the evaluations, the prompts that they answer, and
            the length of the longest held-out prompt; a length of 0 leaves the evaluations out.
    """
    size = 2 if on_gpu else 4  # bytes of a number that is computed with
    parts = [
        *_staying(model, settings, size, quantize),
        *_while_reading(model, settings, size, quantize, prompt_tokens, evaluated),
        *_while_sampling(model, settings, size, quantize, prompt_tokens, evaluated),
        *_while_training(model, settings, size, quantize, prompt_tokens),
    ]
    for phase in PHASES:
        coming = sum(part.bytes for part in parts if part.phase == phase)
        share = CPU_FRAGMENTATION if phase == "training" and not on_gpu else FRAGMENTATION
        how = f"{100 * share:.0f} % of what comes and goes"
        parts.append(Part("allocator", int(share * coming), phase, how, ""))
    return tuple(parts)


def _staying(
    model: Dimensions, settings: TrainingSettings, size: int, quantize: bool
) -> Iterator[Part]:
    linear = int(model.linear_parameters * (NF4_BYTES if quantize else size))
    form = "NF4 with double quantisation, 4.13 bits a weight" if quantize else f"{8 * size} bits"
    rank, adapter = "lower lora_rank", 4 * model.adapter_parameters(settings.lora_rank)
    tables, how = model.other_parameters * size, f"{8 * size} bits, never quantised"
    yield Part("weights of the linear layers", linear, "always", form, _smaller(quantize))
    yield Part("embeddings, norms and biases", tables, "always", how, _smaller(True))
    yield Part("adapter", adapter, "always", f"LoRA, rank {settings.lora_rank}", rank)
    yield Part("gradients", adapter, "always", "of the adapter only", rank)
    yield Part("optimiser", 2 * adapter, "always", "AdamW: two moments", rank)
    if size == 2:
        yield Part("CUDA and its libraries", CUDA_BYTES, "always", "assumed", "")
        return
    head, how = 2 * 4 * model.vocabulary * model.hidden, "32 bits, a copy for each direction"
    yield Part("output layer, packed", head, "always", how, _smaller(True))
    how = "measured in a new process after its imports"
    yield Part("Python and its libraries", PYTHON_BYTES, "always", how, "")


def _while_reading(
    model: Dimensions,
    settings: TrainingSettings,
    size: int,
    quantize: bool,
    prompt_tokens: int,
    evaluated: tuple[int, int, int],
) -> Iterator[Part]:
    """The prompts of a step are read in one forward pass, before there is a cache of responses.

    What one token takes there, times the tokens: `Dimensions.reading_bytes`. It does not come on
    top of the cache of the responses, which grows when this is gone; so it is a phase of its own.
    """
    prompts, length = settings.prompts_per_step, prompt_tokens
    fewer = "lower prompts_per_step or the length of the prompts"
    if evaluated[1] * evaluated[2] > prompts * length:
        prompts, length = evaluated[1:]
        fewer = "lower evaluation.batch or the length of the held-out prompts"
    beside = size == 2 or quantize  # else the adapter is added in (`sampling_weights`)
    read = prompts * length * model.reading_bytes(size, beside)
    how = f"{prompts} prompts × {length} tokens, one layer's MLP"
    yield Part("activations of the prompts", read, "prompts", how, fewer)
    cache = prompts * length * model.cache_bytes(size)
    yield Part("their key-value cache", cache, "prompts", f"{prompts} × {length} tokens", fewer)
    yield from _to_sample_with(model, size, quantize, "prompts")


def _while_sampling(
    model: Dimensions,
    settings: TrainingSettings,
    size: int,
    quantize: bool,
    prompt_tokens: int,
    evaluated: tuple[int, int, int],
) -> Iterator[Part]:
    rollouts, length = settings.rollouts, prompt_tokens + settings.max_new_tokens
    fewer = "lower prompts_per_step, group_size or max_new_tokens"
    rows, held_out = evaluated[0], evaluated[2] + settings.max_new_tokens
    if evaluated[2] and rows * held_out > rollouts * length:
        rollouts, length = rows, held_out
        fewer = "lower evaluation.batch or the length of the held-out prompts"
    cache = rollouts * length * model.cache_bytes(size)
    # Each step writes a layer's keys anew, one token longer, while the old ones are there.
    cache += cache // (2 * model.layers)
    logits = rollouts * model.vocabulary * 4 * 3
    yield Part("key-value cache", cache, "rollout", f"{rollouts} rollouts × {length} tokens", fewer)
    yield Part("logits of a token", logits, "rollout", f"{rollouts} rows, 3 copies", fewer)
    yield from _to_sample_with(model, size, quantize, "rollout")


def _to_sample_with(model: Dimensions, size: int, quantize: bool, phase: str) -> Iterator[Part]:
    if size == 4 and not quantize:
        merged, how = 4 * model.linear_parameters, "32 bits, with the adapter added in"
        yield Part("weights to sample with", merged, phase, how, _smaller(quantize))
    if quantize:
        yield _unpacked(model, size, phase)


def _while_training(
    model: Dimensions, settings: TrainingSettings, size: int, quantize: bool, prompt_tokens: int
) -> Iterator[Part]:
    rows = min(settings.micro_batch, settings.rollouts)
    tokens = rows * settings.max_new_tokens  # the output layer sees no token of a prompt
    layer = model.activation_bytes(settings.lora_rank, size)
    if size == 2:  # on a GPU
        read = rows * (prompt_tokens + settings.max_new_tokens)
        kept = (model.hidden * size * model.layers + layer) * read
        how = (
            f"{rows} rows × {read // rows} tokens; gradient checkpointing: the inputs of "
            f"{model.layers} layers, one layer whole"
        )
        tall, wide = min(tokens, LOGIT_TILE[0]), LOGIT_TILE[1]
        logits, tile = tall * wide * size, f"a tile of {tall} tokens × {wide} words, 16 bits"
    else:
        prompts = math.ceil(rows / settings.group_size)  # a group's prompt is read once
        read = prompts * prompt_tokens + tokens
        kept = layer * read * model.layers
        how = (
            f"{rows} responses and the prompts of {prompts}, {read} tokens × {model.layers} "
            "layers, all kept for the backward pass"
        )
        tall = min(tokens, LOGIT_ROWS)
        logits = 2 * tall * model.vocabulary * size
        tile = f"{tall} tokens × {model.vocabulary} words, logits and probabilities"
    fewer = "lower micro_batch, max_new_tokens or the length of the prompts"
    yield Part("activations", kept, "training", how, fewer)
    yield Part("logits", logits, "training", tile, "lower micro_batch or max_new_tokens")
    if quantize:
        yield _unpacked(model, size, "training")


def _unpacked(model: Dimensions, size: int, phase: str) -> Part:
    largest = max(inputs * outputs for inputs, outputs in model.linear_shapes)
    return Part("a layer's weights, unpacked", largest * size, phase, "the largest layer", "")


def _smaller(quantized: bool) -> str:
    return "choose a smaller model" + ("" if quantized else ", or quantize: true")
