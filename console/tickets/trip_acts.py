"""What is done for an acceptance ticket: by the sandbox's people, by the interface, or by asking somebody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connectors.contract import Text
from connectors.housing import CategoryKind
from connectors.problems import Failure
from connectors.ticketing import Act, Cue, Stage
from connectors.tickets import Can, Draft, Ticket, TicketSide
from console.tickets.courier import Sides
from console.tickets.trip import ACTS, End, Leg, LegState, Stamp, Trip, TripTerms
from console.tickets.trip_judge import Sight, chosen_status

AGAIN = timedelta(seconds=60)
"""What was done and is not seen is done again after this time: the program may have been killed before it."""

SUBJECT = "Abnahmetest {mark}, bitte nicht bearbeiten"
SAID: Mapping[Act, str] = {
    Act.REPORT: "Testmeldung zur Abnahme der Schnittstelle. Kennzeichen {mark}.",
    Act.COMMENT: "Rückmeldung der Sachbearbeitung zum Abnahmetest {mark}.",
    Act.REPLY: "Antwort des Mieters zum Abnahmetest {mark}.",
    Act.BORN: "Im ERP angelegt, darf nicht nach außen gehen. Kennzeichen {mark}.",
    Act.DELETE: "Der Abnahmetest {mark} ist beendet. Dieser Vorgang kann geschlossen werden.",
}
"""What is written into the tickets: always German, for that is what the people there read."""

Play = Callable[[str, str, dict[str, object]], Awaitable[None]]
"""Has somebody at a party do something: party, entity, body. Raises Failure."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The practice sandbox's people: how each act is played, and who plays it."""

    play: Play
    partner: Mapping[Act, Stage] = field(default_factory=dict)
    erp: Mapping[Act, Stage] = field(default_factory=dict)

    def plays(self, act: Act) -> bool:
        """Whether this act can be played."""
        return act in self.partner or act in self.erp


