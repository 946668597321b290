"""Prints on any console: a character that it cannot show is written in others that it can.

Not every console is UTF-8: Windows writes a redirected output as cp1252, and a bare container
(``LC_ALL=C``) takes ASCII only.
"""

from __future__ import annotations

import codecs
import io
import sys

# fmt: off
_LOOK_ALIKES = {
    "→": "->", "←": "<-", "≤": "<=", "≥": ">=", "±": "+/-", "−": "-", "×": "x", "·": "|",
    "–": "-", "—": "-", "…": "...", "•": "*", "‘": "'", "’": "'", "“": '"', "”": '"',
    "κ": "kappa", "ρ": "rho", "₀": "_0", "₁": "_1", "²": "^2", "✓": "ok", "✗": "x",
}
# fmt: on
_UNTOUCHED = ("strict", "surrogateescape")  # how Python sets standard output, if nobody chose


def print_anything() -> None:
    r"""Make standard output and error replace what they cannot show, in place of an error.

    A character with a look-alike becomes that ("→" is "->"); any other its escape, such as
    ``\u8336``. A way that the user chose (``PYTHONIOENCODING=ascii:xmlcharrefreplace``) is left as
    it is.
    """
    codecs.register_error("hppt", _look_alike)
    for stream in (sys.stdout, sys.stderr):
        # Standard error escapes by itself, and takes no other wish.
        if isinstance(stream, io.TextIOWrapper):
            if stream is sys.stderr or stream.errors in _UNTOUCHED:
                stream.reconfigure(errors="hppt")


def say(text: str, *, err: bool = False) -> None:
    """Print text on standard output, or on standard error.

    ``typer.echo`` would send UTF-8 to a console that is set to ASCII.
    """
    print(text, file=sys.stderr if err else sys.stdout, flush=True)


def _look_alike(error: UnicodeError) -> tuple[str, int]:
    """A handler for `codecs.register_error`: what to write for what cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    unknown = error.object[error.start : error.end]
    shown = (
        _LOOK_ALIKES.get(each) or each.encode("ascii", "backslashreplace").decode()
        for each in unknown
    )
    return "".join(shown), error.end
