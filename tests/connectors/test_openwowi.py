"""The ERP source OPENWOWI over real HTTP: against the ERP sandbox, and a small server for the odd cases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from connectors.contract import Capability, Finding, Scope, Verdict
from connectors.erp.openwowi import KEEP, OpenWowi, OpenWowiOptions
from connectors.erp.sandbox import erp_sandbox
from connectors.erp.source import OPENWOWI
from connectors.housing import ENTITIES, Entity
from connectors.http import CallLog, Network
from connectors.letting import ENTITIES as LETTING
from connectors.partner import Connection
from connectors.problems import Failure, Trouble
from connectors.sandbox.app import PartnerSandbox
from connectors.sandbox.clock import Clock
from connectors.sandbox.company import Company, build_company
from connectors.sandbox.faults import Fault
from connectors.sandbox.server import running
from connectors.texts import render

NOT_CARRIED = {"person": {"salutation", "language"}, "rent_item": {"category"}, "mandant": {"id"}}
"""What does not come back: not on the wire, or (the category) only as far as the wire's flags tell."""


@pytest.fixture(scope="module")
def company() -> Company:
    return build_company(260, 3, date(2026, 3, 1))


@dataclass
class Setting:
    """A source connected to a sandbox."""

    source: OpenWowi
    sandbox: PartnerSandbox
    log: CallLog
    clock: Clock

    def requests(self, part: str) -> int:
        return sum(part in call.path for call in self.log.calls())


def connect(url: str, secrets: dict[str, str], log: CallLog, **more: Any) -> OpenWowi:
    connection = Connection(
        "muster", "erp", "practice", url, secrets, OpenWowiOptions(), Network(timeout=5.0), log
    )
    return OpenWowi(connection, **more)


@asynccontextmanager
async def connected(company: Company, *faults: str, **secrets: str) -> AsyncIterator[Setting]:
    clock = Clock()
    sandbox = erp_sandbox(company, clock)
    async with running([sandbox], faults=[Fault.parse(f) for f in faults], clock=clock) as line:
        ready = line["partners"]["erp"]
        log = CallLog()
        own = {name: ready[name] for name in ("username", "password", "api_key")} | secrets
        source = connect(ready["url"], own, log, clock=clock.monotonic)
        try:
            yield Setting(source, sandbox, log, clock)
        finally:
            await source.aclose()


async def everything(source: OpenWowi, entity: str, scope: Scope | None = None) -> list[Entity]:
    pages = [page async for page in source.read(entity, scope=scope or Scope())]
    return [record for page in pages for record in page.records]


def shown(record: Entity) -> dict[str, Any]:
    left_out = NOT_CARRIED.get(record.NAME, set())
    values = {f.name: getattr(record, f.name) for f in fields(record) if f.name not in left_out}
    return {name: sorted(v) if name == "phones" else v for name, v in values.items()}


async def test_the_seeded_company_arrives_whole(company: Company) -> None:
    async with connected(company) as setting:
        for kind in (*ENTITIES, *LETTING):
            found = await everything(setting.source, kind.NAME)
            assert [shown(r) for r in found] == [shown(r) for r in company.records(kind.NAME)], kind.NAME


async def test_a_scope_gives_the_records_of_its_mandanten_and_nothing_else(company: Company) -> None:
    scope = Scope(frozenset({"20"}))
    leases = {e.id for e in company.leases if e.mandant == "20"}
    roles = [r for r in company.tenant_roles if r.lease_id in leases]
    expected = {
        "mandant": 1,
        "economic_unit": sum(e.mandant == "20" for e in company.economic_units),
        "building": sum(b.mandant == "20" for b in company.buildings),
        "unit": sum(u.mandant == "20" for u in company.units),
        "lease": len(leases),
        "tenant_role": len(roles),
        "rent_item": sum(i.lease_id in leases for i in company.rent_items),
        "person": len({r.person_id for r in roles}),
        "ticket_category": len(company.ticket_categories),
    }
    async with connected(company) as setting:
        found = {kind.NAME: len(await everything(setting.source, kind.NAME, scope)) for kind in ENTITIES}
    assert found == expected
    assert 0 < len(leases) < len(company.leases)


async def test_look_up_tables_are_kept_for_a_while_and_then_read_anew(company: Company) -> None:
    scope = Scope(frozenset({"20"}))
    async with connected(company) as setting:
        await everything(setting.source, "tenant_role", scope)
        once = setting.requests("LicenseAgreements")
        await everything(setting.source, "rent_item", scope)
        assert setting.requests("LicenseAgreements") == once
        setting.clock.advance(KEEP + 1)
        await everything(setting.source, "rent_item", scope)
        assert setting.requests("LicenseAgreements") == 2 * once


