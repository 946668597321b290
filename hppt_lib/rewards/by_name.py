"""Makes a reward from its name in settings or on the command line: ``noisy(false_pass=0.1)``.

The form is ``kind`` or ``kind(name=value, …)``. A value is a number, a word, a text in quotes, or
again a reward: ``corrected(of=noisy(false_pass=0.2, of=guarded), false_pass=0.2)``. Nothing is
evaluated.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.rewards.judged import judged
from hppt_lib.rewards.kinds import Reward, fractional, guarded, strict
from hppt_lib.rewards.noise import corrected, noisy

KINDS: dict[str, Callable[..., Reward]] = {
    each.__name__: each for each in (strict, guarded, fractional, judged, noisy, corrected)
}
FORMS = """\
strict                           every constraint passes (the paper's reward)
guarded                          and the response is an answer of substance
guarded(guard=all)               another guard: topic, answer, copy, substance, all
fractional                       the share of constraints that pass
noisy(false_pass=0.1)            strict, with errors of a chosen rate: the precision dial
corrected(of=noisy(false_pass=0.1), false_pass=0.1)
                                 the unbiased estimate from it
judged(judge=embedded)           verifiers, and a judge for soft constraints
judged(judge="http://HOST/v1#MODEL", missing=drop)
                                 no verdict: fail, skip or drop
judged(judge="http://HOST/v1#MODEL", max_tokens=16384, extra_body='{"top_p": 0.9}')
                                 also timeout, concurrency, temperature of its calls"""
"""What `reward` understands, for a help text."""

_TOKEN = re.compile(r"""\s*(?:([(),=])|"([^"]*)"|'([^']*)'|([^\s(),='"]+))""")
_DEEPEST = 8


def reward(name: str) -> Reward:
    """The reward called ``name``.

    Args:
        name: see `FORMS`. The name of every reward of this package reads back as that reward.

    Raises:
        HpptError: there is no such reward, it takes no such setting, a value is of the wrong kind
            or out of range, or the text is not of this form; the message says where.
    """
    reader = _Reader(name, _tokens(name))
    named = reader.reward(1)
    if reader.tokens:
        raise reader.unexpected("the end")
    return named


@dataclass(frozen=True)
class _Token:
    mark: str  # one of ( ) , = or empty
    text: str
    quoted: bool
    start: int


def _tokens(name: str) -> list[_Token]:
    tokens, place = [], 0
    end = len(name.rstrip())
    while place < end:
        match = _TOKEN.match(name, place)
        if match is None:
            raise HpptError(f"Reward '{name}': the quotation mark at the end is never closed.")
        mark, double, single, word = match.groups()
        quoted = double if double is not None else single
        text = quoted if quoted is not None else word or ""
        tokens.append(
            _Token(mark or "", text, quoted is not None, match.start(match.lastindex or 0))
        )
        place = match.end()
    return tokens


class _Reader:
    """Reads the tokens from left to right."""

    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self.text = text
        self.tokens = tokens

    def reward(self, depth: int) -> Reward:
        if depth > _DEEPEST:
            raise HpptError(f"Reward '{self.text}': more than {_DEEPEST} rewards in one another.")
        name = self._word("the name of a reward")
        if name not in KINDS:
            near = difflib.get_close_matches(name, KINDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise HpptError(
                f"There is no reward '{name}'. Choose one of: {', '.join(KINDS)}.{hint}"
            )
        wanted = inspect.signature(KINDS[name], eval_str=False).parameters
        given: dict[str, Any] = {}
        if self._take("("):
            while not self._take(")"):
                if given:
                    self._need(",")
                key = self._word("a setting")
                if key not in wanted:
                    takes = ", ".join(wanted) or "none"
                    raise self._wrong(f"{name}() has no setting '{key}'; it takes: {takes}.")
                if key in given:
                    raise self._wrong(f"{name}() is given '{key}' twice.")
                self._need("=")
                kind = str(wanted[key].annotation).removesuffix(" | None")
                given[key] = self._value(f"{name}(), {key}", kind, depth)
        for key, each in wanted.items():
            if each.default is each.empty and key not in given:
                raise self._wrong(f"{name}() needs the setting '{key}'.")
        return KINDS[name](**given)

    def _value(self, where: str, kind: str, depth: int) -> Any:
        if kind == "Reward":
            return self.reward(depth + 1)
        text = self._word("a value")
        if kind == "float" or kind == "int":
            number = float if kind == "float" else int
            try:
                return number(text)
            except ValueError as error:
                wanted = "a number" if kind == "float" else "a whole number"
                raise self._wrong(f"{where}: '{text}' is not {wanted}.") from error
        return text

    def _word(self, wanted: str) -> str:
        if not self.tokens or self.tokens[0].mark:
            raise self.unexpected(wanted)
        return self.tokens.pop(0).text

    def _take(self, mark: str) -> bool:
        if self.tokens and self.tokens[0].mark == mark:
            self.tokens.pop(0)
            return True
        return False

    def _need(self, mark: str) -> None:
        if not self._take(mark):
            raise self.unexpected(f"'{mark}'")

    def unexpected(self, wanted: str) -> HpptError:
        if not self.tokens:
            return self._wrong(f"{wanted} is missing at the end.")
        token = self.tokens[0]
        text = token.mark or token.text
        return self._wrong(f"{wanted} is wanted at character {token.start + 1}, found '{text}'.")

    def _wrong(self, what: str) -> HpptError:
        return HpptError(f"Reward '{self.text}': {what}")
