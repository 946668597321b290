"""A check-up of this machine: what will and will not work on it, and what to do."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from hppt_lib.errors import HpptError
from hppt_lib.files import cache_folder

Status = Literal["ok", "warn", "fail"]

_GIB = 2**30
_MEMORY_NEEDED = 7 * _GIB  # tier cpu: GRPO was seen at 6.4 GiB, and the system needs some
_DISK_NEEDED = 2 * _GIB
_TIMEOUT = 3.0  # seconds, for the hub


@dataclass(frozen=True)
class Finding:
    """One finding.

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
    found = [
        _python(),
        _packages(),
        _memory(),
        _cores(),
        _disk(),
        _gpu(),
        _embedded(thorough=thorough),
        _hub(),
    ]
    return found + _tiers(found)


def can_run(found: Iterable[Finding]) -> bool:
    """Whether tier cpu can work: no finding is a ``fail``."""
    return all(check.status != "fail" for check in found)


def as_json(found: Iterable[Finding]) -> str:
    """The findings as JSON: a list of objects with the fields of `Finding`."""
    return json.dumps([asdict(check) for check in found], indent=2, ensure_ascii=False)


def as_table(found: Iterable[Finding], width: int | None = None) -> str:
    """The findings as a table for people, with colours if the output is a terminal.

    Args:
        found: the findings.
        width: in characters; by default the terminal's.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    words = {"ok": ("ok", "green"), "warn": ("note", "yellow"), "fail": ("FAILS", "bold red")}
    table = Table(show_header=True, header_style="bold", box=None, padding=(0, 2, 0, 0))
    for heading in ("", "Checked", "Found and what to do"):
        table.add_column(heading, overflow="fold")
    for check in found:
        word, style = words[check.status]
        lines = Text(check.found)
        if check.advice:
            lines.append(f"\n→ {check.advice}", style="bold")
        table.add_row(Text(word, style=style), check.name, lines)
    columns = width or min(shutil.get_terminal_size((100, 24)).columns, 120)
    console = Console(width=columns, highlight=False, color_system="auto")
    with console.capture() as capture:
        console.print(table)
    return capture.get().rstrip("\n")


def _python() -> Finding:
    from importlib.metadata import PackageNotFoundError, metadata

    from packaging.specifiers import SpecifierSet

    found = f"{platform.python_version()} in {sys.prefix}"
    try:
        needed = metadata("hppt-lab")["Requires-Python"]
    except PackageNotFoundError:
        return Finding("Python", "ok", found)  # the check of the packages says the rest
    if not SpecifierSet(needed).contains(platform.python_version(), prereleases=True):
        advice = f"Install Python {needed}, delete .venv, run make again."
        return Finding("Python", "fail", found, advice)
    return Finding("Python", "ok", found)


def _packages() -> Finding:
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    try:
        stated = [Requirement(line) for line in requires("hppt-lab") or []]
    except PackageNotFoundError:
        advice = "Run 'pip install -e .' in the checkout, or 'make course'."
        return Finding("Packages", "fail", "hppt-lab is not installed", advice)
    needed = [each for each in stated if each.marker is None or each.marker.evaluate({"extra": ""})]
    wrong = []
    for requirement in needed:
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement} is missing")
            continue
        if not requirement.specifier.contains(installed, prereleases=True):
            wrong.append(f"{requirement.name} is {installed}, not {requirement.specifier}")
    if wrong:
        advice = "Run 'pip install -e .' in the checkout (or delete .venv and run make again)."
        return Finding("Packages", "fail", "; ".join(wrong), advice)
    torch = version("torch")
    return Finding("Packages", "ok", f"all {len(needed)} within their bounds; torch {torch}")


def _memory() -> Finding:
    total, free = _memory_bytes()
    found = f"{free / _GIB:.1f} GiB free of {total / _GIB:.1f} GiB"
    if total < _MEMORY_NEEDED:
        advice = "Tier cpu needs about 7 GiB. Use tier smoke, or a larger machine."
        return Finding("Memory", "fail", found, advice)
    if free < _MEMORY_NEEDED:
        advice = "Close other programs and other notebooks' kernels before you train."
        return Finding("Memory", "warn", found, advice)
    return Finding("Memory", "ok", found)


def _memory_bytes() -> tuple[int, int]:
    """Total and available memory in bytes, the limit of a container included."""
    import psutil

    memory = psutil.virtual_memory()
    total, free = memory.total, memory.available
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
    except (OSError, ValueError):
        return total, free
    return min(total, limit), min(free, max(limit - used, 0))


def _cores() -> Finding:
    import psutil

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found = f"{usable} usable ({psutil.cpu_count(logical=False)} physical)"
    if (usable or 1) < 2:
        advice = "The course will take about twice its stated minutes."
        return Finding("Cores", "warn", found, advice)
    return Finding("Cores", "ok", found)


def _disk() -> Finding:
    folder = cache_folder()
    existing = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(existing).free
    found = f"{free / _GIB:.1f} GiB free for the cache in {folder}"
    if not os.access(existing, os.W_OK):
        advice = "Set HPPT_CACHE to a folder of yours."
        return Finding("Disk", "fail", f"{existing} cannot be written", advice)
    if free < _DISK_NEEDED:
        advice = "Free 2 GiB, or set HPPT_CACHE to a folder on a larger disk."
        return Finding("Disk", "warn" if _model_fault() is None else "fail", found, advice)
    return Finding("Disk", "ok", found)


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
    from hppt_lib.policy.gguf_check import verify_embedded

    try:
        proof = verify_embedded()
    except HpptError as error:
        return Finding(name, "fail", str(error), "Run 'hppt fetch' again.")
    found = f"{proof.tensors} tensors and greedy text equal to the GGUF file's"
    return Finding(name, "ok", found)


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
        found = f"not reached ({type(error).__name__}){there}"
        return Finding("Model hub", "ok", found, only)
    return Finding("Model hub", "ok", f"reached{there}")


def _cached_models(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    names = sorted(each.name for each in folder.glob("models--*") if (each / "snapshots").is_dir())
    return [name.removeprefix("models--").replace("--", "/") for name in names]


def _tiers(found: list[Finding]) -> list[Finding]:
    """What follows for each tier."""
    from hppt_lib.tiers import PROFILES

    failed = [check.name for check in found if check.status == "fail"]
    because = f"will not work until this is put right: {', '.join(failed)}"
    conclusions = []
    for name, entry in PROFILES.items():
        if name.startswith("gpu"):
            conclusions.append(_gpu_tier(name, failed))
        elif failed and not (name == "smoke" and failed == ["Memory"]):
            conclusions.append(Finding(f"Tier {name}", "warn", because))
        else:
            conclusions.append(Finding(f"Tier {name}", "ok", f"will work: {entry.purpose}"))
    return conclusions


def _gpu_tier(name: str, failed: list[str]) -> Finding:
    import torch

    if not torch.cuda.is_available():
        found = "will not work: it needs an NVIDIA GPU that torch can use"
        return Finding(f"Tier {name}", "warn", found, "Nothing to do: the course runs at tier cpu.")
    largest = max(
        torch.cuda.get_device_properties(index).total_memory / _GIB
        for index in range(torch.cuda.device_count())
    )
    digits = "".join(each for each in name if each.isdigit())
    if digits and largest < 0.9 * int(digits):
        found = f"will not work: the largest GPU has {largest:.0f} GiB"
        return Finding(f"Tier {name}", "warn", found)
    if failed:
        return Finding(f"Tier {name}", "warn", f"needs first: {', '.join(failed)}")
    return Finding(f"Tier {name}", "ok", "will work, with the model from the hub or a folder")
