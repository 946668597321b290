"""Measures how unlikely responses are under a policy: a sign of drift, in both directions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hppt_lib.evaluation.satisfaction import Evaluated

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy


def surprise(
    policy: Policy, rows: Sequence[Evaluated], *, batch: int = 16, progress: str | None = None
) -> list[float]:
    """How unlikely each response is under a policy, in nats a token; `math.exp` is perplexity.

    Given the instruction's prompt in the chat template, with the end of the turn. Read it on both
    sides. Under the base policy, confused text is *less* likely than the base's own, and repetition
    is *more* likely: after the first few asterisks a language model expects the next. So a low
    value is no sign of health. Put the share of different texts and of the most frequent one beside
    it (`hppt_lib.evaluation.drift`). Thoughts are tokens like any other.

    Args:
        policy: usually the base policy.
        rows: evaluated responses, all with the same marks of thoughts; an empty one counts by its
            end token alone.
        batch: responses in one forward pass.
        progress: title of a progress bar; None shows none.

    Returns:
        The mean over the tokens of each response, in the order of ``rows``.
    """
    from tqdm.auto import tqdm

    from hppt_lib.policy.log_probs import response_log_probs
    from hppt_lib.policy.sampling import Chat

    end = int(policy.tokenizer.eos_token_id)
    if not rows:
        return []
    chat = Chat(policy.tokenizer, policy.thinking, rows[0].score.thoughts)
    encoded = []
    for row in rows:
        prompt = chat.prompt_tokens(row.instruction.prompt)
        written = row.response.removeprefix(chat.opening)  # which stands in the prompt
        response = policy.tokenizer(written, add_special_tokens=False)["input_ids"]
        encoded.append((prompt, [*response, end]))
    # Texts of similar length go through the model together: less padding.
    order = sorted(range(len(rows)), key=lambda place: (len(encoded[place][0]), encoded[place]))
    nats = [math.nan] * len(rows)
    with tqdm(total=len(rows), desc=progress, disable=progress is None) as bar:
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            log_probs = response_log_probs(policy.model, [encoded[place] for place in chosen])
            for place, of_response in zip(chosen, log_probs, strict=True):
                nats[place] = float(-of_response.mean())
            bar.update(len(chosen))
    return nats
