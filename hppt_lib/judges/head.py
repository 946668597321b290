"""A judge that is trained: a small head on what a model's layers hold when it reads a question.

The model itself stays as it is. It reads the task, the constraint and the response, up to one of
its middle layers; what it holds there is pooled over the constraint and over the response, and a
network with one hidden layer says from that how probable "satisfied" is. A head is trained in
seconds, on labels by readers or by verifiers (``hppt train-judge``), and how good it is depends on
how many there were. Its errors are a real judge's: a policy can find them and aim at them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from tqdm.auto import tqdm

from hppt_lib.errors import HpptError
from hppt_lib.files import sha256, write_text
from hppt_lib.identity import Identity
from hppt_lib.judges.protocol import TRAINED, Judgement, Question, no_verdict
from hppt_lib.policy.load import Policy, enough_memory, load_policy, model_identity

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_WEIGHTS = "head.safetensors"
_FORMAT = 1
_ROWS_AT_ONCE = 32
_QUESTIONS_AT_ONCE = 256  # those of like length are read together; a kill loses no more of them
_LONG = 32  # tokens: the sum over a response is divided by it


@dataclass(frozen=True)
class HeadSettings:
    """How a head is made.

    Attributes:
        layers: after which of the model's layers it looks, counted from 1.
        hidden: units of its hidden layer.
        steps: of training, each on all rows.
        learning_rate: of AdamW.
        weight_decay: of AdamW.
        dropout: share of the inputs that is left out in a step.
        seed: of the weights and the dropout.
    """

    layers: tuple[int, ...] = (14,)
    hidden: int = 64
    steps: int = 200
    learning_rate: float = 1e-3
    weight_decay: float = 0.1
    dropout: float = 0.3
    seed: int = 0


class Head(torch.nn.Module):
    """From pooled features, shape (rows, features), to log-odds of "satisfied", shape (rows,)."""

    def __init__(self, features: int, settings: HeadSettings) -> None:
        super().__init__()
        self.mean = torch.nn.Buffer(torch.zeros(features))
        self.scale = torch.nn.Buffer(torch.ones(features))
        self.dropout = torch.nn.Dropout(settings.dropout)
        self.inner = torch.nn.Linear(features, settings.hidden)
        self.outer = torch.nn.Linear(settings.hidden, 1)

    def forward(self, features: Tensor) -> Tensor:
        """The log-odds of "satisfied"."""
        plain = ((features - self.mean) / self.scale).clamp(-10, 10)
        return self.outer(torch.nn.functional.gelu(self.inner(self.dropout(plain)))).squeeze(-1)


# --- what it looks at -----------------------------------------------------------------------------


def features(
    policy: Policy,
    questions: Sequence[Question],
    layers: Sequence[int],
    *,
    progress: str | None = None,
) -> Tensor:
    """What a model's layers hold when it reads questions, pooled.

    Args:
        policy: the model; nothing of it is changed.
        questions: each with one constraint.
        layers: after which layers, counted from 1.
        progress: title of a progress bar; None shows none.

    Returns:
        Shape (questions, 6 × layers × width of the model), float32, on the CPU.

    Raises:
        HpptError: the model has no such layer, or there is not enough memory.
    """
    parts = [_parts(policy.tokenizer, question) for question in questions]
    order = sorted(range(len(parts)), key=lambda place: -sum(map(len, parts[place])))
    rows: list[Tensor] = [torch.empty(0)] * len(parts)
    with tqdm(total=len(parts), desc=progress, disable=progress is None, unit="question") as bar:
        for start in range(0, len(order), _ROWS_AT_ONCE):
            places = order[start : start + _ROWS_AT_ONCE]
            with enough_memory("read the questions"):
                held = _held(policy, [parts[place] for place in places], layers)
            for place, row in zip(places, held, strict=True):
                rows[place] = row
            bar.update(len(places))
    return torch.stack(rows) if rows else torch.empty(0, 0)


def _parts(tokenizer: PreTrainedTokenizerBase, question: Question) -> tuple[list[int], ...]:
    """The tokens before the response, of the response, and after it; no text is a special token."""
    [constraint] = question.constraints
    texts = (
        f"Task: {question.prompt}\nConstraint: {constraint}\nResponse:",
        f" {question.response}",
        "\nSatisfied?",
    )
    encoded: Any = [
        tokenizer(text, add_special_tokens=False, split_special_tokens=True) for text in texts
    ]
    return tuple(list(each["input_ids"]) for each in encoded)


@torch.no_grad()
def _held(policy: Policy, parts: Sequence[tuple[list[int], ...]], layers: Sequence[int]) -> Tensor:
    width = max(sum(map(len, each)) for each in parts)
    ids = torch.zeros(len(parts), width, dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, each in enumerate(parts):
        tokens = [token for part in each for token in part]
        ids[row, : len(tokens)] = torch.tensor(tokens)
        mask[row, : len(tokens)] = 1
    with _outputs(policy.model, layers) as outputs:
        policy.model(
            input_ids=ids.to(policy.device), attention_mask=mask.to(policy.device), use_cache=False
        )
    rows = []
    for row, (before, response, after) in enumerate(parts):
        end = len(before) + len(response)
        pooled = []
        for layer in layers:
            states = outputs[layer][row].float().cpu()
            said = states[len(before) : end] if response else states[end - 1 : end]
            pooled += [
                states[: len(before)].mean(0),
                said.mean(0),
                said.amax(0),
                said.amin(0),
                said.sum(0) / _LONG,
                states[end + len(after) - 1],
            ]
        rows.append(torch.cat(pooled))
    return torch.stack(rows)


class _Enough(Exception):
    """The last layer that is looked at has been computed."""


@contextmanager
def _outputs(model: Any, layers: Sequence[int]) -> Iterator[dict[int, Tensor]]:
    """What the layers put out in the block, by their number; later layers are not computed."""
    stack = _layers(model)
    if not layers or not all(1 <= layer <= len(stack) for layer in layers):
        raise HpptError(f"The model has {len(stack)} layers; a head looks after some of them.")
    outputs: dict[int, Tensor] = {}

    def keep(layer: int) -> Any:
        def hook(module: Any, inputs: Any, output: Any) -> None:
            outputs[layer] = output[0] if isinstance(output, tuple) else output
            if layer == max(layers):
                raise _Enough

        return hook

    hooks = [stack[layer - 1].register_forward_hook(keep(layer)) for layer in layers]
    try:
        yield outputs
    except _Enough:
        pass
    finally:
        for hook in hooks:
            hook.remove()


def _layers(model: Any) -> Any:
    number = model.config.num_hidden_layers
    for module in model.modules():
        if isinstance(module, torch.nn.ModuleList) and len(module) == number:
            return module
    raise HpptError(f"The layers of {type(model).__name__} were not found: take another model.")


# --- training -------------------------------------------------------------------------------------


def train_head(
    held: Tensor, labels: Sequence[bool], settings: HeadSettings, weights: Tensor | None = None
) -> Head:
    """Train a head on pooled features.

    Args:
        held: of `features`.
        labels: True for "satisfied"; as many.
        settings: how.
        weights: what each row counts for, shape (rows,); None: all the same.

    Raises:
        HpptError: the labels are all the same.
    """
    if len(set(labels)) < 2:
        raise HpptError("A judge learns from labels of both kinds; these are all the same.")
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        head = Head(held.shape[1], settings)
        head.mean.copy_(held.mean(0))
        head.scale.copy_(held.std(0).clamp(min=1e-4))
        truth = torch.tensor(labels, dtype=torch.float32)
        optimiser = torch.optim.AdamW(
            head.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        for _ in range(settings.steps):
            optimiser.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                head(held), truth, weight=weights
            )
            loss.backward()
            optimiser.step()
    return head.eval()


@torch.no_grad()
def confidences(head: Head, held: Tensor) -> list[float]:
    """The probability of "satisfied" of each row of `features`."""
    return torch.sigmoid(head(held).double()).tolist()


# --- a folder -------------------------------------------------------------------------------------


def write_judge(
    folder: str | Path,
    head: Head,
    settings: HeadSettings,
    *,
    base: str,
    threshold: float,
    trained: Mapping[str, Any],
) -> Path:
    """Write a trained judge as a folder, which then is a judge's name.

    Args:
        folder: where; an older judge there is replaced.
        head: the head.
        settings: how it was made.
        base: the model that it looks into, as `hppt_lib.load_policy` is given it.
        threshold: the confidence from which on a constraint is satisfied.
        trained: what a reader should know of its training and its audit, as plain JSON values.

    Raises:
        HpptError: a file could not be written.
    """
    from safetensors.torch import save

    folder = Path(folder)
    weights = folder / _WEIGHTS
    try:
        folder.mkdir(parents=True, exist_ok=True)
        part = weights.with_suffix(".part")
        part.write_bytes(save({name: each.half() for name, each in head.state_dict().items()}))
        part.replace(weights)
    except OSError as error:
        raise HpptError(f"Could not write {weights}: {error.strerror or error}.") from error
    card = {
        "format": _FORMAT,
        "base": base,
        "threshold": threshold,
        "head": asdict(settings),
        "sha256": sha256(weights),
        "trained": dict(trained),
    }
    write_text(folder / TRAINED, json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    return folder


def read_card(folder: str | Path) -> dict[str, Any]:
    """What a trained judge's folder says of it.

    Raises:
        HpptError: the file is damaged or of a newer format.
    """
    path = Path(folder).expanduser() / TRAINED
    try:
        card: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        newer = card["format"] > _FORMAT
        settings = HeadSettings(**{**card["head"], "layers": tuple(card["head"]["layers"])})
        wanted = str(card["base"]), float(card["threshold"]), str(card["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise HpptError(f"{path} is damaged ({error}): train the judge again.") from error
    if newer:
        raise HpptError(f"{path} was written by a newer version of this kit: update the kit.")
    return {**card, "head": settings, "base": wanted[0], "threshold": wanted[1]}


def judge_folder_identity(folder: str | Path) -> Identity:
    """The identity of a trained judge, before anything is loaded.

    Raises:
        HpptError: as `read_card`, or there is no such base model.
    """
    card = read_card(folder)
    return {
        "kind": "head",
        "head": card["sha256"],
        "threshold": card["threshold"],
        "model": model_identity(card["base"]),
    }


class HeadJudge:
    """The judge in a folder that `write_judge` wrote."""

    def __init__(self, folder: str | Path, *, progress: bool = True) -> None:
        """Load it, with its base model.

        Raises:
            HpptError: a file is missing or damaged, or the base model cannot be loaded.
        """
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        self._folder = Path(folder).expanduser()
        card = read_card(self._folder)
        weights = self._folder / _WEIGHTS
        if not weights.is_file() or sha256(weights) != card["sha256"]:
            raise HpptError(f"{weights} is missing or not the one of {TRAINED}: train it again.")
        self._settings: HeadSettings = card["head"]
        self._threshold: float = card["threshold"]
        self._progress = progress
        self._policy = load_policy(card["base"])
        width = self._policy.model.config.hidden_size
        self._head = Head(6 * width * len(self._settings.layers), self._settings).eval()
        try:
            held = {name: each.float() for name, each in load_file(weights).items()}
            self._head.load_state_dict(held)
        except (SafetensorError, RuntimeError) as error:
            raise HpptError(f"{weights} does not fit its base model ({error}).") from error
        self.identity = judge_folder_identity(self._folder)

    @property
    def name(self) -> str:
        """The folder's name."""
        return self._folder.name

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that decides its answers and may be shown."""
        shown = {name: self.identity[name] for name in ("kind", "head", "threshold")}
        return {**shown, "base": self._policy.name}

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, tuple[Judgement, ...]]]:
        """Answer questions, some hundreds at once; each constraint is judged on its own.

        Raises:
            HpptError: not enough memory.
        """
        with tqdm(total=len(questions), desc=self.name, disable=not self._progress) as bar:
            for start in range(0, len(questions), _QUESTIONS_AT_ONCE):
                some = questions[start : start + _QUESTIONS_AT_ONCE]
                yield from enumerate(self._answered(some), start)
                bar.update(len(some))

    def _answered(self, questions: Sequence[Question]) -> list[tuple[Judgement, ...]]:
        single = [
            Question(each.prompt, each.response, (constraint,))
            for each in questions
            for constraint in each.constraints
        ]
        longest = self._policy.model.config.max_position_embeddings
        lengths = [sum(map(len, _parts(self._policy.tokenizer, each))) for each in single]
        fits = [each for each, length in zip(single, lengths, strict=True) if length <= longest]
        held = features(self._policy, fits, self._settings.layers)
        given = iter(confidences(self._head, held) if fits else [])
        judgements = iter(
            [
                self._judgement(next(given))
                if length <= longest
                else no_verdict(f"too long ({length} tokens)")
                for length in lengths
            ]
        )
        return [tuple(next(judgements) for _ in each.constraints) for each in questions]

    def _judgement(self, confidence: float) -> Judgement:
        if confidence != confidence:
            return no_verdict("not a number (the model's output is NaN)")
        return Judgement(confidence >= self._threshold, confidence)
