"""The README's pictures, drawn from the shipped run records."""

from __future__ import annotations

import hashlib
from pathlib import Path

from hppt_lib import evaluation, records
from hppt_lib.figures.style import provenance_line, use_style
from hppt_lib.figures.training import satisfaction_figure, training_figure
from hppt_lib.files import repository_folder, sha256, whole_file
from hppt_lib.instructions import model as instructions

ARMS = ("strict", "guarded")


def draw_readme(folder: Path | None = None) -> list[Path]:
    """Draw ``training.png`` and ``satisfaction.png`` and return their paths.

    Each carries a fingerprint of the records it was drawn from, so that a test can tell a stale
    picture.

    Args:
        folder: where to; the checkout's ``data/figures`` by default.

    Raises:
        HpptError: the records are missing, or a picture could not be written.
    """
    use_style()
    runs = {arm: records.shipped_records(f"cpu-{arm}-seed*") for arm in ARMS}
    run = runs["guarded"][0]
    seeds = [each.seed for each in runs["guarded"]]
    heldout = instructions.shipped_instructions("hard_heldout")
    arms = {"base": [evaluation.rescored(each.before, heldout) for each in runs["guarded"]]} | {
        arm: [evaluation.rescored(each.after, heldout) for each in runs[arm]] for arm in ARMS
    }
    figures = {
        "training": training_figure(
            {arm: [each.steps for each in runs[arm]] for arm in ARMS},
            provenance_line(run.tier, run.model, seeds, len(run.steps[0].responses)),
        ),
        "satisfaction": satisfaction_figure(
            arms,
            [evaluation.truncation_control(rows) for rows in arms["base"]],
            provenance_line(run.tier, run.model, seeds, len(run.after)),
        ),
    }
    folder = folder or repository_folder() / "data" / "figures"
    paths = []
    for name, figure in figures.items():
        path = folder / f"{name}.png"
        with whole_file(path) as temporary:
            figure.savefig(
                temporary, format="png", dpi=110, metadata={"Description": fingerprint()}
            )
        paths.append(path)
    return paths


def fingerprint() -> str:
    """SHA-256 over the records that the pictures are drawn from."""
    digest = hashlib.sha256()
    for arm in ARMS:
        for path in sorted(records.records_folder().glob(f"cpu-{arm}-seed*.json")):
            digest.update(sha256(path).encode())
    return digest.hexdigest()
