"""Compare our reading 'reference' with the verdicts of IFEval's own program.

The verdicts were recorded with the program of google-research on responses of five public models
(4,170 slots; a slot is one constraint of one prompt). Where the program draws at random, its
verdict depends on the seed: such slots are counted, but are no part of the share. The share of
the reading 'text' stands beside it: there, disagreement is the point (see
`hppt_lib.verifiers.differences`).

Examples:
  python -m tests.measure.agreement
  python -m tests.measure.agreement --data ~/benchmarks
  python -m tests.measure.agreement --ids keywords:existence detectable_format:title
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from hppt_lib import verifiers
from tests.measure.arguments import add_data, parser_of
from tests.measure.real_responses import Slot, response_files, slots, what_is_missing

WANTED = 0.999


@dataclass
class Agreement:
    """How often our verdicts are those of the benchmark's program.

    Attributes:
        slots: how many there are.
        stable: how many have a verdict that does not depend on the program's seed.
        reference: stable slots on which our reading 'reference' agrees.
        text: stable slots on which our reading 'text' agrees.
        disagreements: the other stable slots, each with the reason of our reading 'reference'.
    """

    slots: int = 0
    stable: int = 0
    reference: int = 0
    text: int = 0
    disagreements: list[tuple[Slot, str]] = field(default_factory=list)


def agreement_by_id(found: Iterable[Slot]) -> dict[str, Agreement]:
    """Our verdicts beside the recorded ones, by constraint."""
    by_id: dict[str, Agreement] = defaultdict(Agreement)
    for slot in found:
        here = by_id[slot.id]
        here.slots += 1
        if not slot.stable:
            continue
        here.stable += 1
        text = verifiers.build(slot.id, slot.kwargs)(slot.response)
        reference = verifiers.build(slot.id, slot.kwargs, "reference")(slot.response)
        here.text += text.passed is slot.reference
        if reference.passed is slot.reference:
            here.reference += 1
        else:
            here.disagreements.append((slot, reference.reason))
    return by_id


def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    add_data(parser)
    parser.add_argument("--ids", nargs="+", metavar="ID", help="only these constraints")
    options = parser.parse_args(arguments)
    files = response_files(options.data)
    if not files:
        print(what_is_missing(options.data), file=sys.stderr)
        return 2
    known = {each.id for each in verifiers.families() if each.reference}
    chosen = [each for each in slots(files) if not options.ids or each.id in options.ids]
    if unknown := sorted({each.id for each in chosen} - known):
        print(f"no reading 'reference' of: {', '.join(unknown)}", file=sys.stderr)
    by_id = agreement_by_id(each for each in chosen if each.id in known)
    if not by_id:
        print("no slot of the constraints that were asked for", file=sys.stderr)
        return 2
    print(f"{len(files)} models: {', '.join(path.name.split('.jsonl')[0] for path in files)}\n")
    print(f"{'constraint':45} {'slots':>6} {'stable':>6} {'reference':>18} {'text':>18}")
    total = Agreement()
    for id, each in sorted(by_id.items()):
        print(_line(id, each))
        total.slots += each.slots
        total.stable += each.stable
        total.reference += each.reference
        total.text += each.text
    print(_line("all", total))
    print()
    for each in by_id.values():
        for slot, reason in each.disagreements:
            recorded = "passed" if slot.reference else "failed"
            print(
                f"{slot.id}, key {slot.key}, {slot.model}: recorded as {recorded}; ours: {reason}"
            )
    return 0 if total.reference >= WANTED * total.stable else 1


def _line(name: str, each: Agreement) -> str:
    return (
        f"{name:45} {each.slots:6} {each.stable:6} {_share(each.reference, each.stable):>18} "
        f"{_share(each.text, each.stable):>18}"
    )


def _share(part: int, whole: int) -> str:
    return f"{part} ({100 * part / whole:6.2f} %)" if whole else "-"


if __name__ == "__main__":
    sys.exit(main())
