"""Makes a judge from its name on the command line."""

from __future__ import annotations

from pathlib import Path

from hppt_lib.errors import HpptError, needs
from hppt_lib.judges.cache import Cache, CachedJudge
from hppt_lib.judges.prompts import VARIANTS
from hppt_lib.judges.protocol import Judge
from hppt_lib.judges.replay import ReplayedJudge

FORMS = """\
embedded               the embedded model, at this machine
embedded:few-shot      the same, asked in another way (zero-shot, few-shot, strict)
FOLDER or ORG/NAME     a model in transformers' format, or a hub id; also with :few-shot
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

    Raises:
        HpptError: the name has none of these forms, or that judge cannot be had (a local one needs
            the extra ``train``); the message says why.
    """
    if name.startswith("replayed:"):
        path = name.removeprefix("replayed:")
        if not path:
            raise HpptError("Which answers are replayed? Give replayed:FILE.jsonl.")
        return ReplayedJudge(path)
    source, variant = _split(name)
    chosen: Judge
    if source.startswith(("http://", "https://")):
        chosen = _endpoint(source, variant, samples, seed, progress)
    elif not source or "://" in source:
        raise HpptError(f"There is no judge '{name}'. A judge is one of\n\n{FORMS}")
    else:
        needs("train")
        from hppt_lib.judges.local import LocalJudge
        from hppt_lib.policy.load import load_policy

        chosen = LocalJudge(
            load_policy(source), variant=variant, samples=samples, seed=seed, progress=progress
        )
    return chosen if cache is None else CachedJudge(chosen, Cache(cache))


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


def _endpoint(source: str, variant: str, samples: int, seed: int, progress: bool) -> Judge:
    address, _, model = source.partition("#")
    if not model:
        raise HpptError(
            "Which model at that server? Give its id behind a '#', such as "
            "http://127.0.0.1:8000/v1#Qwen/Qwen3-8B."
        )
    from hppt_lib.judges.endpoint import EndpointJudge

    return EndpointJudge(
        address, model, variant=variant, samples=samples, seed=seed, progress=progress
    )
