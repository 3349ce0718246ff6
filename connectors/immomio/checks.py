"""What can be told about master data before anything is sent, and all of Immomio's checks.

Counts are exact; the records behind them are listed by their numbers, the first 50, never by a name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from connectors.agreed import contract_numbers, tenant_numbers, unit_numbers, within
from connectors.contract import Capability, Check, CheckContext, Finding, Reader, Skipped, Verdict
from connectors.findings import (
    Composite,
    Topic,
    composite,
    kept_separator,
    known_mandanten,
    main_tenants,
    safe_separator,
)
from connectors.housing import Building, EconomicUnit, Person, Unit, stream
from connectors.ids import clean
from connectors.immomio.checks_documents import DOCUMENT_CHECKS
from connectors.immomio.checks_i10 import COMPARISON_CHECK
from connectors.immomio.checks_letting import LETTING_CHECKS
from connectors.immomio.checks_prospects import PROSPECT_CHECKS
from connectors.immomio.inspecting import of_source, say
from connectors.immomio.master_data import MASTER_DATA
from connectors.immomio.people import tenant
from connectors.immomio.settings import SEPARATORS_OF, MasterDataSettings
from connectors.immomio.usage import KINDS, kind
from connectors.letting import ErpUser
from connectors.spelling import valid_email
from connectors.tenancies import load, tenancies

MANDANTEN = Topic("immomio.mandanten", ("C3",))
SEPARATOR = Topic("immomio.separator", ("C1", "C2"))
SEPARATOR_CHANGED = Topic("immomio.separator_changed", ("C5",))
IDS_JOIN = Topic("immomio.ids_join", ("I7",))
PAGE_VERSION = Topic("immomio.page_version", ("I3",))
USAGE_TYPES = Topic("immomio.usage_types", ("I10",))
EMAILS = Topic("immomio.tenants_without_email", ("I4",))
SHARED_EMAIL = Topic("immomio.shared_email", ("I4",))
MAIN_TENANT = Topic("immomio.main_tenant", ("I9",))
ERP_USER = Topic("immomio.erp_user", ("I5",))

USER = "IMMOMIO"
"""The ERP's user through which the integration runs (rule I5)."""


async def mandanten(source: Reader[Any], settings: MasterDataSettings) -> Finding:
    """C3: every configured Mandant is one that the ERP knows. Raises Failure."""
    return await known_mandanten(MANDANTEN, source, settings.scope)


