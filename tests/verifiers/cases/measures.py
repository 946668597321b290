"""Measures of a text as constraints (`hppt_lib.verifiers.measures`)."""

from __future__ import annotations

from tests.verifiers.cases.case import Case


def _case(measure: str, value: int, more: str, fewer: str) -> tuple[Case, Case]:
    """A response on each side of the threshold, for both relations."""
    kwargs = {"measure": measure, "value": value}
    high, low = ((more, "at or above"),), ((fewer, "below"),)
    return (
        Case("hppt:measure", {**kwargs, "relation": "at least"}, passes=high, fails=low),
        Case("hppt:measure", {**kwargs, "relation": "less than"}, passes=low, fails=high),
    )


CASES: tuple[Case, ...] = (
    *_case("words a sentence", 4, "It is hot tea. So is that one.", "It is hot tea. It is."),
    *_case("first person", 25, "I like hot tea.", "She likes hot tea."),
    *_case("first person", 25, "I'm in a hurry.", "I'm in a big hurry."),
    *_case("second person", 50, "You drink your hot tea? Yours, you!", "You drink your hot tea."),
    *_case("past tense", 33, "It was hot.", "It is a very hot day."),
    *_case("imperatives", 50, "Boil the water. It is hot.", "The water boils. It is hot."),
    *_case("contractions", 33, "It isn't hot.", "It is the dog's bone."[:13]),
    *_case("exclamation marks", 50, "Hot tea!", "Hot tea for you!"),
    *_case("greeting", 100, "Dear Ms Lee, here it is.", "My dear Ms Lee, here it is."),
    *_case("balance of feeling", 0, "A lovely but sad day.", "A sad but terrible day."),
    *_case("numbers", 20, "It has 4 big rooms.", "It has four big rooms."),
    *_case("long words", 50, "Extraordinary tea", "Extraordinary hot tea"),
    *_case("reading grade", 10, "Considerable deliberation necessitates patience.", "I see a cat."),
)
