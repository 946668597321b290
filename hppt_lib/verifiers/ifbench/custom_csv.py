"""IFBench's three requests for CSV data."""

from __future__ import annotations

import csv
import io
import re
from itertools import chain

from hppt_lib.verifiers.registry import Verdict, reference, register
from hppt_lib.verifiers.words import counted

CITY = ("ID", "Country", "City", "Year", "Count")
PRODUCT = ("ProductID", "Category", "Brand", "Price", "Stock")
STUDENT = ("StudentID", "Subject", "Grade", "Semester", "Score")
_NUMBER = re.compile(r"[\d.,+-]+")
# (text, whether it stands in double quotation marks)
Field = tuple[str, bool]


@register(
    "custom:csv_city",
    'Generate CSV data: The column names are ["ID", "Country", "City", "Year", "Count"], the data '
    "should be comma delimited. Please generate 7 rows.",
    "Write seven rows of comma-separated data under the header ID,Country,City,Year,Count.",
    "Produce a CSV file with the columns ID, Country, City, Year and Count, in that order, and "
    "exactly 7 rows of data.",
    "Give me CSV with commas: first a line with the names ID, Country, City, Year, Count, then 7 "
    "lines of data.",
    "I need comma-delimited data with 7 rows; the columns are ID, Country, City, Year, Count.",
)
def csv_city(response: str) -> Verdict:
    """The header and exactly seven rows of five filled fields, separated by commas.

    A code block around the data, and text before and after it, do not count.
    """
    rows = _table(response, CITY, ",", 7)
    return rows if isinstance(rows, Verdict) else Verdict(True, "the header and 7 rows")


@reference("custom:csv_city")
def csv_city_reference(response: str) -> Verdict:
    """Python's csv module reads eight rows: the exact header and seven rows of five fields."""
    rows = _rows(response, ",", 9)
    if len(rows) != 8:
        return Verdict(False, _counted_rows(rows, 8))
    if rows[0] != list(CITY):
        return Verdict(False, f"header {', '.join(rows[0])[:60]}")
    return _of_five(rows[1:])


@register(
    "custom:csv_special_character",
    'Generate CSV data: The column names are ["ProductID", "Category", "Brand", "Price", '
    '"Stock"], the data should be comma delimited. Please generate 14 rows. Add one field which '
    "contains a special character and enclose it in double quotes.",
    "Write 14 rows of comma-separated data under the header ProductID,Category,Brand,Price,Stock; "
    "one field has a special character in it and stands in double quotes.",
    "Produce CSV with the columns ProductID, Category, Brand, Price and Stock and exactly 14 rows. "
    "Put a special character into a field, and that field into double quotation marks.",
    "I need fourteen comma-delimited rows (ProductID, Category, Brand, Price, Stock), with a "
    "double-quoted field that holds a special character.",
    "Give me a CSV table with 14 rows and the columns ProductID, Category, Brand, Price, Stock, in "
    "which a field with a special character is enclosed in double quotes.",
)
def csv_special_character(response: str) -> Verdict:
    """The header, exactly 14 rows of five filled fields, and a quoted one with a special character.

    Special is what is neither a space nor an unaccented letter or digit; the point or comma of a
    number is not.
    """
    rows = _table(response, PRODUCT, ",", 14)
    if isinstance(rows, Verdict):
        return rows
    for text, quoted in chain.from_iterable(rows):
        if quoted and _is_special(text):
            return Verdict(True, f"the header and 14 rows; special: {text[:60]}")
    return Verdict(False, "no field in double quotes has a special character")


@reference("custom:csv_special_character")
def csv_special_character_reference(response: str) -> Verdict:
    """The header, 15 rows in all, and a quoted field with a sign that is no letter or digit.

    Rows after the one with that field are not looked at.
    """
    if not _is_header(response, PRODUCT, r",[ \t]*"):
        return Verdict(False, f"header {response[:60]}")
    rows = _rows(response.replace('"', '"""'), ",", 16)
    if len(rows) != 15:
        return Verdict(False, _counted_rows(rows, 15))
    for row in rows[1:]:
        if len(row) != 5:
            return _of_five([row])
        if any(map(_is_quoted_special, row)):
            return Verdict(True, "a field in double quotes has a special character")
    return Verdict(False, "no field in double quotes has a special character")


def _is_quoted_special(field: str) -> bool:
    """Whether a field begins with a quotation mark, and has a special sign before another one."""
    before, _, after = field.partition('"')
    inside = after.partition("\n")[0].rpartition('"')[0]
    return not before and not all(map(_is_plain, inside))


def _is_plain(char: str) -> bool:
    return char.isalnum() or char == "_" or char.isspace()


