"""The chain read of a served onOffice: what onOffice noted is found, and believed for no more than it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.chains import ChainContext, ChainReading, ChainRow, Confirmation, Hand, LinkState
from connectors.onoffice.asking import Asking
from connectors.onoffice.chain import OBJECTS
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.evidence import activities, log_count, portals, transfer_kinds
from connectors.onoffice.model import KeyState
from connectors.onoffice.office import read_office
from connectors.onoffice.wire import MODIFY, Call
from connectors.problems import Failure
from tests.connectors.onoffice_kit import Scene, onoffice, planted

SETTINGS = ContactChainSettings(api_user="einzug-api")
DAY = timedelta(days=1)


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


async def read(scene: Scene, **more: object) -> ChainReading:
    """The chain of the account as it is."""
    context = ChainContext(scene.connector, SETTINGS, now(), **more)  # type: ignore[arg-type]  # by name
    return await OBJECTS.read(context)


def row(found: ChainReading, id_: str) -> ChainRow:
    """The object with this id."""
    return next(one for one in found.rows if one.id == id_)


def where(found: ChainReading, defect: str) -> tuple[str, str]:
    """The link at which the first object with a defect does not hold, and what is in the way."""
    first = row(found, planted(defect)).first
    assert first is not None
    return first.link, first.cause.split(":")[0]


async def test_every_planted_defect_shows_at_its_link() -> None:
    async with onoffice() as scene:
        found = await read(scene)
        assert {
            defect: where(found, defect)
            for defect in (
                "estate_without_contact", "estate_contact_no_broker", "estate_two_brokers",
                "estate_of_broker_without_email", "estate_of_broker_email_not_default",
                "estate_of_archived_broker", "estate_of_deactivated_user",
                "estate_of_address_without_system_user", "estate_of_external_broker",
                "estate_of_person_unlinked",
            )
        } == {
            "estate_without_contact": ("contact", "no_contact"),
            "estate_contact_no_broker": ("broker", "not_broker"),
            "estate_two_brokers": ("contact", "several_contacts"),
            "estate_of_broker_without_email": ("email", "no_email"),
            "estate_of_broker_email_not_default": ("email", "not_default"),
            "estate_of_archived_broker": ("system_user", "archived"),
            "estate_of_deactivated_user": ("system_user", "user_ended"),
            "estate_of_address_without_system_user": ("system_user", "untyped"),
            "estate_of_external_broker": ("system_user", "not_system_user"),
            "estate_of_person_unlinked": ("system_user", "not_system_user"),
        }  # fmt: skip


async def test_what_onoffice_noted_of_transfers_is_a_hint_and_never_a_proof() -> None:
    async with onoffice() as scene:
        boxes = {
            link.subject for one in (await read(scene)).rows for link in one.links if link.link == "booking"
        }
        said = {("booking", name): Confirmation(holds=True, at=now()) for name in boxes if name}
        found = await read(scene, confirmed=said)
        assert where(found, "estate_changed_since_transmission") == ("transmitted", "pending")
        assert where(found, "estate_never_transmitted") == ("transmitted", "open")
        causes = [one.first.cause for one in found.rows if one.first and one.first.link == "transmitted"]
        assert causes.count("supported") >= 10
        (letter,) = [one for one in found.letters if one.key == "retransmission"]
        assert letter.to is Hand.CONSULTANT
        lists = [text.args for text in letter.paragraphs if text.code == "onoffice.letter_portal"]
        assert [args["portal"] for args in lists] == ["Anzeigenmarkt Muster", "Wohnportal Beispiel"]
        assert {args["count"] for args in lists} == {len(causes)}


async def test_a_confirmed_transfer_is_void_once_somebody_changes_the_object_or_its_contact_at_onoffice() -> (
    None
):
    async with onoffice() as scene:
        id_ = planted("estate_never_transmitted")
        (address,) = scene.held("estate", id_)["contacts"]
        email = next(link.subject for link in row(await read(scene), id_).links if link.link == "booking")
        said = {
            key: Confirmation(True, now())
            for key in (("booking", email), ("transmitted", id_), ("seen", id_))
        }
        assert row(await read(scene, confirmed=said), id_).first is None
        scene.clock.advance(60)
        for entity, record in (("estate", id_), ("address", str(address))):
            scene.act(entity, id=int(record))
            first = row(await read(scene, confirmed=said), id_).first
            assert first is not None
            assert (first.link, first.cause) == ("transmitted", "outdated")


async def test_kinds_of_transfer_are_found_under_any_name_that_sounds_like_one() -> None:
    async with onoffice() as scene:
        asking = Asking(scene.connector)
        ids = [int(one["id"]) for one in scene.sandbox.state("estate")]
        assert await transfer_kinds(asking, now() - 60 * DAY, ids) == ("Portale/Übertragung",)
        entries = await activities(asking, now() - 60 * DAY, objects=ids, kinds=("Portale/Übertragung",))
        assert {id_ for entry in entries for id_ in entry.objects} <= set(ids)
        assert [entry.at for entry in entries] == sorted((entry.at for entry in entries), reverse=True)
        assert await activities(asking, now() + DAY, objects=ids) == []


async def test_a_mail_that_was_booked_is_found_by_its_sender_and_one_that_was_not_is_not() -> None:
    async with onoffice() as scene:
        asking, begun = Asking(scene.connector), now() - timedelta(seconds=1)
        scene.act(
            "enquiry", estate=int(planted("estate_never_transmitted") or 0) - 1, email="test@example.com"
        )
        scene.clock.advance(60)
        sender = next(
            one
            for one in scene.sandbox.state("address")
            if one["emails"] and one["emails"][0]["value"] == "test@example.com"
        )
        (entry,) = await activities(asking, begun, addresses=[int(sender["id"])])
        assert (entry.kind, entry.type) == ("Email", "Eingang")
        assert entry.addresses == (int(sender["id"]),)


async def test_portals_and_log_tell_their_names_and_a_count_and_nothing_without_the_right() -> None:
    async with onoffice() as scene:
        asking = Asking(scene.connector)
        ids = [int(one["id"]) for one in scene.sandbox.state("estate")]
        assert await portals(asking, ids) == ("Anzeigenmarkt Muster", "Wohnportal Beispiel")
        assert await log_count(asking, "portal", now() - 60 * DAY, now()) == len(
            scene.sandbox.state("activity")
        )
        scene.act("rights", admin=False)
        assert await log_count(asking, "portal", now() - 60 * DAY, now()) is None


async def test_without_the_field_contact_type_nobody_is_judged_and_the_field_is_named() -> None:
    async with onoffice() as scene:
        scene.act("field", field="ArtDaten", active=False)
        account = await read_office(Asking(scene.connector), SETTINGS)
        assert (account.key.state, account.system_users) == (KeyState.FIELD_OFF, ())
        assert len(account.objects) > 10
        firsts = [one.first for one in (await read(scene)).rows if one.first]
        judged = {(one.state, one.cause.split(":")[0]) for one in firsts if one.link == "system_user"}
        assert judged == {(LinkState.UNKNOWN, "types_untold"), (LinkState.BROKEN, "archived")}


@pytest.mark.parametrize("name", ["vermarktungsart", "status"])
async def test_a_field_without_which_no_object_can_be_chosen_is_named(name: str) -> None:
    async with onoffice() as scene:
        scene.act("field", module="estate", field=name, active=False)
        with pytest.raises(Failure) as caught:
            await read(scene)
        problem = caught.value.problem
        assert (problem.code, problem.where) == ("onoffice.unknown_field", f"read estate, {name}")


async def test_a_customer_number_that_is_switched_off_is_no_missing_right() -> None:
    async with onoffice() as scene:
        scene.act("field", field="KdNr", active=False)
        account = await read_office(Asking(scene.connector), SETTINGS)
        assert account.access.addresses == len(scene.sandbox.state("address"))


async def test_what_would_write_is_never_asked() -> None:
    async with onoffice() as scene:
        with pytest.raises(ValueError, match="belongs into a plan"):
            await Asking(scene.connector).ask([Call(MODIFY, "address", 1, {"ArtDaten": []})])
        assert scene.log.total == 0
