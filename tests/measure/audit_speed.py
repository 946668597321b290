"""The time of a whole audit report from made-up verdicts: all tables, intervals and costs.

The default is 10,000 verdicts: five judges on the same 2,000 rows of about 570 items. Reading the
libraries in (scipy) and drawing the figures are timed by themselves.

Examples:
  python -m tests.measure.audit_speed
  python -m tests.measure.audit_speed --items 1000 --judges 3
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.measure.arguments import parser_of


def main() -> None:
    """Print the seconds of each part."""
    parser = parser_of(__doc__)
    parser.add_argument("--items", type=int, default=575, help="items, of 1 to 6 rows")
    parser.add_argument("--judges", type=int, default=5)
    chosen = parser.parse_args()

    began = time.perf_counter(), time.process_time()

    def lap(what: str) -> None:
        nonlocal began
        now = time.perf_counter(), time.process_time()
        wall, processor = (each - before for each, before in zip(now, began, strict=True))
        print(f"{what:44} {wall:6.2f} s, of which processor {processor:6.2f} s", flush=True)
        began = time.perf_counter(), time.process_time()

    import matplotlib

    matplotlib.use("agg")
    import numpy as np
    import scipy.stats  # noqa: F401

    from hppt_lib.audit.power import power_table
    from hppt_lib.audit.report import make_report
    from hppt_lib.audit.report_output import as_table, write_report
    from hppt_lib.figures.judges import report_figures
    from tests.measure.synthetic_audit import Design, Known, judged

    lap("libraries read in")
    known = [
        Known(0.9 - 0.05 * number, 0.3 + 0.12 * number, 0.97) for number in range(chosen.judges)
    ]
    sets = judged(known, Design(chosen.items, 6, 0.4), np.random.default_rng(0))
    rows = [each for one in sets for each in one]
    lap(f"{len(rows):,} verdicts made up")
    found = make_report(rows, data="synthetic", mode="batch")
    lap("report: rates, curves, differences, costs")
    as_table(found)
    power_table()
    lap("tables")
    with tempfile.TemporaryDirectory() as folder:
        write_report(found, Path(folder) / "report", report_figures(found))
        lap("CSV, JSON and figures written")


if __name__ == "__main__":
    main()
