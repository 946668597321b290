"""Rollouts: sampled responses of a policy, in batches, reproducible from a seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import torch
from tqdm.auto import tqdm

from hppt_lib.errors import HpptError
from hppt_lib.policy.continuous import sample_continuously
from hppt_lib.policy.speedups import SpeedUps, sampling_weights
from hppt_lib.tiers import known_sampler
from hppt_lib.verifiers import THOUGHT_MARKS, Marks

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


NO_TEMPLATE = (
    "{name} has no chat template, so it cannot be given instructions: it is a base model, or its "
    "template was not saved with it (chat_template.jinja, or 'chat_template' in "
    "tokenizer_config.json). Take the Instruct version, or put the template beside the tokenizer."
)
_FEW = 4  # responses
Prompt = str | Sequence[Mapping[str, str]]
"""A user turn, or the messages of a conversation, each with ``role`` and ``content``."""

_STAND_IN = "\ue000"  # for a prompt: a character that no template has


@dataclass(frozen=True)
class Rollout:
    """One sampled response.

    Attributes:
        text: the response, without special tokens. Thoughts are part of it, also the mark that
            begins them where the chat template puts it into the prompt.
        token_ids: its tokens, the end token included if one was sampled.
        finished: True if the policy ended the response itself (False: cut at the token limit).
    """

    text: str
    token_ids: tuple[int, ...]
    finished: bool


@dataclass(frozen=True)
class Chat:
    """How a model is asked in its chat template, and how its reply becomes a response.

    Attributes:
        tokenizer: the model's tokenizer.
        thinking: the template's ``enable_thinking``; None leaves it to the template.
        thoughts: the marks of thoughts that a response keeps.

    Raises:
        HpptError: ``thinking`` is given, and the template does not know it.
    """

    tokenizer: PreTrainedTokenizerBase
    thinking: bool | None = None
    thoughts: Marks = THOUGHT_MARKS

    def __post_init__(self) -> None:
        if self.thinking is not None and "enable_thinking" not in str(self.tokenizer.chat_template):
            raise HpptError(
                "thinking is set, and this model's chat template has no switch for it "
                "(enable_thinking). Leave thinking out, or choose another model."
            )

    @property
    def template_settings(self) -> dict[str, bool]:
        """What the template is given besides the messages."""
        return {} if self.thinking is None else {"enable_thinking": self.thinking}

    def prompt_tokens(self, prompt: Prompt) -> list[int]:
        """The token ids of one user turn, or of a conversation, ready for the reply."""
        encoded = self._rendered(prompt, tokenize=True, return_dict=True)
        return list(encoded["input_ids"])

    @cached_property
    def opening(self) -> str:
        """The end of the prompt from the mark on that begins thoughts; empty if none is open.

        The template of some thinking models puts this mark into the prompt. A reply that is cut in
        its thoughts would then hold no mark at all, and look like an answer.
        """
        end = self._rendered(_STAND_IN, tokenize=False).rpartition(_STAND_IN)[2]
        places = [
            end.rfind(first) for first, last in self.thoughts if last not in end[end.rfind(first) :]
        ]
        place = max(places, default=-1)
        return end[place:] if place >= 0 else ""

    def response(self, token_ids: Sequence[int]) -> str:
        """The response that a reply's tokens make, with all marks of its thoughts."""
        if self._dropped is None:
            text = self.tokenizer.decode(token_ids, skip_special_tokens=True)
        else:
            kept = [id for id in token_ids if id not in self._dropped]
            text = self.tokenizer.decode(kept, skip_special_tokens=False)
        return self.opening + str(text)

    @cached_property
    def _dropped(self) -> frozenset[int] | None:
        """The special tokens that are no part of a mark; None if no mark is made of special ones.

        Some models write the marks of thoughts as special tokens, such as [THINK].
        """
        known = self.tokenizer.added_tokens_decoder
        special = {id: each.content for id, each in known.items() if each.special and each.content}
        marks = " ".join(mark for pair in self.thoughts for mark in pair)
        dropped = frozenset(id for id, content in special.items() if content not in marks)
        return dropped if len(dropped) < len(special) else None

    def _rendered(self, prompt: Prompt, **how: bool) -> Any:
        if not self.tokenizer.chat_template:
            raise HpptError(NO_TEMPLATE.format(name="This model"))
        turns = [{"role": "user", "content": prompt}] if isinstance(prompt, str) else prompt
        return self.tokenizer.apply_chat_template(
            [dict(turn) for turn in turns],
            add_generation_prompt=True,
            **how,
            **self.template_settings,
        )


