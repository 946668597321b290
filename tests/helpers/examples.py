"""The files under examples/, loaded as a user's own files are."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from tests import ROOT


def example(name: str) -> ModuleType:
    """The module ``examples/NAME.py``."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "examples" / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
