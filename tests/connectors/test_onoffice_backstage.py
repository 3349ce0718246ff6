"""What the onOffice sandbox does beside lists: rights, entries, portals, mailboxes, activities."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.onoffice.wire import CREATE, DELETE, GET, MODIFY, READ, Answer, Call, number
from tests.connectors.onoffice_kit import Scene, office, onoffice, planted, sound

ADDRESSES = Call(READ, "address", parameters={"data": ["Name"]})
ESTATES = Call(READ, "estate", parameters={"data": ["Id"]})
USERS = Call(READ, "user", parameters={"data": ["Nr"]})
LOG = Call(READ, "log", parameters={"listlimit": 0, "module": "portal"})
PORTAL = "Wohnportal Beispiel"


async def _one(scene: Scene, call: Call) -> Answer:
    (answer,) = await scene.client.ask([call])
    return answer


def _code(answer: Answer) -> int:
    return answer.error.code if answer.error else 0


def _log_of(**wanted: Any) -> Call:
    data = ["Objekt_nr", "Adress_nr", "Aktionsart", "Aktionstyp", "created", "HerkunftKontakt", "Bemerkung"]
    return Call(READ, "agentslog", parameters={"data": data, **wanted})


@pytest.mark.parametrize(
    ("right", "call"),
    [
        ({"read_addresses": False}, ADDRESSES),
        ({"read_estates": False}, ESTATES),
        ({"read_own_only": True}, ADDRESSES),
        ({"read_own_only": True}, ESTATES),
        ({"website_only": True}, ADDRESSES),
        ({"website_only": True}, ESTATES),
        ({"read_users": False}, USERS),
    ],
)
async def test_a_missing_right_to_read_is_an_empty_success(right: dict[str, bool], call: Call) -> None:
    async with onoffice() as scene:
        assert (await _one(scene, call)).total
        scene.act("rights", **right)
        answer = await _one(scene, call)
        assert (answer.error, answer.rows, answer.total) == (None, (), 0)


async def test_who_may_not_write_is_refused_by_what_is_written() -> None:
    async with onoffice() as scene:
        scene.act("rights", write_addresses=False, write_estates=False, admin=False)
        person = int(sound()[0])
        relation = "urn:onoffice-de-ns:smart:2.5:relationTypes:estate:address:contactPerson"
        pair = {"relationtype": relation, "parentid": 48, "childid": person}
        answers = await scene.client.ask(
            [
                Call(MODIFY, "address", person, {"ArtDaten": ["Makler"]}),
                Call(MODIFY, "estate", 48, {"data": {"objekttitel": "x"}}),
                Call(CREATE, "relation", parameters=pair),
                Call(DELETE, "relation", parameters=pair),
                LOG,
            ]
        )
        assert [_code(answer) for answer in answers] == [174, 174, 262, 262, 156]
        asked = {"action": "modify", "module": "address", "userid": office().api_user, "recordIds": [person]}
        found = await _one(scene, Call(GET, "checkuserrecordsright", parameters=asked))
        assert dict(found.rows[0].elements) == {}
        scene.act("rights", write_addresses=True)
        found = await _one(scene, Call(GET, "checkuserrecordsright", parameters=asked))
        assert [number(id_) for id_ in found.rows[0].elements.values()] == [person]


async def test_e_mail_entries_are_changed_by_actions_and_one_is_the_default() -> None:
    async with onoffice() as scene:
        person = planted("broker_email_not_default")
        (entry,) = scene.held("address", person)["emails"]
        old = entry["value"]

        async def change(name: str = "email", **action: Any) -> int:
            return _code(await _one(scene, Call(MODIFY, "address", person, {name: action})))

        assert await change(action="modify", oldvalue="nobody@example.org", newvalue="x@example.org") == 83
        assert await change("email_business", action="modify", oldvalue=old, newvalue=old) == 83
        assert await change(action="modify", newvalue=old) == 86
        assert await change(action="add") == 85
        assert await change(action="add", newvalue="new@example.org", default=True) == 0
        assert await change(action="add", newvalue=old) == 0
        assert await change(action="delete", oldvalue=old) == 87
        shown = Call(
            READ, "address", parameters={"data": ["Email", "email", "defaultemail"], "recordids": [person]}
        )
        elements = (await _one(scene, shown)).rows[0].elements
        assert elements["Email"] == "new@example.org"
        assert sorted(set(elements.values()) - {elements["id"]}) == sorted({old, "new@example.org"})
        scene.act("assumptions", contact_read="live")
        elements = (await _one(scene, shown)).rows[0].elements
        assert set(elements.values()) - {elements["id"]} == {"new@example.org"}
        by_entry = {"email": [{"op": "=", "val": old}]}
        hidden = Call(READ, "address", parameters={"data": ["Email"], "filter": by_entry})
        assert [row.id for row in (await _one(scene, hidden)).rows] == [int(person)]
        assert _code(await _one(scene, Call(MODIFY, "address", person, {"email": "flat@example.org"}))) == 141


async def test_some_writes_are_a_success_that_changes_nothing() -> None:
    async with onoffice() as scene:
        person = sound()[0]
        assert _code(await _one(scene, Call(MODIFY, "address", person, {"Status": 0}))) == 0
        assert scene.held("address", person)["Status"] == "1"
        change = {"data": {"status": 0, "benutzer": office().api_user, "status2": "status2obj_archiviert"}}
        assert _code(await _one(scene, Call(MODIFY, "estate", 48, change))) == 0
        held = scene.held("estate", "48")
        assert (held["status2"], held["status"]) == ("status2obj_archiviert", "0")
        assert held["benutzer"] != str(office().api_user)


async def test_a_portal_keeps_the_contact_it_was_told_until_the_next_transmission() -> None:
    async with onoffice() as scene:

        def stored(estate: str) -> Any:
            return scene.sandbox.state("portal")[0]["listings"][int(estate)]["email"]

        for flaw in ("without_contact", "contact_no_broker", "of_broker_without_email", "of_archived_broker"):
            assert stored(planted(f"estate_{flaw}")) == "zentrale@example.org", flaw
        estate = planted("estate_without_contact")
        scene.act("estate", id=estate, contacts=[sound()[0]])
        assert stored(estate) == "zentrale@example.org"
        before = await _one(scene, LOG)
        scene.act("transmission", estate=int(estate))
        assert stored(estate) == scene.held("address", sound()[0])["emails"][0]["value"]
        newest = (await _one(scene, _log_of(estateid=int(estate), listlimit=1))).rows[0].elements
        assert (newest["Aktionsart"], newest["Aktionstyp"]) == ("Portale", "Übertragung")
        after = await _one(scene, LOG)
        assert (before.total or 0) + 1 == after.total
        asked = {"estateid": int(estate), "showpublicationstatus": True}
        (file,) = (await _one(scene, Call(GET, "file", "estate", asked))).rows
        names = {portal["name"]: portal["status"] for portal in file.elements["publicationstatus"]}
        assert names == {PORTAL: 1, "Anzeigenmarkt Muster": 1}
        assert planted("estate_never_transmitted") not in map(
            str, scene.sandbox.state("portal")[0]["listings"]
        )


async def test_an_enquiry_is_booked_only_by_a_mailbox_that_books() -> None:
    async with onoffice() as scene:
        scene.act("assumptions", booking_s=0)

        async def enquire(flaw: str) -> tuple[Any, int]:
            estate = int(planted(flaw))
            told = scene.act("enquiry", estate=estate, email="bewerber@example.com", text="Marke 17")
            found = await _one(
                scene, _log_of(estateid=estate, filter={"Aktionsart": [{"op": "=", "val": "Email"}]})
            )
            return told["booked"], found.total or 0

        assert await enquire("estate_changed_since_transmission") == (True, 1)
        assert await enquire("estate_of_mailbox_not_booking") == (False, 0)
        assert await enquire("estate_of_mailbox_external") == (False, 0)
        assert await enquire("estate_of_external_broker") == (False, 0)
        with pytest.raises(ValueError, match="does not show"):
            await enquire("estate_never_transmitted")
        newcomer = scene.sandbox.state("address")[-1]
        assert newcomer["emails"][0]["value"] == "bewerber@example.com"
        assert newcomer["HerkunftKontakt"] == "immobilienscout24_system"


async def test_booking_takes_its_time_by_the_sandboxs_clock() -> None:
    async with onoffice() as scene:
        scene.act("assumptions", booking_s=60)
        person, box = int(sound()[0]), scene.held("address", sound()[0])["emails"][0]["value"]
        writer = scene.held("address", planted("external_broker"))["emails"][0]["value"]
        assert scene.act("mail", to=box, **{"from": writer})["booked"]
        call = _log_of(addressid=[int(planted("external_broker"))])
        assert (await _one(scene, call)).total == 0
        scene.clock.advance(61)
        assert (await _one(scene, call)).total == 1
        assert person


async def test_an_opened_mail_is_booked_by_whoever_opened_it() -> None:
    async with onoffice() as scene:
        person = planted("mailbox_not_booking")
        box = scene.held("address", person)["emails"][0]["value"]
        scene.act("mail", to=box, **{"from": box})
        call = _log_of(addressid=int(person))
        assert (await _one(scene, call)).total == 0
        scene.act("open", mailbox=box)
        assert (await _one(scene, call)).total == 1


async def test_booking_needs_a_place_of_the_quota() -> None:
    async with onoffice() as scene:
        assert scene.sandbox.state("quota")["free"] == 1
        address = scene.held("address", planted("mailbox_not_booking"))["emails"][0]["value"]
        assert scene.act("mailbox", address=address, booking=True)["booking"]
        with pytest.raises(ValueError, match="quota"):
            scene.act("mailbox", address="zentrale@example.org", booking=True)


async def test_automatic_activities_are_hidden_unless_their_kind_is_named() -> None:
    async with onoffice() as scene:
        plain = await _one(scene, Call(GET, "actionkindtypes"))
        kinds = {row.elements["key"]: row.elements["types"] for row in plain.rows}
        assert "Eingang" not in kinds["Email"]
        assert "Portale" not in kinds
        named = Call(
            GET, "actionkindtypes", parameters={"allowAutomaticTypesForActionKind": ["Email", "Portale"]}
        )
        kinds = {row.elements["key"]: row.elements["types"] for row in (await _one(scene, named)).rows}
        assert kinds["Email"].keys() == {"Ausgang", "Eingang"}
        assert kinds["Portale"].keys() == {"Übertragung"}
        wrong = Call(
            CREATE, "agentslog", parameters={"estateid": 48, "actionkind": "Email", "actiontype": "Eingang"}
        )
        assert _code(await _one(scene, wrong)) == 101
        entry = {
            "addressids": [int(sound()[0])],
            "actionkind": "Email",
            "actiontype": "Ausgang",
            "note": "Probe",
        }
        made = await _one(scene, Call(CREATE, "agentslog", parameters=entry))
        (found,) = (await _one(scene, _log_of(addressid=[int(sound()[0])]))).rows
        assert (found.id, found.elements["Bemerkung"]) == (made.rows[0].id, "Probe")


async def test_nothing_behind_the_scenes_is_reached_by_the_interface() -> None:
    async with onoffice() as scene:
        for kind in ("mailbox", "portal", "portalExport", "quota", "emailAdministration"):
            assert _code(await _one(scene, Call(READ, kind))) == 25
        told = repr([row.elements for row in (await _one(scene, Call(GET, "fields"))).rows])
        assert "booking" not in told


async def test_links_impressum_users_and_groups_are_told() -> None:
    async with onoffice() as scene:
        calls = [
            Call(GET, "getlink", "estate", {"recordId": 48}),
            Call(READ, "impressum", office().api_user),
            Call(GET, "users"),
            Call(GET, "groups"),
        ]
        link, imprint, users, groups = (answer.rows for answer in await scene.client.ask(calls))
        assert link[0].elements["url"].endswith("/estate/48")
        assert imprint[0].id == "impressum"
        assert imprint[0].elements["email"] == "zentrale@example.org"
        assert len(users) == len(groups[0].elements["userIds"]) == len(office().users)


@pytest.mark.parametrize(
    ("entity", "data"),
    [("assumptions", {"nothing": 1}), ("assumptions", {"contact_read": "x"}), ("rights", {"fly": True})],
)
async def test_an_impossible_act_is_refused(entity: str, data: dict[str, Any]) -> None:
    async with onoffice() as scene:
        with pytest.raises(ValueError, match=r"unknown|docs"):
            scene.sandbox.act(entity, data)
        with pytest.raises(KeyError):
            scene.sandbox.state("spaceship")
