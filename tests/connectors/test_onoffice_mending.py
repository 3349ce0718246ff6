"""What Einzug mends in onOffice: contact types, the default e-mail entry, contact persons. Each is proven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Action, Change, Outcome, Result
from connectors.onoffice.wire import MODIFY, Answer, Call
from connectors.problems import Arrival, Owner, Trouble
from connectors.wrappers import Patience, Retrying
from tests.connectors.conformance import at_once, explained
from tests.connectors.onoffice_kit import Scene, onoffice, planted, sound, update

SYSTEM_USER, BROKER = "Systembenutzer", "Makler"
BOTH = (SYSTEM_USER, BROKER)
NEW = "vermietung-neu@example.org"


def _told(outcome: Outcome) -> tuple[Result, str]:
    if outcome.problem is None:
        return outcome.result, ""
    explained(outcome.problem)
    return outcome.result, outcome.problem.code.removeprefix("onoffice.")


def _types(scene: Scene, id_: str) -> list[str]:
    found: list[str] = scene.held("address", id_)["ArtDaten"]
    return found


def _main(scene: Scene, id_: str) -> list[str]:
    return [entry["value"] for entry in scene.held("address", id_)["emails"] if entry["default"]]


def _contacts(scene: Scene, id_: str) -> list[str]:
    return [str(one) for one in scene.held("estate", id_)["contacts"]]


class TestContactTypes:
    """A write replaces the whole list, so all of it is sent and looked at."""

    async def test_the_complete_list_is_sent_in_its_order_with_the_key_at_its_end(self) -> None:
        async with onoffice() as scene:
            person = planted("system_user_without_broker")
            scene.act("address", id=person, contact_types=["Kunde", SYSTEM_USER, "Mieter"])
            before = {"contact_types": ("Kunde", "Mieter", SYSTEM_USER)}
            after = ("Kunde", BROKER, "Mieter", SYSTEM_USER)
            outcome = await scene.connector.apply(update("address", person, before, contact_types=after))
            assert _told(outcome) == (Result.DONE, "")
            assert _types(scene, person) == ["Kunde", SYSTEM_USER, "Mieter", BROKER]

    async def test_where_a_write_adds_to_the_list_it_is_the_same(self) -> None:
        async with onoffice() as scene:
            scene.act("assumptions", multiselect_write="add")
            person = planted("system_user_without_broker")
            change = update("address", person, {"contact_types": (SYSTEM_USER,)}, contact_types=BOTH)
            assert _told(await scene.connector.apply(change)) == (Result.DONE, "")
            assert _types(scene, person) == [*BOTH]

    async def test_a_lost_system_user_is_put_back_and_the_rest_is_for_a_person(self) -> None:
        async with onoffice("rewrite,field=ArtDaten,value=Makler,count=1") as scene:
            person = planted("system_user_without_broker")
            change = update("address", person, {"contact_types": (SYSTEM_USER,)}, contact_types=BOTH)
            outcome = await scene.connector.apply(change)
            assert _told(outcome) == (Result.REJECTED, "contact_types_restored")
            assert outcome.problem is not None
            assert outcome.problem.owner is Owner.CONSULTANT
            assert _types(scene, person) == [SYSTEM_USER]

    async def test_what_cannot_be_put_back_is_said_loudly(self) -> None:
        async with onoffice() as scene:
            scene.act("assumptions", system_user_write="lost")
            person = planted("system_user_without_broker")
            change = update("address", person, {"contact_types": (SYSTEM_USER,)}, contact_types=BOTH)
            patient = Retrying(scene.connector, Patience(), at_once)
            (outcome,) = await patient.apply_many([change])
            assert _told(outcome) == (Result.UNKNOWN, "contact_types_lost")
            assert outcome.attempts == 1

    async def test_a_write_that_lost_it_before_the_program_ended_is_found_and_mended(self) -> None:
        async with onoffice() as scene:
            person = planted("system_user_without_broker")
            scene.act("address", id=person, contact_types=[BROKER])  # as a former run has left it
            change = update("address", person, {"contact_types": (SYSTEM_USER,)}, contact_types=BOTH)
            outcome = await scene.connector.apply(change)
            assert _told(outcome) == (Result.REJECTED, "contact_types_restored")
            assert _types(scene, person) == [SYSTEM_USER]

    async def test_what_somebody_adds_while_it_is_written_stays(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with onoffice() as scene:
            person, ask = planted("system_user_without_broker"), scene.client.ask

            async def asked(calls: Sequence[Call]) -> list[Answer]:
                answers = await ask(calls)
                if any(call.write for call in calls):  # a colleague saves the address right after it
                    scene.act("address", id=person, contact_types=[*BOTH, "Kunde"])
                return answers

            monkeypatch.setattr(scene.client, "ask", asked)
            change = update("address", person, {"contact_types": (SYSTEM_USER,)}, contact_types=BOTH)
            assert _told(await scene.connector.apply(change)) == (Result.DONE, "")
            assert _types(scene, person) == [*BOTH, "Kunde"]

    async def test_an_answer_about_somebody_else_is_never_taken_for_the_address(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with onoffice() as scene:
            person, ask = planted("system_user_without_broker"), scene.client.ask

            async def asked(calls: Sequence[Call]) -> list[Answer]:
                other = [
                    replace(one, parameters={**one.parameters, "recordids": [sound()[0]]}) for one in calls
                ]
                return await ask(other)

            monkeypatch.setattr(scene.client, "ask", asked)
            change = update("address", person, None, contact_types=BOTH)
            assert _told(await scene.connector.apply(change)) == (Result.REJECTED, "unknown_record")
            assert _types(scene, person) == [SYSTEM_USER]

    async def test_an_onoffice_that_keeps_it_by_itself_is_fine(self) -> None:
        async with onoffice() as scene:
            scene.act("assumptions", system_user_write="kept")
            person = planted("system_user_without_broker")
            change = update("address", person, {"contact_types": (SYSTEM_USER,)}, contact_types=BOTH)
            assert (await scene.connector.apply(change)).result is Result.DONE

    @pytest.mark.parametrize(
        ("before", "after", "code"),
        [
            ((SYSTEM_USER, "Kunde"), (*BOTH, "Kunde"), "changed_meanwhile"),
            ((SYSTEM_USER,), (BROKER,), "keeps_system_user"),
            ((SYSTEM_USER,), (*BOTH, "Nirgends"), "unknown_key"),
        ],
    )
    async def test_nothing_is_written_where_it_would_harm(
        self, before: tuple[str, ...], after: tuple[str, ...], code: str
    ) -> None:
        async with onoffice() as scene:
            person = planted("system_user_without_broker")
            change = update("address", person, {"contact_types": before}, contact_types=after)
            assert _told(await scene.connector.apply(change)) == (Result.REJECTED, code)
            assert _types(scene, person) == [SYSTEM_USER]

    async def test_a_missing_right_is_not_the_records_fault(self) -> None:
        async with onoffice() as scene:
            scene.act("rights", write_addresses=False)
            change = update("address", planted("system_user_without_broker"), None, contact_types=BOTH)
            assert _told(await scene.connector.apply(change)) == (Result.FAILED, "no_right_to_write")

    async def test_it_can_be_taken_back(self) -> None:
        async with onoffice() as scene:
            person = planted("system_user_without_broker")
            back = update("address", person, {"contact_types": BOTH}, contact_types=(SYSTEM_USER,))
            scene.act("address", id=person, contact_types=[*BOTH])
            assert (await scene.connector.apply(back)).result is Result.DONE
            assert _types(scene, person) == [SYSTEM_USER]


class TestEmail:
    """The default entry is set; the others stay."""

    @pytest.mark.parametrize("contact_read", ["docs", "live"])
    async def test_an_entry_that_is_there_becomes_the_default_one(self, contact_read: str) -> None:
        async with onoffice() as scene:
            scene.act("assumptions", contact_read=contact_read)
            person = planted("broker_email_not_default")
            (entry,) = scene.held("address", person)["emails"]
            change = update("address", person, {"email": None}, email=entry["value"])
            assert _told(await scene.connector.apply(change)) == (Result.DONE, "")
            assert scene.held("address", person)["emails"] == [entry | {"default": True}]

    async def test_a_business_entry_is_changed_by_its_own_name_even_where_it_is_not_shown(self) -> None:
        for contact_read in ("docs", "live"):
            async with onoffice() as scene:
                person = sound()[0]
                (old,) = _main(scene, person)
                entry = {"action": "add", "newvalue": NEW}
                await scene.client.ask([Call(MODIFY, "address", int(person), {"email_business": entry})])
                scene.act("assumptions", contact_read=contact_read)
                outcome = await scene.connector.apply(update("address", person, {"email": old}, email=NEW))
                assert _told(outcome) == (Result.DONE, ""), contact_read
                assert _main(scene, person) == [NEW]
                assert len(scene.held("address", person)["emails"]) == 2

    async def test_a_new_one_is_added_and_taken_back_again(self) -> None:
        async with onoffice() as scene:
            person = planted("broker_without_email")
            there = update("address", person, {"email": None}, email=NEW)
            assert _told(await scene.connector.apply(there)) == (Result.DONE, "")
            assert _main(scene, person) == [NEW]
            back = update("address", person, {"email": NEW}, email=None)
            assert _told(await scene.connector.apply(back)) == (Result.DONE, "")
            assert _main(scene, person) == []

    @pytest.mark.parametrize("rule", ["taken", "ignored"])
    async def test_what_is_taken_back_never_takes_an_entry_away_that_was_there_before(
        self, rule: str
    ) -> None:
        async with onoffice() as scene:
            scene.act("assumptions", default_off=rule)
            person = planted("broker_email_not_default")
            before = scene.held("address", person)["emails"]
            value = before[0]["value"]
            assert (await scene.connector.apply(update("address", person, {"email": None}, email=value))).ok
            outcome = await scene.connector.apply(update("address", person, {"email": value}, email=None))
            after = scene.held("address", person)["emails"]
            if rule == "taken":
                assert (_told(outcome), after) == ((Result.DONE, ""), before)
            else:
                assert _told(outcome) == (Result.REJECTED, "not_stored")
                assert [entry["value"] for entry in after] == [value]

    async def test_capitals_do_not_make_another_entry(self) -> None:
        async with onoffice() as scene:
            person = planted("broker_email_not_default")
            (entry,) = scene.held("address", person)["emails"]
            wanted = entry["value"].title()
            change = update("address", person, {"email": None}, email=wanted)
            assert _told(await scene.connector.apply(change)) == (Result.DONE, "")
            assert scene.held("address", person)["emails"] == [entry | {"default": True, "value": wanted}]

    async def test_the_former_one_stays_beside_it_and_becomes_the_default_again(self) -> None:
        async with onoffice() as scene:
            person = sound()[0]
            (old,) = _main(scene, person)
            assert (await scene.connector.apply(update("address", person, {"email": old}, email=NEW))).ok
            assert _main(scene, person) == [NEW]
            assert (await scene.connector.apply(update("address", person, {"email": NEW}, email=old))).ok
            assert _main(scene, person) == [old]
            assert {entry["value"] for entry in scene.held("address", person)["emails"]} == {old, NEW}

    async def test_another_one_than_was_planned_on_is_left_alone(self) -> None:
        async with onoffice() as scene:
            person = sound()[0]
            old = _main(scene, person)
            change = update("address", person, {"email": "other@example.org"}, email=NEW)
            assert _told(await scene.connector.apply(change)) == (Result.REJECTED, "changed_meanwhile")
            assert _main(scene, person) == old


class TestContactPersons:
    """The new one is linked and read back before a former one goes."""

    async def test_a_broker_takes_the_place_of_another(self) -> None:
        async with onoffice() as scene:
            one, two = sound()
            scene.act("estate", id=48, contacts=[one, planted("system_user_without_broker")])
            change = update("estate", "48", {"contact_persons": (one,)}, contact_persons=(two,))
            assert _told(await scene.connector.apply(change)) == (Result.DONE, "")
            assert _contacts(scene, "48") == [planted("system_user_without_broker"), two]
            back = update("estate", "48", {"contact_persons": (two,)}, contact_persons=(one,))
            assert (await scene.connector.apply(back)).result is Result.DONE
            assert _contacts(scene, "48")[-1] == one

    async def test_a_second_one_is_removed_and_the_wanted_one_never_touched(self) -> None:
        async with onoffice() as scene:
            estate = planted("estate_two_brokers")
            held = tuple(_contacts(scene, estate))
            change = update("estate", estate, {"contact_persons": held}, contact_persons=held[1:])
            assert _told(await scene.connector.apply(change)) == (Result.DONE, "")
            assert tuple(_contacts(scene, estate)) == held[1:]

    async def test_who_is_no_broker_is_refused_and_nothing_is_removed(self) -> None:
        async with onoffice() as scene:
            estate, person = planted("estate_two_brokers"), planted("system_user_without_broker")
            held = tuple(_contacts(scene, estate))
            change = update("estate", estate, {"contact_persons": held}, contact_persons=(person,))
            outcome = await scene.connector.apply(change)
            assert _told(outcome) == (Result.REJECTED, "not_broker")
            assert outcome.problem is not None
            assert (outcome.problem.trouble, outcome.problem.excerpt) == (Trouble.REJECTED, "263")
            assert tuple(_contacts(scene, estate)) == held

    async def test_what_was_interrupted_between_linking_and_removing_is_finished(self) -> None:
        async with onoffice() as scene:
            one, two = sound()
            scene.act("estate", id=48, contacts=[one, two])  # as a former run has left it
            change = update("estate", "48", {"contact_persons": (one,)}, contact_persons=(two,))
            assert _told(await scene.connector.apply(change)) == (Result.DONE, "")
            assert _contacts(scene, "48") == [two]

    async def test_somebody_elses_link_is_left_alone(self) -> None:
        async with onoffice() as scene:
            one, two = sound()
            scene.act("estate", id=48, contacts=[planted("external_broker")])
            change = update("estate", "48", {"contact_persons": (one,)}, contact_persons=(two,))
            assert _told(await scene.connector.apply(change)) == (Result.REJECTED, "changed_meanwhile")
            assert _contacts(scene, "48") == [planted("external_broker")]

    async def test_a_link_made_twice_is_one_link(self) -> None:
        for rule in ("kept", "refused"):
            async with onoffice("cut-after,after=1,count=1") as scene:
                scene.act("assumptions", double_relation=rule)
                scene.act("estate", id=48, contacts=[])
                change = update("estate", "48", {"contact_persons": ()}, contact_persons=sound()[:1])
                patient = Retrying(scene.connector, Patience(), at_once)
                (outcome,) = await patient.apply_many([change])
                assert outcome.ok
                assert _contacts(scene, "48") == [*sound()[:1]]


@pytest.mark.parametrize(
    ("change", "result", "code"),
    [
        (update("user", "21", {"login": "a"}, login="b"), Result.FAILED, "read_only"),
        (update("address", "10501", {"last_name": "A"}, last_name="B"), Result.REJECTED, "read_only_field"),
        (Change(Action.DELETE, "estate", "48"), Result.REJECTED, "update_only"),
        (update("address", "x", None, contact_types=BOTH), Result.REJECTED, "unknown_record"),
        (update("address", "424242", None, contact_types=BOTH), Result.REJECTED, "unknown_record"),
    ],
)
async def test_what_onoffice_does_not_take_is_an_outcome_too(
    change: Change, result: Result, code: str
) -> None:
    async with onoffice() as scene:
        assert _told(await scene.connector.apply(change)) == (result, code)


async def test_two_fields_of_one_address_are_mended_in_one_change() -> None:
    async with onoffice() as scene:
        person = planted("system_user_without_broker")
        (old,) = _main(scene, person)
        before: dict[str, Any] = {"contact_types": (SYSTEM_USER,), "email": old}
        change = update("address", person, before, contact_types=BOTH, email=NEW)
        assert (await scene.connector.apply(change)).result is Result.DONE
        assert (_types(scene, person), _main(scene, person)) == ([*BOTH], [NEW])


async def test_a_second_field_that_is_refused_leaves_it_open_what_became_of_the_first() -> None:
    async with onoffice() as scene:
        person = planted("system_user_without_broker")
        before: dict[str, Any] = {"contact_types": (SYSTEM_USER,), "email": "other@example.org"}
        change = update("address", person, before, contact_types=BOTH, email=NEW)
        outcome = await scene.connector.apply(change)
        assert _told(outcome) == (Result.UNKNOWN, "changed_meanwhile")
        assert outcome.problem is not None
        assert outcome.problem.arrival is Arrival.PERHAPS
