"""The guided test enquiry: what onOffice books by itself is seen, and nothing else is taken for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.contract import Text
from connectors.onoffice.contact_settings import ContactChainSettings
from connectors.onoffice.test_enquiry import ASSIGNED, SEND, TEST_ENQUIRY, mark
from connectors.texts import render
from connectors.walks import Begun, Seen, WalkContext
from connectors.wrappers import ReadOnly
from tests.connectors.onoffice_kit import Scene, onoffice

BOOKED_S = 10


def context(scene: Scene) -> WalkContext:
    """What the walk may look at."""
    reading = ReadOnly(scene.connector)
    return WalkContext(reading, reading, ContactChainSettings())


def shown(scene: Scene, *, booking: bool) -> str:
    """An object that a portal shows with a mailbox that is booked by itself, or is not."""
    boxes = {box["address"]: box["booking"] and box["active"] for box in scene.sandbox.state("mailbox")}
    for portal in scene.sandbox.state("portal"):
        for id_, listing in portal["listings"].items():
            if portal["active"] and boxes.get(listing["email"]) is booking:
                return str(id_)
    raise AssertionError("the seed has none")


async def begun(scene: Scene, subject: str) -> Begun:
    """A walk that begins now."""
    return Begun(subject, datetime.now(UTC), await TEST_ENQUIRY.begin(context(scene), subject))


async def looked(scene: Scene, walk: Begun) -> dict[str, Text]:
    """The steps that are seen once booking had its time."""
    scene.clock.advance(BOOKED_S)
    return {one.step: one.evidence for one in await TEST_ENQUIRY.look(context(scene), walk)}


def enquire(scene: Scene, subject: str, text: str, **more: Any) -> Any:
    """Somebody writes at the portal."""
    return scene.act("enquiry", estate=int(subject), text=text, **more)


async def test_an_enquiry_that_is_booked_by_itself_proves_the_chain_of_its_object() -> None:
    async with onoffice() as scene:
        subject = shown(scene, booking=True)
        walk = await begun(scene, subject)
        assert await looked(scene, walk) == {}
        entity, body = TEST_ENQUIRY.stage[SEND](subject, ())
        scene.act(entity, **body)
        assert not await TEST_ENQUIRY.look(context(scene), walk)  # booking takes its time
        seen = await looked(scene, walk)
        assert list(seen) == [SEND, ASSIGNED]
        told = render(seen[ASSIGNED], "en")
        assert f"For object {subject} portal, mailbox and mail booking work together" in told
        assert "says nothing of other mailboxes" in told


async def test_where_the_mailbox_is_not_booked_nothing_is_seen_until_somebody_opens_the_mail() -> None:
    async with onoffice() as scene:
        subject = shown(scene, booking=False)
        walk = await begun(scene, subject)
        sent = enquire(scene, subject, f"Guten Tag. {mark(subject)}, danke")
        assert (sent["arrived"], sent["booked"]) == (True, False)
        assert await looked(scene, walk) == {}
        scene.act("open", mailbox=sent["mailbox"])
        seen = await looked(scene, walk)  # nobody can tell it from booking, so the words keep it open
        assert "as long as nobody has opened it" in render(seen[ASSIGNED], "en")


@pytest.mark.parametrize("text", ["Ist sie noch frei?", "{mark}7", "EINZUG", "einzug {subject}"])
async def test_somebody_elses_enquiry_is_not_taken_for_the_test(text: str) -> None:
    async with onoffice() as scene:
        subject = shown(scene, booking=True)
        walk = await begun(scene, subject)
        enquire(scene, subject, text.format(mark=mark(subject), subject=subject))
        assert await looked(scene, walk) == {}


async def test_an_earlier_test_enquiry_does_not_count_again() -> None:
    async with onoffice() as scene:
        subject = shown(scene, booking=True)
        enquire(scene, subject, mark(subject))
        scene.clock.advance(BOOKED_S)
        walk = await begun(scene, subject)
        assert await looked(scene, walk) == {}
        enquire(scene, subject, mark(subject).lower())
        assert list(await looked(scene, walk)) == [SEND, ASSIGNED]


async def test_a_mail_straight_to_the_mailbox_shows_booking_only() -> None:
    async with onoffice() as scene:
        subject = shown(scene, booking=True)
        box = next(one["address"] for one in scene.sandbox.state("mailbox") if one["booking"])
        walk = await begun(scene, subject)
        scene.act("mail", **{"from": "bewerberin@example.org", "to": box, "text": f"({mark(subject)})"})
        assert list(await looked(scene, walk)) == [SEND]


async def test_where_texts_are_not_shown_a_new_mail_at_the_object_is_named_as_uncertain() -> None:
    async with onoffice() as scene:
        scene.act("field", module="agentsLog", field="Bemerkung", active=False)
        subject = shown(scene, booking=True)
        walk = await begun(scene, subject)
        enquire(scene, subject, mark(subject))
        seen = await looked(scene, walk)
        assert "can't be seen" in render(seen[SEND], "en")


async def test_every_letting_object_is_offered_with_its_mark() -> None:
    async with onoffice() as scene:
        offered = [one async for one in TEST_ENQUIRY.candidates(context(scene))]
        assert len(offered) > 10
        assert all(one.label.endswith(f"· {mark(one.id)}") for one in offered)
        assert len({one.id for one in offered}) == len(offered)


def test_every_step_has_its_words() -> None:
    for step in TEST_ENQUIRY.steps:
        for part in ("title", "how"):
            for language in ("de", "en"):
                assert render(Text(f"onoffice.walk_test_enquiry_{step.key}_{part}"), language)
    assert Seen(SEND, None, Text("onoffice.walk_test_enquiry")).step == TEST_ENQUIRY.steps[0].key
