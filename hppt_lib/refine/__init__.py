"""Refining the data: the pilot, Step A, Step B, and how good a filter is."""
