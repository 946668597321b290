"""A pilot of five instructions whose rewards are written down, and not sampled."""

from __future__ import annotations

from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.refine.pilot_log import Pilot, PilotSettings, Sampled, attempt

NO_COMMA = Constraint("punctuation:no_comma", {}, "Do not use any commas.")
TITLE = Constraint("detectable_format:title", {}, "Add a <<title>>.")
WARM = Constraint("tone:warm", {}, "Sound warm.", "soft")
KIND = Constraint("emotion:joy", {}, "Convey joy.", "soft")


def _made(id: str, *constraints: Constraint, unlearnable: str = "") -> Instruction:
    prompt = " ".join(["Write about tea.", *(each.text for each in constraints)])
    return Instruction(id, prompt, constraints, "Write about tea.", ("tea",), unlearnable)


MANY = [
    _made("good", NO_COMMA),
    _made("late", NO_COMMA, WARM, KIND),
    _made("hard", NO_COMMA, TITLE),
    _made("bad", TITLE, unlearnable="contradictory"),
    _made("far", NO_COMMA, TITLE, WARM, unlearnable="beyond"),
]
HISTORIES = {
    "good": [1.0, 0.0, 1.0, 1.0],
    "late": [0.0, 0.0, 0.0, 1.0],
    "hard": [0.0] * 4,
    "bad": [0.0] * 4,
    "far": [0.0, 1.0, 0.0, 0.0],
}


def pilot_of(histories: dict[str, list[float]], stop: str = "") -> Pilot:
    """A pilot whose responses were rewarded as given (by the strict reward)."""
    texts = {1.0: "<<On tea>>\n\nHot tea is a pleasant drink.", 0.0: "Well, no."}
    attempts = {
        each.id: tuple(attempt(each, Sampled(texts[one], 3, True)) for one in histories[each.id])
        for each in MANY
    }
    settings = PilotSettings(samples=4, stop=stop, reward="strict")
    return Pilot(settings, "tiny", None, len(MANY), tuple(MANY), attempts)
