"""IFBench: format, where a small change of the code would show."""

from __future__ import annotations

from tests.verifiers.cases.case import Case
from tests.verifiers.cases.ifbench_custom import STORY
from tests.verifiers.cases.ifbench_tables import STUDENTS
from tests.verifiers.cases.ifbench_tables import special as products


def students(field: str) -> str:
    """The students with another field in the last row."""
    return STUDENTS.replace('"3"', field)


def quiz(questions: tuple[str, ...], option: str = "{}) Tea") -> str:
    """Questions after the word and a space, with five options each."""
    options = "\n".join(option.format(letter) for letter in "ABCDE")
    return "\n".join(f"Question {each}\n{options}" for each in questions)


CASES = (
    Case(
        "format:options",
        {"options": "yes/no/I know"},
        passes=(("( yes )", "spaces inside marks"), ("“*no*”.", "marks inside marks")),
        fails=(("Iknow", "one word"), ("I  no", "other words")),
    ),
    Case(
        "format:output_template",
        {},
        passes=(
            ("My Answer:tea My Conclusion:hot Future Outlook:cold", "no spaces"),
            ("#### My Answer: t My Conclusion: h Future Outlook: c", "one letter each"),
        ),
        fails=(
            ("My Answer: t My Conclusion: [conclusion] Future Outlook: c", "the second is left"),
        ),
    ),
    Case(
        "format:line_indent",
        {},
        passes=(
            ("```\ntea\n hot\n ```", "the end of the code block is indented"),
            ("``tea\n ``hot", "marks of code within the lines"),
            ("tea\n  tea\n   tea tea", "the same words"),
        ),
        fails=(
            ("tea\n     is\n\thot", "a tab is four columns, not five"),
            ("```\ntea\n hot", "a code block that is not closed"),
            ("tea\n hot\n```", "a code block that is not opened"),
            ("```\ntea\n```", "one line in a code block"),
            ("```\ntea\n hot\n``` tea", "text after the code block"),
            ("``\n tea\n  hot\n```", "two marks open none"),
            ("x```\n tea\n  hot\n```", "text before the code block"),
            ("tea\n hot\n ```", "a mark as the last line"),
        ),
    ),
    Case(
        "format:title_case",
        {},
        passes=(
            ("NASA Drinks", "half of the words in capitals"),
            ("I Am I", "words of one letter"),
            ("See (www.tea.example) and 'https://tea.example'", "addresses in marks"),
        ),
        fails=(
            ("TEA IS", "two words in capitals"),
            ('Tea Is "hot"', "a small word in marks"),
            ("Tea Is #hot", "a small word after a mark"),
            ("Tea Is Hot:/cold", "no address"),
            ("Tea Is Hot//cold", "no address"),
            ("of Tea", "a minor word at the beginning"),
            ("Tea Is hOT", "a small letter before capitals"),
            ("Tea Is Hot and/or cold", "after a slash"),
        ),
    ),
    Case(
        "format:parentheses",
        {},
        passes=(
            ("((((x [y {z] w))))", "a brace that is never closed, inside five levels"),
            ("([{([x])}]) {", "an open one after it"),
            ("((((([x)))))", "the word stands in one that is not closed"),
            ("((((x (y) ()))))", "an empty one beside the innermost"),
            ("((((( _x_ )))))", "a word with underscores"),
            ("([{([x {])}])", "one more that is not closed"),
        ),
        fails=(
            ("((((( ** )))))", "no word inside"),
            ("x ((((()))))", "a word before"),
            ("((((x ()))))", "the innermost is empty: four levels"),
            ("([{([ ])}] x)", "one level with a word, round empty ones"),
            ("(x [) {([x])}", "closed crosswise"),
        ),
    ),
    Case(
        "format:quotes",
        {},
        passes=(
            ('"a \'b "c"d\' e"', "no space after a closing mark"),
            ('"a \'b "c ", d\' e"', "a space before a closing mark and its comma"),
            ('"a \'b "c " d\' e"', "a space on both sides of a closing mark"),
            ('"a \'b "c" d\' e "', "a space before the last mark"),
            ('"a \'b "c "} d\' e"', "a space before a closing mark and its brace"),
            ("'x \"5'11 'y' z\" w'", "a mark between digits"),
            ("'x \"a'1 1'a 'y' z\" w'", "marks between a letter and a digit"),
            ('tea:"a (\'b "c" d\') e"', "after a colon and a bracket"),
            ('"a>\'b "c" d\' e"', "after an arrow"),
            ('_"a _\'b **"c"** d\'_ e"_', "emphasis of both kinds"),
            ('"a \'b "c\nd" e\' f"', "a line break"),
            ('"a \'b "c\n d\n e" f\' g"', "line breaks with text between"),
            ("\"a 'b“c”d' e\"", "no spaces round curly marks"),
            ("‘a “b ‘c’ d” e’", "curly, single marks outside"),
            ('"a \'b "c \'d" e\' f"', "a mark inside that is never closed"),
        ),
        fails=(
            ('"a\n \t\n\'b "c" d\' e"', "over two paragraphs, blanks between"),
            ('"a \'b "" d\' e"', "the innermost is empty: two levels"),
            ("\"a 'b 'c' d' e\"", "single in single does not alternate"),
            ("\"a 'b c' d\" 'e'", "two levels, and one beside them"),
            ("\"a 'b ”c” d' e\"", "closing marks do not open"),
        ),
    ),
    Case(
        "format:quote_unquote",
        {},
        passes=(
            ("«Tea» is a drink. «Cup»: it holds tea.", "two in angular marks"),
            ("Tea” is hot. “Tea” is a drink", "a closing mark alone before it"),
            ("Tea» is hot. “Tea” is a drink", "another closing mark alone"),
            ("\n\n“Tea\nhot” is a drink", "over two lines"),
            ("“Tea\n \t\n“Cup” is a thing", "not closed in its paragraph"),
        ),
        fails=(
            ('A "B" c d', "two words after one letter"),
            ('"Tea" is hot"', "two words and a mark"),
            ('A cup, "Tea is hot and good"', "all words are quoted"),
            ('"Tea" is a drink. "C" x y "D" is a drink', "two words after the second"),
            ("«Tea» is a drink. «Cup» is blue", "two words after the second, in angular marks"),
        ),
    ),
    Case(
        "format:list",
        {"sep": "!?!?"},
        passes=(
            ("`!?!?` tea\n__!?!?__ cup", "code and emphasis round the mark"),
            ("!?!? tea\n-cup\n!?!? pot", "a hyphen without a space is no bullet"),
            ("!?!? tea - hot\n!?!? cup\nso - hot", "a hyphen in the line is no bullet"),
        ),
        fails=tuple(
            (f"!?!? tea\n!?!? cup\n{bullet}pot", f"a bullet besides: {bullet}")
            for bullet in ("- ", " * ", "\t+ ", "\u2022\t", "\u2013 ", "\u25cf ")
        ),
    ),
    Case(
        "format:list",
        {"sep": " a1 "},
        passes=(("a1 tea\na1: cup", "blanks round the mark do not count"),),
        fails=(
            ("a1b tea\na1c cup", "a letter after it"),
            ("a12 tea\na13 cup", "a digit after it"),
            ("tea a1\ncup a1", "at the end"),
        ),
    ),
    Case(
        "format:list",
        {"sep": "a?"},
        passes=(("a?tea\na?cup", "a letter after a mark that ends in a sign"),),
        fails=(("a??tea\na??cup", "another mark"),),
    ),
    Case(
        "format:list",
        {"sep": "*"},
        passes=(("* tea\n* cup", "asterisks, which are no emphasis here"),),
        fails=(("- tea\n- cup", "hyphens"), ("**tea**\n**cup**", "bold")),
    ),
    Case(
        "format:sub-bullets",
        {},
        passes=(
            ("  *\ttea\n\t-\thot\n\t* cup\n- big", "tabs"),
            ("* tea\n  - hot\nIt is * hot", "an asterisk in the line"),
            ("* tea\n  - hot\n  - big\n  - red\n* cup\n  - a", "three and one"),
        ),
        fails=(
            ("* tea\n-hot", "no space after the hyphen"),
            ("* tea\nIt is - hot", "a hyphen in the next line"),
            ("* tea\n  - hot\n\t* cup", "a bullet after a tab, without its own"),
            ("* tea\n  - hot\n *\tcup", "a bullet before a tab, without its own"),
        ),
    ),
    Case(
        "format:no_bullets_bullets",
        {},
        passes=(
            ('Tea is hot. He said: "It is."\n* tea\n* cup', "the period inside straight marks"),
            ("Tea is hot. **It is good. **\n* tea\n* cup", "a space inside the emphasis"),
            ("Tea is hot.\nIt is\ngood.\n* tea\n* cup", "several lines"),
            ("Tea is hot.\n* pot\n\nIt is good.\n* tea\n* cup", "a bullet between"),
        ),
        fails=(
            ("Tea is hot. Is 3.5 good?\n* tea\n* cup", "a decimal point"),
            ("Tea is hot.\n* tea\n\nIt is good.\n* cup", "one bullet after the second"),
        ),
    ),
    Case(
        "format:emoji",
        {},
        passes=(
            ("Tea is hot ❤️. It is good 👍🏽. We 👨‍👩‍👧.", "compound ones before the marks"),
            ("चाय गर्म है। 😀", "Hindi"),
            ('"Tea is hot." 😀 `It is good.` 😀', "after straight marks and code"),
            ("*Tea is hot.* 😀\t\n\n_It is good._ 😀 ", "white space at the end"),
            ("😀", "an emoji alone"),
            ("Hi 😀\n", "no full sentence, a line end"),
            ("Tea\ue000 is hot. 😀", "a private sign"),
        ),
        fails=(("Hi", "no full sentence"), ('"Tea is hot." It is. 😀', "none after the first")),
    ),
    Case(
        "format:thesis",
        {},
        passes=(
            ("<i>Tea is hot.</i> It is:", "one section that ends with a colon"),
            ("<i>Tea is hot.</i> It is <i>good</i>, good", "italics further on"),
            ("<i>Tea is hot.</i> It is <i>good</i>", "italics at the end"),
            (
                "<H3>Tea</H3><I>Tea is hot.</I> It is.<h6>Cup</h6 ><em>A cup.</em> It is.",
                "capitals",
            ),
            ("<STRONG>Tea</STRONG>\n<i>Tea is hot.</i> It is.", "a bold title in capitals"),
            ("<!doctype html><html><body><main>\n<i>Tea.</i><span></span><hr>It is.", "a page"),
            ("<section><i\nid=a>Tea.</i>It is.</section><h4 id=b>Cup</h4><i>It.</i> Is.", "ids"),
            ("## <i>Tea</i>\n<i>Tea is hot.</i> It is.", "a title in italics"),
            (" ## <i>Tea</i>\n<i>Tea is hot.</i> It is.", "a title in italics, indented"),
            ("Two:\nones:\n# Tea\n<i>Tea is hot.</i> It is.", "a lead-in of two lines"),
            ("Sure: \n# Tea\n<i>Tea is hot.</i> It is.", "a lead-in with a space"),
            ("# Tea\n \t\n>\t<i>Tea is hot.</i>\n\n*It* is.", "blank lines and a quotation mark"),
            ("THESIS\t**:**\n<i>Tea is hot.</i> It is.", "a label in capitals"),
            ("Thesis<i>Tea is hot.</i> It is.", "a label alone"),
            ("__Thesis__: <i>Tea is hot.</i> It is.", "a label with underscores"),
            ("<i>Tea is hot.</i> So\n\n# Cup\n\n# Pot\n<i>It is.</i> Yes.", "an empty section"),
            ("<article><header><p><i>Tea</i><br/>is</p></header></article>", "blocks"),
            ("**<i>Tea is #1 and hot.</i>**\nIt is.", "a bold thesis with a number sign"),
            ("<p><b>Tea</b></p><p><i>Tea is hot.</i> It is.</p>", "a bold paragraph as title"),
            ("<p><strong>Tea</strong></p><i>It.</i> It is.", "another"),
            (
                "<b>Tea</b> <u>is</u> hot:\n# Tea\n<i>It is.</i> It is.",
                "an inline tag in a lead-in",
            ),
            ("<p>So:</p><h2>Tea</h2><i>It is.</i> It is.", "a lead-in in HTML"),
        ),
        fails=(
            ("Tea <i>is hot</i>, a thesis: <i>it</i> is", "a label further on"),
            ("Here: it is\n# Tea\n<i>Tea is hot.</i> It is.", "a colon in the middle"),
            ("# Tea\nCup:\n<i>Tea is hot.</i> It is.", "text before the italics"),
            ("# Tea\n<i>Tea is hot.</i> It is.\n**Cup**\nCups hold tea.", "a bold heading"),
            ("<i>Tea.</i> Is. <h2>Cup</h2>Cups hold tea.", "a heading in HTML"),
            ("<i>Tea.</i> Is.\n<b>Cup</b>\nCups hold tea.", "a bold title"),
            ("<i>Tea.</i> Is.\n<p><strong>Cup</strong></p>Cups hold tea.", "a bold paragraph"),
            ("<it>Tea</it> is hot.", "another tag"),
            ("<i Tea</i> is hot.", "a tag that is not closed"),
            ("<i <b>Tea</i> is hot.", "a tag inside a tag"),
            ("<i>Tea is hot.<i> It is.", "opened twice"),
            ("<em>Tea</i> is hot.", "closed by another"),
            ("a\n<i>Tea is hot.</i> It is.", "a letter before it"),
            (
                "<i>Tea.</i> Is.<br>**Cup** <u>is</u><br>Cups hold tea.<h2>A</h2>B",
                "text under a heading",
            ),
            ("<i>Tea.</i> Is.\n**A**<u></u>\nCups hold tea.", "an inline tag after a bold title"),
        ),
    ),
    Case(
        "repeat:repeat_change",
        {"prompt_to_repeat": "Write a ‘hot’ poem."},
        passes=(
            ("Re-write a 'hot' poem.", "a word with a hyphen"),
            ('"`Rhyme a ‘hot’ poem.`"', "code in quotation marks"),
            ("Rhyme a ‘hot‘ poem.", "another form of single marks"),
            ("*Rhyme a ‘hot’ poem.*", "emphasis"),
        ),
        fails=(("Rhyme a hot poem.", "without the marks"),),
    ),
    Case(
        "repeat:repeat_change",
        {"prompt_to_repeat": "tea"},
        passes=(("cup", "another word"),),
        fails=(("''", "nothing"), ("Tea", "the same word")),
    ),
    Case(
        "repeat:repeat_span",
        {"prompt_to_repeat": "TeaCup", "n_start": 0, "n_end": 2},
        reading="reference",
        passes=(("tea", "any case"), ("TEA", "any case")),
        fails=(("te", "too few"), ("teac", "too many")),
    ),
    Case(
        "sentence:keyword",
        {"word": "tea", "N": 1},
        reading="reference",
        passes=(("I like 'tea'.", "marks are boundaries"),),
        fails=(("I like lattea.", "at the end of a word"), ("I like teas.", "at the beginning")),
    ),
    Case(
        "sentence:alliteration_increment",
        {},
        reading="reference",
        passes=(("Big bad cats. Bad bold big cats. Ten to hot hens go.", "2, 3 and 2 + 2"),),
        fails=(
            ("Bad bold big cats. Bold bad cats ate.", "3 and 2"),
            ("Ten to hot hens go. Bad bold big cats.", "2 + 2 and 3"),
            ("Ten to hot hens go. Bad bold big bats.", "2 + 2 and 4"),
            ("A bee. Two cups are so hot.", "0 and 0"),
        ),
    ),
    Case(
        "custom:date_format_list",
        {},
        reading="reference",
        passes=(("\n1805-12-02, 1800-02-29\n", "line ends"), ("1800-00-99", "month 0, day 99")),
        fails=(("1805-12-02,\n", "an empty part"), ("1800-14-01", "month 14")),
    ),
    Case(
        "custom:word_reverse",
        {},
        reading="reference",
        passes=(("(Eagle) bald.", "marks"), ("eagle-- ?? bald", "marks alone between")),
        fails=(("eaglebald", "one word"),),
    ),
    Case(
        "custom:csv_special_character",
        {},
        reading="reference",
        passes=(
            (products('"a & b"'), "spaces round it"),
            (products('"x"').replace("Lego", '"&"', 1), "in the first row"),
        ),
        fails=(
            (products('A&"B"'), "marks within the field"),
            (products("A&B"), "no marks"),
            (products('"AB"&'), "after the marks"),
            (products('"x"').replace("Price", '"Price"'), "a header in marks"),
            (products('"x"').replace("ID,C", '"ID,C', 1), "a header with one mark"),
            (products('"&"').replace("Stock", "Stock,Sum", 1), "a longer header"),
            (products('"&"').replace("Stock", "Stocks", 1), "another name"),
        ),
    ),
    Case(
        "custom:csv_quotes",
        {},
        reading="reference",
        passes=((students('"3"'), "all in marks"), (students('"3" '), "a space after the mark")),
        fails=(
            (students('"3"x'), "a letter after the mark"),
            (students('x"3"'), "a letter before the mark"),
            (students('"3"').replace('"Score"', '"Score"\t"Sum"'), "a longer header"),
        ),
    ),
    Case(
        "custom:csv_city",
        {},
        reading="reference",
        passes=(),
        fails=(
            ("\n".join(["ID,Country,City,Year"] + ["1,2,3,4,5"] * 7), "a shorter header"),
            ("\n".join(["ID,Country,City,Year,Count"] + ["1,2,3,4"] * 7), "four fields"),
        ),
    ),
    Case(
        "custom:mcq_count_length",
        {},
        reading="reference",
        passes=(
            (quiz(("1 ", "2: xx", "3. xxx", "4) xxxx")), "several labels"),
            (quiz(("1|", "2;x", "3 xx", "4.xxx")), "others"),
            (quiz(("1 x", "2 xx", "3 x\nx", "4 x\n\nx")), "line breaks count"),
            (quiz(("1 x", "2 xx", "3 xxx", "4 xxxx"), "{}. 1900"), "options of digits"),
            (
                quiz(("1 x", "2 xx", "3 xxx", "4 xxxx")) + "\n\nThese were the questions.",
                "text after",
            ),
        ),
        fails=(
            (quiz(("1 xxxx", "2: xxx", "3. xx", "4) x")), "falling"),
            (quiz(("1| x", "2; x", "3: x", "4) x")), "equal, with several marks"),
            (
                quiz(("1. x", "2 xx", "3 xxx", "4 xxxx")).replace("Question 2", "Question  2"),
                "spaces",
            ),
            (quiz(("1 x", "2 xx", "3 xxx", "4 xxxx"), "{} Tea"), "options without marks"),
            (quiz(("x", "xx", "xxx", "xxxx")), "no numbers"),
            (" " + quiz(("1 x", "2 xx", "3 xxx", "4 xxxx")), "a space before the first"),
            ("A " + quiz(("1 x", "2 xx", "3 xxx", "4 xxxx")), "text before the first"),
        ),
    ),
    Case(
        "custom:sentence_alphabet",
        {},
        reading="reference",
        passes=((f" \n{STORY}", "white space at the beginning"),),
        fails=((f"{STORY} More. More.", "28 sentences"),),
    ),
    Case(
        "format:options",
        {"options": "xa/b/c"},
        reading="reference",
        passes=(("B.", "not taken for letters a, b, c"),),
        fails=(("b/c", "two"),),
    ),
    Case(
        "format:quote_unquote",
        {},
        reading="reference",
        passes=(("A cup '\"' tea '\"'", "the mark as a name, at the end"),),
        fails=(
            ("A cup '\"", "an open single mark before it"),
            ("A cup \"'", "a single mark after it"),
        ),
    ),
    Case(
        "format:parentheses",
        {},
        reading="reference",
        passes=(("{{{{{x}", "braces"), ("(((( x (y)", "the fifth is closed")),
        fails=(
            ("(((()", "four"),
            ("((((]((()", "four, then three"),
            ("()()()()()(", "one at a time"),
        ),
    ),
    Case(
        "format:no_bullets_bullets",
        {},
        reading="reference",
        passes=(("Tea is hot.\nTea * is.\n* a\n* b", "an asterisk in the line"),),
        fails=(("Tea.\n* a\n* b", "one sentence"), ("Tea is * hot.\n* a\n* b", "one sentence")),
    ),
    Case(
        "format:emoji",
        {},
        reading="reference",
        passes=(("Tea is hot 😀  .", "spaces before the mark"),),
        fails=(
            ("Tea 😀. (((.", "a sentence of marks"),
            ("Tea is hot. I 😀 it 😀.", "an emoji as second sign of the next"),
            ("???", "marks alone"),
        ),
    ),
    Case(
        "format:thesis",
        {},
        reading="reference",
        passes=(
            ("<i>tea</i> hot <i>cup</i>", "the first pair counts"),
            ("<em>tea</em> hot <em>cup</em>", "the first pair counts"),
            ("<i>tea</em> hot <i>cup</em>", "the first pair counts"),
        ),
        fails=(("</i>tea<i>", "in the wrong order"), ("x</em>tea<em>", "in the wrong order")),
    ),
    Case(
        "format:line_indent",
        {},
        reading="reference",
        passes=(("tea\n is", "two lines"),),
        fails=((" \ntea\nhot", "equal after a blank line"), ("\n\ntea", "the second blank stays")),
    ),
    Case(
        "format:title_case",
        {},
        reading="reference",
        passes=(("\u24d0", "a small sign that is no letter"),),
        fails=(("\u00e9", "a small letter with an accent"),),
    ),
    Case(
        "format:line_indent",
        {},
        reading="reference",
        passes=(("\ntea", "a blank line at the beginning"), ("\ntea\n is", "and two lines")),
        fails=(("\ntea\nis", "no indent"), ("tea\n  is\n  hot", "the last step is missing")),
    ),
    Case(
        "custom:csv_special_character",
        {},
        reading="reference",
        passes=((products('"Le"&"o"'), "between two pairs of marks"),),
        fails=((products("'A&B'"), "single marks"),),
    ),
    Case(
        "custom:mcq_count_length",
        {},
        reading="reference",
        passes=(
            (
                quiz(("1 x", "2 xx", "3 xxx", "4 xxxx")).replace(
                    "\nQuestion 2", "\nThat was the first.\nQuestion 2"
                ),
                "text after the options is no part of the question",
            ),
        ),
        fails=((quiz(("1 )x", "2 )x", "3 )xx", "4 )xxx")), "two alike"),),
    ),
)
