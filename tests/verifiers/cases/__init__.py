"""Cases of every family as data: what must pass and what must fail, each with its reason.

The tests run them on the verifiers; `tests/measure/planted_bugs.py` runs them on verifiers with
planted bugs and counts those that no case catches. A table ``CASES`` in a module of this folder is
found by itself.
"""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from tests.verifiers.cases.case import Case
from tests.verifiers.cases.function_case import FunctionCase


def _collected(kind: type) -> tuple[Any, ...]:
    """The cases of one kind in the tables of all modules here."""
    names = (f"{__name__}.{each.name}" for each in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(name) for name in names]
    tables = (getattr(module, "CASES", ()) for module in modules)
    return tuple(case for table in tables for case in table if isinstance(case, kind))


# Of the families, and of functions that several families share.
CASES: tuple[Case, ...] = _collected(Case)
FUNCTION_CASES: tuple[FunctionCase, ...] = _collected(FunctionCase)

__all__ = ["CASES", "FUNCTION_CASES", "Case", "FunctionCase"]
