"""The kit's own instructions: hard, soft and mixed, made from material written for it.

The story in order: `tasks` (what is asked), `hard_types` and `soft_kinds` (constraints),
`conflicts` (what does not go together), `witness` (a response that satisfies an instruction),
`unlearnable` (instructions that no small policy can satisfy), `generate` (the three files).
"""
