"""The exercise of notebook 00: four rates of a source of verdicts.

Each mistake below is written out as the wrong code that readers tend to write.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hppt_lib.course.checks import Case, Exercise, Label, Mistake

Rates = dict[str, float]


def verdict_rates(passed: Sequence[bool], satisfied: Sequence[bool]) -> Rates:
    """Precision, recall, recall on false responses and false-pass rate.

    Args:
        passed: the verdicts.
        satisfied: the truth, in the same order; both kinds occur in it.
    """
    pairs = list(zip(passed, satisfied, strict=True))
    true_passes = sum(p and s for p, s in pairs)
    false_passes = sum(p and not s for p, s in pairs)
    false_pass_rate = false_passes / (len(pairs) - sum(satisfied))
    return {
        "precision": true_passes / sum(passed),
        "recall": true_passes / sum(satisfied),
        "recall_on_false": 1 - false_pass_rate,
        "false_pass_rate": false_pass_rate,
    }


def _with(**wrong: Callable[[Rates, int, int], float]) -> Callable[..., Rates]:
    """The right rates, but for those given, computed from (rates, number passed, all)."""

    def answer(passed: Sequence[bool], satisfied: Sequence[bool]) -> Rates:
        rates = verdict_rates(passed, satisfied)
        changed = {name: rule(rates, sum(passed), len(passed)) for name, rule in wrong.items()}
        return rates | changed

    return answer


_CASES = (
    Case(
        "five verdicts, two of them wrong",
        {
            "passed": [True, True, True, False, False],
            "satisfied": [True, True, False, True, False],
        },
    ),
    Case(
        "a judge that says yes to everything",
        {"passed": [True] * 6, "satisfied": [True, False, False, True, False, False]},
    ),
)

EXERCISES: dict[str, Exercise] = {
    "verdict_rates": Exercise(
        label=Label("Four numbers", number=1, difficulty=2, minutes=10, points=2),
        reference=verdict_rates,
        cases=_CASES,
        mistakes=(
            Mistake(
                "exchange precision and recall",
                _with(
                    precision=lambda rates, *_: rates["recall"],
                    recall=lambda rates, *_: rates["precision"],
                ),
            ),
            Mistake(
                "exchange recall on false responses and the false-pass rate",
                _with(
                    recall_on_false=lambda rates, *_: rates["false_pass_rate"],
                    false_pass_rate=lambda rates, *_: rates["recall_on_false"],
                ),
            ),
            Mistake(
                "divide false passes by all that passed (that is 1 - precision) instead of by "
                "all that are violated",
                _with(
                    false_pass_rate=lambda rates, *_: 1 - rates["precision"],
                    recall_on_false=lambda rates, *_: rates["precision"],
                ),
            ),
            Mistake(
                "divide false passes by all that passed (that is 1 - precision) in the "
                "false-pass rate: it is a share of all that are violated",
                _with(false_pass_rate=lambda rates, *_: 1 - rates["precision"]),
            ),
            Mistake(
                "divide false passes by all responses instead of by the violated ones",
                _with(
                    false_pass_rate=lambda rates, passed, total: (
                        passed * (1 - rates["precision"]) / total
                    ),
                    recall_on_false=lambda rates, passed, total: (
                        1 - passed * (1 - rates["precision"]) / total
                    ),
                ),
            ),
        ),
        not_covered="lists in which nothing passed, or nothing is violated (0 / 0).",
    ),
}
