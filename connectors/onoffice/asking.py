"""Puts questions to onOffice through whatever a connector is wrapped in; nothing on this way can write."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from connectors.contract import Reader
from connectors.onoffice.client import OnOfficeClient
from connectors.onoffice.fields import FieldInfo
from connectors.onoffice.wire import Answer, Call
from connectors.wrappers import ask

T = TypeVar("T")


class Asking:
    """The reading calls of the client beneath a connector; patient wrappers repeat them. Raise Failure."""

    def __init__(self, connector: Reader[Any]) -> None:
        self._connector = connector

    async def ask(self, calls: Sequence[Call]) -> list[Answer]:
        """One answer per action, in order; a refused one bears its error."""
        _only_reading(calls)
        return await self._client(lambda client: client.ask(calls))

    async def read(self, calls: Sequence[Call]) -> list[Answer]:
        """One page per action; a field that this customer does not have is left out."""
        _only_reading(calls)
        return await self._client(lambda client: client.read(calls))

    async def collect(self, calls: Sequence[Call]) -> list[Answer]:
        """Whole lists; a refused one bears its error."""
        _only_reading(calls)
        return await self._client(lambda client: client.collect(calls))

    async def relations(
        self, types: Sequence[str], *, parents: Iterable[int] = (), children: Iterable[int] = ()
    ) -> dict[str, dict[int, tuple[int, ...]]]:
        """By relation type, for each parent its children, or for each child its parents."""
        up, down = list(parents), list(children)
        return await self._client(lambda client: client.relations(types, parents=up, children=down))

    async def fields(self, module: str) -> Mapping[str, FieldInfo]:
        """The fields of a module that are switched on."""
        return await self._client(lambda client: client.fields(module))

    async def configure(self, modules: Sequence[str]) -> None:
        """Read the fields of several modules in one request."""
        await self._client(lambda client: client.configure(modules))

    async def readable(self, module: str, names: Iterable[str]) -> list[str]:
        """The names that a reading of this module may ask for."""
        return await self._client(lambda client: client.readable(module, names))

    async def _client(self, question: Callable[[OnOfficeClient], Awaitable[T]]) -> T:
        return await ask(self._connector, lambda connector: question(connector.client))


def _only_reading(calls: Iterable[Call]) -> None:
    if any(call.write for call in calls):
        raise ValueError("only reading calls are asked this way: a write belongs into a plan")
