"""The calls of the Immomio double that concern tickets."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.immomio.sandbox_attachments import MOST_SUMMED
from connectors.immomio.sandbox_records import Refusal
from connectors.immomio.sandbox_requests import id_of, json_of, moment_of, page_of
from connectors.sandbox.faults import rejects, rewrite

if TYPE_CHECKING:
    from connectors.immomio.sandbox_account import Account

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})", re.ASCII)


def ticket_routes(account: Account) -> list[Route]:
    """Where the calls go."""
    one = "/tickets/{id}"
    return [
        Route("/tickets", partial(_list, account), methods=["GET"]),
        Route("/tickets", partial(_make, account), methods=["POST"]),
        Route(one, partial(_get, account), methods=["GET"]),
        Route(one, partial(_patch, account), methods=["PATCH"]),
        Route(one, partial(_delete, account), methods=["DELETE"]),
        Route(f"{one}/comments", partial(_comment, account), methods=["POST"]),
        Route(f"{one}/attachments/{{file}}", partial(_file, account), methods=["GET"]),
    ]


async def _list(account: Account, request: Request) -> Response:
    account.admit(request, "tickets:read")
    query = request.query_params
    since = moment_of(query.get("changedSince"))
    return JSONResponse(account.tickets.page(*page_of(request), since, query.get("reference")))


async def _get(account: Account, request: Request) -> Response:
    account.admit(request, "tickets:read")
    return JSONResponse(account.tickets.one(id_of(request)))


async def _make(account: Account, request: Request) -> Response:
    account.admit(request, "tickets:write")
    given = json_of(request)
    if isinstance(given, dict):
        if rejects(request, str(given.get("reference"))):
            raise Refusal(422, "rejected")
        given = rewrite(request, given)
    return JSONResponse(account.tickets.make(given), 201)


async def _patch(account: Account, request: Request) -> Response:
    account.admit(request, "tickets:write")
    given = json_of(request)
    if not isinstance(given, dict) or set(given) != {"status"}:
        raise Refusal(422, "wrong_fields")
    return JSONResponse(account.tickets.set_status(id_of(request), rewrite(request, given)["status"]))


async def _delete(account: Account, request: Request) -> Response:
    account.admit(request, "tickets:write")
    account.tickets.remove(id_of(request))
    return Response(status_code=204)


async def _comment(account: Account, request: Request) -> Response:
    account.admit(request, "tickets:write")
    given = json_of(request)
    given = rewrite(request, given) if isinstance(given, dict) else given
    return JSONResponse(account.tickets.add_comment(id_of(request), given), 201)


async def _file(account: Account, request: Request) -> Response:
    """The bytes of a file: the part a Range header asks for, all of them where it asks for none."""
    account.admit(request, "tickets:read")
    file = account.tickets.file(id_of(request), unquote(request.path_params["file"]))
    headers = {"x-checksum-md5": file.md5} if file.md5 else {}
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    kind = "application/octet-stream"
    if match is None:
        if file.size > MOST_SUMMED:
            raise Refusal(413, "too_large")
        return Response(file.part(0, file.size), headers=headers, media_type=kind)
    first, last = int(match[1]), min(int(match[2]), file.size - 1, int(match[1]) + MOST_SUMMED)
    if first > last:
        return Response(status_code=416, headers={"content-range": f"bytes */{file.size}"})
    headers["content-range"] = f"bytes {first}-{last}/{file.size}"
    return Response(file.part(first, last), 206, headers, kind)
