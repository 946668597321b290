"""Exercises of notebook 01: group advantages and the GRPO loss.

Each mistake below is written out as the wrong code that readers tend to write.
"""

from __future__ import annotations

import torch
from torch import Tensor

from hppt_lib.course.checks import Case, Exercise, Label, Mistake
from hppt_lib.training import grpo


def _draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


# --- 1: group advantages -------------------------------------------------------------------------

_TWO_GROUPS = torch.tensor([[1.0, 0.0, 0.0, 0.0], [0.9, 0.5, 0.1, 0.7]])

_ADVANTAGES = Exercise(
    label=Label("Group advantages", number=1, difficulty=2, minutes=10, points=2),
    reference=grpo.group_advantages,
    cases=(
        Case("two groups of four", {"rewards": _TWO_GROUPS}),
        Case("one group of eight, two passed", {"rewards": torch.tensor([[1.0, 1.0] + [0.0] * 6])}),
        Case("rewards that hardly differ", {"rewards": torch.tensor([[0.50, 0.51, 0.53, 0.50]])}),
        Case("a group of equal rewards", {"rewards": torch.tensor([[1.0, 1.0, 1.0, 1.0]])}),
    ),
    mistakes=(
        Mistake(
            "take the standard deviation of the whole batch instead of each group's own",
            lambda rewards: (rewards - rewards.mean(1, keepdim=True)) / (rewards.std() + 1e-4),
        ),
        Mistake(
            "take the mean and the standard deviation of the whole batch instead of each group's",
            lambda rewards: (rewards - rewards.mean()) / (rewards.std() + 1e-4),
        ),
        Mistake(
            "divide by n in the standard deviation (ddof = 0) where TRL divides by n - 1",
            lambda rewards: (
                (rewards - rewards.mean(1, keepdim=True))
                / (rewards.std(1, keepdim=True, correction=0) + 1e-4)
            ),
        ),
        Mistake(
            "take the mean over the groups (dim=0) instead of over each group's responses (dim=1)",
            lambda rewards: (rewards - rewards.mean(0)) / (rewards.std(0) + 1e-4),
        ),
        Mistake(
            "forget the 1e-4: a group of equal rewards then gives 0 / 0",
            lambda rewards: (
                (rewards - rewards.mean(1, keepdim=True)) / rewards.std(1, keepdim=True)
            ),
        ),
        Mistake(
            "put the 1e-4 under the root; TRL adds it to the standard deviation",
            lambda rewards: (
                (rewards - rewards.mean(1, keepdim=True))
                / (rewards.var(1, keepdim=True) + 1e-4).sqrt()
            ),
        ),
        Mistake(
            "subtract the mean but do not divide by the standard deviation",
            lambda rewards: rewards - rewards.mean(1, keepdim=True),
        ),
        Mistake(
            "divide by the variance instead of the standard deviation",
            lambda rewards: (
                (rewards - rewards.mean(1, keepdim=True)) / (rewards.var(1, keepdim=True) + 1e-4)
            ),
        ),
    ),
    not_covered="groups of other sizes, rewards that are not between 0 and 1.",
)

# --- 2: token log-probabilities ------------------------------------------------------------------

_LOGITS = (2 * _draw(1, 2, 5, 7)).requires_grad_()
_TOKENS = torch.tensor([[3, 1, 4, 1, 5], [2, 6, 5, 0, 0]])
_RESPONSE = torch.tensor([[0, 0, 1, 1, 1], [0, 0, 1, 0, 0]])


def _without_shift(logits: Tensor, token_ids: Tensor, mask: Tensor) -> Tensor:
    log_probs = logits.log_softmax(-1).gather(2, token_ids.unsqueeze(2)).squeeze(2)
    return (log_probs * mask)[:, 1:]


def _shifted_backwards(logits: Tensor, token_ids: Tensor, mask: Tensor) -> Tensor:
    log_probs = logits[:, 1:].log_softmax(-1).gather(2, token_ids[:, :-1].unsqueeze(2)).squeeze(2)
    return log_probs * mask[:, 1:]


def _mask_not_shifted(logits: Tensor, token_ids: Tensor, mask: Tensor) -> Tensor:
    ones = torch.ones_like(mask)
    return grpo.token_log_probabilities(logits, token_ids, ones) * mask[:, :-1]


