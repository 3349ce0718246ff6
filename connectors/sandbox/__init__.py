"""Loopback doubles of every partner: one frame, one seeded housing company."""
