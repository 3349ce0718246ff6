"""Onboarding checklists as data."""
