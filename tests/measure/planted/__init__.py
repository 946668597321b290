"""Planted bugs in the verifiers: more kinds than the course plants, in whole modules."""
