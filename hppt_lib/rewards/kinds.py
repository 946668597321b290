"""What a reward is, and the rewards that verifiers alone decide: strict, guarded, fractional.

Every reward says its range and whether it is all-or-nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.judges.by_name import judge_identity
from hppt_lib.rewards.guards import allows, guard_named
from hppt_lib.rewards.judging import Judging
from hppt_lib.rewards.scores import Score

_SHOWN = 200  # characters of a response in a message


@dataclass(frozen=True)
class Source:
    """Where a reward of the user's own comes from.

    Attributes:
        module: the module that has the function.
        function: its name there.
        sha256: of the file with the function's source; empty where there is none (a notebook).
        beside: SHA-256 of the files that it imported from its own folder, by name.
    """

    module: str
    function: str
    sha256: str
    beside: dict[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Reward:
    """A reward function with its properties.

    Attributes:
        name: the name that run records carry; `hppt_lib.rewards.reward` reads it back.
        value: from a score to the reward. It looks at `Score.answer`, never at the response, which
            has the thoughts. NaN says "no reward: leave this rollout out" (a judge gave no verdict
            and the rule is ``drop``). It is given scores without a missing verdict on a hard
            constraint; see `checked_value`.
        range: the smallest and the largest reward.
        all_or_nothing: True if it takes no value between the two.
        definition: what is rewarded, in one line.
        truth: what the reward stands for, where that is known and is not the reward itself: the
            value without the noise, or the verifiers' where a judge decides. None if the reward is
            its own truth. It gives None where the truth of a response is not known.
        judging: what a judge has to be asked before `value` can be computed; None if nothing.
        source: of a function of the user's own (`hppt_lib.rewards.own`), what it was read from.
        may_drop: whether `value` may give NaN.
        guard: the guard in `value`, by its name; what it refuses gets the smallest reward.
        before_guard: the reward without that guard; None if there is none.
        content: SHA-256 of what its name names by a path, such as error rates; empty if nothing.
    """

    name: str
    value: Callable[[Score], float]
    range: tuple[float, float]
    all_or_nothing: bool
    definition: str
    truth: Callable[[Score], float | None] | None = None
    judging: Judging | None = None
    source: Source | None = None
    may_drop: bool = False
    guard: str = "none"
    before_guard: Callable[[Score], float] | None = None
    content: str = ""

    @property
    def identity(self) -> dict[str, Any]:
        """What two rewards must share to be the same (`hppt_lib.identity`).

        The name, and by their content the own code and the judge, of which the name says too
        little.

        Raises:
            HpptError: the judge is a local model, and is not there.
        """
        found: dict[str, Any] = {"name": self.name}
        if self.source:
            found |= {"code": self.source.sha256, "imported": self.source.beside}
        if self.content:
            found["content"] = self.content
        if self.judging:
            found["judge"] = judge_identity(self.judging.judge, self.judging.call)
        return found

    def ready(self) -> Reward:
        """The same reward, with its judge loaded if it has one.

        Raises:
            HpptError: that judge cannot be had.
        """
        return replace(self, judging=self.judging.ready()) if self.judging else self

    def true_value(self, score: Score) -> float | None:
        """The reward that a perfect instrument would give; None if it is not known."""
        if score.missing:
            return None
        return self.value(score) if self.truth is None else self.truth(score)

    def checked_value(self, score: Score) -> float:
        """The reward, after a look at whether it is what this reward says of itself.

        NaN, *no reward*, also where it hangs on a hard constraint that has no verdict: the two
        rewards, with each such verdict a fail and with each a pass, are not the same.

        Raises:
            HpptError: it is no number, NaN although `may_drop` is False, outside `range`, or
                between the two ends of an all-or-nothing reward; the message shows the response.
        """
        if score.missing:
            least, most = (self.checked_value(score.filled(passed)) for passed in (False, True))
            return least if least == most else math.nan
        given: Any = self.value(score)
        number, (low, high) = _number(given), self.range
        if number is None:
            wrong = f"gave {shown(given)}, which is no number"
        elif math.isnan(number):
            if self.may_drop:
                return number
            wrong = "gave NaN; if that is to leave the rollout out, state may_drop = True"
        elif not low <= number <= high:
            wrong = f"gave {number:g}, outside its range from {low:g} to {high:g}"
        elif self.all_or_nothing and number not in self.range:
            wrong = f"gave {number:g}; it is stated as all-or-nothing: {low:g} or {high:g}"
        else:
            return number
        raise refused(self.name, wrong, score)


def refused(name: str, what: str, score: Score) -> HpptError:
    """The error of a reward that gave what it must not, with the response that it was for."""
    cut = score.response if len(score.response) <= _SHOWN else f"{score.response[:_SHOWN]}…"
    id = score.instruction.id if score.instruction else "unknown"
    return HpptError(
        f"The reward '{name}' {what}, for the instruction '{id}' and the response {cut!r}. "
        "Correct the reward function: it must give a number in its range for any response."
    )


def shown(value: object) -> str:
    """A value and its type, for a message."""
    text = repr(value)
    return f"{text if len(text) <= 60 else text[:59] + '…'} ({type(value).__name__})"


def _number(given: Any) -> float | None:
    """A number, whoever made it (numpy, torch); None for text and all else."""
    if isinstance(given, str) or not hasattr(given, "__float__"):
        return None
    try:
        return float(given)
    except Exception:  # an array of several numbers: each library has its own error
        return None


def strict() -> Reward:
    """The paper's reward: 1 only if all constraints pass. Range 0 to 1, all-or-nothing."""
    return STRICT


