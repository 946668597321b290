"""The kit's own instructions, hard, soft and mixed, made from a seed and from material of its own.

The story in order: `topics` (what is asked), `hard_types` and `soft_kinds` (constraints),
`conflicts` (what does not go together), `witness` (a response that satisfies an instruction),
`unlearnable` (instructions that no small policy can satisfy), `sequential` (constraints in a row,
each of which looks back), `internalisation` (one instruction in four forms), `generate` (the nine
files). The material itself (topics, tasks, wordings, words) lies in ``material/``, for anybody to
edit. Apart from that story, `minimal_pairs`: sentences that show whether a policy still knows its
grammar.
"""

from hppt_lib.corpus.conflicts import CONFLICTS, Conflict, clash, clashes
from hppt_lib.corpus.generate import (
    RECIPES,
    Recipe,
    make_hard_set,
    make_judge_set,
    make_mixed_set,
    make_single_set,
    with_length,
    write_shipped,
)
from hppt_lib.corpus.hard_types import draw_hard
from hppt_lib.corpus.internalisation import FORMS, make_internalisation_set
from hppt_lib.corpus.minimal_pairs import MinimalPair, minimal_pairs
from hppt_lib.corpus.sequential import make_sequential_set, sequential_witness
from hppt_lib.corpus.soft_kinds import draw_soft
from hppt_lib.corpus.topics import Topic, all_topics, read_topics
from hppt_lib.corpus.unlearnable import draw_beyond, draw_contradiction
from hppt_lib.corpus.witness import find_witness

__all__ = [
    "Topic",
    "read_topics",
    "all_topics",
    "draw_hard",
    "draw_soft",
    "CONFLICTS",
    "Conflict",
    "clash",
    "clashes",
    "find_witness",
    "draw_contradiction",
    "draw_beyond",
    "RECIPES",
    "Recipe",
    "make_hard_set",
    "make_judge_set",
    "make_single_set",
    "with_length",
    "make_mixed_set",
    "make_sequential_set",
    "sequential_witness",
    "FORMS",
    "make_internalisation_set",
    "write_shipped",
    "MinimalPair",
    "minimal_pairs",
]
