"""The plan's memory beside the measured peak, for the embedded model on the CPU.

    python -m tests.measure.plan_memory            # 3 sizes, some 5 minutes on a quiet machine

Each size is measured in a process of its own. Prints a JSON object a line; ends with status 1 if a
measured peak is outside 0.7 to 1.3 times the plan.
"""

from __future__ import annotations

import json
import subprocess
import sys

from tests import ROOT

SIZES = [(1, 8, 12, 8), (2, 8, 40, 8), (4, 8, 40, 16)]
LOW, HIGH = 0.7, 1.3


def measure(prompts: int, group: int, tokens: int, micro_batch: int) -> dict[str, object]:
    from dataclasses import replace

    from hppt_lib.policy import load_policy, model_dimensions
    from hppt_lib.tiers import TIERS
    from tests.helpers.plan_check import check_memory
    from tests.helpers.tiny import tiny_policy

    settings = replace(
        TIERS["cpu"].training,
        prompts_per_step=prompts,
        group_size=group,
        max_new_tokens=tokens,
        micro_batch=micro_batch,
    )
    found = check_memory(
        load_policy(), model_dimensions("embedded"), settings, warm_up=tiny_policy()
    )
    return {
        "prompts_per_step": prompts,
        "group_size": group,
        "max_new_tokens": tokens,
        "micro_batch": micro_batch,
        "prompt_tokens": found.prompt_tokens,
        "planned_mib": round(found.planned / 2**20),
        "measured_mib": round(found.measured / 2**20),
        "ratio": round(found.ratio, 3),
    }


def main() -> None:
    if len(sys.argv) == 5:
        print(json.dumps(measure(*map(int, sys.argv[1:]))))
        return
    good = True
    for size in SIZES:
        command = [sys.executable, "-m", "tests.measure.plan_memory", *map(str, size)]
        line = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
        print(line.strip().splitlines()[-1], flush=True)
        good &= LOW <= json.loads(line.strip().splitlines()[-1])["ratio"] <= HIGH
    sys.exit(not good)


if __name__ == "__main__":
    main()
