"""Training with GRPO: what a run is to do, what it will need, one step, one run, its record.

One step, file by file:

1. ``trainer``: what is trained (`TrainingJob`), and TRL's trainer with the kit's parts, whose
   methods stand in the order of a step;
2. ``policy.sampling``: responses to each instruction, with each prompt read once;
3. ``reward_function``: what each response earns, computed once and carried to the record;
4. ``batches``: the step's rows in micro-batches, without those that add nothing;
5. ``policy.log_probs``: the probability of each token, from which TRL computes the loss;
6. ``step``: the record of the step, and the file to which it is appended.

Around it: ``training_run`` starts, resumes and ends a run of such steps, ``checkpoints`` keeps what
the next step depends on, ``experiment`` evaluates before and after and writes the run record, and
``trained_model`` the adapter with its card. Before it: ``settings`` says what decides a run,
``plan`` what it will need, and ``preflight`` what would end it late; ``trackers`` get its curves
too. ``rates`` says how fast a machine is, ``calibration`` measures it. ``sweeps`` makes the runs of
arms × seeds side by side, as ``sweep_plan`` reads them, and ``base_evaluation`` keeps what the arms
of a seed share. ``replication`` makes the paper's experiments out of all this, as
``replication_plan`` cuts them to fit the hours, and ``replication_page`` shows them. ``grpo`` is
the loss in plain torch, as notebook 01 writes it by hand; the tests hold it equal to TRL's.

Names are loaded when they are first used: settings and plan need no torch.
"""

import lazy_loader

import hppt_lib.policy  # noqa: F401  (before TRL, whose import of bitsandbytes it quietens)
from hppt_lib.errors import names_extras

_load, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
__getattr__ = names_extras(_load)