_LOG_PROBABILITIES = Exercise(
    label=Label("Token log-probabilities", number=2, difficulty=3, minutes=20, points=3),
    reference=grpo.token_log_probabilities,
    cases=(
        Case(
            "two rows, the second one padded",
            {"logits": _LOGITS, "token_ids": _TOKENS, "mask": _RESPONSE},
        ),
        Case(
            "the same with logits a hundred times as large",
            {"logits": 100 * _LOGITS.detach(), "token_ids": _TOKENS, "mask": _RESPONSE},
        ),
    ),
    mistakes=(
        Mistake(
            "forget the shift by one: the logits at position t predict the token at t + 1",
            _without_shift,
        ),
        Mistake(
            "forget the shift by one and keep all columns; the result must be one column shorter",
            lambda logits, token_ids, mask: (
                logits.log_softmax(-1).gather(2, token_ids.unsqueeze(2)).squeeze(2) * mask
            ),
        ),
        Mistake(
            "shift the wrong way round (logits[:, 1:] with tokens[:, :-1])", _shifted_backwards
        ),
        Mistake(
            "do not apply the mask: prompt and padding must give 0",
            lambda logits, token_ids, mask: grpo.token_log_probabilities(
                logits, token_ids, torch.ones_like(mask)
            ),
        ),
        Mistake(
            "shift logits and tokens but not the mask (mask[:, 1:] belongs to tokens[:, 1:])",
            _mask_not_shifted,
        ),
        Mistake(
            "return probabilities instead of their logarithm (softmax, not log_softmax)",
            lambda logits, token_ids, mask: (
                grpo.token_log_probabilities(logits, token_ids, torch.ones_like(mask)).exp()
                * mask[:, 1:]
            ),
        ),
        Mistake(
            "take log(softmax(…)): where a probability is too small for a float, its logarithm "
            "is minus infinity. log_softmax has no such hole",
            lambda logits, token_ids, mask: (
                logits[:, :-1].softmax(-1).log().gather(2, token_ids[:, 1:].unsqueeze(2)).squeeze(2)
                * mask[:, 1:]
            ),
        ),
        Mistake(
            "gather the raw logits without log_softmax",
            lambda logits, token_ids, mask: (
                logits[:, :-1].gather(2, token_ids[:, 1:].unsqueeze(2)).squeeze(2) * mask[:, 1:]
            ),
        ),
        Mistake(
            "take the softmax over positions (dim=1) instead of over the vocabulary (dim=-1)",
            lambda logits, token_ids, mask: (
                logits[:, :-1].log_softmax(1).gather(2, token_ids[:, 1:].unsqueeze(2)).squeeze(2)
                * mask[:, 1:]
            ),
        ),
        Mistake(
            "return minus the log-probability (that is the cross-entropy)",
            lambda logits, token_ids, mask: -grpo.token_log_probabilities(logits, token_ids, mask),
        ),
    ),
    not_covered="a sampling temperature other than 1, memory on a real vocabulary.",
)

# --- 3: clipped surrogate ------------------------------------------------------------------------

_OLD = torch.full((2, 4), -1.0)
# Ratios 0.5, 0.9, 1.1 and 2 for both rows; the first advantage is positive, the second negative.
_NEW = (_OLD + torch.tensor([0.5, 0.9, 1.1, 2.0]).log()).requires_grad_()
_ADVANTAGE = torch.tensor([1.5, -0.5])


def _ratio(log_probs: Tensor, old_log_probs: Tensor) -> Tensor:
    return torch.exp(log_probs - old_log_probs)


