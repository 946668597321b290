"""IFBench: format, as the benchmark's own program decides it."""

from __future__ import annotations

from tests.verifiers.cases.case import Case

CASES = tuple(
    Case(id, kwargs, passes, fails, "reference")
    for id, kwargs, passes, fails in (
        (
            "format:options",
            {"options": "yes/no/maybe"},
            (
                ("yes", "the first"),
                (" **Maybe.** ", "marks, spaces and capitals"),
                ("no!", "with a mark"),
            ),
            (
                ("yes\n", "a line end"),
                ("yes no", "two"),
                ("yes/no", "two"),
                ("x", "none of them"),
            ),
        ),
        (
            "format:options",
            {"options": "I know or I don't know"},
            (("I know.", "the first"), ("(I don't know)", "the second")),
            (("I don\u2019t know", "another apostrophe"), ("I", "a part"), ("x", "none")),
        ),
        (
            "format:options",
            {"options": "for, (Tea)"},
            (("f", "'for' is cut at its 'or'"), ("tea", "so is what follows")),
            (("for", "it is cut"), ("fo", "a part")),
        ),
        (
            "format:options",
            {"options": "tea, (Cup)"},
            (("Tea!", "the first"), ("cup", "the second, without its brackets")),
            (("tea, (Cup)", "both"), ("x", "none")),
        ),
        (
            "format:options",
            {"options": "A), b), c), d)"},
            (("b)", "as given"), ("A)", "as given")),
            (
                ("b", "no bracket"),
                ("B)", "a capital"),
                ("a)", "a small letter"),
                ("b) ", "a space after it"),
                ("e)", "none of them"),
            ),
        ),
        (
            "format:output_template",
            {},
            (
                ("Future Outlook:My Conclusion:My Answer:", "any order, no text"),
                ("Tea. My Answer: a My Conclusion: b Future Outlook: c", "text before"),
            ),
            (
                ("My Conclusion: b Future Outlook: c", "the first is missing"),
                ("My Answer: a Future Outlook: c", "the second is missing"),
                ("My Answer: a My Conclusion: b", "the third is missing"),
                ("my answer: a My Conclusion: b Future Outlook: c", "case counts"),
            ),
        ),
        (
            "format:no_whitespace",
            {},
            (("Tea,hot.", "none"), ("tea\u2800hot", "no white space")),
            (("Tea hot", "a space"), ("Tea\n", "a line end"), ("\u3000x", "a wide space")),
        ),
        (
            "format:newline",
            {},
            (
                ("Tea\nhot", "two words"),
                ("\nTea\n\n-\nhot.\n", "marks and blank lines"),
                ("x", "one word"),
                ("...", "no word"),
                ("Tea\u2014hot", "a dash does not separate"),
            ),
            (
                ("Tea hot", "two on one line"),
                ("Tea\n \nhot", "a line with a space"),
                ("Tea\nhot now", "two on the last line"),
            ),
        ),
        (
            "format:line_indent",
            {},
            (
                ("tea\n is\n   hot", "growing"),
                ("tea\n\n is\n\n  hot\n", "one blank line each"),
                ("x", "one line"),
                ("tea\n \n is\n", "a line with a space"),
                ("tea\n\n \n  hot", "the second of two stays: one space"),
                ("\n \n  \n   tea", "the second of four stays"),
            ),
            (
                ("tea\nhot", "equal"),
                ("  tea\n hot", "falling"),
                ("tea\n\n\n hot", "the second of two blank lines stays: no space"),
                ("tea\n\thot", "a tab is no indent"),
                ("\n \n\n \n\n tea", "blank lines of two kinds"),
            ),
        ),
        (
            "format:title_case",
            {},
            (
                ("Tea Is Hot", "capitals"),
                ("TEA IS HOT", "capitals throughout"),
                ("Tea iPhone 4th", "mixed case and digits"),
                ("It's", "'s does not begin with a letter"),
                ("X Y", "single capitals"),
                ("茶", "no case"),
            ),
            (
                ("Tea is Hot", "a small word"),
                ("The Cup of Tea", "minor words too"),
                ("Isn't", "n't is a small word to it"),
                ("Cannot", "'not' is a word of its own"),
                ("Tea aBC", "a small letter before capitals"),
                ("A x", "a small letter"),
            ),
        ),
        (
            "format:parentheses",
            {},
            (
                ("(a [b {c (d [e])}])", "five levels"),
                ("((((()", "one of five is closed"),
                ("([{([x]", "one of five is closed"),
                (")]((((()", "closing ones before"),
            ),
            (
                ("(((())))", "four levels"),
                ("(((((", "none is closed"),
                ("(((((]", "closed by another"),
                ("((((](()", "counted from anew after a mismatch"),
                ("(((({]})", "counted from anew"),
                ("[[[[(]", "never closed"),
            ),
        ),
        (
            "format:quotes",
            {},
            (
                ('"a \'b "c" d\' e"', "three levels"),
                ("'\"'x'\"'", "single marks outside"),
                ('"a\'b"c"d\'e"', "marks inside words"),
                ('"\'"x"\'"', "no words"),
            ),
            (
                ("\"'x'\"", "two levels"),
                ('"a \'b "c" d\'', "the outermost is not closed"),
                ("“a ‘b “c” d’ e”", "curly marks"),
                ('"a" \'b\' "c"', "side by side"),
            ),
        ),
        (
            "format:quote_unquote",
            {},
            (
                ('"Tea" is hot', "two words after it"),
                ('"Tea" x "cup" x', "a letter after each"),
                ("x", "no quotation"),
                ("“Tea”", "curly marks"),
                ("'\"'", "a mark in single marks"),
                ("...", "marks only"),
                ('"x', "at the beginning"),
            ),
            (
                ('Say "tea"', "at the end"),
                ('Say "tea". 1)', "before digits and marks at the end"),
                ('"tea" "cup" x', "side by side"),
                ('"tea" \n "cup" x', "side by side over a line end"),
            ),
        ),
        (
            "format:list",
            {"sep": "..."},
            (("... tea ... cup", "in one line"), ("......", "side by side")),
            (("... tea", "one"), (".....", "one and a part")),
        ),
        (
            "format:sub-bullets",
            {},
            (
                ("* tea\n- hot", "one each"),
                ("x", "no bullet"),
                ("* well-known", "a hyphen in the line"),
            ),
            (
                ("* tea\n- hot\n* cup", "none under the last"),
                ("* tea\n* cup\n- hot", "none under the first"),
                ("* **tea**\n- hot", "bold"),
            ),
        ),
        (
            "format:no_bullets_bullets",
            {},
            (
                ("Tea is hot. Is it?\n* tea\n* cup", "two and two"),
                ("Tea is hot.\nTea\n\n**tea**\n *cup", "any line with an asterisk"),
                ("Tea. Tea. Tea.\n* a\n* b\n* c", "three and three"),
            ),
            (
                ("Tea is hot.\n* tea\n* cup", "one sentence"),
                ("Tea is hot. It is.\n* tea", "one bullet"),
                ("Tea is hot. It is.\n* tea\n* cup\n", "a line end after them"),
                ("Tea is hot.\n\nIt is.\n* tea\n* cup", "a blank line between sentences"),
                ("Tea is hot. It is.\n* tea\n\n* cup", "a blank line between bullets"),
                ("Tea is hot.\n* tea\nIt is.\n* cup\n* pot", "one sentence before the first"),
                ("\nTea is hot. It is.\n* tea\n* cup", "a blank line at the beginning"),
            ),
        ),
        (
            "format:emoji",
            {},
            (
                ("Tea is hot 😀.", "before the mark"),
                ("Tea is hot. 😀 It is. 😀", "the next one begins with it"),
                ("Tea is hot 😀x", "last but one"),
                ("Tea is hot ❤️!", "with its selector"),
                ("Tea is hot ©.", "a plain sign"),
                ("😀.", "alone"),
            ),
            (
                ("Tea is hot. It is. 😀", "none after the first"),
                ("Tea is hot. 😀 It is.", "none after the last"),
                ("Tea is hot 😀xy", "last but two"),
                ("Tea is hot 🇫🇷.", "a flag"),
                ("Tea is hot 1.", "a digit"),
                ("Tea is hot 😀. (!)", "a sentence of marks"),
                ("x", "a letter"),
                ("?", "a mark"),
            ),
        ),
        (
            "format:thesis",
            {},
            (
                ("Tea <i>is</i> hot.", "anywhere"),
                ("<em></em> tea", "no words in <em>"),
                ("<i>tea</em> hot", "closed by another"),
                ("<i>tea</i>.", "a mark after it"),
                ("</i> <i>tea</i> hot", "a closing tag before"),
                ("<em>a</em> <i>tea</i> hot", "the first <i> before <em>"),
                ("</em> <em>tea</em>", "the rest of its closing tag is text to it"),
            ),
            (
                ("<i>tea</i> ", "nothing after it"),
                ("<i> </i> tea", "blank"),
                ("<i>tea hot", "not closed"),
                ("tea</i> hot", "not opened"),
                ("<I>tea</I> hot", "capitals"),
                ("<em>tea</em> hot <i>tea", "the first <i>, not closed after it"),
            ),
        ),
    )
)
