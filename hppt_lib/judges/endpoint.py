"""A judge at an OpenAI-compatible endpoint: vLLM, ``transformers serve``, llama.cpp, a provider.

A server may be slow, overloaded, cut off, or talk rubbish. Every call has a time limit, and every
question a limit of calls; a question that is still unanswered then gets *no verdict*, with the
reason. The key comes from the environment; only the client holds it, and it is struck out of
whatever a server sends back.

A parameter that the server refuses is renamed or left out, as its error says, for the whole judge
(`hppt_lib.judges.server_errors`). The judge's settings stay what was asked for; ``notes`` says what
was done instead.
"""

from __future__ import annotations

import email.utils
import json
import math
import os
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import asdict, dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import anyio
import anyio.from_thread
import openai
from tqdm.auto import tqdm

from hppt_lib.errors import HpptError
from hppt_lib.judges import prompts
from hppt_lib.judges.protocol import Judgement, Question, majority, no_verdict
from hppt_lib.judges.replies import NO_ANSWER, READING, REFUSED, read_reply
from hppt_lib.judges.server_errors import (
    ADAPTABLE,
    ServerError,
    is_content_filter,
    other_parameters,
    read_error,
    shown,
)

Answer = tuple[Judgement, ...]

NOT_ASKED = "not asked"
"""The kind of problem of a question that was left out after the server was found to be down."""

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 20.0  # seconds before a call is made again, doubling
_LONGEST_ASKED = 120.0  # a server that asks us to wait longer is not waited for
_RETRIED = (408, 409, 425, 429)  # and all from 500
_HOPELESS = (401, 402, 403, 404)  # the key, the credit, the address or the model's name
_WRONG_CALL = (400, 422)  # something in the call: it may be a parameter
_FILTERED = (400, 403, 422, 451)  # it may be a content filter
_GIVE_UP = 20  # questions that failed in a row: the others are not asked
_TIMED_OUT = "timed out"
_MOST_TIMED_OUT = 2  # calls for one reply: a judge that thinks too long does so again
_OWN = {"model", "messages", "n", "stream", *ADAPTABLE}  # what `extra_body` may not change


@dataclass(frozen=True)
class Written:
    """What a model at an endpoint wrote.

    Attributes:
        text: its words, without thoughts where the server tells them apart; None if the server
            could not be asked: it may be the next time.
        finished: whether it ended by itself, and not at the limit of tokens.
        problem: why there is no text, or no whole one; empty if all is well.
    """

    text: str | None
    finished: bool = True
    problem: str = ""


_Thing = TypeVar("_Thing")
_Result = TypeVar("_Result")


