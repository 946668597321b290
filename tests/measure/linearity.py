"""Check that no verifier takes more than linear time, whatever a model writes.

Each verifier, in each reading and with the parameters of its first case, gets each of some fifty
hostile patterns, repeated up to 100 KB and up to 1 MB. Ten times the text may take at most fifteen
times as long, and nothing may take more than a second at 1 MB. What takes less than 5 ms there is
too quick to rate. Processor time is measured, the best of up to four runs, each on a text that
begins otherwise, so that nothing is remembered, in a process whose memory is warm. A run that does
not come back in --timeout seconds is ended, and the others go on. On a busy machine processor time
says too much, by half or more: what is over a bound is measured again at the end, up to three
times, and counts only if it is over it each time.

Examples:
  python -m tests.measure.linearity
  python -m tests.measure.linearity --ids keywords detectable_format:title
  python -m tests.measure.linearity --jobs 4 --patterns "opening brackets" "line ends"
"""

from __future__ import annotations

import multiprocessing
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from tests.measure import hostile
from tests.measure.arguments import parser_of

SMALL, LARGE = 100_000, 1_000_000  # bytes
MOST_SECONDS = 1.0
MOST_RATIO = 15.0
LEAST_SECONDS = 0.005  # at 1 MB; below, the clock says nothing about a ratio
RUNS = 4
AGAIN = 3


