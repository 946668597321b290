"""The registry: a verifier is a plain function whose signature declares its parameters.

``@register`` reads the parameters and their types from the signature, so that there is one place
where they are written. Parameters are validated when a constraint is *built*; checking a response
never raises.
"""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from hppt_lib.errors import HpptError


@dataclass(frozen=True)
class Verdict:
    """Whether a response satisfies a constraint, and why.

    Attributes:
        passed: True if the constraint is satisfied.
        reason: what was found and what was wanted, for a reader.
    """

    passed: bool
    reason: str


@dataclass(frozen=True)
class Bounds:
    """The smallest and largest value that an integer parameter may take."""

    least: int
    most: int = 1_000_000


Relation = Literal["at least", "less than"]
Count = Annotated[int, Bounds(0)]
PositiveCount = Annotated[int, Bounds(1)]

Check = Callable[..., Verdict]


@dataclass(frozen=True)
class Family:
    """One kind of hard constraint.

    Attributes:
        id: the id that the benchmarks use, such as ``keywords:existence``.
        parameters: parameter name to its type.
        optional: parameters that may be left out, with the value they then have.
        paraphrases: the constraint as English sentences, with ``{parameter}`` slots.
        function: the check, called with the response and the parameters.
    """

    id: str
    parameters: Mapping[str, Any]
    optional: Mapping[str, Any]
    paraphrases: tuple[str, ...]
    function: Check

    @property
    def summary(self) -> str:
        """The first line of the check's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


@dataclass(frozen=True)
class Verifier:
    """A family with its parameters: call it with a response to get a `Verdict`.

    Attributes:
        family: what is checked.
        kwargs: the validated parameters.
    """

    family: Family
    kwargs: Mapping[str, Any]

    def __call__(self, response: str) -> Verdict:
        """The verdict on ``response``. Any string is answered; a blank one satisfies nothing."""
        if not response.strip():
            return Verdict(False, "the response is blank")
        return self.family.function(response, **self.kwargs)

    def describe(self, paraphrase: int = 0) -> str:
        """The constraint as an English sentence; ``paraphrase`` counts round the known wordings."""
        wordings = self.family.paraphrases
        shown = {
            name: ", ".join(value) if isinstance(value, list) else value
            for name, value in self.kwargs.items()
        }
        return wordings[paraphrase % len(wordings)].format(**shown)


_FAMILIES: dict[str, Family] = {}


def register(id: str, *paraphrases: str) -> Callable[[Check], Check]:
    """Register a check under ``id``. Its keyword-only arguments are the constraint's parameters."""

    def decorate(function: Check) -> Check:
        types = typing.get_type_hints(function, include_extras=True)
        signature = inspect.signature(function).parameters.values()
        own = [each for each in signature if each.kind is each.KEYWORD_ONLY]
        if id in _FAMILIES:
            raise ValueError(f"verifier '{id}' is registered twice")
        _FAMILIES[id] = Family(
            id=id,
            parameters={each.name: types[each.name] for each in own},
            optional={each.name: each.default for each in own if each.default is not each.empty},
            paraphrases=paraphrases,
            function=function,
        )
        return function

    return decorate


def families() -> list[Family]:
    """All families, sorted by id."""
    return [_FAMILIES[id] for id in sorted(_FAMILIES)]


def family(id: str) -> Family:
    """The family registered under ``id``.

    Raises:
        HpptError: unknown id; the message names the nearest known ones.
    """
    if id not in _FAMILIES:
        import difflib

        near = difflib.get_close_matches(id, _FAMILIES, n=3) or sorted(_FAMILIES)
        raise HpptError(f"unknown constraint id '{id}'. Did you mean: {', '.join(near)}?")
    return _FAMILIES[id]


def build(id: str, kwargs: Mapping[str, Any] | None = None) -> Verifier:
    """Build the verifier of one constraint.

    Args:
        id: the constraint's id.
        kwargs: its parameters, named as the benchmarks name them.

    Raises:
        HpptError: unknown id, or a missing, surplus or ill-typed parameter.
    """
    chosen = family(id)
    given = dict(kwargs or {})
    surplus = sorted(set(given) - set(chosen.parameters), key=str)
    if surplus:
        wanted = ", ".join(chosen.parameters) or "no parameter"
        raise HpptError(f"'{id}' does not take '{surplus[0]}'; it takes {wanted}.")
    for name, kind in chosen.parameters.items():
        if name in given:
            _validate(given[name], kind, f"'{id}', parameter '{name}'")
        elif name in chosen.optional:
            given[name] = chosen.optional[name]
        else:
            raise HpptError(f"'{id}' lacks its parameter '{name}'.")
    return Verifier(chosen, given)


def _validate(value: Any, kind: Any, where: str) -> None:
    """Raise HpptError unless ``value`` is of the declared type."""
    origin = typing.get_origin(kind)
    if origin is Annotated:
        base, bounds = typing.get_args(kind)
        _validate(value, base, where)
        if not bounds.least <= value <= bounds.most:
            raise HpptError(f"{where}: {value} is outside {bounds.least} to {bounds.most}.")
    elif origin is Literal:
        choices = typing.get_args(kind)
        if value not in choices:
            raise HpptError(f"{where}: {value!r} is none of {', '.join(map(repr, choices))}.")
    elif origin is list:
        if not isinstance(value, list) or not value:
            raise HpptError(f"{where}: wanted a list that is not empty, found {value!r}.")
        for each in value:
            _validate(each, typing.get_args(kind)[0], where)
    elif kind is str:
        if not isinstance(value, str) or not value.strip():
            raise HpptError(f"{where}: wanted text that is not blank, found {value!r}.")
    elif kind is int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise HpptError(f"{where}: wanted a whole number, found {value!r}.")
    else:
        raise TypeError(f"{where}: the registry knows no parameters of type {kind}")
