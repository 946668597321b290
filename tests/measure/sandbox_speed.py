"""Time the sandbox: milliseconds for the verdict of a data set's own code on one response.

The checkers are the rules of a file in VerInstruct's form, made up by
tests/helpers/verinstruct_like.py, and the responses texts of 200 words, all different. A group is
the responses of one instruction, as GRPO samples them: a checker's process is forked for the first
and asked about the others. Counted is processor time of all processes, which other programs on the
machine disturb least; the exit status goes by it. Beside it stands the time by the clock.

Examples:
  python -m tests.measure.sandbox_speed
  python -m tests.measure.sandbox_speed --checkers 400
"""

from __future__ import annotations

import random
import sys
import time

import psutil

from hppt_lib import sandbox
from tests.helpers import verinstruct_like
from tests.measure.arguments import parser_of

WANTED_MS, GROUP = 5.0, 8  # for the usual size of a group
GROUPS = (1, GROUP, 16)


def main() -> int:
    """Print a line for each size of group; 1 if a verdict takes more than is wanted."""
    parser = parser_of(__doc__)
    parser.add_argument("--checkers", type=int, default=100, help="how many (default: 100)")
    chosen = parser.parse_args()
    rules: dict[str, None] = {}
    number = 0
    while len(rules) < chosen.checkers:
        functions = verinstruct_like.row(number)["functions"]
        rules |= dict.fromkeys(each for each in functions if "llm_" not in each)
        number += 1
    sandbox.allow_untrusted_code()
    sandbox.layers()  # the child is there
    too_slow = False
    for size in GROUPS:
        dice = random.Random(size)
        begin, busy, asked, missing = time.perf_counter(), processor_seconds(), 0, 0
        for source in list(rules)[: chosen.checkers]:
            for _ in range(size):
                text = " ".join(dice.choices(verinstruct_like.WORDS, k=200))
                missing += sandbox.check(source, text).passed is None
                asked += 1
        each = 1000 * (processor_seconds() - busy) / asked
        clock = 1000 * (time.perf_counter() - begin) / asked
        print(
            f"groups of {size:2}: {each:5.2f} ms of processor time a response, {clock:6.2f} ms by "
            f"the clock ({asked} responses, {missing} without a verdict)"
        )
        too_slow |= size == GROUP and each > WANTED_MS
    print(f"wanted: at most {WANTED_MS:g} ms of processor time in groups of {GROUP}")
    return int(too_slow)


def processor_seconds() -> float:
    """Of this process and of all that it started, with those that have ended."""
    own = psutil.Process()
    times = [each.cpu_times() for each in (own, *own.children(recursive=True))]
    return sum(sum(each[:4]) for each in times)  # user and system, of it and of its dead


if __name__ == "__main__":
    sys.exit(main())
