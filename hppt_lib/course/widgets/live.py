"""A widget with what stands in its place where no kernel runs."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Live:
    """A widget that a reader without a kernel sees as a table or a figure.

    Both go into one output: JupyterLab shows the widget, a page what is `still`.

    Attributes:
        box: an `ipywidgets.Widget`.
        still: content by MIME type, such as ``text/html``; ``text/plain`` among them.
    """

    box: Any
    still: Mapping[str, str]

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        """What IPython displays."""
        return {**self.box._repr_mimebundle_(), **self.still}


def png(figure: Figure) -> str:
    """A figure as PNG in base64; the figure is closed."""
    import matplotlib.pyplot as plt

    drawn = io.BytesIO()
    figure.savefig(drawn, format="png", bbox_inches="tight")
    plt.close(figure)
    return base64.b64encode(drawn.getvalue()).decode()


def picture(drawn: str, alternative: str) -> str:
    """An image in HTML, from `png`, with its text for readers who cannot see it."""
    return (
        f'<img src="data:image/png;base64,{drawn}" alt="{html.escape(alternative)}" '
        'style="max-width: 100%">'
    )
