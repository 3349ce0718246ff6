"""What the archive double holds: drawers, documents, links to activities; and what a clerk does."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company
from connectors.sandbox.company_documents import (
    CONTRACT,
    FILED,
    INDEXES,
    MANDANT,
    REMARK,
    Drawer,
    Filed,
    build_documents,
)

LARGEST = 60 * 1024 * 1024


class Unknown(Exception):
    """There is no such document."""


class Shelves:
    """The archive's state. The company itself stays as it is."""

    def __init__(self, company: Company, clock: Clock, most_hits: int) -> None:
        cabinet = build_documents(company)
        self.drawers = list(cabinet.drawers)
        self.documents = {one.id: one for one in cabinet.documents}
        self.defects = cabinet.defects
        self.links: dict[str, list[int]] = {}
        self.creates: Counter[str] = Counter()
        self._clock = clock
        self._most = most_hits

    def archive(self, drawer: Drawer) -> dict[str, Any]:
        """An archive as the wire tells of it."""
        indexes = [{"ID": id_, "Name": INDEXES[id_]} for id_ in drawer.indexes]
        return {
            "ID": drawer.id,
            "Name": drawer.name,
            "Indexes": indexes,
            "ActivityManagement": drawer.linked,
        }

    def told(self, one: Filed) -> dict[str, Any]:
        """A document as the wire tells of it."""
        info = ["1.0", str(one.id), "PDF", "", str(one.size), one.md5]
        offset = one.created_at.strftime("%z") or "+0000"
        return {
            "ID": one.id,
            "ArcID": one.archive,
            "Title": one.title,
            "Category": one.category,
            "CreationDate": f"/Date({round(one.created_at.timestamp() * 1000)}{offset})/",
            "Size": one.size,
            "Indexes": [{"ID": id_, "Value": value} for id_, value in one.values.items()],
            "dlinfo": base64.b64encode("\r\n".join(info).encode()).decode(),
        }

    def search(self, archives: Sequence[int], wanted: Mapping[int, str], most: int) -> list[Filed]:
        """The first documents whose index values fit."""
        found: list[Filed] = []
        for one in self.documents.values():
            if one.archive in archives and all(
                _fits(one.values.get(id_, ""), value) for id_, value in wanted.items()
            ):
                found.append(one)
                if len(found) >= min(most, self._most):
                    break
        return found

    def one(self, id_: str) -> Filed:
        """A document by its id. Raises Unknown."""
        if not (id_.isascii() and id_.isdigit()) or int(id_) not in self.documents:
            raise Unknown
        return self.documents[int(id_)]

    def store(self, archive: int, title: str, values: Mapping[int, str], content: bytes) -> Filed:
        """File what somebody sent. Raises ValueError."""
        drawer = next((drawer for drawer in self.drawers if drawer.id == archive), None)
        if drawer is None or not title or not set(values) <= set(drawer.indexes) or len(content) > LARGEST:
            raise ValueError("no such archive or index, no title, or too large")
        return self._file(drawer, title, "", values, len(content), content)

    def link(self, one: Filed, activity: str) -> None:
        """Show a document at an activity, once."""
        there = self.links.setdefault(activity, [])
        if one.id not in there:
            there.append(one.id)

    def linked(self, activity: str) -> Iterator[Filed]:
        """The documents at an activity that still exist."""
        return (self.documents[id_] for id_ in self.links.get(activity, ()) if id_ in self.documents)

    def _file(
        self,
        drawer: Drawer,
        title: str,
        category: str,
        values: Mapping[int, str],
        size: int,
        content: bytes | None,
        at: datetime | None = None,
    ) -> Filed:
        key, now = max(self.documents, default=700_000) + 1, at or self._clock.now()
        held = dict(values) | ({FILED: now.date().isoformat()} if FILED in drawer.indexes else {})
        one = Filed(key, drawer.id, title, category, now, held, size, content)
        self.documents[key] = one
        self.creates[f"{drawer.name}/{title}/{one.md5}"] += 1
        return one

    def state(self, entity: str | None) -> Any:
        """``archive``, ``document``, ``link`` (by activity), ``creates`` and ``defects``."""
        views: dict[str, Any] = {
            "archive": lambda: [self.archive(drawer) for drawer in self.drawers],
            "document": lambda: [self.told(one) for one in self.documents.values()],
            "link": lambda: {activity: list(ids) for activity, ids in self.links.items()},
            "creates": lambda: dict(self.creates),
            "defects": lambda: {key: list(ids) for key, ids in self.defects.items()},
        }
        return {name: view() for name, view in views.items()} if entity is None else views[entity]()

    def act(self, entity: str, data: dict[str, Any]) -> Any:
        """What a clerk does: ``document`` with ``do`` file (default: archive, title, contract, category,
        mandant, created, size), retitle (id, title), replace (id, size) or delete (id); ``archive`` with id
        and ``linked``. Raises KeyError, ValueError."""
        if entity == "archive":
            return self._reconnect(data)
        if entity != "document":
            raise KeyError(entity)
        todo = data.get("do", "file")
        if todo == "file":
            return self.told(self._by_clerk(data))
        try:
            one = self.one(str(data.get("id")))
        except Unknown:
            raise ValueError("no document with this id") from None
        if todo == "delete":
            del self.documents[one.id]
            return self.told(one)
        changes = {"retitle": "title", "replace": "size"}
        if todo not in changes:
            raise ValueError("do must be file, retitle, replace or delete")
        field = changes[todo]
        values: dict[str, Any] = {field: type(getattr(one, field))(data[field])}
        self.documents[one.id] = replace(one, **values)
        return self.told(self.documents[one.id])

    def _by_clerk(self, data: Mapping[str, Any]) -> Filed:
        drawer = next((drawer for drawer in self.drawers if drawer.name == data.get("archive")), None)
        if drawer is None:
            raise ValueError(f"archive must be one of {', '.join(d.name for d in self.drawers)}")
        given = {CONTRACT: data.get("contract"), MANDANT: data.get("mandant"), REMARK: data.get("remark")}
        values = {id_: str(value) for id_, value in given.items() if value and id_ in drawer.indexes}
        day = date.fromisoformat(data["created"]) if "created" in data else None
        at = datetime.combine(day, self._clock.now().timetz()) if day else None
        title, size = str(data.get("title", "Schreiben")), int(data.get("size", 900))
        return self._file(drawer, title, str(data.get("category", "")), values, size, None, at)

    def _reconnect(self, data: Mapping[str, Any]) -> dict[str, Any]:
        for at, drawer in enumerate(self.drawers):
            if drawer.id == data.get("id"):
                self.drawers[at] = replace(drawer, linked=bool(data.get("linked", True)))
                return self.archive(self.drawers[at])
        raise ValueError("no archive with this id")


def _fits(value: str, pattern: str) -> bool:
    """Whether a value fits a pattern in which stars stand for anything, without regard to case."""
    first, *rest = pattern.casefold().split("*")
    text = value.casefold()
    if not rest:
        return text == first
    if not text.startswith(first):
        return False
    place = len(first)
    for part in rest[:-1]:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return text.endswith(rest[-1]) and len(text) - len(rest[-1]) >= place
