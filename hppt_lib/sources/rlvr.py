"""RLVR-IFeval (Tülu 3): each row names one function of open-instruct's ``if_functions``.

Seen: rows of a copy on the hub (``messages``; ``ground_truth``, JSON with ``func_name`` and all
parameters, null where not used; ``constraint_type``; ``constraint``, a template with ``{N}`` and
the like), and the functions in public copies of open-instruct. The original file was not seen.

"at most N" is our "less than N + 1"; "exactly N", where we have no such verifier, is two
constraints, at least N and less than N + 1, and so is "around N" within the function's tolerance.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from hppt_lib.errors import HpptError
from hppt_lib.instructions.model import Constraint
from hppt_lib.sources.checker_text import IdAndKwargs, exactly, sentences, within, words
from hppt_lib.sources.collect import UNKNOWN, Collector
from hppt_lib.sources.ifeval_form import only_message
from hppt_lib.sources.rows import Row

DIVIDER = "paragraphs divided by * * *: our verifier knows the divider *** only"
QUANTIFIER = "quantifier that is not at least, at most or around"


def read_rlvr(row: Row, where: str, out: Collector) -> None:
    """Read one row of RLVR-IFeval; the module's docstring lists its fields.

    Raises:
        HpptError: a field is missing or of the wrong type.
    """
    prompt = only_message(row)
    truth = _ground_truth(row.get("ground_truth"))
    id = out.new_id(row.get("key", where.rpartition(" ")[2]))
    name = truth["func_name"]
    given = {key: value for key, value in truth.items() if value is not None}
    text = _stated(row.get("constraint"), given)
    mapped: list[IdAndKwargs] | str = UNKNOWN
    if name in _FUNCTIONS:
        try:
            mapped = _FUNCTIONS[name](given)
        except KeyError as error:
            raise HpptError(f"'ground_truth' lacks {error} for {name}.") from error
        except TypeError as error:
            raise HpptError(
                f"'ground_truth' has a parameter of the wrong type: {error}."
            ) from error
    if isinstance(mapped, str):
        out.miss(mapped, where, id, f"{name} {json.dumps(given, ensure_ascii=False)}")
        constraints = [Constraint(f"rlvr:{name}", given, text)]
    else:
        constraints = [
            out.hard(each, kwargs, text, where=where, instruction=id) for each, kwargs in mapped
        ]
    out.add(id, prompt, constraints, where)


def _ground_truth(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise HpptError(f"'ground_truth' is not valid JSON ({error}).") from error
    if not isinstance(value, dict) or not isinstance(value.get("func_name"), str):
        raise HpptError("'ground_truth' names no function ('func_name').")
    return value


def _stated(template: Any, given: Mapping[str, Any]) -> str:
    """The constraint's sentence, its slots filled by plain replacement."""
    text = template if isinstance(template, str) else ""
    for name, value in given.items():
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        text = text.replace("{" + name + "}", shown)
    return text


def _bounded(
    given: Mapping[str, Any], count: Callable[[int, int | None], list[IdAndKwargs]], near: int
) -> list[IdAndKwargs] | str:
    number, quantifier = given["N"], given["quantifier"]
    if quantifier == "at least":
        return count(number, None)
    if quantifier == "at most":
        return count(0, number)
    if quantifier == "around":
        return count(max(0, number - near), number + near)
    return QUANTIFIER


def _simply(id: str, **names: str) -> Callable[[Mapping[str, Any]], list[IdAndKwargs] | str]:
    """A function that takes our parameters under other names."""
    return lambda given: [(id, {ours: given[theirs] for ours, theirs in names.items()})]


def _options(given: Mapping[str, Any]) -> list[IdAndKwargs] | str:
    options = given["options"]
    # One text, with the mark between the options that the verifier reads.
    listed = "/".join(map(str, options)) if isinstance(options, list) else str(options)
    return [("format:options", {"options": listed})]


def _keyword(given: Mapping[str, Any]) -> list[IdAndKwargs] | str:
    return exactly("keywords:frequency", "frequency", given["N"], {"keyword": given["word"]})


def _letter(given: Mapping[str, Any]) -> list[IdAndKwargs] | str:
    kwargs = {"letter": given["letter"]}
    return exactly("keywords:letter_frequency", "let_frequency", given["N"], kwargs, "let_relation")


def _capitals(given: Mapping[str, Any]) -> list[IdAndKwargs] | str:
    def count(low: int, high: int | None) -> list[IdAndKwargs]:
        id = "change_case:capital_word_frequency"
        return within(id, "capital_frequency", low, high, {}, "capital_relation")

    return _bounded(given, count, 0)


_FUNCTIONS: Mapping[str, Callable[[Mapping[str, Any]], list[IdAndKwargs] | str]] = {
    "verify_keywords": _simply("keywords:existence", keywords="keyword_list"),
    "verify_keyword_frequency": _keyword,
    "validate_forbidden_words": _simply(
        "keywords:forbidden_words", forbidden_words="forbidden_words"
    ),
    "verify_letter_frequency": _letter,
    "validate_response_language": _simply("language:response_language", language="language"),
    "verify_paragraph_count": lambda given: DIVIDER,
    "validate_word_constraint": lambda given: _bounded(
        given, words, max(round(given["N"] * 0.1), 1)
    ),
    "verify_sentence_constraint": lambda given: _bounded(given, sentences, 1),
    "validate_paragraphs": _simply(
        "length_constraints:nth_paragraph_first_word",
        num_paragraphs="N",
        nth_paragraph="i",
        first_word="first_word",
    ),
    "verify_postscript": _simply(
        "detectable_content:postscript", postscript_marker="postscript_marker"
    ),
    "validate_placeholders": _simply(
        "detectable_content:number_placeholders", num_placeholders="N"
    ),
    "verify_bullet_points": _simply("detectable_format:number_bullet_lists", num_bullets="N"),
    "validate_title": _simply("detectable_format:title"),
    "validate_choice": _options,
    "validate_highlighted_sections": _simply(
        "detectable_format:number_highlighted_sections", num_highlights="N"
    ),
    "validate_sections": _simply(
        "detectable_format:multiple_sections",
        section_spliter="section_splitter",
        num_sections="N",
    ),
    "validate_json_format": _simply("detectable_format:json_format"),
    "validate_repeat_prompt": _simply(
        "combination:repeat_prompt", prompt_to_repeat="original_prompt"
    ),
    "validate_two_responses": _simply("combination:two_responses"),
    "validate_uppercase": _simply("change_case:english_capital"),
    "validate_lowercase": _simply("change_case:english_lowercase"),
    "validate_frequency_capital_words": _capitals,
    "validate_end": _simply("startend:end_checker", end_phrase="end_phrase"),
    "validate_quotation": _simply("startend:quotation"),
    "validate_no_commas": _simply("punctuation:no_comma"),
}
