"""Checklists at work: what is known of a customer, who answered what, and how far that gets it."""
