"""Deliveries by FTP, for accounts on the old system: put into ``/in``, their results awaited in ``/out``."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

from connectors.answers import Reply
from connectors.immomio.ftp import Drop
from connectors.immomio.parcel import PREFIX, Parcel
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble

LARGEST = 256 * 1024 * 1024
FIRST_LOOK, LONGEST_PAUSE = 0.05, 5.0
"""Seconds between two looks for a result; they double."""


class FtpWay:
    """A way that knows which deliveries nobody has answered yet: its own by their vacancies, and those that
    lie in ``/in`` from before, which may concern any."""

    largest = whole = LARGEST

    def __init__(self, drop: Drop, wait: float) -> None:
        self._drop = drop
        self._wait = wait
        self._waiting: dict[str, frozenset[str]] = {}
        self._clear = False  # nothing lies there from before

    async def send(self, parcel: Parcel, document: bytes, ids: frozenset[str]) -> Reply:
        """Deliver once and wait for the result. Raises Failure; PERHAPS where none came in time."""
        name = f"{parcel.name}.zip"
        file = await asyncio.to_thread(parcel.finish, document)
        try:
            await self._drop.put(name, file)
        except Failure as failure:
            if failure.problem.arrival is Arrival.NEVER:
                raise
            await self._look_after(name, failure.problem)
        self._waiting[name] = ids
        reply = await self._result(name)
        if reply is None:
            raise Failure(_waiting(name, Arrival.PERHAPS))
        return reply

    async def settled(self, id_: str | None) -> None:
        """Nothing, when no delivery with this id (any at all: None) waits for its result. Raises Failure."""
        if not self._clear:
            await self._look_back()
            self._clear = True
        for name, ids in tuple(self._waiting.items()):
            if (id_ is None or id_ in ids) and await self._answer(name) is None:
                raise Failure(_waiting(name, Arrival.NEVER))

    async def _look_back(self) -> None:
        """A run that ended early may have left a delivery behind; what it changes must not pass for what
        never arrived. Raises Failure while one waits."""
        for name in await self._drop.waiting():
            ours = name.startswith(PREFIX) and name.endswith(".zip") and name not in self._waiting
            if ours and await self._answer(name) is None:
                raise Failure(_waiting(name, Arrival.NEVER))

    async def _look_after(self, name: str, problem: Problem) -> None:
        """After a renaming without an answer: a file that kept its temporary name never arrived."""
        try:
            kept = await self._drop.discard(name)
        except Failure:
            kept = False  # nobody knows, so we wait as if it had arrived
        if kept:
            raise Failure(replace(problem, arrival=Arrival.NEVER))

    async def _result(self, name: str) -> Reply | None:
        """What the importer made of a delivery, None when it takes too long."""
        until, pause = time.monotonic() + self._wait, FIRST_LOOK
        while time.monotonic() < until:
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                reply = await self._answer(name)
            except Failure:
                continue  # it is delivered already; a look that fails is repeated, and stands in the call log
            if reply is not None:
                return reply
        return None

    async def _answer(self, name: str) -> Reply | None:
        """The result of a delivery, None while there is none or only half of it. Raises Failure."""
        result = f"{name.removesuffix('.zip')}.result.json"
        content = await self._drop.get(result)
        if content is None:
            return None
        reply = Reply(200, {}, content, f"/out/{result}", write=True)
        try:
            reply.json()
        except Failure:
            return None  # it is being written at this moment
        self._waiting.pop(name, None)
        return reply


def _waiting(name: str, arrival: Arrival) -> Problem:
    return Problem("immomio.ftp_waiting", Trouble.UNAVAILABLE, Owner.PARTNER, arrival, where=name)
