"""Make the instructions of experiment E5: several hard constraints, and one of them alone.

For each seed ``several-SEED`` has 80 instructions, as many as a run takes, drawn from those of E2's
raw data with two or more hard constraints. ``one-SEED`` has the same in the same order with one
hard constraint each, drawn at random; the others are gone from the prompt too. Soft constraints
stay in both: they are neither paid nor tested.

Example:
  python -m tests.measure.e5_data
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import Instruction, read_instructions, write_instructions
from hppt_lib.refine import without
from tests.measure.arguments import parser_of
from tests.measure.e3_data import SEEDS

EXPERIMENTS = repository_folder() / "data" / "experiments"
OF_A_RUN = 80  # 20 steps of 4 prompts


def with_several(instructions: Sequence[Instruction]) -> list[Instruction]:
    """Those with two or more hard constraints, each of which can be taken from the prompt."""
    chosen = []
    for instruction in instructions:
        hard = hard_places(instruction)
        if len(hard) < 2:
            continue
        try:
            for place in hard:
                without(instruction, [place], "tried")
        except HpptError:
            continue  # a constraint is no sentence of its own
        chosen.append(instruction)
    return chosen


def arm_instructions(seed: int) -> dict[str, list[Instruction]]:
    """The instructions of the two kinds for a seed, by the name of their file."""
    chance = random.Random(f"e5-{seed}")
    raw = read_instructions(EXPERIMENTS / "e2" / "raw.jsonl")
    several = chance.sample(with_several(raw), OF_A_RUN)
    one = []
    for instruction in several:
        hard = hard_places(instruction)
        stays = chance.choice(hard)
        cut = without(instruction, [place for place in hard if place != stays], "one")
        one.append(replace(cut, original=None))  # its id says which it was
    return {f"several-{seed}": several, f"one-{seed}": one}


def hard_places(instruction: Instruction) -> list[int]:
    """Where the hard constraints stand, from 0."""
    return [place for place, each in enumerate(instruction.constraints) if each.kind == "hard"]


def main() -> None:
    """Write the files."""
    parser = parser_of(__doc__)
    parser.add_argument(
        "--out", type=Path, default=EXPERIMENTS / "e5", help="the folder to write into"
    )
    arguments = parser.parse_args()
    for seed in SEEDS:
        for name, instructions in arm_instructions(seed).items():
            write_instructions(arguments.out / f"{name}.jsonl", instructions)


if __name__ == "__main__":
    main()
