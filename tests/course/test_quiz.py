"""The quizzes: whole, fair to who guesses, and read by Moodle as they are meant."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from statistics import mean

import pytest

from hppt_lib.course.classroom.quiz import (
    Answer,
    Question,
    Quiz,
    escape_gift,
    gift_of,
    page_of,
    quizzes_of,
    read_quizzes,
    write_quizzes,
)
from hppt_lib.errors import HpptError
from tests.course.test_notebook_style import NOTEBOOKS

ALL = read_quizzes()
QUESTIONS = [each for questions in ALL.values() for each in questions]
NOTEBOOK = "# 02 · Verifiers\n\n**A line.**"


@pytest.fixture(scope="module")
def ours() -> list[Quiz]:
    """All quizzes, with the notebooks' headings."""
    return quizzes_of(NOTEBOOKS)


# --- what is asked --------------------------------------------------------------------------------


def test_every_notebook_has_five_questions() -> None:
    """Mistake: a notebook was added, and nobody asks what its readers took from it."""
    for path in NOTEBOOKS:
        found = len(ALL.get(path.stem, ()))
        assert found == 5, (
            f"{path.stem} has {found} questions: add {5 - found} under '{path.stem}:' in "
            "notebooks/quiz.yaml."
        )


def test_no_quiz_is_on_a_notebook_that_is_not_there() -> None:
    """Mistake: a notebook was renamed, and its quiz is asked no more."""
    assert set(ALL) <= {path.stem for path in NOTEBOOKS}


def test_questions_and_answers_are_their_own() -> None:
    """Mistake: a question or a reason copied from another, and not rewritten."""
    texts = [each.asks for each in QUESTIONS]
    texts += [answer.why for each in QUESTIONS for answer in each.answers]
    assert [text for text, times in Counter(texts).items() if times > 1] == []
    for question in QUESTIONS:
        assert len({answer.text for answer in question.answers}) == 4, question.asks
        assert question.asks.endswith("?")


def test_every_answer_says_why() -> None:
    """Mistake: "Wrong.", from which nobody learns anything."""
    for question in QUESTIONS:
        for answer in question.answers:
            assert answer.why[-1] in ".!" and len(answer.why.split()) > 5, answer
            assert answer.why != answer.text


def test_length_does_not_give_the_right_answer_away() -> None:
    """Mistake: the right answer is the one with all the provisos."""
    longest = shortest = 0
    for question in QUESTIONS:
        lengths = [len(answer.text) for answer in question.answers]
        right = lengths[question.right]
        assert max(lengths) < 1.4 * min(lengths), question.asks
        assert abs(right / mean(lengths) - 1) < 0.2, question.asks
        longest += lengths.count(right) == 1 and right == max(lengths)
        shortest += lengths.count(right) == 1 and right == min(lengths)
    assert longest < len(QUESTIONS) / 3 and shortest < len(QUESTIONS) / 3


def test_the_right_answer_stands_anywhere() -> None:
    """Mistake: C, whenever one does not know."""
    places = Counter(each.right for each in QUESTIONS)
    assert all(places[place] > 0.15 * len(QUESTIONS) for place in range(4)), places
    for name, questions in ALL.items():
        assert len({each.right for each in questions}) >= 3, name


# --- the file -------------------------------------------------------------------------------------

WHOLE = """
02_verifiers:
- asks: What?
  answers:
  - {right: "This.", why: "So it is."}
  - {wrong: "That.", why: "It is not."}
"""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a", "the names of notebooks"),
        ("a: [", "is not YAML"),
        ("02_verifiers: []", "02_verifiers: a list is expected"),
        (WHOLE.replace("right:", "wrong:"), "question 1: exactly one answer is 'right'"),
        (WHOLE.replace("wrong:", "right:"), "question 1: exactly one answer is 'right'"),
        (WHOLE.replace(', why: "It is not."', ""), "'wrong' and 'why' are expected"),
        (WHOLE.replace("asks", "ask"), "'asks' and 'answers' are expected"),
        (WHOLE.replace('"That."', "0.5"), "a text is expected, not 0.5. Put it in quotes."),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str, tmp_path: Path) -> None:
    """Mistake: a traceback, or a question that is shown without its right answer."""
    path = tmp_path / "quiz.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(HpptError, match=re.escape(message)):
        read_quizzes(path)


def test_a_quiz_is_added_in_the_file_alone(tmp_path: Path) -> None:
    """Mistake: a list of notebooks somewhere that has to know of a new quiz."""
    import nbformat

    notebook = tmp_path / "02_verifiers.ipynb"
    node = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(NOTEBOOK)])
    nbformat.write(node, notebook)
    other = tmp_path / "03_other.ipynb"
    nbformat.write(node, other)
    path = tmp_path / "quiz.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    [found] = quizzes_of([notebook, other], path=path)
    assert (found.name, found.title) == ("02_verifiers", "02 · Verifiers")
    assert found.questions[0].answers[found.questions[0].right].text == "This."
    with pytest.raises(HpptError, match="There is no quiz on 03_other. Add its questions"):
        quizzes_of([other], needed=True, path=path)


