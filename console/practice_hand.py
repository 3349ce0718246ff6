"""The hand of the practice company's people: it tells the sandbox what they do."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from connectors.calllog import CallLog
from connectors.contract import Limits
from connectors.http import Http
from connectors.network import Network

UNLIMITED = Limits(1000.0, 1000)


async def act(control: str, partner: str, entity: str, body: dict[str, Any], log: CallLog) -> None:
    """Have somebody at a partner do something; ``control`` is the address of the sandboxes' own API.

    Raises Failure.
    """
    http = Http("sandbox", control, network=Network(), log=log, limits=UNLIMITED)
    try:
        path = f"/objects/{quote(partner, safe='')}/{quote(entity, safe='')}"
        await http.send("POST", path, json=body, write=True)
    finally:
        await http.aclose()
