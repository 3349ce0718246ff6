"""What onOffice's error codes mean, as problems. The table is data: ``errors.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from connectors.onoffice.wire import Refusal
from connectors.problems import Arrival, Failure, Owner, Problem, Trouble

UNKNOWN_FIELDS = frozenset({75, 141, 143, 144, 145, 212})
"""A name in ``data``, a filter or a sorting that this customer does not have, or has switched off."""
UNKNOWN_RECORD = 80
ENTRY_UNKNOWN = frozenset({83, 84})
"""No e-mail entry of this kind and value."""
IN_ACTION = 97
"""The request was read, and one of its actions failed: look there."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means; ``whole``: it concerns the request and not one action alone."""

    code: str
    trouble: Trouble
    owner: Owner
    whole: bool = False
    effect: bool = False


_OTHER = Meaning("onoffice.refused", Trouble.REJECTED, Owner.PARTNER)


def meaning(code: int) -> Meaning:
    """What an error code means; one of no group is a plain refusal."""
    return meanings().get(code, _OTHER)


def lacks_right(refusal: Refusal | None) -> bool:
    """Whether an action was refused for a right that the API user lacks."""
    return refusal is not None and meaning(refusal.code).trouble is Trouble.RIGHTS


def problem(refusal: Refusal, where: str, *, write: bool = False) -> Problem:
    """The problem a refusal is; of the answer it shows the code alone, since the message may quote values."""
    found = meaning(refusal.code)
    arrival = Arrival.PERHAPS if write and found.effect else Arrival.NEVER
    return Problem(found.code, found.trouble, found.owner, arrival, where=where, excerpt=str(refusal.code))


def failure(refusal: Refusal, where: str, *, write: bool = False) -> Failure:
    """What to raise about a refusal."""
    return Failure(problem(refusal, where, write=write))


@cache
def meanings() -> Mapping[int, Meaning]:
    """Every code that is in the table."""
    table = tomllib.loads(Path(__file__).with_name("errors.toml").read_text(encoding="utf-8"))
    return {
        code: Meaning(
            f"onoffice.{name}",
            Trouble(group["trouble"]),
            Owner(group["owner"]),
            group.get("whole", False),
            group.get("effect", False),
        )
        for name, group in table.items()
        for code in group["codes"]
    }
