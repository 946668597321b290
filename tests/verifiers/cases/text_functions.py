"""Words, sentences, paragraphs and relations: what `hppt_lib.verifiers.text` must find in them."""

from __future__ import annotations

from tests.verifiers.cases.function_case import function_cases

_TEXT = "hppt_lib.verifiers.text"

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
    ("热茶", ["热茶"], "no spaces in Chinese: one stretch"),
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
    ("ЧАЙ, 热茶。", ["чай", "热茶"], "other scripts"),
    ("", [], "nothing"),
)

OCCURRENCES = (
    ("tea", "Tea, TEA and tea.", 3, "any case"),
    ("TEA", "Tea, TEA and tea.", 3, "any case of the keyword as well"),
    ("war", "forward war warm", 1, "not inside another word"),
    ("tea", "steatea tea teapot", 1, "not at the end or the start of another word"),
    ("tea", "_tea tea_ 1tea tea1", 0, "an underscore and a digit belong to the word"),
    ("tea", "(tea) tea-cup", 2, "brackets and a hyphen do not"),
    ("ice cream", "ice  cream, ice\ncream and icecream", 2, "a phrase over any white space"),
    ("ice cream", "nice cream ice creams", 0, "a phrase inside longer words"),
    (" a  b c ", "a b c, a b", 1, "all parts of a phrase"),
    ("c++", "C++ and c, c++11", 1, "plain text, not a pattern"),
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

SENTENCES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Tea is hot. It boils!", ("Tea is hot.", "It boils!"), "two"),
    ("Is it hot? Yes. No…", ("Is it hot?", "Yes.", "No…"), "each end mark"),
    (
        "It is 3.5 p.m. and Dr. Lee, e.g., naps.",
        ("It is 3.5 p.m. and Dr. Lee, e.g., naps.",),
        "abbreviations and decimals end none",
    ),
    ('"Mrs. Lee naps.', ('"Mrs. Lee naps.',), "a title after a mark that stays open"),
    ("_Dr. Lee_ naps. Yes.", ("_Dr. Lee_ naps.", "Yes."), "nor after an underscore"),
    ('"VMs. They nap.', ('"VMs.', "They nap."), "the end of a longer word is no title"),
    ("Tea is hot\nand sweet.\nGood.", ("Tea is hot and sweet.", "Good."), "a wrapped line"),
    ("Tea is hot\n\nSo is coffee", ("Tea is hot", "So is coffee"), "paragraphs end one"),
    ("Tea is hot\n \t\nSo is coffee", ("Tea is hot", "So is coffee"), "a line of spaces as well"),
    ("# Hot tea.\nTea is hot.", ("Tea is hot.",), "a heading is none"),
    ("Tea is hot now\n## It boils.\nIt is good", ("Tea is hot now", "It is good"), "and ends one"),
    ("**On tea**\n\nTea is hot.", ("Tea is hot.",), "a bold heading is none"),
    ("**Is tea hot?**\nYes.", ("Is tea hot?", "Yes."), "a bold question is one"),
    (
        "<p>Tea is <b>hot</b>.</p>\n<p>It boils.</p>",
        ("Tea is hot .", "It boils."),
        "tags are passed over",
    ),
    ("<P>Tea is hot.</P>", ("Tea is hot.",), "tags in capitals"),
    ("It is<br>hot.", ("It is hot.",), "a tag separates words"),
    ("Is 3 < 4 and 5 > 4?", ("Is 3 < 4 and 5 > 4?",), "a tag has a letter after its bracket"),
    ("Is a <b or c? Yes.", ("Is a <b or c?", "Yes."), "a tag that never ends is none"),
    ("Try a <b or <c> too.", ("Try a <b or too.",), "a tag holds no other bracket"),
    ("Try <a> or b> too.", ("Try or b> too.",), "a tag ends at its first bracket"),
    ("[Your Name] [Your Very Long Title]", (), "placeholders are none"),
    ("Dear [Name] we all drink tea", ("Dear [Name] we all drink tea",), "prose with one is"),
    ("[ [Your Own Name]", (), "a bracket that never closes"),
    ("one[]two tea", ("one[]two tea",), "an empty placeholder separates two words"),
    ("tea[x]cup is", ("tea[x]cup is",), "a placeholder separates words"),
    ("[a [b] c] tea", ("[a [b] c] tea",), "the inner bracket is the placeholder"),
    ("[a] now or never [b]", ("[a] now or never [b]",), "each placeholder by itself"),
    (
        "**Hot** tea. **It is hot.** Now *go*.",
        ("Hot tea.", "It is hot.", "Now go."),
        "emphasis does not hide an end mark",
    ),
    ("Use `tea.` Then `drink.` Yes.", ("Use tea.", "Then drink.", "Yes."), "nor does code"),
    ("- _Tea is hot._", ("_Tea is hot.",), "an underscore is left, or cut off by the library"),
    ("- _Tea is hot…_", ("_Tea is hot…_",), "an underscore after the end mark"),
    ("- « Tea is hot… »", ("« Tea is hot… »",), "a space between end mark and quotation mark"),
    ("* Hot tea\n* Cold cup", (), "list items without an end mark are none"),
    ("- Hot tea. It is very good", ("Hot tea.",), "what follows the end mark is none either"),
    ("* Hot tea and more of it", (), "however long they are"),
    ("* Buy tea.\n1. Boil it.\n2) Drink.", ("Buy tea.", "Boil it.", "Drink."), "with one they are"),
    ("- Buy hot tea\n  and drink it", (), "an item goes on in the next line"),
    ("Buy hot\ntea now\n- cup.", ("Buy hot tea now", "cup."), "two lines before an item"),
    ("(see\n```\ntea.\n```", ("tea.",), "a line that begins with a mark, before a fence"),
    ('"see" ```code``` for tea', ('"see" code for tea',), "a fence inside a line with a mark"),
    ('"Tea" is hot. | Yes.', ('"Tea" is hot.', "| Yes."), "a bar inside such a line"),
    ("- Buy hot tea\n\nThen we drink", ("Then we drink",), "and ends at a blank line"),
    ("Buy hot tea\n- cup.\nThen go.", ("Buy hot tea", "cup.", "Then go."), "an item ends prose"),
    ("1. Tea\n2. Cup", (), 'the "1." of a list is none'),
    ("Tea is hot.\n1.\nYes.", ("Tea is hot.", "Yes."), 'nor is a "1." of its own'),
    ("1.)\n\n1).", (), "in any writing"),
    ("It is\n10.5.", ("It is 10.5.",), "a number ends one"),
    ("You need three things:\n- tea\n", (), "a lead-in and its list are none"),
    ("你 需要 三样：\n- 茶", (), "a lead-in with a wide colon"),
    ("Note: tea is hot", ("Note: tea is hot",), "a colon inside"),
    ("| Tea. | hot |", (), "a table's row is none"),
    (" | Tea. | hot |", (), "however far it is set in"),
    ("Tea is hot. | Yes.", ("Tea is hot.", "| Yes."), "a bar inside a line is no table"),
    ("Try this:\n```\nx = tea or water\n```\nIt works.", ("It works.",), "code is no prose"),
    ("~~~\nx = tea or water\n~~~\nIt works now", ("It works now",), "another fence"),
    (" ```\nx = tea or water\n\t```\nIt works now", ("It works now",), "a fence set in"),
    ("see ```code``` for tea", ("see code for tea",), "a fence stands at the start of its line"),
    ("```\nTea is\nhot.\n```", ("hot.",), "each line of code by itself"),
    ("```\n# Hot tea.\n- It is.\n```", ("It is.",), "headings and items in code"),
    ("```xml\n<p>Tea is hot.</p>\n```", ("Tea is hot.",), "a sentence in a code block is one"),
    ("Tea is hot. Tea is", ("Tea is hot.",), "a stump of two words is none"),
    ("Tea is hot. Tea is very", ("Tea is hot.", "Tea is very"), "three words without a mark"),
    (
        "It is hot. (Very hot.) It boils.",
        ("It is hot.", "(Very hot.)", "It boils."),
        "brackets of their own",
    ),
    ("(So hot!) Go. (Is it?) Yes.", ("(So hot!)", "Go.", "(Is it?)", "Yes."), "other marks"),
    ('(Hot.) "Yes." (Hot.) “No.”', ("(Hot.)", '"Yes."', "(Hot.)", "“No.”"), "a quotation after"),
    ("(Hot.) (Cold.)", ("(Hot.)", "(Cold.)"), "a bracket after a bracket"),
    ("Tea (hot, etc.) is good.", ("Tea (hot, etc.) is good.",), "the sentence goes on"),
    ("Tea (hot) Cup.", ("Tea (hot) Cup.",), "no end mark in the bracket"),
    ("See (p.)Now it is.", ("See (p.)Now it is.",), "no space after the bracket"),
    ('He left. "Go now." They went.', ("He left.", '"Go now."', "They went."), "quoted sentences"),
    ('- He said "go."', ('He said "go."',), "an end mark inside quotation marks"),
    ('"Tea. It boils," he said.', ("Tea.", "It boils, he said."), "two sentences in one quotation"),
    ('He said "Tea! It boils."', ("He said Tea!", "It boils."), "two that both end"),
    ("“Tea? Go.” (Is it? No.)", ("Tea?", "Go.", "Is it?", "No."), "curly marks and brackets"),
    ('"Tea is. It is', ('"Tea is.',), "a mark that stays open"),
    ('It is "tea." "Go." It is.', ('It is "tea."', '"Go."', "It is."), "one sentence in each"),
    ('"It is.) Go." Yes.', ('"It is.)', 'Go."', "Yes."), "marks that are no pair"),
    ('"Tea.\n\nIt is so."', ("Tea.", "It is so."), "a quotation of two paragraphs"),
    (
        "Is (a “b (tea. It) is.",
        ("Is (a “b tea.", "It is."),
        "the last mark that opens is the pair's",
    ),
    ("(Tea. Go.) It is.)", ("Tea.", "Go.", "It is."), "and the first that closes"),
    ("“Tea. Go.” It is.”", ("Tea.", "Go.", "It is.”"), "curly marks too"),
    ('"" Tea. Go."', ('"" Tea.', 'Go."'), "nothing between two marks, which are a pair"),
    ("- 他说「好。」", ("他说「好。」",), "and inside Chinese ones"),
    ("茶很热。水很冷！", ("茶很热。", "水很冷！"), "Chinese"),
    *((f"茶很热{mark}3杯。", (f"茶很热{mark}", "3杯。"), "a digit after") for mark in "。！？"),
    *((f"茶很热。{mark}3杯。", (f"茶很热。{mark}", "3杯。"), "a mark after") for mark in "」”’"),
    *((f"茶很热。{mark}3杯。", ("茶很热。", f"{mark} 3杯。"), "another") for mark in "』）"),
    ("他（很好。）走了。", ("他（很好。） 走了。",), "the sentence goes on"),
    ('It\'s "hot." ' * 400, ('It\'s "hot."',) * 400, "hundreds of quotation marks"),
    ('"\u300c' * 12_500, (), "quotation marks that stay open"),
    ("Go. Tea" + " is" * 900 + ".", ("Go.", "Tea" + " is" * 900 + "."), "a very long sentence"),
    (
        "Go. Tea" + " is" * 900 + ". Yes.",
        ("Go.", "Tea" + " is" * 900 + ".", "Yes."),
        "then another",
    ),
    (
        "Tea" + " is" * 3_000 + ". Yes.",
        ("Tea" + " is" * 3_000 + ".", "Yes."),
        "over several windows",
    ),
    ("x" * 2200 + ".", ("x" * 2200 + ".",), "a very long word"),
    ("Mr. Tea is. " * 400, ("Mr. Tea is.",) * 400, "hundreds of sentences"),
    ("[" + "A. " * 666 + "]", ("[" + "A. " * 666 + "]",), "brackets in one window"),
    ("चाय गरम है।" * 400, ("चाय गरम है।",) * 400, "no space between them"),
    ("is " * 666 + "it.", ("is " * 666 + "it.",), "a sign longer than a window"),
    ("Tea " * 374 + "x" * 500 + "!yyy", ("Tea " * 374 + "x" * 500 + "!yyy",), "one window"),
    ("Tea " * 374 + "x" * 500 + "!yyyy", ("Tea " * 374 + "x" * 500 + "!",), "one sign more"),
    ("Tea " * 500 + "x" * 499 + "!y", ("Tea " * 500 + "x" * 499 + "!y",), "499 without a space"),
    (
        "Tea " * 500 + "x" * 500 + "!y",
        ("Tea " * 500 + "x" * 500 + "!",),
        "500 are parted at a mark",
    ),
    ("- " + "a" * 199_997 + ".", ("a" * 199_997 + ".",), "the longest text that is read"),
    ("- " + "a" * 199_998 + ".", (), "one that is a character longer"),
    ("- चाय गरम है।", ("चाय गरम है।",), "Hindi"),
    ("Чай горячий. Вода холодная.", ("Чай горячий.", "Вода холодная."), "Cyrillic"),
    ("* * *\n---\n...", (), "marks alone"),
    (
        "half \ud800 a pair. Yes.",
        ("half ? a pair.", "Yes."),
        "half a surrogate pair does not raise",
    ),
    ("Vitamin A\xa0. It is hot.", ("Vitamin A .", "It is hot."), "a no-break space does not raise"),
    ("Tea\u3000is  hot.", ("Tea is hot.",), "white space of other kinds becomes plain"),
    ("(Hot!)  It is.", ("(Hot!)", "It is."), "several spaces after the bracket"),
    ("```\nnever closed. Yes", ("never closed.",), "a fence that stays open"),
    ("", (), "nothing"),
)

