"""Settings of the connection to onOffice (``[customers.KEY.onoffice]`` in the configuration)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from connectors.contract import Limits

IN_FLIGHT = 2
"""Requests under way at once. Nothing is documented, so we stay modest."""


@dataclass(frozen=True, slots=True)
class OnOfficeOptions:
    """Settings of the connection. onOffice documents no limits; these are our assumption. ``language`` is the
    one in which onOffice gives the labels of fields and keys. Raises ValueError("field: what is wrong").
    """

    language: Literal["DEU", "ENG"] = "DEU"
    requests_per_second: float = 4.0
    burst: int = 8

    def __post_init__(self) -> None:
        if self.language not in ("DEU", "ENG"):
            raise ValueError("language: DEU or ENG")
        if not 0 < self.requests_per_second <= 1000:
            raise ValueError("requests_per_second: more than 0, at most 1000")
        if not 1 <= self.burst <= 1000:
            raise ValueError("burst: from 1 to 1000")

    @property
    def limits(self) -> Limits:
        """The limits to keep."""
        return Limits(self.requests_per_second, self.burst, in_flight=IN_FLIGHT, documented=False)
