"""All that only a GPU can show, in one script that keeps its output: ``make gpu-report``.

A GPU may be had for a quarter of an hour only, so nothing here waits for anything else. In this
order, each part as far as the minutes reach, and a part that fails says so and stops no other:

1. the machine;
2. ``make test-gpu``;
3. the rates of the machine, as ``hppt plan --measure`` finds them;
4. a training step of the tiers' true shapes in random weights (Qwen2.5-1.5B and 7B, with the
   embedded model's tokenizer): sampling by TRL's default, by the kit's sampler and by continuous
   batching; loss and gradient of TRL and of the kit, and how far the gradients are apart; memory
   beside the plan;
5. whether continuous batching draws from the kit's distribution: log-probabilities side by side;
6. arms of an experiment side by side on the card, whose records are kept.

Everything is in the folder: ``report.json`` and ``report.md`` (written anew after each part),
``test-gpu.txt``, and the sweep with its records.

Examples:
  python -m tests.measure.gpu_report --out build/gpu-report
  python -m tests.measure.gpu_report --tiny --out build/tiny-report     # its logic, on any machine
"""

from __future__ import annotations

import argparse
import dataclasses
import gc
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from hppt_lib.files import write_text
from hppt_lib.machine import machine, versions
from hppt_lib.policy.continuous import sample_continuously
from hppt_lib.policy.dimensions import KNOWN_MODELS, Dimensions
from hppt_lib.policy.random_weights import random_policy
from hppt_lib.policy.sampling import end_token_ids
from hppt_lib.policy.speedups import SpeedUps
from hppt_lib.tiers import TIERS, Tier
from hppt_lib.training.calibration import measured_rates
from hppt_lib.training.plan import CUDA_BYTES, GIB, plan_tier
from tests import ROOT
from tests.measure.training_step import Step, finish, median_seconds


@dataclass(frozen=True)
class Shape:
    """One kind of training step.

    Attributes:
        name: of the row.
        model: its dimensions.
        quantize: in NF4.
        tier: whose settings the plan's memory is computed with.
        prompts: of a step.
        samples: of each.
        tokens: of each response.
        micro_batch: rows in one pass.
    """

    name: str
    model: Dimensions
    quantize: bool
    tier: Tier
    prompts: int = 8
    samples: int = 8
    tokens: int = 128
    micro_batch: int = 4


_QWEN = {size: KNOWN_MODELS[f"Qwen/Qwen2.5-{size}-Instruct"] for size in ("1.5B", "7B")}
SHAPES = (
    Shape("Qwen2.5-7B, NF4", _QWEN["7B"], True, TIERS["gpu-24gb"], micro_batch=2),
    Shape("Qwen2.5-1.5B, half precision", _QWEN["1.5B"], False, TIERS["gpu-16gb"]),
    Shape("Qwen2.5-1.5B, NF4", _QWEN["1.5B"], True, TIERS["gpu-16gb"]),
    Shape("Qwen2.5-7B, half precision", _QWEN["7B"], False, TIERS["gpu-80gb"]),
)
_TINY = Dimensions("tiny", 2, 64, 128, 2, 1, 32, 49152, True)
TINY_SHAPES = tuple(
    Shape(f"tiny, {'NF4' if quantize else 'whole'}", _TINY, quantize, TIERS["smoke"], 2, 2, 4, 2)
    for quantize in (False, True)
)


