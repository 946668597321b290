"""IFBench's constraints that are tasks with (nearly) one right answer.

`custom_csv` has those that ask for a table.
"""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import islice, pairwise

from hppt_lib.verifiers.nltk_text import EDGES, nltk_sentences, without_punctuation
from hppt_lib.verifiers.registry import Verdict, reference, register
from hppt_lib.verifiers.sentences import is_heading, sentences
from hppt_lib.verifiers.word_lists import line_list, word_list
from hppt_lib.verifiers.words import bare_words, counted, words

_GEOGRAPHY = "geography.txt"

# Read forward, these words and pairs of words show that a sentence about the bald eagle, or a part
# of it, was not reversed.
_FORWARD_WORDS = frozenset(word_list("words about the bald eagle"))
_FORWARD_PAIRS = frozenset(
    tuple(pair.split())
    for line in line_list("pairs of words about the bald eagle", "english.txt")
    for pair in line.split("|")
)

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Napoleon's first fight under fire and his last.
_BATTLES_FROM, _BATTLES_TO = 1793, 1815
_FEWEST_BATTLES = 5

# The capitals north of 45 degrees of latitude, from north to south.
CAPITALS = word_list("capitals of Europe", _GEOGRAPHY)
_SPELLINGS = dict(line.split(" = ") for line in line_list("spellings of capitals", _GEOGRAPHY))

_MULTIPLES = ["14", "21", "28", "35", "42", "49"]

# Every spelling of a state of Africa, and the number of the state.
_STATE_OF = {
    name.strip(): number
    for number, names in enumerate(line_list("states of Africa", _GEOGRAPHY))
    for name in names.split("|")
}
# A disputed territory: a list may have it or not.
_DISPUTED = "western sahara"

_NO_EMPHASIS = str.maketrans("", "", "*_`")
_QUESTION_LABEL = re.compile(r"(?:\d+[.)]\s*)?Question\b\s*\d*\s*[.:)-]?\s*")
_OPTION = re.compile(r"\(?([A-Ea-e1-5])[.):]\s*")
# "Correct answer: C) Cubism", where an option reads "Cubism", is a key and explains nothing.
_KEY = re.compile(r"(?:correct )?answer\W+[A-E1-5]\W*", re.IGNORECASE)

# What the benchmark's own program goes by. Its list is without Kyiv.
_PROGRAM_CAPITALS = [each for each in CAPITALS if each != "Kyiv"]
_PROGRAM_QUESTION = re.compile(r"Question \d+[.|):;]?\s*")
_PROGRAM_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# The highest day that is accepted in each month; month 00 has all that two digits can write.
_PROGRAM_DAYS = dict(enumerate((99, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)))


@register(
    "custom:multiples",
    "Count from 10 to 50 but only print multiples of 7.",
    "Count from 10 to 50 and write down only the numbers that 7 divides.",
    "Print the multiples of 7 from 10 to 50, in order, and no other number.",
    "Going from 10 up to 50, output only the multiples of seven.",
    "List, in ascending order, just those numbers between 10 and 50 that are multiples of 7.",
)
def multiples(response: str) -> Verdict:
    """The numbers 14, 21, 28, 35, 42 and 49, in this order, and no other number.

    Words around them are allowed. A sign, a decimal point or letters at a number make it another.
    """
    # A pattern that could begin anywhere in a long run of letters would take quadratic time.
    pieces = re.split(r"[\s,;:|()\[\]*`]+", response)
    numbers = [each.rstrip(".!") for each in pieces if any("0" <= char <= "9" for char in each)]
    return Verdict(
        numbers == _MULTIPLES,
        f"{', '.join(numbers[:12])[:60] or 'no number'}; wanted 14, 21, ... 49",
    )


@reference("custom:multiples")
def multiples_reference(response: str) -> Verdict:
    """The runs of digits are 14, 21, 28, 35, 42 and 49."""
    wanted = ["14", "21", "28", "35", "42", "49"]
    runs = [run[0] for run in islice(re.finditer(r"\d+", response), 7)]
    return Verdict(runs == wanted, f"{', '.join(runs)[:60]}; wanted {', '.join(wanted)}")


