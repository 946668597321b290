"""A reward of the user's own: found, checked, recorded, and trained on."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import inspect
import math
import re
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint, Instruction
from hppt_lib.rewards import STRICT, Reward, own, reward, score

TEA = Instruction(
    "tea", "Write about tea. No commas.", (Constraint("punctuation:no_comma"),), topic=("tea",)
)


def scored(response: str = "Tea is hot.") -> Any:
    return score(TEA, response)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, code: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(code), encoding="utf-8")
    return path


LENGTH = """
def length(prompt, response, instruction):
    '''Longer is better. To a point.'''
    return min(1.0, len(response) / 20)
"""


# --- found ----------------------------------------------------------------------------------------


def test_a_function_in_the_working_directory_is_a_reward(here: Path) -> None:
    """Mistake: a record that cannot tell which function was paid."""
    path = write(here / "own_a.py", LENGTH)
    found = reward("own_a:length")
    assert found.value(scored("ten letters")) == pytest.approx(11 / 20)
    assert found.name == "own_a:length" and found.definition == "Longer is better. To a point"
    assert found.range == (0.0, 1.0) and not found.all_or_nothing
    assert found.source is not None
    assert dataclasses.astuple(found.source) == (
        "own_a",
        "length",
        hashlib.sha256(path.read_bytes()).hexdigest(),
        {},
    )


def test_the_settings_file_s_folder_comes_first(here: Path) -> None:
    """Mistake: another project's file of the same name, because one stands in its folder."""
    write(here / "own_b.py", "def f(prompt, response, instruction): return 0.25")
    write(here / "project/own_b.py", "def f(prompt, response, instruction): return 0.75")
    write(here / "other/own_b.py", "def f(prompt, response, instruction): return 1.0")
    assert reward("own_b:f").value(scored()) == 0.25
    assert reward("own_b:f", [here / "project"]).value(scored()) == 0.75
    assert reward("own_b:f", [here / "other"]).value(scored()) == 1.0
    assert reward("own_b:f", [here / "project"]).value(scored()) == 0.75


def test_a_file_named_like_a_module_of_python_replaces_nothing(here: Path) -> None:
    """Mistake: a user's copy.py that breaks every library which imports copy."""
    import copy

    write(here / "copy.py", "def f(prompt, response, instruction): return 1")
    assert reward("copy:f").value(scored()) == 1.0
    import copy as again

    assert again is copy and copy.deepcopy([1]) == [1]


def test_what_lies_beside_the_module_can_be_imported(here: Path) -> None:
    write(here / "project/own_helper.py", "WORTH = 0.5")
    write(
        here / "project/own_c.py",
        "from own_helper import WORTH\ndef f(prompt, response, instruction): return WORTH",
    )
    before = reward("own_c:f", [here / "project"])
    assert before.value(scored()) == 0.5
    write(here / "project/own_helper.py", "WORTH = 0.75")
    after = reward("own_c:f", [here / "project"])
    assert after.value(scored()) == 0.75
    assert before.identity != after.identity and before.name == after.name


def test_a_module_of_a_package(here: Path) -> None:
    write(here / "own_package/__init__.py", "")
    write(here / "own_package/first.py", "from .second import f")
    path = write(
        here / "own_package/second.py", "def f(prompt, response, instruction): return True"
    )
    found = reward("own_package.first:f")
    assert found.value(scored()) == 1.0
    assert found.source and found.source.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_changed_file_is_read_anew(here: Path) -> None:
    """Mistake: a record that names the file of today and was paid by that of yesterday."""
    write(here / "own_d.py", "def f(prompt, response, instruction): return 0")
    before = reward("own_d:f")
    write(here / "own_d.py", "def f(prompt, response, instruction): return 1")
    after = reward("own_d:f")
    assert (before.value(scored()), after.value(scored())) == (0.0, 1.0)
    assert before.identity != after.identity and before.name == after.name


# --- stated ---------------------------------------------------------------------------------------


def test_range_and_kind_are_stated_by_attributes(here: Path) -> None:
    write(
        here / "own_e.py",
        """
        def f(prompt, response, instruction):
            return len(response) - 5
        f.range = (-5, 5)
        f.may_drop = True
        """,
    )
    found = reward("own_e:f")
    assert found.range == (-5.0, 5.0) and found.may_drop and found.value(scored("abc")) == -2


def test_a_reward_object_may_be_named_too(here: Path) -> None:
    """Mistake: a record whose reward's name leads nowhere."""
    write(
        here / "own_f.py",
        """
        from hppt_lib.rewards import own
        def f(prompt, response, instruction):
            return 3
        mine = own(f, range=(0, 3), all_or_nothing=True)
        """,
    )
    found = reward("own_f:mine")
    assert found.name == "own_f:mine" and found.range == (0.0, 3.0) and found.all_or_nothing
    assert found.source and found.source.function == "f"


