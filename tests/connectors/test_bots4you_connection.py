"""What the connection check tells apart, what the partner declares, and what its sandbox refuses."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.bots4you import partner
from connectors.bots4you.client import Bots4YouOptions, connect
from connectors.bots4you.sandbox import bots4you_sandbox
from connectors.contract import Action, Capability, Change, Connector, Finding, Result, Value, Verdict
from connectors.http import CallLog
from connectors.problems import Trouble
from connectors.sandbox.clock import Clock
from connectors.sandbox.server import running
from connectors.texts import LANGUAGES, render
from tests.connectors.bots4you_office import (
    TENANT,
    connection,
    create,
    office,
)


async def only(bots: Connector) -> Finding:
    """The connector's one finding, which can be shown in both languages."""
    (finding,) = await bots.check()
    assert all(
        render(text, language) for text in (finding.evidence, *finding.details) for language in LANGUAGES
    )
    assert (finding.key, finding.rules) == ("bots4you.connection", ("B1",))
    return finding


async def test_the_connection_check_is_fine_with_everything_there() -> None:
    async with office() as o:
        assert (await only(o.bots)).verdict is Verdict.OK


async def test_the_connection_check_knows_wrong_credentials() -> None:
    async with office(secrets={"username": "einzug-1", "password": "falsch"}) as o:
        finding = await only(o.bots)
        assert (finding.verdict, finding.evidence.code) == (Verdict.FAIL, "bots4you.connection_credentials")


async def test_the_connection_check_knows_an_unreachable_host() -> None:
    async with office() as o:
        secrets = o.ready
    bots = connect(connection(secrets["url"], secrets, CallLog()))
    finding = await only(bots)
    assert (finding.verdict, finding.evidence.code) == (Verdict.FAIL, "bots4you.connection_unreachable")
    await bots.aclose()


async def test_the_connection_check_names_the_missing_right() -> None:
    async with office() as o:
        o.sandbox.act("rights", {"remove": ["tenants:write"]})
        finding = await only(o.bots)
        assert (finding.verdict, finding.evidence.code) == (Verdict.FAIL, "bots4you.connection_right")
        assert finding.evidence.args["rights"] == "tenants:write"
        outcome = await o.bots.apply(create("10/1/7"))
        assert outcome.problem is not None
        assert outcome.problem.trouble is Trouble.RIGHTS


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("403", "connection_forbidden"),
        ("html", "connection_stranger"),
        ("malformed", "connection_stranger"),
        ("503", "connection_failed"),
        ("cut", "connection_unreachable"),
    ],
)
async def test_the_connection_check_tells_other_troubles_apart(fault: str, code: str) -> None:
    async with office(fault) as o:
        finding = await only(o.bots)
        assert (finding.verdict, finding.evidence.code) == (Verdict.FAIL, f"bots4you.{code}")


async def test_the_connection_check_warns_when_bulk_calls_are_not_allowed() -> None:
    async with office(allowed=False) as o:
        assert (await only(o.bots)).verdict is Verdict.WARN
    async with office(allowed=False, bulk=False) as o:
        assert (await only(o.bots)).verdict is Verdict.OK


async def test_nothing_is_watched_and_that_is_declared() -> None:
    async with office() as o:
        assert [event async for event in o.bots.watch("tenant")] == []
        assert Capability.WATCH not in o.bots.capabilities


@pytest.mark.parametrize(
    "wrong", [{"requests_per_second": 0}, {"requests_per_second": float("nan")}, {"burst": 0}]
)
def test_impossible_limits_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: "):
        Bots4YouOptions(**wrong)


def test_the_partner_declares_itself_and_assumes_its_limits() -> None:
    assert partner.key == "bots4you"
    assert [use_case.key for use_case in partner.use_cases] == ["master-data", "ticket-categories"]
    assert not partner.limits.documented
    assert len({check.key for check in partner.checks}) == len(partner.checks) == 8


async def test_the_sandbox_limits_requests_per_account() -> None:
    async with running([bots4you_sandbox(Clock())]) as line:
        ready = line["partners"]["bots4you"]
        log = CallLog()
        bots = connect(connection(ready["url"], ready, log, bulk=False))
        outcomes = await bots.apply_many([create(f"10/{number}/1") for number in range(60)])
        await bots.aclose()
        limited = [x for x in outcomes if x.problem and x.problem.trouble is Trouble.LIMIT]
        assert limited
        assert {x.result for x in limited} == {Result.FAILED}


async def test_the_sandbox_refuses_what_is_no_whole_record() -> None:
    async with office(bulk=False) as o:
        wrong: list[tuple[dict[str, Value], str]] = [
            ({k: v for k, v in TENANT.items() if k != "city"}, "missing_field"),
            (TENANT | {"contractNumber": None}, "empty_field"),
            (TENANT | {"isMainTenant": "ja"}, "wrong_type"),
        ]
        for after, code in wrong:
            outcome = await o.bots.apply(Change(Action.CREATE, "tenant", "10/1/7", after=after))
            assert outcome.problem is not None
            assert outcome.problem.excerpt == code
        with pytest.raises(ValueError, match="unknown_field"):
            o.sandbox.act("tenant", {"externalId": "1", "clientNumber": "1", "contractNumber": "1", "x": 1})
        assert o.sandbox.state("tenant") == []
