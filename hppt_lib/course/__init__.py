"""The course: is this machine ready, are the exercises right, what does the paper claim.

In the order in which one meets it: the check-up of the machine; the paper's claims and where they
are tested; exercises and their checks; widgets, to try things by hand; planted bugs, which tell how
good examples are; running the notebooks, with stamps that tell outputs of old code; and the site,
where all of it is read.
`hppt_lib.course.classroom` makes handouts and grades what comes back.
"""

from hppt_lib.course.checks import check, find_exercise, solution
from hppt_lib.course.claims import claims_table, read_claims
from hppt_lib.course.doctor import can_run, check_up
from hppt_lib.course.planted import plant, survivors
from hppt_lib.course.run import run_course
from hppt_lib.course.stamps import kit_version, stale
from hppt_lib.course.widgets import (
    judge_ladder,
    judge_threshold,
    precision_dial,
    verifier_playground,
)

__all__ = [
    "can_run",
    "check",
    "check_up",
    "claims_table",
    "find_exercise",
    "judge_ladder",
    "judge_threshold",
    "kit_version",
    "plant",
    "precision_dial",
    "read_claims",
    "run_course",
    "solution",
    "stale",
    "survivors",
    "verifier_playground",
]
