"""The reference readings of the ids of ifeval_a: what IFEval's own program does, oddities too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.verifiers.cases.case import Case
from tests.verifiers.cases.nltk_samples import CAPITALS, SENTENCES

FRENCH = (
    "le train était encore en retard ce matin, alors je suis allé au bureau à pied. nous avons "
    "parlé du temps et de la nourriture."
)
ENGLISH = (
    "the train was late again this morning, so i walked to the office instead. we talked about "
    "the weather, the food and the people."
)


def _exactly(
    id: str, relation: str, number: str, samples: Iterable[tuple[int, str]]
) -> Iterator[Case]:
    """Cases that want each text to have its number of things: neither fewer nor more."""
    for wanted in sorted({each for each, _ in samples}):
        texts = tuple((text, f"{wanted} by NLTK") for each, text in samples if each == wanted)
        if wanted:
            yield Case(id, {relation: "at least", number: wanted}, texts, (), "reference")
        yield Case(id, {relation: "at least", number: wanted + 1}, (), texts, "reference")


CASES = (
    *_exactly(
        "change_case:capital_word_frequency", "capital_relation", "capital_frequency", CAPITALS
    ),
    *_exactly("length_constraints:number_sentences", "relation", "num_sentences", SENTENCES),
    Case(
        "change_case:capital_word_frequency",
        {"capital_relation": "at least", "capital_frequency": 2},
        passes=(
            ("TEA is HOT.", "2: the near side"),
            ("I drink A cup", "single letters"),
            ("I'M here", "a word and its ending"),
            ("You CANNOT", "two words in one"),
            ("Don't! IT'S.", "an ending before the end of a sentence"),
            ("IT'S. HE is", "an ending before the end of another sentence"),
            ("DON'T", "a negation"),
            ("WE'LL", "another ending"),
            ("ЧАЙ и ВОДА", "Cyrillic"),
            ("TEA,MILK", "cut at a comma"),
            ("TEA--MILK", "cut at two hyphens"),
            ("TEA…MILK (TEA)", "a bracket"),
            ("TEA..MILK", "cut at two full stops"),
            ("TEA'MILK' 'TEA", "cut before a quotation"),
            ("TEA-'MILK", "cut at an opening quotation"),
            ("GIMME", "two words in one"),
            ("WANNA go", "two words in one before a space"),
            ("MORE'N that", "two words in one"),
            ("D'YE", "two words in one"),
            ("X-CANNOT", "cut before two words in one"),
            ("CANNOT'TIS", "a rare ending"),
            ("“TEA”MILK", "cut at quotation marks"),
            ("'TEA'S' MILK", "an ending before a quotation mark"),
            ("IT'S!", "an ending before a mark"),
            ("a 'TEA' 'MILK'", "single quotation marks"),
            ("TEA 'S", "an ending by itself"),
            ("``TEA``MILK", "backticks"),
            ("TEA''MILK", "two apostrophes"),
            ("WANNA.", "a full stop that ends the text"),
        ),
        fails=(
            ("TEA is hot.", "1: the far side"),
            ("TEA-MILK well-known", "hyphens keep together"),
            ("TEAs and Milk", "a small letter"),
            ("N.A.S.A. is", "full stops keep together"),
            ("A,5", "a comma before a digit keeps together"),
            ("A:5'5", "an apostrophe keeps together"),
            ("canNOT", "half of two words in one"),
            ("IT'SX x", "no ending in mid-word"),
            ("X'S'\nx", "an ending before a quotation mark and a line end"),
            ("IT'S.A x", "an ending before a full stop in mid-word"),
            ("WANNA.X a", "the same without an apostrophe"),
            ("it's tea", "small letters"),
            ("I 'm", "a small ending"),
        ),
        reading="reference",
    ),
    Case(
        "change_case:capital_word_frequency",
        {"capital_relation": "less than", "capital_frequency": 1},
        passes=(("Tea is hot.", "none"), ("tea", "none")),
        fails=(("I am.", "1"), ("TEA IS HOT", "3")),
        reading="reference",
    ),
    Case(
        "change_case:english_capital",
        {},
        passes=((ENGLISH.upper(), "English in capitals"),),
        fails=(
            (ENGLISH.upper() + "a", "a small letter"),
            ("123", "no letter"),
            ("ЧАЙ ГОРЯЧИЙ И СЛАДКИЙ, КАК ВСЕГДА", "Russian"),
            ("FAREINSIGHTS", "langdetect knows no English in it"),
        ),
        reading="reference",
    ),
    Case(
        "change_case:english_lowercase",
        {},
        passes=((ENGLISH, "English in small letters"),),
        fails=(
            (ENGLISH + "A", "a capital"),
            ("123", "no letter"),
            (FRENCH, "French"),
            ('"coastal haven estates"', "langdetect knows no English in it"),
        ),
        reading="reference",
    ),
    Case(
        "combination:repeat_prompt",
        {"prompt_to_repeat": " Write tea.\n"},
        passes=(
            ("Write tea.\nTea", "repeated, then answered"),
            ("\n write TEA.", "another case, and no answer"),
            ("Write tea.pot", "in mid-word"),
        ),
        fails=(("Write tea", "a mark short"), ("So: Write tea.", "a word before"), ("茶", "other")),
        reading="reference",
    ),
    Case(
        "combination:two_responses",
        {},
        passes=(
            ("Tea\n******\nMilk", "two"),
            ("******Tea******Milk******", "separators at the ends"),
            ("Tea\n*******\nMilk", "seven asterisks"),
            ("Tea\n******\ntea", "another case"),
        ),
        fails=(
            ("Tea", "one"),
            ("Tea\n******\nMilk\n******\nWater", "three"),
            ("Tea\n************\nMilk", "twelve asterisks: nothing in the middle"),
            ("Tea\n****** \n ******\nMilk", "a blank in the middle"),
            ("Tea\n******\n Tea ", "the same twice"),
            ("Tea\n*****\nMilk", "five asterisks"),
            ("Tea ****** ", "one, and a blank"),
        ),
        reading="reference",
    ),
    Case(
        "detectable_content:number_placeholders",
        {"num_placeholders": 2},
        passes=(
            ("[name] [date]", "2: the near side"),
            ("[] []", "empty"),
            ("[1] [tea](http://tea.org)", "a footnote, a link"),
            ("[[a] b] [c] ]", "nested"),
            ("[a]\n[b]", "two lines"),
            ("[a][b]", "touching"),
            ("[a] [ [b]", "two open, one after the other"),
        ),
        fails=(
            ("[name]", "1: the far side"),
            ("[a] [b\nc]", "over two lines"),
            ("[a] ]b[", "none"),
        ),
        reading="reference",
    ),
    Case(
        "detectable_content:postscript",
        {"postscript_marker": "P.S. "},
        passes=(
            ("Tea.\nP.S. Milk", "a line of its own"),
            ("zip. s.", "in mid-word, with a space"),
            ("p.s.", "alone"),
            ("Tea.\nP.P.S. Milk", "inside another marker"),
        ),
        fails=(
            ("P.S Milk", "one full stop short"),
            ("PS. p.  s.", "too many spaces"),
            ("pxs.", ""),
        ),
        reading="reference",
    ),
    Case(
        "detectable_content:postscript",
        {"postscript_marker": "P.P.S"},
        passes=(("p.p.s", "small"), ("P. P.\nS", "white space"), ("P.P.Such", "in mid-word")),
        fails=(("P.S.", "another marker"), ("p.p", "half"), ("pxpxs", "other characters")),
        reading="reference",
    ),
    Case(
        "detectable_content:postscript",
        {"postscript_marker": "N.B.("},
        passes=(("n.b.( tea", "small"), ("nxbx(", "a full stop stands for any character")),
        fails=(("n.b. tea", "a mark short"), ("N. B. (", "with spaces")),
        reading="reference",
    ),
    Case(
        "language:response_language",
        {"language": "fr"},
        passes=(
            (FRENCH, "French"),
            ("12345", "nothing to go by"),
            (FRENCH + " It is tea.", "more"),
        ),
        fails=((ENGLISH, "English"),),
        reading="reference",
    ),
    Case(
        "language:response_language",
        {"language": "zh"},
        passes=(("123", "nothing to go by"),),
        fails=(("今天早上火车又晚点了，所以我走路去了办公室。", "langdetect says zh-cn"),),
        reading="reference",
    ),
    Case(
        "language:response_language",
        {"language": "zh-cn"},
        passes=(("今天早上火车又晚点了，所以我走路去了办公室。", "langdetect says zh-cn"),),
        fails=((ENGLISH, "English"),),
        reading="reference",
    ),
    Case(
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Tea"},
        passes=(
            ("Milk.\n\nTea is hot.", "the second of two"),
            ("Milk.\n\n tea, hot", "small letters, a mark"),
            ('Milk.\n\n\'"Tea" is', "quotation marks in this order"),
            ("Milk.\n\nTea's hot", "cut at the apostrophe"),
            ("Milk.\n\nTEA.\n\n", "a blank at the end"),
            ("Milk.\n\nTea!\n\n \n\n", "blanks at the end"),
            ("Milk.\n\nTea?", "a question mark"),
        ),
        fails=(
            ("Tea.", "1: one too few"),
            ("Milk.\n\nTea.\n\nMilk.", "3: one too many"),
            ("Milk.\n\n\n\nTea.", "the blank one in between is the second"),
            ("Milk.\n \nTea.", "a blank line with a space"),
            ("Milk.\n\n**Tea** is", "in bold"),
            ("Milk.\n\n\"'Tea' is", "quotation marks in the other order"),
            ("Milk.\n\nTea: it is", "a colon belongs to the word"),
            ("Milk.\n\nHot tea", "another word"),
            ("Milk.\n\nWater", "no"),
        ),
        reading="reference",
    ),
    Case(
        "length_constraints:nth_paragraph_first_word",
        {"num_paragraphs": 3, "nth_paragraph": 1, "first_word": "tea"},
        passes=(("Tea.\n\nMilk.\n\nWater.", "the first of three"),),
        fails=(
            ("Tea.\n\nMilk.", "2: one too few"),
            (" \n\nTea.\n\nMilk.\n\nWater.", "a blank one is the first"),
        ),
        reading="reference",
    ),
    Case(
        "length_constraints:number_paragraphs",
        {"num_paragraphs": 2},
        passes=(
            ("Tea\n***\nMilk", "2"),
            ("***Tea***Milk***", "dividers at the ends"),
            ("Tea is ***hot", "in a line"),
            ("Tea\n****\nMilk", "four asterisks"),
            ("Tea***Milk *** ", "a blank at the end"),
        ),
        fails=(
            ("Tea", "1: one too few"),
            ("Tea***Milk***Water", "3: one too many"),
            ("Tea******Milk", "nothing in the middle"),
            ("Tea*** ***Milk", "a blank in the middle"),
            ("Tea**Milk", "two asterisks"),
        ),
        reading="reference",
    ),
    Case(
        "length_constraints:number_sentences",
        {"relation": "at least", "num_sentences": 3},
        passes=(
            ("Tea is hot. It is wet. Drink it.", "3: the near side"),
            ("1. Tea\n2. Milk", "the numbers of a list"),
            ("Yes. Wow!!!", "the last mark is a sentence of its own"),
            ('"Tea is hot." "It is wet." "Drink."', "quotation marks"),
            ("(Tea is hot.) (It is wet.) Drink.", "brackets"),
            ("What?! Yes. No", "two marks are one end"),
            ("Hi.\n\nHi.\nHi", "line breaks"),
            ('I see. --Tea. ")--Milk. Go', "closing marks before hyphens"),
            ("Tea is hot! (It is). (It is not).", "a bracket before the full stop"),
            ("See No. 5 now. Go. Go.", "No. is an end"),
            ("Wait . . . what? No.", "spaced full stops are ends"),
            ("Hi.” “Ho.” Hi.", "curly quotation marks"),
        ),
        fails=(
            ("Tea is hot. It is wet.", "2: the far side"),
            ("Tea is hot\nIt is wet\nDrink it", "line breaks end nothing"),
            ("Dr. Smith came at 5 p.m. on Monday. He left.", "abbreviations"),
            ("Wait... what? No.", "an ellipsis before a small letter"),
            ("J. Bach was there. So was I.", "an initial"),
            ("Hi.) ] ' \" Ho.", "closing marks belong to the sentence before"),
            ('Hi. ") Ho. ', "the same after a space"),
            ("A cat. Mr.!", "the text's last mark"),
            ("What?!", "one"),
            ("Wow!!!", "two"),
        ),
        reading="reference",
    ),
    Case(
        "length_constraints:number_sentences",
        {"relation": "less than", "num_sentences": 3},
        passes=(("Tea is hot. It is wet.", "2: the near side"), ("Tea", "1")),
        fails=(("Tea is hot. It is wet. Drink it.", "3"), ("A cat. A dog. A cow. A hen.", "4")),
        reading="reference",
    ),
    Case(
        "length_constraints:number_words",
        {"relation": "at least", "num_words": 3},
        passes=(("Tea is hot", "3: the near side"), ("don't go", "an apostrophe cuts")),
        fails=(("tea_is hot", "2: an underscore does not cut"), ("- ? !", "marks")),
        reading="reference",
    ),
    Case(
        "length_constraints:number_words",
        {"relation": "less than", "num_words": 3},
        passes=(("Tea is", "2: the near side"), ("茶很热 水", "Chinese")),
        fails=(("Tea is hot", "3: the far side"),),
        reading="reference",
    ),
    Case(
        "startend:end_checker",
        {"end_phrase": " Enjoy!\n"},
        passes=(
            ("Tea. Enjoy!", "at the end"),
            ('Tea. ENJOY!"\n', "another case, a quotation mark and a line end"),
            ("we_enjoy!", "in mid-word"),
            ('enjoy!"""', "three marks"),
        ),
        fails=(
            ("Enjoy", "a mark short"),
            ("Enjoy! Tea", "not at the end"),
            ("**Enjoy!**", "in bold"),
            ("“Enjoy!”", "a curly mark"),
            ('Enjoy! "', "a space before the mark"),
        ),
        reading="reference",
    ),
    Case(
        "startend:quotation",
        {},
        passes=(
            ('"Tea"', "wrapped"),
            ('\n""\n', "nothing between"),
            ('"Tea" and "milk"', "two quotations"),
        ),
        fails=(
            ('"', "one mark"),
            ('"Tea', "not closed"),
            ('Tea"', "not opened"),
            ("“Tea”", "curly"),
            ("'Tea'", "single"),
        ),
        reading="reference",
    ),
)
