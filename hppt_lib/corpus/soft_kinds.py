"""Soft constraints: ten kinds, four values each, three wordings of each value.

Their ids read ``kind:value``, such as ``tone:formal``. No program decides them; a judge does.
"""

from __future__ import annotations

import random

from hppt_lib.instructions.model import Constraint

SOFT: dict[str, dict[str, tuple[str, str, str]]] = {
    "tone": {
        "formal": (
            "Keep the tone formal.",
            "Write in a formal register throughout.",
            "The answer should sound formal and polite.",
        ),
        "humorous": (
            "Make it funny.",
            "Use a humorous tone.",
            "The reader should have reason to laugh.",
        ),
        "warm": (
            "Sound warm and friendly.",
            "Keep a warm tone from beginning to end.",
            "Write as one would to a dear friend.",
        ),
        "matter_of_fact": (
            "Stay sober and matter-of-fact.",
            "Use a neutral tone that takes no side.",
            "Write without any emotional colouring.",
        ),
    },
    "audience": {
        "children": (
            "Write for children of about seven.",
            "A seven-year-old should be able to follow.",
            "Your readers are young schoolchildren.",
        ),
        "experts": (
            "Write for people who know the field well.",
            "Your readers are specialists: assume their knowledge.",
            "Pitch the answer at experts.",
        ),
        "newcomers": (
            "Write for readers who have never heard of the subject.",
            "Assume that the reader knows nothing about it yet.",
            "Make it suitable for complete newcomers.",
        ),
        "busy_managers": (
            "Write for busy managers.",
            "Your readers run a company and have little time.",
            "Address people who must decide something today.",
        ),
    },
    "style": {
        "poetic": (
            "Write poetically.",
            "Use lyrical language rich in images.",
            "Let it read like prose poetry.",
        ),
        "plain": (
            "Use plain everyday words.",
            "Keep the language simple and direct.",
            "Avoid jargon and flowery language.",
        ),
        "narrative": (
            "Put it in the form of a little story.",
            "Tell it as a story with something that happens.",
            "Use a narrative style.",
        ),
        "journalistic": (
            "Write in the style of a newspaper report.",
            "Let it read like a news item.",
            "Use a journalistic style.",
        ),
    },
    "perspective": {
        "first_person": (
            "Write from your own point of view as a person who was there.",
            "Use the first person singular.",
            "Tell it as something that you yourself have lived through.",
        ),
        "second_person": (
            "Address the reader directly as you.",
            "Use the second person.",
            "Speak to the reader throughout.",
        ),
        "observer": (
            "Write as a distant observer would.",
            "Keep to the third person.",
            "Describe it from the outside and stay out of it yourself.",
        ),
        "thing_itself": (
            "Let the subject itself speak.",
            "Write as if the thing in question were the narrator.",
            "Take the point of view of the subject and not of a person.",
        ),
    },
    "focus": {
        "history": (
            "Concentrate on its history.",
            "Put the past of the subject at the centre.",
            "Focus on how it came to be.",
        ),
        "usefulness": (
            "Concentrate on what it is good for.",
            "Focus on practical use.",
            "Put its benefits at the centre.",
        ),
        "risks": (
            "Concentrate on what can go wrong.",
            "Focus on dangers and drawbacks.",
            "Put the risks at the centre.",
        ),
        "people": (
            "Concentrate on the people involved.",
            "Focus on what it means to people.",
            "Put human beings at the centre.",
        ),
    },
    "role": {
        "teacher": (
            "Answer as a patient teacher would.",
            "Take the role of a schoolteacher.",
            "Speak like a teacher in front of a class.",
        ),
        "tour_guide": (
            "Answer as a tour guide would.",
            "Take the role of someone who shows visitors around.",
            "Speak like a guide to a group of travellers.",
        ),
        "scientist": (
            "Answer as a scientist would.",
            "Take the role of a careful researcher.",
            "Speak like someone who works in a laboratory.",
        ),
        "grandparent": (
            "Answer as a grandparent would.",
            "Take the role of a grandmother or a grandfather.",
            "Speak like someone who looks back on a long life.",
        ),
    },
    "detail": {
        "essentials": (
            "Give only the essentials.",
            "Leave out everything that is not important.",
            "Restrict yourself to the main point.",
        ),
        "example": (
            "Give a concrete example.",
            "Illustrate what you say with a specific case.",
            "Include an example that the reader can picture.",
        ),
        "senses": (
            "Describe sounds or smells or colours.",
            "Add details that appeal to the senses.",
            "Let the reader see or hear or smell it.",
        ),
        "reasons": (
            "Give a reason for each claim.",
            "Say why for everything that you state.",
            "Back up what you say with reasons.",
        ),
    },
    "emotion": {
        "wonder": (
            "Convey a sense of wonder.",
            "Let the reader feel amazement.",
            "Show how astonishing it is.",
        ),
        "nostalgia": (
            "Convey nostalgia.",
            "Let longing for the past come through.",
            "Show how much it is missed.",
        ),
        "joy": (
            "Convey joy.",
            "Let happiness shine through.",
            "Show delight in the subject.",
        ),
        "unease": (
            "Convey a slight unease.",
            "Let the reader feel that something is not right.",
            "Show a quiet worry.",
        ),
    },
    "purpose": {
        "persuade": (
            "Try to persuade the reader.",
            "The aim is to change the reader's mind.",
            "Win the reader over.",
        ),
        "comfort": (
            "Comfort the reader.",
            "The aim is to make the reader feel better.",
            "Offer some consolation.",
        ),
        "warn": (
            "Warn the reader.",
            "The aim is to put the reader on guard.",
            "Make clear what to beware of.",
        ),
        "entertain": (
            "Entertain the reader.",
            "The aim is to amuse and not to inform.",
            "Make it a pleasure to read.",
        ),
    },
    "situation": {
        "waiting": (
            "It will be read by someone who waits for a bus.",
            "Suit it to a reader at a bus stop.",
            "Imagine that the reader is waiting for a train that is late.",
        ),
        "celebration": (
            "It will be read aloud at a party.",
            "Suit it to a festive evening.",
            "Imagine that it is part of a speech at a celebration.",
        ),
        "bad_day": (
            "The reader has had a bad day: take that into account.",
            "Suit it to someone who is tired and in low spirits.",
            "Imagine that the reader has just received bad news.",
        ),
        "first_day": (
            "It is the reader's first day in a new job: take that into account.",
            "Suit it to somebody who has just started somewhere.",
            "Imagine that the reader is new here and a little nervous.",
        ),
    },
}
SEEN_KINDS = ("tone", "audience", "style", "perspective", "focus", "role", "detail")
UNSEEN_KINDS = ("emotion", "purpose", "situation")


def draw_soft(kind: str, random_state: random.Random) -> Constraint:
    """A soft constraint of one kind: a value of it in one of its wordings."""
    name = random_state.choice(sorted(SOFT[kind]))
    return Constraint(f"{kind}:{name}", {}, random_state.choice(SOFT[kind][name]), "soft")
