"""Whether responses answer what was asked, by readers or by an instrument that no reward uses.

A guard is a rule that a reward may pay, and where it is paid it stops telling. So the outcome of
an experiment is measured apart from every reward: by readers' labels (`hppt_lib.audit.draw_labels`)
and, on all responses, by an *instrument* made of numbers that the base policy gives:

- *retrieval*: can the task be told from the response? log p(task | response) - log p(task), of the
  own task against seven others;
- *likelihood*: does the task make the response likelier? log p(response | task) - log p(response
  | no task), of the whole response (a mean over its tokens tells less);
- *surprise*: -log p(response | task), a token, and its square: what is no language is unlikely,
  and what repeats itself is likely.

`fit_instrument` weighs them by readers' labels of one half of the instructions; its error rates are
those on the other half. They differ by policy, so compare arms by readers' labels where it matters,
and take the instrument for what it is: free, and apart from the rewards. A policy that was trained
on these numbers would learn what fools them: they only measure.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hppt_lib.audit import area_under_curve
from hppt_lib.errors import HpptError
from hppt_lib.evaluation.satisfaction import Evaluated, isr
from hppt_lib.files import package_file, read_jsonl, write_jsonl, write_text
from hppt_lib.instructions.model import Instruction
from hppt_lib.intervals import Interval, Rate, corrected_rate, rate
from hppt_lib.verifiers import is_blank
from hppt_lib.verifiers.substance import on_topic
from hppt_lib.verifiers.words import first_words

if TYPE_CHECKING:
    from hppt_lib.policy.load import Policy

READERS = "readers"
FILES = ("labels.jsonl", "answers.jsonl")
"""What `answers_beside` looks for: readers' labels, and else an instrument's verdicts."""


@dataclass(frozen=True)
class Answers:
    """Which responses answer what was asked, whatever their constraints.

    Attributes:
        by: who says so: ``readers``, or the name of an instrument.
        known: by (instruction id, response), whether it does.
        recall: of an instrument: of the responses that do answer, the share that it passes, on
            readers' labels; None for readers.
        recall_on_false: of those that do not, the share that it fails.
    """

    by: str
    known: Mapping[tuple[str, str], bool]
    recall: Rate | None = None
    recall_on_false: Rate | None = None

    def of(self, row: Evaluated) -> bool | None:
        """Whether a response answers; None if nobody has looked at it."""
        return self.known.get((row.instruction.id, row.response))

    def rate(self, rows: Sequence[Evaluated], *, corrected: bool = False) -> Interval | None:
        """The share of responses that answer, with its interval over instructions.

        Where only some responses were looked at (30 of a run, say), it is their share. None if none
        was.

        Args:
            rows: evaluated responses.
            corrected: of an instrument, correct for its errors (`corrected_rate` in
                `hppt_lib.intervals`). That is right where the errors are those of the labelled
                responses taken together. On the kit's labels they differ by policy, and the plain
                share was nearer to the readers' in each group: so it is not the default.
        """
        seen = [(self.of(row), row.instruction.id) for row in rows]
        passed = [(passed, id) for passed, id in seen if passed is not None]
        if not passed:
            return None
        shown = rate([each for each, _ in passed], [id for _, id in passed])
        if not corrected or self.recall is None or self.recall_on_false is None:
            return shown
        return corrected_rate(shown, self.recall, self.recall_on_false)

    def success(self, rows: Sequence[Evaluated], *, corrected: bool = False) -> Interval | None:
        """True success: the share that satisfy every constraint *and* answer, with its interval.

        Corrected for an instrument's errors (see `rate`): strict ISR times the corrected share of
        the strict responses that answer (the interval is that of a product of independent rates).
        """
        seen = [row for row in rows if self.of(row) is not None]
        if not seen:
            return None
        if not corrected or self.recall is None:
            both = [row.score.strict and bool(self.of(row)) for row in seen]
            return rate(both, [row.instruction.id for row in seen])
        strict = isr(rows, guarded=False)
        among = self.rate([row for row in seen if row.score.strict], corrected=True)
        if among is None:
            return strict if strict.mean == 0 else None
        product = strict.mean * among.mean
        down = math.hypot(
            among.mean * (strict.mean - strict.low), strict.mean * (among.mean - among.low)
        )
        up = math.hypot(
            among.mean * (strict.high - strict.mean), strict.mean * (among.high - among.mean)
        )
        return Interval(product, max(0.0, product - down), min(1.0, product + up))


def read_answers(path: str | Path) -> Answers:
    """Read readers' labels (``hppt label merge``) or an instrument's verdicts (`extend_answers`).

    A line needs ``instruction``, ``response`` and ``answers``; other fields are left aside. The
    first line of an instrument's file tells its name and error rates.

    Raises:
        HpptError: the file cannot be read, a line is not right, or two lines give the same response
            different labels; the message names the line.
    """
    known: dict[tuple[str, str], bool] = {}
    by, rates = READERS, {}
    for number, row in read_jsonl(path):
        where = f"{path}, line {number}"
        if "by" in row and not known:
            try:
                by = str(row["by"])
                rates = {name: Rate(**row[name]) for name in ("recall", "recall_on_false")}
            except (KeyError, TypeError) as error:
                raise HpptError(
                    f"{where}: an instrument's first line holds by, recall and recall_on_false."
                ) from error
            continue
        texts = (row.get("instruction"), row.get("response"))
        if not all(isinstance(each, str) for each in texts):
            raise HpptError(f"{where}: the fields 'instruction' and 'response' must be texts.")
        if not isinstance(row.get("answers"), bool):
            raise HpptError(f"{where}: the field 'answers' must be true or false.")
        key = (str(texts[0]), str(texts[1]))
        if known.setdefault(key, row["answers"]) != row["answers"]:
            raise HpptError(f"{where}: the same response has another label further up.")
    return Answers(by, known, **rates)


def extend_answers(
    path: str | Path,
    instrument: AnswerInstrument,
    policy: Policy,
    rows: Sequence[Evaluated],
    *,
    progress: str | None = None,
) -> Answers:
    """Let an instrument judge the responses that a file does not have yet, and write them into it.

    Called run by run, it goes on where it was stopped. ``answers.jsonl`` beside records is what
    `read_runs` finds.

    Args:
        path: the file; made if it is not there.
        instrument: who judges.
        policy: its base policy.
        rows: evaluated responses.
        progress: title of a progress bar; None shows none.

    Raises:
        HpptError: the file is another instrument's or readers', it cannot be read or written, or
            the policy is not the instrument's.
    """
    lines: list[dict[str, Any]] = []
    known: dict[tuple[str, str], bool] = {}
    if Path(path).exists():
        before = read_answers(path)
        errors = (instrument.recall, instrument.recall_on_false)
        if (before.by, before.recall, before.recall_on_false) != (instrument.name, *errors):
            raise HpptError(
                f"{path} was written by {before.by}, with other error rates than those of "
                f"{instrument.name}. Choose another file, or remove it."
            )
        known = dict(before.known)
        lines = [row for _, row in read_jsonl(path)][1:]
    new = {
        (row.instruction.id, row.response): row
        for row in rows
        if (row.instruction.id, row.response) not in known
    }
    found, scores = instrument.judge(policy, list(new.values()), progress=progress)
    lines += [
        {"instruction": id, "response": text, "answers": passed, "score": round(score, 6)}
        for ((id, text), passed), score in zip(found.known.items(), scores, strict=True)
    ]
    head: dict[str, Any] = {"by": instrument.name, "recall": asdict(instrument.recall)}
    head["recall_on_false"] = asdict(instrument.recall_on_false)
    write_jsonl(path, [head, *lines])
    return replace(found, known=known | dict(found.known))


def answers_beside(folder: Path) -> Answers | None:
    """What is known of the responses of the records in a folder: the first of `FILES`, or None.

    Raises:
        HpptError: the file is not right.
    """
    for name in FILES:
        if (folder / name).is_file():
            return read_answers(folder / name)
    return None


# --- the instrument -----------------------------------------------------------------------------

FEATURES = ("retrieval", "likelihood", "surprise", "surprise squared")
OTHERS = 7
"""Tasks that a response's own task is compared with."""
MOST_WORDS = 200
"""Of a longer response, the beginning is looked at."""
_NO_TASK = "Write something."
_Text = tuple[str, str]  # a task and an answer


