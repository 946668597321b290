"""More wordings of hard constraints whose verifier declares fewer than five."""

from __future__ import annotations

MORE_WORDINGS: dict[str, tuple[str, ...]] = {
    "punctuation:punctuation_exclamation": (
        "Write without exclamation marks.",
        "No exclamation mark may appear in your answer.",
    ),
    "punctuation:punctuation_dot": (
        "The dot (.) is not allowed in your answer.",
        "Write everything without the character .",
    ),
    "keywords:frequency": (
        "See to it that the word {keyword} comes up {relation} {frequency} times.",
        "Let the word {keyword} occur {relation} {frequency} times.",
    ),
    "keywords:letter_frequency": (
        "The letter {letter} has to be used {let_relation} {let_frequency} times.",
        "Let the letter {letter} occur {let_relation} {let_frequency} times.",
    ),
    "first_word:first_word_answer": (
        "Start with the word {first_word}.",
        "The very first word you write has to be {first_word}.",
    ),
    "detectable_format:json_format": (
        "Write the whole answer as JSON.",
        "Nothing but valid JSON may stand in your answer.",
    ),
    "detectable_format:multiple_sections": (
        "Split the answer into {num_sections} sections that begin with {section_spliter} 1, "
        "{section_spliter} 2, and so on.",
        "Give the answer {num_sections} sections and head each of them with {section_spliter} "
        "and its number.",
    ),
    "letters:letter_counting": (
        "Keep to {relation} {N} letters altogether.",
        "The answer as a whole should have {relation} {N} letters.",
    ),
    "count:counting_composition": (
        "Compose 3 paragraphs with the markdown divider * * * between them: {n_sent} sentences in "
        "each paragraph and {n_words} words in each sentence, exactly.",
        "Use the markdown divider * * * to separate 3 paragraphs, each of exactly {n_sent} "
        "sentences with exactly {n_words} words.",
    ),
}
