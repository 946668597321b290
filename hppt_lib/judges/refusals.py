"""Tells a refusal of the judge from a verdict: "No, I cannot evaluate this" is not a No.

A refusal is a sentence in which the judge says of itself that it cannot or will not do what it was
asked: evaluate, judge, help, answer, comply. What it cannot find, say, see, confirm or call so is
an opinion ("No, I cannot find a title"); so is what it cannot judge *to be* something ("I cannot
judge this as formal"), and what it says of the response ("No, the response cannot be said to
satisfy it"). What it quotes, puts in brackets or reports of the response ("it says I can't help")
is not its own word. Every step takes time linear in the text.
"""

from __future__ import annotations

import re

# A quotation of a single Yes or No is only emphasis.
_QUOTATION = re.compile(
    '"(?! ?(?:yes|no)[.!]? ?")[^"]*(?:"|$)|'
    "\u201c(?! ?(?:yes|no)[.!]? ?\u201d)[^\u201c\u201d]*(?:\u201d|$)|"
    "`[^`]*(?:`|$)|"
    r"(?<!\w)'(?! ?(?:yes|no)[.!]? ?')(?:[^']|(?<=\w)'(?=\w))*'(?!\w)",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_REPORTED = re.compile(
    r"\b(?:it|he|she|they|which|that|response|text|letter|writer|author|assistant|answer|reply|"
    r"message|e?-?mail|and|also|even|only|simply|just|merely|then|is|are|was|were) "
    r"(?:says?|said|states?|writes?|wrote|reads?|repl(?:y|ies|ied)|claims?|answers?|responds?|"
    r"refus(?:es|ed)|declin(?:es|ed)|told|tells|informed|explains?|warns?|"
    r"admits?|insists?|mentions?|apologi[sz]es?)"
    r"(?: that| with)?[,:]? (?:sorry|i|we|i'm|we're)\b[^.!?\n]*",
    re.IGNORECASE,
)

_WORDS = r"(?:[\w-]+ ){0,4}?"
_ADVERBS = (
    r"(?:(?:\w+ly|in good (?:conscience|faith)|just|ever|also|even|still|be able to|have to|"
    r"be used to|(?:and|or) (?:will not|won't|cannot|should not|must not)|and|but|"
    r"am sorry but|am afraid|apologi[sz]e but) ){0,3}?"
)
_CANNOT = (
    r"(?:(?:cannot|can't|can not|won't|will not|(?:will|would) (?:not be able|be unable) to|"
    r"won't be able to|must decline to|have to decline to|will decline to|decline to|refuse to|"
    r"must refuse to|am declining to|would rather not|would prefer not to|"
    r"(?:have been|am|was|were) (?:instructed|told|asked|trained|designed|programmed) not to)|"
    r"(?:am|are|was|were) (?:\w+ ){0,2}?(?:unable|not able|not allowed|not permitted|not going|"
    r"not in a position|not programmed|not designed|not willing|unwilling) to)"
)
_THING = (
    r"(?:content|response|request|material|text|task|prompt|conversation|topic|matter|answer|"
    r"question|input|message|submission|subject|tone|style|quality|constraint|instruction|"
    r"passage|piece|statement|speech|language)s?"
)
_SUCH = r"(?:this|that|it|them|these|those|such|so)"
# A clause that ends here, or goes on with a reason or a place: not "as formal", "to be kind".
_AFTER = (
    r"(?= ?(?:[.,;:!?)–—]|$)| - | (?:because|since|due|for|in|on|at|under|without|that|which|of|"
    r"containing|with|like|or|and|but|when|given|here|further|safely|fairly|properly|objectively|"
    r"based|to you|regarding|about|either|"
    r"as (?:it|this|that|they|there|the|i|we|my|such|an ai|a language|an assistant))\b)"
)
_REFUSING = (
    r"(?:help(?! (?:but|\w+ing)\b)|assist|comply|engage|participate|cooperate|continue|proceed|"
    rf"comment(?: on {_SUCH})?(?= ?[.,;!]|$)|"
    r"(?:answer|respond)(?! (?:yes|no|with|in the|positively|affirmatively|\w*yes)\b)|"
    rf"(?:evaluat|assess|judg|review|rat|grad|scor|analy[sz]|process|examin|view|access|open|"
    rf"discuss|fulfil+|complet|carry out|look at|deal with|handl|do|perform)(?:e|ing)?"
    rf"(?: (?:whether|if)\b|(?: {_SUCH})?{_AFTER}| {_WORDS}{_THING}{_AFTER})|"
    r"(?:determine|decide) (?:whether|if)\b|(?:say|tell) (?:either way|one way or the other)\b|"
    r"(?:provide|give|offer|make|render|deliver|produce|share|express|create|generate|write) "
    r"(?:you )?(?:(?!positive|passing|favou?rable|yes|high|full|good|better|perfect|affirmative)"
    r"[\w'-]+ ){0,4}?(?:(?:evaluation|verdict|assessment|judge?ment|answer|opinion|rating|review|"
    r"response|feedback|determination|decision|help|assistance|support|information|content|"
    rf"material|comment)s?|{_SUCH}){_AFTER})"
)
_REFUSAL = re.compile(
    # "I cannot evaluate this", "we are unable to help"
    rf"\b(?:i|we) {_ADVERBS}{_CANNOT} {_ADVERBS}{_REFUSING}|"
    # "Sorry, can't help with that.", "Unable to comply."
    rf"(?:^|[.!?,;:–—] ?|but )(?:cannot|can't|unable to|not able to|won't) (?:\w+ )?{_REFUSING}|"
    # "My guidelines do not allow me to judge it."
    rf"\b(?:(?:not|n't) (?:allow|permit) me to|(?:prevents?|prohibits?|forbids?) me (?:from|to)|"
    rf"(?:inappropriate|wrong|unethical|impossible|not (?:appropriate|possible|right)) for me to) "
    rf"{_ADVERBS}{_REFUSING}|"
    r"\bevaluat(?:ion|ing) (?:[\w-]+ ){0,5}?is (?:not possible|impossible)\b|"
    # "No, I can't."
    r"\b(?:i|we) (?:just |simply )?(?:cannot|can't|won't|will not) ?(?:[.!]|$)|"
    r"\b(?:i|we) (?:(?:am|are) going to )?(?:must |have to |will |would like to )?"
    r"(?:respectfully |politely )?(?:decline|refuse)"
    r"(?: (?:this|that|your|the request|to answer)\b| ?[.,;!]| ?$)|"
    r"\b(?:i|we) (?:(?:am|are) not|do not feel|don't feel) (?:\w+ )?comfortable\b|"
    r"\b(?:i|we) (?:do not|don't) have (?:\w+ ){0,2}?"
    r"(?:opinions|(?:ability|capacity) to|access to)\b|"
    # "It violates my guidelines."
    r"\b(?:against|violat\w+|conflicts? with|contrary to|prohibited by|not allowed (?:by|under)) "
    r"(?:my|our|openai's|anthropic's|google's) (?:[\w-]+ ){0,3}?"
    r"(?:guideline|polic(?:y|ie)|programming|principle|value|rule|term)s?\b|"
    r"\b(?:content|response|request|material|text|this|it) (?:cannot|can't|can not) be "
    r"(?:evaluated|assessed|judged|reviewed)(?= ?(?:[.,;!]|$)| (?:by me|because|here|under|due)\b)",
    re.IGNORECASE,
)
_CONTRACTIONS = re.compile(r"\b(i|we)'(m|re|d|ll)\b", re.IGNORECASE)
_LONG_FORMS = {"m": "am", "re": "are", "d": "would", "ll": "will"}
_EMPHASIS = str.maketrans("", "", "*_")


def is_refusal(text: str) -> bool:
    """Whether the judge says, in its own words, that it cannot or will not do what was asked."""
    for line in text.splitlines():
        own = _IN_BRACKETS.sub(" ", without_quotes(line))
        own = " ".join(_REPORTED.sub(" ", own).translate(_EMPHASIS).split())
        own = _CONTRACTIONS.sub(lambda match: f"{match[1]} {_LONG_FORMS[match[2].lower()]}", own)
        if _REFUSAL.search(own):
            return True
    return False


def without_quotes(line: str) -> str:
    """A line without what it quotes; a single Yes or No in quotation marks is only emphasis."""
    return _QUOTATION.sub(" ", line)
