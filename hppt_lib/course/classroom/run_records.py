"""Looks at a run record that a student hands in: does it say what a training run leaves behind?

Training takes minutes to hours, so grading does not repeat it. The record holds every response, and
so it can be held against itself: verdicts are given anew, the order of the prompts is drawn anew
from the seed, counts, times and texts must fit each other. An invented record fails in one of these
places; which ones were looked at, and what nobody can tell from a record, is said beside it.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.satisfaction import Evaluated, isr, mean_length, rescored
from hppt_lib.files import repository_folder
from hppt_lib.identity import data_identity
from hppt_lib.instructions.model import Instruction, chosen_instructions
from hppt_lib.policy.embedded import NAME as EMBEDDED
from hppt_lib.policy.embedded import embedded_folder
from hppt_lib.records import FORMAT, RunRecord, Step, read_records, records_folder
from hppt_lib.rewards import Reward, pass_share, reward
from hppt_lib.tiers import EvaluationSettings, TrainingSettings, tier
from hppt_lib.training.data import held_out_instructions, training_instructions
from hppt_lib.verifiers import thought_marks

LARGEST = 50_000_000  # bytes; a record of the cpu tier has 0.2 MB
_VERIFIED = (
    0.1  # a step whose recorded share is further from today's verdicts is no older version's
)
_OLD_GUARD = 0.25  # the most that an older guard may differ, mean over steps (0.15 was measured)
_GAP = 0.4  # between held-out and training shares (0.28 was measured)
_FASTEST = {False: 20_000, True: 2_000_000}  # tokens a second, on a CPU and on a GPU
_EXACT = re.compile(r"(strict|guarded)|noisy\(of=(strict|guarded)\b.*")  # all-or-nothing, no judge

UNPROVEN = (
    "that this model wrote the texts: nobody ran it again (the same command on the same kind of "
    "processor gives the same texts)",
    "that the times are of the machine that it names",
)


@dataclass(frozen=True)
class Trace:
    """What two records have in common if one was made out of the other.

    Attributes:
        name: the record's, or the student's.
        setting: reward, seed and settings: equal ones may give equal texts.
        seed: of the run.
        times: seconds of each step, and of the run.
        steps: a digest of the responses of each step.
        after: (instruction id, response) after training.
        adapter: fingerprint after training.
    """

    name: str
    setting: str
    seed: int
    times: frozenset[float]
    steps: tuple[str, ...]
    after: tuple[tuple[str, str], ...]
    adapter: str


@dataclass(frozen=True)
class Inspected:
    """A run record that was handed in.

    Attributes:
        file: its name.
        faults: what no run of the kit leaves behind.
        doubts: what is odd, and may have an honest reason: for the teacher.
        unproven: what cannot be told from the record.
        record: the record; None if it cannot be read as one.
        rates: strict and guarded ISR by today's verifiers and mean length in words, before and
            after training; empty if they cannot be computed.
    """

    file: str
    faults: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    record: RunRecord | None = None
    rates: Mapping[str, float] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """``holds``, ``in doubt`` (look at it) or ``does not hold``."""
        return "does not hold" if self.faults else "in doubt" if self.doubts else "holds"


@dataclass
class _Found:
    faults: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    unproven: list[str] = field(default_factory=list)


def inspect(path: Path, known: Sequence[Trace] | None = None) -> Inspected | None:
    """Look at a file as a run record; nothing in it can raise an error.

    Args:
        path: a ``.json`` file. If the model that ``hppt train`` wrote lies beside it
            (``NAME.model``), its adapter is held against the record's fingerprint.
        known: records that it may be a copy of; by default those that the kit ships.

    Returns:
        What was found; None if it is the JSON of something else.
    """
    try:
        if path.is_symlink() or path.stat().st_size > LARGEST:
            return Inspected(path.name, ("it is a link, or larger than 50 MB: it was not read",))
        text = path.read_text(encoding="utf-8-sig")
        row = json.loads(text)
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        return Inspected(path.name, (f"it is no JSON ({type(error).__name__})",))
    if not isinstance(row, dict) or "steps" not in row:
        return None
    found = _Found()
    rates: Mapping[str, float] = {}
    record = _read(text, row, found)
    if record is not None:
        try:
            rates = _look(record, path, known, found)
        except (HpptError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            found.faults.append(f"it cannot be worked through: {error}")
        found.unproven += UNPROVEN
    said = {name: tuple(dict.fromkeys(each)) for name, each in vars(found).items()}
    return Inspected(path.name, record=record, rates=rates, **said)


def _read(text: str, row: Mapping[str, Any], found: _Found) -> RunRecord | None:
    from pydantic import TypeAdapter, ValidationError

    if row.get("format") != FORMAT:
        found.faults.append(f"its format is {row.get('format')!r}, and a run record's is {FORMAT}")
        return None
    try:
        return TypeAdapter(RunRecord).validate_json(text, strict=True)
    except (ValidationError, RecursionError) as error:
        wrong = error.errors()[0] if isinstance(error, ValidationError) else {"loc": (), "msg": ""}
        where = ".".join(map(str, wrong["loc"]))
        found.faults.append(f"it has not the form of a run record: {where}: {wrong['msg']}")
        return None


def _look(
    record: RunRecord, path: Path, known: Sequence[Trace] | None, found: _Found
) -> Mapping[str, float]:
    """All that there is to look at, the plainest first."""
    training = TrainingSettings(**record.settings["training"])
    evaluation = EvaluationSettings(**record.settings["evaluation"])
    tier(record.tier)
    miscounted = list(_counts(record, training, evaluation))
    found.faults += miscounted
    found.faults += _numbers(record, training)
    found.faults += _clock(record)
    found.faults += _adapters(record, path)
    _copies(record, shipped_traces() if known is None else known, found)
    if not found.faults:
        _base(record, training, found)
        _tokens(record, training, found)
    rates: Mapping[str, float] = {}
    sets = _sets(record, found)
    if sets is not None and not miscounted:
        trained_on, held_out = sets
        _identity(record, trained_on, held_out, evaluation, found)
        _order(record, trained_on, held_out, training, evaluation, found)
        rates = _verdicts(record, trained_on, held_out, training, found)
    return rates


# --- counts, numbers, times ----------------------------------------------------------------------


def _counts(
    record: RunRecord, training: TrainingSettings, evaluation: EvaluationSettings
) -> Iterator[str]:
    size, rollouts = training.group_size, training.prompts_per_step * training.group_size
    for number, step in enumerate(record.steps, start=1):
        ids = [id for id, _ in step.responses]
        if step.step != number:
            yield f"step {number} calls itself step {step.step}"
        if len(ids) != rollouts:
            yield (
                f"step {number} has {len(ids)} responses, and its settings make "
                f"{training.prompts_per_step} × {size}"
            )
        elif any(len(set(ids[at : at + size])) != 1 for at in range(0, rollouts, size)):
            yield f"step {number}: a group of {size} responses is to one instruction"
    made, budget = len(record.steps), record.settings.get("budget") or {}
    if not made:
        yield "there is no step in it"
    elif record.stopped_by == "steps" and made != training.steps:
        yield f"it has {made} steps, and by its settings made all {training.steps}"
    elif record.stopped_by != "steps" and not budget.get(record.stopped_by):
        yield f"it was stopped by {record.stopped_by!r}, of which its settings say nothing"
    for when in ("before", "after"):
        rows = Counter(id for id, _ in getattr(record, when))
        if set(rows.values()) != {evaluation.samples} or len(rows) > evaluation.instructions:
            yield (
                f"{when} training it has {sum(rows.values())} responses to {len(rows)} held-out "
                f"instructions, and its settings ask for {evaluation.samples} to each of "
                f"{evaluation.instructions}"
            )
    for name, nats in record.surprise.items():
        number = len(record.before if name == "before" else record.after)
        if len(nats) != number:
            yield f"surprise has {len(nats)} values ({name}) for {number} responses"


def _numbers(record: RunRecord, training: TrainingSettings) -> Iterator[str]:
    """What the numbers of a step must be to each other, whatever was written."""
    prompts, rollouts = training.prompts_per_step, training.prompts_per_step * training.group_size
    exact = _EXACT.fullmatch(record.reward) is not None
    for step in record.steps:
        at = f"step {step.step}"
        shares = {"strict": step.strict, "guarded": step.guarded, "cut": step.cut or 0.0}
        shares |= {"reward": step.reward} if exact else {}
        for name, share in shares.items():
            if not _part_of(share, rollouts):
                yield f"{at}: {name} is {share:g}, which is no share of {rollouts} responses"
        if not _part_of(step.zero_variance, prompts):
            yield f"{at}: zero_variance is {step.zero_variance:g}: no share of {prompts} groups"
        if step.guarded > step.strict + 1e-9:
            yield f"{at}: guarded is above strict, of which it is a part"
        if record.reward in ("strict", "guarded"):
            paid = getattr(step, record.reward)
            if abs(step.reward - paid) > 1e-6:
                yield f"{at}: the reward is {step.reward:g}, and {record.reward} is {paid:g}"
        if exact and step.reward in (0.0, 1.0) and step.zero_variance != 1:
            yield f"{at}: with a reward of {step.reward:g} all rewards of a group are equal"
        tokens = step.length * rollouts
        if not 0 <= step.length <= training.max_new_tokens or abs(tokens - round(tokens)) > 0.01:
            yield (
                f"{at}: a mean length of {step.length:g} tokens is none of {rollouts} responses "
                f"of at most {training.max_new_tokens}"
            )
        idle = step.zero_variance == 1 and training.kl_coefficient == 0
        if not step.gradient_norm >= 0 or idle != (step.gradient_norm == 0):
            if idle or training.kl_coefficient == 0:
                yield (
                    f"{at}: a gradient of {step.gradient_norm:g}, and in "
                    f"{step.zero_variance:.0%} of the groups all rewards are equal"
                )
        unknown = math.isnan(step.entropy) and step.zero_variance == 1  # no row was trained on
        if not (unknown or 0 <= step.entropy < 15):
            yield f"{at}: an entropy of {step.entropy:g} nats"
        if (step.kl is None) != (training.kl_coefficient == 0):
            yield f"{at}: a KL of {step.kl} and a coefficient of {training.kl_coefficient:g}"


def _part_of(share: float, whole: int) -> bool:
    return 0 <= share <= 1 and abs(share * whole - round(share * whole)) < 1e-3


def _clock(record: RunRecord) -> Iterator[str]:
    """Times as a clock gives them: with many digits, never twice the same, and adding up."""
    fastest = _FASTEST[bool(record.machine.get("gpu"))]
    readings: list[float] = []
    for step in record.steps:
        at, parts = f"step {step.step}", (step.rollout_seconds, step.training_seconds)
        readings += [step.seconds, *parts]
        if min(parts) <= 0 or step.reward_seconds < 0:
            yield f"{at}: sampling and training take time"
            continue
        left = step.seconds - sum(parts) - step.reward_seconds
        if abs(left) > 1e-6 * max(1.0, step.seconds):
            yield f"{at}: its parts take {step.seconds - left:.3f} s of {step.seconds:.3f} s"
        speed = step.length * len(step.responses) / step.rollout_seconds
        if speed > fastest:
            yield f"{at}: {speed:,.0f} tokens a second"
    rounded = sum(math.isclose(each, round(each, 4), rel_tol=1e-12) for each in readings)
    if rounded > len(readings) / 10:
        yield f"{rounded} of {len(readings)} times are round numbers: a clock's have more digits"
    if len(set(readings)) < len(readings):
        yield f"the same time stands in it {len(readings) - len(set(readings)) + 1} times"
    spent = sum(step.seconds for step in record.steps)
    if record.seconds < spent - 1e-3:
        yield f"its steps take {spent:.1f} s, and the whole run {record.seconds:.1f} s"
    elif record.seconds > 1.2 * spent + 60:
        yield f"its steps take {spent:.0f} s of the {record.seconds:.0f} s of the run"


# --- adapters and copies -------------------------------------------------------------------------


def _adapters(record: RunRecord, path: Path) -> Iterator[str]:
    before, after = record.adapter_before, record.adapter_after
    if not all(re.fullmatch("[0-9a-f]{64}", each) for each in (before, after)):
        yield "a fingerprint of an adapter is a SHA-256, 64 digits from 0 to f"
    elif before == after and any(step.gradient_norm for step in record.steps):
        yield "its adapter is the same before and after training"
    weights = path.with_suffix(".model") / "adapter_model.safetensors"
    if weights.is_file() and not weights.is_symlink():
        try:
            found = adapter_file_fingerprint(weights)
        except Exception as error:  # a student's file: safetensors raises many kinds
            yield f"the adapter beside it cannot be read ({type(error).__name__})"
        else:
            if found != after:
                yield "the adapter beside it is not the one that the record is of"


def adapter_file_fingerprint(path: Path) -> str:
    """The fingerprint of an adapter's file, as `RunRecord.adapter_after` has it."""
    import numpy as np
    from safetensors.numpy import load_file

    digest = hashlib.sha256()
    weights = {name.replace(".weight", ".default.weight"): w for name, w in load_file(path).items()}
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(np.asarray(weights[name], dtype=np.float32).tobytes())
    return digest.hexdigest()


