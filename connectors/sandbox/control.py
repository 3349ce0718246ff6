"""The sandbox's own API: look into partners, act as their people, arm faults, move the clock."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, Faults
from connectors.sandbox.traffic import RequestLog


@dataclass(frozen=True, slots=True)
class Controlled:
    """Everything the control API reaches; partners and logs by partner key."""

    partners: Mapping[str, PartnerSandbox]
    faults: Faults
    clock: Clock
    logs: Mapping[str, RequestLog]


def control_app(controlled: Controlled) -> Starlette:
    """The control API. Errors are ``{"error": ...}``: 400 for impossible input, 404 for unknown things."""
    app = Starlette(
        routes=[
            Route("/state/{partner}", _state, methods=["GET"]),
            Route("/state/{partner}/{entity}", _state, methods=["GET"]),
            Route("/objects/{partner}/{entity}", _act, methods=["POST"]),
            Route("/faults", _faults, methods=["GET"]),
            Route("/faults", _arm, methods=["POST"]),
            Route("/faults", _disarm_all, methods=["DELETE"]),
            Route("/faults/{id}", _disarm, methods=["DELETE"]),
            Route("/clock", _now, methods=["GET"]),
            Route("/clock", _advance, methods=["POST"]),
            Route("/requests/{partner}", _requests, methods=["GET"]),
            Route("/requests/{partner}", _forget, methods=["DELETE"]),
        ],
        exception_handlers={HTTPException: _error},
    )
    app.state.controlled = controlled
    return app


async def _error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _json({"error": getattr(error, "detail", "internal error")}, status)


def _json(value: Any, status: int = 200) -> Response:
    """An answer in JSON; what JSON does not know (dates, decimals) becomes its text."""
    return Response(json.dumps(value, default=str), status, media_type="application/json")


def _controlled(request: Request) -> Controlled:
    controlled: Controlled = request.app.state.controlled
    return controlled


def _partner(request: Request) -> PartnerSandbox:
    partners = _controlled(request).partners
    key = request.path_params["partner"]
    if key not in partners:
        raise HTTPException(404, f"unknown partner {key!r}, served are {', '.join(partners)}")
    return partners[key]


async def _payload(request: Request) -> Any:
    try:
        return json.loads(await request.body())
    except (ValueError, RecursionError):
        raise HTTPException(400, "the body is no JSON") from None


async def _state(request: Request) -> Response:
    partner = _partner(request)
    entity = request.path_params.get("entity")
    try:
        return _json(partner.state(entity))
    except KeyError:
        raise HTTPException(404, f"{partner.key} has no entity {entity!r}") from None


async def _act(request: Request) -> Response:
    partner = _partner(request)
    entity = request.path_params["entity"]
    data = await _payload(request)
    if not isinstance(data, dict):
        raise HTTPException(400, "the body is no JSON object")
    try:
        return _json(partner.act(entity, data))
    except KeyError as error:
        raise HTTPException(404, f"{partner.key}/{entity}: unknown {error}") from None
    except (ValueError, TypeError) as error:
        raise HTTPException(400, f"{partner.key}/{entity}: {error}") from None


async def _faults(request: Request) -> Response:
    return _json(_controlled(request).faults.listing())


async def _arm(request: Request) -> Response:
    """Arm one fault (answers its ``id``) or a list of them (answers ``ids``), all or none."""
    faults = _controlled(request).faults
    data = await _payload(request)
    try:
        wanted = [Fault.from_json(item) for item in (data if isinstance(data, list) else [data])]
        for fault in wanted:
            faults.check(fault)
    except ValueError as error:
        raise HTTPException(400, str(error)) from None
    ids = [faults.add(fault) for fault in wanted]
    return _json({"ids": ids} if isinstance(data, list) else {"id": ids[0]})


async def _disarm_all(request: Request) -> Response:
    _controlled(request).faults.clear()
    return Response(status_code=204)


async def _disarm(request: Request) -> Response:
    key = request.path_params["id"]
    try:
        _controlled(request).faults.remove(key)
    except KeyError:
        raise HTTPException(404, f"no fault {key!r}") from None
    return Response(status_code=204)


async def _now(request: Request) -> Response:
    clock = _controlled(request).clock
    return _json({"now": clock.now().isoformat(), "advanced_s": clock.advanced})


async def _advance(request: Request) -> Response:
    data = await _payload(request)
    seconds = data.get("advance_s") if isinstance(data, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        raise HTTPException(400, 'expected {"advance_s": NUMBER}')
    try:
        _controlled(request).clock.advance(seconds)
    except ValueError as error:
        raise HTTPException(400, str(error)) from None
    return await _now(request)


async def _requests(request: Request) -> Response:
    """The recorded requests, narrowed by method and path globs, status and ``since`` (a number already seen).

    With ``count=1`` only how many: ``count`` of the narrowed ones, ``last`` number, and ``by`` method, route
    and status over all.
    """
    log = _controlled(request).logs[_partner(request).key]
    query = request.query_params
    method, path = query.get("method", "*").upper(), query.get("path", "*")
    since, status = _whole(query.get("since", "0"), "since"), query.get("status")
    answered = None if status is None else _whole(status, "status")
    if query.get("count", "0") not in ("0", ""):
        number = log.count(method, path, answered, since)
        return _json({"count": number, "last": log.last, "by": log.counters()})
    return _json([entry.to_json() for entry in log.entries(method, path, answered, since)])


async def _forget(request: Request) -> Response:
    _controlled(request).logs[_partner(request).key].clear()
    return Response(status_code=204)


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise HTTPException(400, f"{name} must be a whole number")
    return int(text)
