"""One GRPO step, the kit's beside plain TRL's, speed-up by speed-up, and how far from the limit.

The standard work is 8 prompts x 8 samples x 64 new tokens, the embedded model, LoRA r = 16 on all
linear layers. Sampling: TRL's own generation (transformers' ``generate``) beside the kit's sampler.
Training: `trl.GRPOTrainer`'s loss and backward pass beside the kit's, on the same rollouts (the
kit's, with the rewards that they earned), whose gradients are compared. TRL has the settings that
suit it on a CPU: float32, no gradient checkpointing, ``--micro-batch`` rows at a time (by default
as many as TRL's default, 8).

Limits: decoding cannot be faster than reading all weights once for each token of the longest
response, at the bandwidth of a large matrix-vector product. Training cannot be faster than its
multiplications (2 a weight and token forward, as many backward for frozen weights) at the rate of a
large matrix product, counted for all tokens as TRL sends them through.

On a machine with an NVIDIA GPU everything runs there, in half precision and with gradient
checkpointing, as the kit trains there; the tokens of a checkpointed forward pass count once.

Examples:
  python -m tests.measure.training_step
  python -m tests.measure.training_step --huge-pages
  python -m tests.measure.training_step --totals --repeats 1
  python -m tests.measure.training_step --prompts 2 --samples 4 --tokens 12 --repeats 1
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

if "--huge-pages" in sys.argv:
    os.environ["THP_MEM_ALLOC_ENABLE"] = "1"  # before torch is imported

import torch

from hppt_lib.instructions.model import shipped_instructions
from hppt_lib.machine import machine
from hppt_lib.policy.load import Policy, load_policy
from hppt_lib.policy.sampling import chat_tokens, end_token_ids, sample_tokens
from hppt_lib.policy.speedups import SpeedUps, sampling_weights, training_weights
from hppt_lib.rewards import REWARDS, score
from hppt_lib.tiers import TrainingSettings
from hppt_lib.training.batches import sorted_batches
from hppt_lib.training.trainer import Trainer, TrainingJob

SAMPLING = ("prefill_once", "drop_finished", "merge_adapter", "packed")
TRAINING = ("leave_out_idle", "sort_rows", "prompt_once", "completion_logits", "packed")


def finish() -> None:
    """A GPU works on after the call has returned."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def median_seconds(call: Callable[[], Any], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        call()
        finish()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def alone(name: str) -> SpeedUps:
    return dataclasses.replace(SpeedUps.none(), **{name: True})


def without(name: str) -> SpeedUps:
    return dataclasses.replace(SpeedUps(), **{name: False})


def bandwidth(device: torch.device, dtype: torch.dtype) -> float:
    """Bytes a second that a matrix-vector product reads, the best of several."""
    rows = 8192 if device.type == "cpu" else 65536
    matrix = torch.ones(rows, 16384, device=device, dtype=dtype)  # 512 MiB, 2 GiB: in no cache
    vector = torch.ones(16384, device=device, dtype=dtype)
    return matrix.nbytes / min(median_seconds(lambda: matrix @ vector, 1) for _ in range(7))


def flops(device: torch.device, dtype: torch.dtype) -> float:
    """Multiplications and additions a second of a large matrix product."""
    size = 1536 if device.type == "cpu" else 8192
    one, other = (torch.rand(size, size, device=device).to(dtype) for _ in range(2))
    return 2 * size**3 / min(median_seconds(lambda: one @ other, 1) for _ in range(7))


