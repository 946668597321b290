"""IFTrain: copies of the request, of a part of it, and of a phrase."""

from __future__ import annotations

from tests.verifiers.cases.case import Case, Example

PHRASE = "Tea is very hot today"
REQUEST = "Make tea. \nServe it."

# What both readings say of copy:copy and copy:copying_simple.
COPY_TEXT: tuple[tuple[Example, ...], tuple[Example, ...]] = (
    (
        ("Make tea. \nServe it.", "the text itself"),
        ("\n  Make tea. \nServe it.\n", "white space around it"),
        ("Make tea.\r\nServe it.  ", "line ends of another kind, and blanks at them"),
    ),
    (
        ("Make tea. \nServe it", "one mark short"),
        ("Make tea. \nServe it..", "one mark too many"),
        ("Make tea. Serve it.", "the line break is gone"),
        ("Make tea.Serve it.", "the line break is gone, and the blank"),
        ("make tea. \nServe it.", "another case"),
        ('"Make tea. \nServe it."', "quotation marks were added"),
        ("Sure! Make tea. \nServe it.", "something before it"),
        ("Make tea. \nServe it.\nHere is how.", "an answer after it"),
        ("Hot water, then leaves.", "an answer instead"),
        ("Приготовь чай.", "a translation"),
    ),
)
COPY_REFERENCE: tuple[tuple[Example, ...], tuple[Example, ...]] = (
    (
        ("Make tea. \nServe it.", "the text itself"),
        ("\n MAKE TEA. \nserve it.\n", "capitals and white space around do not matter"),
    ),
    (
        ("Make tea.\nServe it.", "a blank at the line's end is missing"),
        ("Make tea. \nServe it", "one mark short"),
        ("Make tea. \nServe it..", "one mark too many"),
    ),
)

COPY_CASES = tuple(
    Case(id, {"prompt_to_repeat": f"  {REQUEST}\n"}, *examples, reading)
    for id in ("copy:copy", "copy:copying_simple")
    for examples, reading in ((COPY_TEXT, "text"), (COPY_REFERENCE, "reference"))
)