def answer_features(
    policy: Policy,
    rows: Sequence[Evaluated],
    tasks: Sequence[str],
    *,
    seed: int = 0,
    batch: int = 4,
    progress: str | None = None,
) -> np.ndarray:
    """What the base policy says of each response: the `FEATURES`, shape (rows, features).

    A blank answer has NaN. Thoughts are left out: it is the answer that must answer.

    Args:
        policy: the base policy, without an adapter.
        rows: evaluated responses.
        tasks: other tasks; of each row, seven that share no topic with it are drawn, the same ones
            whenever and with whatever rows the task comes.
        seed: of the drawing.
        batch: responses in one forward pass.
        progress: title of a progress bar; None shows none.

    Raises:
        HpptError: fewer than seven of the tasks are about something else.
    """
    from tqdm.auto import tqdm

    found = np.full((len(rows), len(FEATURES)), np.nan)
    places: dict[_Text, list[int]] = {}
    chosen: dict[str, list[str]] = {}
    for place, row in enumerate(rows):
        task = _task(row.instruction)
        if task not in chosen:
            chosen[task] = [task, *_others(row.instruction, tasks, seed)]
        if not is_blank(row.answer):
            places.setdefault((task, first_words(row.answer, MOST_WORDS)), []).append(place)
    if not places:
        return found
    reader = _Reader(policy, batch)
    every = list(dict.fromkeys(each for some in chosen.values() for each in some))
    alone = dict(zip(every, reader.tasks_after([("", every)])[0], strict=True))
    # Texts of similar length go through the model together: less padding.
    order = sorted(places, key=lambda text: (len(text[1]), text))
    with tqdm(total=len(order), desc=progress, disable=progress is None) as bar:
        for at in range(0, len(order), batch):
            some = order[at : at + batch]
            retrieved = reader.tasks_after([(answer, chosen[task]) for task, answer in some])
            asked = reader.answers_to(some)
            unasked = reader.answers_to([(_NO_TASK, answer) for _, answer in some])
            for number, (task, answer) in enumerate(some):
                own, *others = (
                    value - alone[each]
                    for each, value in zip(chosen[task], retrieved[number], strict=True)
                )
                contrast = own - float(np.logaddexp.reduce(others)) + math.log(OTHERS)
                gain = sum(asked[number]) - sum(unasked[number])
                surprise = -sum(asked[number]) / len(asked[number])
                found[places[task, answer]] = (contrast, gain, surprise, surprise**2)
            bar.update(len(some))
    return found


