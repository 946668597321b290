"""What training cost beyond instruction following: a policy beside its base on what nobody trained.

Three measures that a model of 135M parameters can lose (benchmarks of knowledge are at chance for
it), each item by item, so that policy and base are compared on the same ones:

=========== ====================================================================================
``texts``   log-likelihood of 200 passages by people, of eight public-domain books
``answers`` log-likelihood of the base policy's own greedy answers to 60 plain prompts
``grammar`` minimal pairs of grammar whose right sentence is the likelier (200 pairs)
=========== ====================================================================================

`MARGINS` were fixed before any policy was measured: a drop of .1 nat a token, or of 2 points, is
forgetting. Whether answers to the plain prompts are still answers is for readers (``hppt label``):
`record_for_readers`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.runs import SEEDS_FOR_A_MEAN
from hppt_lib.files import read_jsonl, repository_folder, write_text
from hppt_lib.identity import check_same, digest
from hppt_lib.instructions.model import read_instructions
from hppt_lib.intervals import Interval, mean_interval, paired_interval
from hppt_lib.records import RunRecord, record_beside
from hppt_lib.terminal import as_text, table

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy

FORMAT = 1
MARGINS: Mapping[str, float] = {"texts": 0.1, "answers": 0.1, "grammar": 0.02}
"""By measure, the drop that is forgetting: nats a token, nats a token, a share of the pairs."""
_ANSWER_TOKENS = 80
_BATCH = 16


@dataclass(frozen=True)
class Materials:
    """What policies are measured on.

    Attributes:
        texts: passages by people.
        prompts: plain prompts, without any constraint.
        pairs: (right, wrong) sentences.
    """

    texts: tuple[str, ...]
    prompts: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]

    @property
    def identity(self) -> str:
        """SHA-256 of all of it."""
        return digest([self.texts, self.prompts, self.pairs])


def forgetting_folder() -> Path:
    """Where the kit ships the texts and the plain prompts."""
    return repository_folder() / "data" / "forgetting"


def materials(texts: str | Path | None = None) -> Materials:
    """The texts, prompts and pairs.

    Args:
        texts: a JSONL file of other passages, one object with ``text`` a line; None for the kit's.

    Raises:
        HpptError: a file cannot be read, or there are fewer than two texts.
    """
    from hppt_lib.corpus import minimal_pairs

    path = Path(texts) if texts is not None else forgetting_folder() / "texts.jsonl"
    passages = tuple(str(row["text"]) for _, row in read_jsonl(path, {"text": str}))
    if len(passages) < 2:
        raise HpptError(f"{path} holds {len(passages)} texts; an interval needs two or more.")
    prompts = read_instructions(forgetting_folder() / "prompts.jsonl")
    return Materials(
        passages,
        tuple(each.prompt for each in prompts),
        tuple((pair.right, pair.wrong) for pair in minimal_pairs()),
    )


# --- measuring ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """One policy, measured.

    Attributes:
        name: of the policy; of a run's model, that of the run's record.
        arm: its arm in a sweep, else its reward; empty for the base.
        seed: of its run; None for the base, or if it is not known.
        base: `Policy.identity` of the base, and what was measured on, as one SHA-256.
        policy: SHA-256 of its own `Policy.identity`.
        texts: of each text, the mean log-probability of a token given those before it, in nats.
        answers: the same of each of the base's answers, given its prompt.
        grammar: of each pair, the log-probability of the right sentence less that of the wrong one.
    """

    name: str
    arm: str
    seed: int | None
    base: str
    policy: str
    texts: tuple[float, ...]
    answers: tuple[float, ...]
    grammar: tuple[float, ...]

    def of(self, measure: str) -> tuple[float, ...]:
        """One value an item; of ``grammar`` 1 where the right sentence is the likelier, else 0."""
        values: tuple[float, ...] = getattr(self, measure)
        return tuple(float(value > 0) for value in values) if measure == "grammar" else values

    def mean(self, measure: str) -> float:
        """The mean over the items."""
        values = self.of(measure)
        return sum(values) / len(values)


def greedy_answers(policy: Policy, prompts: Sequence[str], *, progress: bool = False) -> list[str]:
    """The policy's likeliest answer to each prompt, of at most 80 tokens."""
    from hppt_lib.policy.sampling import sample

    rollouts = sample(
        policy.model,
        policy.tokenizer,
        list(prompts),
        samples=1,
        max_new_tokens=_ANSWER_TOKENS,
        temperature=0.0,
        seed=0,
        batch=_BATCH,
        thinking=policy.thinking,
        progress=f"{policy.name}: answers to plain prompts" if progress else None,
    )
    return [group[0].text for group in rollouts]


