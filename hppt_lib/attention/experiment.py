"""One policy measured on all texts: the four numbers, and what happens if edges are cut.

`measure_policy` does it; what it gives is plain values, kept as JSON (`write_measured`). The
untrained control is made by `turned_at_random`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from hppt_lib.attention.numbers import LIFT, WITHOUT_SINK, Paired, compare_paired, four_numbers
from hppt_lib.attention.segments import QUERY, Segmented, constraint_name, segment
from hppt_lib.attention.summing import Cut, cutting, read, read_with_cuts, reading
from hppt_lib.attention.texts import Text, random_span, read_texts, shipped_folder
from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl, write_text
from hppt_lib.identity import check_same, digest
from hppt_lib.intervals import holm, mean_interval, sign_flip_p
from hppt_lib.policy.sampling import end_token_ids, sample_tokens
from hppt_lib.records import record_beside
from hppt_lib.rewards import score

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy

FORMAT = 1
CONSTRAINT = constraint_name(0)
RANDOM = "random span"
SAME, TURNED, OWN = "same text", "constraint first", "own text"
RESPONSE_CUT, RANDOM_CUT, QUERY_CUT = (
    "response to constraint",
    "response to random span",
    "response to query",
)
SPAN_CUT, SWAPPED = "all to constraint", "constraint swapped"
WINDOWS = 5  # of layers
UNCUT = "nothing"
_DIGITS = 4
_LAYER_DIGITS = 3


def window_name(layers: range) -> str:
    """What the cut in some layers is called: ``layers 0 to 5``."""
    return f"layers {layers.start} to {layers.stop - 1}"


def layer_windows(layers: int, windows: int = WINDOWS) -> list[range]:
    """So many windows of like size, which together are all layers."""
    ends = [round(layers * number / windows) for number in range(windows + 1)]
    return [range(a, b) for a, b in zip(ends, ends[1:], strict=False) if a < b]


@dataclass(frozen=True)
class MeasuredText:
    """What a policy did with one text.

    Attributes:
        id: of the instruction.
        lengths: tokens of the ``constraint``, of the ``query``, of the ``random span``, of the
            ``response``, and of the policy's ``own text``.
        numbers: by reading (`SAME`, `TURNED`, `OWN`), by segment, the four numbers averaged over
            heads and layers.
        layers: of the constraint on the same text, lift and share without the sink by layer,
            averaged over heads.
        log_prob: of the response, nats a token, nothing cut.
        cuts: by what was cut or swapped, the change of ``log_prob``.
    """

    id: str
    lengths: Mapping[str, int]
    numbers: Mapping[str, Mapping[str, Mapping[str, float]]]
    layers: Mapping[str, Sequence[float]]
    log_prob: float
    cuts: Mapping[str, float]


@dataclass(frozen=True)
class Measured:
    """A policy measured on all texts.

    Attributes:
        policy: its name, as a table shows it.
        arm: what it is one of: ``base``, ``guarded``, …
        seed: of its training; None for the base.
        model: what its files hold, as a digest.
        texts: digest of the texts.
        settings: how it was measured.
        rows: one for each text, in their order.
        regenerated: by what was cut while the policy answered anew, for each text whether the
            answer was (strict, guarded) right.
        responses: by what was cut, the answers themselves.
    """

    policy: str
    arm: str
    seed: int | None
    model: str
    texts: str
    settings: Mapping[str, Any]
    rows: tuple[MeasuredText, ...]
    regenerated: Mapping[str, Sequence[Sequence[bool]]] = field(default_factory=dict)
    responses: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def numbers(self, segment: str = CONSTRAINT, reading: str = SAME) -> dict[str, list[float]]:
        """The four numbers of a segment, one value a text (an instruction)."""
        rows = [row.numbers[reading][segment] for row in self.rows]
        return {name: [row[name] for row in rows] for name in rows[0]}

    def by_layer(self, number: str = LIFT) -> np.ndarray:
        """A number of the constraint on the same text, shape (texts, layers)."""
        return np.array([row.layers[number] for row in self.rows])

    def changes(self, cut: str) -> list[float]:
        """The change of the response's log-probability, nats a token, one value a text."""
        return [row.cuts[cut] for row in self.rows]


