"""What changed since the go-live, as far as this machine knows it: asks nobody but the keyring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from checklists.model import AnswerField, Item
from connectors.contract import Finding, Verdict
from console.connections import ARCHIVE, ERP
from console.golive import record
from console.golive.record import Counts, Live, Place
from console.keyring_state import KeyringError
from console.onboarding.book import Book, read
from console.onboarding.facts import use_cases
from console.readiness import Because
from console.store.counted import Counted, CountedStore
from console.store.said import Said

if TYPE_CHECKING:
    from console.workspace import Workspace

MANDANTEN = "erp.new_mandanten"
"""The check that looks for Mandanten that came since."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An entity of which one side has more or fewer records than at the go-live."""

    entity: str
    there: bool  # at the target; else where it comes from
    then: int
    now: int


@dataclass(frozen=True, slots=True)
class Since:
    """One use case that is live; ``counted`` is None where nobody has compared it since."""

    live: Live
    counted: Counted | None
    moved: tuple[Moved, ...]


@dataclass(frozen=True, slots=True)
class Expired:
    """An answer that held until a day which is over."""

    item: Item
    field: AnswerField
    day: date


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Everything since the go-live. ``missing`` are parties with the names of credentials that are not there,
    ``refused`` those whose last check of the connection failed; ``keyring`` tells that it could not be asked.
    ``stale`` counts checks that say nothing about today."""

    lives: tuple[Since, ...]
    missing: tuple[tuple[str, tuple[str, ...]], ...] = ()
    refused: tuple[str, ...] = ()
    keyring: bool = True
    mandanten: Finding | None = None
    expired: tuple[Expired, ...] = ()
    stale: int = 0

    @property
    def troubled(self) -> bool:
        """Whether anything needs somebody; checks only have to be run again."""
        return bool(self.missing or self.refused or self.mandanten or self.expired) or not self.keyring


def aftermath(
    workspace: Workspace, book: Book | None = None, now: datetime | None = None
) -> Aftermath | None:
    """What changed since the go-live; None where nothing is live. Blocks: the keyring is asked.

    The checklists are read where no ``book`` is given. Raises ConsoleError, StoreError.
    """
    lives = tuple(_lives(workspace))
    if not lives:
        return None
    book = book or read(workspace, now=now)
    findings = {key: finding for key, (_at, finding) in workspace.last_findings().items()}
    parties = tuple(_parties(workspace))
    missing, keyring = _missing(workspace, parties)
    new = findings.get(MANDANTEN)
    return Aftermath(
        lives=lives,
        missing=missing,
        refused=tuple(key for key in parties if _failed(findings.get(f"{key}.connection"))),
        keyring=keyring,
        mandanten=new if new is not None and new.verdict is not Verdict.OK else None,
        expired=tuple(_expired(book, (now or datetime.now(UTC)).astimezone().date())),
        stale=sum(one.because in (Because.STALE, Because.UNCHECKED) for one in book.standings),
    )


def lives(workspace: Workspace) -> dict[Place, Live]:
    """The use cases that are live. Blocks briefly. Raises ConsoleError, StoreError."""
    return {one.live.place: one.live for one in _lives(workspace)}


def _lives(workspace: Workspace) -> Iterator[Since]:
    with workspace.store() as conn:
        for place in _places(workspace):
            found = record.live(conn, workspace.vault, workspace.folder, place)
            if found is None:
                continue
            counted = CountedStore(conn).last(place)
            if counted is not None and counted.at < found.since:
                counted = None
            yield Since(found, counted, _moved(found, counted) if counted else ())


def _places(workspace: Workspace) -> Iterator[Place]:
    for key in workspace.connections.partner_keys():
        environment = workspace.connections.partner_config(key).environment
        for use_case in use_cases(workspace, key):
            yield key, environment, use_case


def _moved(live: Live, counted: Counted) -> tuple[Moved, ...]:
    source = _compared(live.desired, counted.desired, there=False)
    return (*source, *_compared(live.actual, counted.actual, there=True))


def _compared(then: Counts, now: Counts, *, there: bool) -> Iterator[Moved]:
    for entity in sorted({*then, *now}):
        if then.get(entity, 0) != now.get(entity, 0):
            yield Moved(entity, there, then.get(entity, 0), now.get(entity, 0))


def _parties(workspace: Workspace) -> Iterator[str]:
    connections = workspace.connections
    if connections.reads_erp(connections.partner_keys()):
        yield ERP
    if connections.has_archive:
        yield ARCHIVE
    yield from connections.partner_keys()


def _missing(
    workspace: Workspace, parties: Iterable[str]
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], bool]:
    """Parties with the credentials they lack, and whether the keyring answered."""
    found = []
    for key in parties:
        fields, environment = workspace.connections.secret_fields(key)
        try:
            held = workspace.secrets.get(workspace.customer.key, key, environment)
        except KeyringError:
            return (), False
        names = tuple(one.name for one in fields if one.required and not held.get(one.name))
        if names:
            found.append((key, names))
    return tuple(found), True


def _failed(finding: Finding | None) -> bool:
    return finding is not None and finding.verdict is Verdict.FAIL


def _expired(book: Book, today: date) -> Iterator[Expired]:
    for one in book.standings:
        answer = one.answer
        if answer is None or answer.said is not Said.DONE:
            continue
        for field in one.item.fields:
            value = answer.values.get(field.key)
            if field.expires and isinstance(value, str) and (day := _day(value)) and day < today:
                yield Expired(one.item, field, day)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
