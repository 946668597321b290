"""Lists of English words that IFBench's constraints speak of."""

from __future__ import annotations

from hppt_lib.verifiers.word_lists import word_list, word_set


def _words(*names: str) -> frozenset[str]:
    return frozenset(word for name in names for word in word_list(name))


PERSON_NAMES = word_list("person names")
COORDINATING = _words("coordinating conjunctions")

# Pronouns wherever they stand, or at least held to be (a "possessive pronoun" before a noun).
PRONOUNS = _words(
    "subject pronouns",
    "object pronouns",
    "possessive pronouns",
    "reflexive pronouns",
    "question pronouns",
    "indefinite pronouns",
) | {"it", "you"}
DEMONSTRATIVES = _words("demonstratives")
QUANTIFIERS = _words("quantifiers")
# Every form that IFBench's own program counts as a pronoun, wherever it stands.
PROGRAM_PRONOUNS = (PRONOUNS | DEMONSTRATIVES | QUANTIFIERS) - word_set(
    "thou ye thee thy thine themself oneself thyself whosoever"
)

# Words that can open a clause: "for they knew".
CLAUSE_SUBJECTS = _words("subject pronouns") | DEMONSTRATIVES | {"it", "you", "there", "who"}
# Those of them that open nothing else.
SURE_SUBJECTS = _words("subject pronouns") - {"i"} | {"I", "there"}
# Verbs that show that a clause has begun, or that the word before them stood alone.
AUXILIARIES = _words("forms of be, have and do", "modal verbs")
DETERMINERS = _words("determiners")

STOP_WORDS = _words("stop words", "contracted stop words", "more stop words")
# The list of NLTK, which IFBench's own program takes.
NLTK_STOP_WORDS = _words("stop words", "pieces of contractions") - {"yet"}

PALINDROMES = _words("palindromes")
