"""GRPO in plain torch: what notebook 01 writes by hand, and what TRL computes.

Five functions, in the order in which a step uses them: rewards become *advantages*, logits become
*token log-probabilities*, the two meet in the *clipped surrogate*, a *KL estimate* holds the policy
near its reference, and the *loss* decides how much each token counts.

`hppt_lib.training.train` does not call this module (TRL does that work there); the tests hold the
two equal in loss and gradient.

Sources: GRPO, DeepSeekMath (arXiv 2402.03300); DAPO (2503.14476); Dr. GRPO (2503.20783); the KL
estimators, J. Schulman, "Approximating KL Divergence" (2020); names of options as in TRL 1.16.
"""

from __future__ import annotations

from typing import Literal, get_args

import torch
from torch import Tensor

LossType = Literal["grpo", "bnpo", "dr_grpo", "dapo"]
Scale = Literal["group", "batch", "none"]

LOSS_TYPES: tuple[str, ...] = get_args(LossType)


def group_advantages(rewards: Tensor, scale: Scale = "group", epsilon: float = 1e-4) -> Tensor:
    """How much better each response is than the others of its own group.

    Args:
        rewards: shape (groups, group_size); row i holds the rewards of the responses to one
            instruction.
        scale: what the difference to the group's mean is divided by: the standard deviation of the
            ``group`` (with n - 1 in it) or of the whole ``batch``, or nothing (``none``). As TRL's
            ``scale_rewards``.
        epsilon: added to the standard deviation, so that a group of equal rewards gives 0 and not
            0 / 0.

    Returns:
        Advantages, the same shape; each row sums to 0.

    Raises:
        ValueError: not two dimensions, fewer than two responses in a group, or no such ``scale``.
    """
    if rewards.dim() != 2 or rewards.shape[1] < 2:
        raise ValueError(
            "rewards must have the shape (groups, group_size) with at least 2 responses in a "
            f"group, not {tuple(rewards.shape)}"
        )
    centred = rewards - rewards.mean(dim=1, keepdim=True)
    if scale == "none":
        return centred
    if scale == "group":
        return centred / (rewards.std(dim=1, keepdim=True) + epsilon)
    if scale == "batch":
        return centred / (rewards.std() + epsilon)
    raise ValueError(f"scale must be one of {get_args(Scale)}, not {scale!r}")


def direction_kept(truth: Tensor, paid: Tensor) -> tuple[float, float]:
    """How far the advantages of what was paid point where those of the truth would.

    The gradient is a sum over responses of advantage times score, so noise in rewards does not only
    shorten it. Groups in which the truth is the same for all, and teaches nothing, get advantages
    from noise alone.

    Args:
        truth: rewards without noise, shape (groups, group_size).
        paid: the rewards of the same responses with noise, the same shape.

    Returns:
        The cosine between the two sets of advantages (1: the same direction; NaN if one of them is
        all zero); and the share of the squared advantages paid that comes from groups in which the
        truth teaches nothing.

    Raises:
        ValueError: the shapes differ, or as `group_advantages`.
    """
    if truth.shape != paid.shape:
        raise ValueError(f"{tuple(truth.shape)} true rewards and {tuple(paid.shape)} paid")
    true, noisy = group_advantages(truth), group_advantages(paid)
    cosine = (true * noisy).sum() / (true.norm() * noisy.norm())
    silent = (true == 0).all(dim=1)
    return float(cosine), float((noisy[silent] ** 2).sum() / (noisy**2).sum())


def token_log_probabilities(
    logits: Tensor, token_ids: Tensor, mask: Tensor, temperature: float = 1.0
) -> Tensor:
    """The log-probability that the policy gives to each token of its responses.

    The logits at position t predict the token at t + 1, so the result is one shorter.

    Args:
        logits: shape (batch, length, vocabulary).
        token_ids: shape (batch, length), prompt and response in one row.
        mask: shape (batch, length), 1 at the tokens of the response, 0 at prompt and padding.
        temperature: the logits are divided by it, as they were when the responses were sampled.

    Returns:
        Shape (batch, length - 1); column t belongs to ``token_ids[:, t + 1]``; 0 where the mask is.

    Raises:
        ValueError: the shapes do not fit together.
    """
    if logits.dim() != 3 or logits.shape[:2] != token_ids.shape or token_ids.shape != mask.shape:
        raise ValueError(
            "expected logits (batch, length, vocabulary), token_ids and mask (batch, length), not "
            f"{tuple(logits.shape)}, {tuple(token_ids.shape)} and {tuple(mask.shape)}"
        )
    predictions = logits[:, :-1] / temperature
    targets = token_ids[:, 1:]
    # log softmax at one token only: its own logit minus the log of the sum over the vocabulary.
    chosen = predictions.gather(2, targets.unsqueeze(2)).squeeze(2)
    log_probs = chosen - predictions.logsumexp(dim=2)
    # where() and not a product: a padding token may have probability 0, and 0 * -inf is nan.
    return torch.where(mask[:, 1:].bool(), log_probs, torch.zeros_like(log_probs))


