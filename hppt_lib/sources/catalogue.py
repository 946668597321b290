"""The data sets that can be loaded: where each is, under which licence, and its reader.

None of their data is in this repository: the user gives a file, or it comes from the hub.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.files import cache_folder, read_jsonl
from hppt_lib.instructions.model import Instruction
from hppt_lib.sources.collect import Collector, Loaded
from hppt_lib.sources.ifeval_form import read_if_multi, read_ifeval, read_multi_if
from hppt_lib.sources.rlvr import read_rlvr
from hppt_lib.sources.rows import Row, data_files, from_hub, rows
from hppt_lib.sources.soft_benchmarks import FollowBench, read_cfbench
from hppt_lib.sources.verinstruct import read_verinstruct

Reader = Callable[[Row, str, Collector], None]


@dataclass(frozen=True)
class Dataset:
    """A public data set.

    Attributes:
        title: its name as its authors write it.
        hub_id: its place on the Hugging Face hub.
        licence: what is known of its licence, and where that is stated.
        reader: makes the function that reads one row.
        pattern: which of a folder's files are its data.
        place: its place in the folder of benchmarks; None if it is looked for on the hub only.
        origin: where its authors publish its file; empty if that is the hub.
        ids: the benchmarks whose constraint ids stand in it, its own first; empty if it names no
            ids.
    """

    title: str
    hub_id: str
    licence: str
    reader: Callable[[], Reader]
    pattern: str = "**/*"
    place: Path | None = None
    origin: str = ""
    ids: tuple[str, ...] = ()


DATASETS: Mapping[str, Dataset] = {
    "ifeval": Dataset(
        "IFEval",
        "google/IFEval",
        "Apache-2.0 on the hub; google-research says CC BY 4.0 for its data sets",
        lambda: read_ifeval,
        place=Path("ifeval") / "input_data.jsonl",
        origin="github.com/google-research/google-research, instruction_following_eval/data",
        ids=("ifeval",),
    ),
    "ifbench": Dataset(
        "IFBench",
        "allenai/IFBench_test",
        "ODC-BY-1.0 (README of github.com/allenai/IFBench)",
        lambda: read_ifeval,
        place=Path("ifbench") / "IFBench_test.jsonl",
        origin="github.com/allenai/IFBench, data",
        ids=("ifbench",),
    ),
    "verinstruct": Dataset(
        "VerInstruct",
        "THU-KEG/VerInstruct",
        "not established: two lists by others say Apache-2.0; read the card on the hub",
        lambda: read_verinstruct,
    ),
    "multi_if": Dataset(
        "Multi-IF",
        "facebook/Multi-IF",
        "CC BY-NC 2.0 (card): not for commercial use",
        lambda: read_multi_if,
        ids=("ifeval",),
    ),
    "followbench": Dataset(
        "FollowBench",
        "YuxinJiang/FollowBench",
        "Apache-2.0 (github.com/YJiangcm/FollowBench)",
        FollowBench,
        place=Path("followbench") / "data",
    ),
    "cfbench": Dataset(
        "CFBench",
        "PKU-Baichuan-MLSystemLab/CFBench",
        "none stated: its repository has no licence file, so ask its authors before passing it on",
        lambda: read_cfbench,
        pattern="**/cfbench_data.json",
    ),
    "rlvr_ifeval": Dataset(
        "RLVR-IFeval",
        "allenai/RLVR-IFeval",
        "ODC-BY (as lists by others say; card not read)",
        lambda: read_rlvr,
    ),
    "if_multi_constraints": Dataset(
        "IF_multi_constraints_upto5",
        "allenai/IF_multi_constraints_upto5",
        "ODC-BY (as lists by others say; card not read)",
        lambda: read_if_multi,
        ids=("iftrain", "ifeval"),
    ),
}
# Those whose files `benchmark_rows` reads as they are.
BENCHMARKS = tuple(name for name, dataset in DATASETS.items() if dataset.origin)
_HUB_ID = re.compile(r"[\w.-]+/[\w.-]+")


def load(
    name: str,
    source: str | Path | None = None,
    *,
    keep_going: bool = False,
    partial: bool = False,
    show: Callable[[str], None] = print,
) -> Loaded:
    """Load a public data set as instructions.

    Args:
        name: a key of `DATASETS`.
        source: a file (JSON lines, JSON, CSV, Parquet), a folder of such files, or another id on
            the hub. None looks into `benchmark_folder` if the data set has a place there, and then
            on the hub or in its cache.
        keep_going: leave out rows that cannot be read and list them in `Loaded.broken`, instead
            of stopping at the first.
        partial: let an instruction count as usable if some of its constraints can be verified or
            judged, and list the others in `Instruction.unmapped`. The policy reads these in the
            prompt and no reward asks for them, so by default such an instruction is left out: a
            reward that passes over a demand is not precise.
        show: is given one line with the licence, before anything is read, and the warnings.

    Raises:
        HpptError: there is no such data set, it could not be found or read, it holds no
            instruction, or (without ``keep_going``) a row is broken; the message names file and
            line.
    """
    if name not in DATASETS:
        raise HpptError(f"There is no data set '{name}'. There are: {', '.join(DATASETS)}.")
    chosen = DATASETS[name]
    show(f"{chosen.title}. Licence: {chosen.licence}.")
    path, origin = _found(chosen, source)
    out, broken = Collector(name), []
    read = chosen.reader()
    for where, row in _rows(path, chosen.pattern):
        try:
            if isinstance(row, HpptError):
                raise row
            read(row, where, out)
        except HpptError as error:
            complaint = f"{where}: {error}"
            if not keep_going:
                raise HpptError(
                    f"{path if path.is_dir() else path.parent} {complaint} "
                    "Correct the row, or leave out broken rows with --keep-going (in Python: "
                    "keep_going=True)."
                ) from error
            broken.append(complaint)
    if not out.instructions:
        first = f" The first of {len(broken)} broken rows: {broken[0]}" if broken else ""
        raise HpptError(f"{origin} holds no instruction of {chosen.title}.{first}")
    licence, warnings = chosen.licence, []
    for other, found in _other_data_sets(chosen, out.instructions):
        total = sum(len(each.constraints) for each in out.instructions)
        most = found.total() > total / 2
        warnings.append(
            f"{'this' if most else 'a part of this'} looks like {other.title}, not {chosen.title}: "
            f"{found.total()} of {total} constraints are of its kinds, such as "
            f"{found.most_common(1)[0][0]}. Its licence is: {other.licence}."
        )
        show(f"Warning: {warnings[-1]}")
        if most:
            licence = f"as {other.title} (see the warning): {other.licence}"
    return Loaded(
        name=name,
        origin=origin,
        licence=licence,
        instructions=tuple(out.instructions),
        unmapped=tuple(out.unmapped),
        broken=tuple(broken),
        counts=dict(out.counts),
        deciders=dict(out.deciders),
        conversations=tuple(out.conversations),
        partial=partial,
        warnings=tuple(warnings),
        labels=out.labels,
    )


def _other_data_sets(
    chosen: Dataset, instructions: Sequence[Instruction]
) -> Iterator[tuple[Dataset, Counter[str]]]:
    """Data sets other than the named one that constraints seem to be from, with these ids."""
    if not chosen.ids:
        return
    ids = Counter(each.id for one in instructions for each in one.constraints)
    by_benchmark: dict[str, Counter[str]] = {}
    for id, number in ids.items():
        with contextlib.suppress(HpptError):  # an id that is not known is listed as unmapped
            by_benchmark.setdefault(verifiers.family(id).benchmark, Counter())[id] += number
    for benchmark, found in by_benchmark.items():
        likely = [each for each in DATASETS.values() if each.ids[:1] == (benchmark,)]
        if likely and benchmark not in chosen.ids:
            yield likely[0], found


def benchmark_folder() -> Path:
    """The user's folder of benchmarks: ``HPPT_BENCHMARKS``, or ``benchmarks`` in the cache."""
    chosen = os.environ.get("HPPT_BENCHMARKS")
    return Path(chosen).expanduser() if chosen else cache_folder() / "benchmarks"