def guarded(*, guard: str = "substance") -> Reward:
    """1 only if all constraints pass and a guard finds an answer. Range 0 to 1, all-or-nothing.

    Args:
        guard: a name in `hppt_lib.rewards.GUARDS`.

    Raises:
        HpptError: there is no such guard.
    """
    chosen = guard_named(guard)
    return Reward(
        name=reward_name("guarded", guard=(guard, "substance")),
        value=lambda score: float(score.strict and allows(guard, score)),
        range=(0.0, 1.0),
        all_or_nothing=True,
        definition=f"1 if every constraint passes and the response is {chosen.definition}, else 0",
        guard=guard,
        before_guard=STRICT.value,
    )


def fractional(*, guard: str = "none") -> Reward:
    """The share of hard constraints that pass. Range 0 to 1, *not* all-or-nothing.

    It is 1 exactly where `strict` is (with the same guard). Half of the constraints earn half of
    the reward, so a policy may settle for the easy ones (AdvancedIF, 2511.10507, found 53.6 with
    such a reward and 58.1 with all-or-nothing).

    Args:
        guard: a name in `hppt_lib.rewards.GUARDS`; what it refuses gets 0.

    Raises:
        HpptError: there is no such guard.
    """
    chosen = guard_named(guard)

    def value(score: Score) -> float:
        if not score.verdicts or not allows(guard, score):
            return 0.0
        return sum(bool(each.passed) for each in score.verdicts) / len(score.verdicts)

    clause = "" if guard == "none" else f", 0 unless the response is {chosen.definition}"
    return Reward(
        name=reward_name("fractional", guard=(guard, "none")),
        value=value,
        range=(0.0, 1.0),
        all_or_nothing=False,
        definition=f"the share of constraints that pass{clause}",
    )


def reward_name(kind: str, **settings: tuple[object, object]) -> str:
    """The name of a reward: its kind and the settings, (value, default), that are not the default.

    A value in which `hppt_lib.rewards.reward` would see more than one word is put in quotes, of the
    kind that it does not hold itself.
    """
    shown = []
    for name, (value, default) in settings.items():
        if value != default:
            text = str(value)
            mark = "'" if '"' in text else '"'
            quoted = isinstance(value, Quotable) and any(each in " ,()='\"" for each in text)
            shown.append(f"{name}={mark}{text}{mark}" if quoted else f"{name}={text}")
    return f"{kind}({', '.join(shown)})" if shown else kind


class Quotable(str):
    """Text from outside (a path, an address) in the name of a reward."""


STRICT = Reward(
    name="strict",
    value=lambda score: float(score.strict),
    range=(0.0, 1.0),
    all_or_nothing=True,
    definition="1 if every constraint passes, else 0 (the paper's reward)",
)
GUARDED = guarded()
FRACTIONAL = fractional()
REWARDS: dict[str, Reward] = {each.name: each for each in (STRICT, GUARDED, FRACTIONAL)}
