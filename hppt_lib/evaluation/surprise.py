"""Surprise: how unlikely a policy finds responses, in nats a token."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hppt_lib.evaluation.evaluate import Evaluated
from hppt_lib.policy.load import Policy


def surprise(
    policy: Policy, rows: Sequence[Evaluated], *, batch: int = 16, progress: str | None = None
) -> list[float]:
    """How unlikely each response is under a policy, in nats a token; `math.exp` is perplexity.

    Given the instruction's prompt in the chat template, with the end of the turn. For the base
    policy this rises as a trained policy drifts away from it, whatever the reward says.

    Args:
        policy: usually the base policy.
        rows: evaluated responses; an empty one counts by its end token alone.
        batch: responses in one forward pass.
        progress: title of a progress bar; None shows none.
    """
    from tqdm.auto import tqdm

    from hppt_lib.policy.log_probs import response_log_probs
    from hppt_lib.policy.sampling import chat_tokens

    end = int(policy.tokenizer.eos_token_id)
    encoded = []
    for each in rows:
        prompt = chat_tokens(policy.tokenizer, each.instruction.prompt)
        answer = policy.tokenizer(each.response, add_special_tokens=False)["input_ids"]
        encoded.append((prompt, [*answer, end]))
    order = sorted(range(len(rows)), key=lambda place: (len(encoded[place][0]), encoded[place]))
    found = [math.nan] * len(rows)
    with tqdm(total=len(rows), desc=progress, disable=progress is None) as bar:
        for start in range(0, len(order), batch):
            chosen = order[start : start + batch]
            told = response_log_probs(policy.model, [encoded[place] for place in chosen])
            for place, answered in zip(chosen, told, strict=True):
                found[place] = float(-answered.mean())
            bar.update(len(chosen))
    return found
