"""What the paper reports of its judges and its rules (arXiv 2601.04954), as digests of it say.

Other data than ours, and no number of rows. The claim ledger (``data/claims.yaml``) says it in
sentences; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

PAPER_RECALL_ON_FALSE: Mapping[str, Mapping[str, float]] = {
    "soft": {
        "Qwen3-32B": 0.209,
        "QwQ-32B": 0.331,
        "Gemini-2.5-pro": 0.638,
        "Qwen3-32B point-wise": 0.547,
    },
    "hard": {
        "Qwen3-32B": 0.306,
        "QwQ-32B": 0.441,
        "Gemini-2.5-pro": 0.657,
        "Qwen3-32B point-wise": 0.593,
    },
}
"""By kind of constraint and judge; all constraints in one call where it does not say point-wise."""
PAPER_PRECISION = 0.96
"""Of the paper's rules, against three experts on 200 instances."""


def paper_recall_on_false(part: str) -> float:
    """Recall on false responses of Qwen3-32B, the judge that the paper trains with.

    Args:
        part: of an audit, such as ``soft, batch`` or ``hard, pointwise``.
    """
    kind, _, mode = part.partition(", ")
    return PAPER_RECALL_ON_FALSE[kind][
        "Qwen3-32B point-wise" if mode == "pointwise" else "Qwen3-32B"
    ]