async def test_a_reading_goes_on_at_its_cursor(company: Company) -> None:
    async with connected(company) as setting:
        pages = [page async for page in setting.source.read("unit")]
        assert [page.next for page in pages] == ["100", "200", None]
        rest = [page async for page in setting.source.read("unit", start=pages[0].next)]
        assert [p.records for p in rest] == [p.records for p in pages[1:]]
        with pytest.raises(Failure):
            _ = [page async for page in setting.source.read("unit", start="x")]


async def test_an_expired_token_is_refreshed_once_for_all_calls_under_way(company: Company) -> None:
    async with connected(company) as setting:
        await everything(setting.source, "mandant")
        setting.sandbox.act("tokens", {})
        kinds = ("unit", "person", "lease", "rent_item")
        await asyncio.gather(*(everything(setting.source, kind) for kind in kinds))
        assert setting.requests("oauth2") == 2


async def test_where_the_refresh_token_has_run_out_too_the_password_logs_in(company: Company) -> None:
    async with connected(company) as setting:
        await everything(setting.source, "mandant")
        setting.clock.advance(13 * 3600)
        assert await everything(setting.source, "mandant")
        assert setting.requests("oauth2") == 3  # login, refused refresh, login


async def test_a_failure_between_pages_leaves_the_cursor_from_which_the_rest_comes(company: Company) -> None:
    async with connected(company, "erp:503,path=*LicenseAgreements,after=1,count=1") as setting:
        stream = setting.source.read("lease")
        first = await anext(stream)
        with pytest.raises(Failure) as caught:
            await anext(stream)
        assert caught.value.problem.trouble is Trouble.UNAVAILABLE
        assert first.next == "100"
        rest = [page async for page in setting.source.read("lease", start=first.next)]
        found = [r.id for page in (first, *rest) for r in page.records]
        assert found == [r.id for r in company.leases]


async def findings(company: Company, *faults: str, **secrets: str) -> dict[str, Finding]:
    async with connected(company, *faults, **secrets) as setting:
        found = await setting.source.check()
    for finding in found:
        for text in (finding.evidence, *finding.details):
            assert render(text, "de") != render(text, "en")
    return {finding.key: finding for finding in found}


async def test_check_is_content_with_a_good_connection(company: Company) -> None:
    found = await findings(company)
    assert {key: f.verdict for key, f in found.items()} == {
        "erp.connection": Verdict.OK,
        "erp.rights": Verdict.OK,
        "erp.hub": Verdict.OK,
    }


@pytest.mark.parametrize(
    ("secrets", "code"),
    [({"password": "falsch"}, "erp.login_refused"), ({"api_key": "falsch"}, "erp.api_key_refused")],
)
async def test_check_tells_a_wrong_password_from_a_wrong_key(
    company: Company, secrets: dict[str, str], code: str
) -> None:
    found = await findings(company, **secrets)
    assert list(found) == ["erp.connection"]
    assert (found["erp.connection"].verdict, found["erp.connection"].evidence.code) == (Verdict.FAIL, code)


async def test_check_names_the_areas_that_may_not_be_read(company: Company) -> None:
    async with connected(company) as setting:
        for controller in ("PersonsRead", "hub"):
            setting.sandbox.act("rights", {"deny": controller})
        connection, rights, hub = await setting.source.check()
    assert connection.verdict is Verdict.OK
    assert (rights.verdict, rights.count) == (Verdict.FAIL, 1)
    assert [detail.args["where"] for detail in rights.details] == ["PersonsRead/Persons"]
    assert hub.verdict is Verdict.WARN


async def test_check_names_a_host_that_does_not_answer() -> None:
    source = connect("http://127.0.0.1:9/openwowi/v1.2", {"username": "a", "password": "b"}, CallLog())
    [finding] = await source.check()
    await source.aclose()
    assert (finding.verdict, finding.evidence.code) == (Verdict.FAIL, "http.refused")


async def test_check_names_a_fault_of_the_server_as_such(company: Company) -> None:
    found = await findings(company, "erp:500,path=*Persons")
    assert list(found) == ["erp.connection"]
    assert found["erp.connection"].evidence.code == "http.server_error"


