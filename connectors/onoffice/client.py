"""Asks onOffice: several actions in one request, whole lists, relations, the field configuration.

Nothing is repeated here but a reading without a field that this customer does not have. Reading stays within
few requests: the first pages of several lists share one, and so do the relations of thousands of records.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import replace

from connectors.onoffice import errors
from connectors.onoffice.fields import SPECIAL, UNLISTED, FieldInfo, configuration, infos
from connectors.onoffice.paging import Listing, further, page_of, unknown_field, without
from connectors.onoffice.session import Session
from connectors.onoffice.wire import ACTIONS, BAD_PAYLOAD, GET, IDS, Answer, Call, Row, number
from connectors.problems import Failure, Owner, Problem, Trouble

UNKNOWN_KEY = 76


class OnOfficeClient:
    """One account of one customer. ``dropped`` tells which fields were left out of readings because this
    customer does not have them, by resource type."""

    def __init__(self, session: Session, *, language: str = "DEU") -> None:
        self._session = session
        self._language = language
        self._configured: dict[tuple[str, str], dict[str, FieldInfo]] = {}
        self._configuring = asyncio.Lock()
        self.dropped: defaultdict[str, set[str]] = defaultdict(set)

    async def aclose(self) -> None:
        """Release connections. Idempotent."""
        await self._session.aclose()

    async def ask(self, calls: Sequence[Call]) -> list[Answer]:
        """One answer per action, in order, at most 20 of them in a request; a refused one bears its error.

        Raises Failure for what concerns a request as a whole.
        """
        answers: list[Answer] = []
        for at in range(0, len(calls), ACTIONS):
            answers += await self._session.send(calls[at : at + ACTIONS])
        if any(a.error and a.error.code in (UNKNOWN_KEY, *errors.UNKNOWN_FIELDS) for a in answers):
            self._configured.clear()  # it is no longer what we know
        return answers

    async def read(self, calls: Sequence[Call]) -> list[Answer]:
        """Like ``ask``, and what onOffice refuses for a field that it does not know is read without it."""
        pending = {at: self._pruned(call) for at, call in enumerate(calls)}
        answers: dict[int, Answer] = {}
        while pending:
            asked = await self.ask([*pending.values()])
            again: dict[int, Call] = {}
            for (at, call), answer in zip(pending.items(), asked, strict=True):
                answers[at] = answer
                if (fewer := self._fewer(call, answer)) is not None:
                    again[at] = fewer
            pending = again
        return [answers[at] for at in range(len(calls))]

    def _fewer(self, call: Call, answer: Answer) -> Call | None:
        """The call without the field that was refused; None where that is not what went wrong."""
        if answer.error is None or answer.error.code not in errors.UNKNOWN_FIELDS:
            return None
        name = unknown_field(answer.error)
        fewer = without(call, name) if name else None
        if fewer is not None:
            self.dropped[call.resource_type].add(name)
        return fewer

    def _pruned(self, call: Call) -> Call:
        """The call without what is known to be unknown."""
        for name in self.dropped.get(call.resource_type, ()):
            call = without(call, name) or call
        return call

    async def page(self, call: Call, offset: int = 0) -> tuple[Answer, int | None]:
        """One page of a list from this row on, and where the next begins. Raises Failure."""
        (answer,) = await self.read([page_of(call, offset)])
        return granted(call, answer), further(answer, offset)

    async def pages(self, call: Call) -> AsyncIterator[Sequence[Row]]:
        """A list, page by page; a row that shifts from one page to the next comes once. Raises Failure."""
        listing = Listing(call)
        for offset in listing.one_by_one():
            (answer,) = await self.read([page_of(call, offset)])
            if fresh := listing.take(granted(call, answer)):
                yield fresh

    async def collect(self, calls: Sequence[Call]) -> list[Answer]:
        """Several lists, whole: their first pages share one request, and the rest as few as possible.

        A list that is refused bears its error. Raises Failure for what concerns a request as a whole.
        """
        listings = [Listing(call) for call in calls]
        rows: list[list[Row]] = [[] for _ in calls]
        while wanted := [(at, offset) for at, one in enumerate(listings) for offset in one.due()]:
            answers = await self.read([page_of(calls[at], offset) for at, offset in wanted])
            for (at, _), answer in zip(wanted, answers, strict=True):
                rows[at] += listings[at].take(answer)
        return [
            one.answer if one.answer.error else replace(one.answer, rows=tuple(found))
            for one, found in zip(listings, rows, strict=True)
        ]

    async def relations(
        self, types: Sequence[str], *, parents: Iterable[int] = (), children: Iterable[int] = ()
    ) -> dict[str, dict[int, tuple[int, ...]]]:
        """By relation type, for each parent its children, or for each child its parents; no id twice.

        Give one of the two. A wrong direction is no error there: it finds nothing. Raises Failure.
        """
        above, below = list(parents), list(children)
        side, ids = ("parentids", above) if above else ("childids", below)
        calls = [
            Call(GET, "idsfromrelation", parameters={"relationtype": kind, side: ids[at : at + IDS]})
            for kind in types
            for at in range(0, len(ids), IDS)
        ]
        found: dict[str, dict[int, tuple[int, ...]]] = {kind: dict.fromkeys(ids, ()) for kind in types}
        for call, answer in zip(calls, await self.ask(calls), strict=True):
            found[call.parameters["relationtype"]].update(related(call, granted(call, answer)))
        return found

    async def fields(self, module: str, language: str = "") -> Mapping[str, FieldInfo]:
        """The fields of a module that are switched on; read once, until onOffice says otherwise.

        Raises Failure.
        """
        language = language or self._language
        async with self._configuring:
            if (module, language) not in self._configured:
                await self._configure([module], language)
            return self._configured[module, language]

    async def configure(self, modules: Sequence[str]) -> None:
        """Read the fields of several modules in one request. Raises Failure."""
        async with self._configuring:
            await self._configure(modules, self._language)

    async def _configure(self, modules: Sequence[str], language: str) -> None:
        call = configuration(modules, language)
        (answer,) = await self.ask([call])
        told = {str(row.id): infos(row) for row in granted(call, answer).rows}
        self._configured.update({(module, language): told.get(module, {}) for module in modules})

    async def readable(self, module: str, names: Iterable[str]) -> list[str]:
        """The names that a reading of this module may ask for: those that are switched on here, and those
        that no configuration lists. A configuration that shows nothing decides nothing. Raises Failure."""
        configured = {} if module in UNLISTED else await self.fields(module)
        known = SPECIAL.get(module, frozenset()) | configured.keys()
        return [name for name in names if not configured or name in known]


def granted(call: Call, answer: Answer) -> Answer:
    """The answer, which is no refusal. Raises Failure."""
    if answer.error is None:
        return answer
    name = unknown_field(answer.error)
    where = f"{call.where}, {name}" if name in call.names else call.where  # a name of ours, and no value
    raise errors.failure(answer.error, where, write=call.write)


def related(call: Call, answer: Answer) -> dict[int, tuple[int, ...]]:
    """What a relation call found: ids of numbers, each once, in their order. Raises Failure."""
    found: dict[int, tuple[int, ...]] = {}
    for row in answer.rows:
        for asked, others in row.elements.items():
            listed = list(others.values()) if isinstance(others, dict) else others or []  # as PHP has it
            ids = [number(other) for other in listed] if isinstance(listed, list) else [None]
            key = number(asked)
            if key is None or None in ids:
                raise Failure(Problem(BAD_PAYLOAD, Trouble.PAYLOAD, Owner.PARTNER, where=call.where))
            found[key] = tuple(dict.fromkeys(id_ for id_ in ids if id_ is not None))
    return found
