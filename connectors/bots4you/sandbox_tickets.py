"""The tickets of the Bots4You double: people call, chat or write; what the ERP says of it arrives.

Written from the assumed wire form alone; it shares no code with the client, so that a slip in one of them
shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.bots4you.sandbox_refusal import Refusal, json_of
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import rejects, rewrite

Fields = dict[str, Any]
Admit = Callable[[Request, str], None]

NEW, WITHDRAWN = "NEW", "WITHDRAWN"
CHANNELS = ("chat", "voice", "email")
KINDS = ("ANLIEGEN", "SCHADEN")
LARGEST_PAGE = 100
MOST_AT_ONCE = 100_000
MADE = (
    "reference", "categoryId", "kind", "clientNumber", "contractNumber", "subject", "description", "channel",
    "createdAt",
)  # fmt: skip
TOLD = (*MADE, "transcript", "callbackNumber")
CALL = "Guten Tag, im Bad kommt seit heute früh kein warmes Wasser. Bitte melden Sie sich."


@dataclass(slots=True)
class _Ticket:
    """A ticket as it is told, and every status that was set from outside, in order."""

    fields: Fields
    statuses: list[str] = field(default_factory=list)
    withheld: int = 0  # so many times it is listed and not there yet
    deleted: bool = False


@dataclass(slots=True)
class Tickets:
    """All tickets by id. The journal names each change by its place, from which cursors are made; the times
    of changes are the sandbox's clock, strictly increasing."""

    clock: Clock
    seed: int
    held: dict[str, _Ticket] = field(default_factory=dict)
    journal: list[str] = field(default_factory=list)
    newest: dict[str, int] = field(default_factory=dict)
    creates: Counter[str] = field(default_factory=Counter)
    last: datetime = field(default_factory=lambda: datetime.min.replace(tzinfo=UTC))
    made: int = 0

    def all(self) -> list[Fields]:
        """Every ticket that is there, in the order in which they were made."""
        return [one.fields for one in self.held.values() if not one.deleted]

    def arrivals(self) -> Fields:
        """By ticket each status that was set, in order; under ``creates`` how often a ticket was made with a
        reference."""
        tickets = {id_: {"statuses": list(one.statuses)} for id_, one in self.held.items()}
        return {"tickets": tickets, "creates": dict(self.creates)}

    def clear(self) -> None:
        """Hold nothing; cursors stay good."""
        self.held.clear()
        self.newest.clear()
        self.creates.clear()

    # --- what the interface does ---

    def page(self, cursor: str, size: int, reference: str | None) -> Fields:
        """One page of heads that changed after a cursor, the first ones without. Raises Refusal."""
        if reference is not None:
            found = [id_ for id_, one in self.held.items() if one.fields["reference"] == reference]
            return {"items": [self._head(id_) for id_ in found[:size]], "nextCursor": "c0", "more": False}
        number = cursor.removeprefix("c") or "0"
        if not (number.isascii() and number.isdigit() and int(number) <= len(self.journal)):
            raise Refusal(400, "bad_cursor", "cursor")
        at, items = int(number), list[Fields]()
        while at < len(self.journal) and len(items) < size:
            if self.newest.get(self.journal[at]) == at:
                items.append(self._head(self.journal[at]))
            at += 1
        return {"items": items, "nextCursor": f"c{at}", "more": at < len(self.journal)}

    def one(self, id_: str) -> Fields:
        """A whole ticket. Raises Refusal."""
        found = self._there(id_)
        if found.withheld:
            found.withheld -= 1
            raise Refusal(404, "not_found")
        return found.fields

    def make(self, given: Any) -> Fields:
        """A ticket made by a call; the same one twice is two tickets. Raises Refusal."""
        if not isinstance(given, dict) or set(given) != set(MADE):
            raise Refusal(422, "wrong_fields")
        try:
            found = self._new(given)
        except ValueError:
            raise Refusal(422, "wrong_type") from None
        self.creates[str(given["reference"])] += 1
        return found.fields

    def set_status(self, id_: str, given: Any) -> Fields:
        """Take a status; the one that holds already changes nothing. Raises Refusal."""
        found = self._there(id_)
        if not isinstance(given, dict) or set(given) != {"statusCode", "statusLabel", "changedAt"}:
            raise Refusal(422, "wrong_fields")
        if not all(isinstance(value, str) and value for value in given.values()):
            raise Refusal(422, "wrong_type")
        found.statuses.append(given["statusCode"])
        if found.fields["statusCode"] != given["statusCode"]:
            found.fields |= {name: given[name] for name in ("statusCode", "statusLabel")}
            self._touch(found)
        return {"ticketId": id_, "statusCode": found.fields["statusCode"]}

    # --- what callers do ---

    def act(self, data: Fields) -> Any:
        """Report: the fields in ``TOLD``, what is missing made up, with ``count`` that many, answered by
        their ids. Else ``{"id", "do"}`` with ``withdraw``, ``reopen``, ``delete``, ``repeat`` (listed once
        more as it is) or ``withhold`` (``count`` times listed and not there).

        Raises KeyError for an unknown ticket, ValueError and TypeError for impossible values.
        """
        do = data.get("do", "create")
        if do == "create":
            return self._report({name: value for name, value in data.items() if name != "do"})
        doing: dict[str, Callable[[_Ticket], None]] = {
            "withdraw": partial(self._enter, status=WITHDRAWN, label="Zurückgezogen"),
            "reopen": partial(self._enter, status=NEW, label="Neu"),
            "delete": self._delete,
            "repeat": self._list_again,
            "withhold": partial(_withhold, count=data.get("count", 1)),
        }
        if do not in doing:
            raise ValueError(f"do must be create or one of {', '.join(doing)}")
        found = self.held[str(data.get("id", ""))]
        if found.deleted:
            raise ValueError("the ticket is deleted")
        doing[do](found)
        return None if found.deleted else found.fields

    def _report(self, data: Fields) -> Any:
        count = data.pop("count", None)
        if count is not None:
            return [self._report(dict(data))["ticketId"] for _ in range(_number(count))]
        if unknown := set(data) - set(TOLD):
            raise ValueError(f"{min(unknown)!r} is no field of a ticket")
        made_up = {"kind": "SCHADEN", "categoryId": "SCH-HEIZ", "channel": "voice"}
        made_up |= {"subject": "Kein warmes Wasser", "transcript": CALL}
        now = self.clock.now().isoformat(timespec="microseconds")
        return self._new({"createdAt": now, **made_up, **data}).fields

    # --- how it is kept ---

    def _new(self, given: Fields) -> _Ticket:
        if not all(value is None or isinstance(value, str) for value in given.values()):
            raise ValueError("the fields of a ticket are texts")
        if given["channel"] not in CHANNELS or given["kind"] not in KINDS:
            raise ValueError(f"channel is one of {', '.join(CHANNELS)}, kind of {', '.join(KINDS)}")
        self.made += 1
        id_ = f"b4y-{self.made}"
        own = {"ticketId": id_, "number": f"B-{self.made:06}", "statusCode": NEW, "statusLabel": "Neu"}
        found = _Ticket({**own, **dict.fromkeys(TOLD), **given})
        self.held[id_] = found
        self._touch(found)
        return found

    def _enter(self, found: _Ticket, status: str, label: str) -> None:
        found.fields |= {"statusCode": status, "statusLabel": label}
        self._touch(found)

    def _delete(self, found: _Ticket) -> None:
        found.deleted = True
        self._touch(found)

    def _touch(self, found: _Ticket) -> None:
        """Something changed: now, but later than everything before."""
        self.last = max(self.clock.now(), self.last + timedelta(microseconds=1))
        found.fields["changedAt"] = self.last.isoformat(timespec="microseconds")
        self._list_again(found)

    def _list_again(self, found: _Ticket) -> None:
        id_ = found.fields["ticketId"]
        self.newest[id_] = len(self.journal)
        self.journal.append(id_)

    def _head(self, id_: str) -> Fields:
        found = self.held[id_]
        return {"ticketId": id_, "changedAt": found.fields["changedAt"], "deleted": found.deleted}

    def _there(self, id_: str) -> _Ticket:
        found = self.held.get(id_)
        if found is None or found.deleted:
            raise Refusal(404, "not_found")
        return found


