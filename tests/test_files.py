"""Files are written whole or not at all, whatever goes wrong on the way."""

from __future__ import annotations

import codecs
import gzip
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from hppt_lib.errors import HpptError
from hppt_lib.files import (
    cache_folder,
    check_writable,
    jsonl_lines,
    only_writer,
    package_file,
    parse_line,
    read_csv,
    read_jsonl,
    read_lines,
    repository_folder,
    sha256,
    whole_file,
    whole_folder,
    write_jsonl,
    write_text,
)


def test_a_full_disk_leaves_the_old_file_and_nothing_else(small_disk: Path) -> None:
    """Mistake: writing in place, so that a full disk cuts the only copy."""
    target = small_disk / "record.json"
    write_text(target, "old")
    with pytest.raises(HpptError, match=r"Could not write .*record\.json: No space left.*Free"):
        write_text(target, "x" * 2**20)
    assert target.read_text() == "old"
    assert os.listdir(small_disk) == ["record.json"]


def test_a_full_disk_leaves_the_old_folder_and_nothing_else(small_disk: Path) -> None:
    """Mistake: deleting the old folder before the new one is complete."""
    target = small_disk / "model"
    with whole_folder(target) as temporary:
        (temporary / "weights").write_text("old")
    with pytest.raises(HpptError, match="No space left"):
        with whole_folder(target) as temporary:
            (temporary / "weights").write_bytes(b"x" * 2**20)
    assert (target / "weights").read_text() == "old"
    assert os.listdir(small_disk) == ["model"]