def measure(
    policy: Policy,
    found: Materials,
    answers: Sequence[str],
    *,
    base: str,
    name: str = "",
    arm: str = "",
    seed: int | None = None,
    progress: bool = False,
) -> Measured:
    """Measure a policy on texts, answers and minimal pairs.

    A text stands for itself, without a chat template; its first token is given. An answer stands
    behind its prompt in the chat template, without the end of the turn (it may have been cut).

    Args:
        policy: the policy, or the base itself.
        found: the materials.
        answers: the *base's* answers to the prompts (`greedy_answers`).
        base: see `Measured`.
        name: see `Measured`; None takes the policy's own.
        arm: see `Measured`.
        seed: see `Measured`.
        progress: show a progress bar.
    """
    from hppt_lib.policy.sampling import Chat

    chat = Chat(policy.tokenizer, policy.thinking)

    def alone(text: str) -> tuple[list[int], list[int]]:
        ids = list(policy.tokenizer(text)["input_ids"])
        return ids[:1], ids[1:]

    def answered(prompt: str, answer: str) -> tuple[list[int], list[int]]:
        written = answer.removeprefix(chat.opening)
        ids = policy.tokenizer(written, add_special_tokens=False)["input_ids"]
        # An answer without any token would have no mean.
        return chat.prompt_tokens(prompt), list(ids) or [int(policy.tokenizer.eos_token_id)]

    rows = [alone(text) for text in found.texts]
    rows += [answered(*each) for each in zip(found.prompts, answers, strict=True)]
    rows += [alone(sentence) for pair in found.pairs for sentence in pair]
    sums = _log_probs(policy, rows, f"{policy.name}: reading" if progress else None)
    means = [total / len(row[1]) for total, row in zip(sums, rows, strict=True)]
    texts, both = len(found.texts), len(found.texts) + len(found.prompts)
    pairs = sums[both:]
    return Measured(
        name=name or policy.name,
        arm=arm,
        seed=seed,
        base=base,
        policy=digest(policy.identity),
        texts=_rounded(means[:texts]),
        answers=_rounded(means[texts:both]),
        grammar=_rounded(one - two for one, two in zip(pairs[::2], pairs[1::2], strict=True)),
    )


def _log_probs(
    policy: Policy, rows: Sequence[tuple[list[int], list[int]]], progress: str | None
) -> list[float]:
    """The log-probability of each row's second part given its first."""
    from tqdm.auto import tqdm

    from hppt_lib.policy.log_probs import response_log_probs

    order = sorted(range(len(rows)), key=lambda place: (sum(map(len, rows[place])), place))
    sums = [0.0] * len(rows)
    with tqdm(total=len(rows), desc=progress, disable=progress is None) as bar:
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            of_rows = response_log_probs(policy.model, [rows[place] for place in chosen])
            for place, log_probs in zip(chosen, of_rows, strict=True):
                sums[place] = float(log_probs.sum())
            bar.update(len(chosen))
    return sums


def _rounded(values: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(value, 4) for value in values)


# --- files ----------------------------------------------------------------------------------------


def base_identity(policy: Policy, found: Materials) -> str:
    """What a base and its policies share: the base's files and the materials, as one SHA-256."""
    return digest([policy.identity, found.identity, _ANSWER_TOKENS])