class Step:
    """The two halves of one step, as TRL makes them and as the kit does."""

    def __init__(
        self, chosen: argparse.Namespace, folder: str, policy: Policy | None = None
    ) -> None:
        self.size, self.tokens = chosen.samples, chosen.tokens
        self.rows = chosen.prompts * chosen.samples
        self.micro = min(chosen.micro_batch, self.rows)
        settings = TrainingSettings(
            steps=1,
            prompts_per_step=chosen.prompts,
            group_size=chosen.samples,
            max_new_tokens=chosen.tokens,
            learning_rate=1e-4,
            micro_batch=self.micro,
        )
        every = shipped_instructions("hard_train")
        self.instructions = every[:: max(1, len(every) // chosen.prompts)][: chosen.prompts]
        reward = REWARDS[chosen.reward]
        self.reward = reward
        job = TrainingJob(self.instructions, reward, settings, seed=0)
        self.trainer = Trainer(policy or load_policy(chosen.model), job, Path(folder))
        self.trainer.current_gradient_accumulation_steps = self.rows // self.micro
        self.model, self.tokenizer = self.trainer.model, self.trainer.processing_class
        torch.manual_seed(0)
        for name, weight in self.model.named_parameters():
            if "lora_B" in name:  # an adapter that does something, so that both factors learn
                weight.data.normal_(std=1e-3)
        self.prompts = [chat_tokens(self.tokenizer, each.prompt) for each in self.instructions]

    def sample(self, speed_ups: SpeedUps) -> list[list[int]]:
        self.model.eval()
        with sampling_weights(self.model, speed_ups):
            return sample_tokens(
                self.model,
                self.prompts,
                samples=self.size,
                max_new_tokens=self.tokens,
                temperature=0.8,
                generator=torch.Generator(device=self.model.device).manual_seed(0),
                pad_id=int(self.tokenizer.pad_token_id),
                end_ids=end_token_ids(self.model, self.tokenizer),
                prefill_once=speed_ups.prefill_once,
                drop_finished=speed_ups.drop_finished,
            )

    def sample_as_trl(self) -> Any:
        self.model.train()
        torch.manual_seed(0)
        repeated = [ids for ids in self.prompts for _ in range(self.size)]
        return self.trainer._generate_single_turn(repeated, None, {}, self.size)

    def batches(self, completions: list[list[int]]) -> list[dict[str, Any]]:
        """TRL's micro-batches of these rollouts: padded to the longest, shuffled, split."""
        asked = [each for each in self.instructions for _ in range(self.size)]
        texts = self.tokenizer.batch_decode(completions, skip_special_tokens=True)
        values = [self.reward.value(score(i, t)) for i, t in zip(asked, texts, strict=True)]
        rewards = torch.tensor(values).view(-1, self.size)
        spread = rewards.std(dim=1, keepdim=True) + 1e-4
        advantages = ((rewards - rewards.mean(dim=1, keepdim=True)) / spread).flatten()
        self.idle = float((advantages == 0).float().mean())
        if self.idle == 1:  # at trial sizes every group may agree
            advantages = torch.linspace(-1, 1, self.rows)
        prompts = [ids for ids in self.prompts for _ in range(self.size)]
        batch = {"advantages": advantages}
        for name, lists, left in (("prompt", prompts, True), ("completion", completions, False)):
            longest = max(map(len, lists))
            fill = [longest - len(ids) for ids in lists]
            pad = int(self.tokenizer.pad_token_id)
            pairs = list(zip(lists, fill, strict=True))
            for part, of, padding in (("ids", None, pad), ("mask", 1, 0)):
                rows = [
                    [padding] * gap * left
                    + (list(ids) if of is None else [of] * len(ids))
                    + [padding] * gap * (not left)
                    for ids, gap in pairs
                ]
                batch[f"{name}_{part}"] = torch.tensor(rows)
        self.places = batch["prompt_ids"].shape[1] + batch["completion_ids"].shape[1]
        items = batch["completion_mask"].sum()
        order = torch.randperm(self.rows, generator=torch.Generator().manual_seed(0))
        parts = order.split(self.micro)
        return [
            {n: v[part].to(self.model.device) for n, v in batch.items()}
            | {"num_items_in_batch": items.to(self.model.device)}
            for part in parts
        ]

    def gradient(self, batches: list[dict[str, Any]], speed_ups: SpeedUps | None) -> torch.Tensor:
        """Of the whole step; ``None`` takes TRL's own methods."""
        from trl import GRPOTrainer

        used = speed_ups or SpeedUps.none()
        self.trainer.job = dataclasses.replace(self.trainer.job, speed_ups=used)
        if speed_ups and speed_ups.sort_rows and len(batches) > 1:
            batches = sorted_batches(batches, with_idle=not speed_ups.leave_out_idle)
        method = GRPOTrainer.compute_loss if speed_ups is None else Trainer.compute_loss
        self.model.train()
        self.model.zero_grad()
        with training_weights(self.model, used):  # in a run, packed once for all
            for batch in batches:
                method(self.trainer, self.model, dict(batch)).backward()
        learnt = [p for p in self.model.parameters() if p.requires_grad]
        return torch.cat([p.grad.flatten() for p in learnt if p.grad is not None])

    def linear_weights(self) -> int:
        base = self.model.get_base_model()
        layers = [each for name, each in base.named_modules() if name.endswith("base_layer")]
        return sum(each.weight.numel() for each in layers) + base.lm_head.weight.numel()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--prompts", type=int, default=8)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--micro-batch", type=int, default=8)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0, help="0: as torch chooses")
    parser.add_argument("--reward", default="strict")
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--totals", action="store_true", help="all speed-ups together only")
    parser.add_argument("--huge-pages", action="store_true", help="transparent huge pages")
    chosen = parser.parse_args()
    os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    print(f"{machine()}; huge pages: {'asked for' if chosen.huge_pages else 'no'}")
    with tempfile.TemporaryDirectory() as folder:
        report(Step(chosen, folder), chosen)


