"""Pictures of run records: the README's from the shipped ones, and the same of your own."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from hppt_lib import evaluation, records
from hppt_lib.evaluation.runs import Runs
from hppt_lib.figures.hacks import ladder_figure
from hppt_lib.figures.style import provenance_line, use_style
from hppt_lib.figures.training import constraints_figure, satisfaction_figure, training_figure
from hppt_lib.files import repository_folder, sha256, whole_file
from hppt_lib.instructions import model as instructions
from hppt_lib.intervals import mean_interval

ARMS = ("strict", "guarded")
DPI = 120


class Ladder(NamedTuple):
    """An experiment whose arms stand side by side in a picture, a dot a run.

    Attributes:
        records: the folder of its records.
        arms: from left to right.
        pairs: the arms whose runs of one seed are joined.
        outcome: what the axis says.
        weights: of the outcome (`hppt_lib.evaluation.Contrast`).
    """

    records: str
    arms: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    outcome: str
    weights: str = ""


LADDERS = {
    "ladder": Ladder(
        records="e9",
        arms=("precise", "judge-middling", "noise-middling", "judge-weak", "noise-weak"),
        pairs=(("judge-middling", "noise-middling"), ("judge-weak", "noise-weak")),
        outcome="true success",
    ),
    "diversity": Ladder(
        records="e8",
        arms=("precise-few", "precise-many", "judged-few", "judged-many"),
        pairs=(("precise-few", "precise-many"), ("judged-few", "judged-many")),
        outcome="true success on unseen types",
        weights="types",
    ),
}
"""By the name of the picture."""


def draw_readme(folder: Path | None = None) -> list[Path]:
    """Draw ``training.png``, ``satisfaction.png``, ``ladder.png`` and ``diversity.png``.

    Each carries a fingerprint of the records it was drawn from, so that a test can tell a stale
    picture.

    Args:
        folder: where to; the checkout's ``data/figures`` by default.

    Returns:
        The paths of the pictures.

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
    } | {name: _ladder(each) for name, each in LADDERS.items()}
    folder = folder or repository_folder() / "data" / "figures"
    paths = []
    for name, figure in figures.items():
        path = folder / f"{name}.png"
        with whole_file(path) as temporary:
            figure.savefig(
                temporary, format="png", dpi=DPI, metadata={"Description": fingerprint()}
            )
        paths.append(path)
    return paths


def _ladder(of: Ladder) -> Figure:
    arms = evaluation.read_runs(records.records_folder() / of.records).arms

    drawn = {name: evaluation.dots(arms[name], weights=of.weights) for name in of.arms}
    first = arms[of.arms[0]]
    one = first[0].record
    base = evaluation.by_seed(first, weights=of.weights, when="before")
    seeds = [run.record.seed for run in first]
    samples = f"{len(one.after)} held-out responses a run, 30 of them read"
    line = provenance_line(one.tier, one.model, seeds, samples)
    return ladder_figure(drawn, of.pairs, mean_interval(list(base.values())), of.outcome, line)


def fingerprint() -> str:
    """SHA-256 over the records that the pictures are drawn from."""
    digest, folder = hashlib.sha256(), records.records_folder()
    patterns = [f"cpu-{arm}-seed*.json" for arm in ARMS]
    patterns += [f"{each.records}/*.json*" for each in LADDERS.values()]
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            digest.update(sha256(path).encode())
    return digest.hexdigest()


def draw_runs(runs: Runs, folder: str | Path) -> list[Path]:
    """Draw ``training.png``, ``satisfaction.png`` and ``constraints.png`` of runs of any names.

    Args:
        runs: what `hppt_lib.evaluation.read_runs` gives; its arms are drawn.
        folder: where to.

    Returns:
        The paths of the pictures.

    Raises:
        HpptError: a picture could not be written.
    """
    use_style()
    paths = []
    for name, figure in _figures(runs).items():
        path = Path(folder) / f"{name}.png"
        with whole_file(path) as temporary:
            figure.savefig(temporary, format="png", dpi=DPI)
        paths.append(path)
    return paths


def _figures(runs: Runs) -> dict[str, Figure]:
    arms = {name: list(members) for name, members in runs.arms.items()}
    held_out = {name: [run.after for run in members] for name, members in arms.items()}
    if len({run.record.model for run in runs.each}) == 1:  # else "the base" would be several
        first = evaluation.first_of_each_seed(runs.each)
        held_out = {"base": [run.before for run in first.values()]} | held_out
    pooled = {name: [row for rows in seeds for row in rows] for name, seeds in held_out.items()}
    controls = [evaluation.truncation_control(rows) for rows in held_out.get("base", [])]
    rollouts = {len(step.responses) for run in runs.each for step in run.record.steps}
    responses = {len(run.after) for run in runs.each}
    each_arm = {len(rows) for rows in pooled.values()}
    return {
        "training": training_figure(
            {name: [run.record.steps for run in members] for name, members in arms.items()},
            _provenance(runs, f"{_span(rollouts)} responses a point"),
        ),
        "satisfaction": satisfaction_figure(
            held_out, controls, _provenance(runs, f"{_span(responses)} responses a point")
        ),
        "constraints": constraints_figure(
            pooled, _provenance(runs, f"{_span(each_arm)} responses an arm, all seeds together")
        ),
    }


def _provenance(runs: Runs, samples: str) -> str:
    every = [run.record for run in runs.each]
    tiers, models = (
        " and ".join(dict.fromkeys(getattr(each, name) for each in every))
        for name in ("tier", "model")
    )
    return provenance_line(tiers, models, sorted({each.seed for each in every}), samples)


def _span(numbers: set[int]) -> str:
    low, high = min(numbers, default=0), max(numbers, default=0)
    return str(low) if low == high else f"{low} to {high}"