def trace_of(record: RunRecord, name: str = "") -> Trace:
    """What of a record is compared with others."""
    settings = {key: record.settings.get(key) for key in ("training", "instructions", "quantize")}
    return Trace(
        name=name or record.name,
        setting=json.dumps([record.model, record.reward, record.seed, settings], sort_keys=True),
        seed=record.seed,
        times=frozenset((record.seconds, *(step.seconds for step in record.steps))),
        steps=tuple(_digest(step.responses) for step in record.steps),
        after=record.after,
        adapter=record.adapter_after,
    )


def _digest(responses: Sequence[tuple[str, str]]) -> str:
    return hashlib.sha256(repr(responses).encode("utf-8", "surrogatepass")).hexdigest()


@lru_cache(maxsize=1)
def shipped_traces() -> tuple[Trace, ...]:
    """The traces of the records that the kit ships, those of its experiments too."""
    top = records_folder()
    folders = [top, *sorted(each for each in top.iterdir() if each.is_dir())]
    return tuple(trace_of(each) for each in read_records(*folders)[0].values())


def likeness(one: Trace, other: Trace) -> tuple[bool, str]:
    """What two records share that two runs do not.

    Returns:
        Whether it proves that they are of one run, and a sentence; an empty one if they share
        nothing unusual.
    """
    times = len(one.times & other.times)
    if times:
        return True, f"{times} of its times, to the last digit, are those of {other.name}"
    alike = [mine == theirs for mine, theirs in zip(one.steps, other.steps, strict=False)]
    same, short = set(one.after) & set(other.after), min(len(one.after), len(other.after))
    of_one_setting = one.setting == other.setting
    if one.adapter == other.adapter and not of_one_setting:
        return True, f"its trained adapter is that of {other.name}, a run of other settings"
    if one.seed != other.seed and (any(alike) or len(same) > 0.2 * short):
        return True, f"its texts are those of {other.name}, a run of another seed"
    if alike and all(alike) and not of_one_setting:
        return True, f"its texts are those of {other.name}, a run of other settings"
    if alike and (all(alike) or len(same) > 0.2 * short):
        return False, (
            f"its texts are those of {other.name}, and its times are not: a run of one's own on "
            "the same kind of processor gives that, and so does a copy with new times"
        )
    return False, ""


