"""Where a command's output goes, and what it says when there is nothing to say."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from console.practice import CUSTOMER
from tests.console.cli_kit import Office
from tests.console.conftest import Einzug

CATEGORIES = (CUSTOMER, "bots4you", "ticket-categories")


def test_csv_with_a_dash_is_printed_alone_and_no_file_is_made(
    einzug: Einzug, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = einzug("plan", *CATEGORIES, "--csv", "-")
    rows = list(csv.reader(io.StringIO(told.out), delimiter=";"))
    assert told.code == 1
    assert rows[0][:3] == ["action", "entity", "id"]
    assert {row[0] for row in rows[1:]} == {"create"}
    assert len({len(row) for row in rows}) == 1
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize("how", [("--xlsx", "-"), ("--csv", "-", "--json")])
def test_what_cannot_be_printed_is_refused(
    how: tuple[str, ...], einzug: Einzug, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    told = einzug("plan", *CATEGORIES, *how)
    assert (told.code, told.out) == (2, "")
    assert "--csv -" in told.err
    assert not (tmp_path / "-").exists()


def test_a_missing_customer_is_named_where_there_is_only_one(
    einzug: Einzug, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = einzug("check")
    assert told.code == 2
    assert f"ein Kunde: {CUSTOMER}" in told.err
    monkeypatch.setenv("EINZUG_CONFIG", str(tmp_path / "none.toml"))
    assert "ein Kunde" not in einzug("check").err


def test_a_sync_without_anything_to_do_says_so_and_is_no_run(
    einzug: Einzug, office: Office, tmp_path: Path
) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    first = einzug("sync", *CATEGORIES, "--yes", "--json", *data)
    assert (first.code, first.json["run"]) == (0, 1)
    again = einzug("sync", *CATEGORIES, "--yes", *data)
    assert again.code == 0
    assert "nichts zu schreiben" in again.out
    assert [run["id"] for run in einzug("runs", CUSTOMER, "--json", *data).json["runs"]] == [1]
    retried = einzug("sync", *CATEGORIES, "--yes", "--retry-failed", "--json", *data)
    assert (retried.code, retried.json["run"]) == (0, None)


def test_a_first_sync_of_equal_sides_is_a_run_because_it_adopts_what_is_there(
    einzug: Einzug, office: Office, tmp_path: Path
) -> None:
    einzug("sync", *CATEGORIES, "--yes", "--data-dir", str(tmp_path / "one"))
    other = einzug("sync", *CATEGORIES, "--yes", "--json", "--data-dir", str(tmp_path / "other"))
    assert (other.code, other.json["applied"], other.json["run"]) == (0, 0, 1)


def test_the_outcomes_of_a_run_bear_the_names_people_use_and_json_those_of_the_wire(
    einzug: Einzug, office: Office, tmp_path: Path
) -> None:
    data = ("--data-dir", str(tmp_path / "data"))
    einzug("sync", *CATEGORIES, "--yes", *data)
    assert "Ticketkategorie " in einzug("runs", CUSTOMER, "1", *data).out
    outcomes = einzug("runs", CUSTOMER, "1", "--json", *data).json["outcomes"]
    assert {outcome["entity"] for outcome in outcomes} == {"ticket_category"}


def test_credentials_are_listed_by_name_with_the_word_that_is_typed(einzug: Einzug, office: Office) -> None:
    assert "API-Schlüssel (api_key)" in einzug("credentials", "show", CUSTOMER).out


def test_fewer_units_than_a_company_has_are_said(einzug: Einzug) -> None:
    assert "weniger als 60" in " ".join(einzug("demo", "--help").out.split())
