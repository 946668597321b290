"""The commands on instruments: auditing judges, guards and programs; training a judge; noise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hppt_lib.cli import options
from hppt_lib.cli.console import say
from hppt_lib.errors import HpptError, needs

if TYPE_CHECKING:
    from hppt_lib.audit import AuditRow

commands = typer.Typer()
_PANEL = "Judges"
_CALL = {"show_default": "EndpointJudge's own"}
_CACHE = typer.Option(
    help="File that keeps the answers: what is in it is not asked again.",
    show_default="judges.jsonl in the cache",
)
_KEPT = typer.Option(help="File that keeps the judge's answers: none is asked for twice.")
_PILOT = typer.Option("--pilot", help="A pilot log of the base policy.")
_SAMPLED = typer.Option(help="What the pilot sampled: a name or a JSONL file.")
_RATES = typer.Option(help="The JSON file of error rates to write.")


@commands.command(rich_help_panel=_PANEL)
def audit(
    judge: Annotated[list[str], options.JUDGE],
    data: Annotated[
        str,
        typer.Option(
            help="soft or hard, which come with the kit; a JSONL file; llmbar:FOLDER or "
            "reward-pairs:FILE, public sets with human labels."
        ),
    ] = "soft",
    mode: Annotated[
        str,
        typer.Option(help="batch: all constraints of a response in one call; pointwise: one."),
    ] = "batch",
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Pass from this confidence on, for judges that give one.",
            show_default="the judge's own",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for audit.csv, audit.json and figures; an old one is replaced."),
    ] = None,
    json: Annotated[bool, options.JSON] = False,
    cache: Annotated[Path | None, _CACHE] = None,
    limit: Annotated[int | None, typer.Option(help="Only so many items of the data.")] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(help="Of judges at a server: the longest reply, thoughts included.", **_CALL),
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(help="Of judges at a server: seconds for one call.", **_CALL)
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(help="Of judges at a server: calls that are under way at once.", **_CALL),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(help="Of judges at a server: 0 for the likeliest reply.", **_CALL),
    ] = None,
    extra_body: Annotated[
        str | None,
        typer.Option(
            help="Of judges at a server: more fields for each call, as JSON, such as "
            '\'{"chat_template_kwargs": {"enable_thinking": false}}\'.',
            show_default="nothing",
        ),
    ] = None,
) -> None:
    """Audit judges of soft constraints: how often "satisfied" and "violated" are right.

    Prints precision, recall and recall on false responses with 95 %
    intervals, by judge, by kind and by number of constraints in a call;
    verdicts that are missing, by reason; and what it costs to make each judge
    precise. All judges get the same rows. Ends with status 1 if no judge gave
    any verdict.

    Example: hppt audit --judge embedded --data soft --mode pointwise --out audit
    """
    from json import dumps

    from hppt_lib.audit import report, report_output

    if out:
        report_output.check_folder(out)
        from hppt_lib.figures import report_figures, use_style  # before a judge is paid
    result = report.audit_judges(
        judge,
        data,
        mode=mode,
        threshold=threshold,
        cache=cache,
        limit=limit,
        call={
            "max_tokens": max_tokens,
            "timeout": timeout,
            "concurrency": concurrency,
            "temperature": temperature,
            "extra_body": extra_body,
        },
    )
    if out:
        use_style()

        report_output.write_report(result, out, report_figures(result))
    say(dumps(result.as_json(), indent=2) if json else report_output.as_table(result))
    if not result.has_verdicts:
        raise HpptError(report_output.no_verdicts(result))


@commands.command("audit-guard", rich_help_panel=_PANEL)
def audit_guard(
    guard: Annotated[
        str, typer.Option(help="none, topic, answer, copy, substance or all.")
    ] = "substance",
    split: Annotated[
        str, typer.Option(help="report; develop, on which the guard was tuned.")
    ] = "report",
) -> None:
    """Audit a guard: how often "it answers" and "it does not" are right.

    The labels are those of real responses in data/gold/answers.jsonl. Prints
    precision, recall and recall on false responses with 95 % intervals by the
    arm of the policy that wrote them, and which kinds of no answer pass.

    Example: hppt audit-guard --guard all
    """
    from hppt_lib import audit

    if split not in ("develop", "report"):
        raise HpptError(f"There is no split '{split}': use develop or report.")
    chosen: Literal["develop", "report"] = "develop" if split == "develop" else "report"
    say(str(audit.audit_guard(guard, audit.read_answer_labels(chosen))))


@commands.command("audit-policies", rich_help_panel=_PANEL)
def audit_policies(
    runs: Annotated[
        list[Path], typer.Argument(help="Run records, and folders of them.", show_default=False)
    ],
    judge: Annotated[str, typer.Option(help="Who judges, by its name.")],
    answers: Annotated[
        Path | None,
        typer.Option(help="Write its answers as a file, which 'replayed:FILE' then is a judge of."),
    ] = None,
    cache: Annotated[Path | None, _CACHE] = None,
) -> None:
    """Audit a judge again on responses of trained policies: was its error found?

    A judge's error rates belong to the responses that they were measured on.
    A policy that it pays writes others. Verifiers say what is true of the
    held-out responses, before training and after; the table has the judge's
    rates by arm, means over seeds. What rises in the arm that it paid, and not
    in the others, was exploited.

    Example: hppt audit-policies build/sweeps/e9 --judge data/experiments/e9/weak
    """
    from hppt_lib import judges, refine
    from hppt_lib.evaluation import read_runs
    from hppt_lib.files import cache_folder

    found = read_runs(*runs)
    for path, reason in found.broken.items():
        say(f"left out: {path}: {reason}", err=True)
    asked = judges.judge(judge)
    kept = judges.Cache(cache or cache_folder() / "judges.jsonl")
    audited = refine.audit_policies(judges.CachedJudge(asked, kept), found.arms)
    say(str(audited))
    if answers:
        left = judges.export_answers(kept, asked, answers, audited.questions)
        say(f"wrote {answers}" + (f"; {left} questions have no answer" if left else ""))


@commands.command("train-judge", rich_help_panel=_PANEL)
def train_judge(
    labels: Annotated[
        str,
        typer.Argument(
            help="Labelled rows as 'hppt audit --data' takes them (soft, hard, a JSONL file), or a "
            "pilot log: then verifiers give the labels."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the judge, which then is its name.")],
    instructions: Annotated[
        str, typer.Option(help="Of a pilot log: what it sampled, a name or a JSONL file.")
    ] = "train",
    model: Annotated[
        str, typer.Option(help="The model that it looks into: embedded, a folder, a hub id.")
    ] = "embedded",
    rows: Annotated[
        int | None,
        typer.Option(help="Learn from so many labels only.", show_default="all", min=1),
    ] = None,
    layer: Annotated[
        list[int] | None,
        typer.Option(help="Look after this layer of the model. May be repeated.", min=1),
    ] = None,
    held_out: Annotated[
        float, typer.Option(help="Share of the tasks that is kept for the audit.")
    ] = 0.2,
    false_fail: Annotated[
        float, typer.Option(help="The share of satisfied rows that it may fail: its threshold.")
    ] = 0.2,
    seed: Annotated[int, options.SEED] = 0,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Train a judge on labels, and audit it on tasks that it has not seen.

    A small head learns from what a model holds in a middle layer while it
    reads task, constraint and response; the model itself is not changed. It
    takes about a minute for 300 rows on one core. How good the judge is
    depends on the number of labels: with a few hundred it passes many false
    responses. The folder is a judge like any other.

    Examples:
    hppt train-judge build/pilots/train.jsonl --out build/judges/mine
    hppt train-judge my_labels.jsonl --rows 300 --out build/judges/weak
    hppt audit --judge build/judges/weak --data hard --mode pointwise
    hppt train --reward "judged(judge=build/judges/weak, decides=all, guard=substance)"
    """
    needs("train")
    from hppt_lib import audit
    from hppt_lib.judges.head import HeadSettings

    settings = HeadSettings(seed=seed)
    if layer:
        settings = replace(settings, layers=tuple(layer))
    made = audit.train_judge(
        _labelled(labels, instructions),
        out,
        model=model,
        labels=rows,
        held_out=held_out,
        false_fail=false_fail,
        settings=settings,
        seed=seed,
    )
    say(str(made))
    say(f"wrote {made.folder}")


