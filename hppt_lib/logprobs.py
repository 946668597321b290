"""Log-probabilities of the tokens of responses, with no work for any other token."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

ROWS = 512  # tokens whose logits are in memory at a time: 100 MB with 49,152 words

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
        prompt_once: read rows with one prompt's tokens once up to its end.

    Returns:
        Two tensors of shape (B, C), 0 at padding. The entropy (nats) carries no gradient.
    """
    base = model.get_base_model() if hasattr(model, "get_base_model") else model
    responses, used = input_ids[:, -length:], attention_mask[:, -length:].bool()
    read = _hidden_prompt_once if prompt_once else _hidden
    hidden = read(base.base_model, input_ids, attention_mask, length)
    values, entropies = _HeadLogProbs.apply(
        hidden[used], base.get_output_embeddings().weight, responses[used], temperature
    )
    zeros = hidden.new_zeros(used.shape)
    return zeros.masked_scatter(used, values), zeros.masked_scatter(used, entropies)


def _hidden(backbone: Any, input_ids: Tensor, mask: Tensor, length: int) -> Tensor:
    """The hidden state before each token of the responses, shape (B, C, hidden)."""
    output = backbone(
        input_ids=input_ids[:, :-1],
        attention_mask=mask[:, :-1],
        position_ids=(mask.cumsum(-1) - 1).clamp(min=0)[:, :-1],
        use_cache=False,
    )
    hidden: Tensor = output.last_hidden_state
    return hidden[:, -length:]


def _hidden_prompt_once(backbone: Any, input_ids: Tensor, mask: Tensor, length: int) -> Tensor:
    """The same; keys and values of a prompt are computed once and repeated over its rows."""
    from transformers import DynamicCache

    places = input_ids.shape[1] - length
    prompts = torch.cat([input_ids[:, :places], mask[:, :places]], dim=1)
    unique, row_of = torch.unique(prompts, dim=0, return_inverse=True)
    prompt_ids, prompt_mask = unique[:, :places], unique[:, places:]
    cache = DynamicCache()
    first = backbone(
        input_ids=prompt_ids,
        attention_mask=prompt_mask,
        position_ids=(prompt_mask.cumsum(-1) - 1).clamp(min=0),
        past_key_values=cache,
        use_cache=True,
    ).last_hidden_state[:, -1:]
    hidden: Tensor = first[row_of]
    if length == 1:
        return hidden
    cache.batch_select_indices(row_of)
    rest = backbone(
        input_ids=input_ids[:, places:-1],
        attention_mask=mask[:, :-1],
        position_ids=(mask.cumsum(-1) - 1)[:, places:-1],
        past_key_values=cache,
        use_cache=True,
    ).last_hidden_state
    return torch.cat([hidden, rest], dim=1)


class _HeadLogProbs(torch.autograd.Function):
    """Hidden states (N, H), output weights (V, H) and labels (N,) to log-probabilities (N,).

    The derivative of a token's log-probability by its hidden state is (weight of the label - mean
    weight under the policy) / temperature. It is computed beside the value, so that neither N x V
    logits are kept nor are they computed again.
    """

    @staticmethod
    def forward(
        ctx: Any, hidden: Tensor, weight: Tensor, labels: Tensor, temperature: float
    ) -> tuple[Tensor, Tensor]:
        values, entropies, slopes = [], [], []
        for some, wanted in zip(hidden.split(ROWS), labels.split(ROWS), strict=True):
            logits = (some @ weight.t()).div_(temperature)
            total = logits.logsumexp(dim=-1, keepdim=True)
            values.append((logits.gather(1, wanted[:, None]) - total).squeeze(1))
            chances = (logits - total).exp_()
            entropies.append(total.squeeze(1) - torch.linalg.vecdot(chances, logits))
            if ctx.needs_input_grad[0]:
                slopes.append((weight[wanted] - chances @ weight).div_(temperature))
        empty = hidden.new_zeros(0)
        ctx.save_for_backward(torch.cat(slopes) if slopes else empty)
        value, entropy = (torch.cat(each) if each else empty for each in (values, entropies))
        ctx.mark_non_differentiable(entropy)
        return value, entropy

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        (slopes,) = ctx.saved_tensors
        return gradients[0][:, None] * slopes, None, None, None
