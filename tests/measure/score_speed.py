"""Time `hppt score` on many responses to IFEval: wanted are 100,000 in 60 seconds on two cores.

The responses are those of five public models (see agreement.py), over and over, but never the same
again: in each copy, two words that stand side by side change places in every line. So nothing that
is kept of one response or of a paragraph helps with the next, while its words are those of real
text. They are put into a run's folder by `hppt evaluate --responses --no-score`; what
is timed is the whole command `hppt score`: starting, reading, verdicts strict and loose, the guard,
metrics with intervals, and writing verdicts and report.

Counted is processor time of the command and of all its processes. On a machine that has nothing
else to do the command takes less than that and, since reading and writing are the work of one
process, more than that divided by the processes. The time by the clock stands beside it, and is
longer on a machine that is busy. The exit status goes by the processor time for each process.

Examples:
  python -m tests.measure.score_speed
  python -m tests.measure.score_speed --responses 10000 --reading reference
"""

from __future__ import annotations

import gzip
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path
from typing import Any

from hppt_lib.sources import benchmark_folder
from tests.measure.arguments import add_data, parser_of
from tests.measure.real_responses import response_files, what_is_missing

WANTED_SECONDS, WANTED_RESPONSES = 60.0, 100_000


def varied(text: str, dice: random.Random) -> str:
    """A text in which two neighbouring words of each line have changed places."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        words = line.split(" ")
        if len(words) > 1:
            at = dice.randrange(len(words) - 1)
            words[at : at + 2] = reversed(words[at : at + 2])
            lines[place] = " ".join(words)
    return "\n".join(lines)


def rows(files: list[Path], seed: int = 0) -> Iterator[dict[str, Any]]:
    """Responses to IFEval without end: those in the files, then changed copies."""
    known = []
    for path in files:
        with gzip.open(path, "rt", encoding="utf-8") as stream:
            known += [json.loads(line) for line in stream]
    dice = random.Random(seed)
    for copy in count():
        for row in known:
            text = row["response"] if copy == 0 else varied(row["response"], dice)
            yield {"key": row["key"], "response": text}


def hppt(*words: str) -> tuple[float, float, str]:
    """Seconds by the clock, of the processor (all processes), and what the command said."""
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "hppt_lib.cli", *words], capture_output=True, text=True, check=False
    )
    after, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(f"hppt {' '.join(words)} failed:\n{done.stderr}")
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return clock, busy, done.stdout


def main() -> int:
    """Print what the command took; 1 if it is more than wanted."""
    parser = parser_of(__doc__)
    add_data(parser)
    parser.add_argument(
        "--responses", type=int, default=WANTED_RESPONSES, help="how many (default: 100,000)"
    )
    parser.add_argument("--processes", type=int, default=2, help="that verify (default: 2)")
    parser.add_argument("--reading", default="text", help="text or reference (default: text)")
    parser.add_argument("--keep", type=Path, help="make the run in this folder, and leave it there")
    chosen = parser.parse_args()
    files = response_files(chosen.data)
    if not files:
        print(what_is_missing(chosen.data), file=sys.stderr)
        return 2
    prompts = (chosen.data or benchmark_folder()) / "ifeval" / "input_data.jsonl"
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.keep or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        made, run, characters = folder / "responses.jsonl", folder / "run", 0
        if not (run / "run.json").exists():
            with open(made, "w", encoding="utf-8") as stream:
                for row in islice(rows(files), chosen.responses):
                    stream.write(json.dumps(row) + "\n")
                    characters += len(row["response"])
            given = ("evaluate", f"ifeval={prompts}", "--responses", str(made))
            clock, busy, _ = hppt(*given, "--no-score", "--out", str(run))
            print(f"{chosen.responses} responses, {characters / chosen.responses:.0f} characters")
            print(f"put into a run: {busy:.1f} s of processor time, {clock:.1f} s by the clock")
        options = ("--reading", chosen.reading, "--processes", str(chosen.processes))
        clock, busy, said = hppt("score", str(run), *options)
    print(said)
    each = busy / chosen.processes
    wanted = WANTED_SECONDS * chosen.responses / WANTED_RESPONSES
    print(
        f"hppt score, reading {chosen.reading}: {busy:.1f} s of processor time in all processes, "
        f"{each:.1f} s for each of {chosen.processes} cores; {clock:.1f} s by the clock\n"
        f"wanted for {chosen.responses} responses: at most {wanted:.1f} s"
    )
    return int(each > wanted)


if __name__ == "__main__":
    sys.exit(main())
