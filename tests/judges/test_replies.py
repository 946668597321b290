"""Verdicts and refusals in a judge's words: what a careful reader would say, and nothing more."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hppt_lib.judges.refusals import is_refusal
from hppt_lib.judges.replies import NO_ANSWER, REFUSED, read_reply, reads_as_verdict
from tests.judges.test_prompts import HOSTILE, passed

STATED = {
    # at the beginning
    "Yes, because it is polite.": True,
    "Yes because it is polite": True,
    "No it does not.": False,
    "No – it is rude": False,
    "The answer is Yes, because it is polite.": True,
    "Here is my verdict:\n\nNo, it is rude.\n\nIt says gonna.": False,
    # in a line of its own
    "**Yes**": True,
    "✅ **Yes**": True,
    "[[No]]": False,
    r"$\boxed{\text{No}}$": False,
    "<answer>Yes</answer>": True,
    "It is rude.\n\nNo\n\nLet me know if you need more.": False,
    # behind a label
    "Final verdict: No": False,
    "**Final Answer:** **No**": False,
    "### Final Answer\n\nNo": False,
    "My final verdict is No: it is rude.": False,
    "Constraint satisfied: Yes": True,
    "It is kind.\n\nVerdict: Yes\n\nI hope that this helps.": True,
    # at the end
    "The answer is Yes.": True,
    "The response is polite. Yes.": True,
    "The tone is warm, so the answer is Yes.": True,
    "It is rude, so no.": False,
    "In conclusion, no.": False,
    "It is rude, which means the verdict is No.": False,
    "Does the response satisfy the constraint? Yes": True,
    "Since there is no greeting, the answer is No.": False,
    "As it does not greet anybody, the answer is No.": False,
    "I believe the answer is Yes.": True,
    "I think that the verdict is No, because it is rude.": False,
    "It never says please.\n\nNo, it is rude.": False,
    # JSON
    '{"verdict": "Yes"}': True,
    '{"answer": "No"}': False,
    '{"satisfied": true}': True,
    '{"Final Verdict": "no", "reason": "It is rude."}': False,
    '{"verdict": "No, it is rude"}': False,
    '```json\n{"verdict": "No"}\n```': False,
    'It is rude.\n```json\n{"verdict": "No"}\n```': False,
    # said twice
    "Yes, it is kind. The answer is Yes.": True,
    # what the template or the server leaves around it
    "<think>1: No</think>\n\nYes": True,
    "Is it rude? Yes, so No.</think>Yes": True,
    "[THINK]No[/THINK]Yes": True,
    "\ufeffYes\u200b": True,
}


@pytest.mark.parametrize("reply", STATED)
def test_one_clear_verdict_is_read(reply: str) -> None:
    """Mistake: "unreadable", where any reader knows what the judge says."""
    assert passed(reply, 1) == [STATED[reply]]


NOT_STATED = [
    "Yes\nNo",
    "Verdict: Yes\nFinal verdict: No",
    "Yes, it does. The answer is No.",
    "Yes. Hmm, actually no.",
    "Yes, wait, no",
    "Yes and no.",
    "Yes, if we ignore the end.",
    "Yes, it has a title.\nNo, the tone is wrong.\nYes",  # contradicted by a detail
    "Let me see.\nYes, it has a title.\nBut the tone is wrong.",  # about a detail
    "The answer is not Yes.",
    "I doubt that the answer is Yes.",
    "One could say that the answer is Yes.",
    "The answer would be Yes if it were longer.",
    "Is the answer Yes?",
    "If it were longer, the answer is Yes.",
    "One could say that, all in all, the answer is Yes.",
    "I don't think the answer is Yes.",
    "All in all I don't think that, for a poem, the answer is Yes.",
    "The answer is no longer than five words.",
    "No longer formal.",
    "Nope",
    "The response satisfies the constraint.",
    'The response reads: "Was it good? Yes."',
    "The response asks “Is it good?” and says “It is. Yes.",
    "> Was it good? Yes.",
    "| The answer is Yes.",
    "Does the response satisfy the constraint? Answer with one word: Yes or No.",
    "2. Yes",
    '{"verdict": "Yes", "answer": "No"}',
    '{"verdict": "maybe"}',
    '{"verdict": null}',
    '{"reply": "Yes"}',
    '{"constraint": 2, "verdict": "Yes"}',
    "<think>The verdict is Yes.",
    "<think>Yes</think>",
    "<think>\nYes\n</think>\n\nHard to say.",
]


@pytest.mark.parametrize("reply", NOT_STATED)
def test_two_verdicts_or_none_are_no_verdict(reply: str) -> None:
    """Mistake: a verdict picked out of a contradiction, a quotation, a wish or a thought."""
    assert passed(reply, 1) == [None]


def test_thoughts_alone_are_named() -> None:
    assert read_reply("<think>Yes</think>", 1)[0].problem == NO_ANSWER
    assert read_reply("\n", 1)[0].problem == "empty reply"


REFUSALS = """\
No, I cannot evaluate this content.
I'm sorry, but I can't help with that.
I’m sorry, but I can’t assist with that request.
No. I'm not able to judge material like this.
No, I won't rate this response.
I cannot comply with this request.
No, I am unable to provide an evaluation of this text.
Sorry, I can't do that.
No — I can't engage with this content.
I must decline to evaluate this.
No, I have to decline.
No, I'm going to have to decline.
I'd rather not evaluate this, sorry.
No, as an AI language model I cannot assess harmful content.
No, I do not feel comfortable judging this.
No, this violates our usage policies.
I apologize, but I cannot provide a verdict on this.
No, I can't.
No, I cannot in good conscience evaluate this response.
No, I cannot and will not evaluate this.
Unable to comply.
No, this content cannot be evaluated.
No, I cannot determine whether the response satisfies it.
No. I refuse to answer.
No, I don't have access to the response.
No, my guidelines prevent me from evaluating this content.
No, I have been instructed not to evaluate such content.
No, it would be inappropriate for me to evaluate this.
No, I can't say either way.
**No**, I cannot evaluate this content.
Yes, but I cannot evaluate this content.""".splitlines()

OPINIONS = """\
No, the response cannot be said to satisfy the constraint.
No. It does not use a formal tone.
No, I cannot find a lighthouse in it.
No, I can't see any formal greeting.
No, I cannot say that it is formal.
No, I cannot confirm that the tone is warm.
No, I cannot help but notice the slang.
No, the response refuses to answer.
No. The response says "I can't help with that", which is no answer.
No; it apologises ("I'm sorry, but I can't assist") instead of answering.
No. 'I can't evaluate this' is all that it says.
No, the response says I cannot help with that.
No, the answer refuses: sorry, I can't do that.
No, the customer is told that we cannot help.
No, the assistant cannot help the customer here.
No, I would not call this formal.
No, I cannot give it a pass.
No, I cannot give this response a Yes.
No, I cannot give it a positive verdict.
No, I cannot answer Yes here.
No, I cannot judge this as formal.
No, I cannot rate this polite.
No, it cannot be judged formal.
No, I cannot evaluate this response as satisfying the constraint.
No, this goes against the guidelines in the constraint.
No. The response does not comply with the constraint.
No, it only offers an apology and declines to answer.
No, I am not able to find a rhyme.
No, I can't find where it offers help.
No, I do not see that it answers the question.
No, I will not comment on the grammar, but the tone is rude.""".splitlines()


@pytest.mark.parametrize("reply", REFUSALS)
def test_a_refusal_is_no_verdict(reply: str) -> None:
    """Mistake: "No, I cannot evaluate this" counted as a fail of the response."""
    for text in (reply, f"<think>Hm.</think>{reply}", reply.replace(". ", ".\n\n")):
        (found,) = read_reply(text, 1)
        assert found.passed is None and found.problem.startswith(REFUSED)
    bare = re.sub(r"\**(?:No|Yes)\**[.,]? ?(?:— |but )?", "", reply, count=1)
    assert all(each.problem.startswith(REFUSED) for each in read_reply(bare, 2))


@pytest.mark.parametrize("reply", OPINIONS)
def test_an_opinion_is_a_verdict(reply: str) -> None:
    """Mistake: a fail thrown away because the judge says what it cannot find."""
    assert passed(reply, 1) == [False]
    assert passed(f"1: {reply}\n2: Yes", 2) == [False, True]


def test_a_refusal_of_one_constraint_leaves_the_others() -> None:
    first, second = read_reply("1: No, I cannot evaluate this content.\n2: Yes", 2)
    assert (first.passed, second.passed) == (None, True) and first.problem.startswith(REFUSED)
    reason = {"verdict": "No", "reason": "I cannot evaluate this content."}
    assert read_reply(json.dumps(reason), 1)[0].problem.startswith(REFUSED)


def test_several_constraints_in_the_new_forms() -> None:
    assert passed("1. The answer is Yes.\n2. Final verdict: No", 2) == [True, False]
    assert passed('{"1": {"verdict": "Yes"}, "2": {"verdict": "No"}}', 2) == [True, False]
    assert passed('{"constraint_1": "Yes", "Constraint 2": "No"}', 2) == [True, False]
    assert passed('{"constraint": 1, "verdict": "Yes"}', 2) == [True, None]
    for reply in ("The answer is Yes.", '{"verdict": "Yes"}', "It is kind. Yes."):
        assert passed(reply, 2) == [None, None]  # to which?


SPEECH = st.lists(
    st.sampled_from(
        ["I", "cannot", "evaluate", "this", "No", "no", "Yes", "the answer is", "verdict", ":", ","]
        + [".", "\n", "so", "it", '"', "'", "“", "(", ")", "says", "help", "{", "}", "<think>"]
        + ["</think>", "as formal", "response", "`", "wait", "|", ">", "[THINK]", "[/THINK]"]
    ),
    max_size=20,
).map(" ".join)


@given(HOSTILE | SPEECH, st.integers(1, 3))
@settings(max_examples=300)
@example("The answer is Yes", 1)
def test_no_verdict_is_invented(text: str, constraints: int) -> None:
    """Mistake: a verdict that the judge's answer nowhere states, or that stands in its thoughts."""
    answer = read_reply(text, constraints)
    assert len(answer) == constraints
    stated = {word.lower() for word in re.findall(r"yes|no|true|false", text, re.IGNORECASE)}
    for each in answer:
        assert each.passed is not True or {"yes", "true"} & stated
        assert each.passed is not False or {"no", "false"} & stated
        assert (each.passed is None) == bool(each.problem)
    if "</" not in text and "[/" not in text:
        assert set(passed(f"<think>\n{text}", constraints)) == {None}
        assert set(passed(f"<think>\n{text}\n</think>", constraints)) == {None}
    if not re.search("think", text, re.IGNORECASE) and {True, False} & set(passed(text, 1)):
        assert reads_as_verdict(text)  # a prompt disarms what would be read


@given(SPEECH)
@settings(max_examples=200)
def test_a_refusal_outweighs_any_verdict(text: str) -> None:
    assert isinstance(is_refusal(text), bool)
    if '"' not in text and "`" not in text and "“" not in text and "think" not in text.lower():
        (found,) = read_reply(f"{text}\nI cannot evaluate this content.", 1)
        assert found.passed is None


def test_reading_is_linear() -> None:
    """Mistake: a pattern that a server's long reply keeps busy for hours."""
    pieces = [
        "I cannot ",
        "'a",
        '"',
        "“",
        "`",
        "(",
        "it says I ",
        "so, ",
        "I am ",
        r"\boxed{",
        "> ",
    ]
    for piece in pieces:
        assert len(read_reply(piece * (300_000 // len(piece)), 1)) == 1
