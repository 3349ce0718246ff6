"""What customers agree for the use cases of several partners: separator, Mandanten, the parts of a unit's id.

The functions check a settings dataclass and raise ValueError("field: what is wrong"), as the configuration
wants it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, Literal

from connectors.contract import Reader, Scope
from connectors.housing import Lease, Mandant, Person, Unit, stream
from connectors.ids import SEPARATORS, clean
from connectors.letting import Vacancy
from connectors.problems import Failure, Owner, Problem, Trouble

Mandanten = tuple[str, ...] | Literal["all"]
"""The Mandanten that take part; all of them only where that is said expressly (rule C3)."""

Ownership = Literal["einzug", "hub"]
"""Who keeps a use case in step: Einzug, or the ERP vendor's own hub."""

UNIT_PARTS = ("mandant", "economic_unit", "building", "unit")
"""The parts of a unit's composite id, in order (rule I7)."""

NO_BUILDING = ("mandant", "economic_unit", "unit")
"""The parts where the ERP has no buildings."""


def check_separator(separator: str, allowed: Collection[str] = SEPARATORS) -> None:
    """C1: one of the allowed characters. Raises ValueError."""
    if separator not in allowed:
        raise ValueError(f"separator: allowed are {' '.join(allowed)}")


def check_mandanten(mandanten: Mandanten) -> None:
    """C3: a list of numbers, none of them empty, or "all". Raises ValueError."""
    if mandanten == "all":
        return
    if not mandanten:
        raise ValueError('mandanten: name at least one, or write "all"')
    if isinstance(mandanten, str) or not all(map(clean, mandanten)):
        raise ValueError('mandanten: a list of numbers, none of them empty, or "all"')


def check_owner(owner: str) -> None:
    """Whose job the use case is. Raises ValueError."""
    if owner not in ("einzug", "hub"):
        raise ValueError('owner: "einzug" or "hub"')


def scope_of(mandanten: Mandanten) -> Scope:
    """The Mandanten whose data is read and sent."""
    return Scope() if mandanten == "all" else Scope(frozenset(map(clean, mandanten)))


def within(scope: Scope, mandant: str) -> bool:
    """Whether a record of this Mandant takes part."""
    return scope.mandanten is None or clean(mandant) in scope.mandanten


async def require_mandanten(source: Reader[Any], scope: Scope, seen: Iterable[str] = ()) -> None:
    """A mistyped Mandant must not pass for one without data: the ERP is asked for those not ``seen`` already.

    Raises Failure.
    """
    unseen = (scope.mandanten or frozenset()) - set(map(clean, seen))
    if unseen:
        unseen -= {clean(mandant.number) async for mandant in stream(source, Mandant, scope)}
    if unseen:
        where = ", ".join(sorted(unseen))
        raise Failure(Problem("agreed.unknown_mandant", Trouble.CONFIG, Owner.CONSULTANT, where=where))


def unit_numbers(unit: Unit | Vacancy, parts: tuple[str, ...]) -> Mapping[str, str]:
    """The numbers of a unit's composite id by part, in order."""
    numbers = {
        "mandant": unit.mandant,
        "economic_unit": unit.economic_unit,
        "building": unit.building,
        "unit": unit.unit if isinstance(unit, Vacancy) else unit.number,
    }
    return {part: numbers[part] for part in parts}


def tenant_numbers(mandant: str, person: Person) -> Mapping[str, str]:
    """The numbers of a person's composite id within a Mandant."""
    return {"mandant": mandant, "partner": person.number}


def contract_numbers(lease: Lease) -> Mapping[str, str]:
    """The numbers of a lease's composite id."""
    return {"mandant": lease.mandant, "contract": lease.number}
