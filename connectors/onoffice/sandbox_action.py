"""One action as the onOffice sandbox's handlers see it, and what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request

from connectors.onoffice.sandbox_query import whole
from connectors.onoffice.sandbox_refused import Refused
from connectors.onoffice.sandbox_world import World


@dataclass(frozen=True, slots=True)
class Asked:
    """An action whose signature has been checked; ``resource_id`` is "" where none is named."""

    resource_type: str
    resource_id: str
    parameters: Mapping[str, Any]
    request: Request = field(repr=False)

    def names(self, name: str = "data") -> list[str]:
        """A list of texts among the parameters. Raises Refused."""
        found = self.parameters.get(name) or []
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise Refused(255, name)
        return found

    def ids(self, name: str) -> list[int]:
        """One id or several among the parameters. Raises Refused."""
        found = self.parameters.get(name)
        if found is None or found == "":
            return []
        return [whole(one, name) for one in (found if isinstance(found, list) else [found])]

    def id(self, name: str) -> int:
        """One id that must be there. Raises Refused."""
        if name not in self.parameters:
            raise Refused(167, name)
        return whole(self.parameters[name], name)


@dataclass(frozen=True, slots=True)
class Found:
    """The records of an answer, and how many there are in all."""

    records: list[dict[str, Any]]
    total: int | None = None
    cacheable: bool = True


Handler = Callable[[World, Asked], Found]


def record(id_: int | str, kind: str | None, elements: Any) -> dict[str, Any]:
    """A record; PHP writes an empty object as an empty list."""
    return {"id": id_, "type": kind, "elements": elements or []}


def written(kind: str) -> Found:
    """What a change answers."""
    return Found([record(0, kind, {"success": "success"})], 1, cacheable=False)
