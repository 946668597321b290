"""Programs for soft constraints: which of them judge better than the best judge does?

A soft constraint names an *intent*: to sound warm, to be read by children, to speak as somebody. An
`Intent` recognises it by words of the constraint and proposes tests: a measure of the response
(`hppt_lib.verifiers.measures`) that is large or small enough. Nothing is generated, and no code but
the kit's own is run. Which test, and from which number on, is chosen on labelled rows:

1. The items are dealt into folds. For each fold, the test and the threshold that are best on the
   other folds (`AIMS`) are chosen; the fold's rows get their verdicts from it.
2. The same is done for the recorded judges' thresholds, and for a *blind* program, which never
   looks at the constraint: what it gets right, the set gives away by the responses alone.
3. A program is kept if its precision and its recall on false responses are above those of the best
   judge and of the blind program, each with a 95 % interval of the paired difference above zero.

The words by which intents are recognised were written with the audit set's constraints in view: so
the share of rows that they cover is optimistic. Verdicts are of rows that no choice has seen.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from hppt_lib.audit.judged_rows import JudgedRow, judge_rows
from hppt_lib.audit.paired import PairedDifference, paired_differences
from hppt_lib.audit.rates import Rates, rates_of
from hppt_lib.audit.rows import AuditRow, read_audit
from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.judges.by_name import judge
from hppt_lib.judges.protocol import Judgement
from hppt_lib.terminal import as_text, table
from hppt_lib.verifiers.measures import MEASURES
from hppt_lib.verifiers.statements import STOP_WORDS
from hppt_lib.verifiers.words import bare_words

FOLDS = 5
NAMED = "words of the constraint"
"""The one measure that looks at the constraint too: how many of 100 of its content words, or words
that begin alike, the response has."""
NEED = ("precision", "recall_on_false")
"""The rates in which a program must be better."""
_SHORT = ("precision", "recall on false")
_LEAST_RECALL = 0.3
_FEWEST = 3  # satisfied rows, and violated ones, that a choice needs
_ALIKE = 5  # letters


Aim = Callable[[np.ndarray, np.ndarray], float]


def _precise(passed: np.ndarray, labels: np.ndarray) -> float:
    if passed[labels].mean() < _LEAST_RECALL:
        return 0.0
    return float(labels[passed].mean() + (~passed[~labels]).mean()) / 2


def _balanced(passed: np.ndarray, labels: np.ndarray) -> float:
    return float(passed[labels].mean() + (~passed[~labels]).mean()) / 2


AIMS: Mapping[str, Aim] = {"precise": _precise, "balanced": _balanced}
"""What a choice makes as large as it can, from verdicts and labels, each of shape (rows,).

