r"""Placeholders in square brackets, and what else stands in square brackets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hppt_lib.verifiers.ifeval.markdown import without_maths
from hppt_lib.verifiers.ifeval.placeholders import placeholder_count

GUIDE = "\n\n[guide]: https://example.org"

# (text, placeholders, what is special about it)
LATEX = (
    (r"The energy is \[ E = mc^2 \] in short.", 0, "a formula of its own"),
    ("\\[\n[a, b] = f(x)\n\\]", 0, "over several lines"),
    (r"Take \(x \in [a, b]\) and \(f[n]\).", 0, "formulas in a line"),
    (r"\[ x \] and \[E\] and \[\left[ a \right]\]", 0, "without a sign, and brackets inside"),
    ("$$ [a, b] = f $$ or $[a, b]$ or $x_{[i]}$", 0, "between dollars"),
    ("$5 [name] and $6", 1, "money"),
    ("from $5 [name] to $6 = [cost]", 2, "money, and an equals sign"),
    ("pay $[amount] to [name], or $[other]", 3, "money to be filled in"),
    ("Price: $$, [name], or $$$", 1, "signs of a price"),
    (r"\[Your Name\] of \[company\]", 2, "brackets that Markdown escapes"),
    (r"\item[a] \sqrt[n]{x} \documentclass[12pt]{article}", 0, "options"),
    (r"\begin{figure}[ht] a \\[1ex] \section*[short]{long}", 0, "more options"),
    ("```latex\n\\name{[Your Name]}\n\\documentclass[12pt]{article}\n```", 1, "a template"),
    (r"one\n[address]", 1, "a line end written as two characters"),
)
CODE = (
    ("Use `prices[item]` here.", 0, "an index"),
    ("```\nprices[item]\n```", 0, "an index in a block without a label"),
    ("`a[i][j]` ``b[(c)[d]]``", 0, "indexes of indexes"),
    ("```python\nx = [a, b]\nprint(prices[item])\n```\n[name]", 1, "a program"),
    ("~~~Java\nint[] x = [b];\n~~~", 0, "a program between tildes"),
    ("```{.python}\nx = [b]\n```", 0, "a label in braces"),
    ("```python\nx = [b]", 0, "a program that is cut off"),
    ("`list[int]` `dict[str, int]` `Callable[[int], str]`", 0, "types"),
    ("`x = [a, b]` and `f([a, b])`", 0, "lists"),
    ("`[x for x in items]`", 0, "a comprehension"),
    ("`[a-z]` `[^a]` `[a-zA-Z0-9_]+` `[aeiou]+` `[\\w.]`", 0, "classes of regular expressions"),
    ("`[e-mail]` `[t-shirt size]` [x-ray]", 3, "hyphens"),
    ("`[name]`", 1, "a placeholder between backticks"),
    ("`git clone [url]`", 1, "a command with a placeholder"),
    ("`Location: [city, country]`", 1, "one with a comma"),
    ("```\nDear [name],\n```", 1, "a template"),
    ("```text\n[name]\n```\n```markdown\n[name]\n```\n```html\n<p>[name]</p>\n```", 3, "labels"),
    ("```email\n[name]\n```\n```cover letter\n[name]\n```", 2, "other labels"),
    ("```\n尊敬的[姓名]\n```", 1, "no space before it, and no index"),
    ('{"name": "[Your name]", "tags": ["a"], "all": [{"a": 1}]}', 1, "JSON"),
    ("one ` and [name] and `b`", 1, "a backtick that closes nothing"),
)
MARKDOWN = (
    ("Text[^1] and [^note].\n\n[^note]: Words", 0, "footnotes"),
    ("See [the guide][guide]." + GUIDE, 0, "a link by reference"),
    ("See [guide] or [Guide][]." + GUIDE, 0, "shorter ones"),
    ("See [the [old] guide][guide]." + GUIDE, 0, "brackets in its text"),
    ("See [the guide][other]." + GUIDE, 2, "a label that nothing defines"),
    ("[first name][last name]", 2, "two in a row"),
    ("[Name]: Tom\n[Date]: today", 2, "a form, and no definition of an address"),
    ("![alt](x) and ![alt][ref]", 0, "images"),
    ("[![alt](img.png)](https://x.org)", 0, "an image that is a link"),
    ("Hello![first][last]", 2, "an exclamation"),
    ('[a](page.html "title") [b](page.html) [c](docs/page.md#top)', 0, "files"),
    ("[a](../a) [b](docs/) [c](<my page>) [d](page 'title') [e](tel:1)", 0, "other addresses"),
    ("[a](https://en.wikipedia.org/wiki/A_(b)) [name]", 1, "an address with brackets"),
    ("[here](https://tea.org", 0, "an address that is cut off"),
    ("[name](required) [date](dd/mm/yyyy) [title](Dr.) [age](3.50)", 4, "remarks"),
    ("[a [b] c](https://x.org) [[d]](https://x.org)", 0, "brackets in the text of a link"),
    ("[[name]]", 1, "doubled brackets"),
    ("> [!NOTE]\n> Tea", 0, "an alert"),
    ("[1] [2, p. 5] [Smith et al., 2020] [@smith2020]", 0, "citations"),
    ("[Smith, 2020] [@handle] [Author et al., year]", 3, "what may be filled in"),
    ("亲爱的[姓名]", 1, "no space before it"),
)


@pytest.mark.parametrize(
    ("text", "number", "what"), (*LATEX, *CODE, *MARKDOWN), ids=lambda each: str(each)[:30]
)
def test_placeholders(text: str, number: int, what: str) -> None:
    """Mistake: brackets of LaTeX, code, notes and links as placeholders; or a template as code."""
    assert placeholder_count(text) == number, what


DECOYS = tuple(text for text, number, _ in (*LATEX, *CODE, *MARKDOWN) if number == 0)


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(["[name]", "[your city]", "Dear [имя],", "`[date]`", *DECOYS]), max_size=8
    )
)
def test_paragraphs_are_counted_one_by_one(parts: list[str]) -> None:
    """Mistake: a mark of one paragraph that eats the next one's placeholders."""
    closed = [each for each in parts if not each.startswith("```python\nx = [b]")]
    wanted = sum(each not in DECOYS for each in closed)
    assert placeholder_count("\n\n".join(closed)) == wanted


@settings(max_examples=200)
@given(st.text(alphabet="[]()\\$`!^:\n\"'<>ab_=1 ~#-", max_size=60))
def test_never_more_than_pairs_of_brackets_with_a_letter(text: str) -> None:
    """Mistake: a pair that counts twice, as code and as prose."""
    assert placeholder_count(text) <= min(text.count("["), text.count("]"))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (r"a \(x^2\) b", "a 0 b"),
        (r"a \[ x \] b", "a 0 b"),
        ("a $x$ b", "a 0 b"),
        ("a $$x+y$$ b", "a 0 b"),
        (r"a \(see below\) b", r"a \(see below\) b"),
        ("a $5 and $6 b", "a $5 and $6 b"),
        ("a $ x = y $ b", "a $ x = y $ b"),
        (r"a \\[2pt] = b \]", r"a \\[2pt] = b \]"),
        (r"open \( x", r"open \( x"),
    ],
)
def test_formulas(text: str, left: str) -> None:
    """Mistake: money and escaped brackets as formulas, or formulas as text."""
    assert without_maths(text) == left
