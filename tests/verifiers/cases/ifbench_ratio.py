"""IFBench: ratio, both readings."""

from __future__ import annotations

from tests.verifiers.cases.case import Case

_TEXT = "The tea in the old pot is hot and good for us all today."
# 48 words of our own after two of the text's, and so on: see the comments at the cases.
_OWN = " ".join(f"w{number}" for number in range(60))
_LONG = " ".join(f"t{number}" for number in range(60))


def _mixed(taken: int, made: int) -> str:
    """A text of ``taken`` trigrams of `_LONG` and ``made`` others."""
    return " ".join([*_LONG.split()[: taken + 2], *_OWN.split()[:made]])


CASES = (
    Case(
        "ratio:overlap",
        {"reference_text": _LONG, "percentage": 50},
        passes=(
            (_mixed(25, 25), "50 %"),
            (_mixed(26, 24), "52 %: the near side"),
            (_mixed(24, 26), "48 %: the near side"),
            (_mixed(25, 25).upper().replace(" ", ", "), "case and marks"),
            ("**" + _mixed(25, 25) + "**", "Markdown"),
        ),
        fails=(
            (_mixed(27, 23), "54 %"),
            (_mixed(23, 27), "46 %"),
            (_mixed(25, 23), "52.1 %"),
            (_mixed(23, 25), "47.9 %"),
            (_LONG, "100 %"),
            (_OWN, "0 %"),
            ("t1 t2", "two words"),
            ("t0 x t1 x t2 x t3 x t4 x t5 x t6", "single words only"),
        ),
    ),
    Case(
        "ratio:overlap",
        {"reference_text": _TEXT, "percentage": 100},
        passes=(("tea in the", "one trigram of one"), ("hot and good for us", "three of three")),
        fails=(
            ("tea in a", "none of one"),
            ("tea on the", "the middle one is another"),
            ("tea in the old tea", "2 of 3"),
            ("tea", "no trigram"),
        ),
    ),
    Case(
        "ratio:overlap",
        {"reference_text": "abcdefghij", "percentage": 50},
        passes=(
            ("abcdxy", "2 of 4: 50 %"),
            ("fghixy", "2 of 4"),
        ),
        fails=(("abcd", "100 %"), ("xyz", "0 %"), ("ab", "no trigram"), ("ABCDxy", "case matters")),
        reading="reference",
    ),
    Case(
        "ratio:overlap",
        {"reference_text": "abcdefghij", "percentage": 64},
        passes=(("abcdefghixyzuvw"[:13], "7 of 11: 63.6 %"),),
        fails=(("abcdxy", "50 %"), ("abcdex", "75 %")),
        reading="reference",
    ),
    Case(
        "ratio:overlap",
        {"reference_text": "abcdefghij", "percentage": 48},
        passes=(("abcdxy", "50 %: the near side"),),
        fails=(("abcdexyzw", "3 of 7: 42.9 %"), ("abcdexy", "3 of 5: 60 %")),
        reading="reference",
    ),
    Case(
        "ratio:overlap",
        {"reference_text": "abcdefghij", "percentage": 52},
        passes=(("abcdxy", "50 %: the near side"),),
        fails=(("abcdexyzw", "42.9 %"),),
        reading="reference",
    ),
    Case(
        "ratio:overlap",
        {"reference_text": "abcdefghij", "percentage": 53},
        passes=(("abcdefghixyzuvwt"[:15], "7 of 13: 53.8 %"),),
        fails=(("abcdxy", "50 %: the far side"),),
        reading="reference",
    ),
    Case(
        "ratio:overlap",
        {"reference_text": "abcdefghij", "percentage": 47},
        passes=(("abcdefghixyzuvwts"[:17], "7 of 15: 46.7 %"),),
        fails=(("abcdxy", "50 %: the far side"),),
        reading="reference",
    ),
    Case(
        "ratio:overlap",
        {"reference_text": _LONG, "percentage": 49},
        passes=((_mixed(24, 25), "49 %: exactly"),),
        fails=((_mixed(25, 24), "51.02 %: just too much"),),
    ),
    Case(
        "ratio:overlap",
        {"reference_text": "abc", "percentage": 100},
        passes=(("abc", "the one trigram"),),
        fails=(("axc", "the middle one is another"), ("aac", "the first one twice")),
        reading="reference",
    ),
    # balance
    Case(
        "ratio:sentence_balance",
        {},
        passes=(
            ("Tea is hot. Is it hot? It is hot!", "one of each"),
            ("Tea is hot. Ice is cold. Is it? Was it? Yes! No!", "two of each"),
            ("Tea is hot. Is it hot?! It is hot!", "?! asks"),
            ("He said “go.” Did he say “go?” He said “go!”", "marks before quotation marks"),
            ("热茶很好喝。热茶好吗？热茶很好！", "Chinese"),
            ("# Hot tea is good\n\nTea is hot. Is it hot? It is hot!", "a heading is no sentence"),
        ),
        fails=(
            ("Tea is hot. Is it hot? It is.", "none exclaims"),
            ("Tea is hot. It is hot! It is!", "none asks"),
            ("Is it? It is!", "none declares"),
            ("Tea is hot. Ice is cold. Is it? Was it? Yes!", "2, 2 and 1"),
            ("tea", "no sentence at all"),
            ("Tea is hot. Is it hot? Is it? It is!", "one question more"),
            ("Tea is hot. It is. Is it hot? It is!", "one statement more"),
            ("Tea is hot. Is it hot? It is! It is!", "one exclamation more"),
        ),
    ),
    Case(
        "ratio:sentence_balance",
        {},
        passes=(
            ("Tea is hot. Is it hot? It is hot!", "one of each"),
            ("tea", "none of any"),
            ("He said “go.” Tea.\n\nIs it? Tea!", "the mark is not the last character"),
        ),
        fails=(
            ("Tea is hot. Is it hot? It is.", "none exclaims"),
            ("Tea is hot! Is it hot? It is!", "none declares"),
            ("Tea is hot. It is!", "none asks"),
        ),
        reading="reference",
    ),
    # 2:1
    Case(
        "ratio:sentence_type",
        {},
        passes=(
            ("Tea is hot. It is good. Is it?", "2 to 1"),
            ("Tea is hot. Ice is cold. Pie is good. Soup is bad. Is it? Was it?", "4 to 2"),
            ("Tea is hot. It is good. Is it? Wow! Yes!", "exclamations do not matter"),
            ("Tea is hot. It is good. Is it?!", "?! asks"),
            ("Tea is hot. “Is it?” he asked. Was it?", "a question inside a statement"),
            ("Tea is hot. It is good. Is it؟ ", "an Arabic question mark"),
        ),
        fails=(
            ("Tea is hot. Is it?", "1 to 1"),
            ("Tea is hot. It is good. It is. Is it?", "3 to 1"),
            ("Tea is hot. It is good.", "2 to 0"),
            ("Is it? Was it? Tea is hot.", "1 to 2"),
            ("Wow!", "0 to 0"),
            ("tea", "0 to 0, no sentence"),
            ("Tea is hot. It is！ Is it?", "1 to 1: a wide exclamation mark"),
        ),
    ),
    Case(
        "ratio:sentence_type",
        {},
        passes=(("Tea is hot. It is good. Is it?", "2 to 1"), ("tea", "0 to 0")),
        fails=(
            ("Tea is hot. Is it?", "1 to 1"),
            ("Tea is hot. It is. It was. Is it?", "3 to 1"),
            ("Tea is hot. It is good.", "2 to 0"),
        ),
        reading="reference",
    ),
    # words of three sentences
    Case(
        "ratio:sentence_words",
        {},
        passes=(
            ("Tea is hot. Ice can go. We ate pie.", "11 characters each, no word twice"),
            ("- Tea is hot.\n- **Ice can go.**\n- We ate pie.", "a list, in bold"),
            ("Чай пьют. Мёд едят. Дом стар.", "Cyrillic"),
        ),
        fails=(
            ("Tea is hot. Ice can go. We ate pie. So it be.", "four sentences"),
            ("Tea is hot. Ice can go.", "two sentences"),
            ("Tea is hot. Ice can go. We ate pie. Sun was up.", "four of one length"),
            ("Tea is hot. Ice can go. We ate it all.", "the third is longer"),
            ("Tea is hot. Ice can go!! We ate pie.", "the second is longer"),
            ("Tea is hot. Ice is not. We ate pie.", "a word in two of them"),
            ("Tea is hot. Ice can go. Eat TEA up.", "in any case"),
            ("Tea is tea. Ice can go. We ate pie.", "a word twice in one of them"),
        ),
    ),
    Case(
        "ratio:sentence_words",
        {},
        passes=(("Tea is hot. Tea is hot. Tea is hot.", "the same words"),),
        fails=(
            ("Tea is hot. Ice can go.", "two"),
            ("Tea is hot. Ice can go. We ate pie. Sun was up.", "four of one length"),
            ("Tea is hot. Ice can go. We ate pie. So it be.", "four"),
            ("Tea is hot. Ice can go. We ate it all.", "the third is longer"),
            ("Tea is hot. Ice is cold. We ate pie.", "the second is longer"),
        ),
        reading="reference",
    ),
    # stop words
    Case(
        "ratio:stop_words",
        {"percentage": 50},
        passes=(
            ("the tea", "50 %: the near side"),
            ("don't drink tea could", "contractions and our own additions"),
            ("hot tea", "0 %"),
            ("**The** tea, it boils.", "case and marks"),
        ),
        fails=(
            ("the tea it is", "75 %"),
            ("the tea is", "66.7 %: the far side"),
            ("don’t tea would", "a curly apostrophe"),
            ("- ?", "no words"),
            ("i'm tea us", "us is one of ours"),
            ("The IS tea", "capitals"),
        ),
    ),
    Case(
        "ratio:stop_words",
        {"percentage": 50},
        passes=(
            ("the tea", "50 %"),
            ("us could tea the", "not on NLTK's list"),
            ("yet yet tea", "nor is yet"),
            ("x", "0 %"),
        ),
        fails=(
            ("the tea is", "66.7 %"),
            ("don't tea", "two bits of one word"),
            ("?", "no words"),
            ("THE IS tea", "any case"),
        ),
        reading="reference",
    ),
    Case(
        "ratio:stop_words",
        {"percentage": 66},
        passes=(("the tea is hot", "50 %"),),
        fails=(("the tea is", "66.7 %"),),
    ),
    Case(
        "ratio:stop_words",
        {"percentage": 66},
        passes=(("the tea is hot", "50 %"),),
        fails=(("the tea is", "66.7 %"),),
        reading="reference",
    ),
)
