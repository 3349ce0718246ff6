"""The Immomio double over real HTTP: who may in, master data, applications, what people there do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from connectors.contract import EntityMapping
from connectors.immomio import entities
from connectors.immomio.sandbox_account import RIGHTS, TOKEN_SECONDS
from connectors.immomio.sandbox_applications import PERSON, WISH
from connectors.immomio.sandbox_records import CONTRACT, PROPERTY, TENANT, UNIT, Checks
from connectors.immomio.sandbox_vacancies import VACANCY
from tests.connectors.immomio_kit import (
    ID,
    Office,
    contract,
    immobilie,
    office,
    openimmo,
    property_,
    tenant,
    unit,
)


@pytest.mark.parametrize(
    ("mapping", "checks"),
    [
        (entities.PROPERTY_MAPPING, PROPERTY),
        (entities.UNIT_MAPPING, UNIT),
        (entities.TENANT_MAPPING, TENANT),
        (entities.CONTRACT_MAPPING, CONTRACT),
        (entities.VACANCY_MAPPING, VACANCY),
    ],
)
def test_the_double_and_the_connector_know_the_same_fields(mapping: EntityMapping, checks: Checks) -> None:
    assert {field.name for field in mapping.fields} == set(checks)


def test_the_double_and_the_connector_know_the_same_fields_of_an_application() -> None:
    own = {"vacancy", "state", "applicant", "main", "changedAt"}
    assert {field.name for field in entities.APPLICATION_FIELDS} == own | set(PERSON) | set(WISH)


# --- who may in -------------------------------------------------------------------------------------------


async def test_a_wrong_password_gives_no_token() -> None:
    async with office() as o:
        named = {"username": o.ready["username"], "password": "x"}
        answer = await o.call("POST", "/auth/token", named)
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_credentials"})
        assert (await o.call("POST", "/auth/token", ["x"])).status_code == 401


async def test_a_token_says_how_long_it_lives_and_ends_by_the_clock_without_effect() -> None:
    async with office() as o:
        assert (await o.login()).json()["expires_in"] == TOKEN_SECONDS
        o.clock.advance(TOKEN_SECONDS - 1)
        assert (await o.call("GET", "/me")).status_code == 200
        o.clock.advance(2)
        answer = await o.put("properties", "p1", property_())
        assert (answer.status_code, answer.json()) == (401, {"error": "token_expired"})
        assert await o.state("property") == []
        await o.login()
        assert (await o.put("properties", "p1", property_())).status_code == 201


async def test_tokens_can_be_ended_from_outside() -> None:
    async with office() as o:
        assert (await o.act("expire")).json() == {"ended": 1}
        assert (await o.call("GET", "/me")).json() == {"error": "token_expired"}


async def test_an_unknown_token_is_refused() -> None:
    async with office() as o:
        answer = await o.call("GET", "/me", headers={"authorization": "Bearer x"})
        assert (answer.status_code, answer.json()) == (401, {"error": "invalid_token"})


@pytest.mark.parametrize(("dit", "system"), [(False, "CORE"), (True, "DIT")])
async def test_me_names_the_system_and_the_rights(dit: bool, system: str) -> None:
    async with office(dit=dit) as o:
        me = (await o.call("GET", "/me")).json()
        assert (me["system"], me["rights"]) == (system, sorted(RIGHTS))
        assert "ftp" in o.ready, "an account can be moved while it is served"


async def test_a_right_that_is_taken_away_is_named() -> None:
    async with office() as o:
        await o.act("rights", remove=["tenants:write", "applications:read"])
        for answer in (await o.put("tenants", "t1", tenant()), await o.call("POST", "/tenants/bulk", {})):
            assert (answer.status_code, answer.json()["field"]) == (403, "tenants:write")
        assert (await o.call("GET", "/applications")).status_code == 403
        assert (await o.call("GET", "/tenants")).status_code == 200
        assert (await o.act("rights", add=["x"])).status_code == 400


async def test_more_than_the_rate_allows_is_429() -> None:
    async with office(rated=True) as o:
        answers = [(await o.call("GET", "/me")).status_code for _ in range(60)]
        assert answers[:20] == [200] * 20
        assert 429 in answers


async def test_secrets_do_not_reach_the_request_log() -> None:
    async with office() as o:
        seen = (await o.client.get(f"{o.line['control']}/requests/immomio")).text
        assert "/auth/token" in seen
        assert o.ready["password"] not in seen
        assert o.client.headers["authorization"].split()[1] not in seen


# --- master data ------------------------------------------------------------------------------------------


async def _filled(o: Office) -> None:
    for entity, id_, data in (
        ("properties", "p1", property_()),
        ("properties", "p2", property_("2", "p1", kind="BUILDING")),
        ("units", "u1", unit("p2")),
        ("tenants", "t1", tenant()),
        ("contracts", "c1", contract()),
    ):
        assert (await o.put(entity, id_, data)).status_code == 201, id_


async def test_a_record_is_created_replaced_read_and_deleted_under_any_id() -> None:
    async with office() as o:
        first = await o.put("properties", ID, property_())
        assert (first.status_code, first.json()["externalId"]) == (201, ID)
        second = await o.put("properties", ID, property_(name="Lindenhof"))
        assert (second.status_code, second.json()["name"]) == (200, "Lindenhof")
        assert await o.state("creates") == {
            "property": {ID: 1}, "unit": {}, "tenant": {}, "contract": {}, "vacancy": {}, "document": {}
        }  # fmt: skip
        read = await o.call("GET", f"/properties/{ID.replace('/', '%2F')}")
        assert read.json() == second.json()
        assert (await o.put("properties", "x", property_() | {"externalId": "y"})).status_code == 422
        for status in (204, 404):
            answer = await o.call("DELETE", f"/properties/{ID.replace('/', '%2F')}")
            assert answer.status_code == status


async def test_pages_are_sorted_by_id_and_counted() -> None:
    async with office() as o:
        items = [{"externalId": f"p{n}", **property_(str(n))} for n in (3, 1, 2)]
        await o.call("POST", "/properties/bulk", {"items": items})
        page = (await o.call("GET", "/properties?page=2&pageSize=2")).json()
        assert ([item["externalId"] for item in page["items"]], page["total"], page["page"]) == (["p3"], 3, 2)
        assert page["items"][0] == {
            "externalId": "p3",
            **property_("3"),
            "updatedAt": page["items"][0]["updatedAt"],
        }
        for query in ("page=0", "pageSize=0", "pageSize=201", "page=x", "page=%C2%B2"):
            assert (await o.call("GET", f"/properties?{query}")).json() == {"error": "bad_page"}


async def test_a_bulk_call_judges_each_item_in_order() -> None:
    async with office() as o:
        items: list[Any] = [
            {"externalId": "t1", **tenant()},
            {"externalId": "t2", **tenant("A@EXAMPLE.org ")},
            {"externalId": "t1", **tenant("b@example.org")},
            {"externalId": "t3", **tenant(None)},
            {"externalId": "t4", **tenant("a@example.org")},
            tenant("c@example.org"),
            "x",
        ]
        results = (await o.call("POST", "/tenants/bulk", {"items": items})).json()["results"]
        assert [(r["externalId"], r["status"], r.get("error")) for r in results] == [
            ("t1", 201, None),
            ("t2", 409, "duplicate_email"),
            ("t1", 200, None),
            ("t3", 422, "missing_email"),
            ("t4", 201, None),
            (None, 422, "missing_field"),
            (None, 422, "missing_field"),
        ]
        assert (await o.call("POST", "/tenants/bulk", {"items": items * 50})).status_code == 413
        assert (await o.call("POST", "/tenants/bulk", {})).status_code == 400


async def test_without_bulk_the_call_is_forbidden() -> None:
    async with office(bulk=False) as o:
        assert (await o.call("POST", "/tenants/bulk", {"items": []})).status_code == 403


async def test_a_second_tenant_with_the_same_address_is_refused_and_the_first_named() -> None:
    async with office() as o:
        await o.put("tenants", "t1", tenant("Käthe@example.org"))
        answer = await o.put("tenants", "t2", tenant("KÄTHE@example.org"))
        assert (answer.status_code, answer.json()) == (409, {"error": "duplicate_email", "externalId": "t1"})
        await o.call("DELETE", "/tenants/t1")
        assert (await o.put("tenants", "t2", tenant("käthe@example.org"))).status_code == 201


@pytest.mark.parametrize("email", [None, "", "  "])
async def test_a_tenant_without_an_address_is_refused(email: str | None) -> None:
    async with office() as o:
        answer = await o.put("tenants", "t1", tenant(email))
        assert (answer.status_code, answer.json()["error"]) == (422, "missing_email")


@pytest.mark.parametrize(
    ("entity", "data", "error"),
    [
        ("units", unit("x"), "unknown_property"),
        ("properties", property_(parent="x"), "unknown_property"),
        ("contracts", contract(unit="x"), "unknown_unit"),
        ("contracts", contract(tenants=["t1", "x"]), "unknown_tenant"),
        ("contracts", contract(mainTenant="x"), "unknown_tenant"),
        ("units", unit("p2", rooms=2.555), "wrong_type"),
        ("units", unit("p2", rooms=float("nan")), "wrong_type"),
        ("units", unit("p2", floor="EG"), "wrong_type"),
        ("units", unit("p2", kind="VILLA"), "wrong_type"),
        ("units", unit("p2", position="\ud800"), "wrong_type"),
        ("contracts", contract(start="2020-1-1"), "wrong_type"),
        ("contracts", contract(number=""), "empty_field"),
        ("contracts", contract(x=1), "unknown_field"),
        ("contracts", {}, "missing_field"),
        ("contracts", [], "wrong_type"),
    ],
)
async def test_what_does_not_fit_is_refused_and_not_stored(entity: str, data: Any, error: str) -> None:
    import json

    async with office() as o:
        await _filled(o)
        answer = await o.call("PUT", f"/{entity}/new", content=json.dumps(data))
        assert (answer.status_code, answer.json()["error"]) == (422, error)
        assert (await o.call("GET", f"/{entity}/new")).status_code == 404


async def test_properties_cannot_contain_themselves() -> None:
    async with office() as o:
        await _filled(o)
        assert (await o.put("properties", "p1", property_(parent="p2"))).json()["error"] == "circle"
        assert (await o.put("properties", "p2", property_(parent="p2"))).json()["error"] == "circle"


async def test_what_others_refer_to_cannot_be_deleted() -> None:
    async with office() as o:
        await _filled(o)
        for path in ("/properties/p1", "/properties/p2", "/units/u1"):
            answer = await o.call("DELETE", path)
            assert (answer.status_code, answer.json()) == (409, {"error": "in_use"})
        for path in ("/contracts/c1", "/units/u1", "/properties/p2", "/properties/p1"):
            assert (await o.call("DELETE", path)).status_code == 204


async def test_paths_and_bodies_that_are_none_are_worded_like_the_rest() -> None:
    async with office() as o:
        assert (await o.call("GET", "/nothing")).json() == {"error": "not_found"}
        assert (await o.call("DELETE", "/vacancies/1")).json() == {"error": "method_not_allowed"}
        assert (await o.call("PUT", "/tenants/t1", content=b"[" * 100_000)).json() == {"error": "bad_json"}


async def test_faults_reject_and_rewrite_single_records() -> None:
    async with office("reject,id=t1", "rewrite,field=lastName,value=X") as o:
        assert (await o.put("tenants", "t1", tenant())).status_code == 422
        assert (await o.put("tenants", "t2", tenant())).json()["lastName"] == "X"
        items = [
            {"externalId": "t1", **tenant("b@example.org")},
            {"externalId": "t3", **tenant("c@example.org")},
        ]
        results = (await o.call("POST", "/tenants/bulk", {"items": items})).json()["results"]
        assert [result["status"] for result in results] == [422, 201]


async def test_somebody_at_immomio_stores_records_and_empties_the_account() -> None:
    async with office() as o:
        stored = (await o.act("property", externalId="p1", kind="CLIENT", number="1")).json()
        assert stored["street"] is None
        assert (
            await o.act("unit", externalId="u1", kind="FLAT", number="1", property="x")
        ).status_code == 400
        assert (await o.act("cellar", externalId="u1")).status_code == 404
        await o.act("reset")
        assert (await o.state("property"), (await o.state("creates"))["property"]) == ([], {})


# --- letting ----------------------------------------------------------------------------------------------


async def test_the_test_tenant_walks_from_the_link_to_the_accepted_application() -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie()))
        assert ((await o.vacancy())["state"], (await o.vacancy())["prospects"]) == ("IMPORTED", 0)
        assert (await o.act("vacancy", id=ID, do="online")).status_code == 400
        applied = (await o.act("application", vacancy=ID)).json()
        assert [(row["state"], row["main"], row["email"][-12:]) for row in applied] == [
            ("NEW", True, "@example.org")
        ]
        assert (await o.vacancy())["prospects"] == 1
        edited = (await o.act("vacancy", id=ID, do="edit")).json()
        assert (edited["state"], bool(edited["title"]), edited["prospects"]) == ("OFFLINE", True, 1)
        accepted = (await o.act("application", id=applied[0]["applicationId"], do="accept")).json()
        assert (accepted["state"], accepted["acceptedRent"]) == ("ACCEPTED", 500.0)
        found = (await o.call("GET", "/applications?state=ACCEPTED")).json()
        assert found["items"] == [accepted]
        assert (await o.call("GET", f"/applications/{accepted['applicationId']}")).json() == accepted


async def test_the_link_leads_to_a_form_that_applies() -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie(freitexte="<objekttitel>&lt;b&gt;</objekttitel>")))
        link = (await o.vacancy())["link"]
        page = await o.client.get(link)
        assert (page.status_code, "<b>" in page.text, "&lt;b&gt;" in page.text) == (200, False, True)
        assert urlsplit(link).netloc == urlsplit(o.ready["url"]).netloc
        await o.client.post(link, data={"firstName": "Käthe", "birthDate": "1980-02-30"})
        assert await o.state("application") == []
        await o.client.post(link, data={"firstName": "Käthe", "birthDate": "1980-02-28", "email": ""})
        assert [(row["firstName"], row["email"]) for row in await o.state("application")] == [("Käthe", None)]
        assert (await o.client.get(link + "x")).status_code == 404


async def test_co_applicants_have_rows_of_their_own_and_share_what_is_decided() -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie()))
        rows = (await o.act("application", vacancy=ID, lastName="A", together=[{"lastName": "B"}, {}])).json()
        assert [(row["main"], row["vacancy"]) for row in rows] == [(True, ID), (False, ID), (False, ID)]
        assert len({row["applicant"] for row in rows}) == 3
        assert (await o.vacancy())["prospects"] == 1
        await o.act("application", id=rows[1]["applicationId"], do="accept", acceptedRent=480.5)
        found = (await o.call("GET", "/applications?state=ACCEPTED")).json()["items"]
        assert [(row["lastName"], row["acceptedRent"]) for row in found][:2] == [("A", 480.5), ("B", None)]


async def test_two_invented_people_are_not_the_same_and_the_seed_repeats_them() -> None:
    found = []
    for _ in range(2):
        async with office(seed=7) as o:
            await o.deliver(openimmo(immobilie()))
            rows = (await o.act("application", vacancy=ID, together=[{}])).json()
            found.append([row["email"] for row in rows])
    assert found[0] == found[1]
    assert len(set(found[0])) == 2


async def test_the_same_address_is_the_same_applicant() -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie(), immobilie("2")))
        first = (await o.act("application", vacancy=ID, lastName="A", email="A@example.org")).json()
        second = (await o.act("application", vacancy="2", lastName="A", email="a@example.org")).json()
        assert first[0]["applicant"] == second[0]["applicant"]


async def test_changes_are_found_since_a_moment() -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie()))
        first, second = [(await o.act("application", vacancy=ID)).json()[0] for _ in range(2)]
        o.clock.advance(60)
        changed = (await o.act("application", id=first["applicationId"], do="invite")).json()
        since = datetime.fromisoformat(changed["changedAt"])
        for moment, expected in ((since, [changed]), (since + timedelta(milliseconds=1), [])):
            found = await o.call("GET", "/applications", params={"since": moment.isoformat()})
            assert found.json()["items"] == expected
        assert (await o.call("GET", "/applications?pageSize=1&page=2")).json()["items"] == [second]
        for bad in ("2026-01-01T00:00:00", "yesterday", ""):
            assert (await o.call("GET", "/applications", params={"since": bad})).status_code == 400


async def test_a_deleted_application_keeps_nothing_of_the_person_and_cannot_be_decided() -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie()))
        id_ = (await o.act("application", vacancy=ID)).json()[0]["applicationId"]
        gone = (await o.act("application", id=id_, do="delete")).json()
        assert gone["state"] == "DELETED"
        assert not any(gone[name] for name in (*PERSON, *WISH))
        assert (await o.vacancy())["prospects"] == 0
        assert (await o.act("application", id=id_, do="accept")).status_code == 400


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"vacancy": "nobody's"}, 404),
        ({}, 404),
        ({"id": "A-9", "do": "accept"}, 404),
        ({"vacancy": ID, "shoeSize": 43}, 400),
        ({"vacancy": ID, "birthDate": "1.2.1980"}, 400),
        ({"vacancy": ID, "together": 3}, 400),
        ({"vacancy": ID, "together": [3]}, 400),
    ],
)
async def test_impossible_applications_are_refused(data: dict[str, Any], status: int) -> None:
    async with office() as o:
        await o.deliver(openimmo(immobilie()))
        assert (await o.act("application", **data)).status_code == status
        assert await o.state("application") == []
