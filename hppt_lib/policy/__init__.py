"""Policies: loading a model, sampling responses from it, and the probability of each token.

A *policy* is a language model that answers instructions. The embedded one comes with the kit: it is
fetched once from PyPI and needs no model hub. Names are loaded when they are first used, so that
what needs no torch (the dimensions of a model, say) does not load it.
"""

import lazy_loader

from hppt_lib.errors import EXTRAS, missing

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    """A public name, loaded when it is first used.

    Raises:
        MissingExtra: a package of the extra ``train`` is not installed.
    """
    try:
        return _load(name)
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] in EXTRAS["train"]:
            raise missing(str(error.name)) from error
        raise
