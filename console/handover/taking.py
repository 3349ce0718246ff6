"""Take a customer in: look at what came, say what it would change, and change it in one step.

What came is read to its end and laid ready first. The one step is a transaction in the customer's database;
the token that it leaves there decides, whatever is killed when: before it nothing has happened, after it the
next start carries evidence, agreements and configuration to their places.
"""

from __future__ import annotations

import json
import platform
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from console.config_edit import replace_table
from console.credentials import Secrets
from console.errors import ConsoleError
from console.handover import staging
from console.handover.compare import INCOMING, Here, Relation, beside, here, relation
from console.handover.parcel import Manifest, ParcelReader
from console.handover.settle import ORDER, Order, drop_unless_taken, settle
from console.handover.staging import Staged
from console.handover.tables import TRAVELS
from console.i18n import _
from console.paths import agreements_dir
from console.store import chain
from console.store.atomic import write_atomically
from console.store.database import transaction
from console.store.errors import StoreError
from console.store.handovers import Handover, Handovers, Move
from console.store.inheritance import bequeath
from console.store.leases import Leases
from console.store.places import DATABASE, customer_folder
from console.store.schema import open_customer
from console.store.vault import Vault


@dataclass(frozen=True, slots=True)
class Home:
    """Where a customer is taken in."""

    data: Path
    config: Path
    secrets: Secrets


@dataclass(frozen=True, slots=True)
class Preview:
    """What taking in would change. ``here`` is how far this machine is; ``files`` are agreements that stand
    here with other content, ``config`` tells whether the customer's configuration does; ``lifts`` is a
    hand-over in force here that the file knows nothing beyond: somebody may have gone on elsewhere."""

    relation: Relation
    here: Here
    config: bool
    files: tuple[str, ...]
    lifts: Handover | None = None

    @property
    def overwrites(self) -> bool:
        """Whether anything that is here would be replaced: somebody has to say so."""
        return (
            self.config or bool(self.files) or self.relation is Relation.CONTINUES or self.lifts is not None
        )


@dataclass(frozen=True, slots=True)
class Arrival:
    """A parcel that may be taken in."""

    home: Home
    staged: Staged
    vault: Vault
    preview: Preview

    @property
    def manifest(self) -> Manifest:
        """What the file is about."""
        return self.staged.manifest

    def take(self, who: str = "", now: datetime | None = None) -> Handover:
        """Take it in: all of it, or, where something comes between, nothing. Blocks.

        ``who`` works on the customer here from now on; "" = whom the file names. Raises ConsoleError,
        StoreError.
        """
        manifest = self.manifest
        name = who.strip() or manifest.to
        at = now or datetime.now(UTC)
        token = secrets.token_hex(8)  # this arrival's own: the same file may have come before
        taken = Handover(token, Move.TAKEN, at, manifest.who, name, platform.node())
        order = Order(manifest.customer, token, self.home.config)
        write_atomically(self.staged.folder / ORDER, json.dumps(order.plain()).encode())
        with (
            closing(open_customer(self.home.data, manifest.customer)) as conn,
            beside(conn, self.staged.database),
        ):
            _replace(conn, self, taken)
        settle(self.home.data, self.staged.folder, order)
        return taken


@contextmanager
def arriving(home: Home, path: Path, passphrase: str) -> Iterator[Arrival]:
    """Read a file to its end and compare it with what is here; whatever was laid ready goes with the block.

    Blocks. Raises ConsoleError for a file that cannot be taken in, StoreError.
    """
    with ParcelReader(path, passphrase) as parcel:
        vault = _vault(home, parcel.manifest.customer)
        folder = staging.room(home.data)
        try:
            staged = staging.stage(parcel, folder, vault)
            yield Arrival(home, staged, vault, _preview(home, staged, vault))
        finally:
            drop_unless_taken(home.data, folder)