``precise``: the mean of precision and recall on false responses, if recall is .3 or more.
``balanced``: the mean of recall and recall on false responses."""


@dataclass(frozen=True)
class MeasureTest:
    """A measure that is at least, or less than, a number.

    Attributes:
        measure: of `hppt_lib.verifiers.measures.MEASURES`, or `NAMED`.
        relation: ``at least`` or ``less than``.
        value: the number; None until it is chosen.
    """

    measure: str
    relation: str
    value: int | None = None

    def __str__(self) -> str:
        sign = "≥" if self.relation == "at least" else "<"
        return f"{self.measure} {sign} {'…' if self.value is None else self.value}"

    @property
    def constraint(self) -> tuple[str, dict[str, Any]]:
        """Id and parameters of the hard constraint that decides the same; not for `NAMED`."""
        kwargs = {"measure": self.measure, "relation": self.relation, "value": self.value}
        return "hppt:measure", kwargs


@dataclass(frozen=True)
class Intent:
    """What some soft constraints ask for, and the tests proposed for it.

    Attributes:
        name: what it is.
        cue: a pattern; a constraint in which it is found has this intent.
        tests: the candidates, without their numbers.
    """

    name: str
    cue: str
    tests: tuple[MeasureTest, ...]

    def covers(self, constraint: str) -> bool:
        """Whether a constraint has this intent."""
        return re.search(self.cue, constraint, re.IGNORECASE) is not None


def _tests(more: str = "", fewer: str = "") -> tuple[MeasureTest, ...]:
    """Tests of measures with semicolons between them: of which more is wanted, of which fewer."""
    wanted = (("at least", more), ("less than", fewer))
    return tuple(
        MeasureTest(measure.strip(), relation)
        for relation, measures in wanted
        for measure in measures.split(";")
        if measure.strip()
    )


INTENTS: tuple[Intent, ...] = (
    Intent(
        "warm",
        r"friendly|\bwarm|\bkind\b|affection|cheerful|gentl|hospitable|considerate|goodwill"
        r"|courte|good-humoured|encouraging|gracious|sooth|polite|patien(t|ce)\b|sympathy"
        r"|compassion|loving|respect",
        _tests("balance of feeling; words that please; second person", "words that displease"),
    ),
    Intent(
        "dark",
        r"sarcas|biting|accus|angry|uneas|\bfear|grief|nervous|impatien|worry|warning|dangers?\b",
        _tests("words that displease", "balance of feeling; words that please"),
    ),
    Intent(
        "glad",
        r"\bjoy|happ(y|iness)|delight|pride|\bglad|astonish|wonder|content(ment)?\b|cosy|gratitude"
        r"|courage\b|comfort|satisfaction",
        _tests("balance of feeling; words that please; exclamation marks"),
    ),
    Intent(
        "sober",
        r"matter-of-fact|sober|neutral|\bnews|\breport|encyclop|minutes or|factual|restrained"
        r"|\bcalm|understate|without dram|hype|modest",
        _tests("", "words that judge; exclamation marks; words that please; first person"),
    ),
    Intent(
        "formal",
        r"\bformal|businesslike|solemn|dignified|bureaucra",
        _tests("words of formal manner", "contractions; words of chat"),
    ),
    Intent(
        "informal",
        r"informal|\bchat|colloquial|conversation|easy-going|playful|light-hearted|down-to-earth"
        r"|humo|funny|across a",
        _tests("contractions; words of chat; exclamation marks", "words a sentence"),
    ),
    Intent(
        "simple",
        r"child|six-year|schoolboy|newcomer|\bplain|everyday words|without (any|medical|draw)"
        r"|knows? (nothing|no|little)|no (knowledge|technical|medical|experience)|never (had|been|"
        r"dealt|watched|heard)|outside of|understand|learning|simple|beginner|unexplained",
        _tests("", "reading grade; long words; words a sentence"),
    ),
    Intent(
        "expert",
        r"expert|professional|experienced [a-z]+ (keep|farm|climb)|specialist|undergraduate|fellow"
        r" climbers|none of the basics|for years and",
        _tests("reading grade; long words; different words"),
    ),
    Intent(
        "somebody speaks",
        r"\bspeak(s|er|ing)?\b|own (voice|words)|first(-| )(person|hand)|lived? through|herself|"
        r"himself|be the (author|writer)|from the standpoint|narrat|remember|\bwrites?\b as",
        _tests("first person; first person singular"),
    ),
    Intent(
        "an observer",
        r"observer|third person|outsider|not appear|no part in|looks on|unseen",
        _tests("third person", "first person; first person singular"),
    ),
    Intent(
        "to the reader",
        r"\baddress|second person|personally|put the reader in|call on|\bspeak to\b|talk to",
        _tests("second person; greeting; question marks"),
    ),
    Intent(
        "figurative",
        r"metaphor|comparison|analogy|poetic|figurative|in (vivid )?pictures|as if they were",
        _tests("words that compare"),
    ),
    Intent(
        "literal",
        r"literal|figures of speech|minimalist|clipped|telegraphic|without big words|stock phrases",
        _tests("", "words that compare; words a sentence; words that judge"),
    ),
    Intent(
        "senses",
        r"\bsmell|sounds? and|senses\b|colours|touched|can be (seen|heard)|what can be felt",
        _tests("words of the senses"),
    ),
    Intent(
        "a story",
        r"\bscenes?\b|\bstory|\btale\b|fairy|chronicle|observed moments|dialogue|fireside",
        _tests("past tense; quotation marks"),
    ),
    Intent(
        "to urge",
        r"call on|persuad|\binvite|get (the )?members|lend a hand|\binstruct|advice|advise|call to"
        r"|asking the readers|what (to|is to|they should) (do|be done)|step by step|right order"
        r"|encourage",
        _tests("imperatives; words that urge; second person"),
    ),
    Intent(
        "not to urge",
        r"without urging|refrain from instruct|a lesson|simply inform|moralis|lectur|how to cope"
        r"|wants nothing",
        _tests("", "imperatives; words that urge; second person"),
    ),
    Intent(
        "numbers",
        r"with figures|measurement|\bhours\b|where and when|calculation|how long|\bexact",
        _tests("numbers; words that say when and where"),
    ),
    Intent(
        "reasons or examples",
        r"\breasons?\b|\bwhy\b|example|illustrate|a case from|back up|support the",
        _tests("words that give reasons; words that show an example"),
    ),
    Intent(
        "the past",
        r"histor|memor(y|ies)|years ago|looks? back|earlier time|remember|nostalg|long ago",
        _tests("past tense; words of time past"),
    ),
    Intent(
        "essentials",
        r"essentials|bird's-eye|general idea|broad idea|in brief|not go into|passing at most",
        _tests("", "words; numbers; words a sentence"),
    ),
    Intent(
        "to leave out",
        r"leave .*(out|aside)|nothing about|no place here|not (let|mention|speculate)|\bavoid"
        r"|without comparing|say nothing|must not appear|play no part|\bno technical",
        _tests("", NAMED),
    ),
    Intent(
        "to bring in",
        r"\bmention|\binclude|\bdwell|\bfocus|concentrate|\bcentre|main (thread|subject|topic)"
        r"|\bexplain|\bcover\b|most of the space|\bdescribe|go into|\bname\b|bring in|deal with",
        _tests(NAMED),
    ),
)
"""The intents, each with its candidates."""


@dataclass(frozen=True)
class ProgramAudit:
    """How right the program for one intent is, beside the best judge, on the same rows.

    Attributes:
        intent: what it is for.
        test: the test chosen on all rows, which is what a user would take.
        program: its rates; each row's verdict is of a test chosen without the row's item.
        judge: the best judge's rates on these rows.
        blind: those of the program that does not look at the constraint.
        over_judge: by rate, the program less the judge.
        over_blind: by rate, the program less the blind one.
        rows: the rows with the program's verdicts.
    """

    intent: Intent
    test: MeasureTest
    program: Rates
    judge: Rates
    blind: Rates
    over_judge: Mapping[str, PairedDifference]
    over_blind: Mapping[str, PairedDifference]
    rows: tuple[JudgedRow, ...]

    @property
    def beats_judge(self) -> bool:
        """Whether it is better than the judge in both of `NEED`, with intervals above zero."""
        return _better(self.over_judge)

    @property
    def kept(self) -> bool:
        """Whether it beats the judge and the blind program."""
        return self.beats_judge and _better(self.over_blind)

    @property
    def failures(self) -> tuple[JudgedRow, ...]:
        """The rows on which it is wrong, those that it passed first."""
        wrong = [each for each in self.rows if each.judgement.passed is (not each.row.label)]
        return tuple(sorted(wrong, key=lambda each: each.row.label))


@dataclass(frozen=True)
class ProgramsAudit:
    """The audit of all proposed programs.

    Attributes:
        data: the audit set.
        aim: what was chosen for: of `AIMS`.
        rows: number of its soft rows.
        items: number of its items.
        judge: the best judge, with the way it was asked and its threshold.
        blind: the blind program's test, chosen on all rows.
        judge_rates: the best judge's rates on all rows.
        blind_rates: the blind program's rates on all rows.
        blind_over_judge: by rate, the blind program less the judge, on all rows.
        programs: one for each intent with enough rows.
        too_few: intents with too few rows to choose a test, with the number of their rows.
        covered: rows whose constraint has one of the `INTENTS`, by kind: (covered, all).
    """

    data: str
    aim: str
    rows: int
    items: int
    judge: str
    blind: MeasureTest
    judge_rates: Rates
    blind_rates: Rates
    blind_over_judge: Mapping[str, PairedDifference]
    programs: tuple[ProgramAudit, ...]
    too_few: Mapping[str, int]
    covered: Mapping[str, tuple[int, int]]

    @property
    def kept(self) -> tuple[ProgramAudit, ...]:
        """The programs that are kept."""
        return tuple(each for each in self.programs if each.kept)

    @property
    def sentence(self) -> str:
        """The result in one sentence."""
        beat = sum(each.beats_judge for each in self.programs)
        names = ", ".join(each.intent.name for each in self.kept)
        share = sum(done for done, _ in self.covered.values()) / self.rows
        does = "does" if _better(self.blind_over_judge) else "does not"
        return (
            f"{len(self.programs)} programs were tried, for intents found in {share:.0%} of "
            f"{self.rows} rows: {beat} beat the best judge in precision and in recall on false "
            f"responses, a program that never reads the constraint {does} ({self.blind}), and "
            f"{f'{len(self.kept)} ({names})' if names else 'none'} beat both."
        )

    @property
    def power(self) -> str:
        """How large a merit could have shown, in one sentence; empty without programs."""
        reach = [
            np.median(
                [_half(each.over_judge[name]) for each in self.programs if name in each.over_judge]
            )
            for name in NEED
            if any(name in each.over_judge for each in self.programs)
        ]
        if len(reach) < len(NEED):
            return ""
        return (
            f"Half of the intervals reach ±{reach[0]:.2f} or more around the difference in "
            f"precision and ±{reach[1]:.2f} in recall on false: smaller merits cannot show on so "
            "few rows."
        )

    @property
    def provenance(self) -> str:
        """The line below each table and figure."""
        return (
            f"data {self.data} · {self.rows} rows of {self.items} items · best judge: {self.judge}"
            f" · aim {self.aim} · {FOLDS} folds by item · 95 % intervals over items"
        )

    def as_table(self, width: int | None = None) -> str:
        """The audit for a terminal.

        Args:
            width: in characters; None for the terminal's.
        """
        rates: list[list[object] | None] = [
            ["blind", self.blind, *_cells(self.blind_rates)],
            ["best judge", "", *_cells(self.judge_rates)],
            None,
            *([each.intent.name, each.test, *_cells(each.program)] for each in self.programs),
        ]
        over: list[list[object] | None] = [
            ["blind", *_over(self.blind_over_judge), "", "", ""],
            None,
        ]
        for each in self.programs:
            kept = "yes" if each.kept else "no"
            names = [each.intent.name, *_over(each.over_judge), *_over(each.over_blind)]
            over.append([*names, kept])
        less = [f"{name}\nover {other}" for other in ("judge", "blind") for name in _SHORT]
        kinds: list[list[object]] = [
            [kind, f"{done} of {of}"] for kind, (done, of) in sorted(self.covered.items())
        ]
        few = ", ".join(f"{name} ({number})" for name, number in self.too_few.items())
        return as_text(
            table(["intent", "program", "rows", "precision", "recall", _SHORT[1]], rates),
            "",
            table(["intent", *less, "kept"], over),
            *([f"Too few rows to choose a test: {few}."] if few else []),
            table(["kind", "rows with an intent"], kinds),
            self.sentence,
            *([self.power] if self.power else []),
            self.provenance,
            width=width,
        )


def audit_programs(
    data: str | Path = "soft",
    answers: Iterable[str | Path] | None = None,
    *,
    aim: str = "precise",
    intents: Sequence[Intent] = INTENTS,
) -> ProgramsAudit:
    """Hold a program for each intent against labelled rows, beside the best recorded judge.

    Args:
        data: an audit set; its hard rows are left out.
        answers: files of recorded judges' answers; None for those of ``data/audit/answers``.
        aim: what tests and thresholds are chosen for: of `AIMS`.
        intents: the intents to try.

    Raises:
        HpptError: there is no such aim, a file cannot be read, there is no soft row, or no judge
            answered nine rows in ten.
    """
    if aim not in AIMS:
        raise HpptError(f"There is no aim '{aim}'. Choose one of: {', '.join(AIMS)}.")
    rows = [each for each in read_audit(data) if not each.hard]
    if not rows:
        raise HpptError(f"{data} has no soft constraint to write programs for.")
    folds = [_fold(each.item) for each in rows]
    judge_name, judged = _best_judge(rows, folds, _paths(answers), AIMS[aim])
    everything = tuple(
        MeasureTest(measure, relation)
        for measure in MEASURES
        for relation in ("at least", "less than")
    )
    try:
        blind_test, blind = _cross_fitted("blind", rows, folds, everything, AIMS[aim])
    except _TooFew as error:
        raise HpptError(f"{data} has too few rows of a label to choose a threshold.") from error
    audits, too_few = [], {}
    for intent in intents:
        places = [place for place, each in enumerate(rows) if intent.covers(each.constraint)]
        audit = _audit_intent(intent, places, rows, folds, judged, blind, AIMS[aim])
        if audit is None:
            too_few[intent.name] = len(places)
        else:
            audits.append(audit)
    covered: dict[str, tuple[int, int]] = {}
    for each in rows:
        done, of = covered.get(each.kind, (0, 0))
        has = any(intent.covers(each.constraint) for intent in intents)
        covered[each.kind] = (done + has, of + 1)
    return ProgramsAudit(
        data=Path(data).name,
        aim=aim,
        rows=len(rows),
        items=len({each.item for each in rows}),
        judge=judge_name,
        blind=blind_test,
        judge_rates=rates_of(judged),
        blind_rates=rates_of(blind),
        blind_over_judge=paired_differences(blind, judged),
        programs=tuple(audits),
        too_few=too_few,
        covered=covered,
    )


def _audit_intent(
    intent: Intent,
    places: Sequence[int],
    rows: Sequence[AuditRow],
    folds: Sequence[int],
    judged: Sequence[JudgedRow],
    blind: Sequence[JudgedRow],
    aim: Aim,
) -> ProgramAudit | None:
    """The audit of one intent's program on its rows; None if there are too few to choose on."""
    own, own_folds = [rows[place] for place in places], [folds[place] for place in places]
    try:
        test, found = _cross_fitted(intent.name, own, own_folds, intent.tests, aim)
    except _TooFew:
        return None
    its_judge, its_blind = ([each[place] for place in places] for each in (judged, blind))
    return ProgramAudit(
        intent,
        test,
        rates_of(found),
        rates_of(its_judge),
        rates_of(its_blind),
        paired_differences(found, its_judge),
        paired_differences(found, its_blind),
        tuple(found),
    )


