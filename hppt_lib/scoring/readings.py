"""A table of where the two readings of a constraint differ, to help choose one for scoring."""

from __future__ import annotations

from difflib import get_close_matches

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.scoring.benchmark_defects import PROGRAM_DEFECTS
from hppt_lib.terminal import as_text, one_line, table


def differences_table(part: str = "", width: int | None = None) -> str:
    """The known differences between the readings ``text`` and ``reference``, for a terminal.

    Args:
        part: only ids that hold this text, such as ``palindrome`` or ``count:``, or benchmarks (for
            what their programs do beyond single constraints); empty for all.
        width: in characters; by default the terminal's.

    Raises:
        HpptError: no difference is known for such an id; the message names similar ids that have
            one, and says whether there is such a constraint at all.
    """
    known = verifiers.differences()
    chosen = [each for each in known if part.casefold() in each.id.casefold()]
    programs = [each for each in PROGRAM_DEFECTS if part.casefold() in each.benchmark]
    if not chosen and not programs:
        raise HpptError(_nothing_found(part, sorted({each.id for each in known})))
    rows = [
        [
            each.id,
            f"{each.reference} [{each.thread}]" if each.thread else each.reference,
            each.text,
            one_line(repr(each.example)),
            "passed" if each.text_passes else "failed",
        ]
        for each in chosen
    ]
    headings = ("id", "reading reference", "reading text", "example", "text says")
    of_programs = table(
        ("benchmark", "its own program", "reading reference", "reading text"),
        [[each.benchmark, each.what, each.reference, each.text] for each in programs],
        title="Beyond single constraints",
        text=range(4),
        lines=True,
    )
    of_constraints = table(headings, rows, text=range(5), lines=True)
    shown = [of_constraints] * bool(chosen) + [of_programs] * bool(programs)
    return as_text(*shown, width=width)


def _nothing_found(part: str, ids: list[str]) -> str:
    same = [each.id for each in verifiers.families() if part.casefold() in each.id.casefold()]
    if same:
        return (
            f"No difference between the readings is known for {', '.join(same)}: they agree as far "
            "as we know."
        )
    names = {name: id for id in ids for name in (id, *id.split(":"))}
    near = list(dict.fromkeys(names[name] for name in get_close_matches(part, names, n=4)))
    known = sorted({id.partition(":")[0] for id in ids})
    return (
        f"There is no constraint with '{part}' in its id. "
        + (f"Did you mean {', '.join(near)}? " if near else "")
        + f"Differences are known in: {', '.join(known)}."
    )
