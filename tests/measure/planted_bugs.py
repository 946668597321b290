"""Plant bugs in the verifiers and count those that the cases catch.

Bugs are planted one at a time: `<` becomes `<=`, `all` becomes `any`, a word boundary is forgotten
in a pattern, a branch is skipped (`bugs_at` of hppt_lib/course/planted.py has those of the course,
tests/measure/planted/operators.py those that are added here). With each bug in place the cases of
tests/verifiers/cases run: those of functions in the changed module, and those of the verifiers that
use the changed code. A bug is caught if a verdict or another answer is not the one that the case
wants, if a check raises, or if it runs for much longer than it should. What is not caught is a
survivor: a case is missing, or the bug changes nothing that can be seen. Survivors of the second
kind are counted like the others.

Examples:
  python -m tests.measure.planted_bugs
  python -m tests.measure.planted_bugs --only ifeval.keywords --survivors
  python -m tests.measure.planted_bugs --json planted.json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from hppt_lib.course.planted import TimeIsUp, limited
from tests import ROOT
from tests.measure.arguments import parser_of
from tests.measure.planted.modules import PACKAGE, Key, VerifierBug, Verifiers
from tests.verifiers.cases import CASES, FUNCTION_CASES
from tests.verifiers.cases.function_case import FunctionCase


@dataclass(frozen=True)
class Expected:
    """A response to a verifier, its right verdict, and how long that took."""

    kwargs: Mapping[str, Any]
    response: str
    passed: bool


@dataclass
class Cases:
    """The cases of one verifier, and the seconds that they take without a bug."""

    examples: list[Expected] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class Functions:
    """The cases of one module's functions, and the seconds that they take without a bug."""

    cases: list[FunctionCase] = field(default_factory=list)
    seconds: float = 0.0


@dataclass(frozen=True)
class Survivor:
    """A bug that no case caught."""

    file: str
    line: int
    definition: str
    name: str
    what: str
    code: str
    verifiers: list[str]

    def __str__(self) -> str:
        code = self.code if len(self.code) <= 110 else self.code[:109] + "…"
        return f"{self.file}:{self.line}  {self.definition}: {self.name}: {self.what}\n      {code}"


@dataclass
class Count:
    """What became of the bugs of one module."""

    planted: int = 0
    unloadable: int = 0
    survivors: list[Survivor] = field(default_factory=list)

    @property
    def caught(self) -> int:
        return self.planted - len(self.survivors)


def right_verdicts() -> tuple[dict[Key, Cases], list[str]]:
    """The cases by verifier; and those that fail without any bug, which catch nothing."""
    by_key: dict[Key, Cases] = defaultdict(Cases)
    wrong = []
    for case in CASES:
        verifier = verifiers.build(case.id, case.kwargs, case.reading)
        known = by_key[case.id, case.reading]
        for passed, examples in ((True, case.passes), (False, case.fails)):
            for response, why in examples:
                verifier(response)  # what is loaded once should not count
                started = time.process_time()
                verdict = verifier(response)
                known.seconds += time.process_time() - started
                if verdict.passed is passed:
                    known.examples.append(Expected(verifier.kwargs, response, passed))
                else:
                    wrong.append(f"{case.id} ({case.reading}), {why}: {verdict.reason}")
    for each in by_key.values():
        each.examples.sort(key=lambda example: len(example.response))  # most bugs show at once
    return by_key, wrong


def right_answers() -> tuple[dict[str, Functions], list[str]]:
    """The cases of functions by module; and those that fail without any bug."""
    by_module: dict[str, Functions] = defaultdict(Functions)
    wrong = []
    for case in FUNCTION_CASES:
        known = by_module[case.module]
        case.found()  # what is loaded once should not count
        started = time.process_time()
        found = case.found()
        known.seconds += time.process_time() - started
        if found == case.expected:
            known.cases.append(case)
        else:
            wrong.append(f"{case.function}{case.arguments!r}, {case.why}: {found!r}")
    return by_module, wrong


