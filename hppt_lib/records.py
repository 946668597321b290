"""Run records: everything a training run did, so that it can be scored and drawn again.

A record keeps the responses themselves and not only their scores, so that every number in a
notebook is computed from text by the current verifiers. A record may be gzipped (``NAME.json.gz``):
``gzip -9n`` leaves a fifth of it.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder, write_text

FORMAT = 1
_LARGEST = 2**28  # bytes of a record, unpacked: a thousand times a usual one


@dataclass(frozen=True)
class Step:
    """One optimiser step of a training run.

    Attributes:
        step: 1 for the first.
        reward: mean training reward of the step's rollouts.
        strict: share of rollouts that satisfy every constraint.
        guarded: share that do so with a response of substance.
        length: mean length of the rollouts, in tokens, thoughts included.
        zero_variance: share of groups whose rewards are all equal (they teach nothing).
        entropy: mean entropy of the policy at the sampled tokens, in nats, at the temperature of
            the rollouts.
        gradient_norm: norm of the gradient before clipping.
        rollout_seconds: time spent sampling.
        seconds: time of the whole step.
        responses: (instruction id, response) of each rollout.
        true_reward: mean reward by the truth, where it is known, else None.
        pass_share: by constraint id, the share of rollouts that satisfy such constraints, among
            those that were asked to.
        no_verdict: of the verdicts asked of a judge or of a data set's own code, the share that was
            not given (None: neither was asked).
        kl: mean KL from the base policy at the sampled tokens, in nats (None: KL is off).
        reward_seconds: time spent on rewards.
        training_seconds: time spent on forward and backward passes and the optimiser.
        memory_mib: memory of the process (on a GPU: the peak of what torch allocated), in MiB.
        cut: share of rollouts cut at the token limit, which is those without the tokenizer's end
            token (None: the record was made before it was kept).
        entropy_of: which tokens `entropy` is of. ``all``: all that were sampled. ``trained``: those
            that were trained on, as the trainer logs it: without KL, groups of equal rewards are
            left out, and these are the ones that a collapsed policy gives. So it is in records made
            before ``all`` was kept, and where vLLM samples.
    """

    step: int
    reward: float
    strict: float
    guarded: float
    length: float
    zero_variance: float
    entropy: float
    gradient_norm: float
    rollout_seconds: float
    seconds: float
    responses: tuple[tuple[str, str], ...] = ()
    true_reward: float | None = None
    pass_share: dict[str, float] = field(default_factory=dict)
    no_verdict: float | None = None
    kl: float | None = None
    reward_seconds: float = 0.0
    training_seconds: float = 0.0
    memory_mib: float = 0.0
    cut: float | None = None
    entropy_of: str = "trained"


@dataclass(frozen=True)
class RunRecord:
    """A training run with its held-out evaluations before and after.

    Attributes:
        name: unique among the records, such as ``cpu-guarded-seed0``.
        tier: the tier that it ran on.
        model: the base policy.
        reward: name of the training reward.
        seed: seed of the run.
        settings: training and evaluation settings, as plain values.
        steps: one entry for each optimiser step.
        before: (instruction id, response) of the base policy on the held-out instructions.
        after: the same for the trained policy.
        seconds: wall-clock time of training alone.
        adapter_before: fingerprint of the untrained adapter.
        adapter_after: fingerprint of the trained adapter.
        machine: processor, cores and memory.
        versions: versions of the libraries that matter.
        surprise: nats a token of each held-out response (`hppt_lib.evaluation.surprise`), in their
            order: ``before`` and ``after`` under the base policy, ``own`` of those after training
            under the trained one. Empty in records made before it was kept.
        stopped_by: ``"steps"`` if all were made, else the budget that ran out: ``"minutes"`` or
            ``"samples"``.
        cut: shares of the held-out responses cut at the token limit, ``before`` and ``after``.
            Empty in records made before it was kept.
        identity: what the run belongs to, by content (`hppt_lib.identity`): the model's files, the
            reward's code, the instructions, ``held_out`` and the settings, without the number of
            steps. Empty in records made before it was kept: of those it cannot be told.
        processes: how many processes made it, one after another (it was stopped and went on) or
            side by side (several GPUs). None in records made before it was kept.
    """

    name: str
    tier: str
    model: str
    reward: str
    seed: int
    settings: dict[str, Any]
    steps: tuple[Step, ...]
    before: tuple[tuple[str, str], ...]
    after: tuple[tuple[str, str], ...]
    seconds: float
    adapter_before: str
    adapter_after: str
    machine: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    surprise: dict[str, list[float]] = field(default_factory=dict)
    stopped_by: str = "steps"
    cut: dict[str, float] = field(default_factory=dict)
    identity: dict[str, Any] = field(default_factory=dict)
    processes: int | None = None

    @property
    def thoughts(self) -> str:
        """The setting ``thoughts`` of the run (`hppt_lib.verifiers.thought_marks`)."""
        return str(self.settings.get("thoughts", "known"))

    @property
    def arm(self) -> str:
        """Its arm in a sweep's plan; the reward of a run outside of sweeps."""
        return str(self.settings.get("arm") or self.reward)

    @property
    def held_out(self) -> str:
        """The held-out instructions: a name in data/instructions, or a JSONL file."""
        return str(self.settings.get("held_out", "hard_heldout"))


def records_folder() -> Path:
    """Where the kit ships the records of real runs."""
    return repository_folder() / "data" / "records"


