"""Exercises of notebook 04: the pilot, Step A and Step B by hand.

The library's own functions (`hppt_lib.refine.steps`) do more: other rules, reasons, reversible
prompts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from hppt_lib.course.checks import Case, Exercise, Label, Mistake

History = Sequence[float | None]

# --- 1: Step A -----------------------------------------------------------------------------------


def step_a(histories: Mapping[str, History]) -> list[str]:
    """Ids of the instructions whose reward was ever above 0, in the order given.

    Args:
        histories: for each id the rewards of its samples; ``None`` where there was no verdict.
    """
    return [id for id, rewards in histories.items() if any(each and each > 0 for each in rewards)]


def _kept_if(keep: Callable[[History], bool]) -> Callable[[Mapping[str, History]], list[str]]:
    def wrong(histories: Mapping[str, History]) -> list[str]:
        return [id for id, rewards in histories.items() if keep(rewards)]

    return wrong


def _known(rewards: History) -> list[float]:
    return [each for each in rewards if each is not None]


_STEP_A = Exercise(
    label=Label("Step A", number=1, difficulty=1, minutes=5, points=1),
    reference=step_a,
    cases=(
        Case(
            "five instructions, four samples each",
            {
                "histories": {
                    "wind": [0.0, 0.0, 0.0, 1.0],
                    "tea": [0.0, 0.0, 0.0, 0.0],
                    "bees": [1.0, 1.0, 1.0, 1.0],
                    "salt": [0.0, 1.0, 1.0, 1.0],
                    "rain": [1.0, 0.0, 0.0, 0.0],
                }
            },
        ),
        Case(
            "a judge that sometimes gave no verdict",
            {"histories": {"wind": [None, 0.0, None], "tea": [None, 1.0, 0.0], "bees": [None] * 3}},
        ),
        Case("a reward that is a share", {"histories": {"wind": [0.0, 0.25], "tea": [0.0, 0.0]}}),
        Case("nothing was sampled", {"histories": {"wind": [], "tea": [1.0]}}),
    ),
    mistakes=(
        Mistake(
            "keep what is rewarded in most samples: once is enough",
            _kept_if(lambda rewards: sum(_known(rewards)) > len(rewards) / 2),
        ),
        Mistake(
            "keep only what is rewarded every time",
            _kept_if(lambda rewards: bool(rewards) and all(each == 1 for each in rewards)),
        ),
        Mistake(
            "ask for a reward of 1: any reward above 0 counts",
            _kept_if(lambda rewards: any(each == 1 for each in rewards)),
        ),
        Mistake(
            "look at the last sample only",
            _kept_if(lambda rewards: bool(rewards) and bool(rewards[-1])),
        ),
        Mistake(
            "look at the first sample only",
            _kept_if(lambda rewards: bool(rewards) and bool(rewards[0])),
        ),
        Mistake(
            "count *no verdict* as a reward: nobody said that the response was right",
            _kept_if(lambda rewards: any(each != 0 for each in rewards)),
        ),
        Mistake(
            "also drop what is rewarded every time (that is another filter, IFDecorator's window)",
            _kept_if(
                lambda rewards: any(_known(rewards)) and not all(each == 1 for each in rewards)
            ),
        ),
        Mistake(
            "return what is dropped",
            _kept_if(lambda rewards: not any(_known(rewards))),
        ),
    ),
    not_covered="the reason of each decision, and the random control.",
)

# --- 2: the chance of being kept -----------------------------------------------------------------


def chance_kept(rewarded: int, samples: int, budget: int) -> float:
    """Chance that a pilot of ``budget`` of these samples keeps the instruction.

    The pilot's samples are drawn from the ``samples`` that were seen, without putting back. It is
    the estimator that code generation calls pass@k (arXiv 2107.03374).
    """
    return 1 - math.comb(samples - rewarded, budget) / math.comb(samples, budget)


_CHANCE_KEPT = Exercise(
    label=Label("The chance of being kept", number=2, difficulty=2, minutes=10, points=2),
    reference=chance_kept,
    cases=(
        Case("1 of 8 rewarded, a pilot of 4", {"rewarded": 1, "samples": 8, "budget": 4}),
        Case("3 of 8 rewarded, a pilot of 2", {"rewarded": 3, "samples": 8, "budget": 2}),
        Case("6 of 8 rewarded, a pilot of 4", {"rewarded": 6, "samples": 8, "budget": 4}),
        Case("never rewarded", {"rewarded": 0, "samples": 8, "budget": 8}),
    ),
    mistakes=(
        Mistake(
            "use 1 − (1 − p)ᵏ: that draws with putting back, and is too low when all were drawn",
            lambda rewarded, samples, budget: 1 - (1 - rewarded / samples) ** budget,
        ),
        Mistake(
            "return the chance that *none* of them is rewarded",
            lambda rewarded, samples, budget: 1 - chance_kept(rewarded, samples, budget),
        ),
        Mistake(
            "return the chance that *all* of them are rewarded",
            lambda rewarded, samples, budget: (
                math.comb(rewarded, budget) / math.comb(samples, budget)
            ),
        ),
        Mistake(
            "return the pass rate: that is the answer for a budget of one",
            lambda rewarded, samples, budget: rewarded / samples,
        ),
        Mistake(
            "add the chances up: two samples can both be rewarded",
            lambda rewarded, samples, budget: budget * rewarded / samples,
        ),
        Mistake(
            "add the chances up and cut at 1: two samples can both be rewarded",
            lambda rewarded, samples, budget: min(1.0, budget * rewarded / samples),
        ),
    ),
    not_covered="a budget larger than the samples seen: nothing seen can answer that.",
)

# --- 3: the price of a pilot that stops ----------------------------------------------------------


def rollouts_spent(histories: Mapping[str, History]) -> int:
    """Rollouts of a pilot that leaves an instruction as soon as it is certain to be kept.

    Args:
        histories: for each id the rewards of all samples of the full pilot, in order.
    """
    spent = 0
    for rewards in histories.values():
        for reward in rewards:
            spent += 1
            if reward:
                break
    return spent


def _spent(cost: Callable[[History, int | None], int]) -> Callable[[Mapping[str, History]], int]:
    """``cost`` of the rewards and of the place (from 0) of the first one above 0, summed."""

    def wrong(histories: Mapping[str, History]) -> int:
        return sum(
            cost(rewards, next((place for place, each in enumerate(rewards) if each), None))
            for rewards in histories.values()
        )

    return wrong


_ROLLOUTS_SPENT = Exercise(
    label=Label("The price of a pilot that stops", number=3, difficulty=2, minutes=10, points=2),
    reference=rollouts_spent,
    cases=(
        Case(
            "rewarded in the third of four samples", {"histories": {"wind": [0.0, 0.0, 1.0, 0.0]}}
        ),
        Case("never rewarded", {"histories": {"wind": [0.0] * 4}}),
        Case(
            "three instructions",
            {
                "histories": {
                    "wind": [1.0, 0.0, 1.0, 1.0],
                    "tea": [0.0, 0.0, 0.0, 0.0],
                    "bees": [0.0, 1.0, 0.0, 1.0],
                }
            },
        ),
        Case("without a verdict at first", {"histories": {"wind": [None, 0.0, 1.0, 1.0, 0.0]}}),
    ),
    mistakes=(
        Mistake(
            "leave out the sample that decided: it had to be drawn too",
            _spent(lambda rewards, first: len(rewards) if first is None else first),
        ),
        Mistake(
            "count nothing for instructions that are dropped: they cost most, every sample",
            _spent(lambda rewards, first: 0 if first is None else first + 1),
        ),
        Mistake(
            "give up at the first sample without a reward: it decides nothing",
            lambda histories: sum(
                next((n for n, each in enumerate(rewards, 1) if not each), len(rewards))
                for rewards in histories.values()
            ),
        ),
        Mistake(
            "count the samples without a reward after the first rewarded one, too",
            lambda histories: sum(
                sum(not each for each in rewards) + any(rewards) for rewards in histories.values()
            ),
        ),
        Mistake(
            "count every sample: that is the full pilot", _spent(lambda rewards, _: len(rewards))
        ),
        Mistake(
            "leave out the samples without a verdict: they were drawn too",
            lambda histories: rollouts_spent(
                {id: _known(rewards) for id, rewards in histories.items()}
            ),
        ),
        Mistake(
            "count the samples that are *saved*",
            _spent(lambda rewards, first: 0 if first is None else len(rewards) - first - 1),
        ),
    ),
    not_covered="other rules (a window can be decided early for the other side too).",
)

# --- 4: what zero leaves possible ----------------------------------------------------------------


def largest_rate(samples: int, confidence: float = 0.95) -> float:
    """The largest pass rate that zero rewards in ``samples`` samples leave possible.

    The one-sided exact (Clopper–Pearson) bound: with this rate, as little as was seen would still
    be seen with a chance of ``1 - confidence``.
    """
    return 1 - (1 - confidence) ** (1 / samples)


_LARGEST_RATE = Exercise(
    label=Label("What zero leaves possible", number=4, difficulty=2, minutes=10, points=2),
    reference=largest_rate,
    cases=(
        Case("never rewarded in 8 samples", {"samples": 8}),
        Case("never rewarded in 64 samples", {"samples": 64}),
        Case("in 1 sample", {"samples": 1}),
        Case("in 8 samples, confidence .9", {"samples": 8, "confidence": 0.9}),
    ),
    mistakes=(
        Mistake("answer 0: never seen is not impossible", lambda samples, confidence=0.95: 0.0),
        Mistake(
            "answer one in the samples: with that rate, zero would be no surprise at all",
            lambda samples, confidence=0.95: 1 / samples,
        ),
        Mistake(
            "use the rule of three, 3/n: good for many samples, above 1 for few",
            lambda samples, confidence=0.95: 3 / samples,
        ),
        Mistake(
            "mix up confidence and error: it is (1 − p)ⁿ = 0.05, not 0.95",
            lambda samples, confidence=0.95: 1 - confidence ** (1 / samples),
        ),
        Mistake(
            "take the two-sided bound: nothing can be below zero rewards",
            lambda samples, confidence=0.95: 1 - ((1 - confidence) / 2) ** (1 / samples),
        ),
        Mistake(
            "write .95 where `confidence` belongs",
            lambda samples, confidence=0.95: largest_rate(samples),
        ),
        Mistake(
            "return the rate of *failing*",
            lambda samples, confidence=0.95: (1 - confidence) ** (1 / samples),
        ),
    ),
    not_covered="instructions that were rewarded at least once (see `scipy.stats.beta`).",
)

# --- 5: Step B -----------------------------------------------------------------------------------


def step_b(prompt: str, soft: Sequence[str]) -> str:
    """The prompt with the first soft constraint only.

    Args:
        prompt: the task and its constraints, one a line.
        soft: the lines that are soft constraints, in the prompt's order.
    """
    gone = set(soft[1:])
    return "\n".join(line for line in prompt.split("\n") if line not in gone)


def _without(
    lines: Callable[[Sequence[str]], Sequence[str]],
) -> Callable[[str, Sequence[str]], str]:
    def wrong(prompt: str, soft: Sequence[str]) -> str:
        gone = set(lines(soft))
        return "\n".join(line for line in prompt.split("\n") if line not in gone)

    return wrong


def _gaps(prompt: str, soft: Sequence[str]) -> str:
    for each in soft[1:]:
        prompt = prompt.replace(each, "")
    return prompt


def _inside(prompt: str, soft: Sequence[str]) -> str:
    for each in soft[1:]:
        prompt = prompt.replace("\n" + each, "")
    return prompt


_WIND = "Explain wind.\nUse no comma.\nStay calm.\nWrite for a child.\nAnswer in 3 sentences."
_STEP_B = Exercise(
    label=Label("Step B", number=5, difficulty=2, minutes=10, points=2),
    reference=step_b,
    cases=(
        Case("two soft, two hard", {"prompt": _WIND, "soft": ["Stay calm.", "Write for a child."]}),
        Case("one soft constraint", {"prompt": _WIND, "soft": ["Stay calm."]}),
        Case("no soft constraint", {"prompt": "Explain wind.\nUse no comma.", "soft": []}),
        Case(
            "a hard one that begins with the same words",
            {
                "prompt": "Explain wind.\nStay calm.\nBe brief.\nBe brief. End with the word wind.",
                "soft": ["Stay calm.", "Be brief."],
            },
        ),
    ),
    mistakes=(
        Mistake("remove every soft constraint: one stays", _without(lambda soft: soft)),
        Mistake("keep the last one: the rule here is the first", _without(lambda soft: soft[:-1])),
        Mistake(
            "leave the prompt as it was: then it asks for what nobody rewards",
            lambda prompt, soft: prompt,
        ),
        Mistake("leave empty lines where the constraints stood", _gaps),
        Mistake("cut the words out of another line, too: compare whole lines", _inside),
        Mistake(
            "remove the hard constraints: they stay, all of them",
            lambda prompt, soft: "\n".join(
                line for line in prompt.split("\n")[:1] + list(soft[:1])
            ),
        ),
    ),
    not_covered="constraints in running text, and undoing it (`hppt_lib.refine.steps.restored`).",
)

EXERCISES: dict[str, Exercise] = {
    "step_a": _STEP_A,
    "chance_kept": _CHANCE_KEPT,
    "rollouts_spent": _ROLLOUTS_SPENT,
    "largest_rate": _LARGEST_RATE,
    "step_b": _STEP_B,
}
"""The exercises of the notebooks as data, one module a notebook; see `hppt_lib.course.checks`."""
