"""The panels of the main screen. A panel's module is imported when the panel is first wanted: what is seen at
the start shall not wait for the others."""

from __future__ import annotations

from importlib import import_module

from console.actions import EVERY
from console.cockpit import Cockpit
from console.screens.panel import Panel

_CLASSES = {
    "overview": "OverviewPanel",
    "differences": "DifferencesPanel",
    "tickets": "TicketsPanel",
    "checklists": "ChecklistsPanel",
    "credentials": "CredentialsPanel",
    "protocol": "ProtocolPanel",
    "chain": "ChainPanel",
}


def load() -> None:
    """Import all panels, and what their work needs; for a worker thread."""
    for scope in EVERY:
        _class(scope)
    import_module("console.session")


def make(scope: str, cockpit: Cockpit) -> Panel:
    """A new panel."""
    return _class(scope)(cockpit)


def _class(scope: str) -> type[Panel]:
    found: type[Panel] = getattr(import_module(f"console.screens.{scope}"), _CLASSES[scope])
    return found
