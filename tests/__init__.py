"""The tests: a folder for each room of the library, helpers, and measure for what is timed."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
"""The checkout; processes that tests start run here, so that they find this package."""