def _copies(record: RunRecord, known: Iterable[Trace], found: _Found) -> None:
    mine = trace_of(record)
    for other in known:
        proves, says = likeness(mine, other)
        if says:
            (found.faults if proves else found.doubts).append(says)


def compared(students: Mapping[str, Sequence[Inspected]]) -> dict[str, list[Inspected]]:
    """The records of a class, each with a doubt where it shares what two runs do not share."""
    traces = [
        (student, number, trace_of(each.record, f"{student}'s {each.file}"))
        for student, records in students.items()
        for number, each in enumerate(records)
        if each.record is not None
    ]
    noted = {student: list(records) for student, records in students.items()}
    for student, number, mine in traces:
        says = [likeness(mine, other)[1] for whose, _, other in traces if whose != student]
        if new := tuple(dict.fromkeys(each for each in says if each)):
            each = noted[student][number]
            noted[student][number] = replace(each, doubts=each.doubts + new)
    return noted


# --- texts ---------------------------------------------------------------------------------------


def _base(record: RunRecord, training: TrainingSettings, found: _Found) -> None:
    """Texts that were sampled: many, short enough, and not twice the same step."""
    longest = training.max_new_tokens
    for step in record.steps:
        words = max((len(text.split()) for _, text in step.responses), default=0)
        total = sum(len(text.split()) for _, text in step.responses)
        if words > longest:
            found.faults.append(
                f"step {step.step}: a response has {words} words, and {longest} tokens is the most"
            )
        elif total > step.length * len(step.responses) + 1e-6:
            found.faults.append(
                f"step {step.step}: its responses have {total} words in "
                f"{step.length * len(step.responses):.0f} tokens"
            )
    for when in ("before", "after"):
        words = max((len(text.split()) for _, text in getattr(record, when)), default=0)
        if words > longest:
            found.faults.append(
                f"{when} training: a response has {words} words, and {longest} tokens is the most"
            )
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for step in record.steps:
        numbers[_digest(step.responses)].append(step.step)
    for same in (each for each in numbers.values() if len(each) > 1):
        found.faults.append(f"steps {' and '.join(map(str, same))} have the same responses")
    for title, rows in (("step 1", record.steps[0].responses), ("before training", record.before)):
        if training.temperature >= 0.5 and len(set(rows)) < 0.7 * len(rows):
            found.faults.append(
                f"{title}: {len(set(rows))} different responses of {len(rows)}; an untrained "
                f"policy at temperature {training.temperature:g} hardly writes one twice"
            )
    kept = sum(a == b for a, b in zip(record.before, record.after, strict=False))
    if kept > 0.2 * len(record.after):
        found.faults.append(
            f"{kept} of {len(record.after)} held-out responses are the same before and after"
        )


