"""What can be told about the data before anything is sent (rules B3, B10, C1, C2, C3, C5).

Counts are exact; the records behind them are listed by their numbers, the first 50, never by a name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from connectors.bots4you.mapping import CALLER_PARAMETERS
from connectors.bots4you.tenancies import in_force, load, tenancies
from connectors.bots4you.use_cases import MASTER_DATA, MasterDataSettings, tenant, tenant_parts, unit_parts
from connectors.contract import Check, CheckContext, Finding, Reader, Record, Text, Verdict
from connectors.housing import Lease, Mandant, stream
from connectors.ids import clean, safe_separators

SHOWN = 50
"""How many records a finding lists; ``Finding.count`` counts them all."""

Inspection = Callable[[Reader[Any], MasterDataSettings], Awaitable[Finding]]


async def mandanten(source: Reader[Any], settings: MasterDataSettings) -> Finding:
    """C3: every configured Mandant is one that the ERP knows. Raises Failure."""
    finding = partial(_finding, "bots4you.mandanten", ("C3",))
    known = {clean(mandant.number) async for mandant in stream(source, Mandant)}
    wanted = settings.scope.mandanten
    if wanted is None:
        return finding(Verdict.OK, "mandanten_all", known=len(known))
    unknown = [_text("mandant_unknown", mandant=number) for number in sorted(wanted - known)]
    if unknown:
        return finding(Verdict.FAIL, "mandanten_unknown", unknown)
    return finding(Verdict.OK, "mandanten_known", mandanten=len(wanted))


async def separator(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """C1, C2: no number holds the separator, no two records build one id; else what would be safe.

    Raises Failure.
    """
    finding = partial(_finding, "bots4you.separator", ("C1", "C2"))
    numbers: dict[tuple[str, str], None] = {}  # (part, number), in the order in which they came
    # (entity, id) -> the ERP records that build it
    builders: dict[tuple[str, str], set[str]] = defaultdict(set)
    async for entity, key, parts in _composites(source, settings, today or date.today()):
        numbers |= dict.fromkeys(parts.items())
        if all(parts.values()):
            builders[entity, settings.separator.join(parts.values())].add(key)
    holding = [
        _text(f"separator_in_{part}", number=number)
        for part, number in numbers
        if settings.separator in number
    ]
    colliding = [
        _text(f"collision_{entity}", id=id_, count=len(keys))
        for (entity, id_), keys in builders.items()
        if len(keys) > 1
    ]
    if not holding and not colliding:
        return finding(Verdict.OK, "separator_safe", separator=settings.separator, numbers=len(numbers))
    safe = safe_separators(number for _, number in numbers)
    return finding(
        Verdict.FAIL,
        "separator_unsafe" if safe else "separator_none_safe",
        [*colliding, *holding],
        separator=settings.separator,
        numbers=len(holding),
        collisions=len(colliding),
        safe=" ".join(safe),
    )


async def _composites(
    source: Reader[Any], settings: MasterDataSettings, today: date
) -> AsyncIterator[tuple[str, str, dict[str, str]]]:
    """Everything that gets a composite id: entity, the ERP's own key, and the numbers by part."""
    tables = await load(source, settings.scope, today)
    async for tenancy in tenancies(source, settings.scope, tables):
        if tenancy.lease and tenancy.unit and tenancy.person:
            yield "tenant", tenancy.role.id, _cleaned(tenant_parts(tenancy.lease, tenancy.person))
            yield "unit", tenancy.unit.id, _cleaned(unit_parts(tenancy.unit, settings))


def _cleaned(parts: dict[str, str]) -> dict[str, str]:
    return {part: clean(number) for part, number in parts.items()}


async def separator_changed(context: CheckContext) -> Finding:
    """C5: another separator than in the last applied run would orphan every record we wrote."""
    finding = partial(_finding, "bots4you.separator_changed", ("C5",))
    now = context.settings.separator
    former = (context.former or {}).get("separator", now)
    if former == now or not context.owned:
        return finding(Verdict.OK, "separator_kept", separator=now)
    return finding(
        Verdict.FAIL,
        "separator_changed",
        concerned=context.owned,
        former=former,
        now=now,
        owned=context.owned,
    )


