"""Guided walks: what is kept of one, how it is followed, and what is said of it."""