def measure_policy(
    policy: Policy,
    texts: Sequence[Text],
    *,
    arm: str = "base",
    seed: int | None = None,
    max_new_tokens: int = 40,
    temperature: float = 0.8,
    draw: int = 0,
    brief: bool = False,
    progress: str | None = None,
) -> Measured:
    """Measure a policy: attention, cuts, and answers sampled anew with edges cut.

    Args:
        policy: who reads.
        texts: what is read.
        arm: what the policy is one of.
        seed: of its training.
        max_new_tokens: the longest new answer.
        temperature: of the new answers.
        draw: seed of the random spans and of the new answers: all policies get the same.
        brief: leave out what takes longest: the constraint put first, the policy's own text, cuts
            in some layers, and answers with edges from the response alone cut.
        progress: title of a progress bar; None shows none.

    Raises:
        HpptError: a text cannot be cut into segments, or the model's attention not be replaced.
    """
    from tqdm.auto import tqdm

    spans = _prepared(policy, texts, draw)
    rows = []
    with reading(policy):
        regenerated, responses, own = _answers(
            policy, texts, spans, max_new_tokens, temperature, draw, brief
        )
        for text, span, answer in tqdm(
            list(zip(texts, spans, own, strict=True)), desc=progress, disable=progress is None
        ):
            rows.append(_measured(policy, text, span, [] if brief else answer, draw, brief))
    settings = {
        "max_new_tokens": max_new_tokens,
        "temperature": temperature,
        "draw": draw,
        "windows": 0 if brief else WINDOWS,
        "brief": brief,
    }
    return Measured(
        policy.name,
        arm,
        seed,
        digest(policy.identity),
        digest([asdict(each) for each in texts]),
        settings,
        tuple(rows),
        regenerated,
        responses,
    )


def _prepared(policy: Policy, texts: Sequence[Text], draw: int) -> list[Segmented]:
    """Each text in segments, with a random span of the query beside the constraint's."""
    prepared = []
    for number, text in enumerate(texts):
        ids = policy.tokenizer(text.response, add_special_tokens=False)["input_ids"]
        ids = [*ids, int(policy.tokenizer.eos_token_id)]
        prepared.append(_with_random(policy, text.instruction, ids, f"{draw}-{number}"))
    return prepared


def _with_random(policy: Policy, instruction: Any, ids: Sequence[int], chance: str) -> Segmented:
    whole = segment(policy.tokenizer, instruction, ids, thinking=policy.thinking)
    length = len(whole.places(CONSTRAINT))
    return whole.with_segment(RANDOM, random_span(whole, length, random.Random(chance)))


def _measured(
    policy: Policy, text: Text, whole: Segmented, own: Sequence[int], draw: int, brief: bool
) -> MeasuredText:
    response = whole.token_ids[whole.prompt_length :]
    sums, log_probs = read(policy, whole)
    plain = float(log_probs.mean())
    layered = four_numbers(sums, CONSTRAINT)
    numbers = {SAME: {CONSTRAINT: _mean(layered), RANDOM: _mean(four_numbers(sums, RANDOM))}}
    if not brief:
        turned = _with_random(policy, text.turned, response, f"{draw}-turned")
        turned_sums, _ = read(policy, turned)
        numbers[TURNED] = {
            name: _mean(four_numbers(turned_sums, name)) for name in (CONSTRAINT, RANDOM)
        }
    if own:
        on_own, _ = read(
            policy, segment(policy.tokenizer, text.instruction, own, thinking=policy.thinking)
        )
        numbers[OWN] = {CONSTRAINT: _mean(four_numbers(on_own, CONSTRAINT))}
    cuts = {}
    named = _cuts(whole, 0 if brief else len(sums.shares))
    early = Cut((whole.places(CONSTRAINT),), 0)
    cuts[SPAN_CUT] = float(read_with_cuts(policy, whole, [early]).mean()) - plain
    found = read_with_cuts(policy, whole, [*named.values()]).mean(-1)
    for name, value in zip(named, found.tolist(), strict=True):
        cuts[name] = value - plain
    swapped = segment(policy.tokenizer, text.swapped, response, thinking=policy.thinking)
    cuts[SWAPPED] = float(read_with_cuts(policy, swapped, [None]).mean()) - plain
    lengths = {name: len(whole.places(name)) for name in (CONSTRAINT, RANDOM)}
    lengths[QUERY] = lengths[RANDOM] + len(whole.places(QUERY))
    lengths["response"], lengths[OWN] = len(response), len(own)
    by_layer = {name: _short(layered[name].mean(1)) for name in (LIFT, WITHOUT_SINK)}
    return MeasuredText(
        text.instruction.id, lengths, numbers, by_layer, _round(plain), _rounded(cuts)
    )


