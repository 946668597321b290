"""Instructions: a prompt and its constraints, as they travel through the kit.

>>> from hppt_lib import instructions
>>> made = instructions.shipped_instructions("hard_train")               # doctest: +SKIP
>>> made[0].constraints[0].verifier()("Tea is hot.").passed              # doctest: +SKIP
"""

from hppt_lib.instructions.check import Checked, check_instructions
from hppt_lib.instructions.contradictions import contradiction
from hppt_lib.instructions.model import (
    KINDS,
    Constraint,
    Instruction,
    Original,
    as_row,
    chosen_instructions,
    hard_part,
    mix,
    read_instructions,
    same_prompt,
    shipped_instructions,
    write_instructions,
)

__all__ = [
    "Constraint",
    "KINDS",
    "Instruction",
    "Original",
    "mix",
    "hard_part",
    "contradiction",
    "shipped_instructions",
    "chosen_instructions",
    "read_instructions",
    "write_instructions",
    "as_row",
    "check_instructions",
    "Checked",
    "same_prompt",
]
