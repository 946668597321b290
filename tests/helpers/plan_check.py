"""The plan beside measurement: the peak memory of a real training run on the CPU."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hppt_lib.policy.dimensions import Dimensions
from hppt_lib.training.plan import PHASES, memory

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy
    from hppt_lib.tiers import TrainingSettings

WIDE = Dimensions("wide", 4, 256, 768, 8, 4, 32, 4096, True)


@dataclass(frozen=True)
class MemoryCheck:
    """What a run took beside what the plan says.

    Attributes:
        planned: bytes that come and go in the worse of both phases, and the packed output layer, by
            the plan.
        measured: bytes that the process grew by from before training to its peak, less the adapter,
            its gradients and the optimiser's moments as the plan counts them.
        prompt_tokens: length of the longest prompt.
    """

    planned: int
    measured: int
    prompt_tokens: int

    @property
    def ratio(self) -> float:
        """Measured over planned: above 1 where the plan promises too much."""
        return self.measured / self.planned


def peak_growth(work: Callable[[], object], every: float = 0.002) -> int:
    """Bytes by which this process's memory grows, at most, while ``work`` runs.

    The resident memory that psutil reports is read every ``every`` seconds in a thread, so that a
    peak shorter than that can be missed. What was freed but not given back to the system before
    is used again without growth: measure in a fresh process.
    """
    import psutil

    process = psutil.Process()
    start = peak = process.memory_info().rss
    done = threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(every):
            peak = max(peak, process.memory_info().rss)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        work()
    finally:
        done.set()
        thread.join()
    return max(peak, process.memory_info().rss) - start


def most_allocated(work: Callable[[], object]) -> int:
    """Bytes of tensors on the CPU that exist at once, at most, while ``work`` runs a second time.

    torch's profiler reports each allocation: this is of tensors alone, and exact.
    """
    import torch

    work()
    cpu = torch.profiler.ProfilerActivity.CPU
    with torch.profiler.profile(activities=[cpu], profile_memory=True) as profiled:
        work()
    events = profiled.profiler.kineto_results.events()  # type: ignore[union-attr]
    now = most = 0
    changes = sorted((e for e in events if e.name() == "[memory]"), key=lambda e: e.start_ns())
    for change in changes:
        now += change.nbytes()
        most = max(most, now)
    return most


def check_memory(
    policy: Policy, model: Dimensions, settings: TrainingSettings, *, warm_up: Policy
) -> MemoryCheck:
    """Train two steps on the CPU and compare the memory that it took with the plan.

    The reward is noise, so that every group has advantages and no rollout is left out.

    Args:
        policy: trained in place; load it for this alone.
        model: its dimensions.
        settings: sizes of the run; two steps are done.
        warm_up: another policy, tiny, that is trained before: libraries are then loaded already.
    """
    from hppt_lib.instructions.model import shipped_instructions
    from hppt_lib.policy.sampling import chat_tokens
    from hppt_lib.rewards import noisy
    from hppt_lib.training import TrainingJob, train

    instructions = shipped_instructions("hard_train")[: 4 * settings.prompts_per_step]
    noise = noisy(false_pass=0.5, false_fail=0.5)
    small = replace(
        settings, steps=1, prompts_per_step=1, group_size=2, max_new_tokens=2, micro_batch=2
    )
    train(warm_up, TrainingJob(instructions, noise, small, seed=0), progress=False)
    # Every page of the weights is read once: memory that is mapped from a file counts only then.
    for weights in policy.model.parameters():
        weights.sum()
    job = TrainingJob(instructions, noise, replace(settings, steps=2), seed=0)
    grown = peak_growth(lambda: train(policy, job, progress=False))
    longest = max(len(chat_tokens(policy.tokenizer, each.prompt)) for each in instructions)
    parts = memory(model, settings, on_gpu=False, quantize=False, prompt_tokens=longest)
    own = sum(each.bytes for each in parts if each.name in ("adapter", "gradients", "optimiser"))
    coming = [sum(each.bytes for each in parts if each.phase == p) for p in PHASES]
    packed = sum(each.bytes for each in parts if each.name == "output layer, packed")
    planned = max(coming) + packed
    return MemoryCheck(planned, max(0, grown - own), longest)


def wide_policy() -> Policy:
    """Random weights of `WIDE` behind the tiny tokenizer."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    from tests.helpers.tiny import tiny_policy

    small = tiny_policy()
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=WIDE.vocabulary,
            hidden_size=WIDE.hidden,
            intermediate_size=WIDE.intermediate,
            num_hidden_layers=WIDE.layers,
            num_attention_heads=WIDE.heads,
            num_key_value_heads=WIDE.kv_heads,
            tie_word_embeddings=True,
        )
    )
    model.generation_config = small.model.generation_config
    return replace(small, model=model.eval())
