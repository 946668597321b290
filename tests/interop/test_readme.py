"""The README's classes for Prime's `verifiers` and NeMo Gym, with stand-ins for their bases."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any, Generic, TypeVar

import pytest

from hppt_lib.errors import HpptError
from tests import ROOT
from tests.interop.test_rows import IFEVAL, PROMPT

ANSWER = "Green leaves steep in hot water for minutes"
T = TypeVar("T")


class Base(Generic[T]):
    """What the classes derive from; it keeps what it is given."""

    def __class_getitem__(cls, item: Any) -> type:
        return cls

    def __init__(self, **fields: Any) -> None:
        vars(self).update(fields)

    def model_dump(self) -> dict[str, Any]:
        """The fields, as pydantic gives them."""
        return dict(vars(self))


def classes() -> dict[str, Any]:
    """What the README's code defines."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Use it elsewhere")[2]
    code = section.partition("```python\n")[2].partition("```")[0]
    vf = SimpleNamespace(
        Task=Base, State=Any, TaskConfig=Any, Trace=Any, reward=lambda weight: lambda method: method
    )
    names = {"vf": vf, "IFData": Any, "SimpleResourcesServer": Base}
    names |= {"IFVerifyRequest": Base, "IFVerifyResponse": Base}
    exec(code, names)
    return names


def test_primes_method_scores_a_trace() -> None:
    """Mistake: a name that the kit no longer has; a prompt that is not handed over."""
    data = SimpleNamespace(
        instruction_id_list=IFEVAL["instruction_id_list"],
        parameters=IFEVAL["kwargs"],
        prompt_text=PROMPT,
    )
    task = classes()["IFTask"](data=data)
    for reply, reward in ((ANSWER, 1.0), ("Tea, hot", 0.0), ("", 0.0)):
        assert asyncio.run(task.follows(SimpleNamespace(last_reply=reply))) == reward


def test_nemo_gyms_method_scores_a_message() -> None:
    """Mistake: a call of a tool at the end ends the run; a row that cannot be read earns 0."""
    server = classes()["IFServer"]()
    said = SimpleNamespace(type="message", content=[SimpleNamespace(text=ANSWER)])
    called = SimpleNamespace(type="function_call")
    for output, reward in (([said], 1.0), ([said, called], 1.0), ([called], 0.0), ([], 0.0)):
        body = Base(**IFEVAL, response=SimpleNamespace(output=output))
        found = asyncio.run(server.verify(body))
        assert found.reward == reward and "punctuation:no_comma" in found.reasons
    bad = Base(**IFEVAL | {"kwargs": [{}]}, response=SimpleNamespace(output=[said]))
    with pytest.raises(HpptError, match="'kwargs' 1"):
        asyncio.run(server.verify(bad))
