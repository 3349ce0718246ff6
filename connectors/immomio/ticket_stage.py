"""How the Immomio double plays a tenant in an acceptance ticket: bodies of its control API."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from connectors.ticketing import Act, Cue, Stage

PICTURE = {"name": "abnahmetest.txt", "base64": base64.b64encode(b"Abnahmetest\n" * 512).decode()}
"""A file whose content tells nothing of anybody."""


def _report(cue: Cue) -> tuple[str, dict[str, Any]]:
    return "ticket", {
        "reference": cue.reference,
        "category": cue.code,
        "kind": "REQUEST",
        "contract": cue.contract,
        "subject": cue.subject,
        "text": cue.text,
        "attachments": [PICTURE],
    }


def _attach(cue: Cue) -> tuple[str, dict[str, Any]]:
    return "ticket", {"id": cue.ticket, "do": "attach", "attachments": [PICTURE]}


def _reply(cue: Cue) -> tuple[str, dict[str, Any]]:
    return "ticket", {"id": cue.ticket, "do": "comment", "author": "TENANT", "text": cue.text}


STAGE: Mapping[Act, Stage] = {Act.REPORT: _report, Act.ATTACH: _attach, Act.REPLY: _reply}
