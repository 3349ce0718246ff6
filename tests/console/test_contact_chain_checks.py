"""Whatever can be wrong with an onOffice account is found by ``einzug check``, each with its own repair."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Finding, Verdict
from connectors.texts import LANGUAGES, render, repair
from tests.console.onoffice_office import Account, account

API = 'api_user = "einzug-api"'
MAKLER = {"field": "ArtDaten", "key": "Makler"}
Act = tuple[str, dict[str, Any]]


def codes(finding: Finding) -> list[str]:
    """The codes of a finding, evidence first; each can be said, and what is not well has its repair."""
    for language in LANGUAGES:
        assert all(render(text, language) for text in (finding.evidence, *finding.details))
        assert finding.verdict is Verdict.OK or repair(finding.evidence, language)
    return [text.code.removeprefix("onoffice.") for text in (finding.evidence, *finding.details)]


def acted(here: Account, *acts: Act) -> None:
    """What people do at onOffice."""
    for entity, data in acts:
        here.sandbox.act(entity, data)


async def test_the_planted_defects_are_each_found_once_with_its_repair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        found = await here.findings(API)
        planted = {
            "broker_flag": "system_user_without_broker",
            "users_without_address": "user_without_address",
            "untyped_addresses": "address_without_system_user",
            "ended_users": "user_deactivated",
            "no_contact": "estate_without_contact",
            "several_contacts": "estate_two_brokers",
        }
        for key, defect in planted.items():
            (detail,) = found[key].details
            assert here.planted(defect) in {str(value) for value in detail.args.values()}, key
        ids = {str(detail.args["address"]) for detail in found["ended_contact"].details}
        assert ids == {here.planted("system_user_archived"), here.planted("user_deactivated")}
        mails = {str(detail.args["address"]) for detail in found["contact_email"].details}
        assert mails == {here.planted("broker_without_email"), here.planted("broker_email_not_default")}
        assert all(codes(finding) for finding in found.values())
        repairs = [repair(f.evidence) for f in found.values() if f.verdict is not Verdict.OK]
        assert len(set(repairs)) > len(repairs) * 0.8


async def test_a_check_asks_onoffice_in_few_requests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with account(tmp_path, monkeypatch) as here:
        workspace = here.workspace(API)
        report = await workspace.check("onoffice")
        assert len(report.findings) > 20
        assert workspace.log.total <= 2 * 25  # the account once for the checks, once for its chain


@pytest.mark.parametrize(
    ("act", "key", "verdict", "code"),
    [
        (("key", {**MAKLER, "label": "Mitarbeiter"}), "broker_key", "ok", "key_renamed"),
        (("key", {**MAKLER, "active": False}), "broker_key", "fail", "key_inactive"),
        (("key", {**MAKLER, "absent": True}), "broker_key", "fail", "key_missing"),
        (("rights", {"read_users": False}), "read_rights", "warn", "read_rights_bad"),
        (("rights", {"admin": False}), "read_rights", "warn", "read_rights_bad"),
        (("rights", {"read_addresses": False}), "connection", "fail", "connection_no_address"),
        (("rights", {"read_estates": False}), "connection", "fail", "connection_no_estate"),
        (("rights", {"read_own_only": True}), "system_users", "fail", "system_users_unread"),
        (("rights", {"write_addresses": False}), "write_rights", "warn", "write_rights_bad"),
        (("rights", {"write_estates": False}), "write_rights", "warn", "write_rights_bad"),
        (("rights", {"ip_allowed": False}), "connection", "fail", "ip_refused"),
    ],
)  # fmt: skip
async def test_what_an_administrator_can_get_wrong_is_a_finding_of_its_own(
    act: Act, key: str, verdict: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        acted(here, act)
        finding = (await here.findings(API))[key]
        assert (finding.verdict, codes(finding)[0]) == (verdict, code)


async def test_a_clock_that_is_wrong_by_an_hour_says_which_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        here.clock.advance(3600)
        finding = (await here.findings(API))["connection"]
        assert (finding.verdict, codes(finding)) == (Verdict.FAIL, ["zone_behind"])


async def test_a_like_named_key_of_the_customer_is_named_and_never_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        own = {"field": "ArtDaten", "key": "indMulti7Select1", "label": "Mitarbeiter"}
        acted(here, ("key", own), ("key", {**MAKLER, "absent": True}))
        finding = (await here.findings(API))["broker_key"]
        assert "key_alike" in codes(finding)
        held = [one["ArtDaten"] for one in here.sandbox.state("address")]
        await here.sync(API)
        assert [one["ArtDaten"] for one in here.sandbox.state("address")] == held
        skipped = (await here.plan(API))["address", "skip"]
        assert here.planted("system_user_without_broker") in skipped


async def test_without_the_right_to_write_nothing_is_planned_and_the_skip_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        acted(here, ("rights", {"write_addresses": False, "write_estates": False}))
        found = await here.plan(API)
        assert {how for _entity, how in found} == {"skip"}
        assert here.planted("system_user_without_broker") in found["address", "skip"]


async def test_without_the_name_of_the_api_user_a_refused_write_is_named_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        acted(here, ("rights", {"write_addresses": False}))
        held = here.sandbox.state("address")
        result = await here.fix("broker_flag")
        assert (result.applying.applied, result.applying.failed) == (0, 1)
        assert here.sandbox.state("address") == held


async def test_a_field_that_is_switched_off_stops_no_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with account(tmp_path, monkeypatch) as here:
        acted(here, ("field", {"module": "estate", "field": "stammobjekt", "active": False}))
        acted(here, ("field", {"module": "address", "field": "Status2Adr", "active": False}))
        found = await here.findings(API)
        assert found["contacts"].evidence.args["objects"]
        assert here.planted("system_user_archived") in {
            str(detail.args["address"]) for detail in found["ended_contact"].details
        }
