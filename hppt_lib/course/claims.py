"""The claim ledger: the paper's claims and what disagrees with them, tested here or not.

One file holds it, ``data/claims.yaml``, so that no table of claims can go stale: README and the
notebooks show what it says. Each value in it names the statistic and the records that it comes
from, and `recomputed` says what they give today; a test compares the two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder, write_text

MARKS = ("abstract", "digest", "survey")
"""How a number of the paper is known: read in its abstract, in digests by third parties, or in a
survey by third parties who say that they checked it against the papers' texts."""
STATUSES = ("supported here", "not supported here", "direction only", "not attempted")
"""What this kit can say. *Direction only*: too few seeds, or another form of the claim."""
_NOT_ATTEMPTED = STATUSES[-1]

_MARKED = re.compile(rf".+ \[(?:{'|'.join(MARKS)})\]", re.DOTALL)
_BEGIN = "<!-- claims: 'hppt claims --write' writes what stands between these lines -->"
_END = "<!-- end of claims -->"


@dataclass(frozen=True)
class Test:
    """Where a claim is tested.

    Attributes:
        notebook: the two digits that its file name begins with.
        section: one of its headings, without hashes and number.
        how: what is special about the test, in a few words; may be empty.
    """

    notebook: str
    section: str
    how: str = ""


@dataclass(frozen=True)
class Value:
    """One value of ours.

    Attributes:
        what: what it is, in words.
        statistic: one of `hppt_lib.course.statistics.STATISTICS`.
        arguments: of the statistic, by name.
        value: what came out, as text; empty until it is written.
        line: the line of the file that it is written in.
    """

    what: str
    statistic: str
    arguments: tuple[tuple[str, str], ...]
    value: str
    line: int


@dataclass(frozen=True)
class Claim:
    """One claim of the paper, or a result elsewhere that disagrees with it.

    Attributes:
        id: its name in the file.
        claim: one plain sentence.
        paper: what it rests on; each ends with a mark in square brackets, one of `MARKS`.
        here: what it would look like at our tier.
        status: one of `STATUSES`.
        why: why it is not attempted, or shown in its direction only; may be empty otherwise.
        tests: where this course tests it; empty if it does not yet.
        values: our values.
    """

    id: str
    claim: str
    paper: tuple[str, ...]
    here: str
    status: str
    why: str
    tests: tuple[Test, ...]
    values: tuple[Value, ...]


def read_claims(path: Path | None = None) -> tuple[Claim, ...]:
    """The claims, in the file's order.

    Args:
        path: the file; by default the checkout's ``data/claims.yaml``.

    Raises:
        HpptError: the file cannot be read, or something in it is missing, unknown or of the wrong
            kind; file and line are named.
    """
    path = path or _shipped()
    claims: dict[str, Claim] = {}
    for node in _list(_root(path), path):
        needed = ("id", "claim", "paper", "here", "status", "tests")
        fields = _fields(node, path, needed, ("why", "values"))
        claim = Claim(
            id=_text(fields["id"], path),
            claim=_text(fields["claim"], path),
            paper=tuple(_marked(each, path) for each in _list(fields["paper"], path)),
            here=_text(fields["here"], path),
            status=_text(fields["status"], path),
            why=_text(fields["why"], path) if "why" in fields else "",
            tests=tuple(_test(each, path) for each in _list(fields["tests"], path)),
            values=tuple(_value(each, path) for each in _list(fields["values"], path))
            if "values" in fields
            else (),
        )
        if claim.id in claims:
            raise _wrong(fields["id"], path, f"a second claim with the id '{claim.id}'")
        _check_status(claim, fields, path)
        claims[claim.id] = claim
    return tuple(claims.values())


def _check_status(claim: Claim, fields: dict[str, Any], path: Path) -> None:
    """Refuse a status that nothing stands behind."""
    if claim.status not in STATUSES:
        raise _wrong(fields["status"], path, f"the status is one of: {', '.join(STATUSES)}")
    attempted = claim.status != _NOT_ATTEMPTED
    if attempted and not claim.values:
        raise _wrong(fields["status"], path, f"'{claim.status}' needs a value of ours")
    if claim.status in (_NOT_ATTEMPTED, "direction only") and not claim.why:
        raise _wrong(fields["status"], path, f"'{claim.status}' needs a 'why'")


def recomputed(claim: Claim) -> list[str]:
    """What the records give today for each of a claim's values, in their order.

    Raises:
        HpptError: a statistic cannot be computed; the message names claim and value.
    """
    from hppt_lib.course.statistics import statistic

    found = []
    for each in claim.values:
        try:
            found.append(statistic(each.statistic, dict(each.arguments)))
        except HpptError as error:
            raise HpptError(f"The claim '{claim.id}', '{each.what}': {error}.") from error
    return found


def write_values(path: Path | None = None) -> list[str]:
    """Compute every value again and write it into the file; comments and layout stay as they are.

    Returns:
        A line for each value that changed.

    Raises:
        HpptError: see `read_claims` and `recomputed`.
    """
    path = path or _shipped()
    claims = read_claims(path)
    text = path.read_text(encoding="utf-8")
    spans = iter(_value_spans(path))
    changed, pieces, place = [], [], 0
    for claim in claims:
        for each, new in zip(claim.values, recomputed(claim), strict=True):
            start, end = next(spans)
            pieces += [text[place:start], json.dumps(new, ensure_ascii=False)]
            place = end
            if new != each.value:
                changed.append(f"{claim.id}: {each.what}: {each.value or 'nothing'} -> {new}")
    write_text(path, "".join([*pieces, text[place:]]))
    return changed


