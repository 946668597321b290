"""Public data sets as instructions, from a file of yours or from the hub; nothing is shipped here.

>>> from hppt_lib import sources
>>> loaded = sources.load("verinstruct", "VerInstruct/train.jsonl")      # doctest: +SKIP
>>> print(loaded.summary())                                              # doctest: +SKIP

Every constraint that a row names stays in its instruction. What cannot be verified or judged is
counted by reason and listed with file and line in `Loaded.unmapped`; `Loaded.usable` holds the
instructions without any of it. Nothing of a data set is executed: see `hppt_lib.sandbox.run`
for that.
"""

from hppt_lib.sources.benchmarks import BENCHMARKS, benchmark_folder, benchmark_rows
from hppt_lib.sources.catalogue import DATASETS, Dataset, load
from hppt_lib.sources.collect import Loaded, Unmapped

__all__ = [
    "BENCHMARKS",
    "DATASETS",
    "Dataset",
    "Loaded",
    "Unmapped",
    "benchmark_folder",
    "benchmark_rows",
    "load",
]
