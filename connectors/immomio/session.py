"""Logging in to Immomio: a bearer token of 60 minutes, and one renewal for all calls that need it at once.

The form of all this is assumed, see ``wire.py``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from connectors.answers import Reply
from connectors.http import Http, Params
from connectors.payload import Node
from connectors.problems import Failure, Owner, Problem, Trouble

TOKEN_PATH = "/auth/token"  # noqa: S105  (a path)
BAD_PAYLOAD = "immomio.bad_payload"


@dataclass(frozen=True, slots=True, eq=False)
class _Token:
    """What the server gave us; compared by identity, so that a renewal is seen."""

    access: str = field(repr=False)


class Session:
    """Sends requests with ``Authorization: Bearer``, logging in when needed."""

    def __init__(self, http: Http, username: str, password: str) -> None:
        self._http = http
        self._username = username
        self._password = password
        self._lock = asyncio.Lock()
        self._token: _Token | None = None

    @property
    def secrets(self) -> tuple[str, str]:
        """What may not be shown: user name and password."""
        return self._username, self._password

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Params | None = None,
        json: Any = None,
        file: BinaryIO | None = None,
        media: str = "",
        part: tuple[int, int] | None = None,
        write: bool = False,
    ) -> Reply:
        """Send once; a 401 never took effect, so it is sent again after one new login. Raises Failure.

        ``part`` asks for these bytes of a file only, the first and the last of them.
        """
        headers = {"content-type": media} if media else {}
        if part is not None:
            headers |= {"accept": "*/*", "range": f"bytes={part[0]}-{part[1]}"}
        token = await self._logged_in(None)
        for last in (False, True):
            headers["authorization"] = f"Bearer {token.access}"
            try:
                return await self._http.send(
                    method, path, params=params, json=json, file=file, headers=headers, write=write
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
        body = {"username": self._username, "password": self._password}
        refused = None
        try:
            reply = await self._http.send("POST", TOKEN_PATH, json=body)
        except Failure as failure:
            if failure.problem.status not in (400, 401):
                raise
            refused = failure.problem
        if refused is not None:
            raise Failure(
                Problem(
                    "immomio.login_refused",
                    Trouble.CREDENTIALS,
                    Owner.CONSULTANT,
                    where=refused.where,
                    status=refused.status,
                )
            )
        access = Node.of(reply, BAD_PAYLOAD).key("access_token")
        self._http.conceal(access)
        return _Token(access)
