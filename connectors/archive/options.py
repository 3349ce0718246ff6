"""Settings of the connection to the archive (``[customers.KEY.archive]`` in the configuration)."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.contract import Limits


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """Settings of the connection. The limits are ours; none are documented.

    ``max_hits``: the most documents that one search gives; a search that reaches it is split. ``date_index``
    and ``contract_index`` are the names of the indexes by which it is split: the day on which a document was
    filed (YYYY-MM-DD), and the contract number. Raises ValueError("field: what is wrong").
    """

    max_hits: int = 500
    date_index: str = "Erfassungsdatum"
    contract_index: str = "Mietvertrags-Nr."
    requests_per_second: float = 10.0
    burst: int = 10

    def __post_init__(self) -> None:
        if not 1 <= self.max_hits <= 10_000:
            raise ValueError("max_hits: from 1 to 10000")
        if not self.date_index and not self.contract_index:
            raise ValueError("date_index: one of date_index and contract_index is needed")
        if not 0 < self.requests_per_second <= 1000:
            raise ValueError("requests_per_second: more than 0, at most 1000")
        if not 1 <= self.burst <= 1000:
            raise ValueError("burst: from 1 to 1000")

    @property
    def limits(self) -> Limits:
        """The limits to keep."""
        return Limits(self.requests_per_second, self.burst, documented=False)
