"""Parts of a response that depend on each other (`hppt_lib.verifiers.parts`)."""

from __future__ import annotations

from tests.verifiers.cases.case import Case

CASES: tuple[Case, ...] = (
    Case(
        "hppt:parts_in_order",
        {"num_parts": 3},
        passes=(
            ("Part 1: tea\nPart 2: milk\nPart 3: sugar", "as asked"),
            ("**Part 1:** tea\n\n**Part 2:** milk\n\n**Part 3:** sugar", "bold labels"),
            ("## Part 1\ntea\n## Part 2\nmilk\n## Part 3\nsugar", "headings"),
            ("PART ONE - tea\nPART TWO - milk\nPART THREE - sugar", "numbers as words"),
            ("part 1. tea\n- part 2) milk\npart 3 (short): sugar", "other marks"),
            ("***\nPart 1: tea\r\nPart 2: milk\r\nPart 3\r\nsugar", "a rule, and carriage returns"),
            ("Part 1: Part of it is tea\nPart 2: as part 1 says\nPart 3: x", "labels inside lines"),
        ),
        fails=(
            ("Part 1: tea\nPart 2: milk", "two parts"),
            ("Part 1: tea\nPart 2: milk\nPart 3: sugar\nPart 4: ice", "four parts"),
            ("Part 1: tea\nPart 3: milk\nPart 2: sugar", "another order"),
            ("Part 1: tea\nPart 2: milk\nPart 2: ice\nPart 3: sugar", "one twice"),
            ("Part 0: so\nPart 1: tea\nPart 2: milk\nPart 3: sugar", "a part too early"),
            ("Sure!\nPart 1: tea\nPart 2: milk\nPart 3: sugar", "text before the first"),
            ("Part 1: tea\nPart 2: ***\nPart 3: sugar", "an empty part"),
            ("Part 1: tea\nPart 2: milk\nPart 3 of it is sugar", "a sentence, no label"),
            ("Part 1: tea Part 2: milk Part 3: sugar", "all in one line"),
            ("Part 1: tea\nParts 2: milk\nPart 3: sugar", "another word"),
            ("Part 1: tea\nPart 2b: milk\nPart 3: sugar", "no number"),
        ),
    ),
    Case(
        "hppt:part_words",
        {"part": 2, "other": 1, "comparison": "more"},
        passes=(
            ("Part 1: hot tea\nPart 2: cold milk too", "one more"),
            ("Part 2: cold milk too\nPart 1: hot tea", "whatever their order"),
            ("Part 1: well-known\nPart 2: very hot", "a hyphen joins"),
        ),
        fails=(
            ("Part 1: hot tea\nPart 2: cold milk", "as many"),
            ("Part 1: hot tea now\nPart 2: cold milk", "fewer"),
            ("Part 1: tea\nPart 2:\nPart 3: a lot of milk", "an empty part"),
            ("Part 2: a lot of milk", "the other is missing"),
            ("Part 1: a\nPart 1: b\nPart 2: cold milk", "the other stands twice"),
            ("tea and a lot of milk", "no part"),
        ),
    ),
    Case(
        "hppt:part_words",
        {"part": 3, "other": 1, "comparison": "fewer"},
        passes=(("Part 1: hot tea now\nPart 2: x\nPart 3: cold milk", "one fewer"),),
        fails=(
            ("Part 1: hot tea\nPart 2: x\nPart 3: cold milk", "as many"),
            ("Part 1: hot\nPart 2: x\nPart 3: cold milk", "more"),
        ),
    ),
    Case(
        "hppt:part_sentences",
        {"part": 2, "other": 1},
        passes=(
            ("Part 1: Tea is hot. It boils.\nPart 2: Milk is cold! Is it?", "two and two"),
            ("Part 1: Tea is hot\nPart 2: Dr. Lee drinks milk.", "one without its mark"),
        ),
        fails=(
            ("Part 1: Tea is hot. It boils.\nPart 2: Milk is cold.", "fewer"),
            ("Part 1: Tea is hot.\nPart 2: Milk is cold. It stays.", "more"),
            ("Part 1: tea\nPart 2: milk", "none in either"),
        ),
    ),
    Case(
        "hppt:part_chain",
        {"part": 2, "other": 1},
        passes=(
            ("Part 1: I like tea.\nPart 2: Tea is hot.", "another case, a full stop"),
            ('Part 1: I like "green tea"\n\n**Part 2:** *tea* is hot', "marks around it"),
            ("Part 1: tea\nPart 2: tea", "one word each"),
        ),
        fails=(
            ("Part 1: I like tea.\nPart 2: Teas are hot.", "another form"),
            ("Part 1: I like tea.\nPart 2: The tea is hot.", "second word"),
            ("Part 1: tea is hot\nPart 2: tea", "the first word, not the last"),
            ("Part 2: tea", "the other is missing"),
        ),
    ),
    Case(
        "hppt:part_reports_count",
        {"part": 2, "other": 1},
        passes=(
            ("Part 1: tea is very hot\nPart 2: It has 4 words.", "as asked"),
            ("Part 1: tea is very hot\nPart 2: There were 04", "a zero before it"),
        ),
        fails=(
            ("Part 1: tea is very hot\nPart 2: It has 5 words.", "one too many"),
            ("Part 1: tea is very hot\nPart 2: It has 3 words.", "one too few"),
            ("Part 1: tea is very hot\nPart 2: It has four words.", "in letters"),
            ("Part 1: tea is very hot\nPart 2: 1 2 3 4 5 6", "all numbers: a hedge"),
            ("Part 1: tea is very hot\nPart 2: Part 1 has 4 words.", "a second number"),
            (f"Part 1: tea\nPart 2: {'1' * 5000}", "a number of 5,000 digits"),
        ),
    ),
    Case(
        "hppt:part_reuses_words",
        {"part": 3, "other": 1, "num_words": 2},
        passes=(
            ("Part 1: Green leaves grow\nPart 2: x\nPart 3: leaves are green", "two, another case"),
        ),
        fails=(
            ("Part 1: Green leaves\nPart 2: x\nPart 3: green green", "the same twice"),
            ("Part 1: Green leaves\nPart 2: x\nPart 3: a green leaf", "another form"),
            ("Part 1: tall tree\nPart 2: x\nPart 3: tall tree", "words of four letters"),
            ("Part 1: Green\nPart 2: leaves\nPart 3: green leaves", "one of another part"),
        ),
    ),
    Case(
        "hppt:part_new_words",
        {"part": 2, "other": 1},
        passes=(
            ("Part 1: Green leaves grow\nPart 2: The root is deep", "none shared"),
            ("Part 1: It has a tree\nPart 2: It has a tree", "short words do not count"),
        ),
        fails=(
            ("Part 1: Green leaves grow\nPart 2: No LEAVES here", "one shared, in capitals"),
            ("Part 1: Green leaves grow", "the part is missing"),
            ("Part 1: Green leaves grow\nPart 2: ...", "an empty part"),
        ),
    ),
    Case(
        "hppt:part_recalls",
        {"part": 3},
        passes=(
            ("Part 1: Tea is hot\nPart 2: Milk is cold\nPart 3: Tea, milk: all good", "as asked"),
            ("Part 1: Tea\nPart 2: Milk\nPart 3: tea milk", "nothing else"),
        ),
        fails=(
            ("Part 1: Tea is hot\nPart 2: Milk is cold\nPart 3: Milk, tea", "another order"),
            ("Part 1: Tea is hot\nPart 2: Milk is cold\nPart 3: Tea", "one missing"),
            ("Part 1: Tea is hot\nPart 2: Milk is cold\nPart 3: The tea, milk", "not at once"),
            ("Part 1: Tea is hot\nPart 3: Tea, milk", "part 2 is missing"),
        ),
    ),
)
