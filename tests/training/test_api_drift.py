"""Do TRL, transformers, peft and bitsandbytes still accept what the kit passes?

Everything is read from the kit's own source: calls in ``hppt_lib`` and in the notebooks whose
function comes from one of these packages, and classes that extend theirs. So a new call is covered
when it is written, and nothing here is kept up to date by hand. The idea is unslothai/notebooks'.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import nbformat
import pytest

from tests import ROOT

pytestmark = pytest.mark.slow

PACKAGES = ("trl", "transformers", "peft", "bitsandbytes", "accelerate", "datasets")


class Kit:
    """One module or notebook: its syntax tree, and what its names mean in the packages."""

    def __init__(self, source: str) -> None:
        self.tree = ast.parse(source)
        self.names: dict[str, Any] = {}
        self.gone: list[str] = []
        self.kit: set[str] = set()  # names of the kit's own modules: their functions are no methods
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("hppt_lib"):
                self.kit.update(alias.asname or alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and _ours(node.module):
                for alias in node.names:
                    self._import(alias.asname or alias.name, f"{node.module}:{alias.name}")
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    if _ours(alias.name):
                        self._import(alias.asname or alias.name.partition(".")[0], alias.name)
        # A class of the kit that extends one of theirs and has no `__init__` of its own is called
        # with the arguments of theirs, and so is what a function returns that makes such a class.
        self.classes = [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)]
        self.parents: dict[ast.AST, Any] = {}  # of each `__init__`: the class that `super()` makes
        for made in self.classes:
            own = [each for each in made.body if getattr(each, "name", "") == "__init__"]
            for base in map(self.meaning, made.bases):
                if base is not None:
                    self.parents |= dict.fromkeys(own, base)
                    if not own:
                        self.names.setdefault(made.name, base)
        self.makers = {
            function.name: self.names[last.value.id]
            for function in ast.walk(self.tree)
            if isinstance(function, ast.FunctionDef)
            and isinstance(last := function.body[-1], ast.Return)
            and isinstance(last.value, ast.Name)
            and last.value.id in {made.name for made in self.classes}
            and last.value.id in self.names
        }

    def _import(self, name: str, place: str) -> None:
        module, _, attribute = place.partition(":")
        try:
            loaded: Any = importlib.import_module(module)
            self.names[name] = getattr(loaded, attribute) if attribute else loaded
        except (ImportError, AttributeError):
            self.gone.append(f"{place} no longer exists")

    def meaning(self, node: ast.expr) -> Any:
        """The object of a package that an expression stands for; None if it is none."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self.meaning(node.value)
            if owner is None:
                return None
            if not hasattr(owner, node.attr):
                self.gone.append(f"line {node.lineno}: {_name(owner)}.{node.attr} is gone")
                return None
            return getattr(owner, node.attr)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self.makers.get(node.func.id)
        return None

    def calls(self) -> Iterator[tuple[int, Any, set[str]]]:
        """Line, function of a package, and the keywords that the kit passes to it."""
        for function in [self.tree, *self._functions()]:
            dicts = _string_keys(function)
            for node in _own_nodes(function):
                if not isinstance(node, ast.Call):
                    continue
                target = self.meaning(node.func)
                if ast.unparse(node.func) == "super().__init__":
                    target = self.parents.get(function)
                method = isinstance(node.func, ast.Attribute) and not (
                    isinstance(node.func.value, ast.Name) and node.func.value.id in self.kit
                )
                if target is None and method and isinstance(node.func, ast.Attribute):
                    target = _METHODS.get(node.func.attr, lambda: None)()
                if not callable(target):
                    continue
                keywords: set[str] = set()
                for keyword in node.keywords:
                    if keyword.arg is not None:
                        keywords.add(keyword.arg)
                    elif isinstance(keyword.value, ast.Name):
                        keywords |= dicts.get(keyword.value.id, set())
                yield node.lineno, target, keywords

    def _functions(self) -> list[ast.AST]:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
        return [node for node in ast.walk(self.tree) if isinstance(node, kinds)]


def _generate() -> Any:
    from transformers import GenerationMixin

    return GenerationMixin.generate


# Methods that are called on a loaded model, which no import statement tells.
_METHODS: dict[str, Callable[[], Any]] = {"generate": _generate}


def _ours(module: str | None) -> bool:
    return (module or "").partition(".")[0] in PACKAGES


