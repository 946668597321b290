"""Letters, prose, runs, sentences and glances: the functions behind the language readings."""

from __future__ import annotations

from hppt_lib.verifiers.registry import Verdict
from tests.verifiers.cases.function_case import function_cases, listed_cases
from tests.verifiers.cases.ifeval_languages import (
    CHINESE,
    ENGLISH,
    FRENCH,
    GERMAN,
    HINDI,
    KOREAN,
    RUSSIAN,
)

_LANGUAGES = "hppt_lib.verifiers.languages"


def _long(sample: str, characters: int) -> str:
    """A sample again and again, of exactly so many characters; the last one ends a sentence."""
    return (f"{sample} " * (characters // len(sample) + 1))[: characters - 2] + ". "


LETTERS = (
    ("Tea 4 you, x_y!", 8, "neither digits nor marks"),
    ("\x7f\x00 \t", 0, "control characters are no letters, the last of ASCII neither"),
    ("azAZ@[`{", 4, "the first and last letters, and the characters beside them"),
    ("чай ½ ² é", 4, "no ASCII: letters, not numerals"),
    ("चाय", 2, "a mark over a letter is none"),
    ("", 0, "nothing"),
)

OF = (
    ("Latin", "té чай", ["t", "é"], "accents are Latin"),
    ("Latin", "ª º × ÷", ["ª", "º"], "signs between the letters are none"),
    ("Greek", "tea τσ", ["τ", "σ"], "Greek among others"),
    ("Devanagari", "चाय tea", ["च", "ा", "य"], "with its marks"),
    ("Japanese", "お茶 tea 차", ["お", "茶"], "kana and characters are both Japanese"),
    ("Kana", "お茶", ["お"], "kana alone"),
    ("Han", "お茶", ["茶"], "characters alone"),
)
WITHOUT = (
    ("Latin", "Tea 4 you", "", "ASCII"),
    ("Greek", "tea", "tea", "ASCII is no Greek"),
    ("Greek", "tea, 4 τσάι", "tea", "no digits, no marks"),
    ("Latin", "té, “чай”.", "чай", "Latin and what stands between letters"),
    ("Latin", "ª × é", "×", "signs between the letters stay"),
    ("Devanagari", "चाय @[`{ tea", "tea", "the characters beside the letters of ASCII"),
    ("Devanagari", "a z A Z चाय", "azAZ", "the first and last letters"),
)
HAS_LETTERS = (
    ("ab1c", 3, True, "as many as there are"),
    ("ab1c", 4, False, "digits are none"),
    ("", 1, False, "none"),
    ("", 0, True, "none wanted"),
    ("", -1, True, "less than none wanted"),
)
PLACES = (
    ("abcdefg", 3, ("abc", "cde", "efg"), "beginning, middle and end"),
    ("abcdef", 3, ("abc", "bcd", "def"), "no place in the very middle"),
    ("ab", 3, ("ab", "ab", "ab"), "a short text is seen whole"),
)
MAY_BE_ENGLISH = (
    (
        "Sie war in der Stadt an der Donau.\nMan sah ihn in der Straße.",
        ["Sie war in der Stadt an der Donau."],
        "two small words in one sentence",
    ),
    ("Sie war in der Stadt in der Nacht.\nMan sah ihn an der Straße.", [], "one in each"),
    ("SIE WAR IN DER STADT AN DER DONAU.", ["SIE WAR IN DER STADT AN DER DONAU."], "in capitals"),
    ("", [], "nothing"),
)
_MOSTLY_GERMAN = "Der Zug hatte heute Morgen wie le train était encore en retard"
_MOSTLY_FRENCH = "Der Zug hatte heute M le train était encore en retard ce matin"
CLEAR_LOOKS = (
    ({"de"}, GERMAN, FRENCH, True, "a glance is enough"),
    ({"de"}, FRENCH, GERMAN, False, "a glance at another language as well"),
    ({"de"}, "12", GERMAN, True, "a glance at nothing: the longer look decides"),
    ({"de"}, "12", FRENCH, False, "the longer look shows another"),
    ({"de", "fr"}, "12", FRENCH, True, "one of two"),
    ({"en"}, "12", "12", False, "neither shows anything"),
    ({"de"}, _MOSTLY_GERMAN, FRENCH, True, "more likely than not is enough in a glance"),
    ({"de"}, _MOSTLY_FRENCH, GERMAN, True, "and not enough against it"),
    ({"de"}, "12", _MOSTLY_GERMAN, False, "the longer look must be sure"),
)
POSSIBLE = ((GERMAN, {"de"}, "what is hardly likely is not possible"),)

PROSE = (
    ("a```x```b", "a\nb", "code is cut out and the words around it stay apart"),
    ("a```x", "a", "code that nothing closes"),
    ("a`x`b", "a b", "code in a line"),
    ("a`x\ny`b", "a`x\ny`b", "not over the end of a line"),
    ("a `` b", "a `` b", "nothing between the marks"),
    ("see http://x.y/z now", "see   now", "an address"),
    ("see https://x now", "see   now", "a safe one"),
    ("see http:// now", "see http:// now", "only its beginning"),
    ("http:/x http//x", "http:/x http//x", "no address"),
    ("see www.x.y now", "see   now", "an address without a scheme"),
    ("see www. now", "see www. now", "only its beginning"),
    ("wwwx now", "wwwx now", "a full stop is no pattern"),
    ("[a] b]", "  b]", "a placeholder ends at the first bracket"),
    ("[a [b] c", "[a   c", "and begins at the last"),
    ("a []", "a []", "nothing in brackets"),
    ("a [x\ny]", "a [x\ny]", "brackets over two lines"),
    (f"a [{'x' * 40}]", "a  ", "forty characters are a placeholder"),
    (f"a [{'x' * 41}]", f"a [{'x' * 41}]", "more are a remark"),
    ("`tea`", "`tea`", "if there is only code, it is what counts"),
    ("```\ntea\n``` 1.", "```\ntea\n``` 1.", "a digit beside it is no prose"),
    ("a" * 100_001, "a" * 100_000, "what comes after the limit is not read"),
)

LATIN_RUNS = (
    ("यह one two three four है", "one two three four", "four words"),
    ("यह one two three है four", None, "three and one"),
    ("यह - one, 5 (two) three - four. है", "one two three four", "marks and digits between"),
    ("one two three four", "one two three four", "at the end of the text"),
    ("यह One Two Three four है", None, "a title"),
    ("यह One Two three four है", None, "half in capitals"),
    ("यह One Two three four five है", "One Two three four five", "most in small letters"),
    ("oneж two three four", None, "a word of two scripts is not Latin"),
    ("жone two three four", None, "in whatever order"),
    ("यह One Two Three Four है one two three four", "one two three four", "the second run"),
    ("", None, "nothing"),
)

_TEA = "The tea is hot and the cup is big{}"
PIECES = (
    *(
        (
            _TEA.format(mark) + " " + _TEA.format("."),
            [_TEA.format(mark), _TEA.format(".")],
            f"a sentence ends with {mark!r}",
        )
        for mark in ".!?:;…।۔"
    ),
    (f"{_TEA}, {_TEA}", [f"{_TEA}, {_TEA}"], "none ends with a comma"),
    (f"{_TEA}\n{_TEA}", [_TEA, _TEA], "a line ends it"),
    (f"{_TEA}.{_TEA}", [f"{_TEA}.{_TEA}"], "a mark without a space does not"),
    ("a" * 30 + "\nb", ["a" * 30, " b"], "thirty characters stand alone"),
    ("a" * 29 + "\nb", [" " + "a" * 29 + " b"], "fewer are joined"),
    ("a\nb\n\nc", [" a b", " c"], "within a paragraph"),
    ("a" * 30 + "\n\n" + "b" * 30, ["a" * 30, "b" * 30], "nothing short, nothing more"),
    ("", [" "], "nothing"),
)

_FRENCH = FRENCH[:77] + "."
# One word that is English as well ("me"); with "on" instead of "elle" two.
_ONE_WORD = "elle me parlait du temps et de la nourriture du voyage."
_MORE_FRENCH = (
    "elle venait de rentrer d'un voyage. nous avons parlé du temps. il faisait froid dans la rue. "
    "je suis rentré chez moi le soir. "
) * 2
_HALF_FRENCH = _long(GERMAN, 600) + _long(FRENCH, 600)
JUDGED = (
    (_long(GERMAN, 2_000), "de", Verdict(True, "0% in other languages"), "long, and German"),
    (_HALF_FRENCH, "de", Verdict(False, "49% in other languages"), "1200: by sentences"),
    (_HALF_FRENCH + " ", "de", Verdict(False, "a part is in the language 'fr'"), "1201: parts"),
    (
        _long(GERMAN, 700) + _long(FRENCH, 400) + _long(GERMAN, 500),
        "de",
        Verdict(False, "a part is in the language 'fr'"),
        "the middle is French",
    ),
    (
        _long(GERMAN, 1_600) + _long(FRENCH, 400),
        "de",
        Verdict(False, "a part is in the language 'fr'"),
        "the end is French",
    ),
    (
        _long(GERMAN, 1_400) + FRENCH[:79] + _long(GERMAN, 500),
        "de",
        Verdict(True, "0% in other languages"),
        "a sentence where no glance falls",
    ),
    (
        f"{GERMAN} {_FRENCH}",
        "de",
        Verdict(True, "32% in other languages"),
        "a French sentence at the end",
    ),
    (
        f"{GERMAN} {GERMAN}\n{ENGLISH[:70]}.",
        "de",
        Verdict(False, f"English: {ENGLISH[:60]}"),
        "an English sentence",
    ),
    (
        f"{GERMAN} Unfortunately everybody disagreed yesterday.",
        "de",
        Verdict(True, "21% in other languages"),
        "four English words are like those of any language",
    ),
    (
        f"{GERMAN} Unfortunately everybody else disagreed yesterday.",
        "de",
        Verdict(False, "English: Unfortunately everybody else disagreed yesterday."),
        "five are a sentence",
    ),
    (
        f"{GERMAN} {GERMAN} {GERMAN} {GERMAN} {FRENCH}",
        "de",
        Verdict(True, "19% in other languages"),
        "two French sentences in ten",
    ),
    (f"{_FRENCH} {GERMAN}", "fr", Verdict(False, "the language is 'de'"), "more German"),
    (
        f"{GERMAN} {_ONE_WORD} {_long(GERMAN, 800)}",
        "de",
        Verdict(True, "0% in other languages"),
        "German all over: only what may be English is looked at",
    ),
    (
        f"{GERMAN} {_ONE_WORD.replace('elle', 'on')} {_long(GERMAN, 800)}",
        "de",
        Verdict(True, "5% in other languages"),
        "two words that are English as well",
    ),
    (
        f"elle est venue hier soir avec nous tous. {GERMAN} {GERMAN}",
        "de",
        Verdict(True, "11% in other languages"),
        "a glance at French: all sentences are looked at",
    ),
    (
        f"{GERMAN[:115]}. {_FRENCH}",
        "de",
        Verdict(False, "40% in other languages"),
        "two fifths are too many",
    ),
    (
        f"{GERMAN[:116]}. {_FRENCH}",
        "de",
        Verdict(True, "40% in other languages"),
        "less than two fifths",
    ),
    (
        _long(GERMAN, 1_200 - 130) + _MORE_FRENCH[:130],
        "de",
        Verdict(True, "11% in other languages"),
        "1200, and the end mostly German: all sentences are looked at",
    ),
    (
        _long(GERMAN, 1_201 - 160) + _MORE_FRENCH[:160],
        "de",
        Verdict(True, "0% in other languages"),
        "1201: only what may be English",
    ),
    (
        _long(GERMAN, 1_201 - 212) + _MORE_FRENCH[:212],
        "de",
        Verdict(False, "a part is in the language 'fr'"),
        "most of the end French",
    ),
    (RUSSIAN, "bg", Verdict(False, "the language is 'ru'"), "another language"),
    ("Tea is hot.", "de", Verdict(False, "the language seems to be 'en'"), "short"),
)

# It has none of the words that only English has.
_ENGLISH_WITHOUT_SMALL_WORDS = (
    "My kettle was already boiling as everybody came downstairs, looking tired after another late "
    "evening. Somebody had eaten nearly all biscuits, but nobody wanted to admit it. Outside, "
    "heavy rain kept falling while neighbours hurried past."
)
_FRENCH_WORDS = FRENCH + " nous avons parlé du temps."
_MOTTO = "Tout est pour le mieux dans le meilleur des mondes possibles."
CLEARLY = (
    ("tea чай", None, "half of the letters are Latin"),
    ("tea чайй", "3 of 7 letters are Latin", "fewer than half"),
    (FRENCH, "the language is 'fr'", "French"),
    ("the and of " + FRENCH, "the language is 'fr'", "three small words are not enough"),
    ("the and of that " + FRENCH, None, "four are"),
    ("THE AND OF THAT " + FRENCH, None, "in capitals"),
    ("this with you your " + FRENCH, None, "four others"),
    ("from they have are " + FRENCH, None, "the other four"),
    ("the the of of " + FRENCH, "the language is 'fr'", "the same word twice is one"),
    (
        "the and of " + _long(FRENCH, 285) + "thats",
        None,
        "the fourth ends where the reading does",
    ),
    (FRENCH[:30], None, "too short to tell"),
    (
        FRENCH[:60]
        + " Unfortunately everybody else disagreed yesterday evening about dinner plans. "
        "Maybe tomorrow brings better weather, happier people, cheaper food, fewer arguments.",
        None,
        "a line of French, and English after it",
    ),
    (FRENCH[:46] + ". " + _ENGLISH_WITHOUT_SMALL_WORDS, None, "less French than English"),
    (
        "Je pense, donc je suis, et je reste toujours dans le doute. Nobody expected better "
        "weather yesterday, yet everybody stayed outdoors until midnight. Several students "
        "finished their homework early this afternoon. Please remember: always wash vegetables "
        "before cooking them.",
        None,
        "a French motto, and three English sentences without small words",
    ),
    (
        f"Modern computers process enormous amounts of information. {_MOTTO} Nobody expected "
        f"better weather yesterday, yet everybody stayed outdoors until midnight. {_MOTTO} "
        "My neighbour bought several old books yesterday afternoon.",
        None,
        "English at the beginning, in the middle and at the end, and twice a French motto",
    ),
)

WRITTEN_IN = (
    (KOREAN, "ko", Verdict(True, "written in Hangul"), "only Korean has the script"),
    (
        "आज सुबह ट्रेन फिर देर से आई a b c d",
        "hi",
        Verdict(False, "another language: a b c d"),
        "4 letters",
    ),
    (CHINESE[:30] + "のはがで", "zh", Verdict(True, "kana among the characters: few"), "four kana"),
    (CHINESE[:30] + "のはがでに", "zh", Verdict(False, "kana among the characters: many"), "five"),
    (
        "আজ সকালে ট্রেন আবার দেরি করেছে, তাই আমি হেঁটে অফিসে গিয়েছিলাম। পথে এক পুরোনো বন্ধুর সঙ্গে দেখা হলো।",
        "bn",
        Verdict(True, "0% in other languages"),
        "others have the script as well",
    ),
    (CHINESE[:30] + "の", "ja", Verdict(True, "kana: some"), "one kana is enough"),
    ("আজ সকালে ট্রেন", "bn", Verdict(True, "the language seems to be 'bn'"), "short"),
    (HINDI, "hi", Verdict(True, "0% in other languages"), "Hindi"),
)


CASES = (
    *function_cases(_LANGUAGES, "_letters", LETTERS),
    *listed_cases(_LANGUAGES, "_letters_of", OF),
    *function_cases(_LANGUAGES, "_without", WITHOUT),
    *function_cases(_LANGUAGES, "_has_letters", HAS_LETTERS),
    *function_cases(_LANGUAGES, "_places", PLACES),
    *function_cases(_LANGUAGES, "_may_be_english", MAY_BE_ENGLISH),
    *function_cases(_LANGUAGES, "_is_clearly", CLEAR_LOOKS),
    *function_cases(_LANGUAGES, "_possible", POSSIBLE),
    *function_cases(_LANGUAGES, "_prose", PROSE),
    *function_cases(_LANGUAGES, "_latin_run", LATIN_RUNS),
    *listed_cases(_LANGUAGES, "_pieces", PIECES),
    *function_cases(_LANGUAGES, "_model_verdict", JUDGED),
    *function_cases(_LANGUAGES, "clearly_not_english", CLEARLY),
    *function_cases(_LANGUAGES, "written_in", WRITTEN_IN),
)
