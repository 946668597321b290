"""A reward function for verl, and rows in the form that verl reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.interop.rows import Scorer, instruction_of, scorer
from hppt_lib.rewards.by_name import reward as reward_named
from hppt_lib.verifiers import constraints_in


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: Any,
    extra_info: Mapping[str, Any] | None = None,
    *,
    reward: str = "strict",
    **others: Any,
) -> dict[str, Any]:
    """The score of one response, as verl calls it, from several threads at once.

    In verl's settings: ``reward.custom_reward_function.path`` is a file that imports this function,
    ``….name=compute_score``, and ``+….reward_kwargs.reward=guarded`` another reward. Read in verl
    0.9.

    Args:
        data_source: the row's; named in messages.
        solution_str: the response; thoughts in it are left out.
        ground_truth: the constraints: an object or its JSON text with ``instruction_id_list`` and
            ``kwargs`` (`verl_row` makes it), or open-instruct's label.
        extra_info: ``prompt`` in it is what was asked, where ``ground_truth`` does not say it.
        reward: a reward's name.
        **others: what else verl hands over is ignored.

    Returns:
        ``score``, which verl maximises; ``acc`` (all constraints pass), ``constraints`` (the share
        that do) and ``substance``, of which it draws curves; ``reasons``, which it writes beside
        the response. The keys are the same for each row, as verl needs them.

    Raises:
        HpptError: the row cannot be read, or the reward may leave a response out, which verl
            cannot.
    """
    score = _scorer(reward)
    prompt = (extra_info or {}).get("prompt")
    where = f"data_source '{data_source}'"
    row = {"ground_truth": ground_truth}
    instruction = instruction_of(row, prompt if isinstance(prompt, str) else "", where)
    [found] = score([instruction], [solution_str])
    if found.dropped:
        raise HpptError(
            f"{where}: the data set's own code gave no verdict, and verl needs a reward for each "
            f"response. Leave such constraints out. {found.reasons}"
        )
    return {
        "score": found.value,
        "acc": float(found.score.strict),
        "constraints": sum(map(bool, found.verdicts)) / max(len(found.verdicts), 1),
        "substance": float(found.score.substance.passed),
        "reasons": found.reasons,
    }


@cache
def _scorer(reward: str) -> Scorer:
    if reward_named(reward).may_drop:
        raise HpptError(
            f"The reward '{reward}' may leave a response without a reward, and verl needs one for "
            "each. Choose what a missing verdict counts as: missing=fail."
        )
    return scorer(reward)


def verl_row(row: Mapping[str, Any], data_source: str = "hppt") -> dict[str, Any]:
    """A row of IFEval's form as verl's Parquet files hold it.

    The constraints are JSON text: in a table, each object would be filled with null for the
    parameters of all others.

    Raises:
        HpptError: the row names no constraints, or one of them cannot be built.
    """
    prompt = instruction_of(row, where=data_source).prompt
    named = constraints_in(row, "instruction_id_list", "kwargs")
    truth = {
        "prompt": prompt,
        "instruction_id_list": [id for id, _ in named],
        "kwargs": [kwargs for _, kwargs in named],
    }
    return {
        "data_source": data_source,
        "prompt": [{"role": "user", "content": prompt}],
        "ability": "instruction_following",
        "reward_model": {"style": "rule", "ground_truth": json.dumps(truth, ensure_ascii=False)},
        "extra_info": {"prompt": prompt},
    }
