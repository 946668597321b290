'''Rewards of your own: a Python function of (prompt, response, instruction) that gives a number.

Put the function into a file of yours, here ``my_rewards.py``, beside your settings file or in the
folder where you work, and name it ``my_rewards:brief`` wherever a reward is named: in a YAML file,
after ``hppt train --reward``, inside ``noisy(…)``, or in `hppt_lib.rewards.reward`. Three examples:

1. A number from 0 to 1. That is the range of a function that states none::

    def brief(prompt, response, instruction):
        """1 for up to five words, less for each word more."""
        return min(1.0, 5 / max(1, len(response.split())))

2. All or nothing, so that `noisy` can stand around it. What a function states, it states as
   attributes; the instruction (`hppt_lib.Instruction`) brings its hard constraints and their
   verifiers::

    def met_without_list(prompt, response, instruction):
        """1 if every constraint is met and no line begins as a list does."""
        met = all(each.verifier()(response).passed for each in instruction.constraints)
        return met and not any(line.startswith(("-", "*")) for line in response.splitlines())

    met_without_list.all_or_nothing = True

3. A range of its own, and no reward at all for some responses (NaN: the rollout is left out)::

    import math

    def praise(prompt, response, instruction):
        """-1, 0 or 1 by two words; a blank response says nothing about praise."""
        if not response.strip():
            return math.nan
        return response.count("sweet") - response.count("cold")

    praise.range = (-9, 9)
    praise.may_drop = True

Used as::

    hppt train --reward my_rewards:brief
    hppt train --reward "my_rewards:brief(guard=substance)"
    hppt train --reward "noisy(my_rewards:met_without_list, false_pass=0.1)"

None, a text, NaN that is not stated, and a number outside the range end the run at the first
response that gets one; the message shows it. The record keeps module, function and the SHA-256 of
the source file, and a run whose function was changed in the middle does not go on.
'''

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import math
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Instruction
from hppt_lib.rewards.guards import allows, guard_named
from hppt_lib.rewards.kinds import STRICT, Reward, Source, refused, reward_name, shown
from hppt_lib.rewards.scores import Score

Function = Callable[[str, str, Instruction], float]
"""From a prompt, a response and the instruction (with its hard constraints) to the reward."""


def own(
    function: Function,
    *,
    range: tuple[float, float] | None = None,
    all_or_nothing: bool | None = None,
    may_drop: bool | None = None,
    guard: str = "none",
    name: str = "",
) -> Reward:
    """A reward from a function of yours; the module's docstring has three examples.

    What is None here is taken from the function's attribute of that name, if it has one.

    Args:
        function: see `Function`.
        range: the smallest and the largest reward; (0, 1) if nothing is stated.
        all_or_nothing: whether it takes these two values only; False if nothing is stated.
        may_drop: whether it may give NaN, which leaves the rollout out of its group; False if
            nothing is stated.
        guard: a name in `hppt_lib.rewards.GUARDS`; what it refuses gets the smallest reward.
        name: what records call it; empty for ``module:function``.

    Raises:
        HpptError: it is no function of three arguments, it is asynchronous, the range is not two
            numbers in order, or there is no such guard.
    """
    label = f"{_module_of(function)}:{_name_of(function)}"
    _check_function(function, label)
    low, high = _range(_stated(function, "range", range, (0.0, 1.0)), label)
    two_values = bool(_stated(function, "all_or_nothing", all_or_nothing, False))
    drops = bool(_stated(function, "may_drop", may_drop, False))
    chosen = guard_named(guard)

    def value(score: Score) -> float:
        if score.instruction is None:
            raise HpptError(f"The reward '{label}' needs the response itself: use rewards.score().")
        if not allows(guard, score):
            return low
        try:
            return function(score.instruction.prompt, score.answer, score.instruction)
        except HpptError:
            raise
        except Exception as error:
            line = traceback.extract_tb(error.__traceback__)[-1]
            at = f"{line.filename}, line {line.lineno}"
            what = f"failed with {type(error).__name__}: {error} ({at})"
            raise refused(label, what, score) from error

    stated: Any = {"range": (low, high), "all_or_nothing": two_values, "may_drop": drops}
    bare = own(function, name=name, **stated) if guard != "none" else STRICT
    what = (inspect.getdoc(function) or "a function of yours").partition("\n")[0].rstrip(".")
    clause = "" if guard == "none" else f"; {low:g} unless the response is {chosen.definition}"
    reward = Reward(
        name=reward_name(name or label, guard=(guard, "none")),
        value=value,
        range=(low, high),
        all_or_nothing=two_values,
        definition=f"{what}{clause}",
        source=_source(function),
        may_drop=drops,
        guard=guard,
        before_guard=None if guard == "none" else bare.value,
    )
    return replace(reward, value=reward.checked_value)


def is_own(name: str) -> bool:
    """Whether a word names a function of the user's, as in ``module:function``."""
    module, colon, function = name.partition(":")
    words = [*module.split("."), *function.split(".")]
    return bool(colon) and all(word.isidentifier() for word in words)


