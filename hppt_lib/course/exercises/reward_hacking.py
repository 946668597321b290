"""Exercises of notebook 06: noisy rewards, their correction, and a trip wire by hand."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from hppt_lib.course.checks import Case, Exercise, Label, Mistake

# --- 1: what the dial pays -----------------------------------------------------------------------


def paid_rate(true_rate: float, false_pass: float, false_fail: float = 0.0) -> float:
    """The share of responses that a noisy reward pays.

    Args:
        true_rate: the share that truly deserves 1.
        false_pass: chance that a 0 becomes a 1.
        false_fail: chance that a 1 becomes a 0.
    """
    return true_rate * (1 - false_fail) + (1 - true_rate) * false_pass


_PAID_RATE = Exercise(
    label=Label("What the dial pays", number=1, difficulty=1, minutes=5, points=1),
    reference=paid_rate,
    cases=(
        Case(
            "30 % deserve it, 20 % false passes",
            {"true_rate": 0.3, "false_pass": 0.2, "false_fail": 0.0},
        ),
        Case(
            "60 % deserve it, errors on both sides",
            {"true_rate": 0.6, "false_pass": 0.1, "false_fail": 0.25},
        ),
        Case("no error", {"true_rate": 0.45, "false_pass": 0.0, "false_fail": 0.0}),
        Case("a third deserves it", {"true_rate": 1 / 3, "false_pass": 0.17, "false_fail": 0.07}),
        Case("everything passes", {"true_rate": 0.0, "false_pass": 1.0, "false_fail": 0.0}),
    ),
    mistakes=(
        Mistake(
            "add the false-pass rate to the true rate: only the responses that do not deserve a "
            "reward can pass falsely",
            lambda true_rate, false_pass, false_fail: true_rate * (1 - false_fail) + false_pass,
        ),
        Mistake(
            "forget that a response that deserves 1 can fail",
            lambda true_rate, false_pass, false_fail: true_rate + (1 - true_rate) * false_pass,
        ),
        Mistake(
            "swap the two error rates",
            lambda true_rate, false_pass, false_fail: paid_rate(true_rate, false_fail, false_pass),
        ),
        Mistake(
            "round to two digits: nobody asked for that, and an average of many needs them all",
            lambda true_rate, false_pass, false_fail: round(
                paid_rate(true_rate, false_pass, false_fail), 2
            ),
        ),
        Mistake(
            "count the false passes alone",
            lambda true_rate, false_pass, false_fail: (1 - true_rate) * false_pass,
        ),
    ),
    not_covered="rates outside 0 to 1.",
)

# --- 3: the rate behind the rate -----------------------------------------------------------------


def corrected_rate(paid: float, false_pass: float, false_fail: float = 0.0) -> float:
    """The true rate behind a noisy one: `paid_rate` solved for its first argument.

    Args:
        paid: the share that was paid.
        false_pass: chance that a 0 becomes a 1.
        false_fail: chance that a 1 becomes a 0.
    """
    return (paid - false_pass) / (1 - false_pass - false_fail)


_CORRECTED_RATE = Exercise(
    label=Label("The rate behind the rate", number=3, difficulty=2, minutes=10, points=2),
    reference=corrected_rate,
    cases=(
        Case("44 % were paid", {"paid": 0.44, "false_pass": 0.2, "false_fail": 0.0}),
        Case(
            "half was paid, errors on both sides",
            {"paid": 0.5, "false_pass": 0.1, "false_fail": 0.2},
        ),
        Case(
            "fewer paid than false passes alone would be (a small sample)",
            {"paid": 0.05, "false_pass": 0.1, "false_fail": 0.0},
        ),
    ),
    mistakes=(
        Mistake(
            "subtract the false-pass rate and leave it there",
            lambda paid, false_pass, false_fail: paid - false_pass,
        ),
        Mistake(
            "divide by 1 − false_pass alone",
            lambda paid, false_pass, false_fail: (paid - false_pass) / (1 - false_pass),
        ),
        Mistake(
            "cut the estimate off at 0: it is then no longer unbiased",
            lambda paid, false_pass, false_fail: max(
                0.0, corrected_rate(paid, false_pass, false_fail)
            ),
        ),
        Mistake(
            "swap the two error rates",
            lambda paid, false_pass, false_fail: corrected_rate(paid, false_fail, false_pass),
        ),
    ),
    not_covered="error rates that add up to 1 or more: then nothing can be corrected.",
)

# --- 2: signal -----------------------------------------------------------------------------------


def signal(true_rate: float, false_pass: float, false_fail: float = 0.0) -> float:
    """How far apart the advantages of a good and a bad response lie, in expectation.

    Advantages are rewards in units of their own standard deviation. Of the noisy reward that is
    sqrt(q(1 − q)) with q the share paid; and a response that deserves 1 is paid more often than
    one that does not by 1 − false_pass − false_fail.

    Args:
        true_rate: the share that truly deserves 1.
        false_pass: chance that a 0 becomes a 1.
        false_fail: chance that a 1 becomes a 0.
    """
    q = paid_rate(true_rate, false_pass, false_fail)
    return (1 - false_pass - false_fail) / math.sqrt(q * (1 - q))


_SIGNAL = Exercise(
    label=Label("Signal", number=2, difficulty=3, minutes=15, points=3),
    reference=signal,
    cases=(
        Case("no error", {"true_rate": 0.3, "false_pass": 0.0, "false_fail": 0.0}),
        Case("20 % false passes", {"true_rate": 0.3, "false_pass": 0.2, "false_fail": 0.0}),
        Case("errors on both sides", {"true_rate": 0.6, "false_pass": 0.1, "false_fail": 0.25}),
    ),
    mistakes=(
        Mistake(
            "divide by the spread of the true reward: GRPO sees only the noisy one",
            lambda true_rate, false_pass, false_fail: (
                (1 - false_pass - false_fail) / math.sqrt(true_rate * (1 - true_rate))
            ),
        ),
        Mistake(
            "leave the numerator at 1: a bad response is sometimes paid too",
            lambda true_rate, false_pass, false_fail: (
                1
                / math.sqrt(
                    paid_rate(true_rate, false_pass, false_fail)
                    * (1 - paid_rate(true_rate, false_pass, false_fail))
                )
            ),
        ),
        Mistake(
            "leave `false_fail` out of the numerator: a good response is sometimes not paid",
            lambda true_rate, false_pass, false_fail: (
                signal(true_rate, false_pass, false_fail)
                * (1 - false_pass)
                / (1 - false_pass - false_fail)
            ),
        ),
        Mistake(
            "divide by the variance instead of the standard deviation",
            lambda true_rate, false_pass, false_fail: (
                signal(true_rate, false_pass, false_fail) ** 2 / (1 - false_pass - false_fail)
            ),
        ),
        Mistake(
            "forget the division: the difference of the rewards alone",
            lambda true_rate, false_pass, false_fail: 1 - false_pass - false_fail,
        ),
    ),
    not_covered="groups of a few samples, whose standard deviation is itself a guess.",
)

# --- 4: build a wire -----------------------------------------------------------------------------

_WORD = re.compile(r"[a-z0-9']+")


def quotes(constraint: str, response: str) -> bool:
    """Whether the response repeats three words in a row of the constraint's own sentence.

    Args:
        constraint: the sentence that states the constraint.
        response: what was answered.
    """
    asked, said = (_WORD.findall(each.lower()) for each in (constraint, response))
    return bool(set(_threes(asked)) & set(_threes(said)))


def _threes(words: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(words[start : start + 3]) for start in range(len(words) - 2)]


def _any_three_words(constraint: str, response: str) -> bool:
    asked, said = (set(_WORD.findall(each.lower())) for each in (constraint, response))
    return len(asked & said) >= 3


def _as_written(constraint: str, response: str) -> bool:
    asked, said = constraint.split(), response.split()
    return bool(set(_threes(asked)) & set(_threes(said)))


def _with_tails(constraint: str, response: str) -> bool:
    asked, said = (_WORD.findall(each.lower()) for each in (constraint, response))
    return any(
        asked[i : i + 3] == said[j : j + 3] for i in range(len(asked)) for j in range(len(said))
    )


def _letters(constraint: str, response: str) -> bool:
    asked = _WORD.findall(constraint.lower())
    return any(" ".join(each) in response.lower() for each in _threes(asked))


_NO_COMMA = "Do not use any commas in your answer."
_QUOTES = Exercise(
    label=Label("Build a wire", number=4, difficulty=2, minutes=15, points=2),
    reference=quotes,
    cases=(
        Case("an honest answer", {"constraint": _NO_COMMA, "response": "Tea warms cold hands."}),
        Case("nothing but the sentence", {"constraint": _NO_COMMA, "response": _NO_COMMA}),
        Case(
            "a quotation",
            {"constraint": _NO_COMMA, "response": "Here I do not use any comma at all."},
        ),
        Case(
            "a quotation in capitals, with a full stop inside",
            {"constraint": _NO_COMMA, "response": "Sure. DO NOT. Use tea leaves."},
        ),
        Case(
            "three of its words, but scattered",
            {
                "constraint": _NO_COMMA,
                "response": "Any tea will do for you if your kettle does not leak.",
            },
        ),
        Case(
            "a word that goes on",
            {"constraint": "Use the word art once.", "response": "He threw the word artfully."},
        ),
        Case("two words", {"constraint": _NO_COMMA, "response": "Do not"}),
        Case(
            "one equal word at the end",
            {"constraint": "Use no commas.", "response": "I like commas."},
        ),
    ),
    mistakes=(
        Mistake("count words that both have, wherever they stand", _any_three_words),
        Mistake("compare the words as they are written, capitals and full stops", _as_written),
        Mistake("look for letters and not for words", _letters),
        Mistake(
            "compare what is left at the end, which may be fewer than three words",
            _with_tails,
        ),
        Mistake(
            "ask for the whole sentence",
            lambda constraint, response: constraint.lower().rstrip(".") in response.lower(),
        ),
        Mistake("say yes to everything", lambda constraint, response: True),
        Mistake("say no to everything", lambda constraint, response: False),
    ),
    not_covered="other scripts, and hacks that use other words: this wire catches one trick.",
)

# --- 5: perplexity -------------------------------------------------------------------------------


def perplexity(log_probs: Sequence[float]) -> float:
    """Of a response, from the natural logarithms of its tokens' probabilities.

    Args:
        log_probs: one for each token.
    """
    return math.exp(-sum(log_probs) / len(log_probs))


_PERPLEXITY = Exercise(
    label=Label("Perplexity", number=5, difficulty=1, minutes=5, points=1),
    reference=perplexity,
    cases=(
        Case("two tokens of probability ½", {"log_probs": [math.log(0.5)] * 2}),
        Case("one likely and two rare tokens", {"log_probs": [-0.1, -5.0, -7.5]}),
    ),
    mistakes=(
        Mistake(
            "add up instead of taking the mean: long responses are then always surprising",
            lambda log_probs: math.exp(-sum(log_probs)),
        ),
        Mistake(
            "forget the sign: a perplexity is 1 or more",
            lambda log_probs: math.exp(sum(log_probs) / len(log_probs)),
        ),
        Mistake(
            "stop at nats a token; the perplexity is e to that power",
            lambda log_probs: -sum(log_probs) / len(log_probs),
        ),
        Mistake(
            "take the mean of the probabilities first",
            lambda log_probs: len(log_probs) / sum(math.exp(each) for each in log_probs),
        ),
        Mistake(
            "use the base 2 with natural logarithms",
            lambda log_probs: 2 ** (-sum(log_probs) / len(log_probs)),
        ),
    ),
    not_covered="a response without a token.",
)

EXERCISES: dict[str, Exercise] = {
    "paid_rate": _PAID_RATE,
    "signal": _SIGNAL,
    "corrected_rate": _CORRECTED_RATE,
    "quotes": _QUOTES,
    "perplexity": _PERPLEXITY,
}