def _vault(home: Home, customer: str) -> Vault:
    """The customer's vault here: without a lasting key nothing sealed could be kept. Raises ConsoleError."""
    key = home.secrets.key(customer, create=True)
    if key is None:
        raise ConsoleError(
            _("Without a keyring a customer cannot be taken in."),
            _("Install one, or choose the encrypted file with EINZUG_KEYRING=file."),
        )
    return Vault(key)


def _preview(home: Home, staged: Staged, vault: Vault) -> Preview:
    customer = staged.manifest.customer
    place = ("customers", customer)
    there = home.config.exists()
    changed = replace_table(home.config, place, staged.section, dry_run=True)
    folder = agreements_dir(home.config, customer)
    files = tuple(name for name in staged.agreements if _differs(folder / name, staged, name))
    known = there and changed and _configured(home.config, customer)
    if not (customer_folder(home.data, customer) / DATABASE).exists():
        return Preview(Relation.NEW, Here(0, 0), known, files)
    with closing(open_customer(home.data, customer)) as conn, beside(conn, staged.database):
        lifts = _lifted(conn, vault, staged.manifest)
        return Preview(relation(conn, vault), here(conn), known, files, lifts)


def _lifted(conn: sqlite3.Connection, vault: Vault, manifest: Manifest) -> Handover | None:
    """The hand-over in force here, unless the file comes from whoever it was given to."""
    given = Handovers(conn, vault).given()
    if given is None or given.token == manifest.token:
        return given
    sql = f"SELECT 1 FROM {INCOMING}.handover WHERE token = ? AND kind = ?"  # noqa: S608  (the name is ours)
    return None if conn.execute(sql, (given.token, given.move.value)).fetchone() else given


def _configured(config: Path, customer: str) -> bool:
    import tomllib

    return customer in tomllib.loads(config.read_text(encoding="utf-8-sig")).get("customers", {})


def _differs(path: Path, staged: Staged, name: str) -> bool:
    try:
        return path.read_bytes() != (staged.folder / staging.AGREEMENTS / name).read_bytes()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise StoreError("disk") from error


def _replace(conn: sqlite3.Connection, arrival: Arrival, taken: Handover) -> None:
    """The one step. Raises ConsoleError, LeaseHeld where somebody works here meanwhile."""
    manifest, vault = arrival.manifest, arrival.vault
    with transaction(conn):
        held = Leases(conn).living()
        if held is not None:
            raise held
        if here(conn) != arrival.preview.here:
            raise ConsoleError(
                _("Somebody worked on {customer} here meanwhile.").format(customer=manifest.customer),
                _("Nothing was changed. Take the file in again."),
            )
        own = _own_handovers(conn)
        for table in TRAVELS:
            conn.execute(f"DELETE FROM main.{table}")  # noqa: S608  (the names are ours)
            conn.execute(f"INSERT INTO main.{table} SELECT * FROM {INCOMING}.{table}")  # noqa: S608
        conn.executemany("INSERT INTO main.handover (token, kind, at, sealed) VALUES (?, ?, ?, ?)", own)
        conn.execute("DELETE FROM main.consent")  # whatever was readable is sealed now
        conn.execute("DELETE FROM main.inherited")
        if arrival.staged.fingerprint_key is not None:
            bequeath(conn, vault, arrival.staged.fingerprint_key)
        Handovers(conn, vault).note(taken)
        report = chain.verify(conn)
        if not report.ok or (report.rows, report.head) != (manifest.entries, manifest.head):
            raise StoreError("corrupt")


def _own_handovers(conn: sqlite3.Connection) -> list[tuple[object, ...]]:
    """What this machine knows of hand-overs and the other one does not."""
    return conn.execute(
        f"""
        SELECT token, kind, at, sealed FROM main.handover m WHERE NOT EXISTS (
            SELECT 1 FROM {INCOMING}.handover i WHERE i.token = m.token AND i.kind = m.kind)
        ORDER BY seq
        """  # noqa: S608  (the name is ours)
    ).fetchall()
