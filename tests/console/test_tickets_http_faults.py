"""Every fault at every hop of the whole ticket round, over real HTTP: exactly once everywhere afterwards.

The ERP, the archive, Immomio and Bots4You are sandboxes on loopback. A fault is armed at one hop; the pass
runs into it; then the fault is gone, and passes go on until nothing is left to do. Nobody waits: pauses
between two tries take no time, and a call that answers late is given up after a second.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from hashlib import md5
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.problems import Problem
from connectors.sandbox.clock import Clock
from connectors.sandbox.fault_kinds import HOOK_KINDS, FaultKind
from connectors.sandbox.server import running
from connectors.wrappers import Patience
from console.config import parse
from console.credentials import MemorySecrets
from console.practice import CUSTOMER, Practice, config_text, partners, secrets_of
from console.sitting import Sitting
from console.tickets.events import PassResult
from console.tickets.session import TicketSession
from console.workspace import Workspace

LIMIT_S = 300.0
PRACTICE = Practice(60, 3)
ARCHIVE = "Mieter App"
NETWORK = "[network]\ntimeout = 1.0\ndeadline = 1.0\n"
MOST = 6
"""Passes after a fault until nothing is left to do."""

KINDS: dict[str, dict[str, Any]] = {
    "401": {},
    "403": {},
    "429": {"retry_after": 0},
    "500": {},
    "500 after the effect": {"processed": True},
    "503": {},
    "cut": {},
    "cut-after": {},
    "truncate": {},
    "slow": {"delay": 3},
    "malformed": {},
    "malformed after the effect": {"processed": True},
    "html": {},
    "html after the effect": {"processed": True},
}

REPORTED: dict[str, tuple[str, str, str]] = {
    "list at Immomio": ("immomio", "GET", "*/tickets"),
    "ticket at Immomio": ("immomio", "GET", "*/tickets/T-??????"),
    "attachment": ("immomio", "GET", "*/attachments/*"),
    "list in the ERP": ("erp", "GET", "/hub/v1/tickets/changes"),
    "lease": ("erp", "GET", "*/LicenseAgreements"),
    "ticket to the ERP": ("erp", "POST", "*/CommunicationEdit/Ticket"),
    "ticket in the ERP": ("erp", "GET", "*/CommunicationRead/Ticket"),
    "detail in the ERP": ("erp", "GET", "/hub/v1/tickets/[0-9]*"),
    "category": ("erp", "PUT", "/hub/v1/tickets/*/category"),
    "search in the archive": ("archive", "POST", "*/v2/search"),
    "file to the archive": ("archive", "POST", "*/v1/documents"),
    "link": ("erp", "PUT", "/hub/v1/tickets/*/documents/*"),
    "comment to the ERP": ("erp", "POST", "*/AddComment"),
}
"""What a tenant's report passes through."""

ANSWERED: dict[str, tuple[str, str, str]] = {
    "status to Immomio": ("immomio", "PATCH", "*/tickets/*"),
    "comment to Immomio": ("immomio", "POST", "*/tickets/*/comments"),
}
"""What a clerk's answer passes through."""


