"""The page of a replication: its numbers beside the paper's and beside tier cpu's, with intervals.

The page is one HTML file with nothing beside it; the file to send back holds it with all that its
numbers come from.
"""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hppt_lib.audit.reported import PAPER_PRECISION, paper_recall_on_false
from hppt_lib.evaluation import over_seeds
from hppt_lib.files import whole_file, write_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAPER_DIFFERENCES = {
    ("hppt", "raw"): "IFEval 87.25 − 78.37 = +8.9 points",
    ("hard", "soft"): "IFEval 80.78 − 77.82 = +3.0 points; average of five +2.7",
    ("hard", "raw"): "IFEval 80.78 − 78.37 = +2.4 points; average of five +0.6; CFBench −2",
    ("raw", "soft"): "IFEval 78.37 − 77.82 = +0.6 points; average of five +2.1",
}
"""The paper's differences for Qwen2.5-7B (arm, less other); its *mixed* is our *raw* [digest]. It
reports no seeds, no intervals and no random control."""
ARMS = {
    "raw": "raw: hard and soft constraints mixed (E3's “mixed”)",
    "control": "control: as many as HPPT keeps, drawn at random anew for each seed, Step B too",
    "hppt": "hppt: what Step A keeps, through Step B",
    "hard": "hard: the hard constraints alone",
    "soft": "soft: the soft constraints alone",
}
PARTS = {
    "soft, batch": "soft, all constraints in one call",
    "hard, batch": "hard, all constraints in one call",
    "soft, pointwise": "soft, one constraint a call",
    "hard, pointwise": "hard, one constraint a call",
}
"""The parts of the judge's audit, with what the page calls them."""
_NONE = "–"


def page(
    result: Mapping[str, Any],
    *,
    recorded: Mapping[str, Any] | None = None,
    audited: Mapping[str, Any] | None = None,
    figures: Mapping[str, Figure] | None = None,
) -> str:
    """The page, as HTML.

    Args:
        result: the numbers (`hppt_lib.training.replication.result_of`).
        recorded: those of tier cpu's recorded replication; None if there is none.
        audited: tier cpu's recorded audit (`hppt_lib.training.replication.recorded_audit`).
        figures: to stand at the top, by title.
    """
    plan, size = result["plan"], result["plan"]["size"]
    seeds = next(iter(result["arms"].values()))["seeds"]
    at = (
        f"tier {plan['tier']} · {result['model']}{' in 4 bits' if size['quantize'] else ''} · "
        "seeds "
        f"{', '.join(map(str, seeds))} · {size['steps']} steps of {size['prompts_per_step']} × "
        f"{size['group_size']} responses · evaluated on {size['held_out']} of {plan['held_out']} · "
        f"judge {plan['judge']}"
    )
    parts = [
        "<h1>A replication of “Precision over Diversity” on one machine</h1>",
        _paragraph(at),
        _paragraph(_what_it_is(plan["tier"])),
        *(
            f'<figure><img alt="{escape(title)}" src="data:image/png;base64,{_png(figure)}">'
            f"<figcaption>{escape(title)}</figcaption></figure>"
            for title, figure in (figures or {}).items()
        ),
        "<h2>E1 · How precise is the judge?</h2>",
        _audit_table(result["audit"], audited or {}),
        *_on_chance(result["audit"]),
        "<h2>E2 · Step A and B against the raw data, beside a random control</h2>",
        _paragraph(_pilot_text(result["pilot"])),
        _arms_table(result, ("raw", "control", "hppt"), recorded),
        _contrasts_table(result, "E2", recorded),
        *_too_little(result),
        "<h2>E3 · Hard constraints, soft ones, or both</h2>",
        _arms_table(result, ("hard", "soft", "raw"), recorded),
        _contrasts_table(result, "E3", recorded),
        "<h2>How sure is this?</h2>",
        *_certainty(result),
        "<h2>Where it comes from</h2>",
        _paragraph(
            "; ".join(f"{name} {value}" for name, value in result["machine"].items())
            + "; "
            + ", ".join(f"{name} {value}" for name, value in result["versions"].items())
        ),
        _paragraph(_took(result["took"]), kind="took"),
    ]
    title = f"Replication, tier {plan['tier']}"
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        f"</title>\n<style>{_STYLE}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def write_page(
    folder: Path,
    result: Mapping[str, Any],
    *,
    recorded: Mapping[str, Any] | None = None,
    audited: Mapping[str, Any] | None = None,
    figures: Mapping[str, Figure] | None = None,
) -> tuple[Path, Path]:
    """Write ``page.html``, and the file to send back, ``replication-TIER.zip``.

    Args:
        folder: of the replication.
        result: see `page`, like the others.
        recorded: likewise.
        audited: likewise.
        figures: likewise.

    Returns:
        The two paths.

    Raises:
        HpptError: a file could not be written.
    """
    path = folder / "page.html"
    write_text(path, page(result, recorded=recorded, audited=audited, figures=figures))
    sent = folder / f"replication-{result['plan']['tier']}.zip"
    names = ["page.html", "result.json", "plan.json", "audit.json", "pilot.jsonl", "sweep.yaml"]
    files = [folder / name for name in names]
    files += [*sorted((folder / "data").glob("*.jsonl")), *sorted((folder / "runs").glob("*.json"))]
    with whole_file(sent) as temporary, zipfile.ZipFile(temporary, "w") as packed:
        for each in files:
            # One date for all, so that the same contents make the same file.
            entry = zipfile.ZipInfo(str(each.relative_to(folder)))
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, each.read_bytes())
    return path, sent


