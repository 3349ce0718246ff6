"""Logging in to OPENWOWI and its hub: password token, refresh, one renewal for all calls that need it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from connectors.contract import Limits
from connectors.http import Http, Params, Reply, open_http
from connectors.partner import Connection
from connectors.problems import Failure, Owner, Problem, Trouble

TOKEN_PATH = "/oauth2/token"  # noqa: S105  (a path)


@dataclass(frozen=True, slots=True, eq=False)
class Token:
    """What the server gave us; compared by identity, so that a renewal is seen."""

    access: str = field(repr=False)
    refresh: str | None = field(repr=False)


class Session:
    """Sends requests with ``Authorization: Bearer`` and ``apiKey``, logging in when needed."""

    def __init__(self, http: Http, secrets: Mapping[str, str]) -> None:
        self._http = http
        self._secrets = secrets
        self._lock = asyncio.Lock()
        self._token: Token | None = None

    async def get(self, path: str, params: Params, headers: Mapping[str, str] | None = None) -> Reply:
        """GET once; ``headers`` are sent beside our own. Raises Failure."""
        return await self._send("GET", path, params, headers)

    async def write(self, method: str, path: str, record: Mapping[str, Any]) -> Reply:
        """PUT or POST a record once. Raises Failure; its problem tells whether it may have arrived."""
        return await self._send(method, path, {}, json=record)

    async def _send(
        self,
        method: str,
        path: str,
        params: Params,
        headers: Mapping[str, str] | None = None,
        json: Mapping[str, Any] | None = None,
    ) -> Reply:
        """Send once; a 401, which never took effect, is answered with a refreshed token, then with a new
        login, then it counts. Raises Failure."""
        token = await self.login()
        for renew in (self._refresh, self._log_in, None):
            try:
                return await self._http.send(
                    method,
                    path,
                    params={**params, "apiKey": self._secrets.get("api_key", "")},
                    json=json,
                    headers={
                        "Accept": "application/json",
                        **(headers or {}),
                        "Authorization": f"Bearer {token.access}",
                    },
                    write=json is not None,
                )
            except Failure as failure:
                if failure.problem.status != 401 or renew is None:
                    raise
            async with self._lock:
                if self._token is token or self._token is None:  # else another call was faster
                    self._token = await renew(token)
                token = self._token
        raise AssertionError("the last round returns or raises")

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._http.aclose()

    async def login(self) -> Token:
        """The token in force, after a login where there is none. Raises Failure."""
        async with self._lock:
            if self._token is None:
                self._token = await self._log_in(None)
            return self._token

    async def _log_in(self, _: Token | None) -> Token:
        return await self._grant(
            {
                "grant_type": "password",
                "username": self._secrets.get("username", ""),
                "password": self._secrets.get("password", ""),
            }
        )

    async def _refresh(self, token: Token) -> Token:
        """A token by the refresh token; by a new login where there is none or it has run out."""
        if token.refresh is None:
            return await self._log_in(None)
        try:
            return await self._grant({"grant_type": "refresh_token", "refresh_token": token.refresh})
        except Failure as failure:
            if failure.problem.trouble is not Trouble.CREDENTIALS:
                raise
            return await self._log_in(None)

    async def _grant(self, form: Mapping[str, str]) -> Token:
        try:
            reply = await self._http.send("POST", TOKEN_PATH, form=form)
        except Failure as failure:
            if failure.problem.status in (400, 401):
                problem = Problem(
                    "erp.login_refused",
                    Trouble.CREDENTIALS,
                    Owner.CONSULTANT,
                    where=failure.problem.where,
                    status=failure.problem.status,
                )
                raise Failure(problem) from None
            raise
        return self._read(reply.json())

    def _read(self, answer: object) -> Token:
        access = answer.get("access_token") if isinstance(answer, dict) else None
        refresh = answer.get("refresh_token") if isinstance(answer, dict) else None
        if not isinstance(access, str) or not access or not isinstance(refresh, str | None):
            raise Failure(
                Problem(
                    "erp.bad_payload", Trouble.PAYLOAD, Owner.ERP_VENDOR, where=f"{TOKEN_PATH}:access_token"
                )
            )
        self._http.conceal(access)
        self._http.conceal(refresh or "")
        return Token(access, refresh or None)


def open_session(connection: Connection, limits: Limits) -> Session:
    """A session with the host of an OPENWOWI address, whatever its path; nothing is sent yet."""
    parts = urlsplit(connection.url)
    root = replace(connection, url=f"{parts.scheme}://{parts.netloc}")
    return Session(open_http(root, limits, connection.secrets.get("username", "")), connection.secrets)