def _cuts(whole: Segmented, layers: int) -> dict[str, Cut]:
    """The edges from the response that are cut, by name."""
    first = whole.readers.start
    constraint, span = whole.places(CONSTRAINT), whole.places(RANDOM)
    query = tuple(sorted((*whole.places(QUERY), *span)))
    cuts = {
        RESPONSE_CUT: Cut((constraint,), first),
        RANDOM_CUT: Cut((span,), first),
        QUERY_CUT: Cut((query,), first),
    }
    for window in layer_windows(layers) if layers else []:
        cuts[window_name(window)] = Cut((constraint,), first, window)
    return cuts


def _answers(
    policy: Policy,
    texts: Sequence[Text],
    spans: Sequence[Segmented],
    max_new_tokens: int,
    temperature: float,
    draw: int,
    brief: bool,
) -> tuple[dict[str, list[tuple[bool, bool]]], dict[str, list[str]], list[list[int]]]:
    """Answers sampled anew, with edges cut: right or not, as text, and, uncut, as tokens."""
    prompts = [each.token_ids[: each.prompt_length] for each in spans]
    widest = max(map(len, prompts))
    pad = [widest - len(each) for each in prompts]  # prompts are padded on the left

    def keys(name: str) -> tuple[tuple[int, ...], ...]:
        pairs = zip(pad, spans, strict=True)
        return tuple(tuple(at + by for at in each.places(name)) for by, each in pairs)

    cuts = {
        UNCUT: [],
        SPAN_CUT: [Cut(keys(CONSTRAINT), 0)],
        RESPONSE_CUT: [Cut(keys(CONSTRAINT), widest - 1)],
        RANDOM_CUT: [Cut(keys(RANDOM), widest - 1)],
    }
    if brief:
        cuts = {name: cuts[name] for name in (UNCUT, SPAN_CUT)}
    right: dict[str, list[tuple[bool, bool]]] = {}
    said: dict[str, list[str]] = {}
    own: list[list[int]] = []
    ends = end_token_ids(policy.model, policy.tokenizer)
    for name, edges in cuts.items():
        with cutting(edges):
            tokens = sample_tokens(
                policy.model,
                prompts,
                samples=1,
                max_new_tokens=max_new_tokens,
                temperature=temperature,
                generator=torch.Generator(policy.model.device).manual_seed(draw),
                pad_id=int(policy.tokenizer.pad_token_id),
                end_ids=ends,
                drop_finished=False,  # rows must stay where their cuts are
            )
        said[name] = [policy.tokenizer.decode(ids, skip_special_tokens=True) for ids in tokens]
        found = [
            score(text.instruction, each) for text, each in zip(texts, said[name], strict=True)
        ]
        right[name] = [(each.strict, each.guarded) for each in found]
        own = own or tokens
    return right, said, own