def _withhold(found: _Ticket, count: Any) -> None:
    found.withheld = _number(count)


def _number(count: Any) -> int:
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count <= MOST_AT_ONCE:
        raise ValueError(f"count must be from 1 to {MOST_AT_ONCE}")
    return count


def ticket_routes(tickets: Tickets, admit: Admit) -> list[Route]:
    """Where the calls go; ``admit`` lets somebody with a right in, or raises Refusal."""
    path = "/api/v1/tickets"
    return [
        Route(path, partial(_list, tickets, admit), methods=["GET"]),
        Route(path, partial(_make, tickets, admit), methods=["POST"]),
        Route(f"{path}/{{id}}", partial(_get, tickets, admit), methods=["GET"]),
        Route(f"{path}/{{id}}/status", partial(_status, tickets, admit), methods=["PATCH"]),
    ]


async def _list(tickets: Tickets, admit: Admit, request: Request) -> Response:
    admit(request, "tickets:read")
    query = request.query_params
    size = query.get("pageSize", "100")
    if not (size.isascii() and size.isdigit() and 1 <= int(size[:9]) <= LARGEST_PAGE):
        raise Refusal(400, "bad_page", "pageSize")
    return JSONResponse(tickets.page(query.get("cursor", ""), int(size), query.get("reference")))


async def _get(tickets: Tickets, admit: Admit, request: Request) -> Response:
    admit(request, "tickets:read")
    return JSONResponse(tickets.one(unquote(request.path_params["id"])))


async def _make(tickets: Tickets, admit: Admit, request: Request) -> Response:
    admit(request, "tickets:write")
    given = json_of(request)
    if isinstance(given, dict):
        if rejects(request, str(given.get("reference"))):
            raise Refusal(422, "rejected")
        given = rewrite(request, given)
    return JSONResponse(tickets.make(given), 201)


async def _status(tickets: Tickets, admit: Admit, request: Request) -> Response:
    admit(request, "tickets:write")
    given = json_of(request)
    given = rewrite(request, given) if isinstance(given, dict) else given
    return JSONResponse(tickets.set_status(unquote(request.path_params["id"]), given))