def summary(result: Mapping[str, Any]) -> list[str]:
    """A line for each comparison in guarded ISR, the primary ones marked."""
    lines = []
    for each in result["contrasts"]:
        if each["measure"] == "guarded":
            mark = " (primary)" if each["primary"] else ""
            lines.append(
                f"{each['experiment']}{mark}: {each['arm']} − {each['other']}: {_difference(each)}"
            )
    return lines


# --- parts ----------------------------------------------------------------------------------------


def _what_it_is(tier: str) -> str:
    if tier == "smoke":
        return "Tier smoke proves that every part runs. Its numbers mean nothing."
    if tier == "cpu":
        return (
            "A 135M-parameter model in a few steps: this shows the mechanism at work and is no "
            "replication of the paper's 7B result, whichever way it comes out."
        )
    return (
        "Fewer steps, shorter answers and fewer instructions than the paper's, on data of our own: "
        "a difference here is evidence for or against the paper's claim, not its "
        "experiment repeated."
    )


def _audit_table(audit: Mapping[str, Any], recorded: Mapping[str, Any]) -> str:
    rows = []
    for part, title in PARTS.items():
        here, there = audit.get(part), recorded.get(part)
        rows.append(
            [
                f"recall on false responses: {title}",
                _rate(here and here["recall_on_false"]),
                _rate(there and there["recall_on_false"]),
                f"{100 * paper_recall_on_false(part):.1f} % (Qwen3-32B)",
            ]
        )
        rows.append(
            [
                f"precision: {title}",
                _rate(here and here["precision"]),
                _rate(there and there["precision"]),
                _NONE,
            ]
        )
    rules = audit["rules"]
    paper = f"{100 * PAPER_PRECISION:.1f} % (its own rules)"
    rows.append(["precision of the rule verifiers", _rate(rules["precision"]), _NONE, paper])
    rows.append(
        ["recall on false of the rule verifiers", _rate(rules["recall_on_false"]), _NONE, _NONE]
    )
    heads = ["", "here", "tier cpu: the embedded judge, recorded", "the paper [digest]"]
    return _table(heads, rows) + _paragraph(
        "In brackets 95 % intervals; responses of one item count as one group. The rows are the "
        "kit's own, so a judge may be better or worse on them than on the paper's. Rules are held "
        "against the kit's gold set.",
        kind="note",
    )


def _on_chance(audit: Mapping[str, Any]) -> Iterable[str]:
    auc = (audit.get("soft, batch") or {}).get("auc")
    if auc and auc["low"] <= 0.5 <= auc["high"]:
        yield _paragraph(
            f"The judge's confidence does not tell satisfied from violated soft constraints (AUC "
            f"{auc['rate'] if 'rate' in auc else auc['mean']:.2f} [{auc['low']:.2f}, "
            f"{auc['high']:.2f}]): the arm “soft” trains on noise, and E3 tests nothing of the "
            "paper.",
            kind="warning",
        )


MOVED = 0.03
"""Guarded ISR by which *raw* must have moved from the base policy for arms to have had a chance."""


def _too_little(result: Mapping[str, Any]) -> Iterable[str]:
    raw = result["arms"].get("raw")
    if raw is None:
        return
    moved = _mean(raw["guarded"]) - _mean(result["base"]["guarded"])
    if abs(moved) < MOVED:
        yield _paragraph(
            f"Training on raw data moved guarded ISR by {moved:+.2f} only: too few steps, or too "
            "small ones, for arms to part. Nothing here speaks for or against the paper.",
            kind="warning",
        )


def _pilot_text(pilot: Mapping[str, Any]) -> str:
    return (
        f"The pilot sampled {pilot['instructions']} instructions ({pilot['rollouts']} responses, "
        f"which are a cost of HPPT). Step A kept {pilot['kept']}; Step B took soft constraints "
        f"from {pilot['simplified']} of these. Of {pilot['unlearnable']} that were made "
        f"unlearnable on purpose, {pilot['unlearnable_kept']} were kept. "
        "The paper does not say its counts."
    )


def _arms_table(
    result: Mapping[str, Any], names: Sequence[str], recorded: Mapping[str, Any] | None
) -> str:
    rows = []
    base = result["base"]
    rows.append(
        ["the base policy", _NONE, *(_over(base[name], []) for name in ("guarded", "strict"))]
        + [_NONE] * 4
    )
    for name in names:
        arm = result["arms"].get(name)
        there = (recorded or {}).get("arms", {}).get(name)
        before = _over(there["guarded"], there["collapsed"]) if there else _not_recorded(recorded)
        if arm is None:
            rows.append([ARMS[name], "not made", _NONE, _NONE, _NONE, _NONE, _NONE, before])
            continue
        collapsed = f"{sum(arm['collapsed'])} of {len(arm['seeds'])}"
        rows.append(
            [
                ARMS[name],
                arm["instructions"],
                *(_over(arm[measure], arm["collapsed"]) for measure in ("guarded", "strict")),
                collapsed,
                f"{_mean(arm['words']):.1f}",
                "/".join(f"{each:.2f}" for each in arm["guarded"]),
                before,
            ]
        )
    heads = ["arm", "instructions", "guarded ISR", "strict ISR", "collapsed", "words", "by seed"]
    return _table([*heads, "guarded ISR, tier cpu, recorded"], rows)


def _contrasts_table(
    result: Mapping[str, Any], experiment: str, recorded: Mapping[str, Any] | None
) -> str:
    known = {(each["arm"], each["other"], each["measure"]): each for each in result["contrasts"]}
    cpu = {
        (each["arm"], each["other"], each["measure"]): each
        for each in (recorded or {}).get("contrasts", [])
    }
    rows = []
    for key, each in known.items():
        if each["experiment"] != experiment or each["measure"] != "guarded":
            continue
        strict = known[(*key[:2], "strict")]
        there = cpu.get(key)
        rows.append(
            [
                f"{each['arm']} − {each['other']}" + (" (primary)" if each["primary"] else ""),
                _difference(each),
                f"{each['p']:.2f}",
                _difference(strict),
                _difference(there) if there else _not_recorded(recorded),
                PAPER_DIFFERENCES.get(key[:2], "no such comparison"),
            ]
        )
    if not rows:
        return _paragraph("Not made: an arm is missing.", kind="warning")
    heads = ["difference", "guarded ISR here", "p", "strict ISR here"]
    return _table([*heads, "guarded ISR, tier cpu, recorded", "the paper [digest]"], rows)


def _certainty(result: Mapping[str, Any]) -> Iterable[str]:
    plan = result["plan"]
    yield _paragraph(
        "Intervals are 95 %, over seeds: Welch's below eight seeds, paired from eight on; p is the "
        "exact permutation test of runs (with three against three it cannot be below .10). One "
        "comparison of each experiment was fixed beforehand as the primary one; all others are "
        "exploratory. ISR is of instructions that were not trained on, by their hard constraints "
        "alone: what an arm learned of soft ones does not show, which is unfair to the arm “soft”."
    )
    rows = [[each["what"], each["planned"], each["full"], each["cost"]] for each in plan["cuts"]]
    if rows:
        yield _table(["cut to fit the hours", "here", "in full", "what it costs"], rows)


def _took(took: Mapping[str, Any]) -> str:
    steps = took["seconds_a_step"]
    shown = ", ".join(f"{arm} {seconds:.1f}" for arm, seconds in steps.items())
    text = f"Seconds a step: {shown}."
    if "hppt" in steps and "raw" in steps:
        saved = 100 * (1 - steps["hppt"] / steps["raw"])
        text += (
            f" HPPT's steps took {abs(saved):.0f} % {'less' if saved >= 0 else 'more'} time than "
            "raw's, the pilot not counted; the paper says 58 % less, for 32B, pilot not counted "
            "[digest]."
        )
    return text


# --- small things ---------------------------------------------------------------------------------


def _not_recorded(recorded: Mapping[str, Any] | None) -> str:
    return "not recorded yet" if recorded is None else _NONE


def _over(values: Sequence[float], collapsed: Sequence[bool]) -> str:
    return str(over_seeds(values, collapsed))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _rate(share: Mapping[str, Any] | None) -> str:
    if not share:
        return _NONE
    return f"{100 * share['rate']:.1f} % [{100 * share['low']:.0f}, {100 * share['high']:.0f}]"


def _difference(contrast: Mapping[str, Any]) -> str:
    interval = contrast["difference"]
    if interval is None:
        gaps = list(contrast["by_seed"].values())
        return f"{_mean(gaps):+.2f}, one seed" if gaps else "no seed in common"
    return f"{interval['mean']:+.2f} [{interval['low']:+.2f}, {interval['high']:+.2f}]"


def _paragraph(text: str, kind: str = "") -> str:
    return f"<p{f' class={kind}' if kind else ''}>{escape(text, quote=False)}</p>"


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    def line(cells: Sequence[object], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{escape(str(each))}</{tag}>" for each in cells) + "</tr>"

    return "<table>" + line(heads, "th") + "".join(line(row, "td") for row in rows) + "</table>"


def _png(figure: Figure) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode("ascii")


_STYLE = """
body { font: 16px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
  color: #222; background: #fff; }
table { border-collapse: collapse; margin: 1rem 0; font-size: .9rem; }
th, td { border-bottom: 1px solid #ccc; padding: .3rem .6rem; text-align: left;
  vertical-align: top; }
th { border-bottom: 2px solid #888; }
img { max-width: 100%; } figure { margin: 1rem 0; } figcaption, .note, .took { color: #555;
  font-size: .9rem; }
.warning { border-left: 4px solid #d55e00; padding-left: .8rem; }
"""