@register(
    "custom:date_format_list",
    "List the start dates of all the battles Napoleon fought separated by commas, use the "
    "following date format: YYYY-MM-DD. Do not provide an explanation.",
    "On what dates did Napoleon's battles begin? Give all of them as YYYY-MM-DD with commas "
    "between, and nothing else.",
    "Write the first day of every battle of Napoleon in the form YYYY-MM-DD, separated by commas, "
    "without any explanation.",
    "Output only a comma-separated list of dates (YYYY-MM-DD): the beginnings of all battles that "
    "Napoleon fought.",
    "Name the starting date of each of Napoleon's battles, formatted YYYY-MM-DD and parted by "
    "commas; explain nothing.",
)
def date_format_list(response: str) -> Verdict:
    """Dates that exist, written YYYY-MM-DD, separated by commas, and nothing else.

    Whether they are the right dates is not checked, only that there are five or more and that all
    lie between Napoleon's first fight (1793) and his last (1815): fewer cannot be "all".
    """
    dates = [each.strip() for each in response.strip().removesuffix(".").split(",")]
    for each in dates:
        if not _DATE.fullmatch(each):
            return Verdict(False, f"no date of the form YYYY-MM-DD: {each[:60] or 'nothing'}")
        year, month, day = map(int, each.split("-"))
        if not _BATTLES_FROM <= year <= _BATTLES_TO or not _exists(year, month, day):
            return Verdict(False, f"no day from {_BATTLES_FROM} to {_BATTLES_TO}: {each}")
    return Verdict(
        len(dates) >= _FEWEST_BATTLES, f"{counted(len(dates), 'date')}, {_FEWEST_BATTLES} wanted"
    )


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@reference("custom:date_format_list")
def date_format_list_reference(response: str) -> Verdict:
    """Parts between commas of the form YYYY-MM-DD, from 1769 to 1821, with no day too high.

    Month 00, day 00 and 29 February of any year are accepted.
    """
    for part in response.strip().split(","):
        written = part.strip()
        if not _PROGRAM_DATE.fullmatch(written):
            return Verdict(False, f"not YYYY-MM-DD: {written[:60]}")
        year, month, day = map(int, written.split("-"))
        most = _PROGRAM_DAYS.get(month, -1)
        if not 1769 <= year <= 1821 or day > most:
            return Verdict(False, f"outside 1769 to 1821, or no such day: {written}")
    return Verdict(True, "only dates")


@register(
    "custom:european_capitals_sort",
    "Give me the names of all capital cities of european countries whose latitude is higher than "
    "than 45 degrees? List the capital cities without country names, separated by commas, sorted "
    "by latitude, from highest to lowest.",
    "Which European capitals lie north of 45 degrees? Give only their names, with commas between, "
    "from the northernmost to the southernmost.",
    "List all capitals of European countries above 45 degrees of latitude, sorted from north to "
    "south, separated by commas, without the countries.",
    "Write the European capitals with a latitude over 45 degrees in descending order of latitude, "
    "comma-separated and without country names.",
    "Name every capital city in Europe whose latitude exceeds 45 degrees, highest latitude first, "
    "parted by commas.",
)
def european_capitals_sort(response: str) -> Verdict:
    """The 28 capitals from Reykjavik to Zagreb, with Kyiv, in order and separated by commas."""
    items = response.strip().removesuffix(".").split(",")
    names = [_capital(each) for each in items]
    wanted = [each.casefold() for each in CAPITALS]
    for number, (is_there, capital) in enumerate(zip(names, wanted, strict=False), start=1):
        if is_there != capital:
            return Verdict(False, f"no. {number} is {is_there[:60] or 'empty'}, wanted {capital}")
    return Verdict(
        len(names) == len(wanted), f"{counted(len(names), 'name')}, {len(wanted)} wanted"
    )


def _capital(item: str) -> str:
    """A name as the list of capitals has it; cut at 40 characters, as no name is longer."""
    plain = unicodedata.normalize("NFC", " ".join(item.split())[:40]).removeprefix("and ")
    return _SPELLINGS.get(plain.casefold(), plain.casefold())


@reference("custom:european_capitals_sort")
def european_capitals_sort_reference(response: str) -> Verdict:
    """The parts between commas, without accents, are the 27 names of the program's list."""
    names = [part.strip() for part in _ascii(response).split(",") if part.strip()]
    for number, (part, capital) in enumerate(zip(names, _PROGRAM_CAPITALS, strict=False), start=1):
        if part != capital:
            return Verdict(False, f"no. {number} is {part[:60]}, wanted {capital}")
    return Verdict(
        len(names) == len(_PROGRAM_CAPITALS), f"{counted(len(names), 'name')}, 27 wanted"
    )


