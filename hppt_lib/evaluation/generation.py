"""Generates the responses of an evaluation once: locally, at a server, or read from a file.

A run goes on where it was stopped, and ends with the same file as one that was left alone: what is
decoded together is decided by the prompts, and a batch that is not whole in the file is made again.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from tqdm.auto import tqdm

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.benchmarks import Item, Prompts
from hppt_lib.evaluation.run_folder import (
    GenerationSettings,
    Message,
    Place,
    Prediction,
    RunFolder,
    begin_run,
)
from hppt_lib.files import only_writer, sha256
from hppt_lib.judges.by_name import is_at_endpoint
from hppt_lib.machine import usable_memory
from hppt_lib.sources.rows import data_files, rows
from hppt_lib.verifiers import thought_marks

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy


@dataclass(frozen=True)
class Reply:
    """What a backend gave: see `Prediction`. ``text`` is None if there is none to be had.

    ``again`` says that there may be one the next time, so that nothing is kept.
    """

    text: str | None
    finished: bool | None = None
    problem: str = ""
    again: bool = False


class Backend(Protocol):
    """Where responses come from."""

    @property
    def identity(self) -> Mapping[str, Any]:
        """All that tells this model from another, as plain values."""
        ...

    @property
    def at_once(self) -> int:
        """How many responses are made together, and depend on each other by rounding."""
        ...

    def replies(
        self, conversations: Sequence[Sequence[Message]], samples: Sequence[int], seed: int
    ) -> Iterator[tuple[int, Reply]]:
        """Yield (place, reply) for each conversation, in any order."""
        ...


class LocalModel:
    """A policy on this machine."""

    def __init__(self, policy: Policy, settings: GenerationSettings) -> None:
        self._policy, self._settings = policy, settings
        self._fitted = 0  # bytes of the largest batch that was let through

    @property
    def identity(self) -> Mapping[str, Any]:
        """Its files (`hppt_lib.policy.Policy.identity`) and how they are computed with."""
        dtype = str(self._policy.model.dtype).removeprefix("torch.")
        return {"kind": "local", "dtype": dtype, **self._policy.identity}

    @property
    def at_once(self) -> int:
        """The batch."""
        return self._settings.batch

    def replies(
        self, conversations: Sequence[Sequence[Message]], samples: Sequence[int], seed: int
    ) -> Iterator[tuple[int, Reply]]:
        """Decode all conversations together.

        Raises:
            HpptError: too little memory, or a conversation leaves no room for a response.
        """
        from hppt_lib.policy.lengths import positions_of
        from hppt_lib.policy.load import enough_memory
        from hppt_lib.policy.sampling import Chat, sample

        policy, settings = self._policy, self._settings
        thoughts = thought_marks(settings.thoughts)
        chat = Chat(policy.tokenizer, policy.thinking, thoughts)
        longest = max(len(chat.prompt_tokens(each)) for each in conversations)
        positions = positions_of(policy.model)
        if positions is not None and longest + settings.max_new_tokens > positions:
            raise HpptError(
                f"A prompt has {longest} tokens, and {policy.name} is made for {positions} with "
                f"the response. Lower --max-new-tokens (now {settings.max_new_tokens}), or choose "
                "another model."
            )
        self._require_memory(len(conversations), longest + settings.max_new_tokens)
        with enough_memory(f"generate {len(conversations)} responses at once; lower --batch"):
            rollouts = sample(
                policy.model,
                policy.tokenizer,
                list(conversations),
                samples=1,
                max_new_tokens=settings.max_new_tokens,
                temperature=settings.temperature,
                seed=seed,
                batch=len(conversations),
                thinking=policy.thinking,
                thoughts=thoughts,
            )
        for place, (rollout,) in enumerate(rollouts):
            yield place, Reply(rollout.text, rollout.finished)

    def _require_memory(self, rows: int, tokens: int) -> None:
        """Refuse a batch whose keys and values alone would fill the memory: the system would kill
        the program, and say nothing. (A GPU's library says so itself.)
        """
        from hppt_lib.policy.dimensions import dimensions_of

        model = self._policy.model
        if model.device.type != "cpu":
            return
        try:
            shape = dimensions_of(model.config.to_dict(), self._policy.name, source="config")
        except HpptError:  # a kind of model whose dimensions are not known
            return
        row = tokens * shape.cache_bytes(model.dtype.itemsize)
        if rows * row <= self._fitted:
            return  # what an earlier batch has left with this program may not look free
        free = usable_memory().available
        fits = max(1, free // row)
        if rows > fits:
            raise HpptError(
                f"{rows} conversations of up to {tokens} tokens, decoded together, need "
                f"{rows * row / 2**30:.1f} GiB for their keys and values alone, and "
                f"{free / 2**30:.1f} GiB are free: lower --batch to {fits} or fewer."
            )
        self._fitted = rows * row


class ServedModel:
    """A model at an OpenAI-compatible server, such as vLLM's."""

    def __init__(self, name: str, settings: GenerationSettings, **call: Any) -> None:
        """Describe the server; nothing is asked yet.

        Args:
            name: ``http://HOST:PORT/v1#MODEL``.
            settings: how responses are generated.
            call: ``concurrency``, ``timeout`` and ``extra_body``; see
                `hppt_lib.judges.endpoint.Endpoint`.

        Raises:
            HpptError: not such an address, or a number out of range.
        """
        from hppt_lib.judges.endpoint import Endpoint

        address, _, model = name.partition("#")
        if not model:
            raise HpptError(
                "Which model at that server? Give its id behind a '#', such as "
                "http://127.0.0.1:8000/v1#Qwen/Qwen3-8B."
            )
        self._endpoint = Endpoint(
            address,
            model,
            temperature=settings.temperature,
            seed=settings.seed if settings.temperature else None,
            max_tokens=settings.max_new_tokens,
            **call,
        )

    @property
    def identity(self) -> Mapping[str, Any]:
        """The server's address, the model's id there, and what is sent besides the settings."""
        extra = self._endpoint.extra_body
        return {
            "kind": "server",
            "server": self._endpoint.base_url.rstrip("/"),
            "name": self._endpoint.model.strip(),
            **({"extra_body": extra} if extra else {}),
        }

    @property
    def at_once(self) -> int:
        """Each response is one call."""
        return 1

    @property
    def notes(self) -> Sequence[str]:
        """What the server made of the settings."""
        return self._endpoint.notes

    def replies(
        self, conversations: Sequence[Sequence[Message]], samples: Sequence[int], seed: int
    ) -> Iterator[tuple[int, Reply]]:
        """Ask for all of them, several at once."""
        for place, written in self._endpoint.written(conversations, samples):
            gone = written.text is None
            text = None if written.problem and not written.text else written.text
            finished = None if text is None else written.finished
            yield place, Reply(text, finished, written.problem, again=gone)


def backend(
    model: str,
    settings: GenerationSettings,
    *,
    adapter: str | Path | None = None,
    thinking: bool | None = None,
    quantize: bool = False,
    dtype: str | None = None,
    **call: Any,
) -> LocalModel | ServedModel:
    """The model with this name, ready to respond.

    Args:
        model: as `hppt_lib.load_policy` takes it, or ``http://HOST:PORT/v1#MODEL``.
        settings: how responses are generated.
        adapter: a folder with a LoRA adapter; of a local model only.
        thinking: whether it thinks first; of a local model only (a server is told by
            ``extra_body``).
        quantize: in 4 bits; of a local model only.
        dtype: of its weights (see `hppt_lib.load_policy`); of a local model only.
        call: of a model at a server: ``concurrency``, ``timeout``, ``extra_body``.

    Raises:
        HpptError: the model cannot be had, or takes no such option.
    """
    settings.check()
    given = {name: value for name, value in call.items() if value is not None}
    if is_at_endpoint(model):
        if adapter or thinking is not None or quantize or dtype:
            raise HpptError(
                "An adapter, --thinking, --quantize and --dtype are for a local model. A server "
                "loads its own adapters, and is told to think or not by --extra-body."
            )
        return ServedModel(model, settings, **given)
    if given:
        raise HpptError(f"{model} is a local model. Leave out: {', '.join(given)}.")
    from hppt_lib.policy import load_policy

    policy = load_policy(model, adapter=adapter, thinking=thinking, quantize=quantize, dtype=dtype)
    return LocalModel(policy, settings)


def generate(
    path: str | Path,
    prompts: Sequence[Prompts],
    model: Backend,
    settings: GenerationSettings,
    *,
    progress: bool = True,
) -> RunFolder:
    """Generate the responses of a run, or go on with one that was stopped.

    Args:
        path: the run's folder.
        prompts: the benchmarks.
        model: where the responses come from.
        settings: how they are generated.
        progress: show a progress bar, with rate and time left.

    Returns:
        The run, with all of its responses.

    Raises:
        HpptError: the folder is another run's, is in use or cannot be written; the model cannot
            respond, or some responses could not be had: the same call asks for these again.
    """
    settings.check()
    with only_writer(path):
        run = begin_run(path, prompts, model.identity, asdict(settings))
        plan = _Plan(run, settings, model.at_once)
        kept = plan.kept()
        with tqdm(
            total=plan.total, initial=len(kept), desc="responses", unit="", disable=not progress
        ) as bar:
            for turn in range(1, plan.turns + 1):
                failed = _one_turn(run, plan, model, turn, kept, bar)
                if failed:
                    raise HpptError(
                        f"{len(failed)} responses could not be had: {failed[0]}. The others are "
                        f"kept in {run.path}: run the same command again when it is put right."
                    )
        run.replace(kept[place] for place in plan.places())
    return run


def _one_turn(
    run: RunFolder,
    plan: _Plan,
    model: Backend,
    turn: int,
    kept: dict[Place, Prediction],
    bar: tqdm[Any],
) -> list[str]:
    """Generate what is lacking of one turn; returns why some could not be had."""
    failed: list[str] = []
    for number, group in plan.groups(turn, kept):
        conversations, keys = [], []
        for unit in group:
            history = [kept[unit.at(before)].response for before in range(1, turn)]
            messages = run.messages(unit.item, turn, history)
            conversations.append(messages)
            keys.append(run.key(messages, unit.sample))
        fresh: list[Prediction] = []
        samples = [unit.sample for unit in group]
        seed = _seed(plan.settings.seed, turn, number)
        for place, reply in model.replies(conversations, samples, seed):
            if reply.again:
                failed.append(reply.problem)
                continue
            made = Prediction(
                *group[place].at(turn), keys[place], reply.text, reply.finished, reply.problem
            )
            fresh.append(made)
            if model.at_once == 1:  # each stands for itself
                run.add([made])
                bar.update()
        if model.at_once > 1:
            run.add(fresh)
            bar.update(len(fresh))
        kept.update((each.place, each) for each in fresh)
    return failed


@dataclass(frozen=True)
class _Unit:
    item: Item
    sample: int

    def at(self, turn: int) -> Place:
        return self.item.benchmark, self.item.id, self.sample, turn


class _Plan:
    """Which responses are made, and which of them together. It depends on the prompts alone."""

    def __init__(self, run: RunFolder, settings: GenerationSettings, at_once: int) -> None:
        self._run, self.settings, self._at_once = run, settings, at_once
        self._units = [
            _Unit(item, sample) for item in run.items for sample in range(settings.samples)
        ]
        self.turns = max(len(item.turns) for item in run.items)
        self.total = sum(len(unit.item.turns) for unit in self._units)

    def places(self) -> Iterator[Place]:
        """All places, in the order of the prompts."""
        for unit in self._units:
            for turn in range(1, len(unit.item.turns) + 1):
                yield unit.at(turn)

    def _batches(self, turn: int) -> list[list[_Unit]]:
        units = [unit for unit in self._units if len(unit.item.turns) >= turn]
        if self._at_once > 1:
            # Like lengths together, for less padding; the longest first, so that too little memory
            # or room shows at once.
            units.sort(key=lambda unit: -sum(len(t.prompt) for t in unit.item.turns[:turn]))
        size = self._at_once
        return [units[start : start + size] for start in range(0, len(units), size)]

    def groups(
        self, turn: int, kept: Mapping[Place, Prediction]
    ) -> Iterator[tuple[int, list[_Unit]]]:
        """What is lacking of a turn: batches with their numbers, or all in one."""
        lacking = [
            (number, batch)
            for number, batch in enumerate(self._batches(turn))
            if any(unit.at(turn) not in kept for unit in batch)
        ]
        if self._at_once > 1:
            yield from lacking
        elif lacking:
            yield 0, [unit for _, batch in lacking for unit in batch]

    def kept(self) -> dict[Place, Prediction]:
        """The responses of whole batches that the run has; others are taken out of the file.

        Raises:
            HpptError: a response belongs to other messages, though the run is the same.
        """
        found, torn = self._run.predictions()
        there = {each.place: each for each in found}
        kept: dict[Place, Prediction] = {}
        for turn in range(1, self.turns + 1):
            for batch in self._batches(turn):
                places = [unit.at(turn) for unit in batch]
                if not all(place in there for place in places):
                    continue
                if any(unit.at(before) not in kept for unit in batch for before in range(1, turn)):
                    continue
                for unit, place in zip(batch, places, strict=True):
                    history = [kept[unit.at(before)].response for before in range(1, turn)]
                    messages = self._run.messages(unit.item, turn, history)
                    if there[place].key != self._run.key(messages, unit.sample):
                        raise HpptError(
                            f"{self._run.predictions_path}: the response to '{place[1]}', sample "
                            f"{place[2]}, turn {place[3]}, is not of this run: its key is "
                            f"'{there[place].key}', this run's is "
                            f"'{self._run.key(messages, unit.sample)}'. Delete that line, or give "
                            "another folder."
                        )
                    kept[place] = there[place]
        if torn or len(kept) < len(found):
            self._run.replace(each for each in found if kept.get(each.place) is each)
        return kept


def _seed(seed: int, turn: int, number: int) -> int:
    """A seed for each batch, so that a batch gives the same whichever came before it."""
    text = f"{seed} {turn} {number}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:6], "big")


# --- a file of responses --------------------------------------------------------------------------


def from_file(
    path: str | Path,
    prompts: Sequence[Prompts],
    file: str | Path,
    *,
    name: str = "",
    thoughts: str = "known",
    keep_going: bool = False,
) -> RunFolder:
    """Make a run of responses that were generated elsewhere.

    A line has the response in ``response`` (null: the model gave none) and says what it answers by
    ``id``, by the benchmark's own ``key`` or ``idx``, or by ``prompt``, the whole text. Several
    responses to one prompt are its samples, in order; ``turn`` is that of a conversation, 1 if it
    is left out. FollowBench's own form (``prompt_new`` and ``choices``) is read too.

    Args:
        path: the run's folder.
        prompts: the benchmarks.
        file: JSON lines, JSON, CSV or Parquet.
        name: of the model, for the report.
        thoughts: the marks of thoughts in the responses.
        keep_going: leave out responses to other prompts, and prompts without a response.

    Raises:
        HpptError: the file cannot be read, a line has no response, a response answers none of the
            prompts, or a prompt has none; the message names the line or the prompt.
    """
    file = Path(file).expanduser()
    if not file.is_file():
        raise HpptError(f"There is no file of responses {file}.")
    with only_writer(path):
        identity = {"kind": "file", "name": name or file.name, "sha256": sha256(file)}
        run = begin_run(path, prompts, identity, {"thoughts": thoughts})
        found = _read_responses(run, file, keep_going)
        run.replace(sorted(found, key=_order(run)))
    return run


def _order(run: RunFolder) -> Any:
    numbers = {(item.benchmark, item.id): number for number, item in enumerate(run.items)}
    return lambda each: (numbers[each.benchmark, each.id], each.sample, each.turn)


def _read_responses(run: RunFolder, file: Path, keep_going: bool) -> list[Prediction]:
    by_name: dict[str, list[Item]] = defaultdict(list)
    for item in run.items:
        for known in {item.id, item.labels.get("key", "")} - {""}:
            by_name[f"id {known}"].append(item)
        for number, instruction in enumerate(item.turns, start=1):
            by_name[f"prompt {number} {instruction.prompt.strip()}"].append(item)
    times: dict[str, int] = defaultdict(int)
    found: list[Prediction] = []
    others: list[str] = []
    for path in data_files(file):
        for where, row in rows(path):
            if isinstance(row, HpptError):
                raise HpptError(f"{file.parent} {where}: {row}") from row
            turn = int(row.get("turn") or 1)
            named = _named(row, turn, by_name)
            if named is None:
                others.append(where)
                continue
            items = by_name[named]
            number = times[f"{turn} {named}"]
            times[f"{turn} {named}"] += 1
            # Equal prompts take turns.
            item, sample = items[number % len(items)], number // len(items)
            text = _response(row, where)
            finished = row.get("finished")
            if turn > len(item.turns):
                raise HpptError(f"{where}: '{item.id}' has no turn {turn}.")
            key = run.key([{"role": "user", "content": item.turns[turn - 1].prompt}], sample)
            place = item.benchmark, item.id, sample, turn
            known_end = finished if isinstance(finished, bool) else None
            found.append(Prediction(*place, key, text, known_end))
    answered = {(each.benchmark, each.id, each.turn) for each in found}
    lacking = [
        f"{item.id}, turn {turn}" if len(item.turns) > 1 else item.id
        for item in run.items
        for turn in range(1, len(item.turns) + 1)
        if (item.benchmark, item.id, turn) not in answered
    ]
    problems = []
    if others:
        problems.append(f"{len(others)} lines answer none of the prompts, such as {others[0]}")
    if lacking:
        problems.append(
            f"{len(lacking)} of {len(run.items)} prompts have no response, such as {lacking[0]}"
        )
    if not found or (problems and not keep_going):
        raise HpptError(
            f"{file}: {'; '.join(problems)}. Is it of these benchmarks, and of their newest data? "
            "Score what there is with --keep-going."
        )
    return found


def _named(row: Mapping[str, Any], turn: int, known: Mapping[str, list[Item]]) -> str | None:
    """How a row names its prompt: the first of its names that is known."""
    prompt = row.get("prompt", row.get("prompt_new"))
    names = [f"id {row['id']}"] if row.get("id") is not None else []
    if isinstance(prompt, str):
        names.append(f"prompt {turn} {prompt.strip()}")
    names += [f"id {row[name]}" for name in ("key", "idx") if row.get(name) is not None]
    return next((name for name in names if name in known), None)


def _response(row: Mapping[str, Any], where: str) -> str | None:
    if "response" in row:
        text = row["response"]
    else:
        try:
            text = row["choices"][0]["message"]["content"]
        except (KeyError, TypeError, IndexError) as error:
            raise HpptError(f"{where}: the field 'response' is missing.") from error
    if text is not None and not isinstance(text, str):
        raise HpptError(f"{where}: 'response' must be text or null, found {type(text).__name__}.")
    return text
