"""IFBench: the tasks custom:* that are answered in lists."""

from __future__ import annotations

from tests.verifiers.cases.case import Case

AFRICA = """Zimbabwe, Zambia, Uganda, Tunisia, Togo, Tanzania, Sudan, South Sudan, South Africa,
Somalia, Sierra Leone, Seychelles, Senegal, São Tomé and Príncipe, Rwanda, Republic of the Congo,
Nigeria, Niger, Namibia, Mozambique, Morocco, Mauritius, Mauritania, Mali, Malawi, Madagascar,
Libya, Liberia, Lesotho, Kenya, Guinea-Bissau, Guinea, Ghana, Gambia, Gabon, Ethiopia, Eswatini,
Eritrea, Equatorial Guinea, Egypt, Djibouti, Democratic Republic of the Congo, Côte d’Ivoire,
Comoros, Chad, Central African Republic, Cameroon, Cabo Verde, Burundi, Burkina Faso, Botswana,
Benin, Angola, Algeria""".replace("\n", " ").split(", ")
LIST = "\n".join(AFRICA)
OTHER = (
    LIST.replace("São Tomé and Príncipe", "Sao Tome & Principe")
    .replace("Republic of the Congo\nNig", "Nig", 1)
    .replace("Eswatini", "Eswatini (formerly Swaziland)")
    .replace("Democratic Republic of the Congo\nCôte d’Ivoire", "Côte d’Ivoire")
    .replace("Comoros", "Congo, Republic of the\nCongo, Democratic Republic of the\nComoros")
)
FALLING = "\n".join(f"Country {number:02}" for number in range(51, 0, -1))

QUESTIONS = (
    "What is it?",
    "Who painted it?",
    "Who painted it in 1900?",
    "Who painted it in Paris?",
)
LETTERS = "ABCDE"
MARKS = ("- ", "-", "* ", "+\t", "\u2022 ", "1. ", "123) ", "4.", "> ", "## ", "**", "_")


LABELS = (
    "Question {} ",
    "Question\t{}\t: \t",
    "Question {}. ",
    "Question {}) ",
    "Question {} - ",
    "__Question {}__: ",
    "**Question {}:** ",
    "> Question {}: ",
    "{}) Question: ",
    "{}.Question: ",
    "Question 10{}: ",
)
OPTIONS = ("* {}) Tea", "+ {}. Tea", "\u2022\t{}: Tea", "-{}) Tea", "**{}**)\tTea", "_({}) Tea_")
OPTIONS += ("**{}.** Tea", "({}) Tea", "{})Tea", "__{}:__ Tea", "`{}.` Tea")
KEYS = ("Answer: A", "Correct answer: B) Tea", "ANSWER C", "**Answer:** _d_", "answer - (E). Tea")
NO_KEYS = ("Answer", "Answer: Be", "Answer: F", "Answer: 6", "Answer: A) Cup", "The answer: A")
NO_KEYS += ("Answer: A and B", "Answers follow", "AnswerA")


def quiz(
    questions: tuple[str, ...] = QUESTIONS,
    label: str = "Question {}: ",
    option: str = "{}) Tea",
    letters: str = LETTERS,
) -> str:
    """A quiz with the same options for each question."""
    options = "\n".join(option.format(letter) for letter in letters)
    return "\n\n".join(
        f"{label.format(number)}{each}\n{options}" for number, each in enumerate(questions, 1)
    )


# The fewer signs a question has, the more its label has.
MIXED = "\n".join(
    f"Question {label}{'1' * number}\n" + "\n".join(f"{letter}) Tea" for letter in LETTERS)
    for number, label in enumerate(("1 - ", "2) ", "3. ", "4: "), start=1)
)

