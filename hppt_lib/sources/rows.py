"""Reads the rows of a data set's files one at a time, each with its file and line.

It reads JSON lines (also gzipped), one JSON list, CSV and Parquet, and a folder of such files. A
data set of the hub is fetched as files by ``huggingface_hub``, whose cache serves them offline, so
that no loading script is run and a row keeps its file and line.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError, missing
from hppt_lib.files import jsonl_lines, parse_line, require_utf8

Row = Mapping[str, Any]
KINDS = (".parquet", ".jsonl", ".jsonl.gz", ".json", ".csv")
_ABOUT = ("dataset_infos.json", "dataset_info.json", "state.json", "metadata.json")
_BATCH = 256  # rows of a Parquet file in memory at a time


def data_files(path: Path, pattern: str = "**/*") -> list[Path]:
    """The data files of a folder, sorted, all of one kind; or the file itself.

    Raises:
        HpptError: there is none, or its kind is not known.
    """
    if path.is_file():
        if _ending(path) not in KINDS:
            raise HpptError(f"{path}: not one of {', '.join(KINDS)}.")
        return [path]
    files = [each for each in sorted(path.glob(pattern)) if each.is_file()]
    for kind in KINDS:
        chosen = [each for each in files if _ending(each) == kind and each.name not in _ABOUT]
        if chosen:
            return chosen
    raise HpptError(f"{path} holds no data file ({', '.join(KINDS)}) that fits {pattern!r}.")


def from_hub(hub_id: str, pattern: str) -> Path:
    """The folder with a data set's files from the hub, or from its cache if the hub is off.

    Raises:
        HpptError: they could not be had.
    """
    try:
        from huggingface_hub import snapshot_download
    except ModuleNotFoundError as error:
        raise missing("huggingface_hub") from error
    try:
        return Path(snapshot_download(hub_id, repo_type="dataset", allow_patterns=pattern))
    except Exception as error:  # offline, no such id, gated, disk full: the hub says which
        raise HpptError(
            f"Could not fetch {hub_id} from the hub ({type(error).__name__}: "
            f"{' '.join(str(error).split())[:200]}). Is the network there, and does the data set "
            "ask you to accept its terms? You may also download its files and pass their path."
        ) from error


def rows(path: Path) -> Iterator[tuple[str, Row | HpptError]]:
    """Yield (where, row) for each row; an error in place of a row that cannot be read.

    Raises:
        HpptError: the file as a whole cannot be read.
    """
    reader = {
        ".parquet": _parquet,
        ".jsonl": _json_lines,
        ".jsonl.gz": _json_lines,
        ".json": _json,
        ".csv": _csv,
    }[_ending(path)]
    try:
        yield from reader(path)
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error


def text_of(row: Row, name: str) -> str:
    """A field that must be text and not blank.

    Raises:
        HpptError: it is not; the caller adds file and line.
    """
    value = row.get(name)
    if not isinstance(value, str) or not value.strip():
        raise HpptError(f"the field '{name}' must be text that is not blank, found {_kind(value)}.")
    return value


def list_of(row: Row, name: str, kind: type) -> list[Any]:
    """A field that must be a list of one type.

    Raises:
        HpptError: it is not; the caller adds file and line.
    """
    value = row.get(name)
    if not isinstance(value, list) or not all(isinstance(each, kind) for each in value):
        wanted = kind.__name__
        raise HpptError(f"the field '{name}' must be a list of {wanted}, found {_kind(value)}.")
    return value


def _json_lines(path: Path) -> Iterator[tuple[str, Row | HpptError]]:
    for number, raw in jsonl_lines(path):
        where = f"{path.name}, line {number}"
        try:
            yield where, parse_line(raw)
        except HpptError as error:
            yield where, error


def _json(path: Path) -> Iterator[tuple[str, Row | HpptError]]:
    """One JSON list; a file that is JSON lines under this name is read as such."""
    raw = path.read_bytes()
    if not raw.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        yield from _json_lines(path)
        return
    try:
        whole = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise HpptError(f"{path}: not valid JSON ({error}). Was it cut short?") from error
    for number, row in enumerate(whole, start=1):
        where = f"{path.name}, row {number}"
        if isinstance(row, dict):
            yield where, row
        else:
            yield where, HpptError(f"expected a JSON object, found {type(row).__name__}.")


def _csv(path: Path) -> Iterator[tuple[str, Row | HpptError]]:
    require_utf8(path)
    with open(path, encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        begins = 2
        try:
            while (row := _next_row(reader)) is not None:
                where = f"{path.name}, line {begins}"
                begins = reader.line_num + 1
                if None in row or None in row.values():
                    yield (
                        where,
                        HpptError("this row has a different number of fields from the header."),
                    )
                else:
                    yield where, row
        except (csv.Error, UnicodeDecodeError) as error:
            raise HpptError(f"{path.name}, line {begins}: not valid CSV ({error}).") from error


def _next_row(reader: csv.DictReader[str]) -> Row | None:
    """The next row, with long fields allowed for it alone: the limit is the whole process's."""
    usual = csv.field_size_limit(10_000_000)
    try:
        return next(reader, None)
    finally:
        csv.field_size_limit(usual)


def _parquet(path: Path) -> Iterator[tuple[str, Row | HpptError]]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ModuleNotFoundError as error:
        raise missing("pyarrow") from error
    try:
        file = pyarrow.parquet.ParquetFile(path)
        number = 0
        with closing(file):
            for batch in file.iter_batches(batch_size=_BATCH):
                for row in batch.to_pylist():
                    number += 1
                    yield f"{path.name}, row {number}", row
    except pyarrow.ArrowException as error:
        raise HpptError(f"Could not read {path}: not a whole Parquet file ({error}).") from error


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"{type(value).__name__} {str(value)[:40]!r}"


def _ending(path: Path) -> str:
    """The file's kind by its name, such as ``.jsonl.gz``."""
    return "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix
