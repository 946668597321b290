"""The sandbox: a public data set's Python checkers are untrusted code, and run only in here."""

from hppt_lib.sandbox.run import Outcome, layers, run_checker

__all__ = ["Outcome", "layers", "run_checker"]
