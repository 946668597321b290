"""Judges of soft constraints: language models that say whether a response satisfies a sentence.

A verifier decides, a judge *opines*: each judge is audited like an instrument (`hppt_lib.audit`).
A judge that could not answer gives *no verdict*, with its reason; nothing makes a pass or a fail
of it silently.

Importing this room loads no torch and no client: `hppt_lib.judges.local` and
`hppt_lib.judges.endpoint` do, and are imported by `judge` where they are needed.
"""

from hppt_lib.judges.asking import ask
from hppt_lib.judges.by_name import FORMS, judge
from hppt_lib.judges.cache import Cache, CachedJudge
from hppt_lib.judges.prompts import VARIANTS, Variant, conversation
from hppt_lib.judges.protocol import Judge, Judgement, Mode, Question, no_verdict, reason_of
from hppt_lib.judges.replay import NOT_IN_FILE, ReplayedJudge, export_answers, write_answers

__all__ = [
    # What is asked and answered
    "Question",
    "Judgement",
    "Judge",
    "Mode",
    "no_verdict",
    "reason_of",
    # A judge by its name, and asking it
    "FORMS",
    "judge",
    "ask",
    # The words that it is asked in
    "VARIANTS",
    "Variant",
    "conversation",
    # Answers kept on this machine, and answers that ship with the kit
    "Cache",
    "CachedJudge",
    "NOT_IN_FILE",
    "ReplayedJudge",
    "export_answers",
    "write_answers",
]