def own_by_name(name: str, *, guard: str = "none", folders: Sequence[Path] = ()) -> Reward:
    """The reward ``module:function``, where the module is a file of the user's.

    The module's code runs when it is read. A file that has changed since is read anew.

    Args:
        name: module and function; the function may also be a `Reward`, such as `own` makes.
        guard: see `own`.
        folders: where the module is looked for first; then come the working directory and
            Python's own path.

    Raises:
        HpptError: there is no such module or function, it cannot be read, or as `own`.
    """
    module_name, _, function_name = name.partition(":")
    module = _module(module_name, [*folders, Path.cwd()], name)
    found: Any = module
    for part in function_name.split("."):
        if not hasattr(found, part):
            there = [each for each, value in vars(module).items() if _is_here(value, module_name)]
            raise HpptError(
                f"Reward '{name}': {_file_of(module)} has no '{function_name}'. "
                f"It has: {', '.join(sorted(there)) or 'no function'}."
            )
        found = getattr(found, part)
    if isinstance(found, Reward):
        if guard != "none":
            raise HpptError(f"Reward '{name}' is a Reward already: give own(…) the guard there.")
        # Its name must lead here again.
        source = found.source or Source(module_name, function_name, *_as_read(_file_of(module)))
        return replace(found, name=name, source=source)
    if not callable(found):
        raise HpptError(f"Reward '{name}': '{function_name}' is {shown(found)}, no function.")
    return own(found, guard=guard, name=name)


def _check_function(function: Function, label: str) -> None:
    wanted = f"The reward '{label}' must be a function of (prompt, response, instruction)"
    if inspect.iscoroutinefunction(function):
        raise HpptError(f"{wanted} that gives a number at once; it is asynchronous.")
    try:
        inspect.signature(function).bind("", "", None)
    except TypeError as error:
        raise HpptError(f"{wanted}: {error}.") from error
    except ValueError as error:  # a function written in C that does not say what it takes
        raise HpptError(f"{wanted}, written in Python.") from error


def _stated(function: Function, name: str, given: Any, default: Any) -> Any:
    return getattr(function, name, default) if given is None else given


def _range(given: Any, label: str) -> tuple[float, float]:
    try:
        low, high = map(float, given)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise HpptError(
            f"The reward '{label}' states the range {shown(given)}. Write two numbers, the "
            "smallest and the largest reward, such as (0, 1)."
        )
    return low, high


# --- the module and its file ----------------------------------------------------------------------

# Each file's digest and module, and the digests of its imports from beside it. None runs twice.
_READ: dict[Path, tuple[str, ModuleType, dict[str, str]]] = {}


def _module(module: str, folders: Sequence[Path], name: str) -> ModuleType:
    relative = Path(*module.split("."))
    try:
        for folder in folders:
            for path in (folder / relative.with_suffix(".py"), folder / relative / "__init__.py"):
                if path.is_file() and "." not in module:
                    return _from_file(module, path.resolve())
                if path.is_file():  # a module of a package is imported as Python does
                    _add_to_path(folder)
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name not in (module, module.partition(".")[0]):
            raise HpptError(
                f"Reward '{name}': {module} needs {error.name}, which is not installed."
            ) from error
        looked = ", ".join(dict.fromkeys(str(each.resolve()) for each in folders))
        raise HpptError(
            f"Reward '{name}': there is no {relative.with_suffix('.py')} in {looked}, and no "
            f"installed module {module}."
        ) from error
    except HpptError:
        raise
    except Exception as error:
        line = traceback.extract_tb(error.__traceback__)[-1]
        at = (error.filename, error.lineno) if isinstance(error, SyntaxError) else None
        file, number = at or (line.filename, line.lineno)
        raise HpptError(
            f"Reward '{name}': {file}, line {number}: {type(error).__name__}: {error}."
        ) from error


def _from_file(module: str, path: Path) -> ModuleType:
    source = path.read_bytes()
    digest = hashlib.sha256(source).hexdigest()
    if path in _READ:
        read, module_read, beside = _READ[path]
        if read == digest and all(_digest(path.parent / name) == beside[name] for name in beside):
            return module_read
    spec = importlib.util.spec_from_file_location(module, path)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    known, paths = dict(sys.modules), list(sys.path)
    beside = {}
    try:
        _add_to_path(path.parent)  # for what it imports from beside it
        sys.modules[module] = made  # dataclasses look there
        exec(compile(source, str(path), "exec"), made.__dict__)
    finally:
        # Another folder's files of the same names are other modules.
        sys.path[:] = paths
        for name, each in list(sys.modules.items()):
            file = getattr(each, "__file__", None)
            if name not in known and file and Path(file).resolve().parent == path.parent:
                del sys.modules[name]
                if each is not made:
                    beside[Path(file).name] = _digest(Path(file))
        if module in known:
            sys.modules[module] = known[module]
    _READ[path] = digest, made, beside
    return made


def _add_to_path(folder: Path) -> None:
    """Last, so that a file of the user's never stands in for an installed module."""
    if (text := str(folder.resolve())) not in sys.path:
        sys.path.append(text)


def _source(function: Function) -> Source:
    """Where a function comes from: the file as it was read, not as it may be now."""
    plain: Any = inspect.unwrap(function)
    if not inspect.isroutine(plain) and not inspect.isclass(plain):
        plain = getattr(plain, "func", None) or type(plain)  # a partial, or a callable object
    try:
        path = Path(inspect.getsourcefile(plain) or "").resolve()
    except TypeError:
        path = Path()
    return Source(_module_of(function), _name_of(function), *_as_read(path))


def _as_read(path: Path) -> tuple[str, dict[str, str]]:
    """The digests of a file and of what it imported from beside it, as they were read."""
    if path in _READ:
        digest, _, beside = _READ[path]
        return digest, dict(beside)
    return _digest(path), {}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _file_of(module: ModuleType) -> Path:
    return Path(getattr(module, "__file__", None) or module.__name__)


def _is_here(value: Any, module: str) -> bool:
    return isinstance(value, Reward) or (
        inspect.isfunction(value) and value.__module__ == module and value.__name__ != "<lambda>"
    )


def _module_of(function: Any) -> str:
    plain = getattr(function, "func", function)
    return str(getattr(plain, "__module__", "") or type(plain).__module__)


def _name_of(function: Any) -> str:
    plain = getattr(function, "func", function)
    return str(getattr(plain, "__qualname__", "") or type(plain).__qualname__)