def test_a_file_size_limit_leaves_nothing_behind(tmp_path: Path) -> None:
    """The same without root: the kernel refuses a write beyond RLIMIT_FSIZE."""
    resource = pytest.importorskip("resource", reason="a limit of POSIX systems")
    del resource
    program = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))\n"
        "from hppt_lib.errors import HpptError\n"
        "from hppt_lib.files import write_text\n"
        "try:\n"
        "    write_text(sys.argv[1], 'x' * 2**20)\n"
        "except HpptError as error:\n"
        "    print(error)\n"
    )
    target = tmp_path / "big.txt"
    command = [sys.executable, "-c", program, str(target)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Could not write" in printed and "File too large" in printed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("writer", [whole_file, whole_folder])
def test_an_error_inside_the_block_leaves_nothing(tmp_path: Path, writer) -> None:
    """Mistake: renaming in `finally`, so that a half-written file takes the name."""
    with pytest.raises(KeyError):
        with writer(tmp_path / "target"):
            raise KeyError("a mistake of the caller")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_way_is_said_clearly(tmp_path: Path) -> None:
    """Mistake: a bare OSError when the parent is a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(HpptError, match="Could not write"):
        write_text(tmp_path / "file" / "below.txt", "text")


def test_text_is_utf8_with_plain_line_ends(tmp_path: Path) -> None:
    """Mistake: the platform's encoding or line ends, which change every SHA-256."""
    write_text(tmp_path / "new" / "text", "ä\nб\n")
    assert (tmp_path / "new" / "text").read_bytes() == "ä\nб\n".encode()


def test_a_written_file_can_be_read_by_others(tmp_path: Path) -> None:
    """Mistake: the temporary file's private mode (600) stays on a shared cache."""
    write_text(tmp_path / "text", "")
    with whole_folder(tmp_path / "folder"):
        pass
    assert (tmp_path / "text").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o755


def test_sha256_of_a_known_text(tmp_path: Path) -> None:
    """Mistake: another digest, or another case of the digits."""
    (tmp_path / "abc").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert sha256(tmp_path / "abc") == expected


def test_the_cache_moves_with_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Mistake: reading HPPT_CACHE once at import."""
    monkeypatch.setenv("HPPT_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    monkeypatch.delenv("HPPT_CACHE")
    assert cache_folder().name == "hppt-lab"


def test_the_checkout_is_found() -> None:
    """Mistake: a path relative to the working folder."""
    assert (repository_folder() / "pyproject.toml").is_file()


def test_the_library_without_its_checkout_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistake: FileNotFoundError for data that a bare 'pip install .' does not copy."""
    monkeypatch.setattr("hppt_lib.files.__file__", str(tmp_path / "hppt_lib" / "files.py"))
    with pytest.raises(HpptError, match="installed without.*Clone the repository"):
        repository_folder()


def test_a_file_of_a_room_is_found_without_the_checkout() -> None:
    """Mistake: a data file of the library looked for beside the notebooks."""
    path = package_file("corpus", "material/tasks.txt")
    assert path.is_file() and path.parts[-4:-1] == ("hppt_lib", "corpus", "material")


def test_every_file_of_a_room_is_installed_with_it() -> None:
    """Mistake: a data file that works in the checkout, and that 'pip install .' leaves behind."""
    checkout = repository_folder()
    settings = tomllib.loads((checkout / "pyproject.toml").read_text())
    patterns = settings["tool"]["setuptools"]["package-data"]["*"]
    for path in (checkout / "hppt_lib").rglob("*"):
        if path.is_file() and path.suffix not in (".py", ".pyc"):
            package = next(each for each in path.parents if (each / "__init__.py").is_file())
            name = path.relative_to(package)
            assert any(name.match(each) for each in patterns), f"{path} is in no wheel"


# --- reading ------------------------------------------------------------------------------------

BAD_LINES = [
    (b'{"a": 1', "not valid JSON .*column 8.* cut short"),
    (b"[1]", "expected a JSON object, found list"),
    (b'{"a": "\xff"}', "not UTF-8 text .byte 8"),
    (b'{"a": "\\ud83d"}', "only half there"),
    (b"[" * 100_000, "nested too deeply|not valid JSON"),
    (b'{"a": ' + b"9" * 5000 + b"}", "not valid JSON"),
]


@pytest.mark.parametrize(("line", "message"), BAD_LINES)
def test_a_bad_line_is_named_by_file_and_line(tmp_path: Path, line: bytes, message: str) -> None:
    """Mistake: a traceback of json, and nobody knows which of a thousand lines it was."""
    path = tmp_path / "rows.jsonl"
    path.write_bytes(b'{"a": 1}\n\n' + line + b"\n")
    with pytest.raises(HpptError, match=f"rows.jsonl, line 3: .*({message})"):
        list(read_jsonl(path))
    with pytest.raises(HpptError, match=message):
        parse_line(line)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Mistake: U+2028 in a text taken for the end of a line; escapes where UTF-8 would do."""
    rows = [{"a": "Ä\u2028b"}, {"a": [1, None]}]
    write_jsonl(tmp_path / "rows.jsonl", rows)
    assert list(read_jsonl(tmp_path / "rows.jsonl")) == [(1, rows[0]), (2, rows[1])]
    assert "Ä" in (tmp_path / "rows.jsonl").read_text(encoding="utf-8")
    with pytest.raises(HpptError, match=r"Could not read .*none\.jsonl: No such file"):
        list(read_jsonl(tmp_path / "none.jsonl"))


MARK = codecs.BOM_UTF8
JOINED = MARK + b'{"a": 1}\n' + MARK + b"\n" + MARK + MARK + b'{"a": "\xef\xbb\xbfx"}\r\n'


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_a_byte_order_mark_begins_any_line(tmp_path: Path, name: str) -> None:
    """Mistake: a file that Windows saved, or several joined, refused for marks that nobody sees;
    or a mark within a text taken away too.
    """
    path = tmp_path / name
    path.write_bytes(gzip.compress(JOINED) if name.endswith("gz") else JOINED)
    assert list(read_jsonl(path)) == [(1, {"a": 1}), (3, {"a": "\ufeffx"})]
    assert parse_line(MARK + b'{"a": 1}') == {"a": 1}
    done: list[int] = []
    assert [number for number, _ in jsonl_lines(path, done.append)] == [1, 3]
    assert len(done) == 3 and done[-1] == path.stat().st_size


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_another_encoding_is_named(tmp_path: Path, encoding: str) -> None:
    """Mistake: "not valid JSON" or "byte 1" for a file that PowerShell wrote."""
    path = tmp_path / "rows"
    path.write_bytes('{"a": 1}\n{"a": 2}\n'.encode(encoding))
    wanted = rf"rows is {encoding.upper()[:6]}.*Save it as UTF-8"
    for read in (read_jsonl, read_lines, lambda path: read_csv(path, ("a",))):
        with pytest.raises(HpptError, match=wanted):
            list(read(path))


def test_short_files_are_of_no_other_encoding(tmp_path: Path) -> None:
    """Mistake: an index beyond the end, or "UTF-16" said of an empty file or of one letter."""
    for content in (b"", b"\n", MARK, b"7\n"):
        (tmp_path / "rows").write_bytes(content)
        assert [raw for _, raw in jsonl_lines(tmp_path / "rows")] == [content] * (content == b"7\n")


def test_lines_and_columns_take_a_mark_too(tmp_path: Path) -> None:
    """Mistake: the mark becomes part of the first line, or of the first column's name."""
    (tmp_path / "a").write_bytes(MARK + b"a,b\n1,2\n")
    assert read_lines(tmp_path / "a") == ["a,b", "1,2"]
    assert list(read_csv(tmp_path / "a", ("a", "b"))) == [(2, {"a": "1", "b": "2"})]


def test_an_object_that_lacks_a_field_is_named(tmp_path: Path) -> None:
    """Mistake: KeyError, or a text of letters taken for a list of words."""
    path = tmp_path / "rows.jsonl"
    path.write_text('{"id": "a", "words": ["x"]}\n{"id": "b", "words": "xyz"}\n')
    with pytest.raises(HpptError, match=r"rows\.jsonl, line 2: the field 'words' must be a list"):
        list(read_jsonl(path, {"id": str, "words": list}))


def test_lines_of_text_come_without_notes_and_blank_lines(tmp_path: Path) -> None:
    """Mistake: a note taken for a sentence, or the mark "#" within one for a note."""
    path = tmp_path / "lines.txt"
    path.write_text("# a note\n\n Write about {name}. \nIs C# hard?\n")
    assert read_lines(path) == ["Write about {name}.", "Is C# hard?"]
    path.write_text("# only a note\n")
    with pytest.raises(HpptError, match=r"lines\.txt holds no line"):
        read_lines(path)
    with pytest.raises(
        HpptError, match=r"Could not read .*none\.txt: No such file or directory\.$"
    ):
        read_lines(tmp_path / "none.txt")
    path.write_bytes(b"tea\ncaf\xe9\n")
    with pytest.raises(HpptError, match=r"lines\.txt is not UTF-8 text \(byte 8\)"):
        read_lines(path)


def test_a_row_of_csv_without_a_value_is_named(tmp_path: Path) -> None:
    """Mistake: lines counted by rows, so that a break within quotes shifts all numbers after it."""
    path = tmp_path / "rows.csv"
    path.write_text('a,b,more\n"x\ny",1,z\nw,2,\n')
    assert list(read_csv(path, ("a", "b"))) == [
        (3, {"a": "x\ny", "b": "1"}),
        (4, {"a": "w", "b": "2"}),
    ]
    with pytest.raises(HpptError, match=r"rows\.csv, line 4: a column of a, more is empty"):
        list(read_csv(path, ("a", "more")))


# --- one writer at a time -----------------------------------------------------------------------


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    """Mistake: two runs write one file of answers, line into line."""
    with only_writer(tmp_path / "rows.jsonl"):
        with pytest.raises(HpptError, match=r"Another process is writing .*rows\.jsonl"):
            with only_writer(tmp_path / "folder" / ".." / "rows.jsonl"):
                pass
    with only_writer(tmp_path / "rows.jsonl"):
        pass
    assert list(tmp_path.iterdir()) == [], "no lock file is left beside it"


def test_a_lock_goes_elsewhere_where_the_cache_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mistakes: a read-only cache that stops a run; a lock that two processes do not share; the
    caller's own error said to be one of the lock.
    """
    with pytest.raises(FileNotFoundError):
        with only_writer(tmp_path / "rows.jsonl"):
            raise FileNotFoundError("a mistake of the caller")
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HPPT_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with only_writer(tmp_path / "rows.jsonl"):
        with pytest.raises(HpptError, match="Another process is writing .*rows.jsonl"):
            with only_writer(tmp_path / "rows.jsonl"):
                pass
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "file"))
    with pytest.raises(HpptError, match="Could not write .*locks-"):
        with only_writer(tmp_path / "rows.jsonl"):
            pass


def test_a_folder_is_tried_before_work_is_done_for_it(tmp_path: Path) -> None:
    """Mistake: hours of work for a folder that takes nothing; or a trace of the trial in it."""
    check_writable(tmp_path / "a" / "b")
    assert list((tmp_path / "a" / "b").iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(HpptError, match="Could not write .*file"):
        check_writable(tmp_path / "file")