def met(prompt: str, response: str, instruction: Instruction) -> bool:
    return all(each.verifier()(response).passed for each in instruction.constraints)


def test_a_guard_stands_before_the_function() -> None:
    """Mistake: an own reward that pays for a lone full stop, and no way to forbid it."""
    guarded = own(met, range=(-1, 1), guard="substance", name="m:met")
    assert guarded.name == "m:met(guard=substance)"
    assert guarded.value(scored(".")) == -1
    assert guarded.value(scored("Tea leaves brew overnight in cold water.")) == 1


def test_noise_stands_around_the_function(here: Path) -> None:
    """Mistake: noise whose truth is not the function's, or whose record forgets the file."""
    write(
        here / "own_g.py",
        """
        def f(prompt, response, instruction):
            return "hot" in response
        f.all_or_nothing = True
        def fraction(prompt, response, instruction):
            return 0.5
        """,
    )
    noisy = reward("noisy(own_g:f, false_pass=1.0)")
    assert noisy.name == "noisy(of=own_g:f, false_pass=1.0, draws=frozen)"
    assert reward(noisy.name).name == noisy.name
    assert noisy.value(scored("cold")) == 1 and noisy.true_value(scored("cold")) == 0
    assert noisy.source == reward("own_g:f").source
    corrected = reward("corrected(noisy(own_g:f(guard=topic), false_pass=.2), false_pass=.2)")
    assert reward(corrected.name).name == corrected.name and corrected.source == noisy.source
    with pytest.raises(HpptError, match="needs a reward whose truth is 0 or 1"):
        reward("noisy(own_g:fraction)")


# --- refused --------------------------------------------------------------------------------------


GIVEN: list[tuple[Any, str]] = [
    (None, "gave None (NoneType), which is no number"),
    ("0.5", "gave '0.5' (str), which is no number"),
    ([0.5], "gave [0.5] (list), which is no number"),
    (1j, "gave 1j (complex), which is no number"),
    (np.array([0.1, 0.2]), "(ndarray), which is no number"),
    (math.nan, "gave NaN; if that is to leave the rollout out, state may_drop = True"),
    (math.inf, "gave inf, outside its range from 0 to 1"),
    (1.5, "gave 1.5, outside its range from 0 to 1"),
    (-1e-9, "gave -1e-09, outside its range from 0 to 1"),
]


@pytest.mark.parametrize(("value", "message"), GIVEN, ids=lambda each: str(each)[:20])
@pytest.mark.parametrize("made", ["own", "by hand"])
def test_what_is_no_reward_is_refused_with_its_row(value: Any, message: str, made: str) -> None:
    """Mistake: a run of hours on NaN, or a traceback out of TRL for a forgotten return."""

    def f(prompt: str, response: str, instruction: Instruction) -> Any:
        return value

    if made == "own":
        found = own(f).value
    else:  # a Reward that somebody built: the trainer looks at it in the same way
        found = Reward("mine", lambda score: value, (0.0, 1.0), False, "a test").checked_value
    with pytest.raises(HpptError, match=re.escape(message)) as caught:
        found(scored("y" * 300))
    assert f"instruction 'tea' and the response '{'y' * 200}…'" in str(caught.value)


@pytest.mark.parametrize("value", [1, 0.25, True, np.float32(0.5), np.int64(1), np.bool_(True)])
def test_numbers_of_other_libraries_are_numbers(value: Any) -> None:
    assert own(lambda prompt, response, instruction: value).value(scored()) == float(value)


def test_a_tensor_of_one_number_is_a_number() -> None:
    import torch

    assert own(lambda prompt, response, instruction: torch.tensor(0.5)).value(scored()) == 0.5


def test_nan_that_is_stated_leaves_the_rollout_out() -> None:
    found = own(lambda prompt, response, instruction: math.nan, may_drop=True)
    assert math.isnan(found.value(scored()))


def test_nothing_between_the_two_values_of_all_or_nothing() -> None:
    """Mistake: noise that flips .4 to .6 and calls it an error rate."""
    found = own(lambda prompt, response, instruction: 0.4, all_or_nothing=True)
    with pytest.raises(HpptError, match="gave 0.4; it is stated as all-or-nothing: 0 or 1"):
        found.value(scored())


def test_the_kit_s_own_rewards_are_what_they_say() -> None:
    for name in ("strict", "guarded", "fractional", "noisy(false_pass=0.4)"):
        found = reward(f"corrected(of={name}, false_pass=0.3)" if "noisy" in name else name)
        for response in ("Tea is hot.", "a, b", ""):
            assert found.checked_value(scored(response)) == found.value(scored(response))


def test_a_failing_function_names_its_own_line(here: Path) -> None:
    """Mistake: "division by zero" without a place."""
    write(here / "own_h.py", "def f(prompt, response, instruction):\n    return 1 / len([])\n")
    with pytest.raises(
        HpptError, match=r"failed with ZeroDivisionError: .*own_h.py, line 2\).*'tea'.*'Tea is hot"
    ):
        reward("own_h:f").value(scored())