def chat_tokens(
    tokenizer: PreTrainedTokenizerBase, prompt: str, thinking: bool | None = None
) -> list[int]:
    """The token ids of one user turn in the model's chat template, ready for the reply.

    Args:
        tokenizer: the model's tokenizer.
        prompt: the user turn.
        thinking: see `Chat`.

    Raises:
        HpptError: there is no chat template; or ``thinking`` is given, and the template does not
            know it.
    """
    return Chat(tokenizer, thinking).prompt_tokens(prompt)


def sample(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    prompts: Sequence[Prompt],
    *,
    samples: int,
    max_new_tokens: int,
    temperature: float,
    seed: int,
    batch: int = 48,
    thinking: bool | None = None,
    thoughts: Marks = THOUGHT_MARKS,
    progress: str | None = None,
    sampler: str = "kit",
) -> list[list[Rollout]]:
    """Sample responses to each prompt.

    Args:
        model: a causal language model, with or without an adapter.
        tokenizer: its tokenizer.
        prompts: user turns, or whole conversations that end with one; each is put into the model's
            chat template.
        samples: responses for each prompt.
        max_new_tokens: the longest response, in tokens.
        temperature: 0 takes the likeliest token every time.
        seed: the same seed on the same machine gives the same responses.
        batch: responses decoded together (at least ``samples`` are).
        thinking: whether a model thinks first that can be told; None leaves it to its template.
        thoughts: the marks of thoughts that the responses keep.
        progress: the title of a progress bar; None shows none.
        sampler: ``kit``; or ``continuous``, which takes all prompts together
            (`hppt_lib.policy.continuous`).

    Returns:
        For each prompt, a list of ``samples`` rollouts.

    Raises:
        HpptError: ``thinking`` is given, and the model's chat template does not know it; or there
            is no such sampler.
    """
    continuous = known_sampler(sampler) == "continuous"
    chat = Chat(tokenizer, thinking, thoughts)
    generator = torch.Generator(device=model.device).manual_seed(seed)
    token_ids = [chat.prompt_tokens(prompt) for prompt in prompts]
    ends = end_token_ids(model, tokenizer)
    # Prompts of like length together: less padding. The order of the answer is restored below.
    order = sorted(range(len(prompts)), key=lambda index: (len(token_ids[index]), index))
    step = len(order) if continuous else max(1, batch // samples)
    rollouts: list[list[Rollout]] = [[] for _ in prompts]
    was_training = model.training
    model.eval()
    # Preparing the weights takes longer than a few responses do.
    speed_ups = SpeedUps() if len(prompts) * samples >= _FEW else SpeedUps.none()
    try:
        with (
            tqdm(total=len(prompts) * samples, desc=progress, disable=progress is None) as bar,
            sampling_weights(model, speed_ups),
        ):
            for start in range(0, len(order), max(1, step)):
                chosen = order[start : start + step]
                asked: dict[str, Any] = {
                    "prompt_ids": [token_ids[index] for index in chosen],
                    "samples": samples,
                    "max_new_tokens": max_new_tokens,
                    "temperature": temperature,
                    "pad_id": int(tokenizer.pad_token_id),
                    "end_ids": ends,
                }
                if continuous:
                    completions = sample_continuously(model, seed=seed, **asked)
                else:
                    completions = sample_tokens(model, generator=generator, **asked)
                for row, ids in enumerate(completions):
                    finished = bool(ids) and ids[-1] in ends
                    rollouts[chosen[row // samples]].append(
                        Rollout(chat.response(ids), tuple(ids), finished)
                    )
                bar.update(len(completions))
    finally:
        model.train(was_training)
    return rollouts


def end_token_ids(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """The ids of the tokens that end a response, from the generation settings and the tokenizer."""
    configured = getattr(getattr(model, "generation_config", None), "eos_token_id", None)
    listed = configured if isinstance(configured, list) else [configured]
    known = [tokenizer.eos_token_id, *listed]
    return frozenset(int(each) for each in known if isinstance(each, int))


@torch.no_grad()
def sample_tokens(
    model: PreTrainedModel,
    prompt_ids: Sequence[Sequence[int]],
    *,
    samples: int,
    max_new_tokens: int,
    temperature: float,
    generator: torch.Generator,
    pad_id: int,
    end_ids: frozenset[int],
    prefill_once: bool = True,
    drop_finished: bool = True,
    entropies: list[list[float]] | None = None,
) -> list[list[int]]:
    """Sample completions as token ids.

    Each prompt is read once and its key-value cache repeated over its samples; finished rows are
    dropped from the batch as soon as one in eight is finished.

    Args:
        model: a causal language model in evaluation mode.
        prompt_ids: token ids of P prompts, of any lengths.
        samples: completions for each prompt, S.
        max_new_tokens: the longest completion, in tokens.
        temperature: 0 takes the likeliest token every time.
        generator: the source of chance, on the model's device.
        pad_id: fills the left of shorter prompts (it is masked).
        end_ids: a completion ends with the first of these, which it includes.
        prefill_once: False reads a prompt again for each of its samples.
        drop_finished: False keeps finished rows in the batch to the end.
        entropies: is filled with one list for each completion: the entropy (nats) of what each of
            its tokens was drawn from, at this temperature. None computes none.

    Returns:
        P × S lists of token ids: the samples of the first prompt first.

    Raises:
        FloatingPointError: the model's logits are not numbers (its weights are broken).
    """
    from transformers import DynamicCache

    device = model.device
    if not prefill_once:
        prompt_ids = [ids for ids in prompt_ids for _ in range(samples)]
        samples = 1
    longest = max(map(len, prompt_ids))
    padded = [[pad_id] * (longest - len(ids)) + list(ids) for ids in prompt_ids]
    input_ids = torch.tensor(padded, device=device)
    lengths = torch.tensor([len(ids) for ids in prompt_ids], device=device)
    mask = (torch.arange(longest, device=device) >= (longest - lengths)[:, None]).long()

    # 1. Read each prompt once; its last logits start all of its samples.
    cache = DynamicCache()
    output = model(
        input_ids=input_ids,
        attention_mask=mask,
        position_ids=(mask.cumsum(-1) - 1).clamp(min=0),
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    cache.batch_repeat_interleave(samples)
    logits = output.logits[:, -1].repeat_interleave(samples, dim=0)
    mask = mask.repeat_interleave(samples, dim=0)
    positions = lengths.repeat_interleave(samples)
    rows = list(range(len(prompt_ids) * samples))  # which completion each row of the batch is
    completions: list[list[int]] = [[] for _ in rows]
    if entropies is not None:
        entropies[:] = [[] for _ in rows]
    alive = torch.ones(len(rows), dtype=torch.bool, device=device)
    ends = torch.tensor(sorted(end_ids), device=device)

    for step in range(max_new_tokens):
        # 2. Choose a token for each row.
        chosen = _choose(logits.float(), temperature, generator)
        if entropies is not None:
            spread = _entropy(logits.float(), temperature).tolist()
            for row, nats, open_ in zip(rows, spread, alive.tolist(), strict=True):
                if open_:
                    entropies[row].append(nats)
        for row, token, open_ in zip(rows, chosen.tolist(), alive.tolist(), strict=True):
            if open_:
                completions[row].append(token)
        alive &= ~torch.isin(chosen, ends)
        if step == max_new_tokens - 1 or not alive.any():
            break
        # 3. Drop finished rows once that saves enough to pay for copying the cache.
        if drop_finished and int(alive.sum()) <= 0.875 * len(rows):
            keep = alive.nonzero(as_tuple=True)[0]
            cache.batch_select_indices(keep)
            chosen, mask, positions, alive = (
                each[keep] for each in (chosen, mask, positions, alive)
            )
            rows = [rows[index] for index in keep.tolist()]
        # 4. One more token for every row.
        mask = torch.cat([mask, mask.new_ones(len(rows), 1)], dim=1)
        logits = model(
            input_ids=chosen[:, None],
            attention_mask=mask,
            position_ids=positions[:, None],
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        ).logits[:, -1]
        positions = positions + 1
    return completions


def _entropy(logits: torch.Tensor, temperature: float) -> torch.Tensor:
    """Entropy in nats of each row's distribution, shape (rows, vocabulary) to (rows,)."""
    if temperature == 0:
        return logits.new_zeros(len(logits))
    scaled = logits / temperature
    total = scaled.logsumexp(dim=-1, keepdim=True)
    return total.squeeze(1) - torch.linalg.vecdot((scaled - total).exp_(), scaled)


def _choose(logits: torch.Tensor, temperature: float, generator: torch.Generator) -> torch.Tensor:
    """One token id for each row of ``logits``, shape (rows, vocabulary) to (rows,)."""
    if temperature == 0:
        return logits.argmax(-1)
    # One uniform number a row and the inverse of the distribution function: `torch.multinomial`
    # draws one for each word of the vocabulary, a tenth of the time of sampling on a CPU.
    reached = torch.softmax(logits / temperature, dim=-1).cumsum(-1, dtype=torch.float64)
    whole = reached[:, -1:]
    if not torch.isfinite(whole).all():
        raise FloatingPointError("the policy's logits are not numbers")
    drawn = torch.rand(whole.shape, generator=generator, device=logits.device, dtype=torch.float64)
    return torch.searchsorted(reached, drawn * whole, right=True).squeeze(1)