# --- the page -------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page asks for, and its answers: the class, whether open, the text in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.asked: list[str] = []
        self.answers: list[tuple[str, bool]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        values = dict(pairs)
        self.asked += [str(values[name]) for name in ("src", "href") if name in values]
        if tag == "details":
            self.answers.append((str(values["class"]), "open" in values))


def test_the_page_needs_nothing_and_shows_no_answer_at_once(ours: list[Quiz]) -> None:
    """Mistake: a style from elsewhere, or reasons that are read before the question is."""
    text = page_of(ours)
    page = Page(text)
    assert page.asked == [] and "<script" not in text and "url(" not in text
    assert len(page.answers) == 4 * len(QUESTIONS)
    assert not [each for each in page.answers if each[1]]
    assert [each for each, _ in page.answers].count("right") == len(QUESTIONS)


def test_a_text_is_no_html() -> None:
    """Mistake: `<b>` in an answer about HTML makes the page bold."""
    answers = (Answer("<script>x</script>", True, "`a < b` *is* so."), Answer("b", False, "No."))
    text = page_of([Quiz("n", "<i>", (Question("Is <x> & y?", answers),))])
    assert "<script>" not in text and "&lt;script&gt;" in text and "<h1>&lt;i&gt;" in text
    assert "<code>a &lt; b</code> <em>is</em> so." in text


# --- Moodle ---------------------------------------------------------------------------------------


def as_moodle_reads(gift: str) -> list[tuple[str, str, list[tuple[bool, str, str]]]]:
    """Category and questions of a GIFT file, by the rules of Moodle's reader.

    Questions end at a blank line. Escaped signs are put aside, then `::`, `{`, `}`, `~`, `=` and
    `#` are looked for, each the first that there is.
    """
    signs = ":#={}~"

    def put_back(text: str) -> str:
        for number, sign in enumerate(signs):
            text = text.replace(f"\0{number};", sign)
        return text.strip()

    found = []
    for block in re.split(r"\n\s*\n", gift):
        text = "\n".join(line for line in block.splitlines() if not line.startswith("//")).strip()
        if not text:
            continue
        text = text.replace("\\\\", "\0b;")
        for number, sign in enumerate(signs):
            text = text.replace(f"\\{sign}", f"\0{number};")
        text = text.replace("\0b;", "\\")
        if text.startswith("$CATEGORY:"):
            found.append((text.partition(":")[2].strip(), "", []))
            continue
        assert text.startswith("::")
        name, _, rest = text[2:].partition("::")
        asks, _, rest = rest.partition("{")
        body, _, behind = rest.partition("}")
        assert behind.strip() == "" and asks.strip().startswith("[html]")
        answers = []
        for part in body.replace("=", "~=").split("~"):
            if part.strip():
                said, _, why = part.strip().lstrip("=").partition("#")
                answers.append((part.startswith("="), put_back(said), put_back(why)))
        found.append((put_back(name), put_back(asks.strip()[6:]), answers))
    return found


def test_moodle_reads_what_was_written(tmp_path: Path) -> None:
    """Mistake: an answer cut at its first colon or equals sign."""
    signs = r"~ = # { } : \ :: ## \= //x"
    answers = (
        Answer(f"a {signs} b", True, f"{signs} is right."),
        Answer("50 % of {x: 1}", False, "`d = {}` is {} = empty.\n\nA new line."),
    )
    quiz = Quiz("02_v", "02 · A/B: c", (Question(f"What is {signs}?", answers),) * 2)
    out = tmp_path / "quiz.gift"
    write_quizzes([quiz], out, "gift")
    category, *questions = as_moodle_reads(out.read_text(encoding="utf-8"))
    assert category[0] == "$course$/02 · A//B: c"
    assert [name for name, *_ in questions] == ["02_v · question 1", "02_v · question 2"]
    # In Markdown a backslash before a sign is the sign.
    shown = signs.replace(r"\=", "=")
    assert questions[0][1] == f"What is {shown}?"
    assert questions[0][2] == [
        (True, f"a {shown} b", f"{shown} is right."),
        (False, "50 % of {x: 1}", "<code>d = {}</code> is {} = empty. A new line."),
    ]


def test_moodle_reads_all_of_ours(ours: list[Quiz]) -> None:
    found = [each for each in as_moodle_reads(gift_of(ours)) if each[2]]
    assert len(found) == len(QUESTIONS)
    for (_, asks, answers), question in zip(found, QUESTIONS, strict=True):
        assert asks.endswith("?") and [right for right, *_ in answers].index(True) == question.right
        assert len(answers) == 4 and all(why for *_, why in answers)


def test_each_sign_is_escaped_once() -> None:
    assert escape_gift(r"a:b=c#d{e}f~g\h") == r"a\:b\=c\#d\{e\}f\~g\\h"
    assert escape_gift("two\nlines") == "two lines"


def test_an_unknown_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(HpptError, match="no format 'pdf'. There are: html, gift"):
        write_quizzes([], tmp_path / "x", "pdf")
