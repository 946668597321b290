"""HPPT-Lab: test on one machine whether a precise reward beats a diverse one.

The modules follow one journey: an *instruction* (a prompt and its constraints) gets *responses*
from a *policy*; a *verifier* gives each constraint a *verdict*; verdicts make a *reward*; rewards
train the policy; the trained policy is *evaluated*; what came out is a *run record*.

Importing this package loads no torch, transformers or pandas: import the module that you need.
"""

__version__ = "0.1.0"
