"""Documents for Immomio: what the archive beside the ERP holds of running leases, each for its own tenants.

A document goes only to the tenants of exactly the lease whose number stands in its index (rule I20). Every
document of a connected archive takes part (I19); what is not sent is named with its reason.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.agreed import contract_numbers, within
from connectors.contract import (
    Capability,
    Connector,
    Deletes,
    Direction,
    Reader,
    Record,
    Skipped,
    Text,
    UseCase,
    Value,
)
from connectors.documents import LARGEST, ArchiveInfo, Document
from connectors.housing import Lease, LeaseStatus, stream
from connectors.ids import clean
from connectors.immomio.document_settings import DocumentSettings
from connectors.immomio.entities import CONTRACT, DOCUMENT, DOCUMENT_MAPPING
from connectors.immomio.exposure import (
    CONCERNS,
    ENDED_LEASE,
    NO_INDEX,
    SEVERAL_MANDANTEN,
    concerns,
    review,
)
from connectors.immomio.identity import MANDANT, identify, ours, record, with_mandant
from connectors.immomio.master_data import desired_master_data
from connectors.spelling import text
from connectors.wrappers import archive_of

GAP = "archive.gap"
"""The code of what an archive may have left out."""


@dataclass(slots=True)
class Register:
    """The ERP's leases by contract number, and the tenants of those that Immomio knows by contract id.

    ``indexed`` are the archives that have the contract-number index.
    """

    leases: dict[str, list[Lease]] = field(default_factory=lambda: defaultdict(list))
    tenants: dict[str, tuple[str, ...]] = field(default_factory=dict)
    indexed: frozenset[str] = frozenset()


async def desired_documents(
    source: Reader[Any], settings: DocumentSettings, *, today: date | None = None
) -> AsyncIterator[Record | Skipped]:
    """What Immomio shall hold. Raises Failure, also for an archive that is not there."""
    day = today or date.today()
    archive = archive_of(source)
    register = await load(source, archive, settings, day)
    async for page in archive.read(Document.NAME, scope=settings.reading):
        for document in page.records:
            yield document_record(document, register, settings, day)
        for gap in page.gaps:
            yield _gap(gap)


async def load(
    source: Reader[Any], archive: Reader[Any], settings: DocumentSettings, today: date
) -> Register:
    """Read what leads from a document to its tenants. Raises Failure."""
    register = Register()
    async for one in desired_master_data(source, settings.master_data, today=today):
        if isinstance(one, Record) and one.entity == CONTRACT:
            known = one.fields["tenants"]
            register.tenants[one.id] = known if isinstance(known, tuple) else ()
    async for lease in stream(source, Lease):
        if not lease.is_vacancy and lease.status is not LeaseStatus.DRAFT and clean(lease.number):
            register.leases[clean(lease.number)].append(lease)
    register.indexed = frozenset(
        [info.name async for info in stream(archive, ArchiveInfo) if settings.contract_index in info.indexes]
    )
    return register


def document_record(
    document: Document, register: Register, settings: DocumentSettings, today: date
) -> Record | Skipped:
    """A document as Immomio shows it, or why it is not sent (rules C3, I19, I20, I21)."""
    if refused := _refused(document, register, settings):
        return refused
    number = clean(document.indexes[settings.contract_index])
    found = register.leases[number]
    meant = _of_mandant(found, document, settings)
    several = len({clean(lease.mandant) for lease in found}) > 1
    if len({clean(lease.mandant) for lease in meant}) != 1:
        why = "contract_in_several_mandanten" if meant else "contract_not_of_mandant"
        return _kept(document, "I20", why, SEVERAL_MANDANTEN, contract=number)
    running = [lease for lease in meant if lease.running(today)]
    if not running:
        return _kept(document, "I20", "contract_ended", ENDED_LEASE, contract=number)
    if len(meant) != 1:  # an ended one too: the document may be that of whoever lived there before
        return _kept(document, "I20", "contract_repeated", contract=number)
    return _of_lease(document, running[0], several, register, settings)


def _gap(gap: Text) -> Skipped:
    """A part of an archive of which nobody can tell whether it gave every document."""
    archive, day = str(gap.args["archive"]), str(gap.args["day"])
    told: dict[str, Value] = {MANDANT: "", CONCERNS: (), "archive": archive, "category": ""}
    return Skipped(DOCUMENT, f"archive:{archive}:{day}", "I19", gap, told)


def _refused(document: Document, register: Register, settings: DocumentSettings) -> Skipped | None:
    """What can be said of a document without looking for its lease."""
    if document.archive in settings.excluded_archives:
        return _kept(document, "I21", "archive_excluded", archive=document.archive)
    if document.category in settings.excluded_categories:
        return _kept(document, "I21", "category_excluded", category=document.category)
    if document.size > LARGEST:
        return _kept(document, "I19", "document_too_large", megabytes=document.size // (1024 * 1024))
    if document.archive not in register.indexed:
        names = {"archive": document.archive, "index": settings.contract_index}
        return _kept(document, "I20", "archive_without_index", NO_INDEX, **names)
    number = clean(document.indexes.get(settings.contract_index, ""))
    if not number:
        return _kept(document, "I20", "contract_missing_in_index", NO_INDEX)
    if number not in register.leases:
        return _kept(document, "I20", "contract_unknown", NO_INDEX, contract=number)
    return None


def _of_mandant(found: list[Lease], document: Document, settings: DocumentSettings) -> list[Lease]:
    """The leases of the Mandant that the document names, all where it names none."""
    mandant = clean(document.indexes.get(settings.mandant_index, "")) if settings.mandant_index else ""
    return [lease for lease in found if not mandant or clean(lease.mandant) == mandant]


def _of_lease(
    document: Document, lease: Lease, several: bool, register: Register, settings: DocumentSettings
) -> Record | Skipped:
    if not within(settings.scope, lease.mandant):
        return _kept(document, "C3", "mandant_not_chosen", mandant=clean(lease.mandant))
    contract = identify(CONTRACT, lease.id, settings.separator, contract_numbers(lease))
    numbers = {"mandant": lease.mandant, "document": document.id}
    id_ = identify(DOCUMENT, document.id, settings.separator, numbers)
    if isinstance(contract, Skipped) or isinstance(id_, Skipped) or contract not in register.tenants:
        return _kept(document, "I20", "contract_not_sent", contract=clean(lease.number))
    tenants = register.tenants[contract]
    if not tenants:
        return _kept(document, "I20", "document_without_tenant", contract=contract)
    found = concerns(document.title, document.created_at.date(), lease.start, several=several)
    if found and settings.dangerous == "hold":
        return _kept(document, "I21", "document_held", *found)
    fields = document_fields(document, contract, tenants, settings.storage)
    return record(DOCUMENT, id_, {**fields, CONCERNS: found}, settings.separator)


def document_fields(
    document: Document, contract: str, tenants: tuple[str, ...], storage: str
) -> Mapping[str, Value]:
    """The fields of a document, in the mapping's order."""
    return {
        "title": text(document.title),
        "createdAt": document.created_at,
        "category": text(document.category),
        "archive": document.archive,
        "contract": contract,
        "tenants": tenants,
        "size": document.size,
        "md5": document.md5,
        "mode": storage,
    }


