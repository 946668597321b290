"""Makes a judge from its name on the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError, needs
from hppt_lib.identity import Identity
from hppt_lib.judges.cache import Cache, CachedJudge
from hppt_lib.judges.prompts import VARIANTS, prompt_version
from hppt_lib.judges.protocol import TRAINED, Judge, identity_of
from hppt_lib.judges.replay import ReplayedJudge

FORMS = """\
embedded               the embedded model, at this machine
embedded:few-shot      the same, asked in another way (zero-shot, few-shot, strict)
FOLDER or ORG/NAME     a model in transformers' format, or a hub id; also with :few-shot;
                       or a judge that 'hppt train-judge' made
http://HOST:PORT/v1#MODEL
                       a model at an OpenAI-compatible server; the key, if it needs one, comes
                       from OPENAI_API_KEY
replayed:FILE.jsonl    answers from a file, replayed without a model"""
"""What `judge` understands, for a help text."""


def judge(
    name: str,
    *,
    samples: int = 1,
    seed: int = 0,
    cache: str | Path | None = None,
    progress: bool = True,
    max_tokens: int | None = None,
    timeout: float | None = None,
    concurrency: int | None = None,
    temperature: float | None = None,
    extra_body: Mapping[str, Any] | str | None = None,
) -> Judge:
    """Load the judge with this name.

    Args:
        name: who it is, in one of these forms::

            embedded    embedded:few-shot    FOLDER    ORG/NAME
            http://HOST:PORT/v1#MODEL    replayed:FILE.jsonl

        samples: replies for each question, of which the majority counts; replayed answers are what
            they are.
        seed: of the fence's marker and of the samples.
        cache: a file in which its answers are kept, so that none is asked for twice.
        progress: show a progress bar.
        max_tokens: of a judge at an endpoint: the longest reply, thoughts included. None for this
            and the settings below leaves what `hppt_lib.judges.endpoint.EndpointJudge` says.
        timeout: likewise: seconds for one call.
        concurrency: likewise: calls that are under way at once.
        temperature: likewise: 0 for the likeliest reply.
        extra_body: likewise: more fields for each call, as a mapping or as JSON text.

    Raises:
        HpptError: the name has none of these forms, that judge cannot be had (a local one needs
            the extra ``train``), or it takes no such setting; the message says why.
    """
    call = call_settings(
        name,
        max_tokens=max_tokens,
        timeout=timeout,
        concurrency=concurrency,
        temperature=temperature,
        extra_body=extra_body,
    )
    chosen, source, variant = _unloaded(name, call, samples, seed, progress)
    if isinstance(chosen, ReplayedJudge):
        return chosen
    if chosen is None and _is_trained(source):
        needs("train")
        from hppt_lib.judges.head import HeadJudge

        if samples > 1:
            raise HpptError(f"The judge '{name}' says the same each time: leave samples at 1.")
        chosen = HeadJudge(source, progress=progress)
    if chosen is None:
        needs("train")
        from hppt_lib.judges.local import LocalJudge
        from hppt_lib.policy.load import load_policy

        chosen = LocalJudge(
            load_policy(source), variant=variant, samples=samples, seed=seed, progress=progress
        )
    return chosen if cache is None else CachedJudge(chosen, Cache(cache))


def judge_identity(judge: Judge | str, call: Mapping[str, Any] | None = None) -> Identity:
    """The identity of a judge, or of the one with this name, which is not loaded.

    Args:
        judge: a judge, or a name in a form of `judge`.
        call: the settings of its calls that were given, as `call_settings` gives them.

    Raises:
        HpptError: there is no such judge, or no such model.
    """
    if not isinstance(judge, str):
        return identity_of(judge)
    found, source, variant = _unloaded(judge, call or {})
    if found is not None:
        return identity_of(found)
    if _is_trained(source):
        from hppt_lib.judges.head import judge_folder_identity

        return judge_folder_identity(source)
    from hppt_lib.policy.load import model_identity

    version = prompt_version(VARIANTS[variant])
    return {"kind": "local", "prompt": version, "model": model_identity(source)}


def _unloaded(
    name: str, call: Mapping[str, Any], samples: int = 1, seed: int = 0, progress: bool = False
) -> tuple[Judge | None, str, str]:
    """The judge with this name, its source and variant; None for one that has to be loaded."""
    if name.startswith("replayed:"):
        path = name.removeprefix("replayed:")
        if not path:
            raise HpptError("Which answers are replayed? Give replayed:FILE.jsonl.")
        return ReplayedJudge(path), path, ""
    source, variant = _split(name)
    if is_at_endpoint(source):
        settings = {**call, "variant": variant, "samples": samples, "seed": seed}
        return _endpoint(source, settings, progress), source, variant
    if not source or "://" in source:
        raise HpptError(f"There is no judge '{name}'. A judge is one of\n\n{FORMS}")
    return None, source, variant


def _is_trained(source: str) -> bool:
    return (Path(source).expanduser() / TRAINED).is_file()


def _split(name: str) -> tuple[str, str]:
    """The source and the variant; a colon may also belong to a path or to a model's name."""
    source, colon, variant = name.rpartition(":")
    if colon and variant in VARIANTS:
        return source, variant
    if source == "embedded":
        raise HpptError(
            f"There is no judge's prompt '{variant}'. There are: {', '.join(VARIANTS)}."
        )
    return name, "zero-shot"


def _endpoint(source: str, settings: Mapping[str, Any], progress: bool) -> Judge:
    address, _, model = source.partition("#")
    if not model:
        raise HpptError(
            "Which model at that server? Give its id behind a '#', such as "
            "http://127.0.0.1:8000/v1#Qwen/Qwen3-8B."
        )
    from hppt_lib.judges.endpoint import EndpointJudge

    return EndpointJudge(address, model, progress=progress, **settings)


def is_at_endpoint(name: str) -> bool:
    """Whether the judge with this name is asked at a server."""
    return name.startswith(("http://", "https://"))


def call_settings(name: str, **settings: Any) -> dict[str, Any]:
    """The settings of a judge's calls that were given, checked against its name.

    Args:
        name: the judge's name.
        settings: ``max_tokens``, ``timeout``, ``concurrency``, ``temperature``, ``extra_body``;
            None is not given.

    Raises:
        HpptError: that judge makes no calls, or ``extra_body`` is text and no JSON object.
    """
    given = {key: value for key, value in settings.items() if value is not None}
    if given and not is_at_endpoint(name):
        why = (
            "replays answers from a file"
            if name.startswith("replayed:")
            else "is a local model: it is asked for the probability of Yes and writes no reply"
        )
        raise HpptError(
            f"The judge '{name}' {why}. Leave out: {', '.join(given)}. Only a judge at a server, "
            "such as http://127.0.0.1:8000/v1#MODEL, takes this."
        )
    if isinstance(given.get("extra_body"), str):
        given["extra_body"] = _json_object(given["extra_body"])
    return given


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        value = error
    if not isinstance(value, dict):
        problem = f" ({value})" if isinstance(value, Exception) else ""
        raise HpptError(
            f"extra_body is no JSON object{problem}. Write one such as "
            '\'{"chat_template_kwargs": {"enable_thinking": false}}\'.'
        )
    return value
