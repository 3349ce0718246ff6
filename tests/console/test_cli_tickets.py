"""``einzug tickets`` against running sandboxes: both partners, both ways, dry and watched."""

from __future__ import annotations

import base64
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.console.cli_kit import Office, process
from tests.console.conftest import Einzug

IMMOMIO = ("tickets", "practice", "immomio")
BOTS = ("tickets", "practice", "bots4you")
PICTURE = {"name": "Küche/Bad.jpg", "base64": base64.b64encode(b"\xff\xd8 kein Bild").decode()}


class Life:
    """A tenant and a clerk."""

    def __init__(self, office: Office, partner: str) -> None:
        self._office = office
        self._partner = partner

    def does(self, **what: Any) -> dict[str, Any]:
        """Somebody at the partner acts."""
        found: dict[str, Any] = self._office.control("POST", f"/objects/{self._partner}/ticket", what)
        return found

    def clerk(self, **what: Any) -> None:
        """A clerk acts."""
        self._office.control("POST", "/objects/erp/ticket", what)

    def reports(self, **more: Any) -> str:
        """A tenant with a running lease reports something; the id at the partner."""
        leases = self._office.control("GET", "/state/erp/lease")
        lease = next(x for x in leases if x["status"] == "AKTIV" and not x["is_vacancy"])
        own = {"contract": f"{lease['mandant']}/{lease['number']}"}
        if self._partner == "bots4you":
            own = {"contractNumber": lease["number"], "clientNumber": lease["mandant"]}
        key = "categoryId" if self._partner == "bots4you" else "category"
        text = "description" if self._partner == "bots4you" else "text"
        made = self.does(
            **own, **{key: "ANL-BESCH", text: "Bitte bestätigen."}, subject="Bestätigung", **more
        )
        return str(made["ticketId"])

    def ticket(self, id_: str) -> dict[str, Any]:
        """The ticket at the partner."""
        held = self._office.control("GET", f"/state/{self._partner}/ticket")
        found: dict[str, Any] = next(t for t in held if t["ticketId"] == id_)
        return found


@pytest.fixture
def life(office: Office) -> Life:
    return Life(office, "immomio")


def of(told: Any, ticket: str) -> list[str]:
    """The names of the outcomes of one ticket."""
    return [o["outcome"] for o in told["outcomes"] if o["ticket"] == ticket]


def test_a_dry_run_shows_what_a_pass_then_does_and_writes_nothing(
    life: Life, office: Office, einzug: Einzug, tmp_path: Path
) -> None:
    ticket = life.reports(attachments=[PICTURE])
    here = ("--data-dir", str(tmp_path), "--json")
    before = office.control("GET", "/state/erp")["ticket"]
    dry = einzug(*IMMOMIO, "--dry-run", *here)
    assert (dry.code, dry.json["dry_run"], dry.json["run"]) == (1, True, None)
    assert office.control("GET", "/state/erp")["ticket"] == before
    told = einzug(*IMMOMIO, "--yes", *here)
    assert told.code == 0, told.err
    assert of(told.json, ticket) == of(dry.json, ticket)
    assert of(told.json, ticket) == ["created", "category_set", "file_stored", "file_linked"]
    assert (told.json["schema"], told.json["state"], told.json["mode"]) == (1, "done", "practice")
    again = einzug(*IMMOMIO, "--yes", *here)
    assert (again.code, again.json["outcomes"], again.json["run"]) == (0, [], None)


def test_states_and_comments_go_both_ways(life: Life, einzug: Einzug, tmp_path: Path) -> None:
    here = ("--yes", "--data-dir", str(tmp_path), "--json")
    ticket = life.reports()
    life.does(id=ticket, do="comment", author="TENANT", text="Eilt.")
    first = einzug(*IMMOMIO, *here).json
    erp = next(o["erp"] for o in first["outcomes"] if o["ticket"] == ticket and o["erp"])
    life.clerk(id=erp, do="status", status="30")
    life.clerk(id=erp, do="comment", text="Kommt morgen.", visible=True)
    told = einzug(*IMMOMIO, *here)
    assert sorted(of(told.json, ticket)) == ["comment_sent", "status_sent"]
    held = life.ticket(ticket)
    assert held["status"] == "WAITING"
    assert [c["text"] for c in held["comments"]] == ["Eilt.", "Kommt morgen."]
    assert einzug(*IMMOMIO, *here).json["outcomes"] == []