def claims_table(path: Path | None = None) -> list[dict[str, str]]:
    """The claims as rows of a table (`hppt_lib.figures.table` shows them).

    Args:
        path: see `read_claims`.

    Raises:
        HpptError: see `read_claims`.
    """
    return [
        {
            "claim": each.claim,
            "what it rests on": "\n".join(each.paper),
            "status": _status(each),
            "measured here": "\n".join(f"{one.what}: {one.value}" for one in each.values) or "-",
            "where this course tests it": "\n".join(map(_place, each.tests)) or "not yet",
        }
        for each in read_claims(path)
    ]


def readme_table(claims: Sequence[Claim]) -> str:
    """The ledger as README has it: a line a claim, in Markdown."""
    lines = ["| claim | here | measured |", "| --- | --- | --- |"]
    for each in claims:
        values = "<br>".join(f"{one.what}: {one.value}" for one in each.values) or "–"
        lines.append(f"| {_cell(each.claim)} | {_cell(_status(each))} | {_cell(values)} |")
    return "\n".join(lines) + "\n"


def with_readme_table(text: str, claims: Sequence[Claim]) -> str:
    """A README's text with the ledger's table between its two marks.

    Raises:
        HpptError: the marks are not there.
    """
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise HpptError(f"README has no place for the claims: '{_BEGIN}' and '{_END}'.")
    return f"{before}{begin}\n{readme_table(claims)}{end}{after}"


def _status(claim: Claim) -> str:
    if not claim.why:
        return claim.status
    return f"{claim.status}: {claim.why}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _place(test: Test) -> str:
    return f"{test.notebook}, {test.section}" + (f" ({test.how})" if test.how else "")


# --- the file -------------------------------------------------------------------------------------


def _shipped() -> Path:
    return repository_folder() / "data" / "claims.yaml"


def _root(path: Path) -> Any:
    import yaml

    try:
        return yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise HpptError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise HpptError(f"{path} is not YAML: {error}") from error


def _value_spans(path: Path) -> list[tuple[int, int]]:
    """Where in the file each value's text begins and ends, in characters."""
    spans = []
    for node in _list(_root(path), path):
        fields = {key.value: value for key, value in node.value}
        for each in _list(fields["values"], path) if "values" in fields else ():
            value = {key.value: one for key, one in each.value}["value"]
            spans.append((value.start_mark.index, value.end_mark.index))
    return spans


def _test(node: Any, path: Path) -> Test:
    fields = _fields(node, path, ("notebook", "section"), ("how",))
    test = Test(**{name: _text(value, path) for name, value in fields.items()})
    if not re.fullmatch(r"\d\d", test.notebook):
        raise _wrong(fields["notebook"], path, 'a notebook is named by two digits, such as "06"')
    return test


def _value(node: Any, path: Path) -> Value:
    fields = _fields(node, path, ("what", "statistic", "of", "value"))
    of, value = fields["of"], fields["value"]
    if of.id != "mapping":
        raise _wrong(of, path, "the arguments of a statistic are expected, such as {arm: strict}")
    if value.id != "scalar" or value.style not in ('"', "'"):
        raise _wrong(value, path, 'a value stands in quotes ("" until it is written)')
    return Value(
        what=_text(fields["what"], path),
        statistic=_text(fields["statistic"], path),
        arguments=tuple((key.value, _text(each, path)) for key, each in of.value),
        value=str(value.value),
        line=int(value.start_mark.line) + 1,
    )


def _marked(node: Any, path: Path) -> str:
    text = _text(node, path)
    if not _MARKED.fullmatch(text):
        marks = " or ".join(f"[{each}]" for each in MARKS)
        raise _wrong(node, path, f"this line about the paper must end with its mark, {marks}")
    return text


def _fields(
    node: Any, path: Path, needed: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    if node.id != "mapping":
        raise _wrong(node, path, f"a list entry with the fields {', '.join(needed)} is expected")
    fields = {key.value: value for key, value in node.value}
    for key, _ in node.value:
        if key.value not in (*needed, *optional):
            raise _wrong(key, path, f"there is no field '{key.value}'")
    missing = [name for name in needed if name not in fields]
    if missing:
        raise _wrong(node, path, f"the field '{missing[0]}' is missing")
    return fields


def _list(node: Any, path: Path) -> list[Any]:
    if node is None or node.id != "sequence":
        raise _wrong(node, path, "a list is expected")
    return list(node.value)


def _text(node: Any, path: Path) -> str:
    text = str(node.value).strip() if node.id == "scalar" else ""
    if not text:
        raise _wrong(node, path, "a text is expected")
    return text


def _wrong(node: Any, path: Path, what: str) -> HpptError:
    line = 1 if node is None else node.start_mark.line + 1
    return HpptError(f"{path}, line {line}: {what}.")
