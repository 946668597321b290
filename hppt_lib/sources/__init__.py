"""Public data sets as instructions, from a file of yours or from the hub; nothing is shipped here.

>>> from hppt_lib import sources
>>> loaded = sources.load("verinstruct", "VerInstruct/train.jsonl")      # doctest: +SKIP
>>> print(loaded.summary())                                              # doctest: +SKIP

Every constraint that a row names stays in its instruction. What can be neither verified nor judged
is counted by reason and listed with file and line in `Loaded.unmapped`; `Loaded.usable` holds the
instructions without any of it. Code in a data set is read and not run, unless you allowed it in
this process: it then runs in the sandbox (`hppt_lib.sandbox`).
"""

from hppt_lib.sources.catalogue import (
    BENCHMARKS,
    DATASETS,
    Dataset,
    benchmark_folder,
    benchmark_rows,
    load,
)
from hppt_lib.sources.collect import Loaded, Unmapped

__all__ = [
    "DATASETS",
    "Dataset",
    "load",
    "Loaded",
    "Unmapped",
    "BENCHMARKS",
    "benchmark_folder",
    "benchmark_rows",
]