@dataclass(frozen=True)
class Timing:
    """What a verifier took for a pattern.

    Attributes:
        verifier: its constraint and reading.
        pattern: the pattern's name.
        small: seconds at 100 KB.
        large: seconds at 1 MB; infinite if it did not come back.
        error: what it raised, if it did.
    """

    verifier: str
    pattern: str
    small: float
    large: float
    error: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times as long ten times the text took; None if it is too quick to rate."""
        if self.large < LEAST_SECONDS or self.large == float("inf"):
            return None
        return self.large / max(self.small, 1e-6)

    @property
    def offends(self) -> bool:
        too_steep = self.ratio is not None and self.ratio > MOST_RATIO
        return bool(self.error) or self.large > MOST_SECONDS or too_steep


def seconds(verifier: Any, text: str) -> float:
    """Processor time of one check."""
    started = time.process_time()
    verifier(text)
    return time.process_time() - started


def warm_heap() -> list[bytes]:
    """A little of each of 100 MB of small objects: while it is held, the memory stays Python's.

    Without it, the words of 1 MB of text take memory anew from the system each time, those of
    100 KB do not, and a list of words seems to take twenty times as long, not ten. A process that
    trains a model has had its memory for long.
    """
    return [bytes(64) for _ in range(1_500_000)][::1000]


def work(pipe: Connection, ids: list[str] | None) -> None:
    """Time what is asked for, one verifier and pattern at a time, until None is asked for."""
    verifiers = hostile.examples(ids)
    held = warm_heap()
    run = 0
    for number, pattern in iter(pipe.recv, None):
        unit = hostile.HOSTILE[pattern]
        best = {SMALL: float("inf"), LARGE: float("inf")}
        error = ""
        for _ in range(RUNS):
            for size in best:
                run += 1
                text = f"{run} {hostile.repeated(unit, size)}"
                try:
                    best[size] = min(best[size], seconds(verifiers[number], text))
                except Exception as raised:
                    error = f"{type(raised).__name__}: {raised}"[:80]
            timing = Timing("", "", best[SMALL], best[LARGE], error)
            if not timing.offends or error or timing.large > 3 * MOST_SECONDS:
                break
        pipe.send((best[SMALL], best[LARGE], error))
    del held


class Worker:
    """A process that times, and is replaced when it does not come back."""

    def __init__(self, ids: list[str] | None, timeout: float) -> None:
        self.ids = ids
        self.timeout = timeout
        self.start()

    def start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=work, args=(other, self.ids), daemon=True)
        self.process.start()

    def stop(self) -> None:
        self.pipe.send(None)
        self.process.join()

    def timing(self, number: int, verifier: str, pattern: str) -> Timing:
        self.pipe.send((number, pattern))
        try:
            if self.pipe.poll(self.timeout):
                return Timing(verifier, pattern, *self.pipe.recv())
            error = ""
        except (EOFError, ConnectionError):
            error = "the process died"
        self.process.kill()
        self.process.join()
        self.start()
        return Timing(verifier, pattern, float("inf"), float("inf"), error)


def measure(
    ids: list[str] | None, patterns: Sequence[str], jobs: int, timeout: float
) -> list[Timing]:
    """The timings of every verifier and pattern, in several processes at once if ``jobs`` > 1.

    Each verifier's line of the table is printed when it is done.
    """
    names = [hostile.name(each) for each in hostile.examples(ids)]
    todo = list(enumerate(names))[::-1]
    timings: list[Timing] = []

    def drive() -> None:
        worker = Worker(ids, timeout)
        while todo:
            try:
                number, name = todo.pop()
            except IndexError:
                break
            own = [worker.timing(number, name, pattern) for pattern in patterns]
            timings.extend(own)
            print(line(name, own), flush=True)
        worker.stop()

    drivers = [threading.Thread(target=drive) for _ in range(jobs)]
    for driver in drivers:
        driver.start()
    for driver in drivers:
        driver.join()
    return timings


def measured_again(
    timings: Sequence[Timing], ids: list[str] | None, timeout: float
) -> list[Timing]:
    """The timings, where one is over a bound the best of some more in a process of its own."""
    numbers = {hostile.name(each): number for number, each in enumerate(hostile.examples(ids))}
    result = []
    for timing in timings:
        for _ in range(AGAIN):
            if not timing.offends or timing.error:
                break
            worker = Worker(ids, timeout)
            timing = worker.timing(numbers[timing.verifier], timing.verifier, timing.pattern)
            worker.stop()
            print(f"again: {line(timing.verifier, [timing])}", flush=True)
        result.append(timing)
    return result


def line(name: str, timings: Sequence[Timing]) -> str:
    """A verifier's slowest and steepest pattern."""
    slow = max(timings, key=lambda each: each.large)
    steep = max(timings, key=lambda each: each.ratio or 0)
    ratio = f"{steep.ratio:.1f}x {steep.pattern}" if steep.ratio else "too quick to rate"
    return f"{name:62} {f'{slow.large:.3f} {slow.pattern}':>40} {ratio:>38}"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    parser.add_argument(
        "--ids", nargs="+", metavar="ID", help="only these constraints, or groups such as keywords"
    )
    parser.add_argument(
        "--patterns",
        nargs="+",
        metavar="NAME",
        choices=list(hostile.HOSTILE),
        default=list(hostile.HOSTILE),
        help="only these patterns: " + ", ".join(hostile.HOSTILE),
    )
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="processes at once (default: 1)"
    )
    parser.add_argument(
        "--timeout",
        type=float,
        default=60,
        metavar="S",
        help="seconds after which a verifier is ended (default: 60)",
    )
    options = parser.parse_args(arguments)
    print(f"{'verifier':62} {'slowest at 1 MB, s':>40} {'steepest':>38}")
    timings = measure(options.ids, options.patterns, options.jobs, options.timeout)
    timings = measured_again(timings, options.ids, options.timeout)
    if not timings:
        print("no verifier of that name has a case", file=sys.stderr)
        return 2
    offenders = [each for each in timings if each.offends]
    verifiers = {each.verifier for each in timings}
    print(
        f"\n{len(verifiers)} verifiers, {len(options.patterns)} patterns: "
        f"{len(offenders)} of {len(timings)} over {MOST_SECONDS:g} s or {MOST_RATIO:g}x"
    )
    for each in sorted(offenders, key=lambda each: (each.verifier, each.pattern)):
        ratio = f"{each.ratio:.1f}x" if each.ratio else "-"
        shown = "no answer" if each.large == float("inf") else f"{each.large:.3f} s"
        print(f"  {each.verifier}, {each.pattern}: {shown}, {ratio} {each.error}")
    for missing in hostile.without_case(options.ids):
        print(f"  not run, for want of a case: {missing}")
    return 1 if offenders else 0


if __name__ == "__main__":
    sys.exit(main())
