"""The plan of a replication: what of it fits the hours, what is cut, and what that costs.

`hppt_lib.training.replication` makes what is planned here: E1, the audit of a judge; E2, HPPT's
Steps A and B against the raw mixed data and a random control; E3, hard constraints alone, soft ones
alone, and both. The experiments share their runs: E3's *mixed* is E2's *raw*.

What is cut first, and what last, follows from the records of tier cpu: nearly all of the variance
lies between seeds, so three seeds are the least of any plan, and what is left of the hours goes
into seeds before it goes into anything else.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.policy.dimensions import Dimensions, model_dimensions
from hppt_lib.terminal import as_text, table
from hppt_lib.tiers import TIERS, Tier
from hppt_lib.training.plan import GIB, Plan, plan_tier
from hppt_lib.training.rates import (
    Rates,
    data_sheet,
    evaluation_seconds,
    reading_seconds,
    sampled_seconds,
    training_seconds,
)

ARMS = ("raw", "control", "hppt", "hard", "soft")
"""raw: the pool as it is, hard and soft constraints mixed. control: as many as Step A keeps, drawn
at random anew for each seed, through Step B. hppt: what Step A keeps, through Step B. hard and
soft: the pool's constraints of one kind, the others gone from the prompts."""
JUDGED_ARMS = {"raw": 0.5, "control": 0.5, "hppt": 0.5, "hard": 0.0, "soft": 1.0}
"""For each arm, the share of its instructions that ask the judge something. Half of the
shipped ``train`` have a soft constraint."""
LEAST_SEEDS, ENOUGH_SEEDS, MOST_SEEDS = 3, 5, 8
SEED_SD = 0.107
"""The standard deviation of guarded ISR between seeds of one arm, without what the number of
responses adds: of the shipped records of tier cpu (22 degrees of freedom, 95 % from .08 to .15). On
other tiers it is not measured."""
RESPONSE_SD = 0.031 * math.sqrt(240)
"""What one response adds: in those records 240 responses have a standard error of .031."""

_PROMPT = {"cpu": 70, "gpu": 110}  # mean tokens of a prompt of data/instructions/train
_QUESTION = 260  # tokens of a question to a judge beyond the shared beginning, as batches pad it
CALLS_AT_ONCE = 32
"""Calls to a judge at a server that are under way at once, unless ``concurrency`` says another."""
_CALL_SECONDS = 2.0
"""Assumption: so long takes a call to an endpoint. Judges that think first take many times that."""
_LOADING = {"cpu": 20.0, "gpu": 60.0}
"""Assumption: seconds in which a run starts, loads its policy and writes its record."""
_RESERVE = 0.9  # of the hours are planned; the rest is for what nobody foresaw
_AUDIT_ITEMS = {"soft": 224, "hard": 120}
_AUDIT_ROWS = {"soft": 512, "hard": 420}


@dataclass(frozen=True)
class Size:
    """The sizes of a replication.

    Attributes:
        model: the policy, as `hppt_lib.load_policy` takes it.
        quantize: its base in 4 bits.
        steps: of each run.
        prompts_per_step: different instructions in a step; each gets eight responses.
        group_size: responses to each.
        max_new_tokens: the longest response.
        micro_batch: responses in one forward and backward pass.
        seeds: runs of each arm.
        held_out: instructions that each policy is evaluated on, with a response each.
        pool: instructions of the raw data, all of which the pilot samples.
        samples: the pilot's responses to each.
        audited: items of each part of the audit set; 0 for all.
        arms: of `ARMS`, those that there are.
    """

    model: str
    quantize: bool
    steps: int
    prompts_per_step: int
    group_size: int
    max_new_tokens: int
    micro_batch: int
    seeds: int
    held_out: int
    pool: int
    samples: int
    audited: int = 0
    arms: tuple[str, ...] = ARMS


