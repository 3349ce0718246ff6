"""Logging in to Archiv kompakt: password token with a scope, and one renewal for all calls at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from connectors.answers import Reply
from connectors.bearer import Bearer, access_token
from connectors.http import Http

TOKEN_PATH = "/Token"  # noqa: S105  (a path)
BAD_PAYLOAD = "archive.bad_payload"


class Session:
    """Sends requests with ``Authorization: Bearer`` and ``access_token``, logging in when needed."""

    def __init__(self, http: Http, secrets: Mapping[str, str]) -> None:
        self._http = http
        self._secrets = secrets
        self._bearer = Bearer(self._log_in)

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

        async def call(access: str) -> Reply:
            own = {"authorization": f"Bearer {access}", "access_token": access}
            return await self._http.send(
                method, path, json=json, file=file, headers={**(headers or {}), **own}, write=write
            )

        return await self._bearer.send(call)

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._http.aclose()

    async def _log_in(self) -> str:
        known = self._secrets
        form = {
            "grant_type": "password",
            "username": known.get("username", ""),
            "password": known.get("password", ""),
            "scope": known.get("scope", ""),
        }
        client = (known.get("client_id", ""), known.get("client_secret", ""))
        return await access_token(self._http, "archive", TOKEN_PATH, form=form, auth=client)
