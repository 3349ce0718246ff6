"""Open points handed out: a workbook for each desk, and the way back of what was filled in."""
