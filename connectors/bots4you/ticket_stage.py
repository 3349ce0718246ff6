"""How the Bots4You double plays a caller in an acceptance ticket: bodies of its control API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.ticketing import Act, Cue, Stage


def _report(cue: Cue) -> tuple[str, dict[str, Any]]:
    return "ticket", {
        "reference": cue.reference,
        "categoryId": cue.code,
        "kind": "ANLIEGEN",
        "contractNumber": cue.contract,
        "channel": "chat",
        "subject": cue.subject,
        "description": cue.text,
        "transcript": "",
    }


STAGE: Mapping[Act, Stage] = {Act.REPORT: _report}
"""A caller has nothing to attach and does not answer."""
