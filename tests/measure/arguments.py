"""The command line of a measurement: its help is the docstring of its module."""

from __future__ import annotations

import argparse
from pathlib import Path


def parser_of(docstring: str | None) -> argparse.ArgumentParser:
    """A parser that shows a module's docstring as it is written.

    Args:
        docstring: of the module; what begins with "Examples:" is shown below the options.
    """
    description, mark, examples = (docstring or "").partition("Examples:")
    return argparse.ArgumentParser(
        description=description,
        epilog=mark + examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the option ``--data``: where the recorded responses are."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="the folder of benchmarks (default: HPPT_BENCHMARKS)",
    )
