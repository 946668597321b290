"""Reads and writes files. A file is written whole or not at all; read errors name file and line."""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError

# --- where they lie -----------------------------------------------------------------------------


def cache_folder() -> Path:
    """The user's cache folder for the kit; the environment variable ``HPPT_CACHE`` moves it."""
    chosen = os.environ.get("HPPT_CACHE")
    if chosen:
        return Path(chosen).expanduser().resolve()
    from platformdirs import user_cache_path

    return user_cache_path("hppt-lab")


def package_file(room: str, name: str) -> Path:
    """A data file that lies in a room of the library, and is installed with it.

    Args:
        room: the room, such as ``corpus``.
        name: the file's path in the room, such as ``material/tasks.txt``.
    """
    return Path(__file__).resolve().parent / room / name


def repository_folder() -> Path:
    """The folder of the checkout, with ``notebooks/`` and ``data/``.

    What reads only the user's files (verifiers, scoring, sources) works without it.

    Raises:
        HpptError: the library was installed without its checkout.
    """
    folder = Path(__file__).resolve().parent.parent
    if not (folder / "notebooks").is_dir() or not (folder / "data").is_dir():
        raise HpptError(
            "This needs the kit's own notebooks and data, and the library was installed without "
            f"them (there is no notebooks/ and data/ in {folder}). Clone the repository and "
            "install it with 'pip install -e .', or use 'make course'."
        )
    return folder


# --- writing ------------------------------------------------------------------------------------