class Endpoint:
    """A served chat model: its address, its settings, and calls that stand a server's whims.

    Attributes:
        counts: what happened so far: ``calls``, ``calls again``, failed calls by kind, and
            ``calls with a parameter refused``, which were made again without it.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        temperature: float = 0.0,
        seed: int | None = None,
        max_tokens: int = 8192,
        concurrency: int = 8,
        timeout: float = 300.0,
        attempts: int = 5,
        extra_body: Mapping[str, Any] | None = None,
        key_variable: str = "OPENAI_API_KEY",
    ) -> None:
        """Describe the endpoint; nothing is asked yet.

        Args:
            base_url: such as ``http://127.0.0.1:8000/v1``; it holds no key.
            model: the model's id at that server.
            temperature: 0 for the likeliest reply.
            seed: sent along, plus the number of the draw; None sends none.
            max_tokens: the longest reply, thoughts included.
            concurrency: calls that are under way at once.
            timeout: seconds for one call, from the first byte sent to the last received.
            attempts: calls for one reply at most. A call that timed out is made again once.
            extra_body: more fields for the body of each call, as the server defines them.
            key_variable: the environment variable with the key. A local server needs none.

        Raises:
            HpptError: not such an address, no model, a number out of range.
        """
        self.is_local = _address(base_url) in _LOOPBACK
        if min(max_tokens, concurrency, attempts) < 1 or not (
            0 < timeout < math.inf and 0 <= temperature < math.inf
        ):
            raise HpptError(
                "max_tokens, concurrency and attempts of a model at a server are at least 1, its "
                "timeout is above 0, its temperature at least 0."
            )
        if not model.strip():
            raise HpptError("Which model? Give the model's id at that server.")
        self.base_url, self.model = base_url, model
        self.temperature, self.max_tokens, self.seed = temperature, max_tokens, seed
        self.extra_body = _checked_body(extra_body)
        self._concurrency, self._timeout, self._attempts = concurrency, timeout, attempts
        self._key_variable = key_variable
        self._changed: dict[str, str | None] = {}  # parameters that the server does not take
        self.counts: Counter[str] = Counter()

    @property
    def server(self) -> str:
        """The server's host; ``local`` for one at this machine."""
        return "local" if self.is_local else str(urlsplit(self.base_url).hostname)

    @property
    def short_model(self) -> str:
        """The model's id, without the folder that some servers name it by."""
        model = self.model.strip().rstrip("/\\")
        is_path = model.startswith(("/", "~", ".")) or "\\" in model
        return model.replace("\\", "/").rpartition("/")[2] if is_path else model

    @property
    def notes(self) -> Sequence[str]:
        """What the server made of the settings, for a reader; empty if it took them as they are."""
        sent, renamed = self._parameters(0, self._changed), self._changed.get("max_tokens")
        lines = []
        for name in self._parameters(0, {}):
            if name == "max_tokens" and renamed in sent:
                lines.append(f"the server does not take '{name}': it was sent as '{renamed}'")
            elif name not in sent:
                lines.append(f"the server does not take '{name}': its own default was used")
        return lines

    def _parameters(self, draw: int, changed: Mapping[str, str | None]) -> dict[str, Any]:
        """The parameters of a call, with those changed that the server does not take."""
        parameters: dict[str, Any] = {
            "temperature": self.temperature,
            "max_tokens": self.max_tokens,
        }
        if self.seed is not None:
            parameters["seed"] = self.seed + draw
        for name, other in changed.items():
            value = parameters.pop(name, None)
            if other and value is not None:
                parameters[other] = value
        return parameters

    def written(
        self, conversations: Sequence[Sequence[Mapping[str, str]]], draws: Sequence[int]
    ) -> Iterator[tuple[int, Written]]:
        """What the model writes at the end of conversations, as it is, ``concurrency`` at once.

        Args:
            conversations: messages with ``role`` and ``content``.
            draws: the number of the draw, for each conversation: it is added to the seed.

        Yields:
            (place of the conversation, what was written), in any order.

        Raises:
            HpptError: the key in the environment is not one, by its characters.
        """
        pairs = list(zip(conversations, draws, strict=True))

        async def write(run: _Run, pair: tuple[Sequence[Mapping[str, str]], int]) -> Written:
            if run.down:
                return Written(None, problem=f"{NOT_ASKED} ({run.down})")
            replies, failed = await self.replies(run, *pair, lambda reply: True)
            if replies:
                return Written(replies[0].text, not replies[0].cut, replies[0].final)
            assert failed is not None
            run.failed(failed)
            return Written(None, problem=failed.as_problem())

        return self.each(write, pairs)

    def each(
        self, work: Callable[[_Run, _Thing], Awaitable[_Result]], things: Sequence[_Thing]
    ) -> Iterator[tuple[int, _Result]]:
        """Do something with each thing, ``concurrency`` at once, and yield (place, result).

        A new call is made only when a result has been taken: if the program is killed, no more
        than ``concurrency`` are lost that were asked for and not yet handed out.

        Raises:
            HpptError: the key in the environment is not one, by its characters. Nothing was asked.
        """
        key = self._key()
        waiting = iter(enumerate(things))
        under_way: dict[Future[_Result], int] = {}
        with anyio.from_thread.start_blocking_portal() as portal:
            run = portal.call(self._open, key)
            try:
                while True:
                    while len(under_way) < self._concurrency:
                        following = next(waiting, None)
                        if following is None:
                            break
                        place, thing = following
                        under_way[portal.start_task_soon(work, run, thing)] = place
                    if not under_way:
                        return
                    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                    future = done.pop()
                    place = under_way.pop(future)
                    yield place, future.result()
            finally:
                for future in under_way:
                    future.cancel()
                portal.call(run.client.close)

    def _key(self) -> str:
        key = os.environ.get(self._key_variable, "").strip()
        # The HTTP library would write such a key, whole, into its log.
        if not (key.isascii() and key.isprintable()):
            raise HpptError(
                f"The key in {self._key_variable} holds a line break or another character that no "
                "key has. Set the variable anew."
            )
        return key

    async def _open(self, key: str) -> _Run:
        # The client wants some key; a local server does not look at it. A proxy that is set for the
        # outside world cannot reach a server on this machine.
        client = openai.AsyncOpenAI(
            api_key=key or "none",
            base_url=self.base_url,
            max_retries=0,
            timeout=self._timeout,
            http_client=openai.DefaultAsyncHttpxClient(trust_env=False) if self.is_local else None,
        )
        return _Run(client, key)

    async def replies(
        self,
        run: _Run,
        messages: Sequence[Mapping[str, str]],
        draw: int,
        good: Callable[[_Reply], bool],
    ) -> tuple[list[_Reply], _Failed | None]:
        """The reply to a conversation; a call that failed is made again.

        A reply that is not ``good`` is asked for once more.

        Returns:
            The replies: one, or two if the first was not good, or none; and why the last call
            failed, if it did.
        """
        got: list[_Reply] = []
        late = 0
        failed = _Failed("not asked")
        for attempt in range(self._attempts):
            if attempt:
                self.counts["calls again"] += 1
            outcome = await self._call(run, messages, draw)
            if isinstance(outcome, _Failed):
                failed = outcome
                self.counts[outcome.kind] += 1
                late += outcome.kind == _TIMED_OUT
                if not outcome.again or attempt + 1 == self._attempts or late == _MOST_TIMED_OUT:
                    break
                longest = min(_FIRST_WAIT * 2**attempt, _LONGEST_WAIT)
                # Without chance, calls that failed together would be made again together.
                await anyio.sleep(outcome.after or longest * random.uniform(0.5, 1.0))
                continue
            run.failures = 0
            got.append(outcome)
            if good(outcome) or len(got) == 2:
                return got, None
        return got, failed

    async def _call(
        self, run: _Run, messages: Sequence[Mapping[str, str]], draw: int
    ) -> _Reply | _Failed:
        """One call; if the server refuses a parameter, the same call as the server wants it."""
        changed = dict(self._changed)
        while True:
            parameters = self._parameters(draw, changed)
            body: dict[str, Any] = {
                "model": self.model,
                "messages": list(messages),
                **parameters,
            }
            self.counts["calls"] += 1
            try:
                # The client's own time-out starts anew with each byte: a server that drips would
                # hang.
                with anyio.fail_after(self._timeout):
                    raw = await run.client.chat.completions.with_raw_response.create(
                        **body, extra_body=self.extra_body or None
                    )
                reply = _reply(raw.text, run, self._cap(parameters))
                if isinstance(reply, _Reply):
                    # Now it is known that the server takes the call in this form.
                    self._changed.update(changed)
                return reply
            except (TimeoutError, openai.APITimeoutError):
                return _Failed(
                    _TIMED_OUT, f"after {self._timeout:g} s: raise --timeout", again=True
                )
            except openai.APIStatusError as error:
                said = read_error(error.response.text)
                status = error.status_code
                if status in _FILTERED and is_content_filter(said):
                    return _Reply("", _refused(run, said))
                other = other_parameters(said, parameters) if status in _WRONG_CALL else {}
                if not other:
                    return self._status(run, error, said)
                # Each time one parameter is renamed or left out, so this has an end.
                changed.update(other)
                self.counts["calls with a parameter refused"] += 1
            except openai.APIConnectionError:
                return _Failed("no connection", "refused or cut", again=True)
            except (openai.OpenAIError, OSError, ValueError) as error:
                return _Failed("no connection", type(error).__name__, again=True)

    def _cap(self, parameters: Mapping[str, Any]) -> str:
        """Where a reply that was cut was cut, and what to do."""
        if "max_tokens" in parameters or "max_completion_tokens" in parameters:
            return f"cut at {self.max_tokens} tokens: raise --max-tokens"
        return "cut at the server's own limit, for it refused ours"

    def _status(self, run: _Run, error: openai.APIStatusError, said: ServerError) -> _Failed:
        kind, status = f"HTTP {error.status_code}", error.status_code
        sentence = shown(run.without_key(said.sentence))
        if status == 401:  # its sentence often holds a part of the key
            lacks = f"no key: set {self._key_variable}"
            return _Failed(
                kind, f"the key in {self._key_variable} was refused" if run.key else lacks
            )
        ours = {
            403: f"the key in {self._key_variable} may not do this"
            if run.key
            else f"no key: set {self._key_variable}",
            404: f"no such address, or no model {self.short_model}",
        }.get(status, "")
        detail = "; the server says: ".join(filter(None, (ours, sentence)))
        if status in _RETRIED or status >= 500:
            after = _retry_after(error.response.headers.get("retry-after"))
            if after > _LONGEST_ASKED:
                asks = f"it asks us to wait {after:.0f} s"
                return _Failed(kind, "; ".join(filter(None, (asks, sentence))))
            return _Failed(kind, detail, again=True, after=after)
        return _Failed(kind, detail)


class EndpointJudge:
    """A served chat model as a judge. It is asked for words, never for probabilities."""

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        variant: str = "zero-shot",
        samples: int = 1,
        temperature: float | None = None,
        seed: int = 0,
        max_tokens: int = 8192,
        concurrency: int = 8,
        timeout: float = 300.0,
        attempts: int = 5,
        extra_body: Mapping[str, Any] | None = None,
        key_variable: str = "OPENAI_API_KEY",
        progress: bool = True,
    ) -> None:
        """Describe the endpoint; nothing is asked yet.

        Args:
            base_url: such as ``http://127.0.0.1:8000/v1``; it holds no key.
            model: the model's id at that server.
            variant: how it is asked, one of `hppt_lib.judges.VARIANTS`.
            samples: more than 1 asks so often and takes the majority: the confidence is the share
                of Yes, a tie is no verdict.
            temperature: by default 0, with samples 1.
            seed: of the fence's marker, and sent along with samples (not every server heeds it).
            max_tokens: the longest reply, thoughts included; a longer one is cut by the server and
                is no verdict. It costs nothing where replies are short, and a model that thinks
                first needs thousands. A server with less room than that says so; then its own
                limit is used.
            concurrency: calls that are under way at once.
            timeout: seconds for one call, from the first byte sent to the last received: enough for
                a reply of ``max_tokens`` at 30 tokens a second.
            attempts: calls for one reply at most: failed ones, and one more where a reply was
                unreadable. A call that timed out is made again once.
            extra_body: more fields for the body of each call, as the server defines them, such as
                ``{"chat_template_kwargs": {"enable_thinking": False}}``.
            key_variable: the environment variable with the key. A local server needs none.
            progress: show a progress bar.

        Raises:
            HpptError: not such an address, no such variant, a number out of range.
        """
        _address(base_url)
        temperature = (1.0 if samples > 1 else 0.0) if temperature is None else temperature
        if min(samples, max_tokens, concurrency, attempts) < 1 or not (
            0 < timeout < math.inf and 0 <= temperature < math.inf
        ):
            raise HpptError(
                "samples, max_tokens, concurrency and attempts of a judge are at least 1, its "
                "timeout is above 0, its temperature at least 0."
            )
        if samples > 1 and temperature == 0:
            raise HpptError("Several samples at temperature 0 are all the same: take samples=1.")
        if not model.strip():
            raise HpptError("Which model is the judge? Give the model's id at that server.")
        self._endpoint = Endpoint(
            base_url,
            model,
            temperature=temperature,
            seed=seed if samples > 1 else None,
            max_tokens=max_tokens,
            concurrency=concurrency,
            timeout=timeout,
            attempts=attempts,
            extra_body=extra_body,
            key_variable=key_variable,
        )
        self._variant = prompts.variant(variant)
        self._samples, self._seed, self._progress = samples, seed, progress

    @property
    def counts(self) -> Counter[str]:
        """What happened so far; see `Endpoint`."""
        return self._endpoint.counts

    @property
    def name(self) -> str:
        """The model's name, with the variant and the samples where they are not the usual."""
        return prompts.judge_name(self._endpoint.short_model, self._variant, self._samples)

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that decides its answers and may be shown; a server at this machine is ``local``."""
        settings = {
            "kind": "endpoint",
            "server": self._endpoint.server,
            "model": self._endpoint.short_model,
            "variant": self._variant.name,
            "prompt": prompts.prompt_version(self._variant),
            "reading": READING,
            "temperature": self._endpoint.temperature,
            "max_tokens": self._endpoint.max_tokens,
            "samples": self._samples,
            "seed": self._seed,
        }
        extra = self._endpoint.extra_body
        return {**settings, "extra_body": extra} if extra else settings

    @property
    def identity(self) -> Mapping[str, Any]:
        """The settings, with the whole address and the whole name of the model at that server.

        What weights a server has behind a name is not known: for another model there, give the
        judge another name or another cache.
        """
        address = self._endpoint.base_url.rstrip("/")
        return {**self.settings, "server": address, "model": self._endpoint.model.strip()}

    @property
    def notes(self) -> Sequence[str]:
        """What the server made of the settings, for a reader; empty if it took them as they are."""
        return self._endpoint.notes

    def answers(self, questions: Sequence[Question]) -> Iterator[tuple[int, Answer]]:
        """Answer questions, ``concurrency`` at once.

        A new call is made only when an answer has been taken: if the program is killed, no more
        than ``concurrency`` questions are lost that were asked and not yet handed out.

        Raises:
            HpptError: the key in the environment is not one, by its characters. Nothing was asked.
        """
        with tqdm(total=len(questions), desc=self.name, disable=not self._progress) as bar:
            for place, answer in self._endpoint.each(self._answer, questions):
                bar.update()
                yield place, answer

    async def _answer(self, run: _Run, question: Question) -> Answer:
        draws: list[Answer] = []
        for draw in range(self._samples):
            answer = run.refusal(question) or await self._draw(run, question, draw)
            if any(each.transient for each in answer):
                return answer
            draws.append(answer)
        if self._samples == 1:
            return draws[0]
        return tuple(_together(each) for each in zip(*draws, strict=True))

    async def _draw(self, run: _Run, question: Question, draw: int) -> Answer:
        """One reply, read; an unreadable one is asked for anew."""
        number = len(question.constraints)
        turns = prompts.conversation(question, self._variant, self._seed)

        def settled(reply: _Reply) -> bool:
            lacks = [each for each in self._read(reply, number) if each.passed is None]
            return bool(reply.final) or all(each.problem.startswith(REFUSED) for each in lacks)

        replies, failed = await self._endpoint.replies(
            run, [asdict(turn) for turn in turns], draw, settled
        )
        if replies:
            if settled(replies[-1]):
                return self._read(replies[-1], number)
            both = [self._read(each, number) for each in replies]
            return min(both, key=lambda each: sum(j.passed is None for j in each))
        assert failed is not None
        run.failed(failed)
        problem = failed.as_problem()
        return tuple(no_verdict(problem, transient=True) for _ in question.constraints)

    def _read(self, reply: _Reply, constraints: int) -> Answer:
        if reply.final or reply.problem:
            problem = reply.final or reply.problem
            return tuple(no_verdict(problem, reply.text[:2000]) for _ in range(constraints))
        return read_reply(reply.text, constraints)


@dataclass(frozen=True)
class _Reply:
    """What the model wrote.

    ``final`` says why it is no verdict and would be none again, ``problem`` why it is none though
    it may be one the next time.
    """

    text: str
    final: str = ""
    problem: str = ""
    cut: bool = False


@dataclass(frozen=True)
class _Failed:
    """A call without a reply: its kind, what a reader may want to know, and whether to try again.

    ``after`` is the wait that the server asks for, in seconds; 0 leaves it to us.
    """

    kind: str
    detail: str = ""
    again: bool = False
    after: float = 0.0

    def as_problem(self) -> str:
        """The kind, with the detail in brackets."""
        return f"{self.kind} ({self.detail})" if self.detail else self.kind


@dataclass
class _Run:
    """One run of `Endpoint.each`: its client, and whether the server still is there."""

    client: openai.AsyncOpenAI
    key: str
    failures: int = 0  # questions in a row
    down: str = ""

    def __repr__(self) -> str:
        return "_Run(…)"  # the key appears nowhere

    def failed(self, failed: _Failed) -> None:
        """Note a question that got no reply."""
        self.failures += 1
        if failed.kind in {f"HTTP {status}" for status in _HOPELESS}:
            self.down = f"{failed.kind}: {failed.detail}"
        elif self.failures >= _GIVE_UP:
            self.down = f"{self.failures} questions in a row had failed: {failed.kind}"

    def refusal(self, question: Question) -> Answer | None:
        """The answer to a question that need not be asked because the server is down."""
        if not self.down:
            return None
        problem = f"{NOT_ASKED} ({self.down})"
        return tuple(no_verdict(problem, transient=True) for _ in question.constraints)

    def without_key(self, text: str) -> str:
        """What a server sent, without the key if it says it back."""
        return text.replace(self.key, "[key]") if self.key else text


def _together(draws: Sequence[Judgement]) -> Judgement:
    """The majority of several draws; where all lack a verdict for one reason, that reason."""
    if draws[0].passed is None and len({each.problem for each in draws}) == 1:
        return draws[0]
    return majority([each.passed for each in draws], draws[0].reply)


def _reply(text: str, run: _Run, cut: str) -> _Reply | _Failed:
    """The model's words out of a server's answer, whatever that is.

    Args:
        text: the body of the answer.
        run: strikes the key out of it.
        cut: what to say of a reply that was cut.
    """
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        kind = "a web page" if text.lstrip()[:1] == "<" else "no JSON"
        return _Failed("not a chat completion", kind, again=True)
    choices = body.get("choices") if isinstance(body, dict) else None
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    finish = str(choice.get("finish_reason") or "") if isinstance(choice, dict) else ""
    if not isinstance(message, dict):
        message = {}
        if not finish.startswith("content_filter"):
            said = read_error(text) if isinstance(body, dict) and body.get("error") else None
            if said and is_content_filter(said):
                return _Reply("", _refused(run, said))
            sentence = shown(run.without_key(said.sentence)) if said else ""
            return _Failed(
                "not a chat completion", sentence or "JSON without a message", again=True
            )
    content, refusal = _content(message.get("content"))
    refusal = refusal or _text_of(message.get("refusal"))
    content, refusal = (_writable(run.without_key(each)) for each in (content, refusal))
    if finish == "length":
        return _Reply(content, f"reply cut ({cut})", cut=True)
    if finish.startswith("content_filter"):
        return _Reply(content or refusal, f"{REFUSED} (by a content filter)")
    if refusal:
        return _Reply(refusal, f"{REFUSED} (by the judge)")
    thoughts = message.get("reasoning_content") or message.get("reasoning")
    if thoughts and not content.strip():
        return _Reply("", problem=NO_ANSWER)
    return _Reply(content)


_THOUGHTS = ("thinking", "reasoning", "thought", "redacted_thinking", "reasoning_content")


def _content(content: Any) -> tuple[str, str]:
    """(reply, refusal) of a message's content: a text, or a list of parts; thoughts are left out.

    A line break goes between two parts of text that would otherwise run into each other, unless the
    second goes on in small letters: it may be the rest of a word.
    """
    if isinstance(content, dict):
        content = [content]
    if not isinstance(content, list):
        return _text_of(content), ""
    reply = refusal = ""
    for part in content:
        if isinstance(part, str):
            text = part
        elif not isinstance(part, dict) or part.get("type") in _THOUGHTS or part.get("thought"):
            continue
        elif part.get("type") == "refusal":
            refusal += _text_of(part.get("refusal")) or "refused"
            continue
        else:
            text = _text_of(part.get("text"))
        glued = reply and text and not reply[-1].isspace() and not text[0].isspace()
        reply += f"\n{text}" if glued and not text[0].islower() else text
    return reply, refusal


def _text_of(value: Any) -> str:
    """A text, or the ``value`` or ``content`` that it is wrapped in; empty if it is none."""
    if isinstance(value, dict):
        value = value.get("value") or value.get("content")
    return value if isinstance(value, str) else ""


def _writable(text: str) -> str:
    # Half a character (a lone surrogate) can be written to no file.
    return text.encode("utf-8", "replace").decode("utf-8")


def _refused(run: _Run, said: ServerError) -> str:
    """The problem of a question that a content filter refused, with the server's words."""
    sentence = shown(run.without_key(said.sentence))
    return f"{REFUSED} (by a content filter{': ' if sentence else ''}{sentence})"


