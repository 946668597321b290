"""Hard constraints: pure, deterministic, offline checks, each with a verdict and its reason.

>>> from hppt_lib import verifiers
>>> check = verifiers.build("length_constraints:number_words",
...                         {"relation": "less than", "num_words": 4})
>>> check("Tea is hot.").passed
True
>>> check("Tea is a hot drink.").reason
'5 words, less than 4 wanted'

Importing this package loads no torch.
"""

from hppt_lib.verifiers import (  # noqa: F401  (each module registers its family on import)
    change_case,
    detectable_format,
    keywords,
    length_constraints,
    punctuation,
    startend,
    substance,
)
from hppt_lib.verifiers.registry import Family, Verdict, Verifier, build, families, family

__all__ = ["Family", "Verdict", "Verifier", "build", "families", "family"]
