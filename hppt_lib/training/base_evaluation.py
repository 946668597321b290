"""The base policy's evaluation, kept for the runs that share it.

Before training all runs of one seed are the same policy: whatever their reward and their training
data, their responses to the held-out instructions are equal. So the arms of a comparison pay for
them once.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hppt_lib.files import write_text
from hppt_lib.identity import digest

Responses = tuple[tuple[str, str], ...]


@dataclasses.dataclass(frozen=True)
class BaseEvaluation:
    """What a base policy answered.

    Attributes:
        responses: (instruction id, response) of each.
        cut: the share that was cut at the token limit.
        surprise: nats a token of each response under the base policy itself; None if nobody has
            measured it yet.
    """

    responses: Responses
    cut: float
    surprise: tuple[float, ...] | None = None


@dataclasses.dataclass(frozen=True)
class BaseEvaluations:
    """Where the evaluations are kept.

    Two processes that need the same one at the same time both make it, and write the same.

    Attributes:
        folder: one JSON file an evaluation.
    """

    folder: Path

    def path(self, identity: Mapping[str, Any]) -> Path:
        """The file of the evaluation with this identity: all that decides it, as plain values."""
        return self.folder / f"{digest(identity)[:32]}.json"

    def get(self, identity: Mapping[str, Any]) -> BaseEvaluation | None:
        """The evaluation; None if there is none, or none that can be read."""
        try:
            row = json.loads(self.path(identity).read_text(encoding="utf-8"))
            surprise = row["surprise"]
            return BaseEvaluation(
                tuple((str(id), str(response)) for id, response in row["responses"]),
                float(row["cut"]),
                None if surprise is None else tuple(map(float, surprise)),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None  # it is made, and written, again

    def put(self, identity: Mapping[str, Any], evaluation: BaseEvaluation) -> None:
        """Keep an evaluation.

        Raises:
            HpptError: the file could not be written.
        """
        row = {"base": dict(identity), **dataclasses.asdict(evaluation)}
        text = json.dumps(row, ensure_ascii=False, default=str)
        write_text(self.path(identity), text + "\n")