class Actor:
    """Does what a trip needs next, as far as nobody has to be asked."""

    def __init__(self, sides: Sides, terms: TripTerms, hand: Hand | None) -> None:
        self._sides = sides
        self._terms = terms
        self._hand = hand

    def people(self, *, by_hand: bool) -> tuple[Act, ...]:
        """What nobody but a person does; ``by_hand``: the sandbox's people stand back."""
        played = self._hand is not None and not by_hand
        ours = {Act.REPORT} if Can.CREATE in self._sides.partner.abilities else set()
        return tuple(a for a in ACTS.values() if a not in ours and not (played and self._played(a)))

    def _played(self, act: Act) -> bool:
        return self._hand is not None and self._hand.plays(act)

    def due(self, trip: Trip, now: datetime) -> list[Act]:
        """What can be done now without asking anybody."""
        found = []
        for leg, act in ACTS.items():
            done = trip.acted.get(act)
            open_ = trip.state(leg, now) is LegState.ASKED and self._terms.agreed(leg)
            if open_ and (done is None or now - done > AGAIN) and act not in trip.people:
                found.append(act)
        return found

    async def do(self, trip: Trip, act: Act, sight: Sight) -> str:
        """Do it, once; the id of what was made, as far as it is told. Raises Failure."""
        cue, hand = self._cue(trip, act, sight), self._hand
        if hand is not None and hand.plays(act) and not any(map(hand.plays, trip.people)):
            at_partner = act in hand.partner
            entity, body = (hand.partner if at_partner else hand.erp)[act](cue)
            await hand.play(self._terms.terms.partner if at_partner else "erp", entity, body)
            return ""
        return await self._sides.partner.create(
            Draft(
                reference=trip.id,
                category=cue.code,
                kind=CategoryKind.REQUEST,
                contract=trip.contract,
                mandant="",
                created_at=trip.acted.get(act, trip.begun),
                subject=cue.subject,
                text=cue.text,
            )
        )

    def _cue(self, trip: Trip, act: Act, sight: Sight) -> Cue:
        mark = trip.born_mark if act is Act.BORN else trip.id
        said = SAID[act].format(mark=mark) if act in SAID else ""
        ticket = trip.ticket if act in (Act.ATTACH, Act.REPLY) else trip.erp
        cue = Cue(ticket, trip.id, trip.contract, "", SUBJECT.format(mark=mark), said)
        match act:
            case Act.REPORT:
                return replace(cue, ticket="", code=trip.category)
            case Act.STATUS:
                return replace(cue, code=chosen_status(trip, self._terms) or "")
            case Act.BORN:
                lease = self._terms.terms.lease(sight.partner) if sight.partner else None
                contract = lease.contract if lease else trip.contract
                return replace(cue, contract=contract, source=self._terms.terms.settings.source)
        return cue

    # --- afterwards ---------------------------------------------------------------------------------------

    async def clean_up(self, trip: Trip, sight: Sight) -> Trip:
        """Delete what can be deleted, close the rest with a note, and list what remains. May be repeated.

        Raises Failure for what may pass.
        """
        remains: list[Text] = []
        others = [(id_, id_) for id_ in (trip.born, *trip.twins)]
        for id_, number in ((trip.erp, trip.erp_number), *others):
            if id_ and not await self._clean_erp(trip, id_):
                remains.append(Text("trip.remains_erp", {"number": number}))
        if trip.ticket and not await self._clean_partner(trip):
            remains.append(Text("trip.remains_partner", {"number": trip.number}))
        if trip.leaked:
            remains.append(Text("trip.remains_partner", {"number": trip.leaked}))
        files = len(sight.erp.files) if sight.erp else 0
        if files:
            remains.append(Text("trip.remains_documents", {"count": files}))
        return replace(trip, remains=tuple(remains))

    async def _clean_erp(self, trip: Trip, id_: str) -> bool:
        """Whether nothing of it remains in the ERP."""
        side, hand = self._sides.erp, self._hand
        ticket = await side.get(id_)
        if ticket is None:
            return True
        if hand is not None and Act.DELETE in hand.erp:
            entity, body = hand.erp[Act.DELETE](Cue(id_))
            await hand.play("erp", entity, body)
            return True
        await self._close(side, trip, ticket)
        return False

    async def _clean_partner(self, trip: Trip) -> bool:
        """Whether nothing of it remains at the partner."""
        side = self._sides.partner
        ticket = await side.get(trip.ticket)
        if ticket is None:
            return True
        if Can.DELETE in side.abilities and await _tried(side.remove(trip.ticket)):
            return True
        await self._close(side, trip, ticket)
        return False

    async def _close(self, side: TicketSide, trip: Trip, ticket: Ticket) -> None:
        """Say in the ticket that the test is over, and end it where that is possible."""
        text = SAID[Act.DELETE].format(mark=trip.id)
        said = any(text in comment.text for comment in ticket.comments)
        if Can.COMMENTS in side.abilities and not said:
            await _tried(side.comment(ticket.id, text, "Einzug"))
        if Can.STATUS in side.abilities:
            final = next((status.code for status in await side.statuses() if status.final), None)
            if final is not None and ticket.status != final:
                await _tried(side.set_status(ticket.id, final))


async def _tried(call: Awaitable[object]) -> bool:
    """Whether it was done; a side that refuses it leaves it in what remains. Raises Failure for the rest."""
    try:
        await call
    except Failure as failure:
        if failure.problem.repeatable:
            raise
        return False
    return True


def cleaned(trip: Trip, now: datetime) -> Trip:
    """The trip after it was cleaned up: it is over."""
    stamp = replace(trip.stamp(Leg.CLEANUP), at=now, end=End.DONE)
    began = stamp.began or now
    return replace(trip.stamped(Leg.CLEANUP, replace(stamp, began=began)), ended=now)


def cleaning(trip: Trip, now: datetime) -> Trip:
    """The trip while it is cleaned up."""
    stamp = trip.stamp(Leg.CLEANUP)
    return trip if stamp.began else trip.stamped(Leg.CLEANUP, Stamp(began=now))