async def separator(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """C1, C2: no number holds the separator, no two records build one id. Raises Failure."""
    composites = _composites(source, settings, today or date.today())
    allowed = SEPARATORS_OF[settings.page_version]
    return await safe_separator(SEPARATOR, composites, settings.separator, allowed)


async def _composites(
    source: Reader[Any], settings: MasterDataSettings, today: date
) -> AsyncIterator[Composite]:
    """Everything that is sent under a composite id."""
    async for one in _stock(source, settings):
        yield one
    if settings.newest:
        tables = await load(source, settings.scope, today, units=False)
        for lease in tables.running:
            yield composite("contract", lease.id, contract_numbers(lease))
        async for tenancy in tenancies(source, settings.scope, tables):
            if tenancy.lease and tenancy.person:
                whose = tenant_numbers(tenancy.lease.mandant, tenancy.person)
                yield composite("tenant", tenancy.person.id, whose)


async def _stock(source: Reader[Any], settings: MasterDataSettings) -> AsyncIterator[Composite]:
    scope = settings.scope
    above: dict[str, str] = {}
    async for one in stream(source, EconomicUnit, scope):
        above[one.id] = one.number
        if within(scope, one.mandant):
            yield composite("economic_unit", one.id, {"mandant": one.mandant, "economic_unit": one.number})
    if settings.buildings:
        async for house in stream(source, Building, scope):
            if within(scope, house.mandant):
                number = above.get(house.economic_unit_id or "", "")
                numbers = {"mandant": house.mandant, "economic_unit": number, "building": house.number}
                yield composite("building", house.id, numbers)
    async for unit in stream(source, Unit, scope):
        if within(scope, unit.mandant):
            yield composite("unit", unit.id, unit_numbers(unit, settings.unit_parts))


async def separator_changed(context: CheckContext) -> Finding:
    """C5: another separator than in the last applied run would orphan every record we wrote."""
    return kept_separator(SEPARATOR_CHANGED, context)


async def ids_join(context: CheckContext) -> Finding:
    """I7: all use cases of the customer build their ids alike, or what belongs together is not found."""
    agreed = {
        place: settings for place, settings in context.siblings.items() if hasattr(settings, "separator")
    }
    separators = {settings.separator for settings in agreed.values()}
    parts = {settings.unit_parts for settings in agreed.values() if hasattr(settings, "unit_parts")}
    if len(separators) <= 1 and len(parts) <= 1:
        return IDS_JOIN.finding(Verdict.OK, "immomio.ids_join", use_cases=len(agreed))
    details = [
        say(
            "ids_built",
            partner=partner,
            use_case=use_case,
            separator=settings.separator,
            parts=len(getattr(settings, "unit_parts", ())) or "?",
        )
        for (partner, use_case), settings in sorted(agreed.items())
    ]
    return IDS_JOIN.finding(Verdict.FAIL, "immomio.ids_differ", details, separators=len(separators))


async def page_version(context: CheckContext) -> Finding:
    """I3: what the chosen version of Immomio offers, and whether the connection is set to the same one."""
    settings: MasterDataSettings = context.settings
    connection = getattr(context.options, "page_version", settings.page_version)
    if connection != settings.page_version:
        return PAGE_VERSION.finding(
            Verdict.FAIL,
            "immomio.page_versions_differ",
            concerned=1,
            agreed=settings.page_version,
            connection=connection,
        )
    return PAGE_VERSION.finding(Verdict.OK, f"immomio.page_version_{settings.page_version}")


async def usage_types(source: Reader[Any], settings: MasterDataSettings) -> Finding:
    """I10: how many units there are of each kind, and which usage types stand in no list. Raises Failure."""
    kinds: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    async for unit in stream(source, Unit, settings.scope):
        if within(settings.scope, unit.mandant):
            what = kind(unit.usage_raw, settings.usage_lists)
            kinds[what or ""] += 1
            if what is None:
                unknown[clean(unit.usage_raw)] += 1
    details = [
        say("usage_unlisted" if usage else "usage_empty", usage=usage, count=count)
        for usage, count in sorted(unknown.items(), key=lambda item: (-item[1], item[0]))
    ]
    return USAGE_TYPES.finding(
        Verdict.WARN if unknown else Verdict.OK,
        "immomio.usage_types",
        details,
        concerned=unknown.total(),
        types=len(unknown),
        **{what.lower(): kinds[what] for what in KINDS},
    )


async def tenants_without_email(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """I4: which tenants of running leases have no valid e-mail address. Raises Failure."""
    found = []
    count = 0
    async for mandant, person in _people(source, settings, today or date.today()):
        count += 1
        one = tenant(person, mandant, settings)
        if isinstance(one, Skipped) and one.rule == "I4":
            found.append(one.reason)
    verdict = Verdict.WARN if found else Verdict.OK
    return EMAILS.finding(verdict, "immomio.tenants_without_email", found, tenants=count)


async def shared_email(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """I4: which persons share an e-mail address; Immomio knows a user by it. Raises Failure."""
    users: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    async for mandant, person in _people(source, settings, today or date.today()):
        if email := valid_email(person):
            users[email.casefold()].setdefault(person.id, (mandant, clean(person.number)))
    shared = [group for group in users.values() if len(group) > 1]
    details = [
        say("email_shared", mandant=mandant, partner=partner, others=len(group) - 1)
        for group in shared
        for mandant, partner in group.values()
    ]
    verdict = Verdict.WARN if shared else Verdict.OK
    return SHARED_EMAIL.finding(
        verdict, f"immomio.emails_{'shared' if shared else 'apart'}", details, addresses=len(shared)
    )


async def _people(
    source: Reader[Any], settings: MasterDataSettings, today: date
) -> AsyncIterator[tuple[str, Person]]:
    """Every tenant of a running lease, once per Mandant."""
    tables = await load(source, settings.scope, today, units=False)
    last: tuple[str, set[str]] = "", set()
    async for tenancy in tenancies(source, settings.scope, tables):
        if tenancy.lease is None or tenancy.person is None:
            continue
        mandant = clean(tenancy.lease.mandant)
        if tenancy.person.id != last[0]:
            last = tenancy.person.id, set()
        if mandant not in last[1]:
            last[1].add(mandant)
            yield mandant, tenancy.person


async def main_tenant(
    source: Reader[Any], settings: MasterDataSettings, *, today: date | None = None
) -> Finding:
    """I9: every running lease has exactly one Hauptmieter. Raises Failure."""
    tables = await load(source, settings.scope, today or date.today(), units=False)
    return main_tenants(MAIN_TENANT, tables)


async def erp_user(source: Reader[Any], settings: MasterDataSettings) -> Finding:
    """I5: the ERP has the user through which the integration runs, and it may log in. Raises Failure."""
    found = [u async for u in stream(source, ErpUser) if clean(u.name).casefold() == USER.casefold()]
    if any(user.active for user in found):
        return ERP_USER.finding(Verdict.OK, "immomio.erp_user", user=USER)
    code = "immomio.erp_user_inactive" if found else "immomio.erp_user_missing"
    return ERP_USER.finding(Verdict.FAIL, code, concerned=1, user=USER)


CHECKS = (
    of_source(MANDANTEN, MASTER_DATA.key, mandanten),
    of_source(SEPARATOR, MASTER_DATA.key, separator),
    Check(SEPARATOR_CHANGED.key, SEPARATOR_CHANGED.rules, separator_changed, MASTER_DATA.key),
    Check(IDS_JOIN.key, IDS_JOIN.rules, ids_join),
    Check(PAGE_VERSION.key, PAGE_VERSION.rules, page_version, MASTER_DATA.key),
    of_source(USAGE_TYPES, MASTER_DATA.key, usage_types),
    of_source(EMAILS, MASTER_DATA.key, tenants_without_email),
    of_source(SHARED_EMAIL, MASTER_DATA.key, shared_email),
    of_source(MAIN_TENANT, MASTER_DATA.key, main_tenant),
    of_source(ERP_USER, MASTER_DATA.key, erp_user, Capability.USERS),
    *LETTING_CHECKS,
    COMPARISON_CHECK,
    *PROSPECT_CHECKS,
    *DOCUMENT_CHECKS,
)
"""The checks of all use cases; those of the connection are the connector's own."""
