"""Sampling by transformers' continuous batching: a paged cache, and CUDA graphs on a GPU.

The kit's own sampler (`hppt_lib.policy.sampling`) launches every kernel of every token by hand, and
for large models on a GPU waits for little else. This engine replays recorded graphs instead, shares
the cache of a prompt among its responses, and puts a new response in the place of a finished one.
What it draws comes from the same distribution, adapter and 4-bit base included; which responses a
seed gives is another matter.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from hppt_lib.errors import HpptError

_PAGE = 64  # tokens of a page of the cache
_AT_ONCE = 128
"""Responses that the cache has room for; more wait for their turn. Left to itself the engine would
take nine tenths of a GPU's free memory, and leave none to a second run."""


@torch.no_grad()
def sample_continuously(
    model: Any,
    prompt_ids: Sequence[Sequence[int]],
    *,
    samples: int,
    max_new_tokens: int,
    temperature: float,
    seed: int,
    pad_id: int,
    end_ids: frozenset[int],
    log_probs: list[list[float]] | None = None,
) -> list[list[int]]:
    """Sample completions as token ids, as `hppt_lib.policy.sampling.sample_tokens` does.

    Args:
        model: a causal language model in evaluation mode, with or without an adapter.
        prompt_ids: token ids of P prompts, of any lengths.
        samples: completions for each prompt, S.
        max_new_tokens: the longest completion, in tokens.
        temperature: 0 takes the likeliest token every time.
        seed: of this call. The state of torch's own source of chance is left as it was.
        pad_id: the tokenizer's padding token.
        end_ids: a completion ends with the first of these, which it includes.
        log_probs: is filled with one list for each completion: the log-probability of each of its
            tokens at this temperature. None asks for none.

    Returns:
        P × S lists of token ids: the samples of the first prompt first.

    Raises:
        HpptError: the engine failed; the message has its words.
    """
    from transformers import ContinuousBatchingConfig, GenerationConfig

    settings = GenerationConfig(
        do_sample=temperature > 0,
        **({"temperature": temperature, "top_k": 0, "top_p": 1.0} if temperature > 0 else {}),
        max_new_tokens=max_new_tokens,
        eos_token_id=sorted(end_ids) or None,
        pad_token_id=pad_id,
    )
    on_cpu = model.device.type == "cpu"
    rows = [list(ids) for ids in prompt_ids for _ in range(samples)]
    longest = max(map(len, rows)) + max_new_tokens
    at_once = min(len(rows), _AT_ONCE)
    engine = ContinuousBatchingConfig(
        page_size=_PAGE,
        num_blocks=at_once * (-(-longest // _PAGE) + 1),
        max_batch_tokens=max(512, at_once + longest),
        # On a GPU the engine decides whether graphs suit; on a CPU there are none.
        use_cuda_graph=False if on_cpu else None,
        return_logprobs=log_probs is not None,
        seed=seed,
        auto_switch_to_flash=False,  # it would fetch a kernel from the hub
    )
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    kept = base.config._attn_implementation
    devices = [] if on_cpu else [model.device]
    try:
        with _said() as said, torch.random.fork_rng(devices=devices):
            done = base.generate_batch(
                inputs=rows, generation_config=settings, continuous_batching_config=engine
            )
    finally:
        if base.config._attn_implementation != kept:
            base.set_attn_implementation(kept)
    outputs = list(done.values())
    broken = [each.error for each in outputs if each.error is not None]
    if broken or len(outputs) != len(rows):
        why = broken[0] if broken else "; ".join(said) or "it gave no reason"
        raise HpptError(
            f"transformers' continuous batching failed ({why}). Set sampler=kit for the kit's own "
            "sampler."
        )
    if log_probs is not None:
        log_probs[:] = [list(map(float, each.logprobs)) for each in outputs]
    return [list(each.generated_tokens) for each in outputs]


@contextmanager
def _said() -> Iterator[list[str]]:
    """Collect what the engine logs as an error: it reports its failures in no other way."""
    lines: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage().splitlines()[0])

    logger = logging.getLogger("transformers.generation.continuous_batching")
    handler, level = Collecting(logging.ERROR), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.ERROR)
    try:
        yield lines
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