def test_a_refused_ticket_waits_and_is_named_in_words(life: Life, einzug: Einzug, tmp_path: Path) -> None:
    ticket = life.does(contract="10/99.99.99", category="ANL", subject="x", text="y")["ticketId"]
    told = einzug(*IMMOMIO, "--yes", "--data-dir", str(tmp_path), "--lang", "de")
    assert told.code == 1
    line = next(line for line in told.out.splitlines() if line.startswith(ticket))
    assert "Das ERP kennt den Mietvertrag nicht" in line
    assert einzug(*IMMOMIO, "--yes", "--data-dir", str(tmp_path)).code == 0
    replayed = einzug(*IMMOMIO, "--yes", "--retry-failed", "--data-dir", str(tmp_path), "--json")
    assert of(replayed.json, ticket) == ["refused_lease_unknown"]


def test_bots4you_gets_the_state_and_nothing_that_was_born_in_the_erp(
    office: Office, einzug: Einzug, tmp_path: Path
) -> None:
    life, here = Life(office, "bots4you"), ("--yes", "--data-dir", str(tmp_path), "--json")
    ticket = life.reports()
    before = len(office.control("GET", "/state/bots4you/ticket"))
    first = einzug(*BOTS, *here).json
    assert of(first, ticket) == ["created", "category_set"]
    erp = next(o["erp"] for o in first["outcomes"] if o["ticket"] == ticket and o["erp"])
    life.clerk(id=erp, do="status", status="90")
    assert of(einzug(*BOTS, *here).json, ticket) == ["status_sent"]
    assert life.ticket(ticket)["statusCode"] == "DONE"
    assert first["standing"]["born"] > 0
    assert len(office.control("GET", "/state/bots4you/ticket")) == before


def test_where_the_hub_owns_the_tickets_it_only_compares(
    life: Life, office: Office, einzug: Einzug, tmp_path: Path
) -> None:
    ticket = life.reports()
    head = "[customers.practice.immomio.use_cases.tickets]\n"
    config = office.changed(tmp_path, (head, head + 'owner = "hub"\n'))
    told = einzug(*IMMOMIO, "--yes", "--config", str(config), "--data-dir", str(tmp_path / "d"), "--json")
    assert (told.code, told.json["dry_run"]) == (1, True)
    assert "created" in of(told.json, ticket)
    assert einzug(*IMMOMIO, "--dry-run", "--data-dir", str(tmp_path / "d"), "--json").json["run"] is None


def test_nobody_there_to_be_asked_is_a_wrong_use(office: Office, einzug: Einzug, tmp_path: Path) -> None:
    assert einzug(*IMMOMIO, "--data-dir", str(tmp_path)).code == 2
    assert einzug(*IMMOMIO, "--dry-run", "--watch", "5", "--data-dir", str(tmp_path)).code == 2


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals of POSIX")
def test_watching_outlives_a_lost_network_and_ends_by_itself_on_ctrl_c(
    life: Life, office: Office, tmp_path: Path
) -> None:
    office.control("POST", "/faults", {"partner": "immomio", "kind": "401", "path": "/tickets", "count": 1})
    with process(*IMMOMIO, "--yes", "--watch", "0.1", "--json", "--data-dir", str(tmp_path)) as running:
        assert running.stdout is not None
        ticket = life.reports()
        while ticket not in running.stdout.readline():
            assert running.poll() is None
        assert '"outcomes": []' in running.stdout.readline()  # what a pass has told it does not tell again
        running.send_signal(signal.SIGINT)
        _out, err = running.communicate(timeout=20)
    assert "Traceback" not in err
    assert running.returncode in (0, 4), err
