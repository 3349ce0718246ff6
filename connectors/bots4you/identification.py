"""How callers prove who they are (rule B10): the contract number and what is asked for beside it.

The trial reads every tenant once and keeps fingerprints only, eight bytes a value, made with a key that dies
with the reading: any choice can then be counted, and nobody is named.
"""

from __future__ import annotations

import hashlib
import secrets
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from connectors.bots4you.mapping import CALLER_PARAMETERS
from connectors.bots4you.spoken import LONGEST, Fault, Spoken, judge
from connectors.bots4you.use_cases import MASTER_DATA, MasterDataSettings, tenant, tenant_parts
from connectors.contract import Reader, Record, Text
from connectors.ids import clean
from connectors.tenancies import load, tenancies
from connectors.trials import Trial, TrialRow

EMPTY = 0
"""The fingerprint of nothing."""


async def callers(
    source: Reader[Any], settings: MasterDataSettings, names: Collection[str], today: date
) -> AsyncIterator[tuple[dict[str, str], list[str | None]]]:
    """Every tenant that is sent: its numbers, and its answers when asked for these. Raises Failure."""
    tables = await load(source, settings.scope, today)
    async for tenancy in tenancies(source, settings.scope, tables):
        lease, unit, person = tenancy.lease, tenancy.unit, tenancy.person
        if lease and unit and person and isinstance(tenant(tenancy, settings), Record):
            values = [CALLER_PARAMETERS[name](unit, person) for name in names]
            numbers = tenant_parts(lease, person)
            yield {part: clean(number) for part, number in numbers.items()}, values


class Callers:
    """The tenants of one reading as columns of fingerprints."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(16)
        self._mandanten: dict[str, int] = {}  # Mandant -> its number in ``_groups``
        self._groups = array("L")
        self._contracts = array("Q")
        self._columns = {name: array("Q") for name in CALLER_PARAMETERS}
        self._spoken = Spoken(0, 0, ())

    def add(self, mandant: str, contract: str, values: Iterable[str | None]) -> None:
        """Add a tenant; ``values`` are those of all parameters, in their order."""
        self._groups.append(self._mandanten.setdefault(mandant, len(self._mandanten)))
        self._contracts.append(self._fingerprint(contract))
        for column, value in zip(self._columns.values(), values, strict=True):
            column.append(self._fingerprint(value) if value else EMPTY)

    def judge(self, contracts: Iterable[str]) -> None:
        """Look which contract numbers can be spoken."""
        self._spoken = judge(contracts)

    @property
    def lacking(self) -> Mapping[str, int]:
        """For each parameter how many tenants have none."""
        return {name: column.count(EMPTY) for name, column in self._columns.items()}

    @property
    def remarks(self) -> tuple[Text, ...]:
        """What stands out among the contract numbers; those that all can speak are told too."""
        spoken = self._spoken
        found = [self._text("numbers", spoken.faulty)]
        found += [
            self._text(f"numbers_{fault}", spoken.count(fault)) for fault in Fault if spoken.count(fault)
        ]
        return (*found, self._text("signs", spoken.signs)) if spoken.signs else tuple(found)

    @property
    def details(self) -> tuple[Text, ...]:
        """Every contract number that cannot be spoken, with the reason."""
        return tuple(
            Text(f"bots4you.spoken_{fault}", {"number": number, "longest": LONGEST})
            for number, fault in self._spoken.faults
        )

    def _text(self, code: str, count: int) -> Text:
        args: dict[str, str | int] = {"count": count, "all": self._spoken.numbers, "longest": LONGEST}
        return Text(f"bots4you.spoken_{code}", args)

    def count(self, chosen: Collection[str]) -> tuple[TrialRow, ...]:
        """By Mandant how many tenants lack something that is chosen, and how many cannot be told apart.

        A caller names the contract number but no Mandant, so all are compared with each other.
        """
        alike = Counter(key for key in self._combined(chosen) if key is not None)
        totals, empty, shared = Counter(self._groups), Counter[int](), Counter[int]()
        for group, key in zip(self._groups, self._combined(chosen), strict=True):
            if key is None:
                empty[group] += 1
            elif alike[key] > 1:
                shared[group] += 1
        return tuple(
            TrialRow(mandant, totals[group], empty[group], shared[group])
            for mandant, group in sorted(self._mandanten.items())
        )

    def _combined(self, chosen: Collection[str]) -> Iterator[tuple[int, ...] | None]:
        """What each tenant would answer; None where something is missing."""
        columns = [column for name, column in self._columns.items() if name in chosen]
        for values in zip(self._contracts, *columns, strict=True):
            yield values if EMPTY not in values else None

    def _fingerprint(self, value: str) -> int:
        digest = hashlib.blake2b(
            value.encode("utf-8", "surrogatepass"), digest_size=8, key=self._key
        ).digest()
        return int.from_bytes(digest, "little") or 1


async def read_callers(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Callers:
    """Read every tenant once. Raises Failure."""
    found, contracts = Callers(), dict[str, None]()
    async for numbers, values in callers(source, settings, CALLER_PARAMETERS, today or date.today()):
        found.add(numbers["mandant"], numbers["contract"], values)
        contracts[numbers["contract"]] = None
    found.judge(contracts)
    return found


def takes_over(chosen: tuple[str, ...]) -> Mapping[str, str | tuple[str, ...]]:
    """The settings that a choice stands for: a birth date that is asked for has to be sent."""
    found: dict[str, str | tuple[str, ...]] = {"authentication": chosen}
    return {**found, "birth_date": "true"} if "birth_date" in chosen else found


IDENTIFICATION = Trial(
    key="identification",
    use_case=MASTER_DATA.key,
    rules=("B10",),
    options=tuple(CALLER_PARAMETERS),
    chosen=lambda settings: settings.authentication,
    read=read_callers,
    takes_over=takes_over,
    items=(
        "bots4you_voicebot_dialog.details",
        "bots4you_voicebot_dialog.details_checked",
        "bots4you_voicebot_dialog.spoken_numbers",
    ),
)
"""Which details callers are asked for beside the contract number, tried out on all tenants."""
