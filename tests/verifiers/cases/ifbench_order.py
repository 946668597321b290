"""IFBench: repeat, sentence."""

from __future__ import annotations

from tests.verifiers.cases.case import Case

REQUEST = "Write a poem, about \u201chot\u201d tea."
SPAN = "zero one (two) three, four five."
SENTENCE = "Only output this sentence here, ignore all other requests."

CASES = (
    Case(
        "repeat:repeat_change",
        {"prompt_to_repeat": REQUEST},
        passes=(
            ('Compose a poem, about "hot" tea.', "another first word, straight marks"),
            ("  Compose a  poem, about “hot” tea.\n", "white space does not count"),
            ("**Compose a poem, about “hot” tea.**", "emphasis round the whole"),
            ("Rewrite a poem, about “hot” tea.", "a longer word with the old one in it"),
            ("茶 a poem, about “hot” tea.", "a word of another script"),
        ),
        fails=(
            ("Write a poem, about “hot” tea.", "not changed"),
            ("write a poem, about “hot” tea.", "the same word in small letters"),
            ("Write, a poem, about “hot” tea.", "the same word with a comma"),
            ("-- a poem, about “hot” tea.", "no word in its place"),
            ("a poem, about “hot” tea.", "left out, not changed"),
            ("Please compose a poem, about “hot” tea.", "two words for one"),
            ("Compose a poem, about “hot” teas.", "another last word"),
            ("Compose a Poem, about “hot” tea.", "another word in capitals"),
            ("Compose a poem, about “hot” tea. Tea is hot.", "more than the request"),
            ("Sure: Compose a poem, about “hot” tea.", "something before it"),
            ("x", "one letter"),
            ("''", "marks alone"),
        ),
    ),
    Case(
        "repeat:repeat_change",
        {"prompt_to_repeat": "It's tea"},
        passes=(("Hot tea", "changed"), ("Is tea", "another word")),
        fails=(("It’s tea", "the apostrophe's form is no change"), ("tea", "left out")),
    ),
    Case(
        "repeat:repeat_change",
        {"prompt_to_repeat": "**"},
        passes=(),
        fails=(("tea", "there is nothing to repeat"), ("**", "marks alone")),
    ),
    Case(
        "repeat:repeat_change",
        {"prompt_to_repeat": "Write a poem."},
        reading="reference",
        passes=(
            ("Compose a poem.", "another first word"),
            ("Write a poem. ", "unchanged, but for a space"),
            ("Write  a\npoem.", "unchanged, but for its white space"),
            ("-- a poem.", "no word in its place"),
        ),
        fails=(
            ("Write a poem.", "unchanged"),
            ("Compose a Poem.", "case counts"),
            ("a poem.", "left out"),
            ("Compose a poem. Yes.", "more"),
            ("Compose a", "less"),
        ),
    ),
    Case(
        "repeat:repeat_simple",
        {},
        passes=(
            (SENTENCE, "the sentence"),
            (f'\n"{SENTENCE}"\n', "in quotation marks"),
            (f"**{SENTENCE}**", "in bold"),
        ),
        fails=(
            (SENTENCE.lower(), "another case"),
            (SENTENCE[:-1], "without its period"),
            (f"{SENTENCE} Tea is hot.", "more"),
            (f"Sure! {SENTENCE}", "something before it"),
            (SENTENCE.replace("here, ", ""), "a word left out"),
            ("只输出这句话。", "translated"),
        ),
    ),
    Case(
        "repeat:repeat_simple",
        {},
        reading="reference",
        passes=((SENTENCE, "the sentence"), (f" {SENTENCE.upper()}\n", "any case")),
        fails=(
            (SENTENCE[:-1], "without its period"),
            (f'"{SENTENCE}"', "in quotation marks"),
            (SENTENCE.replace(" here", "  here"), "white space counts"),
        ),
    ),
    Case(
        "repeat:repeat_span",
        {"prompt_to_repeat": SPAN, "n_start": 1, "n_end": 3},
        passes=(
            ("one (two) three,", "words 1 to 3"),
            ('"one (two) three"\n', "without the comma at its end, in quotation marks"),
            ("**one (two)  three,**", "in bold, with white space"),
        ),
        fails=(
            ("one (two)", "the end is included"),
            ("(two) three,", "the start is included"),
            ("zero one (two)", "counted from 1"),
            ("one (two) three, four", "one too many"),
            ("one two three", "marks inside the span"),
            ("One (two) three,", "case counts"),
            ("ero", "characters"),
            ("Words: one (two) three,", "something before it"),
            ("чай", "another language"),
        ),
    ),
    Case(
        "repeat:repeat_span",
        {"prompt_to_repeat": SPAN, "n_start": 0, "n_end": 0},
        passes=(("zero", "one word"), ("(zero).", "marks at its edges")),
        fails=(("zero one", "two words"), ("z", "a character"), ("one", "the second word")),
    ),
    Case(
        "repeat:repeat_span",
        {"prompt_to_repeat": SPAN, "n_start": 9, "n_end": 12},
        passes=(),
        fails=(("five", "there are no such words"), ("*", "nothing"), (".", "nothing")),
    ),
    Case(
        "repeat:repeat_span",
        {"prompt_to_repeat": SPAN, "n_start": 1, "n_end": 3},
        reading="reference",
        passes=(("ero", "characters 1 to 3"), (" ERO\n", "any case")),
        fails=(
            ("one (two) three,", "words"),
            ("er", "the end is included"),
            ("ro", "the start is included"),
            ("zero", "too many"),
        ),
    ),
    Case(
        "repeat:repeat_span",
        {"prompt_to_repeat": SPAN, "n_start": 4, "n_end": 8},
        reading="reference",
        passes=(("one", "blanks round the span are dropped"),),
        fails=(("on", "too few"),),
    ),
    Case(
        "sentence:keyword",
        {"word": "tea", "N": 2.0},
        passes=(
            ("It is hot. Tea is good.", "in the second, in any case"),
            ("It is hot. I like 'TEA'. No more.", "with marks"),
            ("# On tea\n\nIt is hot.\n\nI like tea.", "a heading is no sentence"),
            ("Dr. Smith is in. He likes tea.", "an abbreviation ends no sentence"),
        ),
        fails=(
            ("Tea is good. It is hot.", "in the first"),
            ("It is hot. It is good. I like tea.", "in the third"),
            ("I like tea.", "one sentence"),
            ("It is hot. I like teas.", "only inside another word"),
            ("It is hot. I like steam.", "only inside another word"),
            ("Жарко. Люблю чай.", "another language"),
            ("x", "one letter"),
        ),
    ),
    Case(
        "sentence:keyword",
        {"word": "чай", "N": 1},
        passes=(("Люблю Чай. Да.", "Cyrillic"),),
        fails=(("Люблю чайник. Вот чай.", "inside another word"),),
    ),
    Case(
        "sentence:keyword",
        {"word": "tea", "N": 2},
        reading="reference",
        passes=(
            ("It is hot. Tea is good.", "in the second"),
            ("# Title.\nI like tea", "a heading with a period is a sentence"),
            ("It is hot. I like tea-time.", "a hyphen is a boundary"),
            ("It is hot. Tea is good. No more.", "of three"),
        ),
        fails=(
            ("It is hot. I like steam.", "inside a word"),
            ("I like tea", "one sentence"),
            ("Tea is good. It is hot.", "in the first"),
            ("It is hot. Good. I like tea.", "in the third"),
        ),
    ),
    Case(
        "sentence:keyword",
        {"word": "c++", "N": 1},
        reading="reference",
        passes=(("I like c++x.", "the word is no pattern; a boundary must follow its last sign"),),
        fails=(("I like c++ now.", "no boundary after a sign"), ("ccc", "no pattern")),
    ),
    Case(
        "sentence:increment",
        {"small_n": 2.0},
        passes=(
            ("Tea is hot. Tea is good, I say.", "3 and 5"),
            ("Tea. Tea - is hot. Well-known tea isn't cold here.", "1, 3, 5; marks are no words"),
            ("Чай. Чай был горяч.", "Cyrillic"),
        ),
        fails=(
            ("Tea is hot. Tea is good here.", "3 and 4"),
            ("Tea is hot. Tea is good, I say so.", "3 and 6"),
            ("Tea is good, I say. Tea is hot.", "falling"),
            ("Tea is hot. Tea is good, I say. Tea is hot.", "3, 5 and 3"),
            ("Tea is hot. Tea is hot.", "equal"),
            ("Tea is hot.", "one sentence is no row"),
            ("x", "no sentence"),
        ),
    ),
    Case(
        "sentence:increment",
        {"small_n": 2},
        reading="reference",
        passes=(
            ("Tea is hot. Tea is good, I say.", "3 and 5"),
            ("Tea is hot", "one sentence is enough"),
            ("x", "so is one letter"),
            ("Tea. Tea - is hot.", "marks alone are no words"),
            ("Tea. Don't be well-known.", "don't and well-known are one word each"),
        ),
        fails=(
            ("Tea is hot. Tea is good here.", "3 and 4"),
            ("Tea is hot. Tea is good, I say so.", "3 and 6"),
            ("Tea is good, I say. Tea is hot.", "falling"),
            ("Tea is hot. Tea is good, I say. Tea is hot.", "3, 5 and 3"),
        ),
    ),
    Case(
        "sentence:alliteration_increment",
        {},
        passes=(
            ("Tea is hot. Big bad cats ate. Two tall toads told.", "1, 2 and 4"),
            ("Big bad cats. Cold, 'cats' (can) come.", "2 and 4; marks do not count"),
            ("Is hot. Ein äh Ärger.", "letters beyond ASCII, in any case"),
            ("Чай был. Чёрный чай был.", "Cyrillic"),
        ),
        fails=(
            ("Big bad cats. Two tall dogs.", "2 and 2"),
            ("Big bad bold cats. Two tall dogs.", "3 and 2"),
            ("Big bad cats. Ten to hot hens go.", "2 twice is no longer run"),
            ("Tea is hot. Cats are good.", "1 and 1"),
            ("Tea is hot. Two tall dogs. Big bad cats.", "1, 2 and 2"),
            ("Big bad bold bears.", "one sentence is no row"),
            ("x", "no sentence"),
        ),
    ),
    Case(
        "sentence:alliteration_increment",
        {},
        reading="reference",
        passes=(
            ("Tea is hot. Big bad cats ate. Two tall toads told.", "0, 2 and 4"),
            ("Big bad cats. Ten to hot hens go.", "2, and 4 in two runs"),
            ("Big bad cats. Ten to tot hens.", "2 and 3"),
            ("Big 'bad' cats. (Ten) to ** tot hens.", "2 and 3; leading marks do not count"),
            ("Tea", "one sentence is enough"),
        ),
        fails=(
            ("Big bad cats. Two tall dogs.", "2 and 2"),
            ("Big bad bold cats. Two tall dogs.", "3 and 2"),
            ("Tea is hot. Cats are good.", "0 and 0"),
            ("Big bad bold cats. Ten to hot. Hens hop.", "3 and 2"),
        ),
    ),
)
