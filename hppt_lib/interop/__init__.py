"""The kit's verifiers and rewards inside other people's programs.

| program | what is called there | what the kit has for it |
| --- | --- | --- |
| TRL | a reward function | `trl_reward` |
| verl | ``compute_score`` | `compute_score`; `verl_row` makes its rows |
| lm-eval | a task folder, ``--include_path`` | `lm_eval_tasks` |
| open-instruct | a verifier with a label | `open_instruct_score`; `open_instruct_label` makes it |
| Inspect | a scorer | `inspect_scorer` |
| any other | | `scorer` with `instruction_of` |

Each takes raw rows in IFEval's form: ``prompt``, ``instruction_id_list``, ``kwargs``. Thoughts are
left out, a blank answer satisfies nothing, and each verdict has its reason. No program is imported
here, and no torch.

>>> from hppt_lib import interop
>>> row = {"prompt": "Is tea hot? No commas.", "instruction_id_list": ["punctuation:no_comma"],
...        "kwargs": [None]}
>>> [found] = interop.scorer("strict")([interop.instruction_of(row)], ["Yes, it is."])
>>> found.value, found.reasons
(0.0, 'failed punctuation:no_comma: 1 comma, none wanted')
"""

from hppt_lib.interop.inspect_ai import inspect_scorer
from hppt_lib.interop.lm_eval import lm_eval_metrics, lm_eval_tasks, pooled
from hppt_lib.interop.open_instruct import open_instruct_label, open_instruct_score
from hppt_lib.interop.rows import FORMS, Scorer, instruction_of, scorer
from hppt_lib.interop.trl import trl_reward
from hppt_lib.interop.verl import compute_score, verl_row

__all__ = [
    # Any program: a row, a reward, a score
    "FORMS",
    "instruction_of",
    "scorer",
    "Scorer",
    # Training
    "trl_reward",
    "compute_score",
    "verl_row",
    "open_instruct_label",
    "open_instruct_score",
    # Evaluation
    "lm_eval_tasks",
    "lm_eval_metrics",
    "pooled",
    "inspect_scorer",
]
