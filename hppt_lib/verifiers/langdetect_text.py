"""Decides about languages as langdetect does, for the reading ``reference``, in less time.

IFEval's program asks langdetect 1.0.9, which takes nine tenths of the time of the whole reading: it
multiplies the probabilities of 55 languages one by one in Python, thousands of times a text. Here
the same steps are made on whole rows of numbers, and a character is looked up once. Every number is
the same to the last bit, so that each verdict is too; the tests compare the two.

The benchmark's program lets langdetect draw at random. Here the draws have a seed of their own.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from hppt_lib.verifiers.registry import Verdict

if TYPE_CHECKING:
    import numpy as np

# langdetect reads 10,000 characters; five times as many leave room for the addresses it drops.
_LONGEST = 50_000
_NO_FEATURES = "no language: langdetect finds nothing to go by"
_SEED = 0
_AT_ONCE = 5
_LONG = 40  # characters: a longer word seldom comes again
_SPACES = re.compile("  +")
_LATIN = re.compile("[A-z]")  # as langdetect has it, with the six marks between Z and a
# It means to leave out the letters of Vietnamese, and compares a number with a name: they count.
_NOT_LATIN = re.compile("[\u0300-\U0010ffff]")


def langdetect_verdict(text: str, wanted: str) -> Verdict:
    """Whether langdetect finds the language ``wanted``; passed if it finds none."""
    language = langdetect_language(text)
    if language is None:
        return Verdict(True, _NO_FEATURES)
    return Verdict(language == wanted, f"the language is '{language}', '{wanted}' wanted")


def langdetect_language(text: str) -> str | None:
    """The language that langdetect puts first, or ``unknown``; None if it finds no features."""
    import numpy as np  # here, so that whoever uses the other verifiers need not wait for it

    known = _langdetect()
    grams = known.grams(text[:_LONGEST])
    if not grams:
        return None
    draw, settings, rates = random.Random(_SEED), known.detector, known.rates
    size = len(known.languages)
    chances = np.zeros(size)
    flat = np.empty((1 + _AT_ONCE) * size)
    for _ in range(settings.n_trial):
        trial = np.full(size, 1.0 / size)
        alpha = settings.alpha + draw.gauss(0.0, 1.0) * settings.ALPHA_WIDTH
        weight = alpha / settings.BASE_FREQ
        step, number = 0, 1  # it adds up after the first run of characters, then after each fifth
        while True:
            used = flat[: (1 + number) * size]
            np.concatenate([rates[each] for each in _drawn(grams, number, draw)], out=used[size:])
            used[size:] += weight
            used[:size] = trial
            trial = np.multiply.reduce(used.reshape(-1, size))  # row after row, as langdetect does
            values = trial.tolist()
            total = sum(values)  # one after the other, and so in a list
            trial /= total
            if max(values) / total > settings.CONV_THRESHOLD or step >= settings.ITERATION_LIMIT:
                break
            step, number = step + _AT_ONCE, _AT_ONCE
        chances += trial / settings.n_trial
    best = int(chances.argmax())
    enough = chances[best] > settings.PROB_THRESHOLD
    return known.languages[best] if enough else str(settings.UNKNOWN_LANG)


def _drawn(grams: list[str], number: int, draw: random.Random) -> list[str]:
    """So many of them, as `random.Random.choice` draws each, in a third of the time."""
    length = len(grams)
    bits, more = length.bit_length(), draw.getrandbits
    found = []
    for _ in range(number):
        place = more(bits)
        while place >= length:
            place = more(bits)
        found.append(grams[place])
    return found


class _Rates(dict[str, "np.ndarray"]):
    """How frequent a run of characters is in each language: an array once it is asked for."""

    def __init__(self, lists: dict[str, list[float]]) -> None:
        super().__init__()
        self.lists = lists

    def __missing__(self, gram: str) -> np.ndarray:
        import numpy as np

        self[gram] = found = np.array(self.lists[gram])
        return found


@dataclass(frozen=True, eq=False)
class _Langdetect:
    """What langdetect knows.

    Attributes:
        detector: one of its detectors, for its settings.
        languages: their codes, in its order.
        rates: of each run of one to three characters, how frequent it is in each language.
        longest: characters that it reads.
    """

    detector: Any
    languages: list[str]
    rates: _Rates
    longest: int

    def grams(self, text: str) -> list[str]:
        """The known runs of characters in a text, as langdetect takes them from it."""
        from langdetect.utils.ngram import NGram

        text = self.detector.MAIL_RE.sub(" ", self.detector.URL_RE.sub(" ", text))
        text = _SPACES.sub(" ", NGram.normalize_vi(text)[: self.longest])
        if 2 * len(_LATIN.findall(text)) < len(_NOT_LATIN.findall(text)):
            text = _LATIN.sub("", text)
        found: list[str] = []
        for word in "".join(map(_normalised, text)).replace(" ", " \n").split("\n"):
            found += _of_word(word) if len(word) < _LONG else _of_word.__wrapped__(word)
        return found


@cache
def _langdetect() -> _Langdetect:
    """Loaded once, with a factory of our own: the library's own seed stays as the user set it."""
    from pathlib import Path

    from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

    factory = DetectorFactory()
    # Sorted: the order in which a disk lists them would change the last digits.
    profiles = sorted(Path(PROFILES_DIRECTORY).iterdir())
    factory.load_json_profile([path.read_text(encoding="utf-8") for path in profiles])
    detector = factory.create()
    return _Langdetect(
        detector, factory.langlist, _Rates(factory.word_lang_prob_map), detector.max_text_length
    )


@lru_cache(maxsize=20_000)
def _of_word(word: str) -> tuple[str, ...]:
    """The known runs of characters in a word with the space after it: words share none."""
    rates = _langdetect().rates.lists
    found: list[str] = []
    last, capitals = " ", False  # up to three characters; whether a word of capitals has begun
    for each in word if word != " " else "":
        before = last[-1]
        last = (last[1:] if len(last) == 3 and before != " " else last) + each
        capitals = each.isupper() and (capitals or before.isupper())
        if not capitals:
            if each in rates and each != " ":
                found.append(each)
            if last[-2:] in rates:
                found.append(last[-2:])
            if len(last) == 3 and last in rates:
                found.append(last)
    return tuple(found)


@lru_cache(maxsize=20_000)
def _normalised(character: str) -> str:
    from langdetect.utils.ngram import NGram

    return str(NGram.normalize(character))
