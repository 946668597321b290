"""A reward function for TRL's trainers that reads raw rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hppt_lib.interop.rows import instruction_of, scorer
from hppt_lib.rewards.kinds import Reward
from hppt_lib.training.reward_function import response_text
from hppt_lib.verifiers import THOUGHT_MARKS, Marks


def trl_reward(
    reward: str | Reward = "strict",
    *,
    thoughts: Marks = THOUGHT_MARKS,
    response_of: Callable[[Sequence[int]], str] | None = None,
) -> Callable[..., list[float | None]]:
    """A reward function for ``GRPOTrainer(reward_funcs=…)`` on rows of IFEval's form.

    The data set needs ``prompt`` and the columns of one of `hppt_lib.interop.FORMS`, such as
    ``instruction_id_list`` and ``kwargs``. Where the trainer logs completions, a column with the
    reasons stands beside each; the share of responses and of constraints that pass, and of answers
    with substance, become curves. Read in TRL 1.16.

    Args:
        reward: a reward of the kit, or its name.
        thoughts: the marks of thoughts, which are left out.
        response_of: from a completion's token ids to its text. None takes the text that TRL hands
            over, which lacks marks of thoughts that stand in the prompt or are special tokens.

    Returns:
        A function that gives one float for each completion; None where there is no verdict, which
        TRL leaves out.

    Raises:
        HpptError: there is no such reward, or its judge cannot be had.
    """
    score = scorer(reward, thoughts)
    name = score.reward.name

    def rewards(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        completion_ids: Sequence[Sequence[int]] | None = None,
        trainer_state: Any = None,
        log_extra: Callable[[str, list[Any]], None] | None = None,
        log_metric: Callable[[str, float], None] | None = None,
        **columns: Any,
    ) -> list[float | None]:
        instructions = []
        for place, prompt in enumerate(prompts):
            row = {column: columns[column][place] for column in _COLUMNS if column in columns}
            where = f"row {place + 1} of the batch"
            instructions.append(instruction_of(row, response_text(prompt, where), where))
        if response_of is not None and completion_ids is not None:
            responses = list(map(response_of, completion_ids))
        else:
            responses = [
                response_text(each, instruction.id)
                for each, instruction in zip(completions, instructions, strict=True)
            ]
        step = getattr(trainer_state, "global_step", 0)
        found = score(instructions, responses, step)
        if log_extra is not None:
            # Named after the reward: two of the kit's that share a column would fill it twice.
            log_extra(f"{name}: reasons", [each.reasons for each in found])
        if log_metric is not None and found:
            verdicts = [passed for each in found for passed in each.verdicts if passed is not None]
            rates = {
                "all_constraints": [each.score.strict for each in found],
                "each_constraint": verdicts,
                "substance": [each.score.substance.passed for each in found],
            }
            for rate, passed in rates.items():
                if passed:
                    log_metric(f"{name}/{rate}", sum(passed) / len(passed))
        return [None if each.dropped else each.value for each in found]

    rewards.__name__ = name  # TRL names its curves after the function
    return rewards


_COLUMNS = ("instruction_id_list", "kwargs", "ground_truth", "constraints", "query", "topic")