def write_measured(path: Path, measured: Measured, **more: Any) -> None:
    """Write a policy's values, whole or not at all; ``more`` stands beside them.

    Raises:
        HpptError: the file could not be written.
    """
    row = {"format": FORMAT, "forgetting": asdict(measured), **more}
    write_text(path, json.dumps(row, ensure_ascii=False) + "\n")


def read_measured(path: str | Path) -> Measured:
    """Read what `write_measured` wrote.

    Raises:
        HpptError: the file cannot be read, or is none of these.
    """
    return _read(Path(path))[0]


def _read(path: Path) -> tuple[Measured, dict[str, Any]]:
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        if row.pop("format") != FORMAT:
            raise ValueError(f"its format is not {FORMAT}")
        values = row.pop("forgetting")
        items = {name: tuple(map(float, values[name])) for name in MARGINS}
        return Measured(**{**values, **items}), row
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise HpptError(
            f"{path} is no file of 'hppt forgetting' ({error}). Delete it: it is measured again."
        ) from error


def measure_models(
    models: Sequence[str | Path],
    folder: str | Path,
    *,
    base: str | Path | None = None,
    texts: str | Path | None = None,
    readers: bool = False,
    progress: bool = True,
) -> Forgetting:
    """Measure models beside their base; what the folder holds already is not measured again.

    Args:
        models: adapter folders, such as the ``NAME.model`` of training runs; or any model that
            `load_policy` takes, if ``base`` is given. None measures the base alone.
        folder: for ``base.json`` and a file for each model.
        base: the base of all; None takes the one that the adapters name.
        texts: see `materials`.
        readers: let each model answer the plain prompts too, and write the answers as a record for
            ``hppt label draw`` into the folder ``readers``.
        progress: show progress bars.

    Raises:
        HpptError: the models have different bases, or two have one name; the folder was made with
            another base or other texts; a model or a file cannot be read or written.
    """
    from hppt_lib.policy import load_policy
    from hppt_lib.policy.adapters import is_adapter, read_adapter

    folder, found = Path(folder), materials(texts)
    bases = {str(each): read_adapter(each).base for each in models if is_adapter(each)}
    if base is None and len(set(bases.values())) > 1:
        raise HpptError(
            f"These adapters have different bases ({', '.join(sorted(set(bases.values())))}): "
            "measure those of each base by themselves."
        )
    if base is None:
        strangers = [str(each) for each in models if str(each) not in bases]
        if strangers:
            raise HpptError(f"{strangers[0]} is no adapter: name its base with --base.")
        base = next(iter(bases.values()), "embedded")
    names = [Path(each).name.removesuffix(".model") for each in models]
    taken = {name for name in names if names.count(name) > 1 or name == _BASE}
    if taken:
        raise HpptError(f"Two models are called '{min(taken)}': give each a name of its own.")
    policy = load_policy(base)
    identity = base_identity(policy, found)
    path = folder / f"{_BASE}.json"
    if path.exists():
        of_base, row = _read(path)
        do = "Give another folder (--out), or delete this one."
        there, now = {"base": of_base.base}, {"base": identity}
        check_same(there, now, what="base or other texts", where=path, do=do)
        answers = list(row["answers"])
    else:
        answers = greedy_answers(policy, found.prompts, progress=progress)
        of_base = measure(
            policy, found, answers, base=identity, name=policy.name, progress=progress
        )
        write_measured(path, of_base, answers=answers)
    others = []
    for model, name in zip(models, names, strict=True):
        record = record_beside(model)
        others.append(_measured(model, name, record, found, answers, identity, folder, progress))
        if readers:
            write_for_readers(model, name, record, answers, found, folder, progress)
    return Forgetting(of_base, tuple(others))


_BASE = "base"


