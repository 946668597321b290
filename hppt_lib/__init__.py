"""HPPT-Lab: test on one machine whether a precise reward beats a diverse one.

An instruction gets responses from a policy; a verifier or a judge gives each constraint a verdict;
verdicts make a reward; rewards refine the data and train the policy; the trained policy is
evaluated, and what came out is a run record. The rooms of this package follow that journey, and
these are the names that one needs first. All else is in the rooms: `hppt_lib.verifiers`,
`hppt_lib.audit`, `hppt_lib.figures`, ….

>>> from hppt_lib import build
>>> build("punctuation:no_comma")("Tea, and nothing else.").passed
False

Nothing is imported before a name is used, so that a reader of verifiers never waits for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from hppt_lib.course import check as check
    from hppt_lib.evaluation import evaluate as evaluate
    from hppt_lib.evaluation import isr as isr
    from hppt_lib.instructions import Constraint as Constraint
    from hppt_lib.instructions import Instruction as Instruction
    from hppt_lib.instructions import read_instructions as read_instructions
    from hppt_lib.instructions import shipped_instructions as shipped_instructions
    from hppt_lib.intervals import rate as rate
    from hppt_lib.judges import judge as judge
    from hppt_lib.policy import load_policy as load_policy
    from hppt_lib.policy import sample as sample
    from hppt_lib.records import read_record as read_record
    from hppt_lib.records import shipped_records as shipped_records
    from hppt_lib.refine import run_pilot as run_pilot
    from hppt_lib.refine import step_a as step_a
    from hppt_lib.refine import step_b as step_b
    from hppt_lib.rewards import reward as reward
    from hppt_lib.rewards import score as score
    from hppt_lib.tiers import tier as tier
    from hppt_lib.training import train as train
    from hppt_lib.verifiers import build as build

_ROOMS = {  # in the order of the journey
    "tier": "tiers",
    "Instruction": "instructions",
    "Constraint": "instructions",
    "read_instructions": "instructions",
    "shipped_instructions": "instructions",
    "build": "verifiers",
    "load_policy": "policy",
    "sample": "policy",
    "judge": "judges",
    "score": "rewards",
    "reward": "rewards",
    "run_pilot": "refine",
    "step_a": "refine",
    "step_b": "refine",
    "train": "training",
    "evaluate": "evaluation",
    "isr": "evaluation",
    "rate": "intervals",
    "read_record": "records",
    "shipped_records": "records",
    "check": "course",
}

__all__ = list(_ROOMS)


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module 'hppt_lib' has no attribute '{name}'")
    return getattr(import_module(f"hppt_lib.{_ROOMS[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
