"""IFBench: the tasks custom:csv_*."""

from __future__ import annotations

from tests.verifiers.cases.case import Case

CITY = "ID,Country,City,Year,Count"
CITIES = "\n".join([CITY, *(f"{number},France,Paris,2020,{number}5" for number in range(1, 8))])
PRODUCT = "ProductID,Category,Brand,Price,Stock"
ROWS = [f"{number},Toys,Lego,9.50,{number}5" for number in range(1, 14)]
SPECIAL = '14,Toys,"A&B",9.50,5'
PRODUCTS = "\n".join([PRODUCT, *ROWS, SPECIAL])
STUDENT = '"StudentID"\t"Subject"\t"Grade"\t"Semester"\t"Score"'
STUDENTS = "\n".join([STUDENT, *(f'"{number}"\t"Art"\t"B"\t"Fall"\t"9"' for number in range(1, 4))])


def special(field: str) -> str:
    """The products with another field in the last row."""
    return PRODUCTS.replace('"A&B"', field)


CASES = (
    Case(
        "custom:csv_city",
        {},
        passes=(
            (CITIES, "seven rows"),
            (
                f"Here is the data:\n```csv\n{CITIES}\n```\nAll ID, and Count are invented.",
                "fenced",
            ),
            (f"Here is the data:\n\n{CITIES}\n\nThe ID, Country and Count are invented.", "prose"),
            (CITIES.replace(",", ", "), "spaces after the commas"),
            (CITIES.replace("Paris", '"Paris, ""Texas"""'), "commas and marks in quotes"),
            (CITIES.replace("ID", '"ID"').replace("\n", "\n\n"), "blank lines between rows"),
            (CITIES.replace("\n", "\r\n"), "other line ends"),
            (CITIES.replace("\n", " \n \n "), "white space in blank lines and round rows"),
            (f"{CITIES}\n \n1,2", "a line of other length after a gap"),
            (f"  {CITIES}\n  ```\n8,France,Paris,2020,5", "a fence that is indented"),
            (CITIES.replace("Paris", '"Paris"""'), "a doubled mark at the end"),
            (CITIES.replace("Paris", ' "Paris, \'""\', Texas" '), "spaces round quotes"),
            (f"ID,Country\nA,B,Count\n{CITIES}", "other lines with names before the header"),
            (CITIES.replace("Paris", "Париж"), "Cyrillic"),
        ),
        fails=(
            (CITIES[: CITIES.rindex("\n")], "six rows"),
            (f"{CITIES}\n8,France,Paris,2020,5", "eight rows"),
            (f"{CITIES}\n\n8,France,Paris,2020,5", "eight rows, one after a gap"),
            (CITIES.replace(",", ";"), "semicolons"),
            (CITIES.replace("ID,Country", "Country,ID"), "columns exchanged"),
            (CITIES.replace("Count", "count").replace("country", "Country"), "another name"),
            (CITIES.replace(f"{CITY}\n", ""), "no header"),
            (CITIES.replace("7,France", "7,8,France"), "six fields in a row"),
            (CITIES.replace("7,France", "7"), "four fields in a row"),
            (CITIES.replace("7,France", "7,"), "an empty field"),
            (CITIES.replace("7,France", '7,"Fra"nce'), "a mark in the middle"),
            (CITIES.replace("7,France", '7,Fra"nce"'), "a mark in the middle"),
            (CITIES.replace("7,France", '7,"Fra"n"ce"'), "marks not doubled"),
            (CITIES.replace("7,France", '7,"France'), "a mark not closed"),
            (CITIES.replace("7,France", '7,Fra""nce'), "marks in the middle"),
            (CITIES.replace("7,France", '7,"France""'), "the last mark is doubled"),
            (CITIES.replace("7,France", '7," "'), "a blank field"),
            (CITIES.replace("1,France", "1"), "four fields in the first row"),
            (CITIES.replace("2020,75", '2020,7"5'), "a mark in the last field"),
            (CITIES.replace("7,France", "``7,France,").replace("7,", "7", 1), "not a fence"),
            (f"{CITIES}\n- ```", "a fence in a line that is no row"),
            (CITIES.replace("35", '"'), "a mark alone"),
            (f"{CITIES}\nAll is invented.", "a line of prose that belongs to the table"),
            ("| " + CITIES.replace(",", " | ").replace("\n", " |\n| ") + " |", "Markdown"),
            ("ID and Count", "the names alone"),
            ("x", "one letter"),
        ),
    ),
    Case(
        "custom:csv_city",
        {},
        reading="reference",
        passes=(
            (CITIES, "seven rows"),
            (CITIES.replace("ID", '"ID"'), "a name in quotes"),
            (CITIES.replace("7,France", ",") + "\n", "empty fields"),
            (CITIES.replace("Paris", '"Paris,\n Texas"'), "a line break in quotes"),
        ),
        fails=(
            (CITIES[: CITIES.rindex("\n")], "six rows"),
            (f"{CITIES}\n8,France,Paris,2020,5", "eight rows"),
            (f"{CITIES}\n\n", "a blank row"),
            (f"```\n{CITIES}\n```", "fenced"),
            (CITIES.replace(",", ", "), "spaces after the commas"),
            (CITIES.replace("7,France", "7,8,France"), "six fields in a row"),
            (CITIES.replace("1,France", "1"), "four fields in the first row"),
            (CITIES.replace("Paris", "Pa\rris"), "a line end that the csv module refuses"),
            (CITIES.replace("Paris", "p" * 140_000), "a field that the csv module refuses"),
        ),
    ),
    Case(
        "custom:csv_special_character",
        {},
        passes=(
            (PRODUCTS, "14 rows, an ampersand"),
            (special('"Nestlé"'), "an accent"),
            (special('"Lego, Toys"'), "a comma"),
            (special('"5""-Toys"'), "a quotation mark"),
            (special('"Coca-Cola"'), "a hyphen"),
            (special('"$9"'), "a currency"),
            (f"```\n{PRODUCTS}\n```", "fenced"),
            (special('"茶"'), "Chinese"),
            (special('"5%"'), "a number with another sign"),
            (PRODUCTS.replace("Lego", '"Lego"'), "other quoted fields before it"),
        ),
        fails=(
            (PRODUCTS.replace(f"{ROWS[0]}\n", ""), "13 rows"),
            (f"{PRODUCTS}\n15,Toys,Lego,1,1", "15 rows"),
            (special("A&B"), "not in quotes"),
            (special('"Lego 2"'), "no special character"),
            (special('"-1,000.5"'), "the marks of a number"),
            (special('" +5 "'), "a sign and spaces"),
            (special("'A&B'"), "single marks"),
            (PRODUCTS.replace(PRODUCT, PRODUCT.lower()), "other names"),
            ("x", "one letter"),
        ),
    ),
    Case(
        "custom:csv_special_character",
        {},
        reading="reference",
        passes=(
            (PRODUCTS, "14 rows, an ampersand"),
            (special('"9.5"'), "a decimal point"),
            (special('"&"'), "nothing else"),
            (PRODUCTS.replace("Brand", ' \t"Brand"'), "a blank before a name in quotes"),
            (f"{PRODUCTS}\n", "a last line end"),
            ("\n".join([PRODUCT, SPECIAL, "tea", *ROWS[1:]]), "rows after it are not looked at"),
        ),
        fails=(
            (PRODUCTS.replace(f"{ROWS[0]}\n", ""), "13 rows"),
            (f"{PRODUCTS}\n15,Toys,Lego,1,1", "15 rows"),
            (special("A&B"), "not in quotes"),
            (special('""'), "nothing in quotes"),
            (special('"Lego_é 2"'), "no special character"),
            (special('"Lego"&'), "a sign after the quotes"),
            (special('"Lego&'), "not closed"),
            (special("'A&B'"), "single marks"),
            ("\n".join([PRODUCT, "tea", *ROWS[1:], SPECIAL]), "a bad row before it"),
            (PRODUCTS.replace(",Brand", " ,Brand"), "a blank before the comma"),
            (f"```\n{PRODUCTS}\n```", "fenced"),
        ),
    ),
    Case(
        "custom:csv_quotes",
        {},
        passes=(
            (STUDENTS, "three rows"),
            (f"Sure:\n```\n{STUDENTS}\n```", "fenced"),
            (STUDENTS.replace('"Art"', '"Art, 茶\t1"'), "a tab in quotes"),
        ),
        fails=(
            (STUDENTS[: STUDENTS.rindex("\n")], "two rows"),
            (f'{STUDENTS}\n"4"\t"Art"\t"B"\t"Fall"\t"9"', "four rows"),
            (STUDENTS.replace('"3"', "3"), "a field without quotes"),
            (STUDENTS.replace('"Score"', "Score"), "a name without quotes"),
            (STUDENTS.replace('"3"', '""'), "an empty field"),
            (STUDENTS.replace("\t", ","), "commas"),
            (STUDENTS.replace("\t", "    "), "spaces"),
            (STUDENTS.replace('"', "'"), "single quotes"),
            ("x", "one letter"),
        ),
    ),
    Case(
        "custom:csv_quotes",
        {},
        reading="reference",
        passes=(
            (STUDENTS, "three rows"),
            (STUDENTS.replace('"3"', '""'), "an empty field"),
            (STUDENTS.replace('\t"Score"', '\t "Score" '), "blanks round a name"),
            (f"{STUDENTS}\n", "a last line end"),
        ),
        fails=(
            (STUDENTS[: STUDENTS.rindex("\n")], "two rows"),
            (f'{STUDENTS}\n"4"\t"Art"\t"B"\t"Fall"\t"9"', "four rows"),
            (STUDENTS.replace('"3"', "3"), "a field without quotes"),
            (STUDENTS.replace('"3"', '"3'), "not closed"),
            (STUDENTS.replace('"3"', '3"'), "not opened"),
            (STUDENTS.replace('"3"', ""), "a field with nothing"),
            (STUDENTS.replace('"Score"', "Score"), "a name without quotes"),
            (STUDENTS.replace("\t", ","), "commas"),
            (STUDENTS.replace('"3"\t', ""), "four fields"),
            (STUDENTS.replace('"Grade"\t"Semester"', '"Semester"\t"Grade"'), "names exchanged"),
        ),
    ),
)
