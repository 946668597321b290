"""IFTrain, reading ``reference``: where its program ends sentences and cuts words.

Each row is a text and the tokens of its sentences, as that program finds them, with blanks between.
They are seen through a constraint that asks for a word at a place: marks shift the words after
them.
"""

from __future__ import annotations

from collections.abc import Iterator

from hppt_lib.verifiers.words import words
from tests.verifiers.cases.case import Case

ROWS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("It's the dogs' tea, I'd say I'm sure", ("It 's the dogs ' tea , I 'd say I 'm sure",)),
    (
        "We'll say they've tea, you're IT'S WE'LL I'VE YOU'RE I'D I'M DON'T so",
        ("We 'll say they 've tea , you 're IT 'S WE 'LL I 'VE YOU 'RE I 'D I 'M DO N'T so",),
    ),
    (
        "Cannot gonna wanna tea gimme lemme gotta so",
        ("Can not gon na wan na tea gim me lem me got ta so",),
    ),
    ("d'ye like more'n tea now", ("d 'ye like more 'n tea now",)),
    ("uncannot cannots wannabe Wanna tea", ("uncannot cannots wannabe Wan na tea",)),
    (
        "The 'big' ones, 'tis good, cannot'tis cannot'TWAS cannot'tisane tea",
        ("The ' big ' ones , ' tis good , can not 't is can not 'T WAS can not 'tisane tea",),
    ),
    (
        'A "hot" cup ("good") ["a" {"b" <"c" of \'\'warm\'\' tea',
        ("A `` hot '' cup ( `` good '' ) [ `` a '' { `` b '' < `` c '' of `` warm '' tea",),
    ),
    ('"tea" now', ("`` tea '' now",)),
    ("Tea: hot; #1 @home 50% & $5 - cups", ("Tea : hot ; # 1 @ home 50 % & $ 5 - cups",)),
    ("a:b c,d 3:45 1,000 tea", ("a : b c , d 3:45 1,000 tea",)),
    ("a,,b ,5 c tea", ("a , ,b ,5 c tea",)),
    ("tea -- milk --juice–water—milk‒tea―so", ("tea -- milk -- juice – water — milk ‒ tea ― so",)),
    ("[tea] {hot} <now> *very* good", ("[ tea ] { hot } < now > * very * good",)),
    ("“tea” ‘milk’ «juice» „water” tea", ("“ tea ” ‘ milk ’ « juice » „ water ” tea",)),
    ("`tea` ``milk'' tea", ("` tea ` `` milk '' tea",)),
    (
        "rock'n'roll O'Neil 'em 's 'S 'll 're 've 'm 't 'd 'n tea",
        ("rock'n'roll O'Neil ' em 's 'S 'll 're 've 'm 't 'd 'n tea",),
    ),
    ("x's' y'' ''s n't z''n't a''ll tea", ("x 's ' y '' `` s n't z '' n't a '' ll tea",)),
    ("''' tea '' ' now", ("'' ' tea `` ' now",)),
    ("tea: milk", ("tea : milk",)),
    ("tea'; milk '* so", ("tea ' ; milk ' * so",)),
    ("('tea) now'", ("( ' tea ) now '",)),
    ("it's's don't't tea", ("it's 's don't't tea",)),
    ("'ll' 'a", ("'ll ' ' a",)),
    ("tea so:", ("tea so :",)),
    ("tea so,", ("tea so ,",)),
    ("iwanna tea", ("iwanna tea",)),
    ("dogs'n't 'n't tea", ("dogs'n't 'n't tea",)),
    ("Ph.D.A.B. tea", ("Ph.D.A.B . tea",)),
    ("tea--now so", ("tea -- now so",)),
    ('a"b tea', ("a '' b tea",)),
    ("x' tea", ("x ' tea",)),
    (
        "Mr. Lee, Mrs. Lee, Ms. Lee, Dr. Lee and St. Paul drink. They like it",
        (
            "Mr. Lee , Mrs. Lee , Ms. Lee , Dr. Lee and St. Paul drink .",
            "They like it",
        ),
    ),
    (
        "See tea.com, tea.org now. It costs 3.5 euros. Good",
        (
            "See tea.com , tea.org now .",
            "It costs 3.5 euros .",
            "Good",
        ),
    ),
    (
        "Well... then.. tea.",
        (
            "Well ...",
            "then ..",
            "tea .",
        ),
    ),
    (
        "Ask a Ph.D. about it. Good",
        (
            "Ask a Ph.D. about it .",
            "Good",
        ),
    ),
    (
        "So T. S. Eliot drinks. I like it",
        (
            "So T. S. Eliot drinks .",
            "I like it",
        ),
    ),
    (
        "The U.S. He likes it",
        (
            "The U.S .",
            "He likes it",
        ),
    ),
    (
        "The U.S.A. He likes it. The U.S. tea",
        (
            "The U.S.A .",
            "He likes it .",
            "The U.S. tea",
        ),
    ),
    ("An a.b.c. tea and a.b. tea", ("An a.b.c . tea and a.b . tea",)),
    (
        "Tea Inc. It sells. Tea Ltd. tea",
        (
            "Tea Inc",
            "It sells .",
            "Tea Ltd. tea",
        ),
    ),
    (
        "A Co. He sells",
        (
            "A Co",
            "He sells",
        ),
    ),
    ("Plan b. Now tea", ("Plan b . Now tea",)),
    (
        "He said “tea.” Milk",
        (
            "He said “ tea ” .",
            "Milk",
        ),
    ),
    (
        'He said "tea." Milk',
        (
            "He said `` tea '' .",
            "Milk",
        ),
    ),
    (
        'Is it "tea?" Milk',
        (
            "Is it `` tea '' ?",
            "Milk",
        ),
    ),
    (
        'So "tea!" Milk',
        (
            "So `` tea '' !",
            "Milk",
        ),
    ),
    (
        "Is it? It is! So be it. Good",
        (
            "Is it ?",
            "It is !",
            "So be it .",
            "Good",
        ),
    ),
    (
        "Tea\nis hot. So\nit is",
        (
            "Tea is hot .",
            "So it is",
        ),
    ),
    (
        "Wow!! Tea",
        (
            "Wow !",
            "!",
            "Tea",
        ),
    ),
    (
        "a <stop> b <prd> c",
        (
            "a",
            "b . c",
        ),
    ),
    (
        "Tea vs. Mr. Lee",
        (
            "Tea vs .",
            "Mr. Lee",
        ),
    ),
    (
        " Jr. He is. Sr. tea",
        (
            "Jr",
            "He is .",
            "Sr. tea",
        ),
    ),
    ("Tea.net.io.gov.edu.me so", ("Tea.net.io.gov.edu.me so",)),
    ("x.\ty. z", ("x. y. z",)),
    (
        "A.B. Mr Lee. So",
        (
            "A.B .",
            "Mr Lee .",
            "So",
        ),
    ),
    (
        "Is it A.B. We do",
        (
            "Is it A.B .",
            "We do",
        ),
    ),
    (
        "A.B. Our tea",
        (
            "A.B .",
            "Our tea",
        ),
    ),
    (
        "C.D. Wherever he",
        (
            "C.D .",
            "Wherever he",
        ),
    ),
    (
        "E.F. Capt Lee and G.H. Cpt Lee and I.J. Lt Lee",
        (
            "E.F .",
            "Capt Lee and G.H .",
            "Cpt Lee and I.J .",
            "Lt Lee",
        ),
    ),
    (
        "I.J. Prof Lee K.L. Mrs Lee K.L. Ms Lee K.L. Dr Lee",
        (
            "I.J .",
            "Prof Lee K.L .",
            "Mrs Lee K.L .",
            "Ms Lee K.L .",
            "Dr Lee",
        ),
    ),
    ("Tea\nInc. tea so", ("Tea Inc. tea so",)),
    (
        "M.N. She is O.P. It is Q.R. They do S.T. Their tea U.V. But no W.X. However so",
        (
            "M.N .",
            "She is O.P .",
            "It is Q.R .",
            "They do S.T .",
            "Their tea U.V .",
            "But no W.X .",
            "However so",
        ),
    ),
    (
        "Y.Z. That is A.C. This is",
        (
            "Y.Z .",
            "That is A.C .",
            "This is",
        ),
    ),
)


