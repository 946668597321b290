"""Evaluation: instruction satisfaction rate, hacks, surprise."""
