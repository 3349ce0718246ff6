"""The assumed hub: what it is asked for, how its answers are read, and how the sandbox plays it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.erp import hub, sandbox_letting
from connectors.erp.sandbox import erp_sandbox
from connectors.letting import AttachmentGroup, EnergyCertificate, EnergyKind, Heating
from connectors.problems import Failure, Trouble
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.server import running

MD5 = "0123456789abcdef0123456789abcdef"
FILE = {
    "id": 7,
    "unit": 12,
    "name": "Ansicht.JPG",
    "kind": "TITELBILD",
    "title": "Vorn",
    "md5": MD5,
    "bytes": 9,
}
ENERGY = {
    "kind": "BEDARF",
    "value": 98.25,
    "rating": "C",
    "validTo": "2030-01-31",
    "issued": "2020-02-01",
    "carrier": "Erdgas",
    "buildingYear": 1962,
    "withHotWater": False,
}
KEYS = (
    "unit",
    "id",
    "name",
    "kind",
    "title",
    "md5",
    "bytes",
    "active",
    "energy",
    "released",
    "deposit",
    "heating",
)
VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", "x", 1, -1, 1.5, True, [], {}, MD5, "a.jpg", "ZENTRAL", ENERGY, {"kind": "BEDARF"}]
)
ITEMS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=8)


def items(*found: Any) -> dict[str, Any]:
    return {"items": list(found)}


def test_details_are_read_as_fields_of_a_vacancy_and_what_is_not_known_stays_none() -> None:
    wire = {
        "unit": 1000012,
        "availableFrom": "2026-10-01",
        "released": False,
        "guestToilet": True,
        "heating": "FERN",
        "energy": ENERGY,
        "deposit": 1500,
        "totalRent": 639.92,
        "title": "",
    }
    [found] = hub.parse_details(items(wire))
    assert (found.unit, found.available_from) == ("1000012", date(2026, 10, 1))
    assert {name: value for name, value in found.fields.items() if value is not None} == {
        "released": False,
        "guest_wc": True,
        "heating": Heating.DISTRICT,
        "deposit": Decimal("1500.00"),
        "total_rent": Decimal("639.92"),
        "energy": EnergyCertificate(
            kind=EnergyKind.DEMAND,
            value=Decimal("98.25"),
            rating="C",
            valid_to=date(2030, 1, 31),
            issued=date(2020, 2, 1),
            carrier="Erdgas",
            building_year=1962,
            with_hot_water=False,
        ),
    }
    assert set(found.fields) == set(hub.DETAIL_FIELDS) == {*sandbox_letting.WIRE, "energy"}


@pytest.mark.parametrize(
    ("kind", "name", "group"),
    [
        ("GRUNDRISS", "a.pdf", AttachmentGroup.FLOOR_PLAN),
        ("SONSTWAS", "a.pdf", AttachmentGroup.DOCUMENT),
        (None, "a.png", AttachmentGroup.PICTURE),
    ],
)
def test_a_file_has_the_group_the_hub_names_or_that_of_its_ending(
    kind: str | None, name: str, group: AttachmentGroup
) -> None:
    [found] = hub.parse_media(items({**FILE, "kind": kind, "name": name}))
    assert found.attachment.group is group


def test_a_reference_is_a_file_name_made_of_the_id() -> None:
    [found] = hub.parse_media(items(FILE))
    assert (found.attachment.ref, found.attachment.check, found.size) == ("media-7.jpg", MD5, 9)
    assert (found.unit, found.attachment.title) == ("12", "Vorn")


@pytest.mark.parametrize(
    ("parse", "item", "where"),
    [
        (hub.parse_media, {**FILE, "id": "../7"}, "/hub/v1/media#../7:id"),
        (hub.parse_media, {**FILE, "name": "jpg"}, "/hub/v1/media#7:name"),
        (hub.parse_media, {**FILE, "md5": "?"}, "/hub/v1/media#7:md5"),
        (hub.parse_media, {**FILE, "bytes": -1}, "/hub/v1/media#7:bytes"),
        (hub.parse_details, {"unit": 1, "heating": "KAMIN"}, "/hub/v1/vacancy-details#1:heating"),
        (hub.parse_details, {"unit": 1, "energy": {"kind": "x"}}, "/hub/v1/vacancy-details#1:energy.kind"),
        (hub.parse_details, {"unit": 1, "lift": "ja"}, "/hub/v1/vacancy-details#1:lift"),
        (hub.parse_users, {"active": True}, "/hub/v1/users#?:name"),
    ],
)
def test_a_wrong_value_is_named_by_its_place(
    parse: Callable[[object], object], item: Any, where: str
) -> None:
    with pytest.raises(Failure) as caught:
        parse(items(item))
    assert (caught.value.problem.code, caught.value.problem.where) == ("erp.bad_payload", where)


@given(
    st.sampled_from(sorted(hub.PARTS)), st.one_of(VALUES, st.builds(items, ITEMS), st.builds(items, VALUES))
)
def test_any_answer_is_read_or_refused(part: str, answer: object) -> None:
    try:
        hub.PARTS[part](answer)
    except Failure as failure:
        refused = failure.problem
    else:
        return
    assert refused.trouble is Trouble.PAYLOAD
    assert refused.where.startswith(part)


Get = Callable[..., Any]


@asynccontextmanager
async def served() -> AsyncIterator[tuple[Get, Any, Company]]:
    company = build_company(200, 2)
    sandbox = erp_sandbox(company, Clock())
    async with running([sandbox]) as line, httpx.AsyncClient(trust_env=False) as http:
        ready = line["partners"]["erp"]
        host = ready["url"].partition("/openwowi")[0]
        form = {"grant_type": "password", "username": ready["username"], "password": ready["password"]}
        token = (await http.post(f"{host}/oauth2/token", data=form)).json()["access_token"]

        async def get(path: str, part: str = "", **params: Any) -> httpx.Response:
            headers = {"Authorization": f"Bearer {token}", **({"Range": part} if part else {})}
            sent = {"apiKey": ready["api_key"], **params}
            return await http.get(f"{host}/hub/v1/{path}", params=sent, headers=headers)

        yield get, sandbox, company


async def test_the_sandbox_lists_details_and_files_page_by_page_and_by_unit() -> None:
    async with served() as (get, _, company):
        details = (await get("vacancy-details", limit=100)).json()["items"]
        leases = {lease.id: lease.unit_id for lease in company.leases}
        assert [item["unit"] for item in details] == [leases[v.id] for v in company.vacancies]
        assert (await get("vacancy-details", limit=2, offset=1)).json()["items"] == details[1:3]
        media = (await get("media", limit=100)).json()["items"]
        assert [item["id"] for item in media] == [medium.id for medium in company.media]
        unit = media[0]["unit"]
        of_unit = (await get("media", unit=unit)).json()["items"]
        assert of_unit == [item for item in media if item["unit"] == unit]
        assert (await get("media", id=media[1]["id"])).json()["items"] == [media[1]]


async def test_the_sandbox_gives_parts_of_a_file_and_refuses_impossible_ones() -> None:
    async with served() as (get, sandbox, company):
        medium = company.media[0]
        whole = await get(f"media/{medium.id}")
        assert (whole.status_code, whole.content) == (200, medium.content)
        part = await get(f"media/{medium.id}", "bytes=2-5")
        assert (part.status_code, part.content) == (206, medium.content[2:6])
        assert part.headers["content-range"] == f"bytes 2-5/{len(medium.content)}"
        for wrong in ("bytes=9999-10000", "bytes=5-2", "pieces=1-2"):
            assert (await get(f"media/{medium.id}", wrong)).status_code == 416
        assert (await get("media/1")).status_code == 404
        sandbox.act("rights", {"deny": "hub"})
        for path in ("vacancy-details", "media", f"media/{medium.id}", "users"):
            assert (await get(path)).status_code == 403
