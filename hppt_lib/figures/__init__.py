"""Figures: one style, one module a subject."""