CASES: tuple[Case, ...] = (
    *COPY_CASES,
    Case(
        "copy:repeat_phrase",
        {"phrase": PHRASE, "small_n": 2},
        passes=(
            ("Tea is quite hot today. Tea was very hot today.", "two, each with one word changed"),
            ("1. tea is very COLD today\n2. “Tea is very, very today!”", "a list, other marks"),
            ("**Tea is not\nhot today** - Tea is not hot today", "over a line end, twice the same"),
            ("Tea is so hot today, tea is so hot today, tea is nice", "a beginning is no version"),
            ("Tea is so hot today and tea is so hot today, but tea was here now today", "3 others"),
            ("Tea is so hot today - tea is so hot today - milk is so cold today", "3 again"),
        ),
        fails=(
            ("Tea is quite hot today.", "one"),
            ("Tea is so hot today. " * 3, "three"),
            ("Tea is very hot today. Tea is so hot today. Tea is so hot today.", "one unchanged"),
            ("Milk is very hot today. " + "Tea is so hot today. " * 2, "a first word changed"),
            ("Tea is so hot today. " * 2 + "Tea is very hot now.", "a last word changed"),
            ("Tea is so hot today. Tea is so cold today. Tea is so hot today.", "two changed"),
            ("Tea is hot today. Tea is very very hot today.", "words missing and added"),
            ("Milk is so hot today. Tea is so hot now.", "inner and outer words changed"),
            ("Tea is so hot today. Tea is so hot today. Milk is so hot today.", "and in a third"),
            ("Tea is so hot today. Tea is so hot todays.", "a longer word"),
            ("Чай сегодня горячий.", "another language"),
        ),
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": "Don't be late", "small_n": 1},
        passes=(("Don’t come late!", "an apostrophe of the other kind"),),
        fails=(("Don't be late", "unchanged"), ("Do not be late", "not that phrase")),
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": "All is now well", "small_n": 1},
        passes=(("All was now well; all things went well", "four words: two changed is none"),),
        fails=(
            ("All things went well", "two changed"),
            ("All was now well, all is now good", "in the second the last one changed"),
        ),
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": "I don’t like tea", "small_n": 1},
        passes=(("I don't drink tea", "an apostrophe of the other kind"),),
        fails=(("I don't like tea", "unchanged"),),
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": PHRASE, "small_n": 1},
        passes=(("Tea is so hot today", "one"),),
        fails=(
            ("Tea is very hot now", "only the last word changed"),
            ("Milk is very hot today", "only the first word changed"),
        ),
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": PHRASE, "small_n": 1},
        passes=(("Tea is so hot today", "one"),),
        fails=(("Tea was so hot today", "two words changed"),),
        reading="reference",
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": f" {PHRASE} ", "small_n": 2},
        passes=(
            ("Tea is very hot today, Tea was very hot today", "only the last one is changed"),
            ("Tea is so hot today\nTea\nTea is so hot today", "a beginning that leads nowhere"),
            ("Tea is so hot today and Tea is so  hot today!", "a wider gap"),
            ("Tea\n today Tea is so hot today Tea is so hot today", "an end before any beginning"),
        ),
        fails=(
            ("Tea is so hot today", "one"),
            ("Tea is so hot today " * 3, "three"),
            ("Tea was very hot today, Tea is very hot today", "the last one is unchanged"),
            ("Tea was so hot today, Tea is so hot today", "two words changed in the first"),
            ("Tea is so very hot today, Tea is so hot today", "one word too many"),
            ("Tea is hot today, Tea is so hot today", "one word too few"),
            ("tea is so hot today, Tea is so hot today", "another case"),
            ("Tea is so\nhot today, Tea is so hot today", "over a line end"),
            ("Tea is so hot today, Tea is so hot\ntoday", "a line end before the last word"),
            ("Tea\nis so hot today", "a line end after the first word"),
            ("Tea is so\nhot today\nTea is so hot today\nMilk", "another line end after it"),
        ),
        reading="reference",
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": "Is (the tea", "small_n": 1},
        passes=(("Is [the tea", "only the first and the last word are patterns"),),
        fails=(("Is (the tea", "unchanged"),),
        reading="reference",
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": "(Is the tea", "small_n": 1},
        passes=(("(Is some tea", "plain text"),),
        fails=(("(Is the tea", "unchanged"),),
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": "(Is the tea", "small_n": 1},
        passes=(),
        fails=(("(Is some tea", "no pattern: the program stops"),),
        reading="reference",
    ),
    Case(
        "copy:repeat_phrase",
        {"phrase": "Is the (tea", "small_n": 1},
        passes=(("Is milk (tea", "plain text"),),
        fails=(("Is the (tea", "unchanged"),),
    ),
    Case(
        "copy:copying_multiple",
        {"prompt_to_repeat": REQUEST, "N": 2},
        passes=(
            ("Make tea. \nServe it.\n******\nMake tea. \nServe it.", "two copies"),
            (" Make tea.\nServe it.****** \n\nMake tea.\nServe it.\n", "other white space"),
        ),
        fails=(
            ("Make tea. \nServe it.", "one copy"),
            ("\n******\n".join(["Make tea. \nServe it."] * 3), "three copies"),
            ("Make tea. \nServe it.\n*****\nMake tea. \nServe it.", "five asterisks"),
            ("Make tea. \nServe it.\n*******\nMake tea. \nServe it.", "seven asterisks"),
            ("Make tea. \nServe it.\n\nMake tea. \nServe it.", "no separator"),
            ("******\nMake tea. \nServe it.\n******\nMake tea. \nServe it.", "before the first"),
            ("Make tea. \nServe it.\n******\nMake tea. \nServe it.\n******", "after the last"),
            ("Make tea. \nServe it.\n******\nmake tea. \nServe it.", "another case"),
            ("Make tea. \nServe it.\n******\nMake tea. \nServe it. Hot!", "more text"),
            ("Sure!\nMake tea. \nServe it.\n******\nMake tea. \nServe it.", "something before"),
        ),
    ),
    Case(
        "copy:copying_multiple",
        {"prompt_to_repeat": "Write ****** twice.", "N": 2},
        passes=(("Write ****** twice.\n******\nWrite ****** twice.", "asterisks in the text"),),
        fails=(("Write ****** twice.", "one copy"), ("Write\n******\ntwice.", "cut in two")),
    ),
    Case(
        "copy:copying_multiple",
        {"prompt_to_repeat": " Make tea. ", "N": 2},
        passes=(("Make tea.\n******\nMAKE TEA.", "capitals do not matter"),),
        fails=(
            ("Make tea.", "one copy"),
            ("Make tea.******Make tea.******Make tea.", "three copies"),
            ("Make tea.\n*******\nMake tea.", "seven asterisks"),
            ("Make tea.\n******\nMake tea", "one mark short"),
            ("Make tea\n******\nMake tea.", "one mark short in the first"),
        ),
        reading="reference",
    ),
    Case(
        "new:copy_span_idx",
        {"prompt_to_repeat": "A small bird", "n_start": 2, "n_end": 6},
        passes=(("small", "both ends included"), (" small\n", "white space around it")),
        fails=(
            ("smal", "the end left out"),
            ("small b", "one word too many"),
            ("mall", "the beginning left out"),
            ("Small", "another case"),
            ('"small"', "quotation marks"),
            ("A small bird", "the whole text"),
            ("маленькая", "a translation"),
        ),
    ),
    Case(
        "new:copy_span_idx",
        {"prompt_to_repeat": "A small bird", "n_start": 3, "n_end": 4},
        passes=(("ma", "inside a word"),),
        fails=(("mal", "one sign more"), ("m", "one sign short"), ("a", "one sign short")),
    ),
    Case(
        "new:copy_span_idx",
        {"prompt_to_repeat": "A small bird", "n_start": 0, "n_end": 11},
        passes=(("A small bird", "all of it"),),
        fails=(("A small bir", "one sign short"), (" small bird", "one sign short")),
    ),
    Case(
        "new:copy_span_idx",
        {"prompt_to_repeat": "A small bird", "n_start": 40, "n_end": 50},
        passes=(),
        fails=(("A small bird", "there is nothing at these indices"),),
    ),
    Case(
        "new:copy_span_idx",
        {"prompt_to_repeat": "A small bird", "n_start": 2, "n_end": 7},
        passes=(("small", "the end left out"), (" SMALL\n", "capitals do not matter")),
        fails=(("small b", "one sign more"), ("smal", "one sign short"), ("mall", "one short")),
        reading="reference",
    ),
    Case(
        "new:copy_span_idx",
        {"prompt_to_repeat": "A small bird", "n_start": 0, "n_end": 1},
        passes=(("a", "from the first sign on"),),
        fails=(("A small", "too long"),),
        reading="reference",
    ),
)
