"""What the tests of the ticket engine share: a house with an ERP, a partner and local data."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from connectors.housing import CategoryKind
from connectors.problems import Problem
from connectors.ticketing import Hop, LeaseNumber, TicketFlow, TicketSettings
from connectors.tickets import (
    Can,
    CategoryState,
    LeaseState,
    Ticket,
    TicketFile,
)
from connectors.wrappers import Patience
from console.sitting import Sitting
from console.store.schema import open_customer
from console.store.vault import KEY_BYTES, Vault
from console.tickets.courier import Sides
from console.tickets.session import TicketSession
from tests.console.tickets_sides_kit import (
    STATUSES,
    MemoryArchive,
    MemoryErp,
    MemorySide,
    Mortal,
    World,
    md5,
)

VAULT = Vault(bytes(range(KEY_BYTES)))


def lease_of(ticket: Ticket, settings: TicketSettings) -> LeaseNumber | None:
    """Mandant and contract as the ticket tells them."""
    return LeaseNumber(ticket.mandant, ticket.contract) if ticket.contract else None


def contract_of(lease: LeaseNumber, settings: TicketSettings) -> str:
    """The contract number."""
    return lease.contract


def flow(to_erp: frozenset[Can], to_partner: frozenset[Can]) -> TicketFlow:
    """A declared flow."""
    return TicketFlow(
        open=lambda _connection: MemorySide(World(), "portal"),
        to_erp=to_erp,
        to_partner=to_partner,
        rules={Hop.TICKET: "I12", Hop.FILE: "I13", Hop.LINK: "I13", Hop.STATUS: "I14"},
        lease=lease_of,
        contract=contract_of,
    )


FULL = flow(frozenset({Can.CREATE, Can.COMMENTS, Can.FILES}), frozenset({Can.STATUS, Can.COMMENTS}))
SLIM = flow(frozenset({Can.CREATE}), frozenset({Can.STATUS}))
SETTINGS = TicketSettings(
    separator="/",
    mandanten=("10", "20"),
    statuses=STATUSES,
    archive="Mieter App",
    archive_index="Mietvertrags-Nr.",
    comments_to_erp=True,
)


@dataclass
class House:
    """Both sides, the archive, and local data in a folder."""

    folder: Path
    world: World
    portal: MemorySide
    erp: MemoryErp
    archive: MemoryArchive
    flow: TicketFlow = FULL
    settings: TicketSettings = SETTINGS
    patience: Patience = field(default_factory=lambda: Patience(tries=3))
    waits: list[float] = field(default_factory=list)
    environment: str = "practice"

    def ticket(
        self,
        text: str = "Die Heizung ist kalt.",
        *,
        contract: str = "0815",
        mandant: str = "10",
        category: str = "HEIZ",
        kind: CategoryKind = CategoryKind.DAMAGE,
    ) -> str:
        """A tenant makes a ticket."""
        id_ = self.portal.next_id("p")
        now = self.world.tick()
        self.portal.put(
            Ticket(
                id_, id_, now, now, "open", category, kind, contract, mandant, subject="Heizung", text=text
            )
        )
        return id_

    def attach(
        self, ticket: str, data: bytes, name: str = "Bild.jpg", *, told: bool = True, size: int = -1
    ) -> str:
        """A tenant attaches a file; ``told``: the portal tells its checksum."""
        id_ = self.portal.next_id("f")
        self.portal.content[ticket, id_] = data
        file = TicketFile(id_, name, len(data) if size < 0 else size, md5(data) if told else "")
        self.portal.set(ticket, files=(*self.portal.tickets[ticket].files, file))
        return id_

    def born(self, status: str = "10") -> str:
        """A clerk makes a ticket in the ERP."""
        id_ = self.erp.next_id("e")
        now = self.world.tick()
        self.erp.put(Ticket(id_, f"A-{id_}", now, now, status, "HEIZ", contract="0815", mandant="10"))
        return id_

    def twin(self, ticket: str) -> Ticket:
        """The one ERP ticket that stands for a portal ticket."""
        (found,) = [t for t in self.erp.tickets.values() if t.reference == f"PORTAL-PRACTICE:{ticket}"]
        return found

    @contextmanager
    def session(self) -> Iterator[TicketSession]:
        """The console on this machine."""
        conn = open_customer(self.folder, "practice")
        try:
            yield self.opened(cast(sqlite3.Connection, Mortal(conn, self.world, self.world.life)))
        finally:
            conn.close()

    def opened(self, conn: sqlite3.Connection) -> TicketSession:
        """A session on an open file."""

        async def wait(seconds: float, _problem: Problem, _attempt: int) -> None:
            self.waits.append(seconds)

        return TicketSession(
            "practice",
            "portal",
            self.environment,
            flow=self.flow,
            settings=self.settings,
            sides=Sides(self.portal, self.erp, self.archive),
            conn=conn,
            vault=VAULT,
            sitting=Sitting(self.patience, wait),
            clock=self.world.clock,
        )

    def raise_the_dead(self) -> None:
        """After a kill: the lease of a dead process holds nobody up."""
        self.world.kill_at, self.world.dead = None, False
        self.world.life += 1
        conn = open_customer(self.folder, "practice")
        conn.execute("DELETE FROM lease")
        conn.close()


def house(folder: Path) -> House:
    """An empty house with leases and categories."""
    world = World()
    archive = MemoryArchive(world)
    erp = MemoryErp(
        world,
        "erp",
        leases={
            ("10", "0815"): LeaseState.RUNNING,
            ("20", "0816"): LeaseState.RUNNING,
            ("10", "0700"): LeaseState.ENDED,
            ("99", "0900"): LeaseState.RUNNING,
        },
        categories={
            "HEIZ": CategoryState.USABLE,
            "WASSER": CategoryState.USABLE,
            "PFLICHT": CategoryState.MANDATORY,
        },
        archive=archive,
    )
    return House(folder, world, MemorySide(world, "portal"), erp, archive)
