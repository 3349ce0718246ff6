"""What onOffice does not document, in one place: each of it is a switch of the sandbox.

``POST /objects/onoffice/assumptions`` changes them, so that a client can be tried against either answer.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, get_args, get_type_hints
from typing import Literal as Choice


@dataclass(slots=True)
class Assumptions:
    """The answers we have chosen. The first of each choice is the default; seconds and names are free.

    ``error_root``: the status of a request in which an action failed. ``contact_read``: a reading shows
    every e-mail entry, or only the default one. ``over_limit``: a ``listlimit`` above 500.
    ``multiselect_write``: a write replaces the keys or adds to them. ``system_user_write``: what becomes
    of the key ``Systembenutzer`` in a write. ``default_off``: an entry that shall no longer be the
    default one. ``double_relation``: a relation that is there already. ``job_relation``: jobs of an
    estate can be read. ``get_method``: a GET with a body is served. ``no_user_right``, ``no_log_right``:
    what a reading without the right gets. ``booking_s``: how long automatic mail booking takes.
    ``user_online``, ``user_offline``: values of ``online``. ``transfer_kind``, ``transfer_type``: the
    activity of a transfer.
    Not a switch: moments are the local time of this machine, without an offset.
    """

    error_root: Choice["200", "500"] = "200"
    contact_read: Choice["docs", "live"] = "docs"
    over_limit: Choice["clamp", "refuse"] = "clamp"
    multiselect_write: Choice["replace", "add"] = "replace"
    system_user_write: Choice["stored", "lost", "kept", "refused"] = "stored"
    default_off: Choice["taken", "ignored"] = "taken"
    double_relation: Choice["kept", "refused"] = "kept"
    job_relation: Choice["readable", "unknown"] = "readable"
    get_method: Choice["served", "refused"] = "served"
    no_user_right: Choice["empty", "refused"] = "empty"
    no_log_right: Choice["refused", "empty"] = "refused"
    booking_s: float = 5.0
    user_online: str = "1"
    user_offline: str = "0"
    transfer_kind: str = "Portale"
    transfer_type: str = "Übertragung"

    def change(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Set some of them; all as they are then. Raises ValueError."""
        hints = get_type_hints(type(self))
        for name, value in wanted.items():
            if name not in hints:
                known = ", ".join(field.name for field in fields(self))
                raise ValueError(f"unknown assumption {name!r}, known are {known}")
            allowed = get_args(hints[name])
            if allowed and value not in allowed:
                raise ValueError(f"{name}: {' or '.join(allowed)}")
            if not allowed and not isinstance(value, float | int if hints[name] is float else str):
                raise ValueError(f"{name}: a {'number' if hints[name] is float else 'text'}")
        for name, value in wanted.items():
            setattr(self, name, value)
        return asdict(self)