def _name(thing: Any) -> str:
    return str(getattr(thing, "__qualname__", getattr(thing, "__name__", thing)))


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function (or module) without those of functions inside it."""
    waiting = list(ast.iter_child_nodes(function))
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def _string_keys(function: ast.AST) -> dict[str, set[str]]:
    """For each dictionary that a function builds under a name: the keys that it gives it."""
    found: dict[str, set[str]] = {}
    for node in _own_nodes(function):
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            targets, value = [node.target], node.value
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.Dict):
                found.setdefault(target.id, set()).update(map(_text, value.keys))
            elif isinstance(target, ast.Name) and isinstance(value, ast.Call):
                if isinstance(value.func, ast.Name) and value.func.id == "dict":
                    keys = {each.arg for each in value.keywords if each.arg}
                    found.setdefault(target.id, set()).update(keys)
            elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                found.setdefault(target.value.id, set()).add(_text(target.slice))
    return {name: keys - {""} for name, keys in found.items()}


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


# --- what the packages accept ---------------------------------------------------------------------


def accepts(target: Any, keyword: str) -> bool:
    """Whether a function or class takes a keyword, and does not just swallow it."""
    parameters = inspect.signature(target).parameters
    named = {each.name for each in parameters.values() if each.kind is not each.VAR_KEYWORD}
    if keyword in named:
        return True
    if not any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
        return False
    return any(keyword in words_read_by(reader) for reader in readers(target))


def readers(target: Any) -> list[Any]:
    """The functions that look into the ``**kwargs`` of ``target``."""
    import transformers

    if inspect.isclass(target):
        return [target.__init__]
    owner = getattr(target, "__self__", None)
    if target is transformers.GenerationMixin.generate:
        return [target, transformers.GenerationConfig.__init__]
    if inspect.isclass(owner) and owner.__module__.startswith("transformers."):
        deeper: list[Any] = [target, transformers.PreTrainedConfig.get_config_dict]
        if "Tokenizer" in owner.__name__:
            deeper += [transformers.PreTrainedTokenizerBase.from_pretrained]
        elif "Model" in owner.__name__:
            deeper += [transformers.PreTrainedModel.from_pretrained]
        elif "Config" in owner.__name__:
            deeper += [transformers.PreTrainedConfig._get_config_dict]
        return deeper
    return [target]


@functools.cache
def words_read_by(function: Any) -> set[str]:
    """Parameters of a function, and the words in its code that could be keys of its kwargs."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    docstrings = {ast.get_docstring(node, clean=False) for node in ast.walk(tree) if _has_doc(node)}
    words = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)} - docstrings
    named = {
        name
        for name, each in inspect.signature(function).parameters.items()
        if each.kind is not each.VAR_KEYWORD
    }
    return named | {word for word in words if isinstance(word, str)}


def _has_doc(node: ast.AST) -> bool:
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))


# --- overridden methods ---------------------------------------------------------------------------


@functools.cache
def event_keywords() -> set[str]:
    """What transformers hands to callbacks besides args, state and control."""
    from transformers import trainer_callback

    tree = ast.parse(inspect.getsource(trainer_callback.CallbackHandler))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {each.arg for call in calls for each in call.keywords if each.arg}


def override_problems(kit: Kit) -> Iterator[str]:
    for made in kit.classes:
        bases = [base for base in map(kit.meaning, made.bases) if inspect.isclass(base)]
        for base in bases:
            for method in made.body:
                if isinstance(method, ast.FunctionDef):
                    yield from _method_problems(base, method)


def _method_problems(base: type, method: ast.FunctionDef) -> Iterator[str]:
    from transformers import TrainerCallback

    place = f"line {method.lineno}: {base.__name__}.{method.name}"
    if not hasattr(base, method.name):
        event = issubclass(base, TrainerCallback) and method.name.startswith("on_")
        if event or f"super().{method.name}(" in ast.unparse(method):
            yield f"{place} is gone, so this override would never run"
        return
    if method.name.startswith("__"):
        return
    theirs = inspect.signature(getattr(base, method.name)).parameters
    arguments = method.args
    ours = {each.arg for each in arguments.posonlyargs + arguments.args + arguments.kwonlyargs}
    variable = {name for name, each in theirs.items() if each.kind is each.VAR_KEYWORD}
    if arguments.kwarg is None:
        missing = set(theirs) - ours - variable
        for name in sorted(missing):
            yield f"{place} is called with {name}, which the override does not take"
        if variable:
            yield f"{place} is called with further keywords, which the override does not take"
    known = set(theirs) | (event_keywords() if issubclass(base, TrainerCallback) else set())
    for name in sorted(ours - known):
        yield f"{place} is not called with {name}"


def problems(source: str) -> list[str]:
    """Everything in a piece of the kit that the installed packages would not accept."""
    kit = Kit(source)
    found = [
        f"line {line}: {_name(target)} does not accept {keyword}="
        for line, target, keywords in kit.calls()
        for keyword in sorted(keywords)
        if not accepts(target, keyword)
    ]
    return sorted({*found, *kit.gone, *override_problems(kit)})


def sources() -> dict[str, str]:
    """Name and Python source of every module and notebook of the kit."""
    found = {
        str(path.relative_to(ROOT)): path.read_text("utf-8")
        for path in sorted((ROOT / "hppt_lib").rglob("*.py"))
    }
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        code = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
        lines = ["" if line.lstrip().startswith(("%", "!")) else line for line in code.splitlines()]
        found[str(path.relative_to(ROOT))] = "\n".join(lines)
    return found


SOURCES = sources()


@pytest.mark.parametrize("name", SOURCES)
def test_installed_packages_accept_what_the_kit_passes(name: str) -> None:
    assert not problems(SOURCES[name])


