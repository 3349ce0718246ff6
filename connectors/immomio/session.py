"""Logging in to Immomio: a bearer token of 60 minutes, and one renewal for all calls that need it at once.

The form of all this is assumed, see ``wire.py``.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from connectors.answers import Reply
from connectors.bearer import Bearer, access_token
from connectors.http import Http, Params

TOKEN_PATH = "/auth/token"  # noqa: S105  (a path)
BAD_PAYLOAD = "immomio.bad_payload"


class Session:
    """Sends requests with ``Authorization: Bearer``, logging in when needed."""

    def __init__(self, http: Http, username: str, password: str) -> None:
        self._http = http
        self._username = username
        self._password = password
        self._bearer = Bearer(self._log_in)

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

        async def call(access: str) -> Reply:
            own = headers | {"authorization": f"Bearer {access}"}
            return await self._http.send(
                method, path, params=params, json=json, file=file, headers=own, write=write
            )

        return await self._bearer.send(call)

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._http.aclose()

    async def _log_in(self) -> str:
        body = {"username": self._username, "password": self._password}
        return await access_token(self._http, "immomio", TOKEN_PATH, json=body)
