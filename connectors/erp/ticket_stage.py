"""How the ERP double plays a clerk in an acceptance ticket: bodies of its control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.ticketing import Act, Cue, Stage


def _status(cue: Cue) -> tuple[str, dict[str, Any]]:
    return "ticket", {"id": cue.ticket, "do": "status", "status": cue.code}


def _comment(cue: Cue) -> tuple[str, dict[str, Any]]:
    return "ticket", {"id": cue.ticket, "do": "comment", "text": cue.text, "visible": True}


def _born(cue: Cue) -> tuple[str, dict[str, Any]]:
    """The very source of the partner's tickets: if any were sent, it would be this one."""
    fields = {"subject": cue.subject, "text": cue.text, "contract": cue.contract, "source": cue.source}
    return "ticket", {"do": "create", "fields": {name: value for name, value in fields.items() if value}}


def _delete(cue: Cue) -> tuple[str, dict[str, Any]]:
    return "ticket", {"id": cue.ticket, "do": "delete"}


STAGE: Mapping[Act, Stage] = {
    Act.STATUS: _status,
    Act.COMMENT: _comment,
    Act.BORN: _born,
    Act.DELETE: _delete,
}