_SURROGATE = Exercise(
    label=Label("Clipped surrogate", number=3, difficulty=3, minutes=15, points=3),
    reference=grpo.clipped_surrogate,
    cases=(
        Case(
            "ratios .5, .9, 1.1, 2 with a positive and a negative advantage",
            {"log_probs": _NEW, "old_log_probs": _OLD, "advantages": _ADVANTAGE, "epsilon": 0.2},
        ),
        Case(
            "the same with epsilon .1",
            {"log_probs": _NEW, "old_log_probs": _OLD, "advantages": _ADVANTAGE, "epsilon": 0.1},
        ),
        Case(
            "the first step: both policies are the same",
            {"log_probs": _OLD, "old_log_probs": _OLD, "advantages": _ADVANTAGE, "epsilon": 0.2},
        ),
    ),
    mistakes=(
        Mistake(
            "clip the ratio always and leave out min(): with a negative advantage a ratio that has "
            "run above 1 + epsilon would then no longer be pushed back",
            lambda log_probs, old_log_probs, advantages, epsilon: (
                _ratio(log_probs, old_log_probs).clamp(1 - epsilon, 1 + epsilon)
                * advantages.unsqueeze(1)
            ),
        ),
        Mistake(
            "take the minimum of the two ratios before multiplying by the advantage; with a "
            "negative advantage that is the wrong one",
            lambda log_probs, old_log_probs, advantages, epsilon: (
                _ratio(log_probs, old_log_probs).clamp(max=1 + epsilon) * advantages.unsqueeze(1)
            ),
        ),
        Mistake(
            "take max() instead of min()",
            lambda log_probs, old_log_probs, advantages, epsilon: torch.max(
                _ratio(log_probs, old_log_probs) * advantages.unsqueeze(1),
                _ratio(log_probs, old_log_probs).clamp(1 - epsilon, 1 + epsilon)
                * advantages.unsqueeze(1),
            ),
        ),
        Mistake(
            "do not clip at all",
            lambda log_probs, old_log_probs, advantages, epsilon: (
                _ratio(log_probs, old_log_probs) * advantages.unsqueeze(1)
            ),
        ),
        Mistake(
            "write 0.2 where `epsilon` belongs",
            lambda log_probs, old_log_probs, advantages, epsilon: grpo.clipped_surrogate(
                log_probs, old_log_probs, advantages, 0.2
            ),
        ),
        Mistake(
            "turn the ratio upside down (old / new instead of new / old)",
            lambda log_probs, old_log_probs, advantages, epsilon: grpo.clipped_surrogate(
                old_log_probs, log_probs, advantages, epsilon
            ),
        ),
        Mistake(
            "forget exp(): the difference of two logarithms is the logarithm of the ratio",
            lambda log_probs, old_log_probs, advantages, epsilon: torch.min(
                (log_probs - old_log_probs) * advantages.unsqueeze(1),
                (log_probs - old_log_probs).clamp(1 - epsilon, 1 + epsilon)
                * advantages.unsqueeze(1),
            ),
        ),
        Mistake(
            "return the loss (with a minus sign); the surrogate is what is to be maximised",
            lambda log_probs, old_log_probs, advantages, epsilon: (
                -grpo.clipped_surrogate(log_probs, old_log_probs, advantages, epsilon)
            ),
        ),
    ),
    not_covered="where the gradient is 0 (the figure below shows it).",
)

# --- 4: KL estimate ------------------------------------------------------------------------------

_POLICY = torch.tensor([-0.5, -1.0, -2.0, -0.1]).requires_grad_()
_REFERENCE = torch.tensor([-1.5, -1.0, -0.5, -0.3])

_KL = Exercise(
    label=Label("KL estimate", number=4, difficulty=1, minutes=5, points=1),
    reference=grpo.kl_estimate,
    cases=(
        Case("four tokens", {"log_probs": _POLICY, "ref_log_probs": _REFERENCE}),
        Case("policy = reference", {"log_probs": _REFERENCE, "ref_log_probs": _REFERENCE}),
    ),
    mistakes=(
        Mistake(
            "swap the two policies: the difference is reference minus policy",
            lambda log_probs, ref_log_probs: grpo.kl_estimate(ref_log_probs, log_probs),
        ),
        Mistake(
            "return k1, policy minus reference: unbiased, but often negative and noisy",
            lambda log_probs, ref_log_probs: log_probs - ref_log_probs,
        ),
        Mistake(
            "return k2, half the squared difference: never negative, but biased",
            lambda log_probs, ref_log_probs: 0.5 * (log_probs - ref_log_probs) ** 2,
        ),
        Mistake(
            "return k3 with its sign turned round",
            lambda log_probs, ref_log_probs: -grpo.kl_estimate(log_probs, ref_log_probs),
        ),
        Mistake(
            "forget the - 1: without it the estimate is 1 where both policies agree",
            lambda log_probs, ref_log_probs: grpo.kl_estimate(log_probs, ref_log_probs) + 1,
        ),
        Mistake(
            "add the difference instead of subtracting it",
            lambda log_probs, ref_log_probs: (
                torch.exp(ref_log_probs - log_probs) + (ref_log_probs - log_probs) - 1
            ),
        ),
    ),
    not_covered="padding (the loss masks it later).",
)

# --- 5: the loss ---------------------------------------------------------------------------------

_MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 0, 0, 0, 0]])
_LOSS_OLD = -_draw(2, 2, 6).abs() * _MASK
_LOSS_NEW = ((_LOSS_OLD + 0.15 * _draw(3, 2, 6)) * _MASK).requires_grad_()


_LOSS_FAR = ((_LOSS_OLD + 1.5 * _draw(4, 2, 6)) * _MASK).requires_grad_()


def _loss_case(loss_type: str) -> Case:
    return Case(
        f"loss type {loss_type}, responses of 6 and 2 tokens",
        {
            "log_probs": _LOSS_NEW,
            "old_log_probs": _LOSS_OLD,
            "advantages": torch.tensor([1.0, -1.0]),
            "mask": _MASK,
            "loss_type": loss_type,
            "max_length": 8,
        },
    )