def clipped_surrogate(
    log_probs: Tensor,
    old_log_probs: Tensor,
    advantages: Tensor,
    epsilon: float = 0.2,
    epsilon_high: float | None = None,
) -> Tensor:
    """What each token contributes to the objective that PPO and GRPO maximise.

    Args:
        log_probs: shape (batch, length), under the policy that is being trained.
        old_log_probs: the same shape, under the policy that sampled the responses; no gradient
            flows into it.
        advantages: shape (batch,), one for each response; all its tokens share it.
        epsilon: the ratio of the two probabilities earns nothing beyond 1 - epsilon ...
        epsilon_high: ... and 1 + epsilon_high; None means the same as ``epsilon``.

    Returns:
        Shape (batch, length), to be maximised.

    Raises:
        ValueError: the shapes do not fit together.
    """
    if log_probs.shape != old_log_probs.shape or advantages.shape != log_probs.shape[:1]:
        raise ValueError(
            "expected log_probs and old_log_probs (batch, length) and advantages (batch,), not "
            f"{tuple(log_probs.shape)}, {tuple(old_log_probs.shape)}, {tuple(advantages.shape)}"
        )
    high = epsilon if epsilon_high is None else epsilon_high
    ratio = torch.exp(log_probs - old_log_probs.detach())
    per_response = advantages.unsqueeze(1)
    return torch.min(ratio * per_response, ratio.clamp(1 - epsilon, 1 + high) * per_response)


def kl_estimate(log_probs: Tensor, ref_log_probs: Tensor) -> Tensor:
    """Schulman's k3: an unbiased, never negative estimate of KL(policy || reference) a token.

    Args:
        log_probs: any shape, under the policy that sampled the tokens.
        ref_log_probs: the same shape, under the reference; no gradient flows into it.

    Returns:
        The same shape.

    Raises:
        ValueError: the shapes differ.
    """
    if log_probs.shape != ref_log_probs.shape:
        raise ValueError(
            f"the shapes differ: {tuple(log_probs.shape)} and {tuple(ref_log_probs.shape)}"
        )
    difference = ref_log_probs.detach() - log_probs
    return torch.exp(difference) - difference - 1


def grpo_loss(
    log_probs: Tensor,
    old_log_probs: Tensor,
    advantages: Tensor,
    mask: Tensor,
    loss_type: LossType = "dapo",
    *,
    epsilon: float = 0.2,
    epsilon_high: float | None = None,
    beta: float = 0.0,
    ref_log_probs: Tensor | None = None,
    kl_correction: bool = True,
    max_length: int | None = None,
    total_tokens: int | None = None,
) -> Tensor:
    """The GRPO loss of one batch: a number to minimise.

    The loss types differ in one thing only, by what the sum over tokens is divided:

    * ``grpo``: by the response's own length, then the mean over responses;
    * ``bnpo``: by the tokens of this (micro-)batch;
    * ``dapo``: by the tokens of the whole step, ``total_tokens`` (TRL's default type);
    * ``dr_grpo``: by a constant, responses x ``max_length``.

    Args:
        log_probs: shape (batch, length), under the policy that is being trained.
        old_log_probs: the same shape, under the policy that sampled.
        advantages: shape (batch,).
        mask: shape (batch, length), 1 at tokens of a response.
        loss_type: see above.
        epsilon: see `clipped_surrogate`.
        epsilon_high: see `clipped_surrogate`.
        beta: weight of the KL term; 0 leaves it out.
        ref_log_probs: shape (batch, length), under the reference; needed if ``beta`` is not 0.
        kl_correction: multiply the KL term by the importance ratio, because the tokens were sampled
            by the old policy and because the gradient of k3 alone is not the gradient of the KL
            (DeepSeek-V3.2, arXiv 2512.02556). TRL's ``use_bias_correction_kl``, on by default
            there; the first GRPO paper does without.
        max_length: tokens that a response may have at most; needed by ``dr_grpo``.
        total_tokens: tokens in the whole step, for ``dapo`` on one of several micro-batches whose
            losses are added up; None means that this batch is the whole step.

    Returns:
        A scalar.

    Raises:
        ValueError: shapes that do not fit, no such loss type, or an argument missing that it needs.
    """
    if mask.shape != log_probs.shape:
        raise ValueError(
            f"mask {tuple(mask.shape)} and log_probs {tuple(log_probs.shape)} must have one shape"
        )
    weight = mask.to(log_probs.dtype)
    per_token = -clipped_surrogate(log_probs, old_log_probs, advantages, epsilon, epsilon_high)
    if beta:
        if ref_log_probs is None:
            raise ValueError("beta is not 0, so ref_log_probs is needed")
        kl = kl_estimate(log_probs, ref_log_probs)
        if kl_correction:
            kl = kl * torch.exp(log_probs - old_log_probs.detach())
        per_token = per_token + beta * kl
    per_token = per_token * weight

    # An empty response must not divide by 0; hence the clamps, as in TRL.
    if loss_type == "grpo":
        return (per_token.sum(dim=1) / weight.sum(dim=1).clamp(min=1)).mean()
    if loss_type == "bnpo":
        return per_token.sum() / weight.sum().clamp(min=1)
    if loss_type == "dapo":
        tokens = weight.sum() if total_tokens is None else weight.new_tensor(total_tokens)
        return per_token.sum() / tokens.clamp(min=1)
    if loss_type == "dr_grpo":
        if max_length is None:
            raise ValueError("loss type 'dr_grpo' needs max_length")
        return per_token.sum() / (per_token.shape[0] * max_length)
    raise ValueError(f"loss_type must be one of {LOSS_TYPES}, not {loss_type!r}")