@dataclass(frozen=True)
class _Reader:
    """Log-probabilities that the base policy gives to tasks and to answers."""

    policy: Policy
    batch: int

    def tasks_after(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[float]]:
        """Of each answer, log p(task | answer) of each of its tasks, in nats.

        As plain text, not in the chat template: a chat model would answer the answer.
        """
        start = self.policy.tokenizer.bos_token_id
        pairs = []
        for answer, tasks in asked:
            context = self._tokens(f"Answer: {answer}\n\nTask:")
            before = [*([] if start is None else [int(start)]), *context]
            pairs += [(before, self._tokens(f" {task}")) for task in tasks]
        sums = map(sum, self._log_probs(pairs))
        return [[next(sums) for _ in tasks] for _, tasks in asked]

    def answers_to(self, asked: Sequence[tuple[str, str]]) -> list[list[float]]:
        """Log p(answer | task) of each (task, answer), token by token, in the chat template."""
        from hppt_lib.policy.sampling import Chat

        chat = Chat(self.policy.tokenizer, self.policy.thinking, ())
        pairs = [(chat.prompt_tokens(task), self._tokens(answer)) for task, answer in asked]
        return self._log_probs(pairs)

    def _tokens(self, text: str) -> list[int]:
        return list(self.policy.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _log_probs(self, pairs: Sequence[tuple[list[int], list[int]]]) -> list[list[float]]:
        from hppt_lib.policy.log_probs import response_log_probs

        size = self.batch * (1 + OTHERS)
        return [
            of.tolist()
            for at in range(0, len(pairs), size)
            for of in response_log_probs(self.policy.model, pairs[at : at + size])
        ]


def _task(instruction: Instruction) -> str:
    return instruction.query or instruction.prompt


def _others(instruction: Instruction, tasks: Sequence[str], seed: int) -> list[str]:
    """The same seven for a task whatever other rows there are: those of the lowest hashes."""
    task = _task(instruction)
    topic = list(instruction.topic)
    free = [
        each
        for each in dict.fromkeys(tasks)
        if each != task and not (topic and on_topic(each, topic))
    ]
    if len(free) < OTHERS:
        raise HpptError(
            f"'{task}' needs {OTHERS} other tasks about something else to be compared with, and "
            f"there are {len(free)}. Give more tasks."
        )

    def drawn(other: str) -> str:
        return hashlib.blake2b(f"{seed}|{task}|{other}".encode()).hexdigest()

    return sorted(free, key=drawn)[:OTHERS]


@dataclass(frozen=True)
class AnswerInstrument:
    """Numbers of the base policy, weighed so that they tell answers from other responses.

    Attributes:
        name: what tables call it.
        model: the name of the base policy that gives the numbers (`Policy.name`).
        tasks: the other tasks that a response's own task is compared with.
        seed: of their drawing.
        centre: the mean of each of `FEATURES` on the responses that it was fitted on.
        scale: their standard deviation.
        weights: of each standardised feature, in the logistic regression.
        intercept: of the regression.
        threshold: a response whose score, a probability, reaches it passes.
        precision: of the passed, the share that answers; like the rates below, on labels of
            instructions that it was not fitted on.
        recall: of those that answer, the share passed.
        recall_on_false: of those that do not, the share failed.
        auc: the probability that one that answers has a higher score than one that does not.
        fitted_on: number of labels that it was fitted on.
    """

    name: str
    model: str
    tasks: tuple[str, ...]
    seed: int
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    threshold: float
    precision: Rate
    recall: Rate
    recall_on_false: Rate
    auc: Rate
    fitted_on: int

    def scores(self, features: np.ndarray) -> np.ndarray:
        """The probability that each response answers, shape (rows,); 0 for a blank one.

        Args:
            features: as `answer_features` gives them.
        """
        standard = (features - np.array(self.centre)) / np.array(self.scale)
        values = standard @ np.array(self.weights) + self.intercept
        return np.where(np.isnan(values), 0.0, 1 / (1 + np.exp(-np.nan_to_num(values))))

    def judge(
        self, policy: Policy, rows: Sequence[Evaluated], *, progress: str | None = None
    ) -> tuple[Answers, list[float]]:
        """The verdicts on responses, with this instrument's error rates; and their scores.

        Args:
            policy: the base policy, without an adapter.
            rows: evaluated responses.
            progress: title of a progress bar; None shows none.

        Returns:
            The verdicts, and the scores in the order of ``known``: each (instruction, response)
            once.

        Raises:
            HpptError: another policy than the one that the instrument was fitted with.
        """
        if policy.name != self.model:
            raise HpptError(
                f"The instrument '{self.name}' was fitted with {self.model}, and this is "
                f"{policy.name}: its weights and error rates do not hold. Fit one with your labels "
                "(hppt_lib.evaluation.fit_instrument)."
            )
        once = {(row.instruction.id, row.response): row for row in rows}
        features = answer_features(
            policy, list(once.values()), self.tasks, seed=self.seed, progress=progress
        )
        scores = self.scores(features).tolist()
        passed = [score >= self.threshold for score in scores]
        known = dict(zip(once, passed, strict=True))
        return Answers(self.name, known, self.recall, self.recall_on_false), scores


def fit_instrument(
    name: str,
    policy_name: str,
    features: np.ndarray,
    labels: Sequence[bool],
    groups: Sequence[str],
    report: Sequence[bool],
    *,
    tasks: Sequence[str],
    seed: int = 0,
) -> AnswerInstrument:
    """Weigh features by readers' labels on one half, and measure the errors on the other.

    Logistic regression on standardised features, with a ridge of one half (scikit-learn's C = 1).
    The threshold is where recall and recall on false responses come closest on the half that it is
    fitted on, so that the correction for errors costs little whatever the share of answers.

    Args:
        name: of the instrument.
        policy_name: of the base policy.
        features: as `answer_features` gives them, shape (rows, features).
        labels: whether each response answers.
        groups: each response's instruction, for the intervals.
        report: which rows are for the error rates alone; no group should be on both sides.
        tasks: as given to `answer_features`.
        seed: as given to `answer_features`.

    Raises:
        HpptError: a half has one label only, or a group is in both halves.
    """
    true, held, names = np.array(labels, bool), np.array(report, bool), np.array(groups)
    if shared := set(names[held].tolist()) & set(names[~held].tolist()):
        raise HpptError(
            f"'{sorted(shared)[0]}' is in both halves: error rates would be of what was fitted."
        )
    for half in (held, ~held):
        if not half.any() or true[half].all() or not true[half].any():
            raise HpptError("Each half needs responses that answer, and responses that do not.")
    seen = ~np.isnan(features).any(axis=1)
    fitted = seen & ~held
    centre, scale = features[fitted].mean(axis=0), features[fitted].std(axis=0)
    weights = _logistic((features[fitted] - centre) / scale, true[fitted])
    unmeasured = Rate(0.0, 0.0, 1.0, 0, 0)
    made = AnswerInstrument(
        name=name,
        model=policy_name,
        tasks=tuple(tasks),
        seed=seed,
        centre=tuple(centre.tolist()),
        scale=tuple(scale.tolist()),
        weights=tuple(weights[1:].tolist()),
        intercept=float(weights[0]),
        threshold=0.5,
        precision=unmeasured,
        recall=unmeasured,
        recall_on_false=unmeasured,
        auc=unmeasured,
        fitted_on=int((~held).sum()),
    )
    scores = made.scores(features)
    cuts = np.unique(scores[~held])
    apart = [
        abs(
            float((scores[~held & true] >= cut).mean())
            - float((scores[~held & ~true] < cut).mean())
        )
        for cut in cuts
    ]
    threshold = float(cuts[int(np.argmin(apart))])
    passed = scores >= threshold

    def share(hits: np.ndarray, of: np.ndarray) -> Rate:
        return rate(hits[of].tolist(), names[of].tolist())

    return replace(
        made,
        threshold=threshold,
        precision=share(true, held & passed),
        recall=share(passed, held & true),
        recall_on_false=share(~passed, held & ~true),
        auc=area_under_curve(scores[held], true[held], names[held]),
    )


def _logistic(features: np.ndarray, labels: np.ndarray, ridge: float = 1.0) -> np.ndarray:
    """Weights of a logistic regression by Newton's method, the intercept first (not penalised)."""
    columns = np.column_stack([np.ones(len(features)), features])
    penalty = ridge * np.diag([0.0, *np.ones(features.shape[1])])
    weights = np.zeros(columns.shape[1])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-columns @ weights))
        slope = columns.T @ (chances - labels) + penalty @ weights
        curve = columns.T @ (columns * (chances * (1 - chances))[:, None]) + penalty
        step = np.linalg.solve(curve, slope)
        weights = weights - step
        if np.abs(step).max() < 1e-10:
            break
    return weights


