"""The files a delivery names: do their paths lead to something, and is it there."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from connectors.openimmo.complaint import Complaint, Place, Severity
from connectors.openimmo.sense import first
from connectors.openimmo.structure import place_of

if TYPE_CHECKING:
    from lxml.etree import _Element

_LINKS = ("LINKS", "FILMLINK", "ANBOBJURL")
_URLS = ("http://", "https://", "ftp://")
_SHORT = 80


class Members:
    """The files that lie beside a document, under the names a document may call them."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = {_plain(name): name for name in names}
        self._folded = {plain.casefold(): name for plain, name in self._names.items()}
        self._used: set[str] = set()

    def find(self, path: str) -> str | None:
        """The file a path means, perhaps in another spelling of upper and lower case; None without any."""
        found = self._names.get(_plain(path)) or self._folded.get(_plain(path).casefold())
        if found is not None:
            self._used.add(found)
        return found

    def unused(self) -> list[str]:
        """The files nobody asked for."""
        return sorted(name for name in self._names.values() if name not in self._used)


def _plain(path: str) -> str:
    return unicodedata.normalize("NFC", path.strip()).removeprefix("./")


def same(path: str, name: str) -> bool:
    """Whether a path names a file letter by letter."""
    return _plain(path) == _plain(name)


def unsafe(path: str) -> bool:
    """Whether a path leads out of the folder it is relative to, or is spelled for Windows only."""
    return path.startswith("/") or "\\" in path or path[1:2] == ":" or ".." in path.split("/") or "\0" in path


def examine(offer: _Element, place: Place, members: Members | None) -> Iterator[Complaint]:
    """The attachments of an ``immobilie``; ``members`` None = nobody knows what lies beside the document."""
    held = first(offer, "anhaenge")
    if held is None:
        return
    above = place_of(held, f"{place.path}/anhaenge", place)
    number = 0
    for child in held:
        if str(child.tag).rpartition("}")[2] == "anhang":
            number += 1
            yield from one(child, place_of(child, f"{above.path}/anhang[{number}]", above), members)


def one(attachment: _Element, place: Place, members: Members | None) -> Iterator[Complaint]:
    """A single ``anhang``."""
    if attachment.get("gruppe") in _LINKS:
        return
    data = first(attachment, "daten")
    if path := _text(first(data, "pfad")):
        yield from _path(path, attachment.get("location") or "", place, members)
    elif data is not None and not _text(first(data, "anhanginhalt")):
        yield place.warning("openimmo.attachment_empty")


def _path(path: str, location: str, place: Place, members: Members | None) -> Iterator[Complaint]:
    shown = path if len(path) <= _SHORT else path[:_SHORT] + "…"
    if path.lower().startswith(_URLS):
        if location != "REMOTE":
            yield place.warning("openimmo.attachment_is_url", location=place.told(location))
    elif location == "REMOTE":
        yield place.warning("openimmo.attachment_no_url", path=shown)
    elif unsafe(path):
        yield place.error("openimmo.attachment_path", path=shown)
    elif members is not None:
        found = members.find(path)
        if found is None:
            yield place.data(Severity.ERROR, "openimmo.attachment_missing", path=shown)
        elif not same(path, found):
            yield place.warning("openimmo.attachment_case", path=shown, found=found)


def _text(element: _Element | None) -> str:
    return (element.text or "").strip() if element is not None else ""
