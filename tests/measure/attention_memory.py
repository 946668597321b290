"""Measures time and memory of attention summed by segment, beside eager maps, against length.

``python -m tests.measure.attention_memory`` prints a table for the embedded model. Each figure is
taken in a process of its own, so that the peak of memory is that of one reading.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import NamedTuple

WAYS = ("sdpa", "summed", "eager maps")


class Cost(NamedTuple):
    """What one reading took."""

    seconds: float
    mib: float  # peak of the process, less what the loaded model had


def measured(way: str, tokens: int, kind: str = "embedded") -> Cost:
    """One reading of random tokens in a fresh process."""
    command = [sys.executable, "-m", "tests.measure.attention_memory", "--one", way]
    command += ["--tokens", str(tokens), "--kind", kind]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Cost(**json.loads(done.stdout.strip().splitlines()[-1]))


def _one(way: str, tokens: int, kind: str) -> Cost:
    import torch

    from hppt_lib.attention import Segmented, read, reading
    from hppt_lib.policy.load import load_policy
    from tests.helpers.tiny import tiny_policy

    policy = load_policy() if kind == "embedded" else tiny_policy()
    words = policy.model.config.vocab_size
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(words, (tokens,), generator=generator).tolist()
    prompt = tokens - 40
    of = [0, *[at % 5 + 1 for at in range(prompt - 1)], *[6] * 40]
    names = ("sink", "template", "system", "query", "constraint 1", "other", "response")
    text = Segmented(tuple(ids), tuple(of), names, prompt)
    policy.model(input_ids=torch.tensor([ids[:20]]))  # the first call sets things up
    before = _peak()
    started = time.perf_counter()
    if way == "summed":
        with reading(policy):
            started = time.perf_counter()
            read(policy, text)
    else:
        policy.model.set_attn_implementation("sdpa" if way == "sdpa" else "eager")
        with torch.no_grad():
            policy.model(
                input_ids=torch.tensor([ids]),
                output_attentions=way == "eager maps",
                use_cache=False,
                logits_to_keep=41,
            )
    return Cost(time.perf_counter() - started, _peak() - before)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the table, or, for one figure, its JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--one", choices=WAYS)
    parser.add_argument("--tokens", type=int, default=200)
    parser.add_argument("--kind", default="embedded")
    parser.add_argument("--lengths", type=int, nargs="+", default=[200, 1000, 2000, 4000])
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(_one(chosen.one, chosen.tokens, chosen.kind)._asdict()))
        return
    print(f"{'tokens':>7} {'way':<11} {'seconds':>8} {'MiB more':>9}")
    for tokens in chosen.lengths:
        for way in WAYS:
            try:
                cost = measured(way, tokens, chosen.kind)
            except subprocess.CalledProcessError as error:
                last = error.stderr.strip().splitlines()[-1:] or [f"status {error.returncode}"]
                print(f"{tokens:>7} {way:<11} failed: {last[0][:60]}", flush=True)
                continue
            print(f"{tokens:>7} {way:<11} {cost.seconds:>8.1f} {cost.mib:>9.0f}", flush=True)


if __name__ == "__main__":
    main()