def program_instructions(
    instructions: Sequence[Instruction], found: ProgramsAudit, *, programs: bool = True
) -> list[Instruction]:
    """Instructions of one soft constraint each, which a program decides: a reward of programs.

    Each instruction with a query gives the first of its soft constraints for whose intent there is
    a program in ``found``, kept or not, and is left out if there is none. (A program that looks at
    the constraint, `NAMED`, is no constraint of its own and decides none.) A program that was not
    kept is no better than the judge: what it rewards is a question for an experiment.

    Args:
        instructions: any; their hard constraints are left out.
        found: of `audit_programs`.
        programs: whether the constraint is the program, ``hppt:measure``, that verifiers and their
            rewards decide; else it stays as it is, for a judge. The prompts are the same.
    """
    made: dict[str, Instruction] = {}
    for each in instructions:
        texts = [one.text for one in each.constraints if one.kind == "soft"]
        chosen = next(
            (
                (text, one.test)
                for text in texts
                for one in found.programs
                if one.intent.covers(text) and one.test.measure != NAMED
            ),
            None,
        )
        if chosen is None or not each.query:
            continue
        text, test = chosen
        own = next(one for one in each.constraints if one.text == text)
        if programs:
            id, kwargs = test.constraint
            own = Constraint(id, kwargs, text)
        prompt = f"{each.query} {text}"
        made.setdefault(
            prompt, Instruction(f"{each.id}-soft", prompt, (own,), each.query, each.topic)
        )
    return list(made.values())


