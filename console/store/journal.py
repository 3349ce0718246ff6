"""The journal: runs, what was about to be sent, and how it ended. Nothing personal stands in it in clear."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from connectors.contract import Change, Outcome, Result
from console.store import chain
from console.store.chain import ChainReport, Entry
from console.store.clock import Clock, spell, utc_now
from console.store.database import row, rows, transaction
from console.store.errors import StoreError
from console.store.leases import LeaseHeld, LeaseLost, Leases
from console.store.plain import to_json
from console.store.runs import (
    OUTCOMES,
    RUNS,
    Intent,
    Run,
    RunState,
    Settled,
    read_intent,
    read_run,
    read_settled,
)
from console.store.vault import Vault

UNDO_DAYS = 30
_PAGE = 1000


class Journal:
    """The journal of one customer. Every writing method is one durable transaction.

    A run is kept alive by ``leases``: by every noted batch, and by ``beat`` in between.
    """

    def __init__(
        self,
        conn: sqlite3.Connection,
        vault: Vault,
        leases: Leases | None = None,
        *,
        clock: Clock = utc_now,
        undo_days: int = UNDO_DAYS,
    ) -> None:
        self._conn = conn
        self._vault = vault
        self._leases = Leases(conn, clock=clock) if leases is None else leases
        self._clock = clock
        self._undo = timedelta(days=undo_days)

    def start_run(
        self,
        partner: str,
        environment: str,
        use_case: str,
        kind: str,
        *,
        plan_digest: str = "",
        mapping_version: str = "",
        settings: Mapping[str, Any],
    ) -> int:
        """Note the beginning of a run and return its number. ``settings`` are plain and hold no secret."""
        detail = {"plan": plan_digest, "mapping": mapping_version, "settings": settings}
        with transaction(self._conn) as conn:
            last = conn.execute("SELECT coalesce(max(run), 0) FROM entry").fetchone()[0]
            run = int(last) + 1
            scope = _scope(partner, environment, use_case)
            entry = Entry(run, "start", self._now(), scope=scope, action=kind, detail=to_json(detail))
            chain.append(conn, [entry])
            self._leases.acquire(_lease(run))
        return run

    def finish_run(self, run: int, state: RunState, counts: Mapping[str, int]) -> None:
        """Note the end of a run, ours or one that was interrupted. Raises StoreError, LeaseHeld."""
        with transaction(self._conn) as conn:
            self._refuse_foreign(run)
            if self.run(run).finished is not None:
                raise LeaseLost(_lease(run))
            chain.append(
                conn, [Entry(run, "finish", self._now(), result=state.value, detail=to_json(dict(counts)))]
            )
            conn.execute("DELETE FROM lease WHERE name = ?", (_lease(run),))

    def intend(
        self,
        run: int,
        changes: Sequence[Change],
        before: Sequence[bytes | None],
        sent: Mapping[tuple[str, str], bytes | None] | None = None,
    ) -> None:
        """Note that these changes are about to be sent, with what the target holds (one per change), and with
        what by entity and id stands for what it shall hold.

        Raises LeaseLost when the run is no longer ours: then nothing may be sent.
        """
        if len(changes) != len(before):
            raise ValueError("one before-value per change")
        marks = sent or {}
        with transaction(self._conn) as conn:
            self._leases.renew(_lease(run))
            now = self._now()
            entries = [
                Entry(
                    run,
                    "intent",
                    now,
                    entity=c.entity,
                    record=c.id,
                    action=c.action.value,
                    detail=_intent(c, marks.get((c.entity, c.id))),
                )
                for c in changes
            ]
            numbers = chain.append(conn, entries)
            conn.executemany(
                "INSERT OR REPLACE INTO pending (run, entity, record, seq) VALUES (?, ?, ?, ?)",
                [(run, c.entity, c.id, seq) for seq, c in zip(numbers, changes, strict=True)],
            )
            self._keep(conn, run, numbers, changes, before)

    def settle(self, run: int, outcomes: Sequence[Outcome]) -> None:
        """Note how changes ended, in our run or in an interrupted one. Raises LeaseHeld."""
        with transaction(self._conn) as conn:
            self._refuse_foreign(run)
            now = self._now()
            chain.append(conn, [_outcome_entry(run, now, o) for o in outcomes])
            conn.executemany(
                "DELETE FROM pending WHERE run = ? AND entity = ? AND record = ?",
                [(run, o.entity, o.id) for o in outcomes],
            )

    def run(self, run: int) -> Run:
        """One run. Raises StoreError for a number that does not exist."""
        found = rows(self._conn, f"{RUNS} AND s.run = ?", (run,))
        if not found:
            raise StoreError("unknown_run", run=run)
        return self._read(found[0])

    def runs(
        self,
        partner: str | None = None,
        environment: str | None = None,
        use_case: str | None = None,
        *,
        kind: str | None = None,
        limit: int = 100,
    ) -> list[Run]:
        """The newest runs first; None does not filter."""
        parts = (partner, environment, use_case)
        scope = _scope(*(part or "*" for part in parts))
        match = "=" if all(parts) else "GLOB"  # equality finds the newest run without reading the others
        sql = f"{RUNS} AND s.scope {match} ? AND s.action GLOB ? ORDER BY s.run DESC LIMIT ?"
        return [self._read(found) for found in rows(self._conn, sql, (scope, kind or "*", limit))]

    def last_run(
        self, partner: str, environment: str, use_case: str, *, kind: str | None = None
    ) -> Run | None:
        """The newest run of a use case, of one kind (``apply``) where given; None before the first."""
        found = self.runs(partner, environment, use_case, kind=kind, limit=1)
        return found[0] if found else None

    def unsettled(self, partner: str, environment: str, use_case: str) -> list[Intent]:
        """Intents without outcome, oldest first; those of runs that are still alive are not among them."""
        sql = """
            SELECT p.run, p.seq, p.entity, p.record, i.action, i.detail
            FROM pending p JOIN entry i ON i.seq = p.seq JOIN entry s ON s.run = p.run AND s.kind = 'start'
            WHERE s.scope = ? ORDER BY p.seq
        """
        found = rows(self._conn, sql, (_scope(partner, environment, use_case),))
        dead = {run for run in {f[0] for f in found} if self._leases.holder(_lease(run)) is None}
        return [read_intent(one) for one in found if one[0] in dead]

    def outcomes(self, run: int, *, ok: bool | None = None) -> Iterator[Settled]:
        """The last outcome of every record of a run, by entity and id; ``ok`` keeps the good or the bad."""
        after = ("", "")
        while page := rows(self._conn, OUTCOMES, (run, *after, _PAGE)):
            for found in page:
                settled = read_settled(found)
                if ok is None or settled.ok is ok:
                    yield settled
            after = (page[-1][3], page[-1][4])

    def last_written(self, partner: str, environment: str) -> dict[tuple[str, str], datetime]:
        """When each record (entity, id) of a partner was last written, or may have been."""
        sql = """
            SELECT o.entity, o.record, max(o.at) FROM entry o
            JOIN entry s ON s.run = o.run AND s.kind = 'start'
            WHERE o.kind = 'outcome' AND o.result IN (?, ?) AND substr(s.scope, 1, length(?)) = ?
            GROUP BY o.entity, o.record
        """
        scope = _scope(partner, environment, "")
        found = rows(self._conn, sql, (Result.DONE.value, Result.UNKNOWN.value, scope, scope))
        return {(entity, record): datetime.fromisoformat(at) for entity, record, at in found}

    def failed_ids(self, run: int) -> list[tuple[str, str]]:
        """Entity and id of every record of a run that the target does not hold as planned."""
        return [(s.entity, s.id) for s in self.outcomes(run, ok=False)]

    def before(self, run: int, entity: str, record: str) -> bytes | None:
        """What the target held before the run; None where nothing was kept, it expired, or the key is gone.

        Raises VaultError when the value was changed.
        """
        sql = """
            SELECT b.sealed FROM entry e JOIN before b ON b.seq = e.seq
            WHERE e.run = ? AND e.kind = 'intent' AND e.entity = ? AND e.record = ? ORDER BY e.seq LIMIT 1
        """
        found = row(self._conn, sql, (run, entity, record))
        if found is None or not self._vault.durable:
            return None
        return self._vault.open(found[0], before_context(run, entity, record))

    def expire(self, today: date) -> int:
        """Erase the before-values whose day has come and say how many; the chain is not touched."""
        with transaction(self._conn) as conn:
            count = conn.execute("DELETE FROM before WHERE expires <= ?", (today.isoformat(),)).rowcount
        if count:
            rows(self._conn, "PRAGMA wal_checkpoint(TRUNCATE)")  # the log still holds the old pages
        return count

    def forget(self, partner: str, environment: str, records: Iterable[tuple[str, str]]) -> None:
        """Erase the before-values of these records (entity, id) of a partner; the chain is not touched."""
        scope = _scope(partner, environment, "")
        with transaction(self._conn) as conn:
            conn.executemany(
                """DELETE FROM before WHERE seq IN (
                    SELECT e.seq FROM entry e JOIN entry s ON s.run = e.run AND s.kind = 'start'
                    WHERE e.kind = 'intent' AND e.entity = ? AND e.record = ?
                      AND substr(s.scope, 1, length(?)) = ?)""",
                ((entity, record, scope, scope) for entity, record in records),
            )

    def beat(self) -> None:
        """Tell other processes that our runs are alive; call it every half minute between batches."""
        self._leases.beat()

    def verify(self) -> ChainReport:
        """Recompute the hash chain from its first entry to its last."""
        return chain.verify(self._conn)

    def _now(self) -> str:
        return spell(self._clock())

    def _read(self, found: tuple[Any, ...]) -> Run:
        ended = found[5] is not None
        alive = not ended and self._leases.holder(_lease(found[0])) is not None
        try:
            return read_run(found, alive=alive)
        except (KeyError, ValueError) as error:  # not as we wrote it; verify says where
            raise StoreError("corrupt") from error

    def _refuse_foreign(self, run: int) -> None:
        holder = self._leases.held_elsewhere(_lease(run))
        if holder is not None:
            raise LeaseHeld(_lease(run), holder)

    def _keep(
        self,
        conn: sqlite3.Connection,
        run: int,
        numbers: range,
        changes: Sequence[Change],
        before: Sequence[bytes | None],
    ) -> None:
        if not self._vault.durable:
            return  # nobody could open it tomorrow
        expires = (self._clock() + self._undo).date().isoformat()
        conn.executemany(
            "INSERT INTO before (seq, expires, sealed) VALUES (?, ?, ?)",
            [
                (seq, expires, self._vault.seal(data, before_context(run, c.entity, c.id)))
                for seq, c, data in zip(numbers, changes, before, strict=True)
                if data is not None
            ],
        )


def _scope(*parts: str) -> str:
    if any("/" in part for part in parts):
        raise ValueError("a key may not contain '/'")
    return "/".join(parts)


def _lease(run: int) -> str:
    return f"run {run}"


def before_context(run: int, entity: str, record: str) -> bytes:
    """What a before-value is sealed for."""
    return json.dumps(["before", run, entity, record]).encode()


def _intent(change: Change, sent: bytes | None) -> str:
    detail = {"rule": change.rule, "sent": sent.hex() if sent else ""}
    return to_json({name: value for name, value in detail.items() if value})


def _outcome_entry(run: int, now: str, outcome: Outcome) -> Entry:
    problem = outcome.problem
    detail = {
        "attempts": outcome.attempts if outcome.attempts > 1 else None,
        "remote": outcome.remote_id,
        "code": problem.code if problem else None,
        "trouble": problem.trouble.value if problem else None,
        "status": problem.status if problem else None,
    }
    return Entry(
        run,
        "outcome",
        now,
        entity=outcome.entity,
        record=outcome.id,
        action=outcome.action.value,
        result=outcome.result.value,
        detail=to_json({key: value for key, value in detail.items() if value is not None}),
    )
