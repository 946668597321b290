"""Every table of the kit: readable in a notebook and on a page, and safe to show.

Responses are text from outside: whatever goes into a cell is escaped.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hppt_lib.evaluation.satisfaction import Evaluated, isr, mean_length
from hppt_lib.figures.training import LABELS


def table(rows: Iterable[Mapping[str, Any]]) -> Any:
    """Rows as a table that reads well: no index, everything on the left, text wrapped.

    Returns:
        A styled table (`pandas.io.formats.style.Styler`); its cells are escaped for HTML.
    """
    import pandas as pd

    left = {
        "text-align": "left",
        "vertical-align": "top",
        "white-space": "pre-wrap",
        "overflow-wrap": "anywhere",
    }
    frame = pd.DataFrame(list(rows))
    # By default pandas draws a random id, and every run of a notebook changes all of its tables.
    own = hashlib.sha256(frame.to_csv().encode()).hexdigest()[:5]
    look = frame.style.set_uuid(own).hide().set_properties(None, **left)
    heads: Any = [{"selector": "th", "props": [("text-align", "left")]}]
    return look.set_table_styles(heads).format(_plain)


def scrollable(styled: Any, widths: Sequence[int]) -> Any:
    """A long table in a box of its own that scrolls.

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


def results(policy: str, rows: Sequence[Evaluated]) -> dict[str, str]:
    """One line of a results table: strict and guarded ISR with their intervals, and length.

    Args:
        policy: what the line is called.
        rows: the policy's evaluated responses.
    """
    return {
        "policy": policy,
        "strict ISR [95 %]": str(isr(rows, guarded=False)),
        "guarded ISR [95 %]": str(isr(rows, guarded=True)),
        "words": f"{mean_length(rows):.1f}",
        "responses": str(len(rows)),
    }


def samples_table(arms: Mapping[str, Sequence[Evaluated]], of_each_type: int) -> Any:
    """Responses of several policies to the same instructions, side by side, with their verdicts.

    Nothing is picked: the first instructions of each type, in their order, and the first response
    of each policy to each.

    Args:
        arms: for each arm, its evaluated responses.
        of_each_type: instructions shown of each type of constraint.

    Returns:
        A styled table (`pandas.io.formats.style.Styler`), escaped for HTML.
    """
    first: dict[str, dict[str, Evaluated]] = {}
    for arm, rows in arms.items():
        for each in rows:
            first.setdefault(each.instruction.id, {}).setdefault(arm, each)
    shown: dict[str, list[dict[str, str]]] = {}
    for responses in first.values():
        if len(responses) < len(arms):
            continue
        instruction = next(iter(responses.values())).instruction
        of_type = shown.setdefault(instruction.constraints[0].id, [])
        if len(of_type) < of_each_type:
            of_type.append(
                {"instruction": html.escape(instruction.prompt)}
                | {LABELS[arm]: _cell(each) for arm, each in responses.items()}
            )
    lines = [line for id in sorted(shown) for line in shown[id]]
    return table(lines).format(None)  # the cells are escaped, and hold markup of our own


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else html.escape(str(value))


def _cell(each: Evaluated) -> str:
    text = html.escape(each.response.strip()).replace("\n", "<br>")
    marks = [
        f"{'✓' if passed else '✗'} {name}"
        for name, passed in (("strict", each.score.strict), ("guarded", each.score.guarded))
    ]
    return f"{text}<br><small><b>{' · '.join(marks)}</b></small>"
