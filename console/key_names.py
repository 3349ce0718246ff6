"""Keys as people write them."""

from __future__ import annotations

from console.i18n import N_, _

_NAMES = {
    "question_mark": "?",
    "slash": "/",
    "space": N_("Space"),
    "enter": "⏎",
    "escape": "Esc",
    "backspace": "⌫",
    "up": "↑",
    "down": "↓",
    "pageup": N_("PgUp"),
    "pagedown": N_("PgDn"),
    "home": N_("Home"),
    "end": N_("End"),
}


def shown_key(key: str) -> str:
    """A key under Textual's name as people write it: ``ctrl+q`` as ``^q``, ``f9`` as ``F9``."""
    if key.startswith("ctrl+"):
        return "^" + shown_key(key.removeprefix("ctrl+"))
    if key in _NAMES:
        return _(_NAMES[key])
    return key.upper() if key.startswith("f") and key[1:].isdigit() else key
