"""The sandbox: a public data set's Python checkers are untrusted code, and run only in here.

`run_checker` says what a checker makes of each response, if you allow it to run at all; `layers`
says which best-effort protections this machine has. `hppt_lib.sandbox.run` tells how it works.
"""

from hppt_lib.sandbox.run import Outcome, layers, run_checker

__all__ = ["run_checker", "Outcome", "layers"]
