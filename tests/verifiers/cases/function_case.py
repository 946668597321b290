"""The form of a case of a function that several verifiers share."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# The arguments, then what must come back, then what is special about it.
Row = tuple[Any, ...]


@dataclass(frozen=True)
class FunctionCase:
    """What a function of a module must give back for some arguments, or the error it must raise."""

    module: str
    function: str
    arguments: tuple[Any, ...]
    expected: Any
    why: str

    def found(self) -> Any:
        """What the function, as its module has it now, gives back, or the error it raises."""
        function = getattr(importlib.import_module(self.module), self.function)
        try:
            return function(*self.arguments)
        except Exception as error:
            return type(error)


class ListedCase(FunctionCase):
    """The same for what a function yields, or the keys that it gives back, in a list."""

    def found(self) -> Any:
        answer = super().found()
        try:
            return answer if isinstance(answer, type) else list(answer)
        except Exception as error:
            return type(error)


def function_cases(module: str, function: str, rows: Iterable[Row]) -> tuple[FunctionCase, ...]:
    """The rows of one function as cases."""
    return tuple(FunctionCase(module, function, row[:-2], row[-2], row[-1]) for row in rows)


def listed_cases(module: str, function: str, rows: Iterable[Row]) -> tuple[FunctionCase, ...]:
    """The rows of a function that yields what it finds."""
    return tuple(ListedCase(module, function, row[:-2], row[-2], row[-1]) for row in rows)