def _kept(document: Document, rule: str, why: str, *found: str, **args: str | int) -> Skipped:
    """A document that is not sent; what it says of itself serves the preview."""
    reason = Text(f"immomio.{why}", {"document": document.id, **args})
    told: dict[str, Value] = {MANDANT: "", CONCERNS: tuple(filter(None, found))}
    told |= {"archive": document.archive, "category": document.category}
    return Skipped(DOCUMENT, f"archive:{document.id}", rule, reason, told)


async def actual_documents(target: Connector, settings: DocumentSettings) -> AsyncIterator[Record]:
    """Every document Immomio holds; what is not ours shows as a skip. Raises Failure."""
    async for page in target.read(DOCUMENT):
        for one in page.records:
            yield with_mandant(one, settings.separator)


def owns_document(entity: str, id_: str, settings: DocumentSettings) -> bool:
    """Whether the id's form proves that we made it for a configured Mandant."""
    return ours(id_, settings.separator, (2,) if entity == DOCUMENT else (), settings.mandanten)


DOCUMENTS = UseCase(
    key="documents",
    direction=Direction.TO_PARTNER,
    settings=DocumentSettings,
    mappings=lambda settings: (DOCUMENT_MAPPING,),
    deletes=Deletes.OWNED,
    desired=desired_documents,
    actual=actual_documents,
    owns=owns_document,
    scopes={"mandant": MANDANT, "archive": "archive", "category": "category"},
    strata=(MANDANT, "archive", "category"),
    needs=frozenset({Capability.ARCHIVE}),
    filters=(
        "mandanten", "archives", "contract_index", "mandant_index", "excluded_archives",
        "excluded_categories", "dangerous", "storage", "unit_parts", "flats", "garages", "commercial",
        "leases_without_tenant", "shared_email",
    ),
    review=review,
    gaps=frozenset({GAP}),
    excludes={"archive": "excluded_archives", "category": "excluded_categories"},
)  # fmt: skip