@dataclass
class Fake:
    """A server of a few lines: each GET is answered by ``answer(path, number of the call)``."""

    answer: Callable[[str, int], tuple[int, str]]
    login: str = '{{"access_token": "token-{0}", "refresh_token": "again-{0}"}}'
    asked: list[tuple[str, dict[str, list[str]], str]] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            yield f"http://127.0.0.1:{port}/openwowi/v1.2"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        request, *lines = head.split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
        body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
        url = urlsplit(request.split(" ")[1])
        if url.path == "/oauth2/token":
            self.grants.append(parse_qs(body)["grant_type"][0])
            status, text = 200, self.login.format(len(self.grants))
        else:
            self.asked.append((url.path, parse_qs(url.query), headers.get("authorization", "")))
            status, text = self.answer(url.path, len(self.asked))
        writer.write(
            f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(text.encode())}\r\nConnection: close\r\n\r\n{text}".encode()
        )
        await writer.drain()
        writer.close()


async def test_a_401_is_answered_by_refresh_then_by_password_and_then_counts() -> None:
    fake = Fake(lambda path, number: (401, "{}"))
    async with fake.serve() as url:
        source = connect(url, {"username": "u", "password": "p", "api_key": "k"}, CallLog())
        with pytest.raises(Failure) as caught:
            await everything(source, "person")
        await source.aclose()
    assert caught.value.problem.trouble is Trouble.CREDENTIALS
    assert fake.grants == ["password", "refresh_token", "password"]
    assert [authorization for _, _, authorization in fake.asked] == [
        "Bearer token-1",
        "Bearer token-2",
        "Bearer token-3",
    ]


async def test_every_call_carries_key_limit_and_offset() -> None:
    fake = Fake(lambda path, number: (200, "[]"))
    async with fake.serve() as url:
        source = connect(url, {"username": "u", "password": "p", "api_key": "k y"}, CallLog())
        assert await everything(source, "rent_item") == []
        await source.aclose()
    [(path, query, _)] = fake.asked
    assert path == "/openwowi/v1.2/RentAccounting/ContractPositions"
    assert (query["apiKey"], query["limit"], query["offset"]) == (["k y"], ["100"], ["0"])
    assert query["includeContractPositionTypeDetails"] == ["true"]


async def test_a_wrong_type_is_a_failure_with_endpoint_record_and_key() -> None:
    fake = Fake(lambda path, number: (200, '[{"Id": 7, "NaturalPerson": {"LastName": {"x": "Geheim"}}}]'))
    async with fake.serve() as url:
        source = connect(url, {"username": "u", "password": "p", "api_key": "k"}, CallLog())
        with pytest.raises(Failure) as caught:
            await everything(source, "person")
        await source.aclose()
    problem = caught.value.problem
    assert (problem.code, problem.where) == (
        "erp.bad_payload",
        "PersonsRead/Persons#7:NaturalPerson.LastName",
    )
    assert "Geheim" not in repr(problem)


@pytest.mark.parametrize(
    "login", ["[]", '{{"access_token": 5}}', "{{}}", '{{"access_token": "a", "refresh_token": 1}}']
)
async def test_a_strange_answer_to_the_login_is_a_failure(login: str) -> None:
    fake = Fake(lambda path, number: (200, "[]"), login)
    async with fake.serve() as url:
        source = connect(url, {"username": "u", "password": "p", "api_key": "k"}, CallLog())
        with pytest.raises(Failure) as caught:
            await everything(source, "person")
        await source.aclose()
    assert caught.value.problem.where == "/oauth2/token:access_token"
    assert fake.asked == []


async def test_the_source_declares_what_it_can_do_and_what_it_does_not_carry() -> None:
    source = connect("http://127.0.0.1:9/openwowi/v1.2", {}, CallLog())
    missing = {info.name: info.not_supplied for info in source.entities()}
    assert list(missing) == [kind.NAME for kind in (*ENTITIES, *LETTING)]
    assert missing["person"] == ("salutation", "language")
    assert source.capabilities == {
        Capability.TICKET_CATEGORIES,
        Capability.VACANCIES,
        Capability.USERS,
    }
    assert source.limits().requests_per_second == 10.0
    with pytest.raises(Failure) as caught:
        await everything(source, "spaceship")
    assert caught.value.problem.where == "spaceship"
    await source.aclose()


def test_the_hints_of_all_secrets_can_be_shown() -> None:
    from connectors.contract import Text

    assert [s.name for s in OPENWOWI.secrets] == ["username", "password", "api_key"]
    assert all(render(Text(s.hint), language) for s in OPENWOWI.secrets for language in ("de", "en"))
