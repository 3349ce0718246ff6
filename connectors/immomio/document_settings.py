"""What is agreed with a customer for ``documents``, and the ticket categories that lead to archives (I22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from connectors.agreed import UNIT_PARTS, Mandanten, Ownership
from connectors.contract import Scope
from connectors.immomio.settings import MasterDataSettings
from connectors.immomio.usage import COMMERCIALS, FLATS, GARAGES


@dataclass(frozen=True, slots=True)
class DocumentSettings:
    """What was agreed for ``documents``. Raises ValueError("field: what is wrong").

    ``archives`` are the names of the connected archives, ``contract_index`` the name of the index that holds
    the contract number, ``mandant_index`` of one that holds the Mandant ("" = there is none). ``categories``
    are the search categories that are expected: another one is named by a check and hides nothing (I19);
    ``excluded_categories`` are kept back (I21). ``storage``: Immomio keeps the file, or only what is known of
    it. ``dangerous``: documents that no tenant should see by surprise are sent once that was confirmed, or
    kept back. ``category_archives``: ticket category to the archive of the documents it leads to (I22).

    The fields from ``unit_parts`` on say which leases and tenants Immomio knows, as for ``master-data``.
    """

    separator: str
    mandanten: Mandanten
    archives: tuple[str, ...]
    contract_index: str = "Mietvertrags-Nr."
    mandant_index: str = ""
    categories: tuple[str, ...] = ()
    excluded_archives: tuple[str, ...] = ()
    excluded_categories: tuple[str, ...] = ()
    storage: Literal["stored", "metadata"] = "stored"
    dangerous: Literal["send", "hold"] = "send"
    category_archives: Mapping[str, str] = field(default_factory=dict)
    unit_parts: tuple[str, ...] = UNIT_PARTS
    flats: tuple[str, ...] = FLATS
    garages: tuple[str, ...] = GARAGES
    commercial: tuple[str, ...] = COMMERCIALS
    leases_without_tenant: Literal["skip", "send"] = "skip"
    shared_email: Literal["first", "send"] = "first"
    owner: Ownership = "einzug"

    def __post_init__(self) -> None:
        self.master_data  # noqa: B018  (it checks what it is made of)
        # A plain table: settings are copied and compared as they are remembered.
        object.__setattr__(self, "category_archives", dict(self.category_archives))
        if not self.archives or not all(map(str.strip, self.archives)):
            raise ValueError("archives: name at least one, none of them empty")
        if len(set(self.archives)) != len(self.archives):
            raise ValueError("archives: name each only once")
        if not self.contract_index.strip():
            raise ValueError("contract_index: needed")
        if unknown := set(self.excluded_archives) - set(self.archives):
            raise ValueError(f"excluded_archives: {min(unknown)!r} is none of archives")
        if self.storage not in ("stored", "metadata"):
            raise ValueError('storage: "stored" or "metadata"')
        if self.dangerous not in ("send", "hold"):
            raise ValueError('dangerous: "send" or "hold"')
        if not all(self.category_archives) or not all(self.category_archives.values()):
            raise ValueError("category_archives: ticket category and archive, none of them empty")

    @property
    def master_data(self) -> MasterDataSettings:
        """Which leases and tenants Immomio knows."""
        return MasterDataSettings(
            separator=self.separator,
            mandanten=self.mandanten,
            unit_parts=self.unit_parts,
            flats=self.flats,
            garages=self.garages,
            commercial=self.commercial,
            leases_without_tenant=self.leases_without_tenant,
            shared_email=self.shared_email,
            owner=self.owner,
        )

    @property
    def scope(self) -> Scope:
        """The Mandanten whose documents are sent (rule C3)."""
        return self.master_data.scope

    @property
    def reading(self) -> Scope:
        """The archives that are read."""
        return Scope(archives=frozenset(self.archives))
