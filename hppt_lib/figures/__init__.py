"""Figures and tables: one style, one module a subject.

`use_style` is called once in each notebook. A function whose name ends in ``_figure`` takes data
and draws them; it computes nothing that a reader would quote. Every figure carries its provenance.

Modules: `map` (the course's map), `training`, `instruments` (verifiers and judges alike), `judges`
and `judge_curves`, `hacks` (reward hacking), `gains` (what arms gained, and for what price),
`horizon` (constraints in a row), `internalisation` (one instruction in four forms), `refine` (pilot
and filter), `nf4` (4-bit weights), `tables`, `readme` (the README's pictures), and `style` for
all.
"""

import lazy_loader

from hppt_lib.errors import names_extras

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = names_extras(_load)
