"""open-instruct's label: read, written, and scored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.interop.rows import instruction_of, scorer
from hppt_lib.rewards.rewarded import Rewarded
from hppt_lib.verifiers import constraints_in


def open_instruct_label(row: Mapping[str, Any]) -> str:
    """The constraints of a row of IFEval's form as open-instruct's ``ground_truth``.

    That is the text of a Python list with one object, which open-instruct reads with
    ``ast.literal_eval``: ``[{'instruction_id': […], 'kwargs': [{…}, None]}]``.

    Raises:
        HpptError: a field is missing or something else, or a constraint cannot be built.
    """
    named = constraints_in(row, "instruction_id_list", "kwargs")
    instruction_of(row, "-")
    return repr(
        [
            {
                "instruction_id": [id for id, _ in named],
                "kwargs": [kwargs or None for _, kwargs in named],
            }
        ]
    )


def open_instruct_score(
    prediction: str, label: str, query: str | None = None, *, reward: str = "fractional"
) -> Rewarded:
    """The score of a response by open-instruct's label; `Rewarded.value` is the number.

    For a ``VerifierFunction``: see ``examples/open_instruct_verifier.py``.

    Args:
        prediction: the response; thoughts in it are left out.
        label: the row's ``ground_truth``.
        query: the prompt. Only guards look at it.
        reward: a reward's name. open-instruct's own is the share of constraints that pass, as the
            default is.

    Raises:
        HpptError: the label cannot be read, a constraint cannot be built, or the reward has a guard
            and there is no query.
    """
    score = scorer(reward)
    if not (query or "").strip() and score.reward.name not in ("strict", "fractional"):
        raise HpptError(
            f"The reward '{score.reward.name}' looks at the prompt: hand it over as query=…"
        )
    instruction = instruction_of({"ground_truth": label}, query or "-", "the label")
    [found] = score([instruction], [prediction])
    return found
