"""The tickets that the ERP sandbox keeps, and what a clerk does with them.

An integration makes and comments tickets (OPENWOWI), sets categories and links documents (hub); a clerk does
everything else by the control API, ``POST /objects/erp/ticket``:

    {"do": "create", "fields": {"subject", "text", "source", "category", "lease" or "contract"}}
    {"do": "status", "id", "status"}          {"do": "comment", "id", "text", "name", "visible"}
    {"do": "category", "id", "category"}      {"do": "reopen", "id"}
    {"do": "delete", "id"}                    {"do": "merge", "id", "into"}

``changed`` is the sandbox's clock, strictly increasing. Nothing here refuses a ticket at a lease that is
over: an ERP takes it, so that whoever must not send it shows.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from connectors.erp.sandbox_state import ErpState
from connectors.housing import CategoryKind, Lease, TicketCategory
from connectors.sandbox.clock import Clock
from connectors.sandbox.company_model import Company

STATES = {
    "10": ("Neu", False),
    "20": ("In Bearbeitung", False),
    "30": ("Rückfrage", False),
    "40": ("Beauftragt", False),
    "90": ("Erledigt", True),
    "95": ("Abgelehnt", True),
}
"""Code -> label, and whether nothing comes after it. The code is the id too."""

SOURCES: Mapping[str, tuple[int, tuple[str, ...]]] = {
    "TELEFON": (1, ("10", "20", "90")),
    "EMAIL": (2, ("10", "20", "30", "90")),
    "BOTS4YOU": (3, tuple(STATES)),
    "IMMOMIO": (4, tuple(STATES)),
}
"""Code -> id, and the states that the source has."""

PRIORITIES = {"NORMAL": 1, "HOCH": 2, "NOTFALL": 3}
ENTITIES = {"LicenseAgreement": 1, "UseUnit": 2, "EconomicUnit": 3, "Person": 4}
"""What a ticket can be assigned to."""

FIRST_ID = 7_000_001
CLERK = "Sachbearbeitung"
BORN = (
    ("TELEFON", "SCH-HEIZ", "Heizung fällt nachts aus"),
    ("TELEFON", "ANL-BK", "Rückruf zur Betriebskostenabrechnung"),
    ("EMAIL", "ANL-BESCH", "Mietbescheinigung für das Amt"),
    ("EMAIL", "SCH-SAN", "Wasserhahn tropft"),
    ("IMMOMIO", "ANL-HAUS", "Lärm im Treppenhaus, am Schalter gemeldet"),
    ("BOTS4YOU", "SCH-ELEK", "Licht im Keller, am Schalter gemeldet"),
)
"""The tickets that clerks have made before anything is connected: source, category, subject."""


class Refused(ValueError):
    """What the ERP does not take. ``code`` is for machines, "" where OPENWOWI tells none."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True)
class Row:
    """A ticket as it lies in the ERP; ``lease`` is an internal id, "" without."""

    id: int
    number: str
    source: str
    subject: str
    content: str
    lease: str
    received: datetime
    changed: datetime
    from_api: bool
    status: str = "10"
    priority: int = 1
    category: str = ""
    damage_report: str = ""
    comments: list[Note] = field(default_factory=list)
    documents: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Note:
    """A comment. ``visible`` False: for the house only."""

    id: int
    at: datetime
    content: str
    name: str
    from_api: bool
    visible: bool = True


Documents = Callable[[str], Mapping[str, Any] | None]
"""What an archive knows of a document by its id: ``name``, ``bytes`` and ``md5``."""


