"""What a trainer calls back: a reward whose errors say what to do, and the end of each step."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from tqdm.auto import tqdm

from hppt_lib.errors import HpptError
from hppt_lib.machine import as_the_main_process
from hppt_lib.training.saving import Checkpoints
from hppt_lib.training.step_recorder import Budget, Watch


def explained_reward(
    rewards: Callable[..., list[float]], watch: Watch
) -> Callable[..., list[float]]:
    """A trainer's reward function whose errors say which instruction they came with.

    An `HpptError` (a judge that went away, say) passes as it is.
    """

    def explained(
        prompts: Sequence[Any],
        completions: Sequence[Any],
        instruction_id: Sequence[str],
        **columns: Any,
    ) -> list[float]:
        started = time.perf_counter()
        try:
            return rewards(prompts, completions, instruction_id, **columns)
        except HpptError:
            raise
        except Exception as error:
            # One at a time, to find the first that it fails on.
            for prompt, completion, id in zip(prompts, completions, instruction_id, strict=True):
                try:
                    rewards([prompt], [completion], [id])
                except Exception as alone:
                    raise _failed_reward(rewards.__name__, f"'{id}'", completion, alone) from alone
            ids = ", ".join(f"'{id}'" for id in dict.fromkeys(instruction_id))
            raise _failed_reward(rewards.__name__, f"{ids} together", "", error) from error
        finally:
            watch.reward_seconds = time.perf_counter() - started

    explained.__name__ = rewards.__name__  # TRL names its metrics after the function
    return explained


def _failed_reward(name: str, ids: str, completion: Any, error: Exception) -> HpptError:
    text = completion if isinstance(completion, str) else completion[-1]["content"]
    shown = f" and the response {text[:200]!r}" if text else ""
    return HpptError(
        f"The reward '{name}' failed with {type(error).__name__}: {error}, for the instruction "
        f"{ids}{shown}. Correct the reward function: it must give a number for any response."
    )


def step_callback(
    watch: Watch, steps: int, progress: bool, budget: Budget, checkpoints: Checkpoints | None
) -> Any:
    """A callback for a run of ``steps`` steps: it ends each step, saves and stops."""
    from transformers import TrainerCallback

    class Callback(TrainerCallback):
        """Closes a step for the watch, moves the progress bar, and says when to save and stop."""

        def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            watch.started = time.perf_counter()
            done = len(watch.steps)
            self.bar = tqdm(total=steps, initial=done, desc="GRPO steps", disable=not progress)

        def on_log(
            self,
            args: Any,
            state: Any,
            control: Any,
            logs: dict[str, Any] | None = None,
            **kwargs: Any,
        ) -> None:
            if logs and "grad_norm" in logs:
                watch.close(logs)
                last = watch.steps[-1]
                shown = {"reward": f"{last.reward:.2f}", "tokens": f"{last.length:.0f}"}
                if last.no_verdict:
                    shown["no verdict"] = f"{last.no_verdict:.0%}"
                self.bar.set_postfix(shown)
                self.bar.update()
                # Clocks differ between processes; one that goes on alone would wait for ever.
                spent = as_the_main_process(budget.reached(watch.steps) is not None)
                over = spent or last.step >= steps
                control.should_training_stop |= over
                if checkpoints is not None and (over or last.step % checkpoints.every == 0):
                    control.should_save = True

        def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            self.bar.close()

    return Callback()
