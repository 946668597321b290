"""The audit of constant answers counts prompts, and the guard refuses what says nothing."""

from __future__ import annotations

import pytest

from hppt_lib.audit import vacuous
from hppt_lib.errors import HpptError

COMMA = {"prompt": "Write on tea.", "instruction_id_list": ["punctuation:no_comma"], "kwargs": [{}]}
LONG = {
    "prompt": "Write on tea.",
    "instruction_id_list": ["punctuation:no_comma", "length_constraints:number_words"],
    "kwargs": [{}, {"relation": "at least", "num_words": 3}],
}


def test_every_probe_is_scored_on_every_prompt() -> None:
    """Mistake: a probe that passes one constraint counted as passing the prompt."""
    found = {each.probe: each for each in vacuous.vacuous_passes([COMMA, LONG])}
    assert found.keys() == vacuous.PROBES.keys()
    assert found["x"].passed == (True, False) and found["x"].rate.mean == 0.5
    assert found["the prompt itself"].passed == (True, True)
    assert found["I cannot help with that."].passed == (True, True)


def test_the_guard_refuses_them() -> None:
    found = vacuous.vacuous_passes([COMMA, LONG], guard=True)
    assert all(each.guarded and not any(each.passed) for each in found)


def test_what_the_guard_costs() -> None:
    """Mistake: the cost taken over all responses, failing ones included."""
    good = COMMA | {"response": "Green leaves steep slowly."}
    short = COMMA | {"response": "Yes."}
    wrong = COMMA | {"response": "a, b"}
    cost = vacuous.guard_cost([good, short, wrong])
    assert cost.mean == 0.5 and cost.samples == 2
    with pytest.raises(ValueError):
        vacuous.guard_cost([wrong])


def test_ones_own_probes_and_bad_rows() -> None:
    found = vacuous.vacuous_passes([COMMA], probes={"comma": lambda prompt: ","})
    assert [each.passed for each in found] == [(False,)]
    with pytest.raises(HpptError, match="'kwargs' is missing"):
        vacuous.vacuous_passes([{"prompt": "a", "instruction_id_list": ["punctuation:no_comma"]}])