@register(
    "custom:character_reverse",
    "What animal is the national symbol of the US? Respond to this query, but make your sentence "
    "in reverse order of what it should be, per letter.",
    "Which animal is the national symbol of the United States? Write your sentence backwards, "
    "letter by letter.",
    "Say which animal stands for the US, with all letters of your sentence in reverse order.",
    "Answer in a sentence that is spelled from its last letter to its first: what is the national "
    "animal of the United States?",
    "Name the animal that is the symbol of the US. Reverse your sentence letter by letter.",
)
def character_reverse(response: str) -> Verdict:
    """Read from its last letter to its first, the answer names the bald eagle.

    No part of it may read as English in the usual direction.
    """
    reversed_words = bare_words(response[::-1].replace("-", " "))
    if ("bald", "eagle") not in pairwise(reversed_words):
        return Verdict(False, "read backwards it does not name the bald eagle")
    forward = [each for each in bare_words(response) if each in _FORWARD_WORDS]
    if forward:
        return Verdict(False, f"not reversed: {', '.join(forward[:5])}")
    return Verdict(True, "names the bald eagle, letter by letter in reverse")


@reference("custom:character_reverse")
def character_reverse_reference(response: str) -> Verdict:
    """The letters "elgae dlab" stand anywhere, in any case."""
    there = "elgae dlab" in response.lower()
    return Verdict(there, f"'elgae dlab' is {'' if there else 'not '}there")


@register(
    "custom:word_reverse",
    "What animal is the national symbol of the US? Respond to this query, but make your sentence "
    "in reverse order of what it should be, per word.",
    "Which animal is the national symbol of the United States? Write the words of your sentence "
    "in reverse order.",
    "Say which animal stands for the US, with the words of your sentence from last to first.",
    "Answer with a sentence whose word order is reversed: what is the national animal of the "
    "United States?",
    "Name the animal that is the symbol of the US. Put the words of your sentence in backward "
    "order.",
)
def word_reverse(response: str) -> Verdict:
    """Read from its last word to its first, the answer names the bald eagle.

    No two words of it may stand in the order in which English has them ("of the", "bald eagle").
    """
    all_words = bare_words(response.replace("-", " "))
    pairs = list(pairwise(all_words))
    if ("eagle", "bald") not in pairs:
        return Verdict(False, "read backwards it does not name the bald eagle")
    forward = [" ".join(each) for each in pairs if each in _FORWARD_PAIRS]
    if forward:
        return Verdict(False, f"not reversed: {', '.join(forward[:5])}")
    return Verdict(True, "names the bald eagle, word by word in reverse")


@reference("custom:word_reverse")
def word_reverse_reference(response: str) -> Verdict:
    """Without ASCII punctuation, "eagle bald" stands anywhere, in any case.

    The last word of the answer may end with "bald", and the first may begin with "eagle".
    """
    words = without_punctuation(response.lower()).split()
    there = "bald eagle" in " ".join(reversed(words))
    return Verdict(there, f"the words in reverse {'' if there else 'do not '}hold 'bald eagle'")


@register(
    "custom:sentence_alphabet",
    "Tell me a 26-sentence story where each sentence's first word starts with the letters of the "
    "alphabet in order.",
    "Write a story of 26 sentences; the first begins with A, the second with B, and so on to Z.",
    "Tell a story in exactly 26 sentences whose first letters run through the alphabet.",
    "I want an alphabet story: 26 sentences, each starting with the next letter from A to Z.",
    "Make up a story with 26 sentences in which sentence by sentence the first word begins with "
    "the next letter of the alphabet.",
    needs=("sentencex",),
)
def sentence_alphabet(response: str) -> Verdict:
    """Exactly 26 sentences; the first letters of their first words are a to z, in order.

    Quotation marks before the first word do not count, nor does a title.
    """
    all_sentences = sentences(response)
    if len(all_sentences) != len(string.ascii_lowercase):
        return Verdict(False, f"{counted(len(all_sentences), 'sentence')}, 26 wanted")
    for letter, sentence in zip(string.ascii_lowercase, all_sentences, strict=True):
        if bare_words(sentence)[0][0] != letter:
            return Verdict(False, f"wanted a sentence with {letter}: {sentence[:60]}")
    return Verdict(True, "26 sentences from A to Z")


