"""The one account of an Immomio double: who may do what, and everything it holds."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from connectors.immomio.sandbox_applications import Applications
from connectors.immomio.sandbox_documents import DocumentShelf, document_shelf
from connectors.immomio.sandbox_records import Fields, Refusal, Shelf, master_data
from connectors.immomio.sandbox_tickets import Tickets
from connectors.immomio.sandbox_vacancies import Vacancies, now
from connectors.sandbox.clock import Clock

NAME = "Wohnbau Musterstadt eG"
"""What the account is called; its user name is a credential and another thing."""

TOKEN_SECONDS = 3600
MOST_TOKENS = 1_000
_AREAS = ("properties", "units", "contracts", "tenants", "vacancies", "tickets", "documents")
RIGHTS = (*(f"{area}:{verb}" for area in _AREAS for verb in ("read", "write")), "applications:read")


def secret(purpose: str, seed: int) -> str:
    """A password that follows from the seed."""
    return hashlib.sha256(f"immomio {purpose} {seed}".encode()).hexdigest()[:24]


class Tokens:
    """What logs in and for how long, by the sandbox's clock; an expired token is still known as such."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}

    def issue(self) -> str:
        """A new token."""
        if len(self._ends) >= MOST_TOKENS:
            del self._ends[next(iter(self._ends))]
        token = secrets.token_urlsafe(24)
        self._ends[token] = self._clock.monotonic() + TOKEN_SECONDS
        return token

    def expire(self) -> int:
        """End every token now; gives how many still lived."""
        now_ = self._clock.monotonic()
        living = [token for token, end in self._ends.items() if end > now_]
        self._ends.update(dict.fromkeys(living, now_))
        return len(living)

    def check(self, token: str) -> None:
        """Raises Refusal for an unknown or expired token."""
        if token not in self._ends:
            raise Refusal(401, "invalid_token")
        if self._ends[token] <= self._clock.monotonic():
            raise Refusal(401, "token_expired")

    def knows(self, token: str) -> bool:
        """Whether it was issued here, expired or not."""
        return token in self._ends


@dataclass(slots=True)
class Account:
    """The records by the console's entity names, vacancies and applications, and what FTP delivered."""

    username: str
    password: str
    clock: Clock
    vacancies: Vacancies
    applications: Applications
    tickets: Tickets
    tokens: Tokens
    dit: bool = False
    bulk: bool = True
    rights: set[str] = field(default_factory=lambda: set(RIGHTS))
    shelves: dict[str, Shelf] = field(default_factory=master_data)
    deliveries: list[Fields] = field(default_factory=list)
    documents: DocumentShelf = field(init=False)

    def __post_init__(self) -> None:
        self.documents = document_shelf(self.shelves["contract"])

    def admit(self, request: Request, right: str | None = None) -> None:
        """The token, then the right. Raises Refusal."""
        self.tokens.check(token_of(request))
        if right is not None and right not in self.rights:
            raise Refusal(403, "forbidden", right)

    def state(self, entity: str | None) -> Any:
        """An entity's records in order, ``rights``, ``deliveries`` (what FTP brought), ``ticket_arrivals``
        (what came to tickets, and how often), ``contents`` (the files of documents), or ``creates`` (how
        often each id came into being)."""
        shelves = self.shelves | {"vacancy": self.vacancies.shelf, "document": self.documents.shelf}
        views: dict[str, Callable[[], Any]] = {
            **{name: shelf.sorted for name, shelf in self.shelves.items()},
            "vacancy": self.vacancies.all,
            "application": lambda: list(self.applications.records.values()),
            "document": self.documents.shelf.sorted,
            "contents": self.documents.listed,
            "ticket": self.tickets.all,
            "ticket_arrivals": self.tickets.arrivals,
            "rights": lambda: sorted(self.rights),
            "deliveries": lambda: list(self.deliveries),
            "creates": lambda: {name: dict(shelf.creates) for name, shelf in shelves.items()},
        }
        return {name: view() for name, view in views.items()} if entity is None else views[entity]()

    def act(self, entity: str, data: Fields) -> Any:
        """Do what people at Immomio do.

        ``vacancy``, ``application`` and ``ticket`` as in their own ``act``; ``rights`` with ``add`` and
        ``remove`` (lists); ``account`` with ``dit`` moves it to the old system or back; ``expire`` ends all
        tokens; ``reset`` empties the account; for a property, unit,
        tenant or contract the record is stored. Raises KeyError, ValueError and TypeError like them.
        """
        special: dict[str, Callable[[Fields], Any]] = {
            "vacancy": self.vacancies.act,
            "application": self.applications.act,
            "document": lambda data: self.documents.act(data, now(self.clock)),
            "ticket": self.tickets.act,
            "rights": self._rights,
            "account": self._move,
            "expire": lambda _data: {"ended": self.tokens.expire()},
            "reset": lambda _data: self._reset(),
        }
        if entity in special:
            return special[entity](data)
        return self._store(self.shelves[entity], data)

    def _move(self, data: Fields) -> Fields:
        if not isinstance(data.get("dit"), bool):
            raise TypeError("dit must be true or false")
        self.dit = data["dit"]
        return {"dit": self.dit}

    def _store(self, shelf: Shelf, data: Fields) -> Fields:
        fields = dict.fromkeys(shelf.fields) | data
        id_ = fields.pop("externalId", None)
        if not isinstance(id_, str) or not id_:
            raise ValueError("externalId is missing")
        try:
            shelf.check(id_, fields)
        except Refusal as refusal:
            raise ValueError(f"{refusal} {refusal.error.get('field', '')}") from None
        shelf.put(id_, fields, now(self.clock))
        return shelf.records[id_]

    def _rights(self, data: Fields) -> list[str]:
        changed = {key: set(data.get(key, ())) for key in ("add", "remove")}
        if unknown := (changed["add"] | changed["remove"]) - set(RIGHTS):
            raise ValueError(f"unknown right {min(unknown)!r}, known are {', '.join(RIGHTS)}")
        self.rights = (self.rights | changed["add"]) - changed["remove"]
        return sorted(self.rights)

    def _reset(self) -> None:
        for shelf in self.shelves.values():
            shelf.clear()
        self.vacancies.clear()
        self.applications.clear()
        self.tickets.clear()
        self.documents.clear()
        self.deliveries.clear()


def token_of(request: Request) -> str:
    """The bearer token as it came, "" where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
