"""The moment a use case goes live, and the moment somebody takes it back.

What was counted and agreed stands in the journal's chain as a run of its own; who did it and why, being
personal, is a sealed word beside the answers, kept in the same transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.contract import EINZUG
from console import formats
from console.errors import ConsoleError, Exit
from console.i18n import _
from console.store.answers import Answers
from console.store.database import transaction
from console.store.journal import Journal
from console.store.runs import GO_LIVE, TAKE_BACK, Run, RunState
from console.store.said import Said
from console.store.vault import Vault

Place = tuple[str, str, str]
"""Partner, environment, use case."""

Counts = Mapping[str, int]
"""Records by entity."""


@dataclass(frozen=True, slots=True)
class Look:
    """Both sides as they were compared: ``differences`` are records that would be written, ``mandanten`` all
    that the ERP has."""

    at: datetime
    differences: int
    desired: Counts
    actual: Counts
    mandanten: tuple[str, ...] = ()
    digest: str = ""
    mapping: str = ""


@dataclass(frozen=True, slots=True)
class Live:
    """A use case that is live. ``owner`` wrote from then on; ``who`` is "" where it cannot be read."""

    place: Place
    run: int
    since: datetime
    owner: str
    desired: Counts
    actual: Counts
    mandanten: tuple[str, ...]
    accepted: int
    who: str = field(default="", repr=False)
    note: str = field(default="", repr=False)

    @property
    def locked(self) -> bool:
        """Whether Einzug may not write it before somebody takes it back."""
        return self.owner != EINZUG


class LiveLocked(ConsoleError):
    """The hub has taken the use case over; nothing was written."""

    def __init__(self, live: Live, customer: str) -> None:
        partner, _environment, use_case = live.place
        text = _("Live since {date}: the hub writes this use case, Einzug compares only.")
        command = f"einzug go-live {customer} {partner} {use_case} --take-back --who NAME --note WHY"
        super().__init__(
            text.format(date=formats.date(live.since.astimezone())),
            _("Only by name it is taken back: {command}").format(command=command),
            Exit.GUARD,
        )


def word_about(place: Place) -> str:
    """What the sealed words on a use case's life are about; no item of a checklist is called so."""
    return "live/" + "/".join(place)


def begin(
    conn: sqlite3.Connection,
    vault: Vault,
    folder: Path,
    place: Place,
    look: Look,
    *,
    owner: str,
    who: str,
    note: str,
    at: datetime,
) -> int:
    """Note that a use case is live, and the baseline; the number of the run. Raises StoreError."""
    settings = {
        "owner": owner,
        "desired": dict(look.desired),
        "actual": dict(look.actual),
        "mandanten": list(look.mandanten),
        "accepted": look.differences,
    }
    return _note(conn, vault, folder, place, GO_LIVE, settings, look, who=who, note=note, at=at)


def end(
    conn: sqlite3.Connection, vault: Vault, folder: Path, place: Place, *, who: str, note: str, at: datetime
) -> int:
    """Note that somebody took it back; the number of the run. Raises StoreError."""
    return _note(conn, vault, folder, place, TAKE_BACK, {}, None, who=who, note=note, at=at)


def _note(
    conn: sqlite3.Connection,
    vault: Vault,
    folder: Path,
    place: Place,
    kind: str,
    settings: Mapping[str, Any],
    look: Look | None,
    *,
    who: str,
    note: str,
    at: datetime,
) -> int:
    journal = Journal(conn, vault, clock=lambda: at)
    answers = Answers(conn, vault, folder, clock=lambda: at)
    with transaction(conn):
        run = journal.start_run(
            *place,
            kind,
            plan_digest=look.digest if look else "",
            mapping_version=look.mapping if look else "",
            settings=settings,
        )
        journal.finish_run(run, RunState.DONE, {})
        said = Said.DONE if kind == GO_LIVE else Said.OPEN
        if not answers.needs_consent:  # without a key and without a consent no name is kept
            answers.say(word_about(place), said, who=who, note=note, values={"run": str(run)})
    return run


def live(conn: sqlite3.Connection, vault: Vault, folder: Path, place: Place) -> Live | None:
    """The use case's present life; None before it went live, or once it was taken back. Raises StoreError."""
    run = _last(conn, vault, place)
    if run is None:
        return None
    words = [
        word
        for word in Answers(conn, vault, folder).history(word_about(place)).answers
        if word.values.get("run") == str(run.id)
    ]
    who, note = (words[-1].who, words[-1].note) if words else ("", "")
    return _live(place, run, who, note)


def refuse_locked(conn: sqlite3.Connection, vault: Vault, customer: str, place: Place) -> None:
    """Refuse to write what the hub has taken over. Raises LiveLocked, StoreError."""
    run = _last(conn, vault, place)
    if run is not None and (found := _live(place, run)).locked:
        raise LiveLocked(found, customer)


def _last(conn: sqlite3.Connection, vault: Vault, place: Place) -> Run | None:
    journal = Journal(conn, vault)
    began = journal.last_run(*place, kind=GO_LIVE)
    if began is None:
        return None
    ended = journal.last_run(*place, kind=TAKE_BACK)
    return None if ended is not None and ended.id > began.id else began


def _live(place: Place, run: Run, who: str = "", note: str = "") -> Live:
    found = run.settings
    return Live(
        place=place,
        run=run.id,
        since=run.started,
        owner=str(found.get("owner", EINZUG)),
        desired=dict(found.get("desired", {})),
        actual=dict(found.get("actual", {})),
        mandanten=tuple(found.get("mandanten", ())),
        accepted=int(found.get("accepted", 0)),
        who=who,
        note=note,
    )