def _loss(
    log_probs: Tensor,
    old_log_probs: Tensor,
    advantages: Tensor,
    mask: Tensor,
    loss_type: str,
    max_length: int,
) -> Tensor:
    kind: grpo.LossType = loss_type  # type: ignore[assignment]
    return grpo.grpo_loss(log_probs, old_log_probs, advantages, mask, kind, max_length=max_length)


def _always(loss_type: str) -> Mistake:
    def answer(**arguments: object) -> Tensor:
        return _loss(**(arguments | {"loss_type": loss_type}))  # type: ignore[arg-type]

    divisors = {
        "dapo": "divide by all tokens of the batch where this type has another divisor",
        "grpo": "average each response on its own first where this type counts every token alike",
    }
    return Mistake(divisors[loss_type], answer)


def _padding_in_the_mean(
    log_probs: Tensor, old_log_probs: Tensor, advantages: Tensor, mask: Tensor, **_: object
) -> Tensor:
    return -grpo.clipped_surrogate(log_probs, old_log_probs, advantages).mean()


def _padding_left_out_of_the_sum_only(
    log_probs: Tensor, old_log_probs: Tensor, advantages: Tensor, mask: Tensor, **_: object
) -> Tensor:
    return -(grpo.clipped_surrogate(log_probs, old_log_probs, advantages) * mask).mean()


def _unmasked(
    log_probs: Tensor,
    old_log_probs: Tensor,
    advantages: Tensor,
    mask: Tensor,
    loss_type: str,
    max_length: int,
) -> Tensor:
    total = -grpo.clipped_surrogate(log_probs, old_log_probs, advantages).sum(1)
    return _divided(total, mask, loss_type, max_length)


def _unclipped(
    log_probs: Tensor,
    old_log_probs: Tensor,
    advantages: Tensor,
    mask: Tensor,
    loss_type: str,
    max_length: int,
) -> Tensor:
    per_token = -_ratio(log_probs, old_log_probs) * advantages.unsqueeze(1) * mask
    return _divided(per_token.sum(1), mask, loss_type, max_length)


def _divided(total: Tensor, mask: Tensor, loss_type: str, max_length: int) -> Tensor:
    """The loss from each response's total, shape (responses,), by the right divisor."""
    if loss_type == "grpo":
        return (total / mask.sum(1)).mean()
    if loss_type == "dr_grpo":
        return total.sum() / (len(mask) * max_length)
    return total.sum() / mask.sum()


def _longest_in_batch(mask: Tensor, max_length: int, **arguments: object) -> Tensor:
    return _loss(mask=mask, max_length=mask.shape[1], **arguments)  # type: ignore[arg-type]


def _sum_of_responses(max_length: int, **arguments: object) -> Tensor:
    return _loss(max_length=1, **arguments)  # type: ignore[arg-type]


_LOSS = Exercise(
    label=Label("The loss", number=5, difficulty=4, minutes=25, points=4),
    reference=_loss,
    cases=(
        *(_loss_case(each) for each in ("grpo", "dapo", "dr_grpo")),
        Case(
            "loss type dapo, and ratios far outside of the clip",
            {**_loss_case("dapo").arguments, "log_probs": _LOSS_FAR},
        ),
    ),
    mistakes=(
        Mistake("do not clip the ratio: use the surrogate of exercise 3", _unclipped),
        Mistake(
            "divide by the longest response of this batch instead of max_length", _longest_in_batch
        ),
        Mistake(
            "take the mean over padding too: a plain mean() counts the masked positions",
            _padding_in_the_mean,
        ),
        Mistake(
            "mask the sum but divide by all positions, padding too: divide by mask.sum()",
            _padding_left_out_of_the_sum_only,
        ),
        Mistake("forget the mask in the sum: padding adds to the loss", _unmasked),
        Mistake(
            "return what is to be maximised; the loss is its negative",
            lambda **arguments: -_loss(**arguments),
        ),
        Mistake(
            "divide by the number of responses only and leave out max_length", _sum_of_responses
        ),
        _always("dapo"),
        _always("grpo"),
    ),
    not_covered="the KL term, one step cut into several micro-batches, responses without a token.",
)

EXERCISES: dict[str, Exercise] = {
    "group_advantages": _ADVANTAGES,
    "token_log_probabilities": _LOG_PROBABILITIES,
    "clipped_surrogate": _SURROGATE,
    "kl_estimate": _KL,
    "grpo_loss": _LOSS,
}
