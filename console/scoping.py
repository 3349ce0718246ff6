"""The part of a use case that a person asks for: ``mandant=10``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from console.errors import ConsoleError
from console.i18n import _

_NEXT = re.compile(r"\s+(?=\w+=)")


def parts_of(typed: str) -> list[str]:
    """The conditions of a line; the name of an archive may hold blanks."""
    return [part for part in _NEXT.split(typed.strip()) if part]


def scope_of(known: Mapping[str, str], typed: Sequence[str]) -> dict[str, str]:
    """Target field -> wanted value; ``known`` maps what can be typed to its field. Raises ConsoleError."""
    chosen = {}
    for scope in typed:
        name, separator, value = scope.partition("=")
        if not separator or not value or name not in known:
            raise ConsoleError(
                _("There is no scope {scope!r} here.").format(scope=scope),
                _("Write KEY=VALUE with one of: {known}.").format(known=", ".join(known) or "-"),
            )
        chosen[known[name]] = value
    return chosen
