"""Strict reading of JSON answers: a value of the right type, or a Failure with its place, never the value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from connectors.answers import Reply
from connectors.contract import Kind, Value
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON object of an answer and its place in it (``items[3].``). Every method raises Failure.

    ``code`` is the problem that a wrong form is reported as.
    """

    reply: Reply
    data: Mapping[str, Any] = field(repr=False)
    code: str
    place: str = ""

    @classmethod
    def of(cls, reply: Reply, code: str) -> Node:
        """The answer as an object."""
        data = reply.json()
        if not isinstance(data, dict):
            raise bad_payload(reply, "$", code)
        return cls(reply, data, code)

    def get(self, name: str, kind: type[T]) -> T:
        """A value that must be there; a bool is no number."""
        value = self.data.get(name)
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        raise self.bad(name)

    def key(self, name: str) -> str:
        """An id: a text of visible characters."""
        value = self.get(name, str)
        if value and value.isprintable():
            return value
        raise self.bad(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self.get(name, list)
        if all(isinstance(value, str) for value in values):
            return tuple(values)
        raise self.bad(name)

    def nodes(self, name: str) -> list[Node]:
        """A list of objects."""
        values = self.get(name, list)
        for at, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.bad(f"{name}[{at}]")
        return [
            Node(self.reply, value, self.code, f"{self.place}{name}[{at}].")
            for at, value in enumerate(values)
        ]

    def value(self, name: str, kind: Kind) -> Value:
        """A record's field; absent and null are both None."""
        if self.data.get(name) is None:
            return None
        return _READERS[kind](self, name)

    def decimal(self, name: str) -> Decimal:
        """A number as it was written."""
        value = self.data.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Decimal(str(value))
        raise self.bad(name)

    def day(self, name: str) -> date:
        """A date as YYYY-MM-DD."""
        try:
            return date.fromisoformat(self.get(name, str))
        except ValueError:
            raise self.bad(name) from None

    def moment(self, name: str) -> datetime:
        """A moment in ISO 8601 with its offset."""
        try:
            moment = datetime.fromisoformat(self.get(name, str))
        except ValueError:
            raise self.bad(name) from None
        if moment.tzinfo is None:
            raise self.bad(name)
        return moment

    def bad(self, name: str) -> Failure:
        """What to raise about the value under this name."""
        return bad_payload(self.reply, f"{self.place}{name}", self.code)


_READERS: Mapping[Kind, Callable[[Node, str], Value]] = {
    Kind.TEXT: lambda node, name: node.get(name, str),
    Kind.INTEGER: lambda node, name: node.get(name, int),
    Kind.DECIMAL: Node.decimal,
    Kind.BOOLEAN: lambda node, name: node.get(name, bool),
    Kind.DATE: Node.day,
    Kind.TIMESTAMP: Node.moment,
    Kind.LIST: Node.texts,
    Kind.SET: Node.texts,
}


def bad_payload(reply: Reply, place: str, code: str) -> Failure:
    """An answer that does not have the agreed form; a write may have had its effect all the same."""
    arrival = Arrival.PERHAPS if reply.write else Arrival.NEVER
    return Failure(
        Problem(
            code,
            Trouble.PAYLOAD,
            Owner.PARTNER,
            arrival,
            where=reply.where,
            status=reply.status,
            excerpt=place,
        )
    )
