"""Does a delivery name the contact that it should? Its ``kontaktperson`` beside the mailbox of each object.

Which of the e-mail elements a portal uses, and how a sender fills them, is documented nowhere: the direct one
counts first, the central one where there is no other, and where feedback goes may differ, but is told.
No sentence quotes an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from connectors.openimmo import archive, source
from connectors.openimmo.complaint import Complaint, Place, Severity, failure
from connectors.openimmo.read import Offer, at, offers
from connectors.openimmo.source import Source

RULE = "O9"
DIRECT, CENTRAL, FEEDBACK = "email_direkt", "email_zentrale", "email_feedback"


def contacts(path: Path, expected: Mapping[str, str | None]) -> Iterator[Complaint]:
    """What is wrong with the contacts of a delivery, an XML file or a ZIP, and last how many are right.

    ``expected`` maps numbers of objects to mailboxes, None where nobody can say. Raises Failure.
    """
    with _document(path) as (document, file):
        compared = right = 0
        for offer in offers(document):
            if at(offer.node, "verwaltung_techn", "aktion", "@aktionart") == "DELETE":
                continue
            found = list(compare(offer, expected, file))
            compared += 1
            right += not found
            yield from found
        yield Place("/", None, file=file).hint("openimmo.contacts_compared", count=compared, right=right)


def compare(offer: Offer, expected: Mapping[str, str | None], file: str = "") -> Iterator[Complaint]:
    """What is wrong with the contact of one object."""
    number = at(offer.node, "verwaltung_techn", "objektnr_extern")
    if not isinstance(number, str) or number not in expected:
        yield _place(offer, "verwaltung_techn/objektnr_extern", file).hint("openimmo.contact_unknown_object")
        return
    mailbox = expected[number]
    if mailbox is None:
        yield _data(offer, "", file, Severity.WARNING, "openimmo.contact_untold")
        return
    held = {name: _email(offer, name) for name in (DIRECT, CENTRAL, FEEDBACK)}
    main = DIRECT if held[DIRECT] else CENTRAL
    if not held[main]:
        yield _data(offer, "", file, Severity.ERROR, "openimmo.contact_no_email")
    elif held[main] != mailbox.casefold():
        yield _data(offer, main, file, Severity.ERROR, "openimmo.contact_other_mailbox")
    for name in (CENTRAL, FEEDBACK):
        if name != main and held[name] not in ("", mailbox.casefold()):
            yield _data(offer, name, file, Severity.WARNING, "openimmo.contact_beside")


def _email(offer: Offer, name: str) -> str:
    value = at(offer.node, "kontaktperson", name)
    return value.strip().casefold() if isinstance(value, str) else ""


def _data(offer: Offer, name: str, file: str, severity: Severity, code: str) -> Complaint:
    element = f"kontaktperson/{name}" if name else "kontaktperson"
    return _place(offer, element, file).data(severity, code, RULE)


def _place(offer: Offer, element: str, file: str) -> Place:
    return Place(f"{offer.path}/{element}", offer.line, personal=True, file=file)


@contextmanager
def _document(path: Path) -> Iterator[tuple[Source, str]]:
    """The delivery itself, or the one nearest to the top of a ZIP, with its name there."""
    if not archive.is_archive(path):
        with source.opened(path) as document:
            yield document, ""
        return
    with archive.opened(path) as found:
        if not found.documents:
            raise failure("openimmo.zip_without_document", path.name)
        chosen = found.documents[0]
        yield found.source(chosen), chosen.name[:80]
