"""Few types of constraint or many, at equal difficulty: the instructions of a fair comparison.

If some types are harder than others, a set of few types differs from a set of many in difficulty
too, and a comparison of arms measures that. So types that the policy always or never satisfies are
left out, and the others are sorted by difficulty into strata of equal size; a set of few types
takes one of each stratum, in turn over the seeds. Instructions are then exchanged for others of
their type until base pass rate and share of teaching instructions agree. All this is chosen on the
first half of the pilot's samples; whether the two sets do agree is said by the second half.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction, write_instructions
from hppt_lib.refine.pilot_log import Pilot

LEARNABLE = (0.03, 0.9)
"""A type is used if the base policy's pass rate lies in here."""
CLOSE = 0.03
"""By how much the two sets of a seed may differ in pass rate and in the share that teaches."""
_EXCHANGES = 2000


@dataclass(frozen=True)
class Difficulty:
    """How hard a set is for the policy of the pilot.

    Attributes:
        paid: share of the responses that are rewarded.
        teaching: share of the instructions with a rewarded and an unrewarded response.
    """

    paid: float
    teaching: float

    def near(self, other: Difficulty) -> bool:
        """Whether two sets are equally hard, within `CLOSE`."""
        gaps = (self.paid - other.paid, self.teaching - other.teaching)
        return all(abs(gap) <= CLOSE for gap in gaps)


@dataclass(frozen=True)
class Pair:
    """The two sets of one seed.

    Attributes:
        seed: the seed.
        few: instructions of few types.
        many: as many instructions, of many types.
        chosen_on: their difficulty on the samples by which they were chosen.
        checked_on: on the samples that had no part in it.
    """

    seed: int
    few: tuple[Instruction, ...]
    many: tuple[Instruction, ...]
    chosen_on: tuple[Difficulty, Difficulty]
    checked_on: tuple[Difficulty, Difficulty]

    @property
    def fair(self) -> bool:
        """Whether the two sets are equally hard on the samples that had no part in the choice."""
        return self.checked_on[0].near(self.checked_on[1])


@dataclass(frozen=True)
class Diversity:
    """Sets of few and of many types for each seed.

    Attributes:
        rates: of each type the policy's pass rate on the first half of the samples, the hardest
            first.
        strata: the types that are used, by difficulty.
        pairs: one a seed.
    """

    rates: Mapping[str, float]
    strata: tuple[tuple[str, ...], ...]
    pairs: tuple[Pair, ...]

    @property
    def checked_on(self) -> tuple[Difficulty, Difficulty]:
        """Few and many, on the samples that had no part in the choice: the mean over seeds."""
        sides = ([pair.checked_on[side] for pair in self.pairs] for side in (0, 1))
        few, many = (
            Difficulty(
                float(np.mean([each.paid for each in some])),
                float(np.mean([each.teaching for each in some])),
            )
            for some in sides
        )
        return few, many


