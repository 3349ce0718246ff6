"""The practice company: which loopback partners there are, and a configuration that leads to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.registry import partner
from connectors.ticketing import TICKETS
from console.errors import ConsoleError
from console.i18n import _

if TYPE_CHECKING:
    from connectors.sandbox.app import PartnerSandbox
    from connectors.sandbox.clock import Clock
    from connectors.sandbox.company import Company

CUSTOMER = "practice"
SEPARATOR = "/"
DOCUMENTS = "documents"
"""The use case that needs an archive."""
OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "immomio": {"sender": "Wohnbau Musterstadt eG", "contact_email": "vermietung@example.org"},
}
"""What else is agreed for a partner's connection."""

STATUSES: Mapping[str, str] = {
    "10": "NEW",
    "20": "IN_PROGRESS",
    "30": "WAITING",
    "40": "IN_PROGRESS",
    "90": "DONE",
    "95": "REJECTED",
}
AGREED: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("immomio", DOCUMENTS): {
        "archives": ["MI Mietvertrag", "MV Mieterapp", "Mieter App"],
        "mandant_index": "Mandant",
        "categories": ["Verträge", "Mieter-Freigabe", "Schriftverkehr"],
        "category_archives": {"Mietbescheinigung": "Mieter App"},
    },
    ("onoffice", "contact-chain"): {"api_user": "einzug-api"},
    ("bots4you", TICKETS): {"statuses": STATUSES},
    ("immomio", TICKETS): {
        "statuses": STATUSES,
        "archive": "Mieter App",
        "archive_index": "Mietvertrags-Nr.",
        "comments_to_erp": True,
    },
}
"""What is agreed for a use case beyond its defaults, by partner and use case."""


@dataclass(frozen=True, slots=True)
class Practice:
    """Size and seed of the company; ``empty_partners``: the partners start without records."""

    units: int = 500
    seed: int = 1
    empty_partners: bool = True

    def company(self) -> Company:
        """The seeded company, the same for the same figures and day."""
        from connectors.sandbox.company import build_company

        return build_company(self.units, self.seed)


def partners(practice: Practice, clock: Clock, chosen: Sequence[str] = ()) -> list[PartnerSandbox]:
    """The loopback partners, all or the chosen ones. Raises ConsoleError for an unknown one."""
    makers = _makers(practice, clock)
    unknown = [key for key in chosen if key not in makers]
    if unknown:
        raise ConsoleError(
            _("There is no sandbox {key!r}.").format(key=unknown[0]),
            _("Known: {names}.").format(names=", ".join(makers)),
        )
    return [make() for key, make in makers.items() if not chosen or key in chosen]


def _makers(practice: Practice, clock: Clock) -> Mapping[str, Callable[[], PartnerSandbox]]:
    from connectors.archive.sandbox import archive_sandbox
    from connectors.bots4you.sandbox import bots4you_sandbox
    from connectors.erp.sandbox import erp_sandbox
    from connectors.immomio.sandbox import immomio_sandbox
    from connectors.onoffice.sandbox import onoffice_sandbox

    return {
        "erp": lambda: erp_sandbox(practice.company(), clock),
        "archive": lambda: archive_sandbox(practice.company(), clock),
        "bots4you": lambda: bots4you_sandbox(clock, seed=practice.seed),
        "immomio": lambda: immomio_sandbox(clock, seed=practice.seed),
        "onoffice": lambda: onoffice_sandbox(practice.company(), clock, seed=practice.seed),
    }


def config_text(ready: Mapping[str, Any]) -> str:
    """A configuration for the customer ``practice`` that leads to running sandboxes."""
    import tomlkit

    found = dict(ready["partners"])
    ca = {"ca": ready["ca"]} if "ca" in ready else {}
    customer: dict[str, Any] = {
        "name": "Wohnbau Musterstadt eG",
        "erp_product": "OPENWOWI",
        "mandanten": "all",
        "separator": SEPARATOR,
    }
    if "control" in ready:
        customer["control"] = ready["control"]
    if erp := found.pop("erp", None):
        # On this machine nobody minds how fast the ERP is read.
        customer["erp"] = {
            "source": "openwowi",
            "url": erp["url"],
            **ca,
            "requests_per_second": 1000.0,
            "burst": 100,
        }
    archive = found.pop("archive", None)
    if archive:
        fast = {"requests_per_second": 1000.0, "burst": 100}
        customer["archive"] = {"environment": "practice", "url": archive["url"], **ca, **fast}
    for key, entry in found.items():
        found_partner = partner(key)
        keys = [u.key for u in found_partner.use_cases if archive or u.key != DOCUMENTS]
        keys += [TICKETS] if found_partner.tickets else []
        use_cases = {name: dict(AGREED.get((key, name), {})) for name in keys}
        ftp = {f"ftp_{name}": entry["ftp"][name] for name in ("host", "port", "tls") if "ftp" in entry}
        own = {**ftp, **OPTIONS.get(key, {})}
        customer[key] = {"environment": "practice", "url": entry["url"], **ca, **own, "use_cases": use_cases}
    return tomlkit.dumps({"customers": {CUSTOMER: customer}})


def secrets_of(entry: Mapping[str, Any]) -> dict[str, str]:
    """The credentials in a partner's entry of the ready line."""
    ftp = {f"ftp_{name}": str(entry["ftp"][name]) for name in ("username", "password") if "ftp" in entry}
    return {name: str(value) for name, value in entry.items() if name not in ("url", "ftp")} | ftp
