"""Hand a customer over: write everything that is known of it into one sealed file, and note that it is given.

Secrets stay: neither credentials nor the customer's key travel. The mark is made before the file, so that no
file is out of which this machine knows nothing.
"""

from __future__ import annotations

import platform
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from console import __version__
from console.config_edit import excerpt
from console.errors import ConsoleError
from console.handover.agreements import agreements
from console.handover.parcel import Manifest, ParcelWriter, Room
from console.handover.passphrase import weakness
from console.handover.tables import TRAVELS, opened
from console.i18n import _
from console.os_words import os_words
from console.store.atomic import replacing
from console.store.database import snapshot
from console.store.errors import StoreError
from console.store.evidence import FOLDER, EvidenceFiles
from console.store.handovers import Handover, Handovers, Move
from console.store.journal import Journal
from console.store.leases import Leases
from console.store.said import Evidence
from console.store.schema import MIGRATIONS
from console.store.vault import Vault

if TYPE_CHECKING:
    from console.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. ``lost`` counts rows, by table, that nobody can open any more; ``skipped`` are files
    that did not go along."""

    manifest: Manifest
    answers: int
    evidence: int
    agreements: int
    lost: Counter[str]
    skipped: tuple[str, ...] = ()


def export(
    workspace: Workspace, path: Path, passphrase: str, *, who: str, to: str, now: datetime | None = None
) -> Exported:
    """Write the file and note that ``to`` works on the customer from now on.

    Blocks. Raises ConsoleError, StoreError; then neither file nor mark is left.
    """
    _admit(workspace, path, passphrase, who, to)
    vault, token = workspace.vault, secrets.token_hex(8)
    given = Handover(token, Move.GIVEN, now or datetime.now(UTC), who.strip(), to.strip(), platform.node())
    with workspace.store() as conn:
        marks = Handovers(conn, vault)
        marks.note(given)
        try:
            _admit_state(conn, vault)
            with replacing(path) as file:
                return _write(workspace, conn, vault, file, passphrase, given)
        except OSError as error:
            marks.withdraw(token)
            why = os_words(error)
            raise ConsoleError(_("{path} cannot be written: {why}.").format(path=path, why=why)) from error
        except BaseException:
            marks.withdraw(token)
            raise


def _admit(workspace: Workspace, path: Path, passphrase: str, who: str, to: str) -> None:
    """Raises ConsoleError."""
    nothing = _("Nothing was written.")
    if not who.strip() or not to.strip():
        raise ConsoleError(_("Who hands over, and to whom? Both names are needed."), nothing)
    if path.exists():
        raise ConsoleError(
            _("{path} is there already.").format(path=path), _("Choose another name; nothing was written.")
        )
    if not (folder := path.absolute().parent).is_dir():
        raise ConsoleError(
            _("There is no folder {folder}.").format(folder=folder),
            _("Make it, or choose another place; nothing was written."),
        )
    weak = why_not(workspace, passphrase, (who, to))
    if weak is not None:
        raise ConsoleError(weak, nothing)


def why_not(workspace: Workspace, passphrase: str, names: Iterable[str]) -> str | None:
    """Why a passphrase is too weak for this customer and these people; None where it will do."""
    customer = workspace.customer
    return weakness(passphrase, [customer.key, *" ".join((customer.name, *names)).split()])


def _admit_state(conn: sqlite3.Connection, vault: Vault) -> None:
    """Only a whole journal is handed over, and only while nobody writes: whoever begins to looks for the mark
    once the lease is theirs, and we look for leases once the mark is set. Raises ConsoleError, LeaseHeld."""
    held = Leases(conn).living()
    if held is not None:
        raise held
    report = Journal(conn, vault).verify()
    if not report.ok:
        raise ConsoleError(
            _("The journal was changed; the first broken entry is {entry}.").format(
                entry=report.first_broken
            ),
            _("Such a journal proves nothing and is not handed over."),
        )


def _write(
    workspace: Workspace,
    conn: sqlite3.Connection,
    vault: Vault,
    file: BinaryIO,
    passphrase: str,
    given: Handover,
) -> Exported:
    customer, lost = workspace.customer, Counter[str]()
    skipped: list[str] = []
    with snapshot(conn):
        manifest = _manifest(customer.key, customer.name, conn, given)
        parcel = ParcelWriter(file, passphrase, manifest)
        section = excerpt(workspace.config_path, ("customers", customer.key))
        parcel.file(Room.CONFIG, "config.toml", section.encode())
        if vault.durable:
            parcel.file(Room.FINGERPRINTS, "", vault.fingerprint_key)
        found, odd = agreements(workspace.config_path, customer.key)
        skipped += odd
        for name, place in found:
            parcel.file(Room.AGREEMENT, name, place.read_bytes())
        for table in TRAVELS:
            _table(parcel, conn, vault, table, lost)
        answers = int(conn.execute("SELECT count(*) FROM answer").fetchone()[0])
    skipped += _apart(workspace)
    evidence = 0
    files = EvidenceFiles(workspace.folder / FOLDER, vault)
    for digest in files.digests():
        try:
            content = files.read(Evidence(digest, "", 0))
        except StoreError:  # it was changed, or its key is gone: told below
            skipped.append(f"{FOLDER}/{digest[:12]}…")
            continue
        parcel.file(Room.EVIDENCE, digest, content)
        evidence += 1
    parcel.finish()
    return Exported(manifest, answers, evidence, len(found), lost, tuple(skipped))


def _apart(workspace: Workspace) -> Iterator[str]:
    """What is known of the customer beside its own data, and does not travel."""
    from console.onboarding.lists import own_folder
    from console.walks.guide import guides  # late: a walk in turn asks whether the customer is given

    if any(guide.kept_blocking() is not None for guide in guides(workspace).values()):
        yield _("a guided test that is under way")
    folder = own_folder(workspace.config_path)
    if folder.is_dir() and any(folder.glob("*.toml")):
        yield _("your own checklists in {folder}").format(folder=folder)


def _manifest(customer: str, name: str, conn: sqlite3.Connection, given: Handover) -> Manifest:
    entries, head = conn.execute("SELECT entries, hash FROM head").fetchone()
    return Manifest(
        customer=customer,
        name=name,
        schema=len(MIGRATIONS),
        version=__version__,
        token=given.token,
        at=given.at.isoformat(),
        who=given.who,
        to=given.to,
        machine=given.machine,
        entries=entries,
        head=head.hex(),
    )


def _table(
    parcel: ParcelWriter, conn: sqlite3.Connection, vault: Vault, table: str, lost: Counter[str]
) -> None:
    cursor = conn.execute(f"SELECT * FROM {table}")  # noqa: S608  (the names are ours)
    columns = [column[0] for column in cursor.description]
    parcel.rows(table, columns)
    for row in _rows(cursor, columns):
        travels = opened(conn, vault, table, row)
        if travels is None:
            lost[table] += 1
        else:
            parcel.row([travels[column] for column in columns])


def _rows(cursor: sqlite3.Cursor, columns: list[str]) -> Iterator[dict[str, Any]]:
    while page := cursor.fetchmany(500):
        for found in page:
            yield dict(zip(columns, found, strict=True))
