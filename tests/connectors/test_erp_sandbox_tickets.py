"""The ticket desk of the ERP sandbox over real HTTP: as documented, and as its clerks use it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from connectors.erp.sandbox import erp_sandbox
from connectors.erp.sandbox_tickets import BORN
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.server import running
from tests.connectors.erp_tickets_kit import COMPANY, ENDED, RUNNING

READ, EDIT = "CommunicationRead/Ticket", "CommunicationEdit/Ticket"


class Erp:
    """A client that is logged in."""

    def __init__(self, http: httpx.AsyncClient, ready: dict[str, str], sandbox: PartnerSandbox) -> None:
        self.http, self.ready, self.sandbox, self.token = http, ready, sandbox, ""

    async def send(self, method: str, path: str, json: Any = None, **params: Any) -> httpx.Response:
        base = self.ready["url"]
        base = base.partition("/openwowi")[0] if path.startswith("hub/") else base
        if not self.token:
            form = {"grant_type": "password", **{k: self.ready[k] for k in ("username", "password")}}
            host = self.ready["url"].partition("/openwowi")[0]
            self.token = (await self.http.post(f"{host}/oauth2/token", data=form)).json()["access_token"]
        return await self.http.request(
            method,
            f"{base}/{path}",
            json=json,
            params={"apiKey": self.ready["api_key"], **params},
            headers={"Authorization": f"Bearer {self.token}"},
        )

    async def tickets(self, **params: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.send("GET", READ, limit=100, **params)).json()
        return found

    def act(self, do: str, **body: Any) -> Any:
        return self.sandbox.act("ticket", {"do": do, **body})


@asynccontextmanager
async def served() -> AsyncIterator[Erp]:
    sandbox = erp_sandbox(COMPANY, Clock())
    async with running([sandbox]) as line, httpx.AsyncClient(trust_env=False) as http:
        yield Erp(http, line["partners"]["erp"], sandbox)


@pytest.fixture
async def erp() -> AsyncIterator[Erp]:
    async with served() as found:
        yield found


def body(**fields: Any) -> dict[str, Any]:
    lease = {"AssignmentEntityId": 1, "EntityId": int(RUNNING[0].id)}
    return {"Subject": "S", "Content": "C", "SourceId": 4, "MainEntityAssignment": lease, **fields}


async def test_the_seeded_tickets_are_born_in_the_erp_in_their_known_number(erp: Erp) -> None:
    found = await erp.tickets()
    assert [(t["Source"]["Code"], t["Subject"]) for t in found] == [(s, text) for s, _, text in BORN]
    assert erp.sandbox.state(None)["ticket"] == len(BORN)
    assert erp.sandbox.state("ticket_counts") == {}


async def test_filters_pages_and_switches_work_as_documented(erp: Erp) -> None:
    made = (await erp.send("POST", EDIT, body(PriorityId=2))).json()
    erp.act("comment", id=str(made["Id"]), text="Hallo")
    assert [t["Id"] for t in await erp.tickets(ticketId=made["Id"])] == [made["Id"]]
    assert [t["Id"] for t in await erp.tickets(ticketIdNum=made["IdNum"])] == [made["Id"]]
    assert [t["Id"] for t in await erp.tickets(ticketPriorityId=2)] == [made["Id"]]
    assert len(await erp.tickets(ticketSourceId=4)) == 2
    assert len(await erp.tickets(ticketStatusId=10)) == len(BORN) + 1
    assert await erp.tickets(ticketId=1) == []
    [plain] = await erp.tickets(ticketId=made["Id"])
    assert not {"Comments", "MainAssignment"} & plain.keys()
    [full] = await erp.tickets(ticketId=made["Id"], includeComments="true", includeAssignmentEntity="true")
    assert full["Comments"][0]["CommentFromApi"] is False
    assert full["MainAssignment"]["AssignmentEntity"] == {"Id": 1, "Code": "LicenseAgreement"}
    assert full["MainAssignment"]["EntityId"] == int(RUNNING[0].id)
    assert (await erp.send("GET", READ, limit=2, offset=1)).json() == (await erp.tickets())[1:3]
    assert (await erp.send("GET", READ, limit=101)).status_code == 400


async def test_what_the_api_writes_is_marked_as_such(erp: Erp) -> None:
    made = (await erp.send("POST", EDIT, body())).json()
    answer = await erp.send("POST", f"{EDIT}/AddComment", {"TicketId": made["Id"], "Content": "Hallo"})
    assert (answer.status_code, set(answer.json())) == (201, {"Id"})
    [ticket] = await erp.tickets(ticketId=made["Id"], includeComments="true")
    assert (ticket["Comments"][0]["CommentFromApi"], ticket["Comments"][0]["Content"]) == (True, "Hallo")


@pytest.mark.parametrize(
    "wrong",
    [
        {"Subject": " "},
        {"Content": None},
        {"SourceId": 99},
        {"PriorityId": 9},
        {"MainEntityAssignment": {"AssignmentEntityId": 9, "EntityId": 1}},
        {"MainEntityAssignment": {"AssignmentEntityId": 1, "EntityId": 1}},
    ],
)
async def test_an_impossible_ticket_is_refused(erp: Erp, wrong: dict[str, Any]) -> None:
    answer = await erp.send("POST", EDIT, body(**wrong))
    assert (answer.status_code, set(answer.json())) == (400, {"Message"})
    assert len(await erp.tickets()) == len(BORN)


async def test_a_lease_that_is_over_is_taken_like_any_other(erp: Erp) -> None:
    lease = {"AssignmentEntityId": 1, "EntityId": int(ENDED[0].id)}
    assert (await erp.send("POST", EDIT, body(MainEntityAssignment=lease))).status_code == 201


async def test_the_catalogues_have_an_id_and_a_code(erp: Erp) -> None:
    for name in ("TicketStatus", "TicketSource", "TicketPriority", "TicketAssignmentEntity"):
        rows = (await erp.send("GET", f"CommunicationCatalog/{name}")).json()
        assert rows
        assert all(set(row) == {"Id", "Code"} for row in rows)


async def test_the_hub_refuses_categories_by_code_and_damage_reports_of_requests(erp: Erp) -> None:
    made = (await erp.send("POST", EDIT, body())).json()["Id"]
    path = f"hub/v1/tickets/{made}"
    for category, code in (("nope", "CATEGORY_UNKNOWN"), ("SCH-AUFZ", "CATEGORY_MANDATORY")):
        answer = await erp.send("PUT", f"{path}/category", {"category": category})
        assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert (await erp.send("PUT", f"{path}/category", {"category": "ANL-BK"})).json()["kind"] == "ANLIEGEN"
    assert (await erp.send("PUT", f"{path}/damage-report", {})).status_code == 400
    assert (await erp.send("GET", "hub/v1/tickets/1")).status_code == 404
    assert (await erp.send("GET", "hub/v1/tickets/changes", since="gestern")).status_code == 400


@pytest.mark.parametrize("controller", ["CommunicationRead", "CommunicationEdit", "hub-writing"])
async def test_a_right_that_was_taken_is_missed_where_it_counts(erp: Erp, controller: str) -> None:
    made = (await erp.send("POST", EDIT, body())).json()["Id"]
    erp.sandbox.act("rights", {"deny": controller})
    statuses = {
        "CommunicationRead": (await erp.send("GET", READ)).status_code,
        "CommunicationEdit": (await erp.send("POST", EDIT, body())).status_code,
        "hub-writing": (
            await erp.send("PUT", f"hub/v1/tickets/{made}/category", {"category": "ANL"})
        ).status_code,
    }
    assert [name for name, status in statuses.items() if status == 403] == [controller]


@pytest.mark.parametrize(
    "act",
    [
        {"do": "status", "id": "7000001", "status": "30"},  # not of this source
        {"do": "status", "id": "1", "status": "20"},
        {"do": "reopen", "id": "7000001"},
        {"do": "merge", "id": "7000001", "into": "7000001"},
        {"do": "comment", "id": "7000001"},
        {"do": "category", "id": "7000001", "category": "nope"},
        {"do": "create", "fields": {"source": "FAX"}},
        {"do": "create", "fields": {"contract": "nope"}},
        {"do": "create", "fields": {"colour": "red"}},
    ],
)
async def test_an_impossible_act_of_a_clerk_is_refused(act: dict[str, Any]) -> None:
    sandbox = erp_sandbox(COMPANY, Clock())
    before = sandbox.state("ticket")
    with pytest.raises(ValueError, match=r"\w"):
        sandbox.act("ticket", act)
    assert sandbox.state("ticket") == before
    with pytest.raises(KeyError):
        sandbox.act("ticket", {"do": "dance", "id": "7000001"})


async def test_a_clerk_makes_a_ticket_for_a_contract_with_any_category() -> None:
    sandbox = erp_sandbox(COMPANY, Clock())
    fields = {"contract": RUNNING[0].number, "category": "SCH-AUFZ", "subject": "Aufzug"}
    made = sandbox.act("ticket", {"do": "create", "fields": fields})
    assert (made["lease"], made["category"], made["from_api"]) == (RUNNING[0].id, "SCH-AUFZ", False)
    assert sandbox.state("ticket_counts") == {"created_by_clerk": 1}
