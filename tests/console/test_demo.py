"""The demo without a screen goes through every step of the command, checklists and report included."""

from __future__ import annotations

from tests.console.cli_kit import called


def test_the_headless_demo_answers_checklists_and_writes_a_report_that_verifies() -> None:
    told = called("demo", "--headless", "--units", "60", "--lang", "de")
    rows = told.out.splitlines()
    for step in ("Checklisten:", "Bericht:"):
        found = [row for row in rows if step in row]
        assert len(found) == 4, told.out
        assert all(row.rstrip().endswith("✓") for row in found), "\n".join(found)
    assert ".html .pdf .json" in told.out
