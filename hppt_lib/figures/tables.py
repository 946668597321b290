"""Tables: readable in a notebook and on a page, and safe to show.

Responses are text from outside: whatever goes into a cell is escaped.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_LONG = 30  # letters; a word that is longer may be broken, all others may not


def table(rows: Iterable[Mapping[str, Any]]) -> Any:
    """Show rows as a table without an index, left-aligned, with wrapped text.

    Lines are broken between words only; of a word of more than 30 letters, anywhere.

    Returns:
        A styled table (`pandas.io.formats.style.Styler`); its cells are escaped for HTML.
    """
    import pandas as pd

    left = {
        "text-align": "left",
        "vertical-align": "top",
        "white-space": "pre-wrap",
        "word-break": "normal",
        "overflow-wrap": "normal",
    }
    frame = pd.DataFrame(list(rows))
    # By default pandas draws a random id, and every run of a notebook changes all of its tables.
    own = hashlib.sha256(frame.to_csv().encode()).hexdigest()[:5]
    look = frame.style.set_uuid(own).hide().set_properties(None, **left)
    heads: Any = [{"selector": "th", "props": [("text-align", "left")]}]
    return look.set_table_styles(heads).format(_plain)


def scrollable(styled: Any, widths: Sequence[int]) -> Any:
    """Put a long table into a box that scrolls.

    Args:
        styled: a table, as `table` gives it.
        widths: of the columns, in percent.

    Returns:
        `IPython.display.HTML`.
    """
    from IPython.display import HTML

    columns: Any = [
        {"selector": f".col{number}", "props": [("width", f"{width}%")]}
        for number, width in enumerate(widths)
    ]
    whole: Any = {"selector": "", "props": [("table-layout", "fixed"), ("width", "100%")]}
    inside = styled.set_table_styles([whole, *columns], overwrite=False).to_html()
    return HTML(f'<div style="max-height: 30em; overflow: auto">{inside}</div>')


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else breakable(str(value))


def breakable(text: str) -> str:
    """Text for HTML, with places to break in very long words."""
    words = re.split(r"(\s+)", text)
    return "".join(
        "<wbr>".join(html.escape(word[at : at + _LONG]) for at in range(0, len(word), _LONG))
        for word in words
    )
