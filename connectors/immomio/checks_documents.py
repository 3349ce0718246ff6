"""What can be told about documents before any is sent: archives, categories, and what would be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from connectors.contract import Capability, Check, CheckContext, Finding, Reader, Text, Verdict
from connectors.documents import ArchiveInfo, Document
from connectors.findings import Topic, kept_separator
from connectors.housing import stream
from connectors.immomio.document_settings import DocumentSettings
from connectors.immomio.documents import DOCUMENTS, desired_documents
from connectors.immomio.exposure import Exposure, Group, masked_title, note
from connectors.immomio.inspecting import Inspection, of_source, say
from connectors.immomio.master_data import MASTER_DATA
from connectors.wrappers import archive_of

ARCHIVES = Topic("immomio.archives", ("I19", "I20"))
CATEGORIES = Topic("immomio.search_categories", ("I19",))
EXPOSURE = Topic("immomio.exposure", ("I21",))
CATEGORY_ARCHIVES = Topic("immomio.category_archives", ("I22",))
SEPARATOR_CHANGED = Topic("immomio.document_separator_changed", ("C5",))
SAME_TENANTS = Topic("immomio.document_tenants", ("I20",))

NOTHING = "-"

SHARED = ("separator", "mandanten", "unit_parts", "flats", "garages", "commercial", "leases_without_tenant",
          "shared_email")  # fmt: skip
"""Settings that must be those of the master data: else Immomio does not know the leases."""


async def archives(source: Reader[Any], settings: DocumentSettings) -> Finding:
    """I19, I20: every archive is there, once, and has the contract-number index. Raises Failure."""
    known = await _archives(source)
    wrong: list[Text] = []
    for name in settings.archives:
        found = known.get(name, [])
        if len(found) != 1:
            wrong.append(say("archive_repeated" if found else "archive_unknown", archive=name))
        elif settings.contract_index not in found[0].indexes:
            wrong.append(say("archive_without_index", archive=name, index=settings.contract_index))
    verdict = Verdict.FAIL if wrong else Verdict.OK
    code = f"immomio.archives_{'bad' if wrong else 'good'}"
    return ARCHIVES.finding(verdict, code, wrong, archives=len(settings.archives))


async def _archives(source: Reader[Any]) -> Mapping[str, list[ArchiveInfo]]:
    known: dict[str, list[ArchiveInfo]] = {}
    async for info in stream(archive_of(source), ArchiveInfo):
        known.setdefault(info.name, []).append(info)
    return known


async def search_categories(source: Reader[Any], settings: DocumentSettings) -> Finding:
    """I19: which documents are in a search category that nobody named; they are sent all the same. Where an
    archive may have left documents out, nobody can say that all are.

    Raises Failure.
    """
    named = {*settings.categories, *settings.excluded_categories}
    counts: Counter[tuple[str, str]] = Counter()
    gaps: list[Text] = []
    async for page in archive_of(source).read(Document.NAME, scope=settings.reading):
        counts.update((document.archive, document.category) for document in page.records)
        gaps += page.gaps
    others = {key: count for key, count in counts.items() if named and key[1] not in named}
    details = [
        say("category_unnamed", archive=archive, category=category or NOTHING, count=count)
        for (archive, category), count in sorted(others.items())
    ]
    if gaps:
        return CATEGORIES.finding(Verdict.FAIL, "immomio.categories_gap", [*gaps, *details], len(gaps))
    verdict = Verdict.WARN if others else Verdict.OK
    code = f"immomio.categories_{'others' if others else 'named'}"
    return CATEGORIES.finding(verdict, code, details, concerned=sum(others.values()), all=counts.total())


async def visible(source: Reader[Any], settings: DocumentSettings, *, today: date | None = None) -> Finding:
    """I21: what tenants would see, and what a person must look at. Raises Failure."""
    seen = Exposure()
    async for one in desired_documents(source, settings, today=today):
        note(seen, one)
    return exposure_finding(seen)


def exposure_finding(seen: Exposure) -> Finding:
    """The preview in words; titles stand there masked."""
    details = [_group(archive, category, group) for (archive, category), group in sorted(seen.groups.items())]
    details += [say("exposure_concern", concern=concern, count=count) for concern, count in _named(seen)]
    details += [
        say("exposure_kept", rule=rule, count=count) for rule, count in sorted(seen.kept_back.items())
    ]
    return EXPOSURE.finding(
        Verdict.WARN if seen.concerned else Verdict.OK,
        "immomio.exposure_warn" if seen.concerned else "immomio.exposure_clear",
        details,
        concerned=len({key for key, _concern in seen.concerned}),
        visible=seen.visible,
        megabytes=seen.size // (1024 * 1024),
        unindexed=seen.unindexed,
    )


def _named(seen: Exposure) -> list[tuple[str, int]]:
    return sorted(seen.concerns.items(), key=lambda item: (-item[1], item[0]))


def _group(archive: str, category: str, group: Group) -> Text:
    return say(
        "exposure_group",
        archive=archive,
        category=category or NOTHING,
        count=group.count,
        kilobytes=group.size // 1024,
        oldest=f"{group.oldest:%Y-%m-%d}" if group.oldest else NOTHING,
        newest=f"{group.newest:%Y-%m-%d}" if group.newest else NOTHING,
        samples=", ".join(map(masked_title, group.samples)),
    )


async def category_archives(source: Reader[Any], settings: DocumentSettings) -> Finding:
    """I22: each ticket category leads to an archive that is connected and linked. Raises Failure."""
    known = await _archives(source)
    wrong: list[Text] = []
    for category, name in sorted(settings.category_archives.items()):
        found = known.get(name, [])
        if name not in settings.archives or name in settings.excluded_archives or not found:
            wrong.append(say("category_archive_unconnected", category=category, archive=name))
        elif found[0].linked is False:
            wrong.append(say("category_archive_unlinked", category=category, archive=name))
    if not settings.category_archives:
        return CATEGORY_ARCHIVES.finding(Verdict.OK, "immomio.category_archives_none")
    code = f"immomio.category_archives_{'bad' if wrong else 'good'}"
    verdict = Verdict.WARN if wrong else Verdict.OK
    return CATEGORY_ARCHIVES.finding(verdict, code, wrong, categories=len(settings.category_archives))


async def separator_changed(context: CheckContext) -> Finding:
    """C5: another separator than in the last applied run would orphan every document we wrote."""
    return kept_separator(SEPARATOR_CHANGED, context)


async def same_tenants(context: CheckContext) -> Finding:
    """I20: documents and master data agree on which leases and tenants there are at Immomio."""
    other = context.siblings.get(("immomio", MASTER_DATA.key))
    if other is None:
        return SAME_TENANTS.finding(Verdict.WARN, "immomio.document_no_master_data")
    differing = [n for n in SHARED if getattr(other, n) != getattr(context.settings, n)]
    if not differing:
        return SAME_TENANTS.finding(Verdict.OK, "immomio.document_same_tenants")
    names = ", ".join(differing)
    return SAME_TENANTS.finding(
        Verdict.FAIL, "immomio.document_other_tenants", concerned=len(differing), names=names
    )


def _check(topic: Topic, inspection: Inspection) -> Check:
    return of_source(topic, DOCUMENTS.key, inspection, Capability.ARCHIVE)


DOCUMENT_CHECKS = (
    _check(ARCHIVES, archives),
    _check(CATEGORIES, search_categories),
    _check(EXPOSURE, visible),
    _check(CATEGORY_ARCHIVES, category_archives),
    Check(SEPARATOR_CHANGED.key, SEPARATOR_CHANGED.rules, separator_changed, DOCUMENTS.key),
    Check(SAME_TENANTS.key, SAME_TENANTS.rules, same_tenants, DOCUMENTS.key),
)
"""The checks of the documents in the archive."""
