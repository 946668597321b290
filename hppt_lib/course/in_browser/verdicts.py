"""Answers the playground's page: which constraints there are, verdicts, and vacuous answers.

Everything goes in and out as JSON. What cannot be answered is a sentence for the reader: never an
exception out of a verdict.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from hppt_lib.course.in_browser import stand_ins
from hppt_lib.course.in_browser.fields import parameter
from hppt_lib.errors import HpptError
from hppt_lib.verifiers.registry import Family, Verifier, loose_variants

_STOOD_IN = frozenset(stand_ins.install())
_PROMPT = "\0prompt\0"  # in bench.json: where the prompt itself comes


def answer(call: str, arguments: str) -> str:
    """The answer to a call of the page, as JSON; what went wrong is its field ``error``.

    Args:
        call: ``constraints``, ``check`` or ``attack``.
        arguments: its arguments, a JSON object.
    """
    try:
        return json.dumps(_CALLS[call](**json.loads(arguments)))
    except HpptError as error:
        return json.dumps({"error": str(error)})


def constraints() -> list[dict[str, Any]]:
    """Each constraint with its parameters, a sample of them, and what is different in a browser."""
    return [_constraint(each) for each in verifiers.families()]


def check(id: str, kwargs: Mapping[str, Any], response: str) -> dict[str, Any]:
    """Both readings of a response: the verdict, its reason, and IFEval's loose variants."""
    family = verifiers.family(id)
    readings = {reading: _reading(family, kwargs, reading, response) for reading in family.readings}
    wording = next((each["wording"] for each in readings.values() if "wording" in each), "")
    return {"wording": wording, "readings": readings}


def attack(id: str, kwargs: Mapping[str, Any], prompt: str) -> dict[str, Any]:
    """Answers that say nothing, each verified; and whether a guard would refuse it."""
    family = verifiers.family(id)
    guard = verifiers.build("hppt:new_content", {"prompt": prompt})
    rows = []
    for name, text in _bench()["attacks"]:
        response = text.replace(_PROMPT, prompt)
        verdicts = {
            reading: _strict(family, kwargs, reading, response) for reading in family.readings
        }
        guarded = guard(response)
        rows.append(
            {
                "name": name,
                "response": response,
                "verdicts": verdicts,
                "guard": {"passed": guarded.passed, "reason": guarded.reason},
            }
        )
    return {"rows": rows}


_CALLS: dict[str, Callable[..., Any]] = {
    "constraints": constraints,
    "check": check,
    "attack": attack,
}


def _constraint(family: Family) -> dict[str, Any]:
    return {
        "id": family.id,
        "benchmark": family.benchmark,
        "summary": family.summary,
        "parameters": [
            parameter(family, name, _bench()["samples"].get(family.id, {}).get(name))
            for name in family.parameters
        ],
        "absent": {
            reading: sentence
            for reading in family.readings
            if (sentence := _absent(family, reading))
        },
        "stand_in": "sentencex" in family.needs.get("text", ()) and "sentencex" in _STOOD_IN,
        "differences": [
            {
                "reference": each.reference,
                "text": each.text,
                "kwargs": dict(each.kwargs),
                "example": each.example,
            }
            for each in verifiers.differences()
            if each.id == family.id
        ],
    }


def _absent(family: Family, reading: verifiers.Reading) -> str:
    """Why a reading gives no verdict here; empty if it does."""
    missing = [each for each in family.needs.get(reading, ()) if stand_ins.absent(each)]
    if not missing:
        return ""
    return (
        f"No verdict here: this reading needs the library {missing[0]}, which does not run in a "
        "browser. The installed kit has it."
    )


def _reading(
    family: Family, kwargs: Mapping[str, Any], reading: verifiers.Reading, response: str
) -> dict[str, Any]:
    def everything(verifier: Verifier) -> dict[str, Any]:
        strict, loose = verifier(response), verifier.loose(response)
        taken = verifiers.answer_of(response, verifier.thoughts)
        variants = [
            {"change": change, "text": text, **_plain(verifier(text))}
            for change, text in loose_variants(taken)
        ]
        return {
            "strict": _plain(strict),
            "loose": _plain(loose),
            "variants": variants,
            "wording": verifier.describe(),
        }

    return _asked(family, kwargs, reading, everything)


def _strict(
    family: Family, kwargs: Mapping[str, Any], reading: verifiers.Reading, response: str
) -> dict[str, Any]:
    return _asked(family, kwargs, reading, lambda verifier: _plain(verifier(response)))


def _asked(
    family: Family,
    kwargs: Mapping[str, Any],
    reading: verifiers.Reading,
    ask: Callable[[Verifier], dict[str, Any]],
) -> dict[str, Any]:
    """What a verifier answers, or a sentence in the field ``absent`` where it cannot run here."""
    if sentence := _absent(family, reading):
        return {"absent": sentence}
    # A field that was left empty is a parameter that was left out, if it may be.
    given = {name: value for name, value in kwargs.items() if value or name not in family.optional}
    try:
        return ask(verifiers.build(family.id, given, reading))
    except ImportError as error:  # a library that the family does not name, or not for this text
        name = error.name or "a library"
        return {"absent": f"No verdict here: {name} does not run in a browser."}


def _plain(verdict: verifiers.Verdict) -> dict[str, Any]:
    return {"passed": verdict.passed, "reason": verdict.reason}


@cache
def _bench() -> dict[str, Any]:
    """What the page maker knew: samples of parameters, and answers that say nothing."""
    path = Path(__file__).with_name("bench.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))