def few_and_many(
    pilot: Pilot,
    seeds: Sequence[int],
    *,
    size: int = 96,
    few: int = 4,
    many: int = 12,
    reward: str = "guarded",
) -> Diversity:
    """For each seed a set of few types and one of many, equally hard.

    Args:
        pilot: an even number of samples of each instruction, which has one hard constraint.
        seeds: of the runs.
        size: instructions in a set: a multiple of ``few`` and of ``many``.
        few: types in a small set, which is also the number of strata.
        many: types in a large set: a multiple of ``few``.
        reward: by whose name a response counts as rewarded.

    Raises:
        HpptError: the numbers do not fit, an instruction has other constraints, a reward is
            missing, or there are not enough types or instructions in reach.
    """
    if not 0 < few < many or many % few or size % many or not seeds:
        raise HpptError(
            f"{few} types of {many}, {size} instructions, {len(seeds)} seeds: 'many' must be a "
            "multiple of 'few' and 'size' of 'many', for one seed or more."
        )
    paid = _paid(pilot, reward)
    by_type: dict[str, list[Instruction]] = {}
    for each in pilot.instructions:
        by_type.setdefault(each.constraints[0].id, []).append(each)
    rates = {id: _difficulty(some, paid, 0).paid for id, some in by_type.items()}
    rates = dict(sorted(rates.items(), key=lambda item: item[1]))
    low, high = LEARNABLE
    usable = [id for id, rate in rates.items() if low <= rate <= high]
    needed = {"few": size // few, "many": size // many}
    usable = [id for id in usable if len(by_type[id]) >= needed["few"]]
    if len(usable) < many:
        raise HpptError(
            f"{len(usable)} types have {needed['few']} instructions or more and a pass rate from "
            f"{low} to {high}; {many} are needed."
        )
    strata = tuple(
        tuple(part.tolist()) for part in np.array_split(np.array(usable, dtype=object), few)
    )
    pairs = []
    for turn, seed in enumerate(seeds):
        random_state = random.Random(f"diversity-{seed}")
        # Of each stratum as many for the large set; the small set's type is among them.
        large = [_rotated(stratum, turn)[: many // few] for stratum in strata]
        small = {stratum[0]: needed["few"] for stratum in large}
        every = {id: needed["many"] for stratum in large for id in stratum}
        pairs.append(_best_pair(seed, small, every, by_type, paid, random_state))
    return Diversity(rates, strata, tuple(pairs))


def _rotated(stratum: Sequence[str], turn: int) -> list[str]:
    start = turn % len(stratum)
    return [*stratum[start:], *stratum[:start]]


def _best_pair(
    seed: int,
    small: Mapping[str, int],
    large: Mapping[str, int],
    pools: Mapping[str, list[Instruction]],
    paid: Mapping[str, np.ndarray],
    random_state: random.Random,
) -> Pair:
    """Two drawn sets, whose instructions are exchanged until they are as near as they get.

    Args:
        seed: of the pair.
        small: how many instructions of each type the small set has.
        large: likewise.
        pools: the instructions of each type.
        paid: of each instruction whether its samples are rewarded.
        random_state: draws and exchanges.
    """

    def apart(sets: Sequence[Sequence[Instruction]]) -> float:
        one, other = (_difficulty(each, paid, 0) for each in sets)
        return abs(one.paid - other.paid) + abs(one.teaching - other.teaching)

    sets = [
        [each for id, count in types.items() for each in random_state.sample(pools[id], count)]
        for types in (small, large)
    ]
    gap = apart(sets)
    for _ in range(_EXCHANGES):
        chosen = random_state.choice(sets)
        place = random_state.randrange(len(chosen))
        old = chosen[place]
        new = random_state.choice(pools[old.constraints[0].id])
        if new in chosen:
            continue
        chosen[place] = new
        if (now := apart(sets)) <= gap:
            gap = now
        else:
            chosen[place] = old
    for each in sets:
        random_state.shuffle(each)
    chosen_on, checked_on = (
        (_difficulty(sets[0], paid, half), _difficulty(sets[1], paid, half)) for half in (0, 1)
    )
    return Pair(seed, tuple(sets[0]), tuple(sets[1]), chosen_on, checked_on)


def _difficulty(
    chosen: Sequence[Instruction], paid: Mapping[str, np.ndarray], half: int
) -> Difficulty:
    rows = np.array([paid[each.id] for each in chosen])
    middle = rows.shape[1] // 2
    rows = rows[:, middle:] if half else rows[:, :middle]
    shares = rows.mean(axis=1)
    return Difficulty(float(shares.mean()), float(((shares > 0) & (shares < 1)).mean()))


def _paid(pilot: Pilot, reward: str) -> dict[str, np.ndarray]:
    found = {}
    for each in pilot.instructions:
        if [c.kind for c in each.constraints] != ["hard"]:
            raise HpptError(f"Instruction '{each.id}' has not just one constraint, a hard one.")
    for id, values in pilot.rewards(reward).items():
        if None in values or len(values) != pilot.settings.samples or len(values) % 2:
            raise HpptError(
                f"Instruction '{id}' has {len(values)} rewarded or unrewarded samples of "
                f"{pilot.settings.samples}: an even number is needed, and all of them."
            )
        found[id] = np.array(values, dtype=float) > 0
    return found


def write_diversity(diversity: Diversity, folder: Path) -> list[Path]:
    """Write ``few-SEED.jsonl`` and ``many-SEED.jsonl`` of each seed, and return the paths.

    Raises:
        HpptError: a file could not be written.
    """
    paths = []
    for pair in diversity.pairs:
        for name, chosen in (("few", pair.few), ("many", pair.many)):
            paths.append(folder / f"{name}-{pair.seed}.jsonl")
            write_instructions(paths[-1], chosen)
    return paths


def diversity_table(diversity: Diversity) -> str:
    """What was chosen, as text: the types by difficulty, and each pair's agreement."""
    from hppt_lib.terminal import as_text, table

    number = {id: place for place, some in enumerate(diversity.strata, 1) for id in some}
    types = [
        [id, f"{rate:.2f}", number.get(id, "not used")] for id, rate in diversity.rates.items()
    ]
    rows: list[list[object] | None] = []
    for pair in diversity.pairs:
        ids = sorted({each.constraints[0].id.partition(":")[2] for each in pair.few})
        rows.append([pair.seed, ", ".join(ids), *_agreement(*pair.checked_on)])
    rows += [None, ["all", "mean over seeds", *_agreement(*diversity.checked_on)]]
    return as_text(
        table(["type", "paid", "stratum"], types, title="Types by difficulty", text=(0,)),
        table(
            ["seed", "few types", "paid", "teaching", f"within {CLOSE}"],
            rows,
            title="Few / many, on samples that had no part in the choice",
            text=(1,),
        ),
    )


def _agreement(few: Difficulty, many: Difficulty) -> list[str]:
    return [
        f"{few.paid:.3f} / {many.paid:.3f}",
        f"{few.teaching:.3f} / {many.teaching:.3f}",
        "yes" if few.near(many) else "no",
    ]
