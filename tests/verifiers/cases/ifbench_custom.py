"""IFBench: the tasks custom:* that are answered in a line or in prose."""

from __future__ import annotations

import string

from tests.verifiers.cases.case import Case

NORTH = (
    "Reykjavik, Helsinki, Oslo, Tallinn, Stockholm, Riga, Moscow, Copenhagen, Vilnius, Minsk, "
    "Dublin, Berlin, Amsterdam, Warsaw, London, Brussels, Kyiv, Prague, Luxembourg, Paris, "
    "Vienna, Bratislava, Budapest, Vaduz, Chisinau, Bern, Ljubljana, Zagreb"
)
WITHOUT_KYIV = NORTH.replace("Kyiv, ", "")
STORY = " ".join(f"{letter}nn has tea." for letter in string.ascii_uppercase)
DATES = "1796-05-10, 1798-07-21, 1800-06-14, 1805-12-02, 1815-06-18"

CASES = (
    Case(
        "custom:multiples",
        {},
        passes=(
            ("14, 21, 28, 35, 42, 49", "in a line"),
            ("14\n21\n28\n35\n42\n49", "one on each line"),
            ("- 14\n- 21\n- 28\n- 35\n- 42\n- **49**", "a list"),
            ("The numbers are: 14,21,28,35,42 and 49!", "with words"),
            ("`14|21|28|35|42|49`;", "with marks"),
            ("数字 14 21 28 35 42 49.", "Chinese"),
        ),
        fails=(
            ("14, 21, 28, 35, 42", "49 is missing"),
            ("21, 28, 35, 42, 49", "14 is missing"),
            ("7, 14, 21, 28, 35, 42, 49", "7 is too small"),
            ("14, 21, 28, 35, 42, 49, 56", "56 is too large"),
            ("49, 42, 35, 28, 21, 14", "falling"),
            ("14, 21, 28, 35, 42, 49.5", "another number"),
            ("-14, 21, 28, 35, 42, 49", "a sign"),
            ("14th, 21, 28, 35, 42, 49", "letters"),
            ("1. 14\n2. 21\n3. 28\n4. 35\n5. 42\n6. 49", "other numbers before them"),
            ("The multiples of 7 are 14, 21, 28, 35, 42, 49", "7 is printed"),
            ("fourteen, twenty-one", "in words"),
            ("x", "one letter"),
        ),
    ),
    Case(
        "custom:multiples",
        {},
        reading="reference",
        passes=(
            ("14, 21, 28, 35, 42, 49", "in a line"),
            ("-14 21.28, 35a42b49", "any sign between runs of digits"),
        ),
        fails=(
            ("14, 21, 28, 35, 42", "49 is missing"),
            ("7, 14, 21, 28, 35, 42, 49", "7 is too small"),
            ("14, 21, 28, 35, 42, 49, 56", "56 is too large"),
            ("14, 21, 28, 35, 42, 50", "50 is no multiple"),
            ("x", "no digit"),
        ),
    ),
    Case(
        "custom:date_format_list",
        {},
        passes=(
            (DATES, "five dates"),
            (f"\n{DATES},\n1815-06-16.", "with line breaks and a last period"),
            (f"1793-01-01,1793-12-31,{DATES},1815-12-31", "no spaces; the first and last year"),
            (f"1796-02-29, {DATES}", "a leap year"),
        ),
        fails=(
            (DATES[:-12], "four dates are not all of his battles"),
            ("1805-12-02", "one date"),
            (f"1792-12-31, {DATES}", "before his first fight"),
            (f"1816-01-01, {DATES}", "after his last"),
            (f"1800-02-29, {DATES}", "1800 was no leap year"),
            (f"1800-00-10, {DATES}", "month 0"),
            (f"1800-13-10, {DATES}", "month 13"),
            (f"1800-10-00, {DATES}", "day 0"),
            (f"1800-11-31, {DATES}", "November has 30 days"),
            (DATES.replace(", ", " "), "no commas"),
            (DATES.replace("-", "/"), "another format"),
            (f"1796-4-12, {DATES}", "a month of one digit"),
            (f"Dates: {DATES}", "words"),
            (f"{DATES} (Waterloo)", "an explanation"),
            (f"{DATES},", "an empty part"),
            (f"١٨٠٥-١٢-٠٢, {DATES}", "digits of another script"),
            ("x", "one letter"),
        ),
    ),
    Case(
        "custom:date_format_list",
        {},
        reading="reference",
        passes=(
            ("1805-12-02", "one date"),
            (
                " 1769-01-31,1821-04-30,\n1800-02-29 ",
                "first and last year; 1800 had no 29 February",
            ),
            ("1800-00-99, 1800-03-00", "month 0 and day 0"),
            (", ".join(f"1800-{month:02}-31" for month in (1, 3, 5, 7, 8, 10, 12)), "31 days"),
            (", ".join(f"1800-{month:02}-30" for month in (4, 6, 9, 11)), "30 days"),
            ("١٨٠٥-١٢-٠٢", "digits of another script"),
        ),
        fails=(
            ("1768-12-31", "before 1769"),
            ("1822-01-01", "after 1821"),
            ("1800-13-01", "month 13"),
            ("1800-02-30", "30 February"),
            *((f"1800-{month:02}-31", "30 days") for month in (4, 6, 9, 11)),
            *((f"1800-{month:02}-32", "31 days") for month in (1, 3, 5, 7, 8, 10, 12)),
            ("1805-12-02,", "an empty part"),
            ("1805-12-02.", "a period"),
            ("1805-12-02 1806-10-14", "no comma"),
            ("x1805-12-02", "a letter"),
        ),
    ),
    Case(
        "custom:european_capitals_sort",
        {},
        passes=(
            (NORTH, "28 capitals"),
            (f"\n{NORTH.upper()}.", "in capitals, with a period"),
            (NORTH.replace("Zagreb", "and  Zagreb"), "with 'and'"),
            (
                NORTH.replace("Reykjavik", "Reykjavík")
                .replace("Kyiv", "Kiev")
                .replace("Chisinau", "Chișinău")
                .replace("Bern,", "Berne,")
                .replace("Luxembourg", "Luxembourg City"),
                "other spellings",
            ),
            (NORTH.replace("Chisinau", "Chi\u015fin\u0103u"), "with cedilla"),
            (NORTH.replace("Reykjavik", "Reykjavi\u0301k"), "a combining accent"),
        ),
        fails=(
            (WITHOUT_KYIV, "Kyiv, at 50.45 degrees, is missing"),
            (f"{NORTH}, Belgrade", "Belgrade, at 44.8 degrees, is too far south"),
            (NORTH.replace("Oslo, Tallinn", "Tallinn, Oslo"), "two exchanged"),
            (NORTH.replace(", Zagreb", ""), "the last is missing"),
            (NORTH.replace("Paris", "Paris (France)"), "a country name"),
            (NORTH.replace(", ", "\n"), "no commas"),
            (f"Here they are: {NORTH}", "a lead-in"),
            (f"{NORTH},", "an empty part"),
            ("Рейкьявик, Хельсинки", "another language"),
            ("x", "one letter"),
        ),
    ),
    Case(
        "custom:european_capitals_sort",
        {},
        reading="reference",
        passes=(
            (WITHOUT_KYIV, "27 capitals"),
            (f" {WITHOUT_KYIV},, \n", "empty parts"),
            (WITHOUT_KYIV.replace("Chisinau", "Chișinău").replace("Oslo", "Oslo©"), "ASCII only"),
        ),
        fails=(
            (NORTH, "with Kyiv"),
            (f"{WITHOUT_KYIV}.", "a period"),
            (WITHOUT_KYIV.lower(), "small letters"),
            (f"{WITHOUT_KYIV}, Belgrade", "28 names"),
            (WITHOUT_KYIV.replace(", Zagreb", ""), "26 names"),
            (WITHOUT_KYIV.replace("Oslo, Tallinn", "Tallinn, Oslo"), "two exchanged"),
        ),
    ),
    Case(
        "custom:character_reverse",
        {},
        passes=(
            (".SU eht fo lobmys lanoitan eht si elgae dlab ehT", "a sentence"),
            ("**elgae dlaB ehT**", "a short one, in bold"),
            (".elgae-dlab eht si tI", "with a hyphen"),
            ("!Elgae Dlab", "in capitals"),
        ),
        fails=(
            ("The bald eagle is the national symbol.", "not reversed"),
            ("eagle bald The", "reversed by words"),
            ("ehT dlab elgae si lobmys eht", "reversed word by word"),
            ("The answer: elgae dlab ehT", "a part is not reversed"),
            ("elgae dlab ehT (bald eagle)", "and forward again"),
            ("nosib ehT", "another animal"),
            ("elgaedlab ehT", "one word"),
            ("elgaeb dlab", "inside a word"),
            ("лысый орёл", "another language"),
        ),
    ),
    Case(
        "custom:character_reverse",
        {},
        reading="reference",
        passes=(
            ("ELGAE DLAB", "any case"),
            ("The answer is elgae dlabs.", "anywhere, in a word too"),
        ),
        fails=(("elgae  dlab", "two spaces"), ("bald eagle", "not reversed"), ("x", "a letter")),
    ),
    Case(
        "custom:word_reverse",
        {},
        passes=(
            ("US the of symbol national the is eagle bald The.", "a sentence"),
            ("eagle-bald the, is It", "with a hyphen and a comma"),
            ("**Eagle Bald** the is it!", "in bold and capitals"),
        ),
        fails=(
            ("The bald eagle is the national symbol of the US.", "not reversed"),
            ("US of the symbol national is the eagle bald", "reversed in part only"),
            ("The answer: eagle bald The", "a part is not reversed"),
            ("elgae dlab ehT", "reversed by letters"),
            ("eagle the bald", "not side by side"),
            ("eagles bald The", "another word"),
            ("bison the is It", "another animal"),
            ("орёл лысый", "another language"),
            ("x", "one letter"),
        ),
    ),
    Case(
        "custom:word_reverse",
        {},
        reading="reference",
        passes=(
            ("Is the eagle, BALD now", "marks and case do not count"),
            ("eagles bald", "the first word may go on"),
            ("The answer is: eagle piebald", "the second may begin otherwise"),
        ),
        fails=(("bald eagle", "not reversed"), ("eagle the bald", "apart"), ("x", "a letter")),
    ),
    Case(
        "custom:sentence_alphabet",
        {},
        passes=(
            (STORY, "26 sentences"),
            (f"# Tea\n\n{STORY}", "a title"),
            (STORY.replace("Bnn has tea.", '"Bnn has tea!"'), "speech"),
            (STORY.replace("Znn", "zoë"), "a small letter"),
            (STORY.replace(". ", ".\n\n"), "one on each line"),
        ),
        fails=(
            (STORY.replace(" Znn has tea.", ""), "25"),
            (f"{STORY} Ann has more.", "27"),
            (STORY.replace("Cnn", "Knn"), "C is missing"),
            (STORY.replace("Ynn has tea. Znn", "Znn has tea. Ynn"), "two exchanged"),
            ("A" * 26, "no sentence"),
            ("Аня пьёт чай.", "another alphabet"),
        ),
    ),
    Case(
        "custom:sentence_alphabet",
        {},
        reading="reference",
        passes=((STORY, "26 sentences"), (STORY.lower().replace(". ", "! "), "small letters")),
        fails=(
            (STORY.replace(" Znn has tea.", ""), "25"),
            (f"{STORY} Ann has more.", "27"),
            (STORY.replace("Cnn", "Knn"), "C is missing"),
            (STORY.replace("Bnn has tea.", '"Bnn has tea!"'), "the first sign is a quotation mark"),
            (f"# {STORY}", "the first sign is #"),
        ),
    ),
)