def _labelled(labels: str, instructions: str) -> list[AuditRow]:
    """The rows of an audit set, or of a pilot log by the verifiers."""
    from hppt_lib.audit import audit_set
    from hppt_lib.refine import is_pilot_log, labelled_rows, read_pilot

    if not is_pilot_log(labels):
        return audit_set(labels)
    from hppt_lib.instructions import chosen_instructions

    return labelled_rows(read_pilot(labels, chosen_instructions(instructions)))


@commands.command("match-noise", rich_help_panel=_PANEL)
def match_noise(
    judge: Annotated[str, typer.Argument(help="The judge, by its name.")],
    log: Annotated[Path, _PILOT],
    out: Annotated[Path, _RATES],
    instructions: Annotated[str, _SAMPLED] = "hard_train",
    guard: Annotated[str, typer.Option(help="Of both rewards.")] = "substance",
    cache: Annotated[Path | None, _KEPT] = None,
    untrusted_code: Annotated[bool, options.UNTRUSTED_CODE] = False,
) -> None:
    """Match noise to a judge: as many errors, in clumps as large, but at random.

    What a judge's errors cost beyond an equal amount of noise is what aiming
    at them costs. The rates are measured by type of constraint and with their
    spread over instructions, on responses of the base policy, and tried on
    others: paid share, both error rates, groups that teach and the direction
    of the advantages must agree, or it is no fair control.

    Examples:
    hppt match-noise build/judges/weak --pilot build/pilots/hard.jsonl --out weak-noise.json
    hppt train --reward 'matched(rates="weak-noise.json", guard=substance)'
    """
    needs("train")
    from hppt_lib.instructions import chosen_instructions
    from hppt_lib.refine import read_pilot
    from hppt_lib.training import match_and_write

    match = match_and_write(
        judge, read_pilot(log, chosen_instructions(instructions)), out, guard=guard, cache=cache
    )
    say(str(match))
    say(f"wrote {out}")


