"""The registry: a verifier is a plain function whose signature declares its parameters.

``@register`` reads the parameters and their types from the signature, so that there is one place
where they are written. Parameters are validated when a constraint is *built*; checking a response
never raises. ``@reference`` adds the second reading: what the benchmark's own program decides.
"""

from __future__ import annotations

import importlib
import inspect
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Annotated, Any, Literal

from hppt_lib.errors import HpptError
from hppt_lib.verifiers.answer import THOUGHT_MARKS, Marks, answer_of, as_seen, seen_answer
from hppt_lib.verifiers.parameters import python_value


@dataclass(frozen=True, init=False)
class Verdict:
    """Whether a response satisfies a constraint, and why.

    Attributes:
        passed: True if the constraint is satisfied.
        reason: what was found and what was wanted, for a reader.
    """

    passed: bool
    reason: str

    def __init__(self, passed: bool, reason: str) -> None:
        # Each check makes one: this takes half the time of what ``dataclass`` writes.
        fields = self.__dict__
        fields["passed"] = passed
        fields["reason"] = reason


@dataclass(frozen=True)
class Bounds:
    """The smallest and largest value that an integer parameter may take."""

    least: int
    most: int = 1_000_000

    def complaint(self, value: int) -> str | None:
        """What is wrong with ``value``, or None."""
        if self.least <= value <= self.most:
            return None
        return f"{value} is outside {self.least} to {self.most}"


class AsGiven:
    """Marks text that is taken character by character: no `as_seen` for it."""

    def complaint(self, value: str) -> None:
        """Nothing is wrong with any text."""


Relation = Literal["at least", "less than"]
Count = Annotated[int, Bounds(0)]
PositiveCount = Annotated[int, Bounds(1)]
Percentage = Annotated[int, Bounds(0, 100)]

Reading = Literal["text", "reference"]
READINGS: tuple[Reading, ...] = typing.get_args(Reading)

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
        reference: the same for the reading ``reference``; None if the family is our own.
        needs: reading to the modules of other packages that its check imports when it is called.
    """

    id: str
    parameters: Mapping[str, Any]
    optional: Mapping[str, Any]
    paraphrases: tuple[str, ...]
    function: Check
    reference: Check | None = None
    needs: Mapping[Reading, tuple[str, ...]] = field(default_factory=dict)

    @property
    def benchmark(self) -> str:
        """The benchmark that it comes from, such as ``ifeval``; empty if it is our own."""
        parts = self.function.__module__.split(".")
        return parts[-2] if len(parts) == 4 else ""

    @property
    def readings(self) -> tuple[Reading, ...]:
        """The readings that it has."""
        return READINGS if self.reference else READINGS[:1]

    @property
    def summary(self) -> str:
        """The first line of the check's docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]


@dataclass(frozen=True)
class Difference:
    """One way in which the two readings of a constraint differ.

    Attributes:
        id: the constraint.
        reference: what the benchmark's program does.
        text: what a careful reader, and so the reading ``text``, does.
        kwargs: parameters of the example.
        example: a response on which the readings give opposite verdicts.
        text_passes: the verdict of the reading ``text`` on it.
        thread: public discussion of it, as ``owner/repository/issues/number``; empty if none.
    """

    id: str
    reference: str
    text: str
    kwargs: Mapping[str, Any]
    example: str
    text_passes: bool
    thread: str = ""


