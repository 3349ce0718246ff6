"""A file of unknown kind, a delivery, a ZIP with one, or feedback: every complaint about it, none hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.openimmo import archive, feedback, source, validate
from connectors.openimmo.attachments import Members
from connectors.openimmo.check import check
from connectors.openimmo.complaint import Complaint, Place, failure
from connectors.openimmo.source import LIMITS, Limits, Source
from connectors.problems import Failure

if TYPE_CHECKING:
    from lxml.etree import XMLSchema

Opener = Callable[[Limits], AbstractContextManager[Source]]
"""Opens the same document anew each time."""


def examine(path: Path, *, schema: XMLSchema | None = None, today: date | None = None) -> Iterator[Complaint]:
    """Every complaint about a file. Raises Failure where it cannot be read any further.

    ``schema`` is a loaded schema file of the user's (``validate.load``); it judges deliveries only.
    """
    if not archive.is_archive(path):
        yield from _document(lambda limits: source.opened(path, limits), None, schema, today, "")
        return
    with archive.opened(path) as found:
        yield from found.complaints
        documents = found.documents
        if not documents:
            raise failure("openimmo.zip_without_document", path.name)
        chosen = documents[0]
        if len(documents) > 1:
            place = Place("/", None, file=path.name)
            yield place.error("openimmo.zip_documents", count=len(documents), name=chosen.name[:80])

        @contextmanager
        def anew(limits: Limits) -> Iterator[Source]:
            yield found.source(chosen, limits)

        yield from _document(anew, found.beside(chosen), schema, today, chosen.name[:80])


def _document(
    anew: Opener, members: Members | None, schema: XMLSchema | None, today: date | None, file: str
) -> Iterator[Complaint]:
    try:
        with anew(LIMITS) as document:
            yield from check(document, members, today, file)
    except Failure as failed:
        if failed.problem.code != "openimmo.is_feedback":
            raise
        with anew(feedback.LIMITS) as document:
            yield from feedback.read(document, file).hints
        return
    if schema is not None:
        with anew(LIMITS) as document:
            yield from validate.validate(document, schema, file)
