"""What is agreed with a customer for Immomio's use cases. Each raises ValueError("field: what is wrong").

``page_version`` is an option of the connection; the use cases take it from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from connectors.agreed import (
    NO_BUILDING,
    UNIT_PARTS,
    Mandanten,
    Ownership,
    check_mandanten,
    check_owner,
    check_separator,
    scope_of,
)
from connectors.contract import Scope
from connectors.ids import SEPARATORS
from connectors.immomio.usage import COMMERCIALS, FLATS, GARAGES, Lists, check_lists

SEPARATORS_OF = {"newest": (".", "/"), "source": SEPARATORS}
"""The separators that Immomio takes, by the version of its page (rule C1)."""


@dataclass(frozen=True, slots=True)
class MasterDataSettings:
    """What was agreed for ``master-data``.

    ``flats``, ``garages`` and ``commercial`` are the ERP's usage types of each kind of unit; ``unit_parts``
    the parts of a unit's id, without ``building`` where the ERP has none. ``page_version`` says which
    entities Immomio offers (rule I3): ``source`` knows economic units and units only.
    ``leases_without_tenant``: what happens to a lease none of whose tenants is sent; an older version of
    Immomio leaves it out. ``shared_email``: of tenants with one e-mail address the first becomes a user, or
    all of them are sent and Immomio decides.
    """

    separator: str
    mandanten: Mandanten
    unit_parts: tuple[str, ...] = UNIT_PARTS
    flats: tuple[str, ...] = FLATS
    garages: tuple[str, ...] = GARAGES
    commercial: tuple[str, ...] = COMMERCIALS
    leases_without_tenant: Literal["skip", "send"] = "skip"
    shared_email: Literal["first", "send"] = "first"
    page_version: Literal["newest", "source"] = "newest"
    owner: Ownership = "einzug"

    def __post_init__(self) -> None:
        check_page(self.page_version, self.separator)
        check_mandanten(self.mandanten)
        check_unit_parts(self.unit_parts)
        check_lists(self.flats, self.garages, self.commercial)
        if self.leases_without_tenant not in ("skip", "send"):
            raise ValueError('leases_without_tenant: "skip" or "send"')
        if self.shared_email not in ("first", "send"):
            raise ValueError('shared_email: "first" or "send"')
        check_owner(self.owner)

    @property
    def scope(self) -> Scope:
        """The Mandanten whose data is read and sent (rule C3)."""
        return scope_of(self.mandanten)

    @property
    def usage_lists(self) -> Lists:
        """The usage types of flats, garages and commercial units."""
        return self.flats, self.garages, self.commercial

    @property
    def newest(self) -> bool:
        """Whether Immomio offers Mandanten, buildings, tenants and leases as well."""
        return self.page_version == "newest"

    @property
    def buildings(self) -> bool:
        """Whether buildings are a level of the tree."""
        return self.newest and "building" in self.unit_parts


@dataclass(frozen=True, slots=True)
class VacancySettings:
    """What was agreed for ``vacancies``.

    ``zero_rent``: what happens to a vacancy whose Nettokaltmiete is 0.00. ``release`` ``required``: only
    what the ERP has released for marketing is sent; an ERP that does not say so needs ``ignored``.
    ``page_version`` says which separators Immomio takes (rule C1).
    """

    separator: str
    mandanten: Mandanten
    unit_parts: tuple[str, ...] = UNIT_PARTS
    flats: tuple[str, ...] = FLATS
    garages: tuple[str, ...] = GARAGES
    commercial: tuple[str, ...] = COMMERCIALS
    zero_rent: Literal["send", "skip"] = "send"
    release: Literal["required", "ignored"] = "required"
    page_version: Literal["newest", "source"] = "newest"
    owner: Ownership = "einzug"

    def __post_init__(self) -> None:
        check_page(self.page_version, self.separator)
        check_mandanten(self.mandanten)
        check_unit_parts(self.unit_parts)
        check_lists(self.flats, self.garages, self.commercial)
        if self.zero_rent not in ("send", "skip"):
            raise ValueError('zero_rent: "send" or "skip"')
        if self.release not in ("required", "ignored"):
            raise ValueError('release: "required" or "ignored"')
        check_owner(self.owner)

    @property
    def scope(self) -> Scope:
        """The Mandanten whose data is read and sent (rule C3)."""
        return scope_of(self.mandanten)

    @property
    def usage_lists(self) -> Lists:
        """The usage types of flats, garages and commercial units."""
        return self.flats, self.garages, self.commercial


@dataclass(frozen=True, slots=True)
class ProspectSettings:
    """What was agreed for ``prospects``.

    ``feedback`` is a folder in which ``openimmo_feedback`` files arrive, for accounts that have one. So many
    days after the last application of a person was rejected nothing of it is kept here any more.
    """

    separator: str
    mandanten: Mandanten
    unit_parts: tuple[str, ...] = UNIT_PARTS
    feedback: Path | None = None
    forget_rejected_after_days: int = 90
    owner: Ownership = "einzug"

    def __post_init__(self) -> None:
        check_separator(self.separator)
        check_mandanten(self.mandanten)
        check_unit_parts(self.unit_parts)
        if not 1 <= self.forget_rejected_after_days <= 3650:
            raise ValueError("forget_rejected_after_days: from 1 to 3650")
        check_owner(self.owner)

    @property
    def scope(self) -> Scope:
        """The Mandanten whose prospects are handed over (rule C3)."""
        return scope_of(self.mandanten)


def check_page(version: str, separator: str) -> None:
    """C1: a separator that this version of Immomio's page takes. Raises ValueError."""
    if version not in SEPARATORS_OF:
        raise ValueError('page_version: "newest" or "source"')
    check_separator(separator, SEPARATORS_OF[version])


def check_unit_parts(parts: tuple[str, ...]) -> None:
    """I7: four parts, or three without the building, in their order. Raises ValueError."""
    if parts not in (UNIT_PARTS, NO_BUILDING):
        raise ValueError(f"unit_parts: {', '.join(UNIT_PARTS)}, or the same without building")