def main(words: list[str] | None = None) -> int:
    """Make the report; 1 if a part failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/gpu-report"))
    parser.add_argument("--minutes", type=float, default=14)
    parser.add_argument("--tiny", action="store_true", help="tiny shapes, on any machine")
    parser.add_argument("--skip", action="append", default=[], help="a part, such as test-gpu")
    chosen = parser.parse_args(words)
    if not chosen.tiny and not torch.cuda.is_available():
        print("No GPU that torch can use is here, so nothing is measured. --tiny runs the logic.")
        return 1
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    chosen.out.mkdir(parents=True, exist_ok=True)
    report = Report(chosen.out, time.perf_counter(), 60 * chosen.minutes, frozenset(chosen.skip))
    shapes = TINY_SHAPES if chosen.tiny else SHAPES
    report.part("machine", 0, the_machine)
    report.part("test-gpu", 200, lambda: test_gpu(chosen.out, report.left))
    tiers = ("smoke",) if chosen.tiny else ("gpu-16gb", "gpu-24gb")
    for name in tiers:
        report.part(f"rates, {name}", 60, lambda name=name: rates(TIERS[name]))
    for shape in shapes:
        report.part(f"step, {shape.name}", 90, lambda shape=shape: step(shape))
    for shape in shapes[:2]:
        report.part(
            f"distribution, {shape.name}", 45, lambda shape=shape: distribution(shape, chosen.tiny)
        )
    report.part("arms", 180, lambda: arms(chosen.out, chosen.tiny, report.left))
    return report.end()


@dataclass
class Report:
    """What is measured so far, in its folder."""

    folder: Path
    began: float
    seconds: float
    skip: frozenset[str]
    parts: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)

    def left(self) -> float:
        """Seconds that are left."""
        return self.seconds - (time.perf_counter() - self.began)

    def part(self, name: str, needs: float, make: Callable[[], dict[str, Any]]) -> None:
        """Make a part, unless it is skipped or the time does not suffice; write what there is."""
        if name in self.skip or name.partition(",")[0] in self.skip:
            found: dict[str, Any] = {"skipped": "not asked for"}
        elif needs > self.left():
            found = {"skipped": f"{self.left():.0f} seconds are left, and it may take {needs:.0f}"}
        else:
            started = time.perf_counter()
            try:
                found = make()
            except Exception as error:
                traceback.print_exc()
                found = {"failed": f"{type(error).__name__}: {error}"}
            found["seconds of this part"] = round(time.perf_counter() - started, 1)
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
        self.parts[name] = found
        print(f"{name}: {json.dumps(found, ensure_ascii=False, default=str)}", flush=True)
        self.write()

    def write(self) -> None:
        """``report.json`` and ``report.md``."""
        text = json.dumps(self.parts, ensure_ascii=False, indent=1, default=str)
        write_text(self.folder / "report.json", text + "\n")
        lines = ["# What was measured", ""]
        for name, found in self.parts.items():
            lines += [f"## {name}", "", *(f"- {key}: {value}" for key, value in found.items()), ""]
        write_text(self.folder / "report.md", "\n".join(lines))

    def end(self) -> int:
        """1 if a part failed."""
        failed = [name for name, found in self.parts.items() if "failed" in found]
        print(f"report: {self.folder}" + (f"; failed: {', '.join(failed)}" if failed else ""))
        return int(bool(failed))


# --- the parts ------------------------------------------------------------------------------------


def the_machine() -> dict[str, Any]:
    found: dict[str, Any] = {**machine(), "python": platform.python_version(), **versions()}
    if torch.cuda.is_available():
        here = torch.cuda.get_device_properties(0)
        found["gpu memory GiB"] = round(here.total_memory / GIB, 1)
        found["cuda"] = torch.version.cuda
        found["bfloat16"] = torch.cuda.is_bf16_supported()
    return found


def test_gpu(out: Path, left: Callable[[], float]) -> dict[str, Any]:
    """`make test-gpu`, with this interpreter."""
    command = [sys.executable, "-m", "pytest", "-vv", "-rs", "-p", "no:cacheprovider", "tests/gpu"]
    limit = max(60.0, 0.45 * left())
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=limit, check=False
        )
        text, status = done.stdout + done.stderr, done.returncode
    except subprocess.TimeoutExpired as error:
        text = bytes(error.stdout or b"").decode("utf-8", "replace")
        status = -1
    write_text(out / "test-gpu.txt", text)
    lines = [line for line in text.splitlines() if line.strip()]
    ended = (
        "passed" if status == 0 else f"stopped after {limit:.0f} s" if status == -1 else "failed"
    )
    return {"ended": ended, "status": status, "last line": lines[-1] if lines else ""}


test_gpu.__test__ = False  # type: ignore[attr-defined]  (pytest would take it for a test)


def rates(tier: Tier) -> dict[str, Any]:
    return dataclasses.asdict(measured_rates(tier))


def step(shape: Shape) -> dict[str, Any]:
    """Seconds and memory of both halves of a step, TRL's and the kit's, and the two gradients."""
    _reset()
    chosen = argparse.Namespace(
        prompts=shape.prompts,
        samples=shape.samples,
        tokens=shape.tokens,
        micro_batch=shape.micro_batch,
        reward="strict",
        model="",
    )
    policy = random_policy(shape.model, quantize=shape.quantize)
    found: dict[str, Any] = {
        "work": f"{shape.prompts} x {shape.samples} x {shape.tokens} tokens, micro-batches of "
        f"{shape.micro_batch}, random weights, {policy.model.dtype}"
    }
    with tempfile.TemporaryDirectory() as folder:
        made = Step(chosen, folder, policy)
        rollouts = made.sample(SpeedUps())  # also what happens once
        lengths = [len(ids) for ids in rollouts]
        found["mean length"] = round(sum(lengths) / len(lengths), 1)
        found["sampling, the kit"] = seconds(lambda: made.sample(SpeedUps()))
        found["sampling, TRL's default"] = tried(lambda: seconds(made.sample_as_trl))
        found["sampling, continuous batching"] = tried(lambda: seconds(lambda: continuously(made)))
        batches = made.batches(rollouts)
        _reset()
        ours = made.gradient(batches, SpeedUps())
        found["peak GiB of training, the kit"] = _peak()
        found["training, the kit"] = seconds(lambda: made.gradient(batches, SpeedUps()))
        _reset()
        theirs = made.gradient(batches, None)
        found["peak GiB of training, TRL"] = _peak()
        found["training, TRL's default"] = seconds(lambda: made.gradient(batches, None))
        apart = float((ours - theirs).norm() / theirs.norm())
        found["gradients differ by"] = apart
        whole = 1e-4 if policy.model.dtype == torch.float32 else 1e-1
        found["gradients agree"] = apart < whole
    samplers = [
        value
        for name, value in found.items()
        if name.startswith("sampling") and "TRL" not in name and isinstance(value, float)
    ]
    trl = found["sampling, TRL's default"]
    if isinstance(trl, float):
        ratio = (trl + found["training, TRL's default"]) / (
            min(samplers) + found["training, the kit"]
        )
        found["a step, times faster than TRL's default"] = round(ratio, 2)
    found |= planned_memory(shape, max(len(ids) for ids in made.prompts))
    return found


def planned_memory(shape: Shape, prompt: int) -> dict[str, Any]:
    """What the plan computes for these sizes, beside the peak since the last reset."""
    training = replace(
        shape.tier.training,
        prompts_per_step=shape.prompts,
        group_size=shape.samples,
        max_new_tokens=shape.tokens,
        micro_batch=shape.micro_batch,
    )
    tier = replace(shape.tier, training=training, quantize=shape.quantize)
    plan = plan_tier(tier, shape.model, available=GIB, prompt_tokens=prompt)
    measured = _peak()
    found: dict[str, Any] = {"plan GiB": round(plan.peak / GIB, 2)}
    if measured is not None:
        with_cuda = measured + CUDA_BYTES / GIB
        found["measured GiB, with CUDA's own as the plan has it"] = round(with_cuda, 2)
        found["measured over plan"] = round(with_cuda / (plan.peak / GIB), 2)
    return found


def distribution(shape: Shape, tiny: bool) -> dict[str, Any]:
    """Log-probabilities of continuous batching beside a plain forward pass's."""
    policy = random_policy(
        replace(shape.model, layers=min(4, shape.model.layers)), quantize=shape.quantize
    )
    prompts = [[7 + place, 11, 13, 17] * (2 + place) for place in range(4)]
    found: list[list[float]] = []
    rows = sample_continuously(
        policy.model,
        prompts,
        samples=2,
        max_new_tokens=4 if tiny else 32,
        temperature=0.8,
        seed=0,
        pad_id=int(policy.tokenizer.pad_token_id),
        end_ids=end_token_ids(policy.model, policy.tokenizer),
        log_probs=found,
    )
    worst = 0.0
    for row, (ids, values) in enumerate(zip(rows, found, strict=True)):
        prompt = prompts[row // 2]
        with torch.no_grad():
            every = policy.model(torch.tensor([[*prompt, *ids]], device=policy.device)).logits
        chances = (every[0, len(prompt) - 1 : -1].float() / 0.8).log_softmax(-1)
        expected = chances[range(len(ids)), ids].cpu()
        worst = max(worst, float((expected - torch.tensor(values)).abs().max()))
    # In half precision a logit of 10 is known to .03 or so.
    allowed = 1e-4 if policy.model.dtype == torch.float32 else 2e-1
    return {"largest difference in nats": worst, "agrees": worst < allowed}


def arms(out: Path, tiny: bool, left: Callable[[], float]) -> dict[str, Any]:
    """Arms of tier cpu's experiments, side by side on the card: seconds and records."""
    import yaml

    sizes = {**dataclasses.asdict(TIERS["smoke" if tiny else "cpu"].training)}
    evaluation = dataclasses.asdict(TIERS["smoke" if tiny else "cpu"].evaluation)
    plan = {
        "seeds": "300-301" if not tiny else "300",
        "threads": 1 if tiny else 2,
        "nice": 0,
        "settings": {
            "tier": "smoke" if tiny else "gpu-16gb",
            "model": "embedded",
            "quantize": False,
            "training": {**sizes, "steps": 1, "max_new_tokens": 4} if tiny else sizes,
            "evaluation": {**evaluation, "instructions": 2} if tiny else evaluation,
        },
        "arms": {"guarded": {"reward": "guarded"}, "strict": {"reward": "strict"}},
    }
    path = out / "arms.yaml"
    write_text(path, yaml.safe_dump(plan, sort_keys=False))
    jobs = 1 if tiny else 4
    command = [sys.executable, "-m", "hppt_lib.cli", "sweep", str(path), "--out", str(out / "arms")]
    started = time.perf_counter()
    done = subprocess.run(
        [*command, "--jobs", str(jobs)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=None if tiny else max(60.0, left()),
        check=False,
    )
    records = list(_records(out / "arms"))
    return {
        "runs": f"{len(records)}, {jobs} side by side",
        "wall seconds": round(time.perf_counter() - started, 1),
        "seconds a step": [round(each, 2) for each in records],
        "status": done.returncode,
        **({"said": (done.stdout + done.stderr)[-500:]} if done.returncode else {}),
    }


def _records(folder: Path) -> Iterator[float]:
    from hppt_lib.records import read_record

    for path in sorted(folder.glob("*.json")):
        record = read_record(path)
        yield sum(each.seconds for each in record.steps) / len(record.steps)


# --- small things ---------------------------------------------------------------------------------


def continuously(made: Step) -> list[list[int]]:
    made.model.eval()
    return sample_continuously(
        made.model,
        made.prompts,
        samples=made.size,
        max_new_tokens=made.tokens,
        temperature=0.8,
        seed=0,
        pad_id=int(made.tokenizer.pad_token_id),
        end_ids=end_token_ids(made.model, made.tokenizer),
    )


def seconds(call: Callable[[], Any]) -> float:
    return round(median_seconds(call, 1), 3)


def tried(call: Callable[[], Any]) -> Any:
    """The result, or why there is none."""
    try:
        return call()
    except Exception as error:
        return f"failed: {type(error).__name__}: {error}"


def _reset() -> None:
    gc.collect()
    finish()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _peak() -> float | None:
    """GiB that torch had allocated at most since the last reset; None without a GPU."""
    if not torch.cuda.is_available():
        return None
    return round(torch.cuda.max_memory_allocated() / GIB, 2)


if __name__ == "__main__":
    sys.exit(main())