# --- choosing on some rows, judging others -------------------------------------------------------


class _TooFew(Exception):
    """There are not enough satisfied or violated rows to choose a threshold."""


def _fold(item: str) -> int:
    """An item's fold: the same whatever else is in the set."""
    return int(hashlib.sha256(item.encode()).hexdigest(), 16) % FOLDS


def _cross_fitted(
    name: str,
    rows: Sequence[AuditRow],
    folds: Sequence[int],
    tests: Sequence[MeasureTest],
    aim: Aim,
) -> tuple[MeasureTest, list[JudgedRow]]:
    """The test chosen on all rows, and each row judged by one that was chosen without its fold.

    Raises:
        _TooFew: some choice would have fewer than three rows of a label.
    """
    values = np.array([[measured(each, row) for row in rows] for each in tests])
    labels, fold = np.array([each.label for each in rows], dtype=bool), np.array(folds)
    verdicts = np.zeros(len(rows), dtype=bool)
    for left_out in set(folds):
        seen = fold != left_out
        place, value = _chosen(values[:, seen], labels[seen], tests, aim)
        verdicts[~seen] = _passes(values[place, ~seen], tests[place].relation, value)
    place, value = _chosen(values, labels, tests, aim)
    judged = [
        JudgedRow(name, row, Judgement(bool(passed)), 1)
        for row, passed in zip(rows, verdicts.tolist(), strict=True)
    ]
    return replace(tests[place], value=value), judged


