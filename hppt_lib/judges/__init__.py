"""Judges of soft constraints: language models that say whether a response satisfies a sentence.

A verifier decides, a judge *opines*: each judge is audited like an instrument (`hppt_lib.audit`).
"""

from hppt_lib.judges.protocol import Judge, Judgement, Mode, Question, no_verdict

__all__ = ["Judge", "Judgement", "Mode", "Question", "no_verdict"]
