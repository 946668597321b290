"""A scorer for Inspect."""

from __future__ import annotations

from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.interop.rows import instruction_of, scorer
from hppt_lib.rewards.kinds import Reward
from hppt_lib.verifiers import THOUGHT_MARKS, Marks


def inspect_scorer(reward: str | Reward = "strict", *, thoughts: Marks = THOUGHT_MARKS) -> Any:
    """An Inspect scorer: the reward as value, the reasons as explanation.

    The constraints stand in the sample's metadata, in one of `hppt_lib.interop.FORMS`; the sample's
    input is the prompt where they do not name it. Where a judge gave no verdict and the reward's
    rule is ``missing=drop``, the sample is unscored. Read in Inspect 0.3.

    Args:
        reward: a reward of the kit, or its name.
        thoughts: the marks of thoughts, which are left out.

    Raises:
        HpptError: Inspect is not installed, there is no such reward, or its judge cannot be had.
            When it scores: the sample's metadata cannot be read.
    """
    try:
        import inspect_ai.scorer as inspect
    except ModuleNotFoundError as error:
        raise HpptError("This needs Inspect: pip install inspect-ai") from error
    import anyio.to_thread

    found = scorer(reward, thoughts)

    def hppt() -> Any:
        async def score(state: Any, target: Any) -> Any:
            where = f"sample {state.sample_id}"
            instruction = instruction_of(state.metadata, state.input_text, where)
            # In a thread: a judge waits for its server with an event loop of its own.
            [scored] = await anyio.to_thread.run_sync(
                found, [instruction], [state.output.completion]
            )
            known = {
                "answer": scored.score.answer,
                "explanation": scored.reasons,
                "metadata": {
                    "verdicts": scored.verdicts,
                    "judged": list(scored.score.judged),
                    "substance": scored.score.substance.passed,
                },
            }
            if scored.dropped:
                return inspect.Score.unscored(reason="no_verdict", **known)
            return inspect.Score(value=scored.value, **known)

        return score

    metrics = [inspect.accuracy(), inspect.stderr()]
    return inspect.scorer(metrics=metrics, name="hppt")(hppt)()
