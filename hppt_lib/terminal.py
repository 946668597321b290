"""Tables on a console."""

from __future__ import annotations

import shutil

from rich.console import Console
from rich.table import Table


def printed(*parts: Table | str, width: int | None) -> str:
    """Tables and lines as text, for a terminal of this width (None: the one that there is)."""
    columns = width or min(shutil.get_terminal_size((100, 24)).columns, 120)
    console = Console(width=columns, highlight=False, markup=False, color_system="auto")
    with console.capture() as capture:
        for part in parts:
            console.print(part, soft_wrap=isinstance(part, str))
    return "\n".join(line.rstrip() for line in capture.get().splitlines())
