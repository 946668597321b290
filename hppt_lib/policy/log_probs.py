"""Computes the log-probabilities of the responses' tokens, and of no other tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from hppt_lib.policy.speedups import OutputLayer

TOGETHER = 2048  # tokens that are read as one sequence: attention grows with their square
ROWS = 512  # tokens whose logits are in memory at a time: 100 MB with 49,152 words
_LOGITS_AT_ONCE = 2**26  # where all are computed: 0.6 GiB in 16 and, twice, in 32 bits

_Row = tuple[tuple[int, ...], list[int]]  # token ids of a prompt and of a response
_LOOKED_AT = ("llama", "qwen2", "qwen3")

# Settings of models whose logits are more than a matrix times the hidden state.
_SCALED = (
    "final_logit_softcapping",
    "logit_scale",
    "output_multiplier",
    "lm_head_multiplier",
    "logits_scaling",
)


def is_plain(model: Any) -> bool:
    """Whether `token_log_probs` is right for a model: float32 on a CPU, plain output layer."""
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    head = base.get_output_embeddings()
    settings = base.config.get_text_config()
    return (
        type(head) is torch.nn.Linear
        and head.bias is None
        and not head.weight.requires_grad
        and head.weight.dtype == torch.float32
        and head.weight.device.type == "cpu"
        and all(getattr(settings, name, None) is None for name in _SCALED)
        and not getattr(base, "is_activation_checkpointing", False)
    )


def token_log_probs(
    model: Any,
    input_ids: Tensor,
    attention_mask: Tensor,
    length: int,
    temperature: float,
    prompt_once: bool = True,
) -> tuple[Tensor, Tensor]:
    """Log-probability of each token of the responses, and the entropy there.

    Args:
        model: a causal language model for which `is_plain` holds.
        input_ids: shape (B, P + C): prompts, padded on the left, and responses, padded on the
            right.
        attention_mask: the same shape, 0 at padding.
        length: C, in tokens.
        temperature: what logits are divided by.
        prompt_once: read all rows as one sequence in which each prompt stands once, where the
            model allows it.

    Returns:
        Two tensors of shape (B, C), 0 at padding. The entropy (nats) carries no gradient.
    """
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    responses, used = input_ids[:, -length:], attention_mask[:, -length:].bool()
    if prompt_once and attends_only(base):
        rows = _rows(input_ids, attention_mask, length)
        pieces = [_hidden_once(base.base_model, some) for some in _pieces(rows)]
        hidden = torch.cat(pieces)
    else:
        hidden = _hidden(base.base_model, input_ids, attention_mask, length)[used]
    head = base.get_output_embeddings()
    output = getattr(head, "output_layer", None) or OutputLayer(head.weight, packed=False)
    values, entropies = _HeadLogProbs.apply(hidden, output, responses[used], temperature)
    zeros = hidden.new_zeros(used.shape)
    return zeros.masked_scatter(used, values), zeros.masked_scatter(used, entropies)


@torch.no_grad()
def response_log_probs(
    model: Any, rows: Sequence[tuple[Sequence[int], Sequence[int]]]
) -> list[Tensor]:
    """Log-probability of each token of responses given as token ids, at temperature 1.

    Rows with one prompt next to each other are the cheapest. Nothing is kept for a gradient.

    Args:
        model: a causal language model; where `is_plain` does not hold, all logits of a few rows
            are computed at a time.
        rows: of each response the tokens of its prompt, and its own.

    Returns:
        For each row a tensor of shape (tokens of its response,).
    """
    longest = max((len(answer) for _, answer in rows), default=0)
    plain = is_plain(model)
    words = model.config.get_text_config().vocab_size
    together = max(1, _LOGITS_AT_ONCE // ((longest + 1) * words))
    if not plain and len(rows) > together:
        pieces = (rows[start : start + together] for start in range(0, len(rows), together))
        return [each for piece in pieces for each in response_log_probs(model, piece)]
    widest = max((len(prompt) for prompt, _ in rows), default=0)
    ids = torch.zeros((len(rows), widest + longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, (prompt, answer) in enumerate(rows):
        place = slice(widest - len(prompt), widest + len(answer))
        ids[row, place] = torch.tensor([*prompt, *answer])
        mask[row, place] = 1
    if plain:
        values, _ = token_log_probs(model, ids, mask, longest, 1.0)
    else:
        ids, mask = ids.to(model.device), mask.to(model.device)
        logits = model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=_positions(mask),
            use_cache=False,
            logits_to_keep=longest + 1,
        ).logits
        log_probs = torch.log_softmax(logits[:, :-1].float(), -1)
        values = log_probs.gather(-1, ids[:, widest:, None])[..., 0]
    return [values[row, : len(answer)] for row, (_, answer) in enumerate(rows)]


def _positions(mask: Tensor) -> Tensor:
    """The place of each token in its own row, padding aside."""
    return (mask.cumsum(-1) - 1).clamp(min=0)


def attends_only(base: Any) -> bool:
    """Whether the model only uses full attention, which works under any mask.

    A state space layer or a sliding window would carry one response into the next. Families that
    were not looked at are read with padding.
    """
    settings = base.config.get_text_config()
    kinds = getattr(settings, "layer_types", None) or ["full_attention"]
    return (
        settings.model_type in _LOOKED_AT
        and all(each == "full_attention" for each in kinds)
        and settings._attn_implementation == "sdpa"
    )


def _rows(input_ids: Tensor, mask: Tensor, length: int) -> list[_Row]:
    """The prompt and the response of each row, without padding."""
    places = input_ids.shape[1] - length
    rows = []
    for ids, used in zip(input_ids, mask.bool(), strict=True):
        prompt, answer = (ids[part][used[part]] for part in (slice(places), slice(places, None)))
        rows.append((tuple(prompt.tolist()), answer.tolist()))
    return rows


def _pieces(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """The rows in their order, cut so that each piece has `TOGETHER` tokens or is one row."""
    piece: list[_Row] = []
    prompts: set[tuple[int, ...]] = set()
    size = 0
    for prompt, answer in rows:
        size += len(answer) + (len(prompt) if prompt not in prompts else 0)
        if piece and size > TOGETHER:
            yield piece
            piece, prompts, size = [], set(), len(prompt) + len(answer)
        piece.append((prompt, answer))
        prompts.add(prompt)
    yield piece


def _hidden_once(backbone: Any, rows: Sequence[_Row]) -> Tensor:
    """The hidden state before each token of the responses, shape (tokens of all, hidden).

    All rows are one sequence: each prompt once, and after it the responses to it. A token sees its
    own response up to itself, and that response's prompt.
    """
    ids: list[int] = []
    positions: list[int] = []
    parts: list[tuple[int, int, int, int]] = []  # own first place and end, those of the prompt
    before: dict[int, list[int]] = {}  # of each row: where the hidden states before its tokens are
    for prompt in dict.fromkeys(prompt for prompt, _ in rows):
        begin, end = len(ids), len(ids) + len(prompt)
        ids += prompt
        positions += range(len(prompt))
        parts.append((begin, end, begin, begin))
        for row, (asked, answer) in enumerate(rows):
            if asked != prompt:
                continue
            own = answer[:-1]  # nothing is predicted from the last token
            parts.append((len(ids), len(ids) + len(own), begin, end))
            places = [end - 1, *range(len(ids), len(ids) + len(own))]
            before[row] = places[: len(answer)]
            ids += own
            positions += range(len(prompt), len(prompt) + len(own))
    sees = torch.zeros(len(ids), len(ids), dtype=torch.bool)
    for start, stop, first, last in parts:
        sees[start:stop, start:stop] = True
        sees[start:stop, first:last] = True
    output = backbone(
        input_ids=torch.tensor([ids]),
        attention_mask=sees.tril_()[None, None],
        position_ids=torch.tensor([positions]),
        use_cache=False,
    )
    hidden: Tensor = output.last_hidden_state[0]
    wanted = [place for row in range(len(rows)) for place in before[row]]
    return hidden.index_select(0, torch.tensor(wanted, dtype=torch.long))


def _hidden(backbone: Any, input_ids: Tensor, mask: Tensor, length: int) -> Tensor:
    """The hidden state before each token of the responses, shape (B, C, hidden)."""
    output = backbone(
        input_ids=input_ids[:, :-1],
        attention_mask=mask[:, :-1],
        position_ids=_positions(mask)[:, :-1],
        use_cache=False,
    )
    hidden: Tensor = output.last_hidden_state
    return hidden[:, -length:]


class _HeadLogProbs(torch.autograd.Function):
    """Hidden states (N, H), an output layer and labels (N,) to log-probabilities (N,).

    The derivative of a token's log-probability by its hidden state is (weight of the label - mean
    weight under the policy) / temperature. It is computed beside the value, so that neither N x V
    logits are kept nor are they computed again.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, output: OutputLayer, labels: Tensor, temperature: float
    ) -> tuple[Tensor, Tensor]:
        values, entropies, slopes = [], [], []
        for some, wanted in zip(hidden.split(ROWS), labels.split(ROWS), strict=True):
            logits = output.logits(some).div_(temperature)
            total = logits.logsumexp(dim=-1, keepdim=True)
            values.append((logits.gather(1, wanted[:, None]) - total).squeeze(1))
            chances = (logits - total).exp_()
            entropies.append(total.squeeze(1) - torch.linalg.vecdot(chances, logits))
            if ctx.needs_input_grad[0]:
                slopes.append((output.weight[wanted] - output.means(chances)).div_(temperature))
        empty = hidden.new_zeros(0)
        ctx.save_for_backward(torch.cat(slopes) if slopes else empty)
        value, entropy = (torch.cat(each) if each else empty for each in (values, entropies))
        ctx.mark_non_differentiable(entropy)
        return value, entropy

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (slopes,) = ctx.saved_tensors
        return gradients[0][:, None] * slopes, None, None, None
