"""Feed random and hostile strings to every verifier: no exception, and one verdict for one string.

Each string goes through each verifier, in each reading and with the parameters of its first case,
twice, and then once more in another process with another hash seed. Verdict and reason must be the
same. The strings come from a seeded generator: random characters of all of Unicode (half surrogate
pairs among them), hostile pieces in random order, pieces of the cases' responses cut and joined,
and Markdown, JSON and code that is cut in the middle.

200,000 strings take hours in one process: use --jobs.

Examples:
  python -m tests.measure.robustness --strings 5000
  python -m tests.measure.robustness --jobs 8
  python -m tests.measure.robustness --ids keywords --seed 7
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from tests import ROOT
from tests.measure import hostile
from tests.measure.arguments import parser_of

STRINGS = 200_000
BLOCK = 500  # strings that share a generator, and a fingerprint for each verifier
TOGETHER = 8  # strings that go to one verifier after another: what these share is still remembered
HASH_SEEDS = ("1", "2")

_TEXT = """
tea Tea TEA milk the The a I is it's don't war naïve чай Чай 茶 茶很热。 お茶 شاي γάλα İstanbul
straße 3 1,000 2.5 -7 3rd e.g. i.e. Mr. U.S. P.S. P.P.S. SECTION Section PARAGRAPH Answer:
<<title>> [name] *tea* **tea** ***tea*** _tea_ `tea` ~~tea~~ #tea @tea $5 50% & | \\n \\u0041
My answer is yes. no. maybe. ****** *** --- ``` ```json ~~~ {"a": 1} {'a': 1} [1, 2] null NaN
"""
WORDS = tuple(_TEXT.split())
PIECES = (
    *("\n", "\n\n", "\r\n", "\r", "\t", " ", "  ", "\xa0", "\u3000", "\u2028", "\x0b", "\x1c"),
    *(". ", "! ", "? ", ", ", "; ", ": ", "…", "—", "-", "'", '"', "“", "”", "’", "。", "，"),
    *("* ", "- ", "+ ", "• ", "1. ", "2) ", "# ", "## ", "> ", "| ", "  * ", "\t- "),
    *("\u0301", "\u200b", "\u200d", "\ufeff", "\ud800", "\udfff", "\0", "\U0001f44d", "\u202e"),
)


@dataclass
class Findings:
    """What a run of the strings brought to light.

    Attributes:
        checks: how many verdicts were asked for.
        raised: verifier, exception and string.
        changed: verifier and string of a second call with another verdict.
        fingerprints: of all verdicts and reasons, by block of strings and verifier.
    """

    checks: int = 0
    raised: list[tuple[str, str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    fingerprints: dict[str, str] = field(default_factory=dict)


def batched(texts: Iterable[str], size: int) -> Iterator[list[str]]:
    """The texts in lists of ``size``, the last perhaps shorter."""
    rest = iter(texts)
    while some := list(islice(rest, size)):
        yield some


def strings(block: int, seed: int) -> Iterator[str]:
    """The strings of a block; the same for the same seed in every process."""
    source = random.Random(f"{seed} {block}")
    responses = [
        response[:400]
        for case in hostile.CASES
        for response, _ in (*case.passes, *case.fails)
        if response
    ]
    units = list(hostile.HOSTILE.values())
    for _ in range(BLOCK):
        kind = source.randrange(6)
        if kind == 0:  # any characters at all
            yield "".join(chr(_code_point(source)) for _ in range(source.randrange(1, 40)))
        elif kind == 1:  # hostile pieces
            yield "".join(source.choice(units) * source.randrange(1, 9) for _ in range(8))
        elif kind == 2:  # words, marks and Markdown
            yield "".join(
                source.choice(WORDS) + source.choice((" ", " ", source.choice(PIECES)))
                for _ in range(source.randrange(1, 30))
            )
        elif kind == 3:  # two responses of the cases, cut and joined
            one, other = source.choice(responses), source.choice(responses)
            yield one[: source.randrange(len(one) + 1)] + other[source.randrange(len(other)) :]
        elif kind == 4:  # a response with a few characters changed
            changed = list(source.choice(responses))
            for _ in range(source.randrange(1, 4)):
                changed[source.randrange(len(changed))] = source.choice(PIECES)
            yield "".join(changed)
        else:  # a response with pieces around it
            around = source.choice(units) + source.choice(PIECES)
            yield around + source.choice(responses) + around


def _code_point(source: random.Random) -> int:
    """A code point of any plane; ASCII and half surrogate pairs more often than by chance."""
    return source.choice(
        (
            source.randrange(128),
            source.randrange(0x3000),
            source.randrange(0xD800, 0xE000),
            source.randrange(0x110000),
        )
    )


def run(blocks: Sequence[int], ids: list[str] | None, seed: int, calls: int) -> Findings:
    """Feed the strings of some blocks to the verifiers.

    Args:
        blocks: which blocks of strings.
        ids: only these constraints.
        seed: of the generator.
        calls: how often each string is checked; two, or one where only fingerprints are wanted.
    """
    found = Findings()
    verifiers = [(hostile.name(each), each) for each in hostile.examples(ids)]
    for block in blocks:
        fingerprints = {name: hashlib.sha256() for name, _ in verifiers}
        for some in batched(strings(block, seed), TOGETHER):
            for name, verifier in verifiers:
                for text in some:
                    found.checks += calls
                    try:
                        first = verifier(text)
                        again = verifier(text) if calls > 1 else first
                    except Exception as error:
                        found.raised.append((name, f"{type(error).__name__}: {error}", text))
                        continue
                    if first != again:
                        found.changed.append((name, text))
                    shown = f"{first.passed} {first.reason}\n"
                    fingerprints[name].update(shown.encode("utf-8", "surrogatepass"))
        for name, fingerprint in fingerprints.items():
            found.fingerprints[f"{block} {name}"] = fingerprint.hexdigest()
    return found


def in_another_process(
    blocks: Sequence[int], ids: list[str] | None, seed: int, calls: int, hash_seed: str
) -> Findings:
    """`run` in a process of its own, with its own hash seed."""
    task = json.dumps({"blocks": list(blocks), "ids": ids, "seed": seed, "calls": calls})
    done = subprocess.run(
        [sys.executable, "-m", "tests.measure.robustness", "--task", task],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"a process ended with {done.returncode}:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return Findings(
        answer["checks"],
        [tuple(each) for each in answer["raised"]],
        [tuple(each) for each in answer["changed"]],
        answer["fingerprints"],
    )


def examine(count: int, ids: list[str] | None, seed: int, jobs: int) -> tuple[Findings, list[str]]:
    """Feed ``count`` strings to the verifiers, in processes with two hash seeds.

    Returns:
        The findings of the first process, with the checks of both counted, and the blocks and
        verifiers whose verdicts the second process gave otherwise.
    """
    blocks = list(range(-(-count // BLOCK)))
    parts = [blocks[start : start + 4] for start in range(0, len(blocks), 4)]
    with ThreadPoolExecutor(jobs) as pool:
        tasks = [
            [
                pool.submit(in_another_process, part, ids, seed, calls, hash_seed)
                for calls, hash_seed in zip((2, 1), HASH_SEEDS, strict=True)
            ]
            for part in parts
        ]
        total, other = Findings(), []
        for part, (one, two) in zip(parts, tasks, strict=True):
            first, second = one.result(), two.result()
            total.checks += first.checks + second.checks
            total.raised += first.raised
            total.changed += first.changed
            total.fingerprints |= first.fingerprints
            other += [
                key
                for key, fingerprint in first.fingerprints.items()
                if second.fingerprints.get(key) != fingerprint
            ]
            print(
                f"{min(count, (part[-1] + 1) * BLOCK):,} strings, {total.checks:,} checks: "
                f"{len(total.raised)} exceptions, {len(total.changed)} other verdicts on a second "
                f"call, {len(other)} in another process",
                file=sys.stderr,
                flush=True,
            )
    return total, other


def main(arguments: Sequence[str] | None = None) -> int:
    parser = parser_of(__doc__)
    parser.add_argument(
        "--strings", type=int, default=STRINGS, metavar="N", help=f"how many (default: {STRINGS:,})"
    )
    parser.add_argument(
        "--ids", nargs="+", metavar="ID", help="only these constraints, or groups such as keywords"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of the generator")
    parser.add_argument(
        "--jobs", type=int, default=1, metavar="N", help="processes at once (default: 1)"
    )
    parser.add_argument("--task", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.task:
        print(json.dumps(vars(run(**json.loads(options.task)))))
        return 0
    found, elsewhere = examine(options.strings, options.ids, options.seed, options.jobs)
    count = len({key.split(" ", 1)[1] for key in found.fingerprints})
    print(f"{options.strings:,} strings, {count} verifiers, {found.checks:,} checks")
    print(f"exceptions: {len(found.raised)}")
    for name, error, text in found.raised[:20]:
        print(f"  {name}: {error}: {text[:80]!a}")
    print(f"other verdict on a second call: {len(found.changed)}")
    for name, text in found.changed[:20]:
        print(f"  {name}: {text[:80]!a}")
    print(f"other verdicts in another process: {len(elsewhere)}")
    for key in elsewhere[:20]:
        print(f"  block {key}")
    return 1 if found.raised or found.changed or elsewhere else 0


if __name__ == "__main__":
    sys.exit(main())