def measured(test: MeasureTest, row: AuditRow) -> float:
    """The number that a test compares, for one row."""
    if test.measure != NAMED:
        return _of_text(test.measure, row.response)
    wanted = {each for each in bare_words(row.constraint) if len(each) > 3} - STOP_WORDS
    used = {each[:_ALIKE] for each in bare_words(row.response)}
    return 100 * sum(each[:_ALIKE] in used for each in wanted) / max(1, len(wanted))


@lru_cache(maxsize=50_000)
def _of_text(measure: str, text: str) -> float:
    """A measure of a text; rows of an item share their response, and intents their measures."""
    return MEASURES[measure](text)


def _passes(values: np.ndarray, relation: str, value: float) -> np.ndarray:
    return values >= value if relation == "at least" else values < value


def _chosen(
    values: np.ndarray, labels: np.ndarray, tests: Sequence[MeasureTest], aim: Aim
) -> tuple[int, int]:
    """Place and threshold of the test that is best for the aim; the first of equals.

    Args:
        values: of each test, shape (tests, rows).
        labels: shape (rows,).
        tests: the candidates.
        aim: of `AIMS`.

    Raises:
        _TooFew: fewer than three rows of a label.
    """
    if min(labels.sum(), (~labels).sum()) < _FEWEST:
        raise _TooFew
    best, found = -1.0, (0, 0)
    for place, test in enumerate(tests):
        own = values[place]
        for value in range(math.floor(own.min()), math.ceil(own.max()) + 1):
            reached = aim(_passes(own, test.relation, value), labels)
            if reached > best:
                best, found = reached, (place, value)
    return found