def write_record(record: RunRecord, folder: Path | None = None) -> Path:
    """Write a record as ``<name>.json``, whole or not at all, and return its path.

    Raises:
        HpptError: the file could not be written.
    """
    path = (folder or records_folder()) / f"{record.name}.json"
    row = {"format": FORMAT, **asdict(record)}
    write_text(path, json.dumps(row, ensure_ascii=False, indent=1) + "\n")
    return path


def record_files(folder: Path, pattern: str = "*") -> list[Path]:
    """The files of records in a folder, in the order of their names.

    Args:
        folder: folders inside it are not looked into.
        pattern: of the names, as a glob pattern.
    """
    return sorted([*folder.glob(f"{pattern}.json"), *folder.glob(f"{pattern}.json.gz")])


def record_stem(path: Path) -> str:
    """The name of a record by its file: without ``.json`` or ``.json.gz``."""
    return path.name.removesuffix(".gz").removesuffix(".json")


def read_record(path: str | Path) -> RunRecord:
    """Read one record, gzipped or not.

    Raises:
        HpptError: the file cannot be read or is not a run record of this format.
    """
    try:
        row = json.loads(_unpacked(Path(path)).decode("utf-8-sig"))
        if row.pop("format", None) != FORMAT:
            raise ValueError(f"it is not a run record of format {FORMAT}")
        steps = tuple(_step(each) for each in row.pop("steps"))
        before, after = _pairs(row.pop("before")), _pairs(row.pop("after"))
        return _checked(RunRecord(steps=steps, before=before, after=after, **row))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise HpptError(f"Could not read {path}: it was cut short, or is damaged.") from error
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise HpptError(f"{path} is not a run record: {error}.") from error


def record_beside(model: str | Path) -> RunRecord | None:
    """The record of the run that left a model: ``NAME.json`` beside ``NAME.model``, if it is there.

    Raises:
        HpptError: it is there and cannot be read.
    """
    model = Path(model)
    path = model.with_suffix(".json")
    return read_record(path) if model.suffix == ".model" and path.is_file() else None


def _unpacked(path: Path) -> bytes:
    content = path.read_bytes()
    if not content.startswith(b"\x1f\x8b"):
        return content
    with gzip.open(path) as stream:
        content = stream.read(_LARGEST + 1)
    if len(content) > _LARGEST:
        raise ValueError(f"it unpacks to more than {_LARGEST >> 20} MiB")
    return content


def shipped_records(pattern: str, folder: str | Path | None = None) -> list[RunRecord]:
    """The shipped records whose name matches a glob pattern, such as ``cpu-guarded-seed*``.

    Args:
        pattern: of names, without ``.json`` or ``.json.gz``.
        folder: another folder, with records of your own.

    Raises:
        HpptError: none matches, or one of them cannot be read.
    """
    place = Path(folder) if folder is not None else records_folder()
    paths = record_files(place, pattern)
    if not paths:
        raise HpptError(f"No run record in {place} matches '{pattern}'.")
    return [read_record(path) for path in paths]


def read_records(*places: str | Path) -> tuple[dict[Path, RunRecord], dict[Path, str]]:
    """Read all records in folders and files, and say of each broken one why it is left out.

    Args:
        places: record files, and folders whose ``.json`` and ``.json.gz`` files are records
            (folders inside them are not looked into); none for the shipped ones.

    Returns:
        The records by their files, folder by folder and by name in each; and by its file, what is
        wrong with each that cannot be read.

    Raises:
        HpptError: a place does not exist, there is no record, or all are broken.
    """
    paths: list[Path] = []
    for place in map(Path, places or (records_folder(),)):
        if not place.exists():
            raise HpptError(f"There is no {place}. Give a run record, or a folder with some.")
        paths += record_files(place) if place.is_dir() else [place]
    found: dict[Path, RunRecord] = {}
    broken: dict[Path, str] = {}
    for path in dict.fromkeys(paths):
        try:
            found[path] = read_record(path)
        except HpptError as error:
            broken[path] = str(error)
    if not found:
        looked = ", ".join(map(str, places)) or str(records_folder())
        reason = f": {next(iter(broken.values()))}" if broken else ""
        raise HpptError(f"There is no run record in {looked} that can be read{reason}")
    return found, broken


def step_line(step: Step) -> str:
    """A step as one line of JSON."""
    return json.dumps(asdict(step), ensure_ascii=False) + "\n"


def write_steps(path: Path, steps: Sequence[Step]) -> None:
    """Write steps, one JSON object a line, whole or not at all.

    Raises:
        HpptError: the file could not be written.
    """
    write_text(path, "".join(step_line(step) for step in steps))


def read_steps(path: Path) -> tuple[Step, ...]:
    """Read steps. A last line that a kill cut short is left out.

    Raises:
        HpptError: the file cannot be read, or a line is not a step.
    """
    steps: list[Step] = []
    try:
        # Not splitlines: it cuts at characters that JSON leaves as they are.
        for line in path.read_text(encoding="utf-8-sig").split("\n")[:-1]:
            steps.append(_step(json.loads(line)))
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise HpptError(f"{path}, line {len(steps) + 1}: not a step record: {error}.") from error
    return tuple(steps)


def _checked(record: RunRecord) -> RunRecord:
    """The record itself; ValueError if a field is not what it must be."""
    kinds: dict[str, Any] = dict.fromkeys(("name", "tier", "model", "reward"), str)
    for name, kind in (kinds | {"seed": int, "settings": dict, "seconds": (int, float)}).items():
        if not isinstance(getattr(record, name), kind):
            raise ValueError(f"its '{name}' is {getattr(record, name)!r}")
    return record


def _step(row: dict[str, Any]) -> Step:
    return Step(**{**row, "responses": _pairs(row["responses"])})


def _pairs(rows: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(id), str(response)) for id, response in rows)
