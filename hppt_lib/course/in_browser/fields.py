"""How a form asks for a constraint's parameters: the page's, and the notebook's widget."""

from __future__ import annotations

import typing
from typing import Any

from hppt_lib.verifiers.registry import Bounds, Family


def parameter(family: Family, name: str, sample: Any = None) -> dict[str, Any]:
    """A parameter's kind, its choices or bounds, and a first value.

    Args:
        family: the constraint's family.
        name: the parameter.
        sample: the first value, if one is known; else one is made up that fits.

    Returns:
        ``name``; ``kind``, one of list, number, choice and text; ``whole``, for whole numbers;
        ``choices``; ``least`` and ``most``, or None; ``sample``.
    """
    kind = family.parameters[name]
    bounds = [each for each in getattr(kind, "__metadata__", ()) if isinstance(each, Bounds)]
    base = typing.get_args(kind)[0] if hasattr(kind, "__metadata__") else kind
    choices = list(typing.get_args(base)) if typing.get_origin(base) is typing.Literal else []
    is_list = typing.get_origin(base) is list
    whole = base is int or (is_list and typing.get_args(base)[0] is int)
    if sample is None:
        sample = family.optional.get(name)
    if sample is None:
        sample = (
            choices[0] if choices else max(1, bounds[0].least) if bounds else "Write about tea."
        )
        sample = ["tea"] if is_list else sample
    return {
        "name": name,
        "kind": "list" if is_list else "number" if base is int else "choice" if choices else "text",
        "whole": whole,
        "choices": choices,
        "least": bounds[0].least if bounds else None,
        "most": bounds[0].most if bounds else None,
        "sample": sample,
    }
