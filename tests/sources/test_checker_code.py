"""A rule's code becomes one of our verifiers, or nothing: never another rule."""

from __future__ import annotations

import pytest

from hppt_lib import verifiers
from hppt_lib.sources.checker_code import constraints_from_code, judged_text


def verdict(made: object, response: str) -> bool:
    assert isinstance(made, (list, tuple)) and made, made
    return all(verifiers.build(id, kwargs)(response).passed for id, kwargs in made)


HEAD = "def check_following(instruction, response):\n    "
GROWING = "".join(
    f"    x{n} = [x{n - 1 or ''}, x{n - 1 or ''}]\n" for n in range(1, 40)
)  # filled in, of 2 ** 40 parts
CODES = [
    ("return len(response.split()) <= 3", "a b c", "a b c d"),
    ("return 3 < len(response.strip().split())", "a b c d", "a b c"),
    ("'''Two to three.'''\n    import re\n    words = re.findall(r'\\b\\w+\\b', response)\n"
     "    n = len(words)\n    return 2 <= n <= 3", "a b", "a"),
    ("return ',' not in response", "a", "a, b"),
    ("return not ',' in response", "a", "a, b"),
    ("return 'tea' in response.lower()", "Tea", "Milk"),
    ("return 'tea' not in response", "milk", "tea"),
    ("words = ['tea', 'milk']\n    return all(w.lower() in response.lower() for w in words)",
     "Tea and milk", "Tea"),
    ("return not any(w in response for w in ['tea', 'milk'])", "water", "tea"),
    ("return response.lower().count('tea') >= 2", "tea tea", "tea"),
    ("text = response.strip()\n    return text.endswith('Bye.') and 'tea' in text", "tea. Bye.",
     "Bye."),
    ("return response.startswith('Hello')", "Hello you", "You"),
    ("return response == response.lower()", "it is so", "It is so"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "good", "bad"), CODES)
def test_a_plain_function_means_what_it_does(code: str, good: str, bad: str) -> None:
    made = constraints_from_code(HEAD + code)
    assert verdict(made, good)
    assert not verdict(made, bad)


@pytest.mark.parametrize(
    "code",
    [
        "return len(response.split()) <= 3 or 'x' in response",
        "return len(response.split('x')) <= 3",
        "return len(instruction.split()) <= 3",
        "return ',' in response",
        "return 'tea' in response.split()[0]",
        "return response.startswith('Two words')",
        "if True: return True\n    return len(response.split()) <= 3",
        "response = 'x'\n    return len(response.split()) <= 3",
        "n = 1\n    n = len(response.split())\n    return n <= 3",
        "x = len\n    return x(response.split()) <= y",
        "return",
        "pass",
        "return all(w in response for w in [1, 2])",
        "return (",
        "x = [response, response]\n" + GROWING + "    return x39",
    ],
)  # fmt: skip
def test_a_function_of_another_form_is_left(code: str) -> None:
    """Mistake: an unknown condition counts as if it were not there."""
    assert constraints_from_code(HEAD + code) == ()


def test_names_of_parameters_do_not_matter_and_others_are_not_the_response() -> None:
    assert constraints_from_code("def check_following(a, b):\n    return 'x' in b")
    assert not constraints_from_code("def check_following(a, b):\n    return 'x' in response2")
    assert not constraints_from_code("def check_following(a, b):\n    return 'x' in a")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ('llm_score(instruction, response, "a \\"b\\" \\u00e4")', 'a "b" ä'),
        ("llm_judge(instruction, response, 'it\\'s')", "it's"),
        ("bool(llm_call.llm_judge(instruction, response, 'x') )", "x"),
        ("llm_score(instruction, response)", ""),
        ("llm_score(instruction, response, response)", ""),
        ("llm_score(instruction, response, 'x", ""),
        ("llm_extract(instruction, response, 'x')", ""),
    ],
)
def test_the_text_for_a_judge_is_read_from_its_call(call: str, text: str) -> None:
    assert judged_text(f"from llm_call import llm_score\n{HEAD}return {call}") == text
