"""The commands of a teacher: handouts, marks, a check of changed notebooks, slides, quizzes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

commands = typer.Typer()


@commands.command(rich_help_panel="Teaching")
def release(
    notebooks: Annotated[
        list[str] | None,
        typer.Argument(help="Beginnings of notebooks' names, such as 02. All, if none is named."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the handout; an old one is replaced.")] = (
        Path("build/handout")
    ),
    add: Annotated[
        bool,
        typer.Option("--add", help="Copies alone, to work in: write those that are not there."),
    ] = False,
) -> None:
    """Make the handout: notebooks without solutions, hidden tests and outputs.

    With them comes a sheet with the minutes and points of each exercise.

    Example: hppt release 00 02 --out build/week1
    """
    from hppt_lib.cli.console import say
    from hppt_lib.course.classroom.release import add_copies
    from hppt_lib.course.classroom.release import release as make

    if add:
        written = add_copies(out, notebooks or ())
        say(f"{len(written)} new copies in {out}. The solutions are the course's own notebooks.")
    else:
        make(notebooks or (), out=out, echo=say)


@commands.command(rich_help_panel="Teaching")
def grade(
    submissions: Annotated[
        Path, typer.Argument(help="A folder with a folder a student, with their notebooks.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for marks and feedback.")] = Path("build/marks"),
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only notebooks whose names begin so, such as 02. May be repeated."),
    ] = None,
    jobs: Annotated[int, typer.Option(help="How many students at once.", min=1)] = 1,
    seed: Annotated[
        int | None,
        typer.Option(help="Of the hidden cases.", show_default="OUT/seed.txt, made at random"),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option(
            help="Run students' code as this user; you must be root.",
            show_default="nobody if you are root",
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(help="For one exercise.", min=0.5)] = 5.0,
    record_points: Annotated[
        float, typer.Option(help="What a run record that holds earns.", min=0)
    ] = 0.0,
) -> None:
    """Grade submissions: marks as CSV, a page of feedback a student, nbgrader's gradebook.

    Only the exercises run, each in a locked process without files, network
    and answers. Run records (JSON of 'hppt train') are not made again: they
    are verified against themselves. The CSV files are yours: their notes
    name what was seen. The pages in feedback/ are the students'.

    Example: hppt grade submitted --only 02 --jobs 2
    """
    from hppt_lib.cli.console import say
    from hppt_lib.course.classroom.grade import Limits
    from hppt_lib.course.classroom.grade import grade as grade_all

    limits = Limits(seconds=seconds, user=user)
    grade_all(
        submissions,
        out,
        only=only or (),
        seed=seed,
        jobs=jobs,
        limits=limits,
        record_points=record_points,
        echo=say,
    )


@commands.command(rich_help_panel="Teaching")
def review(
    notebooks: Annotated[
        list[Path], typer.Argument(help="Notebooks with solutions, such as the ones you changed.")
    ],
) -> None:
    """Check notebooks that you changed, before you hand them out.

    The solutions must earn all points and the stubs none, headings, minutes
    and points must agree, and nothing of a solution may be left in the copy.

    Example: hppt review notebooks/02_verifiers.ipynb
    """
    import tempfile

    from hppt_lib.cli.console import say
    from hppt_lib.course.classroom.review import problems_of
    from hppt_lib.errors import HpptError

    wrong = 0
    for path in notebooks:
        with tempfile.TemporaryDirectory() as scratch:
            problems = problems_of(path, Path(scratch))
        wrong += bool(problems)
        say(f"{path.name}: " + ("\n  ".join(["", *problems]).strip() if problems else "right."))
    if wrong:
        raise HpptError(f"{wrong} of {len(notebooks)} notebooks are not ready to be handed out.")


@commands.command(rich_help_panel="Teaching")
def slides(
    notebooks: Annotated[
        list[str] | None,
        typer.Argument(help="Beginnings of notebooks' names, such as 02. All, if none is named."),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Folder for the decks; one that is there is replaced.")
    ] = Path("build/slides"),
) -> None:
    """Make slides of the notebooks' figures, with the outputs that they hold.

    A deck is one HTML file that needs no network: what the reader will be
    able to do, each figure with what the notebook says of it, the table of
    what was measured, three lines to remember. Nothing is run. In a browser
    the arrow keys go through it, and printed, each slide is a page.

    Example: hppt slides 06 --out build/slides
    """
    from hppt_lib.cli.console import say
    from hppt_lib.course.classroom.slides import write_slides

    write_slides(notebooks or (), out=out, echo=say)


@commands.command(rich_help_panel="Teaching")
def quiz(
    notebooks: Annotated[
        list[str] | None,
        typer.Argument(help="Beginnings of notebooks' names, such as 02. All, if none is named."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The file.", show_default="build/quiz.html or .gift")
    ] = None,
    kind: Annotated[
        str, typer.Option("--format", help="html: a page; gift: questions for Moodle.")
    ] = "html",
) -> None:
    """Write quizzes for students: five questions on each notebook.

    On the page each answer opens and says why it is right, or which mistake
    it is; printed, the page is a sheet without the reasons. Moodle (Question
    bank, Import, GIFT) shows the reason once an answer is given. The questions
    lie in notebooks/quiz.yaml: add yours there.

    Example: hppt quiz 02 --out build/quiz-02.html
    """
    from hppt_lib.cli.console import say
    from hppt_lib.course.classroom.quiz import quizzes_of, write_quizzes
    from hppt_lib.course.notebooks import find_notebooks

    quizzes = quizzes_of(find_notebooks(only=notebooks or ()), needed=bool(notebooks))
    place = out or Path("build") / f"quiz.{kind}"
    write_quizzes(quizzes, place, kind)
    say(f"{sum(len(each.questions) for each in quizzes)} questions: {place}")
