"""Partner key -> partner, ERP source key -> source. Nothing is imported before it is asked for.

Third parties join through the entry-point group ``einzug.connectors``: the entry's name is the partner key,
its object a ``Partner``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

from connectors.partner import Partner, Source

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "einzug.connectors"

_BUILT_IN = {
    "bots4you": "connectors.bots4you",
    "immomio": "connectors.immomio",
    "onoffice": "connectors.onoffice",
}
_SOURCES = {"openwowi": "OPENWOWI", "files": "FILES"}


class UnknownConnector(KeyError):
    """No such partner or source; ``known`` lists what there is."""

    def __init__(self, key: str, known: tuple[str, ...]) -> None:
        super().__init__(key)
        self.key = key
        self.known = known


def partner_keys() -> tuple[str, ...]:
    """The keys of all partners in this installation."""
    return tuple(sorted({*_BUILT_IN, *_third_parties()}))


@cache
def partner(key: str) -> Partner:
    """The partner with this key. Raises UnknownConnector; TypeError for what does not keep the contract."""
    if key in _BUILT_IN:
        found = import_module(_BUILT_IN[key]).partner
    elif key in _third_parties():
        found = _third_parties()[key].load()
    else:
        raise UnknownConnector(key, partner_keys())
    if not isinstance(found, Partner):
        raise TypeError(f"the connector {key!r} is a {type(found).__name__}, not a Partner")
    if found.key != key:
        raise TypeError(f"the connector {key!r} calls itself {found.key!r}")
    return found


def source_keys() -> tuple[str, ...]:
    """The keys of all ERP sources."""
    return tuple(_SOURCES)


def source(key: str) -> Source:
    """The ERP source with this key. Raises UnknownConnector."""
    if key not in _SOURCES:
        raise UnknownConnector(key, tuple(_SOURCES))
    found = getattr(import_module("connectors.erp.source"), _SOURCES[key])
    assert isinstance(found, Source)  # noqa: S101  (a table of our own)
    return found


def archive_kind() -> Source:
    """The kind of document archive that an ERP may have beside it."""
    found = import_module("connectors.archive").ARCHIV_KOMPAKT
    assert isinstance(found, Source)  # noqa: S101  (a table of our own)
    return found


def third_party_package(key: str) -> str | None:
    """The package a third party's partner comes from, where its sentences lie too; None for our own."""
    entry = _third_parties().get(key)
    return None if entry is None or key in _BUILT_IN else entry.module


@cache
def _third_parties() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # late: mostly the built-in ones are all that is asked for

    return {entry.name: entry for entry in entry_points(group=GROUP)}
