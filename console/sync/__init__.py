"""Compare, plan, apply, verify: pure where it can be, and never with a screen in sight."""
