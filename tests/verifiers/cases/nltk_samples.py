"""Texts with what NLTK 3.10 finds in them: random ones, kept for the planted bugs they catch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.verifiers.cases.case import Case

# Number of tokens in capitals, text.
CAPITALS = (
    (0, "aD'YE"),
    (0, "co.'D-A"),
    (0, "co.'LL-A"),
    (0, "co.'M.,"),
    (0, "co.'N"),
    (0, "co.'RE-A"),
    (0, "co.'S-A"),
    (0, "co.'T"),
    (0, "co.'VE-A"),
    (1, "''X'S'N'T\n-- "),
    (1, "'D'd\n"),
    (1, "'D's"),
    (1, "'Dn't"),
    (1, "'T'll"),
    (1, "'T,5IS"),
    (1, "'s;X /."),
    (1, "A-'-B"),
    (1, "AIS'm"),
    (1, "D'YEX"),
    (1, "Mr.‘'N"),
    (1, "X'S'"),
    (1, "XWANNA"),
    (1, "Z're"),
    (1, "IT'S.> so"),
    (1, "a'RE."),
    (1, "the'S„"),
    (1, "’\nIS've”"),
    (2, "'D’NASA"),
    (2, "'NN'T:\n"),
    (2, "'RE\nX"),
    (2, "'S“J."),
    (2, "'VE'LL.]"),
    (2, ",I'M»\n"),
    (2, "A-'B"),
    (2, "CANNOT'tisJ. "),
    (2, "GONNA"),
    (2, "GOTTA"),
    (2, "I'M}"),
    (2, "IT'S\"\n["),
    (2, "IT'S*a"),
    (2, "IT'S..’"),
    (2, "LEMME"),
    (2, "N'T'LL "),
    (2, "WANNA« . . .—"),
    (2, "X'S' 5 "),
    (2, "X'S''d"),
    (2, "X'S'."),
    (2, "Z'D"),
    (2, "Z'VE "),
    (2, "]J.'T"),
    (3, "'T.'RE.''\nA"),
    (3, "A 'S'S"),
    (3, "A''S B"),
    (3, "IT'S>\nJ."),
    (3, "X'S' A"),
    (3, "X'S''TIS"),
    (4, "'VEN'T'\nGIMME"),
    (4, "D'YE'TIS"),
    (6, "--\nGOTTA GONNA'TWAS."),
)

# Number of sentences, text.
SENTENCES = (
    (1, "\t?’[-(!}}"),
    (1, ".--"),
    (1, "?\n]"),
    (1, 'Hi! ")'),
    (2, '?»?5*"'),
    (2, "Go! --Stop"),
    (2, "Hi.)--Ho"),
    (2, "Wow!!!"),
    (2, "]!?"),
    (2, "e.g!*"),
    (3, "  !! '5"),
    (3, "?!@"),
    (3, "Hi. ]]] Ho. (A.)"),
    (5, "He“. . .[[--??\x0b"),
)


def exactly(
    id: str, relation: str, number: str, samples: Iterable[tuple[int, str]]
) -> Iterator[Case]:
    """Cases that want each text to have its number of things: neither fewer nor more."""
    for wanted in sorted({each for each, _ in samples}):
        texts = tuple((text, f"{wanted} by NLTK") for each, text in samples if each == wanted)
        if wanted:
            yield Case(id, {relation: "at least", number: wanted}, texts, (), "reference")
        yield Case(id, {relation: "at least", number: wanted + 1}, (), texts, "reference")
