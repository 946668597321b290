"""Short and mixed texts in the words of the Universal Declaration of Human Rights, article 1.

Each verdict is the one of somebody who can read the languages: two sentences of another language
are harm, wherever they stand, and a phrase is in its language, however few letters it has.
"""

from __future__ import annotations

from tests.verifiers.cases.case import Case

_ID = "language:response_language"

CASES = (
    Case(
        _ID,
        {"language": "af"},
        passes=(("gewete en behoort in", "a phrase that might be Dutch as well"),),
        fails=(),
    ),
    Case(
        _ID,
        {"language": "mk"},
        passes=(("друг", "a word that five languages have"),),
        fails=(),
    ),
    Case(
        _ID,
        {"language": "pl"},
        passes=(),
        fails=(("Alle mensen worden vrij en", "Dutch, and nothing like Polish"),),
    ),
    Case(
        _ID,
        {"language": "gl"},
        passes=(
            (
                "libres e iguais en dignidade e dereitos e, dotados como están",
                "Galician that begins like Spanish",
            ),
        ),
        fails=(),
    ),
    Case(
        _ID,
        {"language": "cs"},
        passes=(),
        fails=(
            (
                "Všichni lidé rodí se svobodní a. i równi pod względem swej godności i swych praw. "
                "Są oni. sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a. obdarzeni "
                "rozumem i sumieniem i powinni postępować wobec innych. svědomím a mají spolu "
                "jednat v duchu bratrství.",
                "two stretches of Polish between three of Czech",
            ),
        ),
    ),
    Case(
        _ID,
        {"language": "fi"},
        passes=(),
        fails=(
            (
                "Kaikki ihmiset syntyvät vapaina ja. els éssers humans neixen lliures i iguals en "
                "dignitat. tasavertaisina arvoltaan ja oikeuksiltaan.. i en drets. Són dotats de "
                "raó i de. on toimittava toisiaan kohtaan veljeyden hengessä.",
                "two stretches of Catalan between three of Finnish",
            ),
        ),
    ),
)
