"""Sample checks: some records, drawn by a seed so that every kind is among them, judged by a person."""