@commands.command("calibrate-judge", rich_help_panel=_PANEL)
def calibrate_judge(
    judge: Annotated[str, typer.Argument(help="The judge, by its name; it tells its confidence.")],
    log: Annotated[Path, _PILOT],
    out: Annotated[Path, _RATES],
    instructions: Annotated[str, _SAMPLED] = "hard_train",
    guard: Annotated[str, typer.Option(help="Of the rewards.")] = "substance",
    target: Annotated[
        float, typer.Option(help="Of the violated, at least this share must not pass.")
    ] = 0.9,
    keep: Annotated[
        float, typer.Option(help="Of the satisfied, at least this share must not fail.")
    ] = 0.9,
    limit: Annotated[
        int | None,
        typer.Option(help="Only the first so many instructions.", show_default="all", min=5),
    ] = None,
    cache: Annotated[Path | None, _KEPT] = None,
) -> None:
    """Make two rewards of a judge that errs: one abstains, one is corrected by length.

    The abstaining judge gives no verdict between two thresholds, so that of
    the violated few pass and of the satisfied few fail. The corrected reward
    is the unbiased estimate with error rates by type and length of the answer,
    which differ within a group, so that what a group teaches changes. Both
    are tried on instructions that they were not chosen on: the
    cosine says how far their advantages point where the truth's would.

    Examples:
    hppt calibrate-judge build/judges/mine --pilot build/pilots/hard.jsonl --out lengths.json
    hppt train --reward 'corrected_within(of=judged(judge=build/judges/mine,
      decides=all), rates="lengths.json", guard=substance)'
    """
    needs("train")
    from hppt_lib.instructions import chosen_instructions
    from hppt_lib.refine import read_pilot
    from hppt_lib.training import calibrate_and_write

    pilot = read_pilot(log, chosen_instructions(instructions))
    found = calibrate_and_write(
        judge, pilot, out, guard=guard, target=target, keep=keep, limit=limit, cache=cache
    )
    say(str(found))
    say(f"wrote {out}")