async def contract_numbers(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """B3: every running lease has a number, and no other Mandant uses the same one. Raises Failure."""
    finding = partial(_finding, "bots4you.contract_numbers", ("B3",))
    users: dict[str, list[Lease]] = defaultdict(list)
    async for lease in stream(source, Lease, settings.scope):
        if in_force(lease, settings.scope, today or date.today()):
            users[clean(lease.number)].append(lease)
    missing = [_lease("lease_without_number", lease) for lease in users.pop("", [])]
    repeated = [
        _lease("number_repeated", lease)
        for leases in users.values()
        if len({clean(lease.mandant) for lease in leases}) > 1
        for lease in leases
    ]
    verdict = Verdict.WARN if missing or repeated else Verdict.OK
    code = "contract_numbers_bad" if missing or repeated else "contract_numbers_good"
    return finding(verdict, code, [*missing, *repeated], missing=len(missing), repeated=len(repeated))


async def caller_authentication(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """B10: per Mandant, who lacks a parameter that callers are asked for, and who cannot be told apart.

    A caller names the contract number but no Mandant, so combinations are compared across all Mandanten.
    Raises Failure.
    """
    finding = partial(_finding, "bots4you.caller_authentication", ("B10",))
    tenants: Counter[str] = Counter()
    empty: list[Text] = []
    callers: dict[tuple[str | None, ...], list[Text]] = defaultdict(list)
    async for who, values in _callers(source, settings, today or date.today()):
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
    return finding(
        verdict,
        "caller_authentication",
        [*summary, *empty, *shared],
        concerned=concerned,
        tenants=tenants.total(),
        empty=len(empty),
        shared=len(shared),
    )


async def _callers(
    source: Reader[Any], settings: MasterDataSettings, today: date
) -> AsyncIterator[tuple[dict[str, str], list[str | None]]]:
    """Every tenant that is sent: its numbers, and what it would answer to the chosen parameters."""
    tables = await load(source, settings.scope, today)
    async for tenancy in tenancies(source, settings.scope, tables):
        lease, unit, person = tenancy.lease, tenancy.unit, tenancy.person
        if lease and unit and person and isinstance(tenant(tenancy, settings), Record):
            values = [CALLER_PARAMETERS[name](unit, person) for name in settings.authentication]
            yield _cleaned(tenant_parts(lease, person)), values


async def main_tenant(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """B3: every running lease has exactly one Hauptmieter. Raises Failure."""
    finding = partial(_finding, "bots4you.main_tenant", ("B3",))
    tables = await load(source, settings.scope, today or date.today())
    mains = [(lease, len(tables.mains.get(lease.id, ()))) for lease in tables.running]
    none = [_lease("no_main_tenant", lease) for lease, count in mains if count == 0]
    several = [_lease("several_main_tenants", lease) for lease, count in mains if count > 1]
    bad = bool(none or several)
    return finding(
        Verdict.WARN if bad else Verdict.OK,
        "main_tenant_bad" if bad else "main_tenant_good",
        [*none, *several],
        none=len(none),
        several=len(several),
        leases=len(mains),
    )


def _lease(code: str, lease: Lease) -> Text:
    """A detail that names a lease; ``lease`` is the ERP's own id, for leases without a number."""
    return _text(code, mandant=clean(lease.mandant), contract=clean(lease.number), lease=lease.id)


def _text(code: str, **args: str | int) -> Text:
    return Text(f"bots4you.{code}", args)


def _finding(
    key: str,
    rules: tuple[str, ...],
    verdict: Verdict,
    code: str,
    details: Sequence[Text] = (),
    concerned: int | None = None,
    **args: str | int,
) -> Finding:
    """A finding that counts its details, unless ``concerned`` says how many records are."""
    count = len(details) if concerned is None else concerned
    return Finding(key, rules, verdict, _text(code, count=count, **args), tuple(details[:SHOWN]), count)


async def _inspect(
    key: str, rules: tuple[str, ...], inspection: Inspection, context: CheckContext
) -> Finding:
    if context.source is None:
        return _finding(key, rules, Verdict.MANUAL, "no_source")
    return await inspection(context.source, context.settings)


def _checks(inspections: Iterable[tuple[str, tuple[str, ...], Inspection]]) -> tuple[Check, ...]:
    return tuple(
        Check(key, rules, partial(_inspect, key, rules, inspection), MASTER_DATA.key)
        for key, rules, inspection in inspections
    )


CHECKS = (
    *_checks(
        (
            ("bots4you.mandanten", ("C3",), mandanten),
            ("bots4you.separator", ("C1", "C2"), separator),
            ("bots4you.contract_numbers", ("B3",), contract_numbers),
            ("bots4you.caller_authentication", ("B10",), caller_authentication),
            ("bots4you.main_tenant", ("B3",), main_tenant),
        )
    ),
    Check("bots4you.separator_changed", ("C5",), separator_changed, MASTER_DATA.key),
)
"""The checks of this partner; ``bots4you.connection`` (B1) is the connector's own."""
