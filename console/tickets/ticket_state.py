# ruff: noqa: S608  (the parts of every statement are constants of this file)
"""What is remembered of tickets: links, parts that crossed, cursors, what is held back, hops and times.

Ids, codes and keyed fingerprints only. Every writing method is one durable transaction, or a part of the
caller's. One thread at a time.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.contract import Text
from connectors.tickets import Head
from console.store.clock import Clock, spell, utc_now
from console.store.database import row, rows, transaction
from console.store.plain import to_json
from console.store.vault import Vault
from console.tickets.ops import Item, ItemKey, ItemKind, Known, Stand

COARSE = timedelta(seconds=2)
"""A side whose times are whole seconds may change again within the one that was read: so long it is not
taken for known."""


@dataclass(frozen=True, slots=True)
class HopSeen:
    """One way that something of a ticket went. ``born`` is when it came to be, ``at`` when it arrived."""

    hop: str
    item: str
    born: datetime
    at: datetime
    outcome: str
    run: int | None = None


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket as lists show it. ``held`` are the parts that wait for a person, ``waiting`` since when it is
    not there yet, ``since`` when it was first seen, ``at`` when something happened last."""

    known: Known
    since: datetime
    at: datetime
    waiting: datetime | None = None
    held: tuple[Item, ...] = ()

    @property
    def stuck(self) -> bool:
        """Whether a person has to do something."""
        return self.known.stand is Stand.PARKED or bool(self.held)


@dataclass(frozen=True, slots=True)
class Standing:
    """How many tickets are linked, held back (whole or a part), waiting, gone, born in the ERP; and how many
    of the ERP may be ours and could not be read."""

    linked: int = 0
    parked: int = 0
    held: int = 0
    waiting: int = 0
    gone: int = 0
    born: int = 0
    unread: int = 0


UNREAD = 2
"""What the column ``born`` says of an ERP ticket that may be ours and could not be read."""