def _tokens(record: RunRecord, training: TrainingSettings, found: _Found) -> None:
    """The lengths of the steps against the texts, counted by the model's own tokenizer."""
    file = embedded_folder() / "tokenizer.json"
    if record.model != EMBEDDED or not file.is_file():
        found.unproven.append("the lengths in tokens: the tokenizer of its model is not here")
        return
    try:
        from tokenizers import Tokenizer
    except ModuleNotFoundError:
        found.unproven.append("the lengths in tokens: the package tokenizers is not here")
        return
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    ratios = []
    for step in record.steps:
        texts = tokenizer.encode_batch([text for _, text in step.responses], False)
        # Unless it was cut, a response has an end token, which its text has not.
        counted = sum(min(len(each.ids) + 1, training.max_new_tokens) for each in texts)
        ratios.append(counted / max(1.0, step.length * len(step.responses)))
        if ratios[-1] > 1.02:
            found.faults.append(
                f"step {step.step}: its responses have {counted} tokens, and its mean length makes "
                f"{step.length * len(step.responses):.0f}"
            )
    if sorted(ratios)[len(ratios) // 2] < 0.97:  # white space at an end is in no text
        found.faults.append("its responses are shorter, in tokens, than its steps say")


# --- data, order, verdicts -----------------------------------------------------------------------

_Sets = tuple[list[Instruction], list[Instruction]]


def _sets(record: RunRecord, found: _Found) -> _Sets | None:
    """The instructions of the run; None if it names a file of its own, which is not opened."""
    shipped = {
        path.stem for path in (repository_folder() / "data" / "instructions").glob("*.jsonl")
    }
    trained_on = str(record.settings.get("instructions", "hard_train"))
    if {trained_on, record.held_out} - shipped:
        found.doubts.append(
            "its instructions are not the kit's, so nothing in it could be verified again"
        )
        return None
    judged = "judged(" in record.reward
    if judged:
        return chosen_instructions(trained_on), held_out_instructions(record.held_out)
    plain: Reward = reward("strict")
    return training_instructions(trained_on, plain), held_out_instructions(record.held_out)


def _identity(
    record: RunRecord,
    trained_on: Sequence[Instruction],
    held_out: Sequence[Instruction],
    evaluation: EvaluationSettings,
    found: _Found,
) -> None:
    made = record.identity
    if not made:
        found.unproven.append(
            "what data and model it belongs to: its identity is empty, as in records of an older "
            "version of the kit"
        )
        return
    now: dict[str, Any] = {"seed": record.seed, "evaluation": record.settings["evaluation"]}
    now |= {
        name: value
        for name, value in record.settings["training"].items()
        if name != "steps" and (name, value) != ("sampler", "kit")
    }
    for name, value in now.items():
        if made.get(name) != value:
            found.faults.append(
                f"its identity has {name} {made.get(name)!r}, its settings {value!r}"
            )
    if (made.get("reward") or {}).get("name") != record.reward:
        found.faults.append("its identity is of another reward than it names")
    data = {
        "instructions": data_identity(trained_on),
        "held_out": data_identity(held_out[: evaluation.instructions]),
    }
    for name, value in data.items():
        if made.get(name) != value:
            found.doubts.append(f"its {name} are not those of this version of the kit")


def _order(
    record: RunRecord,
    trained_on: Sequence[Instruction],
    held_out: Sequence[Instruction],
    training: TrainingSettings,
    evaluation: EvaluationSettings,
    found: _Found,
) -> None:
    """The seed decides which prompts a step has; held-out prompts come in the order of the set."""
    drawn = _drawn(len(trained_on), training.prompts_per_step, len(record.steps), record.seed)
    asked = [trained_on[at].id for at in drawn]
    seen = [id for step in record.steps for id, _ in step.responses[:: training.group_size]]
    wrong = sum(a != b for a, b in zip(asked, seen, strict=True))
    if wrong:
        says = f"{wrong} of its {len(seen)} prompts are not those that seed {record.seed} draws"
        several = (record.processes or 1) > 1  # several GPUs share a step out otherwise
        (found.doubts if several else found.faults).append(says)
    in_order = [
        each.id for each in held_out[: evaluation.instructions] for _ in range(evaluation.samples)
    ]
    for when in ("before", "after"):
        if [id for id, _ in getattr(record, when)] != in_order:
            found.faults.append(f"{when} training: the held-out prompts are not in their order")


def _drawn(number: int, prompts: int, steps: int, seed: int) -> list[int]:
    """Which of ``number`` instructions the trainer takes: a new order for each epoch."""
    import torch

    if number < prompts:
        raise HpptError(f"a step of {prompts} prompts cannot be made of {number} instructions")
    order = torch.Generator().manual_seed(seed)
    drawn: list[int] = []
    while len(drawn) < prompts * steps:
        drawn += torch.randperm(number, generator=order).tolist()[: number // prompts * prompts]
    return drawn[: prompts * steps]


def _verdicts(
    record: RunRecord,
    trained_on: Sequence[Instruction],
    held_out: Sequence[Instruction],
    training: TrainingSettings,
    found: _Found,
) -> Mapping[str, float]:
    """Every response verified again, against the shares that the steps say."""
    thoughts = thought_marks(record.thoughts)
    guard_gaps: list[float] = []
    changed = 0
    for step in record.steps:
        rows = rescored(step.responses, trained_on, thoughts)
        strict = _share(row.score.strict for row in rows)
        passed = pass_share([row.score for row in rows])
        gaps = {"strict": abs(strict - step.strict)}
        gaps |= {
            id: abs(passed.get(id, 9.0) - step.pass_share.get(id, 9.0))
            for id in passed.keys() | step.pass_share.keys()
        }
        name = max(gaps, key=lambda each: gaps[each])
        now = strict if name == "strict" else passed.get(name)
        then = step.strict if name == "strict" else step.pass_share.get(name)
        if gaps[name] > _VERIFIED:
            found.faults.append(
                f"step {step.step}: {name} is {_said(then)}, and its responses come to {_said(now)}"
            )
        elif gaps[name] > 1e-6:
            changed += 1
        guard = _share(row.score.guarded for row in rows)
        guard_gaps.append(abs(guard - step.guarded))
        today = record.reward == "strict" or (record.reward == "guarded" and record.identity)
        if today and max(gaps["strict"], guard_gaps[-1]) < 1e-6:  # the rewards are known
            found.faults += _idle(step, rows, record.reward, training.group_size)
    if changed:
        says = f"in {changed} of {len(record.steps)} steps today's verifiers differ a little"
        (found.doubts if record.identity else found.unproven).append(says)
    _guard(record, guard_gaps, found)
    held = {
        when: rescored(getattr(record, when), held_out, thoughts) for when in ("before", "after")
    }
    _learned(record, held, found)
    return {
        f"{name} {when}": value
        for when, rows in held.items()
        for name, value in (
            ("strict", isr(rows, guarded=False).mean),
            ("guarded", isr(rows, guarded=True).mean),
            ("words", mean_length(rows)),
        )
    }


def _guard(record: RunRecord, gaps: Sequence[float], found: _Found) -> None:
    """Records without an identity may be of an older guard, which passed other texts."""
    mean = sum(gaps) / len(gaps)
    says = f"guarded differs from today's guard by {mean:.2f} a step"
    if mean > _OLD_GUARD or (record.identity and max(gaps) > _VERIFIED):
        found.faults.append(says)
    elif max(gaps) > 1e-6 and record.identity:
        found.doubts.append(says)
    elif max(gaps) > 1e-6:
        found.unproven.append(f"{says}, as an older guard may")


def _learned(record: RunRecord, held: Mapping[str, Sequence[Evaluated]], found: _Found) -> None:
    """Held-out shares near those of the steps: the first ones before, the last ones after."""
    few = max(1, len(record.steps) // 5)
    for when, steps in (("before", record.steps[:few]), ("after", record.steps[-few:])):
        trained, share = _share(step.strict for step in steps), isr(held[when], guarded=False).mean
        if len(steps) >= 3 and abs(trained - share) > _GAP:
            found.doubts.append(
                f"{when} training {share:.0%} of the held-out responses are satisfied, and "
                f"{trained:.0%} in the steps beside it"
            )


def _idle(step: Step, rows: Sequence[Evaluated], name: str, size: int) -> Iterator[str]:
    paid = [getattr(row.score, name) for row in rows]
    idle = _share(len(set(paid[at : at + size])) < 2 for at in range(0, len(paid), size))
    if abs(idle - step.zero_variance) > 1e-6:
        yield (
            f"step {step.step}: zero_variance is {step.zero_variance:g}, and its responses come to "
            f"{idle:g}"
        )


def _share(values: Iterable[float]) -> float:
    known = [float(each) for each in values]
    return sum(known) / len(known)


def _said(share: float | None) -> str:
    return "not there" if share is None else f"{share:.3f}"


def as_row(each: Inspected) -> dict[str, str]:
    """A line of ``records.csv``."""
    record = each.record
    known = (
        {}
        if record is None
        else {
            "name": record.name,
            "reward": record.reward,
            "seed": str(record.seed),
            "steps": str(len(record.steps)),
            "minutes": f"{record.seconds / 60:.1f}",
        }
    )
    rates = {name: f"{each.rates[name]:.2f}" if name in each.rates else "" for name in RATES}
    said = {"what is wrong": each.faults, "look at": each.doubts, "not proved": each.unproven}
    columns = dict.fromkeys(("name", "reward", "seed", "steps", "minutes"), "") | known | rates
    return {"file": each.file, "verdict": each.verdict, **columns} | {
        title: "; ".join(lines) for title, lines in said.items()
    }


RATES = tuple(
    f"{name} {when}" for name in ("strict", "guarded", "words") for when in ("before", "after")
)
"""Columns of ``records.csv``: by today's verifiers, whatever the record says."""
