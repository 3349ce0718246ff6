"""The step itself: a use case goes live, or somebody takes it back from the hub."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.contract import EINZUG, Agreed
from connectors.ticketing import TICKETS
from console.errors import ConsoleError, Exit
from console.golive import record
from console.golive.conditions import PROVEN, Conditions, conditions
from console.golive.record import Live, Look, Place
from console.handover.mark import refuse_given
from console.i18n import _
from console.onboarding.book import Book, read
from console.onboarding.takeover import Proposal, take_over
from console.store.answers import Answers
from console.store.database import transaction
from console.store.leases import Leases
from console.store.said import Said

if TYPE_CHECKING:
    from console.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Word:
    """Who says so, with a note; ``accepted`` differences were named, with the note as the reason."""

    who: str = field(repr=False)
    note: str = field(default="", repr=False)
    accepted: int | None = None


def place_of(workspace: Workspace, partner: str, use_case: str) -> Place:
    """Partner, environment, use case. Raises ConsoleError for what is not in use."""
    connections = workspace.connections
    if use_case == TICKETS:
        connections.ticket_settings(partner)
    else:
        connections.job(partner, use_case)
    return partner, connections.partner_config(partner).environment, use_case


def owner_of(workspace: Workspace, partner: str, use_case: str) -> str:
    """Who writes the use case by its settings. Raises ConsoleError."""
    connections = workspace.connections
    if use_case == TICKETS:
        return str(connections.ticket_settings(partner).owner)
    settings = connections.job(partner, use_case).settings
    return settings.owner if isinstance(settings, Agreed) else EINZUG


def live_of(workspace: Workspace, place: Place) -> Live | None:
    """The present life of a use case. Blocks briefly. Raises StoreError."""
    with workspace.store() as conn:
        return record.live(conn, workspace.vault, workspace.folder, place)


def weighed(
    workspace: Workspace,
    place: Place,
    look: Look | None,
    *,
    accepted: int | None = None,
    now: datetime | None = None,
) -> tuple[Conditions, Book]:
    """The conditions as they stand now, and the checklists they come from. Blocks.

    Raises ConsoleError, StoreError.
    """
    now = now or datetime.now(UTC)
    book = read(workspace, now=now)
    return conditions(book, f"{place[0]}/{place[2]}", look, now, accepted=accepted), book


def go_live(
    workspace: Workspace, place: Place, look: Look, word: Word, *, now: datetime | None = None
) -> Live:
    """Note that a use case is live; everything is weighed once more. Blocks.

    Raises ConsoleError where a condition does not hold, LeaseHeld while somebody writes, StoreError.
    """
    now = now or datetime.now(UTC)
    if not word.who.strip():
        raise ConsoleError(_("Who says so? A name is needed."))
    if look.differences and not word.note.strip():
        raise ConsoleError(_("Differences are accepted with a reason only."), _("--note gives the reason."))
    found, book = weighed(workspace, place, look, accepted=word.accepted, now=now)
    if not found.met:
        raise ConsoleError(_("Not every condition holds."), _("Nothing was noted."), Exit.FINDINGS)
    owner = owner_of(workspace, place[0], place[2])
    with workspace.store() as conn, transaction(conn):
        refuse_given(conn, workspace.vault, workspace.customer.key)
        if (held := Leases(conn).living()) is not None:
            raise held
        if record.live(conn, workspace.vault, workspace.folder, place) is not None:
            raise ConsoleError(_("It is live already."), _("--take-back comes before a new start."))
        who, note = word.who.strip(), word.note.strip()
        record.begin(
            conn, workspace.vault, workspace.folder, place, look, owner=owner, who=who, note=note, at=now
        )
        answers = Answers(conn, workspace.vault, workspace.folder, clock=lambda: now)
        _answer(answers, book, look, word)
    live = live_of(workspace, place)
    assert live is not None  # noqa: S101  (it was just noted)
    return live


def take_back(workspace: Workspace, place: Place, word: Word, *, now: datetime | None = None) -> bool:
    """Let Einzug write again what the hub had taken over; whether the configuration was changed for it.

    Blocks. Raises ConsoleError without a name and a reason, or where nothing is to be taken back, StoreError.
    """
    if not word.who.strip() or not word.note.strip():
        raise ConsoleError(
            _("Taking back needs a name and a reason."), _("--who names a person, --note gives the reason.")
        )
    with workspace.store() as conn:
        refuse_given(conn, workspace.vault, workspace.customer.key)
        if record.live(conn, workspace.vault, workspace.folder, place) is None:
            raise ConsoleError(_("It is not live."), _("Nothing was changed."))
    partner, _environment, use_case = place
    former = owner_of(workspace, partner, use_case)
    if former != EINZUG:  # first: where the file cannot be written it stays live, and may be tried again
        take_over(workspace, [Proposal(partner, use_case, "owner", EINZUG, former)])
    with workspace.store() as conn:
        record.end(
            conn, workspace.vault, workspace.folder, place,
            who=word.who.strip(), note=word.note.strip(), at=now or datetime.now(UTC),
        )  # fmt: skip
    return former != EINZUG


def _answer(answers: Answers, book: Book, look: Look, word: Word) -> None:
    """Answer what the step has proven by itself, in its own transaction."""
    if answers.needs_consent:
        return
    counts = {"erp": str(sum(look.desired.values())), "partner": str(sum(look.actual.values()))}
    note = _("Counted by the go-live step.") + (f" {word.note.strip()}" if word.note.strip() else "")
    for id_ in PROVEN:
        if book.item(id_) is not None:
            values = counts if id_ == PROVEN[0] else {}
            answers.say(id_, Said.DONE, who=word.who.strip(), note=note, values=values)
