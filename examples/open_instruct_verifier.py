"""open-instruct: a verifier named "hppt", for rows whose ``dataset`` is "hppt".

open-instruct finds each subclass of its `VerifierFunction` that has been imported: import this file
in its ``open_instruct/ground_truth_utils.py``. The row's ``ground_truth`` is made by
`hppt_lib.interop.open_instruct_label`; labels of IF_multi_constraints_upto5 are read as they are.
"""

from __future__ import annotations

from typing import Any

from open_instruct.ground_truth_utils import VerificationResult, VerifierFunction

from hppt_lib.interop import open_instruct_score


class HpptVerifier(VerifierFunction):
    """All constraints pass, and the response is an answer; the reasons are kept."""

    def __init__(self, verifier_config: Any = None) -> None:
        super().__init__("hppt", verifier_config=verifier_config, weight=1.0)

    def __call__(
        self,
        tokenized_prediction: list[int],
        prediction: str,
        label: str,
        query: str | None = None,
        rollout_state: dict[str, Any] | None = None,
    ) -> VerificationResult:
        """Score one response."""
        found = open_instruct_score(prediction, label, query, reward="guarded")
        return VerificationResult(score=found.value, reasoning=found.reasons)
