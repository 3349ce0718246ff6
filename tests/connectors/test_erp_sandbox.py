"""The ERP sandbox over real loopback HTTP: OPENWOWI as documented, and the assumed hub."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
import pytest

from connectors.erp.sandbox import ENDPOINTS, erp_sandbox
from connectors.erp.sandbox_state import convert
from connectors.housing import ENTITIES, Lease, Person, RentItem, TenantRole, Unit
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.server import running

TODAY = date(2026, 3, 15)
NULLS = {"showNullValues": "true"}
POSITIONS = "RentAccounting/ContractPositions"
CONTRACTORS = "RentAccountingPersonDetails/Contractors"
LEASES = "RentAccounting/LicenseAgreements"
UNITS = "CommercialInventory/UseUnits"
PERSONS = "PersonsRead/Persons"


@dataclass
class Erp:
    """A served ERP and a client that is logged in."""

    company: Company
    sandbox: PartnerSandbox
    clock: Clock
    ready: dict[str, str]
    http: httpx.AsyncClient
    token: str = ""
    refresh: str = ""

    async def login(self, **fields: str) -> httpx.Response:
        form = {
            "grant_type": "password",
            "username": self.ready["username"],
            "password": self.ready["password"],
        }
        host = self.ready["url"].partition("/openwowi")[0]
        answer = await self.http.post(f"{host}/oauth2/token", data=fields or form)
        if answer.status_code == 200:
            self.token, self.refresh = answer.json()["access_token"], answer.json()["refresh_token"]
        return answer

    async def get(self, path: str, **params: Any) -> httpx.Response:
        base = self.ready["url"]
        if path.startswith("hub/"):
            base = base.partition("/openwowi")[0]
        sent = {"apiKey": self.ready["api_key"], **params}
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.http.get(f"{base}/{path}", params=sent, headers=headers)

    async def page(self, path: str, **params: Any) -> Any:
        answer = await self.get(path, **params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def everything(self, path: str, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while True:
            page = await self.page(path, limit=100, offset=len(found), **params)
            found += page
            if len(page) < 100:
                return found

    def act(self, entity: str, **body: Any) -> Any:
        return self.sandbox.act(entity, body)


@asynccontextmanager
async def served(seed: int = 1) -> AsyncIterator[Erp]:
    clock = Clock()
    company = build_company(250, seed, TODAY)
    sandbox = erp_sandbox(company, clock, token_seconds=600)
    async with running([sandbox], clock=clock) as line, httpx.AsyncClient(trust_env=False) as http:
        erp = Erp(company, sandbox, clock, line["partners"]["erp"], http)
        assert (await erp.login()).status_code == 200
        yield erp


@pytest.fixture
async def erp() -> AsyncIterator[Erp]:
    async with served() as found:
        yield found


async def test_practice_credentials_follow_from_the_seed(erp: Erp) -> None:
    async with served(1) as again, served(2) as other:
        assert again.ready["api_key"] == erp.ready["api_key"]
        assert other.ready["api_key"] != erp.ready["api_key"]
        assert other.ready["password"] != erp.ready["password"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"grant_type": "password", "username": "svc_einzug", "password": "wrong"}, "invalid_grant"),
        ({"grant_type": "refresh_token", "refresh_token": "unknown"}, "invalid_grant"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
    ],
)
async def test_a_wrong_login_is_refused_as_oauth_does(erp: Erp, fields: dict[str, str], error: str) -> None:
    answer = await erp.login(**fields)
    assert (answer.status_code, answer.json()) == (400, {"error": error})


async def test_tokens_expire_by_the_sandboxes_clock_and_are_renewed_by_the_refresh_token(erp: Erp) -> None:
    erp.clock.advance(599)
    assert (await erp.get(UNITS)).status_code == 200
    erp.clock.advance(2)
    assert (await erp.get(UNITS)).status_code == 401
    assert (await erp.login(grant_type="refresh_token", refresh_token=erp.refresh)).status_code == 200
    assert (await erp.get(UNITS)).status_code == 200
    erp.clock.advance(13 * 3600)
    assert (await erp.login(grant_type="refresh_token", refresh_token=erp.refresh)).status_code == 400


async def test_all_tokens_can_be_ended_at_once(erp: Erp) -> None:
    erp.act("tokens")
    assert (await erp.get(UNITS)).status_code == 401
    assert (await erp.login(grant_type="refresh_token", refresh_token=erp.refresh)).status_code == 200
    assert (await erp.get(UNITS)).status_code == 200


@pytest.mark.parametrize("path", [*ENDPOINTS, "hub/v1/ticket-categories", "hub/v1/users"])
async def test_every_call_needs_both_token_and_api_key(erp: Erp, path: str) -> None:
    assert (await erp.get(path)).status_code == 200
    assert (await erp.get(path, apiKey="wrong")).status_code == 401
    erp.token = "unknown"
    assert (await erp.get(path)).status_code == 401


async def test_a_missing_right_closes_one_controller_and_only_that(erp: Erp) -> None:
    erp.act("rights", deny="RentAccountingPersonDetails")
    assert (await erp.get(CONTRACTORS)).status_code == 403
    assert (await erp.get(LEASES)).status_code == 200
    erp.act("rights", allow="RentAccountingPersonDetails")
    assert (await erp.get(CONTRACTORS)).status_code == 200
    with pytest.raises(ValueError, match="expected deny or allow"):
        erp.act("rights", deny="Nothing")


@pytest.mark.parametrize("params", [{"limit": 101}, {"limit": 0}, {"limit": "x"}, {"limit": 5, "offset": -1}])
async def test_an_impossible_page_is_refused(erp: Erp, params: dict[str, Any]) -> None:
    answer = await erp.get(UNITS, **params)
    assert answer.status_code == 400
    assert "Message" in answer.json()


async def test_pages_hold_twenty_unless_asked_and_end_with_a_short_one(erp: Erp) -> None:
    assert len(await erp.page(UNITS)) == 20
    assert len(await erp.page(UNITS, limit=100, offset=200)) == 50
    assert await erp.page(UNITS, limit=100, offset=250) == []
    found = await erp.everything(UNITS)
    assert [str(u["Id"]) for u in found] == [u.id for u in erp.company.units]


async def test_every_endpoint_serves_all_records_of_its_entity(erp: Erp) -> None:
    for path, entity in ENDPOINTS.items():
        found = await erp.everything(path)
        assert [str(item["Id"]) for item in found] == [r.id for r in erp.company.records(entity)]


async def test_empty_fields_are_left_out_unless_nulls_are_asked_for(erp: Erp) -> None:
    def nulls(value: Any) -> int:
        if isinstance(value, dict):
            return sum(map(nulls, value.values()))
        return sum(map(nulls, value)) if isinstance(value, list) else value is None

    for path in ENDPOINTS:
        short, full = await erp.page(path, limit=50), await erp.page(path, limit=50, **NULLS)
        assert nulls(short) == 0 < nulls(full), path
        assert all(item.keys() == full[0].keys() for item in full), path
    side = next(u for u in erp.company.units if u.rooms is None)
    (found,) = await erp.page(UNITS, useUnitId=side.id)
    assert not {"NumberOfRooms", "LivingSpace", "Floor", "Position"} & found.keys()
    (found,) = await erp.page(UNITS, useUnitId=side.id, **NULLS)
    assert found["Floor"] is None is found["NumberOfRooms"]


async def test_a_timestamp_comes_with_and_without_microseconds_in_the_same_field(erp: Erp) -> None:
    stamps = [u["CurrentUseUnitType"]["ValidFrom"] for u in await erp.page(UNITS, limit=100)]
    form = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+\d{4}"
    assert all(re.fullmatch(form, stamp) for stamp in stamps)
    assert {"." in stamp for stamp in stamps} == {True, False}


async def test_filters_ask_for_ids_numbers_and_days_whatever_the_case_of_their_names(erp: Erp) -> None:
    lease = erp.company.leases[40]
    (found,) = await erp.page(LEASES, licenseAgreementId=lease.id)
    assert found["IdNum"] == lease.number
    (found,) = await erp.page(LEASES, LicenseAgreementIdNum=lease.number)
    assert str(found["Id"]) == lease.id
    roles = [r for r in erp.company.tenant_roles if r.lease_id == lease.id]
    assert [str(c["Id"]) for c in await erp.page(CONTRACTORS, LICENSEAGREEMENTID=lease.id)] == [
        r.id for r in roles
    ]
    person = next(p for p in erp.company.persons if p.id == roles[0].person_id)
    assert str((await erp.page(PERSONS, personIdNum=person.number))[0]["Id"]) == person.id
    assert lease.id in [str(x["Id"]) for x in await erp.page(LEASES, personIdNum=person.number)]
    active = await erp.everything(LEASES, licenseAgreementActiveOn=TODAY.isoformat())
    wanted = [x for x in erp.company.leases if (x.start or TODAY) <= TODAY <= (x.end or TODAY)]
    assert [str(x["Id"]) for x in active] == [x.id for x in wanted]
    assert len(wanted) < len(erp.company.leases)
    assert (await erp.get(LEASES, licenseAgreementActiveOn="gestern")).status_code == 400
    assert await erp.page(PERSONS, personId="1") == []


async def test_a_vacancy_is_a_lease_row_that_says_so(erp: Erp) -> None:
    rows = await erp.everything(LEASES)
    vacant = {str(x["Id"]) for x in rows if x["RestrictionOfUse"]["IsVacancy"]}
    assert vacant == {x.id for x in erp.company.leases if x.is_vacancy} != set()


async def test_contractors_carry_their_role_as_a_text_and_the_person_nested(erp: Erp) -> None:
    found = await erp.everything(CONTRACTORS)
    roles = {r.id: r for r in erp.company.tenant_roles}
    texts = {item["ContractorType"]["Name"] for item in found}
    assert {"1. Vertragsnehmer", "2. Vertragsnehmer", "Bürge"} <= texts
    for item in found:
        role = roles[str(item["Id"])]
        assert item["ContractorType"]["Name"] == role.role_raw
        assert str(item["Person"]["Id"]) == role.person_id
        assert str(item["LicenseAgreementId"]) == role.lease_id
        assert "Communications" not in item["Person"]


async def test_communications_come_on_demand_and_name_the_first_of_each_kind(erp: Erp) -> None:
    person = next(p for p in erp.company.persons if len(p.emails) == 2 and len(p.phones) == 2)
    (bare,) = await erp.page(PERSONS, personId=person.id)
    assert "Communications" not in bare
    (full,) = await erp.page(PERSONS, personId=person.id, includeCommunication="true")
    kinds = [c["CommunicationType"]["Name"] for c in full["Communications"]]
    assert kinds == ["E-Mail", "E-Mail", "Mobiltelefon", "Telefon"]
    assert full["FirstEmailCommunication"]["Content"] == person.emails[0]
    assert full["FirstMobilePhoneCommunication"]["Content"] == person.phones[0]
    assert full["FirstLandlinePhoneCommunication"]["Content"] == person.phones[1]


async def test_position_types_carry_their_flags_on_demand(erp: Erp) -> None:
    (bare,) = await erp.page(POSITIONS, limit=1)
    assert "ContractPositionType" not in bare
    found = await erp.page(POSITIONS, limit=100, includeContractPositionTypeDetails="true")
    flags = {item["ContractPositionType"]["Name"]: item["ContractPositionType"] for item in found}
    assert flags["Grundmiete"]["IsPartOfNetRent"]
    assert flags["Vorauszahlung Heizkosten"]["IsPrepaymentHeating"]
    assert not flags["Vorauszahlung Betriebskosten"]["IsPrepaymentHeating"]


async def test_numbers_that_are_empty_are_missing_but_parents_never_are(erp: Erp) -> None:
    units = {str(u["Id"]): u for u in await erp.everything(UNITS)}
    for key in erp.company.defects["unit_without_building_number"]:
        assert "IdNum" not in units[key]["BuildingLand"]
    for key in erp.company.defects["unit_without_economic_unit"]:
        assert units[key]["EconomicUnit"]["IdNum"]
    leases = {str(x["Id"]): x for x in await erp.everything(LEASES)}
    without = {key for key, found in leases.items() if "IdNum" not in found}
    assert without == set(erp.company.defects["lease_number_missing"])


async def test_the_hub_lists_ticket_categories_and_users(erp: Erp) -> None:
    items = (await erp.page("hub/v1/ticket-categories", limit=100))["items"]
    assert [item["code"] for item in items] == [c.code for c in erp.company.ticket_categories]
    assert items[0].keys() == {"code", "label", "kind", "parent", "mandatoryFeatures", "active"}
    assert len((await erp.page("hub/v1/ticket-categories", limit=5, offset=10))["items"]) == 2
    users = (await erp.page("hub/v1/users"))["items"]
    assert {"name": "IMMOMIO", "active": True} in users
    erp.act("user", op="delete", id="IMMOMIO")
    assert "IMMOMIO" not in {u["name"] for u in (await erp.page("hub/v1/users"))["items"]}


async def test_a_clerk_creates_updates_and_deletes_and_the_company_given_stays_as_it_is(erp: Erp) -> None:
    before = list(erp.company.persons)
    person, lease = erp.company.persons[0], erp.company.leases[0]
    erp.act(
        "person", op="update", id=person.id, fields={"last_name": "Neumuster", "birth_date": "1980-04-02"}
    )
    (found,) = await erp.page(PERSONS, personId=person.id)
    assert found["NaturalPerson"]["LastName"] == "Neumuster"
    assert found["NaturalPerson"]["BirthDate"] == "1980-04-02"
    created = erp.act("person", op="create", fields={"number": "799999", "emails": ["neu@example.org"]})
    assert (await erp.everything(PERSONS))[-1]["IdNum"] == "799999"
    part = {
        "lease_id": lease.id,
        "person_id": created["id"],
        "role": "MITMIETER",
        "role_raw": "2. Vertragsnehmer",
    }
    erp.act("tenant_role", op="create", fields=part)
    assert len(await erp.page(CONTRACTORS, personId=created["id"])) == 1
    erp.act("lease", op="delete", id=lease.id)
    assert await erp.page(LEASES, licenseAgreementId=lease.id) == []
    assert await erp.page(CONTRACTORS, licenseAgreementId=lease.id) == []
    assert await erp.page(POSITIONS, licenseAgreementId=lease.id) == []
    erp.act("ticket_category", op="update", id="SCH", fields={"label": "Schäden"})
    assert "Schäden" in {c["label"] for c in (await erp.page("hub/v1/ticket-categories"))["items"]}
    assert erp.company.persons == before


@pytest.mark.parametrize(
    ("entity", "body"),
    [
        ("person", {"op": "rename", "id": "2000001"}),
        ("person", {"op": "update", "id": "0", "fields": {}}),
        ("person", {"op": "update", "id": "2000001", "fields": {"id": "1"}}),
        ("person", {"op": "update", "id": "2000001", "fields": {"birth_date": "2.4.1980"}}),
        ("person", {"op": "update", "id": "2000001", "fields": {"emails": "a@example.org"}}),
        ("person", {"op": "update", "id": "2000001", "fields": []}),
        ("person", {"op": "create", "fields": {}}),
        ("lease", {"op": "update", "id": "3000001", "fields": {"unit_id": "0"}}),
        ("building", {"op": "update", "id": "100001", "fields": {"number": "7"}}),
        ("unit", {"op": "delete", "id": "1000001"}),
        ("unit", {"op": "update", "id": "1000001", "fields": {"address": "Musterstraße"}}),
        ("unit", {"op": "update", "id": "1000001", "fields": {"target_rent_net": "NaN"}}),
        ("user", {"op": "create", "id": "IMMOMIO"}),
        ("user", {"op": "update", "id": "IMMOMIO", "fields": []}),
    ],
)
async def test_an_impossible_change_is_refused_and_changes_nothing(
    erp: Erp, entity: str, body: dict[str, Any]
) -> None:
    before = erp.sandbox.state("user"), erp.sandbox.state(None)
    with pytest.raises(ValueError, match=r"."):
        erp.sandbox.act(entity, body)
    assert (erp.sandbox.state("user"), erp.sandbox.state(None)) == before


async def test_the_control_view_shows_records_counts_and_defects(erp: Erp) -> None:
    counts = erp.sandbox.state(None)
    assert all(counts[kind.NAME] == len(erp.company.records(kind.NAME)) for kind in ENTITIES)
    assert erp.sandbox.state("unit")[0]["number"] == erp.company.units[0].number
    assert erp.sandbox.state("defects") == erp.company.defects
    with pytest.raises(KeyError):
        erp.sandbox.state("spaceship")
    with pytest.raises(KeyError):
        erp.sandbox.act("spaceship", {"op": "delete", "id": "1"})


def test_values_of_every_kind_survive_the_way_through_json() -> None:
    company = build_company(60, 3, TODAY)
    for kind in (Person, Lease, Unit, TenantRole, RentItem):
        for record in company.records(kind.NAME)[:30]:
            fields = {
                name: getattr(record, name)
                for name in kind.__dataclass_fields__
                if name not in ("id", "NAME")
            }
            assert kind(id=record.id, **convert(kind, plain(fields))) == record


def plain(value: Any) -> Any:
    """As JSON would carry it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, tuple):
        return list(value)
    return value if value is None or isinstance(value, bool | int) else str(value)


async def test_older_versions_are_served_too_but_no_unknown_one(erp: Erp) -> None:
    for version, status in (("v1.0", 200), ("v1.2", 200), ("v2.0", 404)):
        erp.ready["url"] = re.sub(r"v\d\.\d", version, erp.ready["url"])
        assert (await erp.get(UNITS)).status_code == status
