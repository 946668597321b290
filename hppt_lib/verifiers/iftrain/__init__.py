"""The 29 training constraints of IF-RLVR (arXiv 2507.02833, "IFTrain"), by subject.

The reading ``reference`` decides what the class of that id in open-instruct's ``IFEvalG`` decides
(allenai/open-instruct, as of 2026), its oddities included. Where that program draws a missing
parameter at random, ours demands it when the verifier is built.
"""