@contextmanager
def whole_file(path: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path``; rename it over ``path`` if the block succeeds.

    Nothing is left behind when the block raises: the old file, if any, stays as it was.

    Raises:
        HpptError: the file could not be written (disk full, no permission).
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        temporary = Path(name)
        yield temporary
        os.chmod(temporary, 0o644)
        _flush(temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: str | Path) -> Iterator[Path]:
    """Yield a temporary folder beside ``path``; rename it to ``path`` if the block succeeds.

    An existing ``path`` is replaced. Nothing is left behind when the block raises.

    Raises:
        HpptError: the folder could not be written (disk full, no permission).
    """
    path = Path(path)
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
        yield temporary
        os.chmod(temporary, 0o755)
        if path.exists():
            shutil.rmtree(path)
        os.replace(temporary, path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)


def write_text(path: str | Path, text: str) -> None:
    """Write ``text`` as UTF-8, whole or not at all.

    Raises:
        HpptError: the file could not be written.
    """
    with whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_jsonl(path: str | Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write one JSON object a line, the whole file or nothing.

    Raises:
        HpptError: the file could not be written.
    """
    write_text(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def append_jsonl(path: str | Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add one JSON object a line to a file, and wait until the disk has it.

    A process that is killed on the way leaves whole lines and perhaps half a line at the end: see
    `appended_rows`.

    Raises:
        HpptError: the file could not be written.
    """
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab") as stream:
            stream.write(text.encode("utf-8"))
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise HpptError(
            f"Could not write {path}: {error.strerror or error}. What was in it before is kept. "
            "Free some disk space, then run the same command again."
        ) from error


def appended_rows(path: str | Path) -> tuple[list[dict[str, Any]], bool]:
    """The rows of a file that `append_jsonl` writes, also if it was killed on the way.

    Returns:
        The rows, and whether a last line was torn (and is left out).

    Raises:
        HpptError: the file cannot be read, or a line before the last is damaged; the message names
            the line.
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    lines = content.split(b"\n")
    torn = bool(lines.pop())
    rows = []
    for number, line in enumerate(lines, start=1):
        try:
            rows.append(parse_line(line))
        except HpptError as error:
            if number == len(lines) and not torn:
                return rows, True  # a disk that wrote the end of a line and not its middle
            raise HpptError(f"{path}, line {number}: {error}") from error
    return rows, torn


@contextmanager
def only_writer(path: str | Path) -> Iterator[None]:
    """Keep other processes from writing the same file or folder within the block.

    The lock lies in the cache folder; where that cannot be written, in the system's folder for
    temporary files.

    Raises:
        HpptError: another one does so now, or neither folder can be written.
    """
    from filelock import FileLock, Timeout

    # Not beside the path: a lock file cannot be removed safely, and would be left lying there.
    name = hashlib.sha256(str(Path(path).resolve()).encode()).hexdigest()[:16]
    folders = [cache_folder() / "locks", Path(tempfile.gettempdir()) / f"hppt-locks-{_user()}"]
    for place, folder in enumerate(folders, start=1):
        lock = FileLock(folder / f"{name}.lock", timeout=0)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            break
        except Timeout as error:
            raise HpptError(
                f"Another process is writing {path}. Wait for it, or end it."
            ) from error
        except OSError as error:
            if place == len(folders):
                raise _cannot_write(folder, error) from error
    try:
        yield
    finally:
        lock.release()


def _user() -> str:
    """This user, for a folder in a place that all users share."""
    return str(os.getuid()) if hasattr(os, "getuid") else "user"


def check_writable(folder: str | Path) -> None:
    """Check that files can be written into a folder, before work is done for them.

    The folder is made if it is not there.

    Raises:
        HpptError: it cannot be made, or nothing can be written into it.
    """
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(prefix=".hppt-", suffix=".part", dir=folder) as file:
            file.write(b" ")
            file.flush()
    except OSError as error:
        raise _cannot_write(Path(folder), error) from error


# --- reading ------------------------------------------------------------------------------------


def read_jsonl(
    path: str | Path, fields: Mapping[str, type] | None = None
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield (line number from 1, object) for each line that is not blank.

    Args:
        path: the file, gzipped or not.
        fields: what each object must have, with its type; None if anything will do.

    Raises:
        HpptError: the file cannot be read, is not UTF-8, or a line is not a JSON object or lacks a
            field; the message names file, line and field.
    """
    for number, raw in jsonl_lines(path):
        try:
            row = parse_line(raw)
            for name, kind in (fields or {}).items():
                if not isinstance(row.get(name), kind):
                    raise HpptError(f"the field '{name}' must be a {kind.__name__}.")
        except HpptError as error:
            raise HpptError(f"{path}, line {number}: {error}") from error
        yield number, row


def jsonl_lines(
    path: str | Path, done: Callable[[int], object] | None = None
) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, line) for each line of a JSONL file that is not blank.

    For callers that go on after a bad line; see `read_jsonl` for the others. A byte-order mark at
    the beginning of a line is left out: it also gets inside a file when files are joined.

    Args:
        path: the file, gzipped or not, whatever its name.
        done: called after each line with the number of bytes of the file that are read.

    Raises:
        HpptError: the file cannot be read, or is UTF-16 or UTF-32.
    """
    try:
        with open(path, "rb") as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            content: Iterable[bytes] = gzip.GzipFile(fileobj=stream) if packed else stream
            for number, line in enumerate(content, start=1):
                if number == 1:
                    require_utf8(path, line)
                raw = without_mark(line)
                if raw.strip():
                    yield number, raw
                if done is not None:
                    done(stream.tell())
    except EOFError as error:
        raise HpptError(f"Could not read {path}: it was cut short.") from error
    except (OSError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise HpptError(f"Could not read {path}: {reason}.") from error


def without_mark(raw: bytes) -> bytes:
    """Bytes without the byte-order marks of UTF-8 at their beginning."""
    while raw.startswith(codecs.BOM_UTF8):
        raw = raw[len(codecs.BOM_UTF8) :]
    return raw


def require_utf8(path: str | Path, head: bytes | None = None) -> None:
    """Check that a file is not UTF-16 or UTF-32, by its first bytes.

    These encodings show by their byte-order mark, or, without one, by a zero byte beside the ASCII
    character that the file begins with.

    Args:
        path: the file.
        head: its first four bytes; None reads them.

    Raises:
        HpptError: it is one of them; the message names the encoding. Or it cannot be read.
    """
    if head is None:
        try:
            with open(path, "rb") as stream:
                head = stream.read(4)
        except OSError as error:
            raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    for encoding, begins in _OTHER_ENCODINGS.items():
        if begins(head[:4]):
            raise HpptError(f"{path} is {encoding}, and only UTF-8 is read. Save it as UTF-8.")


# In this order: the mark of UTF-16-LE begins that of UTF-32-LE.
_OTHER_ENCODINGS: Mapping[str, Callable[[bytes], bool]] = {
    "UTF-32": lambda head: (
        head in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
        or (len(head) == 4 and (head[1:] == b"\0\0\0" or head[:3] == b"\0\0\0"))
    ),
    "UTF-16": lambda head: head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)),
    "UTF-16-LE": lambda head: head[1:2] == b"\0" and head[:1] != b"\0",
    "UTF-16-BE": lambda head: head[:1] == b"\0" and head[1:2] not in (b"", b"\0"),
}


def parse_line(raw: bytes) -> dict[str, Any]:
    """Parse one line of a JSONL file into a dict.

    Raises:
        HpptError: not UTF-8, not JSON, or not an object; the caller adds file and line.
    """
    try:
        text = without_mark(raw).decode("utf-8").rstrip()
        row = json.loads(text)
        if "\\ud" in text.lower():  # half an emoji, say: no tokenizer and no file takes it
            json.dumps(row, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise HpptError("an escaped character (\\ud…) is only half there.") from error
    except UnicodeDecodeError as error:
        raise HpptError(f"not UTF-8 text (byte {error.start + 1}).") from error
    except json.JSONDecodeError as error:
        raise HpptError(
            f"not valid JSON ({error.msg}, column {error.colno}). "
            "Was the file cut short, or a line edited by hand?"
        ) from error
    except ValueError as error:  # Python reads no whole number of more than 4300 digits
        raise HpptError(f"not valid JSON ({error}).") from error
    except RecursionError as error:
        raise HpptError("JSON nested too deeply to be read.") from error
    if not isinstance(row, dict):
        raise HpptError(f"expected a JSON object, found {type(row).__name__}.")
    return row


def read_lines(path: str | Path) -> list[str]:
    """The lines of a text file, each without white space around it.

    Blank lines are left out, and so are those that begin with ``#``.

    Raises:
        HpptError: the file cannot be read, is not UTF-8, or holds no such line.
    """
    try:
        raw = without_mark(Path(path).read_bytes())
        require_utf8(path, raw)
        text = raw.decode("utf-8")
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    except UnicodeDecodeError as error:
        raise HpptError(f"{path} is not UTF-8 text (byte {error.start + 1}).") from error
    lines = [each.strip() for each in text.splitlines()]
    lines = [each for each in lines if each and not each.startswith("#")]
    if not lines:
        raise HpptError(f"{path} holds no line of text.")
    return lines


def read_csv(path: str | Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield (line number from 1, value by column) for each row of a CSV file with a header.

    Raises:
        HpptError: the file cannot be read, or a row lacks a value in one of the columns.
    """
    number = 1
    require_utf8(path)
    try:
        with open(path, encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            for row in reader:
                number = reader.line_num
                if any(not (row.get(name) or "").strip() for name in columns):
                    raise HpptError(
                        f"{path}, line {number}: a column of {', '.join(columns)} is empty."
                    )
                yield number, {name: row[name] for name in columns}
    except OSError as error:
        raise HpptError(f"Could not read {path}: {error.strerror or error}.") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise HpptError(f"{path}, line {number + 1} or later: {error}.") from error


def sha256(path: str | Path) -> str:
    """The SHA-256 of a file, in lower-case hexadecimal digits."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _flush(path: Path) -> None:
    with open(path, "rb+") as stream:
        os.fsync(stream.fileno())


def _cannot_write(path: Path, error: OSError) -> HpptError:
    return HpptError(
        f"Could not write {path}: {error.strerror or error}. Nothing was left half-written. "
        "Free some disk space or choose another folder, then run the same command again."
    )
