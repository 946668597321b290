"""Benchmarks whose constraints a judge decides: FollowBench and CFBench."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint
from hppt_lib.sources.collect import Collector
from hppt_lib.sources.rows import Row, text_of

OWN_PROGRAM = "decided by FollowBench's own program, as 'hppt evaluate' does; no verifier has it"
EARLIER_MISSING = "FollowBench level without the levels below it"

# What FollowBench's rule_based_evaluation.py decides: by source, and two groups by number.
_BY_PROGRAM = frozenset(
    (
        "E2E", "WIKIEVENTS", "CONLL2003", "text_editing", "cnn_dailymail", "xsum", "samsum",
        "gigaword", "arxiv", "BBH_logical", "BBH_time", "self_made_space", "gsm_8k",
    )
)  # fmt: skip
_FORMAT_BY_PROGRAM = (22, 30)


class FollowBench:
    """FollowBench: ``example_id``, ``category``, ``source``, ``level``, ``instruction``, …

    Seen: the files of ``data/`` and the authors' programs. A group has levels 0 to 5, in this
    order, and level n adds its n-th constraint by rewording the level below: no field states a
    constraint by itself. As the authors' judge does, ours is shown how the instruction grew: level
    n has n soft constraints, each to do what one level asks beyond the level below. Level 0 has
    no constraint and is counted only. What the authors decide by program (exact targets, and the
    category ``example``) is kept as an unmapped hard constraint.
    """

    def __init__(self) -> None:
        self._group: tuple[Any, ...] = ()
        self._texts: list[str] = []

    def __call__(self, row: Row, where: str, out: Collector) -> None:
        """Read one row.

        Raises:
            HpptError: a field is missing or of the wrong type.
        """
        level, number, source = row.get("level"), row.get("example_id"), row.get("source")
        if not isinstance(level, int) or not 0 <= level <= 9:
            raise HpptError(f"the field 'level' must be 0 to 5, found {level!r}.")
        group = where.partition(",")[0], number, source
        if group != self._group:
            self._group, self._texts = group, []
        if level == 0:
            self._texts = [str(row.get("instruction") or "")]  # blank where nothing came before
            out.counts["rows of level 0, which have no constraint"] += 1
            return
        text, category = text_of(row, "instruction"), text_of(row, "category")
        file = where.partition("_constraints")[0].partition(".")[0]
        id = out.new_id(f"{file}-{number}-level{level}")
        out.label(id, type=file, group=f"{file}-{number}-{source}", level=level)
        if (
            category == "example"
            or source in _BY_PROGRAM
            or (category == "format" and number in _FORMAT_BY_PROGRAM)
        ):
            kwargs = {"target": row.get("target"), "level": level, "number": number}
            out.miss(OWN_PROGRAM, where, id, f"{category}, {source}")
            out.add(id, text, [Constraint(f"followbench:{source}", kwargs)], where)
            return
        if len(self._texts) != level:
            out.miss(EARLIER_MISSING, where, id, f"level {level} after {len(self._texts)} levels")
            out.add(id, text, [Constraint("soft:followbench", kind="soft")], where)
            return
        self._texts.append(text)
        kinds = category.split(", ")
        constraints = [
            out.soft(
                kinds[min(each, len(kinds)) - 1],
                _added(self._texts[each - 1], self._texts[each]),
                where=where,
                instruction=id,
            )
            for each in range(1, level + 1)
        ]
        out.add(id, text, constraints, where, query=self._texts[0])


def _added(before: str, after: str) -> str:
    """A constraint's text: what one level asks beyond the level below."""
    if not before.strip():
        return f"The response does what this instruction asks: {after}"
    return (
        "The response does what the second instruction asks beyond the first.\n"
        f"First instruction: {before}\nSecond instruction: {after}"
    )


# CFBench's kinds of constraint, in the order of its paper's figure.
_CFBENCH_KINDS = {
    "内容约束": "content",
    "数值约束": "numerical",
    "风格约束": "style",
    "格式约束": "format",
    "语言约束": "linguistic",
    "场景约束": "situation",
    "example约束": "example",
    "否定约束": "inverse",
    "不合理约束": "contradictory",
    "规则约束": "rule",
}


def read_cfbench(row: Row, where: str, out: Collector) -> None:
    """CFBench: ``idx``, ``prompt``, ``criteria`` (each a text, its priority, kind and sub-kind).

    Seen: the first rows of ``data/cfbench_data.json``. All of it is Chinese, and a judge decides
    all of it. A criterion's priority (主需 for what the user mainly wants, 次需 for the rest) is
    kept in ``kwargs``.

    Raises:
        HpptError: a field is missing or of the wrong type.
    """
    prompt = text_of(row, "prompt")
    criteria = row.get("criteria")
    if not isinstance(criteria, list):
        raise HpptError(f"the field 'criteria' must be a list, found {type(criteria).__name__}.")
    id = out.new_id(row.get("idx"))
    out.label(id, key=row.get("idx"), split=row.get("split"))
    constraints = []
    for criterion in criteria:
        if (
            not isinstance(criterion, list)
            or not criterion
            or not all(isinstance(part, str) for part in criterion)
        ):
            raise HpptError("each criterion must be a list of texts.")
        text, priority, kind = (*criterion, "", "", "")[:3]
        known = _CFBENCH_KINDS.get(kind, kind or "general")
        constraint = out.soft(known, text, where=where, instruction=id)
        kwargs: Mapping[str, str] = {"priority": "main" if priority == "主需" else "further"}
        constraints.append(Constraint(constraint.id, kwargs, constraint.text, constraint.kind))
    out.add(id, prompt, constraints, where)
