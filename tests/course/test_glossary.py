"""The page of words and formulas, and what stands at each exercise and at each notebook's end."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import typer.main

from hppt_lib.cli.main import app
from tests import ROOT
from tests.course.test_checks import EXERCISES
from tests.course.test_notebook_style import EACH, NOTEBOOKS, cells, prose

PAGE = ROOT / "notebooks" / "GLOSSARY.md"
ROW = re.compile(
    r"^\| (?!word |---)([^|]+) \| ([^|]+) \| \[(\d\d)\]\((\S+)\), section (\d+) \|$", re.M
)
ROWS = [(each[1], each[3], each[4], int(each[5])) for each in ROW.finditer(PAGE.read_text("utf-8"))]
MENU = "09_beyond_the_paper"  # projects alone, and no exercise
POINTED = re.compile(r"\[(\d\d)\]\((\S+?)\),\s+sections?\s+((?:\d+(?:, | and )?)+)")


def section(notebook: str, number: int) -> str:
    """The Markdown of one section of a notebook; empty if it has none of that number."""
    text = prose(ROOT / "notebooks" / notebook)
    found = re.search(rf"^## {number} · .*?(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def test_the_page_is_read_whole() -> None:
    """Mistake: a row in another form, which no test below looks at."""
    page = PAGE.read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert len(ROWS) == len(rows) - 2 > 50
    words = [word.lower() for word, *_ in ROWS]
    assert words == sorted(set(words), key=lambda word: word.replace("κ", "kappa"))


@pytest.mark.parametrize(("word", "number", "notebook", "place"), ROWS, ids=lambda each: str(each))
def test_each_word_stands_where_the_page_says(
    word: str, number: str, notebook: str, place: int
) -> None:
    """Mistake: a word that a notebook no longer uses, or that moved to another section."""
    assert notebook.startswith(number) and (ROOT / "notebooks" / notebook).is_file()
    text = " ".join(section(notebook, place).lower().split())
    assert word.lower() in text, f"{notebook}, section {place} does not have '{word}'"


def test_formulas_point_to_sections_that_are_there() -> None:
    page = PAGE.read_text("utf-8").partition("## Formulas")[2]
    pointed = POINTED.findall(page)
    assert {number for number, *_ in pointed} == {path.stem[:2] for path in NOTEBOOKS} - {
        "02",
        "09",
    }
    for _, notebook, numbers in pointed:
        for number in re.findall(r"\d+", numbers):
            assert section(notebook, int(number)), f"{notebook}, section {number}"


def test_the_formulas_are_those_of_the_exercises() -> None:
    """Mistake: a sign or a divisor on the page that is not what the exercise wants."""
    from math import comb, exp, log, sqrt

    def right(name: str, **given: object) -> object:
        return EXERCISES[name].reference(**given)

    t, a, b = 0.3, 0.2, 0.1
    q = t * (1 - b) + (1 - t) * a
    noisy = {"false_pass": a, "false_fail": b}
    assert right("reward_hacking.paid_rate", true_rate=t, **noisy) == pytest.approx(q)
    left = (1 - a - b) / sqrt(q * (1 - q))
    assert right("reward_hacking.signal", true_rate=t, **noisy) == pytest.approx(left)
    back = (q - a) / (1 - a - b)
    assert right("reward_hacking.corrected_rate", paid=q, **noisy) == pytest.approx(back)
    logs = [log(0.5), log(0.1)]
    assert right("reward_hacking.perplexity", log_probs=logs) == pytest.approx(exp(-sum(logs) / 2))
    assert right("pilot_filtering.largest_rate", samples=8, confidence=0.9) == pytest.approx(
        1 - (1 - 0.9) ** (1 / 8)
    )
    assert right("pilot_filtering.chance_kept", rewarded=2, samples=8, budget=3) == pytest.approx(
        1 - comb(6, 3) / comb(8, 3)
    )
    lifted = right("attention.lift", share=0.2, sink=0.4, length=5, visible=31)
    assert lifted == pytest.approx((0.2 / 0.6) / (5 / 30))
    kinds = {"a": (0.4, t, a, b), "b": (0.3, 0.6, 0.1, 0.2)}
    paid = sum(s * (u * (1 - y) + (1 - u) * x) for s, u, x, y in kinds.values())
    assert right("experiments.predicted", kinds=kinds)[0] == pytest.approx(paid)
    apart = [0.1, 0.3, 0.5]
    spread = 4.302653 * 0.2 / sqrt(3)
    found = right(
        "experiments.arm_difference", arm=dict(enumerate(apart)), other=dict.fromkeys(range(3), 0.0)
    )
    assert found == pytest.approx((0.3, 0.3 - spread, 0.3 + spread))
    z, p, n = 1.96, 3 / 20, 20
    half, scale = z * sqrt(p * (1 - p) / n + z**2 / (4 * n**2)), 1 + z**2 / n
    ends = [(p + z**2 / (2 * n) + sign * half) / scale for sign in (-1, 1)]
    found = right("auditing_the_judge.wilson_interval", hits=3, samples=20)
    assert found == pytest.approx(tuple(ends), abs=1e-4)


@EACH
def test_each_exercise_has_a_folded_hint_and_not_the_answer(path: Path) -> None:
    """Mistake: who is stuck sees nothing but the solution; or a hint that is the solution."""
    exercises = [each for each in cells(path) if "\n### Exercise" in f"\n{each['source']}"]
    assert exercises or path.stem == MENU
    solutions = [
        ast.unparse(ast.parse(each["source"]))
        for each in cells(path)
        if each["metadata"].get("nbgrader", {}).get("solution")
    ]
    lines = {line.strip() for each in solutions for line in each.splitlines() if len(line) > 12}
    for each in exercises:
        hint = re.search(
            r"\n\n<details>\n<summary>A hint</summary>\n\n(.+)\n\n</details>\Z",
            each["source"],
            re.S,
        )
        assert hint and 40 < len(hint[1]) < 500, each["source"][:60]
        assert not [line for line in lines if line in hint[1]]


@EACH
def test_the_end_has_a_project_and_leads_to_the_words(path: Path) -> None:
    """Mistake: a notebook that ends with nothing to do, for who wants to go on."""
    end = cells(path)[-1]["source"]
    assert "](GLOSSARY.md)" in end
    if path.stem == MENU:
        return
    project = re.search(r"\*\*An open project\*\* \((\d) hours\)\. (.+)\n\n\*\*To remember", end)
    assert project and len(project[2]) > 150
    commands = re.findall(r"`hppt ([a-z-]+)", project[2])
    there = {each.name for each in typer.main.get_group(app).commands.values()}
    assert set(commands) <= there, set(commands) - there


def test_points_minutes_and_difficulty_are_of_one_scheme() -> None:
    """Mistake: ten minutes at difficulty 2 earn one point here and three there."""
    minutes = {1: (5,), 2: (10, 15), 3: (15, 20), 4: (25, 30), 5: (35, 40, 45)}
    for name, exercise in EXERCISES.items():
        label = exercise.label
        assert label.minutes in minutes[label.difficulty], f"{name}: {label}"
        assert label.points == label.difficulty, f"{name}: {label}"
    said = (ROOT / "notebooks" / "TEACHING.md").read_text("utf-8")
    assert "as many points as its difficulty" in said


def test_the_teachers_page_has_commands_that_are_there() -> None:
    """Mistake: an option was renamed, and who hands out on Monday finds out."""
    page = (ROOT / "notebooks" / "TEACHING.md").read_text("utf-8")
    commands = {each.name: each for each in typer.main.get_group(app).commands.values()}
    named = re.findall(r"hppt ([a-z-]+)([^`#\n]*)", page)
    assert {"release", "grade", "review", "slides", "quiz"} <= {name for name, _ in named}
    for name, rest in named:
        options = {option for each in commands[name].params for option in each.opts}
        unknown = set(re.findall(r"--[a-z-]+", rest)) - options
        assert not unknown, f"hppt {name} has no {unknown}"


def test_the_site_has_the_page() -> None:
    """Mistake: a page of words that no reader of the site finds."""
    from hppt_lib.course import site

    assert "notebooks/GLOSSARY" in site._INDEX
