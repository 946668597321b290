"""What a cache, a pilot log, a checkpoint or a record belongs to, decided by content.

An identity is a mapping of plain JSON values, also nested: a model by its files (`files_identity`),
data by what it holds (`data_identity`), settings as they are. Names and paths are no part of it, so
a renamed folder is the same model, and another model in a folder of the same name is not.
`check_same` is the one place where two are compared.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import cache_folder, sha256, write_text

Identity = Mapping[str, Any]
"""Plain JSON values by name; a value may be such a mapping again."""

# The files of a folder in transformers' format, besides weights. Of the settings, what says where
# they were written, or by what, is left out.
_CONFIGS = ("config.json", "generation_config.json")
_TOKENIZER = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tekken.json",
)
_NOT_CONTENT = ("_name_or_path", "name_or_path", "transformers_version", "base_model_name_or_path")
_SMALL = 2**20  # bytes: a smaller file is read each time, and nothing is remembered of it
_FRESH = 3.0  # seconds: a file changed so lately could change again with the same times
_MOST = 1000  # files that are remembered


def files_identity(folder: str | Path, adapter: str | Path | None = None) -> dict[str, str]:
    """The identity of a model in a folder in transformers' format, and of an adapter on it.

    The SHA-256 of a large file is remembered in the user's cache by its real path, size and times
    of change, so that asking again costs no reading. If the cache cannot be written, the file is
    read each time.

    Args:
        folder: of the model; files that are not there are no part of it.
        adapter: the folder of a LoRA adapter.

    Returns:
        SHA-256 of ``weights`` (all safetensors files: that of the lines ``SHA-256  NAME``), of
        ``config`` (the model's and its generation's), of ``tokenizer`` and of its ``template``;
        and of ``adapter``, if there is one.

    Raises:
        HpptError: a file cannot be read.
    """
    folder = Path(folder).expanduser()
    known = _remembered()
    before = dict(known)
    try:
        settings = _json_object(folder / "tokenizer_config.json")
        written = folder / "chat_template.jinja"
        template = written.read_text(encoding="utf-8") if written.is_file() else None
        found = {
            "weights": _listing(sorted(folder.glob("*.safetensors")), known),
            "config": _listing([folder / name for name in _CONFIGS], known),
            "tokenizer": _listing([folder / name for name in _TOKENIZER], known),
            "template": digest(settings.get("chat_template") if template is None else template),
        }
        if adapter is not None:
            names = ("adapter_model.safetensors", "adapter_config.json")
            found["adapter"] = _listing(
                [Path(adapter).expanduser() / name for name in names], known
            )
    except OSError as error:
        raise HpptError(f"Could not read {error.filename}: {error.strerror or error}.") from error
    if known != before:
        _remember(known)
    return found


def data_identity(rows: Iterable[Any]) -> str:
    """The identity of instructions (or other dataclasses) in their order, wherever they lie.

    Returns:
        Their number and a SHA-256. A field that has its default value says nothing, so a field that
        a later version of the kit adds changes no identity.
    """
    plain = [_plain(row) for row in rows]
    return f"{len(plain)} in order, sha256 {digest(plain)}"


def digest(value: object) -> str:
    """SHA-256 of a plain JSON value, in whatever order the keys of its mappings are."""
    text = json.dumps(value, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def differences(saved: Identity, now: Identity) -> list[str]:
    """In what two identities differ, field by field, in words that name both sides.

    Returns:
        Lines such as ``model.weights: there '1f0c…', asked for '9be2…'``; none if they are equal.
        What a side does not say, though the other does, is a difference.
    """
    left, right = _flat(saved), _flat(now)
    return [
        f"{name}: there {_shown(left, name)}, asked for {_shown(right, name)}"
        for name in dict.fromkeys([*left, *right])
        if name not in left or name not in right or left[name] != right[name]
    ]


def check_same(saved: Identity, now: Identity, *, what: str, where: str | Path, do: str) -> None:
    """Refuse to take what belongs to something else.

    Args:
        saved: the identity that was kept.
        now: that of what is asked for.
        what: what was kept, such as ``run``.
        where: the file or folder that it was read from.
        do: sentences that say what the reader can do.

    Raises:
        HpptError: the two differ; the message says in what.
    """
    found = differences(saved, now)
    if found:
        raise HpptError(f"{where} holds another {what} ({'; '.join(found)}). {do}")


# --- in words -------------------------------------------------------------------------------------


def _flat(identity: Identity) -> dict[str, Any]:
    """The values by dotted names, as they are after a way through JSON."""
    flat: dict[str, Any] = {}

    def add(part: str, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if isinstance(value, Mapping) and value:
                add(f"{part}{name}.", value)
            else:
                flat[f"{part}{name}"] = value

    add("", json.loads(json.dumps(identity, default=str)))
    return flat


def _shown(values: Mapping[str, Any], name: str) -> str:
    if name not in values:
        return "nothing"
    text = re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1…", repr(values[name]))
    return text if len(text) <= 200 else f"{text[:199]}…"


def _plain(value: Any) -> Any:
    """A dataclass as plain values, without the fields that have their default."""
    if hasattr(value, "__dataclass_fields__"):
        named = {each.name: (getattr(value, each.name), _default(each)) for each in fields(value)}
        return {name: _plain(given) for name, (given, usual) in named.items() if given != usual}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_plain(each) for each in value]
    return value


def _default(each: Field[Any]) -> Any:
    return each.default if each.default_factory is MISSING else each.default_factory()


# --- files ----------------------------------------------------------------------------------------

_Known = dict[str, list[Any]]  # real path to size, two times and SHA-256


def _listing(paths: Sequence[Path], known: _Known) -> str:
    """SHA-256 over the names and the contents of those files that are there."""
    lines = [f"{_content(path, known)}  {path.name}\n" for path in paths if path.is_file()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _content(path: Path, known: _Known) -> str:
    """A file's SHA-256; of JSON settings, that of what they say."""
    if path.name.endswith("config.json"):
        said = _json_object(path)
        others = (*_NOT_CONTENT, "chat_template")
        if said:
            return digest({name: value for name, value in said.items() if name not in others})
    real = path.resolve()
    about = real.stat()
    state = [about.st_size, about.st_mtime_ns, about.st_ctime_ns]
    if about.st_size < _SMALL:
        return sha256(real)
    if known.get(str(real), [])[:-1] != state:
        began = time.time()
        known.pop(str(real), None)
        found = sha256(real)
        if began - max(about.st_mtime, about.st_ctime) < _FRESH:
            return found
        known[str(real)] = [*state, found]
    return str(known[str(real)][-1])


def _json_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty if there is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _memory() -> Path:
    return cache_folder() / "file-sums.json"


def _remembered() -> _Known:
    try:
        rows = json.loads(_memory().read_text(encoding="utf-8"))
        return {str(path): [*row] for path, row in rows.items() if len(row) == 4}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}


def _remember(known: _Known) -> None:
    newest = dict(list(known.items())[-_MOST:])
    with suppress(HpptError):  # a cache that cannot be written: the files are read again next time
        write_text(_memory(), json.dumps(newest, indent=0) + "\n")
