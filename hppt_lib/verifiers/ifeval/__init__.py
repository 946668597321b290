"""The 25 constraints of IFEval (arXiv 2311.07911), a module for each group of ids.

The reading ``reference`` decides what google-research's ``instruction_following_eval`` decides, its
oddities included. But it never raises, draws nothing at random (``langdetect`` has a fixed seed
here) and takes time in proportion to the length of the response.
"""
