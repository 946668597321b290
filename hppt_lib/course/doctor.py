"""Checks this machine: what will work on it, what will not, and what to do about it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from hppt_lib.errors import HpptError, MissingExtra, missing
from hppt_lib.files import cache_folder
from hppt_lib.machine import usable_memory
from hppt_lib.terminal import as_text, table
from hppt_lib.tiers import TIERS, Tier, first_gpu_gib

Status = Literal["ok", "warn", "fail"]

_GIB = 2**30
_MEMORY_NEEDED = 7 * _GIB  # tier cpu: GRPO was seen at 6.4 GiB, and the system needs some
_DISK_NEEDED = 2 * _GIB
_TIMEOUT = 3.0  # seconds, for the hub
_EXTRAS = ("", "train", "course")  # what tier cpu needs installed


@dataclass(frozen=True)
class Finding:
    """One result of the check-up.

    Attributes:
        name: what was looked at.
        status: ``ok``; ``warn`` if something else than tier cpu suffers; ``fail`` if tier cpu does.
        found: what is there, in plain words.
        advice: what to do; empty if nothing needs doing.
    """

    name: str
    status: Status
    found: str
    advice: str = ""


def check_up(*, thorough: bool = False) -> list[Finding]:
    """Look at the machine; the last entries say what will work, tier by tier.

    Args:
        thorough: also compare the embedded model with its GGUF file, tensor by tensor, which takes
            a minute or two.
    """
    looks: dict[str, Callable[[], Finding]] = {
        "Python": _python,
        "Packages": _packages,
        "Memory": _memory,
        "Cores": _cores,
        "Disk": _disk,
        "GPU": _gpu,
        "Embedded model": lambda: _embedded(thorough=thorough),
        "Model hub": _hub,
    }
    findings = []
    for name, look in looks.items():
        try:
            findings.append(look())
        except ImportError as error:
            findings.append(_not_installed(name, error))
    return findings + _tiers(findings)


def can_run(findings: Iterable[Finding]) -> bool:
    """Whether tier cpu can work: no finding is a ``fail``."""
    return all(finding.status != "fail" for finding in findings)


def as_json(findings: Iterable[Finding]) -> str:
    """The findings as JSON: a list of objects with the fields of `Finding`."""
    return json.dumps([asdict(finding) for finding in findings], indent=2)


def as_table(findings: Iterable[Finding], width: int | None = None) -> str:
    """The findings as a table for people, with colours if the output is a terminal.

    Args:
        findings: the findings.
        width: in characters; by default the terminal's.
    """
    from rich.text import Text

    words = {"ok": ("ok", "green"), "warn": ("note", "yellow"), "fail": ("FAILS", "bold red")}
    rows = []
    for finding in findings:
        word, look = words[finding.status]
        lines = Text(finding.found)
        if finding.advice:
            lines.append(f"\n→ {finding.advice}", style="bold")
        rows.append((Text(word, style=look), finding.name, lines))
    headings = ("", "Checked", "Found and what to do")
    return as_text(table(headings, rows, text=range(3)), width=width)


def _not_installed(name: str, error: ImportError) -> Finding:
    package = (error.name or "").partition(".")[0]
    try:
        advice = str(error if isinstance(error, MissingExtra) else missing(package))
    except KeyError:  # no extra brings it
        advice = str(error)
    return Finding(name, "fail", "not looked at: a package is missing", advice)


def _python() -> Finding:
    from importlib.metadata import PackageNotFoundError, metadata

    from packaging.specifiers import SpecifierSet

    state = f"{platform.python_version()} in {sys.prefix}"
    try:
        needed = metadata("hppt-lab")["Requires-Python"]
    except PackageNotFoundError:
        return Finding("Python", "ok", state)  # the check of the packages says the rest
    if not SpecifierSet(needed).contains(platform.python_version(), prereleases=True):
        advice = f"Install Python {needed}, delete .venv, run make again."
        return Finding("Python", "fail", state, advice)
    return Finding("Python", "ok", state)


def _packages() -> Finding:
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    try:
        stated = [Requirement(line) for line in requires("hppt-lab") or []]
    except PackageNotFoundError:
        advice = "Run pip install -e '.[course]' in the checkout, or 'make course'."
        return Finding("Packages", "fail", "hppt-lab is not installed", advice)
    needed = [
        each
        for each in stated
        if each.name != "hppt-lab"  # the extra "course" names "train" so
        and (each.marker is None or any(each.marker.evaluate({"extra": e}) for e in _EXTRAS))
    ]
    wrong = []
    for requirement in needed:
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name}{requirement.specifier} is missing")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement.name} is {installed}, not {requirement.specifier}")
    if wrong:
        advice = "Run pip install -e '.[course]' in the checkout, or delete .venv and run make."
        return Finding("Packages", "fail", "; ".join(wrong), advice)
    state = f"all {len(needed)} within their bounds; torch {version('torch')}"
    return Finding("Packages", "ok", state)


def _memory() -> Finding:
    memory = usable_memory()
    state = f"{memory.available / _GIB:.1f} GiB free of {memory.total / _GIB:.1f} GiB"
    if memory.total < _MEMORY_NEEDED:
        needed = f"{_MEMORY_NEEDED / _GIB:.0f} GiB"
        advice = f"Tier cpu needs about {needed}. Use tier smoke, or a larger machine."
        return Finding("Memory", "fail", state, advice)
    if memory.available < _MEMORY_NEEDED:
        advice = "Close other programs and other notebooks' kernels before you train."
        return Finding("Memory", "warn", state, advice)
    return Finding("Memory", "ok", state)


def _cores() -> Finding:
    import psutil

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    state = f"{usable} usable ({psutil.cpu_count(logical=False)} physical)"
    if (usable or 1) < 2:
        advice = "The course will take about twice its stated minutes."
        return Finding("Cores", "warn", state, advice)
    return Finding("Cores", "ok", state)


def _disk() -> Finding:
    folder = cache_folder()
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    state = f"{free / _GIB:.1f} GiB free for the cache in {folder}"
    if not os.access(existing, os.W_OK):
        advice = "Set HPPT_CACHE to a folder of yours."
        return Finding("Disk", "fail", f"{existing} cannot be written", advice)
    if free < _DISK_NEEDED:
        advice = "Free 2 GiB, or set HPPT_CACHE to a folder on a larger disk."
        return Finding("Disk", "warn" if _model_fault() is None else "fail", state, advice)
    return Finding("Disk", "ok", state)


def _gpu() -> Finding:
    import torch

    if not torch.cuda.is_available():
        advice = "" if torch.version.cuda is None else "If there is one, look at its driver."
        return Finding("GPU", "ok", "none that torch can use: tiers smoke and cpu work", advice)
    names = []
    for index in range(torch.cuda.device_count()):
        gpu = torch.cuda.get_device_properties(index)
        names.append(f"{gpu.name} with {gpu.total_memory / _GIB:.0f} GiB")
    return Finding("GPU", "ok", ", ".join(names))


def _model_fault() -> str | None:
    from hppt_lib.policy.embedded import damage, embedded_folder

    return damage(embedded_folder())


def _embedded(*, thorough: bool) -> Finding:
    from hppt_lib.policy.embedded import embedded_folder

    name = "Embedded model"
    fault = _model_fault()
    if fault is not None:
        advice = "Run 'hppt fetch' once with a network: a 93 MB download."
        return Finding(name, "fail", f"not ready: {fault} ({embedded_folder()})", advice)
    if not thorough:
        return Finding(name, "ok", f"ready, SHA-256 sums right, in {embedded_folder()}")
    from hppt_lib.policy.embedded import verify_embedded

    try:
        proof = verify_embedded()
    except HpptError as error:
        return Finding(name, "fail", str(error), "Run 'hppt fetch' again.")
    state = f"{proof.tensors} tensors and greedy text equal to the GGUF file's"
    return Finding(name, "ok", state)


def _hub() -> Finding:
    from huggingface_hub import constants

    cached = _cached_models(Path(constants.HF_HUB_CACHE))
    there = f"; in its cache: {', '.join(cached)}" if cached else "; nothing in its cache"
    only = "Not needed at tiers smoke and cpu. Other models load from the cache or a folder."
    if constants.HF_HUB_OFFLINE:
        return Finding("Model hub", "ok", f"switched off by HF_HUB_OFFLINE{there}", only)
    import httpx

    try:
        httpx.head(constants.ENDPOINT, timeout=_TIMEOUT, follow_redirects=True)
    except (httpx.HTTPError, OSError, ValueError) as error:
        state = f"not reached ({type(error).__name__}){there}"
        return Finding("Model hub", "ok", state, only)
    return Finding("Model hub", "ok", f"reached{there}")


def _cached_models(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    names = sorted(each.name for each in folder.glob("models--*") if (each / "snapshots").is_dir())
    return [name.removeprefix("models--").replace("--", "/") for name in names]


def _tiers(findings: list[Finding]) -> list[Finding]:
    """What follows for each tier."""
    failed = [each.name for each in findings if each.status == "fail"]
    return [
        _tier_without_gpu(tier, failed) if tier.gpu_gib is None else _tier_with_gpu(tier, failed)
        for tier in TIERS.values()
    ]


def _tier_without_gpu(tier: Tier, failed: list[str]) -> Finding:
    name = f"Tier {tier.name}"
    if failed and not (tier.name == "smoke" and failed == ["Memory"]):
        state = f"will not work until this is put right: {', '.join(failed)}"
        return Finding(name, "warn", state)
    return Finding(name, "ok", f"will work: {tier.purpose}")


def _tier_with_gpu(tier: Tier, failed: list[str]) -> Finding:
    name = f"Tier {tier.name}"
    try:
        gib = first_gpu_gib()
    except ImportError:  # without torch
        gib = 0.0
    if not gib:
        state = "will not work: it needs an NVIDIA GPU that torch can use"
        return Finding(name, "warn", state, "Nothing to do: the course runs at tier cpu.")
    if not tier.fits(gib):
        return Finding(name, "warn", f"will not work: the first GPU has {gib:.0f} GiB")
    if failed:
        return Finding(name, "warn", f"needs first: {', '.join(failed)}")
    return Finding(name, "ok", "will work, with the model from the hub or a folder")