PARAGRAPHS = (
    ("a\nb\n\nc", ["a\nb", "c"], "a line end is none, a blank line is"),
    ("a\n \t\n\n\nb\n", ["a", "b"], "blank lines with spaces, and several"),
    ("a\n\n***\n\nb\n\n---", ["a", "b"], "a rule is none"),
    (" a\n\t- b", [" a\n\t- b"], "lines are kept as they are"),
    ("\n\n", [], "nothing"),
)

# Mistakes: a rule, a bold line or a minus taken for a list item.
LIST_ITEMS = ("* a", "- a", "+ a", "• a", "  1. a", "\t- a", "-\ta", "12) a", "123. a")
NO_LIST_ITEMS = ("*a", "-5", "* * *", "---", "**a**", "1.5 a", "1234. a", ". a", "b - a", "a", "-")
HEADINGS = ("# a", " # a", "\t#\ta", "###### a", "**a b**", "**a**", " **a** ", "# a?", "#")
HEADINGS += ("**a* b**", "***a***", "# a **b**")
NO_HEADINGS = ("#a", "####### a", "**a** b **c**", "**a.**", "**a।**", "**", "****", "a", "see # a")
NO_HEADINGS += ("**a", "*ab**", "a**", "a **b**", "**a** b", "**a*", "*a**", "***", "")

CASES = (
    *function_cases(_TEXT, "words", WORDS),
    *function_cases(_TEXT, "bare_words", BARE_WORDS),
    *function_cases(_TEXT, "occurrences", OCCURRENCES),
    *function_cases(_TEXT, "satisfies", RELATIONS),
    *function_cases(_TEXT, "counted", COUNTED),
    *function_cases(_TEXT, "first_words", FIRST_WORDS),
    *function_cases(_TEXT, "sentences", SENTENCES),
    *function_cases(_TEXT, "paragraphs", PARAGRAPHS),
    *function_cases(_TEXT, "is_list_item", ((each, True, "an item") for each in LIST_ITEMS)),
    *function_cases(_TEXT, "is_list_item", ((each, False, "no item") for each in NO_LIST_ITEMS)),
    *function_cases(_TEXT, "is_heading", ((each, True, "a heading") for each in HEADINGS)),
    *function_cases(_TEXT, "is_heading", ((each, False, "no heading") for each in NO_HEADINGS)),
)