@dataclass
class Round:
    """The sandboxes by their control API, and the customer who is connected to them."""

    control: httpx.AsyncClient
    workspace: Workspace
    leases: list[str]
    number: int = 0

    async def act(self, party: str, **body: Any) -> Any:
        """A tenant or a clerk acts."""
        answer = await self.control.post(f"/objects/{party}/ticket", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def state(self, place: str) -> Any:
        """What a sandbox holds."""
        return (await self.control.get(f"/state/{place}")).json()

    async def arm(self, hop: tuple[str, str, str], kind: str, count: int) -> None:
        """The next requests of a hop go wrong."""
        party, method, path = hop
        fault = {"partner": party, "kind": kind.partition(" ")[0], "method": method, "path": path}
        answer = await self.control.post("/faults", json={**fault, "count": count, **KINDS[kind]})
        assert answer.status_code in (200, 201), answer.text

    async def heal(self) -> int:
        """Nothing goes wrong any more; how often it did."""
        shown = sum(one["shown"] for one in (await self.control.get("/faults")).json() if "shown" in one)
        await self.control.delete("/faults")
        return int(shown)

    async def report(self) -> tuple[str, str]:
        """A tenant reports with a comment and a picture: the ticket's id, and the picture's checksum."""
        self.number += 1
        picture = f"Bild {self.number}".encode() * 40
        made = await self.act(
            "immomio",
            category="ANL-BESCH",
            contract=self.leases[self.number % len(self.leases)],
            subject=f"Vorgang {self.number}",
            text="Es tropft.",
            attachments=[{"name": "Küche/1.jpg", "base64": base64.b64encode(picture).decode()}],
        )
        id_ = str(made["ticketId"])
        await self.act("immomio", id=id_, do="comment", author="TENANT", text="Bitte bald.")
        return id_, md5(picture, usedforsecurity=False).hexdigest()

    async def twins(self, ticket: str) -> list[dict[str, Any]]:
        """The ERP tickets of a partner's ticket."""
        meant = re.compile(rf"\[einzug [A-Z0-9]+-PRACTICE:{re.escape(ticket)} ")
        return [one for one in await self.state("erp/ticket") if meant.search(one["content"])]


async def _no_time(_seconds: float, _problem: Problem, _tried: int) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[Round]:
    """All sandboxes without rate limits, and a workspace that leads to them."""
    clock = Clock()
    made = [replace(one, rate=None) for one in partners(PRACTICE, clock)]
    async with running(made, clock=clock) as ready:
        text = NETWORK + config_text(ready)
        for party in ("immomio", "bots4you"):
            head = f"[customers.{CUSTOMER}.{party}]\n"
            assert head in text
            text = text.replace(head, f"{head}requests_per_second = 1000.0\nburst = 1000\n")
        config = parse(text, folder / "config.toml")
        secrets = MemorySecrets()
        for key, entry in ready["partners"].items():
            secrets.set(CUSTOMER, key, "practice", secrets_of(entry))
        sitting = Sitting(Patience(tries=3), _no_time)
        workspace = Workspace(config, config.customers[CUSTOMER], secrets, folder, sitting)
        async with httpx.AsyncClient(base_url=ready["control"], trust_env=False) as control:
            leases = (await control.get("/state/erp/lease")).json()
            numbers = Counter(lease["number"] for lease in leases)
            single = [
                f"{one['mandant']}/{one['number']}"
                for one in leases
                if one["status"] == "AKTIV" and not one["is_vacancy"] and numbers[one["number"]] == 1
                if one["number"] and "/" not in one["number"]
            ]
            yield Round(control, workspace, single)


async def settled(session: TicketSession) -> PassResult:
    """Passes until nothing is left; whatever is held back is tried again, as a person would."""
    for _ in range(MOST):
        result = await session.replay()
        if result.stopped_by is None and not result.outcomes:
            break
    assert (result.stopped_by, result.outcomes) == (None, [])
    standing = await session.state()
    assert (standing.parked, standing.held, standing.waiting, standing.unread) == (0, 0, 0, 0)
    return result


def _words(comment: dict[str, Any]) -> str:
    return str(comment.get("content") or comment.get("text")).splitlines()[-1]


async def proven(here: Round, ticket: str, picture: str, answer: bool) -> None:
    """Everything of a ticket stands on both sides, once."""
    (twin,) = await here.twins(ticket)
    held = next(one for one in await here.state("immomio/ticket") if one["ticketId"] == ticket)
    told = Counter(["Bitte bald.", "Wir kommen."] if answer else ["Bitte bald."])
    assert Counter(map(_words, twin["comments"])) == Counter(map(_words, held["comments"])) == told
    assert [one["md5"] for one in twin["documents"]] == [picture]
    made = await here.state("archive/creates")
    assert [count for name, count in made.items() if name.endswith(picture)] == [1]
    assert twin["category"] == "ANL-BESCH"
    assert held["status"] == ("WAITING" if answer else "NEW")


@pytest.mark.parametrize("kind", KINDS)
async def test_whatever_goes_wrong_at_whatever_hop_everything_arrives_once(tmp_path: Path, kind: str) -> None:
    count = 1 if kind == "slow" else 4  # 4: also across the tries of one call
    async with asyncio.timeout(LIMIT_S), served(tmp_path) as here:
        shown: Counter[str] = Counter()
        for hop, place in REPORTED.items():
            ticket, picture = await here.report()
            async with here.workspace.tickets("immomio") as session:
                await here.arm(place, kind, count)
                await session.pass_()
                shown[hop] += await here.heal()
                await settled(session)
            await proven(here, ticket, picture, answer=False)
        for hop, place in ANSWERED.items():
            ticket, picture = await here.report()
            async with here.workspace.tickets("immomio") as session:
                await settled(session)
                (twin,) = await here.twins(ticket)
                await here.act("erp", id=twin["id"], do="status", status="30")
                await here.act("erp", id=twin["id"], do="comment", text="Wir kommen.", visible=True)
                await here.arm(place, kind, count)
                await session.pass_()
                shown[hop] += await here.heal()
                await settled(session)
            await proven(here, ticket, picture, answer=True)
        assert {hop for hop, times in shown.items() if not times} == set(), "a fault that never showed"


async def test_a_caller_of_the_voice_bot_is_in_the_erp_once_whatever_goes_wrong(tmp_path: Path) -> None:
    hops = (
        ("bots4you", "GET", "*/tickets"),
        ("bots4you", "GET", "*/tickets/b4y-*"),
        ("erp", "POST", "*/CommunicationEdit/Ticket"),
        ("bots4you", "PATCH", "*/status"),
    )
    async with asyncio.timeout(LIMIT_S), served(tmp_path) as here:
        for kind in KINDS:
            if kind == "slow":
                continue
            contract = here.leases[0].partition("/")[2]
            made = await here.act("bots4you", categoryId="ANL-BESCH", contractNumber=contract)
            ticket = str(made["ticketId"])
            async with here.workspace.tickets("bots4you") as session:
                for place in hops[:3]:
                    await here.arm(place, kind, 4)
                await session.pass_()
                await here.heal()
                await settled(session)
                (twin,) = await here.twins(ticket)
                await here.act("erp", id=twin["id"], do="status", status="90")
                await here.arm(hops[3], kind, 4)
                await session.pass_()
                assert await here.heal() > 0
                await settled(session)
            assert len(await here.twins(ticket)) == 1
            held = next(one for one in await here.state("bots4you/ticket") if one["ticketId"] == ticket)
            assert held["statusCode"] == "DONE"


def test_every_kind_of_fault_is_among_them() -> None:
    answered = set(FaultKind) - HOOK_KINDS
    assert {FaultKind(kind.partition(" ")[0]) for kind in KINDS} == answered