def _measured(
    model: str | Path,
    name: str,
    record: RunRecord | None,
    found: Materials,
    answers: Sequence[str],
    identity: str,
    folder: Path,
    progress: bool,
) -> Measured:
    from hppt_lib.policy import load_policy, model_identity

    path = folder / f"{name}.json"
    if path.exists():
        known = read_measured(path)
        now = {"base": identity, "policy": digest(model_identity(model))}
        check_same(
            {"base": known.base, "policy": known.policy},
            now,
            what="model, or one beside another base",
            where=path,
            do="Give another folder (--out), or delete this file.",
        )
        return known
    arm, seed = (record.arm, record.seed) if record else (name, None)
    measured = measure(
        load_policy(model),
        found,
        answers,
        base=identity,
        name=name,
        arm=arm,
        seed=seed,
        progress=progress,
    )
    write_measured(path, measured)
    return measured


def write_for_readers(
    model: str | Path,
    name: str,
    record: RunRecord | None,
    answers: Sequence[str],
    found: Materials,
    folder: Path,
    progress: bool,
) -> Path:
    """Write a model's answers to the plain prompts as a record that ``hppt label draw`` takes.

    It is the run's own record with these answers in the place of its held-out responses: arm and
    seed are hidden from readers, and known afterwards.

    Raises:
        HpptError: the run's record is not there, or the file could not be written.
    """
    from hppt_lib.policy import load_policy
    from hppt_lib.records import write_record

    path = folder / "readers" / f"{name}.json"
    if path.exists():
        return path
    if record is None:
        raise HpptError(
            f"Readers need to be told afterwards whose an answer is, and the record of {model} is "
            f"not beside it ({name}.json). Leave out --readers, or put it there."
        )
    instructions = read_instructions(forgetting_folder() / "prompts.jsonl")
    own = greedy_answers(load_policy(model), found.prompts, progress=progress)
    pairs = [
        tuple((each.id, text) for each, text in zip(instructions, some, strict=True))
        for some in (answers, own)
    ]
    settings = {**record.settings, "held_out": str(forgetting_folder() / "prompts.jsonl")}
    cut_down = replace(
        record,
        name=name,
        settings=settings,
        steps=(),
        before=pairs[0],
        after=pairs[1],
        surprise={},
        cut={},
        identity={},
    )
    return write_record(cut_down, path.parent)