# --- the best judge -------------------------------------------------------------------------------


def _paths(answers: Iterable[str | Path] | None) -> list[Path]:
    if answers is not None:
        return [Path(each) for each in answers]
    return sorted((repository_folder() / "data" / "audit" / "answers").glob("*.jsonl"))


def _best_judge(
    rows: Sequence[AuditRow], folds: Sequence[int], paths: Sequence[Path], aim: Aim
) -> tuple[str, list[JudgedRow]]:
    """The way to ask a recorded judge that does best by the aim on all rows.

    Tried are each file, each mode, the judge's own threshold, and a threshold that is chosen as a
    program's is: on the other folds.

    Raises:
        HpptError: none of the files answers nine rows in ten.
    """
    found: dict[str, list[JudgedRow]] = {}
    for path in paths:
        replayed = judge(f"replayed:{path}")
        modes = {"pointwise": judge_rows(replayed, rows, "pointwise")}
        modes["batch"] = judge_rows(replayed, rows, "batch")
        for mode, judged in modes.items():
            given = sum(each.judgement.passed is not None for each in judged)
            if given >= 0.9 * len(rows):
                found[f"{path.stem}, {mode}"] = judged
                if all(
                    each.judgement.confidence is not None
                    for each in judged
                    if each.judgement.passed is not None
                ):
                    found[f"{path.stem}, {mode}, threshold fitted"] = _refitted(judged, folds, aim)
    if not found:
        raise HpptError(
            "No recorded judge answers nine rows in ten. Give its answers ('hppt audit' keeps "
            "them) or make those that the kit ships: 'hppt answers'."
        )
    name = max(found, key=lambda each: _reached(found[each], aim))
    return name, found[name]