def is_caught(
    bug: VerifierBug, code: Verifiers, cases: Mapping[Key, Cases], functions: Functions
) -> bool | None:
    """Whether a case catches the bug; None if the changed module does not even load."""
    usual = functions.seconds + sum(cases[key].seconds for key in bug.reaches if key in cases)
    try:
        with limited(2 + 20 * usual), code.with_bug(bug) as checks:
            if any(case.found() != case.expected for case in functions.cases):
                return True
            try:
                return any(
                    _answers_otherwise(check, example)
                    for key, check in sorted(checks.items())
                    for example in (cases[key].examples if key in cases else ())
                )
            except Exception:
                return True
    except TimeIsUp:
        return True
    except Exception:
        return None
    except BaseException as error:
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        return True  # a library in Rust that breaks


def _answers_otherwise(check: verifiers.registry.Check, example: Expected) -> bool:
    if not example.response.strip():  # as Verifier.__call__ has it
        return example.passed
    return check(example.response, **example.kwargs).passed is not example.passed


def count(module: str, code: Verifiers, cases: Mapping[Key, Cases], functions: Functions) -> Count:
    """Plant every bug of a module and see what becomes of it."""
    result = Count()
    for bug in code.bugs(module):
        caught = is_caught(bug, code, cases, functions)
        if caught is None:
            result.unloadable += 1
            continue
        result.planted += 1
        if not caught:
            change = bug.change
            result.survivors.append(
                Survivor(
                    file=str(code.path(module).relative_to(ROOT)),
                    line=change.line,
                    definition=bug.definition,
                    name=change.name,
                    what=change.what,
                    code=change.code(),
                    verifiers=sorted(f"{id} ({reading})" for id, reading in bug.reaches),
                )
            )
    return result


def share(caught: int, planted: int) -> str:
    """A share with Wilson's 95 % interval, in per cent."""
    from statsmodels.stats.proportion import proportion_confint

    if not planted:
        return "none planted"
    low, high = proportion_confint(caught, planted, alpha=0.05, method="wilson")
    return f"{100 * caught / planted:5.1f} % [{100 * low:.1f}, {100 * high:.1f}]"


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of(__doc__)
    parser.add_argument(
        "--only",
        metavar="MODULE",
        action="append",
        help="plant bugs in this module, or in all of this package, only: ifeval.keywords, "
        "iftrain, text; may be given several times",
    )
    parser.add_argument(
        "--survivors", action="store_true", help="list every bug that no case caught, with its line"
    )
    parser.add_argument("--json", metavar="FILE", type=Path, help="write everything to this file")
    return parser.parse_args(arguments)


def chosen(modules: Sequence[str], only: Sequence[str] | None) -> list[str]:
    """The modules that were asked for."""
    if not only:
        return list(modules)
    short = {module: module.removeprefix(f"{PACKAGE}.") for module in modules}
    for name in only:
        if not any(each == name or each.startswith(f"{name}.") for each in short.values()):
            sys.exit(f"There is no module '{name}'. Choose from: {', '.join(short.values())}.")
    return [
        module
        for module, each in short.items()
        if any(each == name or each.startswith(f"{name}.") for name in only)
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    options = parse(arguments)
    code = Verifiers()
    cases, wrong = right_verdicts()
    functions, wrong_answers = right_answers()
    wrong += wrong_answers
    for line in wrong:
        print(f"fails without any bug, so it catches none: {line}", file=sys.stderr)
    counts: dict[str, Count] = {}
    print(f"{'module':38} {'planted':>8} {'caught':>8}   share [95 %]")
    for module in chosen(code.modules, options.only):
        counts[module] = found = count(module, code, cases, functions[module])
        name = module.removeprefix(f"{PACKAGE}.")
        print(
            f"{name:38} {found.planted:8} {found.caught:8}   {share(found.caught, found.planted)}",
            flush=True,
        )
        if options.survivors:
            if without := sorted(code.reached(module) - set(cases)):
                print(f"  no case for: {', '.join(f'{id} ({reading})' for id, reading in without)}")
            for survivor in found.survivors:
                print(f"  {survivor}")
    planted = sum(each.planted for each in counts.values())
    caught = sum(each.caught for each in counts.values())
    print(f"{'all':38} {planted:8} {caught:8}   {share(caught, planted)}")
    if options.json:
        record = {
            "planted": planted,
            "caught": caught,
            "cases_that_fail_without_a_bug": wrong,
            "modules": {
                module: {
                    "planted": each.planted,
                    "caught": each.caught,
                    "not_loadable": each.unloadable,
                    "survivors": [vars(survivor) for survivor in each.survivors],
                }
                for module, each in counts.items()
            },
        }
        options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
