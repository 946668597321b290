"""Noise that is matched to a judge: as many errors of each kind, in clumps as large, but unaimed.

A judge's errors differ between types of constraint, and clump: of one instruction it takes nearly
everything, of another nearly nothing. Noise of one pooled rate is another treatment, for scattered
errors make nearly every group of rollouts differ in reward, and clumped ones do not. Here each type
has its own rates, and each instruction draws its own around them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.identity import digest
from hppt_lib.rewards.guards import allows, guard_named
from hppt_lib.rewards.kinds import Quotable, Reward, reward_name
from hppt_lib.rewards.noise import drawn_from
from hppt_lib.rewards.rate_files import read_rate_file, write_rate_file
from hppt_lib.rewards.scores import Score

_UNIFORM = 1e4  # a concentration from which on all instructions have the same rate


@dataclass(frozen=True)
class VaryingRate:
    """An error rate that differs between instructions, as a beta distribution.

    Attributes:
        mean: over instructions, 0 to 1.
        concentration: a + b of the distribution: small where errors clump (near 0 an instruction's
            rate is 0 or 1), large where all instructions have nearly the same rate.
    """

    mean: float
    concentration: float

    def at(self, place: float) -> float:
        """The rate of an instruction whose place among all, from least to most, is given."""
        if self.mean in (0.0, 1.0) or self.concentration >= _UNIFORM:
            return self.mean
        return _quantile(place, self.mean * self.concentration, self.concentration)


@lru_cache(maxsize=4096)
def _quantile(place: float, first: float, both: float) -> float:
    from scipy.special import betaincinv

    return float(betaincinv(first, both - first, place))


@dataclass(frozen=True)
class ErrorRates:
    """The error rates of a judge on constraints of one type.

    Attributes:
        false_pass: of the truly violated, the share passed.
        false_fail: of the truly satisfied, the share failed.
    """

    false_pass: VaryingRate
    false_fail: VaryingRate


Rates = Mapping[str, ErrorRates]
"""Error rates by the id of the constraint."""


def write_rates(path: str | Path, rates: Rates, measured: Mapping[str, Any]) -> None:
    """Write rates for `matched`.

    Args:
        path: a JSON file.
        rates: the rates.
        measured: what a reader should know of where they come from, as plain JSON values.

    Raises:
        HpptError: the file could not be written.
    """
    plain = {
        id: {
            "false_pass": _plain(each.false_pass),
            "false_fail": _plain(each.false_fail),
        }
        for id, each in rates.items()
    }
    write_rate_file(path, "rates", plain, measured)


def _plain(rate: VaryingRate) -> list[float]:
    return [round(rate.mean, 4), round(rate.concentration, 3)]


def read_rates(path: str | Path) -> dict[str, ErrorRates]:
    """The rates in a file that `write_rates` wrote.

    Raises:
        HpptError: the file cannot be read, or a rate is none; the message names it.
    """
    return read_rate_file(path, "rates", _rates, what="error rates", command="hppt match-noise")


def _rates(id: str, row: Mapping[str, Any]) -> ErrorRates:
    found = {}
    for name in ("false_pass", "false_fail"):
        found[name] = each = VaryingRate(*map(float, row[name]))
        if not (0 <= each.mean <= 1 and each.concentration > 0):
            raise ValueError(f"the {name} of '{id}' is {each}: no rate")
    return ErrorRates(**found)


def matched(*, rates: Mapping[str, ErrorRates] | str, guard: str = "none", seed: int = 0) -> Reward:
    """The strict reward with a judge's rates of errors, drawn at random. Range 0 to 1.

    Each constraint's verdict is flipped with its instruction's rate, then all must pass, then comes
    the guard. An instruction's rates are drawn once in a run: an instruction on which many false
    responses pass is one on which few true ones fail, as with a judge that says yes easily there.
    An error is frozen: the same response gets the same verdict all through a run.

    Args:
        rates: by the constraint's id, or a file of them (``hppt match-noise``).
        guard: a name in `hppt_lib.rewards.GUARDS`; what it refuses gets 0.
        seed: of the errors, beside the run's.

    Raises:
        HpptError: there is no such guard or file. A response to a constraint of a type without
            rates raises it too.
    """
    chosen = guard_named(guard)
    known = read_rates(rates) if isinstance(rates, str) else dict(rates)
    name = reward_name(
        "matched",
        rates=(Quotable(rates if isinstance(rates, str) else "given"), None),
        guard=(guard, "none"),
        seed=(seed, 0),
    )

    def flipped(score: Score) -> float:
        if score.instruction is None:
            raise HpptError("A reward with matched noise needs the response: use rewards.score().")
        hard = [each for each in score.instruction.constraints if each.kind == "hard"]
        found = [_flip(known, seed, score, number, each.id) for number, each in enumerate(hard)]
        return float(bool(found) and all(found))

    def value(score: Score) -> float:
        return flipped(score) if allows(guard, score) else 0.0

    clause = "" if guard == "none" else f" and the response is {chosen.definition}"
    return Reward(
        name=name,
        value=value,
        range=(0.0, 1.0),
        all_or_nothing=True,
        definition=f"1 if every constraint passes{clause}, else 0; each verdict wrong as often as "
        "a judge's, at random, frozen for each response",
        truth=lambda score: float(score.strict and allows(guard, score)),
        guard=guard,
        before_guard=flipped,
        content=digest({id: repr(each) for id, each in known.items()}),
    )


def _flip(known: Rates, seed: int, score: Score, number: int, id: str) -> bool:
    """The verdict on one constraint, with its error if it has one."""
    assert score.instruction is not None
    if id not in known:
        raise HpptError(
            f"Instruction '{score.instruction.id}': there are no error rates for '{id}'. There are "
            f"for: {', '.join(known)}."
        )
    true = score.verdicts[number].passed
    where = [seed, score.run_seed, score.instruction.id, number]
    place = drawn_from(["instruction", *where])
    rates = known[id]
    rate = rates.false_fail.at(1 - place) if true else rates.false_pass.at(place)
    return bool(true) != (drawn_from(["response", *where, score.response]) < rate)
