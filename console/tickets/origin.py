"""Which partner's ticket an ERP ticket stands for, by the reference that it carries. Pure.

``IMMOMIO:4711`` is the production's, ``IMMOMIO-TEST:4711`` that of a test: one ERP may serve both. Earlier
versions wrote ``IMMOMIO:4711`` in every environment, so this spelling proves nothing by itself: the moment at
which the ticket came to be, which stands beside it, must be the very moment that the partner tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SAME = timedelta(seconds=1)
"""Moments closer than this are one: some servers drop the fraction."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A partner in an environment."""

    partner: str
    environment: str

    def reference(self, ticket: str) -> str:
        """The partner's id as the ERP keeps it."""
        return f"{self._spelled}:{ticket}"

    def ticket(self, reference: str) -> str:
        """The partner's ticket that a reference may mean; "" where it is none of ours."""
        for spelled in (self._spelled, self.partner.upper()):
            if reference.startswith(f"{spelled}:"):
                return reference.removeprefix(f"{spelled}:")
        return ""

    def proven(self, reference: str) -> bool:
        """Whether a reference says by itself that it is ours; else the moment decides."""
        return self._spelled != self.partner.upper() and reference.startswith(f"{self._spelled}:")

    def made_for(self, ticket: str, born: datetime | None, reference: str, at: datetime) -> bool:
        """Whether an ERP ticket with this reference and moment is that of the partner's ticket that was
        ``born`` then; None where the partner does not show it any more."""
        if reference == self.reference(ticket) and (born is None or self.proven(reference)):
            return True
        return born is not None and self.ticket(reference) == ticket and abs(at - born) < SAME

    @property
    def _spelled(self) -> str:
        name = self.partner.upper()
        return name if self.environment == "production" else f"{name}-{self.environment.upper()}"
