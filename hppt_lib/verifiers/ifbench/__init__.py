"""The 58 test constraints of IFBench (arXiv 2507.02833), by groups of ids.

The reading ``reference`` decides what the benchmark's own program decides (allenai/IFBench, commit
db69a6f), its oddities included. Where that program raises an exception, the verdict is "failed".
"""
