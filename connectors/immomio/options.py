"""Settings of the connection to Immomio (``[customers.KEY.immomio]`` in the configuration)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from connectors.contract import Limits
from connectors.immomio.entities import CONTRACT, DOCUMENT, PROPERTY, TENANT, UNIT, VACANCY

BULK = 200
"""Records in one writing call, and objects in one delivery."""

WRITTEN: dict[str, tuple[str, ...]] = {
    "newest": (PROPERTY, UNIT, TENANT, CONTRACT, VACANCY, DOCUMENT),
    "source": (PROPERTY, UNIT, VACANCY),
}
"""What each page version takes (rule I3); in the older one tenants and contracts are still to come."""

_HOST = re.compile(r"[\w.-]+|\[?[0-9A-Fa-f:.]+\]?")
_MAIL = re.compile(r"[^\s@<>,;\"]+@[^\s@<>,;\"]+\.[^\s@<>,;\".]+")


@dataclass(frozen=True, slots=True)
class ImmomioOptions:
    """Settings of the connection. The limits are our assumption; the vendor may grant others.

    ``dit``: the account is on the old system, so vacancies are delivered by FTP (rule I2). ``delivery``: only
    what changed, or each time the whole stock with the changes in it. ``ftp_wait``: seconds to wait for the
    result of an import. ``sender``, ``contact_name`` and ``contact_email`` stand in every delivery; the name
    is the sender's where none is given. Raises ValueError("field: what is wrong").
    """

    dit: bool = False
    ftp_host: str = ""
    ftp_port: int = 21
    ftp_tls: bool = True
    ftp_wait: int = 300
    delivery: Literal["partial", "full"] = "partial"
    sender: str = ""
    contact_name: str = ""
    contact_email: str = ""
    page_version: Literal["newest", "source"] = "newest"
    bulk: bool = True
    requests_per_second: float = 20.0
    burst: int = 20

    def __post_init__(self) -> None:
        self._check_ftp()
        if self.delivery not in ("partial", "full"):
            raise ValueError("delivery: partial or full")
        if self.page_version not in WRITTEN:
            raise ValueError(f"page_version: {' or '.join(WRITTEN)}")
        if self.contact_email and not _MAIL.fullmatch(self.contact_email):
            raise ValueError("contact_email: an e-mail address")
        if not all(map(str.isprintable, (self.sender, self.contact_name))):
            raise ValueError("sender, contact_name: one line of visible characters")
        if not 0 < self.requests_per_second <= 1000:
            raise ValueError("requests_per_second: more than 0, at most 1000")
        if not 1 <= self.burst <= 1000:
            raise ValueError("burst: from 1 to 1000")

    def _check_ftp(self) -> None:
        if self.dit and not self.ftp_host:
            raise ValueError("ftp_host: needed with dit = true")
        if self.ftp_host and not _HOST.fullmatch(self.ftp_host):
            raise ValueError("ftp_host: a host name or address, without ftp:// and without a folder")
        if not 1 <= self.ftp_port <= 65_535:
            raise ValueError("ftp_port: from 1 to 65535")
        if not 1 <= self.ftp_wait <= 7_200:
            raise ValueError("ftp_wait: from 1 to 7200 seconds")

    @property
    def limits(self) -> Limits:
        """The limits to keep."""
        return Limits(self.requests_per_second, self.burst, bulk=BULK if self.bulk else 1, documented=False)

    @property
    def written(self) -> tuple[str, ...]:
        """The entities that the page version takes."""
        return WRITTEN[self.page_version]