def _word_by_word() -> Iterator[Case]:
    for text, sentences in ROWS:
        seen = ((text, "where its program finds it"),)
        for n, sentence in enumerate(sentences, start=1):
            for m, token in enumerate(sentence.split(), start=1):
                # Only a word can be a keyword.
                if len(words(token)) == 1:
                    kwargs = {"keyword": token, "n": n, "m": m}
                    yield Case("keywords:keyword_specific_position", kwargs, seen, (), "reference")


CASES: tuple[Case, ...] = (
    *_word_by_word(),
    Case(
        "count:count_unique",
        {},
        passes=(
            ('"tea', "an opening quotation mark"),
            ("(tea. So", "a bracket and a full stop"),
            ("tea. ''", "quotation marks after the end belong to the sentence"),
            (". tea", "a full stop alone"),
            ('("tea so"', "an opening mark after a bracket"),
            ('["tea so"', "an opening mark after a square bracket"),
            ('{"tea so"', "an opening mark after a brace"),
            ('<"tea so"', "an opening mark after an angle"),
            ("so ''tea milk\"", "two apostrophes that open"),
            ("U.S.", "dots inside"),
        ),
        fails=(
            ('"tea so "milk', "two opening quotation marks"),
            ('``tea so "milk', "opening marks of two kinds"),
            ("tea'' so\" milk", "closing marks of two kinds"),
            ("tea' so'", "two apostrophes"),
            ("'tea 'so", "two apostrophes"),
            ("tea... so... milk", "two ellipses"),
            ("tea (so). milk.", "a full stop after a bracket"),
            ("A tea. “So.”", "a full stop before a closing mark"),
            ("So tea.) Milk.]", "full stops before brackets"),
            ("So tea. Milk.}", "a full stop before a brace"),
            ("It is 5. Tea:\nso:", "colons at line ends"),
            ("tea is. so, is", "a word far apart"),
            ("tea? so?", "question marks"),
            ("5. 5", "a number and its full stop"),
            ("So) tea.)", "a bracket after the full stop"),
            ("tea so: milk:", "a colon at the end"),
            ("tea, so,", "a comma at the end"),
        ),
        reading="reference",
    ),
    Case(
        "keywords:start_end",
        {},
        passes=(
            ("'s so 's", "a clitic"),
            (". so.", "a full stop"),
            (", so ,", "a comma"),
            ('"so it is "', "closing marks become opening ones after a blank"),
        ),
        fails=(
            ('"so it is"', "opening and closing marks"),
            ("a. is so a", "an abbreviation keeps its dot"),
            ("Tea is so tea. \n", "a full stop before white space"),
            ("tea is teas'", "an apostrophe at the end"),
        ),
        reading="reference",
    ),
)
