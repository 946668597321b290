"""A linear probe: do hidden states tell, before a word is written, if a constraint will be met?

A ridge regression on the hidden state at the prompt's last token. What it is worth depends on what
it is tested on: the type of constraint alone says much, so a probe is also tested within types and
on a type that it was not trained on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from hppt_lib.errors import HpptError
from hppt_lib.intervals import Interval
from hppt_lib.policy.sampling import Chat

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy


@dataclass(frozen=True)
class Outcomes:
    """How often each of N instructions was satisfied.

    Attributes:
        met: responses that satisfied it, shape (N,).
        unmet: responses that did not, shape (N,).
        types: its type of constraint; N in all.
    """

    met: np.ndarray
    unmet: np.ndarray
    types: tuple[str, ...]

    @property
    def share(self) -> np.ndarray:
        """Of each instruction's responses, the share that satisfied it."""
        return np.asarray(self.met / (self.met + self.unmet))


@torch.no_grad()
def prompt_states(
    policy: Policy, prompts: Sequence[str], layer: int, *, progress: str | None = None
) -> np.ndarray:
    """The hidden state at each prompt's last token, from which the first word is predicted.

    Args:
        policy: the reader.
        prompts: user turns.
        layer: behind which; 0 is the embedding, -1 the last.
        progress: title of a progress bar; None shows none.

    Returns:
        Shape (prompts, hidden).
    """
    from tqdm.auto import tqdm

    chat = Chat(policy.tokenizer, policy.thinking)
    states = []
    for prompt in tqdm(prompts, desc=progress, disable=progress is None):
        ids = torch.tensor([chat.prompt_tokens(prompt)], device=policy.model.device)
        output = policy.model(
            input_ids=ids, output_hidden_states=True, use_cache=False, logits_to_keep=1
        )
        states.append(output.hidden_states[layer][0, -1].float().cpu().numpy())
    return np.stack(states)


def standardised(train: np.ndarray, test: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both with the training rows' mean taken out and divided by their standard deviation, once.

    Args:
        train: shape (N, features).
        test: shape (M, features).
    """
    middle, spread = train.mean(axis=0), train.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return (train - middle) / spread, (test - middle) / spread


def ridge_scores(
    train: np.ndarray, target: np.ndarray, test: np.ndarray, penalty: float = 1.0
) -> np.ndarray:
    """What a ridge regression predicts for the test rows.

    Args:
        train: shape (N, features), as the regression is to see them.
        target: shape (N,).
        test: shape (M, features).
        penalty: in units of the number of features.

    Returns:
        Shape (M,).
    """
    middle = target.mean()
    products = train @ train.T + penalty * train.shape[1] * np.eye(len(train))
    return np.asarray(test @ (train.T @ np.linalg.solve(products, target - middle)) + middle)


def held_out_scores(
    features: np.ndarray, target: np.ndarray, parts: Sequence[str] | np.ndarray
) -> np.ndarray:
    """Each row's score by a probe that was trained without the row's part.

    Args:
        features: shape (N, features).
        target: shape (N,).
        parts: of each row what is left out together: a fold, its topic, its type.

    Raises:
        HpptError: there is only one part.
    """
    names = np.asarray(parts)
    if len(set(names)) < 2:
        raise HpptError("There is one part only, so nothing is left to train on.")
    scores = np.full(len(target), np.nan)
    for part in sorted(set(names)):
        out = names == part
        train, test = standardised(features[~out], features[out])
        scores[out] = ridge_scores(train, target[~out], test)
    return scores


def probe_auc(
    scores: np.ndarray,
    outcomes: Outcomes,
    parts: Sequence[str] | np.ndarray,
    *,
    within: bool,
    seed: int = 0,
    draws: int = 1000,
) -> Interval:
    """How often a response that met its constraint has a higher score than one that did not.

    Only pairs of one part are counted, which one probe scored: the scores of two probes are on two
    scales, and where a part is satisfied more often, the others', and so its probe's, are lower.

    Args:
        scores: one an instruction, from `held_out_scores`.
        outcomes: its responses.
        parts: as in `held_out_scores`.
        within: pairs of one type only: what the probe knows beyond the type.
        seed: of the bootstrap over instructions.
        draws: of the bootstrap.

    Returns:
        The share of pairs, ties counting half, with a 95 % interval.

    Raises:
        HpptError: there is no pair.
    """
    types = np.asarray(outcomes.types)
    ahead = (scores[:, None] > scores) + 0.5 * (scores[:, None] == scores)
    names = np.asarray(parts)
    allowed = names[:, None] == names
    if within:
        allowed = allowed & (types[:, None] == types)

    def share(times: np.ndarray) -> float:
        pairs = np.outer(outcomes.met * times, outcomes.unmet * times) * allowed
        total = float(pairs.sum())
        return float((pairs * ahead).sum()) / total if total else np.nan

    count = len(scores)
    mean = share(np.ones(count))
    if np.isnan(mean):
        raise HpptError("All constraints were met, or none was: there is no pair to tell apart.")
    random = np.random.default_rng(seed)
    drawn = [share(random.multinomial(count, [1 / count] * count)) for _ in range(draws)]
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Interval(mean, float(low), float(high))
