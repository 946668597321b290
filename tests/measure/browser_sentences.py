"""How often the playground's sentences are the installed kit's, on real responses.

  python -m tests.measure.browser_sentences

A browser has no ``sentencex``; `hppt_lib.course.in_browser.stand_ins` cuts there. Counts the
responses with the same number of sentences either way, and, on the gold set, the verdicts that
differ.
"""

from __future__ import annotations

import json
from collections import Counter
from unittest.mock import patch

from hppt_lib import verifiers
from hppt_lib.course.in_browser import stand_ins
from hppt_lib.files import repository_folder
from hppt_lib.verifiers import sentences as room


def main() -> None:
    """Print the counts."""
    data = repository_folder() / "data"
    texts = list(
        dict.fromkeys(row["response"] for row in _rows(data / "audit" / "responses.jsonl"))
    )
    same = sum(len(room.sentences(text)) == len(_stood_in(text)) for text in texts)
    print(f"same number of sentences: {same} of {len(texts)} responses of the audit set")
    differ: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for row in _rows(data / "gold" / "verifiers.jsonl"):
        if "sentencex" not in verifiers.family(row["id"]).needs["text"]:
            continue
        check = verifiers.build(row["id"], row["kwargs"])
        asked[row["id"]] += 1
        room.sentences.cache_clear()
        own = check(row["response"]).passed
        with patch.object(room, "_library", lambda: stand_ins.segment):
            room.sentences.cache_clear()
            differ[row["id"]] += check(row["response"]).passed != own
    room.sentences.cache_clear()
    print(f"other verdicts on the gold set: {differ.total()} of {asked.total()}")
    for id, number in sorted(differ.items()):
        if number:
            print(f"  {id}: {number} of {asked[id]}")


def _stood_in(text: str) -> tuple[str, ...]:
    room.sentences.cache_clear()
    with patch.object(room, "_library", lambda: stand_ins.segment):
        found = room.sentences(text)
    room.sentences.cache_clear()
    return found


def _rows(path: object) -> list[dict[str, object]]:
    with open(str(path), encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


if __name__ == "__main__":
    main()
