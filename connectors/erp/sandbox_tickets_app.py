"""The ticket endpoints of the ERP sandbox: OPENWOWI's controllers as documented, and the assumed hub."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import unquote

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.erp.sandbox_query import Query
from connectors.erp.sandbox_tickets import (
    ENTITIES,
    PRIORITIES,
    SOURCES,
    STATES,
    Note,
    Refused,
    Row,
    TicketDesk,
)
from connectors.erp.sandbox_wire_parts import Json, without_nulls
from connectors.sandbox.app import body

READ, EDIT, CATALOGUE = "CommunicationRead", "CommunicationEdit", "CommunicationCatalog"
CONTROLLERS = frozenset({READ, EDIT, CATALOGUE})
USER = ("svc_einzug", 501)
"""Name and id of the user whom OPENWOWI notes for what the API writes."""

Check = Callable[[Request, str], Query]
"""Gives the query of a call that may pass to a controller. Raises HTTPException."""

CATALOGUES: Mapping[str, Mapping[str, int]] = {
    "TicketStatus": {code: int(code) for code in STATES},
    "TicketSource": {code: key for code, (key, _) in SOURCES.items()},
    "TicketPriority": PRIORITIES,
    "TicketAssignmentEntity": ENTITIES,
}

FILTERS: Mapping[str, Callable[[Row], object]] = {
    "ticketid": lambda row: row.id,
    "ticketidnum": lambda row: row.number,
    "ticketpriorityid": lambda row: row.priority,
    "ticketstatusid": lambda row: row.status,
    "ticketsourceid": lambda row: SOURCES[row.source][0],
}


def ticket_routes(desk: TicketDesk, check: Check, base: str, rights: tuple[str, str]) -> list[Route]:
    """The routes below OPENWOWI's address and the hub's; ``rights`` to read and to write there."""
    hub, writing = rights
    routes = [
        Route(f"{base}/{READ}/Ticket", _list(desk, check), methods=["GET"]),
        Route(f"{base}/{EDIT}/Ticket", _create(desk, check), methods=["POST"]),
        Route(f"{base}/{EDIT}/Ticket/AddComment", _comment(desk, check), methods=["POST"]),
        Route("/hub/v1/tickets/changes", _changes(desk, check, hub), methods=["GET"]),
        Route("/hub/v1/ticket-sources", _sources(check, hub), methods=["GET"]),
        Route("/hub/v1/tickets/{id}", _detail(desk, check, hub), methods=["GET"]),
    ]
    for part, write in _PARTS.items():
        path = f"/hub/v1/tickets/{{id}}/{part}"
        routes.append(Route(path, _put(desk, check, writing, write), methods=["PUT"]))
    for name, entries in CATALOGUES.items():
        routes.append(Route(f"{base}/{CATALOGUE}/{name}", _catalogue(check, entries), methods=["GET"]))
    return routes


Handler = Callable[[Request], Any]


def _list(desk: TicketDesk, check: Check) -> Handler:
    async def tickets(request: Request) -> Response:
        query = check(request, READ)
        wanted = [(FILTERS[name], value) for name, value in query.filters.items() if name in FILTERS]
        one = query.filters.get("ticketid")
        rows = desk.rows() if one is None else filter(None, [desk.row(one)])
        hits = (row for row in rows if all(str(pick(row)) == value for pick, value in wanted))
        page = [_ticket(row, query) for row in islice(hits, query.offset, query.offset + query.limit)]
        return _json(page if query.nulls else [without_nulls(item) for item in page])

    return tickets


def _ticket(row: Row, query: Query) -> Json:
    """CommunicationRead/Ticket. Comments and assignments only on demand."""
    lease = {
        "Id": row.id,
        "AssignmentEntity": {"Id": ENTITIES["LicenseAgreement"], "Code": "LicenseAgreement"},
        "EntityId": int(row.lease or 0),
    }
    assigned = bool(row.lease) and "includeassignmententity" in query.flags
    return {
        "Id": row.id,
        "IdNum": row.number,
        "TimeReceived": _stamp(row.received, row.id),
        "Subject": row.subject or None,
        "Content": row.content or None,
        "Department": {"Id": 1, "Name": "Mieterbetreuung"},
        "UserId": None,
        "Priority": _entry(PRIORITIES, row.priority),
        "Status": {"Id": int(row.status), "Code": row.status},
        "Source": {"Id": SOURCES[row.source][0], "Code": row.source},
        "Comments": [_note(note) for note in row.comments] if "includecomments" in query.flags else None,
        "MainAssignment": lease if assigned else None,
        "Assignment": [lease] if assigned else None,
    }


def _note(note: Note) -> Json:
    return {
        "Id": note.id,
        "CreatedAt": _stamp(note.at, note.id),
        "Content": note.content or None,
        "UserName": note.name or None,
        "UserId": USER[1] if note.from_api else 12,
        "CommentFromApi": note.from_api,
    }


def _entry(table: Mapping[str, int], key: int) -> Json:
    return {"Id": key, "Code": next(code for code, number in table.items() if number == key)}


def _stamp(at: datetime, key: int) -> str:
    """A moment; some carry microseconds, some do not."""
    return f"{at:%Y-%m-%dT%H:%M:%S}{f'.{at.microsecond:06d}' if key % 2 else ''}+0000"


def _catalogue(check: Check, entries: Mapping[str, int]) -> Handler:
    async def catalogue(request: Request) -> Response:
        query = check(request, CATALOGUE)
        rows = [{"Id": key, "Code": code} for code, key in entries.items()]
        return _json(rows[query.offset : query.offset + query.limit])

    return catalogue


def _create(desk: TicketDesk, check: Check) -> Handler:
    async def create(request: Request) -> Response:
        check(request, EDIT)
        data = _object(request)
        try:
            row = desk.create(**_draft(data))
        except Refused as error:
            raise HTTPException(400, str(error)) from None
        return _json({"Id": row.id, "IdNum": row.number}, 201)

    return create


def _draft(data: Json) -> dict[str, Any]:
    """What a ticket is made of. Raises Refused, naming the first thing that is wrong."""
    subject, content = data.get("Subject"), data.get("Content")
    source = next((code for code, (key, _) in SOURCES.items() if key == data.get("SourceId")), None)
    priority = data.get("PriorityId", 1)
    main = data.get("MainEntityAssignment") or {}
    if not isinstance(subject, str) or not subject.strip() or not isinstance(content, str):
        raise Refused("Subject and Content are required")
    if source is None:
        raise Refused("SourceId: unknown ticket source")
    if priority not in PRIORITIES.values():
        raise Refused("PriorityId: unknown priority")
    if main and main.get("AssignmentEntityId") not in ENTITIES.values():
        raise Refused("AssignmentEntityId: unknown entity")
    of_lease = main.get("AssignmentEntityId") == ENTITIES["LicenseAgreement"]
    return {
        "source": source,
        "subject": subject,
        "content": content,
        "lease": str(main.get("EntityId")) if of_lease else "",
        "priority": priority,
    }


def _comment(desk: TicketDesk, check: Check) -> Handler:
    async def comment(request: Request) -> Response:
        check(request, EDIT)
        data = _object(request)
        row, content = desk.row(str(data.get("TicketId"))), data.get("Content")
        if row is None or not isinstance(content, str) or not content.strip():
            raise HTTPException(400, "TicketId must name a ticket, and Content must not be empty")
        return _json({"Id": desk.comment(row, content, USER[0], from_api=True).id}, 201)

    return comment


def _changes(desk: TicketDesk, check: Check, hub: str) -> Handler:
    async def changes(request: Request) -> Response:
        query = check(request, hub)
        asked = query.filters.get("since", "")
        try:
            since = datetime.fromisoformat(asked) if asked else None
        except ValueError:
            since = datetime.min
        if since is not None and since.tzinfo is None:
            raise HTTPException(400, "since is no cursor of this list")
        found = desk.changes(since, query.limit + 1)
        page, more = found[: query.limit], len(found) > query.limit
        upcoming = page[-1]["changedAt"] if page else asked or datetime.min.isoformat() + "+00:00"
        return _json({"items": page, "next": upcoming, "more": more})

    return changes


def _sources(check: Check, hub: str) -> Handler:
    async def sources(request: Request) -> Response:
        query = check(request, hub)
        items = [
            {
                "code": code,
                "statuses": [{"code": s, "label": STATES[s][0], "final": STATES[s][1]} for s in states],
            }
            for code, (_, states) in SOURCES.items()
        ]
        return _json({"items": items[query.offset : query.offset + query.limit]})

    return sources


def _detail(desk: TicketDesk, check: Check, hub: str) -> Handler:
    async def detail(request: Request) -> Response:
        check(request, hub)
        return _json(_described(desk, _row(desk, request)))

    return detail


Write = Callable[[TicketDesk, Row, Request], None]


def _put(desk: TicketDesk, check: Check, hub: str, write: Write) -> Handler:
    async def put(request: Request) -> Response:
        check(request, hub)
        row = _row(desk, request)
        try:
            write(desk, row, request)
        except Refused as error:
            return _json({"code": error.code or "REJECTED", "Message": str(error)}, 400)
        return _json(_described(desk, row))

    return put


def _row(desk: TicketDesk, request: Request) -> Row:
    row = desk.row(unquote(request.path_params["id"]))
    if row is None:
        raise HTTPException(404, "no ticket with this id")
    return row


def _described(desk: TicketDesk, row: Row) -> Json:
    return {
        "id": row.id,
        "changedAt": row.changed.isoformat(),
        "category": row.category or None,
        "kind": desk.kind(row),
        "damageReport": row.damage_report or None,
        "hiddenComments": [note.id for note in row.comments if not note.visible],
        "documents": list(row.documents.values()),
    }


def _write_category(desk: TicketDesk, row: Row, request: Request) -> None:
    desk.set_category(row, str(_object(request).get("category")))


def _write_document(desk: TicketDesk, row: Row, request: Request) -> None:
    desk.link(row, unquote(request.path_params["document"]), _object(request))


def _write_damage(desk: TicketDesk, row: Row, _: Request) -> None:
    desk.report_damage(row)


_PARTS: Mapping[str, Write] = {
    "category": _write_category,
    "documents/{document}": _write_document,
    "damage-report": _write_damage,
}


def _object(request: Request) -> Json:
    try:
        data = orjson.loads(body(request))
    except orjson.JSONDecodeError:
        data = None
    if not isinstance(data, dict):
        raise HTTPException(400, "the body is no JSON object")
    return data


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