class TicketDesk:
    """All tickets, the gone ones among them, in the order of their last change.

    ``documents`` asks the archive about what is linked; without one, what the caller says is believed.
    """

    def __init__(
        self, state: ErpState, company: Company, clock: Clock, documents: Documents | None = None
    ) -> None:
        self._state = state
        self._clock = clock
        self._documents = documents
        self._last = clock.now() - timedelta(days=len(BORN) + 1)
        self._rows: dict[int, Row] = {}
        self._gone: dict[int, tuple[datetime, int | None, bool]] = {}
        self._journal: list[tuple[datetime, int]] = []
        self._ids = FIRST_ID
        self.counts: Counter[str] = Counter()
        self._seed(company)

    def _seed(self, company: Company) -> None:
        leases = [lease.id for lease in company.leases if lease.running(company.today)]
        for days, ((source, category, subject), lease) in enumerate(zip(BORN, leases, strict=False)):
            at = self._clock.now() - timedelta(days=len(BORN) - days)
            row = self._make(source, subject, f"{subject}.", lease, from_api=False, at=at)
            row.category = category
        self.counts.clear()

    def rows(self) -> Collection[Row]:
        """The tickets that are there, in the order in which they were made."""
        return self._rows.values()

    def row(self, key: str) -> Row | None:
        """The ticket with this id, or None."""
        return self._rows.get(int(key)) if key.isascii() and key.isdigit() else None

    def listed(self) -> list[dict[str, Any]]:
        """The tickets as dictionaries, with the id as text."""
        return [_shown(row) for row in self._rows.values()]

    def changes(self, since: datetime | None, limit: int) -> list[dict[str, Any]]:
        """Tickets changed after a moment, each at its last change, oldest first."""
        begin = 0 if since is None else bisect_right(self._journal, since, key=lambda entry: entry[0])
        latest = (self._change(at, key) for at, key in islice(self._journal, begin, None))
        return list(islice((item for item in latest if item), limit))

    def _change(self, at: datetime, key: int) -> dict[str, Any] | None:
        """The change at this moment, None where a later one has replaced it."""
        item: dict[str, Any] = {"id": key, "changedAt": at.isoformat()}
        if row := self._rows.get(key):
            return {**item, "fromApi": row.from_api, "gone": False} if row.changed == at else None
        gone, into, from_api = self._gone[key]
        return {**item, "fromApi": from_api, "gone": True, "mergedInto": into} if gone == at else None

    def create(self, source: str, subject: str, content: str, lease: str, priority: int) -> Row:
        """What an integration makes. Raises Refused for a lease that no tenant has."""
        row = self._make(source, subject, content, lease, from_api=True)
        row.priority = priority
        return row

    def _make(
        self,
        source: str,
        subject: str,
        content: str,
        lease: str,
        *,
        from_api: bool,
        at: datetime | None = None,
    ) -> Row:
        contract = self._state.index.leases.get(lease)
        if lease and (contract is None or contract.is_vacancy):
            raise Refused("EntityId: no license agreement of a tenant with this id")
        at, key = at or self._clock.now(), self._ids
        self._ids += 1
        number = f"A-{at.year}-{key - FIRST_ID + 1:06d}"
        row = Row(key, number, source, subject, content, lease, at, at, from_api)
        self._rows[key] = row
        self._touch(row, at)
        self.counts["created_by_api" if from_api else "created_by_clerk"] += 1
        return row

    def comment(self, row: Row, content: str, name: str, *, from_api: bool, visible: bool = True) -> Note:
        """Add a comment."""
        at = self._touch(row)
        note = Note(self._ids, at, content, name, from_api, visible)
        self._ids += 1
        row.comments.append(note)
        self.counts["comments_by_api" if from_api else "comments_by_clerk"] += 1
        return note

    def set_category(self, row: Row, code: str) -> None:
        """Set the activity type. Raises Refused for one that is unknown, switched off, or wants features."""
        found: TicketCategory | None = next(
            (c for c in self._state.records(TicketCategory.NAME) if c.code == code and c.active), None
        )
        if found is None:
            raise Refused("category: unknown or not active", "CATEGORY_UNKNOWN")
        if found.mandatory_features:
            raise Refused("category: mandatory features are missing", "CATEGORY_MANDATORY")
        if row.category != code:
            row.category = code
            self._touch(row)
        self.counts["categories_set"] += 1

    def kind(self, row: Row) -> str | None:
        """The kind of the ticket's category, None without one."""
        kinds = {c.code: c.kind for c in self._state.records(TicketCategory.NAME)}
        return kinds.get(row.category)

    def link(self, row: Row, document: str, fields: Mapping[str, Any]) -> None:
        """Show a document. Raises Refused for one that the archive does not know, or nobody describes."""
        known = fields if self._documents is None else self._documents(document)
        if known is None:
            raise Refused("the archive has no such document", "DOCUMENT_UNKNOWN")
        name, size, md5 = known.get("name"), known.get("bytes"), known.get("md5")
        if not isinstance(name, str) or not isinstance(size, int) or not isinstance(md5, str):
            raise Refused("name, bytes and md5 are expected")
        entry = {"id": document, "name": name, "bytes": size, "md5": md5}
        if row.documents.get(document) != entry:
            row.documents[document] = entry
            self._touch(row)
        self.counts["links"] += 1

    def report_damage(self, row: Row) -> None:
        """Give the ticket a damage report where it has none. Raises Refused unless it is a damage."""
        if self.kind(row) != CategoryKind.DAMAGE:
            raise Refused("the category is no damage")
        if not row.damage_report:
            self.counts["damage_reports"] += 1
            row.damage_report = f"S-{self._clock.now().year}-{self.counts['damage_reports']:04d}"
            self._touch(row)

    def act(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What a clerk does. Raises ValueError for an impossible act, KeyError for an unknown one."""
        act = str(body.get("do"))
        if act == "create":
            return _shown(self._born(body.get("fields", {})))
        row = self._there(body.get("id"))
        _ACTS[act](self, row, body)
        return _shown(row)

    def _born(self, fields: Any) -> Row:
        if not isinstance(fields, Mapping) or not all(isinstance(value, str) for value in fields.values()):
            raise ValueError("fields must be an object of texts")
        if unknown := fields.keys() - {"subject", "text", "source", "category", "lease", "contract"}:
            raise ValueError(f"unknown fields {', '.join(sorted(unknown))}")
        source, contract = fields.get("source", "TELEFON"), fields.get("contract")
        if source not in SOURCES:
            raise ValueError(f"source must be one of {', '.join(SOURCES)}")
        lease = fields.get("lease", "")
        if contract:
            leases = self._state.records(Lease.NAME)
            lease = next((x.id for x in leases if x.number == contract), "?")
        text = fields.get("text", "")
        row = self._make(source, fields.get("subject", "Anruf"), text, lease, from_api=False)
        if "category" in fields:
            self._categorise(row, fields)
        return row

    def _there(self, key: Any) -> Row:
        row = self.row(str(key))
        if row is None:
            raise ValueError("no ticket with this id")
        return row

    def _set_status(self, row: Row, body: Mapping[str, Any]) -> None:
        status = str(body.get("status"))
        if status not in SOURCES[row.source][1]:
            raise ValueError(f"status must be one of {', '.join(SOURCES[row.source][1])}")
        row.status = status
        self._touch(row)

    def _reopen(self, row: Row, _: Mapping[str, Any]) -> None:
        if not STATES[row.status][1]:
            raise ValueError("the ticket is not closed")
        row.status = "20"
        self._touch(row)

    def _note(self, row: Row, body: Mapping[str, Any]) -> None:
        text, name, visible = body.get("text"), body.get("name", CLERK), body.get("visible", True)
        if not isinstance(text, str) or not isinstance(name, str) or not isinstance(visible, bool):
            raise ValueError("text and name are texts, visible is true or false")  # noqa: TRY004
        self.comment(row, text, name, from_api=False, visible=visible)

    def _categorise(self, row: Row, body: Mapping[str, Any]) -> None:
        """A clerk fills in mandatory features on the way."""
        code = body.get("category")
        if all(c.code != code for c in self._state.records(TicketCategory.NAME)):
            raise ValueError("no category with this code")
        row.category = str(code)
        self._touch(row)

    def _delete(self, row: Row, _: Mapping[str, Any]) -> None:
        self._remove(row, None)

    def _merge(self, row: Row, body: Mapping[str, Any]) -> None:
        """The other ticket takes over comments and documents."""
        into = self._there(body.get("into"))
        if into is row:
            raise ValueError("a ticket cannot be merged into itself")
        into.comments = sorted([*into.comments, *row.comments], key=lambda note: (note.at, note.id))
        into.documents |= row.documents
        self._remove(row, into.id)
        self._touch(into)

    def _remove(self, row: Row, into: int | None) -> None:
        del self._rows[row.id]
        self._gone[row.id] = self._touch(row), into, row.from_api

    def _touch(self, row: Row, at: datetime | None = None) -> datetime:
        """Note that a ticket changed, never earlier than anything before."""
        self._last = max(at or self._clock.now(), self._last + timedelta(microseconds=1))
        row.changed = self._last
        self._journal.append((self._last, row.id))
        return self._last


_ACTS = {
    "status": TicketDesk._set_status,
    "reopen": TicketDesk._reopen,
    "comment": TicketDesk._note,
    "category": TicketDesk._categorise,
    "delete": TicketDesk._delete,
    "merge": TicketDesk._merge,
}


def _shown(row: Row) -> dict[str, Any]:
    return {**asdict(row), "id": str(row.id), "documents": list(row.documents.values())}
