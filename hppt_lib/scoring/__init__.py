"""Files of responses: each line verified, strict and loose, and all of them made into a scorecard.

>>> from hppt_lib import scoring
>>> card = scoring.score_file("responses.jsonl")                         # doctest: +SKIP
>>> print(scoring.as_table(card))                                        # doctest: +SKIP
"""

from hppt_lib.scoring.benchmark_defects import (
    KNOWN_DEFECTS,
    PROGRAM_DEFECTS,
    DataDefect,
    ProgramDefect,
    defects_of,
)
from hppt_lib.scoring.exports import InspectExport, LmEvalExport
from hppt_lib.scoring.forms import Prompts, as_line, read_prompts
from hppt_lib.scoring.readings import differences_table
from hppt_lib.scoring.responses import Export, ScoredLine, score_file, score_line
from hppt_lib.scoring.scorecard import Scorecard, as_table

__all__ = [
    "ScoredLine",
    "score_line",
    "score_file",
    # Other programs' files: read, and written
    "as_line",
    "read_prompts",
    "Prompts",
    "Export",
    "LmEvalExport",
    "InspectExport",
    # What comes of it
    "Scorecard",
    "as_table",
    "differences_table",
    "DataDefect",
    "KNOWN_DEFECTS",
    "defects_of",
    "ProgramDefect",
    "PROGRAM_DEFECTS",
]
