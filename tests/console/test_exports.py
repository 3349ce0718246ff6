"""Plans as tables: cells that no spreadsheet runs, values as German Excel reads them, limits that show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Value
from console import exports, sheets
from console.exports import cell, write_csv, write_xlsx
from console.sheets import SheetFull, disarmed

PLAN: Any = SimpleNamespace(job=SimpleNamespace(use_case=SimpleNamespace(review=None)))
"""The rows come from the tests below; of the plan itself only its kind matters."""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "ja"),
        (False, "nein"),
        (7, "7"),
        (Decimal("512.40"), "512,40"),
        (Decimal("-1E+3"), "-1000"),
        (date(2026, 12, 31), "31.12.2026"),
        (datetime(2026, 12, 31, 23, 5, tzinfo=UTC), "2026-12-31 23:05:00+00:00"),
        (("a", "b"), "a, b"),
        ("text", "text"),
    ],
)
def test_a_value_as_german_excel_reads_it(value: Value, text: str) -> None:
    assert cell(value) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+49 30 123", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-cmd|'/c'!A1"]
)
def test_what_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert disarmed(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "text", "-12,50", "-7", "a=b", "'=1"])
def test_everything_else_stays(text: str) -> None:
    assert disarmed(text) == text


@given(st.text())
def test_disarming_only_ever_adds_an_apostrophe(text: str) -> None:
    assert disarmed(text).removeprefix("'") == text.removeprefix("'")
    assert disarmed(disarmed(text)) == disarmed(text)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []

    def given_rows(*_: object) -> Iterator[tuple[str, ...]]:
        return iter(rows)

    monkeypatch.setattr(exports, "rows", given_rows)
    return rows


def _row(value: str) -> tuple[str, ...]:
    return ("update", "tenant", "10/1", "lastName", "", value, "person.last_name", "B3", "")


def test_csv_survives_quotes_semicolons_and_line_ends(table: list[tuple[str, ...]], tmp_path: Path) -> None:
    table += [_row('a;"b"\nc'), _row("=1")]
    path = tmp_path / "plan.csv"
    assert write_csv(PLAN, path, "de") == 2
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbfaction;entity;")
    assert b'"a;""b""\nc"' in data
    assert b";'=1;" in data


def test_xlsx_holds_texts_only_and_shortens_what_no_cell_takes(
    table: list[tuple[str, ...]], tmp_path: Path
) -> None:
    table += [_row("=1+1"), _row("https://example.org"), _row("x" * 40_000), _row("a\x01b")]
    path = tmp_path / "plan.xlsx"
    assert write_xlsx(PLAN, path, "de") == 4
    cells = list(openpyxl.load_workbook(path)["Plan"].iter_rows(min_row=2, min_col=6, max_col=6))
    assert [c.data_type for (c,) in cells] == ["s"] * 4
    assert [len(str(c.value)) for (c,) in cells[:3]] == [4, 19, 32_767]


def test_more_rows_than_a_sheet_holds_are_never_dropped_silently(
    table: list[tuple[str, ...]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "SHEET_ROWS", 3)
    table += [_row("1"), _row("2")]
    assert write_xlsx(PLAN, tmp_path / "plan.xlsx", "de") == 2
    table.append(_row("3"))
    with pytest.raises(SheetFull):
        write_xlsx(PLAN, tmp_path / "plan.xlsx", "de")


def test_an_empty_plan_is_a_table_with_a_head(table: list[tuple[str, ...]], tmp_path: Path) -> None:
    assert write_csv(PLAN, tmp_path / "plan.csv", "de") == 0
    assert write_xlsx(PLAN, tmp_path / "plan.xlsx", "de") == 0
    assert openpyxl.load_workbook(tmp_path / "plan.xlsx")["Plan"].max_row == 1
