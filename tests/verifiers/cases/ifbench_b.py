"""IFBench: custom, format, repeat, sentence."""

from __future__ import annotations

from tests.verifiers.cases import (
    ifbench_b_custom,
    ifbench_b_edges,
    ifbench_b_format,
    ifbench_b_lists,
    ifbench_b_order,
    ifbench_b_reference,
    ifbench_b_tables,
)
from tests.verifiers.cases.case import Case

CASES: tuple[Case, ...] = (
    *ifbench_b_custom.CASES,
    *ifbench_b_lists.CASES,
    *ifbench_b_tables.CASES,
    *ifbench_b_format.CASES,
    *ifbench_b_edges.CASES,
    *ifbench_b_order.CASES,
    *ifbench_b_reference.CASES,
)
