"""Policies: loading a model, sampling responses from it, and the probability of each token.

A *policy* is a language model that answers instructions. The embedded one comes with the kit: it is
fetched once from PyPI and needs no model hub. Names are loaded when they are first used, so that
what needs no torch (the dimensions of a model, say) does not load it.
"""

import logging

import lazy_loader

from hppt_lib.errors import names_extras

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = names_extras(_load)

# On import bitsandbytes warns that it found no 4-bit kernels for the CPU; it has its own in Python.
logging.getLogger("bitsandbytes").setLevel(logging.ERROR)
