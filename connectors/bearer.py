"""A bearer token for all calls of a connector: one login for those that need it at once, one more after a
401."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from connectors.answers import Reply
from connectors.http import Http
from connectors.payload import Node
from connectors.problems import Failure, Owner, Problem, Trouble


@dataclass(frozen=True, slots=True, eq=False)
class _Token:
    """What the server gave us; compared by identity, so that a renewal is seen."""

    access: str = field(repr=False)


class Bearer:
    """Keeps the token in force; ``log_in`` gets a new one."""

    def __init__(self, log_in: Callable[[], Awaitable[str]]) -> None:
        self._log_in = log_in
        self._lock = asyncio.Lock()
        self._token: _Token | None = None

    async def send(self, call: Callable[[str], Awaitable[Reply]]) -> Reply:
        """Make a call with the token. A 401 never took effect, so it is made again after one new login.

        Raises Failure.
        """
        token = await self._logged_in(None)
        for last in (False, True):
            try:
                return await call(token.access)
            except Failure as failure:
                if failure.problem.status != 401 or last:
                    raise
            token = await self._logged_in(token)
        raise AssertionError("the last round returns or raises")

    async def _logged_in(self, refused: _Token | None) -> _Token:
        """The token in force, a new one where there is none or only the refused one. Raises Failure."""
        async with self._lock:
            if self._token is None or self._token is refused:
                self._token = _Token(await self._log_in())
            return self._token


async def access_token(http: Http, partner: str, path: str, **how: Any) -> str:
    """Log in by one POST (``how`` as for ``Http.send``); the token is never shown.

    Raises Failure, ``PARTNER.login_refused`` for credentials that are not taken.
    """
    refused = None
    try:
        reply = await http.send("POST", path, **how)
    except Failure as failure:
        if failure.problem.status not in (400, 401):
            raise
        refused = failure.problem
    if refused is not None:
        code, where, status = f"{partner}.login_refused", refused.where, refused.status
        raise Failure(Problem(code, Trouble.CREDENTIALS, Owner.CONSULTANT, where=where, status=status))
    access = Node.of(reply, f"{partner}.bad_payload").key("access_token")
    http.conceal(access)
    return access
