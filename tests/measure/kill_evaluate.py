"""Kill `hppt evaluate` again and again, make the same call each time, compare with one in peace.

Two processes generate IFEval and IFBench side by side, one thread each, and score them. One is left
alone. The other gets SIGKILL whenever another part of its responses is written, at equal parts, and
is called again. Predictions, verdicts and reports must be equal to the byte.

Killed itself, this script goes on where it stopped, with the kills that are left.

Examples:
  python -m tests.measure.kill_evaluate --limit 8 --max-new-tokens 16
  python -m tests.measure.kill_evaluate --dtype bfloat16 --max-new-tokens 512
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from hppt_lib.sources import benchmark_folder
from tests.measure.arguments import add_data, parser_of

COMPARED = ("predictions.jsonl", "verdicts.jsonl", "report.json")
FILES = {"ifeval": "ifeval/input_data.jsonl", "ifbench": "ifbench/IFBench_test.jsonl"}


def written(run: Path) -> int:
    """How many responses a run has written."""
    file = run / "predictions.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


def main() -> int:
    """Generate twice, and compare."""
    parser = parser_of(__doc__)
    add_data(parser)
    parser.add_argument("--kills", type=int, default=5, help="how often (default: %(default)s)")
    parser.add_argument("--limit", type=int, help="only the first so many prompts of each")
    parser.add_argument("--dtype", default="float32", help="of the weights (default: %(default)s)")
    parser.add_argument("--max-new-tokens", type=int, default=1280, help="(default: %(default)s)")
    parser.add_argument("--out", type=Path, default=Path("build/kill-evaluate"))
    arguments = parser.parse_args()
    folder = arguments.data or benchmark_folder()
    places = {name: folder / file for name, file in FILES.items()}
    if missing := [str(path) for path in places.values() if not path.exists()]:
        print("There is no", ", no ".join(missing), "(see --data)")
        return 1
    prompts = 0
    for path in places.values():
        rows = len(path.read_bytes().splitlines())
        prompts += min(rows, arguments.limit or rows)

    def started(name: str) -> subprocess.Popen[bytes]:
        out = arguments.out / name
        out.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "hppt_lib.cli", "evaluate"]
        command += [f"{benchmark}={path}" for benchmark, path in places.items()]
        command += ["--dtype", arguments.dtype, "--max-new-tokens", str(arguments.max_new_tokens)]
        command += ["--limit", str(arguments.limit)] if arguments.limit else []
        with (arguments.out / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--out", str(out)],
                stdout=log,
                stderr=log,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
            )

    begun = time.monotonic()
    alone, killed = started("alone"), started("killed")
    kills = [prompts * (part + 1) // (arguments.kills + 1) for part in range(arguments.kills)]
    while alone.poll() is None or killed.poll() is None:
        time.sleep(0.2)
        count = written(arguments.out / "killed")
        if kills and count >= kills[0] and killed.poll() is None:
            os.kill(killed.pid, signal.SIGKILL)
            killed.wait()
            minutes = (time.monotonic() - begun) / 60
            print(f"killed with {count} of {prompts} responses, minute {minutes:.1f}", flush=True)
            kills = [each for each in kills if each > count]
            killed = started("killed")
    if alone.returncode or killed.returncode:
        print(f"a call failed: see {arguments.out}/*.log")
        return 1
    same = True
    for name in COMPARED:
        one, other = ((arguments.out / run / name).read_bytes() for run in ("alone", "killed"))
        same &= one == other
        print(f"{name}: {'equal' if one == other else 'NOT EQUAL'}, {len(one):,} bytes")
    print(f"{(time.monotonic() - begun) / 60:.1f} minutes, the two side by side")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