@register(
    "custom:csv_quotes",
    'Generate CSV data: The column names are ["StudentID", "Subject", "Grade", "Semester", '
    '"Score"], the data should be tab delimited. Please generate 3 rows and enclose each single '
    "field in double quotes.",
    "Write three rows of tab-separated data under the columns StudentID, Subject, Grade, Semester "
    "and Score, with every field in double quotes.",
    "Produce a tab-delimited table (StudentID, Subject, Grade, Semester, Score) of exactly 3 rows; "
    "each field, the names too, stands in double quotation marks.",
    "I need 3 rows with tabs between the fields StudentID, Subject, Grade, Semester, Score, each "
    "single field enclosed in double quotes.",
    "Give me data with tabs as delimiters: the header StudentID, Subject, Grade, Semester, Score "
    "and 3 rows, everything in double quotes.",
)
def csv_quotes(response: str) -> Verdict:
    """The header and exactly three rows of five filled fields, separated by tabs, all in quotes.

    "Each single field" is taken to include the column names.
    """
    rows = _table(response, STUDENT, "\t", 3)
    if isinstance(rows, Verdict):
        return rows
    for text, quoted in chain.from_iterable(rows):
        if not quoted:
            return Verdict(False, f"not in double quotes: {text[:60]}")
    return Verdict(True, "the header and 3 rows, all in double quotes")


def _is_special(text: str) -> bool:
    if _NUMBER.fullmatch(text.strip()):
        return False
    return any(not (each.isspace() or (each.isascii() and each.isalnum())) for each in text)


def _table(
    response: str, names: tuple[str, ...], delimiter: str, wanted: int
) -> list[list[Field]] | Verdict:
    """The rows of the table in ``response``, the header first, or what is wrong with it.

    The table begins with the line of column names and ends with its code block, or with a blank
    line that no row follows.
    """
    lines = response.splitlines()
    heads = (
        number
        for number, line in enumerate(lines)
        if names[0] in line and _names(line, delimiter) == names
    )
    first = next(heads, None)
    if first is None:
        return Verdict(False, f"no line with the column names {', '.join(names)}")
    rows: list[list[Field]] = []
    gap = False
    for line in map(str.strip, lines[first:]):
        row = _fields(line, delimiter)
        complete = len(row) == len(names)
        if not line:
            gap = True
        elif line.startswith("```") or (gap and not complete):
            break
        elif not complete or not all(text.strip() for text, _ in row):
            return Verdict(False, f"not {len(names)} filled fields: {line[:60]}")
        else:
            rows.append(row)
            if len(rows) > wanted + 1:
                return Verdict(False, f"more than {wanted} rows")
    if len(rows) < wanted + 1:
        return Verdict(False, f"{counted(len(rows) - 1, 'row')}, {wanted} wanted")
    return rows


def _names(line: str, delimiter: str) -> tuple[str, ...]:
    return tuple(each.strip(' "') for each in line.split(delimiter))


def _fields(line: str, delimiter: str) -> list[Field]:
    """The fields of a line of CSV without the spaces around them; none if its quotes are wrong."""
    fields: list[Field] = []
    pending: list[str] = []
    marks = 0
    for piece in line.split(delimiter):
        pending.append(piece)
        marks += piece.count('"')
        if marks % 2:  # the delimiter stands inside quotation marks
            continue
        text = delimiter.join(pending).strip()
        pending = []
        if '"' not in text:
            fields.append((text, False))
        elif text[0] == '"' and '"' not in text[1:-1].replace('""', ""):
            fields.append((text[1:-1], True))
        else:
            return []
    return fields


@reference("custom:csv_quotes")
def csv_quotes_reference(response: str) -> Verdict:
    """The header and three rows with tabs; all fields begin and end with a quotation mark."""
    if not _is_header(response, STUDENT, r"\t *"):
        return Verdict(False, f"header {response[:60]}")
    rows = _rows(response.replace('"', '"""'), "\t", 5)
    if len(rows) != 4:
        return Verdict(False, _counted_rows(rows, 4))
    for row in rows:
        if len(row) != 5:
            return _of_five([row])
        for field in map(str.strip, row):
            if not (field.startswith('"') and field.endswith('"')):
                return Verdict(False, f"not in double quotes: {field[:60]}")
    return Verdict(True, "3 rows, all in double quotes")


def _is_header(response: str, names: tuple[str, ...], delimiter: str) -> bool:
    """Whether the first line holds the names, each in double quotes or not."""
    pattern = delimiter.join(f'(?:{name}|"{name}")' for name in names)
    return re.fullmatch(pattern, response.partition("\n")[0].strip()) is not None


def _rows(text: str, delimiter: str, limit: int) -> list[list[str]]:
    """The first rows that Python's csv module reads; none if it refuses the text."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        return [row for _, row in zip(range(limit), reader, strict=False)]
    except csv.Error:
        return []


def _counted_rows(rows: list[list[str]], wanted: int) -> str:
    return f"{counted(len(rows), 'row')} with the header (or more), {wanted} wanted"


def _of_five(rows: list[list[str]]) -> Verdict:
    wrong = next((row for row in rows if len(row) != 5), None)
    if wrong is not None:
        return Verdict(False, f"a row of {len(wrong)} fields")
    return Verdict(True, "five fields in each row")
