"""The contracts of the seeded company: leases, their parties, rent items, and rows that mark a vacancy."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from connectors.housing import (
    Lease,
    LeaseStatus,
    Person,
    RentCategory,
    RentItem,
    Role,
    TenantRole,
    Unit,
    UsageClass,
)
from connectors.sandbox import names
from connectors.sandbox.company_model import Draft, euros
from connectors.sandbox.company_people import add_firm, add_person

VACANT = 0.03
TWO_TENANTS, THREE_TENANTS = 0.50, 0.02  # of flats; firms and car parks have one: 1.4 a lease over all
GUARANTOR = 0.03
FORMER_TENANT = 0.12  # units with an ended lease before the running one
NOTICE = 0.02
SHARED_PARKING = 0.6  # car parks let to somebody who has a flat in the same building

MAIN = "1. Vertragsnehmer"
ROLE_TEXTS = {Role.HAUPTMIETER: MAIN, Role.GUARANTOR: "Bürge"}


def build_leases(draft: Draft) -> None:
    """Append persons, leases, roles and rent items for every unit of the stock."""
    units = draft.company.units
    reserved = set(draft.reserved)
    lettable = [place for place, unit in enumerate(units) if unit.id not in reserved]
    vacant = set(draft.rng.sample(lettable, max(2, round(len(units) * VACANT))))
    with_draft = set(sorted(vacant)[: max(1, len(vacant) // 4)])
    neighbours: dict[tuple[str, str, str], list[Person]] = {}
    parking_alone = False  # at least one car park is let to somebody without a flat
    for place, unit in enumerate(units):
        if place in vacant:
            _vacancy(draft, unit, place in with_draft)
            continue
        begin = draft.days_ago(45, 7_000)
        running_number = 1
        if draft.rng.random() < FORMER_TENANT:
            _ended_lease(draft, unit, begin - timedelta(days=draft.rng.randint(1, 40)))
            running_number = 2
        if unit.id in reserved:
            lease = add_lease(draft, unit, running_number, LeaseStatus.ACTIVE, begin, None)
            add_role(draft, lease, add_person(draft), Role.HAUPTMIETER, 1)
            _rent_items(draft, lease, unit)
            continue
        home = (unit.mandant, unit.economic_unit, unit.building)
        alone = unit.usage is UsageClass.PARKING and not parking_alone
        parking_alone = parking_alone or alone
        tenants = _tenants(draft, unit, [] if alone else neighbours.get(home, []))
        if unit.usage is UsageClass.RESIDENTIAL:
            neighbours.setdefault(home, []).append(tenants[0])
        notice = draft.rng.random() < NOTICE
        status = LeaseStatus.NOTICE_GIVEN if notice else LeaseStatus.ACTIVE
        end = draft.days_ago(-120, -10) if notice else None
        lease = add_lease(draft, unit, running_number, status, begin, end)
        add_roles(draft, lease, tenants)
        _rent_items(draft, lease, unit)


def add_lease(
    draft: Draft,
    unit: Unit,
    running_number: int,
    status: LeaseStatus,
    start: date,
    end: date | None,
    vacancy: bool = False,
) -> Lease:
    """Append a lease; its number is WE, building, unit and a running number, parted by dots."""
    lease = Lease(
        id=draft.next_id(Lease),
        number=f"{draft.lease_base[unit.id]}.{running_number:02d}",
        mandant=unit.mandant,
        unit_id=unit.id,
        status=status,
        start=start,
        end=end,
        is_vacancy=vacancy,
    )
    draft.company.leases.append(lease)
    return lease


def add_roles(draft: Draft, lease: Lease, tenants: list[Person]) -> None:
    """Append the parties: first the Hauptmieter, then co-tenants by rank; now and then a guarantor."""
    for rank, person in enumerate(tenants, start=1):
        add_role(draft, lease, person, Role.HAUPTMIETER if rank == 1 else Role.CO_TENANT, rank)
    if draft.rng.random() < GUARANTOR:
        add_role(draft, lease, add_person(draft), Role.GUARANTOR, 1)


def add_role(draft: Draft, lease: Lease, person: Person, role: Role, rank: int) -> TenantRole:
    """Append one party of a lease."""
    entry = TenantRole(
        id=draft.next_id(TenantRole),
        lease_id=lease.id,
        person_id=person.id,
        role=role,
        role_raw=ROLE_TEXTS.get(role, f"{rank}. Vertragsnehmer"),
        rank=rank,
        valid_from=lease.start,
        valid_to=lease.end,
    )
    draft.company.tenant_roles.append(entry)
    return entry


def _tenants(draft: Draft, unit: Unit, neighbours: list[Person]) -> list[Person]:
    if unit.usage is UsageClass.COMMERCIAL:
        return [add_firm(draft)]
    if unit.usage is not UsageClass.RESIDENTIAL:
        shared = neighbours and draft.rng.random() < SHARED_PARKING
        return [draft.rng.choice(neighbours) if shared else add_person(draft)]
    first = add_person(draft)
    chance = draft.rng.random()
    count = 3 if chance < THREE_TENANTS else 2 if chance < THREE_TENANTS + TWO_TENANTS else 1
    tenants = [first]
    while len(tenants) < count:
        other = add_person(draft, first.last_name if draft.rng.random() < 0.7 else None)
        if any(other.birth_date == tenant.birth_date for tenant in tenants):
            draft.company.persons.pop()  # twins are a defect and are counted
            continue
        tenants.append(other)
    return tenants


def _ended_lease(draft: Draft, unit: Unit, end: date) -> None:
    start = end - timedelta(days=draft.rng.randint(400, 4_000))
    lease = add_lease(draft, unit, 1, LeaseStatus.ENDED, start, end)
    add_roles(draft, lease, [add_person(draft)])


def _vacancy(draft: Draft, unit: Unit, with_draft: bool) -> None:
    since = draft.days_ago(5, 44)
    _ended_lease(draft, unit, since - timedelta(days=1))
    add_lease(draft, unit, 2, LeaseStatus.ACTIVE, since, None, vacancy=True)
    if with_draft:
        begin = draft.days_ago(-90, -20)
        lease = add_lease(draft, unit, 3, LeaseStatus.DRAFT, begin, None)
        add_roles(draft, lease, [add_person(draft)])
        _rent_items(draft, lease, unit)


def _rent_items(draft: Draft, lease: Lease, unit: Unit) -> None:
    """What is paid: the net items add up to the unit's target rent; some leases had an increase."""
    rng = draft.rng
    rent = unit.target_rent_net or euros(0)
    start = lease.start or draft.company.today
    if unit.usage not in (UsageClass.RESIDENTIAL, UsageClass.COMMERCIAL):
        add_rent_item(draft, lease, RentCategory.PARKING, rent, start)
        return
    raised = start + timedelta(days=rng.randint(400, 1_500)) if rng.random() < 0.1 else None
    if raised and raised < draft.company.today:
        before = euros(int(rent * 92))
        add_rent_item(draft, lease, RentCategory.NETTOKALTMIETE, before, start, raised - timedelta(days=1))
        start = raised
    vat = unit.usage is UsageClass.COMMERCIAL
    add_rent_item(draft, lease, RentCategory.NETTOKALTMIETE, rent, start, vat=vat)
    begin = lease.start or start
    add_rent_item(
        draft, lease, RentCategory.OPERATING_COSTS, euros(rng.randint(60, 210) * 100), begin, vat=vat
    )
    add_rent_item(draft, lease, RentCategory.HEATING_COSTS, euros(rng.randint(40, 160) * 100), begin, vat=vat)
    if rng.random() < 0.02:
        add_rent_item(draft, lease, RentCategory.SURCHARGE, euros(3000), begin)


def add_rent_item(
    draft: Draft,
    lease: Lease,
    category: RentCategory,
    amount: Decimal,
    valid_from: date,
    valid_to: date | None = None,
    vat: bool = False,
) -> RentItem:
    """Append one contract position; ``vat`` adds 19 % to the gross amount."""
    code, label = names.RENT_ITEMS[category]
    item = RentItem(
        id=draft.next_id(RentItem),
        lease_id=lease.id,
        code=code,
        label=label,
        amount_net=amount,
        amount_gross=euros(int(amount * 119)) if vat else amount,
        category=category,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    draft.company.rent_items.append(item)
    return item
