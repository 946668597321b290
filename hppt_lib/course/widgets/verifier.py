"""Try a verifier: choose a constraint, fill in its parameters, write a response."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hppt_lib import verifiers
from hppt_lib.course.in_browser.fields import parameter
from hppt_lib.course.samples import sample_parameters
from hppt_lib.course.widgets.live import Live
from hppt_lib.errors import HpptError

_SETS = {"ifeval": "IFEval", "iftrain": "IFTrain", "ifbench": "IFBench", "": "our own"}
_LINES = {True: "#029e73", False: "#d55e00"}  # beside the words, never without them

Example = tuple[str, Mapping[str, Any], str]
"""A constraint's id, its parameters, and a response."""


def verifier_playground(examples: Sequence[Example]) -> Live:
    """A form for any constraint, with both readings' verdicts at once.

    Args:
        examples: the first one is where the form begins; without a kernel all are a table.

    Raises:
        HpptError: an example's id is unknown, or its parameters do not fit.
    """
    import ipywidgets as widgets

    from hppt_lib.figures import table

    still = table(map(_row, examples))
    plain = "\n".join(": ".join(map(str, row.values())) for row in map(_row, examples))
    known = sample_parameters() | {id: dict(kwargs) for id, kwargs, _ in reversed(examples)}
    first, _, response = examples[0]
    wide = widgets.Layout(width="98%", max_width="46em")
    named = {"description_width": "8em"}
    chosen = widgets.Dropdown(
        options=[(f"{each.id} ({_SETS[each.benchmark]})", each.id) for each in _families()],
        value=first,
        description="constraint",
        layout=wide,
        style=named,
    )
    text = widgets.Textarea(
        response, description="response", rows=4, layout=wide, style=named, continuous_update=True
    )
    form, said = widgets.VBox(), widgets.HTML()
    fields: dict[str, tuple[Any, Callable[[Any], Any]]] = {}

    def verify(change: object = None) -> None:
        given = {name: read(field.value) for name, (field, read) in fields.items()}
        said.value = verdicts_html(chosen.value, given, text.value)

    def ask(change: object = None) -> None:
        family, fields_before = verifiers.family(chosen.value), list(fields.values())
        for field, _ in fields_before:
            field.close()
        fields.clear()
        for name in family.parameters:
            asked = parameter(family, name, known.get(family.id, {}).get(name))
            fields[name] = _field(asked, wide, named)
            fields[name][0].observe(verify, "value")
        form.children = [field for field, _ in fields.values()]
        verify()

    chosen.observe(ask, "value")
    text.observe(verify, "value")
    ask()
    return Live(
        widgets.VBox([chosen, form, text, said]),
        {"text/html": still._repr_html_(), "text/plain": plain},
    )


def verdicts_html(id: str, kwargs: Mapping[str, Any], response: str) -> str:
    """Both readings' verdicts, strict and loose; or which parameter does not fit, and why."""
    family = verifiers.family(id)
    given = {name: value for name, value in kwargs.items() if value or name not in family.optional}
    try:
        built = {each: verifiers.build(id, given, each) for each in family.readings}
    except HpptError as error:
        return f"<p><b>Not built.</b> {html.escape(str(error))}</p>"
    parts = [f"<p>{html.escape(built['text'].describe())}</p>"]
    for reading, verifier in built.items():
        verdict, loose = verifier(response), verifier.loose(response)
        parts.append(
            f'<div style="border-left: 4px solid {_LINES[verdict.passed]}; padding-left: .8em; '
            f'margin: .5em 0; line-height: 1.5"><b>{reading}: {_word(verdict)}</b><br>'
            f"{html.escape(verdict.reason)}<br>loose (IFEval's eight variants): "
            f"{_word(loose)}</div>"
        )
    return "".join(parts)


def _families() -> list[verifiers.Family]:
    order = list(_SETS)
    return sorted(verifiers.families(), key=lambda each: (order.index(each.benchmark), each.id))


def _word(verdict: verifiers.Verdict) -> str:
    return "✓ passed" if verdict.passed else "✗ failed"


def _row(example: Example) -> dict[str, str]:
    id, kwargs, response = example
    family = verifiers.family(id)
    built = {each: verifiers.build(id, kwargs, each) for each in family.readings}
    row = {"constraint": built["text"].describe(), "response": response}
    for reading in verifiers.READINGS:
        verdict = built[reading](response) if reading in built else None
        row[reading] = f"{_word(verdict)}: {verdict.reason}" if verdict else "has no such reading"
    return row


def _field(
    asked: Mapping[str, Any], layout: Any, style: Mapping[str, str]
) -> tuple[Any, Callable[[Any], Any]]:
    """A field for a parameter, and what makes the parameter of the field's value."""
    import ipywidgets as widgets

    look: dict[str, Any] = {"description": asked["name"], "layout": layout, "style": style}
    if asked["kind"] == "choice":
        return widgets.Dropdown(options=asked["choices"], value=asked["sample"], **look), _same
    if asked["kind"] == "number":
        return widgets.IntText(asked["sample"], **look), _same
    if asked["kind"] == "list":
        field = widgets.Text(", ".join(map(str, asked["sample"])), **look)
        return field, lambda value: _listed(value, asked["whole"])
    return widgets.Text(str(asked["sample"]), **look), lambda value: _typed(value, asked["sample"])


def _same(value: Any) -> Any:
    return value


def _typed(value: str, sample: Any) -> Any:
    """What was written, as a number where the parameter is one."""
    if isinstance(sample, float | int) and not isinstance(sample, bool):
        try:
            return type(sample)(value)
        except ValueError:
            return value  # the verifier says what it wanted
    return value


def _listed(value: str, whole: bool) -> list[Any]:
    parts = [part.strip() for part in value.split(",") if part.strip()]
    return [int(part) if whole and part.lstrip("-").isdigit() else part for part in parts]
