"""What FollowBench decides by rule: a response that passes, and one that just does not."""

from __future__ import annotations

import pytest

from hppt_lib import sources
from hppt_lib.errors import HpptError
from hppt_lib.evaluation.followbench_rules import by_rule
from hppt_lib.sources.soft_benchmarks import OWN_PROGRAM


def passes(source: str, response: str, level: int = 5, target: str = "", number: int = 1) -> bool:
    kind = "example" if source == "example" else "content"
    return by_rule(response, kind=kind, number=number, source=source, level=level, target=target)


NEWS = "Potter is rich now. The actor is eighteen. Five films have made it"
PLAN = "1. " + "a b c d e f g h i j k l m n o p q r s t u v. " * 1
CASES = [
    ("E2E", "name: X", "name: X", "name: X "),
    ("WIKIEVENTS", "a\nb\nc", "c\na", "a\nd"),
    ("CONLL2003", "['a', 'b']", "b", "c"),
    ("BBH_logical", "(B)", "Not (A) but (B)", "(B), or (A)"),
    ("BBH_time", "01/02/2003", "It was 09/09/1999, now 01/02/2003.", "1/2/2003"),
    ("gsm_8k", "$18", "First $20, so $18 in all", "18"),
    ("self_made_space", "left", "To the left.", "To the right."),
    ("example", "{instruction}\n{{'AI': '{answer}'}}", "{'AI': 'tea (hot)'}", "{'AI': 'a\nb'}"),
    ("cnn_dailymail", "", f"{NEWS}.", f"{NEWS}. More."),
    ("xsum", "", "An operation is going on", "An operation is going on. Yes"),
    ("samsum", "", "They put off some stuff.", "They procrastinate some stuff."),
    ("gigaword", "", "two people hurt in a crash on monday", "two people hurt in a bus on monday"),
    ("arxiv", "", "We look at activations.", "We look at activations of a transformer."),
]


@pytest.mark.parametrize(("source", "target", "good", "bad"), CASES, ids=[c[0] for c in CASES])
def test_one_that_passes_and_one_that_does_not(
    source: str, target: str, good: str, bad: str
) -> None:
    """Mistake: a rule that passes all, or none."""
    assert passes(source, good, target=target)
    assert not passes(source, bad, target=target)


def test_a_level_asks_for_the_levels_below_it_and_for_no_more() -> None:
    """Mistake: the fifth rule at level 1, or the first left out at level 5."""
    bus = "two people hurt in a bus on monday"
    assert passes("gigaword", bus, 3) and not passes("gigaword", bus, 4)
    assert not passes("gigaword", "in two", 5)


def test_the_two_groups_of_formats() -> None:
    """Mistake: the fifth level with three paragraphs, or points counted without their marks."""
    long = " ".join("abcdefghijklmnopqrstuvw")
    three = "\n\n".join(f"{number}.{long}" for number in (1, 2, 3))
    assert passes("vicuna", three, 1, number=22) and not passes("vicuna", three, 5, number=22)
    assert not passes("vicuna", f"{three}\n\n4", 1, number=22)
    points = "\n".join(f"**{number}. Word: a b c d e f g h." for number in range(1, 6))
    assert passes("vicuna", points, 2, number=30)
    assert not passes("vicuna", points.replace("**5", "5"), 2, number=30)


def test_every_group_of_the_data_that_no_judge_decides_has_its_rule() -> None:
    """Mistake: a group without a rule, which would never get a verdict."""
    try:
        loaded = sources.load("followbench", show=lambda text: None)
    except HpptError as missing:
        pytest.skip(str(missing))
    ruled = [each.instruction for each in loaded.unmapped if each.reason == OWN_PROGRAM]
    assert len(ruled) == 350
    for each in loaded.instructions:
        if each.id in ruled:
            (one,) = each.constraints
            labels = loaded.labels[each.id]
            by_rule(
                "x",
                kind=labels["type"],
                number=one.kwargs["number"],
                source=one.id.removeprefix("followbench:"),
                level=one.kwargs["level"],
                target=one.kwargs["target"] or "",
            )
