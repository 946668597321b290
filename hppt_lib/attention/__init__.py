"""Attention: where a policy looks while it answers, and what happens if it cannot.

The attention of the response's tokens is summed by segment of the prompt (sink, template, system,
query, each constraint, response so far) while the model computes, without ever keeping a map of
all tokens by all tokens. Four numbers say how much goes to a segment; cut edges and swapped
constraints say what depends on it. Names are loaded when they are first used: this needs torch.
"""

import lazy_loader

from hppt_lib.errors import names_extras

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = names_extras(_load)
