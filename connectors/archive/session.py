"""Logging in to Archiv kompakt: password token with a scope, and one renewal for all calls at once."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from connectors.answers import Reply
from connectors.http import Http
from connectors.payload import Node
from connectors.problems import Failure, Owner, Problem, Trouble

TOKEN_PATH = "/Token"  # noqa: S105  (a path)
BAD_PAYLOAD = "archive.bad_payload"


@dataclass(frozen=True, slots=True, eq=False)
class _Token:
    """What the server gave us; compared by identity, so that a renewal is seen."""

    access: str = field(repr=False)


class Session:
    """Sends requests with ``Authorization: Bearer`` and ``access_token``, logging in when needed."""

    def __init__(self, http: Http, secrets: Mapping[str, str]) -> None:
        self._http = http
        self._secrets = secrets
        self._lock = asyncio.Lock()
        self._token: _Token | None = None

    async def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        file: BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
        write: bool = False,
    ) -> Reply:
        """Send once; a 401 never took effect, so it is sent again after one new login. Raises Failure."""
        token = await self._logged_in(None)
        for last in (False, True):
            own = {"authorization": f"Bearer {token.access}", "access_token": token.access}
            try:
                return await self._http.send(
                    method, path, json=json, file=file, headers={**(headers or {}), **own}, write=write
                )
            except Failure as failure:
                if failure.problem.status != 401 or last:
                    raise
            token = await self._logged_in(token)
        raise AssertionError("the last round returns or raises")

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._http.aclose()

    async def _logged_in(self, refused: _Token | None) -> _Token:
        """The token in force, a new one where there is none or only the refused one. Raises Failure."""
        async with self._lock:
            if self._token is None or self._token is refused:
                self._token = await self._log_in()
            return self._token

    async def _log_in(self) -> _Token:
        known = self._secrets
        form = {
            "grant_type": "password",
            "username": known.get("username", ""),
            "password": known.get("password", ""),
            "scope": known.get("scope", ""),
        }
        client = (known.get("client_id", ""), known.get("client_secret", ""))
        refused = None
        try:
            reply = await self._http.send("POST", TOKEN_PATH, form=form, auth=client)
        except Failure as failure:
            if failure.problem.status not in (400, 401):
                raise
            refused = failure.problem
        if refused is not None:
            raise Failure(
                Problem(
                    "archive.login_refused",
                    Trouble.CREDENTIALS,
                    Owner.CONSULTANT,
                    where=refused.where,
                    status=refused.status,
                )
            )
        access = Node.of(reply, BAD_PAYLOAD).key("access_token")
        self._http.conceal(access)
        return _Token(access)
