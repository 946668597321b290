"""Makes a trainer's batches cheaper: drops rows without effect, and sorts the rest by length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch


def without_idle_rows(inputs: dict[str, Any], rows: int = 1) -> dict[str, Any]:
    """A trainer's batch without rows of zero advantage, and without columns of padding alone.

    With KL off (and only then), a row of zero advantage adds exactly nothing to the gradient. The
    loss ``dapo`` divides by the number of tokens of the *whole* generation batch, which stands in
    ``num_items_in_batch`` and is left as it is: the gradient does not change.

    Args:
        inputs: TRL's batch: ``prompt_ids`` and ``prompt_mask`` of shape (B, P), padded on the
            left; ``completion_ids`` and ``completion_mask`` of shape (B, C), padded on the right;
            ``advantages`` of shape (B,).
        rows: keep at least so many rows, idle ones too. TRL needs one, and several processes
            must have equally many, for TRL gathers a number of each row.
    """
    keep = inputs["advantages"] != 0
    idle = (~keep).nonzero(as_tuple=True)[0]
    keep[idle[: max(0, rows - int(keep.sum()))]] = True
    every = (len(keep),)
    kept = {
        name: value[keep] if torch.is_tensor(value) and value.shape[:1] == every else value
        for name, value in inputs.items()
    }
    for part in ("prompt", "completion"):
        used = kept[f"{part}_mask"].any(dim=0).nonzero(as_tuple=True)[0]
        columns = slice(int(used.min()), int(used.max()) + 1)
        width = kept[f"{part}_mask"].shape[1]
        for name, value in kept.items():
            of_part = name.startswith(part) or (part == "completion" and name.endswith("_logps"))
            if of_part and torch.is_tensor(value) and value.shape[1:] == (width,):
                kept[name] = value[:, columns]
    return kept


def sorted_batches(
    batches: Sequence[dict[str, Any]], with_idle: bool = False
) -> list[dict[str, Any]]:
    """Regroup the rows of micro-batches: one prompt's rows together, sorted by length.

    Rows of zero advantage are spread over all (they may be left out later, see
    `without_idle_rows`). The loss ``dapo`` is a sum over rows, so the gradient of all micro-batches
    together does not change.

    Args:
        batches: TRL's micro-batches of one step.
        with_idle: treat rows of zero advantage like the others (they are not left out).
    """
    rows = len(batches[0]["advantages"])
    whole = {
        name: torch.cat([each[name] for each in batches])
        if torch.is_tensor(value) and value.shape[:1] == (rows,)
        else value
        for name, value in batches[0].items()
    }
    prompts = torch.unique(whole["prompt_ids"], dim=0, return_inverse=True)[1].tolist()
    lengths = whole["completion_mask"].sum(dim=1).tolist()
    order = sorted(range(len(prompts)), key=lambda row: (prompts[row], lengths[row], row))
    counts = [with_idle or bool(each != 0) for each in whole["advantages"]]
    working = torch.tensor([row for row in order if counts[row]], dtype=torch.long)
    idle = torch.tensor([row for row in order if not counts[row]], dtype=torch.long)
    parts = zip(
        working.tensor_split(len(batches)),
        idle.flip(0).tensor_split(len(batches))[::-1],
        strict=True,
    )
    micro_batches = []
    for chosen in map(torch.cat, parts):
        micro_batches.append(
            {
                name: value[chosen]
                if torch.is_tensor(value) and value.shape[:1] == (len(order),)
                else value
                for name, value in whole.items()
            }
        )
    return [each for each in micro_batches if len(each["advantages"])] or list(batches)