def _reached(judged: Sequence[JudgedRow], aim: Aim) -> float:
    known = [each for each in judged if each.judgement.passed is not None]
    passed = np.array([each.judgement.passed for each in known], dtype=bool)
    return aim(passed, np.array([each.row.label for each in known], dtype=bool))


def _refitted(judged: Sequence[JudgedRow], folds: Sequence[int], aim: Aim) -> list[JudgedRow]:
    """The answers with thresholds chosen on the other folds, to a hundredth."""
    confidence = np.array(
        [math.nan if (one := each.judgement.confidence) is None else one for each in judged]
    )
    labels, fold = np.array([each.row.label for each in judged], dtype=bool), np.array(folds)
    known = ~np.isnan(confidence)
    tests = (MeasureTest("confidence in hundredths", "at least"),)
    refitted = list(judged)
    for left_out in set(folds):
        seen = known & (fold != left_out)
        _, value = _chosen(100 * confidence[None, seen], labels[seen], tests, aim)
        for place in np.flatnonzero(fold == left_out).tolist():
            moved = judged[place].judgement.at(value / 100)
            refitted[place] = replace(judged[place], judgement=moved)
    return refitted


def _half(difference: PairedDifference) -> float:
    return (difference.high - difference.low) / 2


def _better(differences: Mapping[str, PairedDifference]) -> bool:
    return all(name in differences and differences[name].low > 0 for name in NEED)


def _over(differences: Mapping[str, PairedDifference]) -> list[object]:
    """The differences that decide, each above its interval."""
    return [_cell(differences[name]) if name in differences else None for name in NEED]


def _cell(estimate: object) -> str:
    """An estimate above its interval, so that a table stays narrow."""
    return str(estimate).replace(" [", "\n[", 1)


def _cells(rates: Rates) -> list[object]:
    shares = (rates.precision, rates.recall, rates.recall_on_false)
    return [rates.rows, *(None if each is None else _cell(each) for each in shares)]
