"""The paper's claims, and where this course tests each: read from ``data/claims.yaml``.

One file holds them, so that no notebook's table of claims can go stale.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import repository_folder

MARKS = ("abstract", "digest")
"""How a number of the paper is known: read in its abstract, or in digests by third parties."""

_MARKED = re.compile(rf".+ \[(?:{'|'.join(MARKS)})\]", re.DOTALL)


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
class Claim:
    """One claim of the paper.

    Attributes:
        id: its name in the file.
        claim: one plain sentence.
        paper: what it rests on; each ends with a mark in square brackets, one of `MARKS`.
        tests: where this course tests it; empty if it does not yet.
    """

    id: str
    claim: str
    paper: tuple[str, ...]
    tests: tuple[Test, ...]


def read_claims(path: Path | None = None) -> tuple[Claim, ...]:
    """The claims, in the file's order.

    Args:
        path: the file; by default the checkout's ``data/claims.yaml``.

    Raises:
        HpptError: the file cannot be read, or something in it is missing, unknown or of the wrong
            kind; file and line are named.
    """
    import yaml

    path = path or repository_folder() / "data" / "claims.yaml"
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as error:
        raise HpptError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise HpptError(f"{path} is not YAML: {error}") from error
    claims: dict[str, Claim] = {}
    for node in _list(root, path):
        fields = _fields(node, path, ("id", "claim", "paper", "tests"))
        claim = Claim(
            _text(fields["id"], path),
            _text(fields["claim"], path),
            tuple(_marked(each, path) for each in _list(fields["paper"], path)),
            tuple(_test(each, path) for each in _list(fields["tests"], path)),
        )
        if claim.id in claims:
            raise _wrong(fields["id"], path, f"a second claim with the id '{claim.id}'")
        claims[claim.id] = claim
    return tuple(claims.values())


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
            "where this course tests it": "\n".join(map(_place, each.tests)) or "not yet",
        }
        for each in read_claims(path)
    ]


def _place(test: Test) -> str:
    return f"{test.notebook}, {test.section}" + (f" ({test.how})" if test.how else "")


def _test(node: Any, path: Path) -> Test:
    fields = _fields(node, path, ("notebook", "section"), ("how",))
    test = Test(**{name: _text(value, path) for name, value in fields.items()})
    if not re.fullmatch(r"\d\d", test.notebook):
        raise _wrong(fields["notebook"], path, 'a notebook is named by two digits, such as "06"')
    return test


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
