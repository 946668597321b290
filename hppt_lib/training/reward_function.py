"""Wraps a reward in the form that TRL's trainers call, and hands on what each rollout earned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.rewards.kinds import Reward
from hppt_lib.rewards.rewarded import Rewarded, reward_rollouts
from hppt_lib.verifiers import THOUGHT_MARKS, Marks


def reward_function(
    reward: Reward,
    instructions: Sequence[Instruction],
    hand_over: Callable[[list[Rewarded]], None] | None = None,
    *,
    thoughts: Marks = THOUGHT_MARKS,
    response_of: Callable[[Sequence[int]], str] | None = None,
    run_seed: int | None = None,
) -> Callable[..., list[float]]:
    """A reward function in the form that TRL's trainers call.

    The trainer's data set needs a column ``instruction_id``. A judge, where the reward has one, is
    loaded here and asked about the whole batch at once.

    Args:
        reward: what is rewarded.
        instructions: all that may come up.
        hand_over: is given each batch with its rewards, for the records.
        thoughts: the marks of thoughts: what is rewarded is the answer that follows them.
        response_of: from a completion's token ids to the response, marks included
            (`hppt_lib.policy.Chat.response`). None takes the text that TRL hands over, which lacks
            marks that stand in the prompt or are special tokens.
        run_seed: the run's seed: noise differs from run to run.

    Returns:
        A function of ``prompts``, ``completions`` and the data set's columns, which gives one
        float for each completion. NaN (the rule ``drop`` for a judge without a verdict; a hard
        constraint without one on which the reward hangs) says that there is none: TRL leaves that
        rollout out of its group's mean and gives it no advantage. It raises `HpptError` with the
        instruction and the response that the reward fails on.

    Raises:
        HpptError: the judge cannot be had.
    """
    by_id = {each.id: each for each in instructions}
    ready = reward.ready()

    def rewarded(rollouts: Sequence[tuple[str, str]], step: int) -> list[Rewarded]:
        pairs = [(by_id[id], response) for id, response in rollouts]
        return reward_rollouts(ready, pairs, step=step, thoughts=thoughts, run_seed=run_seed)

    def rewards(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        instruction_id: Sequence[str],
        trainer_state: Any = None,
        completion_ids: Sequence[Sequence[int]] | None = None,
        **columns: Any,
    ) -> list[float]:
        if response_of is not None and completion_ids is not None:
            responses = list(map(response_of, completion_ids))
        else:
            responses = [
                response_text(each, id)
                for each, id in zip(completions, instruction_id, strict=True)
            ]
        rollouts = list(zip(instruction_id, responses, strict=True))
        step = getattr(trainer_state, "global_step", 0)
        try:
            batch = rewarded(rollouts, step)
        except HpptError:  # says what to do: a judge that went away, for example
            raise
        except Exception as error:
            # One at a time, to find the first that it fails on.
            for id, response in rollouts:
                try:
                    rewarded([(id, response)], step)
                except Exception as alone:
                    raise _failed(reward, f"'{id}'", response, alone) from alone
            ids = ", ".join(f"'{id}'" for id in dict.fromkeys(instruction_id))
            raise _failed(reward, f"{ids} together", "", error) from error
        if hand_over is not None:
            hand_over(batch)
        return [each.value for each in batch]

    rewards.__name__ = reward.name  # TRL names its metrics after the function
    return rewards


def _failed(reward: Reward, ids: str, response: str, error: Exception) -> HpptError:
    shown = f" and the response {response[:200]!r}" if response else ""
    return HpptError(
        f"The reward '{reward.name}' failed with {type(error).__name__}: {error}, for the "
        f"instruction {ids}{shown}. Correct the reward function: it must give a number for any "
        "response."
    )


def response_text(completion: Any, instruction: str) -> str:
    """The text of a completion: TRL gives text, or messages where prompts are conversations.

    The last message counts. What has no text is an empty response: no message at all, content that
    is None (a call of a tool, a refusal), a tool's answer that the policy did not go on from. Of a
    list of parts, the text parts are joined.

    Raises:
        HpptError: it is something else; the message says what was found.
    """
    if isinstance(completion, str):
        return completion
    if not isinstance(completion, list | tuple):
        raise _no_text(instruction, completion)
    if not completion:
        return ""
    message = completion[-1]
    if not isinstance(message, Mapping) or not {"content", "role"} & set(message):
        raise _no_text(instruction, message)
    content = message.get("content")
    if content is None or message.get("role") == "tool":
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list | tuple):
        raise _no_text(instruction, content)
    return "".join(_part_text(each, instruction) for each in content)


def _part_text(part: Any, instruction: str) -> str:
    """The text of one part of a message; empty for a part of another kind, such as an image."""
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping):
        raise _no_text(instruction, part)
    if part.get("type", "text") != "text" or part.get("text") is None:
        return ""
    if not isinstance(part["text"], str):
        raise _no_text(instruction, part)
    return part["text"]


def _no_text(instruction: str, found: Any) -> HpptError:
    return HpptError(
        f"A completion for the instruction '{instruction}' is neither text nor a list of messages "
        f"with text: found {type(found).__name__} {str(found)[:80]!r}. The trainer must give "
        "strings, or messages with 'role' and 'content'."
    )
