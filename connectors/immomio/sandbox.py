"""An Immomio of our own on loopback: the assumed wire form of ``client.py``, written down a second time.

It shares no code with the client nor with the writer of OpenImmo, so that a slip in one of them shows.
Everything lives in memory; an account on the old DIT system also has a real FTP server beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from connectors.immomio.sandbox_account import NAME, TOKEN_SECONDS, Account, Tokens, secret, token_of
from connectors.immomio.sandbox_applications import Applications
from connectors.immomio.sandbox_documents import document_routes
from connectors.immomio.sandbox_form import answer, form_page
from connectors.immomio.sandbox_openimmo import Unreadable
from connectors.immomio.sandbox_records import Fields, Refusal, Shelf
from connectors.immomio.sandbox_requests import id_of, json_of, moment_of, page_of
from connectors.immomio.sandbox_ticket_calls import ticket_routes
from connectors.immomio.sandbox_tickets import Tickets
from connectors.immomio.sandbox_vacancies import Spoiling, Vacancies, now
from connectors.sandbox.app import Beside, PartnerSandbox, body, form
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import rejects, rewrite

KEY = "immomio"
RATE = (20.0, 20)
"""Requests per second and burst, per account."""
BULK = 200
_ZIP = ("application/zip", "application/x-zip-compressed")
_XML = ("application/xml", "text/xml")


def immomio_sandbox(clock: Clock, *, seed: int = 1, dit: bool = False, bulk: bool = True) -> PartnerSandbox:
    """An empty Immomio account; its credentials follow from the seed.

    ``dit``: the account is on the old system. A real FTP server is there in any case, explicit FTPS where the
    sandboxes serve with TLS. ``bulk``: whether many records may be sent at once.
    """
    vacancies = Vacancies(clock)
    account = Account(
        username=f"einzug-{seed}",
        password=secret("api", seed),
        clock=clock,
        vacancies=vacancies,
        applications=Applications(clock, vacancies, seed),
        tickets=Tickets(clock, seed),
        tokens=Tokens(clock),
        dit=dit,
        bulk=bulk,
    )
    return PartnerSandbox(
        key=KEY,
        app=Starlette(routes=_routes(account), exception_handlers={Refusal: _refused, HTTPException: _http}),
        ready=partial(_ready, account),
        state=account.state,
        act=account.act,
        account=lambda request: account.username if account.tokens.knows(token_of(request)) else "anonymous",
        rate=RATE,
        error_body=lambda status, message: {"error": f"status_{status}"},
        beside=partial(_beside, account, seed),
    )


def _ready(account: Account, url: str) -> dict[str, Any]:
    account.vacancies.base = url
    return {"url": url, "username": account.username, "password": account.password}


def _beside(account: Account, seed: int, shared: Beside) -> AbstractContextManager[dict[str, Any]]:
    from connectors.immomio.sandbox_ftp import FtpAccount, ftp_server  # late: it brings the FTP library

    login = FtpAccount(f"ftp-{seed}", secret("ftp", seed))
    return ftp_server(account, login, shared)


def _routes(account: Account) -> list[Route]:
    routes = [
        Route("/auth/token", partial(_token, account), methods=["POST"]),
        Route("/me", partial(_me, account), methods=["GET"]),
        Route("/vacancies/import", partial(_import, account), methods=["PUT"]),
        Route("/vacancies", partial(_vacancies, account), methods=["GET"]),
        Route("/vacancies/{id}", partial(_vacancy, account), methods=["GET"]),
        Route("/applications", partial(_applications, account), methods=["GET"]),
        Route("/applications/{id}", partial(_application, account), methods=["GET"]),
        Route("/apply/{id}", partial(_form, account), methods=["GET"]),
        Route("/apply/{id}", partial(_apply, account), methods=["POST"]),
        *document_routes(account),
        *ticket_routes(account),
    ]
    for shelf in account.shelves.values():
        path = f"/{shelf.right}"
        routes.append(Route(path, partial(_list, account, shelf), methods=["GET"]))
        routes.append(Route(f"{path}/bulk", partial(_bulk, account, shelf), methods=["POST"]))
        routes += [
            Route(f"{path}/{{id}}", partial(handler, account, shelf), methods=[method])
            for method, handler in (("GET", _get), ("PUT", _put), ("DELETE", _delete))
        ]
    return routes


async def _token(account: Account, request: Request) -> Response:
    data = json_of(request)
    given = (data.get("username"), data.get("password")) if isinstance(data, dict) else None
    if given != (account.username, account.password):
        raise Refusal(401, "invalid_credentials")
    answered = {"access_token": account.tokens.issue(), "token_type": "Bearer", "expires_in": TOKEN_SECONDS}
    return JSONResponse(answered, headers={"cache-control": "no-store"})


async def _me(account: Account, request: Request) -> Response:
    account.admit(request)
    system = "DIT" if account.dit else "CORE"
    return JSONResponse({"account": NAME, "system": system, "rights": sorted(account.rights)})


async def _list(account: Account, shelf: Shelf, request: Request) -> Response:
    account.admit(request, f"{shelf.right}:read")
    return JSONResponse(shelf.page(*page_of(request)))


async def _get(account: Account, shelf: Shelf, request: Request) -> Response:
    account.admit(request, f"{shelf.right}:read")
    return JSONResponse(shelf.one(id_of(request)))


async def _put(account: Account, shelf: Shelf, request: Request) -> Response:
    account.admit(request, f"{shelf.right}:write")
    id_, fields = id_of(request), json_of(request)
    if isinstance(fields, dict) and fields.pop("externalId", id_) != id_:
        raise Refusal(422, "other_id", "externalId")
    shelf.check(id_, fields)
    status = shelf.put(id_, rewrite(request, fields), now(account.clock))
    return JSONResponse(shelf.records[id_], status)


async def _delete(account: Account, shelf: Shelf, request: Request) -> Response:
    account.admit(request, f"{shelf.right}:write")
    shelf.remove(id_of(request))
    return Response(status_code=204)


async def _bulk(account: Account, shelf: Shelf, request: Request) -> Response:
    account.admit(request, f"{shelf.right}:write")
    if not account.bulk:
        raise Refusal(403, "bulk_not_enabled")
    data = json_of(request)
    items = data.get("items") if isinstance(data, dict) else None
    if not isinstance(items, list):
        raise Refusal(400, "bad_body")
    if len(items) > BULK:
        raise Refusal(413, "too_many")
    return JSONResponse({"results": [_one(account, shelf, request, item) for item in items]})


def _one(account: Account, shelf: Shelf, request: Request, item: Any) -> Fields:
    """Store one item of a bulk call; its result."""
    fields = dict(item) if isinstance(item, dict) else {}
    id_ = fields.pop("externalId", None)
    try:
        _check_id(request, id_)
        shelf.check(id_, fields)
    except Refusal as refusal:
        return refusal.error | {"externalId": id_, "status": refusal.status}
    return {"externalId": id_, "status": shelf.put(id_, rewrite(request, fields), now(account.clock))}


def _check_id(request: Request, id_: Any) -> None:
    if not isinstance(id_, str) or not id_:
        raise Refusal(422, "missing_field", "externalId")
    if rejects(request, id_):
        raise Refusal(422, "rejected")


async def _import(account: Account, request: Request) -> Response:
    account.admit(request, "vacancies:write")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _ZIP + _XML:
        raise Refusal(415, "unknown_format")
    spoiling = Spoiling(partial(rejects, request), partial(rewrite, request))
    try:
        results = account.vacancies.take(body(request), kind in _ZIP, spoiling)
    except Unreadable:
        raise Refusal(422, "unreadable") from None
    return JSONResponse({"results": results})


async def _vacancies(account: Account, request: Request) -> Response:
    account.admit(request, "vacancies:read")
    return JSONResponse(account.vacancies.page(*page_of(request)))


async def _vacancy(account: Account, request: Request) -> Response:
    account.admit(request, "vacancies:read")
    return JSONResponse(account.vacancies.shown(id_of(request)))


async def _applications(account: Account, request: Request) -> Response:
    account.admit(request, "applications:read")
    query = request.query_params
    page = account.applications.page(*page_of(request), query.get("state"), moment_of(query.get("since")))
    return JSONResponse(page)


async def _application(account: Account, request: Request) -> Response:
    account.admit(request, "applications:read")
    return JSONResponse(account.applications.one(id_of(request)))


async def _form(account: Account, request: Request) -> Response:
    vacancy = account.vacancies.shown(id_of(request))
    return HTMLResponse(form_page(vacancy))


async def _apply(account: Account, request: Request) -> Response:
    vacancy = account.vacancies.shown(id_of(request))
    return HTMLResponse(answer(account.applications, vacancy, form(request)))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101  (registered for it alone)
    headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse(error.error, error.status, headers)


async def _http(request: Request, error: Exception) -> Response:
    """A path or method that does not exist, worded like every other refusal."""
    assert isinstance(error, HTTPException)  # noqa: S101  (registered for it alone)
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, f"status_{error.status_code}")
    headers: Mapping[str, str] | None = error.headers
    return JSONResponse({"error": code}, error.status_code, headers)