WRONG = [
    ("own_w:absent", "own_w.py has no 'absent'. It has: fine, late, one."),
    ("own_w:number", "'number' is 3 (int), no function"),
    ("own_w:one", "must be a function of (prompt, response, instruction): too many positional"),
    ("own_w:late", "that gives a number at once; it is asynchronous"),
    ("own_w:fine(guard=gard)", "There is no guard 'gard'"),
    ("own_w:fine(of=strict)", "has no setting 'of'; it takes: guard"),
    ("own_nowhere:f", "there is no own_nowhere.py in "),
    ("own_syntax:f", "own_syntax.py, line 2: SyntaxError"),
    ("own_import:f", "own_import needs own_not_installed, which is not installed"),
    ("own_raises:f", "own_raises.py, line 1: ZeroDivisionError"),
    ("os:system", "must be a function of (prompt, response, instruction)"),
    ("own_w.py:fine", "there is no own_w/py.py"),
    ("my-rewards:f", "There is no reward 'my-rewards:f'"),
]


@pytest.mark.parametrize(("name", "message"), WRONG)
def test_what_cannot_be_found_says_where_it_was_looked_for(
    name: str, message: str, here: Path
) -> None:
    """Mistake: a traceback, or a refusal that comes after the base evaluation."""
    write(
        here / "own_w.py",
        """
        number = 3
        def one(response): return 1
        async def late(prompt, response, instruction): return 1
        def fine(prompt, response, instruction): return 1
        """,
    )
    write(here / "own_syntax.py", "x = 1\ndef f(:\n")
    write(here / "own_import.py", "import own_not_installed\n")
    write(here / "own_raises.py", "1 / 0\n")
    with pytest.raises(HpptError, match=re.escape(message)):
        reward(name)


@pytest.mark.parametrize("stated", [(1, 0), (0, 0), (0,), "ab", (0, math.inf), 3])
def test_a_range_is_two_numbers_in_order(stated: Any) -> None:
    with pytest.raises(HpptError, match="Write two numbers, the smallest and the largest"):
        own(met, range=stated)


@given(st.text(alphabet="own_x:(guard=topic).,' é", max_size=30))
def test_any_text_with_a_colon_is_a_reward_or_an_error(text: str) -> None:
    with contextlib.suppress(HpptError):
        assert reward(text).name


# --- the page, run --------------------------------------------------------------------------------


def examples() -> tuple[str, list[str]]:
    """The code of the module's three examples, and the names of the rewards that it shows."""
    page = inspect.getdoc(inspect.getmodule(own)) or ""
    blocks = re.findall(r"::\n\n((?:    .*\n|\n)+)", page)
    code = "\n".join(textwrap.dedent(block) for block in blocks if "hppt train" not in block)
    [commands] = [block for block in blocks if "hppt train" in block]
    names = [line.partition("--reward ")[2].strip('"') for line in commands.split("\n")]
    return code, [*filter(None, names), "my_rewards:praise"]


def test_the_page_has_three_examples() -> None:
    code, names = examples()
    assert re.findall(r"^def (\w+)", code, flags=re.M) == ["brief", "met_without_list", "praise"]
    assert len(names) == 4


@pytest.mark.slow
@pytest.mark.parametrize("name", examples()[1])
def test_the_examples_train(name: str, here: Path) -> None:
    """Mistake: a page of examples that nobody has run."""
    from hppt_lib.training import TrainingJob, train
    from tests.helpers.tiny import SETTINGS, tiny_instructions, tiny_policy

    write(here / "my_rewards.py", examples()[0])
    found = reward(name)
    job = TrainingJob(tiny_instructions(), found, SETTINGS, seed=0)
    trained = train(tiny_policy(), job, progress=False)
    assert len(trained.steps) == SETTINGS.steps
    assert trained.adapter_before != trained.adapter_after
    low, high = found.range
    assert all(low <= step.reward <= high for step in trained.steps)


@pytest.mark.slow
def test_the_first_step_refuses_and_shows_the_row(here: Path) -> None:
    from hppt_lib.training import TrainingJob, train
    from tests.helpers.tiny import SETTINGS, tiny_instructions, tiny_policy

    write(here / "own_z.py", "def f(prompt, response, instruction):\n    pass\n")
    job = TrainingJob(tiny_instructions(), reward("own_z:f"), SETTINGS, seed=0)
    with pytest.raises(HpptError, match=r"'own_z:f' gave None \(NoneType\), .*instruction '\w+'"):
        train(tiny_policy(), job, progress=False)


def test_plain_rewards_have_no_file() -> None:
    assert STRICT.source is None and STRICT.identity == {"name": "strict"}