# --- what it comes to -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Forgetting:
    """Policies beside their base.

    Attributes:
        base: the base, measured.
        policies: the others.
    """

    base: Measured
    policies: tuple[Measured, ...]

    @property
    def arms(self) -> dict[str, tuple[Measured, ...]]:
        """The policies by arm, in order of seeds."""
        arms: dict[str, list[Measured]] = {}
        for each in self.policies:
            arms.setdefault(each.arm, []).append(each)
        return {
            arm: tuple(sorted(some, key=lambda each: each.seed or 0)) for arm, some in arms.items()
        }

    def change(self, policy: Measured, measure: str) -> Interval:
        """A policy less the base, paired over the items: for this one policy.

        Positive is better. Of ``grammar`` it is a difference of shares.
        """
        ours, theirs = policy.of(measure), self.base.of(measure)
        if measure == "grammar":
            return paired_interval(ours, theirs)
        return mean_interval([one - other for one, other in zip(ours, theirs, strict=True)])

    def over_seeds(self, arm: str, measure: str) -> Interval | tuple[float, float, float]:
        """An arm less the base: the mean over seeds with its interval.

        Below `SEEDS_FOR_A_MEAN` seeds the mean, the least and the most.
        """
        means = [each.mean(measure) - self.base.mean(measure) for each in self.arms[arm]]
        if len(means) >= SEEDS_FOR_A_MEAN:
            return mean_interval(means)
        return sum(means) / len(means), min(means), max(means)

    def apart(self, arm: str, less: str, measure: str) -> Interval | None:
        """An arm less another, paired by seed, with Student's interval over the seeds.

        None below `SEEDS_FOR_A_MEAN` seeds that both arms have.
        """
        one, other = (
            {each.seed: each.mean(measure) for each in self.arms[name]} for name in (arm, less)
        )
        gaps = [value - other[seed] for seed, value in one.items() if seed in other]
        return mean_interval(gaps) if len(gaps) >= SEEDS_FOR_A_MEAN else None

    def as_json(self) -> dict[str, Any]:
        """Plain values, for a program."""
        rows = [
            {
                "name": each.name,
                "arm": each.arm,
                "seed": each.seed,
                **{
                    measure: {
                        "mean": each.mean(measure),
                        "change": asdict(self.change(each, measure)),
                        "says": says(self.change(each, measure), measure),
                    }
                    for measure in MARGINS
                },
            }
            for each in self.policies
        ]
        base = {measure: self.base.mean(measure) for measure in MARGINS}
        return {"margins": dict(MARGINS), "base": base, "policies": rows}

    def as_table(self) -> str:
        """The base, each policy less the base, and each arm over its seeds."""
        lines: list[list[object] | None] = []
        for arm, members in self.arms.items():
            for place, each in enumerate(members):
                changes = [(self.change(each, name), name) for name in MARGINS]
                cells = [f"{_shown(change)}\n{says(change, name)}" for change, name in changes]
                lines.append([arm if place == 0 else "", each.seed, *cells])
            if len(members) > 1:
                spans = [self.over_seeds(arm, name) for name in MARGINS]
                lines.append(["", f"{len(members)} seeds", *map(_shown, spans)])
            lines.append(None)
        first, *others = self.arms or ("",)
        for arm in others:
            gaps = [self.apart(arm, first, name) for name in MARGINS]
            if known := [_shown(gap) for gap in gaps if gap is not None]:
                lines.append([f"{arm} less {first}", "by seed", *known])
        base = ", ".join(f"{name} {self.base.mean(name):.3f}" for name in MARGINS)
        parts: list[Any] = [f"Base {self.base.name}: {base}"]
        if lines:
            columns = ["texts, nats", "answers, nats", "grammar, share"]
            parts.append(table(["arm", "seed", *columns], lines, title="Less the base"))
        count = len(self.base.texts), len(self.base.answers), len(self.base.grammar)
        return as_text(
            *parts,
            f"{count[0]} texts by people and {count[1]} answers of the base (log-likelihood, nats "
            f"a token), {count[2]} minimal pairs.",
            "[95 % over the items, paired]: of one policy. Over seeds [95 %] from "
            f"{SEEDS_FOR_A_MEAN} seeds on, (least, most) below.",
            "Forgetting, fixed beforehand: a drop of .1 nat or of 2 points.",
        )


def says(change: Interval, measure: str) -> str:
    """What a change says about forgetting, in words.

    A drop as large as the measure's margin is forgetting; the interval says whether that, or its
    absence, is sure.
    """
    margin = MARGINS[measure]
    if change.high <= -margin:
        return "forgot"
    if change.mean <= -margin:
        return "forgot, not sure"
    return "kept" if change.low > -margin else "kept, not sure"


def read_forgetting(folder: str | Path) -> Forgetting:
    """What ``hppt forgetting`` wrote into a folder.

    Raises:
        HpptError: there is no ``base.json``, a file cannot be read, or one belongs to another base.
    """
    folder = Path(folder)
    base = read_measured(folder / f"{_BASE}.json")
    others = []
    for path in sorted(folder.glob("*.json")):
        if path.stem != _BASE:
            each = read_measured(path)
            do = "Put each base's files into a folder of its own."
            there, now = {"base": each.base}, {"base": base.base}
            check_same(there, now, what="base or other texts", where=path, do=do)
            others.append(each)
    return Forgetting(base, tuple(others))


def _shown(change: Interval | tuple[float, float, float]) -> str:
    if isinstance(change, Interval):
        return f"{change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"
    mean, least, most = change
    return f"{mean:+.3f} ({least:+.3f}, {most:+.3f})"