def report(step: Step, chosen: argparse.Namespace) -> None:
    def seconds(call: Callable[[], Any]) -> float:
        return median_seconds(call, chosen.repeats)

    rollouts = step.sample(SpeedUps())
    batches = step.batches(rollouts)
    lengths = [len(ids) for ids in rollouts]
    print(
        f"{chosen.prompts} prompts x {chosen.samples} samples x {chosen.tokens} tokens; "
        f"mean length {statistics.mean(lengths):.1f}; idle rows {step.idle:.0%}; "
        f"micro-batches of {step.micro}; median of {chosen.repeats}"
    )

    print("\nsampling                              seconds    times faster than TRL")
    plain = seconds(step.sample_as_trl)
    _row("TRL (transformers' generate)", plain, plain)
    sampling, training = ((), ()) if chosen.totals else (SAMPLING, TRAINING)
    _row("the kit, no speed-up", seconds(lambda: step.sample(SpeedUps.none())), plain)
    for name in sampling:
        _row(f"  {name} alone", seconds(lambda name=name: step.sample(alone(name))), plain)
    ours = seconds(lambda: step.sample(SpeedUps()))
    _row("the kit, all speed-ups", ours, plain)
    for name in sampling:
        _row(f"  all but {name}", seconds(lambda name=name: step.sample(without(name))), plain)

    print("\ntraining                              seconds    times faster   gradient differs by")
    theirs = step.gradient(batches, None)
    trl = seconds(lambda: step.gradient(batches, None))
    _row("TRL", trl, trl)
    worst = 0.0
    for title, speed_ups in [
        *((f"  {name} alone", alone(name)) for name in training),
        ("the kit, all speed-ups", SpeedUps()),
        *((f"  all but {name}", without(name)) for name in training),
    ]:
        taken = seconds(lambda speed_ups=speed_ups: step.gradient(batches, speed_ups))
        found = step.gradient(batches, speed_ups)
        apart = float((found - theirs).norm() / theirs.norm())
        worst = max(worst, apart)
        _row(title, taken, trl, f"   {apart:.1e}")
        if title == "the kit, all speed-ups":
            half = taken
    print(f"\nstep: TRL {plain + trl:.2f} s, the kit {ours + half:.2f} s: ", end="")
    print(f"{(plain + trl) / (ours + half):.2f} times faster; largest difference {worst:.1e}")

    device, dtype = step.model.device, step.model.get_base_model().lm_head.weight.dtype
    bytes_, rate = bandwidth(device, dtype), flops(device, dtype)
    weights = step.linear_weights()
    reading = dtype.itemsize * weights * max(lengths) / bytes_
    multiplying = 4 * weights * step.rows * step.places / rate
    print(f"\nlimits: {bytes_ / 1e9:.1f} GB/s read, {rate / 1e9:.1f} GFLOP/s in {dtype}")
    print(f"sampling: weights read {max(lengths)} times take {reading:.2f} s at least; ", end="")
    print(f"TRL takes {plain / reading:.1f}, the kit {ours / reading:.1f} times that")
    print(f"training: all {step.rows * step.places} tokens take {multiplying:.2f} s; ", end="")
    print(f"TRL takes {trl / multiplying:.2f}, the kit {half / multiplying:.2f} times that")
    if device.type == "cuda":
        print(f"{torch.cuda.get_device_name()}, {dtype}")
    # In half precision, what is lost when rows are padded to another length.
    sys.exit(worst > (1e-5 if dtype == torch.float32 else 1e-1))


def _row(title: str, seconds: float, plain: float, more: str = "") -> None:
    print(f"{title:36} {seconds:8.2f} {plain / seconds:11.2f}{more}", flush=True)


if __name__ == "__main__":
    main()
