"""Hard constraints: pure, deterministic, offline checks, each with a verdict and its reason.

>>> from hppt_lib import verifiers
>>> check = verifiers.build("length_constraints:number_words",
...                         {"relation": "less than", "num_words": 4})
>>> check("Tea is hot.").passed
True
>>> check("Tea is a hot drink.").reason
'5 words, less than 4 wanted'

Most families have two readings. ``text`` (the default, and the one for rewards) reads the
constraint as a careful person would. ``reference`` agrees with the benchmark's own program, its
oddities included; `differences` lists where the two differ.

This room needs no other room and no torch, and loads a family's module when it is first asked for.
"""

from hppt_lib.verifiers.answer import (
    THOUGHT_MARKS,
    Marks,
    answer_of,
    as_seen,
    is_blank,
    thought_marks,
)
from hppt_lib.verifiers.parameters import constraints_in, python_value
from hppt_lib.verifiers.registry import (
    READINGS,
    Difference,
    Family,
    Reading,
    Verdict,
    Verifier,
    build,
    families,
    family,
    known_reading,
)


def differences() -> list[Difference]:
    """Every known difference between the two readings, sorted by id."""
    from hppt_lib.verifiers.difference_rows import read_differences

    return read_differences()


__all__ = [
    "READINGS",
    "THOUGHT_MARKS",
    "Difference",
    "Family",
    "Marks",
    "Reading",
    "Verdict",
    "Verifier",
    "answer_of",
    "as_seen",
    "build",
    "constraints_in",
    "differences",
    "families",
    "family",
    "is_blank",
    "known_reading",
    "python_value",
    "thought_marks",
]
