"""IFEval: keywords and commas, in both readings."""

from __future__ import annotations

from tests.verifiers.cases.case import Case

AT_LEAST, LESS_THAN = "at least", "less than"

CASES = (
    Case(
        "punctuation:no_comma",
        {},
        passes=(
            ("Tea is hot.", "no comma"),
            ("Tea; hot: yes – 'tea' ‚low quote", "marks that look like one"),
            ("茶很热。", "Chinese without one"),
        ),
        fails=(
            ("Tea, hot.", "one"),
            ("1,000 cups", "one inside a number"),
            (",", "nothing else"),
            ("茶，很热。", "full-width"),
            ("茶、水。", "of enumeration"),
            ("شاي، حليب", "Arabic"),
            *((f"tea{each}", "of some script") for each in "\u055d\u060c\u07f8\u1363\u1802\u1808"),
            *((f"tea{each}", "of some script") for each in "\u2e32\u2e34\u2e41\u3001\ua4fe"),
            *((f"tea{each}", "of some script") for each in "\ua60d\ua6f5\ufe10\ufe11\ufe50"),
            *((f"tea{each}", "of some script") for each in "\ufe51\uff0c\uff64"),
        ),
    ),
    Case(
        "punctuation:no_comma",
        {},
        reading="reference",
        passes=(("Tea is hot.", "no comma"), ("茶，很热、شاي،", "only ASCII's is known")),
        fails=(("Tea, hot.", "one"), (",", "nothing else")),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["tea", "ice cream"]},
        passes=(
            ("TEA with ice  cream.", "any case, any space"),
            ("ice\ncream, 'tea'", "any order, over a line end"),
            ("_tea_ and **ICE CREAM**", "emphasis"),
            ("tea's ice cream's", "possessive"),
            ("steam, tea; ice creams, ice cream", "inside other words first"),
            ("#tea ice cream-like", "beside marks"),
        ),
        fails=(
            ("tea", "one of the two"),
            ("ice cream", "the other of the two"),
            ("steam and ice creams", "only inside other words"),
            ("teas and ice cream", "a plural"),
            ("7tea7 ice cream", "beside digits"),
            ("team ice-cream", "near misses"),
            ("tea iceXcream icecream", "no space"),
            ("etea ice cream", "at the end of a longer word"),
            ("étea teaé ice cream", "beside letters with accents"),
            ("tea\u0301 ice cream", "an accent over its last letter"),
            ("茶", "another language"),
        ),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["чай"]},
        passes=(("Чай!", "Cyrillic in any case"), ("чайник. чай", "the second is one")),
        fails=(("чайник", "inside another word"), ("мчай", "at the end of another word")),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["tea"]},
        passes=(
            ("나는 tea를 마신다.", "Hangul after it"),
            ("我喝tea和水", "Chinese around it"),
            ("ดื่มteaร้อน", "Thai around it"),
            ("お茶とteaと", "kana around it"),
            ("ទteaទ", "Khmer around it"),
            ("ကteaက", "Burmese around it"),
            ("\u3400tea\uf900", "rare Chinese characters"),
            ("\u9ffftea\ufaff", "the last Chinese characters"),
        ),
        fails=(
            ("tea\u0663", "an Arabic digit after it"),
            ("чteaя", "Cyrillic around it"),
            ("गteaग", "Devanagari around it"),
        ),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["茶"]},
        passes=(("我喜欢茶和水", "no spaces in Chinese"), ("茶", "alone")),
        fails=(("我喜欢水", "absent"), ("tea", "another language")),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["don't", "C++", "a.m."]},
        passes=(
            ("I don’t write C++11 at 8 a.m.", "curly apostrophe, marks at the end"),
            ("DON'T c++ A.M.x", "a mark at the end parts the words"),
        ),
        fails=(
            ("I dont write C++ at 8 a.m.", "no apostrophe"),
            ("I don't write C at 8 a.m.", "no marks"),
            ("I don't write C++ at 8 aXmX", "the dot is no pattern"),
            ("I don't write ABC++ at 8 a.m.", "inside a word"),
        ),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["42", ".net"]},
        passes=(("42, asp.net", "a mark at the begin parts the words"),),
        fails=(
            ("142 .net", "a digit before it"),
            ("421 .net", "a digit after it"),
            ("a42 .net", "a letter before it"),
            ("42 .nets", "a letter after it"),
        ),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["don’t"]},
        passes=(("I don't.", "straight apostrophe for a curly one"), ("don’t", "the same")),
        fails=(("don´t", "another mark"),),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["tea", "i.e cream"]},
        reading="reference",
        passes=(
            ("steam i.e cream", "inside another word"),
            ("TEA, ice creams", "any case; a dot is any character"),
        ),
        fails=(
            ("tea", "one of the two"),
            ("ice cream", "the other of the two"),
            ("tea ice  cream", "two spaces"),
            ("tea ie cream", "no character for the dot"),
        ),
    ),
    Case(
        "keywords:existence",
        {"keywords": ["?", "C++", "te*", "[a", "te{2}"]},
        reading="reference",
        passes=(("? c++ te* [a te{2}", "no safe patterns, so plain text"),),
        fails=(
            ("? c te* [a te{2}", "C++ is no pattern"),
            ("? c++ t [a te{2}", "te* is no pattern"),
            ("c++ te* [a te{2}", "the first is missing"),
            ("? c++ te* a te{2}", "the class does not close"),
            ("? c++ te* [a tee", "te{2} is no pattern"),
        ),
    ),
    Case(
        "keywords:forbidden_words",
        {"forbidden_words": ["tea", "c++"]},
        passes=(
            ("Steam and teas.", "only inside other words"),
            ("cc", "the word is no pattern"),
            ("茶", "another language"),
        ),
        fails=(
            ("Hot TEA.", "any case"),
            ("C++!", "with marks"),
            ("tea-time", "before a hyphen"),
            ("_tea_", "emphasis"),
        ),
    ),
    Case(
        "keywords:forbidden_words",
        {"forbidden_words": ["tea", "a.b", "c++"]},
        reading="reference",
        passes=(
            ("Steam and teas.", "only inside other words"),
            ("_tea_", "an underscore belongs to the word"),
            ("C++ is fine", "no word boundary after a mark"),
            ("xa.b", "inside a word on the left"),
            ("a.bx", "inside a word on the right"),
        ),
        fails=(
            ("Hot TEA.", "any case"),
            ("tea-time", "before a hyphen"),
            ("aXb", "a dot is any character"),
            ("C++x", "a word boundary after the mark"),
        ),
    ),
    Case(
        "keywords:frequency",
        {"keyword": "war", "frequency": 3, "relation": AT_LEAST},
        passes=(
            ("war, War and WAR", "3: the near side"),
            ("war war war war", "4"),
            ("war-torn _war_ war's", "beside marks"),
        ),
        fails=(
            ("war and war", "2: the far side"),
            ("war war forward wars", "inside other words"),
            ("война", "another language"),
        ),
    ),
    Case(
        "keywords:frequency",
        {"keyword": "war", "frequency": 3, "relation": LESS_THAN},
        passes=(
            ("war and war", "2: the near side"),
            ("war war forward wars", "inside other words"),
            ("Tea is hot.", "none"),
        ),
        fails=(("war, War and WAR", "3: the far side"), ("war war war war", "4")),
    ),
    Case(
        "keywords:frequency",
        {"keyword": "a a", "frequency": 2, "relation": AT_LEAST},
        passes=(("a a a a", "two that do not overlap"), ("aa a a, a a", "after a near miss")),
        fails=(("a a a", "two that overlap"), ("aa a", "inside a word")),
    ),
    Case(
        "keywords:frequency",
        {"keyword": " war ", "frequency": 3, "relation": AT_LEAST},
        reading="reference",
        passes=(
            ("war, forward WARS", "inside other words, any case"),
            ("warwarwar", "side by side"),
        ),
        fails=(("war wars", "2: the far side"), ("w ar w ar w ar", "apart")),
    ),
    Case(
        "keywords:frequency",
        {"keyword": "w.r", "frequency": 2, "relation": LESS_THAN},
        reading="reference",
        passes=(("war", "1: the near side"), ("tea", "none")),
        fails=(("war wir", "2: the far side; a dot is any character"), ("war war war", "3")),
    ),
    Case(
        "keywords:letter_frequency",
        {"letter": "t", "let_frequency": 3, "let_relation": AT_LEAST},
        passes=(("Totter", "3: the near side, capitals too"), ("tttt", "4")),
        fails=(("Tea to", "2: the far side"), ("ттт", "Cyrillic letters that look alike")),
    ),
    Case(
        "keywords:letter_frequency",
        {"letter": " T", "let_frequency": 3, "let_relation": LESS_THAN},
        passes=(("Tea to", "2: the near side"), ("a b c", "none")),
        fails=(("Totter", "3: the far side"), ("tttt", "4")),
    ),
    Case(
        "keywords:letter_frequency",
        {"letter": "#", "let_frequency": 2, "let_relation": AT_LEAST},
        passes=(("#tea #milk", "2: a mark is counted like a letter"), ("###", "3")),
        fails=(("#tea", "1"), ("tea and h", "letters")),
    ),
    Case(
        "keywords:letter_frequency",
        {"letter": "e", "let_frequency": 1, "let_relation": LESS_THAN},
        passes=(("café", "é is another letter"), ("a big cup", "none")),
        fails=(("tea", "one"), ("TEA", "a capital")),
    ),
    Case(
        "keywords:letter_frequency",
        {"letter": " T", "let_frequency": 3, "let_relation": AT_LEAST},
        reading="reference",
        passes=(("Totter", "3: the near side, capitals too"), ("tttt", "4")),
        fails=(("Tea to", "2: the far side"), ("a b", "none")),
    ),
    Case(
        "keywords:letter_frequency",
        {"letter": "#", "let_frequency": 2, "let_relation": LESS_THAN},
        reading="reference",
        passes=(("#tea", "1: the near side"), ("tea", "none")),
        fails=(("#tea #milk", "2: the far side"), ("###", "3")),
    ),
    Case(
        "keywords:letter_frequency",
        {"letter": "İ", "let_frequency": 1, "let_relation": LESS_THAN},
        reading="reference",
        passes=(("İİ", "its small letter is two characters, which are never counted"),),
        fails=(("", "blank"),),
    ),
)
