"""Lines of other programs' files of responses, made into lines of IFEval's form.

====================== ===========================================================================
lm-eval's samples      ``doc`` is the row, ``filtered_resps`` the response that lm-eval scored
evalscope, predictions ``metadata`` is the row, ``model_output`` holds the response
evalscope, reviews     ``sample_score`` holds both
IFBench, IFEval        ``prompt`` and ``response`` alone, or with ids and without ``kwargs``: what
                       is missing comes from the file of prompts, by the prompt's text
====================== ===========================================================================

Taken is what can be read in one way only; the rest is refused with the name of its field.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.files import read_jsonl
from hppt_lib.verifiers import constraints_in, python_value

Row = Mapping[str, Any]
Prompts = Mapping[str, Row]
"""A benchmark's rows by the text of their prompt, without white space around it."""


def read_prompts(path: str | Path) -> Prompts:
    """The prompts of a benchmark, with their constraints.

    Raises:
        HpptError: the file cannot be read, a line is not of IFEval's form, or one prompt comes with
            two lists of constraints, so that its text does not say which is meant.
    """
    found: dict[str, Row] = {}
    for number, row in read_jsonl(path, {"prompt": str}):
        where = f"{path}, line {number}"
        try:
            named = constraints_in(row, "instruction_id_list", "kwargs")
        except HpptError as error:
            raise HpptError(f"{where}: {error}") from error
        known = found.setdefault(row["prompt"].strip(), row)
        if constraints_in(known, "instruction_id_list", "kwargs") != named:
            raise HpptError(
                f"{where}: its prompt is there twice, with other constraints each time. Responses "
                "that are matched by the prompt's text cannot be told apart: put "
                "'instruction_id_list' and 'kwargs' into the file of responses."
            )
    if not found:
        raise HpptError(f"{path} holds no prompt.")
    return found


def as_line(row: Row, prompts: Prompts | None = None) -> Row:
    """A row of one of these forms as ``key``, ``prompt``, ids, ``kwargs`` and ``response``.

    Args:
        row: the row; one that is of IFEval's form already comes back as it is.
        prompts: the benchmark's prompts, for rows that do not name their constraints.

    Raises:
        HpptError: a field is missing or can be read in more than one way; the message names it.
    """
    if "doc" in row and ("filtered_resps" in row or "resps" in row):
        row = {**_object(row, "doc"), "response": _of_lm_eval(row)}
    elif "sample_score" in row:
        row = _review(row)
    elif "model_output" in row:
        row = {**_evalscope_row(row, "metadata"), "response": _prediction(row)}
    if "prompt" not in row or ("instruction_id_list" in row and "kwargs" in row):
        return row
    missing = "kwargs" if "instruction_id_list" in row else "instruction_id_list"
    if prompts is None:
        raise HpptError(
            f"the field '{missing}' is missing. If the benchmark's own file has it, name that file "
            "as the prompts."
        )
    known = prompts.get(str(row["prompt"]).strip())
    if known is None:
        raise HpptError("the field 'prompt' is none of the prompts.")
    ids = known["instruction_id_list"]
    if missing == "kwargs" and python_value(row["instruction_id_list"]) != python_value(ids):
        raise HpptError("the field 'instruction_id_list' differs from that of the prompts.")
    return {**known, **row, "instruction_id_list": ids, "kwargs": known["kwargs"]}


def _of_lm_eval(row: Row) -> Any:
    """What lm-eval scored; where a filter left several, or none is named, there must be one."""
    name = "filtered_resps" if row.get("filtered_resps") is not None else "resps"
    found = row.get(name)
    while isinstance(found, list):
        if len(found) != 1:
            raise HpptError(f"the field '{name}' holds {len(found)} responses; one was expected.")
        found = found[0]
    return found


def _evalscope_row(row: Row, name: str) -> Row:
    found = row.get(name)
    if not found:
        raise HpptError(
            f"the field '{name}' is empty: evalscope was told not to save the rows "
            "(save_metadata). Run it with them."
        )
    return _object(row, name)


def _prediction(row: Row) -> Any:
    """The response in an evalscope prediction; None where the model gave none."""
    output = row["model_output"]
    if output is None:
        return None
    if not isinstance(output, Mapping) or not isinstance(output.get("choices"), list):
        raise HpptError("the field 'model_output' must be an object with 'choices'.")
    if not output["choices"]:
        return None
    if len(output["choices"]) > 1:
        many = len(output["choices"])
        raise HpptError(f"the field 'choices' holds {many} responses; one was expected.")
    choice = output["choices"][0]
    message = choice.get("message") if isinstance(choice, Mapping) else None
    content = message.get("content") if isinstance(message, Mapping) else message
    if not isinstance(content, list):
        return content
    # Parts: text, and thoughts and pictures, which are no text.
    texts = [each.get("text") for each in content if isinstance(each, Mapping)]
    return "".join(each for each in texts if isinstance(each, str))


def _review(row: Row) -> Row:
    """The row and the response in an evalscope review: the response as evalscope scored it."""
    scored = _object(row, "sample_score")
    score = _object(scored, "score")
    response = score.get("extracted_prediction", score.get("prediction"))
    return {**_evalscope_row(scored, "sample_metadata"), "response": response}


def _object(row: Row, name: str) -> Row:
    value = row.get(name)
    if not isinstance(value, Mapping):
        raise HpptError(f"the field '{name}' must be an object, found {type(value).__name__}.")
    return value