@commands.command("audit-programs", rich_help_panel=_PANEL)
def audit_programs(
    data: Annotated[
        str, typer.Option(help="soft, which comes with the kit, or a JSONL file of labelled rows.")
    ] = "soft",
    answers: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file of a judge's recorded answers to compare with; may be repeated.",
            show_default="those of data/audit/answers",
        ),
    ] = None,
    aim: Annotated[
        str, typer.Option(help="What tests and thresholds are chosen for: precise or balanced.")
    ] = "precise",
    failures: Annotated[
        int, typer.Option(help="Show so many wrong verdicts of each program.", min=0)
    ] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for the table and the figure.")] = None,
    instructions: Annotated[
        str | None,
        typer.Option(
            help="Also write one soft constraint of each of these instructions (a name or a JSONL "
            "file) to OUT/with-programs.jsonl, with its program as a hard constraint, and to "
            "OUT/with-judge.jsonl as it is.",
            show_default="none",
        ),
    ] = None,
    beside: Annotated[
        str | None,
        typer.Option(
            help="Instructions that go before as many of these in both files.", show_default="none"
        ),
    ] = None,
) -> None:
    """Audit programs for soft constraints: does a measure of the text judge better than a judge?

    A constraint's words tell its intent (warm, for children, in the first
    person), and each intent has tests: a measure, such as the reading grade,
    that is large or small enough. Test and threshold are chosen on the other
    items. A program is kept if its precision and its recall on false
    responses are above those of the best recorded judge, and of a program
    that never reads the constraint, with 95 % intervals.

    Examples:
    hppt audit-programs --failures 2 --out build/programs
    hppt audit-programs --instructions train --beside hard_train --out build/programs
    hppt train --instructions build/programs/with-programs.jsonl --reward guarded
    """
    from hppt_lib import audit
    from hppt_lib.errors import HpptError

    if instructions and not out:
        raise HpptError("Where are the instructions written? Give a folder with --out.")

    found = audit.audit_programs(data, answers, aim=aim)
    if out:
        from hppt_lib.figures import programs_figure, use_style
        from hppt_lib.files import whole_file, write_text

        use_style()
        write_text(out / "programs.txt", found.as_table(width=160) + "\n")
        with whole_file(out / "programs.png") as temporary:
            programs_figure(found).savefig(temporary, format="png", dpi=110)
    if instructions and out:
        from hppt_lib.instructions import chosen_instructions, write_instructions

        before = chosen_instructions(beside) if beside else []
        for name, programs in (("with-programs", True), ("with-judge", False)):
            made = audit.program_instructions(
                chosen_instructions(instructions), found, programs=programs
            )[: len(before) or None]
            write_instructions(out / f"{name}.jsonl", [*before, *made])
            say(f"wrote {out / name}.jsonl: {len(before)} and {len(made)} instructions")
    say(found.as_table())
    for each in found.programs if failures else ():
        say(f"\n{each.intent.name}: {each.test}")
        for wrong in each.failures[:failures]:
            verdict = "passed" if wrong.judgement.passed else "failed"
            say(f"  wrongly {verdict}: {wrong.row.constraint}")
            say(f"    {wrong.row.why}")


@commands.command(rich_help_panel=_PANEL)
def answers(
    only: Annotated[
        list[str] | None, typer.Option(help="Only this variant: zero-shot, strict.")
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            help="File that keeps each answer on the way.",
            show_default="judges.jsonl in the cache",
        ),
    ] = None,
) -> None:
    """Write data/audit/answers again: the embedded judge's answers, replayed by notebook 03.

    About an hour on two cores; it may be interrupted, and goes on where it
    was.

    Example: hppt answers --only strict
    """
    from hppt_lib.audit.shipped_answers import write_shipped_answers

    for path in write_shipped_answers(only, cache):
        say(f"wrote {path}")
