"""Makes a reward from its name in settings or on the command line: ``noisy(false_pass=0.1)``.

The form is ``kind`` or ``kind(name=value, …)``. A value is a number, a word, a text in quotes, or
again a reward: ``corrected(of=noisy(false_pass=0.2, of=guarded), false_pass=0.2)``; where a reward
comes first, its ``of=`` may be left out. Nothing is evaluated. A reward of your own is named
``my_module:my_function`` (`hppt_lib.rewards.own`): naming it runs that module.
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.rewards.judged import judged
from hppt_lib.rewards.kinds import Reward, fractional, guarded, strict
from hppt_lib.rewards.matched import matched
from hppt_lib.rewards.noise import corrected, noisy
from hppt_lib.rewards.own_rewards import is_own, own_by_name
from hppt_lib.rewards.within import corrected_within

KINDS: dict[str, Callable[..., Reward]] = {
    each.__name__: each
    for each in (
        strict,
        guarded,
        fractional,
        judged,
        noisy,
        corrected,
        corrected_within,
        matched,
    )
}
FORMS = """\
strict                           every constraint passes (the paper's reward)
guarded                          and the response is an answer of substance
guarded(guard=all)               another guard: topic, answer, copy, substance, all
fractional                       the share of constraints that pass
noisy(false_pass=0.1)            strict, with errors of a chosen rate: the precision dial
noisy(of=guarded, false_pass=0.1, draws=fresh)
                                 draws: frozen (a response's error stays) or fresh; flips: verdict
                                 (before the guard) or reward
corrected(of=noisy(false_pass=0.1), false_pass=0.1)
                                 the unbiased estimate from it
corrected_within(of=judged(judge=FOLDER, decides=all), rates="LENGTHS.json", guard=substance)
                                 where rates go with length ('hppt calibrate-judge' wrote them)
matched(rates="FILE.json", guard=substance)
                                 with a judge's rates of errors, which 'hppt match-noise' wrote
judged(judge=embedded)           verifiers, and a judge for soft constraints
judged(judge="http://HOST/v1#MODEL", missing=drop)
                                 no verdict: fail, skip or drop
judged(judge=FOLDER, decides=all, pass_from=0.8, fail_below=0.2, missing=drop)
                                 no verdict where its confidence lies between the two
judged(judge="http://HOST/v1#MODEL", max_tokens=16384, extra_body='{"top_p": 0.9}')
                                 also timeout, concurrency, temperature of its calls
my_module:my_function            a function of yours; also (guard=substance), and inside noisy()"""
"""What `reward` understands, for a help text."""

_OWN_SETTINGS = {
    "guard": inspect.Parameter("guard", inspect.Parameter.KEYWORD_ONLY, default="none")
}
_TOKEN = re.compile(r"""\s*(?:([(),=])|"([^"]*)"|'([^']*)'|([^\s(),='"]+))""")
_DEEPEST = 8


def reward(name: str, folders: Sequence[Path] = ()) -> Reward:
    """The reward called ``name``.

    Args:
        name: see `FORMS`. The name of every reward of this package reads back as that reward.
        folders: where the module of a reward of your own is looked for first; then come the
            working directory and Python's own path.

    Raises:
        HpptError: there is no such reward, it takes no such setting, a value is of the wrong kind
            or out of range, or the text is not of this form; the message says where. Or there is
            no such module or function, or it cannot be read.
    """
    reader = _Reader(name, _tokens(name), folders)
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

    def __init__(self, text: str, tokens: list[_Token], folders: Sequence[Path]) -> None:
        self.text = text
        self.tokens = tokens
        self.folders = folders

    def reward(self, depth: int) -> Reward:
        if depth > _DEEPEST:
            raise HpptError(f"Reward '{self.text}': more than {_DEEPEST} rewards in one another.")
        name = self._word("the name of a reward")
        if is_own(name):
            settings = self._settings(name, _OWN_SETTINGS, depth)
            return own_by_name(name, folders=self.folders, **settings)
        if name not in KINDS:
            near = difflib.get_close_matches(name, KINDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise HpptError(
                f"There is no reward '{name}'. Choose one of: {', '.join(KINDS)}; or "
                f"my_module:my_function, a function of yours.{hint}"
            )
        wanted = inspect.signature(KINDS[name], eval_str=False).parameters
        return KINDS[name](**self._settings(name, wanted, depth))

    def _settings(
        self, name: str, wanted: Mapping[str, inspect.Parameter], depth: int
    ) -> dict[str, Any]:
        """What stands in the brackets after a name, if there are any."""
        given: dict[str, Any] = {}
        if self._take("("):
            while not self._take(")"):
                if given:
                    self._need(",")
                elif "of" in wanted and self._reward_is_next():
                    given["of"] = self.reward(depth + 1)
                    continue
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
        return given

    def _reward_is_next(self) -> bool:
        """Whether a name stands here that is no setting: what follows it is no ``=``."""
        marks = [token.mark for token in self.tokens[:2]]
        return len(marks) == 2 and not marks[0] and marks[1] in ("(", ")", ",")

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