class TicketState:
    """The tickets of one partner in one environment."""

    def __init__(
        self,
        conn: sqlite3.Connection,
        vault: Vault,
        partner: str,
        environment: str,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._conn = conn
        self._vault = vault
        self._place = (partner, environment)
        self._clock = clock

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """Several changes as one, together with whatever else is written to the same file."""
        return transaction(self._conn)

    # --- one ticket ---------------------------------------------------------------------------------

    def known(self, ticket: str) -> Known:
        """What is known of a ticket by the partner's id."""
        found = row(self._conn, f"{_TICKETS} AND id = ?", (*self._place, ticket))
        return replace(self._known(found), others=self._others(ticket, found[1])) if found else Known(ticket)

    def linked(self, erp: str) -> tuple[str, ...]:
        """The partner's tickets that this ERP ticket stands for; several after a merge."""
        sql = "SELECT id FROM ticket WHERE partner = ? AND environment = ? AND erp = ? AND erp <> ''"
        return tuple(found[0] for found in rows(self._conn, sql, (*self._place, erp)))

    def link(self, ticket: str, erp: str, *, merged: bool = False) -> None:
        """Note the ERP ticket that stands for this one."""
        self._put(ticket, erp=erp, merged=int(merged))

    def seen(self, ticket: str, erp_status: str, category: str) -> None:
        """Note the ERP state and category that both sides agree on."""
        self._put(ticket, erp_status=erp_status, category=category)

    def stand(self, ticket: str, stand: Stand, reason: Text | None = None) -> None:
        """Park a ticket with its reason, give it up, or open it again."""
        self._put(ticket, stand=stand.value, waiting="", **_reason(reason))

    def wait(self, ticket: str, reason: Text) -> datetime:
        """Leave a ticket for a later pass; since when it has been waiting."""
        found = row(self._conn, f"{_SELECT_WAITING} AND id = ?", (*self._place, ticket))
        since = found[0] if found and found[0] else spell(self._clock())
        self._put(ticket, waiting=since, **_reason(reason))
        return datetime.fromisoformat(since)

    def ready(self, ticket: str) -> None:
        """Nothing is waited for any more."""
        found = row(self._conn, f"{_SELECT_WAITING} AND id = ?", (*self._place, ticket))
        if found and found[0]:
            self._put(ticket, waiting="", **_reason(None))

    def forget(self, ticket: str) -> None:
        """Know nothing of a ticket any more: the partner has given its number to another one."""
        with transaction(self._conn) as conn:
            conn.execute(f"DELETE FROM ticket {_HERE} AND id = ?", (*self._place, ticket))
            for table in ("ticket_item", "ticket_hop"):
                conn.execute(f"DELETE FROM {table} {_HERE} AND ticket = ?", (*self._place, ticket))

    def put(self, ticket: str, item: Item, content: bytes | None = None) -> None:
        """Note what became of a part; ``content`` is kept as a keyed fingerprint only."""
        digest = None if content is None else self._vault.fingerprint(content)
        reason = _reason(item.reason)
        values = (
            item.kind.value,
            item.id,
            item.target,
            digest,
            reason["reason"],
            reason["args"],
            self._now(),
        )
        with transaction(self._conn) as conn:
            conn.execute(
                "INSERT OR REPLACE INTO ticket_item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*self._place, ticket, *values),
            )

    def drop(self, ticket: str, item: Item) -> None:
        """Forget a part."""
        with transaction(self._conn) as conn:
            conn.execute(
                f"DELETE FROM ticket_item {_HERE} AND ticket = ? AND kind = ? AND id = ?",
                (*self._place, ticket, item.kind.value, item.id),
            )

    def release(self) -> tuple[str, ...]:
        """Open everything that is held back again; the tickets to look at anew."""
        with transaction(self._conn) as conn:
            found = conn.execute(
                f"SELECT id FROM ticket {_HERE} AND (stand = 'parked' OR id IN"
                f" (SELECT ticket FROM ticket_item {_HERE} AND reason <> ''))",
                (*self._place, *self._place),
            ).fetchall()
            conn.execute(f"DELETE FROM ticket_item {_HERE} AND reason <> '' AND target = ''", self._place)
            conn.execute(
                f"UPDATE ticket_item SET reason = '', args = '{{}}' {_HERE} AND reason <> ''", self._place
            )
            conn.execute(
                f"UPDATE ticket SET stand = 'open', reason = '', args = '{{}}', waiting = ? {_HERE}"
                " AND stand = 'parked'",
                ("", *self._place),
            )
            now = self._now()
            conn.executemany(
                f"UPDATE ticket SET waiting = ? {_HERE} AND id = ? AND waiting = ''",
                [(now, *self._place, ticket) for (ticket,) in found],
            )
        return tuple(ticket for (ticket,) in found)

    # --- where reading stands -------------------------------------------------------------------------

    def cursor(self, side: str) -> str:
        """Where the next reading of a side begins; "" before the first."""
        sql = f"SELECT cursor FROM ticket_cursor {_HERE} AND side = ?"
        found = row(self._conn, sql, (*self._place, side))
        return str(found[0]) if found else ""

    def save_cursor(self, side: str, cursor: str) -> None:
        """Note that everything before this place has been worked off."""
        with transaction(self._conn) as conn:
            values = (*self._place, side, cursor, self._now())
            conn.execute("INSERT OR REPLACE INTO ticket_cursor VALUES (?, ?, ?, ?, ?)", values)

    def is_known(self, side: str, id_: str, changed_at: datetime) -> bool:
        """Whether a ticket of a side was read as it was at that time, or later."""
        sql = f"SELECT changed FROM ticket_head {_HERE} AND side = ? AND id = ? AND born <> ?"
        found = row(self._conn, sql, (*self._place, side, id_, UNREAD))
        return bool(found and found[0] and found[0] >= _fine(changed_at))

    def note_head(self, side: str, id_: str, changed_at: datetime, *, born: bool = False) -> None:
        """Note how far a ticket of a side was read."""
        coarse = changed_at.microsecond == 0 and abs(self._clock() - changed_at) < COARSE
        changed = "" if coarse and not born else _fine(changed_at)
        with transaction(self._conn) as conn:
            values = (*self._place, side, id_, changed, int(born))
            conn.execute("INSERT OR REPLACE INTO ticket_head VALUES (?, ?, ?, ?, ?, ?)", values)

    def leave_unread(self, erp: str, changed_at: datetime) -> None:
        """Note an ERP ticket that may be ours and could not be read."""
        with transaction(self._conn) as conn:
            values = (*self._place, "erp", erp, _fine(changed_at), UNREAD)
            conn.execute("INSERT OR REPLACE INTO ticket_head VALUES (?, ?, ?, ?, ?, ?)", values)

    def unread(self) -> tuple[Head, ...]:
        """The ERP tickets that may be ours and could not be read."""
        sql = f"SELECT id, changed FROM ticket_head {_HERE} AND side = 'erp' AND born = ?"
        found = rows(self._conn, sql, (*self._place, UNREAD))
        return tuple(Head(erp, datetime.fromisoformat(changed)) for erp, changed in found)

    def is_unread(self, erp: str) -> bool:
        """Whether an earlier pass could not read this ERP ticket."""
        sql = f"SELECT 1 FROM ticket_head {_HERE} AND side = 'erp' AND id = ? AND born = ?"
        return row(self._conn, sql, (*self._place, erp, UNREAD)) is not None

    def sound(self, limit: int) -> tuple[tuple[str, str], ...]:
        """Tickets of both sides that nothing is known against, by their ids, the latest first."""
        sql = f"SELECT id, erp FROM ticket {_HERE} AND stand = 'open' AND erp <> '' AND waiting = ''"
        found = rows(self._conn, f"{sql} ORDER BY at DESC LIMIT ?", (*self._place, limit))
        return tuple((ticket, erp) for ticket, erp in found)

    def waiting(self) -> tuple[tuple[str, datetime], ...]:
        """The tickets left for a later pass, and since when."""
        found = rows(self._conn, f"{_WAITING} AND waiting <> '' ORDER BY waiting", self._place)
        return tuple((ticket, datetime.fromisoformat(since)) for ticket, since in found)

    # --- hops, lists and counts -----------------------------------------------------------------------

    def note_hop(self, ticket: str, seen: HopSeen) -> None:
        """Note one way that something of a ticket went."""
        values = (seen.hop, seen.item, spell(seen.born), spell(seen.at), seen.outcome, seen.run)
        with transaction(self._conn) as conn:
            conn.execute(
                "INSERT OR REPLACE INTO ticket_hop VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*self._place, ticket, *values),
            )

    def hops(self, ticket: str) -> tuple[HopSeen, ...]:
        """The ways of a ticket in the order in which they were gone."""
        sql = f"SELECT hop, item, born, at, outcome, run FROM ticket_hop {_HERE} AND ticket = ? ORDER BY at"
        return tuple(
            HopSeen(hop, item, datetime.fromisoformat(born), datetime.fromisoformat(at), outcome, run)
            for hop, item, born, at, outcome, run in rows(self._conn, sql, (*self._place, ticket))
        )

    def tickets(self, *, stuck: bool = False, limit: int = 1000, offset: int = 0) -> Iterator[TicketRow]:
        """Tickets with what happened last first; ``stuck`` keeps those that wait for a person."""
        held = f"id IN (SELECT ticket FROM ticket_item {_HERE} AND reason <> '')"
        only = f" AND (stand = 'parked' OR {held})" if stuck else ""
        values = (*self._place, *(self._place if stuck else ()), limit, offset)
        for found in rows(self._conn, f"{_TICKETS}{only} ORDER BY at DESC, id LIMIT ? OFFSET ?", values):
            known = self._known(found)
            parts = tuple(item for item in known.items.values() if item.reason)
            waiting = datetime.fromisoformat(found[8]) if found[8] else None
            since, at = (datetime.fromisoformat(moment) for moment in found[9:11])
            yield TicketRow(known, since, at, waiting, parts)

    def standing(self) -> Standing:
        """The counts."""
        sql = f"""
            SELECT count(*) FILTER (WHERE erp <> '' AND stand = 'open'),
                count(*) FILTER (WHERE stand = 'parked'),
                (SELECT count(*) FROM ticket_item {_HERE} AND reason <> ''),
                count(*) FILTER (WHERE waiting <> ''), count(*) FILTER (WHERE stand = 'gone'),
                (SELECT count(*) FROM ticket_head {_HERE} AND born = 1),
                (SELECT count(*) FROM ticket_head {_HERE} AND born = {UNREAD})
            FROM ticket {_HERE}
        """
        found = row(self._conn, sql, self._place * 4)
        return Standing(*found) if found else Standing()

    # --- inside ---------------------------------------------------------------------------------------

    def _others(self, ticket: str, erp: str) -> frozenset[str]:
        siblings = [other for other in self.linked(erp) if other != ticket]
        sql = f"SELECT target FROM ticket_item {_HERE} AND ticket = ? AND kind = ? AND target <> ''"
        kind = ItemKind.COMMENT_TO_ERP.value
        return frozenset(
            target for other in siblings for (target,) in rows(self._conn, sql, (*self._place, other, kind))
        )

    def _put(self, ticket: str, **columns: str | int) -> None:
        now = self._now()
        sets = ", ".join(f"{name} = ?" for name in columns)
        with transaction(self._conn) as conn:
            conn.execute(
                "INSERT INTO ticket VALUES (?, ?, ?, '', 'open', '', '{}', '', '', 0, '', ?, ?)"
                " ON CONFLICT DO NOTHING",
                (*self._place, ticket, now, now),
            )
            conn.execute(
                f"UPDATE ticket SET {sets}, at = ? {_HERE} AND id = ?",
                (*columns.values(), now, *self._place, ticket),
            )

    def _known(self, found: tuple[Any, ...]) -> Known:
        ticket, erp, stand, reason, args, erp_status, category, merged = found[:8]
        sql = f"SELECT kind, id, target, reason, args FROM ticket_item {_HERE} AND ticket = ?"
        items: dict[ItemKey, Item] = {}
        for kind, id_, target, why, with_ in rows(self._conn, sql, (*self._place, ticket)):
            item = Item(ItemKind(kind), id_, target, _text(why, with_))
            items[item.key] = item
        since = datetime.fromisoformat(found[9])
        why = _text(reason, args)
        return Known(ticket, erp, Stand(stand), why, erp_status, category, bool(merged), items, since=since)

    def _now(self) -> str:
        return spell(self._clock())


_HERE = "WHERE partner = ? AND environment = ?"
_TICKETS = (
    "SELECT id, erp, stand, reason, args, erp_status, category, merged, waiting, since, at FROM ticket "
    + _HERE
)
_WAITING = f"SELECT id, waiting FROM ticket {_HERE}"
_SELECT_WAITING = f"SELECT waiting FROM ticket {_HERE}"


def _fine(moment: datetime) -> str:
    """A moment to the microsecond: texts sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _reason(reason: Text | None) -> Mapping[str, str]:
    return {"reason": reason.code if reason else "", "args": to_json(dict(reason.args) if reason else {})}


def _text(code: str, args: str) -> Text | None:
    return Text(code, json.loads(args)) if code else None
