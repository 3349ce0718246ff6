"""An archive in a list, and documents as Immomio's use case meets them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from connectors.contract import ALL, Capability, Page, Reader, Scope, Text
from connectors.documents import ArchiveInfo, Document
from connectors.housing import Entity
from connectors.immomio.document_settings import DocumentSettings
from connectors.wrappers import WithArchive
from tests.connectors.immomio_erp import TODAY, Erp, house

ARCHIVE = "MV Mieterapp"
INDEX = "Mietvertrags-Nr."
MD5 = "d41d8cd98f00b204e9800998ecf8427e"
SETTINGS = DocumentSettings(separator="/", mandanten=("10",), archives=(ARCHIVE,), mandant_index="Mandant")


class ListedArchive:
    """A Reader of the archives and documents it was given; ``gaps``: where it may have left some out."""

    name = "archive"
    capabilities = frozenset({Capability.ARCHIVE})

    def __init__(
        self, documents: Iterable[Document], infos: Sequence[ArchiveInfo], gaps: Sequence[Text] = ()
    ) -> None:
        self._gaps = tuple(gaps)
        self._held: dict[str, list[Any]] = {"document": list(documents), "archive": list(infos)}

    async def read(
        self, entity: str, *, scope: Scope = ALL, start: str | None = None
    ) -> AsyncIterator[Page[Entity]]:
        """One page of what the scope asks for."""
        names = scope.archives
        own = [r for r in self._held[entity] if names is None or getattr(r, "archive", r.id) in names]
        yield Page(own, None, self._gaps if entity == Document.NAME else ())


def info(name: str = ARCHIVE, *indexes: str, linked: bool | None = True) -> ArchiveInfo:
    """An archive with the contract-number index, unless others are named."""
    return ArchiveInfo(id=name, name=name, indexes=indexes or (INDEX, "Mandant"), linked=linked)


def document(key: str = "4711", contract: str | None = "0042", **given: Any) -> Document:
    """A document of the lease that everything else here knows."""
    plain = Document(
        id=key,
        archive=ARCHIVE,
        category="Mieter-Freigabe",
        title="Betriebskostenabrechnung 2024",
        created_at=datetime.combine(TODAY, datetime.min.time(), UTC),
        size=1_000,
        md5=MD5,
        indexes={} if contract is None else {INDEX: contract},
    )
    return replace(plain, **given)


def source(
    *documents: Document,
    erp: Iterable[Entity] | None = None,
    infos: Sequence[ArchiveInfo] | None = None,
    gaps: Sequence[Text] = (),
) -> Reader[Any]:
    """The ERP with one let flat, and beside it an archive with these documents."""
    held: Any = Erp(house() if erp is None else erp)
    listed: Any = ListedArchive(documents, [info()] if infos is None else infos, gaps)
    return WithArchive(held, listed)