@reference("custom:sentence_alphabet", needs=("punkt",))
def sentence_alphabet_reference(response: str) -> Verdict:
    """26 of NLTK's sentences; the first sign of each is the next letter, in any case."""
    all_sentences = list(nltk_sentences(response, 27))
    if len(all_sentences) != 26:
        return Verdict(False, f"{counted(len(all_sentences), 'sentence')}, 26 wanted")
    for letter, sentence in zip(string.ascii_lowercase, all_sentences, strict=True):
        if not sentence.strip().lower().startswith(letter):
            return Verdict(False, f"wanted a sentence with {letter}: {sentence[:60]}")
    return Verdict(True, "26 sentences from A to Z")


@register(
    "custom:reverse_newline",
    "List the countries of Africa in reverse alphabetical order, each on a new line.",
    "Write down all African countries from Z to A, one per line.",
    "Give me the countries of Africa, one on each line, in descending alphabetical order.",
    "Name every country in Africa in reverse alphabetical order, with a line for each.",
    "List Africa's countries, sorted from Z to A, and start a new line for each of them.",
)
def reverse_newline(response: str) -> Verdict:
    """All 54 countries of Africa, one on each line, from Zimbabwe to Algeria.

    Western Sahara may be among them. List marks, accents and a remark in brackets do not count;
    of several names of a country any will do, and "The" may count for the order or not. Text
    before and after the list is allowed.
    """
    names = [_name(line) for line in response.splitlines()]
    places = [number for number, (_, state) in enumerate(names) if state]
    if not places:
        return Verdict(False, "no country of Africa on a line of its own")
    listed = [each for each in names[places[0] : places[-1] + 1] if each[0]]
    for name, state in listed:
        if not state:
            return Verdict(False, f"no country of Africa: {name[:60]}")
    numbers = [_STATE_OF[state] for _, state in listed if state != _DISPUTED]
    states = len(set(_STATE_OF.values()))
    if len(numbers) != states or len(set(numbers)) != states:
        return Verdict(False, f"{len(set(numbers))} different countries, {states} wanted, once")
    written = [name for name, _ in listed]
    without = [name.removeprefix("the ") for name in written]
    if not any(each == sorted(each, reverse=True) for each in (written, without)):
        return Verdict(False, f"not in reverse alphabetical order: {', '.join(written)[:60]}")
    return Verdict(True, f"{len(listed)} countries in reverse alphabetical order")


@lru_cache(maxsize=1024)
def _name(line: str) -> tuple[str, str]:
    """A line in small plain letters without digits, and the state that it names (empty if none)."""
    bare = _bare(line)[:100]  # no name is longer
    name = _letters(bare)
    for spelling in (name, _letters(bare.partition("(")[0])):
        state = spelling.removeprefix("the ")
        if state in _STATE_OF or state == _DISPUTED:
            return name, state
    return name, ""


def _letters(text: str) -> str:
    """The words of ``text`` in small letters, without accents and apostrophes."""
    plain = unicodedata.normalize("NFKD", text.replace("-", " ").casefold())
    return " ".join("".join(each for each in plain if each.isalpha() or each == " ").split())


def _bare(line: str) -> str:
    """``line`` without emphasis, and without the mark of a bullet, quotation or heading."""
    return line.translate(_NO_EMPHASIS).strip().lstrip("#>-+\u2022 \t")


@reference("custom:reverse_newline")
def reverse_newline_reference(response: str) -> Verdict:
    """From the first line with "Zimbabwe" on, at least 52 lines in falling order.

    Lines are compared without accents, other non-ASCII signs and outer ASCII punctuation, capitals
    before small letters. What the lines say does not matter.
    """
    lines = [bare for line in response.split("\n") if (bare := line.strip(EDGES))]
    first = next((number for number, line in enumerate(lines) if "Zimbabwe" in line), None)
    if first is None:
        return Verdict(False, "no line with Zimbabwe")
    listed = [_ascii(line) for line in lines[first:]]
    if len(listed) < 52:
        return Verdict(False, f"{counted(len(listed), 'line')} from Zimbabwe on, 52 wanted")
    for before, after in pairwise(listed):
        if before < after:
            return Verdict(False, f"{after[:60]} stands after {before[:60]}")
    return Verdict(True, f"{len(listed)} lines in reverse order")


