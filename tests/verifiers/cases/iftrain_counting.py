"""IFTrain: how many words, letters and sentences there are."""

from __future__ import annotations

from tests.verifiers.cases.case import Case

LONG = " ".join(f"word{number}" for number in range(50))

CASES: tuple[Case, ...] = (
    Case(
        "count:lowercase_counting",
        {"N": 2},
        passes=(
            ("HOT tea, GOOD milk", "2"),
            ("I LIKE THIS tea", "1"),
            ("Tea", "0"),
            ("don't well-known", "an apostrophe and a hyphen"),
            ("热茶 很 好", "a script without case"),
            ("1 2 3 - . ! *", "numbers and marks"),
            ("iPhone eBay teaPot", "a capital in the middle"),
        ),
        fails=(
            ("HOT tea and milk", "3"),
            ("tea tea tea", "the same word three times"),
            ("un café crème", "accents"),
            ("the 3rd tea_pot", "a digit and an underscore"),
            ("чай и мёд", "Cyrillic"),
            ("tea—hot—sweet", "long dashes"),
        ),
    ),
    Case(
        "count:lowercase_counting",
        {"N": 2},
        passes=(
            ("HOT tea, GOOD milk", "2"),
            ("café crème thé 3rd tea_pot", "no run of a to z alone"),
            ("Tea", "0"),
        ),
        fails=(("HOT tea and milk", "3"), ("It's well-known", "3, cut at marks")),
        reading="reference",
    ),
    Case(
        "count:counting_composition",
        {"n_sent": 2, "n_words": 3},
        passes=(
            (
                "Tea is hot. It boils well.\n\n* * *\n\nMilk is cold. It stays cold.\n\n* * *\n\n"
                "We drink both. You drink neither.",
                "as asked",
            ),
            (
                "***\nTea isn't hot! It (still) boils?\n***\nMilk is cold. It stays\ncold.\n ***\n"
                "We drink both. You drink neither.\n***\n",
                "the other way to write it, dividers at both ends",
            ),
        ),
        fails=(
            ("Tea is hot. It boils well.", "one paragraph"),
            (
                "Tea is hot. It boils well.\n* * *\nMilk is cold. It stays cold.",
                "two paragraphs",
            ),
            ("\n* * *\n".join(["Tea is hot. It boils well."] * 4), "four paragraphs"),
            ("\n\n".join(["Tea is hot. It boils well."] * 3), "no divider"),
            ("\n---\n".join(["Tea is hot. It boils well."] * 3), "another divider"),
            (" * * * ".join(["Tea is hot. It boils well."] * 3), "dividers inside a line"),
            (
                "\n* * *\n".join(["Tea is hot. It boils well."] * 2 + ["We drink both."]),
                "one sentence in the last",
            ),
            (
                "\n* * *\n".join(["A b c. D e f. G h i."] + ["Tea is hot. It boils well."] * 2),
                "three sentences in the first",
            ),
            (
                "\n* * *\n".join(
                    ["Tea is hot. It boils well."] * 2 + ["We drink. You drink both."]
                ),
                "a sentence of two words",
            ),
            (
                "\n* * *\n".join(["Tea is hot. It boils very well."] * 3),
                "sentences of four words",
            ),
            (
                "\n* * *\n".join(["# Tea\n\nTea is hot. It boils well."] * 3),
                "a heading besides the sentences",
            ),
            (
                "\n* * *\n".join(
                    ["Tea is hot. It boils well."] * 2 + ["# Six words stand up here"]
                ),
                "a heading instead of sentences",
            ),
            (
                "\n* * *\n".join(["Tea is hot.\n\n# It boils well"] * 3),
                "a heading as long as the sentence that is missing",
            ),
            ("\n* * *\n".join(["Tea boils. It does boil well."] * 3), "2 and 4 words"),
            ("* * *\n* * *", "no word"),
            ("?", "no word"),
        ),
    ),
    Case(
        "count:counting_composition",
        {"n_sent": 2, "n_words": 3},
        passes=(
            ("\n***\n".join(["Tea boils. We don't"] * 3), "a mark and a clitic are tokens"),
            (" *** ".join(["Tea boils! It stays?"] * 3), "dividers inside a line"),
        ),
        fails=(
            ("\n* * *\n".join(["Tea boils. It stays."] * 3), "not the divider"),
            ("\n***\n".join(["Tea boils. It stays."] * 2), "two parts"),
            ("\n***\n".join(["Tea boils. It stays."] * 4), "four parts"),
            ("\n***\n".join(["Tea is hot. It boils well."] * 3), "four tokens"),
            ("\n***\n".join(["Tea. It."] * 3), "two tokens"),
            ("\n***\n".join(["Tea boils."] * 3), "one sentence"),
            ("\n***\n".join(["Tea boils. It stays. We drink."] * 3), "three sentences"),
            ("***" + "***".join(["Tea boils. It stays."] * 3), "a divider before"),
            ("\n***\n".join(["Tea boils. It stays."] * 2 + ["Tea boils. It."]), "short at the end"),
        ),
        reading="reference",
    ),
    Case(
        "count:count_unique",
        {},
        passes=(
            ("Tea, milk, sugar, honey.", "marks may come again"),
            ("Tea teas tea's tea-time", "other words"),
            ("I don't; you isn't", "the same ending"),
            ("чай горячий", "Cyrillic"),
        ),
        fails=(
            ("Tea is hot and tea is good", "repeated, in another case"),
            ("tea (tea)", "marks around it"),
            ("Don't, don’t", "another apostrophe"),
            ("Чай это чай", "Cyrillic"),
            ("tea—hot—tea", "long dashes"),
            ("- - ?", "no word"),
        ),
    ),
    Case(
        "count:count_unique",
        {},
        passes=(
            ("Tea likes tea", "another case"),
            ("Tea, milk; sugar.", "three different marks"),
            (LONG, "many words"),
            ("?", "a mark"),
            ("it. is?", "two marks"),
            ("Mr. Mr.", "the last one is cut otherwise"),
        ),
        fails=(
            ("tea tea", "twice"),
            ("Tea, milk, sugar", "two commas"),
            ("can't don't", "the same clitic"),
            ("“tea” ‘milk’ ”", "quotation marks"),
            (LONG + " (word1)", "a word far apart"),
            ("a-b " * 12, "many times, with a mark"),
            ("чай чай", "Cyrillic"),
        ),
        reading="reference",
    ),
    Case(
        "count:count_increment_word",
        {"keyword1": "tea", "keyword2": "milk"},
        passes=(
            ("Tea with milk and more MILK.", "1 and 2"),
            ("Tea in a teapot, milk, milk.", "the first is in a longer word too"),
        ),
        fails=(
            ("Tea with milk.", "1 and 1"),
            ("Tea with milk, milk and milk.", "1 and 3"),
            ("Milk and milk.", "0 and 2"),
            ("Tea with milk, tea with milk.", "2 and 2"),
            ("Tea, tea, milk.", "the other way round"),
            ("A teapot, milk, milk.", "only in a longer word"),
            ("Tea, milk, milkshake.", "the second in a longer word too"),
        ),
    ),
    Case(
        "count:count_increment_word",
        {"keyword1": "tea", "keyword2": "m.lk"},
        passes=(("A TEAPOT, milk, malk", "a part of a word, and a pattern"),),
        fails=(
            ("Tea with milk.", "1 and 1"),
            ("Tea with milk, milk and milk.", "1 and 3"),
            ("Milk and milk.", "0 and 2"),
            ("Tea in a teapot, milk, milk.", "2 and 2"),
        ),
        reading="reference",
    ),
    Case(
        "letters:letter_counting",
        {"N": 3, "relation": "at least"},
        passes=(("Tea", "3"), ("чай!", "Cyrillic"), ("Té á 1", "accents")),
        fails=(("It 1 2 3 ?", "2"), ("123 !?*", "0")),
    ),
    Case(
        "letters:letter_counting",
        {"N": 3, "relation": "less than"},
        passes=(("It 1 2 3 ?", "2"), ("123", "0")),
        fails=(("Tea", "3"), ("чай", "Cyrillic"), ("Teas", "4")),
    ),
    Case(
        "letters:letter_counting",
        {"N": 3, "relation": "at least"},
        passes=(("TeA", "3"),),
        fails=(("чай It é 12 []^_`@{", "2"),),
        reading="reference",
    ),
    Case(
        "letters:letter_counting",
        {"N": 3, "relation": "less than"},
        passes=(("чай It é 12", "2"),),
        fails=(("TeA", "3"),),
        reading="reference",
    ),
    *(
        case
        for reading in ("text", "reference")
        for case in (
            Case(
                "letters:letter_counting2",
                {"letter": "T", "let_frequency": 2, "let_relation": "at least"},
                passes=(("Tea, tea", "2, in both cases"), ("ttt", "3")),
                fails=(("Tea", "1"), ("milk", "0"), ("чай", "Cyrillic")),
                reading=reading,  # type: ignore[arg-type]
            ),
            Case(
                "letters:letter_counting2",
                {"letter": "t", "let_frequency": 2, "let_relation": "less than"},
                passes=(("Tea", "1"), ("milk", "0")),
                fails=(("Tea, tea", "2"), ("TTT", "3")),
                reading=reading,  # type: ignore[arg-type]
            ),
        )
    ),
)
