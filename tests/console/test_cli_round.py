"""check, plan, sync, undo, runs and forget on a running office: documents, exit codes, order of arguments."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.console.cli_kit import Office, Told
from tests.console.conftest import Einzug

TENANTS = ("practice", "bots4you", "master-data")
CATEGORIES = ("practice", "bots4you", "ticket-categories")
UNASKED = ("--yes", "--accept", "ambiguous_ids=4")
CHANGE_KEYS = ["action", "entity", "id", "fields", "rule", "reason"]
PLAN_KEYS = [
    "schema", "customer", "partner", "use_case", "direction", "mode", "counts", "changes", "digest",
    "read_at", "guards",
]  # fmt: skip
COUNTS = ["create", "update", "delete", "unchanged", "skip"]


@pytest.fixture(autouse=True)
def _no_keyring_here(office: Office) -> None:
    """Every test here works in the office."""


def test_a_plan_is_the_documented_json_and_sorted(einzug: Einzug) -> None:
    told = einzug("plan", *TENANTS, "--json")
    assert (told.code, told.err) == (1, "")
    plan = told.json
    assert list(plan) == PLAN_KEYS
    assert (plan["schema"], plan["customer"], plan["partner"], plan["use_case"]) == (1, *TENANTS)
    assert (plan["direction"], plan["mode"]) == ("erp_to_partner", "practice")
    assert list(plan["counts"]) == COUNTS
    assert all(list(change) == CHANGE_KEYS for change in plan["changes"])
    places = [(change["entity"], change["id"]) for change in plan["changes"]]
    assert places == sorted(places)
    assert {key for change in plan["changes"] for field in change["fields"] for key in field} == {
        "name", "old", "new", "source", "rule",
    }  # fmt: skip
    assert [list(guard) for guard in plan["guards"]] == [["key", "count", "limit", "message"]]
    by_action = {action: 0 for action in ("create", "update", "delete", "skip")}
    for change in plan["changes"]:
        by_action[change["action"]] += 1
    assert by_action == {action: plan["counts"][action] for action in by_action}
    again = einzug("plan", *TENANTS, "--json").json
    assert (again["digest"], again["changes"]) == (plan["digest"], plan["changes"])


def test_a_sync_is_the_documented_json_and_the_next_one_has_nothing_to_do(
    einzug: Einzug, office: Office
) -> None:
    told = einzug("sync", *CATEGORIES, "--yes", "--json")
    assert told.code == 0
    done = told.json
    assert {"schema", "counts", "applied", "failed", "outcomes", "run"} <= set(done)
    assert list(done["counts"]) == COUNTS
    assert (done["applied"], done["failed"]) == (done["counts"]["create"], 0)
    assert done["applied"] == len(done["outcomes"]) == len(office.held("ticket_category"))
    assert all(set(outcome) >= {"id", "action", "ok", "error", "attempts"} for outcome in done["outcomes"])
    assert {outcome["ok"] for outcome in done["outcomes"]} == {True}

    assert einzug("plan", *CATEGORIES).code == 0
    again = einzug("sync", *CATEGORIES, "--yes", "--json").json
    assert (again["applied"], again["outcomes"]) == (0, [])

    history = einzug("runs", "practice", "--json").json
    assert [run["id"] for run in history["runs"]][-1:] or history["runs"]
    one = einzug("runs", "practice", str(done["run"]), "--json").json
    assert {outcome["id"] for outcome in one["outcomes"]} == {outcome["id"] for outcome in done["outcomes"]}
    text = einzug("runs", "practice", str(done["run"]))
    assert text.out.count("geschrieben") == done["applied"]
    assert einzug("runs", "practice", "--verify", "--json").json["ok"] is True


def test_a_check_is_the_documented_json(einzug: Einzug) -> None:
    told = einzug("check", "practice", "--json")
    found = told.json
    assert list(found) == ["schema", "findings"]
    keys = {"key", "rules", "verdict", "evidence", "details"}
    assert all(keys <= set(finding) for finding in found["findings"])
    verdicts = {finding["verdict"] for finding in found["findings"]}
    assert verdicts <= {"ok", "warn", "fail", "manual"}
    assert told.code == (1 if "fail" in verdicts else 0)
    assert einzug("check", "practice", "erp").code == 0


def test_a_plan_goes_into_files_that_excel_opens(einzug: Einzug, tmp_path: Path) -> None:
    table, book = tmp_path / "plan.csv", tmp_path / "plan.xlsx"
    told = einzug("plan", *TENANTS, "--csv", str(table), "--xlsx", str(book))
    assert told.code == 1
    assert table.read_bytes().startswith(b"\xef\xbb\xbfaction;entity;id;")
    rows = list(csv.reader(table.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    sheet = openpyxl.load_workbook(book)["Plan"]
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert len(cells) == len(rows) > 65
    assert cells[0] == rows[0]
    assert {row[2] for row in cells} == {row[2] for row in rows}
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@"))]


@pytest.mark.parametrize("option", ["--csv", "--xlsx"])
@pytest.mark.parametrize("place", ["no/such/folder/plan", "."])
def test_a_file_that_cannot_be_written_is_said(
    einzug: Einzug, tmp_path: Path, option: str, place: str
) -> None:
    told = einzug("plan", *CATEGORIES, option, str(tmp_path / place))
    assert told.code == 2
    assert "lässt sich nicht schreiben" in told.err
    assert len(told.err.splitlines()) == 2


def test_outside_practice_people_are_masked_unless_asked(
    einzug: Einzug, office: Office, tmp_path: Path
) -> None:
    assert einzug("sync", *TENANTS, *UNASKED).code == 0
    tenant: dict[str, Any] = next(t for t in office.held("tenant") if t["lastName"])
    name = tenant.pop("lastName")
    tenant.pop("updatedAt", None)
    office.control("POST", "/objects/bots4you/tenant", {**tenant, "lastName": "Zzyzxmann"})
    assert "Zzyzxmann" in einzug("plan", *TENANTS).out

    config = office.changed(tmp_path, ('environment = "practice"', 'environment = "test"'))
    masked = einzug("plan", *TENANTS, "--config", str(config))
    assert masked.code == 1
    assert "Z… → " in masked.out
    assert "Zzyzxmann" not in masked.out + masked.err
    assert name not in masked.out + masked.err
    shown = einzug("plan", *TENANTS, "--config", str(config), "--unmask")
    assert f"Zzyzxmann → {name}" in shown.out
    full = einzug("plan", *TENANTS, "--config", str(config), "--json")
    assert full.json["mode"] == "test"
    assert "personenbezogene Daten" in full.err


def test_outside_practice_yes_needs_the_customers_name(
    einzug: Einzug, office: Office, tmp_path: Path
) -> None:
    config = ("--config", str(office.changed(tmp_path, ('environment = "practice"', 'environment = "test"'))))
    for live in ((), ("--live", "another")):
        told = einzug("sync", *CATEGORIES, "--yes", *live, *config)
        assert told.code == 2
        assert "--live practice" in told.err
    assert office.held("ticket_category") == []
    assert einzug("sync", *CATEGORIES, "--yes", "--live", "practice", *config).code == 0


def test_nobody_at_the_terminal_and_no_yes_writes_nothing(einzug: Einzug, office: Office) -> None:
    for options in ((), ("--json",)):
        told = einzug("sync", *CATEGORIES, *options, stdin="y\n")
        assert (told.code, told.out) == (2, "")
        assert "--yes" in told.err
    assert office.held("ticket_category") == []


def test_only_the_plan_that_was_expected_is_written(einzug: Einzug, office: Office) -> None:
    digest = einzug("plan", *CATEGORIES, "--json").json["digest"]
    told = einzug("sync", *CATEGORIES, "--yes", "--expect", "0" * len(digest))
    assert told.code == 5
    assert "--accept" not in told.err
    assert office.held("ticket_category") == []
    assert einzug("sync", *CATEGORIES, "--yes", "--expect", digest).code == 0


@contextmanager
def _ended_leases(office: Office) -> Iterator[None]:
    """Most leases of the ERP have ended; afterwards they run on."""
    running = [lease for lease in office.control("GET", "/state/erp/lease") if lease["end"] is None]
    some = running[: len(running) * 3 // 4]
    try:
        for lease in some:
            body = {"op": "update", "id": lease["id"], "fields": {"end": lease["start"]}}
            office.control("POST", "/objects/erp/lease", body)
        yield
    finally:
        for lease in some:
            body = {"op": "update", "id": lease["id"], "fields": {"end": None}}
            office.control("POST", "/objects/erp/lease", body)


def test_a_mass_deletion_stops_and_is_lifted_only_by_its_exact_count(einzug: Einzug, office: Office) -> None:
    assert einzug("sync", *TENANTS, *UNASKED).code == 0
    held = len(office.held("tenant"))
    with _ended_leases(office):
        plan = einzug("plan", *TENANTS, "--json")
        assert plan.code == 1  # only writing exits 5
        guards = {guard["key"]: guard["count"] for guard in plan.json["guards"]}
        assert guards["deletes"] == plan.json["counts"]["delete"] > 25
        wrong = guards | {"deletes": guards["deletes"] + 1}
        for accepted in ({}, wrong):
            told = einzug("sync", *TENANTS, "--yes", *_accepting(accepted))
            assert told.code == 5
            assert f"deletes={guards['deletes']}" in told.err
            assert len(office.held("tenant")) == held
        told = einzug("sync", *TENANTS, "--yes", *_accepting(guards))
        assert told.code == 0
        assert len(office.held("tenant")) == held - guards["deletes"]


def _accepting(guards: dict[str, int]) -> list[str]:
    return [word for key, count in guards.items() for word in ("--accept", f"{key}={count}")]


def test_the_hub_owns_what_it_owns(einzug: Einzug, office: Office, tmp_path: Path) -> None:
    table = "[customers.practice.bots4you.use_cases.ticket-categories]"
    config = office.changed(tmp_path, (table, f'{table}\nowner = "hub"'))
    assert einzug("plan", *CATEGORIES, "--config", str(config)).code == 1
    told = einzug("sync", *CATEGORIES, "--yes", "--config", str(config))
    assert told.code == 2
    assert 'owner = "einzug"' in told.err
    assert office.held("ticket_category") == []


def test_a_failed_record_exits_1_and_a_retry_finishes_it(einzug: Einzug, office: Office) -> None:
    office.control("POST", "/faults", {"partner": "bots4you", "kind": "reject", "id": "SCH"})
    told = einzug("sync", *CATEGORIES, "--yes", "--json")
    assert told.code == 1
    failed = [outcome for outcome in told.json["outcomes"] if not outcome["ok"]]
    assert [outcome["id"] for outcome in failed] == ["SCH"]
    assert failed[0]["error"]
    office.control("DELETE", "/faults")
    again = einzug("sync", *CATEGORIES, "--yes", "--retry-failed", "--json")
    assert again.code == 0
    assert [outcome["id"] for outcome in again.json["outcomes"]] == ["SCH"]


def test_a_part_only(einzug: Einzug, office: Office) -> None:
    told = einzug("plan", *TENANTS, "--scope", "mandant=20", "--json")
    ids = [change["id"] for change in told.json["changes"] if change["action"] == "create"]
    assert ids
    assert all(id_.startswith("20/") for id_ in ids)
    told = einzug("sync", *TENANTS, "--only", ids[0], "--yes", "--json")
    assert told.code == 0
    assert [tenant["externalId"] for tenant in office.held("tenant")] == [ids[0]]


def test_without_a_keyring_a_run_cannot_be_taken_back(einzug: Einzug, office: Office) -> None:
    run = einzug("sync", *CATEGORIES, "--yes", "--json").json["run"]
    told = einzug("undo", "practice", str(run), "--yes")
    assert told.code == 2
    assert "Schlüsselbund" in told.err
    assert office.held("ticket_category")


def test_a_run_is_taken_back(einzug: Einzug, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EINZUG_KEYRING", "file")
    monkeypatch.setenv("EINZUG_PASSPHRASE", "only for this test")
    run = einzug("sync", *CATEGORIES, "--yes", "--json").json["run"]
    told = einzug("undo", "practice", str(run), "--yes", "--json")
    assert told.code == 0
    assert told.json["counts"]["delete"] == told.json["applied"]
    assert office.held("ticket_category") == []


@pytest.mark.parametrize("place", range(4))
def test_options_stand_before_or_after_the_command(einzug: Einzug, place: int, tmp_path: Path) -> None:
    arguments = ["runs", "practice", "--verify"]
    arguments[place:place] = ["--lang", "en", "--data-dir", str(tmp_path / "elsewhere")]
    assert einzug(*arguments).out == "The journal is complete: 0 entries.\n"
    assert (tmp_path / "elsewhere" / "customers" / "practice").is_dir()


def test_an_option_wins_over_its_variable(
    einzug: Einzug, monkeypatch: pytest.MonkeyPatch, office: Office
) -> None:
    monkeypatch.setenv("EINZUG_CONFIG", "/no/such/file.toml")
    assert einzug("runs", "practice").code == 2
    assert einzug("runs", "practice", "--config", str(office.config)).code == 0


@pytest.mark.parametrize(
    ("environ", "options", "word"),
    [
        ({"LC_ALL": "C.UTF-8"}, (), "Noch keine Läufe"),
        ({"LC_ALL": "en_GB.UTF-8"}, (), "No runs yet"),
        ({"LC_ALL": "en_GB.UTF-8"}, ("--lang", "de"), "Noch keine Läufe"),
        ({"LC_ALL": "", "LANG": "en_GB.UTF-8"}, (), "No runs yet"),
        ({"LC_ALL": "de_DE.UTF-8"}, ("--lang=en",), "No runs yet"),
    ],
)
def test_the_language_follows_the_option_then_the_locale(
    einzug: Einzug,
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    options: tuple[str, ...],
    word: str,
) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert word in einzug("runs", "practice", *options).out


def test_no_output_holds_colours(einzug: Einzug, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    for arguments in (("plan", *CATEGORIES), ("check", "practice", "erp"), ("runs", "practice")):
        told = einzug(*arguments)
        assert "\x1b" not in told.out + told.err


def _told(code: int, told: Told, *words: str) -> None:
    assert told.code == code, told
    assert all(word in told.err for word in words), told.err


def test_forget_deletes_what_is_here_and_asks_first(einzug: Einzug, tmp_path: Path) -> None:
    einzug("sync", *CATEGORIES, "--yes")
    folder = tmp_path / "data" / "customers" / "practice"
    assert folder.is_dir()
    for typed in ("", "y\n", "another\n"):
        _told(2, einzug("forget", "practice", stdin=typed), "Gelöscht wurde nichts.")
    _told(2, einzug("forget", "../practice", "--yes"), "Kundenschlüssel")
    assert folder.is_dir()
    told = einzug("forget", "practice", stdin="practice\n")
    assert told.code == 1  # there is no keyring here: that nothing is left in it cannot be proven
    assert "Schlüsselbund" in told.err
    assert not folder.exists()