def test_the_calls_that_matter_are_found() -> None:
    """An empty search would be green for ever."""
    found = {
        (_name(target), keyword)
        for source in SOURCES.values()
        for _, target, keywords in Kit(source).calls()
        for keyword in keywords
    }
    expected = {
        ("GRPOConfig", "loss_type"),
        ("GRPOConfig", "use_vllm"),
        ("GRPOConfig", "vllm_mode"),
        ("GRPOConfig", "vllm_server_base_url"),
        ("GRPOTrainer", "reward_funcs"),
        ("GRPOTrainer", "rollout_func"),
        ("LoraConfig", "target_modules"),
        ("BitsAndBytesConfig", "bnb_4bit_quant_type"),
        ("GenerationMixin.generate", "max_new_tokens"),
    }
    assert expected <= found
    assert any(name.endswith("from_pretrained") and word == "dtype" for name, word in found)
    overrides = [
        method.name
        for source in SOURCES.values()
        for kit in [Kit(source)]
        for made in kit.classes
        if any(kit.meaning(base) for base in made.bases)
        for method in made.body
        if isinstance(method, ast.FunctionDef)
    ]
    known = {"compute_loss", "_compute_loss", "_generate", "log", "on_pre_optimizer_step"}
    assert known <= set(overrides)


PLANTED = {
    "an option that TRL dropped": """
        from trl import GRPOConfig
        GRPOConfig(output_dir="x", max_prompt_length=64)
    """,
    "an option in a dictionary": """
        import trl
        def config():
            options = {"output_dir": "x"}
            options["no_such_option"] = 1
            return trl.GRPOConfig(**options)
    """,
    "a trainer's argument, through a subclass": """
        from trl import GRPOTrainer
        def trainer_class():
            class Trainer(GRPOTrainer):
                pass
            return Trainer
        trainer_class()(model=None, tokenizer=None)
    """,
    "a trainer's argument, from an __init__ of its own": """
        from trl import GRPOTrainer
        class Trainer(GRPOTrainer):
            def __init__(self, policy):
                super().__init__(model=policy, tokenizer=None)
        Trainer(policy=None)
    """,
    "a name that is gone": "from peft import no_such_function",
    "a method that is gone": """
        from peft import PeftModel
        PeftModel.from_the_moon("x")
    """,
    "LoraConfig": """
        from peft import LoraConfig
        LoraConfig(rank=8)
    """,
    "prepare_model_for_kbit_training": """
        from peft import prepare_model_for_kbit_training
        prepare_model_for_kbit_training(None, checkpointing=False)
    """,
    "a keyword that **kwargs would swallow": """
        from transformers import BitsAndBytesConfig
        BitsAndBytesConfig(load_in_5bit=True)
    """,
    "from_pretrained swallows": """
        from transformers import AutoModelForCausalLM
        AutoModelForCausalLM.from_pretrained("x", no_such_option=1)
    """,
    "generate swallows": "model.generate(max_new_words=4)",
    "a callback's event": """
        from transformers import TrainerCallback
        class Callback(TrainerCallback):
            def on_optimiser_step(self, args, state, control, **kwargs): ...
    """,
    "a callback that takes no further keywords": """
        from transformers import TrainerCallback
        class Callback(TrainerCallback):
            def on_log(self, args, state, control): ...
    """,
    "a callback's keyword": """
        from transformers import TrainerCallback
        class Callback(TrainerCallback):
            def on_log(self, args, state, control, metrics_so_far=None, **kwargs): ...
    """,
    "an override of a method that is gone": """
        from trl import GRPOTrainer
        class Trainer(GRPOTrainer):
            def _compute_the_loss(self, model, inputs):
                return super()._compute_the_loss(model, inputs)
    """,
    "an override that lacks an argument": """
        from trl import GRPOTrainer
        class Trainer(GRPOTrainer):
            def compute_loss(self, model, inputs, return_outputs=False): ...
    """,
}


@pytest.mark.parametrize("source", PLANTED.values(), ids=PLANTED)
def test_planted_drift_is_found(source: str) -> None:
    assert len(problems(textwrap.dedent(source))) == 1


def test_accepted_calls_are_not_reported() -> None:
    source = """
        import torch
        from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
        from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
        from trl import GRPOConfig, GRPOTrainer
        nf4 = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_compute_dtype=torch.float32)
        where = {"local_files_only": True, "trust_remote_code": False}
        model = AutoModelForCausalLM.from_pretrained(
            "x", dtype="auto", device_map="cpu", quantization_config=nf4, use_safetensors=True,
            attn_implementation="eager", **where
        )
        AutoTokenizer.from_pretrained("x", gguf_file="y", **where)
        prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
        get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear"))
        PeftModel.from_pretrained(model, "x", is_trainable=True)
        model.generate(do_sample=True, temperature=0.8, max_new_tokens=4, num_return_sequences=2)
        GRPOTrainer(model=model, args=GRPOConfig(output_dir="x"), reward_funcs=[], peft_config=None)
    """
    assert problems(textwrap.dedent(source)) == []
