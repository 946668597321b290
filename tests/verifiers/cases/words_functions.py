"""Words, relations and numbers: what the functions of `hppt_lib.verifiers.words` must give back."""

from __future__ import annotations

from tests.verifiers.cases.function_case import function_cases

_MODULE = "hppt_lib.verifiers.words"

# Each row: the arguments, what must come back, what is special about it.
WORDS = (
    ("Tea is hot.", ["Tea", "is", "hot."], "three words"),
    ("don't well-known 3.5", ["don't", "well-known", "3.5"], "marks inside a word"),
    ("tea - hot * ** --- ?", ["tea", "hot"], "a mark alone is no word"),
    ('"Tea" (hot', ['"Tea"', "(hot"], "a mark before the word"),
    ("tea—hot tea–hot tea…hot", ["tea", "hot"] * 3, "long dashes separate"),
    ("* tea\n\n1. hot\t\xa0cup", ["tea", "1.", "hot", "cup"], "white space of every kind"),
    ("чай горячий", ["чай", "горячий"], "Cyrillic"),
    ("चाय", ["चाय"], "marks of Devanagari"),
    ("热茶", ["热", "茶"], "each Chinese character"),
    ("☕ 🫖", [], "pictures are no words"),
    ("", [], "nothing"),
    (" \n", [], "blank"),
)

BARE_WORDS = (
    ("(Tea), *DON'T* “Straße”", ["tea", "don't", "strasse"], 'neither case nor marks: "(Tea),"'),
    ("_tea_ well-known 3.5.", ["tea", "well-known", "3.5"], "an underscore is a mark as well"),
    ("snake_case f(x)", ["snake_case", "f(x"], "marks inside stay, to the last letter"),
    ("tea—hot tea–hot tea…hot", ["tea", "hot"] * 3, "long dashes separate, as in words()"),
    ("a 1 - ** ?!", ["a", "1"], "words of one character; marks alone are none"),
    ("ЧАЙ, 热茶。", ["чай", "热", "茶"], "other scripts"),
    ("की का। दिल्ली,", ["की", "का", "दिल्ली"], "a vowel sign at the end belongs to the word"),
    ("(ดี) ดู", ["ดี", "ดู"], "in Thai too"),
    ("", [], "nothing"),
)

OCCURRENCES = (
    ("tea", "Tea, TEA and tea.", 3, "any case"),
    ("TEA", "Tea, TEA and tea.", 3, "any case of the keyword as well"),
    ("war", "forward war warm", 1, "not inside another word"),
    ("tea", "steatea tea teapot", 1, "not at the end or the start of another word"),
    ("tea", "1tea tea1", 0, "a digit belongs to the word"),
    ("tea", "_tea_ **tea** __tea__", 3, "emphasis does not"),
    ("black tea", "black *tea*, _black_ tea, **black tea**", 3, "nor inside a phrase"),
    ("茶", "我喜欢喝茶因为它很香", 1, "no spaces between words"),
    ("a1", "说a1吧", 1, "letters of a script without spaces beside it"),
    ("น้ำ", "ดื่มน้ำมาก", 1, "running Thai"),
    ("straße", "STRASSE", 1, "capitals without a ß"),
    ("tea", "(tea) tea-cup", 2, "brackets and a hyphen do not"),
    ("ice cream", "ice  cream, ice\ncream and icecream", 2, "a phrase over any white space"),
    ("ice cream", "nice cream ice creams", 0, "a phrase inside longer words"),
    (" a  b c ", "a b c, a b", 1, "all parts of a phrase"),
    ("c++", "C++ and c, c++11", 2, "plain text, not a pattern"),
    (".*", "tea", 0, "plain text, not a pattern"),
    ("tea .*", "tea cup", 0, "the second part is plain text as well"),
    ("(", "((", 2, "an unbalanced bracket"),
    ("чай", "Чай, чайник", 1, "other scripts"),
    ("", "tea", 0, "a blank keyword does not raise"),
)

RELATIONS = (
    (2, "at least", 3, False, "below the threshold"),
    (3, "at least", 3, True, "at the threshold"),
    (4, "at least", 3, True, "above the threshold"),
    (2, "less than", 3, True, "below the threshold"),
    (3, "less than", 3, False, 'mistake: "less than 3" that passes 3'),
    (4, "less than", 3, False, "above the threshold"),
    *(
        (2, relation, 3, ValueError, "mistake: an else branch that takes whatever is left")
        for relation in ("at most", "", "AT LEAST", None)
    ),
)

COUNTED = (
    (0, "word", "0 words", "none"),
    (1, "word", "1 word", "one"),
    (2, "word", "2 words", "several"),
)

FIRST_WORDS = (
    ("tea is hot", 2, "tea is", "no space at the end"),
    ("tea,\n\n* hot", 2, "tea,\n\n* hot", "line breaks stay; a bullet's mark is no word"),
    ("tea,\n* hot cup", 2, "tea,\n* hot", "the mark before the word is kept"),
    ("tea—hot cup", 1, "tea", "a long dash separates, as it does in words()"),
    ("tea–hot…cup", 2, "tea–hot", "so do the shorter dash and the dots"),
    ("tea is", 9, "tea is", "shorter than the cut"),
    ("", 3, "", "nothing"),
)

STRETCHES = (
    ("tea—hot – 5…x\n* y", ["tea", "hot", "5", "x", "*", "y"], "dashes and white space part"),
)

WORD_COUNTS = (
    ("", 0, "nothing"),
    ("tea", 1, "one"),
    (" tea", 1, "white space before it"),
    ("tea 5 x_y don't", 4, "digits, marks inside"),
    ("- tea * _ ~ !", 1, "marks alone are none"),
    ("tea\x7f \x7f", 1, "the last of ASCII is a mark"),
    ("\x7ftea", 1, "before a word as well"),
    ("a\tb\nc\x1fd", 4, "white space of every kind"),
    ("a\u2018b c\u2019d \u201ce\u201d \u2022 f", 4, "typographic marks"),
    ("\u2018 \u2019 \u201c \u201d \u2022", 0, "typographic marks alone"),
    ("a\u2013b\u2014c\u2026d\u00a0e", 5, "dashes and a no-break space part words"),
    ("été чай 茶 -", 3, "other letters"),
)

PROSE_WORDS = (
    ("100. Tea\n1000. Cup", ["Tea", "1000", "Cup"], "the number of an item has up to three digits"),
    ("**2.** Tea is 3. Cup", ["Tea", "is", "3", "Cup"], "and stands at the start of its line"),
)

CASES = (
    *function_cases(_MODULE, "words", WORDS),
    *function_cases(_MODULE, "bare_words", BARE_WORDS),
    *function_cases(_MODULE, "occurrences", OCCURRENCES),
    *function_cases(_MODULE, "satisfies", RELATIONS),
    *function_cases(_MODULE, "counted", COUNTED),
    *function_cases(_MODULE, "first_words", FIRST_WORDS),
    *function_cases(_MODULE, "stretches", STRETCHES),
    *function_cases(_MODULE, "word_count", WORD_COUNTS),
    *function_cases(_MODULE, "prose_words", PROSE_WORDS),
)
