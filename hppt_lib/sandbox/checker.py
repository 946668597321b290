"""A constraint that a data set's own code decides: built and called as a verifier is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.sandbox.run import Outcome, check, require_permission
from hppt_lib.verifiers import THOUGHT_MARKS, Marks, answer_of, is_blank

CODE = "verinstruct:rule"
"""The id of such a constraint."""


@dataclass(frozen=True)
class Checker:
    """A function of a data set, run in the sandbox on the answer in a response.

    Attributes:
        function: Python source that defines ``check_following(instruction, response)``.
        instruction: its first argument, where it looks at it.
        thoughts: the marks of thoughts, which are no part of the answer.
    """

    function: str
    instruction: str = ""
    thoughts: Marks = THOUGHT_MARKS

    def __call__(self, response: str) -> Outcome:
        """Its verdict, which may be none; a blank answer satisfies nothing, and is not shown to it.

        Raises:
            HpptError: code was not allowed to run, or the sandbox failed.
        """
        answer = answer_of(response, self.thoughts)
        if is_blank(answer):
            return Outcome(False, "the response is blank")
        return check(self.function, answer, instruction=self.instruction)

    def loose(self, response: str) -> Outcome:
        """The same: code has no loose reading."""
        return self(response)

    def describe(self) -> str:
        """A sentence for a constraint that has none."""
        return "The response passes the data set's own check."


def checker(kwargs: Mapping[str, Any], thoughts: Marks | None = None) -> Checker:
    """The checker of a constraint with the id `CODE`.

    Args:
        kwargs: ``function``, and ``instruction`` if it looks at it.
        thoughts: the marks of thoughts; None for the known ones.

    Raises:
        HpptError: code is not allowed to run, this system cannot lock it away, or a parameter is
            missing, surplus or no text.
    """
    given = {"instruction": "", **kwargs}
    if set(given) != {"function", "instruction"} or not all(
        isinstance(each, str) for each in given.values()
    ):
        raise HpptError(f"'{CODE}' takes the texts 'function' and, if need be, 'instruction'.")
    require_permission()
    return Checker(**given, thoughts=THOUGHT_MARKS if thoughts is None else thoughts)