@dataclass(frozen=True)
class Cut:
    """One thing of which a plan has less than the tier would have.

    Attributes:
        what: it is.
        planned: what there is of it.
        full: what the tier would have.
        cost: what that costs in certainty or in likeness to the paper.
    """

    what: str
    planned: str
    full: str
    cost: str


@dataclass(frozen=True)
class ReplicationPlan:
    """What a replication is to do.

    Attributes:
        tier: name of the tier.
        hours: that were asked for.
        judge: its name.
        call: settings of calls to a judge at a server, by name.
        jobs: runs side by side.
        sampler: who samples (`hppt_lib.tiers.TrainingSettings`).
        model: the policy that was asked for; empty where the hours decide.
        held_out: the set that policies are evaluated on.
        size: the sizes.
        seconds: by part, the seconds that are planned.
        basis: what the seconds stand on.
        cuts: what there is less of than the tier would have.
        memory_gib: of a run, at its peak; of what there is, in ``available_gib``.
        available_gib: see ``memory_gib``.
    """

    tier: str
    hours: float
    judge: str
    call: dict[str, Any]
    jobs: int
    sampler: str
    model: str
    held_out: str
    size: Size
    seconds: dict[str, float]
    basis: str
    cuts: tuple[Cut, ...]
    memory_gib: float
    available_gib: float

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the runs: new ones, that no shipped record has."""
        return tuple(range(100, 100 + self.size.seeds))

    @property
    def half_width(self) -> float:
        """Expected half-width of the 95 % interval of a difference of two arms in guarded ISR."""
        return half_width(self.size.seeds, self.size.held_out)

    def as_json(self) -> dict[str, Any]:
        """The plan as plain values; `plan_from_json` reads it."""
        return asdict(self)

    def as_table(self) -> str:
        """The sizes, the time part by part, what is cut, and how sure one will be."""
        size, total = self.size, sum(self.seconds.values())
        form = "4 bits" if size.quantize else "whole"
        rows: list[list[object] | None] = [
            [name, _time(each)] for name, each in self.seconds.items()
        ]
        rows += [None, ["in all", _time(total)]]
        cuts: list[list[object] | None] = [
            [each.what, each.planned, each.full, each.cost] for each in self.cuts
        ]
        return as_text(
            f"Replication at tier {self.tier} in {self.hours:g} hours: {len(size.arms)} arms × "
            f"{size.seeds} seeds of {size.model} ({form}), {size.steps} steps of "
            f"{size.prompts_per_step} × {size.group_size} responses of up to "
            f"{size.max_new_tokens} tokens",
            f"judge: {self.judge}; pilot: {size.pool} instructions × {size.samples} responses; "
            f"evaluated on {size.held_out} of {self.held_out}; sampler: {self.sampler}",
            f"memory: {self.memory_gib:.1f} of {self.available_gib:.1f} GiB for a run (computed), "
            f"{self.jobs} side by side",
            table(["time", "planned"], rows),
            f"({self.basis})",
            *(
                [table(["cut", "here", "in full", "what it costs"], cuts, text=(0, 3))]
                if cuts
                else ["nothing is cut"]
            ),
            f"Certainty: a difference of two arms in guarded ISR is known to ± "
            f"{self.half_width:.2f} (95 %, if seeds spread as at tier cpu: {SEED_SD:.3f}); a true "
            "one of that size is missed as often as it is seen.",
        )


def half_width(seeds: int, responses: int) -> float:
    """Expected half-width of a 95 % interval for a difference of two arms in guarded ISR.

    Args:
        seeds: of each arm.
        responses: of each evaluation.
    """
    from scipy.special import stdtrit

    variance = SEED_SD**2 + RESPONSE_SD**2 / responses
    return float(stdtrit(2 * seeds - 2, 0.975)) * math.sqrt(2 * variance / seeds)


def plan_from_json(row: dict[str, Any]) -> ReplicationPlan:
    """Read `ReplicationPlan.as_json` back.

    Raises:
        TypeError: it is something else.
    """
    cuts = tuple(Cut(**each) for each in row["cuts"])
    size = Size(**{**row["size"], "arms": tuple(row["size"]["arms"])})
    return ReplicationPlan(**{**row, "size": size, "cuts": cuts})


# --- planning -------------------------------------------------------------------------------------


def plan_replication(
    tier: Tier,
    hours: float,
    *,
    judge: str,
    call: dict[str, Any] | None = None,
    jobs: int = 1,
    rates: Callable[[Tier], Rates] = data_sheet,
    sampler: str = "kit",
    model: str | None = None,
) -> ReplicationPlan:
    """Plan a replication that fits the hours.

    Args:
        tier: the tier.
        hours: wall-clock time that there is.
        judge: its name, as `hppt_lib.judges.judge` takes it.
        call: settings of its calls.
        jobs: runs side by side. On a CPU two take no longer than one; on a GPU that is not known,
            and the plan counts them one after another.
        rates: from a tier to how fast the machine is.
        sampler: who samples.
        model: the policy; None lets the hours decide, from the tier's down.

    Raises:
        HpptError: the least replication takes longer (the message says how long), or the judge
            replays answers.
    """
    if judge.startswith("replayed:"):
        raise HpptError(
            "A judge that replays answers cannot judge what a policy writes anew. Give embedded, a "
            "folder, or http://HOST:PORT/v1#MODEL."
        )
    at_once = int((call or {}).get("concurrency") or CALLS_AT_ONCE)
    planner = _Planner(tier, hours, judge, jobs, rates, at_once, sampler)
    if tier.name == "smoke":
        return _as_plan(planner, planner.smoke(model), call, sampler, model)
    least: Size | None = None
    for size in planner.sizes(model):
        if not planner.memory(size).fits:
            continue
        least = size
        if planner.fits(size):
            return _as_plan(planner, planner.grown(size), call, sampler, model)
    if least is None:
        raise HpptError(
            f"No policy of tier {tier.name} fits its memory. 'hppt plan --tier {tier.name}' shows "
            "the parts."
        )
    needed = sum(planner.seconds(least).values()) / _RESERVE / 3600
    raise HpptError(
        f"The least replication at tier {tier.name} ({least.model}, {least.steps} steps, "
        f"{least.seeds} seeds of {len(least.arms)} arms) takes about {needed:.1f} hours, and "
        f"{hours:g} are given. Give more with --hours, or choose a smaller tier."
    )


def _as_plan(
    planner: _Planner, size: Size, call: dict[str, Any] | None, sampler: str, model: str | None
) -> ReplicationPlan:
    memory = planner.memory(size)
    held_out = "hard_heldout" if planner.on_cpu else "heldout_topics"
    return ReplicationPlan(
        planner.tier.name,
        planner.hours,
        planner.judge,
        dict(call or {}),
        planner.jobs,
        sampler,
        model or "",
        held_out,
        size,
        {name: round(each, 1) for name, each in planner.seconds(size).items()},
        planner.basis(size),
        tuple(planner.cuts(size)),
        round(memory.peak / GIB, 2),
        round(memory.available / GIB, 2),
    )


_SMALLER = {
    "Qwen/Qwen2.5-7B-Instruct": "Qwen/Qwen2.5-3B-Instruct",
    "Qwen/Qwen2.5-3B-Instruct": "Qwen/Qwen2.5-1.5B-Instruct",
    "Qwen/Qwen2.5-1.5B-Instruct": "Qwen/Qwen2.5-0.5B-Instruct",
}
_LEAST_STEPS = {"cpu": (8, 4), "gpu": (60, 30)}  # better, and at all
_ENOUGH_STEPS = {"cpu": 20, "gpu": 150}
_OF_E2 = ("raw", "control", "hppt")
_LEAST_TOKENS = {"cpu": 32, "gpu": 128}
_PILOTS = ((600, 8), (600, 4), (400, 4), (300, 4), (200, 4), (120, 4), (80, 4), (48, 4))
_PILOT_SHARE, _AUDIT_SHARE = 0.15, 0.1  # of the hours, at most
_AUDITED = (0, 80, 60, 40, 24, 16)


@dataclass(frozen=True)
class _Planner:
    tier: Tier
    hours: float
    judge: str
    jobs: int
    rates: Callable[[Tier], Rates]
    at_once: int = CALLS_AT_ONCE
    sampler: str = "kit"

    @property
    def on_cpu(self) -> bool:
        return self.tier.gpu_gib is None

    @property
    def kind(self) -> str:
        return "cpu" if self.on_cpu else "gpu"

    @property
    def budget(self) -> float:
        """Seconds that may be planned."""
        return _RESERVE * 3600 * self.hours

    # What there is to choose from, the best first

    def smoke(self, model: str | None) -> Size:
        training, evaluation = self.tier.training, self.tier.evaluation
        return Size(
            model or self.tier.model,
            self.tier.quantize,
            training.steps,
            training.prompts_per_step,
            training.group_size,
            training.max_new_tokens,
            training.micro_batch,
            seeds=2,
            held_out=evaluation.instructions,
            pool=12,
            samples=2,
            audited=2,
        )

    def sizes(self, model: str | None) -> Iterator[Size]:
        """The least plans, the best first: of each policy and length, from the tier's own down;
        with fewer steps; with E2 alone.
        """
        for arms in (ARMS, _OF_E2):
            for steps in _LEAST_STEPS[self.kind]:
                name: str | None = model or self.tier.model
                while name:
                    for tokens in self._lengths():
                        for quantize in dict.fromkeys((False, self.tier.quantize)):
                            yield replace(self._least(name, quantize, tokens, steps), arms=arms)
                    name = None if model else _SMALLER.get(name)

    def _lengths(self) -> list[int]:
        lengths = [self.tier.training.max_new_tokens]
        while lengths[-1] // 2 >= _LEAST_TOKENS[self.kind]:
            lengths.append(lengths[-1] // 2)
        return lengths

    def _least(self, model: str, quantize: bool, tokens: int, steps: int) -> Size:
        training = self.tier.training
        size = Size(
            model,
            quantize,
            steps,
            min(training.prompts_per_step, 8),
            training.group_size,
            tokens,
            training.micro_batch,
            LEAST_SEEDS,
            held_out=48 if self.on_cpu else 100,
            pool=_PILOTS[-1][0],
            samples=_PILOTS[-1][1],
            audited=_AUDITED[-1],
        )
        return self._with_pilot(size)

    def _with_pilot(self, size: Size) -> Size:
        """The largest pilot and audit that their shares of the hours allow."""
        for pool, samples in _PILOTS:
            size = replace(size, pool=pool, samples=samples)
            if self._pilot(size) <= _PILOT_SHARE * self.budget:
                break
        for audited in _AUDITED:
            size = replace(size, audited=audited)
            if self._audit(size) <= _AUDIT_SHARE * self.budget:
                break
        return size

    def fits(self, size: Size) -> bool:
        return sum(self.seconds(size).values()) <= self.budget

    def grown(self, size: Size) -> Size:
        """The size with all that the hours still allow: seeds, steps, seeds again, steps again."""
        enough = min(_ENOUGH_STEPS[self.kind], self.tier.training.steps)
        held_out = self.tier.evaluation.instructions
        for name, most in (
            ("seeds", ENOUGH_SEEDS),
            ("steps", enough),
            ("held_out", held_out),
            ("seeds", MOST_SEEDS),
            ("steps", self.tier.training.steps),
        ):
            low, high = int(getattr(size, name)), int(most)
            while low < high:  # the largest that fits
                middle = (low + high + 1) // 2
                if self.fits(with_more(size, name, middle)):
                    low = middle
                else:
                    high = middle - 1
            if low > getattr(size, name):
                size = with_more(size, name, low)
        return size

    # What it takes

    def as_tier(self, size: Size) -> Tier:
        """The tier with these sizes, as its runs have it."""
        return sized(self.tier, size)

    def memory(self, size: Size) -> Plan:
        run = self.as_tier(size)
        prompt = 144 if self.on_cpu else 256
        return plan_tier(run, self._dimensions(size), prompt_tokens=prompt)

    def seconds(self, size: Size) -> dict[str, float]:
        """By part, the seconds of the wall clock."""
        side_by_side = self.jobs if self.on_cpu else 1
        runs = sum(self._run(size, arm) for arm in size.arms) * size.seeds
        runs += self._evaluated(size) * size.seeds  # the base policy's, once a seed
        return {
            "E1: audit of the judge": self._audit(size),
            "E2: pilot": self._pilot(size),
            f"E2 and E3: {len(size.arms) * size.seeds} runs": runs / side_by_side,
        }

    def basis(self, size: Size) -> str:
        rates = self.rates(self.as_tier(size))
        judge = "the judge as the policy" if self._is_local else "2 s a call of the judge, assumed"
        if self.sampler != "kit":
            judge += f"; the sampler {self.sampler} is not measured, and counted as the kit's"
        return f"{rates.name}; {rates.basis}; {judge}"

    def _dimensions(self, size: Size) -> Dimensions:
        return model_dimensions(size.model)

    def _run(self, size: Size, arm: str) -> float:
        run, model = self.as_tier(size), self._dimensions(size)
        rates = self.rates(run)
        seconds, _ = training_seconds(run, model, _PROMPT[self.kind], rates)
        questions = JUDGED_ARMS[arm] * size.prompts_per_step * size.group_size * size.steps
        judged = self._asked(questions, size) if questions else 0.0
        return _LOADING[self.kind] + seconds + judged + self._evaluated(size)

    def _evaluated(self, size: Size) -> float:
        run, model = self.as_tier(size), self._dimensions(size)
        rates = self.rates(run)
        tokens = size.held_out * (_PROMPT[self.kind] + size.max_new_tokens)
        read = reading_seconds(model, rates, tokens, size.held_out * size.max_new_tokens)
        # Each policy's responses are read again: by the base, and by the policy itself.
        return evaluation_seconds(run, model, _PROMPT[self.kind], rates) + 1.5 * read

    def _pilot(self, size: Size) -> float:
        run, model = self.as_tier(size), self._dimensions(size)
        prompt, responses = _PROMPT[self.kind], size.pool * size.samples
        tokens = size.max_new_tokens
        sampled = sampled_seconds(run, model, self.rates(run), responses, 48, prompt, tokens)
        return _LOADING[self.kind] + sampled + self._asked(1.2 * responses, size)

    def _audit(self, size: Size) -> float:
        calls = sum(min(size.audited or most, most) for most in _AUDIT_ITEMS.values())
        if not self._is_local:  # point-wise too
            rows = sum(_AUDIT_ROWS.values())
            calls += round(rows * calls / sum(_AUDIT_ITEMS.values()))
        return _LOADING[self.kind] + self._asked(calls, size)

    @property
    def _is_local(self) -> bool:
        return not self.judge.startswith(("http://", "https://"))

    def _asked(self, questions: float, size: Size) -> float:
        if not self._is_local:
            return questions * _CALL_SECONDS / self.at_once
        name = self.judge.removesuffix(":strict").removesuffix(":few-shot")
        judge = model_dimensions(name.removesuffix(":zero-shot"))
        return reading_seconds(judge, self.rates(self.as_tier(size)), _QUESTION * questions)

    # What is cut

    def cuts(self, size: Size) -> Iterator[Cut]:
        own = self.tier.training
        if size.arms != ARMS:
            yield Cut("arms", ", ".join(size.arms), ", ".join(ARMS), "there is no E3")
        if size.model != self.tier.model:
            yield Cut(
                "policy",
                model_dimensions(size.model).name,
                model_dimensions(self.tier.model).name,
                "another policy than the paper's first: a difference here need not be one there",
            )
        if size.max_new_tokens < own.max_new_tokens:
            yield Cut(
                "length",
                f"{size.max_new_tokens} tokens",
                f"{own.max_new_tokens}",
                "longer answers are cut, and fail what their end would satisfy",
            )
        if size.steps < own.steps:
            yield Cut(
                "steps",
                str(size.steps),
                str(own.steps),
                "arms part later than this, or not yet: no difference is no evidence of none",
            )
        rate = learning_rate(self.tier, size.steps)
        if rate > own.learning_rate:
            yield Cut(
                "(learning rate)",
                f"{rate:.2g}",
                f"{own.learning_rate:.2g}",
                "raised, so that fewer steps go about as far: a rule of thumb, not measured",
            )
        if size.prompts_per_step < own.prompts_per_step:
            yield Cut(
                "prompts a step",
                str(size.prompts_per_step),
                str(own.prompts_per_step),
                "noisier steps, and a larger spread between seeds",
            )
        if size.seeds < MOST_SEEDS:
            here, full = (half_width(each, size.held_out) for each in (size.seeds, MOST_SEEDS))
            yield Cut(
                "seeds",
                str(size.seeds),
                str(MOST_SEEDS),
                f"± {here:.2f} instead of ± {full:.2f} for a difference",
            )
        most = TIERS[self.tier.name].evaluation.instructions
        if size.held_out < most:
            here, full = (half_width(size.seeds, each) for each in (size.held_out, most))
            yield Cut(
                "held-out instructions",
                str(size.held_out),
                str(most),
                f"± {here:.2f} instead of ± {full:.2f} for a difference",
            )
        pool, samples = _PILOTS[0]
        if (size.pool, size.samples) != (pool, samples):
            lost = [0.9**each for each in (size.samples, samples)]
            yield Cut(
                "pilot",
                f"{size.pool} × {size.samples}",
                f"{pool} × {samples}",
                f"an instruction that passes one time in ten is dropped with chance {lost[0]:.2f} "
                f"instead of {lost[1]:.2f}",
            )
        if size.audited:
            items = {name: min(size.audited, most) for name, most in _AUDIT_ITEMS.items()}
            ratio = math.sqrt(_AUDIT_ITEMS["soft"] / items["soft"])
            yield Cut(
                "audit",
                f"{items['soft']} + {items['hard']} items",
                f"{_AUDIT_ITEMS['soft']} + {_AUDIT_ITEMS['hard']}",
                f"the judge's rates have intervals about {ratio:.1f} times as wide",
            )


def with_more(size: Size, name: str, number: int) -> Size:
    """A size with another number of seeds, steps or whatever it is called."""
    changed: dict[str, Any] = {name: number}
    return replace(size, **changed)


def sized(tier: Tier, size: Size) -> Tier:
    """A tier with the sizes of a replication: the settings of its runs."""
    rollouts = size.prompts_per_step * size.group_size
    batch = size.micro_batch
    while rollouts % batch:
        batch -= 1
    return replace(
        tier,
        model=size.model,
        quantize=size.quantize,
        training=replace(
            tier.training,
            steps=size.steps,
            prompts_per_step=size.prompts_per_step,
            group_size=size.group_size,
            max_new_tokens=size.max_new_tokens,
            micro_batch=batch,
            learning_rate=learning_rate(tier, size.steps),
            warmup_steps=min(tier.training.warmup_steps, size.steps // 10),
        ),
        evaluation=replace(tier.evaluation, instructions=size.held_out, samples=1),
    )


def learning_rate(tier: Tier, steps: int) -> float:
    """The rate with which fewer steps go about as far: the tier's, higher as they are fewer.

    A rule of thumb, not measured; at most 1e-4, or the tier's own if that is higher.
    """
    own = tier.training
    return max(own.learning_rate, min(1e-4, own.learning_rate * max(1.0, own.steps / steps)))


def _time(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"
