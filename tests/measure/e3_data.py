"""Make the instructions of experiment E3: those that its judge learns from, and those of its arms.

``judge`` writes instructions with one soft constraint each, on topics that neither training nor
test has (``topics.csv``): a reader labels the base policy's responses to them. ``arms`` writes the
mixed instructions of the pilot ``data/pilots/train.jsonl``: for each seed as many as Step A keeps,
drawn at random, whole (``mixed-SEED``), cut to their hard part and cut to their soft part; and
those that Step A keeps, after Step B (``hppt``).

Examples:
  python -m tests.measure.e3_data judge
  python -m tests.measure.e3_data arms
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from hppt_lib.corpus.soft_kinds import SEEN_KINDS, SOFT
from hppt_lib.corpus.topics import TASKS, read_topics
from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import (
    Constraint,
    Instruction,
    mix,
    shipped_instructions,
    write_instructions,
)
from tests.measure.arguments import parser_of

FOLDER = repository_folder() / "data" / "experiments" / "e3"
SEEDS = range(100, 108)
OF_A_VALUE = 8  # instructions


def judge_instructions(seed: int = 0) -> list[Instruction]:
    """Each value of each kind that is trained on, equally often, in the wordings of training.

    No task comes twice, and a topic has four values of different kinds.
    """
    chance = random.Random(f"e3-judge-{seed}")
    topics = read_topics(FOLDER / "topics.csv")
    chance.shuffle(topics)
    values = [(kind, value) for kind in SEEN_KINDS for value in sorted(SOFT[kind])]
    instructions = []
    taken: set[str] = set()
    for round in range(OF_A_VALUE):
        for place, (kind, value) in enumerate(values):
            # A round uses every second topic; the next one the others, each moved on by a kind.
            topic = topics[(2 * place + round % 2 + 8 * round) % len(topics)]
            wordings = SOFT[kind][value]
            text = wordings[(round + place) % len(wordings)]
            queries = [each.format(name=topic.name) for each in TASKS]
            query = chance.choice([each for each in queries if each not in taken])
            taken.add(query)
            constraint = Constraint(f"{kind}:{value}", {}, text, "soft")
            name = f"{topic.name.replace(' ', '_')}-{kind}-{value}"
            instructions.append(
                Instruction(f"e3-{name}", f"{query}\n{text}", (constraint,), query, topic.words)
            )
    chance.shuffle(instructions)
    return instructions


def arm_instructions() -> dict[str, tuple[Instruction, ...]]:
    """The instructions of each arm, by the name of their file: equally many in each."""
    from hppt_lib.refine import parts, shipped_pilot, step_a, step_b

    pilot = shipped_pilot("train", shipped_instructions("train"))
    mixed = [each for each in pilot.instructions if mix(each) == "mixed"]
    files: dict[str, tuple[Instruction, ...]] = {}
    for seed in SEEDS:
        step = step_a(mixed, pilot.rewards("guarded"), samples=pilot.settings.samples, seed=seed)
        files["hppt"] = step_b(step.kept).instructions
        files[f"mixed-{seed}"] = step.control
        for kind in ("hard", "soft"):
            files[f"{kind}-{seed}"] = parts(step.control, kind).instructions
    return files


def main() -> None:
    """Write what is asked for."""
    parser = parser_of(__doc__)
    parser.add_argument("what", choices=["judge", "arms"])
    parser.add_argument("--out", type=Path, default=FOLDER, help="the folder to write into")
    arguments = parser.parse_args()
    files: Mapping[str, Sequence[Instruction]] = (
        arm_instructions()
        if arguments.what == "arms"
        else {"judge_instructions": judge_instructions()}
    )
    for name, instructions in files.items():
        write_instructions(arguments.out / f"{name}.jsonl", instructions)


if __name__ == "__main__":
    main()
