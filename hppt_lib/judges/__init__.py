"""Judges of soft constraints: language models that say whether a response satisfies a sentence.

A verifier decides, a judge *opines*: each judge is audited like an instrument (`hppt_lib.audit`).

Importing this package loads no torch and no client: `hppt_lib.judges.local` and
`hppt_lib.judges.endpoint` do, and are imported by `judge` where they are needed.
"""

from hppt_lib.judges.asking import ask
from hppt_lib.judges.by_name import FORMS, judge
from hppt_lib.judges.cache import Recorded, Store
from hppt_lib.judges.prompts import VARIANTS, Variant
from hppt_lib.judges.protocol import Judge, Judgement, Mode, Question, no_verdict, reason_of
from hppt_lib.judges.replay import (
    Replayed,
    export_recordings,
    import_recordings,
    write_recordings,
)

__all__ = [
    "FORMS",
    "VARIANTS",
    "Judge",
    "Judgement",
    "Mode",
    "Question",
    "Recorded",
    "Replayed",
    "Store",
    "Variant",
    "ask",
    "export_recordings",
    "import_recordings",
    "judge",
    "no_verdict",
    "reason_of",
    "write_recordings",
]
