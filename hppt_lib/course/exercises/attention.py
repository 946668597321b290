"""Exercises of notebook 08: find a segment, normalise, scale once, permute in pairs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from hppt_lib.course.checks import Case, Exercise, Label, Mistake

Span = tuple[int, int]

# --- 1: find the segment --------------------------------------------------------------------------


def tokens_of(span: Span, offsets: Sequence[Span]) -> list[int]:
    """The tokens that share at least one character with a span of text.

    Args:
        span: first character and the one behind the last.
        offsets: the same of each token.
    """
    begin, end = span
    return [at for at, (first, last) in enumerate(offsets) if first < end and last > begin]


def _touching(span: Span, offsets: Sequence[Span]) -> list[int]:
    begin, end = span
    return [at for at, (first, last) in enumerate(offsets) if first <= end and last >= begin]


def _inside(span: Span, offsets: Sequence[Span]) -> list[int]:
    begin, end = span
    return [at for at, (first, last) in enumerate(offsets) if first >= begin and last <= end]


def _beginning_inside(span: Span, offsets: Sequence[Span]) -> list[int]:
    begin, end = span
    return [at for at, (first, _) in enumerate(offsets) if begin <= first < end]


# "Write about tea. No commas." in tokens whose spaces belong to the word behind them.
_TEA = [(0, 5), (5, 11), (11, 15), (15, 16), (16, 19), (19, 26), (26, 27)]
_TOKENS_OF = Exercise(
    label=Label("Find the segment", number=1, difficulty=2, minutes=10, points=2),
    reference=tokens_of,
    cases=(
        Case(
            "a constraint whose first token begins with a space",
            {"span": (17, 27), "offsets": _TEA},
        ),
        Case("a query whose end touches the next token", {"span": (0, 16), "offsets": _TEA}),
        Case("a part of one token", {"span": (6, 9), "offsets": _TEA}),
        Case("an end in the middle of a token", {"span": (15, 22), "offsets": _TEA}),
        Case(
            "two tokens that stand for the same character (an emoji)",
            {"span": (2, 3), "offsets": [(0, 2), (2, 3), (2, 3), (3, 5)]},
        ),
        Case("behind the end", {"span": (40, 44), "offsets": _TEA}),
    ),
    mistakes=(
        Mistake(
            "ask for tokens that lie wholly in the span: the first one often begins with the space "
            "before it",
            _inside,
        ),
        Mistake(
            "look only at where a token begins: the first one often begins with the space before "
            "the span",
            _beginning_inside,
        ),
        Mistake(
            "use <= and >=: a token that only touches the span has no character of it",
            _touching,
        ),
        Mistake(
            "give the tokens' ends instead of their places",
            lambda span, offsets: [offsets[at][0] for at in tokens_of(span, offsets)],
        ),
    ),
    not_covered="spans that occur twice in the text: the library refuses them.",
)

# --- 2: normalise ---------------------------------------------------------------------------------


def lift(share: float, sink: float, length: int, visible: int) -> float:
    """How many times its length's part of the attention a segment gets, the sink left out.

    Args:
        share: the segment's part of all attention.
        sink: the first token's part of all attention.
        length: the segment's tokens.
        visible: all tokens that the reader sees, the sink among them.
    """
    return (share / (1 - sink)) / (length / (visible - 1))


_LIFT = Exercise(
    label=Label("Normalise", number=2, difficulty=2, minutes=10, points=2),
    reference=lift,
    cases=(
        Case(
            "no attention to the sink",
            {"share": 0.2, "sink": 0.0, "length": 10, "visible": 51},
        ),
        Case(
            "a sink that takes most of it",
            {"share": 0.05, "sink": 0.75, "length": 10, "visible": 41},
        ),
        Case("even attention", {"share": 0.25, "sink": 0.05, "length": 5, "visible": 20}),
    ),
    mistakes=(
        Mistake(
            "leave the sink in: where it takes most, every segment looks ignored",
            lambda share, sink, length, visible: share / (length / visible),
        ),
        Mistake(
            "take the sink out of the attention and not out of the tokens",
            lambda share, sink, length, visible: (share / (1 - sink)) / (length / visible),
        ),
        Mistake(
            "take the sink out of the tokens and not out of the attention",
            lambda share, sink, length, visible: share / (length / (visible - 1)),
        ),
        Mistake(
            "stop at the share without the sink: longer segments still get more",
            lambda share, sink, length, visible: share / (1 - sink),
        ),
        Mistake(
            "divide by the number of tokens instead of by their part of what is seen: the number "
            "then falls as the response grows",
            lambda share, sink, length, visible: share / (1 - sink) / length,
        ),
        Mistake(
            "subtract the sink from the segment's share: the sink is no part of it",
            lambda share, sink, length, visible: (share - sink) / (length / (visible - 1)),
        ),
    ),
    not_covered="a reader that looks at the sink alone (sink = 1).",
)

# --- 3: permute in pairs --------------------------------------------------------------------------


def paired_p(one: Sequence[float], other: Sequence[float]) -> float:
    """Two-sided p-value: the share of all swaps within pairs that part the two as far or farther.

    Args:
        one: a policy's number at each prompt.
        other: another policy's, at the same prompts.
    """
    gaps = [a - b for a, b in zip(one, other, strict=True)]
    seen = abs(sum(gaps))
    sums = [
        abs(sum(sign * gap for sign, gap in zip(signs, gaps, strict=True)))
        for signs in product((1, -1), repeat=len(gaps))
    ]
    return sum(each >= seen - 1e-9 for each in sums) / len(sums)


def _one_sided(one: Sequence[float], other: Sequence[float]) -> float:
    gaps = [a - b for a, b in zip(one, other, strict=True)]
    sums = [
        sum(sign * gap for sign, gap in zip(signs, gaps, strict=True))
        for signs in product((1, -1), repeat=len(gaps))
    ]
    return sum(each >= sum(gaps) - 1e-9 for each in sums) / len(sums)


def _strictly(one: Sequence[float], other: Sequence[float]) -> float:
    gaps = [a - b for a, b in zip(one, other, strict=True)]
    sums = [
        abs(sum(sign * gap for sign, gap in zip(signs, gaps, strict=True)))
        for signs in product((1, -1), repeat=len(gaps))
    ]
    return sum(each > abs(sum(gaps)) + 1e-9 for each in sums) / len(sums)


def _unpaired(one: Sequence[float], other: Sequence[float]) -> float:
    from itertools import combinations

    pooled, count = [*one, *other], len(one)
    seen, total = abs(sum(one) - sum(other)), sum(pooled)
    dealt = [
        abs(2 * sum(pooled[at] for at in some) - total)
        for some in combinations(range(len(pooled)), count)
    ]
    return sum(each >= seen - 1e-9 for each in dealt) / len(dealt)


_PAIRED_P = Exercise(
    label=Label("Permute in pairs", number=3, difficulty=3, minutes=20, points=3),
    reference=paired_p,
    cases=(
        Case(
            "prompts far apart, a small steady difference",
            {"one": [0.11, 0.52, 0.93, 0.32, 0.71], "other": [0.10, 0.50, 0.90, 0.30, 0.70]},
        ),
        Case(
            "a difference the other way round", {"one": [0.1, 0.2, 0.1], "other": [0.3, 0.5, 0.2]}
        ),
        Case(
            "one large difference and three small ones against it",
            {"one": [0.9, 0.1, 0.1, 0.1], "other": [0.1, 0.2, 0.3, 0.2]},
        ),
        Case("no difference at all", {"one": [0.4, 0.2], "other": [0.4, 0.2]}),
    ),
    mistakes=(
        Mistake(
            "shuffle all values, whatever prompt they belong to: the prompts' own differences then "
            "hide the policies'",
            _unpaired,
        ),
        Mistake("look at one side only: a fall counts as well", _one_sided),
        Mistake(
            "count only what is larger: what was seen is one of the swaps, and no p-value is 0",
            _strictly,
        ),
        Mistake(
            "give the share of swaps that part the two less far",
            lambda one, other: 1 - paired_p(one, other),
        ),
    ),
    not_covered="many prompts, where not all swaps can be counted: the library draws some.",
)

# --- 4: the planted bug: scaled twice -------------------------------------------------------------

Rows = list[list[float]]


def scaled(train: Rows, test: Rows) -> tuple[Rows, Rows]:
    """Both in units of the training rows: their mean taken out, divided by their deviation.

    Args:
        train: rows of features to fit a probe on.
        test: rows to test it on.
    """
    columns = [*zip(*train, strict=True)]
    middle = [sum(each) / len(each) for each in columns]
    spread = [
        (sum((value - mean) ** 2 for value in each) / len(each)) ** 0.5
        for each, mean in zip(columns, middle, strict=True)
    ]

    def done(rows: Rows) -> Rows:
        return [
            [(value - mean) / sd for value, mean, sd in zip(row, middle, spread, strict=True)]
            for row in rows
        ]

    return done(train), done(test)


def scaled_twice(train: Rows, test: Rows) -> tuple[Rows, Rows]:
    """The planted bug: the test rows go through the scaler two times."""
    once, first = scaled(train, test)
    return once, scaled(train, first)[1]


_SCALED = Exercise(
    label=Label("A planted bug", number=4, difficulty=2, minutes=15, points=2),
    reference=scaled,
    cases=(
        Case(
            "two features on two scales",
            {
                "train": [[1.0, 100.0], [3.0, 300.0], [5.0, 500.0]],
                "test": [[4.0, 250.0], [2.0, 350.0]],
            },
        ),
        Case(
            "test rows that lie elsewhere",
            {"train": [[0.0], [2.0]], "test": [[10.0], [14.0], [12.0]]},
        ),
    ),
    mistakes=(
        Mistake("scale the test rows twice: the bug is still there", scaled_twice),
        Mistake(
            "scale the test rows by their own mean and deviation: a shift of the test set, which "
            "the probe must face, is taken away",
            lambda train, test: (scaled(train, train)[0], scaled(test, test)[0]),
        ),
        Mistake(
            "take mean and deviation of all rows together: the test set leaks into the training",
            lambda train, test: (
                scaled([*train, *test], train)[1],
                scaled([*train, *test], test)[1],
            ),
        ),
        Mistake(
            "scale the test rows and leave the training rows",
            lambda train, test: (
                train,
                scaled(train, test)[1],
            ),
        ),
        Mistake(
            "leave the test rows as they are",
            lambda train, test: (
                scaled(train, train)[0],
                test,
            ),
        ),
    ),
    not_covered="a feature that is the same in all training rows: its deviation is 0.",
)

EXERCISES: dict[str, Exercise] = {
    "tokens_of": _TOKENS_OF,
    "lift": _LIFT,
    "paired_p": _PAIRED_P,
    "scaled": _SCALED,
}
