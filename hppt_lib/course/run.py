"""Runs every notebook in order, each on a fresh kernel."""

from __future__ import annotations

import atexit
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.course import stamps
from hppt_lib.course.notebooks import clean, find_notebooks, read_notebook, write_notebook
from hppt_lib.errors import HpptError, needs
from hppt_lib.files import repository_folder
from hppt_lib.tiers import require_device
from hppt_lib.tiers import tier as tier_named

Echo = Callable[[str], None]


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not run to its end.

    Attributes:
        notebook: file name.
        cell: number of the failed code cell, counted from 1 as in JupyterLab's ``In [1]``.
        error: the error's type and message.
        traceback: the last lines of the traceback; empty if there is none.
    """

    notebook: str
    cell: int
    error: str
    traceback: str = ""

    def __str__(self) -> str:
        """The failure as the command line prints it."""
        text = f"{self.notebook}, cell {self.cell}: {self.error}"
        return f"{text}\n{self.traceback}" if self.traceback else text


@dataclass(frozen=True)
class Execution:
    """The result of running one notebook.

    Attributes:
        notebook: the executed notebook, with its outputs as far as it came.
        seconds: how long it ran.
        failure: None if every cell ran.
    """

    notebook: Any
    seconds: float
    failure: Failure | None


class NotebookFailed(HpptError):
    """A cell of a notebook failed.

    Attributes:
        out: the folder of the executed copies, the failed one among them.
    """

    def __init__(self, message: str, out: Path) -> None:
        super().__init__(message)
        self.out = out


def run_course(
    tier: str | None = None,
    only: Sequence[str] = (),
    *,
    in_place: bool = False,
    out: Path | None = None,
    folder: Path | None = None,
    echo: Echo = print,
) -> Path:
    """Run notebooks in order and write an executed copy of each.

    The first failed notebook ends the run: its copy, as far as it came, is still written.

    Args:
        tier: the tier; by default ``HPPT_TIER``, or ``cpu``.
        only: beginnings of file names, such as ``"06"``; by default all notebooks.
        in_place: write the outputs into the notebooks themselves as well.
        out: folder for the copies; by default ``build/course/TIER`` in the checkout.
        folder: folder of the notebooks; by default the checkout's.
        echo: receives lines of progress.

    Returns:
        The folder of the copies.

    Raises:
        NotebookFailed: a cell failed; notebook, cell and error are named.
        HpptError: no such tier or notebook, no GPU for a tier that needs one, a file that is not a
            notebook, or a copy that could not be written.
        MissingExtra: the extra "course" is not installed.
        KeyboardInterrupt: Ctrl-C; the kernel is ended too, and no copy is written.
    """
    needs("course")
    settings = tier_named(tier)
    require_device(settings)
    out = out or repository_folder() / "build" / "course" / settings.name
    chosen = find_notebooks(folder, only)
    sources = [(path, read_notebook(path)) for path in chosen]  # a bad file fails before a long run
    echo(f"Running {len(chosen)} notebook(s) at tier {settings.name}: {settings.purpose}.")
    for path, notebook in sources:
        done = execute(notebook, path, settings.name, echo)
        write_notebook(done.notebook, out / path.name)
        if done.failure is not None:
            raise NotebookFailed(str(done.failure), out)
        if in_place:
            write_notebook(done.notebook, path)
    return out


def execute(notebook: Any, path: Path, tier: str, echo: Echo = print) -> Execution:
    """Run a notebook on a fresh kernel of this Python, with ``HPPT_TIER`` set to ``tier``.

    Args:
        notebook: the notebook as read; its cells are changed in place.
        path: its file: the kernel works in the file's folder.
        tier: the tier.
        echo: receives lines of progress.
    """
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    progress = _Progress(path.name, notebook, echo)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = _client(notebook, path, progress)
    # THP_MEM_ALLOC_ENABLE: torch takes huge pages, which makes large batches about 15 % faster.
    environment = {"THP_MEM_ALLOC_ENABLE": "1", **os.environ, "HPPT_TIER": tier}
    failure = None
    started = time.monotonic()
    try:
        with progress:
            client.execute(env=environment, cwd=str(path.parent))
    except CellExecutionError as error:
        failure = Failure(path.name, progress.cell, *_explained(notebook, error))
    except DeadKernelError:
        _stop_if_interrupted(client)
        reason = "the kernel died, most likely for want of memory: close other programs"
        failure = Failure(path.name, progress.cell, f"{reason} or choose a smaller tier")
    except (RuntimeError, OSError) as error:
        _stop_if_interrupted(client)
        failure = Failure(path.name, progress.cell, f"the kernel did not work: {error}")
    finally:
        # A client whose kernel never started prints a traceback of its own when Python ends.
        atexit.unregister(client._cleanup_kernel)
        # The manager is ours, so nbclient would leave the kernel running, memory and all.
        if client.km is not None and client.km.has_kernel:
            client._cleanup_kernel()
    seconds = time.monotonic() - started
    clean(notebook)
    stamps.stamp(notebook, tier=tier, seconds=seconds)
    if failure is not None:
        notebook.metadata[stamps.KEY]["failed"] = f"cell {failure.cell}: {failure.error}"
    progress.close(seconds, failure)
    return Execution(notebook, seconds, failure)


def _client(notebook: Any, path: Path, progress: _Progress) -> Any:
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    # No installed kernelspec is asked: the one called python3 may belong to another environment.
    manager = AsyncKernelManager(kernel_name="python3")
    launch = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    # Its warning that cells reach the kernel unencrypted: they stay on this machine, signed.
    launch.append("--log-level=ERROR")
    manager._kernel_spec = KernelSpec(argv=launch, display_name="Python 3", language="python")
    return NotebookClient(
        notebook,
        km=manager,
        timeout=None,
        startup_timeout=180,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=progress.cell_started,
    )


def _stop_if_interrupted(client: Any) -> None:
    """Tell Ctrl-C from a dead kernel: nbclient answers it by ending the kernel, without a word."""
    if getattr(client, "_async_cleanup_kernel_future", None) is not None:
        raise KeyboardInterrupt


def _explained(notebook: Any, error: Any) -> tuple[str, str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    lines = [line for output in outputs for line in output.get("traceback", [])]
    plain = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines)).strip().splitlines()
    return f"{error.ename}: {error.evalue}", "\n".join(f"    {line}" for line in plain[-8:])


class _Progress:
    """Which cell runs, and for how long: one live line on a terminal, else a line a cell."""

    def __init__(self, name: str, notebook: Any, echo: Echo) -> None:
        runs = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
        self.cell = 0
        self._name = name
        self._cells = len(runs)
        self._echo = echo
        self._live = echo is print and sys.stdout.isatty()
        self._started = time.monotonic()
        self._ended = threading.Event()

    def __enter__(self) -> _Progress:
        if self._live:
            threading.Thread(target=self._tick, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()

    def cell_started(self, cell: Any, cell_index: int, **_: Any) -> None:
        if cell.cell_type != "code" or not cell.source.strip():
            return
        self.cell += 1
        if not self._live:
            self._echo(self._line())

    def close(self, seconds: float, failure: Failure | None) -> None:
        end = "\r\x1b[K" if self._live else ""
        word = "FAILED" if failure else "ok"
        self._echo(f"{end}{self._name}  {word}  {_clock(seconds)} min")

    def _line(self) -> str:
        passed = _clock(time.monotonic() - self._started)
        return f"{self._name}  cell {self.cell} of {self._cells}  {passed}"

    def _tick(self) -> None:
        while not self._ended.wait(1):
            print(f"\r\x1b[K{self._line()}", end="", flush=True)


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