def measure_models(
    models: Sequence[str | Path],
    folder: str | Path,
    *,
    texts: str | Path | None = None,
    brief: bool = False,
    turned: bool = False,
    progress: bool = True,
) -> list[Path]:
    """Measure policies, a file each; what the folder holds already is not measured again.

    Arm and seed are those of the run's record beside a model (``NAME.json`` beside ``NAME.model``);
    without one the arm is the model's name, and ``base`` that of the embedded model.

    Args:
        models: ``embedded``, folders such as the ``NAME.model`` of training runs, or hub ids.
        folder: for ``NAME.json`` of each, and ``base.json`` of the embedded model.
        texts: a file of other texts; None for the kit's.
        brief: see `measure_policy`.
        turned: measure of each adapter its turned twin too (`turned_at_random`, with the seed of
            the run): ``NAME-turned.json``, of the arm "ARM, turned".
        progress: show progress bars.

    Returns:
        The files, in order.

    Raises:
        HpptError: two models have one name; a model or a file cannot be read or written; or the
            folder holds another model under this name, or one measured on other texts.
    """
    from hppt_lib.policy import load_policy, model_identity

    folder, chosen = Path(folder), read_texts(texts)
    of_texts = digest([asdict(each) for each in chosen])
    names = [
        "base" if str(each) == "embedded" else Path(each).name.removesuffix(".model")
        for each in models
    ]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise HpptError(f"Two models are called '{min(twice)}': give each a name of its own.")
    written = []
    for model, name in zip(models, names, strict=True):
        record = record_beside(model)
        arm, seed = (record.arm, record.seed) if record else (name, None)
        for twin in (False, True) if turned and name != "base" else (False,):
            path = folder / f"{name}{'-turned' if twin else ''}.json"
            written.append(path)
            if path.exists():
                there = read_measured(path)
                now = {"texts": of_texts, "brief": brief}
                known = {"texts": there.texts, "brief": there.settings["brief"]}
                if not twin:  # a twin's weights are known only once it has been made
                    known["model"], now["model"] = there.model, digest(model_identity(model))
                check_same(
                    known,
                    now,
                    what="model, or one that read other texts",
                    where=path,
                    do="Give another folder (--out), or delete this file.",
                )
                continue
            policy = load_policy(model)
            if twin:
                policy = turned_at_random(policy, seed or 0)
            found = measure_policy(
                policy,
                chosen,
                arm=f"{arm}, turned" if twin else arm,
                seed=seed,
                brief=brief,
                progress=policy.name if progress else None,
            )
            write_measured(path, found)
    return written


def turned_at_random(policy: Policy, seed: int) -> Policy:
    """An untrained adapter of the same size: a trained one turned into a random direction.

    A fresh adapter changes nothing, so it is no control. This one changes each weight matrix as
    much as the trained one does, with the same singular values: the inputs that it reads and the
    outputs that it writes are dealt anew at random. The policy's model is changed in place.

    Args:
        policy: one with a LoRA adapter.
        seed: of the deal.

    Raises:
        HpptError: the policy has no LoRA adapter.
    """
    from peft.tuners.lora import LoraLayer

    generator = torch.Generator().manual_seed(seed)
    layers = [each for each in policy.model.modules() if isinstance(each, LoraLayer)]
    if not layers:
        raise HpptError(f"{policy.name} has no LoRA adapter to turn.")
    with torch.no_grad():
        for layer in layers:
            for name in layer.active_adapters:
                for weight, axis in (
                    (layer.lora_A[name].weight, 1),
                    (layer.lora_B[name].weight, 0),
                ):
                    order = torch.randperm(weight.shape[axis], generator=generator)
                    weight.copy_(weight.index_select(axis, order.to(weight.device)))
    return replace(policy, name=f"{policy.name}, turned at random ({seed})")


def compare_measured(
    one: Measured, other: Measured, *, segment: str = CONSTRAINT, reading: str = SAME
) -> Paired:
    """Compare two policies in the four numbers of a segment, paired by text.

    Args:
        one: a policy.
        other: another, usually the base.
        segment: the constraint's or the random span.
        reading: `SAME` or `TURNED`; on their own text the two did not read the same.

    Raises:
        HpptError: the two were measured on other texts.
    """
    if one.texts != other.texts or len(one.rows) != len(other.rows):
        raise HpptError(
            f"{one.policy} and {other.policy} did not read the same texts: measure both with the "
            "same --texts."
        )
    return compare_paired(one.numbers(segment, reading), other.numbers(segment, reading))


