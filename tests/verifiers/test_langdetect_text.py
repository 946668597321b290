"""langdetect's decisions in less time: every one must be langdetect's own."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory
from langdetect.lang_detect_exception import LangDetectException

from hppt_lib.verifiers.langdetect_text import langdetect_language, langdetect_verdict


@cache
def factory() -> DetectorFactory:
    made = DetectorFactory()
    profiles = sorted(Path(PROFILES_DIRECTORY).iterdir())
    made.load_json_profile([path.read_text(encoding="utf-8") for path in profiles])
    made.set_seed(0)
    return made


def langdetects_own(text: str) -> str | None:
    detector = factory().create()
    try:
        detector.append(text)
        return str(detector.detect())
    except LangDetectException:
        return None


# Letters of many languages, those of Vietnamese apart and whole, wide ones, capitals, addresses.
mixed = st.text(
    "aeinrst AEINT .,\n12\u00fc\u00df\u0219\u1ea1\u0300\u0431\u0433\u0905\u4e2d\u3042\uac00\u0639@:"
)
words = st.lists(
    st.sampled_from(
        [
            "the",
            "and",
            "tea",
            "is",
            "hot",
            "Tee",
            "und",
            "ist",
            "heiß",
            "NASA",
            "http://a.b/c",
            "me@x.y",
            "le",
            "thé",
            "est",
            "chaud",
            "чай",
            "и",
            "茶是热的",
            "trà",
            "và",
            "nóng",
            "",
            "1",
        ]
    ),
    max_size=40,
).map(" ".join)


@given(st.one_of(mixed, words))
def test_every_decision_is_langdetects(text: str) -> None:
    """Mistake: a sum in another order, a draw more or less, a letter that is counted otherwise."""
    assert langdetect_language(text) == langdetects_own(text)


@pytest.mark.parametrize(
    "text",
    [
        "A long word: " + "antidisestablishmentarianism" * 9,
        "Tea is hot. " * 1_200,  # more than langdetect reads
        "\u8336" * 300 + " and tea",
        "ABC DEF " * 30,
    ],
)
def test_long_and_odd_texts(text: str) -> None:
    assert langdetect_language(text) == langdetects_own(text)


def test_no_features_pass() -> None:
    """Mistake: a text without letters that fails, where the benchmark's program lets it pass."""
    assert langdetect_verdict("12 ... 34", "de").passed
    assert not langdetect_verdict("Tea is hot and the cup is big.", "de").passed
