"""What constant answers are worth on IFEval and IFBench, and what the guard costs on real answers.

The first table gives the share of prompts of which an answer such as 'x' passes all constraints, in
both readings, without and with the guard (hppt:new_content). The second gives, for the responses of
five public models to IFEval that pass strictly, the share that the guard would refuse.

Examples:
  python -m tests.measure.vacuous_passes
  HPPT_BENCHMARKS=~/benchmarks python -m tests.measure.vacuous_passes
"""

from __future__ import annotations

import gzip
import json

from hppt_lib import sources, verifiers
from hppt_lib.audit import vacuous
from hppt_lib.errors import HpptError
from tests.measure.arguments import parser_of
from tests.measure.real_responses import response_files


def main() -> None:
    """Print both tables."""
    parser_of(__doc__).parse_args()
    print(f"{'prompts':8} {'answer':26} {'text':18} {'text, guard':18} reference")
    for name in sources.BENCHMARKS:
        try:
            rows = sources.benchmark_rows(name)
        except HpptError as error:
            print(f"{name}: {error}")
            continue
        found = [
            vacuous.vacuous_passes(rows),
            vacuous.vacuous_passes(rows, guard=True),
            vacuous.vacuous_passes(rows, "reference"),
        ]
        for columns in zip(*found, strict=True):
            shares = "  ".join(f"{str(each.rate):17}" for each in columns)
            print(f"{name:8} {columns[0].probe:26} {shares}")
    print(f"\n{'model':52} {'reading':10} strictly passing responses that the guard refuses")
    for path in response_files():
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            lines = [json.loads(line) for line in stream]
        for reading in verifiers.READINGS:
            cost = vacuous.guard_cost(lines, reading)
            name = path.name.removesuffix(".jsonl.gz")
            print(f"{name:52} {reading:10} {cost} of {cost.samples}")


if __name__ == "__main__":
    main()
