"""What can be told about the data before anything is sent (rules B3, B10, C1, C2, C3, C5).

Counts are exact; the records behind them are listed by their numbers, the first 50, never by a name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from datetime import date
from functools import partial
from typing import Any

from connectors.agreed import unit_numbers
from connectors.bots4you.identification import callers as callers_of
from connectors.bots4you.use_cases import MASTER_DATA, MasterDataSettings, tenant_parts
from connectors.contract import Check, CheckContext, Finding, Reader, Text, Verdict
from connectors.findings import (
    Composite,
    Topic,
    composite,
    kept_separator,
    known_mandanten,
    lease_text,
    main_tenants,
    safe_separator,
)
from connectors.housing import Lease, stream
from connectors.ids import clean
from connectors.tenancies import in_force, load, tenancies

MANDANTEN = Topic("bots4you.mandanten", ("C3",))
SEPARATOR = Topic("bots4you.separator", ("C1", "C2"))
SEPARATOR_CHANGED = Topic("bots4you.separator_changed", ("C5",))
CONTRACT_NUMBERS = Topic("bots4you.contract_numbers", ("B3",))
CALLERS = Topic("bots4you.caller_authentication", ("B10",))
MAIN_TENANT = Topic("bots4you.main_tenant", ("B3",))

Inspection = Callable[[Reader[Any], MasterDataSettings], Awaitable[Finding]]


async def mandanten(source: Reader[Any], settings: MasterDataSettings) -> Finding:
    """C3: every configured Mandant is one that the ERP knows. Raises Failure."""
    return await known_mandanten(MANDANTEN, source, settings.scope)


async def separator(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """C1, C2: no number holds the separator, no two records build one id. Raises Failure."""
    composites = _composites(source, settings, today or date.today())
    return await safe_separator(SEPARATOR, composites, settings.separator)


async def _composites(
    source: Reader[Any], settings: MasterDataSettings, today: date
) -> AsyncIterator[Composite]:
    tables = await load(source, settings.scope, today)
    async for tenancy in tenancies(source, settings.scope, tables):
        lease, unit, person = tenancy.lease, tenancy.unit, tenancy.person
        if lease and unit and person:
            yield composite("tenant", tenancy.role.id, tenant_parts(lease, person))
            yield composite("unit", unit.id, unit_numbers(unit, settings.unit_parts))


async def separator_changed(context: CheckContext) -> Finding:
    """C5: another separator than in the last applied run would orphan every record we wrote."""
    return kept_separator(SEPARATOR_CHANGED, context)


async def contract_numbers(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """B3: every running lease has a number, and no other Mandant uses the same one. Raises Failure."""
    users: dict[str, list[Lease]] = defaultdict(list)
    async for lease in stream(source, Lease, settings.scope):
        if in_force(lease, settings.scope, today or date.today()):
            users[clean(lease.number)].append(lease)
    missing = [lease_text("bots4you.lease_without_number", lease) for lease in users.pop("", [])]
    repeated = [
        lease_text("bots4you.number_repeated", lease)
        for leases in users.values()
        if len({clean(lease.mandant) for lease in leases}) > 1
        for lease in leases
    ]
    verdict = Verdict.WARN if missing or repeated else Verdict.OK
    code = f"bots4you.contract_numbers_{'bad' if missing or repeated else 'good'}"
    return CONTRACT_NUMBERS.finding(
        verdict, code, [*missing, *repeated], missing=len(missing), repeated=len(repeated)
    )


async def caller_authentication(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """B10: per Mandant, who lacks a parameter that callers are asked for, and who cannot be told apart.

    A caller names the contract number but no Mandant, so combinations are compared across all Mandanten.
    Raises Failure.
    """
    tenants: Counter[str] = Counter()
    empty: list[Text] = []
    callers: dict[tuple[str | None, ...], list[Text]] = defaultdict(list)
    async for who, values in callers_of(source, settings, settings.authentication, today or date.today()):
        tenants[who["mandant"]] += 1
        if all(values):
            callers[who["contract"], *values].append(_text("caller_shared", **who))
        else:
            empty.append(_text("caller_empty", **who))
    shared = [who for alike in callers.values() if len(alike) > 1 for who in alike]
    without, alike = (Counter(who.args["mandant"] for who in found) for found in (empty, shared))
    summary = [
        _text("callers", mandant=number, tenants=count, empty=without[number], shared=alike[number])
        for number, count in sorted(tenants.items())
    ]
    if "birth_date" in settings.authentication and not settings.birth_date:
        summary.insert(0, _text("birth_date_not_sent"))
    concerned = len(empty) + len(shared)
    verdict = Verdict.WARN if concerned or len(summary) > len(tenants) else Verdict.OK
    return CALLERS.finding(
        verdict,
        "bots4you.caller_authentication",
        [*summary, *empty, *shared],
        concerned=concerned,
        tenants=tenants.total(),
        empty=len(empty),
        shared=len(shared),
    )


async def main_tenant(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """B3: every running lease has exactly one Hauptmieter. Raises Failure."""
    tables = await load(source, settings.scope, today or date.today(), units=False)
    return main_tenants(MAIN_TENANT, tables)


def _text(code: str, **args: str | int) -> Text:
    return Text(f"bots4you.{code}", args)


async def _inspect(topic: Topic, inspection: Inspection, context: CheckContext) -> Finding:
    if context.source is None:
        return topic.no_source()
    return await inspection(context.source, context.settings)


def _checks(inspections: Iterable[tuple[Topic, Inspection]]) -> tuple[Check, ...]:
    return tuple(
        Check(topic.key, topic.rules, partial(_inspect, topic, inspection), MASTER_DATA.key)
        for topic, inspection in inspections
    )


CHECKS = (
    *_checks(
        (
            (MANDANTEN, mandanten),
            (SEPARATOR, separator),
            (CONTRACT_NUMBERS, contract_numbers),
            (CALLERS, caller_authentication),
            (MAIN_TENANT, main_tenant),
        )
    ),
    Check(SEPARATOR_CHANGED.key, SEPARATOR_CHANGED.rules, separator_changed, MASTER_DATA.key),
)
"""The checks of this partner; ``bots4you.connection`` (B1) is the connector's own."""
