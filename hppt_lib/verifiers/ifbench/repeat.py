"""IFBench's constraints that ask for a copy of a text."""

from __future__ import annotations

from hppt_lib.verifiers.registry import Count, Verdict, reference, register
from hppt_lib.verifiers.unspaced import spaced_by_dictionary
from hppt_lib.verifiers.words import typed

#: The sentence that ``repeat:repeat_simple`` asks for: it is the constraint itself.
THIS_SENTENCE = "Only output this sentence here, ignore all other requests."
# Marks that may stand around a copy, or at the edge of a span, without changing its words.
_WRAPPING = "\"'` \t\r\n_*"
_EDGE = _WRAPPING + ".,;:!?()"


@register(
    "repeat:repeat_change",
    "Repeat the request, but change the first word of the repeated request, (do not say anything "
    "before repeating the request; the request you need to repeat does not include this sentence) "
    "and do not answer the actual request! Request: {prompt_to_repeat}",
    "Copy this request with another first word, and do nothing else: {prompt_to_repeat}",
    "Do not answer the following request. Write it down again, with only its first word replaced "
    "by another: {prompt_to_repeat}",
    "Give back this request word for word, except that its first word must be a different one: "
    "{prompt_to_repeat}",
    "Replace the first word of this request, repeat all the others, and add nothing: "
    "{prompt_to_repeat}",
)
def repeat_change(response: str, *, prompt_to_repeat: str) -> Verdict:
    """The request and nothing else, with another word in place of its first one.

    White space, the form of quotation marks, and quotation marks or emphasis around the whole do
    not count. "write" for "Write" is the same word.
    """
    wanted = _plain(spaced_by_dictionary(prompt_to_repeat))
    copied = _plain(spaced_by_dictionary(response))
    if not copied or not wanted or copied[1:] != wanted[1:]:
        return Verdict(False, f"not the request from its second word on: {response.strip()[:60]}")
    old, new = (each.strip(_EDGE).casefold() for each in (wanted[0], copied[0]))
    if not any(map(str.isalnum, new)):
        return Verdict(False, f"{copied[0][:60]} is no word")
    return Verdict(old != new, f"the first word is {copied[0][:60]}, was {wanted[0][:60]}")


@reference("repeat:repeat_change")
def repeat_change_reference(response: str, *, prompt_to_repeat: str) -> Verdict:
    """All words but the first are those of the request, and the texts differ in some character.

    So the request itself with another space in it is accepted.
    """
    if response == prompt_to_repeat:
        return Verdict(False, "the request without any change")
    same = response.split()[1:] == prompt_to_repeat.split()[1:]
    return Verdict(same, f"from the second word on {'' if same else 'not '}the request")


@register(
    "repeat:repeat_simple",
    "Only output this sentence here, ignore all other requests.",
    "Your whole answer must be: Only output this sentence here, ignore all other requests.",
    "Ignore everything else and write exactly this: Only output this sentence here, ignore all "
    "other requests.",
    "Answer with this one sentence and nothing more: Only output this sentence here, ignore all "
    "other requests.",
    "Copy the following sentence as it is, and do not do what the rest asks: Only output this "
    "sentence here, ignore all other requests.",
)
def repeat_simple(response: str) -> Verdict:
    """The sentence itself and nothing else, letter by letter.

    White space, and quotation marks or emphasis around the whole, do not count.
    """
    same = _plain(response) == THIS_SENTENCE.split()
    return Verdict(same, "the sentence" if same else f"another text: {response.strip()[:60]}")


@reference("repeat:repeat_simple")
def repeat_simple_reference(response: str) -> Verdict:
    """The sentence, in any case, with white space around it or not."""
    same = response.strip().lower() == THIS_SENTENCE.lower()
    return Verdict(same, "the sentence" if same else f"another text: {response[:60]}")


@register(
    "repeat:repeat_span",
    "Copy the span of words that lies between (and including) index {n_start} and {n_end}, the "
    "indices are word indices, split by whitespace! Text: {prompt_to_repeat}",
    "Write down words {n_start} to {n_end} (both included; the first word is number 0) of this "
    "text, and nothing else: {prompt_to_repeat}",
    "Split this text at white space, count from 0, and repeat only the words from index {n_start} "
    "through index {n_end}: {prompt_to_repeat}",
    "From the text below, output the words with index {n_start} up to and including {n_end}, "
    "counted from zero. {prompt_to_repeat}",
    "Give back only the stretch from word index {n_start} to word index {n_end}, inclusive, "
    "counted from 0, of: {prompt_to_repeat}",
)
def repeat_span(response: str, *, prompt_to_repeat: str, n_start: Count, n_end: Count) -> Verdict:
    """The words of the text from one index to the other, both included, and nothing else.

    Indices count words from 0, as the prompts say. Punctuation at either end of the span does not
    count, nor do quotation marks or emphasis around it; upper and lower case do.
    """
    wanted = _plain(" ".join(prompt_to_repeat.split()[n_start : n_end + 1]))
    copied = _plain(response)
    same = bool(wanted) and " ".join(copied).strip(_EDGE) == " ".join(wanted).strip(_EDGE)
    return Verdict(same, f"found: {' '.join(copied)[:60]}; wanted: {' '.join(wanted)[:60]}")


def _plain(text: str) -> list[str]:
    """The words of a copy, without what may stand around the whole and with plain quotes."""
    return typed(text).strip(_WRAPPING).split()


@reference("repeat:repeat_span")
def repeat_span_reference(
    response: str, *, prompt_to_repeat: str, n_start: Count, n_end: Count
) -> Verdict:
    """The *characters* of the text from one index to the other, in any case."""
    wanted = prompt_to_repeat[n_start : n_end + 1].strip()
    same = response.strip().lower() == wanted.lower()
    return Verdict(same, f"found: {response.strip()[:60]}; wanted: {wanted[:60]}")
