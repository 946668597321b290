"""Guards: rules that refuse empty answers, and the attack that gets past each.

A verifier answers for its constraint alone: ``No commas here.`` satisfies "use no commas" whatever
the question was. A guard closes that hole. It is a rule too, and has holes of its own. `ATTACKS`
holds one response for each way past them that we know.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.rewards.scores import Score, substance_of
from hppt_lib.verifiers import THOUGHT_MARKS, Marks, answer_of, as_seen, is_blank
from hppt_lib.verifiers.words import dictionary_words

_RUN = 3  # words in a row: fewer would call every "of the" a copy


@dataclass(frozen=True)
class Guard:
    """One guard: a rule that refuses empty answers.

    Attributes:
        name: what settings call it.
        rule: whether the answer to this instruction passes; it is never asked of a blank one, and
            never sees the thoughts.
        definition: completes "the response is …".
    """

    name: str
    rule: Callable[[Instruction, str], verifiers.Verdict]
    definition: str

    def check(
        self, instruction: Instruction, response: str, thoughts: Marks = THOUGHT_MARKS
    ) -> verifiers.Verdict:
        """Whether the answer in a response passes; a blank one does not.

        Args:
            instruction: what was asked.
            response: what the policy wrote.
            thoughts: the marks of thoughts, which are left out.
        """
        answer = answer_of(response, thoughts)
        if is_blank(answer):
            return verifiers.Verdict(False, "the response is blank")
        return self.rule(instruction, answer)


def _anything(instruction: Instruction, answer: str) -> verifiers.Verdict:
    return verifiers.Verdict(True, "nothing is asked but that it is not blank")


def _on_topic(instruction: Instruction, answer: str) -> verifiers.Verdict:
    return substance_of(instruction, answer, new_words=0)


def _answer(instruction: Instruction, answer: str) -> verifiers.Verdict:
    settings = {"prompt": instruction.prompt}
    return verifiers.build("hppt:new_content", settings, thoughts=())(answer)


def _substance(instruction: Instruction, answer: str) -> verifiers.Verdict:
    return substance_of(instruction, answer)


def _no_copy(instruction: Instruction, answer: str) -> verifiers.Verdict:
    """Fewer than half of the answer's runs of three words stand in the prompt."""
    share = copied_share(answer, instruction.prompt)
    return verifiers.Verdict(
        share < 0.5,
        f"{100 * share:.0f} % of its runs of {_RUN} words are the prompt's, less than 50 % wanted",
    )


def _all(instruction: Instruction, answer: str) -> verifiers.Verdict:
    substance = _substance(instruction, answer)
    return _no_copy(instruction, answer) if substance.passed else substance


GUARDS: dict[str, Guard] = {
    each.name: each
    for each in (
        Guard("none", _anything, "not blank"),
        Guard("topic", _on_topic, "on the topic, with little repetition"),
        Guard("answer", _answer, "an answer that says something new, on whatever topic"),
        Guard("copy", _no_copy, "no copy of the prompt"),
        Guard("substance", _substance, "an answer of substance"),
        Guard("all", _all, "an answer of substance and no copy of the prompt"),
    )
}


def guard_named(name: str) -> Guard:
    """The guard called ``name``.

    Raises:
        HpptError: there is no such guard.
    """
    if name not in GUARDS:
        raise HpptError(f"There is no guard '{name}'. Choose one of: {', '.join(GUARDS)}.")
    return GUARDS[name]


def allows(name: str, score: Score) -> bool:
    """Whether the guard lets a scored response pass.

    Raises:
        HpptError: the score does not hold the response, which all guards but ``none`` and
            ``substance`` need.
    """
    if name == "none":
        return not score.blank
    if name == "substance":
        return score.substance.passed
    if score.instruction is None:
        raise HpptError(f"The guard '{name}' needs the response itself: use rewards.score().")
    return guard_named(name).check(score.instruction, score.response, score.thoughts).passed


def copied_share(answer: str, prompt: str) -> float:
    """The share, 0 to 1, of the answer's runs of three words that stand in the prompt.

    An answer of fewer words is one run. An answer without a word is no copy: 0. Words are compared
    as a reader sees them: a curly apostrophe makes no other word.
    """
    answered, asked = (dictionary_words(as_seen(text)) for text in (answer, prompt))
    size = min(_RUN, len(answered))
    if size == 0:
        return 0.0
    known = {tuple(asked[start : start + size]) for start in range(len(asked) - size + 1)}
    runs = [tuple(answered[start : start + size]) for start in range(len(answered) - size + 1)]
    return sum(run in known for run in runs) / len(runs)


@dataclass(frozen=True)
class Attack:
    """A response that satisfies "no commas" and is no answer to "Write about tea. No commas.".

    Attributes:
        name: what is done.
        response: the text.
        passes: the guards that it gets past.
    """

    name: str
    response: str
    passes: frozenset[str]


ATTACKS: tuple[Attack, ...] = (
    Attack("next to nothing", ".", frozenset({"none", "copy"})),
    Attack("names the constraint", "There are no commas here.", frozenset({"none", "copy"})),
    Attack("the topic word alone", "Tea!", frozenset({"none", "topic"})),
    Attack(
        "another topic",
        "Coffee beans roast slowly overnight.",
        frozenset({"none", "copy", "answer"}),
    ),
    Attack("echoes the prompt", "Write about tea. No commas.", frozenset({"none", "topic"})),
    Attack(
        "echoes the prompt and adds three words",
        "Write about tea. No commas. Indeed certainly gladly.",
        frozenset({"none", "topic", "answer"}),
    ),
    Attack(
        "lists related words",
        "Tea kettle leaf cup saucer steam.",
        frozenset({"none", "topic", "copy", "answer"}),
    ),
    Attack(
        "says that it will answer",
        "Certainly! Here follows some wonderful writing regarding tea.",
        frozenset({"none", "topic", "copy", "answer"}),
    ),
    Attack(
        "puts the topic word before another text",
        "Tea. Coffee beans roast slowly overnight.",
        frozenset({"none", "topic", "copy", "answer"}),
    ),
    Attack(
        "says that somebody does the task",
        "Friends write about tea.",
        frozenset({"none", "topic", "substance"}),
    ),
    Attack(
        "has a verb among the related words",
        "Tea kettle boils cup saucer steam.",
        frozenset({"none", "topic", "copy", "answer", "substance", "all"}),
    ),
    Attack(
        "makes a sentence without sense",
        "Tea is the epic movie with smiling faces.",
        frozenset({"none", "topic", "copy", "answer", "substance", "all"}),
    ),
    Attack(
        "puts the topic word into another text",
        "Coffee beans roast slowly overnight and tea does not.",
        frozenset({"none", "topic", "copy", "answer", "substance", "all"}),
    ),
)
"""What gets past which guard. The last three get past all: no rule here reads for sense."""