@dataclass(frozen=True)
class Verifier:
    """A family with its parameters: call it with a response to get a `Verdict`.

    Attributes:
        family: what is checked.
        kwargs: the validated parameters.
        reading: ``text`` or ``reference``.
        thoughts: the marks of thoughts, which are no part of the answer.
    """

    family: Family
    kwargs: Mapping[str, Any]
    reading: Reading = "text"
    thoughts: Marks = THOUGHT_MARKS

    def __call__(self, response: str) -> Verdict:
        """The strict verdict. Any string is answered; a blank one satisfies nothing."""
        return self._check(self._answer(response))

    def loose(self, response: str) -> Verdict:
        """The loose verdict: passed if any of IFEval's eight variants of the response passes."""
        answer = self._answer(response)
        strict = self._check(answer)
        if strict.passed:
            return strict
        for change, variant in loose_variants(answer):
            verdict = self._check(variant)
            if verdict.passed:
                return Verdict(True, f"{verdict.reason} ({change})")
        return strict

    def _answer(self, response: str) -> str:
        """The answer, for the reading ``text`` as a reader sees it."""
        take = seen_answer if self.reading == "text" else answer_of
        return take(response, self.thoughts)

    def _check(self, answer: str) -> Verdict:
        if not answer or answer.isspace():
            return Verdict(False, "the response is blank")
        check = self.family.function if self.reading == "text" else self.family.reference
        assert check is not None  # build() saw to it
        return check(answer, **self.kwargs)

    def describe(self, paraphrase: int = 0) -> str:
        """The constraint as an English sentence.

        Args:
            paraphrase: the number of the wording, from 0; after the last comes the first again.
        """
        wordings = self.family.paraphrases
        return self.filled(wordings[paraphrase % len(wordings)])

    def filled(self, wording: str) -> str:
        """``wording`` with the parameters in its slots, such as ``{num_words}``."""
        shown = {
            name: ", ".join(value) if isinstance(value, list) else value
            for name, value in self.kwargs.items()
        }
        return wording.format(**shown)


def loose_variants(response: str) -> list[tuple[str, str]]:
    """The seven variants of a response that IFEval's loose scoring tries besides itself.

    Returns:
        (what was changed, the variant) for each: first line, last line or both dropped, each with
        and without the asterisks. A line ends with a line feed and nothing else, and a variant is
        stripped where a line was dropped, as in google-research's ``evaluation_lib``.
    """
    lines = response.split("\n")
    cut = [
        ("", response),
        ("first line dropped", "\n".join(lines[1:]).strip()),
        ("last line dropped", "\n".join(lines[:-1]).strip()),
        ("first and last line dropped", "\n".join(lines[1:-1]).strip()),
    ]
    bare = [(f"{name}, no asterisks".lstrip(", "), each.replace("*", "")) for name, each in cut]
    return cut[1:] + bare


_FAMILIES: dict[str, Family] = {}
# Words of Thai and its like may come up in any response (`hppt_lib.verifiers.unspaced`).
_WORDS_NEED = ("icu4py",)


def register(id: str, *paraphrases: str, needs: tuple[str, ...] = ()) -> Callable[[Check], Check]:
    """Register a check under ``id``. Its keyword-only arguments are the constraint's parameters.

    ``needs`` are the modules of other packages that it imports when it is called.
    """

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
            needs={"text": needs},
        )
        return function

    return decorate


def reference(id: str, *, needs: tuple[str, ...] = ()) -> Callable[[Check], Check]:
    """Add the reading ``reference`` to the family ``id``, which is registered already."""

    def decorate(function: Check) -> Check:
        known = _FAMILIES[id]
        if known.reference is not None:
            raise ValueError(f"'{id}' has a reference reading already")
        own = [
            each.name
            for each in inspect.signature(function).parameters.values()
            if each.kind is each.KEYWORD_ONLY
        ]
        if set(own) != set(known.parameters):
            raise ValueError(f"the two readings of '{id}' take different parameters")
        _FAMILIES[id] = replace(
            known, reference=function, needs={**known.needs, "reference": needs}
        )
        return function

    return decorate


@cache
def _load(group: str = "") -> None:
    """Import the modules of this room whose names begin with ``group``; they register families.

    Most modules are named after the ids in them: ``count:…`` lies in ``count.py``. So the others
    need not be imported for one id; all of them take a tenth of a second.
    """
    import pkgutil

    room = importlib.import_module(__package__ or "")
    for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
        if module.name.rpartition(".")[2].startswith(group):
            importlib.import_module(module.name)


def families() -> list[Family]:
    """All families, sorted by id."""
    _load()
    return [_FAMILIES[id] for id in sorted(_FAMILIES)]


def family(id: str) -> Family:
    """The family registered under ``id``.

    Raises:
        HpptError: unknown id; the message names the nearest known ones.
    """
    group = id.partition(":")[0]
    for modules in (group, ""):
        if id not in _FAMILIES:
            _load(modules)
    if id in _FAMILIES:
        return _FAMILIES[id]
    import difflib

    near = difflib.get_close_matches(id, _FAMILIES, n=3)
    groups = sorted({each.partition(":")[0] for each in _FAMILIES})
    hint = f"Did you mean: {', '.join(near)}?" if near else f"Ids begin with {groups}."
    raise HpptError(f"unknown constraint id '{id}'. {hint}")


