"""A number for internalisation: how much of what a policy gained it also shows in forms unseen.

A policy that was trained on some constraints satisfies them more often. It may have learned to
follow what is asked, or these types, in these words, in this place. Instructions in four forms tell
(`hppt_lib.corpus.internalisation`): the form of training (``seen``), and three that it never met:
other ``wordings``, another ``order`` of the sentences, other ``types`` of constraint.

With G the gain in guarded ISR over the base policy on the same prompts, the **index** is::

    kept = mean of G(wordings), G(order), G(types)  /  G(seen)

1: all of the gain is there in forms never met. 0: none. Below 0: the policy got worse in them. It
is given only where G(seen) is clear of zero, for there is nothing to keep without it. **Lost** is
the same as a difference, G(seen) less that mean: in points, and always given. The base has no gain;
beside each policy stands what can be said of the base too, its **evenness**: guarded ISR in the
three forms, on average, over that in ``seen``.

Intervals are of a bootstrap over topics: a topic's forms are drawn together, and for an arm the
base's responses with them. They are about *these* policies. From `SEEDS_FOR_A_MEAN` runs of an arm
on, runs are drawn too, and the interval is about the arm.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hppt_lib.corpus.internalisation import FORMS
from hppt_lib.errors import HpptError
from hppt_lib.evaluation.comparison import signed
from hppt_lib.evaluation.runs import SEEDS_FOR_A_MEAN
from hppt_lib.evaluation.satisfaction import MEASURES, Evaluated
from hppt_lib.intervals import Interval
from hppt_lib.terminal import as_text, table

UNSEEN = FORMS[1:]
_MEASURE = "guarded ISR"
_DRAWS = 4000


@dataclass(frozen=True)
class Internalised:
    """One policy, or the runs of an arm, in four forms.

    Attributes:
        arm: its name.
        runs: how many runs it is the mean of.
        topics: how many topics, each in every form.
        satisfied: guarded ISR by form.
        evenness: guarded ISR in the three unseen forms, on average, over that in ``seen``; None if
            that may be zero.
        gain: guarded ISR less the base's, by form, and under ``unseen`` the mean of the three;
            empty for the base.
        lost: the gain in ``seen`` less that in ``unseen``; None for the base.
        kept: the gain over that in ``seen``, by unseen form, and under ``unseen`` the index; empty
            for the base, and where the gain in ``seen`` is not clear of zero.
        over_runs: whether the intervals are over runs too.
    """

    arm: str
    runs: int
    topics: int
    satisfied: Mapping[str, Interval]
    evenness: Interval | None
    gain: Mapping[str, Interval]
    lost: Interval | None
    kept: Mapping[str, Interval]
    over_runs: bool

    @property
    def sentence(self) -> str:
        """What the index supports, in one sentence; empty for the base."""
        if self.lost is None:
            return ""
        seen = self.gain["seen"]
        if not self.kept:
            return (
                f"{self.arm}: no gain that is clear of zero in the form of training "
                f"({signed(seen)}), so there is nothing to keep."
            )
        index = self.kept["unseen"]
        says = "it is open how much of the gain is kept"
        if index.high < 1:
            says = "part of the gain belongs to the form of training"
        if index.high < 1 and index.low <= 0:
            says = "no gain is shown in forms never met"
        elif index.low > 0 and index.high >= 1:
            says = "some of the gain is kept, and it may be all of it"
        elif index.low > 0:
            says = "some of the gain is kept, and not all of it"
        return f"{self.arm}: of a gain of {signed(seen)}, {index} is kept: {says}."


@dataclass(frozen=True)
class Internalisation:
    """The base and its arms.

    Attributes:
        policies: the base first.
        provenance: model, data and number of samples, in one line.
    """

    policies: tuple[Internalised, ...]
    provenance: str = ""

    @property
    def sentence(self) -> str:
        """What the indices support, a sentence an arm."""
        return " ".join(filter(None, (each.sentence for each in self.policies)))

    def as_table(self, width: int | None = None) -> str:
        """The numbers for a terminal.

        Args:
            width: in characters; None for the terminal's.
        """
        shares: list[list[object] | None] = [
            [each.arm, each.runs, *(_cell(each.satisfied[form]) for form in FORMS), each.evenness]
            for each in self.policies
        ]
        arms = [each for each in self.policies if each.lost is not None]
        gains: list[list[object] | None] = [
            [each.arm, part, signed(each.gain[part]), each.kept.get(part)]
            for each in arms
            for part in (*FORMS, "unseen")
        ]
        gains += [[each.arm, "lost", signed(each.lost), None] for each in arms if each.lost]
        seeds = [
            f"Intervals of {each.arm} are about its {each.runs} trained "
            f"{'policy' if each.runs == 1 else 'policies'}, not about what other seeds would give."
            for each in arms
            if not each.over_runs
        ]
        blocks = [
            table(["policy", "runs", *FORMS, "evenness"], shares, title="Guarded ISR by form")
        ]
        if arms:
            title = "Gain over the base, and the share of that in 'seen' that is kept"
            blocks.append(table(["arm", "form", "gain", "kept"], gains, title=title, text=(0, 1)))
        return as_text(*blocks, self.sentence, *seeds, self.provenance, width=width)

    def as_json(self) -> list[dict[str, Any]]:
        """The numbers as plain data, one object a policy."""

        def plain(some: Mapping[str, Interval]) -> dict[str, list[float]]:
            return {name: [each.mean, each.low, each.high] for name, each in some.items()}

        def ends(one: Interval | None) -> list[float] | None:
            return None if one is None else [one.mean, one.low, one.high]

        return [
            {
                "arm": each.arm,
                "runs": each.runs,
                "topics": each.topics,
                "satisfied": plain(each.satisfied),
                "evenness": ends(each.evenness),
                "gain": plain(each.gain),
                "lost": ends(each.lost),
                "kept": plain(each.kept),
                "over_runs": each.over_runs,
            }
            for each in self.policies
        ]


def internalised(
    base: Sequence[Evaluated],
    arms: Mapping[str, Sequence[Sequence[Evaluated]]],
    *,
    provenance: str = "",
    seed: int = 0,
) -> Internalisation:
    """Hold trained policies against their base in four forms.

    Args:
        base: the base policy's responses to the instructions ``internalisation``.
        arms: by name, the responses of each run.
        provenance: model, data and number of samples, for tables and figures.
        seed: of the bootstrap.

    Raises:
        HpptError: an instruction is in none of the forms, a topic lacks one, or policies answer
            different instructions.
    """
    topics, shares = _shares("base", base)
    found = [_measured("base", shares[None], None, seed)]
    for name, runs in arms.items():
        if not runs:
            raise HpptError(f"The arm '{name}' has no run.")
        of_runs = []
        for rows in runs:
            asked, each = _shares(name, rows)
            if asked != topics:
                raise HpptError(f"'{name}' answers other instructions than the base does.")
            of_runs.append(each)
        found.append(_measured(name, np.stack(of_runs), shares, seed))
    return Internalisation(tuple(found), provenance)


def satisfied_by_seed(runs: Mapping[int, Sequence[Evaluated]], form: str) -> dict[int, float]:
    """Guarded ISR in a form, by seed: what `difference_by_seed` sets two arms apart by.

    Args:
        runs: of an arm, by seed, the responses to the instructions ``internalisation``.
        form: one of the four, or ``unseen``: the mean of the three that training never met.

    Raises:
        HpptError: there is no such form, an instruction is in none, or a topic lacks one.
    """
    if form not in (*FORMS, "unseen"):
        raise HpptError(f"There is no form '{form}'. Choose {', '.join(FORMS)} or unseen.")
    columns = [FORMS.index(each) for each in (UNSEEN if form == "unseen" else (form,))]
    return {
        seed: float(_shares(f"seed {seed}", rows)[1][:, columns].mean())
        for seed, rows in runs.items()
    }


def _shares(name: str, rows: Sequence[Evaluated]) -> tuple[list[str], np.ndarray]:
    """The topics, and the share of responses that count, of shape (topics, forms)."""
    outcomes: defaultdict[str, list[bool]] = defaultdict(list)
    for row in rows:
        outcomes[row.instruction.id].append(MEASURES[_MEASURE](row))
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for id, each in outcomes.items():
        topic, _, form = id.rpartition("-")
        if form not in FORMS or not topic:
            raise HpptError(
                f"{name}: '{id}' is in none of the forms {', '.join(FORMS)}. Evaluate the policy "
                "on the instructions 'internalisation'."
            )
        found[topic][form] = sum(each) / len(each)
    for topic, forms in found.items():
        if missing := [each for each in FORMS if each not in forms]:
            raise HpptError(f"{name}: '{topic}' has no response in the form '{missing[0]}'.")
    if len(found) < 2:
        raise HpptError(f"{name}: two topics are needed at least, in all forms.")
    topics = sorted(found)
    return topics, np.array([[found[topic][form] for form in FORMS] for topic in topics])


def _measured(arm: str, shares: np.ndarray, base: np.ndarray | None, seed: int) -> Internalised:
    """One policy's numbers.

    Args:
        arm: its name.
        shares: of each run, shape (runs, topics, forms).
        base: the base's, shape (topics, forms); None if it is the base.
        seed: of the bootstrap.
    """
    runs, topics, _ = shares.shape
    over_runs = runs >= SEEDS_FOR_A_MEAN
    draw = np.random.default_rng(seed)
    # How often each topic, and each run, comes in a draw.
    of_topics = draw.multinomial(topics, np.full(topics, 1 / topics), _DRAWS) / topics
    of_runs = np.full((_DRAWS, runs), 1 / runs)
    if over_runs:
        of_runs = draw.multinomial(runs, np.full(runs, 1 / runs), _DRAWS) / runs
    drawn = np.einsum("dr,dt,rtf->df", of_runs, of_topics, shares, optimize=True)
    mean = shares.mean((0, 1))

    def of(values: np.ndarray, draws: np.ndarray) -> dict[str, Interval]:
        names = dict(zip((*FORMS, "unseen"), range(len(FORMS) + 1), strict=True))
        return {name: _interval(values[at], draws[:, at]) for name, at in names.items()}

    satisfied = of(_with_unseen(mean), _with_unseen(drawn))
    gain: dict[str, Interval] = {}
    kept: dict[str, Interval] = {}
    lost = None
    if base is not None:
        gains = _with_unseen(mean - base.mean(0))
        drawn_gains = _with_unseen(drawn - of_topics @ base)
        gain = of(gains, drawn_gains)
        lost = _interval(gains[0] - gains[-1], drawn_gains[:, 0] - drawn_gains[:, -1])
        if gain["seen"].low > 0:
            kept = of(gains / gains[0], _over(drawn_gains))
            del kept["seen"]
    evenness = None
    if satisfied["seen"].low > 0:
        whole = _with_unseen(mean)
        evenness = _interval(whole[-1] / whole[0], _over(_with_unseen(drawn))[:, -1])
    return Internalised(arm, runs, topics, satisfied, evenness, gain, lost, kept, over_runs)


def _with_unseen(values: np.ndarray) -> np.ndarray:
    """Values by form with the mean of the unseen ones behind, shape (…, forms + 1)."""
    return np.concatenate([values, values[..., 1:].mean(-1, keepdims=True)], axis=-1)


def _over(drawn: np.ndarray) -> np.ndarray:
    """Each form over ``seen``; a draw in which that is not above zero says nothing and is NaN."""
    seen = drawn[:, :1]
    return np.divide(drawn, seen, out=np.full_like(drawn, np.nan), where=seen > 0)


def _interval(mean: float, drawn: np.ndarray) -> Interval:
    low, high = np.nanpercentile(drawn, (2.5, 97.5))
    return Interval(float(mean), float(min(mean, low)), float(max(mean, high)))


def _cell(estimate: Interval) -> str:
    """An estimate above its interval, so that a table stays narrow."""
    return str(estimate).replace(" [", "\n[", 1)
