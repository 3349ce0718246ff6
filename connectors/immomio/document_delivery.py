"""Sends documents to Immomio: their bytes come from the archive, piece by piece, and are kept nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from connectors.answers import Reply
from connectors.contract import Action, Change, Files, Outcome, Result
from connectors.immomio import wire, wire_documents
from connectors.immomio.session import Session
from connectors.multipart import form
from connectors.outcomes import outcome
from connectors.problems import Failure, Owner, Problem, Trouble

SIDE_BY_SIDE = 4
"""Documents that are fetched and sent at once."""


class Documents:
    """The writing half for documents; each is sent once."""

    def __init__(self, session: Session, files: Files | None) -> None:
        self._session = session
        self._files = files
        self._slots = asyncio.Semaphore(SIDE_BY_SIDE)

    async def send(self, changes: Sequence[Change]) -> list[Outcome]:
        """Send changes; one outcome per change, in order."""
        return list(await asyncio.gather(*map(self._one, changes)))

    async def _one(self, change: Change) -> Outcome:
        async with self._slots:
            try:
                reply = await self._sent(change)
                if change.action is Action.DELETE:
                    wire.confirm(reply)
                else:
                    wire.confirm(reply, wire_documents.endpoint(), change.id)
            except Failure as failure:
                return wire.refused(change, failure.problem)
        return outcome(change, Result.DONE)

    async def _sent(self, change: Change) -> Reply:
        method, path = wire_documents.address(change)
        if change.action is Action.DELETE:
            return await self._session.send(method, path, write=True)
        if not wire_documents.bytes_needed(change):
            return await self._session.send(method, path, json=wire_documents.item(change), write=True)
        return await self._upload(method, path, change)

    async def _upload(self, method: str, path: str, change: Change) -> Reply:
        """The record with its file. Raises Failure, before anything is sent where the file cannot be had."""
        ref = wire_documents.reference(change)
        if self._files is None:
            raise Failure(Problem("immomio.no_files", Trouble.SOURCE, Owner.CONSULTANT, where=ref))
        fields = {wire_documents.FORM_FIELD: wire_documents.encoded(change)}
        told = None
        try:
            made = await form(fields, ref, self._files.fetch(ref))
        except Failure as failure:
            told = failure.problem
        if told is not None:
            raise Failure(replace(told, code="immomio.file_missing", where=ref, excerpt=told.code))
        with made:
            if (made.size, made.md5) != wire_documents.expected(change):
                raise Failure(Problem("immomio.file_changed", Trouble.SOURCE, Owner.NOBODY, where=ref))
            return await self._session.send(method, path, file=made.body, media=made.media, write=True)
