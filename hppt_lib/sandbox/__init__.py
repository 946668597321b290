"""The sandbox: a public data set's Python checkers are untrusted code, and run only in here.

Nothing runs unless you allow it in this process (`allow_untrusted_code`; on the command line
``--allow-untrusted-code``). `Checker` is then for a constraint what a verifier is for others, but
that it may give no verdict. `hppt_lib.sandbox.run` tells how it works.
"""

from hppt_lib.sandbox.checker import CODE, Checker
from hppt_lib.sandbox.run import (
    Outcome,
    allow_untrusted_code,
    check,
    is_allowed,
    layers,
    report,
)

__all__ = [
    "allow_untrusted_code",
    "is_allowed",
    "CODE",
    "Checker",
    "Outcome",
    "check",
    "layers",
    "report",
]
