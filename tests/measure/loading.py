"""Time the loading of a file in VerInstruct's form, and the memory that it takes.

The file is made up by tests/helpers/verinstruct_like.py and removed again. It is loaded in a fresh
interpreter, so that the peak of its memory is the loading's own; what the interpreter takes with
the library imported and nothing loaded is printed beside it. The exit status goes by processor
time, which other programs on the machine disturb least.

Examples:
  python -m tests.measure.loading
  python -m tests.measure.loading --rows 1000
  python -m tests.measure.loading --parquet
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.helpers import verinstruct_like
from tests.measure.arguments import parser_of

WANTED_SECONDS, WANTED_MB = 10, 1000
MEASURE = """
import json, resource, sys, time
from hppt_lib import sources, verifiers
verifiers.families()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
begin, busy = time.perf_counter(), time.process_time()
loaded = sources.load("verinstruct", sys.argv[1], show=lambda line: None)
seconds, busy = time.perf_counter() - begin, time.process_time() - busy
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([seconds, busy, before / 1024, peak / 1024, loaded.summary()]))
"""


def main() -> int:
    parser = parser_of(__doc__)
    parser.add_argument("--rows", type=int, default=22_000)
    parser.add_argument("--parquet", action="store_true", help="a Parquet file instead of JSONL")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.jsonl"
        verinstruct_like.write(path, chosen.rows)
        constraints = sum(len(each["checkers"]) for each in verinstruct_like.rows(chosen.rows))
        if chosen.parquet:
            import pandas

            path = path.with_suffix(".parquet")
            pandas.DataFrame(verinstruct_like.rows(chosen.rows)).to_parquet(path)
        size = path.stat().st_size / 1e6
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, str(path)], check=True, capture_output=True, text=True
        )
    seconds, busy, before, peak, summary = json.loads(done.stdout)
    print(f"{chosen.rows} rows, {size:.0f} MB, {constraints / chosen.rows:.2f} constraints a row")
    print(f"{busy:.1f} s of processor time (wanted: under {WANTED_SECONDS} s)")
    print(f"{seconds:.1f} s by the clock")
    print(f"{peak:.0f} MB at most, {before:.0f} MB before (wanted: under {WANTED_MB} MB)")
    print(summary)
    return 0 if busy < WANTED_SECONDS and peak < WANTED_MB else 1


if __name__ == "__main__":
    sys.exit(main())