def write_instrument(path: str | Path, instrument: AnswerInstrument) -> None:
    """Write an instrument as JSON, for `answer_instrument`, whole or not at all.

    Raises:
        HpptError: the file could not be written.
    """
    write_text(path, json.dumps(asdict(instrument), ensure_ascii=False, indent=1) + "\n")


def answer_instrument(path: str | Path | None = None) -> AnswerInstrument:
    """The instrument that the kit ships, fitted with the embedded model; or one of your own.

    Raises:
        HpptError: the file cannot be read or is not an instrument.
    """
    place = Path(path) if path else package_file("evaluation", "answer_instrument.json")
    try:
        row = json.loads(place.read_text(encoding="utf-8-sig"))
        for name in ("precision", "recall", "recall_on_false", "auc"):
            row[name] = Rate(**row[name])
        for name in ("tasks", "centre", "scale", "weights"):
            row[name] = tuple(row[name])
        made = AnswerInstrument(**row)
        if not len(made.centre) == len(made.scale) == len(made.weights) == len(FEATURES):
            raise ValueError(f"it needs {len(FEATURES)} weights: {', '.join(FEATURES)}")
        return made
    except OSError as error:
        raise HpptError(f"Could not read {place}: {error.strerror or error}.") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise HpptError(f"{place} is not an instrument: {error}.") from error