def known_reading(name: str) -> Reading:
    """The reading called ``name``.

    Raises:
        HpptError: there is no such reading.
    """
    for reading in READINGS:
        if reading == name:
            return reading
    raise HpptError(f"There is no reading {name!r}. Choose one of: {', '.join(READINGS)}.")


def build(
    id: str,
    kwargs: Mapping[str, Any] | None = None,
    reading: Reading = "text",
    thoughts: Marks | None = None,
) -> Verifier:
    """Build the verifier of one constraint.

    Tuples and numpy's values count as lists and numbers. For the reading ``text``, parameters
    and responses are taken as a reader sees them (`as_seen`).

    Args:
        id: the constraint's id.
        kwargs: its parameters, named as the benchmarks name them.
        reading: ``text`` (as a careful person reads it) or ``reference`` (as the benchmark's own
            program does).
        thoughts: the marks of thoughts, which are left out of a response (`answer_of`). None leaves
            out those of `THOUGHT_MARKS` for the reading ``text``, and nothing for ``reference``.

    Raises:
        HpptError: unknown id or reading, a missing, surplus or ill-typed parameter, or a library
            that the check needs cannot be imported.
    """
    chosen = family(id)
    if known_reading(reading) == "reference" and chosen.reference is None:
        raise HpptError(f"'{id}' is of our own making: it has no reading 'reference'.")
    text = reading == "text"
    for module in (*chosen.needs.get(reading, ()), *(_WORDS_NEED if text else ())):
        if reason := _why_absent(module):
            raise HpptError(
                f"'{id}' needs the library '{module}', which cannot be imported ({reason}). "
                "Install the kit again: pip install hppt-lab."
            )
    given = python_value(dict(kwargs or {}))
    surplus = sorted(set(given) - set(chosen.parameters), key=str)
    if surplus:
        wanted = ", ".join(chosen.parameters) or "no parameter"
        raise HpptError(f"'{id}' does not take '{surplus[0]}'; it takes {wanted}.")
    for name, kind in chosen.parameters.items():
        if name in given:
            value = _seen(given[name]) if text and not _as_given(kind) else given[name]
            given[name] = _validated(value, kind, f"'{id}', parameter '{name}'")
        elif name in chosen.optional:
            given[name] = chosen.optional[name]
        else:
            raise HpptError(f"'{id}' lacks its parameter '{name}'.")
    if thoughts is None:
        thoughts = THOUGHT_MARKS if text else ()
    return Verifier(chosen, given, reading, thoughts)


def _as_given(kind: Any) -> bool:
    return any(isinstance(each, AsGiven) for each in getattr(kind, "__metadata__", ()))


def _seen(value: Any) -> Any:
    """Text as a reader sees it, also in a list; any other value as it is."""
    if isinstance(value, list):
        return [_seen(each) for each in value]
    return as_seen(value) if isinstance(value, str) else value


@cache
def _why_absent(module: str) -> str:
    """Why a module cannot be imported; empty if it can."""
    try:
        importlib.import_module(module)
    except ImportError as error:  # absent, or its compiled part does not fit this machine
        return str(error)
    return ""


def _validated(value: Any, kind: Any, where: str) -> Any:
    """``value`` as the declared type has it.

    Raises:
        HpptError: it is not of that type.
    """
    origin = typing.get_origin(kind)
    if origin is Annotated:
        base, demand = typing.get_args(kind)
        value = _validated(value, base, where)
        if complaint := demand.complaint(value):
            raise HpptError(f"{where}: {complaint}.")
    elif origin is Literal:
        choices = typing.get_args(kind)
        if value not in choices:
            raise HpptError(f"{where}: {value!r} is none of {', '.join(map(repr, choices))}.")
    elif origin is list:
        if not isinstance(value, list) or not value:
            raise HpptError(f"{where}: wanted a list that is not empty, found {value!r}.")
        value = [_validated(each, typing.get_args(kind)[0], where) for each in value]
    elif kind is str:
        # Some copies of IFTrain's data wrap each parameter in a list of its own.
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, str) or not value.strip():
            raise HpptError(f"{where}: wanted text that is not blank, found {value!r}.")
    elif kind is int:
        # IFBench's file writes its whole numbers as 4.0.
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise HpptError(f"{where}: wanted a whole number, found {value!r}.")
    else:
        raise TypeError(f"{where}: the registry knows no parameters of type {kind}")
    return value
