"""An onOffice enterprise on loopback: one address, signed actions, and mailboxes and portals behind them.

It is written from the reference and shares no code with the client, so that a slip in one of them shows.
Everything lives in memory. What is not documented is a switch in ``sandbox_assumptions.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.onoffice import sandbox_backstage as backstage
from connectors.onoffice import sandbox_people as people
from connectors.onoffice.sandbox_envelope import answered, token_of
from connectors.onoffice.sandbox_seed import fill
from connectors.onoffice.sandbox_signing import php_json
from connectors.onoffice.sandbox_world import Rights, World
from connectors.sandbox.app import PartnerSandbox, body
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company
from connectors.sandbox.company_office import build_office

KEY = "onoffice"
PATH = "/api/stable/api.php"

_ACTS: Mapping[str, Callable[[World, Mapping[str, Any]], dict[str, Any]]] = {
    "address": people.set_address,
    "estate": people.set_estate,
    "user": people.set_user,
    "mailbox": backstage.set_mailbox,
    "portal": backstage.set_portal,
    "enquiry": backstage.enquire,
    "mail": backstage.send_mail,
    "open": backstage.open_mail,
    "field": lambda world, data: world.configuration.change_field(data),
    "key": lambda world, data: world.configuration.change_key(data),
}


def onoffice_sandbox(
    company: Company, clock: Clock, *, seed: int = 1, users: int = 0, estates: int = 0
) -> PartnerSandbox:
    """The onOffice of this company with at least so many users and active letting objects; token and secret
    follow from the seed."""
    world = fill(build_office(company, users=users, estates=estates), clock, seed)
    return PartnerSandbox(
        key=KEY,
        app=Starlette(routes=[Route(PATH, partial(_serve, world), methods=["GET", "POST"])]),
        ready=lambda url: {"url": f"{url}{PATH}", "token": world.token, "secret": world.secret},
        state=partial(people.state, world),
        act=partial(_act, world),
        account=lambda request: token_of(body(request)) or "anonymous",
        error_body=lambda status, message: {"status": {"code": 500, "errorcode": 1, "message": message}},
    )


async def _serve(world: World, request: Request) -> Response:
    if request.method == "GET" and world.assumptions.get_method == "refused":
        return JSONResponse({"status": {"code": 405, "errorcode": 1, "message": "Method not allowed"}}, 405)
    told = php_json(answered(world, request, body(request)))
    return Response(told, media_type="application/json")


def _act(world: World, entity: str, data: dict[str, Any]) -> Any:
    """What people do; ``transmission`` sends ``estate`` (an id, a list of ids, or ``all``) to the portals,
    ``rights``, ``quota`` and ``assumptions`` are set. Raises KeyError, ValueError."""
    if entity == "transmission":
        wanted = data["estate"]
        ids = list(world.estates) if wanted == "all" else wanted if isinstance(wanted, list) else [wanted]
        return backstage.transmit(world, [int(id_) for id_ in ids])
    if entity == "rights":
        known = {field.name for field in fields(Rights)}
        for name, value in data.items():
            if name not in known:
                raise ValueError(f"unknown right {name!r}, known are {', '.join(sorted(known))}")
            setattr(world.rights, name, bool(value))
        return asdict(world.rights)
    if entity == "quota":
        world.quota = int(data["all"])
        return people.state(world, "quota")
    if entity == "assumptions":
        return world.assumptions.change(data)
    return _ACTS[entity](world, data)