def compare_over_seeds(
    one: Sequence[Measured],
    other: Sequence[Measured],
    *,
    segment: str = CONSTRAINT,
    number: Callable[[Measured], float] | None = None,
) -> Paired:
    """Compare a way of training with another, or with the base, in the four numbers of a segment.

    The unit is the run: of each the mean over the texts. Intervals are Student's over the runs, and
    p-values those of the permutation test over the runs: with eight runs not below .0078.

    Args:
        one: the policies of an arm, one a seed.
        other: those that they are held against, each of the same seed; or one policy, the base.
        segment: the constraint's or the random span.
        number: compare what this function makes of a policy instead of the four numbers.

    Raises:
        HpptError: fewer than two seeds, or one of them twice; other seeds on the two sides; or not
            all of them read the same texts.
    """
    if len({each.texts for each in (*one, *other)}) > 1:
        raise HpptError("These policies did not read the same texts: measure all with one --texts.")
    base = other[0] if len(other) == 1 and other[0].seed is None else None
    seeds = sorted(each.seed for each in one if each.seed is not None)
    theirs = seeds if base else sorted(each.seed for each in other if each.seed is not None)
    if len(seeds) < 2 or len(set(seeds)) < len(one) or seeds != theirs:
        raise HpptError(
            f"Seeds {seeds} and {theirs}: a comparison over runs takes two seeds or more, each "
            "once, and the same on both sides (or the base alone on the other)."
        )

    def means(measured: Measured) -> list[float]:
        if number is not None:
            return [number(measured)]
        return [float(np.mean(each)) for each in measured.numbers(segment).values()]

    of_seed = {each.seed: means(base or each) for each in ([*one] if base else [*other])}
    gaps = np.array([np.subtract(means(each), of_seed[each.seed]) for each in one])
    names = ("number",) if number is not None else tuple(one[0].numbers(segment))
    p_values = sign_flip_p(gaps)
    return Paired(
        names,
        tuple(mean_interval(column) for column in gaps.T),
        tuple(p_values),
        tuple(holm(p_values)),
    )


def write_measured(path: str | Path, measured: Measured) -> None:
    """Write what was measured as JSON, whole or not at all.

    Raises:
        HpptError: the file could not be written.
    """
    write_text(
        path, json.dumps({"format": FORMAT, **asdict(measured)}, separators=(",", ":")) + "\n"
    )


def read_measured(path: str | Path) -> Measured:
    """Read what `write_measured` wrote, gzipped or not.

    Raises:
        HpptError: the file cannot be read, or is none of these; the message names it.
    """
    try:
        [(_, values)] = read_jsonl(path)
        if values.pop("format") != FORMAT:
            raise ValueError("another format")
        rows = tuple(MeasuredText(**row) for row in values.pop("rows"))
        return Measured(rows=rows, **values)
    except (HpptError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise HpptError(
            f"{path} is not what 'hppt attention measure' writes ({error}). Measure again."
        ) from error


def read_all_measured(folder: str | Path) -> list[Measured]:
    """Read all files of a folder that `write_measured` wrote, in order of their names.

    Raises:
        HpptError: there is none, or one of them cannot be read.
    """
    paths = sorted([*Path(folder).glob("*.json"), *Path(folder).glob("*.json.gz")])
    if not paths:
        raise HpptError(f"{folder} has nothing that 'hppt attention measure' wrote.")
    return [read_measured(each) for each in paths]


def shipped_measured(folder: str = "") -> list[Measured]:
    """What was measured of the base and of each arm, in ``data/attention``.

    Args:
        folder: one inside it: ``e2``, the policies of that experiment.
    """
    return read_all_measured(shipped_folder() / folder)


def _mean(values: Mapping[str, np.ndarray]) -> dict[str, float]:
    return {name: _round(float(np.nanmean(each))) for name, each in values.items()}


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: _round(each) for name, each in values.items()}


def _short(values: np.ndarray) -> list[float]:
    return [_round(float(each), _LAYER_DIGITS) for each in values]


def _round(value: float, digits: int = _DIGITS) -> float:
    return float(f"{value:.{digits}g}")
