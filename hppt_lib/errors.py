"""The errors that this library raises on purpose: their messages say what to do.

Also which optional packages each extra of the kit brings, so that a missing one is named.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec


class HpptError(Exception):
    """Something that the reader can put right.

    The message names the thing (file, line, setting) and the next step. The command line prints it
    without a traceback and ends with exit status 1.
    """


class MissingExtra(HpptError, ImportError):
    """A package is not installed that comes with an extra; the message names the extra."""


# fmt: off
EXTRAS: dict[str, tuple[str, ...]] = {
    "train": (
        "torch", "transformers", "trl", "peft", "accelerate", "datasets", "pyarrow", "safetensors",
        "tokenizers", "gguf", "huggingface_hub", "bitsandbytes", "joblib",
    ),
    "course": (
        "pandas", "matplotlib", "seaborn", "jupyterlab", "ipywidgets", "ipykernel", "IPython",
        "jupyter_client", "nbclient", "nbformat", "jinja2", "markupsafe",
    ),
    "site": ("sphinx", "docutils", "myst_nb", "sphinx_book_theme", "latex2mathml"),
    "classroom": ("nbgrader",),
    "gpu": ("deepspeed",),
    "vllm": ("vllm",),
    "cluster": ("dask", "distributed"),
}
# fmt: on
"""The packages that each extra brings, by the name that they are imported with. The extra
``course`` brings those of ``train`` and ``site`` too."""


def needs(extra: str) -> None:
    """Check that an extra is installed, before anything of it is imported.

    Args:
        extra: a key of `EXTRAS`.

    Raises:
        MissingExtra: one of its packages is not installed.
    """
    for package in EXTRAS[extra]:
        if find_spec(package) is None:
            raise missing(package)


def missing(package: str) -> MissingExtra:
    """The error for a package that is not installed: it names the extra that brings it.

    Raises:
        KeyError: no extra brings the package.
    """
    extras = {each: extra for extra, packages in EXTRAS.items() for each in packages}
    extra = extras[package.partition(".")[0]]
    return MissingExtra(
        f"This needs {package}, which is not installed. Run: pip install 'hppt-lab[{extra}]'",
        name=package,
    )


def names_extras(load: Callable[[str], object]) -> Callable[[str], object]:
    """Wrap the ``__getattr__`` of a lazy room, so that it names the extra of an absent package.

    Args:
        load: gives the room's public names, such as the one that lazy_loader makes.
    """

    def load_or_explain(name: str) -> object:
        try:
            return load(name)
        except ModuleNotFoundError as error:
            try:
                explained = missing(error.name or "")
            except KeyError:
                raise error from None
            raise explained from error

    return load_or_explain