@register(
    "custom:mcq_count_length",
    "Generate 4 multiple choice questions with 5 options each about '20th century art history'. "
    'Each question should start with the label "Question". The questions should get progressively '
    "longer. Do not provide an explanation.",
    "Write four multiple-choice questions on 20th century art history, each longer than the last, "
    'each beginning with "Question" and followed by five options. Explain nothing.',
    "Make a quiz on the art of the 20th century: 4 questions labelled Question, 5 options each, "
    "every question longer than the one before, and no explanations.",
    'I need 4 questions about 20th century art history that start with the label "Question", grow '
    "in length and offer 5 options each; leave out explanations.",
    "Compose four questions with five options each about art history of the 20th century. Label "
    'each "Question", make each longer than the previous one, and give no explanation.',
)
def mcq_count_length(response: str) -> Verdict:
    """Four questions labelled "Question", five options each, each question longer, nothing else.

    Length is taken in characters, without label and options. Options are lettered A to E or
    numbered 1 to 5, each on its line. A heading, a line that ends with a colon before the first
    question and a line with the right answer are no explanation. The subject is not checked.
    """
    quiz: list[_Question] = []
    for line in filter(words, response.splitlines()):
        bare = _bare(line)
        label, option, key = _QUESTION_LABEL.match(bare), _OPTION.match(bare), _KEY.match(bare)
        if label:
            quiz.append(_Question([bare[label.end() :]]))
        elif not quiz:
            if not (is_heading(line) or bare.endswith(":")):
                return Verdict(False, f"text before the first question: {bare[:60]}")
        elif option and words(bare[option.end() :]):
            quiz[-1].marks.append(option[1].casefold())
            quiz[-1].options.append(bare[option.end() :])
        elif not quiz[-1].options:
            quiz[-1].lines.append(bare)
        elif not key or bare[key.end() :] not in ("", *quiz[-1].options):
            return Verdict(False, f"more than questions and options: {bare[:60]}")
    if len(quiz) != 4:
        return Verdict(False, f"{counted(len(quiz), 'question')}, 4 wanted")
    for each in quiz:
        if "".join(each.marks) not in ("abcde", "12345"):
            return Verdict(False, f"options {' '.join(each.marks[:10])}, five wanted")
    lengths = [len(" ".join(filter(None, each.lines))) for each in quiz]
    grows = all(before < after for before, after in pairwise([0, *lengths]))
    shown = ", ".join(map(str, lengths))
    return Verdict(grows, f"questions of {shown} characters, each longer than the last wanted")


@dataclass
class _Question:
    """The lines of a question without its label, and the marks and texts of its options."""

    lines: list[str]
    marks: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


@reference("custom:mcq_count_length")
def mcq_count_length_reference(response: str) -> Verdict:
    """The answer begins with "Question"; four parts from "Question N" to the next, each with
    five lines such as "A. text", and ever more characters before the first of these.
    """
    if not response.startswith("Question"):
        return Verdict(False, f"begins with {response[:60]}")
    parts = list(filter(None, map(str.strip, _PROGRAM_QUESTION.split(response))))
    if len(parts) != 4:
        return Verdict(False, f"{counted(len(parts), 'question')}, 4 wanted")
    lengths: list[int] = []
    for part in parts:
        options = 0
        question: list[str] = []
        for line in map(str.strip, part.split("\n")):
            if _is_option(line):
                options += 1
            elif not options:
                question.append(f"{line} ")
        if options != 5:
            return Verdict(False, f"{counted(options, 'option')}, 5 wanted")
        lengths.append(len("".join(question).strip()))
    grows = all(before < after for before, after in pairwise(lengths))
    return Verdict(grows, f"questions of {', '.join(map(str, lengths))} characters")


def _is_option(line: str) -> bool:
    rest = line[2:].lstrip()
    return (
        line[:1] in set("ABCDEabcde")
        and line[1:2] in set(".|)")
        and rest[:1].replace("_", "x").isalnum()
    )


def _ascii(text: str) -> str:
    """``text`` with compound characters taken apart and all that is not ASCII left out."""
    return text.translate(_DECOMPOSED)


class _Decomposed(dict[int, str]):
    """For ``str.translate``: each character by itself, as marks in long rows are slow to order."""

    def __missing__(self, code: int) -> str:
        apart = unicodedata.normalize("NFKD", chr(code))
        self[code] = "".join(filter(str.isascii, apart))
        return self[code]


_DECOMPOSED = _Decomposed()