def _checked_body(extra: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields that are added to each call, as plain JSON.

    Raises:
        HpptError: they are none, or hold what the judge itself sends.
    """
    try:
        body = json.loads(json.dumps(extra or {}, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise HpptError(f"extra_body is no JSON object: {error}.") from error
    if not isinstance(body, dict):
        raise HpptError('extra_body is no JSON object: write one such as {"top_p": 0.9}.')
    own = sorted(_OWN.intersection(body))
    if own:
        raise HpptError(
            f"extra_body may not hold '{own[0]}', which the judge sends itself: max_tokens, "
            "temperature, seed and samples are settings of their own."
        )
    return body


def _retry_after(header: str | None) -> float:
    """Seconds to wait that a ``Retry-After`` header asks for, as a number or a date; 0 if none."""
    try:
        seconds = float(header or 0)
    except ValueError:
        parsed = email.utils.parsedate_tz(header)
        seconds = email.utils.mktime_tz(parsed) - time.time() if parsed else 0.0
    except OverflowError:
        seconds = math.inf
    return max(0.0, seconds) if not math.isnan(seconds) else 0.0


def _address(base_url: str) -> str:
    """The host of an endpoint's address."""
    try:
        parts = urlsplit(base_url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    # Not shown, for it may hold a key.
    if parts.username or parts.password or parts.query or parts.fragment:
        raise HpptError(
            "A judge's address must hold neither a key nor a question mark. Put the key into the "
            "environment variable OPENAI_API_KEY, and give an address such as "
            "http://127.0.0.1:8000/v1."
        )
    if parts.scheme not in ("http", "https") or not host:
        raise HpptError(
            f"'{base_url}' is no address of a judge. Give one such as http://127.0.0.1:8000/v1."
        )
    return host
