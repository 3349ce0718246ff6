"""Strict reading of JSON answers: a value of the right type, or a Failure with its place, never the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from connectors.answers import Reply
from connectors.contract import Kind, Value
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON object of an answer and its place in it (``items[3].``). Every method raises Failure."""

    reply: Reply
    data: Mapping[str, Any] = field(repr=False)
    place: str = ""

    @classmethod
    def of(cls, reply: Reply) -> Node:
        """The answer as an object."""
        data = reply.json()
        if not isinstance(data, dict):
            raise bad_payload(reply, "$")
        return cls(reply, data)

    def get(self, name: str, kind: type[T]) -> T:
        """A value that must be there; a bool is no number."""
        value = self.data.get(name)
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        raise self._bad(name)

    def key(self, name: str) -> str:
        """An id: a text of visible characters."""
        value = self.get(name, str)
        if value and value.isprintable():
            return value
        raise self._bad(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self.get(name, list)
        if all(isinstance(value, str) for value in values):
            return tuple(values)
        raise self._bad(name)

    def nodes(self, name: str) -> list[Node]:
        """A list of objects."""
        values = self.get(name, list)
        for at, value in enumerate(values):
            if not isinstance(value, dict):
                raise self._bad(f"{name}[{at}]")
        return [Node(self.reply, value, f"{self.place}{name}[{at}].") for at, value in enumerate(values)]

    def value(self, name: str, kind: Kind) -> Value:
        """A record's field; absent and null are both None."""
        if self.data.get(name) is None:
            return None
        return _READERS[kind](self, name)

    def day(self, name: str) -> date:
        """A date as YYYY-MM-DD."""
        try:
            return date.fromisoformat(self.get(name, str))
        except ValueError:
            raise self._bad(name) from None

    def _bad(self, name: str) -> Failure:
        return bad_payload(self.reply, f"{self.place}{name}")


_READERS: Mapping[Kind, Callable[[Node, str], Value]] = {
    Kind.TEXT: lambda node, name: node.get(name, str),
    Kind.INTEGER: lambda node, name: node.get(name, int),
    Kind.BOOLEAN: lambda node, name: node.get(name, bool),
    Kind.DATE: Node.day,
    Kind.LIST: Node.texts,
    Kind.SET: Node.texts,
}


def bad_payload(reply: Reply, place: str) -> Failure:
    """An answer that does not have the agreed form; a write may have had its effect all the same."""
    arrival = Arrival.PERHAPS if reply.write else Arrival.NEVER
    return Failure(
        Problem(
            "bots4you.bad_payload",
            Trouble.PAYLOAD,
            Owner.PARTNER,
            arrival,
            where=reply.where,
            status=reply.status,
            excerpt=place,
        )
    )
