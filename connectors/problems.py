"""What can go wrong outside, as data: code, class, whose turn it is, and whether a write may have arrived."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Trouble(StrEnum):
    """The class of a problem; it decides repeating and the exit code."""

    CONFIG = "config"  # our settings or the user's input
    CREDENTIALS = "credentials"  # wrong user, password, key or token
    RIGHTS = "rights"  # known user, missing right
    REJECTED = "rejected"  # the other side refuses this record
    MISSING = "missing"  # the other side does not know this record
    CONFLICT = "conflict"  # somebody else holds it
    LIMIT = "limit"  # too many requests
    UNAVAILABLE = "unavailable"  # the other side is there and cannot answer now
    UNREACHABLE = "unreachable"  # no connection, or it broke
    PAYLOAD = "payload"  # an answer we cannot read
    SOURCE = "source"  # source data that cannot be read as it is


class Owner(StrEnum):
    """Whose turn it is."""

    CONSULTANT = "consultant"
    CUSTOMER = "customer"
    ERP_VENDOR = "erp_vendor"
    PARTNER = "partner"
    NOBODY = "nobody"  # it passes by itself


class Arrival(StrEnum):
    """Whether the request may have had an effect."""

    NEVER = "never"  # it did not leave, or was refused before anything happened
    PERHAPS = "perhaps"


REPEATABLE = frozenset({Trouble.LIMIT, Trouble.UNAVAILABLE, Trouble.UNREACHABLE, Trouble.PAYLOAD})


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong. ``code`` leads to its sentence and remedy in ``texts.toml``.

    ``where`` and ``excerpt`` are redacted at the source: path without query, at most 200 characters of the
    answer with no value of a record. ``retry_after`` is in seconds.
    """

    code: str
    trouble: Trouble
    owner: Owner
    arrival: Arrival = Arrival.NEVER
    where: str = ""
    status: int | None = None
    retry_after: float | None = None
    excerpt: str = ""

    @property
    def repeatable(self) -> bool:
        """Whether trying again later can help."""
        return self.trouble in REPEATABLE


class Failure(Exception):
    """Carries a Problem out of a connector. Its text holds the code and the place only: nothing personal."""

    def __init__(self, problem: Problem, details: tuple[Problem, ...] = ()) -> None:
        super().__init__(f"{problem.code} at {problem.where}" if problem.where else problem.code)
        self.problem = problem
        self.details = details
