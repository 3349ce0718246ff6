"""What the test of the onOffice connection says, and which records the connector reads."""

from __future__ import annotations

import pytest

from connectors.contract import Finding, Verdict
from connectors.texts import LANGUAGES, render
from tests.connectors.conformance import everything
from tests.connectors.onoffice_kit import Scene, office, onoffice, planted, sound


async def _found(scene: Scene) -> Finding:
    (finding,) = await scene.connector.check()
    assert (finding.key, finding.rules) == ("onoffice.connection", ("O1",))
    assert all(render(finding.evidence, language) for language in LANGUAGES)
    return finding


async def test_a_good_connection_is_told_in_one_request_with_what_can_be_seen() -> None:
    async with onoffice() as scene:
        finding = await _found(scene)
        assert finding.verdict is Verdict.OK
        counts = {
            "address": len(office().addresses),
            "estate": len(office().estates),
            "user": len(office().users),
        }
        assert finding.evidence.args == counts
        assert scene.log.total == 1


@pytest.mark.parametrize(
    ("rights", "verdict", "code"),
    [
        ({"read_addresses": False}, Verdict.FAIL, "connection_no_address"),
        ({"read_own_only": True}, Verdict.FAIL, "connection_no_address"),
        ({"read_estates": False}, Verdict.FAIL, "connection_no_estate"),
        ({"read_users": False}, Verdict.WARN, "connection_no_user"),
        ({"ip_allowed": False}, Verdict.FAIL, "ip_refused"),
        ({"marketplace": True}, Verdict.FAIL, "marketplace_user"),
    ],
)
async def test_a_right_that_is_missing_is_named_though_nothing_was_refused(
    rights: dict[str, bool], verdict: Verdict, code: str
) -> None:
    async with onoffice() as scene:
        scene.act("rights", **rights)
        finding = await _found(scene)
        assert (finding.verdict, finding.evidence.code) == (verdict, f"onoffice.{code}")


@pytest.mark.parametrize(
    ("module", "off", "verdict", "code"),
    [
        ("address", "KdNr", Verdict.OK, "connection_ok"),
        ("estate", "Id", Verdict.FAIL, "unknown_field"),
    ],
)
async def test_a_field_that_is_switched_off_is_no_missing_right(
    module: str, off: str, verdict: Verdict, code: str
) -> None:
    async with onoffice() as scene:
        scene.act("field", module=module, field=off, active=False)
        finding = await _found(scene)
        assert (finding.verdict, finding.evidence.code) == (verdict, f"onoffice.{code}")


async def test_swapped_credentials_are_told_without_a_call() -> None:
    async with onoffice(secrets={"token": "s" * 64, "secret": "t" * 32}) as scene:
        assert (await _found(scene)).evidence.code == "onoffice.credentials_swapped"
        assert scene.log.total == 0


async def test_a_clock_that_is_wrong_by_an_hour_is_told_as_such() -> None:
    async with onoffice() as scene:
        scene.clock.advance(3600)
        assert (await _found(scene)).evidence.code == "onoffice.zone_behind"


async def test_addresses_are_those_of_users_and_brokers_with_what_counts() -> None:
    async with onoffice() as scene:
        records = {record.id: record.fields for record in await everything(scene.connector, "address")}
        known = [a for a in office().addresses if {"Systembenutzer", "Makler"} & set(a.contact_types)]
        assert records.keys() == {str(address.id) for address in known}
        assert records[planted("system_user_without_broker")]["contact_types"] == ("Systembenutzer",)
        assert records[planted("broker_without_email")]["email"] is None
        hidden = records[planted("broker_email_not_default")]
        assert (hidden["email"], len(hidden["emails"])) == (None, 1)
        assert [id_ for id_, fields in records.items() if fields["archived"]] == [
            planted("system_user_archived")
        ]


async def test_users_know_their_addresses_and_one_has_none() -> None:
    async with onoffice() as scene:
        records = {record.id: record.fields for record in await everything(scene.connector, "user")}
        without = [id_ for id_, fields in records.items() if fields["address"] is None]
        assert without == [planted("user_without_address"), str(office().api_user)]
        online = {fields["online"] for fields in records.values()}
        assert online == {"1", "0"}


async def test_objects_are_what_is_let_and_active_with_their_contact_persons() -> None:
    async with onoffice() as scene:
        records = {record.id: record.fields for record in await everything(scene.connector, "estate")}
        assert records.keys() == {
            str(estate.id) for estate in office().estates if estate.active and estate.marketing == "miete"
        }
        assert records[planted("estate_without_contact")]["contacts"] == ()
        nobody = records[planted("estate_contact_no_broker")]
        assert (nobody["contact_persons"], nobody["contacts"]) == (
            (),
            (planted("system_user_without_broker"),),
        )
        two = records[planted("estate_two_brokers")]
        assert two["contact_persons"] == two["contacts"] == sound()
        assert sum(fields["let"] is True for fields in records.values()) == 1


async def test_a_record_is_found_by_its_number_whether_it_is_let_or_not() -> None:
    async with onoffice() as scene:
        sale = next(estate for estate in office().estates if estate.marketing == "kauf")
        found = await scene.connector.get("estate", str(sale.id))
        assert found is not None
        assert found.fields["marketing"] == "kauf"
        assert await scene.connector.get("user", str(office().api_user)) is not None


async def test_a_customer_without_a_field_gets_records_that_say_so() -> None:
    async with onoffice() as scene:
        for name in ("Zusatz1", "Status2Adr"):
            scene.act("field", field=name, active=False)
        fields = (await everything(scene.connector, "address"))[0].fields
        assert (fields["company"], fields["archived"]) == (None, None)
        assert scene.client.dropped == {}
