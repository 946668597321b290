"""Reads the quizzes, and writes them for students: a page, or questions for Moodle.

A quiz has a few questions on one notebook, each with one right answer, and says of every answer
why it is right or what mistake it is. They lie in ``notebooks/quiz.yaml``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.course.notebooks import read_notebook
from hppt_lib.errors import HpptError, needs
from hppt_lib.files import package_file, repository_folder, write_text

QUIZZES = "quiz.yaml"
"""The file of the quizzes, beside the notebooks."""
FORMATS = ("html", "gift")


@dataclass(frozen=True)
class Answer:
    """An answer, in Markdown; ``why`` says why it is right, or names the mistake."""

    text: str
    right: bool
    why: str


@dataclass(frozen=True)
class Question:
    """A question, in Markdown, with its answers in the order in which they are shown."""

    asks: str
    answers: tuple[Answer, ...]

    @property
    def right(self) -> int:
        """The place of the right answer, from 0."""
        return next(place for place, each in enumerate(self.answers) if each.right)


@dataclass(frozen=True)
class Quiz:
    """A notebook's questions, under the notebook's heading."""

    name: str
    title: str
    questions: tuple[Question, ...]


def read_quizzes(path: Path | None = None) -> dict[str, tuple[Question, ...]]:
    """The questions on each notebook, by the notebook's file name without its ending.

    Args:
        path: the file; by default the checkout's ``notebooks/quiz.yaml``.

    Raises:
        HpptError: it cannot be read, or a question is not whole; the message says which.
    """
    import yaml

    path = path or repository_folder() / "notebooks" / QUIZZES
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise HpptError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise HpptError(f"{path} is not YAML: {error}") from error
    if not isinstance(found, dict):
        raise HpptError(f"{path}: the names of notebooks are expected, each with its questions.")
    return {
        str(name): tuple(
            _question(each, f"{path}, {name}, question {number}")
            for number, each in enumerate(_list(questions, f"{path}, {name}"), start=1)
        )
        for name, questions in found.items()
    }


def quizzes_of(
    notebooks: Sequence[Path], *, needed: bool = False, path: Path | None = None
) -> list[Quiz]:
    """The quizzes on notebooks, in the notebooks' order.

    Args:
        notebooks: their files.
        needed: a notebook without a quiz is an error; otherwise it is left out.
        path: the file of the quizzes; by default the checkout's.

    Raises:
        HpptError: as `read_quizzes`, or a quiz is needed and not there.
    """
    questions = read_quizzes(path)
    found = []
    for notebook in notebooks:
        name = notebook.stem
        if name in questions:
            title = read_notebook(notebook).cells[0].source.splitlines()[0].lstrip("# ")
            found.append(Quiz(name, title, questions[name]))
        elif needed:
            raise HpptError(
                f"There is no quiz on {name}. Add its questions, under this name, to "
                f"notebooks/{QUIZZES}."
            )
    return found


def write_quizzes(quizzes: Sequence[Quiz], out: Path, kind: str = "html") -> None:
    """Write quizzes into one file.

    Args:
        quizzes: one or more.
        out: the file; one that is there is replaced.
        kind: one of `FORMATS`.

    Raises:
        HpptError: an unknown format, or the file could not be written.
    """
    if kind not in FORMATS:
        raise HpptError(f"There is no format '{kind}'. There are: {', '.join(FORMATS)}.")
    write_text(out, page_of(quizzes) if kind == "html" else gift_of(quizzes))


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise HpptError(f"{where}: a list is expected.")
    return value


def _question(value: Any, where: str) -> Question:
    fields = _fields(value, ("asks", "answers"), where)
    answers = tuple(_answer(each, where) for each in _list(fields["answers"], where))
    if sum(each.right for each in answers) != 1:
        raise HpptError(f"{where}: exactly one answer is 'right', the others are 'wrong'.")
    return Question(_text(fields["asks"], where), answers)


def _answer(value: Any, where: str) -> Answer:
    right = isinstance(value, dict) and "right" in value
    kind = "right" if right else "wrong"
    fields = _fields(value, (kind, "why"), where)
    return Answer(_text(fields[kind], where), right, _text(fields["why"], where))


def _fields(value: Any, names: tuple[str, str], where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise HpptError(f"{where}: '{names[0]}' and '{names[1]}' are expected, and nothing else.")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise HpptError(f"{where}: a text is expected, not {value!r}. Put it in quotes.")
    return " ".join(value.split())


# --- pages ----------------------------------------------------------------------------------------


def page_of(quizzes: Sequence[Quiz]) -> str:
    """Quizzes as one HTML page that needs nothing else.

    Each answer opens and says why; printed, they are closed.
    """
    needs("course")
    import jinja2

    template = package_file("course", "classroom/pages/quiz.html").read_text(encoding="utf-8")
    page = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return page.from_string(template).render(quizzes=quizzes, body=questions_html) + "\n"


def questions_html(quiz: Quiz) -> Any:
    """The questions as HTML, each answer with its ``why`` folded below it."""
    from markupsafe import Markup

    lines = ['<ol class="quiz">']
    for question in quiz.questions:
        lines.append(f"<li><p>{_inline(question.asks)}</p>")
        for letter, answer in zip("ABCDEFGH", question.answers, strict=False):
            said = "✓ Right." if answer.right else "✗ No."
            kind = "right" if answer.right else "wrong"
            lines.append(
                f'<details class="{kind}"><summary><b>{letter}</b> {_inline(answer.text)}</summary>'
                f"<p><b>{said}</b> {_inline(answer.why)}</p></details>"
            )
        lines.append("</li>")
    return Markup("\n".join([*lines, "</ol>"]))


def _inline(markdown: str) -> str:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).renderInline(markdown)


# --- Moodle ---------------------------------------------------------------------------------------

# GIFT's own signs, as Moodle's reader takes them back; the backslash must be the first.
_SIGNS = ("\\", "~", "=", "#", "{", "}", ":")


def gift_of(quizzes: Sequence[Quiz]) -> str:
    """Quizzes in Moodle's GIFT: a category a quiz, a reason as feedback for each answer."""
    lines: list[str] = []
    for quiz in quizzes:
        lines += [f"$CATEGORY: $course$/{quiz.title.replace('/', '//')}", ""]
        for number, question in enumerate(quiz.questions, start=1):
            name = escape_gift(f"{quiz.name} · question {number}")
            lines.append(f"::{name}::[html]{escape_gift(_inline(question.asks))} {{")
            for answer in question.answers:
                text, why = (escape_gift(_inline(each)) for each in (answer.text, answer.why))
                lines.append(f"{'=' if answer.right else '~'}{text}#{why}")
            lines += ["}", ""]
    return "\n".join(lines)


def escape_gift(text: str) -> str:
    """A text in which GIFT sees no sign of its own, and no end of a line."""
    for sign in _SIGNS:
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