def benchmark_rows(name: str) -> list[dict[str, Any]]:
    """The lines of a benchmark's file: ``key``, ``prompt``, ``instruction_id_list``, ``kwargs``.

    Args:
        name: ``ifeval`` or ``ifbench``.

    Raises:
        HpptError: there is no benchmark of that name, its file is not there (the message says
            where to get it and where to put it), or a line is not JSON.
    """
    if name not in BENCHMARKS:
        raise HpptError(f"There is no benchmark '{name}'. There are: {', '.join(BENCHMARKS)}.")
    place = DATASETS[name].place or Path()
    path = benchmark_folder() / place
    if not path.is_file():
        raise HpptError(
            f"There is no file {path}. Get it from {DATASETS[name].origin}, put it at "
            f"FOLDER/{place.as_posix()}, and set HPPT_BENCHMARKS=FOLDER."
        )
    return [row for _, row in read_jsonl(path)]


def _rows(path: Path, pattern: str) -> Iterator[tuple[str, Row | HpptError]]:
    for file in data_files(path, pattern):
        yield from rows(file)


def _found(chosen: Dataset, source: str | Path | None) -> tuple[Path, str]:
    """The file or folder to read, and its name for a reader."""
    if source is None:
        if chosen.place and (path := benchmark_folder() / chosen.place).exists():
            return path, str(path)
        return from_hub(chosen.hub_id, chosen.pattern), f"the hub, {chosen.hub_id}"
    path = Path(source).expanduser()
    if path.exists():
        return path, str(path)
    if isinstance(source, str) and _HUB_ID.fullmatch(source) and not path.suffix:
        return from_hub(source, chosen.pattern), f"the hub, {source}"
    raise HpptError(
        f"There is no file or folder {path}. Get {chosen.title} from the hub ({chosen.hub_id}) and "
        "pass the path of its file."
    )