CASES = (
    Case(
        "custom:reverse_newline",
        {},
        passes=(
            (LIST, "54 countries"),
            *((mark + LIST.replace("\n", f"\n{mark}"), "a list mark") for mark in MARKS),
            ("\n".join(f"{number}. {each}" for number, each in enumerate(AFRICA, 1)), "numbered"),
            ("Here they are:\n\n- **" + LIST.replace("\n", "**\n- **") + "**\n\nThat is all.", "*"),
            (LIST.replace("Uganda", "Western Sahara\nUganda"), "with a disputed territory"),
            (OTHER, "other names"),
            (LIST.replace("Gambia", "The Gambia"), "'The' does not count for the order"),
            (
                LIST.replace("Gambia\n", "").replace("Tanzania", "The Gambia\nTanzania"),
                "'The' counts for the order",
            ),
            (LIST.replace("\n", "\n\n").upper(), "blank lines between, in capitals"),
            (LIST.replace("Cabo Verde", "Cabo Verde (Cape Verde)"), "two names"),
            (LIST.replace("Zimbabwe", f"Zimbabwe ({'x' * 200})"), "a long remark"),
            (LIST.replace("Gambia", "The Gambia (republic)"), "'The' and a remark"),
            (LIST.replace("Zimbabwe", "Zimbabwe (a (b))"), "brackets in brackets"),
            (LIST.replace("Togo", "  Togo\t"), "white space"),
            (
                LIST.replace("Republic of the Congo\nNig", "Nig", 1).replace(
                    "Comoros", "Congo (Brazzaville)\nComoros"
                ),
                "a remark that tells two countries apart",
            ),
            (
                LIST.replace("Côte d’Ivoire\n", "").replace("Kenya\n", "Kenya\nIvory Coast\n"),
                "Ivory Coast",
            ),
        ),
        fails=(
            ("\n".join(reversed(AFRICA)), "from A to Z"),
            (LIST.replace("Zambia\n", "Zambia\nx\n"), "a stranger after the second"),
            (LIST.replace("Zambia\n", "x\nZambia\n"), "a stranger after the first"),
            (LIST.replace("\nAlgeria", "\nx\nAlgeria"), "a stranger before the last"),
            (LIST.replace("Uganda\nTunisia", "Uganda\nUganda"), "one is missing, one twice"),
            (LIST.replace("Uganda", "No. 1) Uganda"), "more than the name"),
            (LIST.replace("Uganda", "Uganda, East"), "more than the name"),
            (LIST.replace("Sudan\nSouth Sudan", "South Sudan\nSudan"), "two exchanged"),
            (LIST.replace("Zambia\nUganda", "Uganda\nZambia"), "two exchanged"),
            (LIST.replace("Benin\nAngola", "Angola\nBenin"), "the last two exchanged"),
            (LIST.replace("\nGambia", "").replace("Gabon", "Gabon\nThe Gambia"), "'The' misplaced"),
            (LIST.replace("\nKenya", ""), "one is missing"),
            (LIST.replace("\nAlgeria", ""), "the last is missing"),
            (LIST.replace("Uganda", "Uganda\nUganda"), "one stands twice"),
            (LIST.replace("Uganda", "Yemen\nUganda"), "a stranger"),
            (LIST.replace("Togo\nTanzania", "Togo, Tanzania"), "two on one line"),
            (LIST.replace("\n", ", "), "on one line"),
            ("Zimbabwe", "one country"),
            ("津巴布韦", "another language"),
            ("x", "one letter"),
        ),
    ),
    Case(
        "custom:reverse_newline",
        {},
        reading="reference",
        passes=(
            (f"Zimbabwe\n{FALLING}", "52 lines"),
            (f"Tea\n* Zimbabwe *\n \n-.-\n{FALLING.lower()}".replace("* Z", "* z: Z"), "before"),
            (f"Zimbabwe\n{FALLING.replace('Country 51', '(Cöuntry 51).')}", "accents and marks"),
            (f"Zimbabwe\n{FALLING.replace('Country 51', 'Country 50')}", "two alike"),
        ),
        fails=(
            (f"Zimbabwe\n{FALLING[11:]}", "51 lines"),
            (f"zimbabwe\n{FALLING}", "no Zimbabwe"),
            (f"Zimbabwe\n{FALLING}\nTea", "not falling at the end"),
            (f"Zimbabwe\n{FALLING.replace('Country 51', 'country 51')}\nAbc", "a is above Z"),
        ),
    ),
    Case(
        "custom:mcq_count_length",
        {},
        passes=(
            (quiz(), "four questions"),
            *((quiz(label=label), f"a label as in {label}") for label in LABELS),
            *((quiz(option=option), f"options as in {option}") for option in OPTIONS),
            *((quiz().replace("E) Tea", f"E) Tea\n{key}"), f"the key {key}") for key in KEYS),
            *((f"{quiz()}\n{rule}", "a rule") for rule in ("***", "___", "===", "- - -", " ")),
            (quiz(letters="12345").replace("5) Tea", "5) Tea\nAnswer: 5"), "numbers"),
            (MIXED, "labels of several kinds"),
            (f"Here they are: \n{quiz()}", "a lead-in with a space after it"),
            (
                quiz()
                .replace("A) Tea", "A) Cup", 1)
                .replace("E) Tea", "E) Tea\nAnswer: A) Cup", 1),
                "other options in the first question",
            ),
            (quiz(("1", "12\nin (a) cup", *QUESTIONS[2:])), "a bracket in a question"),
            (f"  {quiz()}".replace("\n", "\n  "), "indented"),
            (f"**Here are four questions:**\n\n{quiz()}", "a lead-in in bold"),
            (quiz(("1", "1\n*2*", "1\n**23**", "1234\n_5_")), "emphasis is no text"),
            (quiz(label="**Question {}.** ", option="- **{}.** Tea"), "in bold"),
            (quiz(label="### Question {}\n", option="({}) Tea"), "the question on the next line"),
            (quiz(label="Question: ", option="{}. Tea", letters="12345"), "numbers for options"),
            (quiz(label="{}. Question - ", letters="abcde"), "numbered before the label"),
            (f"# Art history\n\n{quiz()}\n\n---", "a title and a rule"),
            (f"**Art history**\n\n{quiz()}", "a title in bold"),
            (f"Here are four questions:\n\n{quiz()}", "a lead-in"),
            (
                quiz(option="{}: Tea").replace("E: Tea", "E: Tea\nAnswer: B) Tea"),
                "with the answers",
            ),
            (quiz().replace("Tea", "茶"), "Chinese options"),
            (
                quiz(("1234567890", "1234567\n890", "12345678901\n2", "12345678901\n23")),
                "a line break counts as one sign",
            ),
        ),
        fails=(
            (quiz(QUESTIONS[:3]), "three questions"),
            *((quiz().replace("E) Tea", f"E) Tea\n{key}"), f"more: {key}") for key in NO_KEYS),
            (
                f"{quiz(QUESTIONS[:3])}\n\nThe Question: Who painted it in Paris?\n"
                + "\n".join(f"{letter}) Tea" for letter in LETTERS),
                "text before a label",
            ),
            (
                quiz().replace("A) Tea", "A) Cup", 1) + "\nAnswer: A) Cup",
                "the option of another question",
            ),
            (f"Here: four questions\n{quiz()}", "a colon in the middle"),
            (quiz(option="-{} Tea"), "a letter without a mark"),
            (quiz(letters="abCDE".replace("b", "f")), "a letter beyond e"),
            (quiz(letters="12346"), "a number beyond 5"),
            (quiz(letters="02345"), "a number below 1"),
            (quiz(letters="ABC45"), "letters and numbers"),
            (quiz(("1", "12", "12", "123")), "the third is no longer"),
            (quiz(("12", "12", "123", "1234")), "the second is no longer"),
            (f"{quiz()}\nWrong answer: A", "no key"),
            (quiz((*QUESTIONS, "Who painted it in Paris in 1900?")), "five questions"),
            (quiz(letters="ABCD"), "four options"),
            (quiz(letters="ABCDEE"), "six options"),
            (quiz(letters="ABCED"), "options in disorder"),
            (quiz(option="- Tea"), "options without letters"),
            (quiz(option="{})"), "empty options"),
            (quiz(("Who painted it?", "What is it?", *QUESTIONS[2:])), "the second is shorter"),
            (quiz((*QUESTIONS[:3], QUESTIONS[2])), "the last is no longer"),
            (quiz(("", *QUESTIONS[1:])), "an empty question"),
            (quiz(label="{}. "), "without the label"),
            (quiz(label="Questionable {}: "), "another label"),
            (f"I made these for you.\n{quiz()}", "text before"),
            (f"{quiz()}\nThe answers are explained here.", "text after"),
            (
                quiz().replace("E) Tea", "E) Tea\nAnswer: B, because the painter lived in Paris."),
                "explanations",
            ),
            (quiz().replace("E) Tea", "E) Tea\nExplanation: B is right"), "explanations"),
            ("x", "one letter"),
        ),
    ),
    Case(
        "custom:mcq_count_length",
        {},
        reading="reference",
        passes=(
            (quiz(), "four questions"),
            (quiz(option="{}.Tea", letters="edcba"), "any five letters from a to e"),
            (quiz(option="{}| _"), "other marks"),
            (quiz(label="Question {}| ") + "\nThe answers are explained here.", "text after"),
            (quiz(label="Question {}\n\n"), "the question on a later line"),
            (quiz(("", *QUESTIONS[1:])), "an empty question"),
        ),
        fails=(
            (quiz(QUESTIONS[:3]), "three questions"),
            (quiz((*QUESTIONS, "Who painted it in Paris in 1900?")), "five questions"),
            (quiz(letters="ABCD"), "four options"),
            (quiz(letters="ABCDEE"), "six options"),
            (quiz(letters="ABCDF"), "no letter F"),
            (quiz(option="{}: Tea"), "another mark"),
            (quiz(option="{}) ?"), "no word"),
            (quiz((*QUESTIONS[:3], QUESTIONS[2])), "the last is no longer"),
            (quiz(label="Question: "), "no numbers"),
            (f"Quiz\n{quiz()}", "text before"),
            (
                quiz(("1234567890", "12345\n678\n90", "123456\n7890", "12345678901234")),
                "line breaks count as one sign each",
            ),
            ("x", "one letter"),
        ),
    ),
)
