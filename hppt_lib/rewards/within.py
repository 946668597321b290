"""Correction where error rates differ within a group: by how long the answer is.

With one pair of error rates for all responses to an instruction, the corrected reward has the same
advantages as the uncorrected one (`hppt_lib.rewards.corrected`). A judge's rates are not the same
for all: one that likes long answers passes many false ones among the long. Where rates are known
by a property that is seen on each response, the correction changes what a group teaches: a pass is
worth less where passes are cheap. Its price is variance, as everywhere: where the judge says little
the estimate is mostly noise, and response by response it may point less well than the verdicts that
it corrects (``hppt calibrate-judge`` measures both).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.identity import digest
from hppt_lib.rewards.guards import allows, guard_named
from hppt_lib.rewards.kinds import Quotable, Reward, reward_name
from hppt_lib.rewards.rate_files import read_rate_file, write_rate_file
from hppt_lib.rewards.scores import Score
from hppt_lib.verifiers.words import words

LEAST_KNOWN = 0.2
"""A judge for which 1 − false passes − false fails is less than this says next to nothing: such a
verdict, divided by so small a number, would be nearly all noise. It gives no reward."""


@dataclass(frozen=True)
class LengthRates:
    """A judge's error rates on answers of some length, to constraints of one type.

    Attributes:
        below: the answers have fewer words than this; None for all that are longer.
        false_pass: of the truly violated, the share passed.
        false_fail: of the truly satisfied, the share failed.
    """

    below: int | None
    false_pass: float
    false_fail: float

    @property
    def known(self) -> float:
        """1 − false passes − false fails: 1 for a perfect judge, 0 for a coin."""
        return 1 - self.false_pass - self.false_fail

    def corrected(self, paid: float) -> float:
        """The unbiased estimate of the truth from a verdict, 0 or 1; NaN if it says too little."""
        if self.known < LEAST_KNOWN:
            return float("nan")
        return (paid - self.false_pass) / self.known


WithinRates = Mapping[str, Sequence[LengthRates]]
"""Error rates by the id of the constraint; the shortest answers first, the last without an end."""


def rates_at(rates: Sequence[LengthRates], length: int) -> LengthRates:
    """The rates for an answer of so many words."""
    return next(each for each in rates if each.below is None or length < each.below)


def write_within(path: str | Path, rates: WithinRates, measured: Mapping[str, Any]) -> None:
    """Write rates for `corrected_within`.

    Args:
        path: a JSON file.
        rates: the rates.
        measured: what a reader should know of where they come from, as plain JSON values.

    Raises:
        HpptError: the file could not be written.
    """
    plain = {id: [asdict(each) for each in some] for id, some in rates.items()}
    write_rate_file(path, "within", plain, measured)


def read_within(path: str | Path) -> dict[str, tuple[LengthRates, ...]]:
    """The rates in a file that `write_within` wrote.

    Raises:
        HpptError: the file cannot be read, or a rate is none; the message names it.
    """
    return read_rate_file(
        path, "within", _rates, what="error rates by length", command="hppt calibrate-judge"
    )


def _rates(id: str, rows: Sequence[Mapping[str, Any]]) -> tuple[LengthRates, ...]:
    found = tuple(LengthRates(**each) for each in rows)
    ends = [each.below for each in found]
    inner = [each for each in ends if each is not None]
    if ends != [*inner, None] or inner != sorted(set(inner)):
        raise ValueError(f"the lengths of '{id}' do not follow each other")
    if not all(0 <= share <= 1 for each in found for share in (each.false_pass, each.false_fail)):
        raise ValueError(f"a rate of '{id}' is no probability")
    return found


def corrected_within(*, of: Reward, rates: WithinRates | str, guard: str = "none") -> Reward:
    """The unbiased estimate of the truth from a judge whose error rates go with length.

    As `corrected`, with the rates of the constraint's type and of the answer's length in words.
    What the guard refuses gets 0, for there the truth is known: so the rates are those on responses
    that pass it. No reward (NaN) where the judge gave none, and where it says too little
    (`LEAST_KNOWN`). Range: as far as the rates allow, below 0 to above 1; *not* all-or-nothing.

    Args:
        of: the judge's reward, 0 or 1, without a guard: `hppt_lib.rewards.judged`, say.
        rates: by the constraint's id, or a file of them (``hppt calibrate-judge``).
        guard: a name in `hppt_lib.rewards.GUARDS`.

    Raises:
        HpptError: there is no such guard or file, ``of`` is not a reward of 0 or 1, or it says too
            little everywhere. A response to other than one constraint, or to one of a type without
            rates, raises it too.
    """
    chosen = guard_named(guard)
    known = read_within(rates) if isinstance(rates, str) else dict(rates)
    if not of.all_or_nothing or of.range != (0.0, 1.0):
        raise HpptError(f"corrected_within() needs a reward of 0 or 1; '{of.name}' is not.")
    useful = [each for some in known.values() for each in some if each.known >= LEAST_KNOWN]
    if not useful:
        raise HpptError("corrected_within(): this judge says next to nothing at any length.")

    def value(score: Score) -> float:
        if score.instruction is None:
            raise HpptError("A reward corrected by length needs the response: use rewards.score().")
        if not allows(guard, score):
            return 0.0
        ids = [each.id for each in score.instruction.constraints]
        if len(ids) != 1 or ids[0] not in known:
            raise HpptError(
                f"Instruction '{score.instruction.id}' asks for {', '.join(ids) or 'nothing'}. "
                f"There are rates for one of: {', '.join(known)}."
            )
        return rates_at(known[ids[0]], len(words(score.answer))).corrected(of.value(score))

    clause = "" if guard == "none" else f", 0 unless the response is {chosen.definition}"
    return Reward(
        name=reward_name(
            "corrected_within",
            of=(of.name, None),
            rates=(Quotable(rates if isinstance(rates, str) else "given"), None),
            guard=(guard, "none"),
        ),
        value=value,
        range=(
            min(0.0, *(each.corrected(0.0) for each in useful)),
            max(1.0, *(each.corrected(1.0) for each in useful)),
        ),
        all_or_nothing=False,
        definition=f"the unbiased estimate, by type and length, from: {of.definition}{clause}",
        truth=lambda score: float(score.strict and allows(guard, score)),
        judging=of.judging,
        source=of.source,
        may_drop=of.may_drop or any(each.known < LEAST_KNOWN for s in known.values() for each in s),
        content=digest({id: repr(tuple(each)) for id, each in known.items()}),
    )
